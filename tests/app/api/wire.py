"""One HTTP request to a port of our own, written as a test wants it."""

from __future__ import annotations

import http.client
from collections.abc import Mapping


def send(
    port: int, method: str, path: str, data: bytes | None, headers: Mapping[str, str | None]
) -> tuple[int, bytes, dict[str, str]]:
    """The status, body and headers of the answer; a header given as None is left out, the Host too where it is given."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            if value is not None:
                connection.putheader(name, value)
        if data is not None:
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        response = connection.getresponse()
        return response.status, response.read(), dict(response.getheaders())
    finally:
        connection.close()
