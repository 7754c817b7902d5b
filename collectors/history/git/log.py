"""The user's own commits on every branch, and what the reflog tells of checkouts, merges, pulls, rebases and resets."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.events import US_PER_S, Event, EventKind, GitDetail, Source, clean_text
from collectors.history.git.command import GitTimeoutError, git_lines
from collectors.history.git.intent import intent_of
from collectors.history.git.reflog import Move, NoMove, move_of
from collectors.history.git.repositories import repositories_under
from collectors.history.reader import (
    HistoryError,
    Rejected,
    lines_of,
    opened,
    origin_key,
    path_of,
    possible_time,
    unreadable,
)

MAX_COMMITS: Final = 50_000
_FIELDS: Final = "%x1e%H%x1f%at%x1f%ad%x1f%ae%x1f%S%x1f%s"


@dataclass(frozen=True, slots=True)
class _Repository:
    path: Path
    name: str
    journal: Path
    emails: frozenset[str]
    whole: bool  # every object is here; a partial clone would have to ask its server for them


@dataclass(slots=True)
class _Commit:
    sha: str
    ts_us: int
    utc_offset_s: int
    email: str
    branch: str | None
    title: str
    insertions: int | None = None
    deletions: int | None = None


class GitHistory:
    """Reads a repository: `path` is its work tree, or its folder if it is bare.

    A commit is known by the second it was written and by its subject, not by its hash: so a commit that was rebased,
    cherry-picked or cloned elsewhere is the same piece of work, and one that stands in the log and in the reflog is
    one event.
    """

    name: Final = "git"
    title: Final = "Git commits and reflogs"

    def discover(self, home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:  # noqa: ARG002 - the protocol's
        """The repositories under home, a bounded number of them in a bounded depth."""
        return repositories_under(home)

    def read(self, path: Path) -> Iterator[Event | Rejected]:
        """Stream one repository's own commits, then its reflog; see `HistoryReader.read`."""
        repository = _open(path)
        stored: set[int] = set()
        hashes: set[bytes] = set()
        if not repository.emails:
            yield Rejected(
                str(path), "no user.email is configured for git, so your commits cannot be distinguished from others'"
            )
        else:
            # Python 3.12.2 and 3.12.3 forget what a generator holds when it is closed outside of any such block.
            with contextlib.closing(_own_commits(repository)) as rows:
                for row in rows:
                    if isinstance(row, Rejected):
                        yield row
                        continue
                    hashes.add(bytes.fromhex(row.sha))
                    event = _commit_event(repository, row)
                    if event.origin_key is not None and event.origin_key not in stored:
                        stored.add(event.origin_key)
                        yield event
        yield from _moves(repository, stored, hashes)


def _open(path: Path) -> _Repository:
    try:
        next(path_of(path).iterdir(), None)
    except OSError as error:
        if isinstance(error, NotADirectoryError):
            raise HistoryError(f"{path} is not a folder.", "Choose the folder of a git repository.") from error
        raise unreadable(path, error) from error
    try:
        folder, top, journal = _places(path)
        emails = [line.decode("utf-8", "replace").strip().lower() for line in _config(path, "--get-all", "user.email")]
        promised = list(_config(path, "--get-regexp", r"^remote\..*\.promisor$"))
    except GitTimeoutError as error:
        raise HistoryError(f"git does not answer in {path}.", "Check that the disk it lies on answers.") from error
    name = (top or folder).name.removesuffix(".git") or folder.parent.name
    return _Repository(path, name, journal, frozenset(emails) - {""}, whole=not promised)


def _places(path: Path) -> tuple[Path, Path | None, Path]:
    """The repository's folder, its work tree if it has one, and its journal."""
    arguments = ("rev-parse", "--absolute-git-dir", "--is-bare-repository", "--git-path", "logs/HEAD")
    lines = [os.fsdecode(line) for line in git_lines(path, *arguments)]
    if len(lines) != 3:  # noqa: PLR2004 - one answer to each question
        raise HistoryError(f"git gives no clear answer in {path}.", f"Try: git -C '{path}' rev-parse --git-dir.")
    folder, bare, journal = Path(lines[0]), lines[1] == "true", path / lines[2]
    if bare:
        return folder, None, journal
    try:
        top = next(iter(git_lines(path, "rev-parse", "--show-toplevel")), b"")
    except HistoryError:
        top = b""  # `path` is the repository's own folder inside its work tree
    return folder, Path(os.fsdecode(top)) if top else None, journal


def _config(path: Path, *arguments: str) -> Iterator[bytes]:
    try:
        yield from git_lines(path, "config", *arguments)
    except HistoryError:
        return  # git config ends with a failure if the key is not set


def _own_commits(repository: _Repository) -> Generator[_Commit | Rejected, None, None]:
    arguments = [
        "log",
        "--exclude=refs/stash",
        "--all",
        "--source",
        f"--max-count={MAX_COMMITS}",
        "--reverse",
        "--date=raw",
        f"--format={_FIELDS}",
        "--fixed-strings",
        "--regexp-ignore-case",
        *(f"--author=<{email}>" for email in sorted(repository.emails)),
    ]
    if repository.whole:
        arguments += ["--numstat", "--no-ext-diff", "--no-textconv", "--no-renames"]
    commit: _Commit | None = None
    try:
        for line in git_lines(repository.path, *arguments, "--"):
            if not line.startswith(b"\x1e"):
                _count(commit, line)
                continue
            if commit is not None and commit.email in repository.emails:
                yield commit
            commit = _commit_of(line)
            if commit is None:
                yield Rejected(f"{repository.path}: git log", "a commit that cannot be read")
        if commit is not None and commit.email in repository.emails:
            yield commit
    except GitTimeoutError:
        yield Rejected(f"{repository.path}: git log", "git took too long; what it had written was kept")
    except HistoryError as error:
        # A repository without a commit, or with a broken object, may still have a reflog.
        yield Rejected(f"{repository.path}: git log", error.reason)


def _commit_of(line: bytes) -> _Commit | None:
    parts = line[1:].decode("utf-8", "replace").split("\x1f", 5)
    try:
        sha, seconds, raw_date, email, ref, subject = parts
        zone = raw_date.rsplit(" ", 1)[1]
        offset_s = (int(zone[1:3]) * 3_600 + int(zone[3:5]) * 60) * (-1 if zone[0] == "-" else 1)
        ts_us = int(seconds) * US_PER_S
        bytes.fromhex(sha)
    except (ValueError, IndexError):
        return None
    if not possible_time(ts_us):
        return None
    branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None
    return _Commit(sha, ts_us, offset_s, email.lower(), branch, subject)


def changed_lines(path: Path, commit: str, timeout_s: float) -> tuple[int, int] | None:
    """Return how many lines a commit added and removed; None if git does not answer, or not in time.

    Args:
        path: of the repository.
        commit: its hash, hexadecimal.
        timeout_s: for git's answer.
    """
    counted = _Commit(commit, 0, 0, "", None, "")
    arguments = ("show", "--format=", "--numstat", "--no-ext-diff", "--no-textconv", "--no-renames", commit, "--")
    try:
        for line in git_lines(path, *arguments, timeout_s=timeout_s):
            _count(counted, line)
    except (GitTimeoutError, HistoryError):
        return None
    return counted.insertions or 0, counted.deletions or 0


def _count(commit: _Commit | None, line: bytes) -> None:
    added, _, rest = line.partition(b"\t")
    removed, _, _ = rest.partition(b"\t")
    if commit is not None and added.isdigit() and removed.isdigit():
        commit.insertions = (commit.insertions or 0) + int(added)
        commit.deletions = (commit.deletions or 0) + int(removed)


def _commit_event(repository: _Repository, commit: _Commit) -> Event:
    return event_of(
        repository.path,
        repository.name,
        Move(commit.ts_us, commit.utc_offset_s, EventKind.COMMIT, commit.sha, commit.title, commit.branch),
        commit.insertions,
        commit.deletions,
    )


def event_of(top: Path, name: str, move: Move, insertions: int | None = None, deletions: int | None = None) -> Event:
    """The event of something done in a repository, the same whether it is read from a history or seen live.

    Args:
        top: the repository's folder.
        name: what it is called.
        move: what was done.
        insertions: lines that a commit added, if they were counted.
        deletions: lines that it took away.
    """
    title = clean_text(move.title)
    intent = intent_of(title) if move.kind is EventKind.COMMIT else None
    return Event(
        ts_us=move.ts_us,
        source=Source.GIT,
        kind=move.kind,
        app="git",
        target=clean_text(str(top)),
        title=title,
        utc_offset_s=move.utc_offset_s,
        detail=GitDetail(clean_text(name), move.branch, move.commit, insertions, deletions, intent),
        origin_key=origin_key("git", move.kind, move.ts_us, title),
    )


def _moves(repository: _Repository, stored: set[int], hashes: set[bytes]) -> Iterator[Event | Rejected]:
    if not repository.journal.exists():
        return  # core.logAllRefUpdates is off, as in bare repositories
    branch: str | None = None
    with opened(repository.journal) as file:
        for number, line in lines_of(file, os.fstat(file.fileno()).st_size):
            move = None if line is None else move_of(line, branch)
            if move is None or (isinstance(move, Move) and not possible_time(move.ts_us)):
                yield Rejected(f"{repository.journal}:{number}", "no line of a reflog")
                continue
            branch = move.branch
            if isinstance(move, NoMove) or (move.kind is EventKind.COMMIT and bytes.fromhex(move.commit) in hashes):
                continue
            event = event_of(repository.path, repository.name, move)
            if event.origin_key is not None and event.origin_key not in stored:
                stored.add(event.origin_key)
                yield event
