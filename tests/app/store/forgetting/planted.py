"""Builds and queries stores for the tests of forgetting."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from app.store.integrity.recount import uneven
from app.store.sqlite.connection import open_writer
from app.store.store import Store
from app.store.values.forget_request import Forget, Receipt
from app.store.values.records import ActionRow, ChatMessage, Dimension, NewAction, NewPrediction, PredictionScore
from collectors.events import (
    US_PER_DAY,
    US_PER_S,
    CommandDetail,
    Event,
    EventKind,
    FileDetail,
    Source,
)
from neural.reward.actions import label
from tests.app.store.checks import differing_cells

WAIT_S = 120
HOUR_US = 3_600 * US_PER_S
DAY = 20_000
NOW_US = (DAY + 3) * US_PER_DAY
LOG_OF_ONE_COMMIT_BYTES = 32 + 2 * (24 + 4_096)
"""The log was emptied, and then took the deletion of the forgetting's record."""
CANARY = "zwitscherlein"
TABLES = ("actions", "texts", "names", "sessions", "predictions", "chat_messages", "insights", "memories", "audit")


def at(hours: float) -> int:
    return DAY * US_PER_DAY + round(hours * HOUR_US)


def action(event: Event) -> NewAction:
    labels = label(event)
    return NewAction(event, labels.token, labels.site, labels.project)


def window(hours: float, app: str = "gimp", title: str = "a picture", minutes: float = 5) -> NewAction:
    lasted_us = round(minutes * 60 * US_PER_S)
    return action(Event(at(hours), Source.WINDOW, EventKind.FOCUS, app, None, title, lasted_us, 7_200))


def visit(hours: float, host: str = "example.org", path: str = "page") -> NewAction:
    return action(Event(at(hours), Source.BROWSER, EventKind.VISIT, "firefox", f"https://{host}/{path}", f"The {path}"))


def run(hours: float, line: str = "make test", cwd: str = "/home/me/work") -> NewAction:
    return action(Event(at(hours), Source.TERMINAL, EventKind.COMMAND, "bash", line, detail=CommandDetail(cwd)))


def edit(hours: float, project: str = "boat") -> NewAction:
    detail = FileDetail(project=project)
    return action(Event(at(hours), Source.EDITOR, EventKind.SAVE, "code", f"/home/me/{project}/a.py", detail=detail))


def fill(store: Store, *actions: NewAction) -> list[int]:
    ids = store.append(actions).result(WAIT_S).ids
    return [identity for identity in ids if identity is not None]


def forget(store: Store, request: Forget, asked_us: int = NOW_US) -> Receipt:
    """Forget, and check that the dry run predicted the receipt."""
    with store.reader() as reader:
        expected = reader.plan_to_forget(request).receipt
    store.write_down_forgetting(request, asked_us).result(WAIT_S)
    with store.reader() as reader:
        plan = reader.plan_to_forget(request)
    done = store.forget(plan, asked_us).result(WAIT_S)
    assert store.end_forgetting().result(WAIT_S)
    assert dataclasses.replace(expected, dry_run=False) == done
    return done


def rows(store: Store) -> dict[int, ActionRow]:
    with store.reader() as reader:
        return {row.id: row for row in reader.timeline(0, 2**60)}


def counts(path: Path, key: bytes) -> dict[str, int]:
    connection = open_writer(path, key)
    try:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    finally:
        connection.close()


def sums_are_right(path: Path, key: bytes) -> bool:
    connection = open_writer(path, key)
    try:
        connection.execute("BEGIN")
        return not list(differing_cells(connection)) and not list(uneven(connection))
    finally:
        connection.close()


def predict(store: Store, hours: float, after: str, *ranked: str, truth: str | None = None) -> int:
    prediction = NewPrediction(at(hours), after, tuple((name, 0.5, 1.0) for name in ranked), None)
    identity = store.save_prediction(prediction).result(WAIT_S)
    if truth is not None:
        score = PredictionScore(identity, truth, at(hours) + US_PER_S, 1, 0.5, ())
        store.score_prediction(score).result(WAIT_S)
    return identity


def predicted(store: Store) -> set[int]:
    with store.reader() as reader:
        return {row.id for row in reader.predictions(99)}


def answer(plan: dict[str, Any] | None, *names: str) -> str:
    return json.dumps({"text": "so", "plan": plan, "facts": [{"name": name} for name in names], "chart": None})


def period(low: float, high: float) -> dict[str, Any]:
    iso = "2024-10-04T{:02d}:00:00+00:00"  # day 20,000
    return {"intent": "time", "start": iso.format(int(low)), "end": iso.format(int(high))}


def talk(store: Store, hours: float, *turns: tuple[str, str | None]) -> None:
    chat = store.new_chat(at(hours)).result(WAIT_S)
    for index, (text, answer_json) in enumerate(turns):
        author = "user" if answer_json is None else "program"
        store.add_chat_message(ChatMessage(chat, at(hours) + index, author, text, answer_json)).result(WAIT_S)


def said(store: Store) -> list[str]:
    with store.reader() as reader:
        return [row["text"] for row in reader.export() if row["table"] == "chat_messages"]


def thinned(store: Store) -> None:
    """Store an hour of 600 visits and one of 300 commands on a thinned day, and both again on a later whole day."""
    for begin in (0.0, 48.0):
        fill(store, *(visit(begin + 10 + index / 700) for index in range(600)))
        fill(store, *(run(begin + 11 + index / 700) for index in range(300)))
    store.cleanup(1, at(48), dry_run=False).result(WAIT_S)


def total(store: Store, low: float, high: float) -> int:
    with store.reader() as reader:
        return sum(item.actions for item in reader.totals(Dimension.DAY, at(low), at(high)))


def words_like(path: Path, key: bytes, word: str) -> list[str]:
    """Return equal words of the indexes. They are stored there shortened, so a search of the bytes would miss them."""
    connection = open_writer(path, key)
    try:
        terms = []
        for table in ("texts_words", "chat_words"):
            connection.execute(f"CREATE VIRTUAL TABLE temp.{table}_all USING fts5vocab(main, {table}, instance)")
            terms += [row[0] for row in connection.execute(f"SELECT term FROM {table}_all WHERE term = ?", (word,))]
        return terms
    finally:
        connection.close()
