"""Senses that are on and can hear nothing, with the reason."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.integrations import shell_hooks
from app.paths import Paths, from_environment
from app.services.access.tokens import Client, Scope
from app.services.commands.source_diagnosis import with_setup_hints
from app.services.status import SourceState, SourceStatus


@pytest.fixture
def paths(own_home: Path) -> Paths:
    return from_environment(os.environ)


@pytest.fixture(autouse=True)
def shells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs with bash and fish alone."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for shell in ("bash", "fish"):
        (programs / shell).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(programs))
    return programs


def sense(name: str) -> SourceStatus:
    return SourceStatus(name, name.title(), consented=True, state=SourceState.RUNNING)


def client(name: str, scope: Scope = Scope.INGEST) -> Client:
    return Client(name, scope, "00" * 32, 0)


def reported(paths: Paths, status: SourceStatus, *clients: Client) -> str:
    return with_setup_hints([status], paths, {}, clients)[0].reason


def test_a_terminal_without_a_hook_hears_nothing_and_names_the_command(paths: Paths) -> None:
    [found] = with_setup_hints([sense("terminal")], paths, {}, ())
    assert found.reason == "No shell tells its commands yet; bash and fish can."
    assert found.remedy.startswith("kryptic shell install ")
    assert replace(found, reason="", remedy="") == sense("terminal")


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_one_shell_that_tells_is_enough(paths: Paths, shell: str) -> None:
    shell_hooks.install(paths, {}, shell)
    assert reported(paths, sense("terminal")) == ""


def test_a_machine_without_a_shell_that_could_tell_says_that(paths: Paths, shells: Path) -> None:
    for shell in shells.iterdir():
        shell.unlink()
    assert reported(paths, sense("terminal")).startswith("There is no bash, zsh or fish")


def test_a_file_that_cannot_be_read_is_the_reason(paths: Paths, own_home: Path) -> None:
    (paths.data / "shell").mkdir(parents=True)
    (paths.data / "shell" / "kryptic.bash").mkdir()
    assert "kryptic.bash" in reported(paths, sense("terminal"))


@pytest.mark.parametrize("name", ["browser", "editor"])
def test_an_extension_that_is_not_paired_is_said(paths: Paths, name: str) -> None:
    assert reported(paths, sense(name)) == f"No {name} is paired yet."
    assert reported(paths, sense(name), client("own scripts", Scope.FULL)) != ""


@pytest.mark.parametrize(
    ("name", "browser", "editor"),
    [
        ("Firefox extension", True, False),
        ("Google chrome extension 2", True, False),
        ("Chromium", True, False),
        ("Visual Studio Code extension", False, True),
        ("Cursor extension", False, True),
        ("a name of one's own", True, True),
    ],
)
def test_one_kind_of_extension_does_not_stand_for_the_other(
    paths: Paths, name: str, browser: bool, editor: bool
) -> None:
    heard = [reported(paths, sense(kind), client(name)) == "" for kind in ("browser", "editor")]
    assert heard == [browser, editor]


@pytest.mark.parametrize(
    "status",
    [
        replace(sense("terminal"), events=1),
        replace(sense("browser"), events=3),
        replace(sense("terminal"), state=SourceState.OFF, consented=False),
        replace(sense("terminal"), state=SourceState.UNAVAILABLE, reason="There is no room.", remedy="Make some."),
        sense("window"),
    ],
)
def test_what_is_heard_off_or_in_trouble_stays_as_it_is(paths: Paths, status: SourceStatus) -> None:
    assert with_setup_hints([status], paths, {}, ()) == (status,)
