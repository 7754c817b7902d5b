"""Queries give the same events as ActivityWatch's own code."""

from __future__ import annotations

import contextlib
import json
import logging
import random
from datetime import UTC, datetime, timedelta

import pytest
from aw_client import queries
from aw_client.classes import default_classes
from aw_core.models import Event
from aw_datastore import Datastore
from aw_datastore.storages import MemoryStorage
from aw_query import query2

from app.services.activitywatch.categories import RuleError, found, pattern_of
from app.services.activitywatch.functions import FUNCTIONS, QueryError
from app.services.activitywatch.query import MAX_DEPTH, answer, plain
from app.services.activitywatch.reader import Item

BEGIN = datetime(2026, 3, 1, 10, tzinfo=UTC)
BEGIN_US = int(BEGIN.timestamp()) * 1_000_000
HOUR = timedelta(hours=1)
APPS = ("Firefox", "kate", "foot", "Signal")
TITLES = ("(3) inbox", "● notes.md", "GitHub · a/b", "Game - FPS: 59.2 - x", "")
URLS = (
    "https://www.example.org/a;p?q=1#f",
    "http://localhost:8080/",
    "file:///home/a",
    "about:blank",
    "https://[::1/x",
)


def random_events(seed: int, bucket: str, count: int) -> list[Event]:
    """Return successive events with gaps and overlaps of every size, some without duration.

    ActivityWatch cuts times to milliseconds. These are even, so that half of each is whole as well and nothing is cut.
    """
    chance = random.Random(f"{seed} {bucket}")
    events = []
    at_ms = chance.randrange(0, 60_000, 4)
    for _ in range(count):
        lasted_ms = chance.choice((0, 4, chance.randrange(0, 60_000, 4), chance.randrange(0, 10**6, 4)))
        data = {
            "window": {"app": chance.choice(APPS), "title": chance.choice(TITLES)},
            "afk": {"status": chance.choice(("afk", "not-afk"))},
            "web": {"url": chance.choice(URLS), "title": "t", "audible": chance.random() < 0.5, "incognito": False},
        }[bucket]
        begun = BEGIN + timedelta(milliseconds=at_ms)
        events.append(Event(timestamp=begun, duration=timedelta(milliseconds=lasted_ms), data=data))
        gap_ms = chance.choice((0, 4, -48, chance.randrange(0, 5_000, 4), 5_000, chance.randrange(0, 10**5, 4), -1_000))
        at_ms = max(0, at_ms + lasted_ms + gap_ms)
    return sorted(events, key=lambda event: event.timestamp)


class Buckets:
    """The same events for both: in a memory store of ActivityWatch, and as our queries read them."""

    def __init__(self, seed: int, count: int = 40, *, odd_addresses: bool = True) -> None:
        self.theirs = Datastore(MemoryStorage, testing=True)
        self._ours: dict[str, list[Item]] = {}
        for bucket in ("window", "afk", "web"):
            name = {"window": "aw-watcher-window_h", "afk": "aw-watcher-afk_h", "web": "aw-watcher-web-firefox"}[bucket]
            events = [
                event
                for event in random_events(seed, bucket, count)
                if odd_addresses or "[::1" not in event.data.get("url", "")
            ]
            self.theirs.create_bucket(name, bucket, "client", "h", BEGIN)
            self.theirs[name].insert(events)
            self._ours[name] = [
                Item(_us(event.timestamp), event.duration // timedelta(microseconds=1), event.data)
                for event in reversed(events)
            ]

    def find(self, text: str, hostname: str | None) -> str | None:
        return next((name for name in self._ours if text in name and hostname in (None, "h")), None)

    def items(self, bucket: str) -> list[Item] | None:
        return self._ours.get(bucket)

    def both(self, text: str):
        """Return the answers of ActivityWatch and of our code."""
        text = "".join(text.split("\n"))
        theirs = query2.query("", text, BEGIN, BEGIN + 24 * HOUR, self.theirs)
        return _plain(theirs), _without_ids(plain(answer(text, {}, self)))


def _us(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _plain(value):
    if isinstance(value, Event):
        data = {name: _plain(item) for name, item in value.data.items()}
        return {"timestamp": value.timestamp.isoformat(), "duration": value.duration.total_seconds(), "data": data}
    if isinstance(value, timedelta):
        return pytest.approx(value.total_seconds())
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


def _without_ids(value):
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    if isinstance(value, dict):
        dropped = {"id"} if "timestamp" in value else set()
        return {name: _without_ids(item) for name, item in value.items() if name not in dropped}
    return value


READ = """
w = query_bucket("aw-watcher-window_h"); a = query_bucket(find_bucket("afk")); b = query_bucket(find_bucket("web", "h"));
w = sort_by_timestamp(w); a = sort_by_timestamp(a); b = sort_by_timestamp(b);
f = flood(w); g = flood(b); n = flood(a); n = filter_keyvals(n, "status", ["not-afk"]); none = []; d = sort_by_duration(w);
u = exclude_keyvals(b, "url", ["https://[::1/x"]);
"""
ONE_BY_ONE = [
    "flood(w)",
    "flood(w, 30)",
    "flood(a, 0)",
    'filter_keyvals(w, "app", ["kate", "foot"])',
    'exclude_keyvals(w, "app", ["kate"])',
    'filter_keyvals_regex(w, "title", "[a-z]+ub|notes")',
    "filter_period_intersect(f, n)",
    "filter_period_intersect(w, a)",
    "period_union(a, b)",
    "period_union(none, b)",
    "union_no_overlap(f, g)",
    "concat(w, b)",
    "limit_events(d, 7)",
    'merge_events_by_keys(w, ["app"])',
    'merge_events_by_keys(w, ["title", "app", "none"])',
    "merge_events_by_keys(w, [])",
    "sum_durations(w)",
    "split_url_events(u)",
    'simplify_window_titles(w, "title")',
    (
        'categorize(w, [[["Work"], {"type": "regex", "regex": "KATE|github", "ignore_case": true}],'
        ' [["Work", "Web"], {"regex": "GitHub"}], [["Top"], {"regex": "foot", "priority": 99}], [["None"], {"type": "none"}]])'
    ),
    'tag(w, [["x", {"regex": "^kate$", "select_keys": ["app"]}], ["y", {"regex": "a"}]])',
    'merge_subwatcher_fields(f, g, ["url"])',
    'merge_subwatcher_fields(f, g, ["url", "title"], "sub_wins")',
    'query_bucket_eventcount("aw-watcher-afk_h")',
    "nop()",
]


@pytest.mark.parametrize("value", ONE_BY_ONE)
@pytest.mark.parametrize("seed", range(8))
def test_a_function_answers_as_activitywatch_does(value, seed):
    logging.getLogger("aw_transform").setLevel(logging.ERROR)
    theirs, ours = Buckets(seed).both(f"{READ} RETURN = {value};")
    assert ours == theirs


@pytest.mark.parametrize("browsers", [[], ["aw-watcher-web-firefox"]])
@pytest.mark.parametrize("seed", range(4))
def test_the_queries_of_its_own_client_get_the_same_answers(seed, browsers):
    logging.getLogger("aw_transform").setLevel(logging.ERROR)
    parameters = queries.DesktopQueryParams(
        bid_window="aw-watcher-window_h", bid_afk="aw-watcher-afk_h", bid_browsers=browsers, classes=default_classes
    )
    # With browsers, the client's whole query has a name that was never filled in; its first part is sound.
    text = queries.fullDesktopQuery(parameters)
    if browsers:
        text = f"{queries.canonicalEvents(parameters)} RETURN = events;"
    theirs, ours = Buckets(seed, odd_addresses=False).both(text)
    assert len(theirs if browsers else theirs["events"]) > 5
    assert ours == theirs


def test_nested_values_are_read():
    text = """RETURN = {"a": [1, 2.5, "it's; fine", 'say "x"', "\\d \\" x", True, false,], "b": {}, "c": []};"""
    with pytest.raises(QueryError, match="a value was expected"):
        answer(text, {}, Buckets(0, 1))
    result = answer(text.replace(",]", "]"), {}, Buckets(0, 1))
    assert result == {"a": [1, 2.5, "it's; fine", 'say "x"', '\\d " x', True, False], "b": {}, "c": []}


def test_neighbours_with_the_same_value_become_one_with_subevents():
    items = [Item(0, 10, {"app": "a", "n": 1}), Item(10, 5, {"app": "a", "n": 2}), Item(10**9, 5, {"app": "a", "n": 3})]
    chunks = FUNCTIONS["chunk_events_by_key"].run(None, items, "app")
    assert [(chunk.duration_us, len(chunk.data["subevents"])) for chunk in chunks] == [(15, 2), (5, 1)]
    assert json.dumps(plain(chunks))


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "RETURN"),
        ("x = 1;", "RETURN"),
        ("RETURN = x;", "not given a value"),
        ("RETURN = 1 2;", "';' was expected"),
        ("RETURN = [1, 2;", "',' was expected"),
        ("RETURN = {1: 2};", "names in a dictionary"),
        ('RETURN = "open;', "cannot be read"),
        ("1 = 2;", "begins with a name"),
        ("RETURN = no_such(1);", "no function 'no_such'"),
        ("RETURN = flood();", "takes 1 to 2"),
        ("RETURN = flood(1);", "argument 1 of flood is a list of events"),
        ('RETURN = query_bucket("none");', "no bucket 'none'"),
        ('RETURN = find_bucket("none");', "no bucket"),
        ("RETURN = " + "[" * (MAX_DEPTH + 2) + ";", "in one another"),
        ("RETURN = " + "9" * 30 + ";", "too large"),
        ("RETURN = nop().__class__;", "cannot be read"),
        ("RETURN = __import__;", "not given a value"),
        ('RETURN = categorize([], [[["a"], {"regex": "(a+)+b"}]]);', "repeats within repeats"),
        ('RETURN = filter_keyvals_regex([], "a", "(");', "no pattern"),
        ('RETURN = categorize([], [["a"]]);', "a name and a rule"),
        ("x = 1;" * 20_000, "characters"),
        ("RETURN = [" + "nop()," * 1_001 + "1];", "too long"),
    ],
)
def test_invalid_queries_are_refused_with_a_reason(query, reason):
    with pytest.raises(QueryError, match=reason.replace("(", r"\(").replace("'", ".").replace("no_such", "no_such")):
        answer(query, {}, Buckets(0, 2))


@pytest.mark.parametrize(
    "text", ["(a+)+$", "(a|aa)+$", "(a*)*", "((ab)*c)*", "x*y*z*w*v", "(?:a{1,50}){1,50}", "(?=(a+)+)b"]
)
def test_a_pattern_that_might_never_end_is_refused(text):
    with pytest.raises(RuleError, match="repeats"):
        pattern_of(text)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("GitHub|vim|kate", "a kate window"),
        (r"localhost:\d+", "http://localhost:8000/"),
        (r"^\w+ - .*$", "notes - kate"),
        (r"(foo)?bar{2}", "a barr"),
        ("[a-z]{3,8}", "12 abc"),
        ("(?i)a.*b", "xA--B"),
    ],
)
def test_an_ordinary_pattern_is_accepted(text, fits):
    assert found(pattern_of(text), fits)
    assert not found(pattern_of(text), "-1")


def test_a_thousand_random_queries_raise_nothing_else():
    chance = random.Random(5)
    pieces = [
        '"',
        "'",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        ",",
        ";",
        "=",
        ":",
        "RETURN",
        "flood",
        "x",
        "1",
        "\\",
        " ",
        "ü",
        "find_bucket",
        '"a"',
    ]
    buckets = Buckets(0, 3)
    for _ in range(1_000):
        text = "".join(chance.choice(pieces) for _ in range(chance.randrange(40)))
        with contextlib.suppress(QueryError):
            answer(text, {}, buckets)
