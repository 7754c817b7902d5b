import { api } from "../lib/api.js";
import { clientName } from "../lib/events.js";
import { DownError, pair, RefusedError, USUAL_PORT } from "../lib/pairing.js";

const part = (id) => document.getElementById(id);

async function show() {
  const { pairing } = await api.storage.local.get("pairing");
  part("paired").hidden = !pairing;
  part("who").textContent = pairing ? `Paired as “${pairing.client}” on port ${pairing.port}.` : "";
  part("port").value ||= pairing?.port ?? USUAL_PORT;
}

part("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  part("pair").disabled = true;
  part("told").textContent = "Pairing…";
  try {
    const pairing = await pair(part("code").value, Number(part("port").value), clientName);
    await api.storage.local.set({ pairing });
    part("code").value = "";
    part("told").textContent = "Paired. Switch the browser source on and off on the Sources page.";
  } catch (error) {
    if (!(error instanceof DownError || error instanceof RefusedError)) {
      throw error;
    }
    part("told").textContent = error.message;
  } finally {
    part("pair").disabled = false;
    await show();
  }
});

part("unpair").addEventListener("click", async () => {
  await api.storage.local.remove("pairing");
  part("told").textContent = "Forgotten here. Revoke its token under Settings too.";
  await show();
});

await show();
