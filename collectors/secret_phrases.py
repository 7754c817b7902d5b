"""Secrets that stand in a sentence: a code somebody was sent, a password in SQL, the token in the path of a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from collectors.secret_shapes import Found

_TOLD: Final = re.compile(
    r"""(?i)(?<![a-z])(?:password|passcode|passphrase|pin|(?:access|backup|login|one-time|recovery|security|sign-in"""
    r"""|verification|2fa|otp)\s+code|otp|your\s+code)\s+(?:is|was)\s{0,4}:?\s{0,4}["'\u201c\u2018]?([^\s"'\u201d\u2019,;]{4,64})"""
)
_SENT: Final = re.compile(
    r"(?i)(?<![\w.-])(?:[a-z]-)?([0-9]{4,8}|[0-9]{3}[ -][0-9]{3})\s+is\s+your\s+"
    r"(?:[\w-]+\s+){0,4}(?:code|otp|pin|passcode)(?![a-z])"
)
_SQL: Final = re.compile(
    r"""(?i)(?<![a-z])(?:password(?:\s+for\s+\S{1,64}\s*=)?|identified\s+(?:with\s+\w+\s+)?by(?:\s+password)?)\s+'((?:[^'\\]|\\.|'')+)'"""
)
_LINK: Final = re.compile(
    r"(?i)/(?:[\w-]{0,40}[_-])?(?:reset|invite|invitation|confirm|confirmation|verify|verification|activate|activation"
    r"|magic|magic-link|passwordless|unsubscribe|one-time|recover)(?:[_-][\w-]{0,40})?/((?:[\w.~%+=-]+/){0,2}[\w.~%+=-]{16,})"
)
_ADDRESS: Final = "://"
_PLAIN_WORD: Final = re.compile(r"[A-Za-z]+[.!?]?")
_PLAIN_PATH: Final = re.compile(r"(?:[a-z]+[-_./]?)+|(?:[0-9]+[-_./]?)+")


def find(text: str, is_random: Callable[[str], bool]) -> Iterator[Found]:
    """Every secret that a sentence or a link in `text` tells; they may overlap.

    Args:
        text: what is looked at.
        is_random: whether a run of characters looks drawn rather than written.
    """
    for match in _TOLD.finditer(text):
        value = match.group(1).rstrip(".)")
        if not _PLAIN_WORD.fullmatch(value) and not value.startswith("‹"):
            yield Found(match.start(1), match.start(1) + len(value), "password")
    for match in _SENT.finditer(text):
        yield Found(match.start(1), match.end(1), "code")
    for match in _SQL.finditer(text) if "'" in text else ():
        if not match.group(1).startswith("‹"):
            yield Found(match.start(1), match.end(1), "password")
    for match in _LINK.finditer(text) if _ADDRESS in text else ():
        last = match.group(1)
        if not _PLAIN_PATH.fullmatch(last) and any(is_random(part) for part in last.split("/")):
            yield Found(match.start(1), match.end(1), "token")
