"""Names that nothing stored bears any more, and the predictions that name what is forgotten."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Collection
from typing import Final

from app.store.rows.aggregates import Cell, Sums
from app.store.rows.bitset import Bitset
from app.store.rows.predictions import RANKED
from app.store.sqlite.connection import Connection
from app.store.values.forget_request import Forget

_WINDOW: Final = 50_000
_NAMED: Final = "SELECT id, token FROM actions WHERE id > ? AND id <= ? AND token IN (SELECT value FROM json_each(?))"
_CELLS: Final = "SELECT local_hour, utc_offset_s, code, app, site, project, actions, active_us, keys, clicks, scrolls"
_KINDS: Final = ("app:", "web:", "cmd:", "file:", "git:", "code:")


def in_sums(connection: Connection, inside: Callable[[Cell], bool], taken: dict[Cell, Sums]) -> set[int]:
    """The names that sums still bear, once the forgotten is taken away.

    Args:
        connection: a reading one.
        inside: whether a cell goes whole.
        taken: what the other cells lose, as negative numbers.
    """
    used: set[int] = set()
    for row in connection.execute(f"{_CELLS} FROM data_aggregates"):
        names = {row[3], row[4], row[5]} - used
        if not names or inside(row[:6]):
            continue
        lost = taken.get(row[:6])
        if lost is None or any(kept + less for kept, less in zip(row[6:], lost, strict=True)):
            used |= names
    return used - {0}


def as_tokens(connection: Connection, wanted: Collection[int], without: Bitset) -> set[int]:
    """Those of the names that actions bear as their token, the forgotten ones aside; looks at the latest first."""
    left = set(wanted)
    (high,) = connection.execute("SELECT coalesce(max(id), 0) FROM actions").fetchone()
    while high > 0 and left:
        for identity, token in connection.execute(_NAMED, (high - _WINDOW, high, json.dumps(sorted(left)))):
            if identity not in without:
                left.discard(token)
        high -= _WINDOW
    return set(wanted) - left


def predictions(
    connection: Connection, request: Forget, named: Collection[int], gone: Collection[int]
) -> tuple[array[int], set[int]]:
    """The predictions that go, and the names that the others bear.

    Args:
        connection: a reading one.
        request: what is to be forgotten.
        named: the names that it means; with a range they only count within it.
        gone: names that go in any case.
    """
    going: array[int] = array("q")
    used: set[int] = set()
    cursor = connection.execute("SELECT id, made_us, after_action, truth, truth_us, ranked FROM predictions")
    for identity, made_us, after, truth, truth_us, ranked in cursor:
        names = {after, *(candidate[0] for candidate in RANKED.iter_unpack(ranked))}
        if truth is not None:
            names.add(truth)
        timely = request.is_of(made_us) or (truth_us is not None and request.is_of(truth_us))
        meant = not names.isdisjoint(named) if request.names else request.text is None
        if (timely and meant) or not names.isdisjoint(gone):
            going.append(identity)
        else:
            used |= names
    return going, used


def named_by(connection: Connection, after_id: int) -> set[int]:
    """The names that predictions later than one bear."""
    used: set[int] = set()
    for after, truth, ranked in connection.execute(
        "SELECT after_action, truth, ranked FROM predictions WHERE id > ?", (after_id,)
    ):
        used |= {after, truth, *(candidate[0] for candidate in RANKED.iter_unpack(ranked))}
    return used - {None}


def no_tokens(names: Collection[str]) -> list[str]:
    """Those names that are applications, sites or projects."""
    return [name for name in names if not name.startswith(_KINDS)]
