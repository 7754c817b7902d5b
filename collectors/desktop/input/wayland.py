"""How lively the keyboard and the mouse are, on Wayland: as a program with a permission of its own has counted it.

That program is `collectors/desktop/input/counter.py`. systemd starts it for whoever connects to its socket, which only
the user may; see extensions/input. What comes from there is taken as from any stranger: checked field by field,
bounded, and counted if it is wrong.
"""

from __future__ import annotations

import json
import logging
import select
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.input.counter import Counts
from collectors.desktop.input.event import rhythm_event
from collectors.desktop.window.foreground import Before, Foreground, ForegroundChanges, HiddenReason
from collectors.event_json import EventError, detail_from_fields
from collectors.events import US_PER_S, EventKind, RhythmDetail, Source
from collectors.timestamp import Timestamp, now

_LOG: Final = logging.getLogger(__name__)
SOCKET: Final = Path("/run/kryptictrack/input-counts")
_ANSWER_S: Final = 5.0
_MOST_BYTES: Final = 65_536
_MOST_INPUT: Final = 100_000  # in one interval: hands do not reach a hundredth of it
_LONGEST_US: Final = 3_600 * US_PER_S
_REPORT_EVERY: Final = 1_000
_FIELDS: Final = frozenset(field.name for field in fields(Counts))
_INSTALL: Final = "Run `sudo sh extensions/input/install.sh` in the program's folder; it says what it sets up, and why."
_NOT_THERE: Final = Unavailable(
    "On Wayland only a program that may read the input devices can count keys, and it is not installed.", _INSTALL
)
_REFUSED: Final = Unavailable("The counter of input does not take this user's connection.", _INSTALL)
_BLIND: Final = Unavailable(
    "The counter of input can read no input device.",
    "Look at `systemctl status 'kryptic-input@*'`, or install it again.",
)
_GONE: Final = Unavailable("The counter of input closed the connection.", "It is tried again by itself.")
_SILENT: Final = Unavailable("The counter of input does not answer.", "It is tried again by itself.")


class CountedRhythmCollector:
    """Emits RHYTHM for every interval that had input, as the counter tells them.

    Args:
        address: the counter's socket, `SOCKET` if it is installed.
        front: what is in front.
        now: the two clocks.
    """

    source = Source.INPUT

    def __init__(self, address: Path, front: Foreground | None = None, now: Callable[[], Timestamp] = now) -> None:
        self._address = address
        self._front = Foreground() if front is None else front
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether the counter is there and can read a device."""
        try:
            with self._connect() as link:
                _Lines(link).hello(None)
        except CollectorError as error:
            return error.unavailable
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        """Pass on what is counted until `stop` is set.

        Raises:
            CollectorError: when the counter is not there, can read nothing, or goes away.
        """
        with self._connect() as link, self._front.turns() as turns:
            lines = _Lines(link, turns)
            if not lines.hello(stop):
                return
            while (line := lines.next(stop, None)) is not None:
                report = lines.parse(line)
                if report is None:
                    continue
                began_us = self._now().ts_us - report.ended_ago_us - report.counts.interval_us
                event = rhythm_event(began_us, report.counts, lines.before(report))
                if event is not None:
                    emit(event)

    def _connect(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            link.settimeout(0)
            link.connect(str(self._address))
        except OSError as error:
            link.close()
            absent = isinstance(error, (FileNotFoundError, ConnectionRefusedError))
            raise CollectorError(_NOT_THERE if absent else _REFUSED) from error
        return link


@dataclass(frozen=True, slots=True)
class _Report:
    """A line: counts, between which turns of the focus they lie, and how long ago they ended."""

    counts: Counts
    first_turn: int
    last_turn: int
    ended_ago_us: int


class _Lines:
    """What the counter says, line by line; it is notified of each turn of the focus."""

    def __init__(self, link: socket.socket, turns: ForegroundChanges | None = None) -> None:
        self._link = link
        self._turns = turns
        self._tells_parts = False
        self._received = bytearray()
        self._bad = 0

    def hello(self, stop: Stop | None) -> bool:
        """Wait for its first line; False once `stop` is set.

        Raises:
            CollectorError: when it does not come, or says that nothing can be read.
        """
        line = self.next(stop, _ANSWER_S)
        if line is None:
            return False
        said = _parsed(line)
        devices = said.get("devices")
        if not isinstance(devices, int) or devices < 1:
            raise CollectorError(_BLIND)
        self._tells_parts = "parts" in said
        return True

    def next(self, stop: Stop | None, timeout_s: float | None) -> bytes | None:
        """The next line; None once `stop` is set.

        Raises:
            CollectorError: when the counter goes away, or says nothing in time.
        """
        while (end := self._received.find(b"\n")) < 0:
            waiting = [one for one in (self._link, stop, self._turns) if one is not None]
            ready = select.select(waiting, [], [], timeout_s)[0]
            if stop is not None and stop in ready:
                return None
            if self._turns in ready:
                self._say_turn()
            if not ready:
                raise CollectorError(_SILENT)
            if self._link not in ready:
                continue
            try:
                chunk = self._link.recv(_MOST_BYTES)
            except OSError as error:
                raise CollectorError(_GONE) from error
            if not chunk:
                raise CollectorError(_GONE)
            self._received += chunk
            if len(self._received) > _MOST_BYTES and b"\n" not in self._received:
                self._received.clear()
                self._refuse("a line without an end")
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line

    def parse(self, line: bytes) -> _Report | None:
        """What a line says; None if it can be nobody's."""
        found = dict(_parsed(line))
        where = [found.pop(name, 0) for name in ("first_turn", "last_turn", "ended_ago_us")]
        try:
            detail = detail_from_fields(Source.INPUT, EventKind.RHYTHM, found)
        except EventError as error:
            self._refuse(str(error))
            return None
        assert isinstance(detail, RhythmDetail)
        counts = Counts(**{name: getattr(detail, name) for name in _FIELDS})
        inputs = (counts.keys, counts.clicks, counts.scrolls, counts.corrections, counts.bursts, counts.burst_keys)
        times = (counts.interval_us, counts.mean_gap_us or 0, counts.longest_gap_us or 0, counts.burst_us, where[2])
        if (
            all(type(one) is int for one in where)
            and all(0 <= one <= _MOST_INPUT for one in inputs)
            and all(0 <= one <= _LONGEST_US for one in times)
        ):
            return _Report(counts, *where)
        self._refuse("numbers that no hands make")
        return None

    def before(self, report: _Report) -> Before:
        """What was in front while that was counted."""
        if self._turns is None or not self._tells_parts:
            return HiddenReason.UNKNOWN
        return self._turns.between(report.first_turn, report.last_turn)

    def _say_turn(self) -> None:
        """Tell the counter that what follows goes to another window."""
        assert self._turns is not None
        if self._turns.look() and self._tells_parts:
            try:
                self._link.send(b".")
            except BlockingIOError as error:
                raise CollectorError(_SILENT) from error
            except OSError as error:
                raise CollectorError(_GONE) from error

    def _refuse(self, why: str) -> None:
        self._bad += 1
        if self._bad % _REPORT_EVERY == 1:
            _LOG.warning("%d lines of the counter of input were refused, the last one: %s", self._bad, why)


def _parsed(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
