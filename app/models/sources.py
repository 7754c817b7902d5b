"""What the Sources page and the first start show of senses and histories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from collectors.events import Source
from neural.language.formatting import count, number

OLD_ENTRIES: Final = (
    "Entries older than the days that are kept whole (30, unless you set another number) are learned from at once. "
    "From tomorrow on the daily clean-up thins them to one in a hundred; their sums stay."
)
"""What becomes of a past that is imported."""


@dataclass(frozen=True, slots=True)
class SenseInfo:
    """A sense, as the user consents to it.

    Attributes:
        name: the sense's own name, as in `SourceStatus.name`.
        title: its name for the user.
        records: what it writes down, in a sentence.
        never_records: what it never writes down, in a sentence.
        source: what consent is given to.
    """

    name: str
    title: str
    records: str
    never_records: str
    source: Source


@dataclass(frozen=True, slots=True)
class HistoryInfo:
    """A history that can be imported.

    Attributes:
        name: the reader's name.
        title: its name for the user.
        found: paths that were found under home; empty if there is none.
    """

    name: str
    title: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far the import of one history is; every read entry is in stored, dropped or duplicates.

    Attributes:
        name: the reader's name.
        redacted: secrets taken out of stored entries.
        done: no more is to come.
        message: why it ended otherwise than whole, or what is read now.
        fraction: 0 to 1, None if the whole is not known.
    """

    name: str
    read: int = 0
    stored: int = 0
    dropped: int = 0
    redacted: int = 0
    duplicates: int = 0
    done: bool = False
    message: str = ""
    fraction: float | None = None


def counts(progress: ImportProgress) -> str:
    """The counts of an import in one line."""
    parts = [
        f"{count(progress.read, 'entry', 'entries')} read",
        f"{number(progress.stored)} stored",
        f"{number(progress.duplicates)} there already",
        f"{number(progress.dropped)} dropped",
        f"{count(progress.redacted, 'secret')} taken out",
    ]
    return ", ".join(parts)
