"""Reads every import of the project and says which ones break its shape.

The imports are taken from the syntax tree, so those inside functions and under TYPE_CHECKING count as well, and nothing
is executed.
"""

from __future__ import annotations

import ast
import graphlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.layers import CONFINED, DESKTOP_PROCESS, HEAVY, LAYERS, PRODUCT, SHARED_WORDS


@dataclass(frozen=True, slots=True)
class Import:
    """One import: of a module of the project by its full name, or of anything else by its top-level name."""

    target: str
    line: int
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Module:
    """One source file and what it imports."""

    name: str
    path: Path
    imports: tuple[Import, ...]

    def ours(self) -> Iterator[Import]:
        """The imports of the project's own modules."""
        return (imported for imported in self.imports if imported.is_ours)

    def others(self) -> Iterator[Import]:
        """The imports of everything else but the standard library."""
        return (
            imported
            for imported in self.imports
            if not imported.is_ours and imported.target not in sys.stdlib_module_names
        )


Tree = Mapping[str, Module]


def is_under(name: str, prefix: str) -> bool:
    """Whether a module is the prefix itself or lies inside it."""
    return name == prefix or name.startswith(f"{prefix}.")


def _module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _named(node: ast.AST, module: str, is_package: bool) -> Iterator[tuple[str, str | None]]:
    """What one statement imports, as (module, name taken from it)."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, None
    elif isinstance(node, ast.ImportFrom):
        above = module.split(".")[: -(node.level - is_package) or None] if node.level else []
        source = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            yield source, alias.name
    elif (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"import_module", "importlib.import_module", "__import__"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ):
        yield str(node.args[0].value), None


def _read(path: Path, name: str, known: frozenset[str]) -> Module:
    roots = {module.partition(".")[0] for module in known}
    imports: list[Import] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        for source, taken in _named(node, name, path.name == "__init__.py"):
            root = source.partition(".")[0]
            is_ours = root in roots
            target = f"{source}.{taken}" if taken and f"{source}.{taken}" in known else source
            line = getattr(node, "lineno", 0)
            imports.append(Import(target if is_ours else root, line, is_ours))
    return Module(name, path, tuple(imports))


def read_tree(root: Path, packages: Iterable[str]) -> dict[str, Module]:
    """Reads the packages that lie under the root; keys are full module names."""
    paths = [path for package in packages for path in sorted((root / package).rglob("*.py"))]
    names = {_module_name(path, root): path for path in paths}
    return {name: _read(path, name, frozenset(names)) for name, path in names.items()}


def layer_of(name: str) -> tuple[int, str] | None:
    """The row of a module in LAYERS and the entry it falls under."""
    fitting = [(row, entry) for row, entries in enumerate(LAYERS) for entry in entries if is_under(name, entry)]
    return max(fitting, key=lambda found: len(found[1]), default=None)


def layering(tree: Tree) -> Iterator[str]:
    """Imports that go upward, or sideways between independent rooms."""
    for module in tree.values():
        own = layer_of(module.name)
        if own is None:
            if module.imports and module.name not in {"app", *PRODUCT}:
                yield f"{module.name}: has no place in the layers"
            continue
        for imported in module.ours():
            other = layer_of(imported.target)
            where = f"{module.name}:{imported.line}"
            if other is None:
                yield f"{where}: imports {imported.target}, which has no place in the layers"
            elif other != own and other[0] <= own[0]:
                yield f"{where}: {own[1]} may not import {imported.target}"
            elif is_under(module.name, "neural") and other[1] == "collectors":
                yield f"{where}: neural sees collectors.events alone, not {imported.target}"


def _unit(name: str, tree: Tree) -> str:
    """The room a module belongs to: a package of the second level, or the module itself."""
    room = ".".join(name.split(".")[:2])
    return room if room in tree else name


def _cycle(graph: Mapping[str, set[str]]) -> str | None:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return " imports ".join(reversed(error.args[1]))
    return None


def cycles(tree: Tree) -> Iterator[str]:
    """A circle of modules, and a circle of whole rooms; the first of each that is found."""
    modules = {name: {imported.target for imported in module.ours()} - {name} for name, module in tree.items()}
    rooms: dict[str, set[str]] = {}
    for name, targets in modules.items():
        rooms.setdefault(_unit(name, tree), set()).update(_unit(target, tree) for target in targets - SHARED_WORDS)
    for what, graph in (("modules", modules), ("rooms", {room: to - {room} for room, to in rooms.items()})):
        found = _cycle(graph)
        if found:
            yield f"circle of {what}: {found}"


def confinement(tree: Tree) -> Iterator[str]:
    """Imports of Qt, torch and llama.cpp outside the places that may have them."""
    for module in tree.values():
        for imported in module.others():
            for names, places in CONFINED:
                if imported.target in names and not any(is_under(module.name, place) for place in places):
                    yield f"{module.name}:{imported.line}: {imported.target} has no place here"


def weight(tree: Tree) -> Iterator[str]:
    """Ways by which the desktop process would come to load torch or llama.cpp."""
    heavy = {
        module.name: imported.target
        for module in tree.values()
        for imported in module.others()
        if imported.target in HEAVY
    }
    for module in tree.values():
        if module.name.partition(".")[0] not in DESKTOP_PROCESS:
            continue
        for imported in module.ours():
            reached = _reach(imported.target, tree) & heavy.keys()
            for name in sorted(reached):
                yield f"{module.name}:{imported.line}: leads to {name}, which loads {heavy[name]}"


def _reach(start: str, tree: Tree) -> set[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name in seen or name not in tree:
            continue
        seen.add(name)
        ahead.extend(imported.target for imported in tree[name].ours())
    return seen


def undeclared(tree: Tree, declared: frozenset[str], distributions: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Third-party imports that pyproject.toml does not ask for.

    Args:
        tree: the modules.
        declared: normalised distribution names.
        distributions: which distributions bring a top-level name (`importlib.metadata.packages_distributions`).
    """
    for module in tree.values():
        for imported in module.others():
            bringing = {normalised(name) for name in distributions.get(imported.target, ())}
            if bringing.isdisjoint(declared):
                yield f"{module.name}:{imported.line}: {imported.target} is not among the dependencies"


def normalised(requirement: str) -> str:
    """The distribution's name in a requirement, spelled in one way (PEP 503)."""
    name = re.split(r"[\s<>=!~;\[(]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
