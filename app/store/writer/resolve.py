"""What those who waited for a batch receive once it is settled."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from app.errors import StoreError
from app.store.values.commands import Append, Command
from app.store.values.records import ActionRow, Appended
from app.store.writer.apply import committed_rows
from app.store.writer.queue import QueuedCommand

_log: Final = logging.getLogger(__name__)


def answer(
    batch: Sequence[QueuedCommand], done: Sequence[Command | StoreError], answers: Sequence[object], *, with_rows: bool
) -> tuple[ActionRow, ...]:
    """Answer everybody who waits for something of a batch.

    Args:
        batch: what was to be done.
        done: what that was in the end, one by one; nothing if it did not come to that, and all failed.
        answers: what came of it, one by one; an exception if it failed.
        with_rows: whether somebody wants to hear of the actions.

    Returns:
        The actions that were stored, if they are wanted.
    """
    rows: list[ActionRow] = []
    for number, (waiting, answer_value) in enumerate(zip(batch, answers, strict=True)):
        if isinstance(answer_value, BaseException):
            if waiting.future is not None:
                waiting.future.set_exception(answer_value)
            else:
                _log.error("What was taken is not in the file: %s", answer_value)
            continue
        if waiting.future is not None:
            waiting.future.set_result(answer_value)
        command = done[number]
        if with_rows and isinstance(answer_value, Appended) and isinstance(command, Append):
            rows.extend(committed_rows(command.actions, answer_value))
    return tuple(rows)
