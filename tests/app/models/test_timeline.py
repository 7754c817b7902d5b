import pytest

from app.models.timeline import DayView, attention_line, shares, summary, timeline_model, what
from app.services.activity.attention import Attention
from app.services.activity.intervals import US_PER_MIN as MINUTE_US
from app.services.activity.intervals import Span
from app.store.values.records import ActionRow
from collectors.events import Event, EventKind, PresenceDetail, Source
from tools import sample_values as sample


def test_a_day_is_summed_in_one_line():
    assert summary(sample.DAY) == "7 h 33 min active in 6 applications, 20 actions"


def test_an_empty_day_says_so():
    assert summary(DayView(sample.DAY.day)) == "Nothing was recorded on this day."


def test_focus_changes_and_rests_of_a_day_are_reported_in_one_line():
    day = Attention(
        sessions=(Span(0, 42 * MINUTE_US, "Code"), Span(50 * MINUTE_US, 56 * MINUTE_US, "kryptic")),
        focus_us=48 * MINUTE_US,
        active_us=60 * MINUTE_US,
        switches=11,
        bouts=(Span(0, 125 * MINUTE_US, ""),),
        late_us=7 * MINUTE_US,
    )
    assert attention_line(DayView(sample.DAY.day, attention=day)) == (
        "2 focus sessions, 48 min, the longest 42 min in Code \u00b7 11 changes of application an hour \u00b7 "
        "at most 2 h 5 min without a rest \u00b7 7 min between 23:00 and 05:00"
    )


def test_one_change_is_one_change():
    day = Attention(active_us=60 * MINUTE_US, switches=1)
    assert attention_line(DayView(sample.DAY.day, attention=day)) == "1 change of application an hour"


def test_what_was_watched_stands_at_the_end_of_the_line_and_alone_where_there_were_no_windows():
    day = Attention(active_us=60 * MINUTE_US, switches=2)
    watched = DayView(sample.DAY.day, attention=day, watched_us=95 * MINUTE_US, called_us=20 * MINUTE_US)
    assert attention_line(watched) == (
        "2 changes of application an hour \u00b7 1 h 35 min watched \u00b7 20 min in calls without input"
    )
    assert attention_line(DayView(sample.DAY.day, watched_us=5 * MINUTE_US)) == "5 min watched"


@pytest.mark.parametrize(("sign", "words"), [("film", "watching"), ("screen", "watching"), ("call", "in a call")])
def test_watching_is_reported_from_a_call(sign: str, words: str):
    event = Event(0, Source.PRESENCE, EventKind.WATCH, duration_us=MINUTE_US, detail=PresenceDetail(sign=sign))
    assert what(ActionRow(1, event, None, None, None)) == words


def test_a_day_without_windows_has_no_such_line():
    assert attention_line(DayView(sample.DAY.day)) == ""


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
