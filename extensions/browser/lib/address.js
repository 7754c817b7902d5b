// Addresses as they are told: scheme, host and path. What follows "?" and "#" may be what somebody typed, and stays.

const ENGINES = [
  [/(^|\.)google\.[a-z.]{2,6}$/, "/search", "q"],
  [/(^|\.)bing\.com$/, "/search", "q"],
  [/(^|\.)duckduckgo\.com$/, "/", "q"],
  [/(^|\.)startpage\.com$/, "/", "query"],
  [/(^|\.)ecosia\.org$/, "/search", "q"],
  [/(^|\.)qwant\.com$/, "/", "q"],
  [/^search\.brave\.com$/, "/search", "q"],
  [/(^|\.)yandex\.[a-z.]{2,6}$/, "/search", "text"],
  [/(^|\.)baidu\.com$/, "/s", "wd"],
  [/^search\.yahoo\.com$/, "/search", "p"],
  [/(^|\.)kagi\.com$/, "/search", "q"],
  [/(^|\.)mojeek\.com$/, "/search", "q"],
  [/(^|\.)wikipedia\.org$/, "/w/index.php", "search"],
  [/(^|\.)youtube\.com$/, "/results", "search_query"],
  [/^github\.com$/, "/search", "q"],
  [/^stackoverflow\.com$/, "/search", "q"],
  [/^(searx|search)\.[a-z0-9.-]+$/, "/search", "q"],
];
const MOST_WORDS_CHARS = 200;

function parsed(url) {
  try {
    const address = new URL(url);
    return address.protocol === "http:" || address.protocol === "https:" ? address : null;
  } catch {
    return null;
  }
}

/** Scheme, host and path of a page on the web; null for anything else. */
export function clean(url) {
  const address = parsed(url);
  return address && address.origin + address.pathname;
}

/** The host that the switch in the popup is for, without "www."; null off the web. */
export function siteOf(url) {
  return parsed(url)?.hostname.replace(/^www\./, "") ?? null;
}

/** Whether a site, or one above it, is among those switched off. */
export function isOff(url, sites) {
  const site = siteOf(url);
  return site !== null && sites.some((off) => site === off || site.endsWith(`.${off}`));
}

/** What was searched for with a known engine; null where the page is no such search. */
export function searchOf(url) {
  const address = parsed(url);
  const engine = address && ENGINES.find(([host, path]) => host.test(address.hostname) && address.pathname === path);
  const words = engine && address.searchParams.get(engine[2])?.trim();
  return words ? words.slice(0, MOST_WORDS_CHARS) : null;
}
