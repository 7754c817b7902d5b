"""Random actions, random requests and crashes: exactly the matching actions go."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from app.store.forgetting.task import RebuiltError
from app.store.store import Store
from app.store.values.forget_request import Forget
from app.store.values.records import ActionRow, NewAction
from collectors.events import (
    US_PER_S,
    Event,
    EventKind,
    RhythmDetail,
    Source,
)
from tests.app.store.checks import problems
from tests.app.store.forgetting.planted import (
    CANARY,
    NOW_US,
    TABLES,
    WAIT_S,
    action,
    answer,
    at,
    counts,
    edit,
    fill,
    forget,
    predict,
    rows,
    run,
    sums_are_right,
    talk,
    visit,
    window,
)
from tests.app.store.plain_bytes import plain_bytes


def random_action(draw: random.Random) -> NewAction:
    hours = draw.random() * 60
    kind = draw.randrange(5)
    if kind == 0:
        return window(
            hours, draw.choice(("gimp", "firefox", "code")), f"title {draw.randrange(9)}", draw.random() * 200
        )
    if kind == 1:
        return visit(hours, draw.choice(("example.org", "a.example.org", "example.com")), f"page{draw.randrange(5)}")
    if kind == 2:
        return run(hours, draw.choice(("make", "gimp x", "ls page1")), draw.choice(("/home/me/boat", "/tmp")))
    if kind == 3:
        return edit(hours, draw.choice(("boat", "house")))
    detail = RhythmDetail(10 * US_PER_S, draw.randrange(50), draw.randrange(5), draw.randrange(9))
    return action(Event(at(hours), Source.INPUT, EventKind.RHYTHM, duration_us=10 * US_PER_S, detail=detail))


def random_request(draw: random.Random) -> Forget:
    low = draw.random() * 50
    fields: dict[str, Any] = {
        "app": draw.choice(("gimp", "firefox")),
        "site": "example.org",
        "project": "boat",
        "text": draw.choice(("page1", "title 3", "mak")),
        "since_us": at(low),
        "until_us": at(low + draw.random() * 10),
    }
    chosen = draw.sample(("app", "site", "project", "text", "range"), draw.choice((1, 1, 2)))
    names = [name for part in chosen for name in (("since_us", "until_us") if part == "range" else (part,))]
    return Forget(**{name: fields[name] for name in names})


def matches(row: ActionRow, request: Forget) -> bool:
    """Return whether a request matches an action: a second, plain implementation."""
    event = row.event
    target = event.target or ""
    if event.ts_us >= request.high_us or (
        event.ts_us < request.low_us and event.ts_us + (event.duration_us or 0) <= request.low_us
    ):
        return False
    if request.app and event.app != request.app and not target.startswith(f"{request.app} "):
        return False
    if request.site and f"{request.site}/" not in target:
        return False
    if request.project and row.project != request.project:
        return False
    words = f"{target} {event.title or ''}".lower().replace("/", " ").split()
    return request.text is None or all(any(word.startswith(w) for word in words) for w in request.text.split())


@pytest.mark.parametrize("seed", range(8))
def test_exactly_the_matching_actions_go_and_all_others_are_untouched(store: Store, path: Path, key: bytes, seed: int):
    draw = random.Random(seed)
    fill(store, *(random_action(draw) for _ in range(600)))
    for _ in range(4):
        request = random_request(draw)
        before = rows(store)
        forget(store, request)
        after = rows(store)
        assert after == {identity: row for identity, row in before.items() if not matches(row, request)}, request
        fill(store, *(random_action(draw) for _ in range(20)))
    store.close()
    assert problems(path, key, cleaned=False) == []
    assert sums_are_right(path, key)


def test_the_receipt_counts_what_left_each_table(store: Store, path: Path, key: bytes):
    draw = random.Random(1)
    fill(store, *(random_action(draw) for _ in range(600)))
    predict(store, 5, "app:gimp", "cmd:make")
    talk(store, 5, ("gimp?", None), ("Yes.", answer(None)))
    store.close()
    before = counts(path, key)
    opened = Store.open(path, key)
    receipt = forget(opened, Forget(app="gimp"))
    opened.close()
    after = counts(path, key)
    expected = {table: getattr(receipt, "notes" if table == "audit" else table) for table in TABLES}
    expected["audit"] -= 1  # what forgetting notes about itself
    assert {table: before[table] - after[table] for table in TABLES} == expected


def test_an_interrupted_forgetting_is_found_and_finished(store: Store, path: Path, key: bytes):
    fill(store, *(window(index / 100, CANARY if index % 2 else "gimp") for index in range(2_000)))
    request = Forget(app=CANARY)
    store.write_down_forgetting(request, NOW_US).result(WAIT_S)
    with store.reader() as reader:
        plan = reader.plan_to_forget(request)
    interrupted = store.forget(plan, NOW_US)
    store.close()
    assert interrupted.done()
    opened = Store.open(path, key)
    with opened.reader() as reader:
        begun = reader.unfinished_forgetting()
        assert begun is not None
        if begun.request is not None:
            rest = reader.plan_to_forget(begun.request, begun.up_to_id)
    if begun.request is not None:
        receipt = opened.forget(rest, begun.asked_us).result(WAIT_S)
        assert receipt.actions == 1_000, "the receipt is of the whole"
    opened.end_forgetting().result(WAIT_S)
    with opened.reader() as reader:
        assert reader.unfinished_forgetting() is None
        assert CANARY not in json.dumps(list(reader.export()))
    opened.close()
    assert CANARY.encode() not in plain_bytes(path, key)
    assert problems(path, key, cleaned=False) == []
    assert sums_are_right(path, key)


def test_a_file_that_was_replaced_meanwhile_is_searched_again(store: Store, path: Path, key: bytes):
    """A repair leaves such a file: the deleted rows are back, and the record of the forgetting is gone."""
    fill(store, *(window(index / 100, CANARY) for index in range(20)), run(9))
    with store.reader() as reader:
        plan = reader.plan_to_forget(Forget(app=CANARY))
    with pytest.raises(RebuiltError):
        store.forget(plan, NOW_US).result(WAIT_S)
    store.write_down_forgetting(Forget(app=CANARY), NOW_US).result(WAIT_S)
    assert store.forget(plan, NOW_US).result(WAIT_S).actions == 20
    assert [row.event.app for row in rows(store).values()] == ["bash"]
    store.end_forgetting().result(WAIT_S)
    store.close()
    assert CANARY.encode() not in plain_bytes(path, key)


KILLS = 8


def test_kill_9_at_any_time_leaves_nothing_half_forgotten(store: Store, path: Path, key: bytes):
    draw = random.Random(9)
    fill(store, *(window(index / 100, CANARY if index % 2 else "gimp", f"a {index}") for index in range(3_000)))
    predict(store, 40, f"app:{CANARY}", "app:gimp", f"app:{CANARY}")
    store.close()
    command = [sys.executable, "-m", "tests.app.store.crash_forgetter", str(path), key.hex(), CANARY]
    killed = 0
    for attempt in range(KILLS + 1):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as forgetter:
            assert forgetter.stdout is not None
            assert forgetter.stdout.readline() == b"begun\n"
            if attempt < KILLS:
                time.sleep(draw.random() * 0.3)
                forgetter.kill()
            output = forgetter.stdout.read()
        killed += output == b""
        assert attempt < KILLS or output == b"done\n"
    opened = Store.open(path, key)
    with opened.reader() as reader:
        assert reader.unfinished_forgetting() is None
        assert CANARY not in json.dumps(list(reader.export()))
    assert len(rows(opened)) == 1_500
    opened.close()
    assert killed
    assert CANARY.encode() not in plain_bytes(path, key)
    assert problems(path, key, cleaned=False) == []
    assert sums_are_right(path, key)
