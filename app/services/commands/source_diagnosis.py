"""Why a sense that is on hears nothing: no shell was asked to tell its commands, or no extension is paired.

Such a sense works, and waits for something that lies outside of the program; so it is no error, and must be said.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.errors import KnownError
from app.integrations import shell_hooks
from app.integrations.shell_hooks import HookState
from app.paths import Paths
from app.services.access.tokens import Client, Scope
from app.services.status import SourceState, SourceStatus
from collectors.events import Source
from neural.language import formatting

_BROWSERS: Final = ("firefox", "chromium", "brave", "google chrome", "microsoft edge", "opera", "vivaldi")
_EXTENSION: Final = " extension"
"""How the names begin and end that our extensions give themselves (extensions/browser/lib/events.js)."""
_CODE: Final = "type in the code that the Sources page, or kryptic token pair, shows."
_UNPAIRED: Final[Mapping[str, tuple[str, str]]] = {
    Source.BROWSER: (
        "No browser is paired yet.",
        f"Load the folder extensions/browser in one as an extension, then {_CODE}",
    ),
    Source.EDITOR: (
        "No editor is paired yet.",
        f"kryptic vscode install puts the extension into VS Code and its kin; then {_CODE}",
    ),
}


def with_setup_hints(
    statuses: Iterable[SourceStatus], paths: Paths, environ: Mapping[str, str], clients: Sequence[Client]
) -> tuple[SourceStatus, ...]:
    """The senses, each that is on and can hear nothing with the reason and the remedy.

    Args:
        statuses: how the senses do.
        paths: for the files that shells start with.
        environ: the environment.
        clients: who holds a token of the local API.
    """
    return tuple(_with_reason(status, paths, environ, clients) for status in statuses)


def _with_reason(
    status: SourceStatus, paths: Paths, environ: Mapping[str, str], clients: Sequence[Client]
) -> SourceStatus:
    if status.state is not SourceState.RUNNING or status.events or status.reason:
        return status
    if status.name == Source.TERMINAL:
        reason, remedy = _shells(paths, environ)
    elif status.name in _UNPAIRED and not any(_may_be(client, Source(status.name)) for client in clients):
        reason, remedy = _UNPAIRED[status.name]
    else:
        return status
    return replace(status, reason=reason, remedy=remedy) if reason else status


def _shells(paths: Paths, environ: Mapping[str, str]) -> tuple[str, str]:
    """Why no shell tells its commands; empty if one does."""
    shells = [shell for shell in shell_hooks.SHELLS if shutil.which(shell)]
    if not shells:
        return "There is no bash, zsh or fish on this machine.", "Install one of them."
    try:
        states = [shell_hooks.state(paths, environ, shell) for shell in shells]
    except KnownError as error:
        return error.message, error.remedy
    if any(state is not HookState.NOT_INSTALLED for state in states):
        return "", ""
    return (
        f"No shell tells its commands yet; {formatting.listed(shells)} can.",
        "kryptic shell install adds the line that has them tell, in shells opened from then on.",
    )


def _may_be(client: Client, source: Source) -> bool:
    """Whether a client may be an extension of that kind: it is not known to be one of the other."""
    if client.scope is not Scope.INGEST:
        return False  # pairing gives no more
    name = client.name.lower()
    if name.startswith(_BROWSERS):
        return source is Source.BROWSER
    return not (name.endswith(_EXTENSION) and source is Source.BROWSER)
