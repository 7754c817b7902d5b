"""How lively the keyboard and the mouse are, on Wayland: as a program with a permission of its own has counted it.

That program is `desktop.input_counts`. systemd starts it for whoever connects to its socket, which only the user may;
see extensions/input. What comes from there is taken as from any stranger: checked field by field, bounded, and counted
where it is wrong.
"""

from __future__ import annotations

import json
import logging
import select
import socket
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.input_counts import Counts
from collectors.desktop.rhythm_event import rhythm_event
from collectors.events import US_PER_S, EventKind, RhythmDetail, Source
from collectors.moment import Moment, now
from collectors.wire import EventError, detail_from_fields

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
    "Look at `systemctl status 'kryptic-input@*'`, or install it anew.",
)
_GONE: Final = Unavailable("The counter of input closed the connection.", "It is tried again by itself.")
_SILENT: Final = Unavailable("The counter of input does not answer.", "It is tried again by itself.")


class CountedRhythmCollector:
    """Emits RHYTHM for every interval that had input, as the counter tells them.

    Args:
        address: the counter's socket, `SOCKET` where it is installed.
        now: the two clocks.
    """

    source = Source.INPUT

    def __init__(self, address: Path, now: Callable[[], Moment] = now) -> None:
        self._address = address
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
        with self._connect() as link:
            lines = _Lines(link)
            if not lines.hello(stop):
                return
            while (line := lines.next(stop, None)) is not None:
                counts = lines.counts(line)
                if counts is not None:
                    emit(rhythm_event(self._now().ts_us - counts.interval_us, counts))

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


class _Lines:
    """What the counter says, line by line."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
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
        devices = _parsed(line).get("devices")
        if not isinstance(devices, int) or devices < 1:
            raise CollectorError(_BLIND)
        return True

    def next(self, stop: Stop | None, timeout_s: float | None) -> bytes | None:
        """The next line; None once `stop` is set.

        Raises:
            CollectorError: when the counter goes away, or says nothing in time.
        """
        while (end := self._received.find(b"\n")) < 0:
            waiting: list[socket.socket | Stop] = [self._link, *([] if stop is None else [stop])]
            ready = select.select(waiting, [], [], timeout_s)[0]
            if stop in ready:
                return None
            if not ready:
                raise CollectorError(_SILENT)
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

    def counts(self, line: bytes) -> Counts | None:
        """The counts in a line; None where they can be nobody's."""
        found = _parsed(line)
        try:
            detail = detail_from_fields(Source.INPUT, EventKind.RHYTHM, found)
        except EventError as error:
            self._refuse(str(error))
            return None
        assert isinstance(detail, RhythmDetail)
        counts = Counts(**{name: getattr(detail, name) for name in _FIELDS})
        inputs = (counts.keys, counts.clicks, counts.scrolls, counts.corrections)
        times = (counts.interval_us, counts.mean_gap_us or 0, counts.longest_gap_us or 0)
        if all(0 <= one <= _MOST_INPUT for one in inputs) and all(0 <= one <= _LONGEST_US for one in times):
            return counts
        self._refuse("numbers that no hands make")
        return None

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
