"""The socket of a session's Wayland compositor (Wayland, "wl_display_connect"), and a socket connected to it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from collectors.collector import CollectorError, Unavailable
from collectors.desktop.backends import WrongSession

_NO_WAYLAND: Final = WrongSession(
    "This is no Wayland session: WAYLAND_DISPLAY is not set.",
    "Start the program inside a graphical session; the other sources work without it.",
)
_NO_SOCKET: Final = Unavailable(
    "This is a Wayland session, and the program does not know its compositor: WAYLAND_DISPLAY is not set.",
    "Start it from the desktop; for the systemd unit, have the session run "
    "`systemctl --user import-environment WAYLAND_DISPLAY`.",
)


def path(environ: Mapping[str, str]) -> Path:
    """The compositor's socket.

    Args:
        environ: names WAYLAND_DISPLAY, XDG_RUNTIME_DIR and XDG_SESSION_TYPE.

    Raises:
        CollectorError: when this is no Wayland session, or its socket is unknown.
    """
    name, folder = environ.get("WAYLAND_DISPLAY"), environ.get("XDG_RUNTIME_DIR")
    if not name:
        raise CollectorError(_NO_SOCKET if environ.get("XDG_SESSION_TYPE") == "wayland" else _NO_WAYLAND)
    if not folder and not Path(name).is_absolute():
        raise CollectorError(
            Unavailable(
                "XDG_RUNTIME_DIR is not set, so the Wayland compositor cannot be found.",
                "Start the program from the desktop, which sets it.",
            )
        )
    return Path(folder or "/") / name


def connect(path: Path) -> socket.socket:
    """A connection that does not block, nor was waited for.

    Args:
        path: from `path`.

    Raises:
        CollectorError: when nobody takes it.
    """
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        link.settimeout(0)
        link.connect(str(path))
    except OSError as error:
        link.close()
        raise CollectorError(
            Unavailable(
                f"No Wayland compositor answers on {path.name}.",
                "Check that WAYLAND_DISPLAY and XDG_RUNTIME_DIR are those of your session.",
            )
        ) from error
    return link
