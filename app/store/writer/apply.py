"""The statements behind each command. The writer's thread alone uses this, inside its transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from itertools import groupby, islice
from pathlib import Path
from typing import Final, cast

from app.errors import StoreError
from app.store.forgetting.pending import write_down
from app.store.retention import import_aggregates
from app.store.rows import event_codec, predictions
from app.store.rows.aggregates import Deltas, cell_of, count_stored
from app.store.rows.interning import Interner
from app.store.sqlite.bulk_insert import insert
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import Error, is_damage, may_pass, primary_code, to_store_error
from app.store.values import commands
from app.store.values.records import ActionRow, Appended, NewAction
from collectors.events import MAX_DURATION_US, RhythmDetail

_INSERT: Final = "INSERT INTO actions VALUES"

Row = tuple[
    int, int, int, int, int | None, int | None, int | None, int | None, int | None, int | None, str | None, int | None
]


class CommandExecutor:
    """Applies commands to the file, one after the other."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.interner = Interner(connection)
        self._deltas = Deltas()
        self._next_action = 0

    def forget(self) -> None:
        """Drop what was remembered of a transaction that was rolled back."""
        self.interner.forget()
        self._deltas = Deltas()
        self._next_action = 0

    def commit(self, batch: Iterable[commands.Command | StoreError], position: int, path: Path) -> list[object]:
        """Do what a batch asks, in one transaction, together with the journal's position.

        Args:
            batch: what to do; an error in a command's place becomes its answer.
            position: the number of the last one in the journal.
            path: of the file, for messages.

        Returns:
            An answer for each; an exception if one could not be done, which was undone alone.

        Raises:
            Error: if nothing could be committed; the caller undoes what was begun.
        """
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        answers: list[object] = []
        for kind, side_by_side in groupby(batch, type):
            if kind is commands.Append:
                answers += self._append_all(cast("list[commands.Append]", [*side_by_side]), path)
            else:
                answers += [each if isinstance(each, StoreError) else self._try(each, path) for each in side_by_side]
        connection.execute("UPDATE journal_position SET applied = ?", (position,))
        connection.execute("COMMIT")
        return answers

    def _append_all(self, appends: list[commands.Append], path: Path) -> list[object]:
        """Appends side by side are done as one, because each costs as much as many of its rows; else one by one."""
        together = self._try(commands.Append(tuple(action for each in appends for action in each.actions)), path)
        if isinstance(together, Appended):
            ids = iter(together.ids)
            return [Appended(tuple(islice(ids, len(each.actions)))) for each in appends]
        return [self._try(each, path) for each in appends] if len(appends) > 1 else [together]

    def _try(self, command: commands.Command, path: Path) -> object:
        """The answer to a command; an exception if it could not be done, which was undone alone."""
        connection = self.connection
        connection.execute("SAVEPOINT command")
        try:
            answer = self.apply(command)
        except Exception as error:
            # Whatever a command raises is its caller's to see, and must not take its batch mates with it.
            if isinstance(error, Error) and (may_pass(error) or is_damage(error) or not connection.in_transaction):
                raise
            connection.execute("ROLLBACK TO command")
            self.forget()
            answer = to_store_error(error, path) if primary_code(error) >= 0 else error
        connection.execute("RELEASE command")
        return answer

    def apply(self, command: commands.Command) -> object:  # noqa: C901, PLR0911, PLR0912  # one line a command
        """Do what a command asks; the answer is its Future's.

        Raises:
            StoreError: if it cannot be done; the caller undoes what it did so far.
        """
        match command:
            case commands.Append():
                return self._append(command.actions)
            case commands.Extend():
                self._extend(command)
            case commands.SavePrediction():
                return predictions.save_prediction(self.connection, self.interner, command.prediction)
            case commands.ScorePrediction():
                predictions.score_prediction(self.connection, self.interner, command.score)
            case commands.SaveTrainingRun():
                return predictions.save_training_run(self.connection, command.run)
            case commands.UseTrainingRun(run_id):
                predictions.use_training_run(self.connection, run_id)
            case commands.AddChatMessage():
                return self._add_chat_message(command)
            case commands.ReplaceSessions():
                self._replace_sessions(command)
            case commands.NewChat(ts_us):
                return predictions.insert_row(
                    self.connection, "INSERT INTO chat_sessions (started_us) VALUES (?) RETURNING id", (ts_us,)
                )
            case commands.PutSetting(name, json_text):
                self.connection.execute(
                    "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                    (name, json_text),
                )
            case commands.BringBack(days, sums):
                import_aggregates.mark_thinned(self.connection, days)
                import_aggregates.raise_sums(self.connection, self.interner, sums)
            case commands.BeginForgetting(request, asked_us):
                return write_down(self.connection, request, asked_us)
            case commands.Audit(ts_us, what):
                self.connection.execute("INSERT INTO audit (ts_us, what) VALUES (?, ?)", (ts_us, what))
        return None

    def _append(self, actions: tuple[NewAction, ...]) -> Appended:
        known = self._known_origins(actions)
        if not self._next_action:
            row = self.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'actions'").fetchone()
            self._next_action = 1 if row is None else row[0] + 1
        rows: list[Row] = []
        ids: list[int | None] = []
        for action in actions:
            origin_key = action.event.origin_key
            if origin_key is not None:
                if origin_key in known:
                    ids.append(None)
                    continue
                known.add(origin_key)
            rows.append(self._row(self._next_action, action))
            ids.append(self._next_action)
            self._next_action += 1
        self.interner.write_texts()
        insert(self.connection, _INSERT, rows)
        count_stored(self.connection, Counter(row[2] for row in rows))
        self._deltas.write(self.connection)
        return Appended(tuple(ids))

    def _known_origins(self, actions: tuple[NewAction, ...]) -> set[int]:
        asked = [action.event.origin_key for action in actions if action.event.origin_key is not None]
        if not asked:
            return set()
        return {
            row[0]
            for row in self.connection.execute(
                "SELECT origin_key FROM actions WHERE origin_key IS NOT NULL"
                " AND origin_key IN (SELECT value FROM json_each(?))",
                (json.dumps(asked),),
            )
        }

    def _row(self, identity: int, action: NewAction) -> Row:
        event = action.event
        event_codec.check_event(event)
        code = event_codec.code_of(event.source, event.kind)
        storable = event_codec.storable
        app = self.interner.name_or_none(event.app)
        token = self.interner.name_or_none(action.token)
        site = self.interner.name_or_none(action.site)
        project = self.interner.name_or_none(action.project)
        text = None
        if event.target is not None or event.title is not None:
            text = self.interner.text(
                (
                    None if event.target is None else storable(event.target),
                    None if event.title is None else storable(event.title),
                )
            )
        detail = event.detail
        cell = cell_of(event.ts_us, event.utc_offset_s, code, (app, site, project))
        self._deltas.add_action(cell, detail if isinstance(detail, RhythmDetail) else None)
        if event.duration_us:
            self._deltas.add_duration(cell, event.ts_us, event.duration_us)
        return (
            identity,
            event.ts_us,
            code,
            event.utc_offset_s,
            app,
            token,
            site,
            project,
            text,
            event.duration_us,
            event_codec.encode_detail(event),
            event.origin_key,
        )

    def _extend(self, command: commands.Extend) -> None:
        if not 0 <= command.duration_us <= MAX_DURATION_US:
            raise StoreError(
                f"An action cannot last {command.duration_us} µs; its duration stayed as it was.", "Report this fault."
            )
        row = self.connection.execute(
            "SELECT ts_us, utc_offset_s, code, app, site, project, duration_us FROM actions WHERE id = ?",
            (command.action_id,),
        ).fetchone()
        if row is None:
            raise StoreError(f"There is no action {command.action_id} to extend.", "It was cleaned up or forgotten.")
        ts_us, utc_offset_s, code, app, site, project, before_us = row
        cell = cell_of(ts_us, utc_offset_s, code, (app, site, project))
        if before_us:
            self._deltas.add_duration(cell, ts_us, before_us, sign=-1)
        self._deltas.add_duration(cell, ts_us, command.duration_us)
        self.connection.execute(
            "UPDATE actions SET duration_us = ? WHERE id = ?", (command.duration_us, command.action_id)
        )
        self._deltas.write(self.connection)

    def _add_chat_message(self, command: commands.AddChatMessage) -> int:
        message = command.message
        text = message.text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
        identity = predictions.insert_row(
            self.connection,
            "INSERT INTO chat_messages (chat_id, ts_us, author, text, answer_json) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (message.chat_id, message.ts_us, message.author, text, message.answer_json),
        )
        self.connection.execute("INSERT INTO chat_words (rowid, text) VALUES (?, ?)", (identity, text))
        return identity

    def _replace_sessions(self, command: commands.ReplaceSessions) -> None:
        self.connection.execute(
            "DELETE FROM sessions WHERE start_us >= ? AND start_us < ?", (command.lo_us, command.hi_us)
        )
        self.connection.executemany(
            "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)",
            [(session.start_us, session.end_us, session.ended_by, session.actions) for session in command.sessions],
        )


def committed_rows(actions: tuple[NewAction, ...], appended: Appended) -> list[ActionRow]:
    """The rows an append stored, as they were committed."""
    return [
        ActionRow(identity, action.event, action.token, action.site, action.project)
        for action, identity in zip(actions, appended.ids, strict=True)
        if identity is not None
    ]
