"""Moments as they are kept: the place of each, by which encoder, and which are still to be placed.

A moment is made of the actions of one slot of the clock (`neural.moments.bag_of_words`). It goes with them: whatever
takes an action of a slot away takes the slot's moments in the same transaction (`invalidate`), and they are made again
from what is left. No text is kept here, and what is kept of an encoder that learned from something forgotten is its
record alone.

What is kept here can be made again from the actions, so none of it goes through the journal.
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
"""Slots that are placed at a time: some milliseconds of writing."""
_LOOKED_AT: Final = 5_000
_BLOCK: Final = 8_192
_ACTIVE: Final = "SELECT id FROM moment_encoders WHERE length(weights) > 0 ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class DueSlots:
    """What is to be placed next.

    Attributes:
        encoder: the one in use.
        changes: how often something was taken away until now; what is placed after that is refused.
        slots: in order of time.
        up_to_id: every action up to this one lies in a slot that was placed before, or is one of these.
        ended: nothing is left to be placed.
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
        """The encoder in use, None if there is none (yet, or any more)."""
        with translated(self._path):
            row = self._connection.execute(
                "SELECT id, weights FROM moment_encoders WHERE length(weights) > 0 ORDER BY id DESC LIMIT 1"
            ).fetchone()
            return None if row is None else (int(row[0]), bytes(row[1]))

    def count(self, encoder: int) -> int:
        """How many moments an encoder has placed."""
        with translated(self._path):
            sql = "SELECT count(*) FROM moments WHERE encoder = ?"
            return int(self._connection.execute(sql, (encoder,)).fetchone()[0])

    def has(self, encoder: int, count: int) -> bool:
        """Whether an encoder has placed so many; reads no more of them."""
        with translated(self._path):
            sql = "SELECT count(*) FROM (SELECT 1 FROM moments WHERE encoder = ? LIMIT ?)"
            return int(self._connection.execute(sql, (encoder, count)).fetchone()[0]) >= count

    def due(self, encoder: int, most: int = DUE_SLOTS) -> DueSlots:
        """What is to be placed next, at most so many slots.

        Read the actions of the slots after this: where some of them go meanwhile, `changes` tells.
        """
        with translated(self._path):
            up_to_id, changes = self._connection.execute("SELECT up_to_id, changes FROM moments_state").fetchone()
            rows = self._connection.execute("SELECT slot FROM moments_due ORDER BY slot LIMIT ?", (most,))
            slots = {slot for (slot,) in rows}
            reached = up_to_id
            looked_at = 0
            for identity, ts_us in self._connection.execute(
                "SELECT id, ts_us FROM actions WHERE id > ? ORDER BY id LIMIT ?", (up_to_id, _LOOKED_AT)
            ):
                if slot_of(ts_us) not in slots and len(slots) >= most:
                    break
                slots.add(slot_of(ts_us))
                reached = identity
                looked_at += 1
            return DueSlots(encoder, changes, tuple(sorted(slots)), reached, not slots and not looked_at)

    def scan(self, encoder: int) -> Iterator[tuple[array[int], bytes]]:
        """All that an encoder has placed, in order of time, a block at a time: when they began, and the vectors."""
        with translated(self._path):
            cursor = self._connection.execute(
                "SELECT start_us, vector FROM moments WHERE encoder = ? ORDER BY start_us", (encoder,)
            )
            while rows := cursor.fetchmany(_BLOCK):
                yield array("q", [row[0] for row in rows]), b"".join([row[1] for row in rows])


@dataclass(frozen=True, slots=True)
class KeepMoments:
    """Keep the moments of the slots that were due; answered with whether that was still right.

    Attributes:
        due: what was asked to be placed.
        placed: (when it began, vector) of every moment of these slots.
    """

    due: DueSlots
    placed: tuple[tuple[int, bytes], ...]
    report: bool | None = None
    pause_s: float = 0.0
    outside: bool = False

    def step(self, connection: Connection, _interner: Interner) -> KeepMoments:
        """All of it, or nothing if something was taken away since, or another encoder is in use."""
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

    def stopped(self) -> bool:
        """Nothing was done."""
        return False


@dataclass(frozen=True, slots=True)
class UseEncoder:
    """Use an encoder from now on, in place of the one before; every moment is to be placed anew.

    Answered with whether it was taken: one that has learned from something forgotten since is not.

    Attributes:
        started_us: when its learning began to read.
        report_json: how it was made.
        weights: see `neural.moments.encoder.dump`.
    """

    started_us: int
    report_json: str
    weights: bytes
    report: bool | None = None
    pause_s: float = 0.0
    outside: bool = False

    def step(self, connection: Connection, _interner: Interner) -> UseEncoder:
        """All of it."""
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

    def stopped(self) -> bool:
        """Nothing was done."""
        return False


def invalidate(connection: Connection, moments_us: Iterable[int]) -> None:
    """Take away the moments of the slots that lost an action; those with actions left are to be made again.

    Args:
        connection: within the transaction that took the actions away.
        moments_us: when these began.
    """
    connection.execute("UPDATE moments_state SET changes = changes + 1")
    for slot in {slot_of(ts_us) for ts_us in moments_us}:
        span = (slot * SLOT_US, (slot + 1) * SLOT_US)
        gone = connection.execute("DELETE FROM moments WHERE start_us >= ? AND start_us < ?", span).rowcount
        left = connection.execute("SELECT 1 FROM actions WHERE ts_us >= ? AND ts_us < ? LIMIT 1", span).fetchone()
        if left is None:
            connection.execute("DELETE FROM moments_due WHERE slot = ?", (slot,))
        elif gone:
            connection.execute("INSERT OR IGNORE INTO moments_due VALUES (?)", (slot,))


def retire_encoders(connection: Connection, since_us: int) -> None:
    """Take the weights of the encoders made since a moment: they may have learned from what was forgotten."""
    connection.execute("UPDATE moment_encoders SET weights = x'' WHERE made_us >= ?", (since_us,))
