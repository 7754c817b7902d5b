"""`kryptic vscode`: the extension of VS Code and its kin, handed to the editors of this machine or taken back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.integrations import vscode_extension


def run(action: str, path: Path | None) -> Mapping[str, Any]:
    """Do what was asked, and say what is left to do.

    Args:
        action: "install", "remove" or "pack".
        path: for "pack", the file to write.

    Raises:
        KnownError: it cannot be done.
    """
    if action == "pack":
        target = path or Path(f"{vscode_extension.identity()}.vsix")
        vscode_extension.pack(target)
        return {"package": str(target), "message": f"The package is {target}. An editor takes it: Install from VSIX."}
    if action == "install":
        names = vscode_extension.install(os.environ)
        left = 'Then pair each: run "KrypticTrack: Pair with a code" in it, with the code of kryptic token pair.'
        return {"editors": list(names), "message": f"Installed in {', '.join(names)}. {left}"}
    names = vscode_extension.remove(os.environ)
    return {"editors": list(names), "message": f"Removed from {', '.join(names)}."}
