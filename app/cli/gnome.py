"""`kryptic gnome`: the extension that tells the focused window on GNOME, put in place or taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.integrations import gnome_extension
from app.paths import Paths


def run(paths: Paths, environ: Mapping[str, str], action: str) -> Mapping[str, Any]:
    """Do what was asked, and say what is left to do.

    Args:
        paths: for the user's data folder.
        environ: of the session.
        action: "install" or "remove".

    Raises:
        KnownError: it cannot be done.
    """
    data = paths.data.parent
    if action == "install":
        version = gnome_extension.shell_version(environ)
        target = gnome_extension.install(data, version)
        works = gnome_extension.switch(environ, on=True)
        left = "" if works else " Log out and in again, and GNOME Shell loads it."
        return {"installed": str(target), "loaded": works, "message": f"The extension lies in {target}.{left}"}
    gnome_extension.switch(environ, on=False)
    there = gnome_extension.remove(data)
    message = "The extension is gone." if there else "There was no extension."
    return {"removed": there, "message": message}
