"""Which third-party packages the code imports, and which of them pyproject.toml does not ask for.

The imports are read from the syntax tree, so those inside functions count too, and nothing is executed. Who may import
whom inside the project is the matter of `.importlinter`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PRODUCT: Final = ("app", "collectors", "neural", "resources")


@dataclass(frozen=True, slots=True)
class Import:
    """An import of something that is neither part of the project nor of the standard library.

    Attributes:
        path: the importing file.
        line: of the import, from 1.
        target: the top-level name that is imported.
    """

    path: Path
    line: int
    target: str


def third_party_imports(root: Path, packages: Iterable[str], ours: Iterable[str]) -> tuple[Import, ...]:
    """Read every third-party import of some packages.

    Args:
        root: the folder in which the packages lie.
        packages: whose files are read.
        ours: top-level names that are no third party.
    """
    known = {*ours, *sys.stdlib_module_names}
    paths = [path for package in packages for path in sorted((root / package).rglob("*.py"))]
    return tuple(item for path in paths for item in _imports(path) if item.target not in known)


def _imports(path: Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name.partition(".")[0])
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield Import(path, node.lineno, node.module.partition(".")[0])


def undeclared(
    imports: Iterable[Import], declared: frozenset[str], distributions: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    """Name each import whose package is not among the declared dependencies.

    Args:
        imports: of third parties.
        declared: normalised names of distributions.
        distributions: which distributions bring a top-level name (`importlib.metadata.packages_distributions`).
    """
    for item in imports:
        bringing = {normalised(name) for name in distributions.get(item.target, ())}
        if bringing.isdisjoint(declared):
            yield f"{item.path}:{item.line}: {item.target} is not among the dependencies"


def normalised(requirement: str) -> str:
    """Return the distribution's name in a requirement, spelled in one way (PEP 503)."""
    name = re.split(r"[\s<>=!~;\[(]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
