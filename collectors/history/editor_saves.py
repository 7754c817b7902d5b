"""The files that VS Code and its kin have saved, by the local history they keep of each.

Source: VS Code, src/vs/workbench/services/workingCopy/common/workingCopyHistoryService.ts: a folder for each file, in
it `entries.json` with the file's address and the moment of each save in milliseconds. The saved texts next to it are
not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from collectors.events import US_PER_MS, Event, EventKind, FileDetail, Source, clean_text, local_offset_s
from collectors.git_repository import repository_of
from collectors.history.reader import HistoryError, Rejected, opened, origin_key, path_of, possible_time, unreadable

_MOST_BYTES: Final = 1 << 20
_INDEX: Final = "entries.json"
_PLACE: Final = Path("User", "History")
_KEPT_IN: Final = {
    "Code": "code",
    "Code - Insiders": "code-insiders",
    "Code - OSS": "code-oss",
    "VSCodium": "codium",
    "Cursor": "cursor",
    "Windsurf": "windsurf",
}
"""Folders below the user's configuration, and the editors as our extension names them."""
_ON_THIS_MACHINE: Final = frozenset({"file", "vscode-remote"})
"""A file that code-server serves has the second scheme; settings and what lies elsewhere have others."""


class EditorSaves:
    """One event for each save; `path` is an editor's folder `User/History`."""

    name: Final = "vscode"
    title: Final = "VS Code's local history"

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
        """The local history of each editor that has one."""
        configuration = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
        folders = [*(configuration / name for name in _KEPT_IN), data / "code-server"]
        return tuple(folder / _PLACE for folder in folders if _is_folder(folder / _PLACE))

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream the saves, file after file; see `HistoryReader.read`.

        Raises:
            HistoryError: if the folder cannot be read.
        """
        try:
            folders = sorted(path_of(path).iterdir())
        except NotADirectoryError as error:
            raise HistoryError(f"{path} is not a folder.", "Choose the editor's folder User/History.") from error
        except OSError as error:
            raise unreadable(path, error) from error
        app = _KEPT_IN.get(path.parent.parent.name, path.parent.parent.name.lower().replace(" ", "-")) or self.name
        for folder in folders:
            if (folder / _INDEX).exists():
                yield from _saves(folder / _INDEX, app)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # a folder that may not be entered holds no history that could be read


def _saves(index: Path, app: str) -> Iterator[Event | Rejected]:
    try:
        with opened(index) as file:
            text = file.read(_MOST_BYTES + 1)
        entry_file = json.loads(text) if len(text) <= _MOST_BYTES else None
    except (HistoryError, ValueError, RecursionError) as error:
        yield Rejected(str(index), f"not readable: {error}")
        return
    entries = entry_file.get("entries") if isinstance(entry_file, dict) else None
    if (
        not isinstance(entry_file, dict)
        or not isinstance(entries, list)
        or not isinstance(entry_file.get("resource"), str)
    ):
        yield Rejected(str(index), "no list of saves")
        return
    target = _file_of(entry_file["resource"])
    if target is None:
        return
    repository = repository_of(Path(target).parent)
    project = None if repository is None else clean_text(repository.top.name)
    for number, entry in enumerate(entries, 1):
        yield _save(entry, target, project, app) or Rejected(f"{index}:{number}", "no readable time")


def _save(entry: Any, target: str, project: str | None, app: str) -> Event | None:
    time_ms = entry.get("timestamp") if isinstance(entry, dict) else None
    ts_us = time_ms * US_PER_MS if isinstance(time_ms, int) and not isinstance(time_ms, bool) else 0
    if not possible_time(ts_us):
        return None
    return Event(
        ts_us=ts_us,
        source=Source.EDITOR,
        kind=EventKind.SAVE,
        app=app,
        target=target,
        utc_offset_s=local_offset_s(ts_us),
        detail=FileDetail(project=project),
        origin_key=origin_key("editor-save", target, ts_us),
    )


def _file_of(address: str) -> str | None:
    """The path of a file of this machine; None for what is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = clean_text(unquote(parts.path, errors="replace"))
    return path if parts.scheme in _ON_THIS_MACHINE and path.startswith("/") else None
