"""What was forgotten, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_WORDS: Final = (
    ("actions", "actions, with every word of them"),
    ("sums", "sums of an hour, gone or made smaller"),
    ("hours_gone_whole", "of these gone whole, because the time cuts an hour that was thinned out"),
    ("sessions", "sessions, rebuilt from what is left"),
    ("predictions", "predictions"),
    ("chat_messages", "questions and answers"),
    ("memories", "memories"),
    ("insights", "insights"),
    ("names", "names that nothing bears any more"),
    ("training_runs", "trainings retired, because they had learned from it"),
    ("adapters", "adapters retired, because they had learned from it"),
    ("settings", "remembered settings"),
    ("notes", "notes"),
)


def receipt_lines(receipt: Mapping[str, Any]) -> list[str]:
    """A receipt's lines, the empty counts left out; a heading first.

    Args:
        receipt: the fields of an `app.store.values.forget_request.Receipt`.
    """
    lines = [f"{receipt[name]:,} {words}" for name, words in _WORDS if receipt[name]]
    if not lines:
        return ["There is nothing of that."]
    return ["This would be forgotten:" if receipt["dry_run"] else "Forgotten, and nothing of it is left:", *lines]
