"""The words by which each kind of question is recognised, in text without case, punctuation and time words."""

from __future__ import annotations

import re
from typing import Final

from neural.language.reading.plan import Intent

_NEXT: Final = re.compile(
    r"\b(?:what|which)\b.*\b(?:next|now)\b(?! (?:week|month|year))|^(?:why )?(?:and )?next\b|"
    r"\b(?:predict|guess) (?:my|what|the)\b|\bwhat (?:will|would|am|are) (?:i|you think i)\b.*\b(?:do|doing)\b|"
    r"\bcomes? next\b|\bnext (?:action|step|move)\b"
)
_ACCURACY: Final = re.compile(
    r"\bhow (?:well|good|accurate|often|right|reliable|precise)\b.*\b(?:predict\w*|guess\w*|model|right|you|forecasts?)"
    r"\b|\b(?:hit rates?|accuracy)\b"
)
_RECORDED: Final = re.compile(
    r"\b(?:what|how much|how many (?:actions|events|things|records|data)|which data)\b.*"
    r"\b(?:record(?:ed|ing)?|stored?|collect(?:ed)?|saved?|captured?|logged|kept|keep|know about me|track(?:ed)?)\b|"
    r"^how (?:many (?:actions|events|records)|much data)\b|\bwhat data\b"
)
_FOCUS: Final = re.compile(
    r"\b(?:when|what time|which hour|what hour|which time|best time|at what)\b.*"
    r"\b(?:focus\w*|concentrat\w*|productive|distracted)\b|\b(?:most|best|least) (?:focus\w*|concentrated|productive)\b"
    r"|\bhow (?:focus\w*|concentrated|productive) (?:was|am|were|have) i\b"
    r"|^(?:my )?focus(?: time| hours?)?$"
)
_SESSIONS: Final = re.compile(
    r"\bfocus sessions?\b|\b(?:deep|unbroken) work\b|\bcontext switch(?:es)?\b|"
    r"\bhow (?:long|much|many|often)\b.*\b(?:focus(?:s?ed)?|concentrat\w+|distracted|interrupted)\b|"
    r"\bhow (?:often|many|much)\b.*\bswitch(?:es|ed)?\b"
)
_STRAIN: Final = re.compile(
    r"\b(?:tired|fatigued?|exhausted|overworked|worn out)\b|\bhow late (?:did|was|have) i\b|"
    r"\b(?:last|need|needed|take|took|taken|have|had|since)\b(?: \w+){0,2} (?:break|breaks|rest)\b|"
    r"\b(?:without|any|many) (?:a |any )?(?:break|breaks|rest)\b"
)
_WATCHED: Final = re.compile(
    r"\b(?:how (?:long|much|many (?:hours?|minutes?|mins?))|time)\b.*"
    r"(?:\bwatch(?:ed|ing)?(?: (?:films?|movies?|videos?|series|tv|something|anything))?|"
    r"\b(?:in|on) (?:a |my |the )?(?:video |phone )?(?:calls?|meetings?))$"
)
_TYPED: Final = re.compile(
    r"\bhow (?:fast|quick(?:ly)?|slow(?:ly)?|much|many (?:keys|letters|characters))\b.*"
    r"(?:\b(?:typed?|press(?:ed)?)\b|\btyping$)|\bmy typing\b|"
    r"\bhow (?:much|many|often)\b.*\b(?:(?:take|took|taken) (?:\w+ )?back|typos?|backspace)\b"
)
_WORTH: Final = re.compile(
    r"\b(?:worth (?:doing|it|while|most)|worthwhile|rewarding|reward me|my rewards?)\b|"
    r"\bwhat do i (?:like|enjoy|value|prefer|care about)\b|\bwhat (?:matters|is important) (?:most )?to me\b"
)
_BEST: Final = re.compile(
    r"\bat my best\b|\b(?:my|the) best (?:hours?|times?)(?: of (?:the )?day)?\b|"
    r"\bwhen (?:do|did) i do (?:what matters|my best)\b"
)
_CHANGED: Final = re.compile(
    r"\bwhat (?:has |have |did )?(?:i )?(?:changed?|drifted)\b|\bhow (?:have|did) i changed?\b|"
    r"\bmy (?:habits|tastes?) chang\w+\b|\bwhat do i do (?:more|less|differently)\b"
)
_LAST: Final = re.compile(
    r"\b(?:last|latest|most recent(?:ly)?|recently)\b.*"
    r"\b(?:do|did|done|thing|things|use|used|using|in|on|at|visit|visited|open|opened|work|worked)\b|"
    r"\bwhen (?:did|was) i last\b|\bwhat did i last\b"
)
_TIME: Final = re.compile(
    r"\bhow (?:long|much time|many (?:hours?|minutes?|mins?))\b|"
    r"\b(?:time|hours) (?:i )?(?:spent|spend)?\s?(?:in|on|with|using)\b|\bscreen time\b"
)
_COUNT: Final = re.compile(r"\bhow many\b|\bnumber of\b|\bhow often did i (?:commit|run)\b")
OF_MOMENTS: Final = (
    r"\bmoments? (?:that (?:are|were|is|was) )?(?:like|similar to|alike|about|with|on|of|around|mentioning)\b"
)
_MOMENTS: Final = re.compile(
    rf"{OF_MOMENTS}|\bsimilar moments?\b|\bsomething similar\b|"
    r"\b(?:something|anything|things?|stuff|work) (?:like|similar to) (?:this|that|it|now)\b|"
    r"\b(?:do|did|done) (?:this|that|it) (?:before|last|already)\b|\blast (?:do|did) (?:this|that)$"
)

INTENTS: Final = (
    (Intent.MOMENTS, _MOMENTS),
    (Intent.ACCURACY, _ACCURACY),
    (Intent.RECORDED, _RECORDED),
    (Intent.SESSIONS, _SESSIONS),
    (Intent.STRAIN, _STRAIN),
    (Intent.WATCHED, _WATCHED),
    (Intent.TYPED, _TYPED),
    (Intent.FOCUS, _FOCUS),
    (Intent.BEST, _BEST),
    (Intent.WORTH, _WORTH),
    (Intent.CHANGED, _CHANGED),
    (Intent.TIME, _TIME),
    (Intent.LAST, _LAST),
    (Intent.NEXT, _NEXT),
    (Intent.COUNT, _COUNT),
)
"""The first that fits is meant. COUNT, TIME and LAST fit only with more that `planner` looks for."""
