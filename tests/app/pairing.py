"""An extension's side of the pairing, in plain Python, as `app.services.access.pairing` describes it."""

from __future__ import annotations

import hashlib
import http.client
import json
import secrets
from typing import Any

from app.services.access.pairing import key_of, prove


def post(port: int, path: str, body: object, token: str | None = None) -> tuple[int, Any]:
    """One request; the status and the parsed answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        connection.request("POST", path, json.dumps(body).encode(), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def pair(port: int, code: str, name: str = "Chromium") -> str:
    """The token that a code gives, once the program has proved that it showed the code."""
    nonce = secrets.token_hex(16)
    key = key_of(code, nonce)
    body = {"name": name, "nonce": nonce, "proof": prove(key, "pair", str(port), name)}
    status, answer = post(port, "/api/pair", body)
    assert status == 200, answer
    token = str(answer["token"])
    assert answer["proof"] == prove(key, "token", str(port), name, token)
    return token


def is_known(port: int, client: str, token: str) -> bool:
    """Whether who listens there proves to know the client's token."""
    nonce = secrets.token_hex(16)
    status, answer = post(port, "/api/hello", {"client": client, "nonce": nonce})
    key = hashlib.sha256(token.encode()).digest()
    return status == 200 and answer["proof"] == prove(key, "hello", str(port), nonce)
