"""The local history of VS Code, as it lies on the disk; tests/extensions/test_vscode_host.py reads a real editor's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collectors.events import EventKind, FileDetail, Source
from collectors.history.editor_saves import EditorSaves
from collectors.history.reader import HistoryError
from tests.collectors.history.reading import events, keys, rejected

T_MS = 1_700_000_000_123
SAVES = EditorSaves()


def kept(history: Path, resource: object, *times_ms: object, folder: str = "1a2b") -> Path:
    """What an editor keeps of one file."""
    place = history / folder
    place.mkdir(parents=True)
    entries = [{"id": f"x{number}.py", "timestamp": time} for number, time in enumerate(times_ms)]
    (place / "entries.json").write_text(json.dumps({"version": 1, "resource": resource, "entries": entries}))
    (place / "x0.py").write_text("the saved text\n")
    return history


@pytest.fixture
def history(own_home) -> Path:
    return own_home / ".config/Code/User/History"


def test_a_save_of_a_file_in_a_project(history, own_home):
    (own_home / "kite/.git").mkdir(parents=True)
    (own_home / "kite/.git/HEAD").write_text("ref: refs/heads/main\n")
    kept(history, f"file://{own_home}/kite/wind%20speed.py", T_MS)
    (event,) = events(SAVES, history)
    assert (event.source, event.kind, event.app) == (Source.EDITOR, EventKind.SAVE, "code")
    assert (event.target, event.ts_us) == (str(own_home / "kite/wind speed.py"), T_MS * 1_000)
    assert event.detail == FileDetail(project="kite")


def test_each_save_is_one_and_stays_the_same(history, own_home):
    kept(history, f"file://{own_home}/a.py", T_MS, T_MS + 1)
    kept(history, f"file://{own_home}/b.py", T_MS, folder="3c4d")
    assert len(set(keys(SAVES, history))) == 3
    assert keys(SAVES, history) == keys(SAVES, history)


@pytest.mark.parametrize(
    "resource", ["vscode-userdata:/User/settings.json", "untitled:Untitled-1", "ssh://x/etc", "[", "file:"]
)
def test_what_is_no_file_of_this_machine_is_passed_over(history, resource):
    assert list(SAVES.read(kept(history, resource, T_MS))) == []


def test_a_file_that_code_server_serves_is_one_of_this_machine(history):
    (event,) = events(SAVES, kept(history, "vscode-remote://127.0.0.1:8080/home/ann/a.py", T_MS))
    assert event.target == "/home/ann/a.py"


@pytest.mark.parametrize("time_ms", [None, "soon", -1, 0, True, 10**30, 1.5, [], {}])
def test_a_save_without_a_readable_time_is_reported_and_the_others_are_read(history, time_ms):
    kept(history, "file:///home/ann/a.py", time_ms, T_MS)
    assert [row.reason for row in rejected(SAVES, history)] == ["no readable time"]
    assert len(events(SAVES, history)) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", '{"entries": 3, "resource": "file:///a"}', "[" * 100_000, " " * (1 << 21)]
)
def test_a_broken_list_is_reported_and_the_others_are_read(history, text):
    kept(history, "file:///home/ann/a.py", T_MS)
    (history / "0bad").mkdir()
    (history / "0bad/entries.json").write_text(text)
    assert len(rejected(SAVES, history)) == 1
    assert len(events(SAVES, history)) == 1


def test_folders_without_a_list_and_files_next_to_them_are_passed_over(history):
    kept(history, "file:///home/ann/a.py", T_MS)
    (history / "empty").mkdir()
    (history / "note").write_text("x")
    assert len(list(SAVES.read(history))) == 1


def test_a_file_in_the_folders_place_is_an_error_with_a_way_out(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError, match="is not a folder") as refused:
        list(SAVES.read(tmp_path / "file"))
    assert refused.value.remedy


def test_each_editor_is_found_and_named(own_home):
    places = [own_home / place for place in (".config/Code", ".config/VSCodium", ".local/share/code-server")]
    for place in places:
        kept(place / "User/History", "file:///home/ann/a.py", T_MS)
    found = SAVES.discover(own_home, {})
    assert found == tuple(place / "User/History" for place in places)
    assert [event.app for path in found for event in events(SAVES, path)] == ["code", "codium", "code-server"]
