import { api } from "../lib/api.js";
import { isOff, siteOf } from "../lib/address.js";

const WORDS = {
  unpaired: "Not paired yet: nothing is recorded.",
  ok: "Recording.",
  off: "The browser source is off in KrypticTrack: it drops what it receives.",
  down: "KrypticTrack does not answer. What you do is kept in memory until it does.",
  refused: "KrypticTrack does not know this browser any more: nothing is recorded. Pair it again.",
};
const part = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search).get("tab");

async function currentTab() {
  if (wanted) {
    return api.tabs.get(Number(wanted));
  }
  const [tab] = await api.tabs.query({ active: true, currentWindow: true });
  return tab;
}

const tab = await currentTab();
const site = siteOf(tab?.url ?? "");
const { off = [] } = await api.storage.local.get("off");
part("record").checked = site !== null && !isOff(tab.url, off);
part("record").disabled = site === null;
part("site").textContent = site === null ? "Nothing is recorded on this page." : `Record on ${site}`;
part("record").addEventListener("change", async () => {
  const { off: before = [] } = await api.storage.local.get("off");
  // To switch a site on is to switch on what stands above it too, or it would stay off.
  const others = before.filter((each) => site !== each && !site.endsWith(`.${each}`));
  await api.storage.local.set({ off: part("record").checked ? others : [...others, site] });
});
part("pair").addEventListener("click", () => api.runtime.openOptionsPage().then(() => window.close()));

const { state, waiting, lost } = await api.runtime.sendMessage({ type: "status" });
part("state").textContent = WORDS[state];
part("count").textContent = [waiting && `${waiting} waiting`, lost && `${lost} could not be kept`].filter(Boolean).join(", ");
