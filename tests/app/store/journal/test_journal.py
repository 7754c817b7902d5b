"""The journal by itself: what goes in comes out, whatever happens to its bytes."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import StoreError
from app.store.journal.command_codec import decode, encode
from app.store.journal.frames import HEADER_BYTES, Frame, Kind, Missing, Torn
from app.store.journal.journal import Journal
from app.store.journal.segments import Segments
from app.store.rows import event_codec
from app.store.values import commands
from app.store.values.forget_request import Forget
from app.store.values.records import (
    ChatMessage,
    KeptSum,
    NewAction,
    NewPrediction,
    NewTrainingRun,
    PredictionScore,
    SessionRecord,
    ThinnedDay,
)
from collectors.events import Event, EventKind, Source
from tests.app.store.test_properties import CLEAN, events

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
LINEAGE = bytes(range(16))
NUMBER = st.integers(-(2**63), 2**63 - 1)
ANY_TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(["\x00", "a\ud800b", "\udcff", "x" * 20_000])
NAMES = CLEAN.filter(lambda text: text is not None)
FLOATS = st.floats(allow_nan=False)
COMMANDS = st.one_of(
    st.builds(
        commands.Append,
        st.lists(st.builds(NewAction, events(), CLEAN, CLEAN, CLEAN), max_size=4).map(tuple),
    ),
    st.builds(commands.Extend, NUMBER, NUMBER),
    st.builds(
        commands.SavePrediction,
        st.builds(
            NewPrediction,
            NUMBER,
            NAMES,
            st.lists(st.tuples(NAMES, FLOATS, FLOATS), max_size=3).map(tuple),
            st.none() | NUMBER,
        ),
    ),
    st.builds(
        commands.ScorePrediction,
        st.builds(
            PredictionScore,
            NUMBER,
            NAMES,
            NUMBER,
            NUMBER,
            FLOATS,
            st.lists(st.tuples(ANY_TEXT, NUMBER), max_size=3).map(tuple),
        ),
    ),
    st.builds(
        commands.SaveTrainingRun, st.builds(NewTrainingRun, NUMBER, ANY_TEXT, st.binary(max_size=3_000), st.booleans())
    ),
    st.builds(commands.UseTrainingRun, st.none() | NUMBER),
    st.builds(commands.PutSetting, ANY_TEXT, ANY_TEXT),
    st.builds(commands.NewChat, NUMBER),
    st.builds(
        commands.AddChatMessage, st.builds(ChatMessage, NUMBER, NUMBER, ANY_TEXT, ANY_TEXT, st.none() | ANY_TEXT)
    ),
    st.builds(
        commands.ReplaceSessions,
        NUMBER,
        NUMBER,
        st.lists(st.builds(SessionRecord, NUMBER, NUMBER, ANY_TEXT, NUMBER), max_size=3).map(tuple),
    ),
    st.builds(commands.BeginForgetting, st.builds(Forget, app=st.text("xyz", min_size=1)), NUMBER),
    st.builds(commands.Audit, NUMBER, ANY_TEXT),
)


@QUICK
@given(COMMANDS)
def test_every_command_comes_back_equal(command: commands.Command):
    assert decode(encode(command)) == command


def test_every_kind_of_command_has_its_bytes():
    assert {type(command) for command in ONE_OF_EACH} == set(commands.Command.__args__)
    for command in ONE_OF_EACH:
        assert decode(encode(command)) == command


@QUICK
@given(events(ANY_TEXT))
def test_text_that_no_database_can_hold_comes_back_as_it_would_be_stored(event: Event):
    def clean(text: str | None) -> str | None:
        return None if text is None else event_codec.storable(text)

    stored = replace(event, app=clean(event.app), target=clean(event.target), title=clean(event.title))
    assert decode(encode(commands.Append((NewAction(event),)))) == commands.Append((NewAction(stored),))


@QUICK
@given(st.binary(max_size=200))
def test_bytes_that_are_no_command_are_reported(content: bytes):
    made: object = None
    with contextlib.suppress(StoreError):
        made = decode(content)
    assert made is None or isinstance(made, get_args(commands.Command))


ONE_OF_EACH: tuple[commands.Command, ...] = (
    commands.Append(()),
    commands.Extend(1, 2),
    commands.SavePrediction(NewPrediction(1, "a", (("b", 0.5, 1.0),), None)),
    commands.ScorePrediction(PredictionScore(1, "a", 2, 1, 0.5, (("m", 1),))),
    commands.SaveTrainingRun(NewTrainingRun(1, "{}", b"\x00\xff" * 1_000)),
    commands.UseTrainingRun(None),
    commands.PutSetting("a", "1"),
    commands.NewChat(1),
    commands.AddChatMessage(ChatMessage(1, 2, "user", "hello")),
    commands.ReplaceSessions(0, 9, (SessionRecord(1, 2, "idle", 3),)),
    commands.BringBack(
        (ThinnedDay(1, 2, 30, 4),),
        (KeptSum(-5, 3_600, Source.WINDOW, EventKind.FOCUS, "gimp", None, "boat", (1, 2, 3, 4, 5)),),
    ),
    commands.BeginForgetting(Forget(since_us=1, until_us=2, app="gimp"), 3),
    commands.Audit(1, "a"),
)


class Place:
    """A folder with a journal, opened again as often as wanted."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self.key = key

    def segments(self, lineage: bytes = LINEAGE) -> Segments:
        return Segments(self.folder, "store", self.key, lineage)

    def write(self, contents: list[bytes], last: int = 0) -> Path:
        """A segment with these, closed without a last word."""
        journal = Journal(self.segments(), last, reserve_bytes=1 << 16)
        for content in contents:
            journal.append(content)
        journal.close(in_order=False)
        return self.folder / f"store-{last + 1:020d}.ktj"

    def read(self, after: int = 0) -> list[Frame | Missing | Torn]:
        return [*self.segments().frames(after)]

    def contents(self, after: int = 0) -> list[bytes]:
        return [item.content for item in self.read(after) if isinstance(item, Frame)]


@pytest.fixture
def place(tmp_path: Path, key: bytes) -> Place:
    return Place(tmp_path / "journal", key)


def test_two_segments_are_read_in_order(place: Place):
    place.write([b"one", b"two"])
    place.write([b"three"], last=2)
    assert place.contents() == [b"one", b"two", b"three"]
    assert place.contents(after=1) == [b"two", b"three"]
    assert place.contents(after=2) == [b"three"]
    assert place.contents(after=3) == []


def test_a_segment_torn_at_any_byte_gives_what_is_whole_before_it(place: Place):
    path = place.write([b"first", b"second", b"third" * 9])
    whole = path.read_bytes()
    ends = [
        frame.place.offset + frame.place.length for frame in place.read() if isinstance(frame, Frame) and frame.place
    ]
    for length in range(HEADER_BYTES, len(whole)):
        path.write_bytes(whole[:length])
        items = place.read()
        expected = sum(end <= length for end in ends)
        assert [type(item) for item in items[:expected]] == [Frame] * expected
        assert all(isinstance(item, Torn) for item in items[expected:])
        # Zeros, which a file system may leave in the place of what was not flushed, are the same as nothing; but if
        # what was torn off were zeros itself (a seal ends in one every 256th time), they make the frame whole.
        left = whole[:length] + bytes(100)
        path.write_bytes(left)
        expected = sum(left[:end] == whole[:end] for end in ends)
        assert place.contents() == [b"first", b"second", b"third" * 9][:expected]


def test_a_flipped_byte_costs_its_own_frame_and_is_reported(place: Place):
    contents = [f"number {n}".encode() for n in range(1, 6)]
    path = place.write(contents)
    whole = path.read_bytes()
    ends = [
        frame.place.offset + frame.place.length for frame in place.read() if isinstance(frame, Frame) and frame.place
    ]
    for at in range(HEADER_BYTES, len(whole)):
        flipped = bytearray(whole)
        flipped[at] ^= 0x10
        path.write_bytes(flipped)
        hit = sum(end <= at for end in ends)
        items = place.read()
        assert [item.content for item in items if isinstance(item, Frame)] == contents[:hit] + contents[hit + 1 :]
        reported = [item for item in items if not isinstance(item, Frame)]
        assert reported == [Missing(hit + 1, hit + 1)] if hit < 4 else [type(item) for item in reported] == [Torn]


def test_a_segment_of_another_key_store_or_a_damaged_head_is_not_read(place: Place):
    path = place.write([b"mine"])
    assert Place(place.folder, secrets.token_bytes(32)).read() == []
    assert [*place.segments(secrets.token_bytes(16)).frames(0)] == []
    whole = path.read_bytes()
    for at in range(HEADER_BYTES):
        flipped = bytearray(whole)
        flipped[at] ^= 1
        path.write_bytes(flipped)
        assert place.segments().readable() == ([], [path])


def test_what_is_missing_between_segments_is_reported(place: Place):
    place.write([b"one"])
    place.write([b"five"], last=4)
    assert [type(item) for item in place.read()] == [Frame, Missing, Frame]
    assert place.read()[1] == Missing(2, 4)


def test_a_segment_without_a_frame_leaves_nothing(place: Place):
    place.write([])
    assert [*place.folder.iterdir()] == []


def test_the_room_kept_in_advance_is_given_back_after_a_death(place: Place):
    journal = Journal(place.segments(), 0, reserve_bytes=1 << 16)
    journal.append(b"one")
    journal.sync()
    (path,) = place.folder.iterdir()
    assert path.stat().st_size > 1 << 16
    (segment,) = place.segments().readable()[0]
    segment.give_back()
    assert path.stat().st_size < 200
    assert place.contents() == [b"one"]
    journal.close(in_order=True)
    assert [item.kind for item in place.read() if isinstance(item, Frame)] == [Kind.COMMAND, Kind.CLOSED]


def test_a_new_segment_begins_with_the_next_number_and_old_ones_can_go(place: Place):
    journal = Journal(place.segments(), 0, reserve_bytes=1 << 16)
    _, early = journal.append(b"one")
    assert journal.roll() == 2
    assert journal.roll() == 2
    _, late = journal.append(b"two")
    journal.sync()
    for where, content in ((early, b"one"), (late, b"two")):
        frame = journal.read(where)
        assert frame is not None
        assert frame.content == content
    assert journal.remove_before(1) == 0
    assert journal.remove_before(2) == 1
    assert journal.read(late) is not None
    journal.close(in_order=False)
    assert place.contents(after=1) == [b"two"]


def test_many_threads_write_one_order(place: Place):
    journal = Journal(place.segments(), 0, reserve_bytes=1 << 16)

    def write(name: int) -> None:
        for n in range(100):
            journal.append(f"{name}:{n}".encode())
            if n % 10 == 0:
                journal.sync()
            if n == 50:
                journal.roll()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close(in_order=False)
    frames = [item for item in place.read() if isinstance(item, Frame)]
    assert [frame.number for frame in frames] == list(range(1, 401))
    for name in range(4):
        mine = [frame.content for frame in frames if frame.content.startswith(f"{name}:".encode())]
        assert mine == [f"{name}:{n}".encode() for n in range(100)]


def test_nothing_of_a_command_can_be_read_in_the_file(place: Place):
    path = place.write([os.urandom(8).hex().encode() + b"canary-in-the-journal"])
    assert b"canary" not in path.read_bytes()
