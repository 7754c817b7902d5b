"""Has the user's shells tell their commands: the hooks of `extensions/shell`, and the line that reads them in.

bash and zsh read one line more in the file they start with; fish reads every file of its `conf.d`. The hooks are copied
to the program's own data, so that they stay in place when the program moves.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from app.errors import KnownError
from app.paths import Paths
from app.system.atomic_files import content_of, remove, write_whole
from collectors.extension_files import EXTENSIONS

SHELLS: Final = ("bash", "zsh", "fish")
MARK: Final = b"# kryptictrack: `kryptic shell remove` takes this line out"
_SHIPPED: Final = EXTENSIONS / "shell"


class HookState(StrEnum):
    """How a shell stands."""

    INSTALLED = "installed"
    OUTDATED = "outdated"
    NOT_INSTALLED = "not installed"


@dataclass(frozen=True, slots=True)
class _Place:
    """The path of one shell's hook, and the file that gets a line; fish needs none."""

    hook: Path
    start_up: Path | None


def present(wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """The shells that are meant: those named, else those on this machine.

    Raises:
        KnownError: a name is no shell that is known here, or none is on this machine.
    """
    for name in wanted:
        if name not in SHELLS:
            raise KnownError(f"{name} is no shell that can tell its commands.", f"Known are {', '.join(SHELLS)}.")
    found = tuple(wanted) or tuple(name for name in SHELLS if shutil.which(name))
    if not found:
        raise KnownError("There is no bash, zsh or fish on this machine.", "Install one of them.")
    return found


def install(paths: Paths, environ: Mapping[str, str], shell: str) -> None:
    """Have a shell tell its commands, from the next one that is opened on; a second time nothing is changed.

    Args:
        paths: of the profile, which keeps the hook.
        environ: the environment, which names the shell's folder.
        shell: one of SHELLS.

    Raises:
        KnownError: a file could not be read or written; what was there is unchanged.
    """
    place = _place(paths, environ, shell)
    write_whole(place.hook, _shipped(shell))
    if place.start_up is not None:
        _change(place.start_up, lambda text: _with_line(text, _line(place.hook)))


def uninstall(paths: Paths, environ: Mapping[str, str], shell: str) -> None:
    """Have a shell tell nothing any more, from the next one that is opened on.

    Args:
        paths: of the profile, which keeps the hook.
        environ: the environment, which names the shell's folder.
        shell: one of SHELLS.

    Raises:
        KnownError: a file could not be read or written.
    """
    place = _place(paths, environ, shell)
    if place.start_up is not None:
        _change(place.start_up, _without_line)
    remove(place.hook)


def state(paths: Paths, environ: Mapping[str, str], shell: str) -> HookState:
    """How a shell stands.

    Args:
        paths: of the profile, which keeps the hook.
        environ: the environment, which names the shell's folder.
        shell: one of SHELLS.

    Raises:
        KnownError: a file is there and cannot be read.
    """
    place = _place(paths, environ, shell)
    hook = content_of(place.hook)
    line = place.start_up is None or MARK in (content_of(place.start_up) or b"")
    if hook is None or not line:
        return HookState.NOT_INSTALLED
    return HookState.INSTALLED if hook == _shipped(shell) else HookState.OUTDATED


def _place(paths: Paths, environ: Mapping[str, str], shell: str) -> _Place:
    if shell == "fish":
        return _Place(paths.config.parent / "fish" / "conf.d" / "kryptic.fish", None)
    hook = paths.data / "shell" / f"kryptic.{shell}"
    if shell == "zsh":
        return _Place(hook, Path(environ.get("ZDOTDIR") or paths.home) / ".zshrc")
    return _Place(hook, paths.home / ".bashrc")


def _shipped(shell: str) -> bytes:
    content = content_of(_SHIPPED / f"kryptic.{shell}")
    if content is None:
        raise KnownError(f"The hook for {shell} is missing from this installation.", "Install the program again.")
    return content


def _change(start_up: Path, change: Callable[[bytes], bytes]) -> None:
    before = content_of(start_up) or b""
    after = change(before)
    if after != before:
        write_whole(start_up.resolve(), after)  # many keep theirs elsewhere, and a link to it here


def _line(hook: Path) -> bytes:
    quoted = shlex.quote(str(hook))
    return f"if [ -r {quoted} ]; then . {quoted}; fi ".encode(errors="surrogateescape") + MARK + b"\n"


def _with_line(text: bytes, line: bytes) -> bytes:
    """The text with the line at its end, at which it sees what came before it."""
    if line in text:
        return text
    kept = _without_line(text)
    return kept + (b"\n" if kept and not kept.endswith(b"\n") else b"") + line


def _without_line(text: bytes) -> bytes:
    return b"".join(line for line in text.splitlines(keepends=True) if MARK not in line)
