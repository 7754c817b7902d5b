"""Exports of ActivityWatch."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from collectors.events import US_PER_S, EventKind, PresenceDetail, Source
from collectors.history.activitywatch.history import ActivityWatch
from collectors.history.reader import HistoryError
from collectors.privacy.gate import Dropped, DropReason, Origin, Policy, judge
from tests.collectors.history.reading import events, keys, peak_bytes, rejected

AW = ActivityWatch()
WHEN = "2024-03-01T10:00:00.250000+00:00"
TS_US = int(datetime(2024, 3, 1, 10, tzinfo=UTC).timestamp()) * US_PER_S + 250_000


def row(data, when=WHEN, duration=12.5):
    return {"id": 1, "timestamp": when, "duration": duration, "data": data}


def bucket(kind, *rows):
    return {"id": "b", "created": WHEN, "type": kind, "client": "c", "hostname": "h", "events": list(rows)}


WINDOW = bucket("currentwindow", row({"app": "editor", "title": "notes"}))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "aw-buckets-export.json"


def export(path, **buckets):
    path.write_text(json.dumps({"buckets": buckets}))


def test_a_window(path):
    export(path, w=WINDOW)
    (event,) = events(AW, path)
    assert (event.source, event.kind, event.app, event.title, event.ts_us, event.duration_us) == (
        Source.WINDOW,
        EventKind.FOCUS,
        "editor",
        "notes",
        TS_US,
        12_500_000,
    )


@pytest.mark.parametrize(("status", "kind"), [("afk", EventKind.IDLE), ("not-afk", EventKind.ACTIVE)])
def test_presence(path, status, kind):
    export(path, a=bucket("afkstatus", row({"status": status})))
    (event,) = events(AW, path)
    assert (event.source, event.kind, event.detail) == (Source.PRESENCE, kind, PresenceDetail(0))


def test_a_tab(path):
    data = {"url": "https://example.org", "title": "A", "incognito": False, "audible": False}
    export(path, **{"aw-watcher-web-firefox": bucket("web.tab.current", row(data))})
    (event,) = events(AW, path)
    assert (event.source, event.kind, event.app, event.target) == (
        Source.BROWSER,
        EventKind.VISIT,
        "firefox",
        "https://example.org",
    )


@pytest.mark.parametrize("incognito", [True, "yes", None, 1])
def test_a_tab_that_may_be_private_does_not_pass_the_gate(path, incognito):
    export(path, b=bucket("web.tab.current", row({"url": "https://example.org", "incognito": incognito})))
    (event,) = events(AW, path)
    assert judge(event, Policy(), Origin.IMPORT, 0) == Dropped(DropReason.PRIVATE)


def test_a_file_in_an_editor(path):
    data = {"file": "/w/a.py", "project": "w", "language": "python"}
    export(path, **{"aw-watcher-vscode_host": bucket("app.editor.activity", row(data))})
    (event,) = events(AW, path)
    assert (event.source, event.app, event.target, event.detail.project) == (Source.EDITOR, "vscode", "/w/a.py", "w")


def test_other_buckets_are_passed_over(path):
    export(path, x=bucket("general.stopwatch", row({"label": "x"})), w=WINDOW)
    assert [event.app for event in AW.read(path)] == ["editor"]


def test_a_type_behind_the_events_does_no_harm(path):
    late = {"events": WINDOW["events"], "type": "currentwindow"}
    export(path, w=late)
    assert len(events(AW, path)) == 1


def test_reading_twice_gives_the_same_identities(path):
    export(path, w=bucket("currentwindow", *(row({"app": "a", "title": str(n)}) for n in range(5))))
    first = keys(AW, path)
    assert keys(AW, path) == first
    assert len(set(first)) == 5


def test_an_event_that_has_grown_is_the_same(path):
    export(path, w=WINDOW)
    old = keys(AW, path)
    export(path, w=bucket("currentwindow", row({"app": "editor", "title": "notes"}, duration=99)))
    assert keys(AW, path) == old


@pytest.mark.parametrize(
    "bad",
    [
        7,
        None,
        "x",
        {},
        row({}),
        row([]),
        row({"app": "a"}, when="noon"),
        row({"app": "a"}, when=5),
        row({"app": ["a"]}),
    ],
)
def test_a_bad_event_is_rejected_and_the_others_kept(path, bad):
    good = row({"app": "a", "title": "b"})
    export(path, w=bucket("currentwindow", good, bad, good))
    assert len(events(AW, path)) == 2
    assert len(rejected(AW, path)) == 1


@pytest.mark.parametrize("duration", [-1, "long", None, 1e300, True])
def test_an_absurd_duration_is_none(path, duration):
    export(path, w=bucket("currentwindow", row({"app": "a"}, duration=duration)))
    assert events(AW, path)[0].duration_us is None


@pytest.mark.parametrize("kind", [7, ["x"], {"a": 1}])
def test_a_bucket_of_an_absurd_type_is_passed_over(path, kind):
    export(path, x=bucket(kind, row({"app": "a"})), w=WINDOW)
    assert [event.app for event in AW.read(path)] == ["editor"]


def test_a_broken_event_is_rejected_and_the_others_kept(path):
    export(path, w=bucket("currentwindow", row({"app": "a"}), "HERE", row({"app": "b"})))
    path.write_text(path.read_text().replace('"HERE"', '{"timestamp": nonsense]}'.replace("]", "")))
    assert [event.app for event in events(AW, path)] == ["a", "b"]
    assert len(rejected(AW, path)) == 1


def test_a_huge_event_is_rejected_and_the_others_kept(path):
    rows = [row({"app": "a"}), row({"app": "x" * (3 << 20)}), row({"app": "b"})]
    export(path, w=bucket("currentwindow", *rows))
    assert [event.app for event in events(AW, path)] == ["a", "b"]
    assert [found.reason for found in rejected(AW, path)] == ["longer than 1 MiB"]


def test_every_cut_keeps_the_whole_events_before_it(path):
    export(path, w=bucket("currentwindow", *(row({"app": 'q"\\{[', "title": str(n)}) for n in range(3))))
    text = path.read_text()
    ends = [place + 2 for place in range(len(text)) if text.startswith("}}", place)]
    for cut in range(text.index('"events"') + 20, len(text) - 5):
        path.write_text(text[:cut])
        whole = sum(end <= cut for end in ends)
        assert len(events(AW, path)) == whole
        assert len(rejected(AW, path)) == 1


def test_text_that_is_no_utf_8_is_kept_as_far_as_it_is(path):
    export(path, w=bucket("currentwindow", row({"app": "caf#"})))
    path.write_bytes(path.read_bytes().replace(b"#", b"\xe9"))
    assert events(AW, path)[0].app == "caf\ufffd"


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "7", '{"bucket', '{"buckets": 7}', '{"other": {}}', "\0" * 100, "{" * 9_999]
)
def test_what_is_no_export_is_an_error_with_a_way_out(path, content):
    path.write_text(content)
    with pytest.raises(HistoryError, match="Export all buckets"):
        list(AW.read(path))


def test_deep_nesting_does_no_harm(path):
    export(path, w=bucket("currentwindow", "HERE", row({"app": "b"})))
    path.write_text(path.read_text().replace('"HERE"', "[" * 50_000 + "]" * 50_000))
    assert [event.app for event in events(AW, path)] == ["b"]


def test_memory_stays_flat_over_a_large_export(path):
    export(path, w=bucket("currentwindow", *(row({"app": "a", "title": str(n)}) for n in range(8_000))))
    assert peak_bytes(AW, path) < 4 << 20


@pytest.mark.parametrize("name", ["Downloads", "Téléchargements"])
def test_finds_exports_among_the_downloads(own_home, name):
    folder = own_home / name
    folder.mkdir()
    (own_home / ".config").mkdir()
    (own_home / ".config/user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="$HOME/{name}"\n')
    export(folder / "aw-buckets-export.json", w=WINDOW)
    assert AW.discover(own_home, {}) == (folder / "aw-buckets-export.json",)
