"""What is asked to be forgotten, and what went, as values that can be written down."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Final

from app.errors import KnownError
from collectors.events import MAX_TS_US

LAST_FORGOTTEN: Final = "last_forgotten_us"
"""The setting that tells when something was forgotten last: a training begun before then has learned from it."""


@dataclass(frozen=True, slots=True)
class Forget:
    """What is to be forgotten: whatever all that is given here holds of.

    Attributes:
        since_us: from this moment; None from the beginning.
        until_us: up to but not including this moment; None up to now. An action that reaches into the range from
            before it belongs to it: its title tells of the range as well.
        app: an application, by the names that an exclusion of it has, the commands that start it included.
        site: a site, with everything below it, as an exclusion of it.
        project: a project, upper and lower case alike.
        text: what a search for these words finds.
        actions: single actions, by number and moment each: another action that got the number of one that went is
            not meant. With them nothing else is given.

    Raises:
        KnownError: if nothing is given, or the range is none.
    """

    since_us: int | None = None
    until_us: int | None = None
    app: str | None = None
    site: str | None = None
    project: str | None = None
    text: str | None = None
    actions: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        for name in ("app", "site", "project", "text"):
            value = getattr(self, name)
            if value is not None and not any(character.isalnum() for character in value):
                raise KnownError(f"{value!r} names no {name}; nothing was forgotten.", "Write the name out.")
        if self.actions and (self.names or self.text or self.since_us is not None or self.until_us is not None):
            raise KnownError("Single actions go alone; nothing was forgotten.", "Name them, or something else.")
        if not (self.names or self.text or self.has_range):
            raise KnownError(
                "Nothing was named, so nothing was forgotten.",
                "Say what: a time, an application, a site, a project or words to search for.",
            )
        if self.low_us >= self.high_us:
            raise KnownError("The range ends before it begins; nothing was forgotten.", "Give the earlier time first.")

    @property
    def low_us(self) -> int:
        """The start of the range."""
        if self.actions:
            return min(self.moments_us)
        return 0 if self.since_us is None else self.since_us

    @property
    def high_us(self) -> int:
        """The end of the range."""
        if self.actions:
            return max(self.moments_us) + 1
        return MAX_TS_US + 1 if self.until_us is None else self.until_us

    @property
    def has_range(self) -> bool:
        """Whether a time was given."""
        return self.since_us is not None or self.until_us is not None or bool(self.actions)

    @property
    def moments_us(self) -> frozenset[int]:
        """When the single actions began."""
        return frozenset(ts_us for _, ts_us in self.actions)

    def is_of(self, ts_us: int) -> bool:
        """Whether a moment lies in the range; of single actions, whether it is that of one."""
        if self.actions:
            return ts_us in self.moments_us
        return self.low_us <= ts_us < self.high_us

    @property
    def names(self) -> tuple[str, ...]:
        """The names that were given."""
        return tuple(name for name in (self.app, self.site, self.project) if name is not None)

    def to_json(self) -> str:
        """As one JSON object."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Forget:
        """Read it back."""
        fields = json.loads(text)
        return cls(**{**fields, "actions": tuple((number, ts_us) for number, ts_us in fields.get("actions", ()))})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What went, or, in a dry run, exactly what would go: rows by table.

    Attributes:
        dry_run: nothing was forgotten, it was only said.
        actions: with their index entries.
        texts: addresses, commands and titles that no other action bears.
        names: names and action tokens that nothing bears any more.
        sums: cells of an hour that went or were made smaller.
        hours_gone_whole: of these, cells that had to go whole although the range only cuts their hour: their actions
            were thinned out before, so that nothing tells which part of the sum lies in the range. What is left of
            such an hour are the actions that are left.
        sessions: those that held something forgotten; they are rebuilt from what is left.
        predictions: made in the range, or naming what is forgotten before, at or after their moment.
        chat_messages: of the range or about it, or naming what is forgotten; question and answer go together.
        insights, memories, settings, notes: likewise; the settings that the user made stay.
        training_runs, adapters: retired, because they learned from something forgotten: their weights are gone.
    """

    dry_run: bool
    actions: int = 0
    texts: int = 0
    names: int = 0
    sums: int = 0
    hours_gone_whole: int = 0
    sessions: int = 0
    predictions: int = 0
    chat_messages: int = 0
    insights: int = 0
    memories: int = 0
    settings: int = 0
    notes: int = 0
    training_runs: int = 0
    adapters: int = 0

    @property
    def empty(self) -> bool:
        """Whether there was nothing to forget."""
        return not any(getattr(self, field.name) for field in dataclasses.fields(self) if field.name != "dry_run")

    def to_json(self) -> str:
        """As one JSON object."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """Read it back."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A forgetting that was written down; `request` is None if only copies of the file are still to be renewed.

    Attributes:
        asked_us: when it was asked for.
        up_to_id: the latest action stored then; what came later does not belong to it.
        request: what is to be forgotten.
        receipt: what went, once that is known.
    """

    asked_us: int
    up_to_id: int
    request: Forget | None
    receipt: Receipt | None
