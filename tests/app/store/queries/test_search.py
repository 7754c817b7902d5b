"""Search results come newest first on every path, compared with a search of every action."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store.queries import search
from app.store.sqlite import connection as opening
from app.store.sqlite import migrations, schema
from app.store.store import Store
from app.store.values.records import NewAction
from collectors.events import US_PER_S, Event, EventKind, Source
from tests.app.store.checks import NOON_US, problems

WORDS = ("mail", "mailbox", "map", "kernel", "kettle", "x", "naïve", "été")
OLD = "oldproject"


def titles_and_times(seed: int) -> list[tuple[str, int]]:
    """Return titles and times, not in order of time: some repeat, some appear once, some only long ago."""
    draw = random.Random(seed)
    seconds = draw.sample(range(4_000), 2_000)
    known: list[str] = []
    result = []
    for index, second in enumerate(seconds):
        if known and draw.random() < 0.4:
            title = draw.choice(known)
        else:
            words = draw.choices(WORDS, weights=(40, 9, 20, 4, 1, 9, 3, 2), k=draw.randint(1, 4))
            title = " ".join((*words, str(index)))
            known.append(title)
        if second < 600:
            title = f"{OLD} {title}"
        result.append((title, NOON_US + second * US_PER_S))
    return result


STORED = titles_and_times(1)


def naive(text: str, limit: int) -> list[int]:
    """Return the times of the latest actions: every piece begins a word of the title."""
    pieces = text.split()

    def has(title: str) -> bool:
        words = title.split()
        return all(
            any(word.startswith(piece) if len(piece) > 1 or not piece.isascii() else word == piece for word in words)
            for piece in pieces
        )

    return sorted((ts_us for title, ts_us in STORED if has(title)), reverse=True)[:limit]


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.create(tmp_path_factory.mktemp("search") / "store.db", bytes(range(32)))
    store.append(
        [NewAction(Event(ts_us, Source.WINDOW, EventKind.FOCUS, "app", None, title)) for title, ts_us in STORED]
    ).result()
    yield store
    store.close()


PIECES = st.sampled_from((*WORDS, OLD, "ma", "mai", "ke", "k", "o", "old", "1", "19", "170", "absent"))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, min_size=1, max_size=3), st.sampled_from((1, 3, 50, 700, 10_000)))
def test_the_latest_hits_are_those_of_a_naive_search(lasting: Store, pieces: list[str], limit: int):
    text = " ".join(pieces)
    with lasting.reader() as reader:
        assert [hit.ts_us for hit in reader.search(text, limit)] == naive(text, limit)


@pytest.mark.parametrize(
    ("name", "value"),
    [("STEPS_A_LOOK_UP", 0), ("STEPS_A_LOOK_UP", 10**9), ("MANY_TEXTS", 1), ("LONGEST_WALK", 30)],
    ids=["looked up", "walked", "checked among the latest", "given up walking"],
)
def test_every_path_finds_the_same(lasting: Store, monkeypatch: pytest.MonkeyPatch, name: str, value: int):
    monkeypatch.setattr(search, name, value)
    with lasting.reader() as reader:
        for text in ("mail", "kettle", OLD, "ma ke"):
            for limit in (2, 40, 5_000):
                assert [hit.ts_us for hit in reader.search(text, limit)] == naive(text, limit)


def test_a_walk_over_the_latest_ends_if_it_gets_too_long(lasting: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "MANY_TEXTS", 1)
    monkeypatch.setattr(search, "LONGEST_WALK", 30)
    with lasting.reader() as reader:
        assert [hit.ts_us for hit in reader.search(OLD, 40)] == naive(OLD, 40)


def test_every_hit_marks_the_matched_words(lasting: Store):
    with lasting.reader() as reader:
        hits = reader.search("ke", limit=20)
    assert all("[ke" in hit.snippet for hit in hits)


def test_a_store_of_the_first_release_is_searched_as_a_new_one(path: Path, key: bytes):
    old = opening.create_file(path, key)
    migrations.migrate(old, path, 0, schema.MIGRATIONS[:1])
    old.execute("INSERT INTO names VALUES (1, 'xterm')")
    old.execute("INSERT INTO texts VALUES (1, 5, 'make bench', 'a title')")
    old.execute("INSERT INTO texts_words (rowid, target, title) VALUES (1, 'make bench', 'a title')")
    old.execute("INSERT INTO actions (id, ts_us, code, utc_offset_s, app, text) VALUES (1, 9, 0, 0, 1, 1)")
    old.execute("INSERT INTO stored_counts VALUES (0, 1)")
    old.execute("INSERT INTO data_aggregates VALUES (0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0)")
    old.close()

    store = Store.open(path, key)
    with store.reader() as reader:
        (hit,) = reader.search("be")
    store.close()

    assert (hit.snippet, hit.app) == ("make [bench]", "xterm")
    assert problems(path, key, cleaned=False) == []
