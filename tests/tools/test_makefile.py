"""The two commands of the project, and what continuous integration calls."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("help", "run", "test", "lint", "bench", "screenshots", "prior", "clean")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Options of a make that runs these tests are not meant for this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=180
    )


def test_without_a_target_the_list_of_targets_is_shown():
    listed = re.findall(r"^  make (\S+)", make().stdout, re.MULTILINE)
    assert sorted(listed) == sorted(TARGETS)


@pytest.mark.parametrize("target", ["run", "test", "lint", "bench", "screenshots", "prior"])
def test_every_target_sets_up_what_it_needs(target: str):
    assert "-m tools.bootstrap" in make("-n", target).stdout


@pytest.mark.parametrize("part", ["ruff check .", "ruff format --check .", "-m mypy", "-m pytest"])
def test_testing_includes(part: str):
    assert part in make("-n", "test").stdout


def test_arguments_reach_the_program():
    assert make("-n", "run", "ARGS=--headless").stdout.rstrip().endswith("kryptic run --headless")


def test_arguments_reach_the_tests():
    assert make("-n", "test", "ARGS=tests/app -k store").stdout.rstrip().endswith("-m pytest tests/app -k store")


def test_every_benchmark_is_run():
    names = {path.stem for path in (ROOT / "tests" / "benchmarks").glob("[a-z]*_*.py")}
    printed = make("-n", "bench").stdout
    assert {name for name in names if name not in printed} == set()


def test_without_recordings_their_benchmark_is_skipped_with_a_reason():
    printed = make("-n", "bench", "RECORDINGS=nowhere").stdout
    assert 'echo "skipped: there are no recordings in nowhere"' in printed


def test_without_any_python_the_way_out_is_told():
    told = make("has-python", "PYTHON=of-no-system")
    assert told.returncode != 0
    assert "sudo apt-get install python3" in told.stderr


def test_continuous_integration_calls_make_test_and_nothing_else():
    script = ROOT / ".ci" / "run"
    lines = [line for line in script.read_text().splitlines() if not line.startswith(("#", "set", "cd"))]
    assert (os.access(script, os.X_OK), lines) == (True, ["exec env CI=true make test"])
