// Events as the program's API takes them (collectors/events.py).

const US_PER_MS = 1_000;
const S_PER_MINUTE = 60;
const ADDRESS_CHARS = 2_048;
const TITLE_CHARS = 300;
const BRANDS = new Map([
  ["Brave", "brave"],
  ["Microsoft Edge", "microsoft-edge"],
  ["Opera", "opera"],
  ["Vivaldi", "vivaldi"],
  ["Google Chrome", "google-chrome"],
]);

/** The browser's name as desktops and its history know it. */
export const browserName = (() => {
  if (navigator.userAgent.includes("Firefox/")) {
    return "firefox";
  }
  const brands = (navigator.userAgentData?.brands ?? []).map(({ brand }) => brand);
  return [...BRANDS].find(([brand]) => brands.includes(brand))?.[1] ?? "chromium";
})();

/** What the browser calls itself on the list of paired clients. */
export const clientName = `${browserName[0].toUpperCase()}${browserName.slice(1).replace("-", " ")} extension`;

/**
 * @param {string} kind one of the kinds of the source "browser".
 * @param {number} atMs when it began, milliseconds since the epoch.
 * @param {string|null} address a cleaned one.
 * @param {{title?: string|null, durationMs?: number, detail?: object}} more
 */
export function event(kind, atMs, address, { title = null, durationMs = null, detail = null } = {}) {
  return {
    ts_us: Math.round(atMs * US_PER_MS),
    source: "browser",
    kind,
    app: browserName,
    target: address?.slice(0, ADDRESS_CHARS) ?? null,
    title: title?.slice(0, TITLE_CHARS) ?? null,
    duration_us: durationMs === null ? null : Math.max(0, Math.round(durationMs * US_PER_MS)),
    utc_offset_s: -new Date(atMs).getTimezoneOffset() * S_PER_MINUTE,
    detail,
  };
}
