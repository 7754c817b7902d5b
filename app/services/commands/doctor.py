"""What works on this machine and what does not: each source, the key service, the GPU, the model; with the remedy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import KnownError
from app.integrations import shell_hooks
from app.paths import Paths
from app.store.keys.secret_service import SecretService
from collectors.catalog import COLLECTORS
from collectors.collector import Collector
from collectors.desktop.backends import BackendSelector
from collectors.desktop.bus import shortcut_portal
from collectors.history.readers import READERS
from collectors.work.extension import PairedCollector

_NVIDIA_DRIVER: Final = Path("/proc/driver/nvidia/version")
GGUF_MAGIC: Final = b"GGUF"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor.

    Attributes:
        part: "sense", "desktop", "shell", "history", "key", "training" or "narrator".
        name: which one.
        works: whether it does, here and now.
        reason: why not, or what was found.
        remedy: what would make it work; empty if nothing needs to be done.
    """

    part: str
    name: str
    works: bool
    reason: str
    remedy: str


def examine(paths: Paths, environ: Mapping[str, str], model_path: str | None) -> Iterator[Finding]:
    """Look at every part, quickly and without a trace.

    Args:
        paths: for the home directory.
        environ: the environment.
        model_path: the narrator's file in the settings; None if there is none or the store is closed.
    """
    for sense in COLLECTORS:
        collector = sense.make()
        missing = collector.check()
        if missing is None:
            yield _good("sense", sense.name, f"works here{_by(collector)}")
        else:
            yield _bad("sense", sense.name, missing.reason, missing.remedy)
    no_key = shortcut_portal.check(environ)
    if no_key is None:
        yield _good("desktop", "pause-key", "the desktop gives keys; Settings has the switch")
    else:
        yield _bad("desktop", "pause-key", no_key.reason, no_key.remedy)
    yield from _shells(paths, environ)
    for reader in READERS:
        found = reader.discover(paths.home, environ)
        if found:
            yield _good("history", reader.name, f"{len(found)} found")
        else:
            remedy = f"If it lies elsewhere: kryptic import {reader.name} PATH"
            yield _bad("history", reader.name, "none found in the usual places", remedy)
    yield _attempt("key", "secret-service", SecretService().check, "unlocked")
    if _NVIDIA_DRIVER.exists():
        yield _good("training", "gpu", "an NVIDIA driver runs here")
    else:
        yield _bad("training", "gpu", "no NVIDIA driver runs here; training uses the processor", "")
    yield _model(model_path)


def _by(collector: Collector) -> str:
    """By which of several ways a sense works, what is not known of that way, and what it waits for."""
    if isinstance(collector, PairedCollector):
        return ", once its extension is paired (kryptic token pair)"
    way = collector.way if isinstance(collector, BackendSelector) else None
    if way is None:
        return ""
    return f", by {way.name}" + (f" (never run on {way.untested})" if way.untested else "")


def _shells(paths: Paths, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Which shells of this machine tell their commands."""
    for shell in shell_hooks.SHELLS:
        if shutil.which(shell) is None:
            continue
        try:
            state = shell_hooks.state(paths, environ, shell)
        except KnownError as error:
            yield _bad("shell", f"{shell}-hook", error.message, error.remedy)
            continue
        if state is shell_hooks.HookState.INSTALLED:
            yield _good("shell", f"{shell}-hook", "tells its commands, in shells opened since")
        else:
            reason = "tells them by an older hook" if state is shell_hooks.HookState.OUTDATED else "tells no commands"
            yield _bad("shell", f"{shell}-hook", reason, f"kryptic shell install {shell}")


def _attempt(part: str, name: str, check: Callable[[], None], good: str) -> Finding:
    try:
        check()
    except KnownError as error:
        return _bad(part, name, error.message, error.remedy)
    return _good(part, name, good)


def _model(model_path: str | None) -> Finding:
    if model_path is None:
        return _bad(
            "narrator",
            "model",
            "none chosen; answers are plain sentences",
            "Choose a GGUF file in the settings.",
        )
    try:
        with Path(model_path).open("rb") as file:
            works = file.read(len(GGUF_MAGIC)) == GGUF_MAGIC
    except OSError as error:
        return _bad("narrator", "model", f"{model_path}: {error.strerror}", "Choose another file.")
    if not works:
        return _bad("narrator", "model", f"{model_path} is no GGUF file", "Choose another file.")
    return _good("narrator", "model", model_path)


def _good(part: str, name: str, reason: str) -> Finding:
    return Finding(part, name, works=True, reason=reason, remedy="")


def _bad(part: str, name: str, reason: str, remedy: str) -> Finding:
    return Finding(part, name, works=False, reason=reason, remedy=remedy)
