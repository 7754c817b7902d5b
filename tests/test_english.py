"""The project's English, as far as a program can check it (CONTRIBUTING.md has the rules)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.test_architecture import tracked
from tools.english import Documented, Finding, dialect_in_code, dialect_in_line, public_functions

PRODUCT = ("app/*.py", "collectors/*.py", "neural/*.py")
ENOUGH_ARGS = 0.95

# Each is data or another's name, not the project's English: the file, and what stands in the line.
ALLOWED = {
    ("app/services/asking/similarity_search.py", "what when where which who why"),  # words that a question may hold
    ("neural/language/narration/claims.py", "beside between both"),  # words that a model may write, as the next one
    ("neural/language/narration/claims.py", "what when where which while"),
    ("neural/language/reading/planner.py", "when what which where"),  # words that a question may hold, as the next one
    ("neural/language/reading/planner.py", '"where did"'),
    ("app/store/rows/event_codec.py", '"where"'),  # a field of stored events, as the next one
    ("collectors/events.py", "where: the ninth of the screen"),
    ("CONTRIBUTING.md", "None of: told, anew, beside"),  # the rule itself
    ("docs/ARCHITECTURE.md", "| where | what runs there |"),  # a place
    ("docs/ARCHITECTURE.md", "## Where to look"),
}


def is_allowed(finding: Finding) -> bool:
    line = (ROOT / finding.path).read_text().splitlines()[finding.line - 1]
    return any(str(finding.path) == path and text in line for path, text in ALLOWED)


def findings() -> Iterator[Finding]:
    for path in tracked(*PRODUCT):
        yield from dialect_in_code(path, (ROOT / path).read_text())
    for path in tracked("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/*.md"):
        for number, line in enumerate((ROOT / path).read_text().splitlines(), start=1):
            yield from dialect_in_line(path, number, line)


def test_no_word_of_the_old_dialect_is_left():
    assert [str(finding) for finding in findings() if not is_allowed(finding)] == []


def test_no_allowed_use_is_left_over():
    texts = {path: (ROOT / path).read_text() for path, _ in ALLOWED}
    assert [(path, text) for path, text in ALLOWED if text not in texts[path]] == []


REFERENCE = re.compile(r"`((?:app|collectors|neural|tests|tools)(?:\.\w+)+)")


def leads_nowhere(reference: str) -> bool:
    """Whether a dotted name is neither a package, nor a module, nor something that its module names."""
    parts = reference.split(".")
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        if place.is_dir():
            return length < len(parts)
        module = place.with_suffix(".py")
        if module.is_file():
            return length < len(parts) and re.search(rf"\b{parts[length]}\b", module.read_text()) is None
    return True


def test_every_dotted_reference_leads_somewhere():
    """A name that moved leaves no docstring behind that points to where it was."""
    references = [
        (path, match[1])
        for path in tracked(*PRODUCT, "docs/*.md", "*.md")
        for match in REFERENCE.finditer((ROOT / path).read_text())
    ]
    assert len(references) > 50
    assert [(str(path), name) for path, name in references if leads_nowhere(name)] == []


@pytest.fixture(scope="module")
def functions() -> list[Documented]:
    return [item for path in tracked(*PRODUCT) for item in public_functions(path, (ROOT / path).read_text())]


def test_public_functions_describe_their_arguments(functions: list[Documented]):
    owing = [item for item in functions if item.owes_args]
    missing = [f"{item.path}:{item.line} {item.name}" for item in owing if not item.has_args]
    assert len(owing) > 100
    assert len(missing) <= (1 - ENOUGH_ARGS) * len(owing), missing


def test_public_functions_describe_what_they_raise(functions: list[Documented]):
    owing = [item for item in functions if item.owes_raises]
    assert len(owing) > 100
    assert [f"{item.path}:{item.line} {item.name}" for item in owing if not item.has_raises] == []


@pytest.mark.parametrize(
    "source",
    [
        "def told(): ...",
        "is_told = True",
        "class MadeAnew: ...",
        "x = 1  # beside the store",
        '"""Foretell nothing."""',
        'f"a made-up {name}"',
        "x = 1  # None where there is none",
    ],
)
def test_a_word_of_the_dialect_is_found(source: str):
    assert len(list(dialect_in_code(Path("example.py"), source))) == 1


@pytest.mark.parametrize("source", ['"SELECT 1 FROM t WHERE x"', "np.where(mask, 1, 0)", "entry.where", "besides = 1"])
def test_what_is_no_dialect_is_let_through(source: str):
    assert list(dialect_in_code(Path("example.py"), source)) == []


def test_missing_sections_are_found():
    source = '''
def three(a, b, c):
    """Do it."""
    if a:
        raise ValueError

def two(a, b):
    """Do it."""
    def inner():
        raise ValueError

def _private(a, b, c):
    raise ValueError
'''
    three, two = public_functions(Path("example.py"), source)
    assert (three.owes_args, three.has_args, three.owes_raises, three.has_raises) == (True, False, True, False)
    assert (two.owes_args, two.owes_raises) == (False, False)
