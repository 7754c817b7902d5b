from PySide6.QtCore import Qt

from app.models.transcript import TranscriptModel, Turn, TurnKind
from neural.language.facts import Answer

ANSWER = Answer("You were in code for 12 min.", None, (), None, "plain")


def texts(model: TranscriptModel) -> list[str]:
    return [model.turn(row).text for row in range(model.rowCount())]


def test_it_keeps_the_rules_of_an_item_model(qtmodeltester):
    model = TranscriptModel()
    model.replace([Turn(TurnKind.QUESTION, 1, "one"), Turn(TurnKind.ANSWER, 2, "two")])
    qtmodeltester.check(model)


def test_an_answer_grows_chunk_by_chunk(qtbot):
    model = TranscriptModel()
    model.ask("What did I do today", 1)
    model.begin_answer()
    model.grow("You were ")
    model.grow("in code.")
    assert texts(model) == ["What did I do today", "You were in code."]
    assert model.growing


def test_a_chunk_without_a_beginning_opens_the_answer():
    model = TranscriptModel()
    model.grow("You were ")
    assert model.growing


def test_the_whole_answer_takes_the_place_of_what_was_streamed():
    model = TranscriptModel()
    model.ask("q", 1)
    model.grow("You were in co")
    model.answer(ANSWER, 3)
    assert texts(model) == ["q", ANSWER.text]
    assert not model.growing


def test_an_answer_that_was_not_streamed_is_added():
    model = TranscriptModel()
    model.ask("q", 1)
    model.answer(ANSWER, 3)
    assert texts(model) == ["q", ANSWER.text]


def test_an_error_takes_the_place_of_an_empty_answer():
    model = TranscriptModel()
    model.begin_answer()
    model.fail("The brain ended.", "Ask again.", 5)
    assert model.rowCount() == 1
    assert model.turn(0) == Turn(TurnKind.ERROR, 5, "The brain ended.", remedy="Ask again.")


def test_text_that_had_come_stays_above_an_error():
    model = TranscriptModel()
    model.grow("You were in")
    model.fail("The brain ended.", "Ask again.", 5)
    assert texts(model) == ["You were in", "The brain ended."]
    assert not model.growing


def test_a_screen_reader_hears_who_speaks():
    model = TranscriptModel()
    model.ask("What did I do today", 1)
    assert model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole) == "You: What did I do today"


def test_an_index_outside_says_nothing():
    model = TranscriptModel()
    assert model.data(model.index(0), Qt.ItemDataRole.DisplayRole) is None
