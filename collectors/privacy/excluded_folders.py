"""Folders that the user excludes: whether an event names one of them, or something in it.

A path is known however it is written: absolute, from the home folder (`~`, `$HOME`), as a `file:` address, or from the
folder that a command was typed in. Nothing is asked of the disk, so a link to an excluded folder is another folder.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from collectors.events import CommandDetail, Event, EventKind, GitDetail

_WORD: Final = re.compile(r"""[^\s'"=:;|&<>()`]+""")


@dataclass(frozen=True, slots=True)
class Folders:
    """Excluded folders, ready to be looked for.

    Attributes:
        paths: absolute, without a slash at the end.
        home: the home folder, "" if it is not known.
        written: finds each of them in a text, in the ways it may be written; None if there is none.
    """

    paths: frozenset[str] = frozenset()
    home: str = ""
    written: re.Pattern[str] | None = None

    def are_in(self, event: Event) -> bool:
        """Whether an event names one of the folders, or something in one."""
        if self.written is None:
            return False
        texts = [event.target or "", event.title or ""]
        cwd = ""
        if isinstance(event.detail, CommandDetail):
            cwd = event.detail.cwd or ""
        elif isinstance(event.detail, GitDetail):
            cwd = event.detail.repository
        texts.append(cwd)
        if any(self.written.search(_plain(text)) for text in texts):
            return True
        paths = [posixpath.join(cwd, word) for word in _words(event)] if cwd else []
        return any(self._below(path) for path in (*texts, *paths))

    def _below(self, path: str) -> bool:
        if path.startswith("~/"):
            path = posixpath.join(self.home, path[2:])
        # normpath resolves "a/../private" as a shell does: by the words alone.
        whole = posixpath.normpath(path) + "/"
        return any(whole.startswith(folder + "/") for folder in self.paths)


def folders_of(lines: Iterable[str], home: str) -> Folders:
    """The folders that lines of settings name; a line that names no folder below the root is left out.

    Args:
        lines: one folder each, absolute or from the home folder ("~/private").
        home: the home folder.
    """
    paths = {path for line in lines if (path := _absolute(line.strip(), home)) not in ("", "/")}
    if not paths:
        return Folders()
    forms = {form for path in paths for form in _forms(path, home)}
    alternatives = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    written = re.compile(rf"(?<![\w.~-])(?:{alternatives})(?=/|[^\w.-]|\.?\Z|\.\s)")
    return Folders(frozenset(paths), home.rstrip("/"), written)


def _absolute(line: str, home: str) -> str:
    if line == "~" or line.startswith("~/"):
        line = home + line[1:]
    return posixpath.normpath(line) if line.startswith("/") else ""


def _forms(path: str, home: str) -> Iterable[str]:
    yield path
    below = path.removeprefix(home.rstrip("/") + "/")
    if home and below != path:
        yield from (f"~/{below}", f"$HOME/{below}", f"${{HOME}}/{below}")


def _plain(text: str) -> str:
    """A text without the signs that shells and addresses write a blank with."""
    return unquote(text).replace("\\ ", " ") if "%" in text or "\\" in text else text


def _words(event: Event) -> list[str]:
    if event.kind is EventKind.COMMAND:
        return _WORD.findall(_plain(event.target or ""))
    return [event.target or ""]
