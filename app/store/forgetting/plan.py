"""The plan of a forgetting: which rows leave each table. Reads one snapshot and writes nothing.

A dry run shows the plan; a real run carries it out. So the first says exactly what the second does.
"""

from __future__ import annotations

import bisect
import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from app.store.forgetting import names as forgetting_names
from app.store.forgetting.aggregates import ROW, CellSelector, Row, add_row, cells_of
from app.store.forgetting.match import RequestMatches, match_request
from app.store.forgetting.texts import TextRows, find_text_rows
from app.store.rows import event_codec
from app.store.rows.aggregates import Cell, Deltas, Sums
from app.store.rows.bitset import Bitset
from app.store.sqlite.connection import Connection
from app.store.values.forget_request import Forget, Receipt
from collectors.events import MAX_DURATION_US, US_PER_HOUR, US_PER_S, LoadDetail, ProcessDetail, Source
from collectors.privacy.gate import names_of_app

_ROWS: Final = 5_000
_BY_TIME: Final = f"""SELECT {ROW} FROM actions INDEXED BY actions_by_time
    WHERE ts_us >= ? AND ts_us < ? AND id <= ? ORDER BY ts_us"""  # noqa: S608  # constants alone, as below
_BY_TEXT: Final = f"""SELECT {ROW} FROM actions INDEXED BY actions_by_text
    WHERE text IN (SELECT value FROM json_each(?)) AND ts_us >= ? AND ts_us < ? AND id <= ?"""  # noqa: S608
_SINGLE: Final = f"SELECT {ROW} FROM actions WHERE id IN (SELECT value FROM json_each(?)) AND id <= ?"  # noqa: S608
_NAMING_APPS: Final = frozenset(
    code for source in (Source.PROCESS, Source.RESOURCES) for code in range(*event_codec.source_range(source))
)


@dataclass(slots=True)
class Plan:
    """Everything that goes, by id.

    Attributes:
        request: what is to be forgotten.
        up_to_id: the latest action at the time of the request; later actions stay.
        actions: ids of the actions that go.
        names_of_forgotten: ids of the names that forgotten actions and sums use, and what an earlier start found.
        names: ids of the names that no stored row uses any more.
        up_to_prediction: the latest prediction when the plan was made; later ones may use a name again.
        cells: hourly cells that go whole.
        cut: those cells with an hour that the range only cuts.
        sessions, predictions: keys of the rows that go.
        training_runs, adapters: keys of the rows that are retired.
        texts: conversations and other texts that go.
        first_us: when the first forgotten action began; a later training may have learned from it.
        receipt: the counts.
    """

    request: Forget
    up_to_id: int
    actions: Bitset = field(default_factory=Bitset)
    names_of_forgotten: set[int] = field(default_factory=set)
    names: set[int] = field(default_factory=set)
    up_to_prediction: int = 0
    cells: list[Cell] = field(default_factory=list)
    cut: list[Cell] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    predictions: array[int] = field(default_factory=lambda: array("q"))
    texts: TextRows = field(default_factory=lambda: TextRows((), (), (), (), (), None))
    training_runs: list[int] = field(default_factory=list)
    adapters: list[int] = field(default_factory=list)
    first_us: int | None = None
    receipt: Receipt = field(default_factory=lambda: Receipt(dry_run=True))


def plan(connection: Connection, request: Forget, up_to_id: int | None = None) -> Plan:
    """Find everything that goes.

    Args:
        connection: a reading connection, within one transaction.
        request: what is to be forgotten.
        up_to_id: the latest action at the time of the request; None for the latest there is.
    """
    if up_to_id is None:
        (up_to_id,) = connection.execute("SELECT coalesce(max(id), 0) FROM actions").fetchone()
    return _Planning(connection, request, up_to_id).run()


class _Planning:
    def __init__(self, connection: Connection, request: Forget, up_to_id: int) -> None:
        self._connection = connection
        self._request = request
        self._single = frozenset(request.actions)
        self._matches: RequestMatches = match_request(connection, request)
        self._selector = CellSelector(request, self._matches)
        self._plan = Plan(request, up_to_id)
        self._texts = Bitset()
        self._names_of_forgotten: set[int] = set()
        self._deltas = Deltas()
        self._lost: dict[Cell, Sums] = {}
        self._first_us: int | None = None
        rows = connection.execute("SELECT start_us, end_us FROM sessions ORDER BY start_us").fetchall()
        self._session_starts = [row[0] for row in rows]
        self._session_ends = [row[1] for row in rows]
        self._sessions: set[int] = set()

    def run(self) -> Plan:
        result = self._plan
        self._find_actions()
        self._find_cells()
        self._find_sessions()
        self._find_names()
        self._find_learned()
        result.receipt = Receipt(
            dry_run=True,
            actions=len(result.actions),
            texts=self._count_texts(),
            names=len(result.names),
            sums=len(result.cells) + len(self._lost),
            hours_gone_whole=len(result.cut),
            sessions=len(result.sessions),
            predictions=len(result.predictions),
            chat_messages=len(result.texts.chat_messages),
            insights=len(result.texts.insights),
            memories=len(result.texts.memories),
            settings=len(result.texts.settings),
            notes=len(result.texts.notes),
            training_runs=len(result.training_runs),
            adapters=len(result.adapters),
        )
        return result

    # --- actions

    def _find_actions(self) -> None:
        for row in self._candidates():
            if not self._matches_request(row):
                continue
            identity, ts_us, _, _, app, token, site, project, text, _, _ = row
            self._plan.actions.add(identity)
            self._names_of_forgotten.update(name_id for name_id in (app, token, site, project) if name_id is not None)
            if text is not None:
                self._texts.add(text)
            self._note_begin(ts_us)
            index = bisect.bisect_right(self._session_starts, ts_us) - 1
            if index >= 0 and ts_us <= self._session_ends[index]:
                self._sessions.add(self._session_starts[index])
            if not all(map(self._selector.goes_whole, cells_of(row))):
                add_row(self._deltas, row, -1)

    def _candidates(self) -> Iterator[Row]:
        """Yield every action that may match: by the texts that the search found, else by time."""
        bounds = (self._request.low_us - MAX_DURATION_US, self._request.high_us, self._plan.up_to_id)
        if self._request.actions:
            ids = json.dumps([action_id for action_id, _ in self._request.actions])
            rows = self._fetched(_SINGLE, (ids, self._plan.up_to_id))
            yield from (row for row in rows if row[:2] in self._single)
        elif self._matches.texts is None:
            yield from self._fetched(_BY_TIME, bounds)
        else:
            ordered = sorted(self._matches.texts)
            for first in range(0, len(ordered), _ROWS):
                yield from self._fetched(_BY_TEXT, (json.dumps(ordered[first : first + _ROWS]), *bounds))

    def _fetched(self, sql: str, parameters: tuple[object, ...]) -> Iterator[Row]:
        cursor = self._connection.execute(sql, parameters)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows

    def _matches_request(self, row: Row) -> bool:
        _, ts_us, code, _, app, token, site, project, text, duration_us, detail = row
        request, matches = self._request, self._matches
        if ts_us < request.low_us and ts_us + (duration_us or 0) <= request.low_us:
            return False
        is_app = (
            matches.apps is None or app in matches.apps or token in matches.app_tokens or self._names_app(code, detail)
        )
        is_site = matches.sites is None or site in matches.sites or text in matches.hosted
        return is_app and is_site and (matches.projects is None or project in matches.projects)

    def _names_app(self, code: int, detail_text: str | None) -> bool:
        """Return whether the detail of a process or a load names the application."""
        if detail_text is None or code not in _NAMING_APPS or self._request.app is None:
            return False
        detail = event_codec.decode_detail(*event_codec.pair_of(code), detail_text)
        named = detail.culprit if isinstance(detail, LoadDetail) else None
        if isinstance(detail, ProcessDetail):
            named = detail.parent
        return named is not None and not names_of_app(self._request.app).isdisjoint(names_of_app(named))

    def _note_begin(self, ts_us: int) -> None:
        if self._first_us is None or ts_us < self._first_us:
            self._first_us = ts_us

    def _count_texts(self) -> int:
        """Count the texts that no remaining action uses."""
        return sum(
            all(
                row[0] in self._plan.actions
                for row in self._connection.execute("SELECT id FROM actions WHERE text = ?", (text,))
            )
            for text in self._texts.after(-1)
        )

    # --- what depends on the actions

    def _find_cells(self) -> None:
        result = self._plan
        for cell, cut in self._selector.selected(self._connection):
            result.cells.append(cell)
            if cut:
                result.cut.append(cell)
            self._names_of_forgotten.update(name_id for name_id in cell[3:] if name_id)
            self._note_begin(max(self._request.low_us, cell[0] * US_PER_HOUR - cell[1] * US_PER_S))
        whole = frozenset(result.cells)
        taken = self._deltas.cells()
        self._lost = {cell: sums for cell, sums in taken.items() if cell not in whole}

    def _find_sessions(self) -> None:
        request = self._request
        if not request.names and request.text is None and not request.actions:
            for start_us, end_us in zip(self._session_starts, self._session_ends, strict=True):
                if start_us < request.high_us and end_us >= request.low_us:
                    self._sessions.add(start_us)
        self._plan.sessions = sorted(self._sessions)

    def _find_names(self) -> None:
        """Find the names that go, and the predictions and conversations that go with them."""
        connection, result, request = self._connection, self._plan, self._request
        names = dict(connection.execute("SELECT id, text FROM names").fetchall())
        names_of_forgotten = self._names_of_forgotten | {
            row[0] for row in connection.execute("SELECT id FROM forgotten_names")
        }
        whole_names = self._matches.names if len(request.names) == 1 and request.text is None else frozenset()
        if not request.has_range:
            names_of_forgotten |= whole_names
        whole = frozenset(result.cells)
        used = forgetting_names.names_in_sums(connection, lambda cell: cell in whole, self._lost)
        used |= forgetting_names.names_used_as_tokens(connection, names.keys() - used, result.actions)
        gone = (names_of_forgotten & names.keys()) - used
        result.names_of_forgotten = names_of_forgotten
        (result.up_to_prediction,) = connection.execute("SELECT coalesce(max(id), 0) FROM predictions").fetchone()
        result.predictions, predicted = forgetting_names.select_predictions(connection, request, whole_names, gone)
        result.names = names.keys() - used - predicted
        result.texts = find_text_rows(
            connection, request, forgetting_names.without_action_tokens([names[name_id] for name_id in gone])
        )

    def _find_learned(self) -> None:
        """Find the models trained after the first forgotten action: they may have learned from it."""
        result = self._plan
        result.first_us = self._first_us
        if self._first_us is not None:
            result.training_runs = self._since("training_runs", "started_us", self._first_us)
        times_us = [time_us for time_us in (self._first_us, result.texts.first_us) if time_us is not None]
        if times_us:
            result.adapters = self._since("adapters", "made_us", min(times_us))

    def _since(self, table: str, column: str, time_us: int) -> list[int]:
        rows = self._connection.execute(
            f"SELECT id FROM {table} WHERE {column} >= ? AND length(weights) > 0",  # noqa: S608  # names from above
            (time_us,),
        )
        return [row[0] for row in rows]
