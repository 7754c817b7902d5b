"""Starting with the desktop, and standing in its menu: the files that do it, written for this user alone.

Sources: freedesktop.org Desktop Entry Specification 1.4, Desktop Application Autostart Specification 0.5, Icon Theme
Specification 0.13; systemd.unit(5), systemd.service(5).
"""

from __future__ import annotations

import os
import re
import sys
from importlib import resources
from pathlib import Path
from typing import Final

from app.errors import KnownError
from app.paths import Paths
from app.system.atomic_files import content_of, refused, remove, write_whole

TEMPLATE_EXECUTABLE: Final = "@EXECUTABLE@"
AUTOSTART_KEY: Final = "X-GNOME-Autostart-enabled"
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9/._+,:@-]+")


def launcher() -> Path:
    """The `kryptic` command of this installation, next to the interpreter that runs.

    Raises:
        KnownError: it is not there, or may not be started.
    """
    path = Path(sys.executable).parent / "kryptic"
    if not os.access(path, os.X_OK):
        raise KnownError(f"The command {path} is not there, so nothing could start it.", "Run `make run` once.")
    return path


def _exec_word(word: str) -> str:
    """Quotes one word of Exec= (Desktop Entry Specification, "The Exec key")."""
    word = word.replace("%", "%%")
    if not _PLAIN_WORD.fullmatch(word.replace("%%", "")):
        # First the quoting of the Exec key, then the escaping of any string value.
        word = '"' + re.sub(r'(["`$\\])', r"\\\1", word) + '"'
    return word.replace("\\", "\\\\")


def _unit_word(word: str) -> str:
    """Quotes one word of ExecStart= (systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers")."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return escaped if _PLAIN_WORD.fullmatch(word) else f'"{escaped}"'


def _refuse_line_breaks(executable: str) -> None:
    if any(not character.isprintable() for character in executable):
        raise KnownError(
            f"The path {executable!r} cannot stand in a desktop file.",
            "Move the program to a folder whose name has no control characters.",
        )


def desktop_entry(executable: str, options: str = "") -> str:
    """The text of the menu entry.

    Args:
        executable: the `kryptic` command, as a path or as a name on the search path.
        options: what follows `kryptic run`, with a blank before it.

    Raises:
        KnownError: the path holds a control character, which a desktop file cannot express.
    """
    _refuse_line_breaks(executable)
    escaped = executable.replace("\\", "\\\\")
    return f"""\
[Desktop Entry]
Type=Application
Version=1.4
Name=KrypticTrack
GenericName=Private activity journal
Comment=Remembers what you do, predicts what comes next, and keeps it on this computer
TryExec={escaped}
Exec={_exec_word(executable)} run{options}
Icon=kryptictrack
Terminal=false
StartupNotify=false
X-GNOME-SingleWindow=true
Categories=Utility;
Keywords=activity;journal;time;prediction;
"""


def autostart_entry(executable: str) -> str:
    """The text of the entry that the desktop starts at login: in the tray, without the window."""
    return f"{desktop_entry(executable, ' --background')}{AUTOSTART_KEY}=true\n"


def user_unit(executable: str) -> str:
    """The text of the systemd user unit."""
    _refuse_line_breaks(executable)
    template = resources.files("resources").joinpath("systemd", "kryptic.service").read_text(encoding="utf-8")
    return template.replace(TEMPLATE_EXECUTABLE, _unit_word(executable))


def enable(paths: Paths) -> None:
    """Starts the program with the desktop, from the next login on.

    Raises:
        KnownError: the entry could not be written; what was there before is unchanged.
    """
    write_whole(paths.autostart, autostart_entry(str(launcher())).encode())


def disable(paths: Paths) -> None:
    """No longer starts the program with the desktop.

    Raises:
        KnownError: the entry could not be removed.
    """
    remove(paths.autostart)


def is_enabled(paths: Paths) -> bool:
    """Whether the desktop starts the program at login; a desktop's own settings may have switched the entry off.

    Raises:
        KnownError: the entry is there and cannot be read.
    """
    content = content_of(paths.autostart)
    if content is None:
        return False
    lines = content.decode(errors="replace").replace(" ", "").splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("Hidden") != "true" and values.get(AUTOSTART_KEY) != "false"


def install_unit(paths: Paths) -> Path:
    """Writes the systemd user unit and enables it for graphical sessions, as `systemctl --user enable` does.

    Returns:
        The unit's file; systemd sees it at the next login or after `systemctl --user daemon-reload`.

    Raises:
        KnownError: it could not be written.
    """
    write_whole(paths.user_unit, user_unit(str(launcher())).encode())
    wanted = _wanted_link(paths)
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.unlink(missing_ok=True)
        wanted.symlink_to(paths.user_unit)
    except OSError as error:
        raise refused(wanted, error) from error
    return paths.user_unit


def remove_unit(paths: Paths) -> None:
    """Disables and removes the systemd user unit.

    Raises:
        KnownError: it could not be removed.
    """
    remove(_wanted_link(paths))
    remove(paths.user_unit)


def _wanted_link(paths: Paths) -> Path:
    return paths.user_unit.parent / "graphical-session.target.wants" / paths.user_unit.name


def install_menu_entry(paths: Paths) -> None:
    """Puts the program and its icon into the desktop's menu; does nothing when they stand there already.

    Raises:
        KnownError: a file could not be written.
    """
    icon = resources.files("resources").joinpath("icons", "kryptictrack.svg").read_bytes()
    for path, content in ((paths.icon, icon), (paths.menu_entry, desktop_entry(str(launcher())).encode())):
        if content_of(path) != content:
            write_whole(path, content)
