"""Helpers to read a history in a test, and the broken files that every reader must survive."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collectors.events import Event
from collectors.history.reader import HistoryError, HistoryReader, Rejected


def events(reader: HistoryReader, path: Path) -> list[Event]:
    """The good rows."""
    return [row for row in reader.read(path) if isinstance(row, Event)]


def rejected(reader: HistoryReader, path: Path) -> list[Rejected]:
    """The bad rows."""
    return [row for row in reader.read(path) if isinstance(row, Rejected)]


def keys(reader: HistoryReader, path: Path) -> list[int | None]:
    """The identities of the good rows."""
    return [event.origin_key for event in events(reader, path)]


@contextmanager
def unprivileged() -> Iterator[None]:
    """Run as nobody if the tests run as root, for whom no file is unreadable."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def peak_bytes(reader: HistoryReader, path: Path) -> int:
    """The most memory that reading a history takes when nothing is kept of it."""
    tracemalloc.start()
    try:
        for _ in reader.read(path):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def rows_or_refusal(reader: HistoryReader, path: Path) -> list[Event | Rejected | HistoryError]:
    """Every row up to the refusal to read on, and that refusal, if there is one."""
    rows: list[Event | Rejected | HistoryError] = []
    try:
        rows.extend(reader.read(path))
    except HistoryError as error:
        rows.append(error)
    return rows
