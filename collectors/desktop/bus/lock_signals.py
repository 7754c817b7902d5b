"""What the desktop and logind say of the screen's lock and the machine's sleep, and how sleep is held up for a moment.

Screens tell by the signal ActiveChanged of one of the ScreenSaver interfaces on the session's bus. logind
(org.freedesktop.login1(5)) tells on the system's bus of a session that is locked, and of sleep.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

from jeepney import DBusAddress, HeaderFields, Message  # type: ignore[import-untyped]  # it ships no types

from collectors.desktop.bus.dbus import Bus, CallError

SCREENS: Final = (
    *("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.mate.ScreenSaver"),
    *("org.cinnamon.ScreenSaver", "org.xfce.ScreenSaver"),
)
LOGIND: Final = "org.freedesktop.login1"
MANAGER: Final = DBusAddress("/org/freedesktop/login1", LOGIND, f"{LOGIND}.Manager")
SESSION: Final = f"{LOGIND}.Session"
SLEEP: Final = "PrepareForSleep"
SCREEN: Final = "ActiveChanged"


def screen_is_locked(message: Message) -> bool | None:
    """What a message of a screen saver's says; None if it says nothing of that."""
    interface, member = _kind(message)
    return _says(message) if interface in SCREENS and member == SCREEN else None


def falls_asleep(message: Message) -> bool | None:
    """Whether logind says that the machine goes to sleep; False as it wakes up, None if it says neither."""
    return _says(message) if _kind(message) == (MANAGER.interface, SLEEP) else None


def session_is_locked(message: Message) -> bool | None:
    """Whether logind has a session locked, or unlocked; None if it does neither. The path says which session."""
    interface, member = _kind(message)
    return member == "Lock" if interface == SESSION and member in ("Lock", "Unlock") else None


class SleepHold:
    """Has the machine wait a moment before it sleeps; if logind does not allow it, sleep just comes.

    Args:
        why: asked to whoever asks logind what holds sleep up.
    """

    def __init__(self, why: str) -> None:
        self._why = why
        self._descriptor: int | None = None

    def take(self, bus: Bus) -> None:
        """Hold the next sleep up.

        Args:
            bus: the system's, with descriptors.
        """
        self.close()
        with suppress(CallError):
            held = bus.call(MANAGER, "Inhibit", "ssss", ("sleep", "KrypticTrack", self._why, "delay"))
            if held and hasattr(held[0], "to_raw_fd"):
                self._descriptor = held[0].to_raw_fd()

    def close(self) -> None:
        """Let it sleep."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _kind(message: Message) -> tuple[str | None, str | None]:
    fields = message.header.fields
    return fields.get(HeaderFields.interface), fields.get(HeaderFields.member)


def _says(message: Message) -> bool | None:
    return message.body[0] if len(message.body) == 1 and isinstance(message.body[0], bool) else None
