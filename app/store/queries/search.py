"""Full-text search: whole words and beginnings of words, phrases in quotes, newest first (SQLite FTS5).

The words tell which texts match; which of their actions are the latest is found by walking back over the latest
actions until enough of them match, or, if that takes long, by looking up when each matching text was used last. A
word met in every tenth title ends a short walk at once, a project given up years ago is looked up.
"""

from __future__ import annotations

import json
import re
from typing import Final

from app.store.rows import event_codec
from app.store.rows.names import Names
from app.store.sqlite.connection import Connection
from app.store.values.records import ChatHit, ChatMessage, Hit

MOST_HITS: Final = 1_000_000
"""More are of no use to anyone, and a number beyond 64 bits would be refused by SQLite."""
MANY_TEXTS: Final = 20_000
"""Matching texts are listed up to so many; more of them are asked of the latest actions' texts alone."""
WALKS: Final = (80, 320, 1_280)
"""So many actions are walked over for each hit that is wanted, if more texts match than are listed."""
STEPS_A_LOOK_UP: Final = 16
"""So many actions are walked over in the time that one text takes to be looked up: 12 µs against 0.75 µs, measured."""
LONGEST_WALK: Final = 100_000
_WALK_SPARE: Final = 3
"""A walk goes on for so many times as long as it would take if what matches were spread evenly."""
_FETCH: Final = 2_000
_TOKENS: Final = 24
"""The longest snippet."""

_PIECES: Final = re.compile(r'"([^"]*)"|(\S+)')
_SNIPPET: Final = f"snippet({{table}}, -1, '[', ']', '…', {_TOKENS})"
_MATCHING: Final = "SELECT rowid FROM texts_words WHERE texts_words MATCH ? LIMIT ?"
_LATEST: Final = """SELECT ts_us, id, text FROM actions INDEXED BY actions_by_time
    WHERE text IS NOT NULL ORDER BY ts_us DESC, id DESC LIMIT ?"""
# The plus keeps the numbers from being looked up one by one, each of which would begin the search anew.
_SHOWN: Final = f"""SELECT rowid, target, title, {_SNIPPET.format(table="texts_words")} FROM texts_words
    WHERE texts_words MATCH ? AND +rowid IN (SELECT value FROM json_each(?))"""  # noqa: S608  # constants alone
_LAST_USES: Final = """SELECT rowid,
    (SELECT max(ts_us) FROM actions INDEXED BY actions_by_text WHERE text = texts_words.rowid) AS last_us
    FROM texts_words WHERE texts_words MATCH ? ORDER BY last_us DESC LIMIT ?"""
_USES: Final = """SELECT ts_us, id, text FROM actions INDEXED BY actions_by_text
    WHERE text = ? AND ts_us >= ? ORDER BY ts_us DESC, id DESC LIMIT ?"""
_CHAT: Final = f"""SELECT chat_id, ts_us, author, m.text, answer_json, {_SNIPPET.format(table="chat_words")}
    FROM chat_words JOIN chat_messages AS m ON m.id = chat_words.rowid
    WHERE chat_words MATCH ? ORDER BY chat_words.rowid DESC LIMIT ?"""  # noqa: S608

Use = tuple[int, int, int]
"""ts_us, action's id, text's number"""
Shown = dict[int, tuple[str | None, str | None, str]]
"""By text's number: target, title, snippet."""


def match_expression(text: str) -> str | None:
    """The FTS5 expression for what a user typed, None if no word is in it.

    Every piece is quoted, so that nothing typed is read as syntax; a piece outside of quotes also finds longer words,
    unless it is a single letter of ASCII, with which every tenth word begins.
    """
    terms: list[str] = []
    for phrase, word in _PIECES.findall(text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")):
        piece = phrase or word.replace('"', " ")
        if any(character.isalnum() for character in piece):
            whole = phrase or (len(piece) == 1 and piece.isascii())
            terms.append(f'"{piece}"' if whole else f'"{piece}" *')
    return " AND ".join(terms) or None


def search_actions(connection: Connection, names: Names, text: str, limit: int) -> tuple[Hit, ...]:
    """The latest `limit` actions whose target or title matches, newest first; for one read transaction."""
    expression = match_expression(text)
    if expression is None or limit <= 0:
        return ()
    uses, shown = _latest_uses(connection, expression, min(limit, MOST_HITS))
    hits: list[Hit] = []
    for ts_us, identity, number in uses:
        code, app = connection.execute("SELECT code, app FROM actions WHERE id = ?", (identity,)).fetchone()
        target, title, snippet = shown[number]
        source, _ = event_codec.pair_of(code)
        hits.append(Hit(identity, ts_us, source, names.get(app), title, target, snippet))
    return tuple(hits)


def search_chat(connection: Connection, text: str, limit: int) -> tuple[ChatHit, ...]:
    """The latest `limit` chat messages that match, newest first."""
    expression = match_expression(text)
    if expression is None or limit <= 0:
        return ()
    rows = connection.execute(_CHAT, (expression, min(limit, MOST_HITS)))
    return tuple(ChatHit(ChatMessage(*row[:5]), row[5]) for row in rows)


def _latest_uses(connection: Connection, expression: str, limit: int) -> tuple[list[Use], Shown]:
    # First the shortest walk: for a beginning that thousands of words have, each look into the index is dear.
    matching: set[int] = set()
    for a_hit in WALKS:
        steps = min(LONGEST_WALK, a_hit * limit)
        latest = connection.execute(_LATEST, (steps,)).fetchall()
        shown = _shown(connection, expression, latest)
        uses = [use for use in latest if use[2] in shown][:limit]
        if len(uses) == limit or len(latest) < steps:
            return uses, shown
        if not matching:
            matching = {number for (number,) in connection.execute(_MATCHING, (expression, MANY_TEXTS + 1))}
        if len(matching) <= MANY_TEXTS:
            break
    if not matching:
        return [], {}
    walked = _walk(connection, matching, limit) if len(matching) <= MANY_TEXTS else None
    uses = _looked_up(connection, expression, limit) if walked is None else walked
    return uses, _shown(connection, expression, uses)


def _walk(connection: Connection, matching: set[int], limit: int) -> list[Use] | None:
    """Walk back until enough actions match; None where it is likely to be shorter to look all texts up."""
    (texts,) = connection.execute("SELECT max(id) FROM texts").fetchone()
    steps = min(LONGEST_WALK, _WALK_SPARE * limit * (texts // len(matching) + 1))
    if steps >= STEPS_A_LOOK_UP * len(matching):
        return None
    uses: list[Use] = []
    walked = 0
    cursor = connection.execute(_LATEST, (steps,))
    while len(uses) < limit and (latest := cursor.fetchmany(_FETCH)):
        walked += len(latest)
        uses += [use for use in latest if use[2] in matching]
    return uses[:limit] if len(uses) >= limit or walked < steps else None


def _looked_up(connection: Connection, expression: str, limit: int) -> list[Use]:
    """Find the texts that were used last, and when."""
    lasts = connection.execute(_LAST_USES, (expression, limit)).fetchall()
    since_us = lasts[-1][1] if len(lasts) == limit else 0
    found = [use for number, _ in lasts for use in connection.execute(_USES, (number, since_us, limit))]
    return sorted(found, reverse=True)[:limit]


def _shown(connection: Connection, expression: str, uses: list[Use]) -> Shown:
    """The texts among these that match."""
    numbers = json.dumps(list({number for _, _, number in uses}))
    return {row[0]: row[1:] for row in connection.execute(_SHOWN, (expression, numbers))}
