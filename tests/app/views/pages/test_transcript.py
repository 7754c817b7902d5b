import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from app.models.transcript import TranscriptModel, Turn, TurnKind
from app.views.charts.plot import Plot
from app.views.pages.transcript import Transcript
from app.views.widgets.basics import column_width
from tools import sample_values as sample

CHART_ANSWER = sample.ANSWERS[0][1]


def turns(count: int) -> list[Turn]:
    kinds = (TurnKind.QUESTION, TurnKind.ANSWER)
    return [Turn(kinds[number % 2], sample.NOW_US, f"turn {number} " + "word " * 30) for number in range(count)]


@pytest.fixture
def model():
    return TranscriptModel()


@pytest.fixture
def view(qtbot, dressed, model, now_us):
    made = Transcript(model, now_us)
    qtbot.addWidget(made)
    made.resize(760, 500)
    with qtbot.waitExposed(made):
        made.show()
    return made


def texts(view: Transcript) -> list[str]:
    return [row.body.toPlainText() for row in view.rows]


def test_author_and_time_stand_in_the_margin(view, model, qtbot):
    model.ask("What did I do today", sample.NOW_US)
    row = view.rows[0]
    assert (row.author.text(), row.when.text()) == ("You", "17:42")
    qtbot.waitUntil(
        lambda: (
            row.author.mapTo(row, row.author.rect().topRight()).x() < row.body.mapTo(row, row.body.rect().topLeft()).x()
        )
    )


def test_text_keeps_to_a_column(view, model, qtbot):
    model.replace(turns(2))
    view.resize(1_600, 500)
    qtbot.waitUntil(lambda: 0 < view.rows[1].body.width() <= column_width(view) + 1)


def test_text_can_be_selected_and_copied_by_keyboard(view, model, qtbot):
    model.replace(turns(1))
    body = view.rows[0].body
    body.setFocus()
    qtbot.keyClick(body, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert body.textCursor().selectedText() == body.toPlainText()


def test_a_word_longer_than_the_column_is_broken(view, model):
    model.replace([Turn(TurnKind.ANSWER, sample.NOW_US, "x" * 400)])
    body = view.rows[0].body
    assert body.height() >= 2 * body.fontMetrics().height()


def test_a_chart_is_as_wide_as_the_words(view, model, qtbot):
    model.answer(CHART_ANSWER, sample.NOW_US)
    row = view.rows[0]
    qtbot.waitUntil(lambda: bool(row.findChildren(Plot)))
    qtbot.waitUntil(lambda: row.findChildren(Plot)[0].width() == row.body.width())


def test_streaming_keeps_what_is_selected(view, model):
    model.grow("You were in code ")
    body = view.rows[0].body
    body.moveCursor(QTextCursor.MoveOperation.EndOfWord)
    body.moveCursor(QTextCursor.MoveOperation.Start, QTextCursor.MoveMode.KeepAnchor)
    model.grow("today.")
    assert body.textCursor().selectedText() == "You"


def test_thousands_of_turns_have_widgets_for_the_latest_only(view, model):
    model.replace(turns(5_000))
    assert len(view.rows) <= 16
    assert texts(view)[-1].startswith("turn 4999")


def test_scrolling_up_brings_the_earlier_ones(view, model, qtbot):
    model.replace(turns(200))
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 0)
    view.verticalScrollBar().setValue(0)
    assert texts(view)[0].startswith("turn 168")


def test_what_is_read_stays_in_place_when_earlier_ones_come(view, model, qtbot):
    model.replace(turns(200))
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    first = view.rows[0]
    bar.setValue(0)
    qtbot.waitUntil(lambda: abs(first.mapTo(view.viewport(), first.rect().topLeft()).y()) <= 64)


def test_a_new_question_brings_the_end_into_view(view, model, qtbot):
    model.replace(turns(60))
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum() // 2)
    model.ask("and now", sample.NOW_US)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())


def test_an_answer_does_not_pull_down_who_reads_further_up(view, model, qtbot):
    model.replace(turns(60))
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum() // 2)
    before = bar.value()
    model.answer(CHART_ANSWER, sample.NOW_US)
    qtbot.waitUntil(lambda: bar.maximum() > before)
    assert bar.value() == before


def test_far_rows_give_their_widgets_back(view, model):
    for number in range(300):
        model.ask(f"question {number}", sample.NOW_US)
    assert len(view.rows) <= 64
    assert texts(view)[-1] == "question 299"
