"""Exports, and their import."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import KnownError
from app.services.backend import Cancelled
from app.services.ingest.importer import Importer, ImportReport
from app.services.ingest.pipeline import new_action
from app.services.maintenance.export import Format, export
from app.services.preferences import Preferences
from app.store.store import Store
from app.store.values.records import Dimension
from collectors.events import KINDS_OF, US_PER_DAY, US_PER_S, Event, EventKind, PageDetail, RhythmDetail, Source
from collectors.history.activitywatch.history import ActivityWatch
from collectors.history.own_export import OwnExport
from collectors.history.reader import Rejected
from collectors.privacy.gate import Origin, Passed, Policy, judge
from tests.app.services.conftest import KEY, NOW_US
from tests.collectors.history.reading import events


def nothing(_: object) -> None:
    """Ignore the progress."""


def importer(store: Store) -> Importer:
    return Importer(store, Preferences(store), Path("/nowhere"), {}, lambda: NOW_US)


def import_file(store: Store, path: Path) -> ImportReport:
    return importer(store).run(OwnExport(), path, nothing, threading.Event())


def export_file(store: Store, path: Path, form: Format = Format.JSON_LINES) -> Path:
    export(store, path, form, force=True, progress=nothing)
    return path


def actions(path: Path) -> list[dict[str, Any]]:
    """Return the actions of an export, without the ids of the store."""
    rows = [json.loads(line) for line in path.read_text().split("\n") if line]
    return [{name: row[name] for name in row if name != "id"} for row in rows if row["table"] == "actions"]


def visit(number: int, **fields: Any) -> Event:
    url = f"https://example.org/{number}"
    return Event(NOW_US + number, Source.BROWSER, EventKind.VISIT, "firefox", url, "Example", US_PER_S, 3_600, **fields)


def stored(store: Store, *events_to_store: Event) -> None:
    store.append([new_action(event) for event in events_to_store]).result()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "empty.db", KEY)
    yield store
    store.close()


@st.composite
def random_events(draw: st.DrawFn) -> list[Event]:
    """Return events as the privacy gate passes them."""
    passed: list[Event] = []
    for number in range(draw(st.integers(0, 30))):
        source = draw(st.sampled_from(list(Source)))
        kind = draw(st.sampled_from(sorted(KINDS_OF[source])))
        text = st.one_of(st.none(), st.text(max_size=40))
        event = Event(
            NOW_US + number * draw(st.sampled_from([0, 1, US_PER_S])),
            source,
            kind,
            draw(text),
            draw(text),
            draw(text),
            draw(st.one_of(st.none(), st.integers(0, 10**10))),
            draw(st.sampled_from([0, 3_600, -34_200])),
            RhythmDetail(5, draw(st.integers(0, 9))) if source is Source.INPUT else None,
            draw(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))),
        )
        verdict = judge(event, Policy(), Origin.IMPORT, NOW_US)
        if isinstance(verdict, Passed):
            passed.append(verdict.event)
    return passed


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(life=random_events())
def test_an_imported_export_is_the_same(tmp_path_factory: pytest.TempPathFactory, life: list[Event]) -> None:
    folder = tmp_path_factory.mktemp("life")
    original, copy = Store.create(folder / "original.db", KEY), Store.create(folder / "copy.db", KEY)
    try:
        stored(original, *life)
        first = export_file(original, folder / "first")
        report = import_file(copy, first)
        assert report.stored == report.read == len(actions(first))
        assert actions(export_file(copy, folder / "second")) == actions(first)
        again = import_file(copy, first)
        assert (again.stored, again.duplicates) == (0, report.stored)
        assert import_file(original, first).stored == 0
    finally:
        original.close()
        copy.close()


def test_equal_actions_stay_separate(opened: Store, empty: Store, tmp_path: Path) -> None:
    stored(opened, visit(1), visit(1), visit(1))
    path = export_file(opened, tmp_path / "export")
    stored(empty, visit(1))
    assert (import_file(empty, path).stored, import_file(empty, path).stored) == (2, 0)


def test_an_action_extended_since_is_a_duplicate(opened: Store, tmp_path: Path) -> None:
    stored(opened, visit(1))
    path = export_file(opened, tmp_path / "export")
    opened.extend(1, 9 * US_PER_S).result()
    assert import_file(opened, path).stored == 0


def test_many_batches_with_few_different_times(opened: Store, empty: Store, tmp_path: Path) -> None:
    stored(opened, *(replace(visit(number // 700), target=f"https://example.org/{number}") for number in range(2_100)))
    path = export_file(opened, tmp_path / "export")
    assert (import_file(empty, path).stored, import_file(empty, path).duplicates) == (2_100, 2_100)


def test_sites_excluded_since_stay_out(opened: Store, empty: Store, tmp_path: Path) -> None:
    stored(opened, visit(1), replace(visit(2), target="https://example.com/"))
    path = export_file(opened, tmp_path / "export")
    Preferences(empty).change(excluded_sites=("example.org",))
    report = import_file(empty, path)
    assert (report.stored, dict(report.dropped)) == (1, {"excluded site": 1})


def test_conversations_and_settings_are_exported_and_not_imported(opened: Store, empty: Store, tmp_path: Path) -> None:
    Preferences(opened).change(keep_days=77)
    opened.new_chat(NOW_US).result()
    stored(opened, visit(1))
    path = export_file(opened, tmp_path / "export")
    assert {"settings", "chat_sessions", "actions"} <= {
        json.loads(line)["table"] for line in path.read_text().rstrip("\n").split("\n")
    }
    assert import_file(empty, path).read == 1
    assert Preferences(empty).settings.keep_days == 30


def test_broken_lines_are_reported_by_their_number(opened: Store, empty: Store, tmp_path: Path) -> None:
    stored(opened, visit(1), visit(2))
    path = export_file(opened, tmp_path / "export")
    lines = path.read_text().rstrip("\n").split("\n")
    odd = [
        '{"table": "actions", "event": {"ts_us": -5}}',
        '{"table": "actions", "event": null, "origin_key": "a"}',
        "[1]",
    ]
    path.write_text("\n".join([lines[0], *odd, "", lines[1]]))
    report = import_file(empty, path)
    assert (report.stored, report.rejected) == (2, 3)
    assert [problem.split(": ")[0][-2:] for problem in report.problems] == [":2", ":3", ":4"]


def test_another_file_is_no_export(empty: Store, tmp_path: Path) -> None:
    (tmp_path / "other").write_text('{"some": "JSON"}\n')
    with pytest.raises(KnownError, match="not an export"):
        import_file(empty, tmp_path / "other")


# --- the file --------------------------------------------------------------------------------------------------------


def test_an_existing_file_stays_unless_it_may_be_replaced(opened: Store, tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.write_text("mine")
    with pytest.raises(KnownError, match="left alone"):
        export(opened, target, Format.JSON_LINES, force=False, progress=nothing)
    assert target.read_text() == "mine"
    export(opened, target, Format.JSON_LINES, force=True, progress=nothing)
    assert target.read_text() != "mine"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob(".there*")) == []


@pytest.mark.parametrize("force", [False, True])
def test_a_cancelled_export_leaves_nothing_behind(opened: Store, tmp_path: Path, force: bool) -> None:
    stored(opened, *(visit(number) for number in range(10_500)))
    folder = tmp_path / "out"
    folder.mkdir()
    if force:
        (folder / "there").write_text("mine")

    def report_progress(_: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        export(opened, folder / "there", Format.JSON_LINES, force=force, progress=report_progress)
    assert [path.read_text() for path in folder.iterdir()] == (["mine"] if force else [])


# --- ActivityWatch ---------------------------------------------------------------------------------------------------


def life() -> list[Event]:
    def at(number: int) -> int:
        return NOW_US - 86_400 * US_PER_S + number * US_PER_S

    return [
        Event(at(1), Source.WINDOW, EventKind.FOCUS, "gimp", None, "A “picture”", 5 * US_PER_S),
        Event(at(2), Source.PRESENCE, EventKind.IDLE),
        Event(at(9), Source.PRESENCE, EventKind.ACTIVE),
        Event(at(10), Source.BROWSER, EventKind.VISIT, "firefox", "https://example.org/", "E", detail=PageDetail()),
        Event(at(11), Source.BROWSER, EventKind.VISIT, "chromium", "https://example.com/", None, 250_000),
        Event(at(12), Source.EDITOR, EventKind.SAVE, "code", "/home/me/boat/a.py", None),
        Event(at(13), Source.TERMINAL, EventKind.COMMAND, "bash", "make"),
    ]


def test_an_export_for_activitywatch_has_its_buckets_and_events(opened: Store, tmp_path: Path) -> None:
    stored(opened, *life())
    buckets = json.loads(export_file(opened, tmp_path / "aw", Format.ACTIVITYWATCH).read_text())["buckets"]
    kinds = {name.rsplit("_", 1)[0]: bucket["type"] for name, bucket in buckets.items()}
    assert kinds == {
        "aw-watcher-window": "currentwindow",
        "aw-watcher-afk": "afkstatus",
        "aw-watcher-web-firefox": "web.tab.current",
        "aw-watcher-web-chromium": "web.tab.current",
        "aw-watcher-code": "app.editor.activity",
        "kryptictrack-terminal": "kryptictrack.terminal",
    }
    for name, bucket in buckets.items():
        assert bucket["id"] == name
        assert {"type", "client", "hostname", "created", "events"} <= bucket.keys()
        assert all(event.keys() == {"id", "timestamp", "duration", "data"} for event in bucket["events"])
    (window,) = next(bucket for name, bucket in buckets.items() if "window" in name)["events"]
    assert (window["duration"], window["data"]) == (5.0, {"app": "gimp", "title": "A “picture”"})
    away = next(bucket for name, bucket in buckets.items() if "afk" in name)["events"]
    assert [(event["data"]["status"], event["duration"]) for event in away] == [("not-afk", 0.0), ("afk", 7.0)]


def test_an_activitywatch_export_can_be_imported(opened: Store, empty: Store, tmp_path: Path) -> None:
    stored(opened, *life())
    path = export_file(opened, tmp_path / "aw", Format.ACTIVITYWATCH)
    assert not any(isinstance(row, Rejected) for row in ActivityWatch().read(path))
    back = {(event.ts_us, event.source, event.app, event.target) for event in events(ActivityWatch(), path)}
    known = (Source.WINDOW, Source.PRESENCE, Source.BROWSER, Source.EDITOR)
    assert back == {(e.ts_us, e.source, e.app, e.target) for e in life() if e.source in known}
    for number in (6, 0):
        assert importer(empty).run(ActivityWatch(), path, nothing, threading.Event()).stored == number


def test_an_empty_store_is_an_export_without_buckets(opened: Store, tmp_path: Path) -> None:
    path = export_file(opened, tmp_path / "aw", Format.ACTIVITYWATCH)
    assert json.loads(path.read_text()) == {"buckets": {}}
    assert list(ActivityWatch().read(path)) == []


# --- thinned days ---------------------------------------------------------------------------------------------


def long_ago(number: int, app: str) -> Event:
    ts_us = NOW_US - 60 * US_PER_DAY + number * 60 * US_PER_S
    return Event(ts_us, Source.WINDOW, EventKind.FOCUS, app, None, f"page {number}", 30 * US_PER_S, -3_600)


def sums(path: Path) -> list[dict[str, Any]]:
    rows = (json.loads(line) for line in path.read_text().split("\n") if line)
    return sorted((row for row in rows if row["table"] in ("data_aggregates", "thinned_days")), key=repr)


def is_sound(store: Store) -> bool:
    with store.reader() as reader:
        return not reader.verify(NOW_US, lambda *_: None).problems


@pytest.fixture
def thinned(opened: Store) -> Store:
    """A store with 1,200 actions of three days, thinned to about twelve, and three of today."""
    stored(opened, *(long_ago(number, "gimp" if number % 3 else "keepassxc-like") for number in range(1_200)))
    stored(opened, visit(1), visit(2), visit(3))
    opened.cleanup(30, NOW_US, dry_run=False).result()
    return opened


def test_the_sums_of_thinned_days_come_back_and_are_not_thinned_again(
    thinned: Store, empty: Store, tmp_path: Path
) -> None:
    path = export_file(thinned, tmp_path / "export")
    report = import_file(empty, path)
    again = export_file(empty, tmp_path / "again")
    assert report.stored == len(actions(path)) < 30
    assert sums(again) == sums(path)
    assert is_sound(empty)
    assert empty.cleanup(30, NOW_US, dry_run=False).result().actions_removed == 0
    import_file(empty, path)
    assert sums(export_file(empty, tmp_path / "twice")) == sums(path)
    with empty.reader() as copy, thinned.reader() as original:
        window = (NOW_US - 90 * US_PER_DAY, NOW_US)
        assert copy.totals(Dimension.APP, *window) == original.totals(Dimension.APP, *window)


def test_sums_of_excluded_applications_stay_out(thinned: Store, empty: Store, tmp_path: Path) -> None:
    path = export_file(thinned, tmp_path / "export")
    Preferences(empty).change(excluded_apps=("gimp",))
    import_file(empty, path)
    assert {row["app"] for row in sums(export_file(empty, tmp_path / "again")) if "app" in row} == {
        "firefox",
        "keepassxc-like",
    }


def test_a_store_that_has_more_of_a_day_keeps_it(thinned: Store, empty: Store, tmp_path: Path) -> None:
    path = export_file(thinned, tmp_path / "export")
    stored(empty, *(replace(long_ago(number % 1_200, "gimp"), title=f"own {number}") for number in range(3_000)))
    before = {row["local_hour"]: row["actions"] for row in sums(export_file(empty, tmp_path / "own")) if "app" in row}
    import_file(empty, path)
    after = export_file(empty, tmp_path / "after")
    assert all(
        row["actions"] >= before[row["local_hour"]]
        for row in sums(after)
        if row.get("app") == "gimp" and row["local_hour"] in before
    )
    assert is_sound(empty)


@pytest.mark.parametrize(
    "changed",
    [
        {"day": "x"},
        {"day": 10**12},
        {"kept": -1},
        {"local_hour": None},
        {"local_hour": 10**12},
        {"actions": -4},
        {"keys": True},
        {"app": 7},
        {"source": "nowhere"},
        {"kind": "command"},
        {"utc_offset_s": 10**9},
    ],
)
def test_invalid_rows_are_skipped(thinned: Store, empty: Store, tmp_path: Path, changed: dict[str, Any]) -> None:
    path = export_file(thinned, tmp_path / "export")
    rows = [json.loads(line) for line in path.read_text().split("\n") if line]
    for row in rows:
        if row["table"] in ("data_aggregates", "thinned_days"):
            row.update({name: value for name, value in changed.items() if name in row})
    path.write_text("\n".join(json.dumps(row) for row in rows))
    import_file(empty, path)
    assert is_sound(empty)
