"""From a question in English to a plan, by rules.

The rules look at a question with case, punctuation and small misspellings taken away. Time words are read first and
removed, then the kind of question is recognised, then the name that it is about.
"""

from __future__ import annotations

import re
from datetime import timedelta, tzinfo
from typing import Final

from neural.language.reading import name_matching, time_ranges
from neural.language.reading.intents import INTENTS, OF_MOMENTS
from neural.language.reading.plan import Intent, KnownNames, Period, Plan, Subject, SubjectKind

MAX_QUESTION_CHARS: Final = 500
"""A longer text is no question to this program; it is not searched."""
FOCUS_DAYS: Final = 28

_VOCABULARY: Final = frozenset(
    {
        *time_ranges.WEEKDAYS,
        *time_ranges.MONTHS,
        *"""today yesterday tomorrow weekend morning afternoon evening tonight month minutes hours when what which where
        how long much many time spent most least last next focused focus focussed concentrated productive distracted
        predict prediction predictions predicting accurate recorded record recording stored collected commands command
        commits commit pages sites websites projects applications programs apps used using doing spend summary summarise
        summarize actions events accuracy visited worked working happened
        worth rewarding enjoy changed drifted sessions switch switched tired break breaks""".split(),  # noqa: SIM905  # a list of words reads better as words
    }
)
_TYPO_CHARS: Final = 5
_TWO_TYPOS_CHARS: Final = 8
_SHORT: Final = ("what", "when", "how", "next", "long", "much", "most", "will", "did", "was")
"""Words too short for the measure of misspellings: two letters changed round are put right in these alone."""
_SLIPS: Final = {"whats": "what is", "wat": "what", "wen": "when", "wil": "will"}
_WORKPLACE: Final = re.compile(
    r"(?:front of )?(?:the |my |this |a )?"
    r"(?:computer|machine|laptop|pc|desk|screen|keyboard|work|total|all|it|here|there|online)"
)
_KIND_WORDS: Final = {
    SubjectKind.APP: re.compile(r"\b(?:apps?|applications?|programs?|windows?|tools?)\b"),
    SubjectKind.SITE: re.compile(r"\b(?:sites?|websites?|web ?sites?|domains?|pages?)\b"),
    SubjectKind.PROJECT: re.compile(r"\b(?:projects?|repos?|repositor(?:y|ies))\b"),
    SubjectKind.COMMAND: re.compile(r"\b(?:commands?)\b"),
}
_COUNTED: Final = {
    SubjectKind.COMMAND: re.compile(r"\b(?:commands?|shell commands?)\b"),
    SubjectKind.COMMIT: re.compile(r"\bcommits?\b|\bcommitted\b"),
    SubjectKind.PAGE: re.compile(r"\b(?:pages?|web ?pages?|visits?)\b"),
    SubjectKind.APP: re.compile(r"\b(?:apps?|applications?|programs?)\b"),
    SubjectKind.SITE: re.compile(r"\b(?:sites?|websites?)\b"),
    SubjectKind.PROJECT: re.compile(r"\b(?:projects?|repos?|repositories)\b"),
}

_TIME_OF: Final = re.compile(
    r"(?:how (?:long|much time|many (?:hours?|minutes?|mins?))|hours|minutes) (?:of )?(?P<name>[\w.@+-]+)"
)
"""A name with no word before it ("how many hours firefox"): without this rule it would be taken for all time."""
_NO_NAMES: Final = frozenset(
    ("screen", "time", "active", "online", "work", "working", "total", "overall", "all", "in", "on", "i", "spent")
)
_TOP: Final = re.compile(
    r"\b(?:most used|most visited|used (?:the )?most|use (?:the )?most|most time|top|favou?rite|mostly|busiest)\b|"
    r"\bwhere did (?:my|the) (?:time|day|week|hours) go\b|\bwhere did i spend\b|"
    r"\b(?:which|what|list|show)\b.*\b(?:did i|have i|i|was i|do i|my)\b"
)
_ACTIVITY: Final = re.compile(
    r"\bwhat (?:did|have|had|was|were) i\b|\bwhat i (?:did|was doing|have done|worked on)\b|"
    r"\bsummar(?:y|ise|ize)\b|\brecap\b|\btimeline\b|\bwhat happened\b|\bmy (?:day|week|month)\b|"
    r"\bhow did i spend\b|"
    r"\b(?:how was|show(?: me)?|tell me about) (?:my |the )?(?:day|week|month)?\b"
)
_UNANSWERABLE: Final = re.compile(
    r"\btomorrow\b|\bnext (?:week|month|year|weekend)\b|\b(?:idle|away|asleep|offline|locked)\b"
)
_ABOUT: Final = re.compile(rf"{OF_MOMENTS} (?P<words>.+)$")
_THIS: Final = re.compile(
    r"(?:this|that|it|now|then|these|here|present|current|one|the|those|moments?|right|what|i|am|was|were|doing|did|have|"
    r"at|from|to|on|in|\s)*"
)
_MINE: Final = re.compile(r"\b(?:i|my|me|time|hours)\b")
_OF_NAME: Final = re.compile(
    r"\b(?:in|inside|on|using|with|at|to|for|into|use[d]?|visit(?:ed)?|open(?:ed)?|opens?|touch(?:ed)?|running)\s+(?P<name>.+)$"
)
_TAIL: Final = re.compile(r"(?:\s+(?:and why|please|for|open|used?|now|then|exactly|so|spent|again|on|in|at|too))+$")


def plan(question: str, now_us: int, known: KnownNames, zone: tzinfo | None = None) -> Plan | None:
    """Read a question.

    Args:
        question: as it was typed.
        now_us: the moment of asking, microseconds since the epoch, UTC.
        known: the recorded names, so that a name with a letter wrong is still found.
        zone: local time; None for the machine's own.

    Returns:
        None if the question is none of those that can be answered. A plan whose subject is of kind UNKNOWN is
        a question that was understood, about a name that nothing recorded bears.
    """
    if not question.strip() or len(question) > MAX_QUESTION_CHARS:
        return None
    period, text = time_ranges.find(_normal(question, known), now_us, zone)
    intent = None if _UNANSWERABLE.search(text) else _intent(text, period, known)
    if intent is None:
        return None
    if intent in _OF_ANY_HOURS:
        period, text = time_ranges.narrowed(period or _usual_period(intent, text, now_us, zone), text, zone)
    subject = _subject(intent, text, known)
    return Plan(intent, period or _usual_period(intent, text, now_us, zone), subject)


def _normal(question: str, known: KnownNames) -> str:
    """Lower case, no punctuation but inside words, time and question words spelled right."""
    text = (
        question.casefold().replace("\u2019", "'").replace("'s", " is").replace("'ve", " have").replace("'ll", " will")
    )
    words = [word.strip(".,;:-/'") for word in re.sub(r"[^\w\s.,;:'/@+#-]", " ", text).split()]
    names_said = {
        word
        for kind in (SubjectKind.APP, SubjectKind.SITE, SubjectKind.PROJECT)
        for name in known.of(kind)
        for said in name_matching.spellings(kind, name)
        for word in said.split()
    }
    return " ".join(word if word in names_said else _spelled(word) for word in words if word)


def _spelled(word: str) -> str:
    if word in _VOCABULARY:
        return word
    if word in _SLIPS:
        return _SLIPS[word]
    if len(word) < _TYPO_CHARS:
        swapped = (
            right for right in _SHORT if sorted(word) == sorted(right) and name_matching.distance(word, right, 1) == 1
        )
        return next(swapped, word)
    limit = 2 if len(word) >= _TWO_TYPOS_CHARS else 1
    near = [
        right
        for right in _VOCABULARY
        if len(right) >= _TYPO_CHARS and name_matching.distance(word, right, limit) <= limit
    ]
    return near[0] if len(near) == 1 else word


def _intent(text: str, period: Period | None, known: KnownNames) -> Intent | None:
    for intent, pattern in INTENTS:
        if not pattern.search(text) or (intent is Intent.COUNT and not _kind_in(text, _COUNTED)):
            continue
        if intent in (Intent.TIME, Intent.LAST) and not _MINE.search(text) and not name_matching.mentioned(text, known):
            continue
        return intent
    if _TOP.search(text) and (_kind_in(text, _KIND_WORDS) or "where did" in text):
        return Intent.TOP
    if _ACTIVITY.search(text):
        return Intent.ACTIVITY
    if period is not None:
        if not text:
            return Intent.ACTIVITY
        if name_matching.mentioned(text, known) is not None:
            return Intent.TIME
    return None


def _kind_in(text: str, words: dict[SubjectKind, re.Pattern[str]]) -> SubjectKind | None:
    found = [(match.start(), kind) for kind, pattern in words.items() if (match := pattern.search(text))]
    return min(found)[1] if found else None


def _subject(intent: Intent, text: str, known: KnownNames) -> Subject | None:
    if intent is Intent.COUNT:
        kind = _kind_in(text, _COUNTED)
        return None if kind is None else Subject(kind)
    if intent is Intent.TOP:
        return Subject(_kind_in(text, _KIND_WORDS) or SubjectKind.APP)
    if intent is Intent.MOMENTS:
        return _about(text)
    if intent in (Intent.TIME, Intent.LAST, Intent.ACTIVITY):
        return _named(text, known)
    return None


def _about(text: str) -> Subject | None:
    """The words that moments are to be about; None if the present one is meant, or a time that was named."""
    match = _ABOUT.search(text)
    if match is None or _THIS.fullmatch(match["words"]):
        return None
    return Subject(SubjectKind.WORDS, match["words"])


def _named(text: str, known: KnownNames) -> Subject | None:
    match = _OF_NAME.search(text)
    if match is not None:
        phrase = _TAIL.sub("", match["name"])
        if _WORKPLACE.fullmatch(phrase):
            return None
        found = name_matching.find(phrase, known)
        if found is not None and found.kind is not SubjectKind.UNKNOWN:
            return found
        return name_matching.mentioned(text, known) or found
    bare = _TIME_OF.fullmatch(text)
    if bare is not None and bare["name"] not in _NO_NAMES:
        return name_matching.find(bare["name"], known)
    return name_matching.mentioned(text, known)


_OF_ANY_HOURS: Final = frozenset(
    (
        *(Intent.ACTIVITY, Intent.TIME, Intent.TOP, Intent.COUNT, Intent.MOMENTS),
        *(Intent.SESSIONS, Intent.STRAIN, Intent.WATCHED, Intent.TYPED),
    )
)
"""Questions that hours of the day may narrow."""
_OF_EVER: Final = frozenset(
    (
        *(Intent.LAST, Intent.ACCURACY, Intent.RECORDED, Intent.NEXT, Intent.WORTH, Intent.BEST, Intent.CHANGED),
        Intent.MOMENTS,
    )
)


def _usual_period(intent: Intent, text: str, now_us: int, zone: tzinfo | None) -> Period:
    """The time that is meant if none is named."""
    mine = re.search(r"\b(?:my|the) (week|month|year)\b", text)
    if mine is not None:
        return time_ranges.find(f"this {mine[1]}", now_us, zone)[0] or time_ranges.everything(now_us)
    today = time_ranges.local(now_us, zone).date()
    if intent in _OF_EVER:
        return time_ranges.everything(now_us)
    if intent is Intent.FOCUS:
        return time_ranges.days(
            today - timedelta(days=FOCUS_DAYS - 1), FOCUS_DAYS, f"in the last {FOCUS_DAYS} days", zone
        )
    if intent is Intent.TOP:
        return time_ranges.days(today - timedelta(days=today.weekday()), 7, "this week", zone)
    return time_ranges.days(today, 1, "today", zone)
