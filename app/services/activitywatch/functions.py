"""The functions that ActivityWatch's query language knows, by name, each with the kinds of its arguments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from app.errors import KnownError
from app.services.activitywatch import categories, transforms
from app.services.activitywatch.reader import Item
from collectors.events import US_PER_S

_PULSE_S: Final = 5
_MOST_S: Final = 1_000_000_000
_COUNT_BEFORE: Final = re.compile(r"^\([0-9]+\)\s*")
_MARK_BEFORE: Final = re.compile(r"^(?:●|\*)\s*")
_FRAMES: Final = re.compile(r"FPS:\s+[0-9.]+")


class QueryError(KnownError):
    """A query that cannot be answered.

    Args:
        why: in a few words.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"The query cannot be answered: {why}.", "Change the query.")


class Past(Protocol):
    """What a query may read."""

    def find(self, text: str, hostname: str | None) -> str | None:
        """The first bucket whose name has a text, of that machine if one is named."""
        ...

    def items(self, bucket: str) -> list[Item] | None:
        """The events of a bucket within the query's time, latest first; None if there is no such bucket."""
        ...


class Kind:
    """What an argument can be, with the words that say so."""

    def __init__(self, words: str, fits: Callable[[Any], bool]) -> None:
        self.words = words
        self.fits = fits


_EVENTS: Final = Kind(
    "a list of events", lambda value: isinstance(value, list) and all(isinstance(item, Item) for item in value)
)
_LIST: Final = Kind("a list", lambda value: isinstance(value, list))
_KEYS: Final = Kind(
    "a list of strings", lambda value: isinstance(value, list) and all(isinstance(key, str) for key in value)
)
_TEXT: Final = Kind("a string", lambda value: isinstance(value, str))
_NUMBER: Final = Kind(
    "a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST_S
)
_COUNT: Final = Kind("a count", lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0)


@dataclass(frozen=True, slots=True)
class Function:
    """One function: what it takes, how many arguments are needed, and what it does."""

    kinds: tuple[Kind, ...]
    needed: int
    run: Callable[..., Any]


def call(name: str, arguments: Sequence[Any], past: Past) -> Any:
    """The value of a function.

    Args:
        name: of the function.
        arguments: evaluated.
        past: the data that functions read.

    Raises:
        QueryError: if there is no such function, or it does not take these arguments.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        raise QueryError(f"there is no function {name[:64]!r}; known are {', '.join(sorted(FUNCTIONS))}")
    if not function.needed <= len(arguments) <= len(function.kinds):
        raise QueryError(f"{name} takes {function.needed} to {len(function.kinds)} arguments, not {len(arguments)}")
    for number, (kind, value) in enumerate(zip(function.kinds, arguments, strict=False), start=1):
        if not kind.fits(value):
            raise QueryError(f"argument {number} of {name} is {kind.words}")
    try:
        return function.run(past, *arguments)
    except categories.RuleError as error:
        raise QueryError(f"{name}: {error}") from error


def _find(past: Past, text: str, hostname: str | None = None) -> str:
    name = past.find(text, hostname)
    if name is None:
        raise QueryError(f"there is no bucket whose name has {text[:64]!r}")
    return name


def _bucket(past: Past, name: str) -> list[Item]:
    items = past.items(name)
    if items is None:
        raise QueryError(f"there is no bucket {name[:64]!r}")
    return items


def _with(items: list[Item], key: str, values: list[Any]) -> list[Item]:
    return [item for item in items if key in item.data and item.data[key] in values]


def _without(items: list[Item], key: str, values: list[Any]) -> list[Item]:
    return [item for item in items if not (key in item.data and item.data[key] in values)]


def _matching(items: list[Item], key: str, text: str) -> list[Item]:
    pattern = categories.pattern_of(text)
    return [item for item in items if isinstance(item.data.get(key), str) and categories.found(pattern, item.data[key])]


def _classes(raw: Sequence[Any]) -> list[tuple[Any, categories.Rule]]:
    if not all(isinstance(each, list) and len(each) == 2 for each in raw):  # noqa: PLR2004 - a name and a rule
        raise categories.RuleError("each class is a list of a name and a rule")
    return [(name, categories.rule_of(rule)) for name, rule in raw]


def _categories(raw: Sequence[Any]) -> list[tuple[Any, categories.Rule]]:
    classes = _classes(raw)
    if not all(_KEYS.fits(name) for name, _ in classes):
        raise categories.RuleError("a category is a list of strings")
    return classes


def _addresses(items: list[Item]) -> list[Item]:
    return [
        replace(item, data={**item.data, **_parts(item.data["url"])}) if isinstance(item.data.get("url"), str) else item
        for item in items
    ]


def _parts(address: str) -> Mapping[str, str]:
    try:
        url = urlsplit(address)
    except ValueError:
        return {}  # no address that can be taken apart; the event stays as it is
    path, _, parameters = url.path.partition(";") if ";" in url.path.rpartition("/")[2] else (url.path, "", "")
    return {
        "$protocol": url.scheme,
        "$domain": url.netloc.removeprefix("www.") or url.scheme,
        "$path": path,
        "$params": parameters,
        "$options": url.query,
        "$identifier": url.fragment,
    }


def _plain_titles(items: list[Item], key: str) -> list[Item]:
    return [
        replace(item, data={**item.data, key: _plain(item.data[key], window=key == "title" and "app" in item.data)})
        if isinstance(item.data.get(key), str)
        else item
        for item in items
    ]


def _plain(text: str, *, window: bool) -> str:
    """A title without what changes while it stays the same: counts of messages, marks of unsaved text, frame rates."""
    plain = _COUNT_BEFORE.sub("", text)
    return _MARK_BEFORE.sub("", _FRAMES.sub("FPS: ...", plain)) if window else plain


def _us(seconds: float) -> int:
    return round(seconds * US_PER_S)


def _subwatcher(items: list[Item], finer: list[Item], keys: list[str], conflict: str = "base_wins") -> list[Item]:
    if conflict not in ("base_wins", "sub_wins"):
        raise QueryError('conflict is "base_wins" or "sub_wins"')
    return transforms.subwatcher_fields(items, finer, keys, finer_wins=conflict == "sub_wins")


def _pure(*kinds: Kind, run: Callable[..., Any], needed: int | None = None) -> Function:
    return Function(kinds, len(kinds) if needed is None else needed, lambda _past, *arguments: run(*arguments))


FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        "find_bucket": Function((_TEXT, _TEXT), 1, _find),
        "query_bucket": Function((_TEXT,), 1, _bucket),
        "query_bucket_eventcount": Function((_TEXT,), 1, lambda past, name: len(_bucket(past, name))),
        "filter_keyvals": _pure(_EVENTS, _TEXT, _LIST, run=_with),
        "exclude_keyvals": _pure(_EVENTS, _TEXT, _LIST, run=_without),
        "filter_keyvals_regex": _pure(_EVENTS, _TEXT, _TEXT, run=_matching),
        "filter_period_intersect": _pure(_EVENTS, _EVENTS, run=transforms.period_intersect),
        "period_union": _pure(_EVENTS, _EVENTS, run=transforms.period_union),
        "limit_events": _pure(_EVENTS, _COUNT, run=lambda items, count: items[:count]),
        "merge_events_by_keys": _pure(_EVENTS, _KEYS, run=transforms.merge_by_keys),
        "merge_subwatcher_fields": _pure(_EVENTS, _EVENTS, _KEYS, _TEXT, run=_subwatcher, needed=3),
        "chunk_events_by_key": _pure(
            _EVENTS, _TEXT, run=lambda items, key: transforms.chunk_by_key(items, key, _PULSE_S * US_PER_S)
        ),
        "sort_by_timestamp": _pure(_EVENTS, run=lambda items: sorted(items, key=lambda item: item.ts_us)),
        "sort_by_duration": _pure(_EVENTS, run=lambda items: sorted(items, key=lambda item: -item.duration_us)),
        "sum_durations": _pure(_EVENTS, run=lambda items: sum(item.duration_us for item in items) / US_PER_S),
        "concat": _pure(_EVENTS, _EVENTS, run=lambda one, other: [*one, *other]),
        "union_no_overlap": _pure(_EVENTS, _EVENTS, run=transforms.union_no_overlap),
        "flood": _pure(
            _EVENTS, _NUMBER, run=lambda items, pulse=_PULSE_S: transforms.flood(items, _us(pulse)), needed=1
        ),
        "split_url_events": _pure(_EVENTS, run=_addresses),
        "simplify_window_titles": _pure(_EVENTS, _TEXT, run=_plain_titles),
        "categorize": _pure(
            _EVENTS, _LIST, run=lambda items, classes: categories.categorized(items, _categories(classes))
        ),
        "tag": _pure(_EVENTS, _LIST, run=lambda items, classes: categories.tagged(items, _classes(classes))),
        "nop": _pure(run=lambda: 1),
    }
)
