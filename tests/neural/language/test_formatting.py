"""Durations, numbers and recorded names as a person says them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural.language import formatting
from neural.language.reading import name_matching
from neural.language.reading.plan import KnownNames, SubjectKind

KNOWN = KnownNames(
    ("firefox", "code", "org.gnome.Nautilus", "gimp"), ("github.com", "gitlab.com"), ("kryptic", "firefox-theme")
)


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0 min"), (9, "9 min"), (60, "1 h"), (134, "2 h 14 min"), (60_000, "1,000 h")]
)
def test_minutes_are_said_in_hours_and_minutes(minutes: int, said: str) -> None:
    assert formatting.duration(minutes) == said


@pytest.mark.parametrize(
    ("value", "said"), [(1204, "1,204"), (0.5, "0.5"), (1.0, "1"), (2.346, "2.35"), (-1.5, "-1.5")]
)
def test_numbers_have_their_thousands_set_apart(value: float, said: str) -> None:
    assert formatting.number(value) == said


@pytest.mark.parametrize(
    ("items", "said"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")]
)
def test_a_list_ends_with_and(items: tuple[str, ...], said: str) -> None:
    assert formatting.listed(items) == said


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("app:firefox", "switching to Firefox"),
        ("app:org.gnome.Nautilus", "switching to Nautilus"),
        ("web:github.com", "visiting github.com"),
        ("cmd:git commit", "running git commit"),
        ("file:py@kryptic", "working on a py file in kryptic"),
        ("file:md", "working on a md file"),
        ("git:commit", "doing a git commit"),
        ("code:test", "running tests"),
        ("focus:start", "focus start"),
        ("odd", "odd"),
    ],
)
def test_an_action_token_is_something_done(token: str, said: str) -> None:
    assert formatting.token_phrase(token) == said


def test_a_reason_is_reported_without_the_marks_of_its_tokens() -> None:
    reason = "usually follows app:code, then cmd:git commit; 7 of 9 times"
    assert formatting.tokens_said(reason) == "usually follows Code, then git commit; 7 of 9 times"


@given(st.text(max_size=40))
def test_no_token_whatever_breaks_it(token: str) -> None:
    assert isinstance(formatting.token_phrase(token), str)


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("firefox", "firefox"),
        ("firfox", "firefox"),
        ("firefxo", "firefox"),
        ("the app gimp", "gimp"),
        ("nautilus", "org.gnome.Nautilus"),
        ("vs code", "code"),
        ("github", "github.com"),
        ("the kryptic project", "kryptic"),
    ],
)
def test_a_name_is_found_as_people_say_it(phrase: str, name: str) -> None:
    found = name_matching.find(phrase, KNOWN)
    assert found is not None
    assert found.name == name


def test_a_misspelling_as_near_to_two_names_is_not_guessed() -> None:
    found = name_matching.find("gitmub", KnownNames((), ("gitlub.com", "gitmab.com"), ()))
    assert found is not None
    assert found.kind is SubjectKind.UNKNOWN
    assert set(found.near) == {"gitlub.com", "gitmab.com"}


def test_a_name_inside_a_longer_one_is_not_mentioned() -> None:
    found = name_matching.mentioned("time in firefox-theme", KNOWN)
    assert found is not None
    assert (found.kind, found.name) == (SubjectKind.PROJECT, "firefox-theme")


@pytest.mark.parametrize(
    ("left", "right", "edits"), [("code", "code", 0), ("code", "cod", 1), ("code", "ocde", 1), ("code", "edoc", 3)]
)
def test_edits_between_words(left: str, right: str, edits: int) -> None:
    assert name_matching.distance(left, right, 2) == edits


@given(st.text(max_size=8), st.text(max_size=8))
def test_edits_are_the_same_both_ways(left: str, right: str) -> None:
    assert name_matching.distance(left, right, 3) == name_matching.distance(right, left, 3)
