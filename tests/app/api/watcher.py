"""A program of ActivityWatch's, in a process of its own: its real client does what a line of JSON says, and tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BAD_VALUES = (
    *(None, True, -1, 2**70, 1e308),
    *("", "x" * 5_000, "\ud800"),
    *([], {}, [[]], {"app": {}}),
)
"""What no watcher would say anywhere."""

_PROGRAM = """
import json, logging, sys
from datetime import datetime
from aw_client import ActivityWatchClient
from aw_core.models import Event

logging.disable(logging.CRITICAL)
clients = {}

def event(raw):
    return Event(timestamp=raw["timestamp"], duration=raw.get("duration", 0), data=raw["data"])

def reported(value):
    if isinstance(value, Event):
        return value.to_json_dict()
    return [reported(each) for each in value] if isinstance(value, list) else value

def moments(periods):
    return [tuple(map(datetime.fromisoformat, period)) for period in periods]

for line in sys.stdin:
    port, name, arguments = json.loads(line)
    if port not in clients:
        clients[port] = ActivityWatchClient(f"aw-watcher-test-{port}", host="127.0.0.1", port=port)
    client = clients[port]
    arguments = [event(each) if isinstance(each, dict) and "timestamp" in each else each for each in arguments]
    if name == "insert_events":
        arguments[1] = [event(each) for each in arguments[1]]
    if name == "query":
        arguments[1] = moments(arguments[1])
    if name == "get_events":
        arguments[2:] = [datetime.fromisoformat(each) for each in arguments[2:]]
    try:
        if name == "queued":
            client.create_bucket(arguments[0], arguments[1], queued=True)
            client.connect()
            for each in arguments[2]:
                client.heartbeat(arguments[0], event(each), pulsetime=arguments[3], queued=True, commit_interval=1.0)
            answer = None
        else:
            answer = getattr(client, name)(*arguments)
        print(json.dumps({"answer": reported(answer)}), flush=True)
    except Exception as error:
        response = getattr(error, "response", None)
        status = None if response is None else response.status_code
        print(json.dumps({"error": str(error), "status": status}), flush=True)
"""


class RefusedError(Exception):
    """The client raised; `status` is the answer's, if there was one."""

    def __init__(self, message: str, status: int | None) -> None:
        super().__init__(message)
        self.status = status


class Watcher:
    """The client, at the other end of a pipe; pointed to a port, and then to another."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = 0

    def __call__(self, name: str, *arguments: Any) -> Any:
        """Call a method of the client."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([self.port, name, arguments]) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        if "error" in said:
            raise RefusedError(said["error"], said["status"])
        return said["answer"]


@contextmanager
def watcher(home: Path) -> Iterator[Watcher]:
    """A client with a home of its own."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**ours, "HOME": str(home), "NO_PROXY": "*"},
    )
    try:
        yield Watcher(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(180)
        process.stdout.close()
