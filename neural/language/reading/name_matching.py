"""Finding a recorded name in a question: whatever its case, with a letter wrong, said the way people say it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

from neural.language.formatting import app_name
from neural.language.reading.plan import KnownNames, Subject, SubjectKind

_ALIASES: Final = {
    "vs code": ("code", "code-oss", "codium", "vscodium"),
    "vscode": ("code", "code-oss", "codium", "vscodium"),
    "visual studio code": ("code", "code-oss"),
    "chrome": ("google-chrome", "chromium"),
    "google chrome": ("google-chrome",),
    "terminal": ("gnome-terminal-server", "konsole", "xterm", "alacritty", "kitty", "foot", "xfce4-terminal"),
}
"""What people call a program next to its class name."""
_QUALIFIERS: Final = {
    "app": SubjectKind.APP,
    "application": SubjectKind.APP,
    "program": SubjectKind.APP,
    "site": SubjectKind.SITE,
    "website": SubjectKind.SITE,
    "web site": SubjectKind.SITE,
    "project": SubjectKind.PROJECT,
    "repo": SubjectKind.PROJECT,
    "repository": SubjectKind.PROJECT,
}
_KINDS: Final = (SubjectKind.APP, SubjectKind.SITE, SubjectKind.PROJECT)
_TYPO_CHARS: Final = 4
_TWO_TYPOS_CHARS: Final = 9
_NEAR: Final = 3


def distance(left: str, right: str, limit: int) -> int:
    """Edits (insert, delete, replace, swap neighbours) from one word to another, or `limit + 1` if there are more.

    Optimal string alignment, a restricted form of Damerau (1964).

    Args:
        left: one word.
        right: the other.
        limit: the highest distance of interest.
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before = before, row
        row = [i]
        for j, b in enumerate(right, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def spellings(kind: SubjectKind, name: str) -> tuple[str, ...]:
    """The ways a recorded name may be said, lower case, the fullest first."""
    low = name.casefold()
    said = [low]
    if kind is SubjectKind.APP:
        said.append(app_name(name).casefold())
        said.extend(alias for alias, classes in _ALIASES.items() if low in classes)
    elif kind is SubjectKind.SITE and "." in low:
        said.append(low.rsplit(".", 1)[0])
        labels = low.split(".")
        said.append(labels[-2])
    said.extend([low.replace("-", " "), low.replace("_", " ")])
    return tuple(dict.fromkeys(word for word in said if word))


def find(phrase: str, known: KnownNames) -> Subject | None:
    """The recorded name that a phrase means.

    Args:
        phrase: words of the question, lower case ("the project kryptic", "firefx").
        known: what was recorded.

    Returns:
        None if the phrase is empty; a subject of kind UNKNOWN, with the closest names, if nothing fits.
    """
    phrase, kinds = _qualifier(phrase.casefold().strip(" .,:;'\"`"))
    if not phrase:
        return None
    for kind in kinds:
        for rank in range(2):
            for name in known.of(kind):
                said = spellings(kind, name)
                if phrase in (said[:1] if rank == 0 else said):
                    return Subject(kind, name)
    near = sorted(
        (edits, order, name, kind)
        for order, kind in enumerate(kinds)
        for name in known.of(kind)
        if (edits := _typos(phrase, spellings(kind, name))) is not None
    )
    if near and (len(near) == 1 or near[0][:2] < near[1][:2]):
        return Subject(near[0][3], near[0][2])
    return Subject(SubjectKind.UNKNOWN, phrase, closest(phrase, known))


def mentioned(text: str, known: KnownNames) -> Subject | None:
    """The longest recorded name that stands exactly in a text."""
    best: tuple[int, Subject] | None = None
    for kind, name, said in _all(known):
        at_border = re.search(rf"(?<![\w.-]){re.escape(said)}(?![\w-]|\.\w)", text)
        if at_border and (best is None or len(said) > best[0]):
            best = (len(said), Subject(kind, name))
    return None if best is None else best[1]


def closest(phrase: str, known: KnownNames) -> tuple[str, ...]:
    """Recorded names that look or sound like a phrase, closest first; at most three."""
    by_spelling: dict[str, str] = {}
    for _, name, said in _all(known):
        by_spelling.setdefault(said, name)
    inside = [name for said, name in by_spelling.items() if len(phrase) >= _TYPO_CHARS and phrase in said]
    alike = [by_spelling[said] for said in difflib.get_close_matches(phrase, by_spelling, n=_NEAR * 2, cutoff=0.5)]
    return tuple(dict.fromkeys([*inside, *alike]))[:_NEAR]


def _all(known: KnownNames) -> Iterator[tuple[SubjectKind, str, str]]:
    for kind in _KINDS:
        for name in known.of(kind):
            for said in spellings(kind, name):
                yield kind, name, said


def _qualifier(phrase: str) -> tuple[str, tuple[SubjectKind, ...]]:
    phrase = re.sub(r"^(?:the|my|a|an) ", "", phrase)
    for word, kind in _QUALIFIERS.items():
        if phrase.startswith(f"{word} "):
            return phrase.removeprefix(f"{word} ").strip(), (kind,)
        if phrase.endswith(f" {word}"):
            return phrase.removesuffix(f" {word}").strip(), (kind,)
    return phrase, _KINDS


def _typos(phrase: str, said: tuple[str, ...]) -> int | None:
    """Edits to the nearest spelling, or None if that is too far for words of this length."""
    if len(phrase) < _TYPO_CHARS:
        return None
    limit = 2 if len(phrase) >= _TWO_TYPOS_CHARS else 1
    best = min(distance(phrase, word, limit) for word in said)
    return best if best <= limit else None
