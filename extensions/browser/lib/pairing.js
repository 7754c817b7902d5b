// The extension's side of the pairing, as app/services/access/pairing.py describes it: neither the code nor the token is said
// to a listener that has not proved to be the program.

export const USUAL_PORT = 47821;
export const SCOPE = "kryptictrack";
const ROUNDS = 200_000;
const NONCE_BYTES = 16;
const PATIENCE_MS = 10_000;
const utf8 = new TextEncoder();

/** The program does not answer, or something else does in its place; what waits is kept. */
export class DownError extends Error {}

/** The program has answered that it will not; the message is one for the user. */
export class RefusedError extends Error {}

const toHex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const drawNonce = () => toHex(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));

/** The bytes of the key that a code gives; read as it is meant, whatever its spaces, dashes and small letters. */
export async function keyOf(code, nonce) {
  const plain = code.replace(/[\s-]/g, "").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
  const material = await crypto.subtle.importKey("raw", utf8.encode(plain), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: fromHex(nonce), iterations: ROUNDS };
  return crypto.subtle.deriveBits(how, material, 256);
}

/** A proof that one knows a key, in hexadecimal. */
export async function prove(key, purpose, ...said) {
  const hmac = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return toHex(await crypto.subtle.sign("HMAC", hmac, utf8.encode([`${SCOPE} ${purpose}`, ...said].join("\n"))));
}

/**
 * Ask the local API.
 *
 * @returns {Promise<{status: number, body: any}>} whatever its status.
 * @throws {DownError} where nothing answers, or what answers is no JSON.
 */
export async function post(port, path, body, token = null) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status: response.status, body: await response.json() };
  } catch (error) {
    throw new DownError(`KrypticTrack does not answer on port ${port}.`, { cause: error });
  }
}

/**
 * Get a token for a code.
 *
 * @returns {Promise<{client: string, token: string, port: number}>} what to keep.
 * @throws {DownError|RefusedError} with a sentence for the user.
 */
export async function pair(code, port, name) {
  const nonce = drawNonce();
  const key = await keyOf(code, nonce);
  const proof = await prove(key, "pair", String(port), name);
  const { status, body } = await post(port, "/api/pair", { name, nonce, proof });
  if (status !== 200) {
    throw new RefusedError(`${body?.error?.message ?? "It refused."} ${body?.error?.remedy ?? ""}`.trim());
  }
  if (body.proof !== (await prove(key, "token", String(port), name, String(body.token)))) {
    throw new RefusedError("What answers on this port is not the KrypticTrack that shows this code.");
  }
  return { client: body.client, token: body.token, port };
}

/**
 * Make sure that the program listens, before anything is sent to it.
 *
 * @throws {DownError} where it does not, or another listens in its place.
 * @throws {RefusedError} where it does not know this client any more.
 */
export async function checkListener(pairing) {
  const nonce = drawNonce();
  const { status, body } = await post(pairing.port, "/api/hello", { client: pairing.client, nonce });
  if (status === 403) {
    throw new RefusedError("This browser is not paired any more.");
  }
  const key = await crypto.subtle.digest("SHA-256", utf8.encode(pairing.token));
  if (status !== 200 || body.proof !== (await prove(key, "hello", String(pairing.port), nonce))) {
    throw new DownError(`Something else than KrypticTrack answers on port ${pairing.port}.`);
  }
}
