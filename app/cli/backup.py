"""Backups on the command line: made and listed through the running program, put back while none runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

from app.api.client import ControlClient
from app.errors import KnownError
from app.paths import Paths
from app.services.access.unlock import Credentials, is_set_up, restore
from app.system.single_instance import InstanceLock

Run = Callable[[str, Mapping[str, Any]], Any]


def backup(options: argparse.Namespace, run_command: Run) -> Any:
    """`kryptic backup`: make one, or list what there is."""
    return run_command("backup", {"only_list": options.list})


def put_back(paths: Paths, credentials: Credentials, name: str | None) -> Any:
    """`kryptic restore`: a backup in the place of the store, brought up to date from the journal.

    Args:
        paths: of the profile.
        credentials: open the key file.
        name: of the backup; None for the newest that is sound.

    Raises:
        KnownError: if the program runs, or there is nothing to restore.
    """
    if ControlClient(paths.socket).running():
        raise KnownError("The program has the store open; nothing was changed.", "Quit it first, then restore.")
    if not is_set_up(paths):
        raise KnownError("There is no key yet, so no backup can be opened.", "Put keys.json back from a copy of yours.")
    lock = InstanceLock(paths.lock)
    paths.create()
    if not lock.acquire():
        raise KnownError("Another process works with the store.", "Wait until it has ended.")
    try:
        done = restore(paths, credentials, name)
    finally:
        lock.release()
    return {
        "restored": str(done.backup.path),
        "replayed": done.replayed,
        "lost": done.lost,
        "kept": None if done.moved_to is None else str(done.moved_to),
        "message": str(done),
    }
