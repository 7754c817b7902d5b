"""The file as the writer's thread has it open: batches are committed to it, and if it is damaged, it is mended.

If the disk is full or failing, a batch is tried again until that is over, or the store closes. A file found damaged
is rebuilt from a backup and the journal (see `repair`), and the batch is tried again on that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from app.errors import DamagedError, StoreError
from app.store.journal.journal import Journal
from app.store.sqlite.connection import Connection
from app.store.sqlite.errors import Error, is_damage, may_pass, to_store_error
from app.store.values import commands
from app.store.writer.apply import CommandExecutor
from app.store.writer.queue import QueuedCommand

_log: Final = logging.getLogger(__name__)

Mend = Callable[[DamagedError, int], Callable[[], Connection]]
"""Rebuilds the file, up to a number of the journal; what it returns puts it in place and opens it."""


class Rest(Protocol):
    """Takes note that the file is being mended, or is there again."""

    def __call__(self, *, resting: bool) -> None:
        """One of the two."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What goes on around the file.

    Attributes:
        trouble: called with the reason why nothing can be written now, and with None when that is over.
        rest: called when the file is being mended, so that nobody waits for it, and that it is there again.
        pause: waits a moment, before it is tried again.
        closing: whether the store is being closed.
    """

    trouble: Callable[[StoreError | None], None]
    rest: Rest
    pause: Callable[[], None]
    closing: Callable[[], bool]


class StoreFile:
    """For the writer's thread alone.

    Args:
        connection: the writing one.
        path: of the file, for messages.
        journal: holds every batch before it is committed.
        command: what a waiting entry asks for; it may have to be read from the journal.
        around: see there.
        mend: see `Mend`; None if a damaged file stays as it is.
    """

    def __init__(  # noqa: PLR0917  # the file and its four neighbours
        self,
        connection: Connection,
        path: Path,
        journal: Journal,
        command: Callable[[QueuedCommand], commands.Command | StoreError],
        around: Circumstances,
        mend: Mend | None,
    ) -> None:
        self.connection = connection
        self.ledger = CommandExecutor(connection)
        self.left_over = False
        """Whether the journal holds something that the file does not."""
        self._path = path
        self._journal = journal
        self._command = command
        self._around = around
        self._mend = mend
        self._mended_at = -1

    def settle(self, batch: Sequence[QueuedCommand]) -> tuple[list[commands.Command | StoreError], Sequence[object]]:
        """Commit a batch, however often it takes: what it asked, and an answer for each."""
        done: list[commands.Command | StoreError] = []
        while True:
            try:
                self._journal.sync()
                done = done or [self._command(waiting) for waiting in batch]
                answers = self.ledger.commit(done, batch[-1].number, self._path)
            except (StoreError, Error) as error:
                problem = error if isinstance(error, StoreError) else to_store_error(error, self._path)
                if self._again(error, problem):
                    continue
                self.left_over = True
                return done, [_kept(problem) if _passing(error) else problem] * len(batch)
            self._journal.applied = batch[-1].number
            self.left_over = False
            self._around.trouble(None)
            return done, answers

    def undo(self) -> None:
        """Take back what was begun and not committed."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
        self.ledger.forget()

    def mended(self, problem: StoreError) -> bool:
        """Rebuild a damaged file; whether that was done. Not twice at one place: that would be another fault."""
        applied = self._journal.applied
        if self._mend is None or self._mended_at == applied:
            return False
        self._mended_at = applied
        damage = problem if isinstance(problem, DamagedError) else DamagedError(problem.message, problem.remedy)
        self._around.rest(resting=True)
        try:
            put_in_place = self._mend(damage, applied)
            self.connection.close()
            self.connection = put_in_place()
        except StoreError as error:
            _log.warning("%s", error)  # the damage itself is reported as the store's trouble
            return False
        finally:
            self._around.rest(resting=False)
        self.ledger = CommandExecutor(self.connection)
        return True

    def _again(self, error: Exception, problem: StoreError) -> bool:
        """After a batch that could not be committed: whether it is to be tried again."""
        self.undo()
        if is_damage(error) and self.mended(problem):
            return True
        if not _passing(error) or self._around.closing():
            return False
        self._around.trouble(problem)
        self._around.pause()
        return True


def _passing(error: Exception) -> bool:
    """Whether what failed is kept and tried again: the journal, the disk, or a damaged file that may yet be mended."""
    return isinstance(error, StoreError) or may_pass(error) or is_damage(error)


def _kept(problem: StoreError) -> StoreError:
    return StoreError(f"{problem.message} What was handed in is kept, and stored at the next start.", problem.remedy)
