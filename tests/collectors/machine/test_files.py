"""Files that change in projects while the sense watches."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.events import Event, EventKind, FileDetail, Source
from collectors.machine import files
from collectors.machine.files import FilesCollector
from collectors.timestamp import Timestamp
from collectors.work import project_folders
from collectors.work.file_names import is_worked_on, sign_of
from neural.reward.actions import label
from tests.collectors.run_collector import Running, running
from tests.desktop.fixtures import needs

pytestmark = pytest.mark.desktop


def git(folder: Path, *arguments: str) -> None:
    own = ("-c", "user.name=Me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false", "-c", "gc.auto=0")
    subprocess.run(["git", "-C", str(folder), *own, *arguments], check=True, capture_output=True)


def made(folder: Path) -> Path:
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / ".gitignore").write_text("out/\n*.made\n")
    (folder / "src/a.py").write_text("a = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    return folder


@pytest.fixture
def project(own_home: Path) -> Path:
    return made(own_home / "src/kite")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Processes of nobody but the test: the machine may run others, in projects of their own."""
    folder = tmp_path / "proc"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person would wait a second for each file."""
    monkeypatch.setattr(files, "SETTLE_S", 0.2)


@pytest.fixture
def work(project: Path, own_home: Path, proc: Path) -> Iterator[Running]:
    with running(FilesCollector(own_home, every_s=0.1, proc=proc)) as at_work:
        watched(at_work, project)
        yield at_work


def watched(work: Running, project: Path) -> None:
    """Wait until a project is watched: a file that is written again and again is seen."""
    work.until_true(lambda: saved_again(project / "seen.txt") and str(project / "seen.txt") in targets(work))
    while any(event.target == str(project / "seen.txt") for event in work.events):
        work.events.clear()


def saved_again(path: Path) -> bool:
    path.write_text(str(time.monotonic()))
    return True


def targets(work: Running) -> list[str]:
    return [event.target or "" for event in work.events]


def acts(work: Running) -> list[tuple[str, str]]:
    """What was reported, but for the file that shows that the sense is at work."""
    return [
        (event.kind.value, Path(event.target or "").name)
        for event in work.events
        if "seen.txt" not in (event.target or "")
    ]


def save(path: Path, text: str = "b = 2\n") -> None:
    path.write_text(text)


def until_saved(work: Running, path: Path) -> Event:
    return work.until(lambda event: event.target == str(path) and event.kind is EventKind.SAVE)


def test_a_save_is_reported_with_its_path_and_project(project: Path, work: Running):
    save(project / "src/a.py")
    event = until_saved(work, project / "src/a.py")
    assert (event.source, event.kind, event.app, event.title) == (Source.FILES, EventKind.SAVE, None, None)
    assert event.detail == FileDetail(project="kite")
    assert label(event).token == "file:py@kite"


def test_a_file_put_in_the_place_of_another_is_saved(project: Path, work: Running):
    save(project / "src/.a.py.new")
    (project / "src/.a.py.new").rename(project / "src/a.py")
    until_saved(work, project / "src/a.py")


def test_saving_again_and_again_is_one_act(project: Path, work: Running):
    for number in range(20):
        save(project / "src/a.py", f"a = {number}\n")
    save(project / "last.txt")
    until_saved(work, project / "last.txt")
    assert acts(work) == [("save", "a.py"), ("save", "last.txt")]


def test_what_git_leaves_out_is_not_reported_nor_scratch_nor_secrets(project: Path, work: Running):
    (project / "out").mkdir()
    (project / "node_modules").mkdir()
    for name in ("out/a.py", "b.made", "node_modules/x.js", "c.py~", "#c.py#", "d.log", ".env", "id_rsa", "my.pem"):
        save(project / name)
    save(project / "last.txt")
    until_saved(work, project / "last.txt")
    assert acts(work) == [("save", "last.txt")]


def test_new_rules_hold_from_then_on(project: Path, work: Running):
    save(project / ".gitignore", "*.txt\n")
    until_saved(work, project / ".gitignore")
    save(project / "left-out.txt")
    save(project / "last.py")
    until_saved(work, project / "last.py")
    assert acts(work) == [("save", ".gitignore"), ("save", "last.py")]


def test_folders_that_come_and_move_are_followed(project: Path, work: Running):
    (project / "new/below").mkdir(parents=True)
    work.until_true(lambda: saved_again(project / "new/below/a.py") and bool(acts(work)))
    (project / "new").rename(project / "moved")
    moved = project / "moved/below/b.py"
    work.until_true(lambda: saved_again(moved) and str(moved) in targets(work))
    shutil.rmtree(project / "moved")
    save(project / "last.txt")
    until_saved(work, project / "last.txt")


def test_many_files_at_once_are_a_programs_doing(project: Path, own_home: Path, proc: Path):
    clock = Clock()
    collector = FilesCollector(own_home, proc=proc, now=clock)
    with running(collector) as work:
        work.until_true(lambda: saved_again(project / "seen.txt") and bool(collector._waiting))
        for number in range(50):
            save(project / f"src/{number}.py")
        work.until_true(
            lambda: {act.path.name for act in tuple(collector._waiting)} >= {f"{number}.py" for number in range(50)}
        )
        clock.mono_s += 2.0
        work.until_true(lambda: saved_again(project / "seen.txt") and len(collector._waiting) < 50)
        clock.mono_s += 2.0
        save(project / "last.txt")
        work.until_true(lambda: any(act.path.name == "last.txt" for act in tuple(collector._waiting)))
        clock.mono_s += 2.0
        save(project / "later.txt")
        until_saved(work, project / "last.txt")
        assert acts(work) == [("save", "last.txt")]


class Clock:
    """Stands still until it is moved on."""

    def __init__(self) -> None:
        self.mono_s = 0.0

    def __call__(self) -> Timestamp:
        return Timestamp(time.time_ns() // 1_000, self.mono_s)


def test_what_git_puts_in_place_is_not_reported(project: Path, work: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "SETTLE_S", 2.0)  # git must have come to its end
    git(project, "checkout", "-q", "-b", "topic")
    save(project / "src/a.py", "of the topic\n")
    until_saved(work, project / "src/a.py")
    git(project, "commit", "-q", "-am", "Change")
    work.events.clear()
    git(project, "checkout", "-q", "main")
    last = project / "last.txt"
    work.until_true(lambda: saved_again(last) and str(last) in targets(work))
    assert acts(work) == [("save", "last.txt")]


@pytest.mark.parametrize(
    ("next_to", "kind", "app"),
    [
        (".a.py.swp", EventKind.OPEN, "vim"),
        (".~lock.a.py#", EventKind.OPEN, "libreoffice"),
        (".#a.py", EventKind.EDIT, "emacs"),
    ],
)
def test_editors_show_what_they_work_on(project: Path, work: Running, next_to: str, kind: EventKind, app: str):
    if app == "emacs":
        (project / "src" / next_to).symlink_to("me@host.1:2")
    else:
        (project / "src" / next_to).touch()
    event = work.until(lambda event: event.kind is kind)
    assert (event.target, event.app) == (str(project / "src/a.py"), app)


def test_vim_tells_what_is_opened_changed_and_saved_in_it(project: Path, work: Running):
    needs("vim")
    process, terminal = pty.fork()
    if not process:
        os.chdir(project / "src")
        os.execvpe("vim", ["vim", "-u", "NONE", "a.py"], {**os.environ, "TERM": "dumb"})
    try:
        assert work.until(lambda event: event.kind is EventKind.OPEN).target == str(project / "src/a.py")

        typed_s = 0.0

        def changed() -> bool:
            nonlocal typed_s
            if time.monotonic() - typed_s > 0.3:  # as a person types: what vim cannot take in yet fills its terminal
                typed_s = time.monotonic()
                os.write(terminal, b"ihello\x1b")
            if select.select([terminal], [], [], 0)[0]:
                os.read(terminal, 1 << 16)
            return any(event.kind is EventKind.EDIT for event in work.events)

        work.until_true(changed)
        os.write(terminal, b":wq\r")
        until_saved(work, project / "src/a.py")
    finally:
        os.close(terminal)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    assert acts(work) == [("open", "a.py"), ("edit", "a.py"), ("save", "a.py")]
    assert [event.app for event in work.events if event.kind is not EventKind.SAVE] == ["vim", "vim"]


def test_the_list_of_recently_used_files_is_followed(project: Path, own_home: Path, proc: Path):
    data = Path(os.environ["XDG_DATA_HOME"])
    write_list(data, ("old.odt", "2020-01-01T00:00:00Z"))
    with running(FilesCollector(own_home, proc=proc)) as work:
        watched(work, project)
        write_list(data, ("old.odt", "2020-01-01T00:00:00Z"), ("new.odt", datetime.now(UTC).isoformat()))
        event = work.until(lambda event: event.kind is EventKind.OPEN)
        assert (event.target, event.app) == ("/home/me/new.odt", "Writer")
        save(project / "last.txt")
        until_saved(work, project / "last.txt")
        assert [event.target for event in work.events if event.kind is EventKind.OPEN] == ["/home/me/new.odt"]


def write_list(data: Path, *rows: tuple[str, str]) -> None:
    marks = "".join(
        f'<bookmark href="file:///home/me/{name}" visited="{at}"><info><metadata owner="x">'
        f'<b:applications><b:application name="Writer" modified="{at}"/></b:applications></metadata></info></bookmark>'
        for name, at in rows
    )
    (data / "new.xbel").write_text(f'<xbel xmlns:b="http://b">{marks}</xbel>')
    (data / "new.xbel").rename(data / "recently-used.xbel")


def test_a_project_that_a_program_comes_to_stand_in_is_watched(work: Running, tmp_path: Path, proc: Path):
    fresh = made(tmp_path / "fresh")
    (proc / "77").mkdir()
    (proc / "77/cwd").symlink_to(fresh / "src")
    work.until_true(lambda: saved_again(fresh / "src/b.py") and str(fresh / "src/b.py") in targets(work))


def test_a_project_not_used_for_long_is_not_watched(own_home: Path, project: Path, proc: Path):
    old = made(own_home / "old")
    for name in (".git/logs/HEAD", ".git/index", ".git/HEAD"):
        os.utime(old / name, (0, 1_600_000_000))
    with running(FilesCollector(own_home, proc=proc)) as work:
        watched(work, project)
        save(old / "src/a.py")
        save(project / "last.txt")
        until_saved(work, project / "last.txt")
    assert acts(work) == [("save", "last.txt")]


def test_there_is_an_end_to_what_is_watched(
    own_home: Path, project: Path, proc: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(project_folders, "MAX_FOLDERS", 2)
    (project / "one").mkdir()
    (project / "two").mkdir()
    with running(FilesCollector(own_home, proc=proc)) as work:
        watched(work, project)
        save(project / "two/unseen.py")
        save(project / "one/seen.py")
        until_saved(work, project / "one/seen.py")
    assert ("save", "unseen.py") not in acts(work)
    assert len(caplog.records) == 1


def test_what_was_saved_last_is_reported_at_the_end_too(project: Path, own_home: Path, proc: Path):
    collector = FilesCollector(own_home, proc=proc, now=Clock())
    with running(collector) as work:
        last = project / "last.txt"
        work.until_true(lambda: saved_again(last) and any(act.path == last for act in tuple(collector._waiting)))
        assert work.stop() != []
    assert acts(work) == [("save", "last.txt")]


def test_the_system_can_tell_of_changes(own_home: Path):
    assert FilesCollector(own_home).check() is None


@pytest.mark.parametrize("name", ["a.py", "Makefile", "notes.md", ".gitignore", "keyboard.c", "tokenizer.py", "a"])
def test_people_work_on_files(name: str):
    assert is_worked_on(name)
    assert sign_of(name) is None


@pytest.mark.parametrize(
    "name", ["a~", ".a.swx", "4913", "x.pyc", "secrets.yml", ".env.local", "id_ed25519", "db.sqlite3-wal"]
)
def test_scratch_and_secrets_are_nobodys_work(name: str):
    assert not is_worked_on(name)
