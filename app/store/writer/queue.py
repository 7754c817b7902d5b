"""What waits for the writer: commands in the order of the journal, in memory up to a bound, beyond it on the disk."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Final

from app.errors import StoreError
from app.store.journal.command_codec import decode, encode
from app.store.journal.frames import Frame, Place
from app.store.journal.journal import Journal
from app.store.values import commands

QUEUE_WEIGHT: Final = 50_000
MOST_SPILLED: Final = 20_000
"""Commands that may lie on the disk alone: of each the memory holds its place, and who waits for it."""
LEISURE_WEIGHT: Final = 1_000
"""So many actions whose senders have their answer already are worth a commit of their own."""
SPILL_AFTER_S: Final = 0.25
"""How long a full queue holds up who hands something in, before that goes to the disk instead."""
_BYTES_AN_ACTION: Final = 50
"""About, compressed; only the size of a batch hangs on it."""


class ClosedError(Exception):
    """Nothing is taken any more."""


@dataclass(frozen=True, slots=True)
class QueuedCommand:
    """A command that was handed in.

    Attributes:
        number: its own in the journal.
        place: of its frame in the journal.
        weight: see `commands.weight`.
        future: answered after the commit; None if nobody waits for that, because the journal was enough.
        command: None if it lies in the journal alone.
    """

    number: int
    place: Place
    weight: int
    future: Future[Any] | None
    command: commands.Command | None


class CommandQueue:
    """The queue before the writer.

    Args:
        journal: takes every command first.
        changed: guards this, and is notified of every change.
        bound: how many actions may wait in memory.
    """

    def __init__(self, journal: Journal, changed: threading.Condition, bound: int = QUEUE_WEIGHT) -> None:
        self._journal = journal
        self._changed = changed
        self._bound = bound
        self._line: deque[QueuedCommand] = deque()
        self._in_memory = 0
        self._on_disk = 0
        self._weight = 0
        self._asked = 0
        self.spilled = 0
        """How many commands were left to the journal so far, for measuring."""
        self.kept = 0
        """The latest number that the journal answered for."""

    def __bool__(self) -> bool:
        return bool(self._line)

    @property
    def can_delay_commit(self) -> bool:
        """Whether nobody waits for a commit of what is here, and a little more of it would share its cost."""
        return not self._asked and self._weight < LEISURE_WEIGHT

    def put(
        self, command: commands.Command, *, patient: bool, hurried: Callable[[], bool], closed: Callable[[], bool]
    ) -> Future[Any]:
        """Take a command, to be answered once it is committed.

        Args:
            command: what to do.
            patient: whether the caller may be held up for a moment.
            hurried: whether waiting for room is of no use (the store is in trouble, or works long).
            closed: whether nothing is taken any more.

        Raises:
            StoreError: if the journal can take no more; the command was not taken.
        """
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # what is in the journal will be done
        try:
            content = encode(command)
        except StoreError as error:
            future.set_exception(error)
            return future
        weight = commands.weight(command)
        with self._changed:
            if patient:
                self._changed.wait_for(lambda: closed() or hurried() or self._has_room(weight), SPILL_AFTER_S)
            spilled = self._add(content, command, weight, future, hurried=hurried(), closed=closed())
            self._changed.notify_all()
        if spilled:
            # If this fails the journal keeps it in memory, and the writer, who flushes before each commit, says so.
            with contextlib.suppress(StoreError):
                self._journal.sync()
        return future

    def keep(
        self, command: commands.Command, content: bytes, *, hurried: Callable[[], bool], closed: Callable[[], bool]
    ) -> None:
        """Take a command for which the journal is answer enough; `content` is the command encoded, the rest as `put`.

        Args:
            command: to be committed later.
            content: the command, encoded.
            hurried: whether nothing may wait now.
            closed: whether the store is being closed.

        Raises:
            StoreError: if the journal cannot be flushed. It was taken if the journal still holds it in memory.
        """
        weight = commands.weight(command)
        with self._changed:
            first = not self._line
            self._add(content, command, weight, None, hurried=hurried(), closed=closed())
            self.kept = self._line[-1].number
            if first or not self.can_delay_commit:
                self._changed.notify_all()
        self._journal.sync()

    def _add(
        self,
        content: bytes,
        command: commands.Command,
        weight: int,
        future: Future[Any] | None,
        *,
        hurried: bool,
        closed: bool,
    ) -> bool:
        """Append to the journal and the line; whether it was left to the journal alone."""
        if closed:
            raise ClosedError
        spill = hurried or not self._has_room(weight)
        if spill and self._on_disk >= MOST_SPILLED:
            raise StoreError(
                f"Nothing can be stored for now, and {self._on_disk:,} orders wait for that; this one was not taken.",
                "See what is wrong with the store (kryptic status), and try again then.",
            )
        number, place = self._journal.append(content)
        self._line.append(QueuedCommand(number, place, weight, future, None if spill else command))
        self._weight += weight
        self._asked += future is not None
        if spill:
            self.spilled += 1
            self._on_disk += 1
        else:
            self._in_memory += weight
        return spill

    def restore_backlog(self, frames: Iterable[Frame]) -> Future[Any] | None:
        """Take what an earlier process left in the journal; the Future of the last of it."""
        for frame in frames:
            assert frame.place is not None
            weight = 1 + frame.place.length // _BYTES_AN_ACTION
            self._line.append(QueuedCommand(frame.number, frame.place, weight, None, None))
            self._weight += weight
            self._on_disk += 1
        if not self._line:
            return None
        last: Future[Any] = Future()
        last.set_running_or_notify_cancel()
        self._line[-1] = replace(self._line[-1], future=last)
        self._asked += 1
        return last

    def take(self, weight: int) -> list[QueuedCommand]:
        """The next commands, of about that weight in all; the caller holds the condition."""
        batch: list[QueuedCommand] = []
        taken = 0
        while self._line and (not batch or taken < weight):
            waiting = self._line.popleft()
            taken += waiting.weight
            self._asked -= waiting.future is not None
            if waiting.command is None:
                self._on_disk -= 1
            else:
                self._in_memory -= waiting.weight
            batch.append(waiting)
        self._weight -= taken
        return batch

    def command(self, waiting: QueuedCommand) -> commands.Command | StoreError:
        """What to do; read from the journal if it was left there."""
        if waiting.command is not None:
            return waiting.command
        try:
            frame = self._journal.read(waiting.place)
        except OSError as error:
            return StoreError(f"The journal cannot be read ({error.strerror}).", "Look at the disk.")
        if frame is None or frame.number != waiting.number:
            return StoreError("A command is damaged in the journal, and was lost there.", "Look at the disk.")
        try:
            return decode(frame.content)
        except StoreError as error:
            return error

    def _has_room(self, weight: int) -> bool:
        # One command heavier than the whole bound still goes through an empty queue.
        return not self._in_memory or self._in_memory + weight <= self._bound
