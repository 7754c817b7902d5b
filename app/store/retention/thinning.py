"""Clean-up: thins actions older than `keep_days` to a true 1 % sample of each local day.

Of the n actions of a day, floor(n / 100 + u) stay; u in [0, 1) is drawn once for the day from the seed. So each action
stays with a probability of exactly 1 %, on small days too. The same seed draws which ones stay, without replacement.
The sample is final (`sampled`): another run thins nothing a second time, whatever its seed. Actions that arrive late
for a thinned day are drawn among themselves, up to the quota of the whole day.

Everything happens in slices, each with its own transaction. A day is judged in one slice and deleted in many. The rows
to delete are recorded before the first one goes, so that the next run can resume after a crash.

A word leaves the index at once (`secure-delete`), and is sought in every segment that commits have left in the index.
So if much goes, the segments are first merged into one. That halved the time of a night (0.60 s to 0.36 s of CPU for
19,800 of 620,000 actions; https://www.sqlite.org/fts5.html#the_merge_command).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

from app.store.rows import moments
from app.store.rows.aggregates import count_stored
from app.store.rows.interning import Interner
from app.store.sqlite.connection import Connection
from app.store.values.records import CleanupReport
from collectors.events import US_PER_DAY, US_PER_S

SAMPLE_DIVISOR: Final = 100
STEP_ACTIONS: Final = 100
"""So few that a step takes a few milliseconds; a slice is as many steps as fit in its time (see `writer`)."""
STEP_IDS: Final = 5_000
STEP_PAGES: Final = 100
MERGE_PAGES: Final = 64
MERGE_SEGMENTS: Final = 4
"""With more segments the index is worth merging..."""
MERGE_SHARE: Final = 50
"""...if at least one in so many stored actions goes: a merge writes the whole index, so its cost grows with that."""
_IDLE_CHANGES: Final = 2
"""A merge that changes fewer rows had nothing to do."""

# Days are counted from two days before the epoch, so that division rounds the same way for every offset.
LOCAL_DAY: Final = f"((ts_us + utc_offset_s * {US_PER_S} + {2 * US_PER_DAY}) / {US_PER_DAY} - 2)"
# The SQL holds constants alone, here and in its users.
_OPEN: Final = f"""FROM actions WHERE ts_us >= :low_us AND ts_us < :high_us AND {LOCAL_DAY} = :day
    AND NOT EXISTS (SELECT 1 FROM sampled WHERE sampled.id = actions.id)"""  # noqa: S608
_LIST: Final = f"""SELECT ts_us, id {_OPEN} AND id <= :up_to_id AND ts_us >= :mark_us
    AND (ts_us > :mark_us OR id > :mark_id) ORDER BY ts_us, id LIMIT :limit"""

_FIRST_OPEN: Final = """SELECT min(CASE WHEN sampled.id IS NULL THEN ts_us END), max(ts_us), count(*)
    FROM (SELECT ts_us, id FROM actions WHERE ts_us >= ? AND ts_us < ? ORDER BY ts_us LIMIT ?) AS next
    LEFT JOIN sampled ON sampled.id = next.id"""


@dataclass(frozen=True, slots=True)
class Thinning:
    """A clean-up in progress, as a value: a slice that could not be committed is simply repeated.

    Attributes:
        keep_days: how many days stay whole.
        cutoff_us: earlier actions are thinned.
        dry_run: whether to judge only.
        seed: for the draw on days that no earlier run has touched.
        day: the next local day; None before the first.
        before: stored actions before the clean-up.
        removed: actions deleted so far.
        sampled: actions that stay as a sample.
        shrinking: whether all days are done and free pages are given back.
        merges: slices that merged the index of words; -1 once that is done.
        listed: the ids of the day's actions listed so far, in blocks.
        mark: the latest id when the listing began, then time and id of the last action listed.
        report: set once all is done.
        pause_s: how long to wait before the next step.
    """

    keep_days: int
    cutoff_us: int
    dry_run: bool
    seed: int
    day: int | None = None
    before: int = 0
    removed: int = 0
    sampled: int = 0
    shrinking: bool = False
    merges: int = 0
    listed: tuple[tuple[int, ...], ...] = ()
    mark: tuple[int, int, int] | None = None
    report: CleanupReport | None = None
    pause_s: float = 0.0
    outside_transaction: bool = False

    def abort_report(self) -> CleanupReport:
        """Return the report of what was done so far; the next run goes on from there."""
        return self._reported(cancelled=True)

    def step(self, connection: Connection, interner: Interner) -> Thinning:
        """Do one slice inside the caller's transaction; return the value to go on with after the commit."""
        if self.report is not None:
            return self
        if self.shrinking:
            return self._shrink(connection)
        if self.day is None:
            return self._begin(connection)
        doomed = connection.execute(
            "SELECT doomed_id, doomed_us FROM thinned_days WHERE day = ? AND doomed_id IS NOT NULL", (self.day,)
        ).fetchone()
        if doomed is not None and not self.dry_run:
            return self._merge(connection) or self._delete(connection, interner, *doomed)
        return self._judge(connection, doomed)

    def _begin(self, connection: Connection) -> Thinning:
        (before,) = connection.execute("SELECT coalesce(sum(actions), 0) FROM stored_counts").fetchone()
        (sampled,) = connection.execute("SELECT count(*) FROM sampled").fetchone()
        return replace(self, before=before, sampled=sampled, day=-2)

    def _judge(self, connection: Connection, doomed: tuple[int, int] | None) -> Thinning:
        """Draw the sample of the next day that has open actions."""
        day = self._next_day(connection)
        if day is None:
            return self._finish() if self.dry_run else replace(self, shrinking=True)
        if day != self.day:
            return replace(self, day=day)
        listing = self._list(connection, day)
        if listing is not None:
            return listing
        ids = sorted(identity for block in self.listed for identity in block)
        # Only a dry run meets actions that a crashed run had judged already; they only need to be counted.
        gone = frozenset(() if doomed is None else self._doomed(connection, *doomed, limit=-1))
        ids = [identity for identity in ids if identity not in gone]
        kept = self._draw(connection, day, ids)
        if not self.dry_run and ids:
            connection.executemany("INSERT INTO sampled VALUES (?)", [(identity,) for identity in kept])
            if len(kept) < len(ids):
                connection.execute(
                    "UPDATE thinned_days SET doomed_id = ?, doomed_us = ? WHERE day = ?", (ids[-1], self.cutoff_us, day)
                )
                return replace(self, sampled=self.sampled + len(kept), listed=(), mark=None)
        removed = self.removed + (len(gone) + len(ids) - len(kept) if self.dry_run else 0)
        return replace(self, day=day + 1, removed=removed, sampled=self.sampled + len(kept), listed=(), mark=None)

    def _list(self, connection: Connection, day: int) -> Thinning | None:
        """List some more of a day's actions, because a day can have many; None if all are listed.

        Actions stored meanwhile are left out: the next run judges them.
        """
        if self.mark is None:
            (up_to_id,) = connection.execute("SELECT coalesce(max(id), 0) FROM actions").fetchone()
            mark = (up_to_id, -1, 0)
        else:
            mark = self.mark
        up_to_id, mark_us, mark_id = mark
        bounds = {"up_to_id": up_to_id, "mark_us": mark_us, "mark_id": mark_id, "limit": STEP_IDS}
        rows = connection.execute(_LIST, {**self._window(day, self.cutoff_us), **bounds}).fetchall()
        if not rows:
            return None
        last_us, last_id = rows[-1]
        block = tuple(row[1] for row in rows)
        return replace(self, listed=(*self.listed, block), mark=(up_to_id, last_us, last_id))

    def _draw(self, connection: Connection, day: int, ids: list[int]) -> list[int]:
        row = connection.execute("SELECT seed, seen, kept FROM thinned_days WHERE day = ?", (day,)).fetchone()
        seed, seen, kept_before = (self.seed, 0, 0) if row is None else row
        # Not cryptography: a seeded draw that anybody can repeat.
        share = random.Random(f"{seed}:{day}").random()  # noqa: S311
        quota = int((seen + len(ids)) / SAMPLE_DIVISOR + share) - kept_before
        kept = random.Random(f"{seed}:{day}:{seen}").sample(ids, min(max(quota, 0), len(ids)))  # noqa: S311
        if not self.dry_run and ids:
            connection.execute(
                "INSERT INTO thinned_days (day, seed, seen, kept) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET seen = excluded.seen, kept = excluded.kept",
                (day, seed, seen + len(ids), kept_before + len(kept)),
            )
        return sorted(kept)

    def _merge(self, connection: Connection) -> Thinning | None:
        """Merge the index of words a little further; None if that is done, or not worth it (yet)."""
        if self.merges < 0:
            return None
        if not self.merges:
            (to_go,) = connection.execute("SELECT seen - kept FROM thinned_days WHERE day = ?", (self.day,)).fetchone()
            if (self.removed + to_go) * MERGE_SHARE < self.before or segments_of_words(connection) <= MERGE_SEGMENTS:
                return None
        (before,) = connection.execute("SELECT total_changes()").fetchone()
        # The first merge marks every segment; later ones go on with the marked segments.
        pages = MERGE_PAGES if self.merges else -MERGE_PAGES
        connection.execute("INSERT INTO texts_words (texts_words, rank) VALUES ('merge', ?)", (pages,))
        (after,) = connection.execute("SELECT total_changes()").fetchone()
        return replace(self, merges=-1 if after - before < _IDLE_CHANGES else self.merges + 1)

    def _delete(self, connection: Connection, interner: Interner, doomed_id: int, doomed_us: int) -> Thinning:
        ids = self._doomed(connection, doomed_id, doomed_us, limit=STEP_ACTIONS)
        if not ids:
            connection.execute("UPDATE thinned_days SET doomed_id = NULL, doomed_us = NULL WHERE day = ?", (self.day,))
            return self
        delete_actions(connection, interner, ids)
        return replace(self, removed=self.removed + len(ids))

    def _doomed(self, connection: Connection, doomed_id: int, doomed_us: int, limit: int) -> list[int]:
        assert self.day is not None
        window = {**self._window(self.day, doomed_us), "doomed_id": doomed_id, "limit": limit}
        return [row[0] for row in connection.execute(f"SELECT id {_OPEN} AND id <= :doomed_id LIMIT :limit", window)]

    def _next_day(self, connection: Connection) -> int | None:
        """Return this day or, if it has nothing to judge, the first later day that may have; None if there is none.

        The samples of ten years are far more than one night judges. So they are skipped in few steps, but never in
        one: every append would wait for that.
        """
        assert self.day is not None
        low_us = (self.day - 1) * US_PER_DAY
        open_us, last_us, seen = connection.execute(_FIRST_OPEN, (low_us, self.cutoff_us, STEP_IDS)).fetchone()
        if open_us is None and seen < STEP_IDS:
            return None
        # A clock's offset is at most a day, so the first action left may belong to the day before its UTC day.
        first_us: int = last_us if open_us is None else open_us
        return max(self.day, first_us // US_PER_DAY - 1)

    def _shrink(self, connection: Connection) -> Thinning:
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        if not free:
            return self._finish()
        connection.execute(f"PRAGMA incremental_vacuum({STEP_PAGES})").fetchall()
        (left,) = connection.execute("PRAGMA freelist_count").fetchone()
        return self if left < free else self._finish()

    def _finish(self) -> Thinning:
        return replace(self, report=self._reported(cancelled=False))

    def _reported(self, *, cancelled: bool) -> CleanupReport:
        return CleanupReport(
            dry_run=self.dry_run,
            keep_days=self.keep_days,
            cutoff_us=self.cutoff_us,
            actions_before=self.before,
            actions_removed=self.removed,
            actions_sampled=self.sampled,
            cancelled=cancelled,
        )

    @staticmethod
    def _window(day: int, cutoff_us: int) -> dict[str, int]:
        return {
            "day": day,
            "low_us": (day - 1) * US_PER_DAY,
            "high_us": min(cutoff_us, (day + 2) * US_PER_DAY),
        }


def segments_of_words(connection: Connection) -> int:
    """Return the number of segments of the word index; a deleted word is sought in each of them."""
    return int(connection.execute("SELECT count(DISTINCT segid) FROM texts_words_idx").fetchone()[0])


def delete_actions(connection: Connection, interner: Interner, ids: list[int]) -> None:
    """Delete actions with their moments, and the texts and index entries that nothing else uses. The sums stay.

    Args:
        connection: the writer's.
        interner: forgets the deleted texts.
        ids: ids of the actions.
    """
    marks = [(identity,) for identity in ids]
    texts: set[int | None] = set()
    gone: Counter[int] = Counter()
    began: set[int] = set()
    for mark in marks:
        row = connection.execute("DELETE FROM actions WHERE id = ? RETURNING code, text, ts_us", mark).fetchone()
        if row is not None:
            gone[row[0]] -= 1
            texts.add(row[1])
            began.add(row[2])
    moments.invalidate(connection, began)
    count_stored(connection, gone)
    for text in texts - {None}:
        if connection.execute("SELECT 1 FROM actions WHERE text = ? LIMIT 1", (text,)).fetchone() is not None:
            continue
        target, title = connection.execute("DELETE FROM texts WHERE id = ? RETURNING target, title", (text,)).fetchone()
        connection.execute(
            "INSERT INTO texts_words (texts_words, rowid, target, title) VALUES ('delete', ?, ?, ?)",
            (text, target, title),
        )
        interner.forget_text((target, title))


def begin(keep_days: int, now_us: int, *, dry_run: bool, seed: int) -> Thinning:
    """Return a clean-up that has yet to begin.

    Args:
        keep_days: how many days before `now_us` stay whole.
        now_us: the current time.
        dry_run: whether to judge only.
        seed: for the draw.
    """
    return Thinning(keep_days=keep_days, cutoff_us=now_us - keep_days * US_PER_DAY, dry_run=dry_run, seed=seed)
