"""A pause holds at every inlet of the real program, and over a restart: no row is stored until somebody resumes."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.paths import from_environment
from app.services.access.unlock import Credentials, first_start
from collectors.work.shell_messages import ALIVE, OWN, spool_folder
from tests.desktop.programs import PATIENCE_S
from tests.desktop.running import PASSPHRASE, Running, home, until

SENSED = ("terminal", "browser", "editor")
KNOCKED = 8
"""Actions of one knock at every inlet."""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    root = tmp_path / "person"
    root.mkdir()
    made = home(root)
    made["QT_QPA_PLATFORM"] = "offscreen"
    paths = from_environment(made)
    paths.create()
    first_start(paths, Credentials(passphrase=PASSPHRASE, use_secret_service=False)).store.close()
    return made


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Callable[[], Running]]:
    started: list[Running] = []

    def begin() -> Running:
        started.append(Running(environ, "--headless"))
        return started[-1].ready()

    yield begin
    for each in started:
        each.stop()


def event(**fields: object) -> dict[str, object]:
    return {"ts_us": time.time_ns() // 1_000, "source": "terminal", "kind": "command", "app": "bash", **fields}


def port(program: Running) -> int:
    """Where its local API listens; the latest start wrote it last."""
    return int(program.output.read_text().rsplit("http://127.0.0.1:", 1)[1].split()[0].rstrip("./"))


def post(program: Running, token: str, sent: object) -> int:
    """What the local API answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port(program), timeout=PATIENCE_S)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/log-action", json.dumps(sent), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def letter(program: Running, name: str) -> None:
    """Tell of a command as a shell does, and wait until it is taken if somebody listens."""
    box = spool_folder(program.environ)
    box.mkdir(parents=True, exist_ok=True)
    (box / f"{name}.1").write_bytes(b"\0".join((b"bash", b"0", b"5", b"/tmp", f"make {name}".encode())) + b"\0")
    if program.sensing("terminal"):
        until(lambda: not {path.name for path in box.iterdir()} - {ALIVE, OWN}, "the letter is taken")


def knock(program: Running, token: str, name: str) -> None:
    """Send something to every inlet."""
    assert post(program, token, event(target=f"one {name}")) == 200
    assert post(program, token, [event(target=f"many {name}"), event(target=f"more {name}")]) == 200
    visit = {"source": "browser", "kind": "visit", "app": "chromium", "target": f"https://example.org/{name}"}
    save = {"source": "editor", "kind": "save", "app": "code", "target": f"/tmp/{name}.py"}
    assert post(program, token, [event(**visit), event(**save)]) == 200
    program.ask("log", events=[event(target=f"socket {name}")])
    assert program.cli("log", stdin=json.dumps(event(target=f"line {name}")) + "\n").returncode == 0
    letter(program, name)


def actions(program: Running) -> int:
    return int(program.ask("status")["actions"])


def test_no_row_is_stored_in_a_pause_whatever_comes_in_and_over_a_restart(start: Callable[[], Running]) -> None:
    program = start()
    known = {source["name"] for source in program.ask("status")["sources"]}
    program.ask("consent", grant=sorted(known & set(SENSED)), revoke=[])
    until(lambda: program.sensing("terminal"), "commands are sensed")
    token = str(program.client.command("token", {"action": "create", "name": "it", "full": False})["token"])
    knock(program, token, "before")
    until(lambda: actions(program) >= KNOCKED, "what came before the pause is stored")

    program.ask("pause", seconds=None)
    until(lambda: not program.sensing("terminal"), "the senses have ended")
    paused_at = actions(program)
    knock(program, token, "paused")
    assert actions(program) == paused_at
    program.stop()

    again = start()
    assert again.ask("status")["recording"] == "paused"
    knock(again, token, "restarted")
    assert actions(again) == paused_at

    again.ask("resume")
    until(lambda: again.sensing("terminal"), "commands are sensed again")
    knock(again, token, "after")
    until(lambda: actions(again) >= paused_at + KNOCKED, "what came after the pause is stored")
    stored = json.dumps(again.rows())
    assert "after" in stored
    assert "before" in stored
    assert "paused" not in stored
    assert "restarted" not in stored
