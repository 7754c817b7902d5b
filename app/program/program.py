"""The running program without a face: senses, jobs, local API and house-keeping over the core. Headless runs this."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.api.server.activitywatch import PORT as WATCHER_PORT
from app.api.server.activitywatch import WatcherApi
from app.api.server.local import LocalApi
from app.errors import KnownError, StoreError
from app.program.learning import IMPORT, TRAIN, Learning
from app.program.servers import Servers
from app.program.settings_changes import SettingsChanges
from app.services.access.reauthenticate import Reauthenticator
from app.services.commands.dispatch import Commands
from app.services.core import Core
from app.services.maintenance.panic_wipe import destroy_key
from app.settings import Settings
from app.store.recovery.repair import Repair
from app.store.values.forget_request import Forget, Receipt
from app.system.memory import trim_heap
from app.workers.auto_lock import LockWatch
from app.workers.collector_threads import CollectorThreads
from app.workers.jobs import Jobs
from app.workers.pause_shortcut import PauseKey
from collectors import catalog
from collectors.catalog import CollectorSpec

LOGGER = logging.getLogger(__name__)
API_PORT: Final = 47_821
FORGET: Final = "forget"
_LONG_WORK: Final = {TRAIN: "A training", IMPORT: "An import", FORGET: "A forgetting"}
_TIDY: Final = "tidy"
_WARM_UP: Final = "warm up"


class Program(QObject):
    """Starts and stops what runs in the background.

    Args:
        core: the services; closed by `close`.
        on_show: raises the window, called from the API's thread; None if there is none.
        senses: which there are; all of the catalog by default.
        api_port: the port of the local API, if it is free.
        watcher_port: the port for ActivityWatch's watchers, once the user lets them in.

    The sample profile senses nothing: a synthetic life stays synthetic.
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
    _past_changed = Signal()
    imported = Signal(object)
    """Progress of an import, an `ImportReport`."""

    def __init__(
        self,
        core: Core,
        on_show: Callable[[], None] | None = None,
        senses: tuple[CollectorSpec, ...] | None = None,
        api_port: int = API_PORT,
        watcher_port: int = WATCHER_PORT,
    ) -> None:
        super().__init__()
        self.core = core
        self.latest_notice = ""
        """What `noticed` carried last, for a window that is made later."""
        self.jobs = Jobs(self._on_failed, self)
        self._changes = SettingsChanges(core, self.jobs, self)
        wanted = catalog.senses(core.observer.front) if senses is None else senses
        self.senses = CollectorThreads(core.observer, core.now_us, () if core.paths.is_sample else wanted, self)
        self.doorkeeper = Reauthenticator(core.paths)
        self.commands = Commands(
            core, self.senses, self.doorkeeper, self.lock_requested.emit, lambda: self.watchers.port
        )
        self._inlets = Servers(
            core,
            self.commands,
            self.senses.is_sensing,
            on_show=on_show,
            say=self.say,
            api_port=api_port,
            watcher_port=watcher_port,
        )
        self.learning = Learning(core, self.commands, self.jobs, self)
        self.learning.changed.connect(self.changed)
        self.learning.learned.connect(self.learned)
        self.learning.imported.connect(self.imported)
        self.learning.said.connect(self.say)
        self.lock_watch = LockWatch(self)
        self.lock_watch.left.connect(self.lock_requested)
        self.pause_key = PauseKey(self)
        self.pause_key.pressed.connect(self._changes.toggle_pause)
        self.pause_key.failed.connect(self.say)
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
        self._past_changed.connect(self._know_the_past)
        core.forgetter.set_rebuild_hook(self._past_changed.emit)
        self._knows_less = False
        core.store.on_repaired(self._on_repaired)
        if core.store.repaired is not None:
            self.say(str(core.store.repaired))
        self._pulse = QTimer(self)
        self._pulse.setInterval(30_000)
        self._pulse.timeout.connect(core.observer.extend_open)

    def start(self) -> None:
        """Listen, sense what there is consent for, and rebuild the model from the stored past."""
        self._changes.reopen()
        self._inlets.start()
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
        self.core.forecaster.cancel_rebuild()
        self._inlets.stop()
        self.core.brain.close()
        self.jobs.close()
        try:
            self._changes.finish()
        except KnownError as error:
            LOGGER.warning("%s", error)
        self.core.close(forget=forget)

    # --- what the faces ask for ----------------------------------------------------------------------------------

    def forget(
        self,
        request: Forget,
        succeeded: Callable[[Receipt], None],
        failed: Callable[[str, str], None],
        *,
        dry_run: bool,
    ) -> bool:
        """Forget, or say what that would do; False if another forgetting is under way.

        Args:
            request: what to forget.
            succeeded: takes the receipt, on the main thread.
            failed: takes message and remedy, on the main thread.
            dry_run: count alone, and change nothing.
        """
        forgetter = self.core.forgetter
        run = forgetter.preview if dry_run else forgetter.forget

        def tell(receipt: object) -> None:
            assert isinstance(receipt, Receipt)
            succeeded(receipt)

        return self.jobs.start(FORGET, lambda *_: run(request), succeeded=tell, failed=failed)

    def wipe(self) -> None:
        """Destroy the key; `wiped` tells when that is done."""
        self.jobs.start("wipe", lambda *_: destroy_key(self.core.paths), succeeded=lambda _: self.wiped.emit())

    def train(self, *, nightly: bool = False) -> None:
        """Train, unless a training is under way; `nightly` as in `Commands.train`."""
        self.learning.train(nightly=nightly)

    def cancel_training(self) -> None:
        """Stop a training."""
        self.learning.cancel_training()

    def import_histories(self, names: tuple[str, ...]) -> None:
        """Import histories by name, then learn from them; each is reported done at last, whatever came of it."""
        self.learning.import_histories(names)

    def cancel_import(self) -> None:
        """Stop an import; what was stored stays."""
        self.learning.cancel_import()

    def change_settings(self, **fields: object) -> None:
        """Change some settings, off the main thread, in the order of the calls."""
        self._changes.change(**fields)

    def pause(self, seconds: int | None) -> None:
        """Pause for some seconds; None until resumed."""
        self._changes.pause(seconds)

    def resume(self) -> None:
        """Record again."""
        self._changes.resume()

    def note_lock(self) -> None:
        """It is about to be locked: what extensions see until it is open again is not taken from them then."""
        self._changes.lock()

    def say(self, text: str) -> None:
        """Tell something worth a quiet line; from any thread."""
        self.latest_notice = text
        self.noticed.emit(text)

    @property
    def busy_with(self) -> str:
        """What is under way that should not be broken off; "" if nothing is."""
        return next((words for name, words in _LONG_WORK.items() if self.jobs.running(name)), "")

    # --- what happens by itself -----------------------------------------------------------------------------------

    @property
    def api(self) -> LocalApi:
        """The local API."""
        return self._inlets.api

    @property
    def watchers(self) -> WatcherApi:
        """The inlet of ActivityWatch's watchers."""
        return self._inlets.watchers

    @property
    def api_address(self) -> str:
        """The address of the local API for TCP clients; "" if it does not run."""
        return self._inlets.api_address

    def _apply(self, settings: object) -> None:
        assert isinstance(settings, Settings)
        self.senses.apply(settings)
        self.lock_watch.apply(settings)
        self.pause_key.apply(settings)
        self._inlets.apply(settings)
        self._changes.withdraw(self.senses.without_consent())

    def _tidy(self) -> None:
        def work(report: Callable[[object], None], _cancelled: object) -> bool:
            return self.core.tidy(lambda: report(None))

        self.jobs.start(_TIDY, work, succeeded=self._on_tidied)

    def _on_tidied(self, due: object) -> None:
        if due:
            self.train(nightly=True)
        else:
            self.learning.appraise()

    def _on_repaired(self, repair: Repair) -> None:
        """On the writer's thread. What the repair brought back although it was forgotten goes again, and at once."""
        self.say(str(repair))
        if repair.forgets or self.core.forecaster.suspended:
            self._past_changed.emit()

    def _know_the_past(self) -> None:
        """In the background: nobody waits for it. One that is under way may have read what is gone since."""
        self._knows_less = not self.jobs.start(_WARM_UP, lambda *_: self._warm_up(), succeeded=self._on_rebuilt)

    def _warm_up(self) -> None:
        """Off the main thread: end what an earlier run did not come to forget, and know the past again."""
        if self.core.forgetter.resume_unfinished() is None:
            self.core.forecaster.rebuild()

    def _on_forgotten(self, _receipt: object) -> None:
        self._inlets.forgotten()
        trim_heap()
        self.changed.emit()

    def _on_rebuilt(self, _steps: object) -> None:
        trim_heap()
        self.changed.emit()

    def _on_job_ended(self, name: str) -> None:
        """Know the past again if it changed while it was being read."""
        if name == _WARM_UP and self._knows_less:
            self._know_the_past()

    def _on_trouble(self, trouble: StoreError | None) -> None:
        """On the writer's thread: say that nothing can be stored, and when that is over."""
        self.say("The store takes events again." if trouble is None else str(trouble))

    def _on_failed(self, message: str, remedy: str) -> None:
        LOGGER.warning("%s %s", message, remedy)
        self.say(f"{message} {remedy}")
