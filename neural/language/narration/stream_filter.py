"""What of a narration may be shown while it is still being generated.

A narrator's words are let through as they come, as long as the sentence so far is faithful; the first word that is not
covered by the facts holds the rest of its sentence back. Figures need this: "2" alone is no fact if "2 h 14 min" is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from neural.language.facts import Fact
from neural.language.narration.faithfulness import SENTENCE_END, Checker

_THOUGHT_OPENS: Final = "<think>"
_THOUGHT_CLOSES: Final = "</think>"


class StreamGate:
    """Takes pieces of generated text in, lets faithful ones out.

    Args:
        facts: what may be said.
    """

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._checker = Checker(facts)
        self._raw = ""
        self._shown = 0
        self._checked = 0
        self._blocked = False

    @property
    def text(self) -> str:
        """All that was generated, without a model's thoughts before its answer."""
        return spoken(self._raw)

    def feed(self, piece: str) -> str:
        """Take the next piece; returns what may be shown now, often nothing."""
        self._raw += piece
        return self._release(whole=False)

    def finish(self) -> str:
        """The generation is over; returns what is left to show."""
        return self._release(whole=True)

    def _release(self, *, whole: bool) -> str:
        text = self.text
        end = len(text) if whole else _last_border(text)
        if self._blocked or end <= self._shown:
            return ""
        for border in SENTENCE_END.finditer(text[:end], self._checked):
            if not self._checker.faithful(text[self._checked : border.start()]):
                self._blocked = True  # what follows a false sentence waits for the repaired text
                return ""
            self._checked = border.end()
        if not self._checker.faithful(text[self._checked : end]):
            return ""
        released = text[self._shown : end]
        self._shown = end
        return released


def spoken(raw: str) -> str:
    """A model's text without the thoughts that some models write first."""
    text = raw.lstrip()
    if _THOUGHT_OPENS.startswith(text[: len(_THOUGHT_OPENS)]) and len(text) < len(_THOUGHT_OPENS):
        return ""
    if text.startswith(_THOUGHT_OPENS):
        _, closed, text = text.partition(_THOUGHT_CLOSES)
        return text.lstrip() if closed else ""
    return text


def _last_border(text: str) -> int:
    """The end of the last finished word: a piece may stop in the middle of a word or number."""
    match = re.search(r"\s\S*\Z", text)
    return 0 if match is None else match.start()
