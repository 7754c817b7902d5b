"""The histories of bash, zsh and fish as events of the terminal."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from collectors.events import MAX_DURATION_US, Event, EventKind, Source, clean_text, local_offset_s
from collectors.history.reader import Rejected, existing, lines_of, opened, origin_key, possible_time
from collectors.history.shells import formats
from collectors.history.shells.formats import BadEntry, Entry, Lines
from collectors.history.shells.synthetic_times import synthetic_times_us, untimed_runs

_HISTFILE_LINE: Final = re.compile(r"""^\s*(?:export\s+)?HISTFILE=["']?([^"'\s;#]+)""", re.MULTILINE)
_MAX_RC_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ShellHistory:
    """Reads the history files of one shell.

    Entries keep their own times; those without get synthetic ones (see `moments`). The identity of a timed entry is
    (shell, time, command, how manieth of these); that of an untimed one is (shell, command, how manieth of these), so
    that a file that has grown, was moved or lost its oldest entries brings in only what is new.

    Attributes:
        name: the shell, which is also the events' app.
        title: as the window shows it.
        entries: the shell's format.
        places: paths of its history, relative to home; wildcards are allowed.
        data_places: the same, relative to XDG_DATA_HOME and XDG_STATE_HOME.
        rc_files: start-up files that may set HISTFILE, relative to home.
    """

    name: str
    title: str
    entries: Callable[[Lines], Iterator[Entry | BadEntry]]
    places: tuple[str, ...]
    data_places: tuple[str, ...]
    rc_files: tuple[str, ...]

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
        """The shell's history files: HISTFILE if it is this shell's, what its start-up files say, the usual places."""
        candidates: list[Path] = []
        named = environ.get("HISTFILE", "")
        # The variable does not say whose it is: its own name does, else the shell the user logs in with.
        whose = next((shell for shell in ("zsh", "bash", "fish") if shell in Path(named).name), "")
        if named and (whose or Path(environ.get("SHELL", "bash")).name) == self.name:
            candidates.append(Path(named))
        for rc in self.rc_files:
            candidates += _histfiles_in(home / rc, home, environ)
        if self.name == "zsh" and environ.get("ZDOTDIR"):
            candidates.append(Path(environ["ZDOTDIR"], ".zsh_history"))
        roots = [(home, self.places)]
        for variable, usual in (("XDG_DATA_HOME", ".local/share"), ("XDG_STATE_HOME", ".local/state")):
            roots += [(Path(environ.get(variable) or home / usual), self.data_places)]
            roots += [(home / usual, self.data_places)]
        for root, places in roots:
            for place in places:
                try:
                    candidates += sorted(root.glob(place))
                except OSError:
                    continue  # a folder that may not be listed holds nothing that could be read
        return existing(candidates)

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream the commands of one history file; see `HistoryReader.read`."""
        with opened(path) as file:
            status = os.fstat(file.fileno())
            # Both passes read what was there at the beginning: a shell may append meanwhile.
            end_us = status.st_mtime_ns // 1_000
            times = (_time_of(entry) for entry in self._entries(file, status.st_size) if isinstance(entry, Entry))
            runs = untimed_runs(times, max(end_us, 1))
            synthetic = synthetic_times_us(runs)
            seen = Ordinals()
            for entry in self._entries(file, status.st_size):
                if isinstance(entry, BadEntry):
                    yield Rejected(f"{path}:{entry.line}", entry.reason)
                    continue
                known_us = _time_of(entry)
                ts_us = next(synthetic) if known_us is None else known_us
                key = command_key(self.name, known_us, entry.command, seen)
                yield self._event(entry, ts_us, key)

    def _entries(self, file: BinaryIO, size_bytes: int) -> Iterator[Entry | BadEntry]:
        file.seek(0)
        for entry in self.entries(lines_of(file, size_bytes)):
            if isinstance(entry, Entry) and not entry.command.strip(b"\x00 \t\r\n"):
                # A crash leaves blocks of NUL if a journal was not written; an empty command says nothing.
                yield BadEntry(entry.line, "no text")
            else:
                yield entry

    def _event(self, entry: Entry, ts_us: int, key: int) -> Event:
        duration_us = entry.duration_us
        return Event(
            ts_us=ts_us,
            source=Source.TERMINAL,
            kind=EventKind.COMMAND,
            app=self.name,
            target=clean_text(entry.command.decode("utf-8", "replace").rstrip()),
            duration_us=duration_us if duration_us is not None and duration_us <= MAX_DURATION_US else None,
            utc_offset_s=local_offset_s(ts_us),
            origin_key=key,
        )


class Ordinals:
    """Counts equal commands: within one moment if the time is known, else over the whole file."""

    def __init__(self) -> None:
        self._untimed: Counter[int] = Counter()
        self._timed: Counter[bytes] = Counter()
        self._moment_us = 0

    def ordinal(self, ts_us: int | None, command: bytes) -> int:
        """How manieth of its like a command is."""
        if ts_us is None:
            identity = origin_key(command)  # 8 bytes instead of the command: the whole file passes through here
            self._untimed[identity] += 1
            return self._untimed[identity]
        if ts_us != self._moment_us:
            self._timed.clear()
            self._moment_us = ts_us
        self._timed[command] += 1
        return self._timed[command]


def command_key(shell: str, ts_us: int | None, command: bytes, seen: Ordinals) -> int:
    """The identity of a command: the same in a shell's history and in the shell's live report.

    Args:
        shell: its name.
        ts_us: when it began, in whole seconds, as histories know it; None if it is not known.
        command: as it was typed.
        seen: the commands before it.
    """
    return origin_key("shell", shell, ts_us, command, seen.ordinal(ts_us, command))


def _time_of(entry: Entry) -> int | None:
    return entry.ts_us if entry.ts_us is not None and possible_time(entry.ts_us) else None


def _histfiles_in(rc: Path, home: Path, environ: Mapping[str, str]) -> list[Path]:
    try:
        with rc.open("rb") as file:
            text = file.read(_MAX_RC_BYTES).decode("utf-8", "replace")
    except OSError:
        return []  # no start-up file says nothing about the history
    known = {**environ, "HOME": str(home), "XDG_DATA_HOME": environ.get("XDG_DATA_HOME") or f"{home}/.local/share"}
    found = []
    for written in _HISTFILE_LINE.findall(text):
        value = re.sub(r"\$\{?(\w+)(?::?-[^}]*)?\}?", lambda match: known.get(match.group(1), match.group()), written)
        value = f"{home}{value[1:]}" if value.startswith("~/") else value
        if value.startswith("/"):
            found.append(Path(value))
    return found


BASH: Final = ShellHistory(
    "bash",
    "Bash history",
    formats.bash,
    (".bash_history",),
    ("bash/history", "bash/bash_history"),
    (".bashrc", ".bash_profile", ".profile"),
)
ZSH: Final = ShellHistory(
    "zsh",
    "Zsh history",
    formats.zsh,
    (".zsh_history", ".zhistory", ".histfile", ".cache/zsh/history", ".config/zsh/.zsh_history"),
    ("zsh/history", "zsh/zsh_history"),
    (".zshrc", ".zshenv", ".zprofile", ".config/zsh/.zshrc"),
)
FISH: Final = ShellHistory("fish", "Fish history", formats.fish, (), ("fish/*_history",), ())
