"""Our own export (`kryptic export`, JSON lines): the actions in it, for a new machine or after a loss.

Actions alone are read here. The sums follow from them, but for those of days that were thinned, which the importer
reads by itself. Settings, conversations, predictions and trained weights belong to the store that made them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from collectors.event_json import EventError, from_wire
from collectors.events import Event
from collectors.history.reader import HistoryError, Rejected, lines_of, opened

_ACTIONS: Final = "actions"


class OwnExport:
    """Reads the lines of an export. Its actions bear the origin keys that they had, and most of them had none."""

    name: Final = "kryptic"
    title: Final = "KrypticTrack export"

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:  # noqa: ARG002
        """Nothing: an export lies in any folder its owner chose, so it is never searched for."""
        return ()

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream an export; see `HistoryReader.read`.

        Raises:
            HistoryError: if the file cannot be read, or is no export of this program.
        """
        with opened(path) as file:
            found = False
            for number, line in lines_of(file, os.fstat(file.fileno()).st_size):
                row = _row(line)
                if isinstance(row, dict) and isinstance(row.get("table"), str):
                    found = True
                    if row["table"] == _ACTIONS:
                        yield _event(row, f"{path}:{number}")
                elif line is not None and not line.strip():
                    continue
                elif not found:
                    raise HistoryError(
                        f"{path} is not an export of this program.", "Import a file that kryptic export has written."
                    )
                else:
                    yield Rejected(f"{path}:{number}", "no row of an export")


def _row(line: bytes | None) -> Any:
    try:
        return None if line is None else json.loads(line)
    except (ValueError, RecursionError):
        return None


def _event(row: dict[str, Any], where: str) -> Event | Rejected:
    key = row.get("origin_key")
    if key is not None and (isinstance(key, bool) or not isinstance(key, int) or not -(2**63) <= key < 2**63):
        return Rejected(where, "origin_key is a number of 64 bits or null")
    try:
        return replace(from_wire(row.get("event")), origin_key=key)
    except EventError as error:
        return Rejected(where, str(error))
