"""What shows that somebody is there who types nothing: a film that plays, a camera or a microphone in use.

Players tell over MPRIS (Media Player Remote Interfacing Specification 2.2). The kernel tells of a microphone that is
recorded from (ALSA, /proc/asound) and of an open camera (Video4Linux, /dev/video*); PipeWire, if it runs, tells of
both and of shared screens. Nothing that is played, heard or seen is read, and it is looked only when input has stopped.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from jeepney import DBusAddress  # type: ignore[import-untyped]  # it ships no types

from collectors.collector import CollectorError, Stop
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import Bus, CallError

_LOG: Final = logging.getLogger(__name__)
_PLAYERS: Final = "org.mpris.MediaPlayer2."
_PLAYER: Final = "org.mpris.MediaPlayer2.Player"
_MOST_PLAYERS: Final = 16
_ANSWERS_WITHIN_S: Final = 1.0
_DUMP_WITHIN_S: Final = 0.8
_RECORDS: Final = frozenset({"Stream/Input/Audio", "Stream/Input/Video"})
OUR_OWN: Final = "kryptictrack-screen"
"""The stream by which our sense of the screen reads one; it is there as long as that is on."""
_BUS: Final = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


class Sign(StrEnum):
    """What shows that somebody is there."""

    FILM = "film"
    CALL = "call"
    """A camera or a microphone is in use."""
    SCREEN = "screen"
    """A program keeps the screen on; what it is about is not known."""


def engaged(environ: Mapping[str, str], stop: Stop, proc: Path = Path("/proc")) -> Sign | None:
    """What shows that somebody is there, if anything. Takes a second at most, and ends early once `stop` is set.

    Args:
        environ: names the session's bus and PipeWire.
        stop: ends the asking.
        proc: the kernel's folder of processes and sound cards.
    """
    if _watches(environ, stop):
        return Sign.FILM
    return Sign.CALL if _records(proc) or _has_camera(proc) or _streams(environ) else None


def _watches(environ: Mapping[str, str], stop: Stop) -> bool:
    """Whether a player plays a film, or what may be one."""
    try:
        with dbus.session(environ) as bus:
            (names,) = bus.call(_BUS, "ListNames")
            players = sorted(name for name in names if name.startswith(_PLAYERS))[:_MOST_PLAYERS]
            return any(is_film(status) for status in _statuses(bus, players, stop))
    except (CollectorError, CallError):
        return False  # if there is no bus there are no players on it


def _statuses(bus: Bus, players: list[str], stop: Stop) -> list[Mapping[str, Any]]:
    asked = [
        (
            DBusAddress("/org/mpris/MediaPlayer2", player, "org.freedesktop.DBus.Properties"),
            "GetAll",
            "s",
            (_PLAYER,),
        )
        for player in players
    ]
    answers = bus.ask_all(asked, stop, _ANSWERS_WITHIN_S)
    return [answer[0] for answer in answers if len(answer) == 1 and isinstance(answer[0], dict)]


def is_film(status: Mapping[str, Any]) -> bool:
    """Whether a player plays something that is watched.

    MPRIS does not tell a film from music. What belongs to an album is music, which plays to an empty room as well.

    Args:
        status: the player's properties, each a pair of signature and value.
    """
    metadata = _value(status, "Metadata")
    album = _value(metadata, "xesam:album") if isinstance(metadata, dict) else None
    return _value(status, "PlaybackStatus") == "Playing" and not album


def _value(properties: Mapping[str, Any], name: str) -> Any:
    pair = properties.get(name)
    return pair[1] if isinstance(pair, tuple) and len(pair) == 2 else None  # noqa: PLR2004 - signature and value


def _records(proc: Path) -> bool:
    """Whether a sound card is recorded from."""
    for status in proc.glob("asound/card*/pcm*c/sub*/status"):
        with suppress(OSError):  # a card may be pulled out
            if "RUNNING" in status.read_text(encoding="ascii", errors="replace").partition("\n")[0]:
                return True
    return False


def _has_camera(proc: Path) -> bool:
    """Whether a process of the user's has a camera open."""
    for process in proc.iterdir():
        if not process.name.isdecimal():
            continue
        with suppress(OSError), os.scandir(process / "fd") as descriptors:  # it ended, or is another user's
            for descriptor in descriptors:
                with suppress(OSError):
                    # A path object for each of ten thousand descriptors would take twice the time.
                    if os.readlink(descriptor.path).startswith("/dev/video"):  # noqa: PTH115 - as said above
                        return True
    return False


def _streams(environ: Mapping[str, str]) -> bool:
    """Whether PipeWire carries a microphone, a camera or a shared screen to a program."""
    socket = Path(environ.get("XDG_RUNTIME_DIR", "/nowhere")) / environ.get("PIPEWIRE_REMOTE", "pipewire-0")
    dump = shutil.which("pw-dump", path=environ.get("PATH"))
    if dump is None or not socket.exists():
        return False
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program without arguments
            [dump], env=dict(environ), capture_output=True, check=True, timeout=_DUMP_WITHIN_S
        )
        return any(map(is_recording, json.loads(done.stdout)))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError) as error:
        _LOG.warning("PipeWire could not be asked whether a camera or a microphone is in use: %s", error)
        return False


def is_recording(thing: Any) -> bool:
    """Whether one of PipeWire's objects is a stream into a program that runs, other than of what is played.

    Args:
        thing: as `pw-dump` writes it.
    """
    info = thing.get("info") if isinstance(thing, dict) else None
    if not isinstance(info, dict) or info.get("state") != "running":
        return False
    properties = info.get("props")
    if not isinstance(properties, dict) or properties.get("media.class") not in _RECORDS:
        return False
    if properties.get("node.name") == OUR_OWN:
        return False
    return not (_is_set(properties, "stream.monitor") or _is_set(properties, "stream.capture.sink"))


def _is_set(properties: Mapping[str, Any], name: str) -> bool:
    return properties.get(name) in (True, "true", "1", 1)
