"""What the faces of the program (command line, local API, control socket) may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from app.services.status import ActionForecast, Status
from app.store.values.records import CleanupReport, HitRates, StoreCounts

GUARDED: Final = frozenset({"export"})
"""Commands that hand out whole tables. The running program asks for `passphrase`, or the keyring again, before each."""


@dataclass(frozen=True, slots=True)
class LogReport:
    """What became of a batch of wire events; every event is in exactly one of the counts.

    Attributes:
        stored: committed to the store.
        duplicates: were there already.
        dropped: stopped by the privacy gate, by reason.
        noise: of a noisy kind (`collectors.events.NOISE_KINDS`), counted and let go.
        refused: (position in the batch, why) of events that could not be read.
        redacted: secrets taken out of stored events.
    """

    stored: int
    duplicates: int
    dropped: tuple[tuple[str, int], ...]
    noise: int
    refused: tuple[tuple[int, str], ...]
    redacted: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts and hit rates for `/api/stats`; `noise_filtered` since the start of the program."""

    counts: StoreCounts
    hit_rates: HitRates
    noise_filtered: int


ONE_STORED: Final = LogReport(stored=1, duplicates=0, dropped=(), noise=0, refused=(), redacted=0)
"""The commonest report of a single event."""

Tell = Callable[[LogReport | Exception], None]
"""Takes the outcome of one event: a report, a KnownError, or a bug that is in the log already."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A single event on its way in.

    Attributes:
        event: as it came over the wire, parsed.
        client: who sent it.
        tell: to be called once, from any thread.
    """

    event: object
    client: str
    tell: Tell


class Cancelled(Exception):  # noqa: N818 - an order that is followed, not an error
    """Whoever asked for a command does not want it any more, or the program is shutting down.

    Raised by `report` inside a running command. The command undoes or keeps what it has done so that nothing is half
    done, and lets this pass.
    """


class Backend(Protocol):
    """The running program, as its local API sees it. Every method may be called from any thread, and may block."""

    def log(self, raw_events: Sequence[object], client: str) -> LogReport:
        """Take in wire events from a client; returns after they are committed."""
        ...

    def log_soon(self, sent: Sequence[Sent]) -> None:
        """Take in events that came at the same time, without waiting; each is reported when it is on the disk.

        If this raises, none of them was reported, and none will be.
        """
        ...

    def status(self) -> Status:
        """Everything at a glance."""
        ...

    def predictions(self) -> tuple[ActionForecast, ...]:
        """The most likely next actions, most likely first."""
        ...

    def stats(self) -> Stats:
        """Counts and hit rates."""
        ...

    def cleanup(self, keep_days: int, *, dry_run: bool) -> CleanupReport:
        """Thin out old actions, or say what that would do."""
        ...

    def command(self, name: str, arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> Any:
        """Run a command of the command line (control socket only); the result is JSON-able.

        Args:
            name: the command's name on the command line.
            arguments: its arguments, JSON-able, not checked yet.
            report: takes progress (JSON-able, one line to the client); an empty mapping sends nothing. It may block
                while the client is slow to read, and raises Cancelled once the client is gone, so a long command calls
                it at least once a second.

        Raises:
            KnownError: if it cannot be done.
            Cancelled: if `report` raised it.
        """
        ...
