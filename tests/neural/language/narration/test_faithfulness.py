"""A text may say what the facts say, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neural.language.facts import Fact
from neural.language.narration.fact_phrases import phrase
from neural.language.narration.faithfulness import faithful, repair, sentences

FACTS = (
    Fact("period", "today", "name", "question"),
    Fact("time in Firefox", 134, "min", "actions"),
    Fact("time in xterm", 45, "s", "actions"),
    Fact("share of active time", 35, "%", "actions"),
    Fact("commands run", 12, "count", "actions"),
    Fact("actions stored", 1204, "count", "actions"),
    Fact("reward of running git push", 1.23, "nats", "forecast"),
    Fact("first activity", "09:02", "time", "actions"),
    Fact("last activity", "17:30", "time", "actions"),
    Fact("day with most", "on Friday 20 November 2026", "name", "actions"),
    Fact("project 1", "kryptic", "name", "actions"),
    Fact("last thing", "Chapter 7 of 9: doors", "name", "actions"),
    Fact("visits to github.com", 3, "count", "actions"),
)


@pytest.mark.parametrize(
    "text",
    [
        "Today you spent 2 h 14 min in Firefox.",
        "Firefox had 2 hours and 14 minutes of your day.",
        "It was 134 minutes in Firefox.",
        "You ran 12 commands.",
        "You ran twelve commands.",
        "Twelve commands were run.",
        "There are 1,204 actions, three visits to github.com among them.",
        "You began at 09:02 and ended at 5:30 pm.",
        "That is 35 % of it.",
        "That is 35% of it.",
        "That is 35 percent of it.",
        "The reward is 1.23 nats.",
        "Most of it was on Friday, 20 November.",
        "The last thing was Chapter 7 of 9: doors.",
        "You were on kryptic and in xterm for 45 seconds.",
        "",
    ],
)
def test_what_the_facts_say_may_be_said(text: str) -> None:
    assert faithful(text, FACTS)


@pytest.mark.parametrize(
    "text",
    [
        "Today you spent 2 h 15 min in Firefox.",
        "Today you spent 2 h in Firefox.",
        "Today you spent 14 min in Firefox.",
        "It was 12 minutes in Firefox.",
        "You ran 13 commands.",
        "You ran thirteen commands.",
        "You ran twenty-two commands.",
        "You ran twenty two commands.",
        "You ran 12.5 commands.",
        "You ran 1 204 commands.",
        "You ran -12 commands.",
        "You ran a dozen commands.",
        "You ran twice as many.",
        "Half of it was Firefox.",
        "You ran \u00bd of them.",
        "You ran 12\u00b2 commands.",
        "You began at 9:03.",
        "You ended at 5:30.",
        "You ended at 5:30 am.",
        "You ended at 17.31 pm.",
        "You began at noon.",
        "That is 53 % of it.",
        "That is 12 % of it.",
        "That is thirty percent of it.",
        "You were in Chrome.",
        "Chrome had your time.",
        "You were with Alice.",
        "You were on gitlab.com.",
        "You read example.org/page.",
        "You were in python3.",
        "It was on Monday.",
        "It was on Friday 21 November.",
        "It was in December.",
        'You read "a secret page".',
        "You read `rm -rf`.",
        "You wrote to bob@example.com.",
        "You worked in /etc/passwd.",
        "The reward is 2.13 nats.",
        "Version 1.2.3 was used.",
        "You ran \u0661\u0663 commands.",
        "A bell\x07 rang.",
        "A broken \ufffd piece.",
    ],
)
def test_what_the_facts_do_not_say_may_not_be_said(text: str) -> None:
    assert not faithful(text, FACTS)


OWNED = (
    Fact("time in Firefox", 134, "min", "actions"),
    Fact("time in Code", 20, "min", "actions"),
    Fact("commands run", 12, "count", "actions"),
)


@pytest.mark.parametrize(
    "text",
    [
        "Firefox had 2 h 14 min.",
        "Firefox had 2 h 14 min and Code 20 min.",
        "You ran 12 commands in Code.",
        "Most of it, 2 h 14 min, went to a browser.",
    ],
)
def test_a_figure_may_stand_with_the_name_it_belongs_to(text: str) -> None:
    assert faithful(text, OWNED)


@pytest.mark.parametrize("text", ["Code had 2 h 14 min.", "In Firefox you spent 20 min."])
def test_a_figure_may_not_stand_with_another_name_alone(text: str) -> None:
    assert not faithful(text, OWNED)


@pytest.mark.parametrize(
    "text", ["It was 1.2.3 h.", f"It was {'9' * 400} h.", f"It was {'9' * 400} %.", "It was 1.2.3."]
)
def test_a_figure_that_is_no_number_is_no_fact(text: str) -> None:
    assert not faithful(text, OWNED)


numbers = st.integers(min_value=0, max_value=100_000)


@given(said=numbers, true=numbers, template=st.sampled_from(["You ran {} commands.", "{} times.", "It was number {}."]))
def test_a_changed_count_never_passes(said: int, true: int, template: str) -> None:
    assume(said != true)
    facts = (Fact("commands run", true, "count", "actions"),)
    assert not faithful(template.format(said), facts)
    assert not faithful(template.format(f"{said:,}"), facts)


@given(said=st.integers(1, 100_000), true=st.integers(1, 100_000))
def test_a_changed_duration_never_passes(said: int, true: int) -> None:
    assume(said != true)
    facts = (Fact("time in Firefox", true, "min", "actions"),)
    assert not faithful(f"You were there for {phrase(Fact('x', said, 'min', 'y'))}.", facts)


@given(minutes=st.integers(1, 100_000))
def test_a_true_duration_always_passes(minutes: int) -> None:
    fact = Fact("time in Firefox", minutes, "min", "actions")
    assert faithful(f"You were there for {phrase(fact)}.", (fact,))


@given(said=st.integers(0, 1439), true=st.integers(0, 1439))
def test_a_changed_time_of_day_never_passes(said: int, true: int) -> None:
    assume(said != true)
    facts = (Fact("first activity", f"{true // 60:02}:{true % 60:02}", "time", "actions"),)
    assert not faithful(f"You began at {said // 60:02}:{said % 60:02}.", facts)


@given(said=st.integers(0, 100), true=st.integers(0, 100))
def test_a_changed_percentage_never_passes(said: int, true: int) -> None:
    assume(said != true)
    assert not faithful(f"That is {said} % of it.", (Fact("share", true, "%", "actions"),))


@given(text=st.text(max_size=80))
def test_no_text_whatever_breaks_the_check(text: str) -> None:
    assert faithful(text, FACTS) in (True, False)
    assert repair(text, "Plain.", FACTS)


PLAIN = "Today you spent 2 h 14 min in Firefox. You ran 12 commands."


def test_a_faithful_narration_stands_as_it_is() -> None:
    text = "You ran 12 commands today. Firefox had 2 hours 14 minutes."
    assert repair(text, PLAIN, FACTS) == text


def test_a_false_sentence_gives_way_to_the_plain_one_it_stood_for() -> None:
    assert repair("You ran 12 commands. Firefox had 5 hours.", PLAIN, FACTS) == (
        "You ran 12 commands. Today you spent 2 h 14 min in Firefox."
    )


def test_the_plain_sentences_stand_where_the_first_false_one_stood() -> None:
    assert repair("Firefox had 5 hours. You ran 12 commands.", PLAIN, FACTS) == PLAIN


def test_a_narration_with_nothing_true_is_replaced_whole() -> None:
    assert repair("Chrome had 5 hours. You ran 99 commands.", PLAIN, FACTS) == PLAIN


@pytest.mark.parametrize("text", ["", "   ", "uss urdun dloot", "What a lovely day."])
def test_a_narration_that_tells_no_fact_is_replaced_whole(text: str) -> None:
    assert repair(text, PLAIN, FACTS) == PLAIN


def test_empty_talk_between_facts_is_left_out() -> None:
    text = "You ran 12 commands. What a lovely day. Firefox had 2 h 14 min."
    assert repair(text, PLAIN, FACTS) == "You ran 12 commands. Firefox had 2 h 14 min."


def test_a_sentence_that_was_cut_off_is_left_out() -> None:
    assert repair("You ran 12 commands. Firefox had 2 h 14 min and", PLAIN, FACTS) == "You ran 12 commands."


@given(text=st.text(alphabet=st.sampled_from(list("abcF 0123456789.:%hmin")), max_size=60))
def test_a_repaired_text_is_always_faithful(text: str) -> None:
    assert faithful(repair(text, PLAIN, FACTS), FACTS)


def test_a_point_inside_a_number_ends_no_sentence() -> None:
    assert sentences("It was 1.5 h. Then e.g. more.") == ("It was 1.5 h.", "Then e.g.", "more.")
