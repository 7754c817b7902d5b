// The extension's side of the pairing, as app/services/access/pairing.py describes it: neither the code nor the token is said
// to a listener that has not proved to be the program.
"use strict";

const crypto = require("node:crypto");
const http = require("node:http");

const ROUNDS = 200_000;
const NONCE_BYTES = 16;
const PATIENCE_MS = 10_000;
const MOST_ANSWERED = 1 << 20;

/** The program does not answer, or something else does in its place; what waits is kept. */
class DownError extends Error {}

/** The program has answered that it will not; the message is one for the user. */
class RefusedError extends Error {}

function prove(key, purpose, ...said) {
  return crypto.createHmac("sha256", key).update([`kryptictrack ${purpose}`, ...said].join("\n")).digest("hex");
}

function keyOf(code, nonce) {
  const plain = code.replace(/[\s-]/g, "").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
  return new Promise((resolve, reject) => {
    crypto.pbkdf2(plain, Buffer.from(nonce, "hex"), ROUNDS, 32, "sha256", (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function same(one, other) {
  const [a, b] = [one, other].map((text) => Buffer.from(String(text)));
  return a.length === b.length && crypto.timingSafeEqual(a, b);
}

/**
 * Ask the local API.
 *
 * @returns {Promise<{status: number, body: any}>} whatever its status.
 * @throws {DownError} where nothing answers, or what answers is no JSON.
 */
function post(port, path, body, token = null) {
  const data = Buffer.from(JSON.stringify(body));
  const headers = { "Content-Type": "application/json", "Content-Length": data.length };
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  return new Promise((resolve, reject) => {
    const fail = (error) => reject(new DownError(`KrypticTrack does not answer on port ${port}.`, { cause: error }));
    const request = http.request(
      { host: "127.0.0.1", port, path, method: "POST", headers, agent: false, timeout: PATIENCE_MS },
      (response) => {
        const parts = [];
        let size = 0;
        response.on("data", (part) => {
          size += part.length;
          if (size > MOST_ANSWERED) {
            request.destroy(new Error("too long an answer"));
          }
          parts.push(part);
        });
        response.on("error", fail);
        response.on("end", () => {
          try {
            resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(parts).toString("utf8")) });
          } catch (error) {
            fail(error);
          }
        });
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", fail);
    request.end(data);
  });
}

/**
 * Get a token for a code.
 *
 * @returns {Promise<{client: string, token: string, port: number}>} what to keep.
 * @throws {DownError|RefusedError} with a sentence for the user.
 */
async function pair(code, port, name) {
  const nonce = crypto.randomBytes(NONCE_BYTES).toString("hex");
  const key = await keyOf(code, nonce);
  const proof = prove(key, "pair", String(port), name);
  const { status, body } = await post(port, "/api/pair", { name, nonce, proof });
  if (status !== 200) {
    throw new RefusedError(`${body?.error?.message ?? "It refused."} ${body?.error?.remedy ?? ""}`.trim());
  }
  if (!same(body.proof, prove(key, "token", String(port), name, String(body.token)))) {
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
async function checkListener(pairing) {
  const nonce = crypto.randomBytes(NONCE_BYTES).toString("hex");
  const { status, body } = await post(pairing.port, "/api/hello", { client: pairing.client, nonce });
  if (status === 403) {
    throw new RefusedError("This editor is not paired any more.");
  }
  const key = crypto.createHash("sha256").update(pairing.token).digest();
  if (status !== 200 || !same(body.proof, prove(key, "hello", String(pairing.port), nonce))) {
    throw new DownError(`Something else than KrypticTrack answers on port ${pairing.port}.`);
  }
}

module.exports = { DownError, RefusedError, checkListener, pair, post };
