"""What a request to forget would take from each table: read from one snapshot, nothing written.

A dry run tells the plan; a real run carries it out. So the one says exactly what the other does.
"""

from __future__ import annotations

import bisect
import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from app.store.forgetting import names as forgetting_names
from app.store.forgetting.aggregates import ROW, Cover, Row, add, cells_of
from app.store.forgetting.match import Meant, meant_by
from app.store.forgetting.texts import Words, words
from app.store.rows import event_codec
from app.store.rows.aggregates import US_PER_HOUR, Cell, Deltas, Sums
from app.store.rows.bitset import Bitset
from app.store.sqlite.connection import Connection
from app.store.values.forget_request import Forget, Receipt
from collectors.events import MAX_DURATION_US, US_PER_S, LoadDetail, ProcessDetail, Source
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
    """Everything that goes, by number.

    Attributes:
        request: what was asked.
        up_to_id: later actions came after the request, and stay.
        actions: that go.
        borne: names of forgotten actions and sums, with those that an earlier start of the same forgetting had found.
        names: that nothing stored bears any more.
        up_to_prediction: the latest when the plan was made; later ones may bear a name again.
        cells: of an hour, that go whole; `cut` are those of them whose hour the range only cuts.
        sessions, predictions, training_runs, adapters: by their keys; the last two are retired.
        words: conversations and other texts.
        first_us: when the first of all that goes began; what learned since then may have learned from it.
        receipt: how much all this is.
    """

    request: Forget
    up_to_id: int
    actions: Bitset = field(default_factory=Bitset)
    borne: set[int] = field(default_factory=set)
    names: set[int] = field(default_factory=set)
    up_to_prediction: int = 0
    cells: list[Cell] = field(default_factory=list)
    cut: list[Cell] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    predictions: array[int] = field(default_factory=lambda: array("q"))
    words: Words = field(default_factory=lambda: Words((), (), (), (), (), None))
    training_runs: list[int] = field(default_factory=list)
    adapters: list[int] = field(default_factory=list)
    first_us: int | None = None
    receipt: Receipt = field(default_factory=lambda: Receipt(dry_run=True))


def plan(connection: Connection, request: Forget, up_to_id: int | None = None) -> Plan:
    """Find everything that goes.

    Args:
        connection: a reading one, within one transaction.
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
        self._meant: Meant = meant_by(connection, request)
        self._cover = Cover(request, self._meant)
        self._plan = Plan(request, up_to_id)
        self._texts = Bitset()
        self._borne: set[int] = set()
        self._taken = Deltas()
        self._lost: dict[Cell, Sums] = {}
        self._first_us: int | None = None
        rows = connection.execute("SELECT start_us, end_us FROM sessions ORDER BY start_us").fetchall()
        self._session_starts = [row[0] for row in rows]
        self._session_ends = [row[1] for row in rows]
        self._sessions: set[int] = set()

    def run(self) -> Plan:
        made = self._plan
        self._find_actions()
        self._find_cells()
        self._find_sessions()
        self._find_names()
        self._find_learned()
        made.receipt = Receipt(
            dry_run=True,
            actions=len(made.actions),
            texts=self._count_texts(),
            names=len(made.names),
            sums=len(made.cells) + len(self._lost),
            hours_gone_whole=len(made.cut),
            sessions=len(made.sessions),
            predictions=len(made.predictions),
            chat_messages=len(made.words.chat_messages),
            insights=len(made.words.insights),
            memories=len(made.words.memories),
            settings=len(made.words.settings),
            notes=len(made.words.notes),
            training_runs=len(made.training_runs),
            adapters=len(made.adapters),
        )
        return made

    # --- actions

    def _find_actions(self) -> None:
        for row in self._candidates():
            if not self._is_meant(row):
                continue
            identity, ts_us, _, _, app, token, site, project, text, _, _ = row
            self._plan.actions.add(identity)
            self._borne.update(number for number in (app, token, site, project) if number is not None)
            if text is not None:
                self._texts.add(text)
            self._seen(ts_us)
            place = bisect.bisect_right(self._session_starts, ts_us) - 1
            if place >= 0 and ts_us <= self._session_ends[place]:
                self._sessions.add(self._session_starts[place])
            if not all(map(self._cover.inside, cells_of(row))):
                add(self._taken, row, -1)

    def _candidates(self) -> Iterator[Row]:
        """Every action that may be meant: by the texts that were found, else by the time."""
        bounds = (self._request.low_us - MAX_DURATION_US, self._request.high_us, self._plan.up_to_id)
        if self._request.actions:
            ids = json.dumps([number for number, _ in self._request.actions])
            rows = self._fetched(_SINGLE, (ids, self._plan.up_to_id))
            yield from (row for row in rows if row[:2] in self._single)
        elif self._meant.texts is None:
            yield from self._fetched(_BY_TIME, bounds)
        else:
            ordered = sorted(self._meant.texts)
            for first in range(0, len(ordered), _ROWS):
                yield from self._fetched(_BY_TEXT, (json.dumps(ordered[first : first + _ROWS]), *bounds))

    def _fetched(self, sql: str, parameters: tuple[object, ...]) -> Iterator[Row]:
        cursor = self._connection.execute(sql, parameters)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows

    def _is_meant(self, row: Row) -> bool:
        _, ts_us, code, _, app, token, site, project, text, duration_us, detail = row
        request, meant = self._request, self._meant
        if ts_us < request.low_us and ts_us + (duration_us or 0) <= request.low_us:
            return False
        is_app = meant.apps is None or app in meant.apps or token in meant.app_tokens or self._names_app(code, detail)
        is_site = meant.sites is None or site in meant.sites or text in meant.hosted
        return is_app and is_site and (meant.projects is None or project in meant.projects)

    def _names_app(self, code: int, detail_text: str | None) -> bool:
        """Whether the detail of a program or of a load names the application."""
        if detail_text is None or code not in _NAMING_APPS or self._request.app is None:
            return False
        detail = event_codec.decode_detail(*event_codec.pair_of(code), detail_text)
        named = detail.culprit if isinstance(detail, LoadDetail) else None
        if isinstance(detail, ProcessDetail):
            named = detail.parent
        return named is not None and not names_of_app(self._request.app).isdisjoint(names_of_app(named))

    def _seen(self, ts_us: int) -> None:
        if self._first_us is None or ts_us < self._first_us:
            self._first_us = ts_us

    def _count_texts(self) -> int:
        """How many texts no action that stays bears."""
        return sum(
            all(
                row[0] in self._plan.actions
                for row in self._connection.execute("SELECT id FROM actions WHERE text = ?", (text,))
            )
            for text in self._texts.after(-1)
        )

    # --- what hangs on them

    def _find_cells(self) -> None:
        made = self._plan
        for cell, cut in self._cover.cells(self._connection):
            made.cells.append(cell)
            if cut:
                made.cut.append(cell)
            self._borne.update(number for number in cell[3:] if number)
            self._seen(max(self._request.low_us, cell[0] * US_PER_HOUR - cell[1] * US_PER_S))
        whole = frozenset(made.cells)
        taken = self._taken.cells()
        self._lost = {cell: sums for cell, sums in taken.items() if cell not in whole}

    def _find_sessions(self) -> None:
        request = self._request
        if not request.names and request.text is None and not request.actions:
            for start_us, end_us in zip(self._session_starts, self._session_ends, strict=True):
                if start_us < request.high_us and end_us >= request.low_us:
                    self._sessions.add(start_us)
        self._plan.sessions = sorted(self._sessions)

    def _find_names(self) -> None:
        """Names, and, because they go with the names that go, predictions and conversations."""
        connection, made, request = self._connection, self._plan, self._request
        texts = dict(connection.execute("SELECT id, text FROM names").fetchall())
        borne = self._borne | {row[0] for row in connection.execute("SELECT id FROM forgotten_names")}
        whole_names = self._meant.names if len(request.names) == 1 and request.text is None else frozenset()
        if not request.has_range:
            borne |= whole_names
        kept = frozenset(made.cells)
        used = forgetting_names.in_sums(connection, lambda cell: cell in kept, self._lost)
        used |= forgetting_names.as_tokens(connection, texts.keys() - used, made.actions)
        gone = (borne & texts.keys()) - used
        made.borne = borne
        (made.up_to_prediction,) = connection.execute("SELECT coalesce(max(id), 0) FROM predictions").fetchone()
        made.predictions, predicted = forgetting_names.predictions(connection, request, whole_names, gone)
        made.names = texts.keys() - used - predicted
        made.words = words(connection, request, forgetting_names.no_tokens([texts[number] for number in gone]))

    def _find_learned(self) -> None:
        """What learned after the first forgotten moment may have learned from it."""
        made = self._plan
        made.first_us = self._first_us
        if self._first_us is not None:
            made.training_runs = self._since("training_runs", "started_us", self._first_us)
        moments = [moment for moment in (self._first_us, made.words.first_us) if moment is not None]
        if moments:
            made.adapters = self._since("adapters", "made_us", min(moments))

    def _since(self, table: str, column: str, moment_us: int) -> list[int]:
        rows = self._connection.execute(
            f"SELECT id FROM {table} WHERE {column} >= ? AND length(weights) > 0",  # noqa: S608  # names from above
            (moment_us,),
        )
        return [row[0] for row in rows]
