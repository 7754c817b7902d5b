import dataclasses

import pytest

from app.models.recording_state import State, drawing, learning_words, state_of, state_words
from app.services.status import Recording
from app.settings import PAUSED_UNTIL_RESUMED
from tools import sample_values as sample

PAUSED = dataclasses.replace(sample.STATUS, recording=Recording.PAUSED, paused_until_us=PAUSED_UNTIL_RESUMED)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (sample.STATUS, State.RECORDING),
        (PAUSED, State.PAUSED),
        (sample.EMPTY_STATUS, State.PAUSED),
        (sample.LEARNING_STATUS, State.LEARNING),
    ],
    ids=["recording", "paused", "no consent", "learning"],
)
def test_each_status_has_its_mark(status, state):
    assert state_of(status) is state


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (sample.STATUS, "Recording, 3 sources"),
        (PAUSED, "Paused until resumed"),
        (sample.EMPTY_STATUS, "Nothing is recorded: no source is allowed yet"),
    ],
    ids=["recording", "paused", "no consent"],
)
def test_each_status_is_said_in_words(status, words):
    assert state_words(status, sample.NOW_US) == words


def test_a_pause_with_an_end_says_when():
    until = sample.NOW_US + 15 * 60 * 1_000_000
    status = dataclasses.replace(PAUSED, paused_until_us=until)
    assert state_words(status, sample.NOW_US) == "Paused until 17:57"


def test_learning_says_how_far_it_is():
    assert learning_words(sample.LEARNING_STATUS) == "Learning, 46 %"
    assert learning_words(sample.STATUS) == ""


def test_the_marks_differ_in_shape_and_not_in_colour_alone():
    drawn = {drawing(state, "#000000") for state in State}
    assert len(drawn) == len(State)


def test_a_mark_takes_the_colour_it_is_given():
    assert b"#123456" in drawing(None, "#123456")
