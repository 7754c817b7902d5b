"""A model's words pass only where they hold to the facts, a sentence at a time."""

from __future__ import annotations

from app.services.narrate import FaithfulSentences
from neural.language.facts import Fact

FACTS = (
    Fact("time in firefox", 134, "min", "actions"),
    Fact("application", "Firefox", "name", "actions"),
    Fact("period", "today", "name", "question"),
)


def passed(text: str, size: int) -> str:
    heard: list[str] = []
    stream = FaithfulSentences(FACTS, heard.append)
    for start in range(0, len(text), size):
        stream.add(text[start : start + size])
    return "".join(heard)


def test_a_true_sentence_passes_once_the_next_begins() -> None:
    assert passed("You were in Firefox for 2 h 14 min. And", 5).strip() == "You were in Firefox for 2 h 14 min."


def test_a_made_up_number_never_passes_however_it_is_cut() -> None:
    for size in (1, 3, 7, 100):
        assert "3 h" not in passed("You were in Firefox for 3 h 14 min. You were in Firefox. ", size)


def test_a_made_up_name_never_passes() -> None:
    assert "Slack" not in passed("You were in Slack for 2 h 14 min. That is all. ", 4)
