"""Shells of a person who has start-up files of their own already."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from app.cli.main import main
from app.errors import KnownError
from app.integrations import shell_hooks
from app.integrations.shell_hooks import HookState
from app.paths import Paths, from_environment
from collectors.work.shell_messages import ALIVE, spool_folder
from collectors.work.terminal import TerminalCollector
from tests.checkout import ROOT
from tests.collectors.run_collector import running
from tests.desktop.fixtures import needs
from tests.desktop.terminals import SHELLS, terminal

START_UP = {"bash": ".bashrc", "zsh": ".zshrc"}


@pytest.fixture
def paths(own_home: Path) -> Paths:
    return from_environment(os.environ)


@pytest.fixture(params=sorted(START_UP))
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_line_is_added_once_at_the_end_and_taken_out_again(paths: Paths, own_home: Path, shell: str):
    start_up = own_home / START_UP[shell]
    for before in (b"", b"alias l=ls\n", b"alias l=ls", b"\xff\n\nset -u\n"):
        start_up.write_bytes(before)
        for _ in range(2):
            shell_hooks.install(paths, {}, shell)
        after = start_up.read_bytes()
        assert after.startswith(before)
        assert after.count(shell_hooks.MARK) == 1
        assert shell_hooks.state(paths, {}, shell) is HookState.INSTALLED
        shell_hooks.uninstall(paths, {}, shell)
        assert start_up.read_bytes() == before + (b"" if not before or before.endswith(b"\n") else b"\n")
        assert shell_hooks.state(paths, {}, shell) is HookState.NOT_INSTALLED


def test_a_file_that_is_a_link_stays_one_and_keeps_its_mode(paths: Paths, own_home: Path, shell: str):
    real = own_home / "dotfiles"
    real.write_text("alias l=ls\n")
    real.chmod(0o600)
    (own_home / START_UP[shell]).symlink_to(real)
    shell_hooks.install(paths, {}, shell)
    assert (own_home / START_UP[shell]).is_symlink()
    assert shell_hooks.MARK in real.read_bytes()
    assert real.stat().st_mode & 0o777 == 0o600


def test_zsh_is_found_where_it_keeps_its_files(paths: Paths, own_home: Path):
    (own_home / "zsh").mkdir()
    shell_hooks.install(paths, {"ZDOTDIR": str(own_home / "zsh")}, "zsh")
    assert (own_home / "zsh/.zshrc").exists()
    assert not (own_home / ".zshrc").exists()


@pytest.mark.parametrize("name", SHELLS)
def test_an_older_hook_is_reported_and_renewed(paths: Paths, name: str):
    shell_hooks.install(paths, {}, name)
    place = paths.data / "shell" if name != "fish" else paths.config.parent / "fish/conf.d"
    (place / f"kryptic.{name}").write_text("# older")
    assert shell_hooks.state(paths, {}, name) is HookState.OUTDATED
    shell_hooks.install(paths, {}, name)
    assert shell_hooks.state(paths, {}, name) is HookState.INSTALLED


def test_what_cannot_be_written_is_reported_and_left(paths: Paths, own_home: Path, shell: str):
    (own_home / START_UP[shell]).mkdir()
    with pytest.raises(KnownError):
        shell_hooks.install(paths, {}, shell)


def test_a_shell_that_is_not_known_is_named(capsys: pytest.CaptureFixture[str]):
    assert main(["shell", "install", "tcsh"]) == 1
    assert "tcsh" in capsys.readouterr().err


@pytest.mark.desktop
@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_opened_after_the_command_tells_and_one_after_the_removal_does_not(
    own_home: Path, name: str, capsys: pytest.CaptureFixture[str]
):
    needs(name)
    environ = {"XDG_DATA_HOME": os.environ["XDG_DATA_HOME"]}
    config = own_home / ".config"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(config))
        with running(TerminalCollector()) as work:
            work.until_true((spool_folder(os.environ) / ALIVE).exists)
            with terminal(name, own_home, environ, hooked=False) as typed:
                pass
            assert main(["shell", "install", name]) == 0
            with terminal(name, own_home, environ, hooked=None) as typed:
                typed.enter("echo one")
                work.until(lambda event: event.target == "echo one")
            assert main(["shell", "remove", name]) == 0
            with terminal(name, own_home, environ, hooked=None) as typed:
                typed.enter("echo two")
            work.stop()
        assert [event.target for event in work.events] == ["echo one"]
    assert f"{name:<8} installed" in capsys.readouterr().out


@pytest.mark.parametrize("name", SHELLS)
def test_each_hook_is_read_without_a_complaint_by_its_shell(name: str):
    needs(name)
    hook = ROOT / "extensions" / "shell" / f"kryptic.{name}"
    done = subprocess.run([name, "-n", str(hook)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
