"""How bash, zsh and fish write their histories: each format as a pure function from lines to entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from collectors.events import US_PER_S
from collectors.history.reader import MAX_LINE_BYTES

Lines = Iterable[tuple[int, bytes | None]]
"""Numbered lines without their ends; None stands for a line that was too long to be read."""

_TOO_LONG: Final = f"longer than {MAX_LINE_BYTES >> 20} MiB"


@dataclass(frozen=True, slots=True)
class Entry:
    """One command as a shell wrote it: at which line, its bytes, when it began and how long it ran, if known."""

    line: int
    command: bytes
    ts_us: int | None = None
    duration_us: int | None = None


@dataclass(frozen=True, slots=True)
class BadEntry:
    """A place that is no entry, and why."""

    line: int
    reason: str


_BASH_STAMP: Final = re.compile(rb"#([0-9]{1,18})\s*")


def bash(lines: Lines) -> Iterator[Entry | BadEntry]:
    """Bash: a line an entry; with HISTTIMEFORMAT a line `#epoch` comes before it.

    If the file begins with such a stamp, all lines up to the next stamp are one entry: so does bash itself read them
    back (Bash Reference Manual, 9.1, `cmdhist` and `HISTTIMEFORMAT`).
    """
    stamped = False
    ts_us: int | None = None
    first, held, held_bytes = 0, list[bytes](), 0
    for number, line in lines:
        stamp = None if line is None else _BASH_STAMP.fullmatch(line)
        if number == 1:
            stamped = stamp is not None
        starts = stamp is not None or not stamped or held_bytes > MAX_LINE_BYTES
        if starts and held:
            yield Entry(first, b"\n".join(held), ts_us)
            held, held_bytes, ts_us = [], 0, None
        if stamp is not None:
            ts_us = int(stamp.group(1)) * US_PER_S
        elif line is None:
            yield BadEntry(number, _TOO_LONG)
        elif line or held:
            first = number if not held else first
            held.append(line)
            held_bytes += len(line)
    if held:
        yield Entry(first, b"\n".join(held), ts_us)


_ZSH_STAMP: Final = re.compile(rb": *([0-9]{1,18}):([0-9]{1,18});")
_ZSH_META: Final = 0x83


def zsh(lines: Lines) -> Iterator[Entry | BadEntry]:
    """Zsh: a line an entry, with EXTENDED_HISTORY after `: epoch:seconds;`; a backslash at its end continues it.

    Bytes that zsh uses itself are written as 0x83 and the byte with bit 5 turned; a command that ends with a backslash
    is written with a space behind it (zsh, Src/utils.c `metafy` and Src/hist.c `readhistline`).
    """
    first, held, held_bytes = 0, list[bytes](), 0
    for number, line in lines:
        if line is None:
            yield BadEntry(number, _TOO_LONG)
            held, held_bytes = [], 0
            continue
        first = number if not held else first
        if line.endswith(b"\\") and held_bytes < MAX_LINE_BYTES:
            held.append(line[:-1])
            held_bytes += len(line)
            continue
        bare = line.rstrip(b" ")
        held.append(line[:-1] if bare != line and bare.endswith(b"\\") else line)
        yield from _zsh_entry(first, b"\n".join(held))
        held, held_bytes = [], 0
    if held:
        yield from _zsh_entry(first, b"\n".join(held))


def _zsh_entry(line: int, written: bytes) -> Iterator[Entry]:
    plain = unmetafied(written)
    stamp = _ZSH_STAMP.match(plain)
    if stamp is None:
        if plain:
            yield Entry(line, plain)
        return
    seconds = int(stamp.group(2))
    # Shells that share their history write an entry before its command has ended: nought is "not known".
    yield Entry(line, plain[stamp.end() :], int(stamp.group(1)) * US_PER_S, seconds * US_PER_S or None)


def unmetafied(written: bytes) -> bytes:
    """The bytes that zsh meant: 0x83 is dropped and the byte after it has bit 5 turned."""
    if _ZSH_META not in written:
        return written
    plain = bytearray()
    turned = False
    for byte in written:
        if turned:
            plain.append(byte ^ 32)
            turned = False
        elif byte == _ZSH_META:
            turned = True
        else:
            plain.append(byte)
    return bytes(plain)


_FISH_STAMP: Final = re.compile(rb" +when: *([0-9]{1,18})\s*")
_FISH_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)


def fish(lines: Lines) -> Iterator[Entry | BadEntry]:
    r"""Fish: `- cmd: …` with `\\` and `\n` escaped, then `  when: epoch`, then perhaps `  paths:` and their list.

    It looks like YAML and is not (fish-shell, src/history_file.cpp).
    """
    entry: Entry | None = None
    for number, line in lines:
        if (line is None or line.startswith(b"- cmd:")) and entry is not None:
            yield entry
            entry = None
        if line is None:
            yield BadEntry(number, _TOO_LONG)
        elif line.startswith(b"- cmd:"):
            command = _FISH_ESCAPE.sub(_unescaped, line.removeprefix(b"- cmd:").removeprefix(b" "))
            entry = Entry(number, command)
        elif (stamp := _FISH_STAMP.fullmatch(line)) is not None:
            if entry is not None:
                entry = Entry(entry.line, entry.command, int(stamp.group(1)) * US_PER_S)
        elif line and not line.startswith((b"  paths:", b"    - ")):
            yield BadEntry(number, "neither a command, a time nor a path")
    if entry is not None:
        yield entry


def _unescaped(match: re.Match[bytes]) -> bytes:
    return b"\n" if match.group(1) == b"n" else match.group(1)
