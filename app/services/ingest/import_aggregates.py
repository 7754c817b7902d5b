"""The sums of thinned days, out of an export of our own: its actions alone could not tell them any more."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from app.services.wait_for_commit import wait_for_commit
from app.store.store import Store
from app.store.values.records import KeptSum, ThinnedDay
from collectors.events import KINDS_OF, MAX_TS_US, US_PER_DAY, US_PER_HOUR, Event, EventKind, Source
from collectors.history.reader import lines_of, opened
from collectors.privacy.gate import Dropped, Origin, Policy, judge

BATCH: Final = 500
_LAST_DAY: Final = MAX_TS_US // US_PER_DAY + 1
_HOURS_PER_DAY: Final = 24
_DAY_S: Final = 86_400
_Value = TypeVar("_Value")
_MOST: Final = 2**53
_SUMS: Final = ("actions", "active_us", "keys", "clicks", "scrolls")


def bring_back(store: Store, path: Path, policy: Policy, cancelled: threading.Event) -> None:
    """Take in what an export tells of thinned days, after its actions.

    Args:
        store: takes them.
        path: the export, which was read as such before.
        policy: sums of what is excluded stay out.
        cancelled: set it to stop; what was taken in stays, and the same import again brings the rest.

    Raises:
        HistoryError: if the file cannot be read any more.
        StoreError: if the store takes no more.
    """
    days: list[ThinnedDay] = []
    sums: list[KeptSum] = []
    for row in _rows(path):
        if cancelled.is_set():
            return
        if row.get("table") == "thinned_days":
            _add(days, partial(_day, row))
        elif row.get("table") == "data_aggregates":
            if days:  # all of them come before the first sum
                wait_for_commit(store, store.bring_back(tuple(days), ()))
                days = []
            _add(sums, partial(_sum, row, policy))
            if len(sums) == BATCH:
                wait_for_commit(store, store.bring_back((), tuple(sums)))
                sums = []
    wait_for_commit(store, store.bring_back(tuple(days), tuple(sums)))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with opened(path) as file:
        for _, line in lines_of(file, os.fstat(file.fileno()).st_size):
            try:
                row = None if line is None else json.loads(line)
            except (ValueError, RecursionError):
                continue  # the reading of the actions has included it
            if isinstance(row, dict):
                yield row


def _add(found: list[_Value], read: Callable[[], _Value | None]) -> None:
    """Add a row that was read, if it is one that an export can have."""
    try:
        value = read()
    except ValueError:
        return
    if value is not None:
        found.append(value)


def _day(row: dict[str, Any]) -> ThinnedDay:
    seen = _number(row, "seen", 0, _MOST)
    seed = _number(row, "seed", -(2**63), 2**63 - 1)
    return ThinnedDay(_number(row, "day", -_LAST_DAY, _LAST_DAY), seed, seen, _number(row, "kept", 0, seen))


def _sum(row: dict[str, Any], policy: Policy) -> KeptSum | None:
    """None if it is of what is excluded."""
    last_hour = _LAST_DAY * _HOURS_PER_DAY
    local_hour = _number(row, "local_hour", -last_hour, last_hour)
    source, kind = Source(str(row.get("source"))), EventKind(str(row.get("kind")))
    if kind not in KINDS_OF[source]:
        raise ValueError(kind)
    app, site, project = (_name(row, field) for field in ("app", "site", "project"))
    address = None if site is None else f"https://{site}/"
    standing_for = Event(max(0, local_hour) * US_PER_HOUR, source, kind, app, address)
    if isinstance(judge(standing_for, policy, Origin.IMPORT, 0), Dropped):
        return None
    offset_s = _number(row, "utc_offset_s", -_DAY_S, _DAY_S)
    sums = tuple(_number(row, field, 0, _MOST) for field in _SUMS)
    return KeptSum(local_hour, offset_s, source, kind, app, site, project, sums)


def _number(row: dict[str, Any], name: str, low: int, high: int) -> int:
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(name)
    return value


def _name(row: dict[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(name)
    return value
