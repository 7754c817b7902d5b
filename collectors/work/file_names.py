"""What a file's name tells: an editor that has opened another file, scratch that nobody works on, a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sign:
    """A file that an editor keeps next to the one it edits.

    Attributes:
        name: of the file that is worked on.
        app: the editor.
        changed: whether it tells that the file was changed in the editor, not only opened.
    """

    name: str
    app: str
    changed: bool = False


_VIM: Final = re.compile(r"\.(?P<name>.+)\.sw[a-p]")
_EMACS: Final = re.compile(r"\.#(?P<name>.+)")
_OFFICE: Final = re.compile(r"\.~lock\.(?P<name>.+)#")
_SCRATCH: Final = re.compile(
    r"(?i).*~|#.*#|\.#.*|\.~lock\..*|\..*\.sw[a-z]|4913|\.goutputstream-.*|.*\.(?:tmp|temp|bak|orig|part|crdownload|lock"
    r"|log|pid|sock|pyc|pyo|o|a|so|class|sqlite3?(?:-\w+)?|db(?:-\w+)?|wal|cache)|.*\.tmp\..*|\.nfs.*|sed[A-Za-z0-9]{6}"
)
_SECRET: Final = re.compile(
    r"(?i)\.env(?:\..*)?|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx?|gpg|asc|age|ovpn)|id_(?:rsa|dsa|ecdsa|ed25519).*"
    r"|\.netrc|\.pgpass|\.htpasswd|.*(?:secret|password|passwd|credential|wallet|token)s?(?:[._-].*)?"
)
SKIPPED_FOLDERS: Final = frozenset(
    {"node_modules", "site-packages", "__pycache__", "venv", "target", "vendor", "bower_components", "dist", "build"}
)
_SHOWN_HIDDEN: Final = frozenset({".github", ".gitlab", ".config", ".vscode", ".circleci", ".ci"})


def sign_of(name: str) -> Sign | None:
    """Read the name of an editor's own file next to another: a swap file of vim, a lock of Emacs or LibreOffice."""
    for pattern, app, changed in ((_OFFICE, "libreoffice", False), (_EMACS, "emacs", True), (_VIM, "vim", False)):
        match = pattern.fullmatch(name)
        if match is not None:
            return Sign(match["name"], app, changed)
    return None


def is_worked_on(name: str) -> bool:
    """Whether a file can be somebody's work: no scratch, no output of programs, and nothing that may be a secret."""
    return not (_SCRATCH.fullmatch(name) or _SECRET.fullmatch(name))


def is_entered(name: str) -> bool:
    """Whether a folder is one in which people work."""
    return name in _SHOWN_HIDDEN if name.startswith(".") else name not in SKIPPED_FOLDERS
