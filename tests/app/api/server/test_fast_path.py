"""The short way for single events answers as the HTTP library does, and gives it everything that is not plain."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.api.server.fast_request import MAX_BODY_BYTES, MAX_HEAD_BYTES, FastRequest, NotFast, Reader
from app.errors import KnownError
from tests.app.api.conftest import EVENT, Running

BODY = json.dumps(EVENT).encode()


def read(data: bytes) -> FastRequest | NotFast:
    return Reader().read(data)


def head(length: int | str = len(BODY), token: str = "t", **changed: str | None) -> bytes:
    fields: dict[str, str | None] = {
        "Host": "127.0.0.1",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Content-Length": str(length),
    }
    fields |= {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join(["POST /api/log-action HTTP/1.1", *lines]).encode() + b"\r\n\r\n"


def test_a_whole_event_is_plain() -> None:
    assert read(head(token="abc") + BODY) == FastRequest("127.0.0.1", "Bearer abc", BODY)
    assert isinstance(read(head(User_Agent="curl/8", Accept="*/*", Connection="keep-alive") + BODY), FastRequest)
    assert isinstance(read(head(Content_Type="application/json; charset=utf-8") + BODY), FastRequest)


def test_until_it_is_whole_more_is_awaited() -> None:
    whole = head() + BODY
    assert {read(whole[:end]) for end in range(1, len(whole))} == {NotFast.INCOMPLETE}


@pytest.mark.parametrize(
    "data",
    [
        b"GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n",
        head().replace(b"HTTP/1.1", b"HTTP/1.0") + BODY,
        head().replace(b"/api/log-action", b"/api/log-action?x=1") + BODY,
        head() + BODY + b"POST",
        head() + b"[" + BODY[1:-1] + b"]",
        head(length="+5") + BODY,
        head(length="0") + BODY,
        head(length=f"0{len(BODY)}") + BODY,
        head(length=MAX_BODY_BYTES + 1) + BODY,
        head(Host=None) + BODY,
        head(Authorization=None) + BODY,
        head(Content_Length=None) + BODY,
        head(Transfer_Encoding="chunked") + BODY,
        head(Content_Encoding="gzip") + BODY,
        head(Expect="100-continue") + BODY,
        head(Upgrade="websocket") + BODY,
        head(Origin="moz-extension://x") + BODY,
        head(Connection="close") + BODY,
        head(Connection="keep-alive, upgrade") + BODY,
        head(Content_Type="text/plain") + BODY,
        head(Content_Type="application/json; charset=latin-1") + BODY,
        head(Accept="a\r\n b") + BODY,
        head(Accept="a\nHost: other") + BODY,
        head(Accept="é") + BODY,
        head(Accept="a\x00b") + BODY,
        head().replace(b"Host: ", b"Host : ") + BODY,
        head().replace(b"\r\n\r\n", b"\r\nHost: other\r\n\r\n") + BODY,
        head(Accept="a" * MAX_HEAD_BYTES) + BODY,
    ],
)
def test_whatever_is_not_plain_is_left_to_the_library(data: bytes) -> None:
    assert read(data) is NotFast.OTHER


def dial(running: Running) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", running.api.port))
    connection.settimeout(60)
    return connection


def answer(connection: socket.socket) -> tuple[int, dict[str, str], Any]:
    """The next answer on a connection: status, headers, body."""
    received = b""
    while b"\r\n\r\n" not in received:
        byte = connection.recv(1)
        if not byte:
            raise EOFError("hung up without an answer")
        received += byte
    first, *lines = received.decode().strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = b""
    while len(body) < int(headers["content-length"]):
        body += connection.recv(int(headers["content-length"]) - len(body))
    return int(first.split()[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        json.dumps(EVENT | {"kind": "mouse_move", "source": "browser"}).encode(),
        json.dumps(EVENT | {"kind": "unheard of"}).encode(),
        json.dumps(EVENT | {"surprise": "é" * 500}).encode(),
        json.dumps(EVENT | {"ts_us": -1}).encode(),
        b"{}",
        b"{",
        b'{"ts_us": NaN}',
        b'{"a": ' + b"[" * 15_000,
        b'{"a": "\xff"}',
    ],
)
def test_both_ways_answer_alike(running: Running, body: bytes) -> None:
    with dial(running) as short, dial(running) as long:
        short.sendall(head(len(body), running.full) + body)
        long.sendall(head(len(body), running.full, X_Other="1") + body)
        status, headers, answered = answer(short)
        other_status, other_headers, other_answered = answer(long)
    assert (status, answered) == (other_status, other_answered)
    assert headers.keys() == other_headers.keys() - {"server"}
    for name in headers.keys() - {"date"}:
        assert headers[name] == other_headers[name]


def test_requests_on_one_connection_are_answered_in_their_order(running: Running) -> None:
    bodies = [json.dumps(EVENT | {"target": f"make {number}"}).encode() for number in range(50)]
    with dial(running) as connection:
        connection.sendall(b"".join(head(len(body), running.full) + body for body in bodies))
        answers = [answer(connection) for _ in bodies]
    assert {status for status, _, _ in answers} == {200}
    assert [event.target for event in running.backend.events] == [f"make {number}" for number in range(50)]


def test_head_and_body_may_come_apart(running: Running) -> None:
    with dial(running) as connection:
        for _ in range(3):
            for piece in (head(token=running.full), BODY[:9], BODY[9:]):
                connection.sendall(piece)
            assert answer(connection)[0] == 200


def test_after_events_the_same_connection_can_ask_for_anything(running: Running) -> None:
    with dial(running) as connection:
        connection.sendall(head(token=running.full) + BODY)
        assert answer(connection)[2]["stored"] == 1
        connection.sendall(
            f"GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {running.full}\r\n\r\n".encode()
        )
        assert answer(connection)[2]["actions"] == 1
        connection.sendall(head(token=running.full) + BODY)
        assert answer(connection)[2]["stored"] == 1


def test_a_client_that_sends_no_more_hears_its_answer(running: Running) -> None:
    with dial(running) as connection:
        connection.sendall(head(token=running.full) + BODY)
        connection.shutdown(socket.SHUT_WR)
        assert answer(connection)[2]["stored"] == 1
        assert connection.recv(1) == b""


def test_a_token_that_is_taken_back_ends_at_once(running: Running) -> None:
    with dial(running) as connection:
        connection.sendall(head(token=running.ingest) + BODY)
        assert answer(connection)[0] == 200
        running.tokens.revoke("extension")
        connection.sendall(head(token=running.ingest) + BODY)
        assert answer(connection)[0] == 401
    assert len(running.backend.events) == 1


def test_a_burst_is_reported_to_wait(running: Running) -> None:
    with dial(running) as connection:
        statuses = []
        for _ in range(501):
            connection.sendall(head(token=running.full) + BODY)
            statuses.append(answer(connection)[0])
    assert statuses[:500] == [200] * 500
    assert statuses[500:] == [429]


def test_what_the_program_cannot_do_now_is_said_in_its_words(running: Running) -> None:
    running.backend.fault = KnownError("The disk is full.", "Make room.")
    with dial(running) as connection:
        connection.sendall(head(token=running.full) + BODY)
        status, _, answered = answer(connection)
    assert (status, answered["error"]) == (503, {"message": "The disk is full.", "remedy": "Make room."})


def test_after_a_bug_the_next_event_is_taken(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    running.backend.fault = ZeroDivisionError("a secret")
    with dial(running) as connection:
        connection.sendall(head(token=running.full) + BODY)
        status, _, answered = answer(connection)
        assert status == 500
        assert "secret" not in json.dumps(answered)
        running.backend.fault = None
        connection.sendall(head(token=running.full) + BODY)
        assert answer(connection)[0] == 200
    assert "a secret" in caplog.text


def test_an_event_under_way_is_answered_before_the_stop(running: Running) -> None:
    with dial(running) as connection, ThreadPoolExecutor(1) as threads:
        running.backend.hold_events = True
        connection.sendall(head(token=running.full) + BODY)
        assert running.backend.entered.wait(180)
        stopping = threads.submit(running.api.stop)
        running.backend.gate.set()
        assert answer(connection)[2]["stored"] == 1
        stopping.result(60)


def test_a_client_that_never_reads_holds_nobody_up(running: Running) -> None:
    with dial(running) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        for _ in range(200):
            deaf.sendall(head(token=running.full) + BODY)
        assert running.ask("POST", "/api/log-action", EVENT).status == 200
