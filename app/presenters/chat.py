"""Between the conversation and its page: a question becomes a job, its answer is shown as it comes and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject

from app.errors import StoreError
from app.models.transcript import Turn, TurnKind
from app.program.program import Program
from app.services.asking.chat_log import ChatLog, answer_of
from app.store.values.records import ChatMessage
from app.views.window import MainWindow
from neural.language.facts import Answer

ASK: Final = "ask"


class ChatPresenter(QObject):
    """Serves the chat page.

    Args:
        program: started.
        window: its signals are connected here.
    """

    def __init__(self, program: Program, window: MainWindow) -> None:
        super().__init__()
        self._program = program
        self._core = program.core
        self._window = window
        self._log = ChatLog(program.core.store)
        window.asked.connect(self._ask)
        window.stop_requested.connect(self._stop_answer)

    def fill(self) -> None:
        """Show what was said before."""
        self._window.chat.show_turns([_turn(message) for message in self._log.messages()])

    def _ask(self, question: str) -> None:
        now_us = self._core.now_us()

        def work(report: object, _cancelled: object) -> Answer:
            assert callable(report)
            kept = self._keep(lambda: self._log.add_question(question, now_us))
            answer = self._core.narrating.answer(question, report)
            if kept:
                self._keep(lambda: self._log.add_answer(answer, self._core.now_us()))
            return answer

        if self._program.jobs.start(
            ASK, work, succeeded=self._show_answer, progressed=self._show_chunk, failed=self._window.chat.show_error
        ):
            self._window.chat.add_question(question, now_us)
            self._window.chat.start_stream()

    def _keep(self, message: Callable[[], None]) -> bool:
        """Off the main thread: keep a message; an answer is shown all the same if it cannot be kept."""
        try:
            message()
        except StoreError as error:
            self._program.say(str(error))
            return False
        return True

    def _stop_answer(self) -> None:
        self._program.jobs.cancel(ASK)
        self._core.narrating.cancel()

    def _show_answer(self, answer: object) -> None:
        assert isinstance(answer, Answer)
        self._window.chat.show_answer(answer, self._core.now_us())

    def _show_chunk(self, chunk: object) -> None:
        assert isinstance(chunk, str)
        self._window.chat.append_chunk(chunk)


def _turn(message: ChatMessage) -> Turn:
    answer = answer_of(message)
    if answer is None:
        kind = TurnKind.QUESTION if message.author == "user" else TurnKind.ANSWER
        return Turn(kind, message.ts_us, message.text)
    return Turn(TurnKind.ANSWER, message.ts_us, answer.text, answer.chart, narrator=answer.narrator)
