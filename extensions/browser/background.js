// Wires what the browser tells to the watch, and what the watch makes of it to the queue. Everything is done one piece
// after the other; browsers end this page when it is idle, so its state lies in their session storage.

import { api } from "./lib/api.js";
import { Queue } from "./lib/queue.js";
import { serial } from "./lib/serial.js";
import { Watch } from "./lib/watch.js";

const AWAY_S = 180;
const OF_PAGES = new Set(["ready", "focus", "scroll", "click", "edit", "submit"]);
const queue = new Queue();
const run = serial();
let waiting = 0;
const watch = new Watch(
  (event) => queue.add(event).catch((error) => console.error(error)),
  (tab, afterMs) => setTimeout(() => step((at) => watch.settle(at, tab).then(() => watch.settleBlind(tab))), afterMs),
);

/** Do one piece; after the last of those that wait, keep the state. */
function step(work) {
  const at = Date.now();
  waiting += 1;
  run(async () => {
    await watch.load();
    try {
      await work(at);
    } finally {
      waiting -= 1;
      if (!waiting) {
        await watch.save();
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
    step((at) => watch.switchOff(at, off.newValue ?? []));
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
  if (sender.tab && OF_PAGES.has(message?.type)) {
    step(() => watch.onMessage(message, sender));
  }
  return false;
});
