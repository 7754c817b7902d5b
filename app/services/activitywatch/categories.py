"""Rules that put events into categories by patterns in their texts, and patterns that cannot hang the program.

A pattern comes from a client, and Python's matcher cannot be interrupted. So repeats within repeats, which can take for
ever, are refused, and texts are looked at up to so many characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from re import _constants, _parser  # type: ignore[attr-defined]  # the only way to a pattern's parts; in 3.11 to 3.13
from typing import Any, Final

from app.services.activitywatch.reader import Item

MAX_PATTERN_CHARS: Final = 4_096
MAX_REPEATS: Final = 3
_MATCHED_CHARS: Final = 512
_FEW: Final = 16
_REPEATS: Final = frozenset({_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT})
UNCATEGORIZED: Final = ("Uncategorized",)


class RuleError(ValueError):
    """A rule or a pattern that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When an event belongs to something.

    Attributes:
        pattern: found in one of the texts; None never matches.
        keys: the data that are looked at; None for all.
        rank: which rule wins if several match; None goes by the depth of the category.
    """

    pattern: re.Pattern[str] | None
    keys: tuple[str, ...] | None
    rank: int | None

    def matches(self, item: Item) -> bool:
        """Whether an event belongs."""
        if self.pattern is None:
            return False
        values = item.data.values() if self.keys is None else map(item.data.get, self.keys)
        return any(isinstance(value, str) and found(self.pattern, value) for value in values)


def found(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern is found in a text, as far as it is looked at."""
    return pattern.search(text, 0, _MATCHED_CHARS) is not None


def pattern_of(text: object, *, ignore_case: bool = False) -> re.Pattern[str]:
    """A pattern of a client.

    Raises:
        RuleError: if it is none, or might never come to an end.
    """
    if not isinstance(text, str) or len(text) > MAX_PATTERN_CHARS:
        raise RuleError(f"a pattern is a string of at most {MAX_PATTERN_CHARS} characters")
    try:
        pattern = re.compile(text, re.IGNORECASE if ignore_case else 0)
        repeats = _repeats(_parser.parse(text))
    except (re.error, RecursionError, OverflowError) as error:
        raise RuleError(f"{text[:80]!r} is no pattern: {error}") from error
    if repeats > MAX_REPEATS:
        raise RuleError(f"{text[:80]!r} has repeats within repeats, or more than {MAX_REPEATS} in a row")
    return pattern


def rule_of(raw: object) -> Rule:
    """A rule as ActivityWatch writes it: {"type": "regex", "regex": …, "ignore_case": …, "select_keys": …}.

    Raises:
        RuleError: if it is none.
    """
    if not isinstance(raw, Mapping):
        raise RuleError("a rule is a dictionary")
    text, keys, rank = raw.get("regex"), raw.get("select_keys"), raw.get("priority", raw.get("weight"))
    if isinstance(rank, bool) or not isinstance(rank, int | None):
        raise RuleError("priority is an integer")
    if keys is not None and not (isinstance(keys, Sequence) and all(isinstance(key, str) for key in keys)):
        raise RuleError("select_keys is a list of strings")
    pattern = pattern_of(text, ignore_case=raw.get("ignore_case") is True) if text else None
    return Rule(pattern, tuple(keys) if keys else None, rank)


def categorized(items: Sequence[Item], classes: Sequence[tuple[Sequence[str], Rule]]) -> list[Item]:
    """Every event with the category that fits best under "$category": the highest rank, of equals the last."""

    def category(item: Item) -> list[str]:
        fitting = [(_rank(name, rule), name) for name, rule in classes if name and rule.matches(item)]
        best = UNCATEGORIZED if not fitting else max(reversed(fitting), key=lambda each: each[0])[1]
        return list(best)

    return [replace(item, data={**item.data, "$category": category(item)}) for item in items]


def tagged(items: Sequence[Item], classes: Sequence[tuple[Any, Rule]]) -> list[Item]:
    """Every event with all tags that fit under "$tags"."""
    return [
        replace(item, data={**item.data, "$tags": [name for name, rule in classes if rule.matches(item)]})
        for item in items
    ]


def _rank(category: Sequence[str], rule: Rule) -> int:
    return len(category) * 10 if rule.rank is None else rule.rank


def _repeats(parsed: Any) -> int:
    """How many long repeats follow one another on the worst way through a pattern; one in another is too many."""
    total = 0
    for operation, argument in parsed:
        if operation in _REPEATS:
            _, most, body = argument
            within = _repeats(body)
            branches = _constants.BRANCH in _operations(body)
            long = int(most) > _FEW
            total += (MAX_REPEATS + 1) * (within > 0 or branches) + 1 if long else within * max(1, int(most))
        elif operation is _constants.BRANCH:
            total += max(map(_repeats, argument[1]), default=0)
        elif operation is _constants.SUBPATTERN:
            total += _repeats(argument[-1])
        elif operation in (_constants.ASSERT, _constants.ASSERT_NOT):
            total += _repeats(argument[1])
        elif operation is _constants.ATOMIC_GROUP:
            total += _repeats(argument)
        elif operation is _constants.GROUPREF_EXISTS:
            total += max(_repeats(branch) for branch in argument[1:] if branch is not None)
    return total


def _operations(parsed: Any) -> Iterator[Any]:
    """Every kind of part of a pattern, at any depth."""
    for part in parsed:
        if isinstance(part, tuple | list | _parser.SubPattern):
            yield from _operations(part)
        else:
            yield part
