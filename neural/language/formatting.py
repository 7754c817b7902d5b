"""How numbers, durations and recorded names are said to a person."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

_LAUNCHER_PREFIXES: Final = frozenset({"org", "com", "net", "io", "de", "dev", "app", "fr", "eu", "us", "uk", "me"})
_SMALL_WORDS: Final = {"vlc": "VLC", "gimp": "GIMP", "xterm": "xterm", "bash": "bash", "zsh": "zsh", "fish": "fish"}
_TOKEN: Final = re.compile(r"\b(?:app|web|cmd|file|git|code):[^\s,;]+")
_MINUTES_PER_HOUR: Final = 60


def duration(minutes: int) -> str:
    """Minutes as people say them: "2 h 14 min", "3 h", "9 min"."""
    hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def number(value: float) -> str:
    """A number with thousands separated, and at most two decimals."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def two_digits(value: float) -> float:
    """A positive number with two leading digits: 5.2, 94, 6900."""
    return round(value, 1 - math.floor(math.log10(value)))


def count(value: float, singular: str, plural: str | None = None) -> str:
    """A number with its noun: "1 command", "1,204 commands".

    Args:
        value: how many.
        singular: the noun for one.
        plural: the noun for several; None adds an s.
    """
    return f"{number(value)} {singular if value == 1 else plural or singular + 's'}"


def listed(items: Sequence[str]) -> str:
    """A list in words: "a, b and c"."""
    if len(items) < 2:  # noqa: PLR2004  # one item has no conjunction
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def either(items: Sequence[str]) -> str:
    """What may be, in words: "a, b or c"."""
    return " or ".join(part for part in (", ".join(items[:-1]), *items[-1:]) if part)


def app_name(name: str) -> str:
    """An application's class or program name as a person would write it: "org.gnome.Nautilus" is "Nautilus"."""
    parts = name.split(".")
    if len(parts) > 2 and parts[0].casefold() in _LAUNCHER_PREFIXES:  # noqa: PLR2004  # reverse domain name and program
        name = parts[-1]
    if name in _SMALL_WORDS:
        return _SMALL_WORDS[name]
    return name[:1].upper() + name[1:] if name == name.lower() else name


def token_name(token: str) -> str:
    """An action token as a thing: "app:firefox" is "Firefox", "cmd:git commit" is "git commit"."""
    kind, colon, rest = token.partition(":")
    if kind == "file":
        suffix, _, project = rest.partition("@")
        return f"a {suffix} file in {project}" if project else f"a {suffix} file"
    if kind == "code":
        return {"test": "tests", "debug": "the debugger"}.get(rest, rest)
    said = {"app": app_name(rest), "web": rest, "cmd": rest, "git": f"git {rest}"}
    return said.get(kind, f"{kind} {rest}") if colon else token


def token_phrase(token: str) -> str:
    """An action token as something done: "app:firefox" is "switching to Firefox"."""
    verbs = {
        "app": "switching to",
        "web": "visiting",
        "cmd": "running",
        "file": "working on",
        "git": "doing a",
        "code": "running",
    }
    kind = token.partition(":")[0]
    name = token_name(token)
    return f"{verbs[kind]} {name}" if kind in verbs and name else name


def kind_name(kind: str) -> str:
    """A kind of action token as a thing: "cmd" is "a command"."""
    names = {
        "app": "an application",
        "web": "a site",
        "cmd": "a command",
        "file": "a file",
        "git": "a step in git",
        "code": "a run in the editor",
    }
    return names.get(kind, "something else")


def tokens_said(text: str) -> str:
    """A text about action tokens with their prefixes gone: "usually follows app:code" is "usually follows Code"."""
    return _TOKEN.sub(lambda match: token_name(match[0]), text)
