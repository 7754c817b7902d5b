// What waits to be sent: in memory alone, so that nothing of it is ever on a disk in the clear.
"use strict";

const { DownError, RefusedError, checkListener, post } = require("./pairing");

const MOST_WAITING = 10_000;
const MOST_AT_ONCE = 200;
const SETTLE_MS = 500;
const AGAIN_MS = 10_000;

/** How sending goes. */
const State = Object.freeze({ UNPAIRED: "unpaired", OK: "ok", OFF: "off", DOWN: "down", REFUSED: "refused" });

class Queue {
  #pairing = null;
  #waiting = [];
  #timer = null;
  #sending = null;
  #ended = false;

  /**
   * @param {() => void} changed called after every change of the state.
   * @param {number} againMs how long after a failure it is tried again.
   */
  constructor(changed, againMs = AGAIN_MS) {
    this.changed = changed;
    this.againMs = againMs;
    this.state = State.UNPAIRED;
    this.message = "";
    this.sent = 0;
    this.lost = 0;
  }

  get waiting() {
    return this.#waiting.length;
  }

  /** Send to this program from now on; null for none. What waits was meant for the one before, and goes with it. */
  use(pairing) {
    this.#pairing = pairing;
    this.#waiting = [];
    this.#become(pairing ? State.DOWN : State.UNPAIRED);
    this.#soon(0);
  }

  /** Take an event; the oldest makes room where too many wait. */
  add(event) {
    if (!this.#pairing || this.state === State.REFUSED) {
      return;
    }
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.lost += 1;
    }
    if (this.state !== State.DOWN) {
      this.#soon(SETTLE_MS);
    }
  }

  /** Send what waits, once, and no more after it. */
  async end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#sending;
    await this.#send();
  }

  #soon(afterMs) {
    if (this.#ended || !this.#pairing || this.#timer) {
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#sending ??= this.#send().finally(() => {
        this.#sending = null;
        if (this.state === State.DOWN) {
          this.#soon(this.againMs);
        } else if (this.#waiting.length) {
          this.#soon(SETTLE_MS);
        }
      });
    }, afterMs);
  }

  async #send() {
    const pairing = this.#pairing;
    if (!pairing || this.state === State.REFUSED) {
      return;
    }
    try {
      await checkListener(pairing);
      while (this.#waiting.length && pairing === this.#pairing) {
        await this.#sendSome(pairing);
      }
      if (this.state === State.DOWN) {
        this.#become(State.OK);
      }
    } catch (error) {
      if (!(error instanceof DownError || error instanceof RefusedError)) {
        throw error;
      }
      if (pairing === this.#pairing) {
        this.#become(error instanceof RefusedError ? State.REFUSED : State.DOWN, error.message);
      }
    }
  }

  async #sendSome(pairing) {
    const events = this.#waiting.slice(0, MOST_AT_ONCE);
    const { status, body } = await post(pairing.port, "/api/log-action", events, pairing.token);
    if (pairing !== this.#pairing) {
      return;
    }
    if (status === 401 || status === 403) {
      throw new RefusedError("This editor is not paired any more.");
    }
    if (status !== 200 && status !== 400) {
      throw new DownError(body?.error?.message ?? `KrypticTrack answers with ${status}.`);
    }
    // Of events that cannot be read (400) the program has counted each, and would refuse them again.
    const refused = body.refused?.length ?? (status === 400 ? events.length : 0);
    this.#waiting = this.#waiting.filter((event) => !events.includes(event));
    this.sent += events.length - refused;
    this.lost += refused;
    this.#become("no consent" in (body.dropped ?? {}) ? State.OFF : State.OK);
  }

  #become(state, message = "") {
    this.state = state;
    this.message = message;
    this.changed();
  }
}

module.exports = { Queue, State };
