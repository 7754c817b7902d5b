"""Words and gaps that the project's English does without: `python -m tools.english [PATH ...]` lists them.

CONTRIBUTING.md gives the rules and their reasons. Two things are checked here: words of a private dialect, in names,
comments, docstrings and texts; and docstrings of public functions that leave out their arguments or what they raise.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DIALECT: Final = frozenset({"told", "anew", "beside", "foretell", "foretells", "foretelling", "foretold"})
"""In any part of a name, and in any text."""
IN_TEXT: Final = re.compile(r"\b((?i:told|anew|beside|foret(?:ell\w*|old)|made[- ]up)|[Ww]here)\b")
"""`where` stands for a place alone; for a condition it is `if`. SQL's WHERE is in capitals."""
MANY_PARAMETERS: Final = 3
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_IS_FSTRING: Final = re.compile(r"[rR]?[fF]")
_BRACES: Final = re.compile(r"\{[^{}]*\}")
"""Code inside an f-string, which Python 3.11 does not part from the text."""
_SILENT: Final = frozenset({"NotImplementedError", "AssertionError", "StopIteration"})
_TEXT_TOKENS: Final = frozenset({tokenize.STRING, tokenize.COMMENT})


@dataclass(frozen=True, slots=True)
class Finding:
    """A place worth a change: the file, the line from 1, and what stands there."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def dialect_in_code(path: Path, source: str) -> Iterator[Finding]:
    """Find words of the dialect in names, comments, docstrings and texts of Python source."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            for word in DIALECT & {part.lower() for part in _WORD.findall(token.string)}:
                yield Finding(path, token.start[0], f"{word} in the name {token.string}")
        elif token.type in _TEXT_TOKENS or tokenize.tok_name[token.type] == "FSTRING_MIDDLE":
            text = _BRACES.sub("{}", token.string) if _IS_FSTRING.match(token.string) else token.string
            for number, line in enumerate(text.splitlines(), start=token.start[0]):
                yield from dialect_in_line(path, number, line)


def dialect_in_line(path: Path, number: int, line: str) -> Iterator[Finding]:
    """Find words of the dialect in one line of text."""
    for match in IN_TEXT.finditer(line):
        yield Finding(path, number, f"{match[0]} in: {line.strip()[:100]}")


@dataclass(frozen=True, slots=True)
class Documented:
    """A public function, and whether its docstring owes and has its sections."""

    path: Path
    line: int
    name: str
    owes_args: bool
    has_args: bool
    owes_raises: bool
    has_raises: bool


def public_functions(path: Path, source: str) -> Iterator[Documented]:
    """Find the public functions and methods of a module, those of private classes aside."""
    yield from _functions(path, ast.parse(source).body, "")


def _functions(path: Path, body: list[ast.stmt], prefix: str) -> Iterator[Documented]:
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _functions(path, node.body, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            arguments = node.args
            names = [item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
            count = len([name for name in names if name not in {"self", "cls"}])
            text = ast.get_docstring(node) or ""
            overrides = any("override" in ast.unparse(item) for item in node.decorator_list)
            yield Documented(
                path,
                node.lineno,
                f"{prefix}{node.name}",
                owes_args=count >= MANY_PARAMETERS and not overrides,
                has_args="Args:" in text,
                owes_raises=_raises(node) and not overrides,
                has_raises="Raises:" in text,
            )


def _raises(function: ast.AST) -> bool:
    """Whether a function raises something itself, its inner functions aside."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if ast.unparse(raised) not in _SILENT:
                return True
        if _raises(node):
            return True
    return False


def main(arguments: list[str]) -> int:
    """Print what is found below the given paths; 1 if there is anything."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *arguments],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    findings: list[str] = []
    for path in (Path(name) for name in filter(None, listed.split("\0"))):
        if not path.is_file() or path.suffix not in {".py", ".md"}:
            continue
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            for number, line in enumerate(source.splitlines(), start=1):
                findings += map(str, dialect_in_line(path, number, line))
            continue
        findings += map(str, dialect_in_code(path, source))
        for item in public_functions(path, source):
            if item.owes_args and not item.has_args:
                findings.append(f"{path}:{item.line}: {item.name} has no Args")
            if item.owes_raises and not item.has_raises:
                findings.append(f"{path}:{item.line}: {item.name} has no Raises")
    print("\n".join([*findings, f"{len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
