"""The changes of a screen that the user shares, by the ScreenCast portal: the desktop asks which screen, and shows it.

Every two seconds a small grey picture of it is laid over the one before; all that is kept is which cells of a coarse
grid differ. Half a minute of that becomes one event. The permission is kept, so that the desktop asks once.

Source: https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.ScreenCast.html, version 4.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Final

from jeepney import HeaderFields  # type: ignore[import-untyped]  # it ships no types

from collectors.collector import CollectorError, DeclinedError, Emit, Stop, Unavailable
from collectors.desktop.bus import dbus, lock_signals, portal
from collectors.desktop.bus.dbus import Bus, CallError
from collectors.desktop.bus.portal import NotGrantedError, Portal
from collectors.desktop.bus.refusals import Refusals
from collectors.desktop.screen import frames as screen_frames
from collectors.desktop.screen import permission, recent_input
from collectors.desktop.screen.frames import Frames
from collectors.desktop.screen.options import Looking
from collectors.desktop.screen.patterns import Intervals, Look, differing
from collectors.desktop.screen.recent_input import Touch
from collectors.desktop.wayland import socket

_FRAMES_A_LOOK: Final = 2
_LOCKED_WITHIN_S: Final = 2.0
"""That the screen is locked is reported so long after the end of the sharing at most."""
_INTERFACE: Final = "org.freedesktop.portal.ScreenCast"
_SESSION: Final = "org.freedesktop.portal.Session"
_MONITOR: Final = 1
_HIDDEN_CURSOR: Final = 1
_UNTIL_TAKEN_BACK: Final = 2
_PERSISTS_SINCE: Final = 4
_NO_PORTAL: Final = Unavailable(
    "This desktop shares no screen with programs (the ScreenCast portal is not there).",
    "Install xdg-desktop-portal and your desktop's part of it (xdg-desktop-portal-gnome, -kde, -wlr or -hyprland), "
    "then log out and in again.",
)
_NOT_SHARED: Final = Unavailable(
    "You shared no screen.", "Switch the source off, or off and on again to be asked once more."
)
_TAKEN_BACK: Final = Unavailable(
    "The sharing of the screen was ended from the desktop.", "Switch the source off and on again to share it once more."
)
_FAILED: Final = Unavailable(
    "The desktop's portal could not share the screen.",
    "It is tried again by itself; if that does not help, log out and in again.",
)
_GONE: Final = Unavailable("The desktop's portal went away.", "It is tried again by itself.")


class PortalScreenCollector(Looking):
    """Looks at a screen that the user shares; the permission is kept next to the program's log (see `Looking`)."""

    def check(self) -> Unavailable | None:
        """Whether there is a portal that can share a screen, and what reads it; nobody is asked."""
        try:
            socket.path(self._environ)
            with dbus.session(self._environ) as bus:
                if not portal.number(bus, _INTERFACE, "AvailableSourceTypes") & _MONITOR:
                    return _NO_PORTAL
        except CollectorError as error:
            return error.unavailable
        except CallError:
            return _NO_PORTAL
        return recent_input.check(self._environ, self._look_every_s) or screen_frames.check(self._environ)

    def run(self, emit: Emit, stop: Stop) -> None:
        """Look until `stop` is set; what was seen since the last event is thrown away then.

        Raises:
            CollectorError: when the user shares no screen (`DeclinedError`), or a part goes away.
        """
        with dbus.session(self._environ, enable_fds=True) as bus, Refusals() as refusals:
            portal.introduce(bus)
            watch = _Watch(bus, Portal(bus, _INTERFACE, _GONE), refusals)
            while self._share(watch, emit, stop):
                if not watch.is_unlocked_again(stop):
                    if stop.is_set():
                        return
                    raise DeclinedError(_TAKEN_BACK)

    def _share(self, watch: _Watch, emit: Emit, stop: Stop) -> bool:
        """Have a screen shared, and look at it until `stop` is set; True if the sharing was ended before."""
        try:
            cast = _shared(watch.bus, watch.desktop, self._environ, stop)
        except CallError as error:
            raise CollectorError(_FAILED) from error
        except NotGrantedError as error:
            raise DeclinedError(_NOT_SHARED) if error.by_user else CollectorError(_FAILED) from error
        if cast is None:
            return False
        session, remote, node = cast
        with ExitStack() as stack:
            frames = Frames(self._environ, remote, node, max(1, round(_FRAMES_A_LOOK / self._look_every_s)))
            stack.callback(frames.close)
            touch = stack.enter_context(recent_input.touching(self._environ, self._look_every_s))
            watch.begin(session)
            self._look(_Screen(frames, touch), watch, emit, stop)
        if not watch.has_ended:
            watch.desktop.end(session)  # what is kept for the next time can be given back from here on
        return watch.has_ended

    def _look(self, seen: _Screen, watch: _Watch, emit: Emit, stop: Stop) -> None:
        at = self._now()
        intervals = Intervals(emit, self._interval_s, at)
        due_s = at.mono_s + self._look_every_s
        while not watch.has_ended and watch.bus.wait(stop, max(0.0, due_s - self._now().mono_s)):
            watch.take_in()
            at = self._now()
            if at.mono_s >= due_s:
                intervals.add(seen.look(), at)
                due_s = at.mono_s + self._look_every_s


class _Watch:
    """What is reported while a screen is shared: that this was ended, and that the screen is locked.

    GNOME ends every sharing when it locks the screen. That is not the user's wish, as an end from its panel is.
    """

    def __init__(self, bus: Bus, desktop: Portal, refusals: Refusals) -> None:
        self.bus = bus
        self.desktop = desktop
        self.has_ended = False
        self._refusals = refusals
        self._session = ""
        self._is_locked = False
        for name in lock_signals.SCREENS:
            bus.listen(sender=name, interface=name, member=lock_signals.SCREEN)

    def begin(self, session: str) -> None:
        """A screen is shared in a session."""
        self._session, self.has_ended = session, False

    def take_in(self) -> None:
        """Take what has come.

        Raises:
            CollectorError: when the portal went away.
        """
        for message in self.bus.arrived():
            fields = message.header.fields
            # What screens say goes to everybody; what is sent to us alone is the portal's, or somebody else's.
            is_locked = None if HeaderFields.destination in fields else lock_signals.screen_is_locked(message)
            if is_locked is not None:
                self._is_locked = is_locked
            elif self._refusals.strange(message, self.bus, self.desktop.owner):
                continue
            elif dbus.lost(message, self.desktop.owner):
                raise CollectorError(_GONE)
            elif fields.get(HeaderFields.path) == self._session and dbus.is_signal(message, _SESSION, "Closed"):
                self.has_ended = True

    def is_unlocked_again(self, stop: Stop) -> bool:
        """Wait for as long as the screen is locked; False if it was not locked at all, or `stop` is set."""
        end_s = time.monotonic() + _LOCKED_WITHIN_S
        while not self._is_locked and (left_s := end_s - time.monotonic()) > 0:
            if not self.bus.wait(stop, left_s):
                return False
            self.take_in()
        was_locked = self._is_locked
        while self._is_locked:
            if not self.bus.wait(stop, None):
                return False
            self.take_in()
        return was_locked


class _Screen:
    """The shared screen, as far as it is looked at: the last picture, until the next one comes."""

    def __init__(self, frames: Frames, touch: Touch) -> None:
        self._frames = frames
        self._touch = touch
        self._picture: bytes | None = None
        self._was_over = False

    def look(self) -> Look:
        """What changed since the last look.

        Raises:
            CollectorError: when no more pictures come, or input is not reported any more.
        """
        newest = self._frames.newest()
        if newest is None and self._was_over:
            raise self._frames.over()
        self._was_over = self._frames.is_over  # raised at the next look: the portal may still tell that it was ended
        changed: frozenset[int] = frozenset()
        if newest is not None:
            changed = differing(self._picture, newest) if self._picture is not None else changed
            self._picture = newest
        # The pointer is not in the picture, so moving it changes nothing, and typing does.
        touched = self._touch.is_touched()
        return Look(changed, typed=touched and bool(changed), pointed=touched and not changed, pointer=None)


def _shared(bus: Bus, desktop: Portal, environ: Mapping[str, str], stop: Stop) -> tuple[str, int, int] | None:
    """Have the user share a screen: the session, a connection to PipeWire, and the screen's number there.

    None once `stop` is set.
    """
    session = desktop.session(stop)
    if session is None:
        return None
    bus.listen(sender=portal.NAME, interface=_SESSION, member="Closed", path=session)
    options: dict[str, Any] = {"types": ("u", _MONITOR), "multiple": ("b", False)}
    if portal.number(bus, _INTERFACE, "AvailableCursorModes") & _HIDDEN_CURSOR:
        options["cursor_mode"] = ("u", _HIDDEN_CURSOR)
    persists = portal.number(bus, _INTERFACE, "version") >= _PERSISTS_SINCE
    if persists:
        options["persist_mode"] = ("u", _UNTIL_TAKEN_BACK)
        token = permission.load(environ)
        if token is not None:
            options["restore_token"] = ("s", token)
    if desktop.request("SelectSources", "oa{sv}", options, session, stop=stop) is None:
        return None
    started = desktop.request("Start", "osa{sv}", {}, session, "", stop=stop)
    if started is None:
        return None
    if persists:
        permission.keep(environ, portal.value(started, "restore_token"))
    node = _node(portal.value(started, "streams"))
    (remote,) = bus.call(desktop.address, "OpenPipeWireRemote", "oa{sv}", (session, {}))
    return session, remote.to_raw_fd(), node


def _node(streams: Any) -> int:
    """The number of the only stream.

    Raises:
        NotGrantedError: if there is none.
    """
    if isinstance(streams, list) and streams and isinstance(streams[0], tuple) and isinstance(streams[0][0], int):
        return streams[0][0]
    raise NotGrantedError(by_user=False)
