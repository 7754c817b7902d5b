"""The commands of the command line over an open store; the local API and the control socket offer the same."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from app.errors import KnownError
from app.services.access.reauthenticate import Reauthenticator
from app.services.access.tokens import Scope
from app.services.asking.ask import to_dict
from app.services.backend import GUARDED, LogReport, Sent, Stats
from app.services.commands import requests
from app.services.commands.activitywatch import ActivityWatchCommands
from app.services.commands.doctor import examine
from app.services.commands.imports import ImportCommands
from app.services.commands.json_values import to_json_values
from app.services.commands.requests import Command, Report, Request, silent
from app.services.commands.source_diagnosis import with_setup_hints
from app.services.commands.store import StoreCommands, clean_up
from app.services.core import Core
from app.services.ingest.revoke import revoke_grants
from app.services.status import (
    ActionForecast,
    LearningStatus,
    Recording,
    SourceState,
    SourceStatus,
    Status,
)
from app.settings import PAUSED_UNTIL_RESUMED, Settings
from app.store.values.records import CleanupReport
from collectors.catalog import COLLECTORS
from collectors.events import US_PER_S, Source, local_offset_s
from collectors.privacy.gate import Policy
from neural.messages import Progress

LOGGER = logging.getLogger(__name__)


class Senses(Protocol):
    """The running senses, if there are any (the command line by itself runs none)."""

    def statuses(self) -> tuple[SourceStatus, ...]:
        """How each sense is doing."""
        ...


class Commands:
    """Every command, by the name it has on the command line. Implements `app.services.backend.Backend`.

    Args:
        core: the services.
        senses: the running senses; None if none run.
        doorkeeper: asks again before what is guarded; None if the store was opened for this one command.
        on_lock: locks the running program; None if none runs.
        watcher_port: the port for ActivityWatch's watchers; 0 if they are not let in.
    """

    def __init__(
        self,
        core: Core,
        senses: Senses | None = None,
        doorkeeper: Reauthenticator | None = None,
        on_lock: Callable[[], None] | None = None,
        watcher_port: Callable[[], int] = lambda: 0,
    ) -> None:
        self._on_lock = on_lock
        self._core = core
        self._doorkeeper = doorkeeper
        self._senses = senses
        self._learning: LearningStatus | None = None
        self.imports = ImportCommands(core)
        watchers = ActivityWatchCommands(core, watcher_port)
        self._table: Mapping[str, Command[Any]] = {
            "status": silent(Request, lambda _: to_json_values(self.status())),
            "doctor": silent(Request, self._doctor),
            "consent": silent(requests.Consent, self._consent),
            "pause": silent(requests.Pause, self._pause),
            "resume": silent(Request, self._resume),
            "lock": silent(Request, self._lock),
            "unlock": silent(requests.Unlock, lambda _: {"message": "It is not locked."}),
            "token": silent(requests.Token, self._token),
            "log": silent(requests.Log, lambda request: to_json_values(self.log(request.events, "command line"))),
            "train": Command(requests.Train, self._train),
            "next": silent(Request, lambda _: to_json_values(self.predictions())),
            "ask": Command(requests.Ask, self._ask),
            "activitywatch": silent(requests.ActivityWatch, watchers.switch),
            "import": Command(requests.Import, self.imports.run),
            **StoreCommands(core).table(),
        }

    # --- Backend: what the local API asks -------------------------------------------------------------------------

    def log(self, raw_events: Sequence[object], client: str) -> LogReport:  # noqa: ARG002 - the API counts by client
        """Take in wire events; returns after they are committed."""
        return self._core.observer.log(raw_events)

    def log_soon(self, sent: Sequence[Sent]) -> None:
        """Single events, without waiting; see `IngestPipeline.log_soon`."""
        self._core.observer.log_soon(sent)

    def status(self) -> Status:
        """Everything at a glance."""
        core = self._core
        settings = core.preferences.settings
        with core.store.reader() as reader:
            counts = reader.counts()
        tally = core.observer.tally()
        run = core.forecaster.weights_run
        return Status(
            recording=_recording(settings, core.preferences.policy, core.now_us()),
            paused_until_us=settings.paused_until_us,
            sources=self._sources(),
            actions=counts.actions,
            store_bytes=counts.file_bytes,
            dropped=tally.dropped,
            redacted=tally.redacted,
            model="prior" if run is None else f"personal, run {run}",
            learning=self._learning,
            forecasts=core.forecaster.forecasts(),
            message="" if core.store.trouble is None else str(core.store.trouble),
        )

    def predictions(self) -> tuple[ActionForecast, ...]:
        """The most likely next actions."""
        return self._core.forecaster.forecasts()

    def stats(self) -> Stats:
        """Counts and hit rates."""
        with self._core.store.reader() as reader:
            return Stats(reader.counts(), reader.hit_rates(), self._core.observer.tally().noise)

    def cleanup(self, keep_days: int, *, dry_run: bool) -> CleanupReport:
        """Thin out old actions, or say what that would do."""
        return clean_up(self._core, keep_days, dry_run=dry_run)

    def command(self, name: str, arguments: Mapping[str, Any], report: Report) -> Any:
        """Run a command by name; `report` takes its progress, the result is JSON-able.

        Args:
            name: of the command.
            arguments: by name, as JSON gives them.
            report: takes progress.

        Raises:
            KnownError: if it cannot be done, or is no command.
        """
        command = self._table.get(name)
        if command is None:
            raise KnownError(f"There is no command {name!r}.", f"Known are {', '.join(sorted(self._table))}.")
        if name in GUARDED:
            passphrase = arguments.get("passphrase")
            arguments = {key: value for key, value in arguments.items() if key != "passphrase"}
            if self._doorkeeper is not None:
                self._doorkeeper.verify(passphrase if isinstance(passphrase, str) else None)
        return command(name, arguments, report)

    # --- the commands -----------------------------------------------------------------------------------------------

    def _doctor(self, _: Request) -> Any:
        core = self._core
        return to_json_values(examine(core.paths, core.environ, core.preferences.settings.model_path))

    def _consent(self, request: requests.Consent) -> Any:
        """Which collectors may run."""
        known = [sense.source for sense in COLLECTORS]
        sources = {name: _source(name, known) for name in (*request.grant, *request.revoke)}
        now = self._core.preferences.settings.consent
        granted = now | {sources[name] for name in request.grant}
        settings = self._core.preferences.change(consent=granted - {sources[name] for name in request.revoke})
        if self._senses is None:  # else the running program does it, once the collector has stopped
            without = [sense for sense in COLLECTORS if sense.source not in settings.consent]
            revoke_grants(without, self._core.paths, self._core.environ)
        return {"consent": sorted(settings.consent), "known": sorted(known)}

    def _pause(self, request: requests.Pause) -> Any:
        seconds = request.seconds
        until = PAUSED_UNTIL_RESUMED if seconds is None else self._core.now_us() + seconds * US_PER_S
        return {"paused_until_us": self._core.preferences.change(paused_until_us=until).paused_until_us}

    def _resume(self, _: Request) -> Any:
        return {"paused_until_us": self._core.preferences.change(paused_until_us=0).paused_until_us}

    def _lock(self, _: Request) -> Any:
        """Close the store, and forget its key."""
        if self._on_lock is None:
            raise KnownError("The program is not running; nothing is open.", "There is nothing to do.")
        self._on_lock()
        return {"message": "It is being locked."}

    def _token(self, request: requests.Token) -> Any:
        """Who may speak to the local API. A new token is shown this once."""
        tokens, name = self._core.tokens, request.name
        result: dict[str, Any] = {}
        if request.action == "create":
            if any(client.name == name for client in tokens.clients):
                raise KnownError(f"{name} has a token already; it stays.", "Revoke it first, or choose another name.")
            result["token"] = tokens.issue(name or "", Scope.FULL if request.full else Scope.INGEST)
            self._core.save_tokens()
        elif request.action == "revoke":
            if not tokens.revoke(name or ""):
                raise KnownError(f"No client has the name {name!r}.", "See: kryptic token list")
            self._core.save_tokens()
        elif request.action == "pair":
            if self._senses is None:
                raise KnownError("The program is not running; nothing can be paired.", "Start it, then pair.")
            result = to_json_values(self._core.pairing.offer())
        clients = [{"name": c.name, "scope": c.scope, "created_us": c.created_us} for c in tokens.clients]
        return {**result, "clients": clients}

    def _train(self, request: requests.Train, report: Report) -> Any:
        def tell(progress: Progress) -> None:
            report(to_json_values(progress))

        trained = to_json_values(self.train(tell, request.device, request.seed))
        self.appraise(tell)
        return trained

    def _ask(self, request: requests.Ask, report: Report) -> Any:
        return to_dict(self._core.narrating.answer(request.question, lambda text: report({"text": text})))

    # --- shared with the desktop ------------------------------------------------------------------------------------

    def train(
        self, progress: Callable[[Progress], None], device: str = "auto", seed: int = 0, *, nightly: bool = False
    ) -> Any:
        """Train, and say so in the status while it lasts. `nightly`: a quick training is enough, if one will do.

        Args:
            progress: takes each step.
            device: "auto", "cpu" or "cuda".
            seed: of the random numbers.
            nightly: whether a quick training is enough.
        """

        def note(each: Progress) -> None:
            self._learning = LearningStatus(each.stage, each.done / max(each.total, 1))
            progress(each)

        self._learning = LearningStatus("starting", 0.0)
        try:
            quick = nightly and self._core.learner.quick_will_do()
            return self._core.learner.train(note, device, seed, quick=quick)
        finally:
            self._learning = None

    def appraise(self, progress: Callable[[Progress], None] = lambda _: None) -> bool:
        """Explain the reward of the last month, if it is time; whether there is a new report.

        One that cannot be made is made another day: the report before it, and all else, stay as they are.
        """
        try:
            if not self._core.appraiser.due():
                return False
            self._core.appraiser.appraise(progress)
        except KnownError as error:
            LOGGER.warning("the reward was not explained: %s", error)
            return False
        return True

    def _sources(self) -> tuple[SourceStatus, ...]:
        if self._senses is not None:
            core = self._core
            return with_setup_hints(self._senses.statuses(), core.paths, core.environ, core.tokens.clients)
        consent = self._core.preferences.settings.consent
        return tuple(
            SourceStatus(sense.name, sense.title, sense.source in consent, SourceState.OFF) for sense in COLLECTORS
        )


def _recording(settings: Settings, policy: Policy, now_us: int) -> Recording:
    if settings.paused_until_us > now_us:
        return Recording.PAUSED
    if any(hours.holds(now_us, local_offset_s(now_us)) for hours in policy.excluded_times):
        return Recording.QUIET
    return Recording.ON if settings.consent else Recording.NO_CONSENT


def _source(name: str, known: list[Source]) -> Source:
    if name not in known:
        raise KnownError(f"There is no source {name!r}.", f"Known are {', '.join(known)}.")
    return Source(name)
