"""The full check finds faults planted by hand in a sound store."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from app.services.commands.store import mend
from app.store.integrity.full_check import VerifyReport
from app.store.integrity.quick_check import Part
from app.store.sqlite import connection as opening
from app.store.store import Store
from app.store.values.records import ChatMessage, NewAction, SessionRecord
from collectors.events import US_PER_DAY, US_PER_S, Event, EventKind, Source
from tests.app.store.checks import NOON_US, problems, visits
from tests.app.store.rows.test_aggregates import days_of_work

LATER_US = NOON_US + 100 * US_PER_DAY
WAIT_S = 180


@pytest.fixture
def filled(store: Store) -> Store:
    store.append([*visits(300, text="Café naïve"), *days_of_work(3, actions=200)]).result(WAIT_S)
    chat = store.new_chat(NOON_US).result(WAIT_S)
    store.add_chat_message(ChatMessage(chat, NOON_US, "user", "what did I do today")).result(WAIT_S)
    return store


def check(store: Store, now_us: int = LATER_US) -> VerifyReport:
    with store.reader() as reader:
        return reader.verify(now_us, lambda *_: None)


def check_after(store: Store, path: Path, key: bytes, *statements: str) -> VerifyReport:
    """Change a store by hand, and return the report."""
    store.close()
    connection = opening.open_writer(path, key)
    connection.execute("PRAGMA foreign_keys = OFF")
    for statement in statements:
        connection.execute(statement)
    connection.close()
    again = Store.open(path, key)
    try:
        return check(again)
    finally:
        again.close()


def test_a_store_in_order_is_sound(filled: Store):
    report = check(filled)

    assert (report.problems, report.actions) == ((), 500)
    assert set(report.parts) == set(Part)


def test_an_empty_store_is_sound(store: Store):
    assert check(store).problems == ()


def test_a_cleaned_and_a_shrunken_store_is_sound(filled: Store):
    filled.append(visits(50, first=400, text="late")).result(WAIT_S)
    filled.cleanup(1, NOON_US + 6 * US_PER_DAY, dry_run=False).result(WAIT_S)
    report = check(filled)

    assert report.problems == ()
    assert report.actions < 500


FAULTS = [
    ("UPDATE texts SET title = 'other words' WHERE id = 7", Part.WORDS, "texts_words does not hold"),
    ("UPDATE chat_messages SET text = 'other words'", Part.WORDS, "chat_words does not hold"),
    ("UPDATE actions SET app = 9999 WHERE id = 3", Part.SUMS, "1 names of applications, sites or projects are"),
    ("UPDATE actions SET token = 9999 WHERE id = 3", Part.NUMBERS, "1 names of tokens are lost"),
    ("UPDATE actions SET text = 9999 WHERE id = 3", Part.NUMBERS, "1 texts of actions are lost"),
    ("UPDATE actions SET text = NULL WHERE id = 3", Part.NUMBERS, "1 texts belong to no action"),
    ("UPDATE actions SET duration_us = 7000000 WHERE id = 3", Part.SUMS, "1 sums by hour are not"),
    ("UPDATE data_aggregates SET keys = keys + 1", Part.SUMS, "day_aggregates do not agree"),
    ("UPDATE stored_counts SET actions = 0", Part.SUMS, "by kind are not those"),
    ("DELETE FROM hour_aggregates", Part.SUMS, "hour_aggregates do not agree"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_disagreements_are_reported(filled: Store, path: Path, key: bytes, fault: tuple[str, Part, str]):
    statement, part, words = fault
    report = check_after(filled, path, key, statement)

    assert any(problem.part is part and words in problem.text for problem in report.problems), report.problems


def test_sums_below_what_a_thinned_day_still_holds_are_reported(filled: Store, path: Path, key: bytes):
    filled.cleanup(1, NOON_US + 40 * US_PER_DAY, dry_run=False).result(WAIT_S)
    assert check(filled).problems == ()

    report = check_after(filled, path, key, "UPDATE data_aggregates SET actions = 0, active_us = 0, keys = 0")

    assert any("are not what the actions add up to" in problem.text for problem in report.problems)


def test_captured_text_is_in_no_problem(filled: Store, path: Path, key: bytes):
    report = check_after(filled, path, key, "UPDATE texts SET title = 'canary'", "UPDATE names SET id = id + 1000")

    assert report.problems
    assert not any("canary" in problem.text or "example" in problem.text for problem in report.problems)


def test_gaps_a_clock_set_back_and_sessions_that_overlap_are_noted(store: Store):
    def at(ts_us: int) -> NewAction:
        return NewAction(Event(ts_us, Source.WINDOW, EventKind.FOCUS, "xterm"))

    store.append([at(NOON_US), at(NOON_US + 30 * US_PER_DAY), at(NOON_US + 30 * US_PER_DAY - 2 * 3_600 * US_PER_S)])
    store.append([at(LATER_US + 1)])
    sessions = [SessionRecord(NOON_US, NOON_US + 9, "idle", 3), SessionRecord(NOON_US + 5, NOON_US + 7, "idle", 1)]
    store.replace_sessions(0, LATER_US, sessions).result(WAIT_S)
    report = check(store)

    assert report.problems == ()
    assert [note.split(" ")[0] for note in report.notes] == ["No", "No", "The", "1", "1"]
    assert report.notes[0] == "No action for 29 days, between 2025-10-09 and 2025-11-08."


def test_the_writer_goes_on_during_the_check(filled: Store):
    """Appends during the check do not change its report."""
    first = itertools.count(1_000)

    def report_progress(_part: str, done: int, _total: int) -> None:
        # The check reads as of the beginning of its first part.
        if done:
            filled.append(visits(1, first=next(first))).result(WAIT_S)

    with filled.reader() as reader:
        report = reader.verify(LATER_US, report_progress)

    assert (report.problems, report.actions) == ((), 500)
    assert next(first) > 1_004
    assert check(filled).problems == ()


class CancelledError(Exception):
    """The caller cancels the check."""


@pytest.mark.parametrize("calls_before", range(0, 8, 3))
def test_it_ends_if_the_caller_cancels_and_leaves_the_reader_usable(filled: Store, calls_before: int):
    calls = itertools.count()

    def report_progress(*_: object) -> None:
        if next(calls) >= calls_before:
            raise CancelledError

    with filled.reader() as reader:
        with pytest.raises(CancelledError):
            reader.verify(LATER_US, report_progress)
        assert len(reader.search("cafe", limit=7)) == 7
    assert check(filled).problems == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_derived_data_is_repaired_and_losses_are_still_reported(
    filled: Store, path: Path, key: bytes, fault: tuple[str, Part, str]
):
    statement, _, _ = fault
    report = check_after(filled, path, key, statement)
    again = Store.open(path, key)
    sentences = mend(again, report)
    left = check(again)
    again.close()
    if "9999" in statement:
        assert left.problems, "a lost name or text cannot be invented"
        assert not any("rebuilt from the texts" in sentence for sentence in sentences)
    else:
        assert left.problems == ()
        assert sentences
        assert problems(path, key, cleaned=False) == []


def test_sums_of_thinned_days_are_raised_and_never_lowered(filled: Store, path: Path, key: bytes):
    filled.cleanup(1, NOON_US + 6 * US_PER_DAY, dry_run=False).result(WAIT_S)
    with filled.reader() as reader:
        day = min(reader.thinned_days())
    more = f"UPDATE data_aggregates SET keys = keys + 7 WHERE local_hour / 24 = {day}"
    less = "DELETE FROM data_aggregates WHERE EXISTS (SELECT 1 FROM actions WHERE actions.app = data_aggregates.app)"
    report = check_after(filled, path, key, more, less)
    again = Store.open(path, key)
    with again.reader() as reader:
        before = list(reader.export())
    assert mend(again, report)
    assert check(again).problems == ()
    with again.reader() as reader:
        kept = [row for row in reader.export() if row["table"] == "data_aggregates"]
    again.close()
    assert all(row in kept for row in before if row["table"] == "data_aggregates")


def test_a_page_that_rotted_is_mended_from_a_backup(filled: Store, path: Path, key: bytes):
    truth = list_all(filled)
    filled.close()
    content = bytearray(path.read_bytes())
    content[-1_000] ^= 1
    path.write_bytes(content)
    again = Store.open(path, key)
    report = check(again)
    assert {problem.part for problem in report.problems} >= {Part.SEALS}
    (sentence,) = mend(again, report)
    assert "was restored" in sentence
    assert check(again).problems == ()
    assert list_all(again) == truth
    again.close()


def list_all(store: Store) -> list[dict[str, object]]:
    with store.reader() as reader:
        return [row for row in reader.export() if row["table"] != "audit"]
