"""Messages that nobody in their right mind sends, for every inlet of the running program. The seeds are fixed."""

from __future__ import annotations

import http.client
import json
import random
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from app.paths import from_environment
from collectors.events import KINDS_OF, EventKind, Source
from collectors.work.shell_messages import ALIVE, OWN, spool_folder
from tests.desktop.programs import PATIENCE_S
from tests.desktop.running import Running, until

NEEDLE: Final = "zwitscherleinwort"
"""Stands in most bad messages; the log must not hold it."""
_SPICE: Final = (
    "",
    "\x00",
    "\ud800",
    "é" * 3_000,
    "\u202e",
    "'; DROP TABLE actions",
    "‹redacted:key›",
    NEEDLE,
    NEEDLE * 99,
)
_NUMBERS: Final = (0, -1, -(2**63), 2**63, 10**300, 1.5, True, 1e308)
_CLIENTS: Final = 32
_SILENT_S: Final = 1.0
_PATIENT: Final = 0.8


def wild(draw: random.Random) -> object:
    """An event with something wrong in it, or nothing."""
    source = draw.choice([*Source])
    event: dict[str, object] = {"ts_us": time.time_ns() // 1_000, "source": source, "kind": draw.choice([*EventKind])}
    if draw.random() < 0.5:
        event["kind"] = draw.choice([*KINDS_OF[source]])
    for _ in range(draw.randrange(5)):
        text = draw.choice(_SPICE)
        name = draw.choice(["ts_us", "kind", "app", "target", "title", "duration_us", "detail", text])
        event[name] = draw.choice([text, draw.choice(_NUMBERS), None, [], {}, {text: text}, {"pid": 1}, [text] * 9])
    return draw.choice([event] * 9 + [[event], None, text_of(draw), {}, [[]]])


def text_of(draw: random.Random) -> str:
    return draw.choice(_SPICE)


def bent(draw: random.Random, data: bytes) -> bytes:
    """The bytes, half of the time with some of them changed, cut or added."""
    if not data or draw.random() < 0.5:
        return data
    at = draw.randrange(len(data))
    ways = (data[:at], data[:at] + draw.randbytes(9) + data[at:], data[:at] + draw.randbytes(1) + data[at + 1 :])
    return draw.choice(ways)


def request(draw: random.Random, paths: tuple[str, ...], token: str) -> bytes:
    """An HTTP request, whole or bent in its head or body."""
    body = bent(draw, json.dumps(wild(draw)).encode())
    length: object = draw.choice([len(body)] * 8 + [0, -1, 10**12, NEEDLE])
    head = [
        f"{draw.choice(['POST', 'POST', 'GET', 'PUT', NEEDLE])} {draw.choice(paths)} HTTP/1.1",
        f"Host: {draw.choice(['127.0.0.1', 'localhost', 'evil.example'])}",
        f"Authorization: Bearer {draw.choice([token, token, NEEDLE])}",
        f"Content-Type: {draw.choice(['application/json', 'application/json', NEEDLE])}",
        f"Content-Length: {length}",
        "Connection: close",
    ]
    text = "\r\n".join(head).encode() + b"\r\n\r\n"
    return (bent(draw, text) if draw.random() < 0.2 else text) + body


def exchange(address: tuple[str, int] | str, data: bytes, *, patient: bool = True) -> bytes:
    """What comes back for some bytes; nothing if the other side hung up, or who asks is not patient and does."""
    with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as connection:
        connection.settimeout(PATIENCE_S)
        try:
            connection.connect(address)
            connection.sendall(data)
            if not patient:
                return b"HTTP/1.1 left"
            connection.settimeout(_SILENT_S)  # a request that was cut off is waited for; that is no fault
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except TimeoutError:
            return b"HTTP/1.1 waiting"
        except OSError:
            return b""


class Campaign:
    """Sends bad messages to a running program, and looks at what it made of them.

    Args:
        program: answers; senses commands of terminals.
    """

    def __init__(self, program: Running) -> None:
        self.program = program
        self.paths = from_environment(program.environ)
        self.token = str(program.client.command("token", {"action": "create", "name": "fuzz", "full": False})["token"])

    @property
    def port(self) -> int:
        """Where the local API listens."""
        return int(self.program.output.read_text().split("http://127.0.0.1:")[1].split()[0].rstrip("./"))

    def inlets(self) -> dict[str, Callable[[int], Counter[str]]]:
        """Each inlet, with what sends it so many messages; what came back, counted."""
        api = ("/api/log-action", "/api/status", "/api/pair", "/api/hello", "/api/cleanup", "/", "/%00", "/api/../x")
        control = ("/control/log", "/control/search", "/control/forget", "/control/consent", "/control/x", "/")
        return {
            "local API, events": self.events,
            "local API, requests": lambda number: self.requests(("127.0.0.1", self.port), api, number),
            "control socket": lambda number: self.requests(str(self.paths.socket), control, number),
            "kryptic log": self.lines,
            "letters of shells": self.letters,
        }

    def events(self, number: int) -> Counter[str]:
        """Wild events in requests that are sound."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        answers: Counter[str] = Counter()
        each = 50  # in one request, so that the limit of requests does not keep most of them out
        for first in range(0, number, each):
            batch = [wild(random.Random(seed)) for seed in range(first, min(first + each, number))]
            connection.request("POST", "/api/log-action", json.dumps(batch), headers)
            answer = connection.getresponse()
            reported = json.loads(answer.read())
            if answer.status not in (200, 422):  # such as a request that is too large
                answers[str(answer.status)] += len(batch)
                continue
            answers["refused"] += len(reported.get("refused", batch))
            answers["taken"] += len(batch) - len(reported.get("refused", batch))
        connection.close()
        return answers

    def requests(self, address: tuple[str, int] | str, paths: tuple[str, ...], number: int) -> Counter[str]:
        """Requests of all kinds, several at a time."""

        def one(seed: int) -> str:
            draw = random.Random(seed)
            answer = exchange(address, request(draw, paths, self.token), patient=draw.random() < _PATIENT)
            assert b"Traceback" not in answer
            return answer[9:].split(b" ")[0].split(b"\r")[0].decode("ascii", "replace")[:9] or "hung up"

        with ThreadPoolExecutor(_CLIENTS) as clients:
            return Counter(clients.map(one, range(number)))

    def lines(self, number: int) -> Counter[str]:
        """Lines on the standard input of `kryptic log`."""

        def made() -> Iterator[bytes]:
            for seed in range(number):
                draw = random.Random(seed)
                yield bent(draw, json.dumps(wild(draw)).encode()).replace(b"\n", b"") + b"\n"

        done = subprocess.run(
            self.program.kryptic("log", "--json"),
            env=self.program.environ,
            input=b"".join(made()),
            capture_output=True,
            timeout=4 * PATIENCE_S,
            check=False,
        )
        assert done.stdout, (done.returncode, done.stderr[-2_000:])
        reported = json.loads(done.stdout.decode().splitlines()[-1])
        assert done.returncode in (0, 1), done.stderr  # 1: some lines could not be read
        dropped = (
            sum(reported["dropped"].values()) if isinstance(reported["dropped"], dict) else len(reported["dropped"])
        )
        refused = reported["refused"] if isinstance(reported["refused"], int) else len(reported["refused"])
        # Lines without anything on them count for nothing.
        return Counter(
            stored=reported["stored"], refused=refused, dropped=dropped + reported["noise"] + reported["duplicates"]
        )

    def letters(self, number: int) -> Counter[str]:
        """Files if shells tell of commands; waits until all of them are taken out of there."""
        box = spool_folder(self.program.environ)
        for seed in range(number):
            draw = random.Random(seed)
            fields = (
                draw.choice(("bash", "zsh", NEEDLE)),
                draw.choice(("0", "-1", NEEDLE)),
                "7",
                NEEDLE,
                text_of(draw),
            )
            data = bent(draw, ("\0".join(fields) + "\0").encode("utf-8", "surrogatepass"))
            (box / f"{seed}.{draw.randrange(10**6)}").write_bytes(data)
        until(lambda: not {path.name for path in box.iterdir()} - {ALIVE, OWN}, "all letters are taken")
        return Counter({"taken": number})

    def log_text(self) -> str:
        """Everything the program has written down."""
        logs: list[Path] = sorted(self.paths.log.parent.glob("*.log*"))
        return "".join(each.read_text(errors="replace") for each in logs) + self.program.output.read_text(
            errors="replace"
        )
