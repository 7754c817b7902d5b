"""Moments go with their actions, and are stored only if those are still there."""

from __future__ import annotations

import json

import pytest

from app.store.rows.moments import DUE_SLOTS, DueSlots, UseEncoder
from app.store.store import Store
from app.store.values.forget_request import Forget
from app.store.values.records import NewAction
from collectors.events import US_PER_DAY, US_PER_S, Event, EventKind, Source
from neural.moments.bag_of_words import SLOT_US
from neural.moments.encoder import WIDTH
from neural.reward.actions import label

WAIT_S = 120
FIRST = 6_000_000
NOW_US = (FIRST + 40 * 288) * SLOT_US
VECTOR = bytes(range(WIDTH))


def action(slot: int, app: str = "gimp", second: int = 7) -> NewAction:
    event = Event(slot * SLOT_US + second * US_PER_S, Source.WINDOW, EventKind.FOCUS, app, None, f"a {app}", US_PER_S)
    labels = label(event)
    return NewAction(event, labels.token, labels.site, labels.project)


def fill(store: Store, *actions: NewAction) -> None:
    store.append(actions).result(WAIT_S)


def use(store: Store, started_us: int = 5) -> int:
    assert store.use_encoder(started_us, "{}", b"weights").result(WAIT_S)
    with store.reader() as reader:
        result = reader.moments.encoder()
    assert result is not None
    return result[0]


def due(store: Store, encoder: int, most: int = DUE_SLOTS) -> DueSlots:
    with store.reader() as reader:
        return reader.moments.due(encoder, most)


def place(store: Store, encoder: int) -> list[int]:
    """Place all due slots, one moment a slot; return the slots."""
    slots: list[int] = []
    while not (result := due(store, encoder)).ended:
        assert store.keep_moments(result, [(slot * SLOT_US + 7 * US_PER_S, VECTOR) for slot in result.slots]).result(
            WAIT_S
        )
        slots += result.slots
    return slots


def placed(store: Store, encoder: int) -> list[int]:
    """Return the slots of the stored moments."""
    with store.reader() as reader:
        return [start_us // SLOT_US for starts, _ in reader.moments.scan(encoder) for start_us in starts]


def test_slots_are_due_until_they_are_placed(store: Store):
    fill(store, action(FIRST + 3), action(FIRST), action(FIRST, second=9))
    encoder = use(store)
    assert place(store, encoder) == [FIRST, FIRST + 3]
    assert due(store, encoder).ended
    fill(store, action(FIRST + 3, second=90), action(FIRST + 5))
    assert place(store, encoder) == [FIRST + 3, FIRST + 5]
    assert placed(store, encoder) == [FIRST, FIRST + 3, FIRST + 5]


def test_much_is_due_in_pieces(store: Store):
    fill(store, *(action(FIRST + index // 2, second=index % 2) for index in range(20)))
    encoder = use(store)
    result = due(store, encoder, most=4)
    assert result.slots == tuple(range(FIRST, FIRST + 4))
    assert result.up_to_id == 8


def test_vectors_come_back_in_order_of_time(store: Store):
    fill(store, action(FIRST), action(FIRST + 1))
    encoder = use(store)
    result = due(store, encoder)
    store.keep_moments(result, [(slot * SLOT_US, bytes([slot % 2]) * WIDTH) for slot in result.slots]).result(WAIT_S)
    with store.reader() as reader:
        ((starts, vectors),) = reader.moments.scan(encoder)
    assert list(starts) == [FIRST * SLOT_US, (FIRST + 1) * SLOT_US]
    assert vectors == bytes(WIDTH) + b"\x01" * WIDTH


def test_another_encoder_places_all_again(store: Store):
    fill(store, action(FIRST), action(FIRST + 1))
    first = use(store)
    place(store, first)
    late = due(store, first)
    second = use(store)
    assert not store.keep_moments(late, []).result(WAIT_S)
    assert placed(store, second) == []
    assert place(store, second) == [FIRST, FIRST + 1]
    assert placed(store, first) == []


@pytest.mark.parametrize("request_", [Forget(app="gimp"), Forget(since_us=0, until_us=(FIRST + 1) * SLOT_US)])
def test_forgotten_actions_take_their_moments(store: Store, request_: Forget):
    fill(store, action(FIRST), action(FIRST + 1, "mail"), action(FIRST + 2, "mail"))
    encoder = use(store, started_us=5)
    place(store, encoder)
    forget(store, request_)
    assert placed(store, encoder) == [FIRST + 1, FIRST + 2]
    assert rows_of(store, "moments_due") == []


def test_a_moment_that_lost_a_part_is_made_again_from_what_is_left(store: Store):
    fill(store, action(FIRST), action(FIRST, "mail", second=60), action(FIRST + 1, "mail"))
    encoder = use(store, started_us=5)
    place(store, encoder)
    forget(store, Forget(app="gimp"))
    assert placed(store, encoder) == [FIRST + 1]
    assert due(store, encoder).slots == (FIRST,)
    assert place(store, encoder) == [FIRST]


def test_clean_up_takes_moments_with_their_actions(store: Store):
    fill(store, *(action(FIRST + index) for index in range(300)), action(NOW_US // SLOT_US - 1))
    encoder = use(store)
    place(store, encoder)
    report = store.cleanup(keep_days=30, now_us=NOW_US, dry_run=False).result(WAIT_S)
    assert report.actions_removed
    with store.reader() as reader:
        left = {row.event.ts_us // SLOT_US for row in reader.timeline(0, 2**60)}
    assert set(placed(store, encoder)) == left


def test_vectors_read_before_a_forgetting_are_not_kept(store: Store):
    fill(store, action(FIRST), action(FIRST + 1, "mail"))
    encoder = use(store, started_us=5)
    read = due(store, encoder)
    forget(store, Forget(app="gimp"))
    assert not store.keep_moments(read, [(FIRST * SLOT_US, VECTOR)]).result(WAIT_S)
    assert placed(store, encoder) == []


def test_an_encoder_that_may_have_learned_from_the_forgotten_goes(store: Store):
    fill(store, action(FIRST), action(FIRST + 1, "mail"))
    place(store, use(store, started_us=FIRST * SLOT_US + US_PER_DAY))
    forget(store, Forget(app="gimp"), asked_us=NOW_US)
    with store.reader() as reader:
        assert reader.moments.encoder() is None
    assert rows_of(store, "moment_encoders", "weights") == [b""]
    assert not store.use_encoder(NOW_US, "{}", b"learned before").result(WAIT_S)
    assert store.use_encoder(NOW_US + 1, "{}", b"learned after").result(WAIT_S)


def test_an_encoder_from_before_the_forgotten_stays(store: Store):
    fill(store, action(FIRST), action(FIRST + 1, "mail"))
    encoder = use(store, started_us=FIRST * SLOT_US - US_PER_DAY)
    forget(store, Forget(app="gimp"))
    with store.reader() as reader:
        assert reader.moments.encoder() == (encoder, b"weights")


def test_moments_and_how_encoders_were_made_are_exported(store: Store):
    fill(store, action(FIRST))
    encoder = use(store)
    place(store, encoder)
    with store.reader() as reader:
        result = [row for row in reader.export() if row["table"].startswith("moment")]
    assert [(row["table"], row.get("id", row.get("start_us"))) for row in result] == [
        ("moment_encoders", encoder),
        ("moments", FIRST * SLOT_US + 7 * US_PER_S),
    ]
    assert json.dumps(result)


def test_stopped_work_has_done_nothing() -> None:
    assert UseEncoder(0, "{}", b"").abort_report() is False


def forget(store: Store, request: Forget, asked_us: int = 1) -> None:
    store.write_down_forgetting(request, asked_us).result(WAIT_S)
    with store.reader() as reader:
        plan = reader.plan_to_forget(request)
    store.forget(plan, asked_us).result(WAIT_S)
    assert store.end_forgetting().result(WAIT_S)


def rows_of(store: Store, table: str, column: str = "*") -> list[object]:
    with store.reader() as reader:
        return [row[0] for row in reader._connection.execute(f"SELECT {column} FROM {table}")]
