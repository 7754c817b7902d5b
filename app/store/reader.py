"""The reader: queries through a read-only connection, which never block the writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.store.forgetting.pending import unfinished
from app.store.forgetting.plan import Plan, plan
from app.store.integrity import full_check
from app.store.integrity.full_check import VerifyReport
from app.store.queries import search, totals
from app.store.queries.actions import ActionQueries
from app.store.queries.export import export_rows
from app.store.queries.patterns import Patterns
from app.store.queries.predictions import PredictionQueries
from app.store.rows import event_codec
from app.store.rows.moments import MomentRows
from app.store.rows.names import Names
from app.store.sqlite.connection import Connection, snapshot
from app.store.sqlite.errors import translated
from app.store.values.forget_request import Forget, Unfinished
from app.store.values.records import (
    ActionRow,
    ChatHit,
    ChatMessage,
    Dimension,
    Hit,
    Mark,
    Outline,
    SessionRecord,
    StoreCounts,
    Total,
)
from collectors.event_json import to_wire
from collectors.events import Source

ReturnConnection = Callable[[Connection, BaseException | None], None]
"""Takes a connection back, with the error that ended its use, if any."""


class Reader(PredictionQueries):
    """A read-only connection that the store lends; a context manager. For one thread at a time.

    Args:
        connection: read-only.
        path: of the file, for messages and its size.
        give_back: called with the connection and an error, if any, when the reader is closed.
    """

    def __init__(self, connection: Connection, path: Path, give_back: ReturnConnection) -> None:
        self._connection = connection
        self._path = path
        self._give_back = give_back
        self._names = Names(connection)
        self._rows = ActionQueries(connection, self._names, path)
        self.patterns = Patterns(connection, self._names, path)
        """Queries for days in a row, unbroken work and transitions between actions."""
        self.moments = MomentRows(connection, path)
        """Moments and their vectors, for similarity search."""
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(error)

    def close(self, error: BaseException | None = None) -> None:
        """Give the connection back, with the error if there was one; safe more than once."""
        if self._open:
            self._open = False
            self._give_back(self._connection, error)

    def timeline(
        self, start_us: int, end_us: int, limit: int | None = None, after: Mark | None = None
    ) -> Iterator[ActionRow]:
        """Yield the actions that began in [start_us, end_us), in time order.

        Args:
            start_us: the beginning, included.
            end_us: the end, excluded.
            limit: the most actions; None for all.
            after: yield only actions after this mark.
        """
        return self._rows.forward(start_us, end_us, limit, after)

    def stored(self, start_us: int, end_us: int) -> int:
        """Count the stored actions that began in [start_us, end_us); the sums may count more."""
        with translated(self._path):
            return self._rows.stored(start_us, end_us)

    def recent(self, limit: int) -> tuple[ActionRow, ...]:
        """Return the latest actions, latest first."""
        return self._rows.recent(limit)

    def at_times(self, times_us: Sequence[int]) -> Iterator[ActionRow]:
        """Yield the actions that began exactly at one of these times."""
        return self._rows.at_times(times_us)

    def of_source(
        self, source: Source, app: str | None = None, start_us: int = 0, end_us: int = 2**62
    ) -> Iterator[ActionRow]:
        """Yield the actions of one source, latest first.

        Args:
            source: the source.
            app: only this application; None for all.
            start_us: the beginning of the range, included.
            end_us: the end, excluded.
        """
        return self._rows.of_source(source, app, start_us, end_us)

    def labelled(self, start_us: int | None = None, end_us: int | None = None) -> Iterator[ActionRow]:
        """Yield the actions that training uses in time order: those with a token, and presence."""
        return self._rows.labelled(0 if start_us is None else start_us, 2**62 if end_us is None else end_us)

    def labelled_page(
        self, start_us: int, end_us: int, limit: int, before: Mark | None = None
    ) -> tuple[ActionRow, ...]:
        """Return the latest labelled actions that began in [start_us, end_us), latest first; see `labelled`.

        Args:
            start_us: the beginning, included.
            end_us: the end, excluded.
            limit: the most actions.
            before: return only actions before this mark.
        """
        return self._rows.labelled_page(start_us, end_us, limit, before)

    def outline(self, start_us: int, end_us: int) -> Outline:
        """Return the outline of a day, without text."""
        return self._rows.outline(start_us, end_us)

    def totals(
        self, dimension: Dimension, start_us: int, end_us: int, source: Source | None = None
    ) -> tuple[Total, ...]:
        """Return counts and active time by group; see `app.store.queries.totals`.

        Args:
            dimension: what to group by.
            start_us: the beginning of the range, included.
            end_us: the end, excluded.
            source: only this source; None for all.
        """
        with snapshot(self._connection, self._path):
            query = totals.TotalsQuery(dimension, start_us, end_us, source)
            return totals.totals(self._connection, self._names, query)

    def search(self, text: str, limit: int = 50) -> tuple[Hit, ...]:
        """Return the newest actions with all the words in title or target; see `app.store.queries.search`."""
        with snapshot(self._connection, self._path):
            return search.search_actions(self._connection, self._names, text, limit)

    def search_chat(self, text: str, limit: int = 50) -> tuple[ChatHit, ...]:
        """Return the newest chat messages with all the words."""
        with translated(self._path):
            return search.search_chat(self._connection, text, limit)

    def counts(self) -> StoreCounts:
        """Return the main counts of the store."""
        with translated(self._path):
            by_source: dict[str, int] = {}
            for code, count in self._connection.execute("SELECT code, actions FROM stored_counts WHERE actions"):
                name = event_codec.pair_of(code)[0].value
                by_source[name] = by_source.get(name, 0) + count
            first_us = self._one("SELECT min(ts_us) FROM actions")
            last_us = self._one("SELECT max(ts_us) FROM actions")
            return StoreCounts(
                actions=sum(by_source.values()),
                by_source=tuple(sorted(by_source.items())),
                first_us=first_us,
                last_us=last_us,
                sessions=self._one("SELECT count(*) FROM sessions"),
                predictions=self._one("SELECT count(*) FROM predictions"),
                training_runs=self._one("SELECT count(*) FROM training_runs"),
                file_bytes=_file_bytes(self._path),
            )

    def setting(self, name: str) -> str | None:
        """Return the JSON text of a setting; None if it was never stored."""
        with translated(self._path):
            row = self._connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
            return None if row is None else str(row[0])

    def chat_messages(self, chat_id: int) -> tuple[ChatMessage, ...]:
        """Return the messages of a conversation, first to last."""
        with translated(self._path):
            return tuple(
                ChatMessage(*row)
                for row in self._connection.execute(
                    "SELECT chat_id, ts_us, author, text, answer_json FROM chat_messages WHERE chat_id = ? ORDER BY id",
                    (chat_id,),
                )
            )

    def latest_chat(self) -> int | None:
        """Return the id of the latest conversation; None before the first."""
        with translated(self._path):
            latest: int | None = self._one("SELECT max(id) FROM chat_sessions")
            return latest

    def sessions(self, start_us: int, end_us: int) -> tuple[SessionRecord, ...]:
        """Return the sessions that touch [start_us, end_us), in time order."""
        with translated(self._path):
            return tuple(
                SessionRecord(*row)
                for row in self._connection.execute(
                    "SELECT start_us, end_us, ended_by, actions FROM sessions"
                    " WHERE start_us < ? AND end_us >= ? ORDER BY start_us",
                    (end_us, start_us),
                )
            )

    def audit(self, limit: int = 100) -> tuple[tuple[int, str], ...]:
        """Return the latest audit notes, latest first: (ts_us, what)."""
        with translated(self._path):
            rows = self._connection.execute("SELECT ts_us, what FROM audit ORDER BY id DESC LIMIT ?", (limit,))
            return tuple((ts_us, what) for ts_us, what in rows)

    def thinned_days(self) -> frozenset[int]:
        """Return the local days, counted from the epoch, that a clean-up has thinned."""
        with translated(self._path):
            return frozenset(row[0] for row in self._connection.execute("SELECT day FROM thinned_days"))

    def plan_to_forget(self, request: Forget, up_to_id: int | None = None) -> Plan:
        """Return the plan of a request to forget, from one snapshot; see `app.store.forgetting.plan`."""
        with translated(self._path):
            self._connection.execute("BEGIN")
            try:
                return plan(self._connection, request, up_to_id)
            finally:
                self._connection.execute("ROLLBACK")

    def unfinished_forgetting(self) -> Unfinished | None:
        """Return the recorded forgetting that has not ended; None if there is none."""
        with translated(self._path):
            return unfinished(self._connection)

    def verify(self, now_us: int, report_progress: full_check.ReportProgress) -> VerifyReport:
        """Run the full check; see `app.store.integrity.full_check`."""
        with translated(self._path):
            return full_check.verify(self._connection, now_us, report_progress)

    def export(self) -> Iterator[dict[str, Any]]:
        """Yield every row of every user table as JSON-able values; see `app.store.queries.export`."""
        with translated(self._path):
            for row in self._rows.everything():
                yield {"table": "actions", **_exported(row)}
            yield from export_rows(self._connection, self._names)

    def _one(self, sql: str) -> Any:
        return self._connection.execute(sql).fetchone()[0]


def _exported(row: ActionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "event": to_wire(row.event),
        "origin_key": row.event.origin_key,
        "token": row.token,
        "site": row.site,
        "project": row.project,
    }


def _file_bytes(path: Path) -> int:
    total = 0
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            total += file.stat().st_size
        except FileNotFoundError:
            # The write-ahead log exists only while the store is written to.
            continue
    return total
