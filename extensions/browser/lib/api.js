/** The browser's own interface, under the one name that both kinds of browsers answer with promises to. */
export const api = globalThis.browser ?? globalThis.chrome;
