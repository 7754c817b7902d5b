"""The whole program on a real desktop: it records, pauses, hides in the tray, comes back, and survives its death."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.paths import from_environment
from tests.desktop.fixtures import needs
from tests.desktop.programs import PATIENCE_S, Desktop, session_bus
from tests.desktop.running import Running, home, running, until

pytestmark = pytest.mark.desktop
WINDOW = "^KrypticTrack$"


@pytest.fixture
def environ(desktop: Desktop, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A home of its own on a desktop with a session bus and no keyring."""
    root = tmp_path / "person"
    root.mkdir()
    with session_bus() as address:
        yield {**home(root, desktop.environ), "DBUS_SESSION_BUS_ADDRESS": address}


def set_up(program_environ: dict[str, str]) -> None:
    """The first start, by the command line."""
    first = Running(program_environ, "--headless")
    first.ready()
    first.ask("consent", grant=["window"], revoke=[])
    assert first.stop() == 0


def visible(desktop: Desktop) -> bool:
    found = desktop.start("xdotool", "search", "--onlyvisible", "--name", WINDOW)
    return found.wait(PATIENCE_S) == 0


def seen(program: Running) -> None:
    """Wait until its own window has come up and was sensed: it takes the focus from whatever has it before."""
    until(lambda: "KrypticTrack" in titles(program), "its own window came up and was seen")


def titles(program: Running) -> list[str]:
    return [row["title"] for row in program.rows() if row["source"] == "window"]


def test_every_switch_is_recorded_with_its_title_and_closed_by_the_next(
    desktop: Desktop, environ: dict[str, str]
) -> None:
    set_up(environ)
    notes, mail = desktop.terminal("notes"), desktop.terminal("mail ünïcode")
    with running(environ) as program:
        seen(program)
        for window in (notes, mail, notes, mail):
            desktop.activate(window)
        until(lambda: titles(program)[-4:] == ["notes", "mail ünïcode"] * 2, "the four switches are stored")
        rows = [row for row in program.rows() if row["source"] == "window"][-4:]
    for row, following in pairwise(rows):
        assert row["ts_us"] + row["duration_us"] == following["ts_us"]


def test_a_pause_records_nothing_and_an_end_of_it_the_window_then_in_focus(
    desktop: Desktop, environ: dict[str, str]
) -> None:
    set_up(environ)
    before, secret = desktop.terminal("before"), desktop.terminal("while paused")
    after = desktop.terminal("after")
    with running(environ) as program:
        seen(program)
        desktop.activate(before)
        until(lambda: "before" in titles(program), "the first window is stored")
        program.ask("pause", seconds=None)
        until(lambda: not program.sensing("window"), "the sense has stopped")
        desktop.activate(secret)
        desktop.activate(after)
        program.ask("resume")
        until(lambda: titles(program)[-1] == "after", "the window in focus is stored")
        assert "while paused" not in titles(program)


def test_without_a_tray_the_window_is_the_way_in(desktop: Desktop, environ: dict[str, str]) -> None:
    set_up(environ)
    with running(environ, "--background"):
        until(lambda: visible(desktop), "the window is shown")


def test_with_a_tray_it_starts_hidden_and_a_second_start_brings_the_window_up(
    desktop: Desktop, environ: dict[str, str]
) -> None:
    needs("trayer")
    desktop.start("trayer", "--edge", "bottom", "--width", "20", "--height", "32")
    desktop.window("panel")
    set_up(environ)
    with running(environ, "--background") as program:
        assert not visible(desktop)
        second = program.cli("run")
        assert second.returncode == 0
        assert "running already" in second.stdout
        until(lambda: visible(desktop), "the window is shown")


def test_acknowledged_events_survive_a_kill_and_the_next_start_is_clean(
    desktop: Desktop, environ: dict[str, str]
) -> None:
    set_up(environ)
    program = Running(environ, "--background").ready()
    event = {"ts_us": 1_760_000_000_000_000, "source": "terminal", "kind": "command", "app": "bash"}
    for number in range(50):
        assert program.ask("log", events=[{**event, "target": f"echo {number}"}])["stored"] == 1
    program.stop(signal.SIGKILL)
    with running(environ, "--background") as again:
        commands = {row["target"] for row in again.rows() if row["source"] == "terminal"}
    assert commands == {f"echo {number}" for number in range(50)}
    assert "Traceback" not in again.output.read_text()


def test_when_the_x_server_dies_the_program_ends_and_what_it_saw_is_kept(
    desktop: Desktop, environ: dict[str, str]
) -> None:
    set_up(environ)
    notes = desktop.terminal("notes")
    with running(environ) as program:
        seen(program)
        desktop.activate(notes)
        until(lambda: "notes" in titles(program), "the window is stored")
        desktop.server.kill()
        program.process.wait(PATIENCE_S)
    with running(environ, "--headless") as headless:
        assert "notes" in titles(headless)


def test_a_dead_x_server_ends_a_sense_alone_where_there_is_no_window(desktop: Desktop, environ: dict[str, str]) -> None:
    set_up(environ)
    with running(environ, "--headless") as program:
        until(lambda: program.sensing("window"), "windows are sensed")
        desktop.server.kill()
        window: dict[str, Any] = {}

        def is_noticed() -> bool:
            window.update(next(each for each in program.ask("status")["sources"] if each["name"] == "window"))
            return window["state"] in {"restarting", "unavailable", "failed"}

        until(is_noticed, "the loss is noticed")
        assert window["reason"]
        assert window["remedy"]


def test_without_a_display_it_says_so_and_runs(tmp_path: Path) -> None:
    root = tmp_path / "person"
    root.mkdir()
    environ = home(root)
    del environ["QT_QPA_PLATFORM"]
    with running(environ) as program:
        done = program.cli("status", "--json")
        assert json.loads(done.stdout)["recording"] == "no consent yet"
    said = program.output.read_text()
    assert "There is no display" in said
    assert "Recovery code" in said
    assert "no consent" in said


def test_a_wrong_passphrase_is_a_sentence_and_no_start(tmp_path: Path) -> None:
    root = tmp_path / "person"
    root.mkdir()
    environ = home(root)
    del environ["QT_QPA_PLATFORM"]
    with running(environ, "--headless"):
        pass
    wrong = Running(environ, "--headless")
    wrong.stop(signal.SIGKILL)
    wrong.passphrase_file.write_text("something else\n")
    done = wrong.cli("run", "--headless")
    assert done.returncode == 1
    assert "passphrase does not open the store" in done.stderr


def test_a_wipe_ends_the_running_program_and_leaves_nothing_of_it(tmp_path: Path) -> None:
    root = tmp_path / "person"
    root.mkdir()
    environ = home(root)
    with running(environ, "--headless") as program:
        program.ask("log", events=[{"ts_us": 1_760_000_000_000_000, "source": "terminal", "kind": "command"}])
        done = program.cli("wipe", "--yes", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["ended"], done.stderr
        assert program.process.wait(PATIENCE_S) == 0
    paths = from_environment(environ)
    assert not any(place.exists() for place in (paths.data, paths.state, paths.cache, paths.config, paths.runtime))


def test_a_running_program_forgets_what_it_is_reported_to(tmp_path: Path) -> None:
    root = tmp_path / "person"
    root.mkdir()
    with running(home(root), "--headless") as program:
        event = {"source": "terminal", "kind": "command", "app": "bash"}
        lines = [f"{'zwitscherlein' if number % 2 else 'make'} {number}" for number in range(20)]
        events = [{**event, "ts_us": 1_760_000_000_000_000 + n, "target": line} for n, line in enumerate(lines)]
        program.ask("log", events=events)
        until(lambda: any("zwitscherlein" in each["action"] for each in program.ask("next")), "it is foretold")
        reported = json.loads(program.cli("forget", "--search", "zwitscherlein", "--yes", "--json").stdout)
        assert (reported["actions"], reported["dry_run"]) == (10, False)
        assert {row["target"].split()[0] for row in program.rows()} == {"make"}
        assert all("zwitscherlein" not in each["action"] for each in program.ask("next"))
