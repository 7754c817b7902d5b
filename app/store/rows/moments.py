"""Stored moments: the vector of each, its encoder, and the slots still to be encoded.

A moment is made of the actions of one slot of the clock (`neural.moments.bag_of_words`), and goes with them. Code that
deletes actions of a slot deletes its moments in the same transaction (`invalidate`), and they are made again from the
remaining actions. No text is stored here. An encoder that learned from something forgotten keeps only its record.

All of it can be made again from the actions, so none of it goes through the journal.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.store.rows.interning import Interner
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import translated
from app.store.values.forget_request import LAST_FORGOTTEN
from neural.moments.bag_of_words import SLOT_US, slot_of

DUE_SLOTS: Final = 128
"""Slots encoded at a time: some milliseconds of writing."""
_LOOKED_AT: Final = 5_000
_BLOCK: Final = 8_192
_ACTIVE: Final = "SELECT id FROM moment_encoders WHERE length(weights) > 0 ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class DueSlots:
    """The slots to encode next.

    Attributes:
        encoder: id of the encoder in use.
        changes: how often actions were deleted until now; vectors made before a later deletion are refused.
        slots: in order of time.
        up_to_id: every action up to this one lies in a slot that is encoded already, or in one of these.
        ended: whether nothing is left to encode.
    """

    encoder: int
    changes: int
    slots: tuple[int, ...]
    up_to_id: int
    ended: bool


class MomentRows:
    """Reads moments through one connection."""

    def __init__(self, connection: Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def encoder(self) -> tuple[int, bytes] | None:
        """Return id and weights of the encoder in use; None if there is none (yet, or any more)."""
        with translated(self._path):
            row = self._connection.execute(
                "SELECT id, weights FROM moment_encoders WHERE length(weights) > 0 ORDER BY id DESC LIMIT 1"
            ).fetchone()
            return None if row is None else (int(row[0]), bytes(row[1]))

    def count(self, encoder: int) -> int:
        """Count the moments of an encoder."""
        with translated(self._path):
            sql = "SELECT count(*) FROM moments WHERE encoder = ?"
            return int(self._connection.execute(sql, (encoder,)).fetchone()[0])

    def has(self, encoder: int, count: int) -> bool:
        """Return whether an encoder has at least `count` moments; reads no more of them."""
        with translated(self._path):
            sql = "SELECT count(*) FROM (SELECT 1 FROM moments WHERE encoder = ? LIMIT ?)"
            return int(self._connection.execute(sql, (encoder, count)).fetchone()[0]) >= count

    def due(self, encoder: int, most: int = DUE_SLOTS) -> DueSlots:
        """Return the slots to encode next, at most `most`.

        Read the actions of the slots after this call: `changes` shows whether some of them were deleted meanwhile.
        """
        with translated(self._path):
            up_to_id, changes = self._connection.execute("SELECT up_to_id, changes FROM moments_state").fetchone()
            rows = self._connection.execute("SELECT slot FROM moments_due ORDER BY slot LIMIT ?", (most,))
            slots = {slot for (slot,) in rows}
            reached = up_to_id
            looked_at = 0
            for action_id, ts_us in self._connection.execute(
                "SELECT id, ts_us FROM actions WHERE id > ? ORDER BY id LIMIT ?", (up_to_id, _LOOKED_AT)
            ):
                if slot_of(ts_us) not in slots and len(slots) >= most:
                    break
                slots.add(slot_of(ts_us))
                reached = action_id
                looked_at += 1
            return DueSlots(encoder, changes, tuple(sorted(slots)), reached, not slots and not looked_at)

    def scan(self, encoder: int) -> Iterator[tuple[array[int], bytes]]:
        """Yield the start times and vectors of an encoder's moments in order of time, a block at a time."""
        with translated(self._path):
            cursor = self._connection.execute(
                "SELECT start_us, vector FROM moments WHERE encoder = ? ORDER BY start_us", (encoder,)
            )
            while rows := cursor.fetchmany(_BLOCK):
                yield array("q", [row[0] for row in rows]), b"".join([row[1] for row in rows])


@dataclass(frozen=True, slots=True)
class KeepMoments:
    """Store the moments of due slots; reports whether they were still valid.

    Attributes:
        due: the slots that were to be encoded.
        placed: (start_us, vector) of every moment of these slots.
        report: whether they were stored, once that is decided.
        pause_s: how long to wait before the next step.
    """

    due: DueSlots
    placed: tuple[tuple[int, bytes], ...]
    report: bool | None = None
    pause_s: float = 0.0
    outside_transaction: bool = False

    def step(self, connection: Connection, _interner: Interner) -> KeepMoments:
        """Store all of them, or nothing if actions were deleted since or another encoder is in use."""
        (changes,) = connection.execute("SELECT changes FROM moments_state").fetchone()
        active = connection.execute(_ACTIVE).fetchone()
        if changes != self.due.changes or active is None or active[0] != self.due.encoder:
            return replace(self, report=False)
        spans = [(slot * SLOT_US, (slot + 1) * SLOT_US) for slot in self.due.slots]
        connection.executemany("DELETE FROM moments WHERE start_us >= ? AND start_us < ?", spans)
        connection.executemany("DELETE FROM moments_due WHERE slot = ?", [(slot,) for slot in self.due.slots])
        connection.executemany(
            "INSERT OR REPLACE INTO moments (start_us, encoder, vector) VALUES (?, ?, ?)",
            [(start_us, self.due.encoder, vector) for start_us, vector in self.placed],
        )
        connection.execute("UPDATE moments_state SET up_to_id = ?", (self.due.up_to_id,))
        return replace(self, report=True)

    def abort_report(self) -> bool:
        """Return False: nothing was done."""
        return False


@dataclass(frozen=True, slots=True)
class UseEncoder:
    """Use an encoder from now on, in place of the one before; every slot must be encoded again.

    Reports whether it was accepted: an encoder that has learned from something forgotten since is not.

    Attributes:
        started_us: when its training began to read.
        report_json: how it was trained.
        weights: see `neural.moments.encoder.dump`.
        report: whether it was accepted, once that is decided.
        pause_s: how long to wait before the next step.
    """

    started_us: int
    report_json: str
    weights: bytes
    report: bool | None = None
    pause_s: float = 0.0
    outside_transaction: bool = False

    def step(self, connection: Connection, _interner: Interner) -> UseEncoder:
        """Store the encoder in one step."""
        row = connection.execute("SELECT value FROM settings WHERE name = ?", (LAST_FORGOTTEN,)).fetchone()
        if row is not None and self.started_us <= int(row[0]):
            return replace(self, report=False)
        connection.execute("UPDATE moment_encoders SET weights = x'' WHERE length(weights) > 0")
        connection.execute(
            "INSERT INTO moment_encoders (made_us, report_json, weights) VALUES (?, ?, ?)",
            (self.started_us, self.report_json, self.weights),
        )
        connection.execute("UPDATE moments_state SET up_to_id = 0")
        connection.execute("DELETE FROM moments_due")
        return replace(self, report=True)

    def abort_report(self) -> bool:
        """Return False: nothing was done."""
        return False


def invalidate(connection: Connection, times_us: Iterable[int]) -> None:
    """Delete the moments of slots that lost an action; slots with actions left are due again.

    Args:
        connection: within the transaction that deleted the actions.
        times_us: when the deleted actions began.
    """
    connection.execute("UPDATE moments_state SET changes = changes + 1")
    for slot in {slot_of(ts_us) for ts_us in times_us}:
        span = (slot * SLOT_US, (slot + 1) * SLOT_US)
        gone = connection.execute("DELETE FROM moments WHERE start_us >= ? AND start_us < ?", span).rowcount
        left = connection.execute("SELECT 1 FROM actions WHERE ts_us >= ? AND ts_us < ? LIMIT 1", span).fetchone()
        if left is None:
            connection.execute("DELETE FROM moments_due WHERE slot = ?", (slot,))
        elif gone:
            connection.execute("INSERT OR IGNORE INTO moments_due VALUES (?)", (slot,))


def retire_encoders(connection: Connection, since_us: int) -> None:
    """Delete the weights of encoders made since `since_us`: they may have learned from the forgotten."""
    connection.execute("UPDATE moment_encoders SET weights = x'' WHERE made_us >= ?", (since_us,))
