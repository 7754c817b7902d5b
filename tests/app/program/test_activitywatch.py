"""Letting ActivityWatch's programs in: off at first, one switch, and closed again at once."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.paths import Paths
from app.program.program import Program
from collectors.events import Source
from tests.app.cli.test_main import Kryptic, kryptic
from tests.app.running import Make, clock, hand, make, paths
from tests.app.senses import HandSense
from tests.app.services.conftest import NOW_US

__all__ = ["clock", "hand", "kryptic", "make", "paths"]


@pytest.fixture
def program(make: Make) -> Program:
    made = make(watcher_port=0)
    made.start()
    return made


def allow(program: Program, qtbot: QtBot, **fields: object) -> None:
    with qtbot.waitSignal(program.settings_changed):
        program.change_settings(**fields)


def status_of(port: int, path: str, body: object = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    data = None if body is None else json.dumps(body)
    connection.request("GET" if body is None else "POST", path, data, {"Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_no_port_is_open_until_the_user_says_so(program: Program) -> None:
    assert not program.watchers.running
    assert program.commands.command("activitywatch", {"action": "status"}, lambda _: None) == {
        "watchers": False,
        "reading": False,
        "port": 0,
    }


def test_the_switch_opens_the_port_and_closes_it(program: Program, qtbot: QtBot) -> None:
    allow(program, qtbot, activitywatch=True)
    port = program.watchers.port
    assert status_of(port, "/api/0/info") == 200
    assert status_of(port, "/api/0/buckets/") == 403
    allow(program, qtbot, activitywatch_reading=True)
    assert status_of(port, "/api/0/buckets/") == 200
    allow(program, qtbot, activitywatch=False)
    with pytest.raises(ConnectionRefusedError):
        status_of(port, "/api/0/info")


def test_the_command_switches_both_and_off_closes_reading_too(program: Program, qtbot: QtBot) -> None:
    def run(action: str) -> dict[str, object]:
        with qtbot.waitSignal(program.settings_changed):
            return program.commands.command("activitywatch", {"action": action}, lambda _: None)

    assert run("read-on")["reading"] is True
    assert run("off") == {"watchers": False, "reading": False, "port": program.watchers.port}
    assert program.core.preferences.settings.activitywatch_reading is False


def test_what_a_running_sense_sees_is_not_taken_twice(program: Program, hand: HandSense, qtbot: QtBot) -> None:
    assert not program.senses.is_sensing(Source.TERMINAL)
    allow(program, qtbot, consent=frozenset({Source.TERMINAL}))
    qtbot.waitUntil(lambda: program.senses.is_sensing(Source.TERMINAL))
    assert not program.senses.is_sensing(Source.WINDOW)


def test_a_taken_port_is_reported_once(make: Make, qtbot: QtBot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        program = make(watcher_port=other.getsockname()[1])
        program.start()
        said: list[str] = []
        program.noticed.connect(said.append)
        allow(program, qtbot, activitywatch=True)
        allow(program, qtbot, keep_days=31)
    assert [text for text in said if "watchers are not listened to" in text] == said
    assert len(said) == 1
    assert not program.watchers.running


def test_a_made_up_life_stays_made_up(make: Make, paths: Paths, qtbot: QtBot) -> None:
    program = make(profile=replace(paths, is_sample=True), watcher_port=0)
    program.start()
    allow(program, qtbot, activitywatch=True)
    assert not program.watchers.running


def test_a_heartbeat_while_paused_is_not_stored(program: Program, qtbot: QtBot) -> None:
    allow(program, qtbot, activitywatch=True, paused_until_us=2**62)
    port = program.watchers.port
    bucket = {"type": "currentwindow", "client": "c", "hostname": "h"}
    assert status_of(port, "/api/0/buckets/aw-watcher-window_h", bucket) == 200
    beat = {"timestamp": "2025-10-09T11:59:00+00:00", "duration": 5, "data": {"app": "a", "title": "b"}}
    assert NOW_US > 1_760_011_140_000_000
    assert status_of(port, "/api/0/buckets/aw-watcher-window_h/heartbeat?pulsetime=5", beat) == 200
    with program.core.store.reader() as reader:
        assert reader.counts().actions == 0


def test_the_command_line_says_what_it_opens(kryptic: Kryptic) -> None:
    assert kryptic("init").status == 0
    assert "No port is open" in kryptic("activitywatch").out
    assert "without a token" in kryptic("activitywatch", "on").out
    assert "They may read, too" in kryptic("activitywatch", "read-on").out
    assert kryptic("activitywatch", "status", "--json").json == {"watchers": True, "reading": True, "port": 0}
    assert "Off" in kryptic("activitywatch", "off").out
    assert kryptic("activitywatch", "maybe").status == 2
