"""The desktop's list of recently used files."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.events import EventKind, Source
from collectors.history.reader import HistoryError
from collectors.history.recent_files import RecentFiles
from tests.collectors.history.reading import events, keys, peak_bytes, rejected

RECENT = RecentFiles()
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<xbel version="1.0" xmlns:bookmark="http://www.freedesktop.org/standards/desktop-bookmarks"
      xmlns:mime="http://www.freedesktop.org/standards/shared-mime-info">
"""
TAIL = "</xbel>\n"


def bookmark(href="file:///home/me/na%20me.pdf", used="2024-03-01T10:00:00Z", apps=("Document Viewer",)):
    applications = "".join(
        f'<bookmark:application name="{app}" exec="&apos;x %u&apos;" modified="{used}" count="2"/>' for app in apps
    )
    return f"""<bookmark href="{href}" added="2024-01-01T00:00:00Z" modified="{used}" visited="{used}"><info>
<metadata owner="http://freedesktop.org"><mime:mime-type type="application/pdf"/>
<bookmark:applications>{applications}</bookmark:applications></metadata></info></bookmark>
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "recently-used.xbel"


def test_a_use_tells_the_file_the_program_and_the_time(path):
    path.write_text(HEAD + bookmark() + TAIL)
    (event,) = events(RECENT, path)
    assert (event.source, event.kind, event.app, event.target) == (
        Source.FILES,
        EventKind.OPEN,
        "Document Viewer",
        "/home/me/na me.pdf",
    )
    assert event.ts_us == int(datetime(2024, 3, 1, 10, tzinfo=UTC).timestamp()) * 1_000_000
    assert event.detail.mime_type == "application/pdf"


def test_each_program_that_used_a_file_is_an_event(path):
    path.write_text(HEAD + bookmark(apps=("a", "b")) + TAIL)
    assert [event.app for event in events(RECENT, path)] == ["a", "b"]


def test_a_file_on_another_machine_keeps_its_address(path):
    path.write_text(HEAD + bookmark(href="sftp://host/a%20b") + TAIL)
    assert events(RECENT, path)[0].target == "sftp://host/a%20b"


def test_reading_twice_gives_the_same_identities(path):
    path.write_text(HEAD + bookmark(apps=("a", "b")) + TAIL)
    first = keys(RECENT, path)
    assert keys(RECENT, path) == first
    assert len(set(first)) == 2


def test_a_later_use_is_another_event(path):
    path.write_text(HEAD + bookmark() + TAIL)
    old = keys(RECENT, path)
    path.write_text(HEAD + bookmark(used="2024-03-02T10:00:00Z") + TAIL)
    assert keys(RECENT, path) != old


def test_a_list_that_breaks_off_keeps_the_files_before(path):
    path.write_text(HEAD + bookmark() + bookmark()[:80])
    assert len(events(RECENT, path)) == 1
    assert "broken XML" in rejected(RECENT, path)[0].reason


def test_broken_rows_are_rejected_and_the_others_kept(path):
    path.write_text(HEAD + bookmark(href="") + bookmark(used="yesterday") + bookmark() + TAIL)
    assert len(events(RECENT, path)) == 1
    assert [row.reason for row in rejected(RECENT, path)] == ["no file is named", "no readable time"]


def test_bytes_that_are_no_utf_8_keep_the_files_before(path):
    path.write_bytes((HEAD + bookmark()).encode() + bookmark().encode().replace(b"Viewer", b"\xff\xfe"))
    assert len(events(RECENT, path)) == 1
    assert len(rejected(RECENT, path)) == 1


def test_entities_are_refused(path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    path.write_text(f'<?xml version="1.0"?>{bomb}<xbel><bookmark href="&b;"/></xbel>')
    with pytest.raises(HistoryError, match="declares the XML entity 'a'"):
        list(RECENT.read(path))


def test_an_element_without_an_end_does_not_fill_the_memory(path):
    path.write_text(HEAD + bookmark() + '<bookmark href="' + "x" * (16 << 20))
    assert len(events(RECENT, path)) == 1
    assert peak_bytes(RECENT, path) < 16 << 20


def test_memory_stays_flat_over_a_large_list(path):
    path.write_text(HEAD + bookmark() * 20_000 + TAIL)
    assert peak_bytes(RECENT, path) < 4 << 20


def test_finds_the_list_where_the_data_is(own_home, tmp_path):
    path = tmp_path / "data/recently-used.xbel"
    path.write_text(HEAD + TAIL)
    assert RECENT.discover(own_home, {"XDG_DATA_HOME": str(tmp_path / "data")}) == (path,)
