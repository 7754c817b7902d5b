"""The files in which shells keep their histories."""

from __future__ import annotations

import pytest

from collectors.history.shells.shells import BASH, FISH, ZSH


@pytest.fixture
def home(own_home):
    return own_home


def make(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("ls\n")
    return path


def test_finds_the_usual_places(home):
    bash = make(home / ".bash_history")
    zsh = make(home / ".zsh_history")
    fish = make(home / ".local/share/fish/fish_history")
    assert [reader.discover(home, {}) for reader in (BASH, ZSH, FISH)] == [(bash,), (zsh,), (fish,)]


def test_finds_nothing_where_there_is_nothing(home):
    assert [reader.discover(home, {}) for reader in (BASH, ZSH, FISH)] == [(), (), ()]


def test_respects_histfile(home):
    path = make(home / "elsewhere/bash-history")
    assert BASH.discover(home, {"HISTFILE": str(path), "SHELL": "/usr/bin/zsh"}) == (path,)
    assert ZSH.discover(home, {"HISTFILE": str(path), "SHELL": "/usr/bin/zsh"}) == ()


def test_a_nameless_histfile_is_the_login_shells(home):
    path = make(home / "h")
    assert ZSH.discover(home, {"HISTFILE": str(path), "SHELL": "/usr/bin/zsh"}) == (path,)


@pytest.mark.parametrize("written", ["~/.h", "$HOME/.h", '"${HOME}/.h"', "${HOME}/.h # mine"])
def test_reads_histfile_from_the_start_up_files(home, written):
    path = make(home / ".h")
    (home / ".zshrc").write_text(f"setopt x\nHISTFILE={written}\n")
    assert ZSH.discover(home, {}) == (path,)


def test_fish_keeps_its_history_where_the_data_is(home, tmp_path):
    path = make(tmp_path / "data/fish/work_history")
    assert FISH.discover(home, {"XDG_DATA_HOME": str(tmp_path / "data")}) == (path,)


def test_a_link_to_the_same_file_counts_once(home):
    path = make(home / ".bash_history")
    (home / "h").symlink_to(path)
    assert len(BASH.discover(home, {"HISTFILE": str(home / "h"), "SHELL": "bash"})) == 1
