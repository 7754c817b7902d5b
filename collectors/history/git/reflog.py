"""What was done in a repository, from the journal git keeps of the moves of HEAD (gitreflog, `.git/logs/HEAD`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from collectors.events import US_PER_S, EventKind

_LINE: Final = re.compile(
    rb"[0-9a-f]{40,64} (?P<commit>[0-9a-f]{40,64}) [^\t]*?> (?P<epoch>[0-9]{1,18}) (?P<zone>[+-][0-9]{4})\t(?P<what>.*)"
)
_CHECKOUT: Final = re.compile(r"checkout: moving from (\S+) to (\S+)")
_COMMIT: Final = re.compile(
    r"(?:commit(?: \((?:initial|merge|amend|cherry-pick)\))?|cherry-pick|revert): (.*)", re.DOTALL
)
_HASH: Final = re.compile(r"[0-9a-f]{7,64}")
_KINDS: Final = (
    (re.compile(r"checkout: moving"), EventKind.CHECKOUT),
    (re.compile(r"(?:commit|cherry-pick|revert)\b"), EventKind.COMMIT),
    (re.compile(r"merge "), EventKind.MERGE),
    # A rebase writes a line for each commit it moves: its end stands for the whole.
    (re.compile(r"pull\b(?!.*\((?:start|pick|continue|fixup|squash|reword)\))"), EventKind.PULL),
    (re.compile(r"rebase(?: -i| -r|)? \(finish\)|rebase finished"), EventKind.REBASE),
    (re.compile(r"reset: "), EventKind.RESET),
)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing the user did to HEAD.

    Attributes:
        ts_us: when, microseconds since the epoch.
        utc_offset_s: the clock's offset then.
        kind: what.
        commit: at which HEAD stood afterwards, hexadecimal.
        title: the commit's subject, or git's own words ("moving from main to topic").
        branch: the branch afterwards, if the journal tells.
    """

    ts_us: int
    utc_offset_s: int
    kind: EventKind
    commit: str
    title: str
    branch: str | None


@dataclass(frozen=True, slots=True)
class NoMove:
    """A line of the journal that is none of the user's actions, with the branch after it."""

    branch: str | None


def push_of(line: bytes, remote_branch: str) -> Move | None:
    """The push that a line of a remote branch's own journal tells of; None if it tells of a fetch, or is broken.

    Args:
        line: without its end.
        remote_branch: "origin/main".
    """
    match = _LINE.fullmatch(line)
    if match is None or match.group("what") != b"update by push":
        return None
    branch = remote_branch.partition("/")[2]
    return _move(match, EventKind.PUSH, f"to {remote_branch}", branch)


def move_of(line: bytes, branch: str | None) -> Move | NoMove | None:
    """Read one line; None if it is broken.

    Args:
        line: without its end.
        branch: the branch before it, if that is known.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    what = match.group("what").decode("utf-8", "replace")
    checkout = _CHECKOUT.match(what)
    if checkout is not None:
        branch = None if _HASH.fullmatch(checkout.group(2)) else checkout.group(2)
    kind = next((kind for pattern, kind in _KINDS if pattern.match(what)), None)
    if kind is None:
        return NoMove(branch)
    commit = _COMMIT.match(what)
    return _move(match, kind, commit.group(1) if commit is not None else what, branch)


def _move(match: re.Match[bytes], kind: EventKind, title: str, branch: str | None) -> Move:
    zone = match.group("zone").decode()
    offset_s = (int(zone[1:3]) * 3_600 + int(zone[3:]) * 60) * (-1 if zone[0] == "-" else 1)
    return Move(
        ts_us=int(match.group("epoch")) * US_PER_S,
        utc_offset_s=offset_s if abs(offset_s) <= 86_400 else 0,  # noqa: PLR2004 - a day: no clock is further off
        kind=kind,
        commit=match.group("commit").decode(),
        title=title,
        branch=branch,
    )
