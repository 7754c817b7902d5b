// What is known of one tab: its document, and where in it the focus is. Plain values, so that they can be kept and
// brought back; nothing is told from here.

const MS_PER_S = 1_000;
const BURST = 60; // a page can change its own address as often as it likes; people do so once a second for a minute
const FOCUS = new Set(["plain", "none", "secret", "frame"]);

/**
 * A tab that shows another document.
 *
 * @param {number} visit counts documents; no two have the same.
 */
export function newTab(id, url, address, at, visit) {
  const told = { isReady: false, isBlind: false, isSettling: false, pending: true };
  return { id, url, address, at, title: null, visit, focus: {}, scroll: 0, room: BURST, roomAt: at, ...told };
}

/** Whether a page may change its own address once more by now; that takes from what it has left. */
export function hasRoom(tab, at) {
  const room = Math.min(BURST, tab.room + (at - tab.roomAt) / MS_PER_S) - 1;
  tab.roomAt = at;
  tab.room = Math.max(0, room);
  return room >= 0;
}

/** Note what has the focus in a frame; what is not understood counts as secret. */
export function takeFocus(tab, frameId, focus) {
  const told = FOCUS.has(focus) ? focus : "secret";
  if (frameId === 0 && (told === "plain" || told === "secret")) {
    tab.focus = {}; // what has the focus itself has no frame that has it
  }
  tab.focus[frameId] = told;
}

/** Whether a field that must stay unseen has the focus, or something that cannot be looked into. */
export function isHidden(tab) {
  const told = Object.values(tab.focus);
  const inFrame = told.includes("frame") && !Object.entries(tab.focus).some(([frame, focus]) => frame !== "0" && focus === "plain");
  return told.includes("secret") || inFrame;
}
