"""The commands after which something is gone for good: what goes is shown first, and nothing goes unasked."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.api.client import ControlClient
from app.cli import output
from app.errors import KnownError
from app.paths import Paths
from app.services.maintenance.panic_wipe import destroy_key, sweep
from app.system.single_instance import InstanceLock

FORGET_FIELDS: Final = ("since_us", "until_us", "app", "site", "project", "text")
_WORD: Final = "wipe"
_END_WITHIN_S: Final = 30.0
_LOOK_S: Final = 0.1

Run = Callable[[str, Mapping[str, Any]], Any]


def forget(options: argparse.Namespace, run_command: Run) -> Any:
    """`kryptic forget`: the receipt, or, with --dry-run, exactly what it would say.

    Raises:
        KnownError: if nothing was named, or nobody agreed.
    """
    request = {name: getattr(options, name) for name in FORGET_FIELDS}
    if not options.dry_run and not options.yes:
        preview = run_command("forget", {"request": request, "dry_run": True})
        if options.json or not _at_terminal():
            raise KnownError("Nothing was forgotten.", "Say --yes to forget without being asked, or --dry-run to look.")
        sys.stderr.write(output.render("forget", preview))
        sys.stderr.write("It cannot be undone. Forget it? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise KnownError("Nothing was forgotten.", "Say yes to forget it.")
    return run_command("forget", {"request": request, "dry_run": options.dry_run})


def wipe(paths: Paths, options: argparse.Namespace) -> Mapping[str, Any]:
    """`kryptic wipe`: the key is destroyed before anything else, and a running program ends.

    Raises:
        KnownError: if nobody agreed, or the key cannot be destroyed.
    """
    if not options.yes:
        if options.json or not _at_terminal():
            raise KnownError("Nothing was wiped.", "Say --yes to wipe without being asked.")
        sys.stderr.write(
            f"Everything of {paths.data} becomes unreadable for ever, backups included, whoever has the passphrase.\n"
            f"Type the word {_WORD} to go on: "
        )
        sys.stderr.flush()
        if sys.stdin.readline().strip() != _WORD:
            raise KnownError("Nothing was wiped.", f"Type the word {_WORD}.")
    running = ControlClient(paths.socket).process()
    wiped = destroy_key(paths)
    lock = InstanceLock(paths.lock)
    # What a running program still writes while it ends is swept away when it has ended.
    ended = not paths.lock.exists() or _end(running, lock)
    try:
        left = sweep(paths)
    finally:
        lock.release()
    return {**dataclasses.asdict(wiped), "ended": ended, "left": left}


def _end(process: int | None, lock: InstanceLock) -> bool:
    """End the running program, open or locked, even one that hangs; whether none runs any more."""
    if _is_free(lock) or process is None:
        return _is_free(lock)
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)
        until_s = time.monotonic() + _END_WITHIN_S
        while time.monotonic() < until_s:
            if _is_free(lock):
                return True
            time.sleep(_LOOK_S)
    return False


def _is_free(lock: InstanceLock) -> bool:
    try:
        return lock.acquire()
    except FileNotFoundError:  # the program ended, and swept away its folders itself
        return True


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
