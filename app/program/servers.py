"""The servers through which other programs reach this one: the local API, and the inlet of ActivityWatch's watchers."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app.api.server.activitywatch import WatcherApi
from app.api.server.local import LocalApi
from app.errors import KnownError
from app.services.activitywatch.ingest import Watching
from app.services.activitywatch.service import ActivityWatch
from app.services.commands.dispatch import Commands
from app.services.core import Core
from app.settings import Settings
from collectors.events import Source

LOGGER = logging.getLogger(__name__)


class Servers:
    """Opens and closes both.

    Args:
        core: the services.
        commands: what clients ask for.
        sensed: whether a sense of the program's own sees a source right now.
        on_show: raises the window, called from the API's thread; None if there is none.
        say: tells the user something.
        api_port: the port of the local API, if it is free.
        watcher_port: the port for watchers, once the user lets them in.
    """

    def __init__(
        self,
        core: Core,
        commands: Commands,
        sensed: Callable[[Source], bool],
        *,
        on_show: Callable[[], None] | None,
        say: Callable[[str], None],
        api_port: int,
        watcher_port: int,
    ) -> None:
        self._core = core
        self._commands = commands
        self._on_show = on_show
        self._say = say
        self._api_port = api_port
        self._listening = False
        self._watchers_trouble = ""
        self.api = self._made(api_port)
        watching = Watching(core.store, core.observer, core.preferences, core.now_us, sensed)
        self._activitywatch = ActivityWatch(core.store, watching, core.preferences, core.now_us)
        self.watchers = WatcherApi(self._activitywatch, commands, watcher_port)

    @property
    def api_address(self) -> str:
        """The address of the local API for TCP clients; "" if it does not run."""
        return self.api.url if self._listening else ""

    def start(self) -> None:
        """Open the local API, at another port if its own is taken; if that fails, too, it is said."""
        try:
            self.api.start()
        except KnownError as error:
            LOGGER.warning("%s", error)
            self.api = self._made(0)
            try:
                self.api.start()
            except KnownError as second:
                self._say(str(second))
                return
            self._say(f"Port {self._api_port} is taken; the local API listens at {self.api.url}.")
        self._listening = True

    def apply(self, settings: Settings) -> None:
        """Let watchers in, or no longer; what is in the way is said once."""
        trouble = ""
        if settings.activitywatch and not self._core.paths.is_sample:
            try:
                self.watchers.start()
            except KnownError as error:
                trouble = str(error)
        else:
            self.watchers.stop()
        if trouble and trouble != self._watchers_trouble:
            self._say(trouble)
        self._watchers_trouble = trouble

    def forgotten(self) -> None:
        """Something was forgotten: what watchers go on seeing starts over."""
        self._activitywatch.forgotten()

    def stop(self) -> None:
        """Close both."""
        self._listening = False
        self.watchers.stop()
        self.api.stop()

    def _made(self, port: int) -> LocalApi:
        core = self._core
        return LocalApi(
            self._commands, core.tokens, core.paths.socket, port, pairing=core.pairing, on_show=self._on_show
        )
