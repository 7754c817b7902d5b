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

_LOG: Final = logging.getLogger(__name__)
_MOST_CHARS: Final = 1_000


def place(environ: Mapping[str, str]) -> Path:
    """Where it is kept, beside the program's log (XDG Base Directory Specification 0.8).

    Args:
        environ: where XDG_STATE_HOME and HOME are looked up.
    """
    named = environ.get("XDG_STATE_HOME", "")
    base = Path(named) if named.startswith("/") else Path(environ.get("HOME") or Path.home(), ".local", "state")
    return base / "kryptictrack" / "screen-permission"


def load(environ: Mapping[str, str]) -> str | None:
    """The token; None where there is none, and the desktop will ask."""
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


def _is_token(token: Any) -> bool:
    return isinstance(token, str) and 0 < len(token) <= _MOST_CHARS and token.isascii() and token.isprintable()
