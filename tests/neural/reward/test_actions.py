from __future__ import annotations

import pytest

from collectors.events import CommandDetail, Detail, Event, EventKind, FileDetail, GitDetail, Source
from neural.reward.actions import label, step_of
from neural.reward.commands import name


def event(source: Source, kind: EventKind, *, detail: Detail | None = None, **fields: str) -> Event:
    return Event(ts_us=1_000_000, source=source, kind=kind, detail=detail, **fields)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("git commit -m 'a message'", "git commit"),
        ("git -C /srv/x -c a.b=c status", "git status"),
        ("sudo -u postgres apt-get install x", "apt-get install"),
        ("A=1 B='two words' env -u C ./tools/run.sh arg", "run.sh"),
        ("cd /tmp && make -C sub -j 8 test | tee log", "make test"),
        ("/usr/bin/vim notes", "vim"),
        ("python3 -m pytest -q tests", "python3 -m pytest"),
        ("docker compose up -d", "docker compose up"),
        ("timeout -s KILL 10 make", "make"),
        ("ls|wc", "ls"),
        ("(sleep 1; ls)", "sleep"),
        ("git [redacted]", "git"),
        ("make /home/someone/secret", "make"),
        ('echo "unbalanced', "echo"),
        ("cd x", "cd"),
        ("A=1", None),
        ("", None),
        ("'", None),
    ],
)
def test_a_command_is_known_by_program_and_subcommand(line: str, expected: str | None) -> None:
    assert name(line) == expected


def test_a_command_line_of_any_length_gives_a_short_name() -> None:
    assert len(name("x" * 100_000) or "") == 64


@pytest.mark.parametrize(
    ("made", "token"),
    [
        (event(Source.WINDOW, EventKind.FOCUS, app="Firefox"), "app:firefox"),
        (event(Source.WINDOW, EventKind.FOCUS), None),
        (event(Source.BROWSER, EventKind.VISIT, target="https://www.github.com/a?b=c"), "web:github.com"),
        (event(Source.BROWSER, EventKind.VISIT, target="about:blank"), None),
        (event(Source.BROWSER, EventKind.FOCUS, target="https://www.github.com/a"), "web:github.com"),
        (event(Source.BROWSER, EventKind.CLICK, target="https://www.github.com/a"), None),
        (event(Source.BROWSER, EventKind.DWELL, target="https://www.github.com/a"), None),
        (event(Source.BROWSER, EventKind.VISIT, target="http://[broken"), None),
        (event(Source.TERMINAL, EventKind.COMMAND, target="git push"), "cmd:git push"),
        (event(Source.GIT, EventKind.COMMIT, detail=GitDetail("/home/u/src/kite")), "git:commit"),
        (event(Source.FILES, EventKind.SAVE, target="/home/u/src/kite/a.py"), "file:py@kite"),
        (event(Source.EDITOR, EventKind.EDIT, target="/tmp/a.py", detail=FileDetail(project="kite")), "file:py@kite"),
        (event(Source.FILES, EventKind.OPEN, target="/home/u/Downloads/a.pdf"), "file:pdf"),
        (event(Source.FILES, EventKind.OPEN, target="/home/u/.bashrc"), None),
        (event(Source.EDITOR, EventKind.TEST, target="/home/u/src/kite/a.py"), "code:test"),
        (event(Source.PRESENCE, EventKind.IDLE), None),
        (event(Source.RESOURCES, EventKind.LOAD), None),
        (event(Source.PROCESS, EventKind.LAUNCH, app="sh"), None),
    ],
)
def test_an_event_has_its_token(made: Event, token: str | None) -> None:
    assert label(made).token == token


@pytest.mark.parametrize(
    ("folder", "project"),
    [
        ("/home/u/src/kite/sub", "kite"),
        ("~/work/github.com/kite", "kite"),
        ("/home/u", None),
        ("/home/u/Downloads/x", None),
        ("/home/u/.config/x", None),
        ("/root/kite", "kite"),
        ("/etc/ssl", None),
        ("", None),
    ],
)
def test_a_folder_names_its_project(folder: str, project: str | None) -> None:
    made = event(Source.TERMINAL, EventKind.COMMAND, target="ls", detail=CommandDetail(cwd=folder))
    assert label(made).project == project


def test_a_step_carries_the_words_of_its_title_and_no_numbers() -> None:
    made = event(Source.WINDOW, EventKind.FOCUS, app="code", title="Main.py - kite (2024) - kite")
    step = step_of(made, label(made), session=3)
    assert step is not None
    assert (step.action, step.session, step.title_tokens) == ("app:code", 3, ("main", "py", "kite"))


def test_a_failed_command_is_reported_by_a_token_of_its_step() -> None:
    made = event(Source.TERMINAL, EventKind.COMMAND, target="make", detail=CommandDetail(exit_status=2))
    step = step_of(made, label(made), session=0)
    assert step is not None
    assert step.title_tokens == ("exit:failed",)


def test_what_is_no_action_makes_no_step() -> None:
    made = event(Source.RESOURCES, EventKind.LOAD)
    assert step_of(made, label(made), session=0) is None
