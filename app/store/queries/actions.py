"""Queries for stored actions: whole, a page at a time, or as the outline of a day."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from app.store.rows import event_codec
from app.store.rows.names import Names
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import translated
from app.store.values.records import ActionRow, Mark, Outline
from collectors.events import KINDS_OF, MAX_DURATION_US, US_PER_HOUR, Event, EventKind, Source

_FETCH: Final = 512
_ACTION: Final = """SELECT actions.id, ts_us, code, utc_offset_s, app, token, site, project, target, title,
    duration_us, detail, origin_key FROM actions LEFT JOIN texts ON texts.id = actions.text """
_PRESENCE: Final = event_codec.source_range(Source.PRESENCE)
_FOCUS: Final = event_codec.code_of(Source.WINDOW, EventKind.FOCUS)
LABELLED: Final = f"(token IS NOT NULL OR (code >= {_PRESENCE[0]} AND code < {_PRESENCE[1]}))"
"""Actions that training and the day view use: those with a token, and presence."""
_IN_RANGE: Final = "WHERE ts_us >= :start AND ts_us < :end"
_COUNT: Final = f"SELECT count(*) FROM actions INDEXED BY actions_by_time {_IN_RANGE}"  # noqa: S608  # constants alone
_IN_ORDER: Final = "ORDER BY ts_us, actions.id LIMIT :limit"
_AFTER: Final = "AND ts_us >= :mark_us AND (ts_us > :mark_us OR actions.id > :mark_id)"
_BEFORE: Final = "AND ts_us <= :mark_us AND (ts_us < :mark_us OR actions.id < :mark_id)"
_LATEST_FIRST: Final = "ORDER BY ts_us DESC, actions.id DESC LIMIT :limit"
# The SQL holds constants alone. Actions longer than an hour have an index of their own, so that those that reach into
# a day from long before are cheap to find.
_BARE: Final = f"SELECT ts_us, coalesce(duration_us, 0), CASE code WHEN {_FOCUS} THEN coalesce(app, 0) END FROM actions"  # noqa: S608
_OUTLINE: Final = f"""{_BARE} INDEXED BY actions_long
    WHERE ts_us >= :far AND ts_us < :near AND duration_us > {US_PER_HOUR} AND {LABELLED}
    UNION ALL {_BARE} INDEXED BY actions_by_time WHERE ts_us >= :near AND ts_us < :end AND {LABELLED}"""
_DETAIL_OF: Final[dict[int, Any]] = {
    event_codec.code_of(source, kind): detail for source, kinds in KINDS_OF.items() for kind, detail in kinds.items()
}


class ActionQueries:
    """Reads actions through one connection."""

    def __init__(self, connection: Connection, names: Names, path: Path) -> None:
        self._connection = connection
        self._names = names
        self._path = path

    def forward(self, start_us: int, end_us: int, limit: int | None, after: Mark | None) -> Iterator[ActionRow]:
        """Yield the actions that began in [start_us, end_us), in time order.

        Args:
            start_us: the beginning, included.
            end_us: the end, excluded.
            limit: the most actions; None for all.
            after: yield only actions after this mark.
        """
        return self._actions(
            f"{_IN_RANGE} {_AFTER if after else ''} {_IN_ORDER}", _bounds(start_us, end_us, limit, after)
        )

    def stored(self, start_us: int, end_us: int) -> int:
        """Count the actions that began in [start_us, end_us); reads an index alone."""
        return int(self._connection.execute(_COUNT, _bounds(start_us, end_us, None, None)).fetchone()[0])

    def labelled(self, start_us: int, end_us: int) -> Iterator[ActionRow]:
        """Yield the labelled actions that began in [start_us, end_us), in time order."""
        return self._actions(f"{_IN_RANGE} AND {LABELLED} {_IN_ORDER}", _bounds(start_us, end_us, None, None))

    def labelled_page(self, start_us: int, end_us: int, limit: int, before: Mark | None) -> tuple[ActionRow, ...]:
        """Return the latest labelled actions, latest first.

        Args:
            start_us: the beginning, included.
            end_us: the end, excluded.
            limit: the most actions.
            before: return only actions before this mark.
        """
        rest = f"{_IN_RANGE} AND {LABELLED} {_BEFORE if before else ''} {_LATEST_FIRST}"
        return tuple(self._actions(rest, _bounds(start_us, end_us, limit, before)))

    def recent(self, limit: int) -> tuple[ActionRow, ...]:
        """Return the latest actions, latest first."""
        return tuple(self._actions(_LATEST_FIRST, {"limit": limit}))

    def everything(self) -> Iterator[ActionRow]:
        """Yield all actions in time order."""
        return self._actions(_IN_ORDER, {"limit": -1})

    def at_times(self, times_us: Sequence[int]) -> Iterator[ActionRow]:
        """Yield the actions that began exactly at one of these times."""
        return self._actions(
            "WHERE ts_us IN (SELECT value FROM json_each(:times))", {"times": json.dumps(list(times_us))}
        )

    def of_source(self, source: Source, app: str | None, start_us: int, end_us: int) -> Iterator[ActionRow]:
        """Yield the actions of one source, latest first.

        Args:
            source: the source.
            app: only this application; None for all.
            start_us: the beginning of the range, included.
            end_us: the end, excluded.
        """
        low, high = event_codec.source_range(source)
        named = "" if app is None else "AND app = (SELECT id FROM names WHERE text = :app)"
        rest = f"{_IN_RANGE} AND code >= :low AND code < :high {named} {_LATEST_FIRST}"
        return self._actions(rest, {**_bounds(start_us, end_us, None, None), "low": low, "high": high, "app": app})

    def outline(self, start_us: int, end_us: int) -> Outline:
        """Return the outline of a day; see `Outline`."""
        bounds = {
            "far": start_us - MAX_DURATION_US,
            "near": start_us - US_PER_HOUR,
            "end": end_us,
        }
        actions = 0
        windows: list[tuple[int, int, int]] = []
        with translated(self._path):
            for ts_us, duration_us, app in self._connection.execute(_OUTLINE, bounds):
                actions += ts_us >= start_us
                if app is not None and (ts_us >= start_us or ts_us + duration_us > start_us):
                    windows.append((ts_us, ts_us + duration_us, app))
            names = {app: self._names.name_of(app) if app else "" for app in {app for _, _, app in windows}}
        windows.sort()
        return Outline(actions, tuple((begun_us, end_us, names[app]) for begun_us, end_us, app in windows))

    def _actions(self, rest: str, parameters: Mapping[str, object]) -> Iterator[ActionRow]:
        with translated(self._path):
            cursor = self._connection.execute(_ACTION + rest, parameters)
            while rows := cursor.fetchmany(_FETCH):
                for row in rows:
                    yield self._row(row)

    def _row(self, row: tuple[Any, ...]) -> ActionRow:
        identity, ts_us, code, offset_s, app, token, site, project, target, title, duration_us, detail, origin = row
        source, kind = event_codec.pair_of(code)
        name = self._names.get
        event = Event(
            ts_us,
            source,
            kind,
            None if app is None else name(app),
            target,
            title,
            duration_us,
            offset_s,
            None if detail is None else _DETAIL_OF[code](*json.loads(detail)),
            origin,
        )
        return ActionRow(
            identity,
            event,
            None if token is None else name(token),
            None if site is None else name(site),
            None if project is None else name(project),
        )


def _bounds(start_us: int, end_us: int, limit: int | None, mark: Mark | None) -> dict[str, int]:
    bounds = {"start": start_us, "end": end_us, "limit": -1 if limit is None else limit}
    if mark is not None:
        bounds["mark_us"], bounds["mark_id"] = mark
    return bounds
