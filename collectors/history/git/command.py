"""Runs git for reading only: no prompt, pager, network or lock, no program that the repository names, no hang."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from collectors.history.reader import MAX_LINE_BYTES, HistoryError

TIMEOUT_S: Final = 120.0
_CHUNK_BYTES: Final = 1 << 16
# A repository's own configuration may name programs to run; none of them is needed to read its history.
_SAFE: Final = (
    "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "log.showSignature=false",
    "-c", "protocol.allow=never",
    "-c", "color.ui=false",
    "-c", "i18n.logOutputEncoding=UTF-8",
)  # fmt: skip


class GitTimeoutError(Exception):
    """Git did not come to an end in time; it was ended."""


def git_lines(repository: Path, *arguments: str, timeout_s: float = TIMEOUT_S) -> Iterator[bytes]:
    """Stream the lines that git writes; a line over MAX_LINE_BYTES is cut.

    Raises:
        HistoryError: if git is missing, or refuses.
        GitTimeoutError: after `timeout_s` seconds of git's own time, what came before having been yielded.
    """
    process = _start(repository, arguments)
    assert process.stdout is not None
    assert process.stderr is not None
    left_s = timeout_s
    pending = b""
    errors = b""
    try:
        streams = [process.stdout, process.stderr]
        while streams:
            # Only the waiting counts: how long the caller takes with a line is no fault of git's.
            began_s = time.monotonic()
            ready = select.select(streams, [], [], left_s)[0]
            left_s -= time.monotonic() - began_s
            if not ready or left_s <= 0:
                raise GitTimeoutError
            for stream in ready:
                chunk = os.read(stream.fileno(), _CHUNK_BYTES)
                if not chunk:
                    streams.remove(stream)
                elif stream is process.stderr:
                    errors = (errors + chunk)[-4_096:]
                else:
                    *lines, pending = (pending + chunk).split(b"\n")
                    pending = pending[:MAX_LINE_BYTES]
                    yield from lines
        if pending:
            yield pending
        if process.wait(timeout=max(left_s, 1.0)):
            raise _refusal(repository, errors)
    except subprocess.TimeoutExpired as error:
        raise GitTimeoutError from error
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def _start(repository: Path, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {
        **kept,
        "LC_ALL": "C.UTF-8",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ASKPASS": "true",
        "GIT_PAGER": "cat",
    }
    try:
        return subprocess.Popen(  # noqa: S603 - a fixed program with fixed switches; the path is one argument
            ["git", "-C", str(repository), *_SAFE, *arguments],  # noqa: S607 - git is found through the user's PATH
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise HistoryError("git is not installed.", "Install the package git, then import again.") from error
    except (OSError, ValueError) as error:
        raise HistoryError(f"git could not be started: {error}.", "Check that git runs in a terminal.") from error


def _refusal(repository: Path, errors: bytes) -> HistoryError:
    text = errors.decode("utf-8", "replace")
    if "dubious ownership" in text:
        return HistoryError(
            f"The repository {repository} belongs to another user, so git does not read it.",
            f"If you trust it: git config --global --add safe.directory '{repository}'.",
        )
    first = text.strip().splitlines()[0] if text.strip() else "no reason given"
    return HistoryError(
        f"git could not read {repository}: {first}.", f"See what is wrong with: git -C '{repository}' fsck."
    )
