"""Names that no stored row uses any more, and predictions that name the forgotten."""

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


def names_in_sums(connection: Connection, goes_whole: Callable[[Cell], bool], deltas: dict[Cell, Sums]) -> set[int]:
    """Return the ids of names that the sums still use after the forgetting.

    Args:
        connection: a reading connection.
        goes_whole: whether a cell goes whole.
        deltas: what the other cells lose, as negative numbers.
    """
    used: set[int] = set()
    for row in connection.execute(f"{_CELLS} FROM data_aggregates"):
        names = {row[3], row[4], row[5]} - used
        if not names or goes_whole(row[:6]):
            continue
        lost = deltas.get(row[:6])
        if lost is None or any(kept + less for kept, less in zip(row[6:], lost, strict=True)):
            used |= names
    return used - {0}


def names_used_as_tokens(connection: Connection, name_ids: Collection[int], without: Bitset) -> set[int]:
    """Return which names the remaining actions use as their token. Looks at the latest actions first.

    Args:
        connection: a reading connection.
        name_ids: the names to look for.
        without: ids of the actions that are forgotten.
    """
    left = set(name_ids)
    (high,) = connection.execute("SELECT coalesce(max(id), 0) FROM actions").fetchone()
    while high > 0 and left:
        for action_id, token in connection.execute(_NAMED, (high - _WINDOW, high, json.dumps(sorted(left)))):
            if action_id not in without:
                left.discard(token)
        high -= _WINDOW
    return set(name_ids) - left


def select_predictions(
    connection: Connection, request: Forget, named: Collection[int], gone: Collection[int]
) -> tuple[array[int], set[int]]:
    """Return the ids of the predictions that go, and the ids of the names that the others use.

    Args:
        connection: a reading connection.
        request: what is to be forgotten.
        named: ids of the names that match; with a range they count only within it.
        gone: ids of names that go in any case.
    """
    going: array[int] = array("q")
    used: set[int] = set()
    cursor = connection.execute("SELECT id, made_us, after_action, truth, truth_us, ranked FROM predictions")
    for prediction_id, made_us, after, truth, truth_us, ranked in cursor:
        names = {after, *(candidate[0] for candidate in RANKED.iter_unpack(ranked))}
        if truth is not None:
            names.add(truth)
        in_range = request.is_of(made_us) or (truth_us is not None and request.is_of(truth_us))
        matches = not names.isdisjoint(named) if request.names else request.text is None
        if (in_range and matches) or not names.isdisjoint(gone):
            going.append(prediction_id)
        else:
            used |= names
    return going, used


def names_in_predictions_after(connection: Connection, after_id: int) -> set[int]:
    """Return the ids of the names that predictions with a later id use."""
    used: set[int] = set()
    for after, truth, ranked in connection.execute(
        "SELECT after_action, truth, ranked FROM predictions WHERE id > ?", (after_id,)
    ):
        used |= {after, truth, *(candidate[0] for candidate in RANKED.iter_unpack(ranked))}
    return used - {None}


def without_action_tokens(names: Collection[str]) -> list[str]:
    """Return the names that are applications, sites or projects."""
    return [name for name in names if not name.startswith(_KINDS)]
