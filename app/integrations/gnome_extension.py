"""Our extension of GNOME Shell: its files in the user's own folder, and whether the shell is to load it.

GNOME Shell 45 and newer load ES modules, older ones do not, so the file is made of the form that fits and of the part
that both share. Source: https://gjs.guide/extensions/ (anatomy of an extension, port guide to 45).
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jeepney import DBusAddress  # type: ignore[import-untyped]  # it ships no types

from app.errors import KnownError
from collectors.collector import CollectorError
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import CallError
from collectors.extension_files import EXTENSIONS

UUID: Final = "focus@kryptictrack.local"
_SHELL: Final = "org.gnome.Shell"
_OBJECT: Final = DBusAddress("/org/gnome/Shell", _SHELL, f"{_SHELL}.Extensions")
_FORMS: Final = {"extension-43.js": range(43, 45), "extension-45.js": range(45, 51)}
_KEY: Final = ("org.gnome.shell", "enabled-extensions")
_WITHIN_S: Final = 20


def files(version: str) -> Mapping[str, str]:
    """The extension's files for a version of GNOME Shell: names and texts.

    Args:
        version: "43.9".

    Raises:
        KnownError: this version cannot load it.
    """
    number = re.match(r"[0-9]+", version)
    major = int(number.group()) if number else 0
    fitting = next((form for form, majors in _FORMS.items() if major in majors), None)
    if fitting is None:
        raise KnownError(
            f"The extension is made for GNOME Shell 43 to 50, and this is {version or 'unknown'}; nothing was changed.",
            "Other senses work as they are.",
        )
    folder = EXTENSIONS / "gnome-shell"
    about = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    about["shell-version"] = [str(fits) for fits in _FORMS[fitting]]
    code = "".join((folder / name).read_text(encoding="utf-8") for name in (fitting, "focus.js"))
    return {"metadata.json": json.dumps(about, indent=2) + "\n", "extension.js": code}


def folder(data: Path) -> Path:
    """The folder in which GNOME Shell looks for it.

    Args:
        data: the user's XDG_DATA_HOME.
    """
    return data / "gnome-shell" / "extensions" / UUID


def install(data: Path, version: str) -> Path:
    """Write the extension's files, in the place of older ones.

    Args:
        data: the user's XDG_DATA_HOME.
        version: of the shell that is to load it.

    Returns:
        Their folder.

    Raises:
        KnownError: this version cannot load it, or it could not be written.
    """
    texts, target = files(version), folder(data)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".kryptictrack-", dir=target.parent))
        for name, text in texts.items():
            (made / name).write_text(text, encoding="utf-8")
        made.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)
    except OSError as error:
        raise _refused(target, error) from error
    return target


def remove(data: Path) -> bool:
    """Take the extension's files away; whether there were any.

    Raises:
        KnownError: they could not be removed.
    """
    target = folder(data)
    try:
        shutil.rmtree(target)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _refused(target, error) from error
    return True


def shell_version(environ: Mapping[str, str]) -> str:
    """The version of the GNOME Shell that runs in this session.

    Raises:
        KnownError: none runs.
    """
    properties = _OBJECT.with_interface("org.freedesktop.DBus.Properties")
    try:
        with dbus.session(environ) as bus:
            ((_, version),) = bus.call(properties, "Get", "ss", (_SHELL, "ShellVersion"))
    except (CollectorError, CallError) as error:
        raise KnownError(
            "GNOME Shell does not run in this session; nothing was changed.", "Log in to GNOME, then do this again."
        ) from error
    return str(version)


def switch(environ: Mapping[str, str], *, on: bool) -> bool:
    """Have GNOME Shell load the extension, or no longer.

    Returns:
        Whether it does so already; else from the next login on.

    Raises:
        KnownError: the shell's settings could not be changed.
    """
    try:
        with dbus.session(environ) as bus:
            if bus.call(_OBJECT, "EnableExtension" if on else "DisableExtension", "s", (UUID,)) == (True,):
                return True
    except (CollectorError, CallError):
        pass  # the settings can be changed all the same, for the next login
    listed = _settings(environ, "get", *_KEY).strip().removeprefix("@as ")
    wanted = [name for name in ast.literal_eval(listed) if name != UUID] + [UUID] * on
    _settings(environ, "set", *_KEY, str(wanted))
    return False


def _settings(environ: Mapping[str, str], *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, and settings that are written here
            ["gsettings", *arguments],  # noqa: S607 - found through the user's PATH
            env=dict(environ),
            capture_output=True,
            text=True,
            check=True,
            timeout=_WITHIN_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise KnownError(
            "The files are in place, but GNOME's settings could not be changed (the program gsettings).",
            "Switch on “KrypticTrack focus” in the Extensions app, after you have logged out and in again.",
        ) from error
    return done.stdout


def _refused(path: Path, error: OSError) -> KnownError:
    return KnownError(
        f"{path} could not be changed: {error.strerror}.", "Check that the folder is yours and that the disk has room."
    )
