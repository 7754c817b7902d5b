// What is done in the browser, out of what it and its pages tell: which page is in front and for how long, where it came
// from, what was used on it. Tabs that were there before the extension, and pages that cannot be looked into, are not
// known, and so nothing of them is told but their address.

import { api } from "./api.js";
import { clean, isOff, searchOf } from "./address.js";
import { event } from "./events.js";
import { hasRoom, isHidden, newTab, takeFocus } from "./tab.js";
import { takeUse } from "./use.js";

const AWAY_S = 180; // as the program's own sense of presence
const MS_PER_S = 1_000;
const SETTLE_MS = 400; // a page that changes its address by itself does so at once, and its title a moment later

const emptyState = () => ({ tabs: {}, front: null, shown: null, shownTab: null, visits: 0, away: false });

export class Watch {
  #emit;
  #later;
  #state = null;
  #off = [];

  /**
   * @param {(event: object) => void} emit takes each event of a site that is not switched off.
   * @param {(tab: number, afterMs: number) => void} later calls `settle` for a tab after a while.
   */
  constructor(emit, later) {
    this.#emit = emit;
    this.#later = later;
  }

  /** Bring the state back that an earlier run of the background page left. */
  async load() {
    if (!this.#state) {
      this.#off = (await api.storage.local.get("off")).off ?? [];
      this.#state = (await api.storage.session.get("watch")).watch ?? emptyState();
    }
  }

  /** Other sites are switched off from now on. */
  async switchOff(at, sites) {
    this.#off = sites;
    await this.look(at);
  }

  async save() {
    await api.storage.session.set({ watch: this.#state });
  }

  /** A tab shows another document. */
  async onCommitted(at, { tabId, frameId, url, documentLifecycle, transitionQualifiers = [] }) {
    const tab = this.#state.tabs[tabId];
    if (frameId !== 0) {
      if (tab) {
        delete tab.focus[frameId];
      }
      return;
    }
    if (documentLifecycle && documentLifecycle !== "active") {
      return; // fetched in advance; it tells itself when it is shown
    }
    if (tab?.address === clean(url) && transitionQualifiers.includes("client_redirect")) {
      return; // a page that loads itself again
    }
    if (tab?.isEarly && tab.address === clean(url)) {
      tab.isEarly = false;
      return; // the page itself has told so already
    }
    this.#flush(tab);
    this.#open(tabId, url, at);
    await this.look(at);
  }

  /** A page has changed its own address. */
  onMoved(at, { tabId, frameId, url }) {
    const tab = this.#state.tabs[tabId];
    const address = clean(url);
    if (frameId !== 0 || !tab || !address || address === tab.address) {
      return;
    }
    if (!hasRoom(tab, at)) {
      return;
    }
    const { focus, room } = tab;
    Object.assign(this.#open(tabId, url, at), { focus, room, isReady: tab.isReady, isSettling: true });
    this.#later(tabId, SETTLE_MS);
  }

  /** The address of a page that has changed it has come to rest. */
  async settle(at, tabId) {
    const tab = this.#state.tabs[tabId];
    if (tab?.isSettling) {
      tab.isSettling = false;
      tab.title = await titleOf(tabId);
      this.#tell(tab);
      await this.look(at);
    }
  }

  /** A document is loaded to its end; where nothing in it has told so by then, nothing can. */
  async onCompleted(at, { tabId, frameId }) {
    const tab = this.#state.tabs[tabId];
    if (frameId === 0 && tab && !tab.isReady) {
      tab.isBlind = true;
      this.#later(tabId, SETTLE_MS);
    }
  }

  /** Tell of a page that nothing can be seen of, unless it has spoken after all. */
  async settleBlind(tabId) {
    const tab = this.#state.tabs[tabId];
    if (tab?.isBlind && !tab.isReady && tab.pending) {
      tab.title = await titleOf(tabId);
      this.#visit(tab);
    }
  }

  /** A page tells something. */
  async onMessage(message, { tab: { id, incognito, url }, frameId, url: frameUrl }) {
    const at = Math.min(Number(message.at) || Date.now(), Date.now());
    if (incognito) {
      return;
    }
    if (message.type === "ready" && frameId === 0) {
      this.#onReady(at, id, frameUrl, message);
    }
    const tab = this.#state.tabs[id];
    if (!tab) {
      return;
    }
    if (message.type === "focus" || message.type === "ready") {
      takeFocus(tab, frameId, message.focus);
    } else if (!isHidden(tab) && tab.isReady) {
      const used = frameId === 0 ? frameUrl : url;
      const made = takeUse(at, tab, message, used);
      if (made) {
        this.#emitFor(used, made);
      }
    }
    if (message.type === "focus" || message.type === "ready") {
      this.#tell(tab);
      await this.look(at);
    }
  }

  /** A file was saved. */
  onDownloaded(at, { url, referrer, filename, incognito }) {
    const from = url.replace(/^blob:/, "");
    const address = clean(from) ?? clean(referrer ?? "");
    if (!incognito && address) {
      this.#emitFor(from, event("download", at, address, { title: filename.split(/[/\\]/).pop() }));
    }
  }

  onRemoved(at, tabId) {
    this.#flush(this.#state.tabs[tabId]);
    if (this.#state.front?.tab === tabId) {
      this.#endFront(at);
    }
    delete this.#state.tabs[tabId];
  }

  /** The user went idle, or came back. */
  async onIdle(at, idle) {
    const front = this.#state.front;
    if (idle === "active") {
      this.#state.away = false;
    } else {
      const tab = front && (await api.tabs.get(front.tab).catch(() => null));
      if (idle === "idle" && tab?.audible) {
        return; // a film is not absence
      }
      this.#state.away = true;
      this.#endFront(idle === "idle" ? at - AWAY_S * MS_PER_S : at);
    }
    await this.look(at);
  }

  /** See which page is in front, and end or begin its time. */
  async look(at) {
    const tab = await this.#inFront();
    const front = this.#state.front;
    if (front && (!tab || front.visit !== tab.visit)) {
      this.#endFront(at);
    }
    if (!tab || this.#state.front) {
      return;
    }
    this.#state.front = { tab: tab.id, visit: tab.visit, since: at };
    if (this.#state.shown !== tab.visit) {
      this.#show(tab);
      this.#emitFor(tab.url, event("focus", at, tab.address, { title: tab.title }));
    }
  }

  #onReady(at, id, url, { title }) {
    if (this.#state.tabs[id]?.address !== clean(url) || this.#state.tabs[id].isReady) {
      this.#flush(this.#state.tabs[id]);
      // Shown out of what was fetched in advance or kept; the browser itself may tell so a moment later, or not at all.
      this.#open(id, url, at).isEarly = true;
    }
    const tab = this.#state.tabs[id];
    if (!tab) {
      return; // no page of the web
    }
    tab.title = typeof title === "string" ? title : null;
    tab.isReady = true;
  }

  #open(id, url, at) {
    if (this.#state.front?.tab === id) {
      this.#endFront(at);
    }
    const address = clean(url);
    if (!address) {
      delete this.#state.tabs[id];
      return {};
    }
    this.#state.tabs[id] = newTab(id, url, address, at, ++this.#state.visits);
    return this.#state.tabs[id];
  }

  /** Tell of a visit as soon as the page may be seen. */
  #tell(tab) {
    if (tab.pending && tab.isReady && !tab.isSettling && !isHidden(tab)) {
      this.#visit(tab);
    }
  }

  /** Tell of a visit that has not been told of when it ends; one whose page was never seen unhidden stays untold. */
  #flush(tab) {
    if (tab?.pending && !isHidden(tab)) {
      this.#visit(tab);
    }
  }

  #visit(tab) {
    tab.pending = false;
    const words = searchOf(tab.url);
    this.#emitFor(tab.url, event("visit", tab.at, tab.address, { title: tab.title }));
    if (words) {
      this.#emitFor(tab.url, event("search", tab.at, tab.address, { title: words }));
    }
    tab.url = tab.address; // what stood behind "?" has served
    if (tab.id === this.#state.activeTab) {
      this.#show(tab);
    }
  }

  #show(tab) {
    this.#state.shown = tab.visit;
    this.#state.shownTab = tab.id;
  }

  #endFront(at) {
    const front = this.#state.front;
    this.#state.front = null;
    const tab = front && this.#state.tabs[front.tab];
    if (!tab || tab.visit !== front.visit || at <= front.since) {
      return;
    }
    const scroll_percent = Math.round(tab.scroll * 10) / 10;
    const more = { title: tab.title, durationMs: at - front.since, detail: { scroll_percent } };
    this.#emitFor(tab.url, event("dwell", front.since, tab.address, more));
  }

  /** The tab that the user looks at; null where there is none that may be told of. */
  async #inFront() {
    const window = await api.windows.getLastFocused({ windowTypes: ["normal"] }).catch(() => null);
    const [active] = window && !window.incognito ? await api.tabs.query({ active: true, windowId: window.id }) : [];
    this.#state.activeTab = active?.id ?? null;
    if (window?.focused && active?.id !== this.#state.shownTab) {
      this.#state.shown = null; // another tab was looked at, whether or not it was told of
    }
    const tab = active && this.#state.tabs[active.id];
    if (!window?.focused || this.#state.away || !tab || tab.pending || !tab.isReady || isHidden(tab)) {
      return null;
    }
    tab.title = active.title || tab.title; // pages find their titles late
    return isOff(tab.url, this.#off) ? null : tab;
  }

  #emitFor(url, made) {
    if (!isOff(url, this.#off)) {
      this.#emit(made);
    }
  }
}

async function titleOf(tabId) {
  const tab = await api.tabs.get(tabId).catch(() => null); // it may be closed by now
  return tab?.title ?? null;
}
