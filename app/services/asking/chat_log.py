"""The conversation in the store: questions and answers as they were shown, with their facts and charts."""

from __future__ import annotations

import json
import logging
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from app.errors import StoreError
from app.services.asking.ask import to_dict
from app.store.store import Store
from app.store.values.records import ChatMessage
from neural.language.facts import Answer, Chart, ChartKind, Fact, Series

LOGGER = logging.getLogger(__name__)
USER: Final = "user"
PROGRAM: Final = "program"
_SAVE_TIMEOUT_S: Final = 5.0
_Kept = TypeVar("_Kept")


class ChatLog:
    """Appends to the latest conversation; the first message begins one.

    Args:
        store: keeps it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.reader() as reader:
            self._chat_id = reader.latest_chat()

    def add_question(self, text: str, ts_us: int) -> None:
        """Keep a question.

        Raises:
            StoreError: if it cannot be kept now (a full disk, say).
        """
        self._add(ChatMessage(self._current(ts_us), ts_us, USER, text))

    def add_answer(self, answer: Answer, ts_us: int) -> None:
        """Keep an answer; raises as `add_question` does."""
        self._add(ChatMessage(self._current(ts_us), ts_us, PROGRAM, answer.text, json.dumps(to_dict(answer))))

    def messages(self) -> tuple[ChatMessage, ...]:
        """The latest conversation, oldest first."""
        if self._chat_id is None:
            return ()
        with self._store.reader() as reader:
            return tuple(reader.chat_messages(self._chat_id))

    def _current(self, ts_us: int) -> int:
        if self._chat_id is None:
            self._chat_id = _kept(self._store.new_chat(ts_us))
        return self._chat_id

    def _add(self, message: ChatMessage) -> None:
        _kept(self._store.add_chat_message(message))


def _kept(saved: Future[_Kept]) -> _Kept:
    try:
        return saved.result(timeout=_SAVE_TIMEOUT_S)
    except TimeoutError as error:
        raise StoreError("The conversation is not kept.", "Make room on the disk.") from error


def answer_of(message: ChatMessage) -> Answer | None:
    """The answer that a stored message holds; None for a question, or if it was written by another version."""
    if message.answer_json is None:
        return None
    try:
        return _answer(json.loads(message.answer_json))
    except (ValueError, KeyError, TypeError):
        LOGGER.exception("a stored answer could not be read; its text is shown without its chart")
        return None


def _answer(raw: dict[str, Any]) -> Answer:
    chart = raw["chart"]
    return Answer(
        text=raw["text"],
        plan=raw["plan"],
        facts=tuple(Fact(**fact) for fact in raw["facts"]),
        chart=None if chart is None else _chart(chart),
        narrator=raw["narrator"],
    )


def _chart(raw: dict[str, Any]) -> Chart:
    series = tuple(
        Series(each["name"], tuple(each["labels"]), tuple(each["x"]), tuple(each["y"])) for each in raw["series"]
    )
    return Chart(**{**raw, "kind": ChartKind(raw["kind"]), "series": series})
