"""Full-text search: whole words and beginnings of words, phrases in quotes, newest first (SQLite FTS5)."""

from __future__ import annotations

import itertools
import json
import re
from typing import Final

from app.store import codec
from app.store.connection import Connection
from app.store.names import Names
from app.store.records import ChatMessage, Hit

MOST_HITS: Final = 1_000_000
"""More are of no use to anyone, and a number beyond 64 bits would be refused by SQLite."""
FEW_TEXTS: Final = 2_000
"""Up to so many matching texts their actions are looked up; beyond it the latest actions are walked instead."""

_PIECES: Final = re.compile(r'"([^"]*)"|(\S+)')
_BY_TEXTS: Final = """SELECT id, ts_us, code, app, text FROM actions INDEXED BY actions_by_text
    WHERE text IN (SELECT value FROM json_each(?)) ORDER BY ts_us DESC, id DESC LIMIT ?"""
_BY_TIME: Final = """SELECT id, ts_us, code, app, text FROM actions
    WHERE text IS NOT NULL ORDER BY ts_us DESC, id DESC"""


def match_expression(text: str) -> str | None:
    """The FTS5 expression for what a user typed, None where no word is in it.

    Every piece is quoted, so that nothing typed is read as syntax; a piece outside of quotes also finds longer words.
    """
    terms: list[str] = []
    for phrase, word in _PIECES.findall(text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")):
        piece = phrase or word.replace('"', " ")
        if any(character.isalnum() for character in piece):
            terms.append(f'"{piece}"' if phrase else f'"{piece}" *')
    return " AND ".join(terms) or None


def search_actions(connection: Connection, names: Names, text: str, limit: int) -> tuple[Hit, ...]:
    """The latest `limit` actions whose target or title matches, newest first."""
    expression = match_expression(text)
    if expression is None or limit <= 0:
        return ()
    limit = min(limit, MOST_HITS)
    matching = [
        row[0]
        for row in connection.execute(
            "SELECT rowid FROM texts_words WHERE texts_words MATCH ? LIMIT ?", (expression, FEW_TEXTS + 1)
        )
    ]
    if len(matching) <= FEW_TEXTS:
        rows = _by_texts(connection, matching, limit)
    else:
        every = {
            row[0]
            for row in connection.execute("SELECT rowid FROM texts_words WHERE texts_words MATCH ?", (expression,))
        }
        rows = _by_time(connection, every, limit)
    shown: dict[int, tuple[str | None, str | None, str]] = {}
    hits: list[Hit] = []
    for identity, ts_us, code, app, number in rows:
        if number not in shown:
            shown[number] = connection.execute(
                "SELECT target, title, snippet(texts_words, -1, '[', ']', '…', 24) FROM texts_words"
                " WHERE texts_words MATCH ? AND rowid = ?",
                (expression, number),
            ).fetchone()
        target, title, snippet = shown[number]
        source, _ = codec.pair_of(code)
        hits.append(Hit(identity, ts_us, source, names.get(app), title, target, snippet))
    return tuple(hits)


def search_chat(connection: Connection, text: str, limit: int) -> tuple[ChatMessage, ...]:
    """The latest `limit` chat messages that match, newest first."""
    expression = match_expression(text)
    if expression is None or limit <= 0:
        return ()
    rows = connection.execute(
        "SELECT chat_id, ts_us, author, m.text, answer_json FROM chat_words JOIN chat_messages AS m"
        " ON m.id = chat_words.rowid WHERE chat_words MATCH ? ORDER BY chat_words.rowid DESC LIMIT ?",
        (expression, min(limit, MOST_HITS)),
    )
    return tuple(ChatMessage(*row) for row in rows)


def _by_texts(connection: Connection, numbers: list[int], limit: int) -> list[tuple[int, int, int, int, int]]:
    return connection.execute(_BY_TEXTS, (json.dumps(numbers), limit)).fetchall()


def _by_time(connection: Connection, numbers: set[int], limit: int) -> list[tuple[int, int, int, int, int]]:
    latest = (row for row in connection.execute(_BY_TIME) if row[4] in numbers)
    return list(itertools.islice(latest, limit))
