"""The command line. A running program is asked over its socket; otherwise the command opens the store itself.

Exit status: 0 done, 1 a known error (one sentence on standard error), 2 usage.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from app import autostart, cli_log, cli_text
from app.api.client import ControlClient
from app.errors import KnownError
from app.instance import InstanceLock
from app.paths import Paths, from_environment
from app.services.unlock import Credentials, first_start, is_set_up, new_recovery_code, recover, unlock
from neural.hardening import harden

USAGE_ERROR: Final = 2
KNOWN_ERROR: Final = 1
INTERRUPTED: Final = 130
SEEDS: Final = 2**32
SECONDS_PER_MINUTE: Final = 60
_CREATES: Final = frozenset({"import", "log", "consent", "init", "token"})
"""Commands that make the key and the store where there are none yet; the others say that there is nothing yet."""
_REPLAYS: Final = frozenset({"log", "status", "next", "ask"})
"""Commands that need the live model, rebuilt from the recent past."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The entry point `kryptic`."""
    options = _parser().parse_args(arguments)
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

        return run(paths, _credentials(options), headless=options.headless, background=options.background)
    if options.command == "recover":
        if options.passphrase_file is None:
            raise KnownError("A new passphrase is needed.", "Give it with --passphrase-file.")
        recover(paths, _first_line(options.recovery_code_file), _first_line(options.passphrase_file))
        sys.stdout.write("The new passphrase is set; the recovery code stays as it was.\n")
        return 0
    if options.command == "recovery-code":
        code = new_recovery_code(paths, _credentials(options))
        _print(options, "recovery-code", {"recovery_code": code})
        return 0
    if options.command == "autostart":
        return _autostart(paths, options)
    with _runner(paths, options) as run_command:
        return _COMMANDS[options.command](options, run_command)


def _log(options: argparse.Namespace, run_command: Run) -> int:
    total = cli_log.take(sys.stdin, lambda events: run_command("log", {"events": events}))
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


Run = Callable[[str, Mapping[str, Any]], Any]


@contextmanager
def _runner(paths: Paths, options: argparse.Namespace) -> Iterator[Run]:
    """Something that runs commands: the running program, or the store opened here."""
    report = cli_text.progress(sys.stderr, quiet=options.json)
    client = ControlClient(paths.socket)
    if client.running():
        yield lambda name, arguments: client.command(name, dict(arguments), report)
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


def _opened(paths: Paths, options: argparse.Namespace, report: Callable[[Mapping[str, Any]], None]) -> Iterator[Run]:
    from app.services.commands import Commands  # noqa: PLC0415 - loads NumPy, which a running program spares us
    from app.services.core import Core  # noqa: PLC0415

    credentials = _credentials(options)
    if is_set_up(paths):
        store = unlock(paths, credentials)
    else:
        opened = first_start(paths, credentials)
        store = opened.store
        sys.stderr.write(cli_text.recovery_code(opened.recovery_code))
    core = Core(paths, store)
    try:
        if options.command in _REPLAYS:
            core.forecaster.rebuild()
        commands = Commands(core)
        yield lambda name, arguments: commands.command(name, arguments, report)
    finally:
        core.close()


def _without_store(paths: Paths) -> Run:
    from app.services.doctor import examine  # noqa: PLC0415
    from app.services.plain import plain  # noqa: PLC0415

    def run(name: str, _arguments: Mapping[str, Any]) -> Any:
        if name == "doctor":
            return [plain(finding) for finding in examine(paths, os.environ, None)]
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
    _print(options, "export", run_command("export", {"path": str(options.path.absolute())}))
    return 0


def _pause(options: argparse.Namespace, run_command: Run) -> int:
    seconds = None if options.minutes is None else options.minutes * SECONDS_PER_MINUTE
    _print(options, "pause", run_command("pause", {"seconds": seconds}))
    return 0


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace, Run], int]]] = {
    "init": _init,
    "status": _simple("status"),
    "doctor": _simple("doctor"),
    "consent": _simple("consent", "grant", "revoke"),
    "pause": _pause,
    "resume": _simple("resume"),
    "token": _simple("token", "action", "name", "full"),
    "import": _import,
    "log": _log,
    "train": _simple("train", "device", "seed"),
    "next": _simple("next"),
    "ask": _simple("ask", "question"),
    "search": _simple("search", "text", "limit"),
    "cleanup": _simple("cleanup", "keep_days", "dry_run"),
    "export": _export,
}
_WITHOUT_STORE: Final = frozenset({"status", "doctor"})


def _print(options: argparse.Namespace, name: str, result: Any) -> None:
    if options.json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(cli_text.render(name, result))


def _credentials(options: argparse.Namespace) -> Credentials:
    passphrase = None if options.passphrase_file is None else _first_line(options.passphrase_file)
    ask = (lambda: getpass.getpass("Passphrase: ")) if sys.stdin.isatty() and sys.stderr.isatty() else None
    return Credentials(passphrase=passphrase, ask_passphrase=ask, use_secret_service=passphrase is None)


def _first_line(path: Path) -> str:
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


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print the result as JSON")
    common.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line opens the store")
    common.add_argument("--sample", action="store_true", help="work with the store of the made-up sample person")
    parser = argparse.ArgumentParser(prog="kryptic", description="A private second brain for one person's desktop.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[common])

    run = add("run", "start the program: tray, window, senses, local API")
    run.add_argument("--headless", action="store_true", help="without a window or tray")
    run.add_argument("--background", action="store_true", help="start in the tray, without opening the window")
    add("init", "make the key and the empty store")
    recover_parser = add("recover", "set a new passphrase (--passphrase-file) with the recovery code")
    recover_parser.add_argument("--recovery-code-file", type=Path, metavar="FILE", required=True)
    add("recovery-code", "make a new recovery code; the old one opens nothing any more")
    add("status", "what it is doing, and what it holds")
    add("doctor", "each source: works here, or why not and what to do")
    consent = add("consent", "which senses may run")
    consent.add_argument("--grant", nargs="+", default=[], metavar="SENSE")
    consent.add_argument("--revoke", nargs="+", default=[], metavar="SENSE")
    pause = add("pause", "stop recording, until resumed or for some minutes")
    pause.add_argument("--minutes", type=_positive, metavar="N")
    add("resume", "record again")
    start = add("autostart", "start with the desktop, in the tray")
    start.add_argument("action", choices=("on", "off", "status"))
    start.add_argument("--systemd", action="store_true", help="by a systemd user unit instead")
    token = add("token", "who may speak to the local API of the running program")
    token.add_argument("action", choices=("create", "list", "revoke"))
    token.add_argument("name", nargs="?", metavar="NAME")
    token.add_argument("--full", action="store_true", help="may also read and clean up, not only send events")
    history = add(
        "import", "import a history: bash, zsh, fish, git, recent-files, chromium, firefox, activitywatch, all"
    )
    history.add_argument("source", metavar="SOURCE")
    history.add_argument("path", nargs="?", type=Path, metavar="PATH")
    add("log", "take events as JSON lines on standard input, through the privacy gate")
    train = add("train", "learn from everything stored")
    train.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    train.add_argument("--seed", type=_seed, default=0)
    add("next", "the most likely next actions, and why")
    ask = add("ask", "answer a question from the store")
    ask.add_argument("question", metavar="QUESTION")
    search = add("search", "find actions by words of their titles, addresses and commands")
    search.add_argument("text", metavar="TEXT")
    search.add_argument("--limit", type=_positive, default=50, metavar="N")
    cleanup = add("cleanup", "thin out old actions; totals by hour and day stay for ever")
    cleanup.add_argument("--keep-days", type=_positive, required=True, metavar="N")
    cleanup.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    export = add("export", "write everything stored to a file, readable, as JSON lines")
    export.add_argument("path", type=Path, metavar="PATH")
    return parser


def _seed(text: str) -> int:
    number = int(text)
    if not 0 <= number < SEEDS:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {SEEDS - 1}")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
