"""Heartbeat merging and holes, compared with ActivityWatch's own code and a naive computation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aw_core.models import Event
from aw_transform import heartbeat_merge
from hypothesis import given
from hypothesis import strategies as st

from app.services.activitywatch.heartbeats import Beat, Span, merged, outside

MS = 1_000
times = st.integers(0, 100).map(lambda ms: ms * MS)


beats = st.builds(Beat, times, times, st.sampled_from([{"app": "a"}, {"app": "b"}]))


@given(beats, beats, times)
def test_heartbeats_are_merged_as_activitywatch_merges_them(last, beat, pulse):
    theirs = heartbeat_merge(_theirs(last), _theirs(beat), pulse / 1e6)
    ours = merged(last, beat, pulse)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        assert (ours.ts_us, ours.duration_us) == (last.ts_us, theirs.duration // timedelta(microseconds=1))


def _theirs(beat: Beat) -> Event:
    begun = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=beat.ts_us)
    return Event(timestamp=begun, duration=timedelta(microseconds=beat.duration_us), data=dict(beat.data))


spans = st.tuples(times, times).map(lambda ends: Span(min(ends), max(ends)))


@given(spans, st.lists(spans, max_size=5))
def test_exactly_the_uncovered_time_is_left(whole, holes):
    left = outside(Beat(whole.from_us, whole.until_us - whole.from_us, {}), holes)
    covered = {
        ms
        for ms in range(whole.from_us // MS, whole.until_us // MS)
        if any(hole.from_us <= ms * MS < hole.until_us for hole in holes)
    }
    kept = [ms for span in left for ms in range(span.from_us // MS, span.until_us // MS)]
    assert kept == sorted(set(range(whole.from_us // MS, whole.until_us // MS)) - covered)


def test_an_event_without_duration_stays_unless_it_lies_in_a_hole():
    assert outside(Beat(5, 0, {}), [Span(6, 9)]) == (Span(5, 5),)
    assert outside(Beat(6, 0, {}), [Span(6, 9)]) == ()
