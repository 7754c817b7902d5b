"""From an event to the unit that is predicted: the action token, and the step it makes in a person's history.

Tokens name what was done and nothing more: `app:firefox`, `web:github.com`, `cmd:git commit`, `file:py@project`.
"""

from __future__ import annotations

from dataclasses import dataclass

from collectors.events import Event


@dataclass(frozen=True, slots=True)
class Labels:
    """What an event is filed under.

    Attributes:
        token: the action token, None for events that are no action of the user's (load, rhythm, presence).
        site: host of the page ("github.com", no "www."), None off the web.
        project: name of the repository or project folder, where one is known.
    """

    token: str | None
    site: str | None
    project: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a history, with what was known at its moment.

    Attributes:
        ts_us: microseconds since the epoch, UTC; None where the log has no times.
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
    """File an event: its token, site and project."""
    raise NotImplementedError(event)  # replaced before the first landing
