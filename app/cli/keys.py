"""The commands about the keys. They work on the key file itself, whether the program runs or not."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from app.api.client import ControlClient
from app.cli import output
from app.errors import KnownError
from app.paths import Paths
from app.services.access import key_management
from app.services.access.unlock import Credentials, is_set_up, recover
from app.system.single_instance import InstanceLock

Result = Mapping[str, Any]


def credentials_of(options: argparse.Namespace) -> Credentials:
    """What the options, the keyring and the person at the terminal can open the store with."""
    passphrase = None if options.passphrase_file is None else first_line(options.passphrase_file)
    ask = (lambda: getpass.getpass("Passphrase: ")) if _at_terminal() else None
    return Credentials(passphrase=passphrase, ask_passphrase=ask, use_secret_service=passphrase is None)


def first_line(path: Path) -> str:
    """The first line of a file.

    Raises:
        KnownError: if it cannot be read, or is empty.
    """
    try:
        with path.open(encoding="utf-8") as file:
            line = file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KnownError(
            f"{path} could not be read ({error}).", "Name a text file with it in its first line."
        ) from error
    if not line:
        raise KnownError(f"The first line of {path} is empty.", "Write the passphrase or code into its first line.")
    return line


def run(paths: Paths, options: argparse.Namespace) -> tuple[str, Result]:
    """Run one of `COMMANDS`; the name of what is to be shown, and the result.

    Raises:
        KnownError: if it cannot be done.
    """
    if not is_set_up(paths):
        raise KnownError("There is no store yet.", "Run kryptic run, or kryptic import all.")
    return COMMANDS[options.command](paths, options)


def _recover(paths: Paths, options: argparse.Namespace) -> tuple[str, Result]:
    if options.passphrase_file is None:
        raise KnownError("A new passphrase is needed.", "Give it with --passphrase-file.")
    recover(paths, first_line(options.recovery_code_file), first_line(options.passphrase_file))
    return "keys", {**_ways(paths), "done": "The new passphrase is set; the recovery code stays as it was."}


def _recovery_code(paths: Paths, options: argparse.Namespace) -> tuple[str, Result]:
    code = key_management.new_recovery_code(paths, credentials_of(options))
    key_management.confirm_recovery_code(paths)
    return "recovery-code", {"recovery_code": code}


def _keys(paths: Paths, options: argparse.Namespace) -> tuple[str, Result]:
    done = _CHANGES[options.action](paths, options)
    return "keys", {**_ways(paths), "done": done}


def _list(_paths: Paths, _options: argparse.Namespace) -> str:
    return ""


def _set_passphrase(paths: Paths, options: argparse.Namespace) -> str:
    key_management.set_passphrase(paths, credentials_of(options), _new_passphrase(options))
    return "The new passphrase is set; the recovery code stays as it was."


def _remove_passphrase(paths: Paths, options: argparse.Namespace) -> str:
    key_management.remove_passphrase(paths, credentials_of(options))
    return "The passphrase opens the store no more."


def _add_keyring(paths: Paths, options: argparse.Namespace) -> str:
    key_management.add_keyring(paths, credentials_of(options))
    return "The keyring opens the store from now on."


def _remove_keyring(paths: Paths, options: argparse.Namespace) -> str:
    key_management.remove_keyring(paths, credentials_of(options))
    return "The keyring opens the store no more, and its item is deleted."


def _rotate(paths: Paths, options: argparse.Namespace) -> tuple[str, Result]:
    if ControlClient(paths.socket).running():
        raise KnownError(
            "The program has the store open; its key was not changed.",
            "Quit it, then try again.",
        )
    lock = InstanceLock(paths.lock)
    paths.create()
    if not lock.acquire():
        raise KnownError("Another process works with the store.", "Wait until it has ended.")
    report = output.progress(sys.stderr, quiet=options.json)
    try:
        rotated = key_management.rotate_key(
            paths,
            credentials_of(options),
            lambda done, total: report({"stage": "Copying under the new key, pages", "done": done, "total": total}),
        )
    finally:
        lock.release()
    key_management.confirm_recovery_code(paths)
    return "rotate-key", {"recovery_code": rotated.created.recovery_code, "left_over": rotated.left_over}


def _lock(paths: Paths, _options: argparse.Namespace) -> tuple[str, Result]:
    client = ControlClient(paths.socket)
    if not client.running():
        return "lock", {"message": "The program is not running; nothing is open."}
    return "lock", client.command("lock", {})


def _unlock(paths: Paths, options: argparse.Namespace) -> tuple[str, Result]:
    credentials = credentials_of(options)
    passphrase = credentials.passphrase
    if (
        passphrase is None
        and credentials.ask_passphrase is not None
        and not key_management.unlock_methods(paths).keyring
    ):
        passphrase = credentials.ask_passphrase()
    return "lock", ControlClient(paths.socket).command("unlock", {"passphrase": passphrase})


def _ways(paths: Paths) -> Result:
    now = key_management.unlock_methods(paths)
    return {"passphrase": now.passphrase, "keyring": now.keyring, "recovery_code_confirmed": now.code_seen}


def _new_passphrase(options: argparse.Namespace) -> str:
    if options.new_passphrase_file is not None:
        return first_line(options.new_passphrase_file)
    if not _at_terminal():
        raise KnownError("A new passphrase is needed.", "Give it with --new-passphrase-file.")
    new = getpass.getpass("New passphrase: ")
    if getpass.getpass("New passphrase again: ") != new:
        raise KnownError("The two differ; the passphrase stays as it was.", "Try again.")
    return new


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


_CHANGES: Final[Mapping[str, Callable[[Paths, argparse.Namespace], str]]] = {
    "list": _list,
    "set-passphrase": _set_passphrase,
    "remove-passphrase": _remove_passphrase,
    "add-keyring": _add_keyring,
    "remove-keyring": _remove_keyring,
}
COMMANDS: Final[Mapping[str, Callable[[Paths, argparse.Namespace], tuple[str, Result]]]] = {
    "recover": _recover,
    "recovery-code": _recovery_code,
    "keys": _keys,
    "rotate-key": _rotate,
    "lock": _lock,
    "unlock": _unlock,
}
