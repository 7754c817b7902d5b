"""The claims in a sentence (figures, times, durations, names), held to the facts one by one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from neural.language.facts import Fact
from neural.language.narration import fact_phrases
from neural.language.reading.time_ranges import MONTHS, SMALL_NUMBERS, WEEKDAYS

_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TEENS: Final = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_WORD_VALUES: Final[dict[str, int]] = {
    **{word: value for value, word in enumerate(SMALL_NUMBERS)},
    **{word: value for value, word in enumerate(_TEENS, 13)},
    **{word: 10 * value for value, word in enumerate(_TENS, 2)},
}
_LOOSE_NUMBERS: Final = frozenset(
    """half quarter third quarters thirds dozen dozens hundred hundreds thousand thousands million millions billion once
    twice thrice double triple couple noon midnight""".split()  # noqa: SIM905  # a list of words reads better as words
)
"""Words that claim an amount or a time without a figure; never faithful, as no fact is written so."""
_OPENERS: Final = frozenset(
    """a about across after again against all also although among an and another any are as ask at based because
    before beside between both but by can choose did do during each either every few first finally for from
    given had has have here hour hours how however i if in instead is it its just last later learned let least
    less like likely long looking many minutes more most mostly much my name names next no none not nothing of
    on only or other others over overall predicted probably roughly second shortly since so some still than that
    the their then there these they this those three time today together top total two under until up was we
    were what when where which while who why will with within without would yes yesterday you your yours""".split()  # noqa: SIM905  # a list of words reads better as words
)
"""Words that a sentence may begin with and be no name."""
_OWN_NAMES: Final = frozenset({"kryptictrack", "mind", "sources"})
"""Names of the program's own parts."""
_UNITS_S: Final = {"h": 3600, "hr": 3600, "hour": 3600, "min": 60, "minute": 60, "m": 60, "s": 1, "sec": 1, "second": 1}
_NUMBER: Final = r"\d+(?:[.,\u00a0\u202f]\d+)*"
_UNIT: Final = r"(?:hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)"
_DURATION: Final = re.compile(rf"({_NUMBER})[ \u00a0-]?({_UNIT})\b", re.IGNORECASE)
_DURATION_JOIN: Final = re.compile(r"(?:,? and |, | )?")
_TIME: Final = re.compile(
    r"\b(\d{1,2})[:.h](\d{2})\b(?:[ \u00a0]?([ap])\.?m\b\.?)?|\b(\d{1,2})[ \u00a0]?([ap])\.?m\b\.?", re.IGNORECASE
)
_CLOCK: Final = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_DATE: Final = re.compile(rf"(?:(?:{'|'.join(WEEKDAYS)}) )?(\d{{1,2}} (?:{'|'.join(MONTHS)})) \d{{4}}", re.IGNORECASE)
_PERCENT: Final = re.compile(rf"({_NUMBER})[ \u00a0]?(?:%|per ?cent\b)", re.IGNORECASE)
_FIGURE: Final = re.compile(rf"[-\u2212]?{_NUMBER}")
_WORD: Final = re.compile(r"[^\W\d_][\w'\u2019-]*")
_IDENTIFIER: Final = re.compile(r"\w+(?:[./@:_\\]\w+)+|\w*\d\w*[^\W\d]\w*|[^\W\d]\w*\d\w*|[/~]\w[\w./-]*")
_QUOTED: Final = re.compile(r"[\"\u201c\u201d`][^\"\u201c\u201d`]+[\"\u201c\u201d`]")


class _Kind(Enum):
    """What sort of figure a claim has."""

    NUMBER = auto()
    PERCENT = auto()
    DURATION_S = auto()


@dataclass(frozen=True, slots=True)
class _Claim:
    """A figure that may be said; `subject` is what it belongs to, None if it belongs to all."""

    kind: _Kind
    figure: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """The facts, as what a text may say.

    Attributes:
        claims: the figures.
        times_min: times of day, minutes after midnight.
        names: whatever may be said as it is, longest first.
        words: the words of the names, lower case.
    """

    claims: frozenset[_Claim]
    times_min: frozenset[int]
    names: tuple[str, ...]
    words: frozenset[str]

    def has(self, kind: _Kind, value: float) -> bool:
        """Whether a figure is one of the claims."""
        figure = _canonical(value)
        return any(claim.kind is kind and claim.figure == figure for claim in self.claims)

    def about(self, sentence: str) -> Known:
        """What may be said in a sentence: if it names subjects, the figures of the others are none of its own."""
        mentioned = {
            subject for subject in {claim.subject for claim in self.claims} if subject and _stands_in(subject, sentence)
        }
        if not mentioned:
            return self
        own = frozenset(claim for claim in self.claims if claim.subject is None or claim.subject in mentioned)
        return replace(self, claims=own)


def known_from(facts: Sequence[Fact]) -> Known:
    """Read facts once, to hold many sentences to them."""
    claims: set[_Claim] = set()
    times: set[int] = set()
    said: set[str] = set()
    for fact in facts:
        if isinstance(fact.value, str):
            clock = _CLOCK.fullmatch(fact.value)
            if fact.unit == "time" and clock:
                times.add(int(clock[1]) * 60 + int(clock[2]))
            else:
                said.add(fact.value)
                said.update(_shorter_dates(fact.value))
        said.add(fact.name)
        said.update(_IDENTIFIER.findall(fact.name))
        times.update(int(hour) * 60 + int(minute) for hour, minute in _CLOCK.findall(fact.name))
        if isinstance(fact.value, str):
            continue
        kind = _Kind.DURATION_S if fact.unit in _UNITS_S else _Kind.PERCENT if fact.unit == "%" else _Kind.NUMBER
        figure = _canonical(fact.value * _UNITS_S.get(fact.unit, 1))
        claims.add(_Claim(kind, figure, fact_phrases.subject_of(fact)))
    said = {name for name in said if any(map(str.isalpha, name)) and not name.startswith("/")} | _iso_dates(said)
    names = tuple(sorted(said, key=len, reverse=True))
    units = (fact.unit for fact in facts)
    words = frozenset(word.casefold() for name in (*names, *units) for word in _WORD.findall(name)) | _OWN_NAMES
    return Known(frozenset(claims), frozenset(times), names, words)


def _iso_dates(said: set[str]) -> set[str]:
    return {date for name in said for date in re.findall(r"\b\d{4}-\d{2}-\d{2}\b", name)}


def _shorter_dates(text: str) -> Iterator[str]:
    """The ways to say the dates of a text that leave something out: "20 November", "Friday 20 November"."""
    for match in _DATE.finditer(text):
        full = match[0]
        yield full
        yield full.rsplit(" ", 1)[0]
        yield match[1]
        yield match[1] + full[-5:]


def _canonical(value: float) -> str:
    return f"{round(float(value), 6):.6f}".rstrip("0").rstrip(".")


def sentence_faithful(sentence: str, known: Known) -> bool:
    """Whether all claims of one sentence are known; see `neural.language.narration.faithfulness`."""
    if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Cn", "No", "Nl") for char in sentence):
        return False  # control and hidden characters, and numbers that are no digits (one half, superscripts)
    if "\ufffd" in sentence:
        return False
    known = known.about(sentence)
    rest = _without_names(sentence, known)
    if _QUOTED.search(rest):
        return False
    checks = (_figures_for_words, _without_times, _without_durations, _without_percents, _without_figures)
    for check in checks:
        after = check(rest, known)
        if after is None:
            return False
        rest = after
    return not _IDENTIFIER.search(rest) and _proper_names_known(rest, known)


def _without_names(text: str, known: Known) -> str:
    """The text with each known name blanked, so that figures inside a name are not taken for claims."""
    for name in known.names:
        text = re.sub(_whole(name), "\u25a1", text, flags=re.IGNORECASE)
    return text


def _figures_for_words(text: str, known: Known) -> str | None:
    """Number words written as figures; None if a word claims an amount that no figure can be checked for."""
    del known
    pieces: list[str] = []
    position = 0
    pending: int | None = None
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        word = match[0].casefold()
        first, _, second = word.partition("-")
        value = _WORD_VALUES.get(word)
        if first in _TENS and second in _WORD_VALUES:
            value = _WORD_VALUES[first] + _WORD_VALUES[second]
        if word in _LOOSE_NUMBERS:
            return None
        if value is not None and pending is not None and pending % 10 == 0 and 0 < value < 10 and between == " ":  # noqa: PLR2004  # tens and units
            pieces[-1] = str(pending + value)
            pending = None
        else:
            pieces.extend((between, match[0] if value is None else str(value)))
            pending = value if word in _TENS else None
        position = match.end()
    return "".join([*pieces, text[position:]])


def _without_times(text: str, known: Known) -> str | None:
    for match in _TIME.finditer(text):
        hour, minute = int(match[1] or match[4]), int(match[2] or 0)
        half = (match[3] or match[5] or "").casefold()
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        if match[2] is not None and match[0][len(match[1])] == "." and not half:
            continue  # "3.14" is a figure unless it is said to be a time
        if hour * 60 + minute not in known.times_min:
            return None
    return _TIME.sub(lambda match: match[0] if "." in match[0] and not (match[3] or match[5]) else "\u25a1", text)


def _without_durations(text: str, known: Known) -> str | None:
    pieces: list[str] = []
    position = 0
    while (match := _DURATION.search(text, position)) is not None:
        pieces.append(text[position : match.start()])
        total, position = 0.0, match.start()
        smallest_s = 10**9
        while match is not None:
            unit_s = _unit_s(match[2])
            if unit_s >= smallest_s:
                break
            total += _value(match[1]) * unit_s
            smallest_s, position = unit_s, match.end()
            join = _DURATION_JOIN.match(text, position)
            match = _DURATION.match(text, join.end() if join else position)
        if not known.has(_Kind.DURATION_S, total):
            return None
        pieces.append("\u25a1")
    return "".join([*pieces, text[position:]])


def _unit_s(word: str) -> int:
    low = word.casefold()
    return _UNITS_S[low] if low in _UNITS_S else _UNITS_S[low.removesuffix("s")]


def _value(figure: str) -> float:
    """A figure as written in English: commas and thin spaces group, a point divides."""
    return float(re.sub(r"[,\u00a0\u202f]", "", figure)) if figure.count(".") < 2 else float("nan")  # noqa: PLR2004  # a version, no number


def _without_percents(text: str, known: Known) -> str | None:
    if not all(known.has(_Kind.PERCENT, _value(match[1])) for match in _PERCENT.finditer(text)):
        return None
    return _PERCENT.sub("\u25a1", text)


def _without_figures(text: str, known: Known) -> str | None:
    """The text without the figures that are facts; each figure must be whole, not part of a word."""
    for match in _FIGURE.finditer(text):
        figure = match[0].replace("\u2212", "-")
        before = text[: match.start()][-1:]
        if figure.startswith("-") and (before.isalnum() or before == "\u25a1"):
            figure = figure[1:]
        sign = -1 if figure.startswith("-") else 1
        if not known.has(_Kind.NUMBER, sign * _value(figure.lstrip("-"))):
            return None
    return re.sub(rf"(?<!\w){_FIGURE.pattern}(?!\w)", "\u25a1", text)


def _proper_names_known(text: str, known: Known) -> bool:
    for match in _WORD.finditer(text):
        word = match[0]
        low = word.casefold().removesuffix("'s").removesuffix("\u2019s")
        if low in WEEKDAYS or (low in MONTHS and low not in ("may", "march")):
            if low not in known.words:
                return False
            continue
        if word == word.lower() or low in known.words:
            continue
        opens = not _WORD.search(text[: match.start()])
        if low == "i" or (opens and low in _OPENERS and word[1:] == word[1:].lower()):
            continue
        return False
    return True


def tells(sentence: str, known: Known) -> tuple[frozenset[str], frozenset[str]]:
    """The figures and the names of the facts that a sentence tells."""
    rest = _figures_for_words(_without_names(sentence, known), known) or ""
    return frozenset(re.findall(r"\d+(?:[:.,]\d+)*", rest)), frozenset(_names_in(sentence, known))


def _names_in(sentence: str, known: Known) -> Iterator[str]:
    return (name.casefold() for name in known.names if _stands_in(name, sentence))


def _stands_in(name: str, sentence: str) -> bool:
    return re.search(_whole(name), sentence, flags=re.IGNORECASE) is not None


def _whole(name: str) -> str:
    """A pattern for a name that is no part of a longer one."""
    return rf"(?<![\w./@-]){re.escape(name)}(?![\w/@-]|[.,:]\w)"
