"""Remote work: which host a client program was asked for, out of the one word of its command line that names it.

All other words are thrown away unread into anything: they may hold a password.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SSH_WITH_VALUE: Final = frozenset("BbcDEeFIiJLlmOopPQRSWw")  # ssh(1)
_SSH_NO_CONNECTION: Final = frozenset("GOQV")
_SSH_NO_SESSION: Final = frozenset("Ws")
_FREERDP_HOST: Final = re.compile(r"(?:/v:|--?v:|--?v=)(.+)")
_HOST: Final = re.compile(r"(?:[a-z]+://)?(?:[^@/]*@)?(\[[0-9A-Fa-f:.]+\]|[^:/\[\]]+)")
_PLAIN: Final = re.compile(r"[\w.:%-]{1,253}")
_MOSH_TITLE: Final = "-#"
_LINE_LIMIT_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class Remote:
    """What a client was asked for.

    Attributes:
        host: as it was typed, without user and port; None if unknown.
        session: somebody works over there; False for one command, a copy, a fetch.
    """

    host: str | None
    session: bool


def ssh(words: Sequence[str]) -> Remote | None:
    """What OpenSSH's client was asked for; None if it connects nowhere.

    Args:
        words: its arguments, without its own name.
    """
    flags: set[str] = set()
    operands: list[str] = []
    rest = list(words)
    while rest and not operands:
        word = rest.pop(0)
        if word == "--":
            operands, rest = rest, []
        elif not word.startswith("-") or word == "-":
            operands = [word]
        else:
            _take_flags(word[1:], rest, flags)
    if len(operands) == 1:  # options may stand behind the host as well, up to the first word of a command
        while rest and rest[0].startswith("-") and not operands[1:]:
            _take_flags(rest.pop(0)[1:], rest, flags)
        operands += rest
    if not operands or flags & _SSH_NO_CONNECTION:
        return None
    commanded = bool(operands[1:]) and "t" not in flags
    return Remote(host_in(operands[0]), session=not commanded and not flags & _SSH_NO_SESSION)


def mosh(words: Sequence[str]) -> Remote:
    """What Mosh was asked for; it hands its own command line on as the first word of its client's."""
    title_words = words[0].removeprefix(_MOSH_TITLE).split() if words and words[0].startswith(_MOSH_TITLE) else []
    while title_words:
        word = title_words.pop(0)
        if word == "-p" and title_words:
            title_words.pop(0)
        elif not word.startswith("-") and word != "|":
            return Remote(host_in(word), session=True)
    return Remote(None, session=True)


def freerdp(words: Sequence[str]) -> Remote:
    """What a FreeRDP client was asked for (`/v:host`)."""
    for place, word in enumerate(words):
        match = _FREERDP_HOST.match(word)
        if match is not None:
            return Remote(host_in(match[1]), session=True)
        if word in ("-v", "--v") and place + 1 < len(words):
            return Remote(host_in(words[place + 1]), session=True)
    return Remote(None, session=True)


def viewer(words: Sequence[str]) -> Remote:
    """What a viewer was asked for whose last word is the host (rdesktop, the VNC viewers)."""
    last = words[-1] if words else "-"
    return Remote(None if last.startswith("-") else host_in(last), session=True)


def host_in(destination: str) -> str | None:
    """The host of `user@host`, `host:port`, `[::1]:port` or `scheme://user@host:port`, lower case."""
    bare = destination.strip()
    if bare.count(":") > 1 and "[" not in bare and "/" not in bare:
        host = bare.rpartition("@")[2].lower()  # an IPv6 address by itself
    else:
        match = _HOST.match(bare)
        host = match[1].strip("[]").lower() if match is not None else ""
    return host if _PLAIN.fullmatch(host) else None


@dataclass(frozen=True, slots=True)
class Client:
    """A program that opens sessions: of which sort, and how its arguments are read."""

    session: str
    read: Callable[[Sequence[str]], Remote | None]


CLIENTS: Final[Mapping[str, Client]] = {
    "ssh": Client("ssh", ssh),
    "mosh-client": Client("mosh", mosh),
    **dict.fromkeys(
        ("xfreerdp", "xfreerdp3", "wlfreerdp", "wlfreerdp3", "sdl-freerdp", "sdl-freerdp3"), Client("rdp", freerdp)
    ),
    "rdesktop": Client("rdp", viewer),
    **dict.fromkeys(("vncviewer", "xtigervncviewer", "xtightvncviewer", "gvncviewer"), Client("vnc", viewer)),
}
PORTS: Final[Mapping[int, str]] = {3389: "rdp", **dict.fromkeys(range(5900, 5910), "vnc")}
"""Sessions of programs with windows of their own, such as Remmina, are recognised by the port they connect to."""


def asked(pid: int, name: str, proc: Path = Path("/proc")) -> Remote | None:
    """Return the remote host of a running client; None if it is no client, has ended, or connects nowhere.

    Args:
        pid: of the process.
        name: of the program; a key of `CLIENTS`, or anything else.
        proc: the folder of the processes.
    """
    client = CLIENTS.get(name)
    if client is None:
        return None
    try:
        with (proc / str(pid) / "cmdline").open("rb") as file:
            line = file.read(_LINE_LIMIT_BYTES)
    except OSError:
        return None
    words = line.decode("utf-8", "replace").rstrip("\0").split("\0")
    return client.read(words[1:])


def _take_flags(letters: str, rest: list[str], flags: set[str]) -> None:
    """Note the options of one word, and drop the value that goes with the last of them."""
    for place, letter in enumerate(letters):
        flags.add(letter)
        if letter in _SSH_WITH_VALUE:
            if place == len(letters) - 1 and rest:
                rest.pop(0)
            return
