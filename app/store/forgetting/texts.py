"""Rows of conversations, insights, memories, notes and settings that name the forgotten or its time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.store.forgetting.match import TextMatcher, phrase, phrases_of, text_with_json
from app.store.sqlite.connection import Connection
from app.store.values.forget_request import Forget

USERS_OWN: Final = ("settings", "api_tokens")
"""The user's own settings: an exclusion of an application outlives the forgetting of that application."""
_CHAT: Final = "SELECT id, chat_id, ts_us, author, text, answer_json FROM chat_messages ORDER BY chat_id, id"
_PROGRAM: Final = "program"


@dataclass(frozen=True, slots=True)
class TextRows:
    """The keys of the rows that go; `first_us` is the time of their earliest message."""

    chat_messages: tuple[int, ...]
    insights: tuple[int, ...]
    memories: tuple[int, ...]
    notes: tuple[int, ...]
    settings: tuple[str, ...]
    first_us: int | None


def find_text_rows(connection: Connection, request: Forget, gone: Sequence[str]) -> TextRows:
    """Find the rows of text that go.

    Args:
        connection: a reading connection.
        request: what is to be forgotten.
        gone: names of applications, sites and projects that no stored row uses any more.
    """
    groups = phrases_of(request)
    with TextMatcher() as matcher:
        messages = dict(_messages(connection, matcher, request, gone))

        def rows(sql: str) -> tuple[int, ...]:
            """Return the ids of the (id, time, text) rows in the range that name the forgotten."""
            near = [row for row in connection.execute(sql) if request.is_of(row[1])]
            if not groups:
                return tuple(row[0] for row in near)
            return tuple(sorted(matcher.matching([(row[0], row[2]) for row in near], groups)))

        notes: set[int] = set()
        settings: tuple[str, ...] = ()
        if groups and not request.has_range:
            notes = matcher.matching(connection.execute("SELECT id, what FROM audit"), groups)
            stored = connection.execute("SELECT name, value FROM settings").fetchall()
            kept = [(name, value) for name, value in stored if name not in USERS_OWN]
            setting_rows = ((index, text_with_json(*pair)) for index, pair in enumerate(kept))
            settings = tuple(kept[index][0] for index in sorted(matcher.matching(setting_rows, groups)))
        return TextRows(
            chat_messages=tuple(sorted(messages)),
            insights=rows("SELECT id, made_us, kind || ' ' || body_json FROM insights"),
            memories=rows("SELECT id, made_us, kind || ' ' || text FROM memories"),
            notes=tuple(sorted(notes)),
            settings=settings,
            first_us=min(messages.values(), default=None),
        )


def _messages(
    connection: Connection, matcher: TextMatcher, request: Forget, gone: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """Yield id and time of the messages that go; a question and the answer after it go together."""
    groups = phrases_of(request)
    message_rows = ((row[0], text_with_json(row[4], row[5])) for row in connection.execute(_CHAT))
    naming = matcher.matching(message_rows, groups)
    message_rows = ((row[0], text_with_json(row[4], row[5])) for row in connection.execute(_CHAT))
    names = [tuple(map(phrase, gone))] if gone else []
    naming_gone = matcher.matching(message_rows, names)
    before: tuple[int, int, int, str] | None = None
    went = False
    for message_id, chat_id, ts_us, author, _, answer_json in connection.execute(_CHAT):
        in_range = request.is_of(ts_us) or _is_about_range(request, answer_json)
        goes = message_id in naming_gone or (in_range and (not groups or message_id in naming))
        answers = author == _PROGRAM and before is not None and before[1] == chat_id and before[3] != _PROGRAM
        if answers and before is not None and goes != went:
            goes = True
            yield before[0], before[2]
        if goes:
            yield message_id, ts_us
        before, went = (message_id, chat_id, ts_us, author), goes


def _is_about_range(request: Forget, answer_json: str | None) -> bool:
    """Return whether an answer is about a time that the range touches."""
    if not request.has_range:
        return True
    try:
        plan = json.loads(answer_json or "{}").get("plan") or {}
        start = datetime.fromisoformat(plan["start"]).timestamp()
        end = datetime.fromisoformat(plan["end"]).timestamp()
    except (ValueError, KeyError, TypeError, AttributeError):
        return False  # a question, or an answer without a plan
    return start * 1_000_000 < request.high_us and end * 1_000_000 > request.low_us
