"""A small program to stand behind the API in tests: it keeps events in a list, and does what a test asks for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.errors import KnownError
from app.services.backend import Cancelled, LogReport, Sent, Stats
from app.services.status import ActionForecast, Recording, SourceState, SourceStatus, Status
from app.store.values.records import CleanupReport, HitRates, StoreCounts
from collectors.event_json import EventError, from_wire
from collectors.events import NOISE_KINDS, Event

FORECAST = ActionForecast(action="terminal:git commit", probability=0.5, reward=1.25, because="it follows git add")


class FakeBackend:
    """Implements `app.services.backend.Backend`."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.clients: list[str] = []
        self.cleanups: list[tuple[int, bool]] = []
        self.fault: Exception | None = None
        self.hold_events = False
        self.entered = threading.Event()
        self.gate = threading.Event()
        self.cancelled = threading.Event()
        self.waiting = threading.Semaphore(0)

    def log(self, raw_events: Sequence[object], client: str) -> LogReport:
        self._fail()
        self.clients.append(client)
        refused: list[tuple[int, str]] = []
        noise = stored = 0
        for index, raw in enumerate(raw_events):
            try:
                event = from_wire(raw)
            except EventError as error:
                refused.append((index, str(error)))
                continue
            if event.kind in NOISE_KINDS:
                noise += 1
            else:
                stored += 1
                self.events.append(event)
        return LogReport(
            stored=stored, duplicates=0, dropped=(("paused", 0),), noise=noise, refused=tuple(refused), redacted=0
        )

    def log_soon(self, sent: Sequence[Sent]) -> None:
        self._fail()
        if self.hold_events:
            threading.Thread(target=self._log_held, args=(sent,)).start()
            return
        for each in sent:
            each.tell(self.log([each.event], each.client))

    def _log_held(self, sent: Sequence[Sent]) -> None:
        self.entered.set()
        self.gate.wait()
        for each in sent:
            each.tell(self.log([each.event], each.client))

    def status(self) -> Status:
        self._fail()
        return Status(
            recording=Recording.ON,
            paused_until_us=0,
            sources=(SourceStatus("window", "Windows", consented=True, state=SourceState.RUNNING),),
            actions=len(self.events),
            store_bytes=4096,
            dropped=(("locked", 2),),
            redacted=1,
            model="prior",
            learning=None,
            forecasts=(FORECAST,),
        )

    def predictions(self) -> tuple[ActionForecast, ...]:
        self._fail()
        return (FORECAST,)

    def stats(self) -> Stats:
        self._fail()
        counts = StoreCounts(
            actions=len(self.events),
            by_source=(("window", 3),),
            first_us=None,
            last_us=7,
            sessions=0,
            predictions=0,
            training_runs=0,
            file_bytes=4096,
        )
        return Stats(counts, HitRates(0, (("model", 0.5),), (("model", 0.75),), None), noise_filtered=4)

    def cleanup(self, keep_days: int, *, dry_run: bool) -> CleanupReport:
        self._fail()
        self.cleanups.append((keep_days, dry_run))
        return CleanupReport(dry_run, keep_days, cutoff_us=5, actions_before=9, actions_removed=4, actions_sampled=1)

    def command(self, name: str, arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> Any:
        self._fail()
        if name == "echo":
            return dict(arguments)
        if name == "count":
            to = arguments.get("to")
            if not isinstance(to, int):
                raise KnownError("There is no number to count to.", "Give one.")
            for number in range(to):
                report({"number": number})
            return {"counted": to}
        if name == "wait":
            return self._wait(report)
        if name == "hold":
            self.entered.set()
            self.gate.wait()
            return "released"
        if name == "unreadable":
            return {1, 2}
        if name == "progress-unreadable":
            report({"number": {1, 2}})
        raise KnownError(f"There is no command {name}.", "See kryptic help.")

    def _wait(self, report: Callable[[Mapping[str, Any]], None]) -> str:
        report({"waiting": True})
        self.waiting.release()
        self.entered.set()
        try:
            while not self.gate.wait(0.01):
                report({})
        except Cancelled:
            self.cancelled.set()
            raise
        return "done"

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault
