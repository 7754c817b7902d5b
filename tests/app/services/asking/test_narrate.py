"""Answers with a real model file in the real brain process; what it says beyond the facts is never reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.asking.ask import Asker
from app.services.asking.narrate import AnswerService
from app.services.ingest.pipeline import new_action
from app.services.learning.brain import Brain
from app.services.preferences import Preferences
from app.store.store import Store
from collectors.events import US_PER_S, Event, EventKind, Source
from tests.app.services.conftest import NOW_US, Clock
from tests.neural.language import tiny_model

QUESTION = "what did I do today"


@pytest.fixture
def narrating(opened: Store, preferences: Preferences, clock: Clock) -> Iterator[AnswerService]:
    events = [
        Event(NOW_US - (60 - n) * US_PER_S, Source.TERMINAL, EventKind.COMMAND, "bash", "make") for n in range(60)
    ]
    opened.append([new_action(event) for event in events]).result()
    brain = Brain()
    yield AnswerService(Asker(opened.reader, tuple, clock), brain, preferences)
    brain.close()


def test_without_a_model_the_plain_sentences_stand(narrating: AnswerService) -> None:
    answer = narrating.answer(QUESTION, lambda _: None)
    assert answer.narrator == "plain"
    assert "60" in answer.text


def test_gibberish_of_a_model_never_reaches_the_answer(
    narrating: AnswerService, preferences: Preferences, tmp_path: Path
) -> None:
    plain = narrating.answer(QUESTION, lambda _: None)
    preferences.change(model_path=str(tiny_model.build(tmp_path / "tiny.gguf")))
    answer = narrating.answer(QUESTION, lambda _: None)
    assert answer.facts == plain.facts
    assert answer.text == plain.text


def test_a_model_that_is_not_there_leaves_the_plain_answer_and_says_why(
    narrating: AnswerService, preferences: Preferences
) -> None:
    plain = narrating.answer(QUESTION, lambda _: None)
    preferences.change(model_path="/no/such/model.gguf")
    answer = narrating.answer(QUESTION, lambda _: None)
    assert answer.text.startswith(plain.text)
    assert "/no/such/model.gguf" in answer.text
    assert answer.narrator == "plain"
