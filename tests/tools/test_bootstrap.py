"""What the set-up decides: which interpreter, whether anything is left to do, and what it tells."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tools import bootstrap
from tools.bootstrap import Interpreter, Stamp
from tools.console import SetupError


def interpreter(*version: int, **changes: object) -> Interpreter:
    minor = ".".join(map(str, version[:2]))
    made = Interpreter((*version, 0)[:3], f"/usr/bin/python{minor}", "/usr", has_venv=True)
    return made._replace(**changes)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in bootstrap.FINGERPRINTED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def fingerprint(root: Path, version: tuple[int, ...] = (3, 12, 1), prefix: str = "/usr", **environ: str) -> str:
    return bootstrap.fingerprint(root, version, prefix, environ)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1)])
def test_every_supported_python_is_taken(version: tuple[int, ...]):
    assert bootstrap.choose([interpreter(*version)]).version == version


def test_the_first_supported_interpreter_is_taken():
    found = [interpreter(3, 9), interpreter(3, 12), interpreter(3, 13)]
    assert bootstrap.choose(found).minor == "3.12"


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 14, 0), (4, 11, 0)])
def test_a_python_out_of_range_is_reported_with_what_is_needed(version: tuple[int, ...]):
    with pytest.raises(
        SetupError, match=rf"Python 3\.11, 3\.12, 3\.13 is needed, and only {version[0]}\.{version[1]} was"
    ):
        bootstrap.choose([interpreter(*version)])


def test_the_range_is_the_one_of_the_project():
    assert 'requires-python = ">=3.11,<3.14"' in (ROOT / "pyproject.toml").read_text()
    assert (bootstrap.SUPPORTED[0], bootstrap.SUPPORTED[-1]) == ((3, 11), (3, 13))


def test_an_interpreter_answers_about_itself():
    described = bootstrap.describe(sys.executable)
    assert described is not None
    assert described.version == tuple(sys.version_info[:3])


@pytest.mark.parametrize("script", ["exit 127", "echo not found >&2; exit 1"])
def test_an_empty_shim_of_a_version_manager_is_no_interpreter(tmp_path: Path, script: str):
    shim = tmp_path / "python3.13"
    shim.write_text(f"#!/bin/sh\n{script}\n")
    shim.chmod(0o755)
    assert bootstrap.describe(str(shim)) is None


def test_a_broken_link_is_no_interpreter(tmp_path: Path):
    (tmp_path / "python").symlink_to(tmp_path / "gone")
    assert bootstrap.describe(str(tmp_path / "python")) is None


@pytest.mark.parametrize(("has_venv", "packages"), [(True, []), (False, ["python3.12-venv"])])
def test_what_the_interpreter_lacks_is_named_for_its_own_version(has_venv: bool, packages: list[str]):
    needed = bootstrap.lacking(interpreter(3, 12, has_venv=has_venv))
    assert [name for requirement in needed for name in requirement.packages] == packages


def test_the_same_checkout_has_the_same_fingerprint(checkout: Path):
    assert fingerprint(checkout) == fingerprint(checkout)


@pytest.mark.parametrize("name", bootstrap.FINGERPRINTED)
def test_a_changed_file_changes_the_fingerprint(checkout: Path, name: str):
    before = fingerprint(checkout)
    (checkout / name).write_text("changed")
    assert fingerprint(checkout) != before


def test_every_fingerprinted_file_is_in_the_project():
    assert [name for name in bootstrap.FINGERPRINTED if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize(
    "change", [{"version": (3, 12, 2)}, {"prefix": "/opt/python"}, {"KRYPTIC_LLAMA_CUDA": "0"}], ids=str
)
def test_another_interpreter_or_wish_changes_the_fingerprint(checkout: Path, change: dict[str, object]):
    assert fingerprint(checkout, **change) != fingerprint(checkout)


def test_a_moved_checkout_is_set_up_again(checkout: Path):
    before = fingerprint(checkout)
    moved = checkout.rename(checkout.with_name("moved"))
    assert fingerprint(moved) != before


@pytest.mark.parametrize(
    ("made_for", "asked", "expected"),
    [("run", "run", True), ("test", "test", True), ("test", "run", True), ("run", "test", False)],
)
def test_what_serves_the_tests_serves_running_too(made_for: str, asked: str, expected: bool):
    assert Stamp("f", made_for, "w").serves("f", asked) == expected


def test_another_fingerprint_serves_nothing():
    assert not Stamp("f", "test", "w").serves("g", "run")


def test_a_stamp_is_read_as_it_was_written(tmp_path: Path):
    stamp = Stamp("f", "run", "/cache/a wheel.whl")
    bootstrap.write_stamp(tmp_path / "set-up.json", stamp)
    assert bootstrap.read_stamp(tmp_path / "set-up.json") == stamp


@pytest.mark.parametrize("text", ["", "{", "[]", '{"fingerprint": "f"}', '{"other": 1}', "\x00"])
def test_a_damaged_stamp_counts_as_none(tmp_path: Path, text: str):
    path = tmp_path / "set-up.json"
    path.write_text(text)
    assert bootstrap.read_stamp(path) is None


def test_no_stamp_is_no_error(tmp_path: Path):
    assert bootstrap.read_stamp(tmp_path / "set-up.json") is None


@pytest.mark.parametrize("arguments", [[], ["install"], ["run", "test"]])
def test_a_wrong_call_is_a_usage_error(arguments: list[str]):
    assert bootstrap.main(arguments) == 2


def test_the_tools_need_no_installed_package():
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import tools.bootstrap",
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


@pytest.mark.parametrize("name", ["bootstrap", "console", "llama_wheel", "system_packages"])
def test_an_old_python_can_read_the_tools_to_be_reported_what_is_needed(name: str):
    source = (ROOT / "tools" / f"{name}.py").read_text()
    assert ast.parse(source, feature_version=(3, 8)).body
