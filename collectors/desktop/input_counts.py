"""Counts what is pressed and turned, and never says which key it was.

As a program of its own (`python3 -I input_counts.py`) this is the one part that may read the input devices of a Wayland
desktop, where no other program can see that a key was pressed. It stands by itself, on the standard library alone, so
that it can be read in a few minutes and installed where only the administrator can change it; see extensions/input. It
writes JSON lines to its standard output: first how many devices it can read, then the counts of each interval that had
input. No line says which key, or when a single one was pressed. It ends when nobody listens any more.

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
    """What one interval had; `keys` counts corrections too."""

    interval_us: int
    keys: int
    clicks: int
    scrolls: int
    mean_gap_us: int | None
    longest_gap_us: int | None
    corrections: int


class Counting:
    """The counts of one interval, from its first press on."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(Kind, 0)
        self._last_ms: int | None = None
        self._gaps_ms = 0
        self._longest_ms = 0

    def add(self, press: Press) -> None:
        """Count a press, and the gap before it."""
        if self._last_ms is not None:
            gap_ms = (press.time_ms - self._last_ms) & _WRAP_MS
            self._gaps_ms += gap_ms
            self._longest_ms = max(self._longest_ms, gap_ms)
        self._last_ms = press.time_ms
        self._counts[press.kind] += 1

    def counts(self, interval_us: int) -> Counts:
        """What was counted.

        Args:
            interval_us: how long the interval was, microseconds.
        """
        gaps = sum(self._counts.values()) - 1
        return Counts(
            interval_us=interval_us,
            keys=self._counts[Kind.KEY] + self._counts[Kind.CORRECTION],
            clicks=self._counts[Kind.CLICK],
            scrolls=self._counts[Kind.SCROLL],
            mean_gap_us=self._gaps_ms * 1_000 // gaps if gaps > 0 else None,
            longest_gap_us=self._longest_ms * 1_000 if gaps > 0 else None,
            corrections=self._counts[Kind.CORRECTION],
        )


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
        output: descriptor of the lines.
    """
    devices = Devices(folder)
    devices.look()
    _write(output, {"devices": len(devices.descriptors())})
    counting: Counting | None = None
    began_s = looked_s = time.monotonic()
    while True:
        now_s = time.monotonic()
        if counting is not None and now_s >= began_s + interval_s:
            _write(output, asdict(counting.counts(round((now_s - began_s) * 1e6))))
            counting = None
        if now_s >= looked_s + interval_s:
            devices.look()
            looked_s = now_s
        due_s = min(looked_s, began_s if counting is not None else looked_s) + interval_s
        for descriptor in _ready(devices.descriptors(), output, max(0.0, due_s - now_s)):
            if descriptor == output:
                return
            for press in devices.read(descriptor):
                if counting is None:
                    counting, began_s = Counting(), time.monotonic()
                counting.add(press)


def _ready(descriptors: tuple[int, ...], output: int, timeout_s: float) -> list[int]:
    """Which devices have something to read; the output, once nobody reads it."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    poll.register(output, select.POLLRDHUP)
    return [descriptor for descriptor, _ in poll.poll(timeout_s * 1_000 + 1)]


def _write(output: int, line: dict[str, int]) -> None:
    os.write(output, json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    folder, interval = [*sys.argv[1:], *(DEVICES, str(INTERVAL_S))[len(sys.argv) - 1 :]]
    with contextlib.suppress(BrokenPipeError):
        run(Path(folder), float(interval), sys.stdout.fileno())
