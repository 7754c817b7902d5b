from __future__ import annotations

import itertools
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import pytest

from app.errors import StoreError, WrongKeyError
from app.store.store import Store
from app.store.values.records import ActionRow, Appended, ChatHit, ChatMessage, NewAction, NewTrainingRun, SessionRecord
from collectors.events import (
    US_PER_S,
    CommandDetail,
    Event,
    EventKind,
    LoadDetail,
    PresenceDetail,
    RhythmDetail,
    Source,
    WindowDetail,
)

NOON_US = 1_760_000_000 * US_PER_S
WAIT_S = 180
_T = TypeVar("_T")


def focus(ts_us: int, title: str = "Inbox", app: str = "firefox", **more) -> NewAction:
    return NewAction(
        Event(ts_us, Source.WINDOW, EventKind.FOCUS, app=app, title=title, detail=WindowDetail(7), **more),
        token=f"app:{app}",
    )


def command(ts_us: int, line: str, origin_key: int | None = None) -> NewAction:
    detail = CommandDetail(cwd="/home/me/shop", exit_status=0)
    event = Event(ts_us, Source.TERMINAL, EventKind.COMMAND, "bash", line, detail=detail, origin_key=origin_key)
    return NewAction(event, token="cmd:make", project="shop")


def answer(future: Future[_T]) -> _T:
    return future.result(WAIT_S)


def test_a_committed_action_is_read_back_as_it_was(store: Store):
    action = command(NOON_US, "make test", origin_key=-(2**63))
    identities = answer(store.append([action])).ids
    with store.reader() as reader:
        rows = tuple(reader.timeline(0, 2**60))
    assert rows == (ActionRow(identities[0], action.event, "cmd:make", None, "shop"),)


@pytest.mark.parametrize(
    "event",
    [
        Event(NOON_US, Source.INPUT, EventKind.RHYTHM, detail=RhythmDetail(10 * US_PER_S, 40, 3, 0, 210_000, None)),
        Event(NOON_US, Source.RESOURCES, EventKind.LOAD, detail=LoadDetail(12.5, 40.25, 1, 0, "cc1")),
        Event(NOON_US, Source.PRESENCE, EventKind.IDLE, detail=PresenceDetail()),
        Event(NOON_US, Source.PRESENCE, EventKind.LOCK),
        Event(NOON_US, Source.WINDOW, EventKind.FOCUS, app="", title="", target="", utc_offset_s=-34_200),
    ],
    ids=lambda event: event.kind.value,
)
def test_every_detail_is_read_back_equal(store: Store, event: Event):
    answer(store.append([NewAction(event)]))
    with store.reader() as reader:
        assert reader.recent(1)[0].event == event


def test_an_action_with_a_known_origin_key_is_stored_once(store: Store):
    first, again, other = (command(NOON_US, "ls", origin_key=key) for key in (5, 5, 6))
    assert answer(store.append([first, again])).stored == 1
    assert answer(store.append([again, other])).ids[0] is None
    with store.reader() as reader:
        assert reader.counts().actions == 2


def test_the_timeline_is_in_time_order_and_ends_before_its_end(store: Store):
    answer(store.append([focus(NOON_US + offset) for offset in (3, 1, 2, 9)]))
    with store.reader() as reader:
        times = [row.event.ts_us - NOON_US for row in reader.timeline(NOON_US + 1, NOON_US + 9)]
        latest = [row.event.ts_us - NOON_US for row in reader.recent(2)]
    assert (times, latest) == ([1, 2, 3], [9, 3])


def test_actions_of_a_stretch_are_counted_without_being_read(store: Store):
    answer(store.append([focus(NOON_US + n) for n in range(5)]))
    with store.reader() as reader:
        assert (reader.stored(NOON_US + 1, NOON_US + 4), reader.stored(0, 2**60), reader.stored(9, 9)) == (3, 5, 0)


def test_a_timeline_is_read_on_from_any_place(store: Store):
    answer(store.append([focus(NOON_US + n // 3, title=str(n)) for n in range(20)]))
    with store.reader() as reader:
        whole = tuple(reader.timeline(0, 2**60))
        pages = [tuple(reader.timeline(0, 2**60, limit=4))]
        while page := tuple(reader.timeline(0, 2**60, 4, pages[-1][-1].mark)):
            pages.append(page)
    assert [len(page) for page in pages] == [4] * 5
    assert tuple(row for page in pages for row in page) == whole


def test_labelled_gives_tokens_and_presence_in_time_order(store: Store):
    load = NewAction(Event(NOON_US, Source.RESOURCES, EventKind.LOAD, detail=LoadDetail(1.0, 2.0)))
    lock = NewAction(Event(NOON_US + 2, Source.PRESENCE, EventKind.LOCK))
    answer(store.append([command(NOON_US + 3, "make"), lock, load, focus(NOON_US + 1)]))
    with store.reader() as reader:
        kinds = [row.event.kind for row in reader.labelled()]
        bounded = [row.event.kind for row in reader.labelled(NOON_US + 2, NOON_US + 3)]
    assert kinds == [EventKind.FOCUS, EventKind.LOCK, EventKind.COMMAND]
    assert bounded == [EventKind.LOCK]


def test_extend_sets_the_whole_duration(store: Store):
    (identity,) = answer(store.append([focus(NOON_US, duration_us=5)])).ids
    assert identity is not None
    answer(store.extend(identity, 9 * US_PER_S))
    with store.reader() as reader:
        assert reader.recent(1)[0].event.duration_us == 9 * US_PER_S


def test_an_action_that_is_gone_cannot_be_extended(store: Store):
    with pytest.raises(StoreError, match="no action 99"):
        answer(store.extend(99, 1))


def test_a_bad_action_is_refused_whole_and_alone(store: Store):
    good = store.append([focus(NOON_US)])
    bad = store.append([focus(NOON_US), focus(-1)])
    after = store.append([focus(NOON_US + 1)])
    with pytest.raises(StoreError, match="1970"):
        answer(bad)
    assert (answer(good).stored, answer(after).stored) == (1, 1)
    with store.reader() as reader:
        assert reader.counts().actions == 2


@pytest.mark.parametrize("keys", [-1, 2**62])
def test_input_counts_that_no_sum_can_hold_are_refused(store: Store, keys: int):
    rhythm = Event(NOON_US, Source.INPUT, EventKind.RHYTHM, detail=RhythmDetail(10, keys))
    with pytest.raises(StoreError, match="inputs"):
        answer(store.append([NewAction(rhythm)]))


def test_committed_actions_are_reported_after_they_can_be_read(store: Store):
    reported: list[int] = []

    def look(rows: tuple[ActionRow, ...]) -> None:
        with store.reader() as reader:
            reported.extend(len([*reader.timeline(row.event.ts_us, row.event.ts_us + 1)]) for row in rows)

    store.on_committed(look)
    answer(store.append([focus(NOON_US), focus(NOON_US + 1)]))
    store.close()
    assert reported == [1, 1]


def test_closing_commits_what_waits(path: Path, key: bytes):
    store = Store.create(path, key)
    futures = [store.append([focus(NOON_US + number)]) for number in range(300)]
    store.close()
    assert all(future.done() for future in futures)
    reopened = Store.open(path, key)
    with reopened.reader() as reader:
        assert reader.counts().actions == 300
    reopened.close()


def test_a_closed_store_says_so(store: Store):
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.append([])
    with pytest.raises(StoreError, match="closed"):
        store.reader()


def test_ids_are_never_used_twice(path: Path, key: bytes):
    seen: set[int | None] = set()
    for number, store in enumerate((Store.create(path, key), None)):
        opened = store or Store.open(path, key)
        appended: Appended = answer(opened.append([focus(NOON_US + number * 10 + n) for n in range(3)]))
        assert not seen & set(appended.ids)
        seen |= set(appended.ids)
        opened.close()
    assert len(seen) == 6


def test_settings_are_replaced(store: Store):
    answer(store.put_setting("settings", '{"a": 1}'))
    answer(store.put_setting("settings", '{"a": 2}'))
    with store.reader() as reader:
        assert (reader.setting("settings"), reader.setting("other")) == ('{"a": 2}', None)


def test_the_last_training_run_is_the_active_one(store: Store):
    runs = [answer(store.save_training_run(NewTrainingRun(NOON_US + n, "{}", bytes([n])))) for n in (1, 2)]
    with store.reader() as reader:
        assert reader.active_weights() == (runs[1], b"\x02")
        assert [(run.id, run.active) for run in reader.training_runs(5)] == [(runs[1], True), (runs[0], False)]


def test_a_conversation_is_read_back(store: Store):
    chat = answer(store.new_chat(NOON_US))
    turns = (
        ChatMessage(chat, NOON_US, "you", "What did I do?"),
        ChatMessage(chat, NOON_US + 1, "kryptic", "Mail.", '{"text": "Mail."}'),
    )
    for turn in turns:
        answer(store.add_chat_message(turn))
    with store.reader() as reader:
        assert (reader.latest_chat(), reader.chat_messages(chat)) == (chat, turns)
        assert reader.search_chat("mail") == (ChatHit(turns[1], "[Mail]."),)


def test_a_message_for_no_conversation_is_refused(store: Store):
    with pytest.raises(StoreError):
        answer(store.add_chat_message(ChatMessage(12, NOON_US, "you", "?")))


def test_sessions_replace_those_of_their_range(store: Store):
    old = [SessionRecord(start, start + 5, "idle", 3) for start in (10, 20, 30)]
    new = SessionRecord(12, 28, "lock", 9)
    answer(store.replace_sessions(0, 100, old))
    answer(store.replace_sessions(10, 30, [new]))
    with store.reader() as reader:
        assert reader.sessions(0, 100) == (new, old[2])


def test_the_export_names_every_table_that_has_rows(store: Store):
    answer(store.append([focus(NOON_US)]))
    answer(store.audit(NOON_US, "export"))
    with store.reader() as reader:
        tables = [table for table, _ in itertools.groupby(row["table"] for row in reader.export())]
    assert tables == ["actions", "audit", "data_aggregates"]


def test_the_wrong_key_opens_nothing_and_changes_nothing(store: Store, path: Path):
    store.close()
    before = path.read_bytes()
    with pytest.raises(WrongKeyError):
        Store.open(path, bytes(32))
    assert path.read_bytes() == before


def test_a_missing_store_is_not_made(path: Path, key: bytes):
    with pytest.raises(StoreError, match="none was made"):
        Store.open(path, key)
    assert list(path.parent.iterdir()) == []


def test_a_store_is_never_made_over_another_file(path: Path, key: bytes):
    path.write_bytes(b"mine")
    with pytest.raises(StoreError, match="not touched"):
        Store.create(path, key)
    assert path.read_bytes() == b"mine"
