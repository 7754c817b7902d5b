"""Takes secrets out of text before it is stored, and leaves everything else as it was.

What is taken out is replaced by `‹redacted:kind›`, so that a command or an address stays readable. Two judges look at
the text: `shapes` knows secrets by their own form, `contexts` by what stands around them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from collectors.redaction import contexts, shapes
from collectors.redaction.shapes import Found

_MARK: Final = re.compile(r"‹redacted:[a-z-]{1,20}›")
_MOST_REMEMBERED: Final = 8_192


class _Clean:
    """Which texts had no secret when they were last looked at: programs, folders and commands come again and again.

    Only 64 bits of each are kept, by a hash whose key Python draws for each process, and no text.
    """

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def knows(self, text: str) -> bool:
        return hash(text) in self._hashes

    def add(self, text: str) -> None:
        if len(self._hashes) >= _MOST_REMEMBERED:
            self._hashes = set()
        self._hashes.add(hash(text))


_clean: Final = {False: _Clean(), True: _Clean()}


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, and how many were taken out."""

    text: str
    count: int


def is_known_clean(text: str, *, emails: bool = False) -> bool:
    """Whether `redact` has looked at this very text before, and found no secret in it."""
    return _clean[emails].knows(text)


def redact(text: str, *, emails: bool = False) -> Redacted:
    """Replace each secret in `text` by `‹redacted:kind›`; with `emails`, e-mail addresses as well.

    Redacting twice changes nothing: marks are never secrets, and the search is repeated until nothing is found, because
    a replacement moves the boundaries of what stands next to it. Each search is linear in the text, and each repetition
    leaves less of it.
    """
    clean = _clean[emails]
    if clean.knows(text):
        return Redacted(text, 0)
    count = 0
    while True:
        looked_like = shapes.find_emails(text) if emails else ()
        found = _whole(text, [*shapes.find(text), *contexts.find(text), *looked_like])
        if not found:
            clean.add(text)
            return Redacted(text, count)
        pieces: list[str] = []
        end = 0
        for secret in found:
            pieces += (text[end : secret.start], f"‹redacted:{secret.kind}›")
            end = secret.end
        text = "".join((*pieces, text[end:]))
        count += len(found)


def _whole(text: str, found: list[Found]) -> list[Found]:
    """Overlapping finds as one, of the kind that was found first; marks are taken whole, and never alone."""
    marks = [match.span() for match in _MARK.finditer(text)]
    merged: list[Found] = []
    for secret in sorted((_around_marks(secret, marks) for secret in found), key=lambda secret: secret.start):
        if merged and secret.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Found(last.start, max(last.end, secret.end), last.kind)
        else:
            merged.append(secret)
    return [secret for secret in merged if _MARK.sub("", text[secret.start : secret.end])]


def _around_marks(secret: Found, marks: list[tuple[int, int]]) -> Found:
    if not marks:
        return secret
    start, end = secret.start, secret.end
    before = bisect_right(marks, (start, start)) - 1
    if before >= 0 and marks[before][0] < start < marks[before][1]:
        start = marks[before][0]
    last = bisect_right(marks, (end, end)) - 1
    if last >= 0 and marks[last][0] < end < marks[last][1]:
        end = marks[last][1]
    return Found(start, end, secret.kind)
