"""ActivityWatch's own server, as its users install it, in an environment and a home of its own: something to compare with.

It is no dependency of the program: a benchmark installs it, and takes it away again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from typing import Final

from tests.benchmarks.loopback import LOOPBACK, WARM_UP, Job, Line, Rate, request

# The newest server does not name the newest peewee it works with: since 4.0 each heartbeat is answered with an error.
PACKAGES: Final = ("aw-server", "peewee<4")
START_SECONDS: Final = 1_760_000_000
_START_LIMIT_S: Final = 60.0
_INSTALL_LIMIT_S: Final = 300.0


class NotHadError(Exception):
    """The package cannot be installed or started here; the message says why."""


def install(directory: Path) -> Path:
    """Install the server into a new virtual environment; the interpreter to run it with.

    Raises:
        NotHadError: if it cannot be had.
    """
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_LIMIT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotHadError(f"pip took longer than {_INSTALL_LIMIT_S:.0f} s") from error
    if done.returncode:
        raise NotHadError((done.stderr.strip() or done.stdout.strip()).splitlines()[-1])
    return python


@contextmanager
def serving(python: Path, home: Path) -> Iterator[int]:
    """Run the server on a free port, with its data under `home`; gives the port.

    Raises:
        NotHadError: if it does not start.
    """
    port = _free_port()
    home.mkdir(parents=True)
    command = [str(python), "-m", "aw_server", "--host", LOOPBACK, "--port", str(port)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=_environ(home), stdout=log, stderr=log, cwd=home)
    try:
        _wait_until_it_answers(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def jobs(port: int, run: int, clients: int, heartbeats: int) -> list[Job]:
    """What aw-client sends: one bucket a client, then heartbeats, each for a new thing, so that each is stored."""
    made: list[Job] = []
    for number in range(clients):
        bucket = f"/api/0/buckets/bench-{run}-{number}"
        line = Line(port)
        description = {"client": "bench", "hostname": "bench", "type": "currentwindow"}
        answer = line.ask(request(port, bucket, json.dumps(description).encode()))
        line.close()
        if b" 200 " not in answer[:20]:
            raise NotHadError(f"no bucket could be made: {answer[:60]!r}")
        requests = tuple(
            request(port, f"{bucket}/heartbeat?pulsetime=6.0", _heartbeat(index))
            for index in range(WARM_UP + heartbeats)
        )
        made.append(Job(port, requests, b" 200 OK"))
    return made


def own_client(python: Path, home: Path, port: int, run: int, heartbeats: int) -> Rate:
    """One client as ActivityWatch's watchers are: aw-client's own `heartbeat`, each waiting for its answer."""
    command = [str(python), "-c", _OWN_CLIENT, str(port), str(run), str(heartbeats), str(WARM_UP)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_INSTALL_LIMIT_S, check=True, cwd=home, env=_environ(home)
    )
    return Rate.of([float(taken) for taken in done.stdout.split()])


_OWN_CLIENT: Final = """
import sys, time
from datetime import datetime, timedelta, timezone
from aw_client import ActivityWatchClient
from aw_core.models import Event
port, run, heartbeats, warm_up = map(int, sys.argv[1:])
client = ActivityWatchClient("bench", host="127.0.0.1", port=port)
bucket = f"bench-own-{run}"
client.create_bucket(bucket, "currentwindow")
begin = datetime(2025, 10, 9, tzinfo=timezone.utc) + timedelta(days=run)
for index in range(warm_up + heartbeats):
    event = Event(timestamp=begin + timedelta(seconds=index), data={"app": "bash", "title": f"make target-{index % 50}"})
    start_s = time.perf_counter()
    client.heartbeat(bucket, event, pulsetime=6.0, queued=False)
    if index >= warm_up:
        print(time.perf_counter() - start_s)
"""


def _heartbeat(index: int) -> bytes:
    moment = datetime.fromtimestamp(START_SECONDS + index, UTC).isoformat()
    data = {"app": "bash", "title": f"make target-{index % 50}"}
    return json.dumps({"timestamp": moment, "duration": 0, "data": data}).encode()


def _environ(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON"))}
    return kept | {"HOME": str(home)}


def _free_port() -> int:
    with socket(AF_INET, SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    until_s = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < until_s:
        if process.poll() is not None:
            raise NotHadError(f"it ended with status {process.returncode} on Python {sys.version.split()[0]}")
        try:
            urllib.request.urlopen(f"http://{LOOPBACK}:{port}/api/0/info", timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise NotHadError(f"it did not answer within {_START_LIMIT_S:.0f} s")
