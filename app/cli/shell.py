"""`kryptic shell`: have the shells of this machine tell their commands, or no longer."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from app.integrations import shell_hooks
from app.paths import Paths


def run(paths: Paths, environ: Mapping[str, str], options: argparse.Namespace) -> dict[str, str]:
    """Do it: how each shell stands afterwards.

    Args:
        paths: of the profile.
        environ: the environment, which names the shells' folders.
        options: the parsed command line.

    Raises:
        KnownError: a shell is not known, or a file could not be written.
    """
    shells = shell_hooks.present(options.shells)
    for shell in shells:
        if options.action == "install":
            shell_hooks.install(paths, environ, shell)
        elif options.action == "remove":
            shell_hooks.uninstall(paths, environ, shell)
    return {shell: str(shell_hooks.state(paths, environ, shell)) for shell in shells}
