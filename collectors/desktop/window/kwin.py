"""The focused window on KDE Plasma's Wayland session: a script inside KWin tells of it.

The script (extensions/kwin/focus.js) is put into KWin for as long as the sense runs, by its D-Bus interface
org.kde.kwin.Scripting, and calls this program alone, under the one address that the bus gives to nobody else: so a
script that outlives a crash of the program tells nobody. Only what KWin itself sends is taken.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from jeepney import DBusAddress, HeaderFields, Message, MessageType  # type: ignore[import-untyped]  # it ships no types

from collectors.collector import CollectorError, Emit, Stop, Unavailable
from collectors.desktop.backends import WrongSession
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import Bus, CallError
from collectors.desktop.window.dbus_focus import NoticedWindows, follow, sighting
from collectors.desktop.window.debounce import FocusDebouncer
from collectors.extension_files import EXTENSIONS

_LOG: Final = logging.getLogger(__name__)
KWIN: Final = "org.kde.KWin"
SCRIPT: Final = EXTENSIONS / "kwin" / "focus.js"
INTERFACE: Final = "org.kryptictrack.Focus"
PLUGIN: Final = "kryptictrack-focus"
_SCRIPTING: Final = DBusAddress("/Scripting", KWIN, "org.kde.kwin.Scripting")
_NOT_KWIN: Final = WrongSession("KWin is not on the session's bus.", "Choose a Plasma (Wayland) session.")
_X11: Final = WrongSession("This is an X11 session, which is read as such.", "Nothing needs to be done.")
_NO_SCRIPTS: Final = Unavailable(
    "KWin runs here, but does not take a script that tells which window has the focus.",
    "Use Plasma 5.27 or newer; `journalctl --user -t kwin_wayland` may tell more.",
)
_GONE: Final = Unavailable(
    "KWin went away.", "It is tried again by itself; if it does not come back, log out and in again."
)


class KWinWindowCollector(NoticedWindows):
    """Listens to the part of ours inside KWin; the rest is said in `NoticedWindows`."""

    def check(self) -> Unavailable | None:
        """Whether KWin is on the session's bus and takes scripts."""
        if not self._environ.get("WAYLAND_DISPLAY") and self._environ.get("XDG_SESSION_TYPE") != "wayland":
            return _X11
        try:
            with dbus.session(self._environ) as bus:
                if bus.owner(KWIN) is None:
                    return _NOT_KWIN
                bus.call(_SCRIPTING, "isScriptLoaded", "s", (PLUGIN,))
        except CollectorError as error:
            return WrongSession(error.unavailable.reason, error.unavailable.remedy)
        except CallError as error:
            return None if error.is_unknown else _NO_SCRIPTS  # it has its name a moment before it takes scripts
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of the focus until `stop` is set.

        Raises:
            CollectorError: when KWin is not there, takes no script, or goes away.
        """
        with dbus.session(self._environ) as bus:
            bus.follow(KWIN)
            kwin = bus.owner(KWIN)
            if kwin is None:
                raise CollectorError(_NOT_KWIN)
            with _script(bus, self._environ):
                sightings = FocusDebouncer(emit, self._now)
                take = partial(_answered, bus=bus, sightings=sightings)
                follow(bus, kwin, sightings, stop, take, gone=_GONE)


def _answered(message: Message, bus: Bus, sightings: FocusDebouncer) -> str | None:
    """Take a call of the script's, and answer it; why it is none, else."""
    if message.header.message_type is not MessageType.method_call:
        return None
    refused = _take(message, sightings)
    bus.reply(message, refused=refused)
    return refused


def _take(message: Message, sightings: FocusDebouncer) -> str | None:
    fields = message.header.fields
    if (fields.get(HeaderFields.interface), fields.get(HeaderFields.member)) != (INTERFACE, "Seen"):
        return "there is no such method"
    return sighting(message.body, sightings)


@contextmanager
def _script(bus: Bus, environ: Mapping[str, str]) -> Iterator[None]:
    """The script inside KWin for the length of a block; one that a crash has left there is taken out first."""
    folder = environ.get("XDG_RUNTIME_DIR") or None
    with tempfile.NamedTemporaryFile("w", suffix=".js", prefix=f"{PLUGIN}-", dir=folder, encoding="utf-8") as file:
        file.write(f"const receiver = {json.dumps(bus.name)};\n{SCRIPT.read_text(encoding='utf-8')}")
        file.flush()
        try:
            bus.call(_SCRIPTING, "unloadScript", "s", (PLUGIN,))
            _load(bus, Path(file.name))
        except CallError as error:
            _LOG.warning("KWin did not take the script: %s", error)
            raise CollectorError(_NO_SCRIPTS) from error
        try:
            yield
        finally:
            with suppress(CallError, OSError):  # it has ended, and the script with it
                bus.call(_SCRIPTING, "unloadScript", "s", (PLUGIN,))


def _load(bus: Bus, file: Path) -> None:
    (number,) = bus.call(_SCRIPTING, "loadScript", "ss", (os.fspath(file), PLUGIN))
    if number < 0:
        raise CallError("org.kde.kwin.Scripting", "a script of this name is there already")
    try:
        bus.call(DBusAddress(f"/Scripting/Script{number}", KWIN, "org.kde.kwin.Script"), "run")
    except CallError as error:
        if not error.is_unknown:
            raise
        bus.call(DBusAddress(f"/{number}", KWIN, "org.kde.kwin.Script"), "run")  # Plasma 5 has it there
