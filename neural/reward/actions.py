"""From an event to the unit that is predicted: the action token, and the step it makes in a person's history.

Tokens name what was done and nothing more: `app:firefox`, `web:github.com`, `cmd:git commit`, `file:py@project`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from collectors.events import CommandDetail, Event, EventKind, FileDetail, GitDetail, Source
from neural.reward import commands

MAX_TITLE_TOKENS: Final = 16
MAX_NAME_CHARS: Final = 64
_SUFFIX: Final = re.compile(r"[A-Za-z0-9+_-]{1,12}")
_WORD: Final = re.compile(r"[^\W_]{2,24}")
_FOLDERS_OF_PROJECTS: Final = frozenset(
    [
        "src",
        "code",
        "dev",
        "devel",
        "projects",
        "project",
        "repos",
        "repositories",
        "git",
        "github",
        "gitlab",
        "work",
        "workspace",
        "workspaces",
        "documents",
    ]
)
_NO_PROJECTS: Final = frozenset(
    [
        "downloads",
        "desktop",
        "pictures",
        "music",
        "videos",
        "public",
        "templates",
        "snap",
        "tmp",
        "bin",
        "lib",
        "opt",
        "etc",
        "var",
        "usr",
        "proc",
        "sys",
        "run",
        "mnt",
    ]
)
_HOME_PARENTS: Final = frozenset(("home", "Users"))


@dataclass(frozen=True, slots=True)
class Labels:
    """What an event is filed under.

    Attributes:
        token: the action token, None for events that are no action of the user's (load, rhythm, presence).
        site: host of the page ("github.com", no "www."), None off the web.
        project: name of the repository or project folder, if one is known.
    """

    token: str | None
    site: str | None
    project: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a history, with what was known at its moment.

    Attributes:
        ts_us: microseconds since the epoch, UTC; None if the log has no times.
        action: the action token.
        session: counts up; a change ends what can be looked back on.
        utc_offset_s: the local clock's offset, seconds.
        project: as in `Labels`.
        title_tokens: words of the title, lower case.
    """

    ts_us: int | None
    action: str
    session: int
    utc_offset_s: int = 0
    project: str | None = None
    title_tokens: tuple[str, ...] = ()


def label(event: Event) -> Labels:
    """File an event: its token, site and project.

    Args:
        event: any event; those that are no action of the user's (presence, rhythm, load, processes) get no token.
    """
    site = _host(event.target) if event.source is Source.BROWSER else None
    project = _project(event)
    return Labels(token=_token(event, site, project), site=site, project=project)


def step_of(event: Event, labels: Labels, session: int) -> Step | None:
    """The step an event makes in a person's history; None if it has no token.

    Args:
        event: the event.
        labels: what `label` filed it under.
        session: number of the session it falls in, see `neural.reward.sessions`.
    """
    if labels.token is None:
        return None
    return Step(
        ts_us=event.ts_us,
        action=labels.token,
        session=session,
        utc_offset_s=event.utc_offset_s,
        project=labels.project,
        title_tokens=_title_tokens(event),
    )


def kind_of(action: str) -> str:
    """The part of a token before its colon: "app", "web", "cmd", "file", "git", "code"."""
    return action.partition(":")[0]


def _token(event: Event, site: str | None, project: str | None) -> str | None:
    kind, name = "", ""
    match event.source, event.kind:
        case Source.WINDOW, _:
            kind, name = "app", _name(event.app) or ""
        case Source.BROWSER, (EventKind.VISIT | EventKind.FOCUS | EventKind.DOWNLOAD):
            kind, name = "web", site or ""
        case Source.TERMINAL, _:
            kind, name = "cmd", commands.name(event.target or "") or ""
        case Source.GIT, _:
            kind, name = "git", str(event.kind)
        case Source.EDITOR, (EventKind.DEBUG | EventKind.TEST):
            kind, name = "code", str(event.kind)
        case ((Source.FILES | Source.EDITOR), _):
            kind, name = "file", _file_kind(event, project)
    return f"{kind}:{name}" if name else None


def _file_kind(event: Event, project: str | None) -> str:
    language = event.detail.language if isinstance(event.detail, FileDetail) else None
    stem, dot, suffix = (event.target or "").rpartition("/")[2].rpartition(".")
    kind = suffix.lower() if dot and stem and _SUFFIX.fullmatch(suffix) else _name(language) or ""
    return f"{kind}@{project}" if kind and project else kind


def _host(url: str | None) -> str | None:
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None  # not an address, so not a site: captured text may be anything
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts.hostname.removeprefix("www.") or None


def _project(event: Event) -> str | None:
    match event.detail:
        case FileDetail(project=str(name)) if name:
            return _name(name.rstrip("/").rpartition("/")[2])
        case GitDetail(repository=str(name)) if name:
            return _name(name.rstrip("/").rpartition("/")[2].removesuffix(".git"))
        case CommandDetail(cwd=str(folder)):
            return _project_of_folder(folder)
        case _:
            pass
    if event.source in (Source.FILES, Source.EDITOR) and event.target:
        return _project_of_folder(event.target.rpartition("/")[0])
    return None


def _project_of_folder(folder: str) -> str | None:
    """The first folder below home that is no mere holder of projects; looked at as text, the disk is not touched."""
    parts = [part for part in folder.split("/") if part]
    if folder.startswith("~"):
        parts = parts[1:]
    elif len(parts) > 1 and parts[0] in _HOME_PARENTS:
        parts = parts[2:]
    elif parts and parts[0] == "root":
        parts = parts[1:]
    for part in parts:
        if part.lower() in _NO_PROJECTS or part.startswith("."):
            return None
        if part.lower() not in _FOLDERS_OF_PROJECTS and "." not in part[:-1]:
            return _name(part)
    return None


def _name(text: str | None) -> str | None:
    cleaned = " ".join((text or "").split()).lower()[:MAX_NAME_CHARS]
    return cleaned or None


def _title_tokens(event: Event) -> tuple[str, ...]:
    words = dict.fromkeys(word for word in _WORD.findall((event.title or "").lower()) if not word.isdigit())
    tokens = tuple(words)[:MAX_TITLE_TOKENS]
    if isinstance(event.detail, CommandDetail) and event.detail.exit_status:
        return ("exit:failed", *tokens)
    return tokens


@dataclass(frozen=True, slots=True)
class KindChance:
    """A kind of action that may come next.

    Attributes:
        kind: one of KINDS.
        probability: of the next action being of this kind.
        something_new: the part of it for an action of this kind outside all that were weighed.
    """

    kind: str
    probability: float
    something_new: float
