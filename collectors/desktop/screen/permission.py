"""The token by which the desktop knows again that it may share the screen, so that it asks once.

It opens nothing by itself: only the desktop knows what it stands for, and gives another one at each use.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from jeepney import DBusAddress  # type: ignore[import-untyped]  # it ships no types

from collectors.collector import CollectorError
from collectors.desktop.bus import dbus

_LOG: Final = logging.getLogger(__name__)
_MOST_CHARS: Final = 1_000
_PERMISSIONS: Final = DBusAddress(
    "/org/freedesktop/impl/portal/PermissionStore",
    "org.freedesktop.impl.portal.PermissionStore",
    "org.freedesktop.impl.portal.PermissionStore",
)
_TABLE: Final = "screencast"
_NOT_FOUND: Final = "org.freedesktop.portal.Error.NotFound"


def place(environ: Mapping[str, str]) -> Path:
    """The file that keeps it, next to the program's log (XDG Base Directory Specification 0.8).

    Args:
        environ: names XDG_STATE_HOME and HOME.
    """
    named = environ.get("XDG_STATE_HOME", "")
    base = Path(named) if named.startswith("/") else Path(environ.get("HOME") or Path.home(), ".local", "state")
    return base / "kryptictrack" / "screen-permission"


def load(environ: Mapping[str, str]) -> str | None:
    """The token; None if there is none, and the desktop will ask."""
    try:
        with place(environ).open(encoding="ascii") as file:
            token = file.read(_MOST_CHARS + 1)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _LOG.warning("the permission to look at the screen could not be read, so the desktop asks again: %s", error)
        return None
    return token if _is_token(token) else None


def keep(environ: Mapping[str, str], token: Any) -> None:
    """Keep the token for the next time, in the old one's place; one that is none takes the old one away.

    Args:
        environ: as for `place`.
        token: what the desktop gave.
    """
    path = place(environ)
    try:
        if not _is_token(token):
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_name(f"{path.name}.new")
        with suppress(FileNotFoundError):
            new.unlink()
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token)
        new.replace(path)
    except OSError as error:
        _LOG.warning("the permission to look at the screen could not be kept, so the desktop asks again: %s", error)


def give_back(environ: Mapping[str, str]) -> None:
    """Have the desktop forget that the screen may be shared, and forget the token. If none is kept, ask nobody.

    The portal itself has no request for that: it forgets a token if one is used and nothing is to be kept, but then
    a desktop may ask the user for a screen. So the entry is deleted if the portal keeps it, which programs outside
    of a sandbox may do, as the settings of desktops do.

    Args:
        environ: as for `place`; it also names the session's bus.

    Source: https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.impl.portal.PermissionStore.html
    """
    token = load(environ)
    try:
        if token is not None:
            with dbus.session(environ) as bus:
                bus.call(_PERMISSIONS, "Delete", "ss", (_TABLE, token))
    except (CollectorError, dbus.CallError) as error:
        if not (isinstance(error, dbus.CallError) and error.name == _NOT_FOUND):
            _LOG.warning(
                "the desktop could not be asked to forget that the screen may be shared (%s); "
                "the program's part of that permission is removed, without which the rest serves nobody",
                error,
            )
    path = place(environ)
    try:
        path.unlink(missing_ok=True)
    except NotADirectoryError:
        return  # then there is no file either
    except OSError as error:
        _LOG.warning("the permission to look at the screen could not be removed; remove %s by hand: %s", path, error)


def _is_token(token: Any) -> bool:
    return isinstance(token, str) and 0 < len(token) <= _MOST_CHARS and token.isascii() and token.isprintable()
