"""Held against whatever hypothesis can think of."""

from __future__ import annotations

import dataclasses
import random
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store.rows import event_codec
from app.store.store import Store
from app.store.values.records import Dimension, NewAction, Total
from collectors.events import (
    KINDS_OF,
    MAX_DURATION_US,
    MAX_TS_US,
    US_PER_S,
    Event,
    EventKind,
    RhythmDetail,
    Source,
    clean_text,
)
from tests.app.store.checks import problems

WAIT_S = 180
HOUR_US = 3_600 * US_PER_S
QUICK = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.none() | st.text(max_size=80)
CLEAN = TEXT.map(lambda text: None if text is None else clean_text(text))


def details(kind: type[event_codec.Detail]) -> st.SearchStrategy[event_codec.Detail]:
    def value(hint: object) -> st.SearchStrategy[object]:
        allowed = get_args(hint) or (hint,)
        parts: dict[object, st.SearchStrategy[object]] = {
            int: st.integers(0, 10**9) if kind is RhythmDetail else st.integers(-(2**63), 2**63 - 1),
            float: st.floats(allow_nan=False),
            bool: st.booleans(),
            str: st.text(max_size=40).map(clean_text),
            type(None): st.none(),
        }
        return st.one_of(*(parts[part] for part in allowed))

    return st.builds(kind, **{name: value(hint) for name, hint in get_type_hints(kind).items()})


@st.composite
def events(draw: st.DrawFn, text: st.SearchStrategy[str | None] = CLEAN) -> Event:
    source = draw(st.sampled_from(list(Source)))
    kind = draw(st.sampled_from(list(KINDS_OF[source])))
    return Event(
        draw(st.integers(0, MAX_TS_US)),
        source,
        kind,
        draw(text),
        draw(text),
        draw(text),
        draw(st.none() | st.integers(0, MAX_DURATION_US)),
        draw(st.integers(-86_400, 86_400)),
        draw(st.none() | details(KINDS_OF[source][kind])),
        draw(st.none() | st.integers(-(2**63), 2**63 - 1)),
    )


@pytest.fixture(scope="module")
def lasting() -> Iterator[Store]:
    """One store for all examples of a test: each looks for its own rows by their ids."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "store.db", secrets.token_bytes(32))
        yield store
        store.close()


def test_every_source_kind_and_detail_has_its_place_in_the_file():
    assert set(event_codec.SOURCES) == set(Source)
    assert set(event_codec.KINDS) == set(EventKind)
    for kind, names in event_codec.DETAIL_FIELDS.items():
        assert names == tuple(field.name for field in dataclasses.fields(kind))
    assert set(event_codec.DETAIL_FIELDS) == {kind for kinds in KINDS_OF.values() for kind in kinds.values()}
    for source, kinds in KINDS_OF.items():
        for kind in kinds:
            assert event_codec.pair_of(event_codec.code_of(source, kind)) == (source, kind)


@QUICK
@given(st.lists(st.tuples(events(), CLEAN, CLEAN, CLEAN), min_size=1, max_size=8))
def test_any_event_is_read_back_equal(lasting: Store, made: list[tuple[Event, str | None, str | None, str | None]]):
    actions = [NewAction(*one) for one in made]
    identities = lasting.append(actions).result(WAIT_S).ids
    wanted = {identity: action for identity, action in zip(identities, actions, strict=True) if identity is not None}
    with lasting.reader() as reader:
        found = {
            row.id: NewAction(row.event, row.token, row.site, row.project)
            for action in actions
            for row in reader.timeline(action.event.ts_us, action.event.ts_us + 1)
            if row.id in wanted
        }
    assert found == wanted


@QUICK
@given(
    events(st.text(st.characters(), max_size=20) | st.sampled_from(["\x00", "a\ud800b", "x" * 10_000_000, "\udcff"]))
)
def test_text_that_no_database_can_hold_is_stored_clean(lasting: Store, event: Event):
    (identity,) = lasting.append([NewAction(dataclasses.replace(event, origin_key=None))]).result(WAIT_S).ids
    with lasting.reader() as reader:
        (row,) = [row for row in reader.timeline(event.ts_us, event.ts_us + 1) if row.id == identity]
    assert (row.event.app, row.event.title) == tuple(
        None if text is None else clean_text(text) for text in (event.app, event.title)
    )


@QUICK
@given(st.text(max_size=30))
def test_whatever_is_typed_can_be_searched_for(lasting: Store, text: str):
    with lasting.reader() as reader:
        assert len(reader.search(text, limit=3)) <= 3


def naive_totals(
    rows: list[tuple[Event, str | None]], dimension: Dimension, start_us: int, end_us: int
) -> dict[str, Total]:
    """The sums as their definition says, an hour's piece at a time."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for event, project in rows:
        offset_us = event.utc_offset_s * US_PER_S
        stop_us = event.ts_us + (event.duration_us or 0)
        at_us = event.ts_us
        while at_us < stop_us or at_us == event.ts_us:
            hour = (at_us + offset_us) // HOUR_US
            next_us = min(max(stop_us, at_us), (hour + 1) * HOUR_US - offset_us)
            key = {
                Dimension.APP: event.app,
                Dimension.PROJECT: project,
                Dimension.SOURCE: event.source.value,
                Dimension.HOUR: f"{hour % 24:02d}",
                Dimension.DAY: str(hour // 24),
            }[dimension]
            counted = int(at_us == event.ts_us and start_us <= at_us < end_us)
            active_us = max(0, min(next_us, end_us) - max(at_us, start_us))
            if key is not None and (counted or active_us):
                sums[key][0] += counted
                sums[key][1] += active_us
            if next_us == at_us:
                break
            at_us = next_us
    return {key: Total(key, *both) for key, both in sums.items()}


@pytest.mark.parametrize("seed", range(3))
def test_totals_over_any_range_are_what_the_actions_say(path: Path, key: bytes, seed: int):
    draw = random.Random(seed)
    store = Store.create(path, key)
    ids: list[int] = []
    now_us = 20_000 * 24 * HOUR_US
    for _ in range(60):
        batch = []
        for _ in range(draw.randint(1, 6)):
            ts_us = now_us + draw.randrange(96 * HOUR_US)
            duration_us = draw.choice((None, 0, draw.randrange(HOUR_US), draw.randrange(30 * HOUR_US)))
            offset_s = draw.choice((0, 3_600, 19_800, -12_600))
            app = draw.choice(("a", "b", None))
            source, kind = draw.choice(((Source.WINDOW, EventKind.FOCUS), (Source.TERMINAL, EventKind.COMMAND)))
            event = Event(ts_us, source, kind, app, duration_us=duration_us, utc_offset_s=offset_s)
            batch.append(NewAction(event, project=draw.choice((None, "p"))))
        ids += [identity for identity in store.append(batch).result(WAIT_S).ids if identity is not None]
        store.extend(draw.choice(ids), draw.randrange(40 * HOUR_US)).result(WAIT_S)
    with store.reader() as reader:
        rows = [(row.event, row.project) for row in reader.timeline(0, 2**60)]
        for _ in range(40):
            step = draw.choice((1, 60 * US_PER_S, HOUR_US // 2, HOUR_US))
            start_us = now_us + draw.randrange(100 * HOUR_US) // step * step
            end_us = start_us + draw.randrange(50 * HOUR_US) // step * step
            for dimension in (Dimension.APP, Dimension.PROJECT, Dimension.SOURCE, Dimension.HOUR):
                found = {total.key: total for total in reader.totals(dimension, start_us, end_us)}
                assert found == naive_totals(rows, dimension, start_us, end_us)
    store.close()
    assert problems(path, key, cleaned=False) == []
