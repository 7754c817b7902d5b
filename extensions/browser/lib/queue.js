// What waits to be sent. It lies in the browser's session storage, which is memory: nothing of it is written to a disk
// in the clear, and it ends with the browser.

import { api } from "./api.js";
import { checkListener, DownError, post, RefusedError } from "./pairing.js";
import { serial } from "./serial.js";

export const MOST_WAITING = 10_000;
const MOST_AT_ONCE = 200;
const ALARM = "send";
const AGAIN_MIN = 0.5; // the shortest that browsers grant
const PREFIX = "event:";
const DIGITS = 12;

/** How sending goes, as the popup tells it. */
export const State = Object.freeze({ UNPAIRED: "unpaired", OK: "ok", OFF: "off", DOWN: "down", REFUSED: "refused" });

export class Queue {
  #serial = serial();
  #keys = [];
  #next = 0;
  #loaded = null;
  #sending = null;
  #again = false;
  #status = { state: State.UNPAIRED, message: "", sent: 0, lost: 0 };

  /** What the popup shows. */
  async status() {
    await this.#load();
    return { ...this.#status, waiting: this.#keys.length };
  }

  /** Take an event; the oldest makes room where too many wait. */
  add(event) {
    return this.#serial(async () => {
      await this.#load();
      if (this.#status.state === State.UNPAIRED || this.#status.state === State.REFUSED) {
        return;
      }
      const key = PREFIX + String(this.#next++).padStart(DIGITS, "0");
      try {
        await api.storage.session.set({ [key]: event });
      } catch (error) {
        console.error(error);
        await this.#tell({ lost: this.#status.lost + 1 });
        return;
      }
      this.#keys.push(key);
      if (this.#keys.length > MOST_WAITING) {
        await api.storage.session.remove(this.#keys.shift());
        await this.#tell({ lost: this.#status.lost + 1 });
      }
    }).then(() => this.send());
  }

  /** Send what waits, unless that is under way. */
  send() {
    if (this.#sending) {
      this.#again = true;
      return this.#sending;
    }
    this.#again = false;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = null;
      return this.#again && this.#status.state !== State.DOWN ? this.send() : undefined;
    });
    return this.#sending;
  }

  /** The pairing has changed. */
  paired(pairing) {
    return this.#serial(async () => {
      await this.#load();
      await this.#tell({ state: pairing ? State.DOWN : State.UNPAIRED, message: "" });
    }).then(() => this.send());
  }

  async #sendAll() {
    await this.#load();
    const { pairing } = await api.storage.local.get("pairing");
    if (!pairing) {
      return;
    }
    try {
      do {
        await checkListener(pairing);
        await this.#sendSome(pairing);
      } while (this.#keys.length);
      await api.alarms.clear(ALARM);
    } catch (error) {
      if (!(error instanceof DownError || error instanceof RefusedError)) {
        throw error;
      }
      const state = error instanceof RefusedError ? State.REFUSED : State.DOWN;
      await this.#tell({ state, message: error.message });
      await api.alarms.create(ALARM, { delayInMinutes: AGAIN_MIN, periodInMinutes: AGAIN_MIN });
    }
  }

  async #sendSome(pairing) {
    const keys = this.#keys.slice(0, MOST_AT_ONCE);
    if (!keys.length) {
      await this.#tell({ state: this.#status.state === State.OFF ? State.OFF : State.OK, message: "" });
      return;
    }
    const kept = await api.storage.session.get(keys);
    const events = keys.map((key) => kept[key]);
    const { status, body } = await post(pairing.port, "/api/log-action", events, pairing.token);
    if (status === 401 || status === 403) {
      throw new RefusedError("This browser is not paired any more.");
    }
    if (status !== 200 && status !== 400) {
      throw new DownError(body?.error?.message ?? `KrypticTrack answers with ${status}.`);
    }
    // Of events that cannot be read (400) the program has counted each, and would refuse them again.
    await api.storage.session.remove(keys);
    this.#keys = this.#keys.filter((key) => !keys.includes(key));
    const off = "no consent" in (body.dropped ?? {});
    const refused = body.refused?.length ?? (status === 400 ? keys.length : 0);
    await this.#tell({
      state: off ? State.OFF : State.OK,
      message: "",
      sent: this.#status.sent + keys.length - refused,
      lost: this.#status.lost + refused,
    });
  }

  async #tell(changes) {
    this.#status = { ...this.#status, ...changes };
    await api.storage.session.set({ status: this.#status });
    const troubled = [State.UNPAIRED, State.REFUSED].includes(this.#status.state);
    await api.action.setBadgeText({ text: troubled ? "!" : "" });
  }

  #load() {
    this.#loaded ??= (async () => {
      const all = await api.storage.session.get(null);
      this.#keys = Object.keys(all).filter((key) => key.startsWith(PREFIX)).sort();
      this.#next = this.#keys.length ? Number(this.#keys.at(-1).slice(PREFIX.length)) + 1 : 0;
      const { pairing } = await api.storage.local.get("pairing");
      this.#status = all.status ?? { ...this.#status, state: pairing ? State.DOWN : State.UNPAIRED };
    })();
    return this.#loaded;
  }
}
