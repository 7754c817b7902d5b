"""What may be shown of a narration while it is being made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural.language.facts import Fact
from neural.language.narration.faithfulness import faithful
from neural.language.narration.stream_filter import StreamGate, spoken

FACTS = (Fact("time in Firefox", 134, "min", "actions"), Fact("commands run", 12, "count", "actions"))


def shown(text: str, size: int = 1) -> str:
    gate = StreamGate(FACTS)
    pieces = [gate.feed(text[start : start + size]) for start in range(0, len(text), size)]
    return "".join([*pieces, gate.finish()])


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_faithful_narration_is_shown_whole(size: int) -> None:
    text = "You were in Firefox for 2 h 14 min. You ran twelve commands."
    assert shown(text, size) == text


def test_a_figure_waits_until_it_is_covered() -> None:
    gate = StreamGate(FACTS)
    first = gate.feed("You were in Firefox for 2 h ")
    assert "2" not in first
    assert first + gate.feed("14 min and more ") == "You were in Firefox for 2 h 14 min and more"


def test_nothing_after_a_false_figure_is_shown() -> None:
    assert shown("You ran 12 commands. You were in Firefox for 5 h. You ran 12 commands.") == (
        "You ran 12 commands. You were in Firefox for"
    )


def test_thoughts_before_the_answer_are_not_shown() -> None:
    assert shown("<think>12 or 13, who knows</think>\n\nYou ran 12 commands.") == "You ran 12 commands."


def test_thoughts_that_never_end_are_no_answer() -> None:
    assert spoken("<think>and on and on") == ""


@given(text=st.text(alphabet=st.sampled_from(list("ab 0123459.hmin%F")), max_size=60), size=st.integers(1, 7))
def test_finished_sentences_that_were_shown_are_faithful(text: str, size: int) -> None:
    assert all(faithful(f"{part}.", FACTS) for part in shown(text, size).split(". ")[:-1])
