"""The running program without a face: senses, jobs, local API and house-keeping over the core. Headless runs this."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.api.activitywatch import PORT as WATCHER_PORT
from app.api.activitywatch import WatcherApi
from app.api.server import LocalApi
from app.config import PAUSED_UNTIL_RESUMED, Settings
from app.errors import KnownError, StoreError
from app.memory import give_back
from app.services.activitywatch.service import ActivityWatch
from app.services.activitywatch.watching import Watching
from app.services.commands import Commands
from app.services.core import Core
from app.services.doorkeeper import Doorkeeper
from app.services.history import ImportReport
from app.services.wipe import destroy_key
from app.store.forget_values import Forget, Receipt
from app.store.repair import Repair
from app.workers.jobs import Jobs
from app.workers.lock_watch import LockWatch
from app.workers.pause_key import PauseKey
from app.workers.senses import SenseThreads
from collectors import catalog
from collectors.catalog import Sense
from collectors.events import US_PER_S

LOGGER = logging.getLogger(__name__)
API_PORT: Final = 47_821
TRAIN: Final = "train"
IMPORT: Final = "import"
FORGET: Final = "forget"
_LONG_WORK: Final = {TRAIN: "A training", IMPORT: "An import", FORGET: "A forgetting"}
_APPRAISE: Final = "appraise"
_TIDY: Final = "tidy"
_WARM_UP: Final = "warm up"
_SETTINGS_JOB: Final = "settings"


class Program(QObject):
    """Starts and stops what runs in the background.

    Args:
        core: the services; closed by `close`.
        on_show: raises the window, called from the API's thread; None where there is none.
        senses: which there are; all of the catalog by default.
        api_port: where the local API listens, where that port is free.
        watcher_port: where ActivityWatch's watchers are listened for, once the user lets them in.

    The sample profile senses nothing: a made-up life stays made up.
    """

    settings_changed = Signal(object)
    """The user's settings changed, wherever that was done."""
    committed = Signal()
    """Something was stored."""
    changed = Signal()
    """A sense, a training or the model changed."""
    learned = Signal()
    """A training ended well."""
    noticed = Signal(str)
    """Something worth a quiet line."""
    lock_requested = Signal()
    """Somebody wants it locked: whoever owns the process closes everything."""
    rotation_requested = Signal(object)
    """The store is to lie under a new key, by these `Credentials`: whoever owns the process closes everything first."""
    forgotten = Signal(object)
    """Something was forgotten, wherever that was asked for; the `Receipt`."""
    wiped = Signal()
    """The key was destroyed: it is time to end."""
    _made_anew = Signal()
    imported = Signal(object)
    """Progress of an import, an `ImportReport`."""

    def __init__(
        self,
        core: Core,
        on_show: Callable[[], None] | None = None,
        senses: tuple[Sense, ...] | None = None,
        api_port: int = API_PORT,
        watcher_port: int = WATCHER_PORT,
    ) -> None:
        super().__init__()
        self.core = core
        self.latest_notice = ""
        """What `noticed` told last, for a window that is made later."""
        self.jobs = Jobs(self._on_failed, self)
        wanted = catalog.senses(core.observer.front) if senses is None else senses
        self.senses = SenseThreads(core.observer, core.now_us, () if core.paths.is_sample else wanted, self)
        self.doorkeeper = Doorkeeper(core.paths)
        self.commands = Commands(
            core, self.senses, self.doorkeeper, self.lock_requested.emit, lambda: self.watchers.port
        )
        self._on_show = on_show
        self._api_port = api_port
        self._listening = False
        self.api = self._make_api(api_port)
        watching = Watching(core.store, core.observer, core.preferences, core.now_us, self.senses.is_sensing)
        self.activitywatch = ActivityWatch(core.store, watching, core.preferences, core.now_us)
        self.watchers = WatcherApi(self.activitywatch, self.commands, watcher_port)
        self._watchers_trouble = ""
        self.lock_watch = LockWatch(self)
        self.lock_watch.left.connect(self.lock_requested)
        self.pause_key = PauseKey(self)
        self.pause_key.pressed.connect(self._on_pause_key)
        self.pause_key.failed.connect(self.say)
        self._settings_waiting: deque[Mapping[str, object]] = deque()
        self.senses.changed.connect(self.changed)
        self.senses.pause_ended.connect(self.changed)
        self.senses.user_left.connect(self._tidy)
        self.jobs.ended.connect(self._on_job_ended)
        core.preferences.on_change(self.settings_changed.emit)
        core.forgetter.on_forgotten(self.forgotten.emit)
        self.forgotten.connect(self._on_forgotten)
        self.settings_changed.connect(self._apply)
        core.store.on_committed(lambda _actions: self.committed.emit())
        core.store.on_trouble(self._on_trouble)
        self._made_anew.connect(self._know_the_past)
        core.store.on_repaired(self._on_repaired)
        if core.store.repaired is not None:
            self.say(str(core.store.repaired))
        self._pulse = QTimer(self)
        self._pulse.setInterval(30_000)
        self._pulse.timeout.connect(core.observer.pulse)

    def start(self) -> None:
        """Listen, sense what there is consent for, and rebuild the model from the stored past."""
        self._keep(self.core.preferences.reopen)
        self._start_api()
        self._apply(self.core.preferences.settings)
        self._pulse.start()
        self._know_the_past()

    def close(self, *, forget: bool = False) -> None:
        """Stop in the reverse order of the start; everything taken in is stored first.

        Args:
            forget: see `Store.close`.
        """
        self._pulse.stop()
        self.lock_watch.close()
        self.pause_key.close()
        self.senses.close()
        self._listening = False
        self.watchers.stop()
        self.api.stop()
        self.core.brain.close()
        self.jobs.close()
        try:
            self._change_waiting()
        except KnownError as error:
            LOGGER.warning("%s", error)
        self.core.close(forget=forget)

    # --- what the faces ask for ----------------------------------------------------------------------------------

    def forget(
        self, request: Forget, told: Callable[[Receipt], None], failed: Callable[[str, str], None], *, dry_run: bool
    ) -> bool:
        """Forget, or say what that would do; False where another forgetting is under way."""
        forgetter = self.core.forgetter
        run = forgetter.preview if dry_run else forgetter.forget

        def tell(receipt: object) -> None:
            assert isinstance(receipt, Receipt)
            told(receipt)

        return self.jobs.start(FORGET, lambda *_: run(request), succeeded=tell, failed=failed)

    def wipe(self) -> None:
        """Destroy the key; `wiped` tells when that is done."""
        self.jobs.start("wipe", lambda *_: destroy_key(self.core.paths), succeeded=lambda _: self.wiped.emit())

    def train(self, *, nightly: bool = False) -> None:
        """Train, unless a training is under way; `nightly` as in `Commands.train`."""
        commands = self.commands
        self.jobs.start(
            TRAIN,
            lambda report, _: commands.train(report, nightly=nightly),
            succeeded=self._on_trained,
            progressed=self._on_progress,
            failed=self._on_training_failed,
            stopped=self.changed.emit,
        )

    def cancel_training(self) -> None:
        """Stop a training."""
        self.jobs.cancel(TRAIN)
        self.core.learner.cancel()

    def import_histories(self, names: tuple[str, ...]) -> None:
        """Import histories by name, then learn from them; each is told done at last, whatever came of it."""
        self.jobs.start(
            IMPORT,
            lambda _report, cancelled: self.commands.imports.import_histories(
                names, None, self.imported.emit, cancelled
            ),
            succeeded=lambda reports: self._on_imported(names, reports),
            failed=lambda message, remedy: self._on_import_failed(names, message, remedy),
        )

    def cancel_import(self) -> None:
        """Stop an import; what was stored stays."""
        self.jobs.cancel(IMPORT)

    def change_settings(self, **fields: object) -> None:
        """Change some settings, off the main thread, in the order of the calls."""
        self._settings_waiting.append(fields)
        self.jobs.start(_SETTINGS_JOB, lambda *_: self._change_waiting())

    def pause(self, seconds: int | None) -> None:
        """Pause for some seconds; None until resumed."""
        until_us = PAUSED_UNTIL_RESUMED if seconds is None else self.core.now_us() + seconds * US_PER_S
        self.change_settings(paused_until_us=until_us)

    def resume(self) -> None:
        """Record again."""
        self.change_settings(paused_until_us=0)

    def note_lock(self) -> None:
        """It is about to be locked: what extensions see until it is open again is not taken from them then."""
        self._keep(self.core.preferences.lock)

    def say(self, text: str) -> None:
        """Tell something worth a quiet line; from any thread."""
        self.latest_notice = text
        self.noticed.emit(text)

    @property
    def busy_with(self) -> str:
        """What is under way that should not be broken off; "" where nothing is."""
        return next((words for name, words in _LONG_WORK.items() if self.jobs.running(name)), "")

    # --- what happens by itself -----------------------------------------------------------------------------------

    def _make_api(self, port: int) -> LocalApi:
        core = self.core
        return LocalApi(
            self.commands, core.tokens, core.paths.socket, port, pairing=core.pairing, on_show=self._on_show
        )

    @property
    def api_address(self) -> str:
        """Where TCP clients find the local API; "" where it does not run."""
        return self.api.url if self._listening else ""

    def _start_api(self) -> None:
        try:
            self.api.start()
        except KnownError as error:
            LOGGER.warning("%s", error)
            self.api = self._make_api(0)
            try:
                self.api.start()
            except KnownError as second:
                self.say(str(second))
                return
            self.say(f"Port {self._api_port} is taken; the local API listens at {self.api.url}.")
        self._listening = True

    def _apply(self, settings: object) -> None:
        assert isinstance(settings, Settings)
        self.senses.apply(settings)
        self.lock_watch.apply(settings)
        self.pause_key.apply(settings)
        self._let_watchers_in(settings)

    def _let_watchers_in(self, settings: Settings) -> None:
        trouble = ""
        if settings.activitywatch and not self.core.paths.is_sample:
            try:
                self.watchers.start()
            except KnownError as error:
                trouble = str(error)
        else:
            self.watchers.stop()
        if trouble and trouble != self._watchers_trouble:
            self.say(trouble)
        self._watchers_trouble = trouble

    def _on_pause_key(self) -> None:
        if self.core.preferences.settings.paused_until_us > self.core.now_us():
            self.resume()
        else:
            self.pause(None)

    def _tidy(self) -> None:
        def work(report: Callable[[object], None], _cancelled: object) -> bool:
            return self.core.tidy(lambda: report(None))

        self.jobs.start(_TIDY, work, succeeded=self._on_tidied)

    def _on_tidied(self, due: object) -> None:
        if due:
            self.train(nightly=True)
        else:
            self._appraise()

    def _on_repaired(self, repair: Repair) -> None:
        """On the writer's thread. What the repair brought back although it was forgotten goes again, and at once."""
        self.say(str(repair))
        if repair.forgets:
            self._made_anew.emit()

    def _keep(self, change: Callable[[], None]) -> None:
        try:
            change()
        except KnownError as error:
            LOGGER.warning("%s", error)

    def _know_the_past(self) -> None:
        self.jobs.start(_WARM_UP, lambda *_: self._warm_up(), succeeded=self._on_rebuilt)

    def _appraise(self) -> None:
        """Explain the reward, where it is time; quietly, for nobody waits for it."""

        def tell(made: object) -> None:
            if made:
                self.learned.emit()

        self.jobs.start(_APPRAISE, lambda *_: self.commands.appraise(), succeeded=tell)

    def _warm_up(self) -> None:
        """Off the main thread: end what an earlier run did not come to forget, and know the past again."""
        if self.core.forgetter.go_on() is None:
            self.core.forecaster.rebuild()

    def _on_forgotten(self, _receipt: object) -> None:
        self.activitywatch.forgotten()
        give_back()
        self.changed.emit()

    def _on_rebuilt(self, _steps: object) -> None:
        give_back()
        self.changed.emit()

    def _on_progress(self, _progress: object) -> None:
        self.changed.emit()

    def _on_trained(self, _report: object) -> None:
        give_back()
        self.changed.emit()
        self.learned.emit()
        self._appraise()
        self.say("Learned from everything stored so far.")

    def _on_training_failed(self, message: str, remedy: str) -> None:
        self._on_failed(message, remedy)
        self.changed.emit()

    def _on_imported(self, names: tuple[str, ...], reports: object) -> None:
        assert isinstance(reports, tuple)
        stored = 0
        for report in reports:
            assert isinstance(report, ImportReport)
            stored += report.stored
            self.imported.emit(report)
        for name in set(names) - {report.source for report in reports}:
            self.imported.emit(ImportReport(name, done=True, cancelled=True))
        self.changed.emit()
        if stored:
            self.train()

    def _on_import_failed(self, names: tuple[str, ...], message: str, remedy: str) -> None:
        self._on_failed(message, remedy)
        for name in names:
            self.imported.emit(ImportReport(name, problems=(f"{message} {remedy}",), done=True))

    def _change_waiting(self) -> None:
        """Off the main thread: change what waits to be changed, one after the other."""
        while self._settings_waiting:
            self.core.preferences.change(**self._settings_waiting.popleft())

    def _on_job_ended(self, name: str) -> None:
        """Go on with the changes that came while a job of changes was ending, or that one that failed has left."""
        if name == _SETTINGS_JOB and self._settings_waiting:
            self.jobs.start(_SETTINGS_JOB, lambda *_: self._change_waiting())

    def _on_trouble(self, trouble: StoreError | None) -> None:
        """On the writer's thread: say that nothing can be stored, and when that is over."""
        self.say("The store takes events again." if trouble is None else str(trouble))

    def _on_failed(self, message: str, remedy: str) -> None:
        LOGGER.warning("%s %s", message, remedy)
        self.say(f"{message} {remedy}")
