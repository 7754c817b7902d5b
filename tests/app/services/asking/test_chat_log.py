"""The conversation in a real store: kept as it was shown, and read back whole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.errors import StoreError
from app.services.asking import chat_log
from app.services.asking.chat_log import PROGRAM, USER, ChatLog, answer_of
from app.store.store import Store
from app.store.values.records import ChatMessage
from neural.language.facts import Answer, Chart, ChartKind, Fact, Series
from tests.app.services.conftest import NOW_US
from tests.app.small_disk import SmallDisk

CHART = Chart(
    ChartKind.BARS,
    "Commands",
    "name",
    "number",
    "count",
    (Series("yesterday", ("make", "git"), (0.0, 1.0), (3.0, 4.5)),),
)
ANSWER = Answer(
    "You ran 7 commands.",
    {"intent": "count", "subject": None},
    (Fact("commands", 7, "count", "actions"), Fact("share", 0.5, "%", "actions"), Fact("app", "bash", "name", "q")),
    CHART,
    "plain",
)


def kept(answer: Answer) -> ChatMessage:
    """An answer as the log keeps it."""
    return ChatMessage(1, NOW_US, PROGRAM, answer.text, json.dumps(chat_log.to_dict(answer)))


def test_before_the_first_question_there_is_no_conversation(opened: Store) -> None:
    assert ChatLog(opened).messages() == ()
    with opened.reader() as reader:
        assert reader.latest_chat() is None


def test_questions_and_answers_stand_in_their_order(opened: Store) -> None:
    log = ChatLog(opened)
    log.add_question("How many?", NOW_US)
    log.add_answer(ANSWER, NOW_US + 1)
    log.add_question("And now?", NOW_US + 2)
    assert [(each.author, each.text, each.ts_us) for each in log.messages()] == [
        (USER, "How many?", NOW_US),
        (PROGRAM, "You ran 7 commands.", NOW_US + 1),
        (USER, "And now?", NOW_US + 2),
    ]


def test_a_later_start_goes_on_with_the_same_conversation(opened: Store) -> None:
    ChatLog(opened).add_question("How many?", NOW_US)
    again = ChatLog(opened)
    again.add_question("And now?", NOW_US + 1)
    assert [each.text for each in again.messages()] == ["How many?", "And now?"]


def test_an_answer_is_read_back_equal(opened: Store) -> None:
    log = ChatLog(opened)
    log.add_answer(ANSWER, NOW_US)
    assert answer_of(log.messages()[0]) == ANSWER


@pytest.mark.parametrize("kind", list(ChartKind))
def test_every_kind_of_chart_is_read_back_equal(kind: ChartKind) -> None:
    answer = replace(ANSWER, chart=replace(CHART, kind=kind, x_is_time=True))
    assert answer_of(kept(answer)) == answer


def test_an_answer_without_a_chart_is_read_back_equal() -> None:
    answer = replace(ANSWER, chart=None, plan=None, facts=())
    assert answer_of(kept(answer)) == answer


def test_a_question_holds_no_answer() -> None:
    assert answer_of(ChatMessage(1, NOW_US, USER, "How many?")) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"chart": {"kind": "pie"}},
        {"facts": [{"name": "a", "colour": "red"}]},
        {"narrator": None, "facts": 7},
    ],
    ids=["another kind of chart", "another field", "another type"],
)
def test_an_answer_of_another_version_is_logged_and_shown_by_its_text(
    changed: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    raw = chat_log.to_dict(ANSWER) | changed
    assert answer_of(ChatMessage(1, NOW_US, PROGRAM, ANSWER.text, json.dumps(raw))) is None
    assert "could not be read" in caplog.text


def test_an_answer_that_is_no_json_is_logged_and_shown_by_its_text(caplog: pytest.LogCaptureFixture) -> None:
    assert answer_of(ChatMessage(1, NOW_US, PROGRAM, ANSWER.text, "{")) is None
    assert "could not be read" in caplog.text


def test_on_a_full_disk_it_says_that_it_is_not_kept(small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_log, "_SAVE_TIMEOUT_S", 0.01)
    store = Store.create(small_disk.folder / "store.db", bytes(32))
    log = ChatLog(store)
    small_disk.fill()
    with pytest.raises(StoreError, match="not kept"):
        log.add_question("how many? " * 500_000, NOW_US)
    store.close()
