"""The focused window on GNOME: an extension of the shell tells of it.

The extension (extensions/gnome-shell) watches nothing until this program asks it to, tells this program alone, and
stops when the program goes. GNOME Shell switches extensions off while the screen is locked; it says when it is back.
"""

from __future__ import annotations

from typing import Final

from jeepney import DBusAddress, Message  # type: ignore[import-untyped]  # it ships no types

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.backends import WrongSession
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import CallError
from collectors.desktop.window.dbus_focus import NoticedWindows, follow, sighting
from collectors.desktop.window.debounce import FocusDebouncer

SHELL: Final = "org.gnome.Shell"
INTERFACE: Final = "org.kryptictrack.Focus"
_EXTENSION: Final = DBusAddress("/org/kryptictrack/Focus", SHELL, INTERFACE)
_NOT_GNOME: Final = WrongSession("GNOME Shell is not on the session's bus.", "Choose a GNOME session.")
_NO_EXTENSION: Final = Unavailable(
    "GNOME Shell runs here, and tells only its own extensions which window has the focus.",
    "Run: kryptic gnome install. Then log out and in again.",
)
_GONE: Final = Unavailable(
    "GNOME Shell went away.", "It is tried again by itself; if it does not come back, log out and in again."
)


class GnomeWindowCollector(NoticedWindows):
    """Listens to the part of ours inside GNOME Shell; the rest is said in `NoticedWindows`."""

    def check(self) -> Unavailable | None:
        """Whether GNOME Shell is on the session's bus, with the extension switched on."""
        try:
            with dbus.session(self._environ) as bus:
                if bus.owner(SHELL) is None:
                    return _NOT_GNOME
                bus.call(_EXTENSION, "Unwatch")
        except CollectorError as error:
            return WrongSession(error.unavailable.reason, error.unavailable.remedy)
        except CallError:
            return _NO_EXTENSION
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of the focus until `stop` is set.

        Raises:
            CollectorError: when GNOME Shell or its extension is not there, or the shell goes away.
        """
        with dbus.session(self._environ) as bus:
            bus.follow(SHELL)
            shell = bus.owner(SHELL)
            if shell is None:
                raise CollectorError(_NOT_GNOME)
            bus.listen(sender=shell, interface=INTERFACE, member="Ready")
            try:
                bus.call(_EXTENSION, "Watch")
            except CallError as error:
                raise CollectorError(_NO_EXTENSION) from error
            sightings = FocusDebouncer(emit, self._now)

            def take(message: Message) -> str | None:
                if dbus.is_signal(message, INTERFACE, "Ready"):
                    bus.send(_EXTENSION, "Watch")
                elif dbus.is_signal(message, INTERFACE, "Seen"):
                    return sighting(message.body, sightings)
                return None

            follow(bus, shell, sightings, stop, take, gone=_GONE)
