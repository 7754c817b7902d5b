"""The command line. A running program is asked over its socket; otherwise the command opens the store itself.

Exit status: 0 done, 1 a known error (one sentence on standard error) or a store that is not sound, 2 usage.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from app.api.client import ControlClient
from app.cli import backup, forget, keys, log, output, parser, shell, vscode
from app.errors import KnownError
from app.integrations import autostart
from app.paths import Paths, from_environment
from app.services.access.key_management import confirm_recovery_code, unlock_methods
from app.services.access.unlock import Credentials, first_start, is_set_up, unlock
from app.services.backend import GUARDED
from app.system import terminal
from app.system.relaunch import StartMode
from app.system.single_instance import InstanceLock
from neural.hardening import harden

USAGE_ERROR: Final = 2
KNOWN_ERROR: Final = 1
INTERRUPTED: Final = 130
SECONDS_PER_MINUTE: Final = 60
_CREATES: Final = frozenset({"import", "log", "consent", "init", "token"})
"""Commands that make the key and the store if there are none yet; the others say that there is nothing yet."""
_REPLAYS: Final = frozenset({"log", "status", "next", "ask"})
"""Commands that need the live model, rebuilt from the recent past."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The entry point `kryptic`."""
    options = parser.build().parse_args(arguments)
    harden()
    try:
        return _dispatch(options)
    except KnownError as error:
        sys.stderr.write(f"kryptic: {error}\n")
        return KNOWN_ERROR
    except KeyboardInterrupt:
        sys.stderr.write("kryptic: stopped; what was done until then is kept.\n")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(options: argparse.Namespace) -> int:
    paths = from_environment(os.environ, sample=options.sample)
    if options.command == "run":
        from app.composition import run  # noqa: PLC0415 - the only command that loads Qt

        begin = StartMode(options.begin)
        # A program that was locked waits for a person, or for kryptic unlock: a file named at its start is not read.
        credentials = Credentials() if begin is StartMode.LOCKED else keys.credentials_of(options)
        return run(paths, credentials, headless=options.headless, background=options.background, begin=begin)
    if options.command in keys.COMMANDS:
        _print(options, *keys.run(paths, options))
        return 0
    if options.command in _OF_THE_DESKTOP:
        return _OF_THE_DESKTOP[options.command](paths, options)
    if options.command == "wipe":
        _print(options, "wipe", forget.wipe(paths, options))
        return 0
    if options.command == "restore":
        _print(options, "restore", backup.put_back(paths, keys.credentials_of(options), options.backup))
        return 0
    with _runner(paths, options) as run_command:
        return _COMMANDS[options.command](options, run_command)


def _log(options: argparse.Namespace, run_command: Run) -> int:
    total = log.take(sys.stdin, lambda events: run_command("log", {"events": events}))
    _print(options, "log", total.result())
    total.complain()
    return 0


def _autostart(paths: Paths, options: argparse.Namespace) -> int:
    """Starting with the desktop: its own autostart entry, or a systemd user unit for those who prefer one."""
    if options.action != "status":
        on = options.action == "on"
        if options.systemd:
            (autostart.install_unit if on else autostart.remove_unit)(paths)
        else:
            (autostart.enable if on else autostart.disable)(paths)
    result = {"desktop": autostart.is_enabled(paths), "systemd": paths.user_unit.exists()}
    _print(options, "autostart", result)
    return 0


def _gnome(paths: Paths, options: argparse.Namespace) -> int:
    from app.cli import gnome  # noqa: PLC0415 - loads D-Bus, which other commands need not

    _print(options, "gnome", gnome.run(paths, os.environ, options.action))
    return 0


def _shell(paths: Paths, options: argparse.Namespace) -> int:
    _print(options, "shell", shell.run(paths, os.environ, options))
    return 0


def _vscode(_: Paths, options: argparse.Namespace) -> int:
    _print(options, "vscode", vscode.run(options.action, options.path))
    return 0


_OF_THE_DESKTOP: Final = {"autostart": _autostart, "gnome": _gnome, "shell": _shell, "vscode": _vscode}
"""Commands that change the user's desktop and shells, and need no store."""

Run = Callable[[str, Mapping[str, Any]], Any]


@contextmanager
def _runner(paths: Paths, options: argparse.Namespace) -> Iterator[Run]:
    """Something that runs commands: the running program, or the store opened here."""
    report = output.progress(sys.stderr, quiet=options.json)
    client = ControlClient(paths.socket)
    if client.running():
        yield lambda name, arguments: client.command(name, {**arguments, **_proof(paths, options, name)}, report)
        return
    if not is_set_up(paths) and options.command not in _CREATES:
        if options.command in _WITHOUT_STORE:
            yield _without_store(paths)
            return
        raise KnownError("There is no store yet.", "Run kryptic run, or kryptic import all.")
    paths.create()
    lock = InstanceLock(paths.lock)
    if not lock.acquire():
        raise KnownError("Another process works with the store, and does not answer.", "Wait until it has ended.")
    try:
        yield from _opened(paths, options, report)
    finally:
        lock.release()


def _proof(paths: Paths, options: argparse.Namespace, name: str) -> Mapping[str, Any]:
    """What a running program is shown before it hands out whole tables; without a passphrase it asks the keyring."""
    if name not in GUARDED:
        return {}
    credentials = keys.credentials_of(options)
    passphrase = credentials.passphrase
    if passphrase is None and credentials.ask_passphrase is not None and not unlock_methods(paths).keyring:
        passphrase = credentials.ask_passphrase()
    return {"passphrase": passphrase}


def _opened(paths: Paths, options: argparse.Namespace, report: Callable[[Mapping[str, Any]], None]) -> Iterator[Run]:
    from app.services.commands.dispatch import Commands  # noqa: PLC0415 - loads NumPy, which a running program spares us
    from app.services.core import Core  # noqa: PLC0415

    credentials = keys.credentials_of(options)
    if is_set_up(paths):
        store = unlock(paths, credentials)
        if store.repaired is not None:
            sys.stderr.write(f"{store.repaired}\n")
    else:
        opened = first_start(paths, credentials)
        store = opened.store
        sys.stderr.write(terminal.recovery_code(opened.recovery_code))
        confirm_recovery_code(paths)
    core = Core(paths, store)
    try:
        core.forgetter.resume_unfinished()
        if options.command in _REPLAYS:
            core.forecaster.rebuild()
        commands = Commands(core)
        yield lambda name, arguments: commands.command(name, arguments, report)
    finally:
        core.close()


def _without_store(paths: Paths) -> Run:
    from app.services.commands.doctor import examine  # noqa: PLC0415
    from app.services.commands.json_values import to_json_values  # noqa: PLC0415

    def run(name: str, _arguments: Mapping[str, Any]) -> Any:
        if name == "doctor":
            return [to_json_values(finding) for finding in examine(paths, os.environ, None)]
        return {"recording": "not set up", "actions": 0, "message": "There is no store yet. Run: kryptic run"}

    return run


# --- one function a command: arguments in, result out, text or JSON printed ----------------------------------------


def _simple(name: str, *fields: str) -> Callable[[argparse.Namespace, Run], int]:
    def run(options: argparse.Namespace, run_command: Run) -> int:
        result = run_command(name, {field: getattr(options, field) for field in fields})
        _print(options, name, result)
        return 0

    return run


def _init(options: argparse.Namespace, run_command: Run) -> int:
    _print(options, "status", run_command("status", {}))
    return 0


def _import(options: argparse.Namespace, run_command: Run) -> int:
    path = None if options.path is None else str(options.path.absolute())
    _print(options, "import", run_command("import", {"source": options.source, "path": path}))
    return 0


def _export(options: argparse.Namespace, run_command: Run) -> int:
    arguments = {"path": str(options.path.absolute()), "format": options.format, "force": options.force}
    _print(options, "export", run_command("export", arguments))
    return 0


def _forget(options: argparse.Namespace, run_command: Run) -> int:
    _print(options, "forget", forget.forget(options, run_command))
    return 0


def _backup(options: argparse.Namespace, run_command: Run) -> int:
    _print(options, "backup", backup.backup(options, run_command))
    return 0


def _pause(options: argparse.Namespace, run_command: Run) -> int:
    seconds = None if options.minutes is None else options.minutes * SECONDS_PER_MINUTE
    _print(options, "pause", run_command("pause", {"seconds": seconds}))
    return 0


def _verify(options: argparse.Namespace, run_command: Run) -> int:
    result = run_command("verify", {"repair": options.repair})
    _print(options, "verify", result)
    return KNOWN_ERROR if result["problems"] else 0


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace, Run], int]]] = {
    "init": _init,
    "status": _simple("status"),
    "doctor": _simple("doctor"),
    "consent": _simple("consent", "grant", "revoke"),
    "pause": _pause,
    "resume": _simple("resume"),
    "activitywatch": _simple("activitywatch", "action"),
    "token": _simple("token", "action", "name", "full"),
    "import": _import,
    "log": _log,
    "train": _simple("train", "device", "seed"),
    "next": _simple("next"),
    "ask": _simple("ask", "question"),
    "search": _simple("search", "text", "limit", "chat"),
    "verify": _verify,
    "backup": _backup,
    "cleanup": _simple("cleanup", "keep_days", "dry_run"),
    "export": _export,
    "forget": _forget,
}
_WITHOUT_STORE: Final = frozenset({"status", "doctor"})


def _print(options: argparse.Namespace, name: str, result: Any) -> None:
    if options.json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(output.render(name, result))


if __name__ == "__main__":
    sys.exit(main())
