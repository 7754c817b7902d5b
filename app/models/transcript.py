"""The conversation as an item model: one row a turn, the last of which may still be growing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from neural.language.facts import Answer, Chart

_ROOT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class TurnKind(StrEnum):
    """What a turn is."""

    QUESTION = "question"
    ANSWER = "answer"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the conversation.

    Attributes:
        ts_us: when it was finished; 0 while it is still growing.
        text: the question, the answer, or what went wrong.
        chart: drawn below an answer.
        remedy: what the user can do, below an error.
        narrator: "plain", or the name of the model file that put the facts into words.
        growing: more text is to come.
    """

    kind: TurnKind
    ts_us: int
    text: str
    chart: Chart | None = None
    remedy: str = ""
    narrator: str = "plain"
    growing: bool = False

    @property
    def author(self) -> str:
        """Who speaks."""
        return "You" if self.kind is TurnKind.QUESTION else "KrypticTrack"


class TranscriptModel(QAbstractListModel):
    """The turns in order. At most the last one is growing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns: list[Turn] = []

    def turn(self, row: int) -> Turn:
        """The turn in a row."""
        return self._turns[row]

    @property
    def growing(self) -> bool:
        """Whether an answer is being made."""
        return bool(self._turns) and self._turns[-1].growing

    def replace(self, turns: Sequence[Turn]) -> None:
        """Show another conversation."""
        self.beginResetModel()
        self._turns = list(turns)
        self.endResetModel()

    def ask(self, text: str, ts_us: int) -> None:
        """Add the user's question."""
        self._append(Turn(TurnKind.QUESTION, ts_us, text))

    def begin_answer(self) -> None:
        """Open an empty answer that grows, unless one is open."""
        if not self.growing:
            self._append(Turn(TurnKind.ANSWER, 0, "", growing=True))

    def grow(self, chunk: str) -> None:
        """Add text to the open answer, opening one if there is none."""
        self.begin_answer()
        last = self._turns[-1]
        self._put_last(dataclasses.replace(last, text=last.text + chunk))

    def answer(self, answer: Answer, ts_us: int) -> None:
        """Finish the open answer, or add a whole one; its text replaces what was streamed."""
        self._finish(Turn(TurnKind.ANSWER, ts_us, answer.text, answer.chart, narrator=answer.narrator))

    def fail(self, message: str, remedy: str, ts_us: int) -> None:
        """Put an error in the place of the open answer; text that had come stays above it.

        Args:
            message: a sentence.
            remedy: what the user can do.
            ts_us: when it failed.
        """
        if self.growing and self._turns[-1].text:
            self._put_last(dataclasses.replace(self._turns[-1], ts_us=ts_us, growing=False))
        self._finish(Turn(TurnKind.ERROR, ts_us, message, remedy=remedy))

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802  # Qt's name
        """How many turns there are."""
        return 0 if parent.isValid() else len(self._turns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a turn, the turn itself (UserRole), and the words a screen reader says."""
        if not index.isValid():
            return None
        turn = self._turns[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return turn.text
        if role == Qt.ItemDataRole.UserRole:
            return turn
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{turn.author}: {turn.text} {turn.remedy}".strip()
        return None

    def _append(self, turn: Turn) -> None:
        row = len(self._turns)
        self.beginInsertRows(QModelIndex(), row, row)
        self._turns.append(turn)
        self.endInsertRows()

    def _finish(self, turn: Turn) -> None:
        if self.growing:
            self._put_last(turn)
        else:
            self._append(turn)

    def _put_last(self, turn: Turn) -> None:
        self._turns[-1] = turn
        last = self.index(len(self._turns) - 1)
        self.dataChanged.emit(last, last)
