// What is done in the editor, out of what it tells: which file is worked on, how often and how long it is changed, what is
// saved, debugged and tested. It knows paths, names and counts; no text of a file ever comes here.
"use strict";

const US_PER_MS = 1_000;
const S_PER_MINUTE = 60;
const SETTLE_MS = 1_000; // who only leafs through files works on none of them
const LONGEST_STAY_MS = 300_000;
const PATH_CHARS = 4_000;
const NAME_CHARS = 300;

/**
 * @typedef {{path: string, language: string|null, project: string|null, branch: string|null}} File
 * @typedef {{errors: number, warnings: number}} Problems
 */

class Watch {
  #emit;
  #problemsOf;
  #app;
  #stay = null;
  #settling = null;
  #longest = null;

  /**
   * @param {(event: object) => void} emit takes each event.
   * @param {(file: File) => Problems} problemsOf counts what is wrong with a file now.
   * @param {string} app the editor's name as desktops know it.
   */
  constructor(emit, problemsOf, app) {
    this.#emit = emit;
    this.#problemsOf = problemsOf;
    this.#app = app;
  }

  /** Another file is in front, or none. */
  shown(file, atMs) {
    if (file && this.#stay?.file.path === file.path) {
      return;
    }
    this.leave();
    if (file) {
      this.#stay = { file, edits: 0, firstMs: 0, lastMs: 0, told: false };
      this.#settling = setTimeout(() => this.#settle(atMs), SETTLE_MS);
      this.#longest = setInterval(() => this.flush(), LONGEST_STAY_MS);
    }
  }

  /** The file in front was changed so many times. */
  edited(path, times, atMs) {
    const stay = this.#stay;
    if (stay?.file.path !== path) {
      return;
    }
    stay.edits += times;
    stay.firstMs ||= atMs;
    stay.lastMs = atMs;
  }

  /** A file was saved by hand. */
  saved(file, atMs) {
    if (this.#stay?.file.path === file.path) {
      this.flush();
    }
    this.#tell("save", atMs, file, this.#problemsOf(file));
  }

  /** A debugging or a test has ended. */
  ran(kind, { folder, name, project, language, fromMs, untilMs, exitStatus = null }) {
    this.#emit(
      this.#event(kind, fromMs, folder, {
        title: name.slice(0, NAME_CHARS),
        durationMs: untilMs - fromMs,
        detail: { project, language, exit_status: exitStatus },
      }),
    );
  }

  /** Tell of the changes so far. */
  flush() {
    const stay = this.#stay;
    if (!stay?.edits) {
      return;
    }
    this.#settle(stay.firstMs);
    this.#tell("edit", stay.firstMs, stay.file, { edits: stay.edits, ...this.#problemsOf(stay.file) }, stay.lastMs);
    Object.assign(stay, { edits: 0, firstMs: 0, lastMs: 0 });
  }

  /** Nothing is in front any more. */
  leave() {
    this.flush();
    clearTimeout(this.#settling);
    clearInterval(this.#longest);
    this.#stay = null;
  }

  #settle(atMs) {
    clearTimeout(this.#settling);
    if (this.#stay && !this.#stay.told) {
      this.#stay.told = true;
      this.#tell("open", atMs, this.#stay.file);
    }
  }

  #tell(kind, atMs, file, more = {}, untilMs = null) {
    const { path, ...known } = file;
    const durationMs = untilMs === null ? null : untilMs - atMs;
    this.#emit(this.#event(kind, atMs, path, { durationMs, detail: { ...known, ...more } }));
  }

  #event(kind, atMs, target, { title = null, durationMs = null, detail }) {
    return {
      ts_us: Math.round(atMs * US_PER_MS),
      source: "editor",
      kind,
      app: this.#app,
      target: target?.slice(0, PATH_CHARS) ?? null,
      title,
      duration_us: durationMs === null ? null : Math.max(0, Math.round(durationMs * US_PER_MS)),
      utc_offset_s: -new Date(atMs).getTimezoneOffset() * S_PER_MINUTE,
      detail,
    };
  }
}

module.exports = { Watch };
