"""What the journal alone has answered for: it is on the disk, can be read at once, and is in the file soon after."""

from __future__ import annotations

import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import StoreError, UnstorableError
from app.store.sqlite import connection
from app.store.sqlite.bulk_insert import insert
from app.store.store import Store
from app.store.values.records import Appended, NewAction
from app.store.writer import queue, writer
from collectors.events import US_PER_S, Event, EventKind, RhythmDetail, Source
from tests.app.small_disk import SmallDisk
from tests.app.store.checks import NOON_US, problems, visits

WAIT_S = 180
PAUSE_S = 0.01  # so that the room set aside lasts until the writer has met the full disk, however slow it is
TOO_MANY = NewAction(
    Event(NOON_US, Source.INPUT, EventKind.RHYTHM, detail=RhythmDetail(10 * US_PER_S, keys=10**12)), None
)


def with_origin(action: NewAction, origin_key: int) -> NewAction:
    return replace(action, event=replace(action.event, origin_key=origin_key))


def seen(store: Store) -> int:
    with store.reader() as reader:
        return reader.counts().actions


def count(store: Store) -> int:
    store.settle()
    return seen(store)


def test_whoever_reads_finds_what_was_kept_before(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer, "LEISURE_S", 10 * WAIT_S)  # so that it is the reading that brings it into the file
    for number in range(1, 30):
        store.keep(visits(1, number))
        until = time.monotonic() + WAIT_S
        while seen(store) < number:
            assert time.monotonic() < until


def test_what_was_kept_and_what_was_appended_are_stored_in_their_order(store: Store, path: Path, key: bytes):
    for first in range(0, 600, 3):
        store.keep(visits(2, first))
        appended = store.append(visits(1, first + 2))
    appended.result(WAIT_S)
    with store.reader() as reader:
        rows = [*reader.timeline(0, 2**60)]
    assert [row.event for row in rows] == [action.event for action in visits(600)]
    assert [row.id for row in rows] == [*range(1, 601)]
    store.close()
    assert problems(path, key, cleaned=False) == []


def test_many_threads_keep_at_once(store: Store, path: Path, key: bytes):
    with ThreadPoolExecutor(8) as threads:
        for _ in threads.map(lambda number: store.keep(visits(3, 3 * number)), range(400)):
            pass
    assert count(store) == 1_200
    store.close()
    assert problems(path, key, cleaned=False) == []


def test_closing_stores_what_was_kept(store: Store, path: Path, key: bytes):
    store.keep(visits(5))
    store.close()
    again = Store.open(path, key)
    assert count(again) == 5
    again.close()


def test_of_what_no_store_can_hold_nothing_is_taken(store: Store):
    with pytest.raises(UnstorableError):
        store.keep([*visits(2), TOO_MANY])
    assert count(store) == 0
    store.keep(visits(1))
    assert count(store) == 1


def test_a_closed_store_keeps_nothing(store: Store):
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.keep(visits(1))


def test_on_a_full_disk_it_is_kept_in_the_room_set_aside_and_stored_later(small_disk: SmallDisk, key: bytes):
    path = small_disk.folder / "store.db"
    store = Store.create(path, key)
    troubled, mended = threading.Event(), threading.Event()
    store.on_trouble(lambda trouble: troubled.set() if trouble else mended.set())
    small_disk.fill()
    kept = 0
    while not troubled.wait(PAUSE_S):
        store.keep(visits(100, kept))
        kept += 100
    store.keep(visits(1, kept))
    assert seen(store) <= kept  # nobody who reads waits for the disk
    small_disk.free()
    assert mended.wait(WAIT_S)
    assert count(store) == kept + 1
    store.close()
    assert problems(path, key, cleaned=False) == []


def test_when_the_room_set_aside_is_used_up_too_the_sender_hears_of_it(small_disk: SmallDisk, key: bytes):
    store = Store.create(small_disk.folder / "store.db", key)
    # The journal has the text each time, the file once: it is the journal that runs out of room.
    long = Event(NOON_US, Source.TERMINAL, EventKind.COMMAND, "sh", secrets.token_hex(2_000))
    answered = 0

    def go_on() -> None:
        nonlocal answered
        while True:
            store.keep([NewAction(long, "cmd:sh")])
            answered += 1

    small_disk.fill()
    with pytest.raises(StoreError, match="used up"):
        go_on()
    small_disk.free()
    store.append(()).result(WAIT_S)
    assert count(store) >= answered > 0
    store.close()


def test_while_nothing_can_be_stored_only_so_much_is_taken(
    small_disk: SmallDisk, key: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queue, "MOST_SPILLED", 50)
    store = Store.create(small_disk.folder / "store.db", key)
    troubled, mended = threading.Event(), threading.Event()
    store.on_trouble(lambda trouble: troubled.set() if trouble else mended.set())
    small_disk.fill()
    taken = 0
    while not troubled.wait(PAUSE_S):
        store.keep(visits(100, taken))
        taken += 100

    def go_on() -> None:
        nonlocal taken
        while True:
            store.keep(visits(1, taken))
            taken += 1

    with pytest.raises(StoreError, match="wait for that"):
        go_on()
    with pytest.raises(StoreError, match="wait for that"):
        store.append(visits(1, taken))
    small_disk.free()
    assert mended.wait(WAIT_S)
    store.settle()
    store.keep(visits(1, taken))
    assert count(store) == taken + 1
    store.close()


def test_appends_side_by_side_are_answered_each_for_itself(store: Store):
    goes_on, held = threading.Event(), threading.Event()

    def hold(_rows: object) -> None:
        held.set()
        goes_on.wait(WAIT_S)

    store.on_committed(hold)
    store.keep(visits(1))
    assert held.wait(WAIT_S)  # what comes now waits, and is committed together
    first, second = with_origin(visits(1)[0], 1), with_origin(visits(1)[0], 2)
    appended = [
        store.append([first, *visits(2, 10)]),
        store.append([]),
        store.append([first, second]),
        store.append([second]),
    ]
    goes_on.set()
    assert [each.result(WAIT_S) for each in appended] == [
        Appended((2, 3, 4)),
        Appended(()),
        Appended((None, 5)),
        Appended((None,)),
    ]


def test_one_that_cannot_be_stored_takes_none_of_its_neighbours_with_it(store: Store, path: Path, key: bytes):
    goes_on, held = threading.Event(), threading.Event()

    def hold(_rows: object) -> None:
        held.set()
        goes_on.wait(WAIT_S)

    store.on_committed(hold)
    store.keep(visits(1))
    assert held.wait(WAIT_S)
    before, bad, after = store.append(visits(2, 1)), store.append([TOO_MANY]), store.append(visits(2, 3))
    goes_on.set()
    assert before.result(WAIT_S) == Appended((2, 3))
    with pytest.raises(StoreError):
        bad.result(WAIT_S)
    assert after.result(WAIT_S) == Appended((4, 5))
    store.close()
    assert problems(path, key, cleaned=False) == []


@pytest.mark.parametrize("rows", [0, 1, 19, 20, 21, 199, 200, 201, 421])
def test_many_rows_are_inserted_and_added_to(rows: int):
    database = connection.open_memory()
    database.execute("CREATE TABLE sums (name INTEGER PRIMARY KEY, total INTEGER)")
    add = "ON CONFLICT DO UPDATE SET total = total + excluded.total"
    for _ in range(2):
        insert(database, "INSERT INTO sums VALUES", [(number, number + 1) for number in range(rows)], add)
    assert database.execute("SELECT name, total FROM sums ORDER BY name").fetchall() == [
        (number, 2 * (number + 1)) for number in range(rows)
    ]
    database.close()
