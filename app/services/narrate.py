"""An answer, and, with a model file chosen, the same facts in the model's words; no sentence passes that says more."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.services.ask import Asker
from app.services.brain import Brain, BrainError, JobCancelledError
from app.services.preferences import Preferences
from neural.language.facts import Answer, Fact
from neural.language.narration import faithful, repair
from neural.messages import NarrateRequest

LOGGER = logging.getLogger(__name__)
_SENTENCE_ENDS: Final = re.compile(r"(?<=[.?])\s+")


class FaithfulSentences:
    """Collects the pieces a model writes, and passes on each sentence that holds to the facts, once it is whole.

    Args:
        facts: what may be said.
        passed: takes the sentences.
    """

    def __init__(self, facts: tuple[Fact, ...], passed: Callable[[str], None]) -> None:
        self._facts = facts
        self._passed = passed
        self._rest = ""

    def add(self, piece: str) -> None:
        """Take the next piece; the last sentence waits for the piece that shows its end."""
        self._rest += piece
        *whole, self._rest = _SENTENCE_ENDS.split(self._rest)
        kept = [sentence for sentence in whole if faithful(sentence, self._facts)]
        self._passed("".join(f"{sentence} " for sentence in kept))


class Narrating:
    """Answers questions.

    Args:
        asker: makes the plain answer.
        brain: where the model runs.
        preferences: which model file.
    """

    def __init__(self, asker: Asker, brain: Brain, preferences: Preferences) -> None:
        self._asker = asker
        self._brain = brain
        self._preferences = preferences

    def answer(self, question: str, chunk: Callable[[str], None]) -> Answer:
        """Answer a question; blocks, with the model's words streamed to `chunk` as they come.

        The words come a sentence at a time, and a sentence with a number, a name or a time that is not in the facts
        never comes; the returned text has the plain sentence in its place. Where the model fails, the plain answer
        stands, followed by the reason.
        """
        plain = self._asker.answer(question)
        model_path = self._preferences.settings.model_path
        if model_path is None or not plain.facts:
            return plain
        request = NarrateRequest(0, model_path, question, plain.facts, plain.text)
        try:
            narrated = self._brain.narrate(request, FaithfulSentences(plain.facts, chunk).add)
        except JobCancelledError:
            return plain
        except BrainError as error:
            LOGGER.warning("the model did not speak: %s", error.message)
            return replace(plain, text=f"{plain.text}\n\nThe model did not speak: {error.message} {error.remedy}")
        text = repair(narrated.text, plain.text, plain.facts)
        return replace(plain, text=text, narrator=Path(model_path).name if text != plain.text else plain.narrator)

    def cancel(self) -> None:
        """Stop the model."""
        self._brain.cancel()
