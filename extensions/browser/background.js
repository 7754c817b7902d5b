// Wires what the browser tells to the watch, and what the watch makes of it to the queue. Everything is done one piece
// after the other; browsers end this page when it is idle, so its state lies in their session storage.

import { api } from "./lib/api.js";
import { isOff } from "./lib/address.js";
import { Queue } from "./lib/queue.js";
import { serial } from "./lib/serial.js";
import { Watch } from "./lib/watch.js";

const AWAY_S = 180;
const queue = new Queue();
const run = serial();
const made = [];
const watch = new Watch(
  (url, event) => made.push([url, event]),
  (tab, afterMs) => setTimeout(() => step((at) => watch.settle(at, tab).then(() => watch.settleBlind(tab))), afterMs),
);

/** Do one piece, keep the state, then hand over what came of it. */
function step(work, at = Date.now()) {
  run(async () => {
    await watch.load();
    try {
      await work(at);
    } finally {
      await watch.save();
      const { off = [] } = await api.storage.local.get("off");
      const events = made.splice(0).filter(([url]) => !isOff(url, off));
      for (const [, event] of events) {
        queue.add(event).catch((error) => console.error(error));
      }
    }
  }).catch(() => {}); // the console has it
}

// What runs in pages has no business with the token.
api.storage.local.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" });

const navigation = api.webNavigation;
navigation.onCommitted.addListener((details) => step((at) => watch.onCommitted(at, details)));
navigation.onHistoryStateUpdated.addListener((details) => step((at) => watch.onMoved(at, details)));
navigation.onCompleted.addListener((details) => step((at) => watch.onCompleted(at, details)));
api.tabs.onActivated.addListener(() => step((at) => watch.look(at)));
api.tabs.onRemoved.addListener((tab) => step((at) => watch.onRemoved(at, tab)));
api.windows.onFocusChanged.addListener(() => step((at) => watch.look(at)));
api.idle.setDetectionInterval(AWAY_S);
api.idle.onStateChanged.addListener((state) => step((at) => watch.onIdle(at, state)));
api.downloads.onChanged.addListener(({ id, state }) => {
  if (state?.current === "complete") {
    step(async (at) => {
      const [item] = await api.downloads.search({ id });
      if (item) {
        watch.onDownloaded(at, item);
      }
    });
  }
});
api.alarms.onAlarm.addListener(() => queue.send().catch((error) => console.error(error)));
api.runtime.onStartup.addListener(() => queue.send().catch((error) => console.error(error)));
api.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === "install") {
    api.tabs.create({ url: api.runtime.getURL("pages/pair.html") });
  }
});
api.storage.local.onChanged.addListener(({ pairing, off }) => {
  if (pairing) {
    queue.paired(pairing.newValue).catch((error) => console.error(error));
  }
  if (off) {
    step((at) => watch.look(at));
  }
});
api.runtime.onMessage.addListener((message, sender, answer) => {
  if (sender.id !== api.runtime.id) {
    return false;
  }
  if (message?.type === "status" && !sender.tab?.url?.startsWith("http")) {
    queue.status().then(answer);
    return true;
  }
  if (sender.tab && Number.isInteger(sender.frameId)) {
    step(() => watch.onMessage(message, sender));
  }
  return false;
});
