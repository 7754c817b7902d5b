"""What is looked for among the moments, and what was found, as values."""

from __future__ import annotations

from dataclasses import dataclass

from neural.language.reading.plan import Period


@dataclass(frozen=True, slots=True)
class SimilarityQuery:
    """What is looked for: moments about `words`, else moments like those of `period`, else like the latest one.

    Attributes:
        words: as they were typed.
        period: the time that is searched, if words are given.
    """

    words: str | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class SimilarMoment:
    """A stretch of moments that was found.

    Attributes:
        start_us, end_us: from its first action to the end of its last.
        nearness: how alike, 0 to 1.
        because: titles, commands or pages that make it alike, the most telling first.
        app: of most of it; "" if that is not known.
    """

    start_us: int
    end_us: int
    nearness: float
    because: tuple[str, ...]
    app: str


@dataclass(frozen=True, slots=True)
class SimilarityResult:
    """What was found.

    Attributes:
        compared: how many moments were looked at.
        asked: when the moment that is asked about began and ended; None for words, or if nothing was done then.
        alike: latest first.
    """

    compared: int
    asked: tuple[int, int] | None
    alike: tuple[SimilarMoment, ...]
