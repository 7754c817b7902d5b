"""Heartbeats and holes, held against ActivityWatch's own merging and against the sums that must come out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aw_core.models import Event
from aw_transform import heartbeat_merge
from hypothesis import given
from hypothesis import strategies as st

from app.services.activitywatch.heartbeats import Beat, Span, merged, outside

MS = 1_000
moments = st.integers(0, 100).map(lambda ms: ms * MS)


beats = st.builds(Beat, moments, moments, st.sampled_from([{"app": "a"}, {"app": "b"}]))


@given(beats, beats, moments)
def test_heartbeats_are_merged_as_activitywatch_merges_them(last, beat, pulse):
    theirs = heartbeat_merge(_theirs(last), _theirs(beat), pulse / 1e6)
    ours = merged(last, beat, pulse)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        assert (ours.ts_us, ours.duration_us) == (last.ts_us, theirs.duration // timedelta(microseconds=1))


def _theirs(beat: Beat) -> Event:
    begun = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=beat.ts_us)
    return Event(timestamp=begun, duration=timedelta(microseconds=beat.duration_us), data=dict(beat.data))


spans = st.tuples(moments, moments).map(lambda ends: Span(min(ends), max(ends)))


@given(spans, st.lists(spans, max_size=5))
def test_what_is_left_is_just_what_no_hole_covers(whole, holes):
    left = outside(Beat(whole.from_us, whole.until_us - whole.from_us, {}), holes)
    covered = {
        ms
        for ms in range(whole.from_us // MS, whole.until_us // MS)
        if any(hole.from_us <= ms * MS < hole.until_us for hole in holes)
    }
    kept = [ms for span in left for ms in range(span.from_us // MS, span.until_us // MS)]
    assert kept == sorted(set(range(whole.from_us // MS, whole.until_us // MS)) - covered)


def test_a_moment_stays_where_it_is_not_in_a_hole():
    assert outside(Beat(5, 0, {}), [Span(6, 9)]) == (Span(5, 5),)
    assert outside(Beat(6, 0, {}), [Span(6, 9)]) == ()
