"""The counter as a program of its own, on devices of the test's making, and the sense that listens to it."""

from __future__ import annotations

import json
import logging
import os
import pwd
import random
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.collector import Unavailable
from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.input import counter as input_counter
from collectors.desktop.input import wayland
from collectors.desktop.input.collector import RhythmCollector
from collectors.desktop.input.counter import Kind, presses
from collectors.desktop.input.wayland import CountedRhythmCollector
from collectors.desktop.window.foreground import Foreground, HiddenReason
from collectors.events import Event, EventKind, RhythmDetail, Source
from tests.checkout import ROOT
from tests.collectors.run_collector import running
from tests.desktop.fixtures import needs
from tests.desktop.programs import PATIENCE_S, end
from tests.desktop.running import until

KEY, RELATIVE, SYNC = 1, 2, 0
A, BACKSPACE, DELETE, LEFT, TOUCH, WHEEL, WHEEL_FINE, MOVE = 30, 14, 111, 0x110, 0x14A, 8, 11, 0
SEED = 20_261_121
EDITOR, SHELL = FocusedWindow("code", "notes", None), FocusedWindow("foot", "bash", None)


def kernel(kind: int, code: int, value: int, at_ms: int = 0) -> bytes:
    return struct.pack("@llHHi", at_ms // 1_000, at_ms % 1_000 * 1_000, kind, code, value)


def pressed(code: int, at_ms: int = 0) -> bytes:
    return kernel(KEY, code, 1, at_ms) + kernel(SYNC, 0, 0, at_ms) + kernel(KEY, code, 0, at_ms)


def keys_of(event: Event) -> int:
    assert isinstance(event.detail, RhythmDetail)
    return event.detail.keys


def kinds(data: bytes) -> list[Kind]:
    return [press.kind for press in presses(data)]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (pressed(A), [Kind.KEY]),
        (pressed(BACKSPACE) + pressed(DELETE), [Kind.CORRECTION] * 2),
        (pressed(LEFT), [Kind.CLICK]),
        (kernel(RELATIVE, WHEEL, -2), [Kind.SCROLL] * 2),
        (kernel(KEY, A, 2) * 9, []),  # held down
        (pressed(TOUCH) + kernel(RELATIVE, MOVE, 40) + kernel(RELATIVE, WHEEL_FINE, 120), []),
        (pressed(A)[:-5], [Kind.KEY]),
    ],
)
def test_what_the_kernel_tells_is_distinguished(data: bytes, found: list[Kind]):
    assert kinds(data) == found


@given(st.integers(1, 0xFF), st.integers(1, 0xFF))
def test_two_keys_that_take_nothing_back_make_the_same_press(first: int, second: int):
    letters = {first, second} - {BACKSPACE, DELETE}
    assert all(list(presses(pressed(code, 7_000))) == list(presses(pressed(A, 7_000))) for code in letters)


@given(st.binary(max_size=200))
def test_any_bytes_are_presses_or_nothing(data: bytes):
    assert len(kinds(data)) <= input_counter._MOST_STEPS * len(data) / 24


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: a socket's must be."""
    path = Path(tempfile.mkdtemp(prefix="input-"))
    yield path
    shutil.rmtree(path)


class Device:
    """A device file that the test writes to as the kernel would."""

    def __init__(self, folder: Path, name: str = "event0") -> None:
        os.mkfifo(folder / name)
        self._writing = os.open(folder / name, os.O_RDWR)

    def send(self, data: bytes) -> None:
        assert os.write(self._writing, data) == len(data)

    def close(self) -> None:
        os.close(self._writing)


@pytest.fixture
def device(folder: Path) -> Iterator[Device]:
    made = Device(folder)
    yield made
    made.close()


def start_counter(folder: Path, output: int, interval_s: float) -> subprocess.Popen[bytes]:
    """As systemd does: alone, isolated from everything of the user's."""
    command = [sys.executable, "-I", input_counter.__file__, str(folder), str(interval_s)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output)


class Lines:
    """The counter's output."""

    def __init__(self, folder: Path, interval_s: float = 0.2) -> None:
        self._reading, output = socket.socketpair()
        self._reading.settimeout(PATIENCE_S)
        self.process = start_counter(folder, output.fileno(), interval_s)
        output.close()
        self._file = self._reading.makefile()

    def next(self) -> dict[str, int]:
        line: dict[str, int] = json.loads(self._file.readline())
        return line

    def turn(self) -> None:
        """Tell it that another window has the focus."""
        self._reading.sendall(b".")

    def hang_up(self) -> None:
        self._file.close()
        self._reading.close()


@contextmanager
def counter(folder: Path) -> Iterator[Lines]:
    lines = Lines(folder)
    try:
        yield lines
    finally:
        lines.hang_up()
        end(lines.process)


def test_the_program_tells_counts_and_gaps_of_an_interval_and_nothing_of_a_key(folder: Path, device: Device):
    with counter(folder) as lines:
        assert lines.next() == {"devices": 1, "parts": 4}
        device.send(
            pressed(A, 1_000) + pressed(BACKSPACE, 1_100) + pressed(LEFT, 1_400) + kernel(RELATIVE, WHEEL, 1, 1_400)
        )
        reported = lines.next()
    assert reported.pop("interval_us") >= 200_000
    assert reported == {
        "keys": 2,
        "corrections": 1,
        "clicks": 1,
        "scrolls": 1,
        "mean_gap_us": 133_333,
        "longest_gap_us": 300_000,
        "bursts": 0,
        "burst_keys": 0,
        "burst_us": 0,
        "first_turn": 0,
        "last_turn": 0,
        "ended_ago_us": 0,
    }


def test_a_byte_that_is_sent_back_ends_a_part(folder: Path, device: Device):
    with counter(folder) as lines:
        lines.next()
        turns = 0
        found: dict[str, int] = {}
        while not found.get("ended_ago_us"):  # until the byte was read within the interval
            device.send(pressed(A))
            lines.turn()
            turns += 1
            found = lines.next()
        after: dict[str, int] = {}
        while after.get("first_turn", 0) < turns:
            device.send(pressed(A))
            after = lines.next()
    assert 0 <= found["first_turn"] <= found["last_turn"] <= turns
    assert after["last_turn"] == turns


def test_a_device_that_is_plugged_in_later_is_counted_and_one_that_goes_is_no_end(folder: Path):
    first = Device(folder)
    with counter(folder) as lines:
        assert lines.next() == {"devices": 1, "parts": 4}
        second = Device(folder, "event1")
        second.send(pressed(A))  # lies there until it is looked for
        assert lines.next()["keys"] == 1
        (folder / "event0").unlink()
        first.close()
        second.send(pressed(A))
        assert lines.next()["keys"] == 1
    second.close()


def test_it_ends_when_nobody_listens_any_more(folder: Path, device: Device):
    lines = Lines(folder)
    lines.next()
    lines.hang_up()
    assert lines.process.wait(PATIENCE_S) == 0


def test_without_a_device_it_says_so(folder: Path):
    with counter(folder) as lines:
        assert lines.next() == {"devices": 0, "parts": 4}


class Started:
    """A socket that starts what serves it for whoever connects, as systemd does for this one."""

    def __init__(self, address: Path, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(address))
        self._listening.listen()
        self._end, self._ended = socket.socketpair()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def close(self) -> None:
        self._end.close()
        self._thread.join(PATIENCE_S)
        self._listening.close()
        self._ended.close()

    def _work(self) -> None:
        while self._ended not in select.select([self._listening, self._ended], [], [])[0]:
            link, _ = self._listening.accept()
            with link:
                self._serve(link)


@contextmanager
def served(
    address: Path, serve: Callable[[socket.socket], None], front: Foreground | None = None
) -> Iterator[CountedRhythmCollector]:
    started = Started(address, serve)
    try:
        yield CountedRhythmCollector(address, front)
    finally:
        started.close()


def test_the_sense_passes_on_what_the_program_counts(folder: Path, device: Device):
    programs: list[subprocess.Popen[bytes]] = []

    def serve(link: socket.socket) -> None:
        programs.append(start_counter(folder, link.fileno(), 0.2))

    try:
        with served(folder / "counts", serve) as sense:
            assert sense.check() is None
            until(lambda: len(programs) == 1, "who started it knows of it")
            assert programs[0].wait(PATIENCE_S) == 0  # a press goes to one reader here, unlike the kernel's
            with running(sense) as work:
                device.send(pressed(A, 1_000) + pressed(A, 1_050))
                event = work.until(lambda event: event.kind is EventKind.RHYTHM)
                assert work.stop()
            until(lambda: len(programs) == 2, "who started it knows of it")
            assert programs[1].wait(PATIENCE_S) == 0
    finally:
        for program in programs:
            end(program)
    assert (event.source, event.app, event.target, event.title) == (Source.INPUT, None, None, None)
    assert isinstance(event.detail, RhythmDetail)
    assert (event.detail.keys, event.detail.mean_gap_us) == (2, 50_000)


def line(turn: int, keys: int, last_turn: int | None = None) -> bytes:
    where = {"first_turn": turn, "last_turn": turn if last_turn is None else last_turn, "ended_ago_us": 2_000_000}
    return json.dumps({"interval_us": 3_000_000, "keys": keys, **where}).encode() + b"\n"


def test_counts_go_to_the_window_they_were_made_in_and_nowhere_for_a_hidden_one(folder: Path):
    front = Foreground()
    front.show(EDITOR)
    heard: list[bytes] = []

    def serve(link: socket.socket) -> None:
        link.sendall(b'{"devices":1,"parts":4}\n' + line(0, 1))
        for turn in (1, 2, 3):
            heard.append(link.recv(1))
            link.sendall(line(turn, 10 * turn))
        link.sendall(line(2, 50, 3) + line(3, 60) + line(9, 70))
        link.recv(1)

    with served(folder / "counts", serve, front) as sense, running(sense) as work:
        work.until(lambda event: event.app == "code")
        front.show(HiddenReason.HIDDEN)
        work.until_true(lambda: len(heard) == 1)
        front.show(SHELL)
        work.until(lambda event: event.app == "foot")
        front.show(EDITOR)
        work.until(lambda event: keys_of(event) == 60)
        work.stop()
    assert [(event.app, keys_of(event)) for event in work.events] == [
        ("code", 1),
        ("foot", 20),
        ("code", 30),
        ("code", 60),
    ]
    assert not any(event.title or event.target for event in work.events)
    assert heard == [b"."] * 3
    assert work.events[0].detail == RhythmDetail(3_000_000, keys=1)


def test_a_counter_of_an_older_version_is_reported_of_no_window_and_its_counts_go_to_none(folder: Path):
    front = Foreground()
    front.show(EDITOR)
    reported: list[bytes] = []

    def serve(link: socket.socket) -> None:
        link.sendall(b'{"devices":1}\n{"interval_us":10000000,"keys":1}\n')
        reported.append(link.recv(1))  # until it hangs up

    with served(folder / "counts", serve, front) as sense, running(sense) as work:
        work.until(lambda event: keys_of(event) == 1)
        front.show(SHELL)
        work.stop()
    assert [event.app for event in work.events] == [None]
    assert reported == [b""]


def test_the_program_and_the_sense_agree_on_the_window(folder: Path, device: Device):
    front = Foreground()
    front.show(EDITOR)
    programs: list[subprocess.Popen[bytes]] = []
    try:
        serve = lambda link: programs.append(start_counter(folder, link.fileno(), 0.2))  # noqa: E731
        with served(folder / "counts", serve, front) as sense, running(sense) as work:
            for window in (EDITOR, SHELL, EDITOR, SHELL):
                front.show(window)
                before = len(work.events)
                while not any(event.app == window.app for event in work.events[before:]):
                    seen = len(work.events)
                    device.send(pressed(A))
                    work.until_true(lambda seen=seen: len(work.events) > seen)
            work.stop()
    finally:
        for program in programs:
            end(program)


def test_a_counter_that_goes_away_is_a_clear_error(folder: Path):
    with served(folder / "counts", lambda link: link.sendall(b'{"devices":1}\n')) as sense, running(sense) as work:
        assert "closed the connection" in work.until_error().unavailable.reason


def test_ten_thousand_bad_lines_leave_it_at_work(folder: Path, caplog: pytest.LogCaptureFixture):
    draw = random.Random(SEED)
    bad = [
        lambda: draw.randbytes(draw.randrange(60)).replace(b"\n", b""),
        lambda: json.dumps({"keys": draw.randrange(9)}).encode(),
        lambda: json.dumps({"interval_us": 10_000_000, "keys": draw.choice([-1, 10**9, "a", None, 1.5])}).encode(),
        lambda: json.dumps({"interval_us": draw.choice([-1, 10**18]), "keys": 1}).encode(),
        lambda: json.dumps({"interval_us": 10_000_000, "keys": 1, "text": "secret"}).encode(),
        lambda: json.dumps([1, 2]).encode(),
    ]

    def serve(link: socket.socket) -> None:
        link.sendall(b'{"devices":1}\n')
        link.sendall(b"".join(draw.choice(bad)() + b"\n" for _ in range(10_000)))
        link.sendall(b"x" * 200_000 + b"\n")
        link.sendall(b'{"interval_us":10000000,"keys":7}\n')
        link.recv(1)  # until it hangs up

    with caplog.at_level(logging.WARNING), served(folder / "counts", serve) as sense, running(sense) as work:
        work.until(lambda event: isinstance(event.detail, RhythmDetail) and event.detail.keys == 7)
        events = work.stop()
    assert len(events) == 1
    assert "secret" not in caplog.text
    assert 1 <= len([record for record in caplog.records if "were refused" in record.message]) <= 11


@pytest.mark.parametrize(("hello", "word"), [(b'{"devices":0}\n', "no input device"), (b"what\n", "no input device")])
def test_a_counter_that_sees_nothing_is_said(folder: Path, hello: bytes, word: str):
    with served(folder / "counts", lambda link: link.sendall(hello)) as sense:
        trouble = sense.check()
    assert trouble is not None
    assert word in trouble.reason


def test_on_wayland_it_is_said_what_would_help(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wayland, "SOCKET", folder / "counts")
    trouble = RhythmCollector({"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": str(folder)}).check()
    assert isinstance(trouble, Unavailable)
    assert "extensions/input/install.sh" in trouble.remedy
    assert (ROOT / "extensions/input/install.sh").exists()


def test_what_is_installed_is_the_program_and_two_units_for_one_user(tmp_path: Path):
    needs("systemd-analyze")
    script = str(ROOT / "extensions/input/install.sh")
    environ = {**os.environ, "DESTDIR": str(tmp_path)}

    def files() -> set[str]:
        return {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} - {"home"}

    before = files()
    user = pwd.getpwuid(os.getuid()).pw_name
    subprocess.run(["sh", script, user], env=environ, check=True, capture_output=True, timeout=PATIENCE_S)
    units = tmp_path / "etc/systemd/system"
    assert files() - before == {
        "usr/local/lib/kryptictrack/input_counts.py",
        "etc/systemd/system/kryptic-input.socket",
        "etc/systemd/system/kryptic-input@.service",
    }
    assert f"SocketUser={user}" in (units / "kryptic-input.socket").read_text()
    assert "@USER@" not in (units / "kryptic-input.socket").read_text()
    checked = [units / "kryptic-input.socket", units / "kryptic-input@.service"]
    reported = subprocess.run(
        ["systemd-analyze", "verify", *checked], check=False, capture_output=True, timeout=PATIENCE_S
    )
    assert b"Unknown" not in reported.stderr
    subprocess.run(["sh", script, "--remove"], env=environ, check=True, capture_output=True, timeout=PATIENCE_S)
    assert files() == before
    nobody = subprocess.run(
        ["sh", script, "no such user"], env=environ, check=False, capture_output=True, timeout=PATIENCE_S
    )
    assert nobody.returncode == 2
