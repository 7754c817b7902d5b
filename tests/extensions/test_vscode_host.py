"""From a real editor to the encrypted store."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from collectors.events import Event, EventKind, Source
from collectors.history.editor_saves import EditorSaves
from tests.desktop.running import until
from tests.extensions import browsing
from tests.extensions.browsing import Program
from tests.extensions.editing import Editor, detail_of, editor, edits_of, host_command, kinds_of

TASKS = """{"version": "2.0.0", "tasks": [{"label": "unit tests", "type": "shell", "command": "exit 3",
"group": {"kind": "test", "isDefault": true}, "presentation": {"reveal": "never"}, "problemMatcher": []}]}"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work") / "kite"
    (folder / ".vscode").mkdir(parents=True)
    (folder / "wind.py").write_text("x = 1\n")
    (folder / "sail.json").write_text("{}\n")
    (folder / ".vscode" / "tasks.json").write_text(TASKS)
    for line in (["init", "-q", "-b", "harbour"], ["add", "."], ["commit", "-qm", "begin"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *line], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with browsing.program(tmp_path_factory.mktemp("program")) as made:
        made.core.preferences.change(consent=frozenset({Source.EDITOR}))
        yield made


@pytest.fixture(scope="module")
def code(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory, project: Path, program: Program
) -> Iterator[Editor]:
    host_command()
    with editor(playwright, tmp_path_factory.mktemp("host"), project, program.port) as made:
        made.run("KrypticTrack: Pair with a code", program.core.pairing.offer().code)
        until(lambda: "tells KrypticTrack" in made.reported(), "the editor is paired")
        yield made


def test_work_on_a_file_reaches_the_store(code: Editor, program: Program, project: Path) -> None:
    code.show("wind.py")
    code.write("secret_word = 2\n")
    code.save()
    until(
        lambda: kinds_of(program)[-3:] == [(kind, "wind.py") for kind in ("open", "edit", "save")], "the three events"
    )
    opened, edited, saved = edits_of(program)[-3:]
    assert opened.target == str(project / "wind.py")
    assert (detail_of(opened).language, detail_of(opened).project) == ("python", "kite")
    assert detail_of(edited).edits == len("secret_word = 2\n")
    assert edited.duration_us is not None
    assert (detail_of(saved).errors, detail_of(saved).warnings) == (0, 0)
    assert opened.ts_us <= edited.ts_us <= saved.ts_us
    with program.core.store.reader() as reader:
        assert "secret_word" not in str([row for row in reader.export() if row["table"] == "actions"])


def test_what_it_has_saved_can_be_imported(code: Editor, project: Path) -> None:
    history = code.user / "History"
    until(lambda: str(project / "wind.py") in imported(history), "the save stands in the editor's local history")
    assert not any("secret_word" in str(row) for row in EditorSaves().read(history))


def imported(history: Path) -> list[str | None]:
    return [row.target for row in EditorSaves().read(history) if isinstance(row, Event)] if history.is_dir() else []


def test_problems_are_counted_and_the_branch_is_named(code: Editor, program: Program) -> None:
    code.show("sail.json")
    code.write("[1,,]")
    code.page.wait_for_selector(".squiggly-error")
    code.save()
    until(lambda: kinds_of(program)[-1] == ("save", "sail.json"), "the file is saved")
    assert detail_of(edits_of(program)[-1]).errors
    until(lambda: _saved_again(code, program) == "harbour", "the editor's git extension has found the branch")


def _saved_again(code: Editor, program: Program) -> str | None:
    before = len(edits_of(program))
    code.write(" ")
    code.save()
    until(lambda: kinds_of(program)[before:][-1:] == [("save", "sail.json")], "it is saved again")
    return detail_of(edits_of(program)[-1]).branch


def test_a_test_task_is_reported_with_how_it_ended(code: Editor, program: Program, project: Path) -> None:
    code.run("Tasks: Run Test Task")
    until(lambda: any(event.kind is EventKind.TEST for event in edits_of(program)), "the test task is told")
    (test,) = (event for event in edits_of(program) if event.kind is EventKind.TEST)
    assert (test.title, test.target, detail_of(test).exit_status) == ("unit tests", str(project), 3)


def test_nothing_is_reported_of_a_folder_that_is_paused(code: Editor, program: Program) -> None:
    code.show("wind.py")
    before = len(edits_of(program))
    code.run("KrypticTrack: Tell nothing from this folder, or tell again")
    until(lambda: "Nothing is recorded" in code.reported(), "the folder is paused")
    code.write("z")
    code.save()
    code.run("KrypticTrack: Tell nothing from this folder, or tell again")
    until(lambda: "Nothing is recorded" not in code.reported(), "the folder is told of again")
    code.write("w")
    code.save()
    until(lambda: kinds_of(program)[before:][-1:] == [("save", "wind.py")], "it tells again")
    assert sum(event.kind is EventKind.SAVE for event in edits_of(program)[before:]) == 1


def test_a_wrong_code_pairs_nothing(code: Editor, program: Program) -> None:
    known = len(program.core.tokens.clients)
    program.core.pairing.offer()
    code.run("KrypticTrack: Pair with a code", "00000-00000")
    code.says("The pairing code is wrong")
    assert len(program.core.tokens.clients) == known
