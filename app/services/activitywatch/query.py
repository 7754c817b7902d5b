"""ActivityWatch's query language: statements `name = value;`, of which RETURN is the answer.

    statement = name "=" value
    value     = name | text | number | "[" values "]" | "{" text ":" value, … "}" | name "(" values ")"

A text stands between ' or "; a backslash means itself, but before the quote. Nothing but these is ever evaluated.
Source: docs.activitywatch.net/en/latest/querying-data.html.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.services.activitywatch.functions import Past, QueryError, call
from app.services.activitywatch.reader import MOST_ITEMS, Item

MAX_CHARS: Final = 64 << 10
MAX_DEPTH: Final = 32
MAX_STEPS: Final = 1_000
LONGEST_S: Final = 10.0
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<name>[^\W\d]\w*)|(?P<number>-?\d+(?:\.\d+)?)|(?P<text>"(?:\\"|[^"])*"|'(?:\\'|[^'])*')|(?P<mark>[=;,:()\[\]{}]))"""
)
_SPACE: Final = re.compile(r"\s*")
_WORDS: Final = {"True": True, "true": True, "False": False, "false": False}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: "name", "number", "text" (without its quotes) or "mark"; "end" at the end."""

    kind: str
    text: str


def answer(query: str, names: dict[str, Any], past: Past) -> Any:
    """What a query returns: events, numbers, texts, lists and dictionaries of them.

    Args:
        query: the statements.
        names: what is known before the first (STARTTIME, ENDTIME, NAME).
        past: what it may read.

    Raises:
        QueryError: if it cannot be read, or not be answered.
        KnownError: if it would be too much.
    """
    if len(query) > MAX_CHARS:
        raise QueryError(f"a query has at most {MAX_CHARS} characters")
    run = _Run(list(_tokens(query)), {**_WORDS, **names}, past)
    run.statements()
    if "RETURN" not in run.names:
        raise QueryError("a query says RETURN = …")
    return run.names["RETURN"]


def plain(value: Any) -> Any:
    """A value of a query as JSON takes it."""
    if isinstance(value, Item):
        values = value.to_json()
        return {**values, "data": {name: plain(each) for name, each in values["data"].items()}}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value


def _tokens(query: str) -> Iterator[Token]:
    place = 0
    end = len(query)
    while (place := _end_of_space(query, place)) < end:
        match = _TOKEN.match(query, place)
        if match is None or match.lastgroup is None:
            raise QueryError(f"this cannot be read: {query[place : place + 40]!r}")
        text = match[match.lastgroup]
        if match.lastgroup == "text":
            text = text[1:-1].replace("\\" + text[0], text[0])
        yield Token(match.lastgroup, text)
        place = match.end()
    yield Token("end", "")


def _end_of_space(query: str, place: int) -> int:
    match = _SPACE.match(query, place)
    assert match is not None, "no space is space too"
    return match.end()


class _Run:
    """One query on its way: reads and evaluates in one pass."""

    def __init__(self, tokens: list[Token], names: dict[str, Any], past: Past) -> None:
        self.names = names
        self._tokens = tokens
        self._place = 0
        self._past = past
        self._steps = 0
        self._until_s = time.monotonic() + LONGEST_S

    def statements(self) -> None:
        """All of them, one after the other."""
        while self._next().kind != "end":
            if self._skip(";"):
                continue
            name = self._take("name", "a statement begins with a name").text
            self._mark("=")
            self.names[name] = self._value(0)
            if self._next().kind != "end":
                self._mark(";")

    def _value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise QueryError(f"values lie in one another {MAX_DEPTH} times at most")
        token = self._tokens[self._place]
        self._place += 1
        match token.kind, token.text:
            case "text", text:
                return text
            case "number", text:
                return float(text) if "." in text else _integer(text)
            case "mark", "[":
                return self._values("]", depth)
            case "mark", "{":
                return self._dictionary(depth)
            case "name", name if self._skip("("):
                return self._called(name, self._values(")", depth))
            case "name", name if name in self.names:
                return self.names[name]
            case "name", name:
                raise QueryError(f"{name[:64]!r} was not given a value before")
        raise QueryError(f"a value was expected, not {token.text or 'the end'!r}")

    def _values(self, end: str, depth: int) -> list[Any]:
        values: list[Any] = []
        while not self._skip(end):
            if values:
                self._mark(",")
            values.append(self._value(depth + 1))
        return values

    def _dictionary(self, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not self._skip("}"):
            if values:
                self._mark(",")
            name = self._take("text", "the names in a dictionary are strings").text
            self._mark(":")
            values[name] = self._value(depth + 1)
        return values

    def _called(self, name: str, arguments: list[Any]) -> Any:
        self._steps += 1
        if self._steps > MAX_STEPS or time.monotonic() > self._until_s:
            raise QueryError("this query takes too long")
        value = call(name, arguments, self._past)
        if isinstance(value, list) and len(value) > 5 * MOST_ITEMS:
            raise QueryError("this query makes too many events")
        return value

    def _next(self) -> Token:
        return self._tokens[self._place]

    def _skip(self, mark: str) -> bool:
        found = self._next() == Token("mark", mark)
        self._place += found
        return found

    def _mark(self, mark: str) -> None:
        if not self._skip(mark):
            raise QueryError(f"{mark!r} was expected, not {self._next().text[:40] or 'the end'!r}")

    def _take(self, kind: str, words: str) -> Token:
        token = self._next()
        if token.kind != kind:
            raise QueryError(f"{words}, not {token.text[:40] or 'the end'!r}")
        self._place += 1
        return token


def _integer(text: str) -> int:
    if len(text) > 18:  # noqa: PLR2004 - what 64 bits hold
        raise QueryError("this number is too large")
    return int(text)
