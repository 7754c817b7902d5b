"""Counts what is pressed and turned, and never says which key it was.

As a program of its own (`python3 -I input_counts.py`) this is the one part that may read the input devices of a Wayland
desktop, on which no other program can see that a key was pressed. It stands by itself, on the standard library alone,
so that it can be read in a few minutes and installed in a folder that only the administrator can change; see
extensions/input. It writes JSON lines to its standard output: first how many devices it can read, then the counts of
each interval that had input. No line says which key, or when a single one was pressed. It ends when nobody listens any
more.

Who listens may send a byte whenever another window has the focus. What is pressed after it is counted by itself, so
that counts go to one window each; but in no more than four parts an interval, and reported at its end, so that nobody
learns by such bytes when a key was pressed.

Of an event of the kernel (linux/input-event-codes.h) only what kind of thing it was is kept: a key, a key that takes
something back, a button, a step of the wheel.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

INTERVAL_S: Final = 10.0
MOST_PARTS: Final = 4
BURST_PAUSE_MS: Final = 2_000
"""A longer pause between two keys ends a burst (Kaufer, Hayes and Flower, Composing Written Sentences, 1986)."""
BURST_LEAST_KEYS: Final = 5
"""Fewer keys are a shortcut, and no writing."""
DEVICES: Final = "/dev/input"
_EVENT: Final = struct.Struct("@llHHi")  # seconds, microseconds, type, code, value
_KEYS, _RELATIVE = 1, 2
_PRESSED: Final = 1
_BUTTONS: Final = range(0x100, 0x160)
_MOUSE: Final = range(0x110, 0x118)
_LAST_KEY: Final = 0x2BF
_TAKE_BACK: Final = frozenset({14, 111})  # backspace, delete
_WHEELS: Final = frozenset({6, 8})
_MOST_STEPS: Final = 100
_CHUNK_BYTES: Final = 64 * _EVENT.size
_WRAP_MS: Final = 0xFFFFFFFF


class Kind(Enum):
    """What was pressed or turned; never which."""

    KEY = auto()
    CORRECTION = auto()
    CLICK = auto()
    SCROLL = auto()


@dataclass(frozen=True, slots=True)
class Press:
    """One press, at the server's or the kernel's clock in milliseconds (32 bits, it wraps)."""

    kind: Kind
    time_ms: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What one interval had, or a part of it.

    Attributes:
        keys: corrections too.
        mean_gap_us, longest_gap_us: pauses between two presses of any kind.
        bursts: runs of keys without a long pause.
        burst_keys: keys in them.
        burst_us: from the first to the last key of each, together; the speed of typing is what these two give.
    """

    interval_us: int
    keys: int
    clicks: int
    scrolls: int
    mean_gap_us: int | None
    longest_gap_us: int | None
    corrections: int
    bursts: int
    burst_keys: int
    burst_us: int


class Bursts:
    """Runs of keys without a long pause between two of them."""

    def __init__(self) -> None:
        self._last_ms: int | None = None
        self._keys = 0
        self._lasted_ms = 0
        self._ended = (0, 0, 0)

    def add(self, time_ms: int) -> None:
        """A key was pressed."""
        gap_ms = None if self._last_ms is None else (time_ms - self._last_ms) & _WRAP_MS
        if gap_ms is not None and gap_ms <= BURST_PAUSE_MS:
            self._keys += 1
            self._lasted_ms += gap_ms
        else:
            self._ended = self.counted()
            self._keys, self._lasted_ms = 1, 0
        self._last_ms = time_ms

    def counted(self) -> tuple[int, int, int]:
        """How many there were, the keys in them, and how long they lasted together, milliseconds."""
        bursts, keys, lasted_ms = self._ended
        if self._keys < BURST_LEAST_KEYS:
            return self._ended
        return bursts + 1, keys + self._keys, lasted_ms + self._lasted_ms


class Counting:
    """The counts of a part of an interval, from its first press on."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(Kind, 0)
        self._last_ms: int | None = None
        self._gaps_ms = 0
        self._longest_ms = 0
        self._bursts = Bursts()

    def add(self, press: Press) -> None:
        """Count a press, and the gap before it."""
        if self._last_ms is not None:
            gap_ms = (press.time_ms - self._last_ms) & _WRAP_MS
            self._gaps_ms += gap_ms
            self._longest_ms = max(self._longest_ms, gap_ms)
        self._last_ms = press.time_ms
        self._counts[press.kind] += 1
        if press.kind in (Kind.KEY, Kind.CORRECTION):
            self._bursts.add(press.time_ms)

    def counts(self, interval_us: int) -> Counts:
        """What was counted.

        Args:
            interval_us: how long the interval was, microseconds.
        """
        gaps = sum(self._counts.values()) - 1
        bursts, burst_keys, burst_ms = self._bursts.counted()
        return Counts(
            interval_us=interval_us,
            keys=self._counts[Kind.KEY] + self._counts[Kind.CORRECTION],
            clicks=self._counts[Kind.CLICK],
            scrolls=self._counts[Kind.SCROLL],
            mean_gap_us=self._gaps_ms * 1_000 // gaps if gaps > 0 else None,
            longest_gap_us=self._longest_ms * 1_000 if gaps > 0 else None,
            corrections=self._counts[Kind.CORRECTION],
            bursts=bursts,
            burst_keys=burst_keys,
            burst_us=burst_ms * 1_000,
        )


class Part:
    """What is pressed while one window has the focus.

    Args:
        turn: the number of the window's coming into focus.
        began_s: the monotonic second of its first press.
    """

    def __init__(self, turn: int, began_s: float) -> None:
        self.first_turn = self.last_turn = turn
        self.began_s = began_s
        self.ended_s: float | None = None
        self.counting = Counting()


class Interval:
    """Counts by part, in no more of them than `MOST_PARTS`; the last one takes in what follows.

    Args:
        began_s: the monotonic second of its first press.
    """

    def __init__(self, began_s: float) -> None:
        self.began_s = began_s
        self._parts: list[Part] = []

    def add(self, press: Press, turn: int, now_s: float) -> None:
        """Count a press.

        Args:
            press: what was pressed.
            turn: how many turns of the focus there were by now.
            now_s: this monotonic second.
        """
        part = self._parts[-1] if self._parts else None
        if part is None or (part.last_turn != turn and len(self._parts) < MOST_PARTS):
            part = Part(turn, now_s)
            self._parts.append(part)
        part.last_turn, part.ended_s = turn, None
        part.counting.add(press)

    def turn(self, now_s: float) -> None:
        """Another window has the focus."""
        if self._parts and self._parts[-1].ended_s is None:
            self._parts[-1].ended_s = now_s

    def close(self, now_s: float) -> Iterator[tuple[Part, Counts, float]]:
        """It is over: each part, what it counted, and how many seconds ago it ended."""
        for part in self._parts:
            ended_s = now_s if part.ended_s is None else part.ended_s
            yield part, part.counting.counts(round((ended_s - part.began_s) * 1e6)), now_s - ended_s


def presses(data: bytes) -> Iterator[Press]:
    """The presses among events of the kernel; what a key is held for, and letting go of it, is none.

    Args:
        data: what was read of a device; a rest that is no whole event is passed over.
    """
    for seconds, microseconds, kind, code, value in _EVENT.iter_unpack(data[: len(data) // _EVENT.size * _EVENT.size]):
        time_ms = (seconds * 1_000 + microseconds // 1_000) & _WRAP_MS
        if kind == _KEYS and value == _PRESSED:
            if code in _MOUSE:
                yield Press(Kind.CLICK, time_ms)
            elif code not in _BUTTONS and code <= _LAST_KEY:
                yield Press(Kind.CORRECTION if code in _TAKE_BACK else Kind.KEY, time_ms)
        elif kind == _RELATIVE and code in _WHEELS:
            for _ in range(min(abs(value), _MOST_STEPS)):
                yield Press(Kind.SCROLL, time_ms)


class Devices:
    """The input devices of a folder, those that are plugged in later too.

    Args:
        folder: of the kernel's device files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[int, Path] = {}

    def look(self) -> None:
        """Open what is new; what may not be read is left out."""
        known = set(self._open.values())
        for path in sorted(self._folder.glob("event*")):
            if path not in known:
                with contextlib.suppress(OSError):
                    self._open[os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)] = path

    def descriptors(self) -> tuple[int, ...]:
        """What becomes readable when something is pressed."""
        return tuple(self._open)

    def read(self, descriptor: int) -> Iterator[Press]:
        """The presses of a device; one that was pulled out is closed."""
        try:
            data = os.read(descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            del self._open[descriptor]
            os.close(descriptor)
        yield from presses(data)


def run(folder: Path, interval_s: float, output: int) -> None:
    """Count until nobody listens any more.

    Args:
        folder: of the device files.
        interval_s: length of an interval, seconds; also how often new devices are looked for.
        output: descriptor of the lines, and of what is sent back: a byte for each turn of the focus.
    """
    devices = Devices(folder)
    devices.look()
    _write(output, {"devices": len(devices.descriptors()), "parts": MOST_PARTS})
    interval: Interval | None = None
    looked_s = time.monotonic()
    turns = 0
    while True:
        now_s = time.monotonic()
        if interval is not None and now_s >= interval.began_s + interval_s:
            for part, counts, ago_s in interval.close(now_s):
                where = {"first_turn": part.first_turn, "last_turn": part.last_turn, "ended_ago_us": round(ago_s * 1e6)}
                _write(output, asdict(counts) | where)
            interval = None
        if now_s >= looked_s + interval_s:
            devices.look()
            looked_s = now_s
        due_s = min(looked_s, looked_s if interval is None else interval.began_s) + interval_s
        ready, has_orders, gone = _ready(devices.descriptors(), output, max(0.0, due_s - now_s))
        if gone:
            return
        for descriptor in ready:
            for press in devices.read(descriptor):
                at_s = time.monotonic()
                interval = interval or Interval(at_s)
                interval.add(press, turns, at_s)
        if has_orders:
            turns += len(os.read(output, _CHUNK_BYTES))
            if interval is not None:
                interval.turn(time.monotonic())


def _ready(descriptors: tuple[int, ...], output: int, timeout_s: float) -> tuple[list[int], bool, bool]:
    """Which devices have something to read, whether something was sent back, and whether nobody listens any more."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    poll.register(output, select.POLLIN | select.POLLRDHUP)
    happened = dict(poll.poll(timeout_s * 1_000 + 1))
    listens = happened.pop(output, 0)
    return list(happened), bool(listens & select.POLLIN), bool(listens & ~select.POLLIN)


def _write(output: int, line: dict[str, int]) -> None:
    os.write(output, json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    folder, interval = [*sys.argv[1:], *(DEVICES, str(INTERVAL_S))[len(sys.argv) - 1 :]]
    with contextlib.suppress(BrokenPipeError):
        run(Path(folder), float(interval), sys.stdout.fileno())
