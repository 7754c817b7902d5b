import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton

from app.views.pages.chat import EXAMPLES, ChatPage
from tools import sample_values as sample

ANSWER = sample.ANSWERS[0][1]
KEYS = Qt.KeyboardModifier


@pytest.fixture
def chat(qtbot, dressed, now_us):
    page = ChatPage(now_us)
    qtbot.addWidget(page)
    page.resize(800, 600)
    with qtbot.waitExposed(page):
        page.show()
    return page


def type_text(qtbot, page, text):
    qtbot.keyClicks(page.question, text)


def test_enter_sends_the_question(chat, qtbot):
    type_text(qtbot, chat, "What did I do today")
    with qtbot.waitSignal(chat.asked) as sent:
        qtbot.keyClick(chat.question, Qt.Key.Key_Return)
    assert sent.args == ["What did I do today"]
    assert chat.question.toPlainText() == ""


def test_shift_enter_begins_a_new_line(chat, qtbot):
    type_text(qtbot, chat, "one")
    with qtbot.assertNotEmitted(chat.asked):
        qtbot.keyClick(chat.question, Qt.Key.Key_Return, KEYS.ShiftModifier)
    type_text(qtbot, chat, "two")
    assert chat.question.toPlainText().split() == ["one", "two"]


def test_the_line_grows_with_its_text_and_stops_growing(chat, qtbot):
    heights = []
    for _ in range(9):
        heights.append(chat.question.height())
        chat.question.insertPlainText("line\n")
    assert heights[1] > heights[0]
    assert heights[-1] == heights[-2]


def test_blanks_alone_are_not_sent(chat, qtbot):
    type_text(qtbot, chat, "   ")
    with qtbot.assertNotEmitted(chat.asked):
        qtbot.keyClick(chat.question, Qt.Key.Key_Return)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_empty_conversation_offers_questions(chat, qtbot, example):
    links = {link.text(): link for link in chat.empty.findChildren(QPushButton)}
    with qtbot.waitSignal(chat.asked) as sent:
        qtbot.mouseClick(links[example], Qt.MouseButton.LeftButton)
    assert sent.args == [example]


def test_an_example_is_about_an_application_of_the_users_own(chat, qtbot):
    assert not chat.about_an_app.isVisible()
    chat.show_most_used("gimp")
    with qtbot.waitSignal(chat.asked) as sent:
        qtbot.mouseClick(chat.about_an_app, Qt.MouseButton.LeftButton)
    assert sent.args == ["How long was I in gimp this week"]


def test_the_examples_go_when_the_conversation_begins(chat):
    chat.add_question("q", sample.NOW_US)
    assert not chat.empty.isVisible()
    assert chat.transcript.isVisible()


def test_nothing_stored_points_to_the_sources(chat, qtbot):
    chat.show_stored(0)
    with qtbot.waitSignal(chat.sources_requested):
        qtbot.mouseClick(chat.to_sources, Qt.MouseButton.LeftButton)


def test_something_stored_says_nothing_of_it(chat):
    chat.show_stored(1)
    assert not chat.nothing_yet.isVisible()


def test_while_an_answer_runs_the_button_stops_it(chat, qtbot):
    chat.start_stream()
    assert chat.send.text() == "Stop"
    with qtbot.waitSignal(chat.stop_requested):
        qtbot.mouseClick(chat.send, Qt.MouseButton.LeftButton)


def test_while_an_answer_runs_no_second_question_is_sent_or_lost(chat, qtbot):
    chat.start_stream()
    type_text(qtbot, chat, "second")
    with qtbot.assertNotEmitted(chat.asked):
        qtbot.keyClick(chat.question, Qt.Key.Key_Return)
    assert chat.question.toPlainText() == "second"


def test_after_the_answer_the_button_asks_again(chat):
    chat.start_stream()
    chat.show_answer(ANSWER, sample.NOW_US)
    assert (chat.send.text(), chat.send.accessibleName()) == ("Ask", "Ask the question")


def test_stopping_without_an_answer_asks_for_nothing(chat, qtbot):
    with qtbot.assertNotEmitted(chat.stop_requested):
        chat.stop()


def test_chunks_appear_as_they_come(chat):
    chat.start_stream()
    row = chat.transcript.rows[-1]
    chat.append_chunk("You were ")
    chat.append_chunk("in code.")
    assert row.body.toPlainText() == "You were in code."


def test_an_error_stands_with_its_remedy(chat):
    chat.start_stream()
    chat.show_error("The model file cannot be read.", "Choose another in the settings.")
    row = chat.transcript.rows[-1]
    assert row.body.toPlainText() == "The model file cannot be read."
    assert row.note.text() == "Choose another in the settings."


def test_an_answer_names_the_model_that_put_it_into_words(chat):
    chat.show_answer(sample.ANSWERS[2][1], sample.NOW_US)
    assert chat.transcript.rows[-1].note.text() == "In the words of tiny-1b.gguf"


def test_the_question_line_stands_below_the_text_column(chat):
    chat.show_answer(ANSWER, sample.NOW_US)
    body = chat.transcript.rows[-1].body
    text_left = body.mapTo(chat, QPoint(0, 0)).x()
    line_left = chat.question.mapTo(chat, QPoint(0, 0)).x()
    assert abs(text_left - line_left) <= 8
