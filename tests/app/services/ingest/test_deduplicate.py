"""A save that an editor tells and whoever watches the files tells, too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.services.ingest.deduplicate import SAME_US, SaveDeduplicator
from app.services.ingest.pipeline import IngestPipeline
from app.services.preferences import Preferences
from app.store.store import Store
from collectors.event_json import to_wire
from collectors.events import US_PER_S, Event, EventKind, FileDetail, Source
from tests.app.services.conftest import NOW_US

PATH = "/home/me/code/notes/diary.py"
BY_FILES = Event(NOW_US, Source.FILES, EventKind.SAVE, None, PATH, detail=FileDetail(project="notes"))
BY_EDITOR = Event(
    NOW_US + 30_000,
    Source.EDITOR,
    EventKind.SAVE,
    "code",
    PATH,
    detail=FileDetail(project="notes", language="python", errors=0),
)


@pytest.mark.parametrize(("first", "second"), [(BY_EDITOR, BY_FILES), (BY_FILES, BY_EDITOR)])
def test_whoever_tells_it_second_tells_it_in_vain(first: Event, second: Event):
    saves = SaveDeduplicator()
    assert not saves.is_duplicate(first)
    assert saves.is_duplicate(second)
    assert saves.is_duplicate(second)


@pytest.mark.parametrize(
    "other",
    [
        replace(BY_FILES, target=f"{PATH}x"),
        replace(BY_FILES, ts_us=BY_EDITOR.ts_us + SAME_US + 1),
        replace(BY_FILES, ts_us=BY_EDITOR.ts_us - SAME_US - 1),
        replace(BY_FILES, kind=EventKind.EDIT),
        replace(BY_EDITOR, ts_us=BY_EDITOR.ts_us + 1),
        replace(BY_FILES, target=None),
    ],
)
def test_what_is_no_such_save_is_reported(other: Event):
    saves = SaveDeduplicator()
    assert not saves.is_duplicate(BY_EDITOR)
    assert not saves.is_duplicate(other)


def test_no_more_are_remembered_than_fit():
    saves = SaveDeduplicator()
    for number in range(5_000):
        saves.is_duplicate(replace(BY_EDITOR, target=f"{PATH}{number}"))
    assert len(saves._reported) <= 1_024
    assert saves.is_duplicate(replace(BY_FILES, target=f"{PATH}4999"))


@pytest.fixture
def stored(opened: Store):
    def stored() -> list[Source]:
        with opened.reader() as reader:
            return [row.event.source for row in reader.timeline(0, 2**62)]

    return stored


def test_a_save_in_an_editor_is_stored_once_and_the_other_is_counted(observer: IngestPipeline, stored):
    assert observer.log([to_wire(BY_EDITOR)]).stored == 1
    observer.sense(BY_FILES)
    observer.flush()
    assert stored() == [Source.EDITOR]
    assert dict(observer.tally().dropped) == {"reported by another collector already": 1}


def test_an_editor_that_comes_second_is_reported_so(observer: IngestPipeline, stored):
    observer.sense(BY_FILES)
    report = observer.log([to_wire(BY_EDITOR), to_wire(replace(BY_EDITOR, ts_us=NOW_US + 60 * US_PER_S))])
    assert (report.stored, report.dropped) == (1, (("reported by another collector already", 1),))
    observer.flush()
    assert sorted(stored()) == [Source.EDITOR, Source.FILES]


def test_what_may_not_be_stored_keeps_nothing_else_out(observer: IngestPipeline, preferences: Preferences, stored):
    preferences.change(consent=frozenset({Source.FILES}))
    assert observer.log([to_wire(BY_EDITOR)]).stored == 0
    observer.sense(BY_FILES)
    observer.flush()
    assert stored() == [Source.FILES]
