import time

import pytest

from app.models.formatting import action, clock, day, moment, percent, size, span
from collectors.events import US_PER_S
from neural.language.formatting import count

NOON_US = 1_763_640_000 * US_PER_S  # 2025-11-20 12:00 UTC


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "1 h"), (3_600, "1 h"), (7_500, "2 h 5 min")],
)
def test_a_span_is_said_in_its_leading_units(seconds, text):
    assert span(seconds * US_PER_S) == text


def test_a_moment_of_today_is_its_time():
    assert moment(NOON_US, NOON_US + 3_600 * US_PER_S) == clock(NOON_US) == "12:00"


def test_a_moment_of_another_day_has_its_date():
    assert moment(NOON_US, NOON_US + 86_400 * US_PER_S) == "20 Nov, 12:00"


def test_a_day_is_said_with_its_weekday():
    assert day(NOON_US) == "Thu 20 Nov 2025"


@pytest.mark.parametrize(("number", "text"), [(1, "1 event"), (0, "0 events"), (12_400, "12,400 events")])
def test_a_count_agrees_with_its_noun(number, text):
    assert count(number, "event") == text


@pytest.mark.parametrize(("fraction", "text"), [(0.412, "41 %"), (0.004, "0.4 %"), (0.0, "0 %"), (1.0, "100 %")])
def test_a_small_share_is_not_rounded_away(fraction, text):
    assert percent(fraction) == text


@pytest.mark.parametrize(
    ("number", "text"), [(12, "12 bytes"), (98_304, "98.3 kB"), (6_412_000, "6.4 MB"), (2_000_000_000, "2.0 GB")]
)
def test_a_size_is_said_in_its_unit(number, text):
    assert size(number) == text


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("app:firefox", "Switch to Firefox"),
        ("app:org.gnome.Nautilus", "Switch to Nautilus"),
        ("file:ts@clockwork", "Work on a ts file in clockwork"),
        ("cmd:git commit", "Run git commit"),
        ("unheard", "unheard"),
        ("x:y", "x:y"),
    ],
)
def test_an_action_is_said_in_words_and_an_unknown_one_as_it_is(token, text):
    assert action(token) == text
