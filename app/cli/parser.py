"""The commands of `kryptic` and their options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn

from app.system.relaunch import StartMode
from app.system.version import version
from collectors.events import US_PER_S

SEEDS: Final = 2**32


class _ShowVersion(argparse.Action):
    """Prints the version, which is looked up only if it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        sys.stdout.write(f"kryptic {version()}\n")
        parser.exit()


def build() -> argparse.ArgumentParser:
    """The parser of `kryptic`."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print the result as JSON")
    common.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line opens the store")
    common.add_argument("--sample", action="store_true", help="work with the store of the synthetic sample person")
    parser = argparse.ArgumentParser(prog="kryptic", description="A private second brain for one person's desktop.")
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[common])

    run = add("run", "start the program: tray, window, collectors, local API")
    run.add_argument("--headless", action="store_true", help="without a window or tray")
    run.add_argument("--background", action="store_true", help="start in the tray, without opening the window")
    run.add_argument(
        "--begin", choices=[begin.value for begin in StartMode], default=StartMode.OPEN, help=argparse.SUPPRESS
    )
    add("init", "make the key and the empty store")
    _add_forgetting(add)
    _add_keys(add)
    add("status", "what it is doing, and what it holds")
    add("doctor", "each source: works here, or why not and what to do")
    consent = add("consent", "which sources may be recorded")
    consent.add_argument("--grant", nargs="+", default=[], metavar="SOURCE")
    consent.add_argument("--revoke", nargs="+", default=[], metavar="SOURCE")
    pause = add("pause", "stop recording, until resumed or for some minutes")
    pause.add_argument("--minutes", type=_positive, metavar="N")
    add("resume", "record again")
    _add_desktop(add)
    _add_clients(add)
    history = add(
        "import",
        "import a history: bash, zsh, fish, atuin, git, vscode, recent-files, chromium, firefox, activitywatch, "
        "kryptic, all",
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
    search.add_argument("--chat", action="store_true", help="search the conversations instead")
    _add_verify(add)
    _add_backup(add)
    cleanup = add("cleanup", "thin out old actions; totals by hour and day stay for ever")
    cleanup.add_argument("--keep-days", type=_positive, required=True, metavar="N")
    cleanup.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    _add_export(add)
    return parser


def _add_desktop(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    start = add("autostart", "start with the desktop, in the tray")
    start.add_argument("action", choices=("on", "off", "status"))
    start.add_argument("--systemd", action="store_true", help="by a systemd user unit instead")
    gnome = add("gnome", "the extension that tells the focused window on GNOME: put it in place, or take it away")
    gnome.add_argument("action", choices=("install", "remove"))
    editor = add("vscode", "the extension of VS Code: hand it to the editors of this machine, or take it back")
    editor.add_argument("action", choices=("install", "remove", "pack"))
    editor.add_argument("path", nargs="?", type=Path, metavar="PATH", help="folder or file to pack it into")
    shell = add("shell", "have bash, zsh and fish tell the commands you type in them")
    shell.add_argument("action", choices=("install", "remove", "status"))
    shell.add_argument(
        "shells", nargs="*", metavar="SHELL", help="bash, zsh or fish; else all that are on this machine"
    )


def _add_clients(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    token = add("token", "who may speak to the local API of the running program")
    token.add_argument("action", choices=("pair", "create", "list", "revoke"))
    token.add_argument("name", nargs="?", metavar="NAME")
    token.add_argument("--full", action="store_true", help="may also read and clean up, not only send events")
    watchers = add("activitywatch", "let ActivityWatch's watchers send what they see, without a token; off at first")
    actions = ("status", "on", "off", "read-on", "read-off")
    watchers.add_argument("action", nargs="?", choices=actions, default="status", help="read: let programs read, too")


def _add_verify(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    verify = add("verify", "check the store: seals, words, sums against actions, gaps")
    verify.add_argument("--repair", action="store_true", help="mend what can be mended without loss, not only look")


def _add_backup(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    backup = add("backup", "copy the store, encrypted as it is, and check the copy")
    backup.add_argument("--list", action="store_true", help="only list the backups there are")
    restore = add("restore", "put a backup in the place of the store; what was there is kept")
    restore.add_argument("backup", nargs="?", metavar="BACKUP", help="its file name; else the newest that is sound")


def _add_export(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    export = add("export", "write everything stored to a file that anyone can read who has it")
    export.add_argument("path", type=Path, metavar="PATH")
    formats = ("json-lines", "activitywatch")
    export.add_argument("--format", choices=formats, default=formats[0], help="activitywatch: the actions alone")
    export.add_argument("--force", action="store_true", help="in the place of a file that is there")


def _add_forgetting(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    forget = add("forget", "forget for good: a time, an application, a site, a project, what a search finds")
    when = "such as 2026-11-20 or 2026-11-20T14:30, local time"
    forget.add_argument("--since", type=_moment_us, dest="since_us", metavar="WHEN", help=f"from then on, {when}")
    forget.add_argument("--until", type=_moment_us, dest="until_us", metavar="WHEN", help=f"up to then, {when}")
    forget.add_argument("--app", metavar="NAME", help="by program or window class")
    forget.add_argument("--site", metavar="HOST", help="with everything below it")
    forget.add_argument("--project", metavar="NAME")
    forget.add_argument("--search", dest="text", metavar="WORDS", help="whatever a search for them finds")
    forget.add_argument("--dry-run", action="store_true", help="only say exactly what would go")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    wipe = add("wipe", "destroy the key first and then everything stored, even without a passphrase; for an emergency")
    wipe.add_argument("--yes", action="store_true", help="do not ask")


def _add_keys(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    recover = add("recover", "set a new passphrase (--passphrase-file) with the recovery code")
    recover.add_argument("--recovery-code-file", type=Path, metavar="FILE", required=True)
    add("recovery-code", "make a new recovery code; the old one opens nothing any more")
    keys = add("keys", "what opens the store, and changing that")
    actions = ("list", "set-passphrase", "remove-passphrase", "add-keyring", "remove-keyring")
    keys.add_argument("action", nargs="?", choices=actions, default="list")
    keys.add_argument("--new-passphrase-file", type=Path, metavar="FILE", help="its first line is the new passphrase")
    add("lock", "close the store of the running program and forget its key; nothing is recorded until it is unlocked")
    add("unlock", "open the store of a program that is locked")
    add("rotate-key", "encrypt the store under a new key; the program must not be running")


def _moment_us(text: str) -> int:
    try:
        # Without an offset it is local time.
        return round(datetime.fromisoformat(text).astimezone().timestamp() * US_PER_S)
    except (ValueError, OverflowError, OSError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment such as 2026-11-20 or 2026-11-20T14:30") from error


def _seed(text: str) -> int:
    number = _whole(text)
    if not 0 <= number < SEEDS:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {SEEDS - 1}")
    return number


def _positive(text: str) -> int:
    number = _whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return number


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error
