"""No decrypted byte of the file holds anything forgotten."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.store.store import Store
from app.store.values.forget_request import Forget
from app.store.values.records import NewAction
from tests.app.store.checks import problems
from tests.app.store.forgetting.planted import (
    CANARY,
    LOG_OF_ONE_COMMIT_BYTES,
    answer,
    at,
    edit,
    fill,
    forget,
    period,
    predict,
    rows,
    run,
    said,
    sums_are_right,
    talk,
    visit,
    window,
    words_like,
)
from tests.app.store.plain_bytes import plain_bytes

CASES: list[tuple[str, Callable[[float], NewAction], Forget]] = [
    ("title", lambda hours: window(hours, title=f"about {CANARY} and more"), Forget(text=CANARY)),
    ("command", lambda hours: run(hours, f"{CANARY} --help", f"/home/me/{CANARY}"), Forget(text=CANARY)),
    ("address", lambda hours: visit(hours, f"{CANARY}.example"), Forget(text=CANARY)),
    ("app", lambda hours: window(hours, CANARY), Forget(app=CANARY)),
    ("site", lambda hours: visit(hours, f"{CANARY}.example"), Forget(site=f"{CANARY}.example")),
    ("project", lambda hours: edit(hours, CANARY), Forget(project=CANARY)),
    ("range", lambda hours: run(hours, f"{CANARY} it", f"/home/me/{CANARY}"), Forget(since_us=at(9), until_us=at(12))),
]


@pytest.mark.parametrize(("make", "request_"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_no_byte_of_it_is_left(
    store: Store, path: Path, key: bytes, make: Callable[[float], NewAction], request_: Forget
):
    draw = random.Random(4)
    others = [window(draw.random() * 8, f"app{draw.randrange(9)}", f"title {index}") for index in range(400)]
    fill(store, *others)
    planted = [make(9.5 + index / 10) for index in range(20)]
    fill(store, *planted)
    fill(store, *[run(13 + index / 100, f"make {index}") for index in range(100)])
    token = planted[0].token
    assert token is not None
    predict(store, 9.6, token, "cmd:make", token, truth=token)
    predict(store, 20, "cmd:make", token)
    talk(
        store,
        20,
        (f"How long {CANARY}.example?", None),
        ("So.", answer(period(9, 10), f"{CANARY}.example")),
        ("Thanks", None),
    )
    before = rows(store)
    receipt = forget(store, request_)
    after = rows(store)
    assert receipt.actions == len(before) - len(after) == 20
    assert all(before[identity] == row for identity, row in after.items())
    assert said(store) == ["Thanks"]
    with store.reader() as reader:
        assert CANARY not in json.dumps(list(reader.export()))
        assert not reader.search(CANARY)
    log = path.with_name(path.name + "-wal")
    assert not log.exists() or log.stat().st_size <= LOG_OF_ONE_COMMIT_BYTES
    store.close()
    assert CANARY.encode() not in plain_bytes(path, key).lower()
    assert not words_like(path, key, CANARY)
    assert problems(path, key, cleaned=False) == []
    assert sums_are_right(path, key)


def test_the_search_of_the_bytes_finds_stored_words(store: Store, path: Path, key: bytes):
    fill(store, window(1, title=f"about {CANARY}"))
    store.close()
    assert CANARY.encode() in plain_bytes(path, key).lower()
    assert words_like(path, key, CANARY)
