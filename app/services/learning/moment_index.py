"""Moments: placed quietly from what is stored, learned from each week, and found again by what they are like.

Everything that is said of a moment is read from its actions at the time of asking, so that nothing can be found that is
no longer stored. The encoder is loaded for a piece of work and let go after it.
"""

from __future__ import annotations

import json
import threading
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from app.services.learning.brain import Brain
from app.services.wait_for_commit import wait_for_commit
from app.store.reader import Reader
from app.store.rows.moments import DueSlots
from app.store.store import Store
from neural.messages import EncodeRequest, Progress
from neural.moments import encoder
from neural.moments.bag_of_words import SLOT_US, Moment, follows, moments_of
from neural.moments.encoder import Bag, Encoder, Hasher
from neural.reward.actions import Labels

LATEST_MOMENTS: Final = 10_000
"""What is learned from: a quarter of a year of somebody who is ten hours a day at the machine."""
OUTGROWN: Final = 4
"""An untrained encoder is rebuilt once there are so many times as many moments as it was made from."""
_LOOK_EVERY: Final = 500
_ROUNDS: Final = 2
"""Placed once more if so much was placed that the encoder has been outgrown by it."""


class Moments:
    """Keeps moments placed.

    Args:
        store: holds the actions and the moments.
        brain: trains the encoder in a process of its own.
        now_us: the clock.
    """

    def __init__(self, store: Store, brain: Brain, now_us: Callable[[], int]) -> None:
        self._store = store
        self._brain = brain
        self._now_us = now_us
        self._one = threading.Lock()

    def follow(self, check_cancelled: Callable[[], None] | None = None, within_s: float | None = None) -> bool:
        """Place what is not placed yet; for when the user is away, or for a moment while somebody asks.

        Args:
            check_cancelled: called between pieces of the work; what it raises ends it, and the next time goes on.
            within_s: how long to go on; None as long as it takes.

        Returns:
            Whether everything is placed.
        """
        until_s = None if within_s is None else time.monotonic() + within_s
        if not self._one.acquire(timeout=-1 if within_s is None else within_s):
            return False
        try:
            return self._follow(check_cancelled, until_s)
        finally:
            self._one.release()

    def learn(self, progress: Callable[[Progress], None]) -> bool:
        """Train the encoder on the latest moments, use it, and place all again; blocks until that is done.

        Returns:
            Whether there was enough to learn from, and nothing of it was forgotten meanwhile.

        Raises:
            JobCancelledError: the job was cancelled; the encoder in use stays.
            BrainError: the training failed; the encoder in use stays.
        """
        started_us = self._now_us()
        latest: deque[tuple[Moment, Bag]] = deque(maxlen=LATEST_MOMENTS)
        hasher = Hasher()
        with self._store.reader() as reader:
            for moment in stored_moments(reader, 0, started_us + 1):
                latest.append((Moment(moment.start_us, moment.end_us, type(moment.words)()), hasher.bag(moment.words)))
        if len(latest) < encoder.FEWEST_TO_LEARN:
            return False
        rows, amounts, lengths = encoder.joined([bag for _, bag in latest])
        request = EncodeRequest(0, rows, amounts, lengths, bytes(follows([moment for moment, _ in latest])))
        del latest, hasher
        made = self._brain.encode(request, progress)
        with self._one:
            taken = self._use(started_us, encoder.load(made))
        return taken and self.follow()

    def _follow(self, check_cancelled: Callable[[], None] | None, until_s: float | None) -> bool:
        for _ in range(_ROUNDS):
            number, made = self._encoder(check_cancelled, until_s)
            if not self._place(number, made, check_cancelled, until_s):
                return False
            with self._store.reader() as reader:
                if not _outgrown(made, number, reader):
                    break
        return True

    def _place(
        self, number: int, made: Encoder, check_cancelled: Callable[[], None] | None, until_s: float | None
    ) -> bool:
        """Place what is due; whether that is all."""
        hasher = Hasher()
        while until_s is None or time.monotonic() < until_s:
            if check_cancelled is not None:
                check_cancelled()
            with self._store.reader() as reader:
                in_use = reader.moments.encoder()
                if in_use is None or in_use[0] != number:
                    return False  # it was retired meanwhile; the next time makes another one
                due = reader.moments.due(number)
                if due.ended:
                    return True
                placed = [
                    (moment.start_us, encoder.packed(made.encode(hasher.bag(moment.words))))
                    for start_us, end_us in _spans(due)
                    for moment in stored_moments(reader, start_us, end_us)
                ]
            wait_for_commit(self._store, self._store.keep_moments(due, placed))
        return False

    def _encoder(self, check_cancelled: Callable[[], None] | None, until_s: float | None) -> tuple[int, Encoder]:
        """The encoder in use; if there is none, or it was made from much less, one that knows what is rare."""
        with self._store.reader() as reader:
            in_use = reader.moments.encoder()
            made = None if in_use is None else encoder.load(in_use[1])
            if in_use is not None and made is not None and not _outgrown(made, in_use[0], reader):
                return in_use[0], made
            started_us = self._now_us()
            plain = encoder.untrained(_bags(reader, check_cancelled, until_s))
        self._use(started_us, plain)
        with self._store.reader() as reader:
            in_use = reader.moments.encoder()
        return (0, plain) if in_use is None else (in_use[0], encoder.load(in_use[1]))

    def _use(self, started_us: int, made: Encoder) -> bool:
        report = json.dumps(dict(made.made))
        return wait_for_commit(self._store, self._store.use_encoder(started_us, report, encoder.dump(made)))


def stored_moments(reader: Reader, start_us: int, end_us: int) -> Iterator[Moment]:
    """The moments of what is stored of a stretch of time; both ends lie between slots.

    Args:
        reader: of the store.
        start_us: inclusive, microseconds since the epoch, between slots.
        end_us: exclusive, microseconds since the epoch, between slots.
    """
    rows = reader.labelled(start_us, end_us)
    return moments_of((row.event, Labels(row.token, row.site, row.project)) for row in rows)


def _bags(reader: Reader, check_cancelled: Callable[[], None] | None, until_s: float | None) -> Iterator[Bag]:
    """All moments, or as many as there is time for: an encoder made from few of them is outgrown later."""
    hasher = Hasher()
    for number, moment in enumerate(stored_moments(reader, 0, 2**62)):
        if until_s is not None and time.monotonic() > until_s:
            return
        if check_cancelled is not None and number % _LOOK_EVERY == 0:
            check_cancelled()
        yield hasher.bag(moment.words)


def _outgrown(made: Encoder, number: int, reader: Reader) -> bool:
    """Whether an untrained encoder was made from much less than there is now."""
    from_moments = made.made.get("moments", 0)
    assert isinstance(from_moments, int)
    if "judged" in made.made or from_moments >= LATEST_MOMENTS:
        return False
    return reader.moments.has(number, max(OUTGROWN * from_moments, encoder.FEWEST_MOMENTS))


def _spans(due: DueSlots) -> Iterator[tuple[int, int]]:
    """The slots that are due, as stretches of time: those next to each other are read at once."""
    run = array("q")
    for slot in due.slots:
        if run and slot != run[-1] + 1:
            yield run[0] * SLOT_US, (run[-1] + 1) * SLOT_US
            del run[:]
        run.append(slot)
    if run:
        yield run[0] * SLOT_US, (run[-1] + 1) * SLOT_US
