"""What a commit was made for, as far as its subject says: one word of a few."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Intent(StrEnum):
    """What a commit was made for."""

    FEATURE = "feature"
    FIX = "fix"
    DOCS = "docs"
    TEST = "test"
    REFACTOR = "refactor"
    SPEED = "speed"
    REMOVAL = "removal"
    UPKEEP = "upkeep"
    REVERT = "revert"
    MERGE = "merge"


_TYPES: Final = {
    **dict.fromkeys(("feat", "feature"), Intent.FEATURE),
    **dict.fromkeys(("fix", "bugfix", "hotfix"), Intent.FIX),
    **dict.fromkeys(("docs", "doc"), Intent.DOCS),
    **dict.fromkeys(("test", "tests"), Intent.TEST),
    **dict.fromkeys(("refactor", "style"), Intent.REFACTOR),
    "perf": Intent.SPEED,
    "revert": Intent.REVERT,
    **dict.fromkeys(("chore", "build", "ci", "deps", "release"), Intent.UPKEEP),
}
_VERBS: Final = {
    **dict.fromkeys(("add", "allow", "create", "enable", "implement", "introduce", "let", "show"), Intent.FEATURE),
    **dict.fromkeys(("avoid", "correct", "fix", "handle", "mend", "prevent", "repair", "resolve", "stop"), Intent.FIX),
    **dict.fromkeys(("describe", "document", "explain"), Intent.DOCS),
    "test": Intent.TEST,
    **dict.fromkeys(
        ("clean", "extract", "factor", "format", "inline", "move", "refactor", "rename", "reorganize", "restructure",
         "rewrite", "simplify", "split", "tidy"), Intent.REFACTOR),
    **dict.fromkeys(("accelerate", "cache", "optimise", "optimize", "speed"), Intent.SPEED),
    **dict.fromkeys(("delete", "drop", "remove"), Intent.REMOVAL),
    **dict.fromkeys(("bump", "downgrade", "pin", "prepare", "release", "update", "upgrade"), Intent.UPKEEP),
    "revert": Intent.REVERT,
    "merge": Intent.MERGE,
}  # fmt: skip
_SUBJECTS: Final = {
    **dict.fromkeys(("doc", "docs", "documentation", "readme", "changelog", "typo", "typos"), Intent.DOCS),
    **dict.fromkeys(("test", "tests"), Intent.TEST),
}
_TYPED: Final = re.compile(r"([A-Za-z]{2,12})(?:\([^)]{0,60}\))?!?:\s")
_WORD: Final = re.compile(r"[A-Za-z]+")
_ENDINGS: Final = ("", "e")
_WORDS_READ: Final = 4


def intent_of(subject: str) -> Intent | None:
    """What the subject of a commit says it was made for; None if it does not say.

    A type before a colon counts first (Conventional Commits 1.0.0), then the first word as a verb in any of its common
    forms; what is added, changed or mended decides if that is a text or a test.
    """
    typed = _TYPED.match(subject)
    if typed is not None and typed[1].lower() in _TYPES:
        return _TYPES[typed[1].lower()]
    words = [word.lower() for word in _WORD.findall(subject[:200])[:_WORDS_READ]]
    if not words:
        return None
    verb = _verb(words[0])
    if verb in (Intent.REVERT, Intent.MERGE, Intent.REMOVAL):
        return verb
    return next((_SUBJECTS[word] for word in words[1:] if word in _SUBJECTS), verb) if verb else _SUBJECTS.get(words[0])


def _verb(word: str) -> Intent | None:
    """The intent of a verb as it stands: "fix", "fixes", "fixed", "fixing"."""
    stems = [word, f"{word[:-3]}y"] if word.endswith(("ied", "ies")) else [word]
    for ending in ("s", "es", "ed", "d", "ing"):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            stems += [stem + added for added in _ENDINGS]
            if len(stem) > 2 and stem[-1] == stem[-2]:  # noqa: PLR2004 - "stopped", "dropping": the letter stands twice
                stems.append(stem[:-1])
    return next((_VERBS[stem] for stem in stems if stem in _VERBS), None)
