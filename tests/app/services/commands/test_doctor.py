"""What works on this machine and what does not, each with its remedy; looking changes nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from app.integrations import shell_hooks
from app.paths import Paths, from_environment
from app.services.commands.doctor import Finding, examine
from collectors.catalog import COLLECTORS
from collectors.history.readers import READERS


@pytest.fixture
def paths(own_home: Path) -> Paths:
    return from_environment(os.environ)


def finding(paths: Paths, name: str, model_path: str | None = None) -> Finding:
    return next(each for each in examine(paths, os.environ, model_path) if each.name == name)


def test_every_sense_and_every_history_has_its_line(paths: Paths) -> None:
    found = [(each.part, each.name) for each in examine(paths, os.environ, None)]
    assert found[:-3] == [
        *(("sense", sense.name) for sense in COLLECTORS),
        ("desktop", "pause-key"),
        *(("shell", f"{name}-hook") for name in ("bash", "zsh", "fish") if shutil.which(name)),
        *(("history", reader.name) for reader in READERS),
    ]
    assert found[-3:] == [("key", "secret-service"), ("training", "gpu"), ("narrator", "model")]


def test_each_line_has_a_reason(paths: Paths) -> None:
    assert all(each.reason for each in examine(paths, os.environ, None))


def test_what_works_needs_no_remedy(paths: Paths) -> None:
    assert all(not each.remedy for each in examine(paths, os.environ, None) if each.works)


def test_without_a_display_the_window_sense_says_what_would_help(paths: Paths) -> None:
    window = finding(paths, "window")
    assert not window.works
    assert window.remedy


def test_a_sense_that_needs_nothing_works(paths: Paths) -> None:
    assert finding(paths, "process").works


def test_a_sense_of_an_extension_says_that_it_waits_to_be_paired(paths: Paths) -> None:
    assert "kryptic token pair" in finding(paths, "browser").reason


def test_a_shell_that_tells_its_commands_is_reported_from_one_that_does_not(paths: Paths) -> None:
    assert finding(paths, "bash-hook").remedy == "kryptic shell install bash"
    shell_hooks.install(paths, {}, "bash")
    assert finding(paths, "bash-hook").works


def test_a_history_that_is_found_is_counted(paths: Paths) -> None:
    (paths.home / ".bash_history").write_text("make\n")
    assert finding(paths, "bash") == Finding("history", "bash", works=True, reason="1 found", remedy="")


def test_a_history_that_is_not_found_can_be_named(paths: Paths) -> None:
    bash = finding(paths, "bash")
    assert not bash.works
    assert "kryptic import bash PATH" in bash.remedy


def test_without_a_bus_the_key_service_says_what_would_help(paths: Paths) -> None:
    key = finding(paths, "secret-service")
    assert not key.works
    assert "session bus" in key.reason
    assert key.remedy


@pytest.mark.desktop
@pytest.mark.usefixtures("bus")
def test_without_a_keyring_the_key_service_says_what_would_help(paths: Paths) -> None:
    key = finding(paths, "secret-service")
    assert not key.works
    assert key.remedy


@pytest.mark.desktop
@pytest.mark.usefixtures("keyring")
def test_an_unlocked_keyring_works(paths: Paths) -> None:
    assert finding(paths, "secret-service").works


def test_without_a_model_answers_are_plain(paths: Paths) -> None:
    model = finding(paths, "model")
    assert not model.works
    assert "GGUF" in model.remedy


def test_a_model_file_is_known_by_its_beginning(paths: Paths, tmp_path: Path) -> None:
    file = tmp_path / "words.gguf"
    file.write_bytes(b"GGUF and so on")
    assert finding(paths, "model", str(file)).works


@pytest.mark.parametrize("content", [b"", b"GGU", b"ZIP\x00"], ids=["empty", "cut short", "another kind"])
def test_a_file_that_is_no_model_is_refused_by_name(paths: Paths, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "words.gguf"
    file.write_bytes(content)
    model = finding(paths, "model", str(file))
    assert not model.works
    assert f"{file} is no GGUF file" in model.reason


def test_a_model_file_that_is_gone_is_reported(paths: Paths, tmp_path: Path) -> None:
    model = finding(paths, "model", str(tmp_path / "gone.gguf"))
    assert not model.works
    assert "No such file" in model.reason


def test_looking_leaves_no_trace(paths: Paths, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    list(examine(paths, os.environ, None))
    assert sorted(tmp_path.rglob("*")) == before
