"""Who may import whom, what may be imported where, and what no file of the project says."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import architecture
from tools.architecture import Tree

ROOT = Path(__file__).resolve().parents[1]

# A directory of one machine, or a package registry's host, would tie the project to the place it was made in. The
# character classes keep this file from telling on itself.
MACHINE_PATHS = re.compile(r"(?<![\w.~}$>-])/(?:[w]ork|[r]oot/\.|opt/[w]heels|opt/[p]ypi|tmp/[p]lan)\b")
REGISTRIES = re.compile(r"[p]ypi\.org|[p]ythonhosted\.org|[r]egistry\.npmjs|[d]eb\.debian\.org", re.IGNORECASE)
FORBIDDEN_FOLDER = "work"


@pytest.fixture(scope="module")
def project() -> Tree:
    return architecture.read_tree(ROOT, architecture.PRODUCT)


def declared(*extras: str) -> frozenset[str]:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [*data["dependencies"], *(name for extra in extras for name in data["optional-dependencies"][extra])]
    return frozenset(map(architecture.normalised, names))


def complaints_about(sources: dict[str, str], root: Path, rule: Callable[[Tree], object]) -> list[str]:
    """What a rule says about a small tree, given as file names and their text."""
    for name, text in sources.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for parent in path.relative_to(root).parents[:-1]:
            (root / parent / "__init__.py").touch()
    return list(rule(architecture.read_tree(root, architecture.PRODUCT)))


@pytest.mark.parametrize(
    "rule",
    [architecture.layering, architecture.cycles, architecture.confinement, architecture.weight],
    ids=lambda rule: rule.__name__,
)
def test_the_project_keeps_its_shape(project: Tree, rule: Callable[[Tree], object]):
    assert list(rule(project)) == []


def test_every_third_party_import_is_a_declared_dependency(project: Tree):
    distributions = importlib.metadata.packages_distributions()
    assert list(architecture.undeclared(project, declared(), distributions)) == []


def test_every_declared_dependency_is_imported(project: Tree):
    distributions = importlib.metadata.packages_distributions()
    imported = {outside.target for module in project.values() for outside in module.others()}
    used = {architecture.normalised(name) for target in imported for name in distributions.get(target, ())}
    assert declared() - used == frozenset()


def test_every_third_party_import_of_tests_and_tools_is_declared():
    tree = architecture.read_tree(ROOT, ["tests", "tools"])
    ours = {*architecture.PRODUCT, "tests", "tools"}
    outside = {
        name: architecture.Module(
            name, module.path, tuple(imported for imported in module.imports if imported.target not in ours)
        )
        for name, module in tree.items()
        # Run by a benchmark in an environment of its own, where alone the package that it measures is installed.
        if not name.startswith("tests.benchmarks.peers.")
    }
    distributions = importlib.metadata.packages_distributions()
    assert list(architecture.undeclared(outside, declared("test"), distributions)) == []


def test_the_product_never_imports_its_tests_or_tools(project: Tree):
    found = [
        f"{module.name}:{imported.line}"
        for module in project.values()
        for imported in module.others()
        if imported.target in {"tests", "tools"}
    ]
    assert found == []


def test_events_need_the_standard_library_alone(project: Tree):
    assert [*project["collectors.events"].ours(), *project["collectors.events"].others()] == []


def test_every_pin_is_exact_and_every_dependency_has_one():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ; .+)?", line)] == []
    assert declared("test") - {architecture.normalised(line) for line in pins} == frozenset()


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


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("neural/stream.py", "import app.paths", "neural may not import app.paths"),
        ("app/paths.py", "from app.store import records", "app.paths may not import app.store.records"),
        ("app/views/chat.py", "from app.tray import Tray", "app.views may not import app.tray"),
        ("app/store/records.py", "from ..views import chat", "app.store may not import app.views"),
        ("app/models/table.py", "def f():\n    import app.views.chat", "app.models may not import app.views.chat"),
        (
            "app/store/records.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.api import server",
            "app.store may not import app.api",
        ),
        (
            "app/errors.py",
            "import importlib\nimportlib.import_module('app.config')",
            "app.errors may not import app.config",
        ),
        ("collectors/gate.py", "import neural.stream", "collectors may not import neural.stream"),
        ("neural/stream.py", "from collectors import gate", "neural sees collectors.events alone"),
        ("collectors/events.py", "from collectors import gate", "collectors.events may not import collectors.gate"),
        ("app/mystery.py", "import app.errors", "app.mystery: has no place in the layers"),
    ],
)
def test_an_import_against_the_layers_is_told(tmp_path: Path, file: str, text: str, complaint: str):
    rooms = "app/paths app/tray app/views/chat app/api/server app/config app/errors app/store/records neural/stream"
    places = dict.fromkeys([f"{room}.py" for room in f"{rooms} collectors/gate collectors/events".split()], "")
    (told,) = complaints_about({**places, file: text}, tmp_path, architecture.layering)
    assert complaint in told


@pytest.mark.parametrize(
    "sources",
    [
        {"app/services/ask.py": "from app.services.backend import Backend", "app/services/backend.py": ""},
        {"neural/brain.py": "from collectors.events import Event", "collectors/events.py": ""},
        {"app/composition.py": "from app import tray, views", "app/tray.py": "", "app/views/chat.py": ""},
        {"app/store/store.py": "from . import records", "app/store/records.py": "from app import errors"},
    ],
)
def test_an_import_along_the_layers_is_let_through(tmp_path: Path, sources: dict[str, str]):
    sources.setdefault("app/errors.py", "")
    assert complaints_about(sources, tmp_path, architecture.layering) == []


def test_a_circle_of_modules_is_told(tmp_path: Path):
    sources = {
        "neural/reward/a.py": "from neural.reward import b",
        "neural/reward/b.py": "def f():\n    from . import c",
        "neural/reward/c.py": "import neural.reward.a",
    }
    told = complaints_about(sources, tmp_path, architecture.cycles)
    assert [line.partition(":")[0] for line in told] == ["circle of modules"]


def test_a_circle_of_rooms_is_told_even_where_no_module_is_in_one(tmp_path: Path):
    sources = {
        "neural/reward/a.py": "import neural.language.plan",
        "neural/language/plan.py": "",
        "neural/language/narration.py": "import neural.reward.scoring",
        "neural/reward/scoring.py": "",
    }
    (told,) = complaints_about(sources, tmp_path, architecture.cycles)
    assert told.startswith("circle of rooms: neural.")


def test_words_that_rooms_share_make_no_circle(tmp_path: Path):
    sources = {
        "neural/messages.py": "import neural.reward.actions",
        "neural/reward/actions.py": "",
        "neural/reward/training.py": "import neural.messages",
    }
    assert complaints_about(sources, tmp_path, architecture.cycles) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("app/services/ask.py", "from PySide6.QtCore import QObject"),
        ("neural/brain.py", "import pyqtgraph"),
        ("collectors/gate.py", "def f():\n    import PySide6.QtCore"),
        ("neural/reward/predictor.py", "import torch.nn as nn"),
        ("app/workers/brain_link.py", "import llama_cpp"),
    ],
)
def test_a_library_outside_its_place_is_told(tmp_path: Path, file: str, text: str):
    (told,) = complaints_about({file: text}, tmp_path, architecture.confinement)
    assert told.startswith(file.removesuffix(".py").replace("/", "."))


def test_a_way_from_the_desktop_process_to_torch_is_told(tmp_path: Path):
    sources = {
        "app/services/learn.py": "from neural.reward import helper",
        "neural/reward/helper.py": "def f():\n    from neural.reward.network import Net",
        "neural/reward/network.py": "import torch",
    }
    (told,) = complaints_about(sources, tmp_path, architecture.weight)
    assert told == "app.services.learn:1: leads to neural.reward.network, which loads torch"


def test_an_import_of_an_undeclared_distribution_is_told(tmp_path: Path):
    def rule(tree: Tree) -> object:
        brings = {"yaml": ["PyYAML"], "Xlib": ["python-xlib"]}
        return architecture.undeclared(tree, frozenset({"python-xlib"}), brings)

    sources = {
        "collectors/a.py": "import json, Xlib.display",
        "collectors/b.py": "import yaml",
        "neural/c.py": "import nix",
    }
    told = complaints_about(sources, tmp_path, rule)
    assert [line.rpartition(": ")[2] for line in told] == [
        "yaml is not among the dependencies",
        "nix is not among the dependencies",
    ]


@pytest.mark.parametrize(
    ("before", "is_bound"), [(" ", True), ('"', True), ("net", False), ("~", False), ("{home}", False)]
)
def test_only_a_directory_from_the_top_ties_to_a_machine(before: str, is_bound: bool):
    assert bool(MACHINE_PATHS.search(f"{before}/{FORBIDDEN_FOLDER}/main")) == is_bound
