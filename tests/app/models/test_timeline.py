import pytest

from app.models.timeline import DayView, shares, summary, timeline_model
from tools import sample_values as sample


def test_a_day_is_summed_in_one_line():
    assert summary(sample.DAY) == "7 h 33 min active in 6 applications, 20 actions"


def test_an_empty_day_says_so():
    assert summary(DayView(sample.DAY.day)) == "Nothing was recorded on this day."


def test_a_row_says_when_how_long_where_and_what():
    model = timeline_model()
    model.replace(sample.ROWS)
    assert [model.index(0, column).data() for column in range(4)] == ["08:52", "11 min", "thunderbird", "Inbox, 3 new"]


def test_a_row_without_words_of_its_own_says_its_kind():
    model = timeline_model()
    model.replace(tuple(row for row in sample.ROWS if row.event.app is None))
    assert [model.index(0, column).data() for column in (2, 3)] == ["presence", "idle"]


def test_the_longest_application_has_the_whole_bar():
    fractions = [share.fraction for share in shares(sample.TOTALS)]
    assert fractions[0] == 1.0
    assert fractions[1] == pytest.approx(97 / 214)


def test_nothing_has_no_shares():
    assert shares(()) == ()
