// What was used on a page, out of what the page tells: bounded, and never with what was typed or said there.

import { clean } from "./address.js";
import { event } from "./events.js";

const ROLE_CHARS = 20;
const LABEL_CHARS = 80;
const MOST_FIELDS = 1_000;

/** The event of a use, null where it makes none: how far a page was read is kept until its time ends. */
export function takeUse(at, tab, message, url) {
  const role = String(message.role ?? "").slice(0, ROLE_CHARS) || null;
  const label = message.label == null ? null : String(message.label).slice(0, LABEL_CHARS);
  switch (message.type) {
    case "scroll":
      tab.scroll = Math.max(tab.scroll, Math.min(100, Number(message.percent) || 0));
      return null;
    case "click":
    case "edit":
      return event(message.type, at, clean(url), { detail: { role, label } });
    case "submit": {
      const fields = Math.max(0, Math.min(MOST_FIELDS, Math.trunc(Number(message.fields) || 0)));
      return event("submit", at, clean(url), { detail: { role, label, fields } });
    }
    default:
      return null;
  }
}
