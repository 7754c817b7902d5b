"""Newest first, whichever way is taken to find it: held against a search that looks at every action."""

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


def lived(seed: int) -> list[tuple[str, int]]:
    """Titles and times: some come back again and again, some once, some only long ago; not in the order of time."""
    draw = random.Random(seed)
    moments = draw.sample(range(4_000), 2_000)
    known: list[str] = []
    made = []
    for number, moment in enumerate(moments):
        if known and draw.random() < 0.4:
            title = draw.choice(known)
        else:
            words = draw.choices(WORDS, weights=(40, 9, 20, 4, 1, 9, 3, 2), k=draw.randint(1, 4))
            title = " ".join((*words, str(number)))
            known.append(title)
        if moment < 600:
            title = f"{OLD} {title}"
        made.append((title, NOON_US + moment * US_PER_S))
    return made


LIVED = lived(1)


def naive(text: str, limit: int) -> list[int]:
    """The times of the latest actions whose title has every word, or a word that begins with it."""
    pieces = text.split()

    def has(title: str) -> bool:
        words = title.split()
        return all(
            any(word.startswith(piece) if len(piece) > 1 or not piece.isascii() else word == piece for word in words)
            for piece in pieces
        )

    return sorted((ts_us for title, ts_us in LIVED if has(title)), reverse=True)[:limit]


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.create(tmp_path_factory.mktemp("search") / "store.db", bytes(range(32)))
    store.append(
        [NewAction(Event(ts_us, Source.WINDOW, EventKind.FOCUS, "app", None, title)) for title, ts_us in LIVED]
    ).result()
    yield store
    store.close()


PIECES = st.sampled_from((*WORDS, OLD, "ma", "mai", "ke", "k", "o", "old", "1", "19", "170", "absent"))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, min_size=1, max_size=3), st.sampled_from((1, 3, 50, 700, 10_000)))
def test_the_latest_are_found_as_by_looking_at_all(lasting: Store, pieces: list[str], limit: int):
    text = " ".join(pieces)
    with lasting.reader() as reader:
        assert [hit.ts_us for hit in reader.search(text, limit)] == naive(text, limit)


@pytest.mark.parametrize(
    ("name", "value"),
    [("STEPS_A_LOOK_UP", 0), ("STEPS_A_LOOK_UP", 10**9), ("MANY_TEXTS", 1), ("LONGEST_WALK", 30)],
    ids=["looked up", "walked", "asked among the latest", "given up walking"],
)
def test_either_way_finds_the_same(lasting: Store, monkeypatch: pytest.MonkeyPatch, name: str, value: int):
    monkeypatch.setattr(search, name, value)
    with lasting.reader() as reader:
        for text in ("mail", "kettle", OLD, "ma ke"):
            for limit in (2, 40, 5_000):
                assert [hit.ts_us for hit in reader.search(text, limit)] == naive(text, limit)


def test_asking_among_the_latest_ends_where_that_is_too_far(lasting: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "MANY_TEXTS", 1)
    monkeypatch.setattr(search, "LONGEST_WALK", 30)
    with lasting.reader() as reader:
        assert [hit.ts_us for hit in reader.search(OLD, 40)] == naive(OLD, 40)


def test_every_hit_shows_the_words_that_were_found(lasting: Store):
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
