"""A question as a small typed query: what is asked, of what, and over which time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Intent(StrEnum):
    """What is asked."""

    ACTIVITY = "activity"
    TIME = "time"
    TOP = "top"
    COUNT = "count"
    FOCUS = "focus"
    NEXT = "next"
    LAST = "last"
    ACCURACY = "accuracy"
    RECORDED = "recorded"
    WORTH = "worth"
    BEST = "best"
    CHANGED = "changed"
    MOMENTS = "moments"
    SESSIONS = "sessions"
    STRAIN = "strain"
    WATCHED = "watched"
    TYPED = "typed"


class SubjectKind(StrEnum):
    """What a question is about; UNKNOWN is a name that nothing recorded bears, WORDS are any."""

    APP = "app"
    SITE = "site"
    PROJECT = "project"
    COMMAND = "command"
    COMMIT = "commit"
    PAGE = "page"
    UNKNOWN = "unknown"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about.

    Attributes:
        kind: of what sort it is.
        name: the recorded name ("firefox", "github.com"), or the words; empty if all of a kind are meant.
        near: for an UNKNOWN name, the closest known ones, closest first.
    """

    kind: SubjectKind
    name: str = ""
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of local time, from `start_us` up to but not including `end_us`; `label` says it in words."""

    start_us: int
    end_us: int
    label: str


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that were recorded; what a question may be about."""

    apps: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()

    def of(self, kind: SubjectKind) -> tuple[str, ...]:
        """The names of one kind."""
        by_kind = {SubjectKind.APP: self.apps, SubjectKind.SITE: self.sites, SubjectKind.PROJECT: self.projects}
        return by_kind.get(kind, ())


@dataclass(frozen=True, slots=True)
class Plan:
    """A query that the store can answer."""

    intent: Intent
    period: Period
    subject: Subject | None = None

    def to_dict(self) -> dict[str, str | None]:
        """The plan as JSON-able values; moments are ISO 8601 in UTC."""
        return {
            "intent": self.intent.value,
            "subject_kind": None if self.subject is None else self.subject.kind.value,
            "subject": None if self.subject is None else self.subject.name,
            "period": self.period.label,
            "start": _iso(self.period.start_us),
            "end": _iso(self.period.end_us),
        }


def _iso(ts_us: int) -> str:
    return datetime.fromtimestamp(ts_us / 1e6, UTC).isoformat(timespec="seconds")
