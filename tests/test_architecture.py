"""How the project is laid out, what it depends on, and what no file of it says. `.importlinter` holds the layers."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tools.dependencies import PRODUCT, normalised, third_party_imports, undeclared

WIDEST = 15
"""Python files in one folder, `__init__.py` aside: more than that nobody takes in at a glance."""
PYTHON_FOLDERS = ("app", "collectors", "neural", "resources", "tests", "tools")

# A directory of one machine, or a package registry's host, would tie the project to the place it was made in. The
# character classes keep this file from telling on itself.
MACHINE_PATHS = re.compile(r"(?<![\w.~}$>-])/(?:[w]ork|[r]oot/\.|opt/[w]heels|opt/[p]ypi|tmp/[p]lan)\b")
REGISTRIES = re.compile(r"[p]ypi\.org|[p]ythonhosted\.org|[r]egistry\.npmjs|[d]eb\.debian\.org", re.IGNORECASE)
FORBIDDEN_FOLDER = "work"


def declared(*extras: str) -> frozenset[str]:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [*data["dependencies"], *(name for extra in extras for name in data["optional-dependencies"][extra])]
    return frozenset(map(normalised, names))


def tracked(*patterns: str) -> list[Path]:
    """The files that git tracks or would track, as paths below the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in filter(None, listed.split("\0")) if (ROOT / name).is_file()]


def test_no_folder_of_python_files_is_wider_than_a_glance():
    widths = Counter(path.parent for path in tracked("*.py") if path.name != "__init__.py")
    assert {str(folder): width for folder, width in widths.items() if width > WIDEST} == {}


def test_every_package_file_is_empty():
    """What a package's own file imports, everybody loads who imports anything of it."""
    filled = [str(path) for path in tracked("*__init__.py") if (ROOT / path).read_text()]
    assert filled == ["app/__init__.py"]  # sets one variable, which must be set before anything loads NumPy


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the project's contracts over a checkout."""
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--config",
        str(ROOT / ".importlinter"),
        "--no-cache",
    ]
    wide = {**os.environ, "COLUMNS": "400"}
    return subprocess.run(command, cwd=root, env=wide, capture_output=True, text=True, check=False, timeout=120)


def test_the_project_keeps_its_contracts():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def another_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    for path in tracked(*(f"{name}/*.py" for name in PRODUCT)):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes((ROOT / path).read_bytes())
    return root


@pytest.mark.parametrize(
    ("file", "text", "contract"),
    [
        ("neural/stream.py", "import app.paths", "app may import neural"),
        ("app/paths.py", "def f():\n    from app.store.values import records", "Inside app"),
        ("app/mystery.py", "", "Inside app"),
        ("app/views/style.py", "from app.presenters import window", "Inside app"),
        (
            "app/store/layout.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.store import store",
            "No two packages",
        ),
        ("neural/stream.py", "from collectors.privacy import gate", "Of collectors"),
        ("collectors/events.py", "from collectors import timestamp", "The vocabulary"),
        ("app/services/core.py", "from PySide6.QtCore import QObject", "Qt is imported"),
        ("collectors/privacy/gate.py", "def f():\n    import PySide6.QtCore", "Qt is imported"),
        ("app/workers/jobs.py", "import llama_cpp", "The desktop process"),
        ("app/services/core.py", "from neural.reward.training import network", "The desktop process"),
        ("neural/reward/predictor.py", "import torch.nn as nn", "Inside neural"),
    ],
)
def test_an_import_against_a_contract_is_reported(another_checkout: Path, file: str, text: str, contract: str):
    path = another_checkout / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{text}\n")
    try:
        done = lint_imports(another_checkout)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before)
    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if " BROKEN" in line]
    # A module that no layer names is refused before any contract is checked.
    assert any(line.startswith(contract) for line in broken) or file == "app/mystery.py", done.stdout


def test_every_third_party_import_is_a_declared_dependency():
    distributions = importlib.metadata.packages_distributions()
    assert list(undeclared(third_party_imports(ROOT, PRODUCT, PRODUCT), declared(), distributions)) == []


def test_every_declared_dependency_is_imported():
    distributions = importlib.metadata.packages_distributions()
    imported = third_party_imports(ROOT, PRODUCT, PRODUCT)
    used = {normalised(name) for item in imported for name in distributions.get(item.target, ())}
    assert declared() - used == frozenset()


def test_every_third_party_import_of_tests_and_tools_is_declared():
    # What stands in `peers` is run by a benchmark in an environment of its own, in which its package is installed.
    imports = [
        item for item in third_party_imports(ROOT, ("tests", "tools"), PYTHON_FOLDERS) if "peers" not in item.path.parts
    ]
    distributions = importlib.metadata.packages_distributions()
    assert list(undeclared(imports, declared("test"), distributions)) == []


def test_the_product_never_imports_its_tests_or_tools():
    imported = third_party_imports(ROOT, PRODUCT, PRODUCT)
    assert [f"{item.path}:{item.line}" for item in imported if item.target in {"tests", "tools"}] == []


def test_every_pin_is_exact_and_every_dependency_has_one():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ; .+)?", line)] == []
    assert declared("test") - {normalised(line) for line in pins} == frozenset()


def test_no_file_ties_the_project_to_the_machine_it_was_made_on():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        text = path.read_bytes().decode(errors="ignore")
        for line, words in enumerate(text.splitlines(), start=1):
            if MACHINE_PATHS.search(words) or REGISTRIES.search(words):
                found.append(f"{name}:{line}")
    assert found == []


def test_an_import_of_an_undeclared_distribution_is_reported(tmp_path: Path):
    sources = {
        "collectors/a.py": "import json, Xlib.display",
        "collectors/b.py": "import yaml",
        "neural/c.py": "def f():\n    from nix import pkgs",
    }
    for name, text in sources.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    brings = {"yaml": ["PyYAML"], "Xlib": ["python-xlib"]}

    imports = third_party_imports(tmp_path, ("collectors", "neural"), PRODUCT)

    assert [line.rpartition(": ")[2] for line in undeclared(imports, frozenset({"python-xlib"}), brings)] == [
        "yaml is not among the dependencies",
        "nix is not among the dependencies",
    ]


@pytest.mark.parametrize(
    ("before", "is_bound"), [(" ", True), ('"', True), ("net", False), ("~", False), ("{home}", False)]
)
def test_only_a_directory_from_the_top_ties_to_a_machine(before: str, is_bound: bool):
    assert bool(MACHINE_PATHS.search(f"{before}/{FORBIDDEN_FOLDER}/main")) == is_bound
