"""An answer, and, with a model file chosen, the same facts in the model's words; no sentence passes that says more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.services.asking.ask import Asker
from app.services.backend import Cancelled
from app.services.learning.brain import Brain, BrainError, JobCancelledError
from app.services.preferences import Preferences
from neural.language.facts import Answer
from neural.messages import NarrateRequest

LOGGER = logging.getLogger(__name__)


class AnswerService:
    """Answers questions.

    Args:
        asker: makes the plain answer.
        brain: runs the model.
        preferences: which model file.
    """

    def __init__(self, asker: Asker, brain: Brain, preferences: Preferences) -> None:
        self._asker = asker
        self._brain = brain
        self._preferences = preferences

    def answer(self, question: str, chunk: Callable[[str], None]) -> Answer:
        """Answer a question; blocks, with the model's words streamed to `chunk` as they come.

        Words come only as far as they hold to the facts (`neural.language.narration.stream_filter`); in the
        returned text the plain sentence stands in the place of one with a number, a name or a time that is not
        in the facts. If the model fails, the plain answer stands, followed by the reason; if it was
        stopped (`cancel`, or `Cancelled` raised by `chunk`) the plain answer stands alone.
        """
        plain = self._asker.answer(question)
        model_path = self._preferences.settings.model_path
        if model_path is None or not plain.facts:
            return plain
        request = NarrateRequest(0, model_path, question, plain.facts, plain.text)
        try:
            narrated = self._brain.narrate(request, chunk)
        except (JobCancelledError, Cancelled):
            return plain
        except BrainError as error:
            LOGGER.warning("the model did not speak: %s", error.message)
            return replace(plain, text=f"{plain.text}\n\nThe model did not speak: {error.message} {error.remedy}")
        if narrated.text == plain.text:
            return plain
        return replace(plain, text=narrated.text, narrator=Path(model_path).name)

    def cancel(self) -> None:
        """Stop the model."""
        self._brain.cancel(NarrateRequest)
