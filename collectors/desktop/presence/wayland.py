"""Whether somebody is there, on Wayland: the compositor tells when a seat had no input for a while, and when it has.

Protocols: ext-idle-notify-v1, version 2, and if that is missing, org_kde_kwin_idle, version 1. What keeps the screen on
(a film, a call) keeps a seat from being idle in both; version 2 can be asked about input alone, and is asked about
both: no input while the seat is not idle is somebody who watches. Without it such a film is mere presence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.backends import WrongSession
from collectors.desktop.presence.idle_events import IdleEvents
from collectors.desktop.wayland import connection as wayland_connection
from collectors.desktop.wayland.connection import Connection
from collectors.desktop.wayland.wire import Reader
from collectors.events import Source
from collectors.timestamp import Timestamp, now

_SEAT: Final = "wl_seat"
_NOTIFIER: Final = "ext_idle_notifier_v1"
_NOTIFIER_VERSION: Final = 2
_GET_IDLE, _GET_INPUT_IDLE = 1, 2
_KDE: Final = "org_kde_kwin_idle"
_KDE_GET_IDLE: Final = 0
_IDLED, _RESUMED = 0, 1  # the same in both protocols
_UNSUPPORTED: Final = WrongSession(
    f"This compositor does not tell when there is no input ({_NOTIFIER} and {_KDE} are missing, or a seat is).",
    "Choose a session of sway, Hyprland, labwc, KDE Plasma, GNOME or X11 at the login screen.",
)


class WaylandPresenceCollector:
    """Emits IDLE once there was no input for a while, or WATCH, and ACTIVE when it comes back (see `desktop.absence`).

    Args:
        environ: names the compositor's socket.
        idle_after_ms: how long without input is idle, milliseconds.
        despite_films: whether input alone counts, if the compositor can tell; else what keeps the screen on counts
            as somebody's being there.
        now: the two clocks.
    """

    source = Source.PRESENCE

    def __init__(
        self,
        environ: Mapping[str, str],
        idle_after_ms: int,
        *,
        despite_films: bool = False,
        now: Callable[[], Timestamp] = now,
    ) -> None:
        self._environ = environ
        self._idle_after_ms = idle_after_ms
        self._despite_films = despite_films
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether a compositor answers that tells of idle seats."""
        try:
            with wayland_connection.connected(self._environ) as connection:
                connection.roundtrip()
                return None if _tells(connection) else _UNSUPPORTED
        except CollectorError as error:
            return error.unavailable

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of coming and going until `stop` is set.

        Raises:
            CollectorError: when the compositor is not there, does not tell of idle seats, or goes away.
        """
        with wayland_connection.connected(self._environ) as connection:
            if not connection.roundtrip(stop):
                return
            if not _tells(connection):
                raise CollectorError(_UNSUPPORTED)
            absence = IdleEvents(emit, self._now)
            seats = _Seats(connection, self._idle_after_ms, absence, despite_films=self._despite_films)
            seats.watch_all()
            while connection.wait(stop, None):
                connection.take_in()


class _Seats:
    """Somebody is away while every seat is idle, and watches while none has input; seats may come and go."""

    def __init__(self, connection: Connection, idle_after_ms: int, absence: IdleEvents, *, despite_films: bool) -> None:
        self._connection = connection
        self._idle_after_ms = idle_after_ms
        self._absence = absence
        self._idle: dict[int, bool] = {}
        self._still: dict[int, bool] = {}
        if version := min(connection.version(_NOTIFIER), _NOTIFIER_VERSION):
            self._notifier = connection.bind(_NOTIFIER, version, _nothing)
            tells_input = version >= 2  # noqa: PLR2004 - the version that brought it
            self._opcode = _GET_INPUT_IDLE if tells_input and despite_films else _GET_IDLE
            self._tells_both, self._is_kde = tells_input and not despite_films, False
        else:
            self._notifier = connection.bind(_KDE, 1, _nothing)
            self._opcode, self._tells_both, self._is_kde = _KDE_GET_IDLE, False, True

    def watch_all(self) -> None:
        for number in self._connection.numbers(_SEAT):
            self._watch(number)
        self._connection.on_global(self._on_global)

    def _on_global(self, number: int, interface: str) -> None:
        if interface != _SEAT:
            return
        if number in self._connection.numbers(_SEAT):
            self._watch(number)
        elif self._idle.pop(number, None) is not None:
            self._still.pop(number, None)
            self._conclude()

    def _watch(self, number: int) -> None:
        seat = self._connection.bind(_SEAT, 1, _nothing, number)
        self._ask(number, seat, self._opcode, self._idle)
        if self._tells_both:
            self._ask(number, seat, _GET_INPUT_IDLE, self._still)

    def _ask(self, number: int, seat: int, request: int, known: dict[int, bool]) -> None:
        order = (seat, self._idle_after_ms)  # the same arguments in both protocols, in another order
        known[number] = False
        self._connection.create(
            self._notifier,
            request,
            lambda opcode, _: self._tell(number, opcode, known),
            *(order if self._is_kde else reversed(order)),
        )

    def _tell(self, number: int, opcode: int, known: dict[int, bool]) -> None:
        if opcode in (_IDLED, _RESUMED) and number in known:
            known[number] = opcode == _IDLED
            self._conclude()

    def _conclude(self) -> None:
        if self._idle and all(self._idle.values()):
            self._absence.begin(self._idle_after_ms)
        elif self._still and all(self._still.values()):
            self._absence.watch(self._idle_after_ms)
        else:
            self._absence.end()


def _tells(connection: Connection) -> bool:
    return bool(connection.version(_SEAT) and (connection.version(_NOTIFIER) or connection.version(_KDE)))


def _nothing(_opcode: int, _arguments: Reader) -> None:
    """For objects whose events say nothing of idleness."""
