"""The two commands of the project, and what continuous integration calls."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT

TARGETS = ("help", "run", "test", "lint", "bench", "findings", "screenshots", "prior", "clean")


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


@pytest.mark.parametrize("part", ["ruff check .", "ruff format --check .", "lint-imports", "-m mypy", "-m pytest"])
def test_testing_includes(part: str):
    assert part in make("-n", "test").stdout


def test_arguments_reach_the_program():
    assert make("-n", "run", "ARGS=--headless").stdout.rstrip().endswith("kryptic run --headless")


def test_arguments_reach_the_tests():
    assert make("-n", "test", "ARGS=tests/app -k store").stdout.rstrip().endswith("-m pytest tests/app -k store")


def test_every_benchmark_is_run():
    paths = (path for path in (ROOT / "tests" / "benchmarks").glob("*/*.py") if path.parent.name != "peers")
    names = {f"{path.parent.name}.{path.stem}" for path in paths if "def main(" in path.read_text()}
    printed = make("-n", "bench").stdout.split()
    assert len(names) > 20
    assert {name for name in names if name not in {word.rstrip(";") for word in printed}} == set()


def test_without_recordings_their_benchmark_is_skipped_with_a_reason():
    printed = make("-n", "bench", "RECORDINGS=nowhere").stdout
    assert 'echo "skipped: there are no recordings in nowhere"' in printed


def test_without_any_python_the_way_out_is_reported():
    reported = make("has-python", "PYTHON=of-no-system")
    assert reported.returncode != 0
    assert "sudo apt-get install python3" in reported.stderr


_STAND_IN = """
import json, os, pathlib, sys
with open("asked", "a") as asked:
    asked.write(f"CI={os.environ.get('CI')} ARGS={sys.argv[1]}\\n")
failed = json.loads(os.environ["FAILED"])
if failed is not None:
    cache = pathlib.Path(".pytest_cache/v/cache/lastfailed")
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps({f"tests/test_a.py::test_{n}": True for n in range(failed)}, indent=2))
sys.exit(failed != 0 and not sys.argv[1])
"""


def integrate(project: Path, failed: int | None) -> tuple[bool, list[str]]:
    """Whether continuous integration passes, and what it asks of make, if so many tests fail; None: none is run."""
    (project / ".ci").mkdir()
    script = project / ".ci" / "run"
    script.write_bytes((ROOT / ".ci" / "run").read_bytes())
    (project / "stand_in.py").write_text(_STAND_IN)
    (project / "Makefile").write_text(f'test:\n\t@{sys.executable} stand_in.py "$(ARGS)"\n')
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "CI"))}
    environment["FAILED"] = json.dumps(failed)
    ended = subprocess.run(["sh", str(script)], env=environment, capture_output=True, check=False, timeout=180)
    return ended.returncode == 0, (project / "asked").read_text().splitlines()


def test_continuous_integration_calls_make_test(tmp_path: Path):
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert integrate(tmp_path, failed=0) == (True, ["CI=true ARGS="])


def test_one_or_two_that_failed_are_run_once_more(tmp_path: Path):
    again = "CI=true ARGS=--last-failed --last-failed-no-failures=none"
    assert integrate(tmp_path, failed=2) == (True, ["CI=true ARGS=", again])


@pytest.mark.parametrize("failed", [pytest.param(3, id="three"), pytest.param(None, id="before any test")])
def test_where_more_fails_it_fails(tmp_path: Path, failed: int | None):
    assert integrate(tmp_path, failed) == (False, ["CI=true ARGS="])
