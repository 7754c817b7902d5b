"""The two addresses of the local API: a port of 127.0.0.1, and a Unix socket for this user alone."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path
from typing import Final

from app.errors import KnownError

LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 128
_DIRECTORY_MODE: Final = 0o700
_SOCKET_MODE: Final = 0o600


def listen_tcp(port: int) -> socket.socket:
    """Listen on a port of the loopback address; 0 takes any free one.

    Raises:
        KnownError: if the port cannot be had.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart need not wait for TIME_WAIT
        listener.bind((LOOPBACK, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        what = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
        raise KnownError(
            f"Port {port} of {LOOPBACK} {what}; the local API did not start.",
            "Choose another port for the local API, or end the program that holds this one.",
        ) from error
    listener.settimeout(0)
    return listener


def listen_unix(path: Path) -> socket.socket:
    """Listen on a Unix socket (mode 0600, in a directory of mode 0700); one left over from a crash is replaced.

    Raises:
        KnownError: if another program listens there, or the path cannot serve.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _prepare_directory(path.parent)
        _remove_leftover(path)
        listener.bind(str(path))
        path.chmod(_SOCKET_MODE)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise KnownError(
            f"The control socket cannot be made ({error.strerror or error}).",
            "Set XDG_RUNTIME_DIR to a short directory of your own.",
        ) from error
    except KnownError:
        listener.close()
        raise
    listener.settimeout(0)
    return listener


def _prepare_directory(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=_DIRECTORY_MODE)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise KnownError(
            "The directory for the control socket belongs to somebody else.",
            "Set XDG_RUNTIME_DIR to a directory of your own.",
        )
    directory.chmod(_DIRECTORY_MODE)


def _remove_leftover(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise KnownError(
            "Another file lies in the place of the control socket; it was left alone.",
            "Move that file away, or set XDG_RUNTIME_DIR to another directory.",
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise KnownError("The program is running already.", "Use the one that is running, or stop it first.")
