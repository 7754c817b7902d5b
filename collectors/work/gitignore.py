"""What git leaves out of a repository (gitignore(5)): its own rules, those of its folders, and those of the user."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore import GitIgnorePatternError

from collectors.git_repository import Repository, common_folder

RULES: Final = ".gitignore"
_MAX_BYTES: Final = 1 << 18


class Ignores:
    """Knows what one repository leaves out; the rules of each folder are read once, until they change.

    Args:
        repository: whose rules.
        environ: names the folder of the user's own rules.
    """

    def __init__(self, repository: Repository, environ: Mapping[str, str] = os.environ) -> None:
        self._top = repository.top
        config = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        outside = (common_folder(repository) / "info" / "exclude", config / "git" / "ignore")
        self._outside = tuple(spec for path in outside if (spec := _read(path)) is not None)
        self._inside: dict[Path, GitIgnoreSpec | None] = {}

    def leave_out(self, path: Path, *, is_folder: bool) -> bool:
        """Whether a path is left out; one whose folder is left out is not asked for.

        Args:
            path: below the repository's top.
            is_folder: whether it is one; some rules are for folders alone.
        """
        ending = "/" if is_folder else ""
        for folder in path.parents:
            spec = self._spec(folder)
            verdict = spec.check_file(path.relative_to(folder).as_posix() + ending).include if spec else None
            if verdict is not None:
                return verdict  # the rules of the innermost folder count first
            if folder == self._top:
                break
        whole = path.relative_to(self._top).as_posix() + ending
        return next((found for spec in self._outside if (found := spec.check_file(whole).include) is not None), False)

    def forget(self, folder: Path) -> None:
        """Read the rules of a folder again when they are next asked for."""
        self._inside.pop(folder, None)

    def _spec(self, folder: Path) -> GitIgnoreSpec | None:
        if folder not in self._inside:
            self._inside[folder] = _read(folder / RULES)
        return self._inside[folder]


def _read(path: Path) -> GitIgnoreSpec | None:
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES).decode("utf-8", "surrogateescape")
    except OSError:
        return None  # most folders have none
    return _spec_of(text.splitlines())


def _spec_of(lines: Iterable[str]) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(lines)
    except GitIgnorePatternError:
        return GitIgnoreSpec.from_lines(line for line in lines if _is_rule(line))


def _is_rule(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except GitIgnorePatternError:
        return False  # git passes over what it cannot read
    return True
