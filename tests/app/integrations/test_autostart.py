"""Starting with the desktop: the files are ones that the desktop's own tools read as meant."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import paths
from app.errors import KnownError
from app.integrations import autostart
from app.paths import Paths
from tests.checkout import ROOT

AWKWARD = "/opt/50 % off/$HOME/a\"b`c\\d'e/kryptic"


@pytest.fixture
def own_paths() -> Paths:
    return paths.from_environment(os.environ)


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `kryptic` command next to the interpreter, as an installation has it."""
    directory = tmp_path / "an installation" / "bin"
    directory.mkdir(parents=True)
    command = directory / "kryptic"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(directory / "python"))
    return command


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed")
    return path


def unescaped(value: str) -> str:
    """What a string value of a desktop file stands for (Desktop Entry Specification, "Possible value types")."""
    return value.replace("\\\\", "\\")


def words(value: str) -> list[str]:
    """The arguments an Exec key stands for (Desktop Entry Specification, "The Exec key")."""
    found, word, quoted, characters = [], "", False, iter(unescaped(value))
    for character in characters:
        if character == '"':
            quoted = not quoted
        elif character == "\\" and quoted:
            word += next(characters)
        elif character == " " and not quoted:
            found.append(word)
            word = ""
        else:
            word += character
    return [part.replace("%%", "%") for part in (*found, word)]


def values(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_the_desktop_file_of_the_project_is_the_entry_for_an_installed_command():
    assert (ROOT / "kryptic.desktop").read_text() == autostart.desktop_entry("kryptic")


@pytest.mark.parametrize("executable", ["kryptic", "/usr/bin/kryptic", AWKWARD])
def test_the_entry_is_valid(tmp_path: Path, executable: str):
    file = tmp_path / "kryptic.desktop"
    file.write_text(autostart.autostart_entry(executable))
    checked = subprocess.run([tool("desktop-file-validate"), file], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize("executable", ["/usr/bin/kryptic", AWKWARD])
def test_the_entry_starts_exactly_the_command_it_was_given(executable: str):
    entry = values(autostart.desktop_entry(executable))
    assert words(entry["Exec"]) == [executable, "run"]


def test_the_entry_is_hidden_by_the_desktop_when_the_command_is_gone():
    assert unescaped(values(autostart.desktop_entry(AWKWARD))["TryExec"]) == AWKWARD


@pytest.mark.parametrize("make", [autostart.desktop_entry, autostart.user_unit])
def test_a_path_that_would_add_a_line_is_refused(make):
    with pytest.raises(KnownError, match="cannot stand in a desktop file"):
        make("/opt/a\nExec=other")


def test_a_fresh_profile_does_not_start_with_the_desktop(own_paths: Paths):
    assert not autostart.is_enabled(own_paths)


def test_enabling_names_the_launcher_of_this_installation(own_paths: Paths, launcher: Path):
    autostart.enable(own_paths)
    assert autostart.is_enabled(own_paths)
    assert words(values(own_paths.autostart.read_text())["Exec"])[0] == str(launcher)


def test_enabling_leaves_nothing_next_to_the_entry(own_paths: Paths, launcher: Path):
    autostart.enable(own_paths)
    assert list(own_paths.autostart.parent.iterdir()) == [own_paths.autostart]


@pytest.mark.usefixtures("launcher")
def test_disabling_undoes_enabling_and_may_be_repeated(own_paths: Paths):
    autostart.enable(own_paths)
    autostart.disable(own_paths)
    autostart.disable(own_paths)
    assert not autostart.is_enabled(own_paths)


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled = false"])
@pytest.mark.usefixtures("launcher")
def test_an_entry_that_the_desktops_settings_switched_off_counts_as_off(own_paths: Paths, line: str):
    autostart.enable(own_paths)
    with own_paths.autostart.open("a") as file:
        file.write(f"{line}\n")
    assert not autostart.is_enabled(own_paths)


@pytest.mark.usefixtures("launcher")
def test_a_folder_that_cannot_be_made_is_a_known_error(own_paths: Paths):
    own_paths.autostart.parent.parent.mkdir(parents=True, exist_ok=True)
    own_paths.autostart.parent.write_text("a file in the place of the folder")
    with pytest.raises(KnownError, match=r"kryptic\.desktop could not be changed"):
        autostart.enable(own_paths)


def test_without_a_launcher_the_way_out_is_reported(own_paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(KnownError, match="make run"):
        autostart.enable(own_paths)


@pytest.mark.usefixtures("launcher")
def test_systemd_accepts_the_unit_and_would_start_the_launcher(own_paths: Paths):
    unit = autostart.install_unit(own_paths)
    checked = subprocess.run(
        [tool("systemd-analyze"), "--user", "verify", unit], capture_output=True, text=True, check=False
    )
    reported = [line for line in checked.stderr.splitlines() if "kryptic" in line]
    assert (checked.returncode, reported) == (0, [])


@pytest.mark.usefixtures("launcher")
def test_the_unit_is_wanted_by_graphical_sessions(own_paths: Paths):
    unit = autostart.install_unit(own_paths)
    link = unit.parent / "graphical-session.target.wants" / "kryptic.service"
    assert link.resolve() == unit


@pytest.mark.usefixtures("launcher")
def test_removing_the_unit_undoes_installing_it(own_paths: Paths):
    unit = autostart.install_unit(own_paths)
    autostart.install_unit(own_paths)
    autostart.remove_unit(own_paths)
    assert not [path for path in unit.parent.rglob("*") if not path.is_dir() or path.is_symlink()]


@pytest.mark.usefixtures("launcher")
def test_the_menu_shows_the_program_with_its_icon(own_paths: Paths):
    autostart.install_menu_entry(own_paths)
    assert values(own_paths.menu_entry.read_text())["Icon"] == own_paths.icon.stem
    assert own_paths.icon.read_bytes() == (ROOT / "resources" / "icons" / "kryptictrack.svg").read_bytes()


@pytest.mark.usefixtures("launcher")
def test_installing_the_menu_entry_again_touches_nothing(own_paths: Paths):
    autostart.install_menu_entry(own_paths)
    before = own_paths.menu_entry.stat().st_ino
    autostart.install_menu_entry(own_paths)
    assert own_paths.menu_entry.stat().st_ino == before
