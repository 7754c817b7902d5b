"""A connection to the X server: opened with a clear sentence when that fails, waited on together with a stop."""

from __future__ import annotations

import logging
import select
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from Xlib import error, xauth
from Xlib.display import Display
from Xlib.support import connect

from collectors.collector import CollectorError, Stop, Unavailable
from collectors.desktop.backends import WrongSession

_LOG: Final = logging.getLogger(__name__)
_SOCKETS: Final = Path("/tmp/.X11-unix")  # noqa: S108 - the X server's own, fixed address
_NO_DISPLAY: Final = Unavailable(
    "There is no graphical display here: DISPLAY is not set.",
    "Start the program inside a graphical session; the other sources work without it.",
)
_WAYLAND: Final = WrongSession(
    "This is a Wayland session: its X server sees only some of the windows and of the input.",
    "Choose an X11 (Xorg) session at the login screen.",
)

# python-xlib prints what it finds wrong in an .Xauthority file; standard output belongs to the command line's answers.
xauth.print = _LOG.warning


def display_name(environ: Mapping[str, str]) -> str:
    """The X display that a process with this environment talks to.

    Raises:
        CollectorError: when there is none, or when it is Wayland's stand-in for old programs.
    """
    if environ.get("WAYLAND_DISPLAY") or (not environ.get("DISPLAY") and environ.get("XDG_SESSION_TYPE") == "wayland"):
        raise CollectorError(_WAYLAND)
    if not environ.get("DISPLAY"):
        raise CollectorError(_NO_DISPLAY)
    return environ["DISPLAY"]


@contextmanager
def connected(environ: Mapping[str, str]) -> Iterator[Any]:
    """A connection of one's own to the X server; closed at the end, also when the server died in between.

    Args:
        environ: names DISPLAY and WAYLAND_DISPLAY.

    Yields:
        The `Xlib.display.Display`; it is untyped because python-xlib is.

    Raises:
        CollectorError: when there is no server, it refuses, it is a Wayland session's, or it goes away.
    """
    name = display_name(environ)
    display = _open(name)
    display.set_error_handler(_note_error)
    try:
        if "XWAYLAND" in display.list_extensions():
            raise CollectorError(_WAYLAND)
        yield display
    except error.ConnectionClosedError as gone:
        raise CollectorError(
            Unavailable(
                f"The X server of display {name} closed the connection.",
                "It is tried again by itself; if it does not come back, log out and in again.",
            )
        ) from gone
    finally:
        with suppress(error.ConnectionClosedError):
            display.close()


def wait(display: Any, stop: Stop, timeout_s: float | None) -> bool:
    """Block until the server has sent something, the time is over, or the stop signal comes.

    Args:
        display: from `connected`.
        stop: ends the waiting.
        timeout_s: None to wait without an end.

    Returns:
        False once `stop` is set.
    """
    if display.pending_events():
        timeout_s = 0.0
    return stop not in select.select([display.fileno(), stop], [], [], timeout_s)[0]


def _open(name: str) -> Any:
    try:
        _probe(name)
    except error.DisplayNameError as wrong:
        raise CollectorError(
            Unavailable(f"DISPLAY is {name!r}, which names no X display.", "Set it to the form :0 and start again.")
        ) from wrong
    except OSError as silent:
        raise CollectorError(
            Unavailable(
                f"No X server answers on display {name}.",
                "Check that DISPLAY is the one of your session (`loginctl show-session self -p Display` tells).",
            )
        ) from silent
    try:
        return Display(name)
    except (error.DisplayError, error.ConnectionClosedError, OSError) as refused:
        raise CollectorError(
            Unavailable(
                f"The X server of display {name} refuses the connection.",
                "Run `xhost +SI:localuser:$USER` in a terminal of that session.",
            )
        ) from refused


def _probe(name: str) -> None:
    """Knock at a local server's socket: if nobody listens, python-xlib would leave its own open, and try TCP then."""
    _, protocol, host, number, _ = connect.get_display(name)
    if host and host != "unix" and protocol != "unix":
        return
    path = _SOCKETS / f"X{number}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.connect(str(path) if path.exists() else f"\0{path}")


def _note_error(problem: error.XError, _request: object) -> None:
    if isinstance(problem, (error.BadWindow, error.BadDrawable)):
        return  # a window may go between the notice of it and our asking to be notified of its changes
    _LOG.warning("the X server refused a request: %s", problem)
