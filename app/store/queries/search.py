"""Full-text search for words, beginnings of words and quoted phrases, newest first (SQLite FTS5).

The index gives the matching texts. To find the latest actions with such a text, the search walks back over the latest
actions until enough match. If that takes long, it looks up the last use of each matching text instead. A word in every
tenth title ends a short walk at once; a project given up years ago is looked up.
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
"""More are of no use to anyone, and SQLite refuses numbers beyond 64 bits."""
MANY_TEXTS: Final = 20_000
"""The most matching texts that are listed. If there are more, only texts of the latest actions are checked."""
WALKS: Final = (80, 320, 1_280)
"""Actions to walk over for each requested hit, if more texts match than are listed."""
STEPS_A_LOOK_UP: Final = 16
"""Actions walked over in the time of one text look-up: 12 µs against 0.75 µs, measured."""
LONGEST_WALK: Final = 100_000
_WALK_SPARE: Final = 3
"""A walk may take so many times as long as with evenly spread matches."""
_FETCH: Final = 2_000
_TOKENS: Final = 24
"""The longest snippet."""

_PIECES: Final = re.compile(r'"([^"]*)"|(\S+)')
_SNIPPET: Final = f"snippet({{table}}, -1, '[', ']', '…', {_TOKENS})"
_MATCHING: Final = "SELECT rowid FROM texts_words WHERE texts_words MATCH ? LIMIT ?"
_LATEST: Final = """SELECT ts_us, id, text FROM actions INDEXED BY actions_by_time
    WHERE text IS NOT NULL ORDER BY ts_us DESC, id DESC LIMIT ?"""
# The plus keeps the ids from being looked up one by one, each of which would start the search again.
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
"""ts_us, id of the action, id of the text"""
Shown = dict[int, tuple[str | None, str | None, str]]
"""By id of the text: target, title, snippet."""


def match_expression(text: str) -> str | None:
    """Return the FTS5 expression for typed words; None if they contain no word.

    Every piece is quoted, so that nothing typed is read as syntax. A piece outside of quotes also finds longer words,
    unless it is a single ASCII letter: every tenth word begins with one.
    """
    terms: list[str] = []
    for phrase, word in _PIECES.findall(text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")):
        piece = phrase or word.replace('"', " ")
        if any(character.isalnum() for character in piece):
            whole = phrase or (len(piece) == 1 and piece.isascii())
            terms.append(f'"{piece}"' if whole else f'"{piece}" *')
    return " AND ".join(terms) or None


def search_actions(connection: Connection, names: Names, text: str, limit: int) -> tuple[Hit, ...]:
    """Return the latest actions with a matching target or title, newest first; for one read transaction.

    Args:
        connection: a reading connection.
        names: the names of the same connection.
        text: the words to search for.
        limit: the most hits.
    """
    expression = match_expression(text)
    if expression is None or limit <= 0:
        return ()
    uses, shown = _latest_uses(connection, expression, min(limit, MOST_HITS))
    hits: list[Hit] = []
    for ts_us, action_id, text_id in uses:
        code, app = connection.execute("SELECT code, app FROM actions WHERE id = ?", (action_id,)).fetchone()
        target, title, snippet = shown[text_id]
        source, _ = event_codec.pair_of(code)
        hits.append(Hit(action_id, ts_us, source, names.get(app), title, target, snippet))
    return tuple(hits)


def search_chat(connection: Connection, text: str, limit: int) -> tuple[ChatHit, ...]:
    """Return the latest matching chat messages, newest first.

    Args:
        connection: a reading connection.
        text: the words to search for.
        limit: the most hits.
    """
    expression = match_expression(text)
    if expression is None or limit <= 0:
        return ()
    rows = connection.execute(_CHAT, (expression, min(limit, MOST_HITS)))
    return tuple(ChatHit(ChatMessage(*row[:5]), row[5]) for row in rows)


def _latest_uses(connection: Connection, expression: str, limit: int) -> tuple[list[Use], Shown]:
    # The shortest walk comes first: if thousands of words share the typed beginning, each index look-up is slow.
    matching: set[int] = set()
    for steps_per_hit in WALKS:
        steps = min(LONGEST_WALK, steps_per_hit * limit)
        latest = connection.execute(_LATEST, (steps,)).fetchall()
        shown = _shown(connection, expression, latest)
        uses = [use for use in latest if use[2] in shown][:limit]
        if len(uses) == limit or len(latest) < steps:
            return uses, shown
        if not matching:
            matching = {text_id for (text_id,) in connection.execute(_MATCHING, (expression, MANY_TEXTS + 1))}
        if len(matching) <= MANY_TEXTS:
            break
    if not matching:
        return [], {}
    walked = _walk(connection, matching, limit) if len(matching) <= MANY_TEXTS else None
    uses = _looked_up(connection, expression, limit) if walked is None else walked
    return uses, _shown(connection, expression, uses)


def _walk(connection: Connection, matching: set[int], limit: int) -> list[Use] | None:
    """Walk back until enough actions match; None if a look-up of all texts is probably shorter."""
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
    """Find the actions by the last use of each matching text."""
    lasts = connection.execute(_LAST_USES, (expression, limit)).fetchall()
    since_us = lasts[-1][1] if len(lasts) == limit else 0
    latest = [use for text_id, _ in lasts for use in connection.execute(_USES, (text_id, since_us, limit))]
    return sorted(latest, reverse=True)[:limit]


def _shown(connection: Connection, expression: str, uses: list[Use]) -> Shown:
    """Return the matching texts of these uses."""
    text_ids = json.dumps(list({text_id for _, _, text_id in uses}))
    return {row[0]: row[1:] for row in connection.execute(_SHOWN, (expression, text_ids))}
