"""What is forgotten leaves every table, index and byte; what is not forgotten stays as it was."""

from __future__ import annotations

import dataclasses
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.errors import KnownError, StoreError
from app.store.connection import open_writer
from app.store.forget import MadeAnewError
from app.store.forget_values import Forget, Receipt
from app.store.records import (
    ActionRow,
    ChatMessage,
    Dimension,
    NewAction,
    NewPrediction,
    NewTrainingRun,
    PredictionScore,
)
from app.store.recount import differences, uneven
from app.store.store import Store
from collectors.events import (
    US_PER_DAY,
    US_PER_S,
    CommandDetail,
    Event,
    EventKind,
    FileDetail,
    LoadDetail,
    RhythmDetail,
    Source,
)
from neural.reward.actions import label
from tests.app.store.checks import problems
from tests.app.store.plain_bytes import plain_bytes

WAIT_S = 120
HOUR_US = 3_600 * US_PER_S
DAY = 20_000
NOW_US = (DAY + 3) * US_PER_DAY
LOG_OF_ONE_COMMIT_BYTES = 32 + 2 * (24 + 4_096)
"""The log was emptied, and then took the deletion of the record of the forgetting."""
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
    """Forget, after a look at what that would do."""
    with store.reader() as reader:
        told = reader.plan_to_forget(request).receipt
    store.write_down_forgetting(request, asked_us).result(WAIT_S)
    with store.reader() as reader:
        plan = reader.plan_to_forget(request)
    done = store.forget(plan, asked_us).result(WAIT_S)
    assert store.end_forgetting().result(WAIT_S)
    assert dataclasses.replace(told, dry_run=False) == done
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
        return not list(differences(connection)) and not list(uneven(connection))
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("request_", "stays"),
    [
        (Forget(app="gimp"), {"firefox", "bash", "code"}),
        (Forget(app="GIMP"), {"firefox", "bash", "code"}),
        (Forget(site="example.org"), {"gimp", "bash", "code"}),
        (Forget(site="https://www.example.org/page"), {"gimp", "bash", "code"}),
        (Forget(project="Boat"), {"gimp", "firefox", "bash"}),
        (Forget(text="pict"), {"firefox", "bash", "code"}),
        (Forget(since_us=at(0), until_us=at(24)), set()),
        (Forget(since_us=at(2.5)), {"gimp", "firefox"}),
        (Forget(app="gimp", since_us=at(2)), {"gimp", "firefox", "bash", "code"}),
        (Forget(app="firefox", site="example.com"), {"gimp", "firefox", "bash", "code"}),
    ],
)
def test_it_forgets_what_is_named(store: Store, request_: Forget, stays: set[str]):
    fill(store, window(1), visit(2), run(3), edit(4))
    before = rows(store)
    receipt = forget(store, request_)
    after = rows(store)
    assert {row.event.app for row in after.values()} == stays
    assert receipt.actions == len(before) - len(after)
    assert all(before[identity] == row for identity, row in after.items())


def test_a_site_goes_with_what_lies_below_it_and_with_the_commands_that_reached_it(store: Store):
    fill(store, visit(1, "a.example.org"), visit(2, "example.com"), run(3, "curl https://example.org/x"))
    forget(store, Forget(site="example.org"))
    assert [row.event.target for row in rows(store).values()] == ["https://example.com/page"]


def test_an_application_goes_with_the_commands_that_start_it_and_the_loads_that_name_it(store: Store):
    load = Event(at(3), Source.RESOURCES, EventKind.LOAD, detail=LoadDetail(99.0, 5.0, culprit="gimp"))
    fill(store, run(1, "gimp a.xcf"), run(2, "ls"), action(load), window(4, "org.gimp.GIMP"))
    forget(store, Forget(app="gimp"))
    assert [row.event.target for row in rows(store).values()] == ["ls"]


def test_an_action_that_reaches_into_the_range_belongs_to_it(store: Store):
    fill(store, window(1, "early", minutes=120), window(1.5, "before", minutes=10), window(3.5, "after"))
    forget(store, Forget(since_us=at(2), until_us=at(3)))
    assert {row.event.app for row in rows(store).values()} == {"before", "after"}


def test_one_action_goes_and_what_it_lies_in_stays(store: Store, path: Path, key: bytes):
    store.append([window(1, "gimp", minutes=30), run(1.2, "make lint"), run(1.2, "make test"), visit(1.3)]).result(
        WAIT_S
    )
    gone = next(row for row in rows(store).values() if row.event.target == "make lint")
    receipt = forget(store, Forget(actions=((gone.id, gone.event.ts_us),)))
    assert receipt.actions == 1
    assert [row.event.target or row.event.app for row in rows(store).values()] == [
        "gimp",
        "make test",
        "https://example.org/page",
    ]
    assert sums_are_right(path, key)


def test_an_action_that_got_the_number_of_one_that_went_is_not_meant(store: Store):
    (identity,) = fill(store, run(1))
    assert forget(store, Forget(actions=((identity, at(1) - 1),))).empty
    assert len(rows(store)) == 1


def test_several_actions_go_at_once_and_what_lies_between_them_stays(store: Store, path: Path, key: bytes):
    ids = fill(store, run(1, "first"), run(1.1, "between"), run(1.2, "last"))
    chat = store.new_chat(at(1.1)).result(WAIT_S)
    store.add_chat_message(ChatMessage(chat, at(1.1), "user", "what now", None)).result(WAIT_S)
    predict(store, 1.1, "cmd:ls", "cmd:ls")
    receipt = forget(store, Forget(actions=((ids[0], at(1)), (ids[2], at(1.2)))))
    assert (receipt.actions, receipt.chat_messages, receipt.predictions) == (2, 0, 0)
    assert [row.event.target for row in rows(store).values()] == ["between"]
    assert sums_are_right(path, key)


def test_what_was_asked_is_read_back_from_the_file():
    asked = Forget(actions=((3, at(1)), (9, at(2))))
    assert Forget.from_json(asked.to_json()) == asked
    assert Forget.from_json('{"app": "gimp"}') == Forget(app="gimp")


def test_predictions_of_one_action_go_with_it(store: Store):
    (identity,) = fill(store, run(1))
    for made_us in (at(0.5), at(1), at(2)):
        store.save_prediction(NewPrediction(made_us, "app:gimp", (("app:firefox", 0.5, 0.1),), None)).result(WAIT_S)
    assert forget(store, Forget(actions=((identity, at(1)),))).predictions == 1


def test_nothing_that_matches_is_a_receipt_of_nothing(store: Store):
    fill(store, window(1))
    assert forget(store, Forget(app="krita")).empty
    assert forget(store, Forget(text="nowhere")).empty


@pytest.mark.parametrize(
    "fields",
    [{}, {"app": " "}, {"text": "*"}, {"since_us": 5, "until_us": 5}, {"app": "x", "actions": ((1, 2),)}],
    ids=["nothing", "blank", "star", "range", "both"],
)
def test_a_request_without_a_meaning_is_refused(fields: dict[str, Any]):
    with pytest.raises(KnownError, match="nothing was forgotten"):
        Forget(**fields)


# --- what hangs on the actions --------------------------------------------------------------------------------------


def predict(store: Store, hours: float, after: str, *ranked: str, truth: str | None = None) -> int:
    made = NewPrediction(at(hours), after, tuple((name, 0.5, 1.0) for name in ranked), None)
    identity = store.save_prediction(made).result(WAIT_S)
    if truth is not None:
        score = PredictionScore(identity, truth, at(hours) + US_PER_S, 1, 0.5, ())
        store.score_prediction(score).result(WAIT_S)
    return identity


def predicted(store: Store) -> set[int]:
    with store.reader() as reader:
        return {row.id for row in reader.predictions(99)}


def test_predictions_that_name_it_before_at_or_after_their_moment_go(store: Store):
    fill(store, window(1), run(2, "ls"))
    other = predict(store, 1, "cmd:ls", "cmd:ls", truth="cmd:ls")
    predict(store, 1, "app:gimp", "cmd:ls")
    predict(store, 1, "cmd:ls", "cmd:ls", "app:gimp")
    predict(store, 1, "cmd:ls", "cmd:ls", truth="app:gimp")
    assert forget(store, Forget(app="gimp")).predictions == 3
    assert predicted(store) == {other}


def test_predictions_of_the_range_go_and_later_ones_that_name_what_is_known_no_more(store: Store):
    fill(store, window(1, "gimp"), window(5, "firefox"), window(1.1, "firefox"))
    predict(store, 1.5, "app:firefox", "app:firefox")
    kept = predict(store, 5, "app:firefox", "app:firefox")
    predict(store, 6, "app:firefox", "app:gimp")
    assert forget(store, Forget(since_us=at(1), until_us=at(2))).predictions == 2
    assert predicted(store) == {kept}


def answer(plan: dict[str, Any] | None, *names: str) -> str:
    return json.dumps({"text": "so", "plan": plan, "facts": [{"name": name} for name in names], "chart": None})


def period(low: float, high: float) -> dict[str, Any]:
    iso = "2024-10-04T{:02d}:00:00+00:00"  # day 20,000
    return {"intent": "time", "start": iso.format(int(low)), "end": iso.format(int(high))}


def talk(store: Store, hours: float, *turns: tuple[str, str | None]) -> None:
    chat = store.new_chat(at(hours)).result(WAIT_S)
    for place, (text, told) in enumerate(turns):
        author = "user" if told is None else "program"
        store.add_chat_message(ChatMessage(chat, at(hours) + place, author, text, told)).result(WAIT_S)


def said(store: Store) -> list[str]:
    with store.reader() as reader:
        return [row["text"] for row in reader.export() if row["table"] == "chat_messages"]


def test_a_question_and_its_answer_go_together(store: Store):
    fill(store, window(1))
    talk(
        store,
        9,
        ("And Gimp?", None),
        ("5 minutes.", answer(period(0, 9))),
        ("And bash?", None),
        ("None.", answer(None)),
    )
    talk(store, 9, ("Which apps?", None), ("These.", answer(period(0, 9), "Gimp")), ("Begin anew", None))
    assert forget(store, Forget(app="gimp")).chat_messages == 4
    assert said(store) == ["And bash?", "None.", "Begin anew"]


def test_answers_about_the_range_go_whenever_they_were_given(store: Store):
    fill(store, window(1))
    talk(
        store,
        20,
        ("And at one?", None),
        ("Gimp.", answer(period(1, 2))),
        ("And at ten?", None),
        ("No.", answer(period(10, 11))),
    )
    talk(store, 1.5, ("Hello", None))
    assert forget(store, Forget(since_us=at(1), until_us=at(2))).chat_messages == 3
    assert said(store) == ["And at ten?", "No."]


def test_what_was_said_is_searched_for_as_well_as_what_was_done(store: Store):
    talk(store, 9, (f"What is a {CANARY}?", None), ("I did not understand that.", answer(None)), ("Oh", None))
    receipt = forget(store, Forget(text=CANARY[:6]))
    assert (receipt.actions, receipt.chat_messages) == (0, 2)
    with store.reader() as reader:
        assert not reader.search_chat(CANARY)
    assert said(store) == ["Oh"]


def test_trainings_that_began_after_the_first_forgotten_moment_are_retired(store: Store):
    fill(store, window(10), run(20))
    early = store.save_training_run(NewTrainingRun(at(5), "{}", b"early")).result(WAIT_S)
    store.save_training_run(NewTrainingRun(at(11), "{}", b"between")).result(WAIT_S)
    store.save_training_run(NewTrainingRun(at(21), "{}", b"late")).result(WAIT_S)
    assert forget(store, Forget(app="gimp")).training_runs == 2
    with store.reader() as reader:
        assert reader.active_weights() == (early, b"early")
        assert [run.active for run in reader.training_runs(9)] == [False, False, True]


def test_a_training_under_way_meanwhile_is_not_kept(store: Store):
    fill(store, window(10))
    forget(store, Forget(app="gimp"), asked_us=at(30))
    with pytest.raises(StoreError, match="forgotten since"):
        store.save_training_run(NewTrainingRun(at(29), "{}", b"w")).result(WAIT_S)
    store.save_training_run(NewTrainingRun(at(31), "{}", b"w")).result(WAIT_S)


def test_an_exclusion_stays_and_other_settings_that_name_it_go(store: Store):
    fill(store, window(1))
    store.put_setting("settings", '{"excluded_apps": ["gimp"]}').result(WAIT_S)
    store.put_setting("last_seen_app", '"gimp"').result(WAIT_S)
    store.put_setting("other", "1").result(WAIT_S)
    assert forget(store, Forget(app="gimp")).settings == 1
    with store.reader() as reader:
        assert reader.setting("settings") is not None
        assert reader.setting("last_seen_app") is None
        assert reader.setting("other") == "1"


def test_the_record_says_how_much_and_not_what(store: Store):
    store.audit(at(1), f"a note about {CANARY}").result(WAIT_S)
    fill(store, window(1, CANARY))
    forget(store, Forget(app=CANARY))
    with store.reader() as reader:
        notes = [what for _, what in reader.audit()]
    assert notes == ["forgot 1 actions, 0 messages and 0 predictions; retired 0 trainings"]


# --- sums, and what a clean-up thinned out ------------------------------------------------------------------------


def thinned(store: Store) -> None:
    """An hour of 600 visits, thinned out, beside one of 300 commands, and both again on a later day that is whole."""
    for begin in (0.0, 48.0):
        fill(store, *(visit(begin + 10 + number / 700) for number in range(600)))
        fill(store, *(run(begin + 11 + number / 700) for number in range(300)))
    store.cleanup(1, at(48), dry_run=False).result(WAIT_S)


def total(store: Store, low: float, high: float) -> int:
    with store.reader() as reader:
        return sum(each.actions for each in reader.totals(Dimension.DAY, at(low), at(high)))


def test_an_hour_of_thinned_actions_that_the_range_cuts_goes_whole_but_for_what_is_left(store: Store):
    thinned(store)
    left = [row for row in rows(store).values() if at(10) <= row.event.ts_us < at(10.5)]
    receipt = forget(store, Forget(since_us=at(10.5), until_us=at(12)))
    assert receipt.hours_gone_whole == 1
    assert total(store, 0, 24) == len(left)
    assert total(store, 48, 72) == 900


def test_a_whole_hour_or_a_name_of_thinned_days_goes_exactly(store: Store):
    thinned(store)
    assert forget(store, Forget(since_us=at(10), until_us=at(11))).hours_gone_whole == 0
    assert (total(store, 0, 24), total(store, 48, 72)) == (300, 900)
    forget(store, Forget(app="bash"))
    assert (total(store, 0, 24), total(store, 48, 72)) == (0, 600)


def test_a_sample_that_was_forgotten_is_not_drawn_again(store: Store, path: Path, key: bytes):
    thinned(store)
    forget(store, Forget(since_us=at(0), until_us=at(24)))
    store.close()
    connection = open_writer(path, key)
    try:
        kept = {row[0] for row in connection.execute("SELECT id FROM actions")}
        assert {row[0] for row in connection.execute("SELECT id FROM sampled")} <= kept
    finally:
        connection.close()


# --- nothing is left --------------------------------------------------------------------------------------------


PLACES: list[tuple[str, Callable[[float], NewAction], Forget]] = [
    ("title", lambda hours: window(hours, title=f"about {CANARY} and more"), Forget(text=CANARY)),
    ("command", lambda hours: run(hours, f"{CANARY} --help", f"/home/me/{CANARY}"), Forget(text=CANARY)),
    ("address", lambda hours: visit(hours, f"{CANARY}.example"), Forget(text=CANARY)),
    ("app", lambda hours: window(hours, CANARY), Forget(app=CANARY)),
    ("site", lambda hours: visit(hours, f"{CANARY}.example"), Forget(site=f"{CANARY}.example")),
    ("project", lambda hours: edit(hours, CANARY), Forget(project=CANARY)),
    ("range", lambda hours: run(hours, f"{CANARY} it", f"/home/me/{CANARY}"), Forget(since_us=at(9), until_us=at(12))),
]


@pytest.mark.parametrize(("make", "request_"), [place[1:] for place in PLACES], ids=[place[0] for place in PLACES])
def test_no_byte_of_it_is_left(
    store: Store, path: Path, key: bytes, make: Callable[[float], NewAction], request_: Forget
):
    draw = random.Random(4)
    others = [window(draw.random() * 8, f"app{draw.randrange(9)}", f"title {number}") for number in range(400)]
    fill(store, *others)
    planted = [make(9.5 + number / 10) for number in range(20)]
    fill(store, *planted)
    fill(store, *[run(13 + number / 100, f"make {number}") for number in range(100)])
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


def words_like(path: Path, key: bytes, word: str) -> list[str]:
    """The words of the indexes, which lie in them shortened, so that a look at the bytes would not see them."""
    connection = open_writer(path, key)
    try:
        found = []
        for table in ("texts_words", "chat_words"):
            connection.execute(f"CREATE VIRTUAL TABLE temp.{table}_all USING fts5vocab(main, {table}, instance)")
            found += [row[0] for row in connection.execute(f"SELECT term FROM {table}_all WHERE term = ?", (word,))]
        return found
    finally:
        connection.close()


def test_the_look_at_the_bytes_sees_what_is_there(store: Store, path: Path, key: bytes):
    fill(store, window(1, title=f"about {CANARY}"))
    store.close()
    assert CANARY.encode() in plain_bytes(path, key).lower()
    assert words_like(path, key, CANARY)


# --- random lives -----------------------------------------------------------------------------------------------


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


def is_meant(row: ActionRow, request: Forget) -> bool:
    """What is forgotten, said once more in plain words."""
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
def test_exactly_what_is_meant_goes_and_everything_else_is_untouched(store: Store, path: Path, key: bytes, seed: int):
    draw = random.Random(seed)
    fill(store, *(random_action(draw) for _ in range(600)))
    for _ in range(4):
        request = random_request(draw)
        before = rows(store)
        forget(store, request)
        after = rows(store)
        assert after == {identity: row for identity, row in before.items() if not is_meant(row, request)}, request
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
    told = {table: getattr(receipt, "notes" if table == "audit" else table) for table in TABLES}
    told["audit"] -= 1  # what forgetting notes about itself
    assert {table: before[table] - after[table] for table in TABLES} == told


# --- crashes ----------------------------------------------------------------------------------------------------


def test_a_forgetting_that_was_broken_off_is_found_and_brought_to_its_end(store: Store, path: Path, key: bytes):
    fill(store, *(window(number / 100, CANARY if number % 2 else "gimp") for number in range(2_000)))
    request = Forget(app=CANARY)
    store.write_down_forgetting(request, NOW_US).result(WAIT_S)
    with store.reader() as reader:
        plan = reader.plan_to_forget(request)
    broken_off = store.forget(plan, NOW_US)
    store.close()
    assert broken_off.done()
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


def test_a_file_that_was_made_anew_meanwhile_is_gone_through_again(store: Store, path: Path, key: bytes):
    """As a repair leaves it: what was deleted is there again, and the record of the forgetting is not."""
    fill(store, *(window(number / 100, CANARY) for number in range(20)), run(9))
    with store.reader() as reader:
        plan = reader.plan_to_forget(Forget(app=CANARY))
    with pytest.raises(MadeAnewError):
        store.forget(plan, NOW_US).result(WAIT_S)
    store.write_down_forgetting(Forget(app=CANARY), NOW_US).result(WAIT_S)
    assert store.forget(plan, NOW_US).result(WAIT_S).actions == 20
    assert [row.event.app for row in rows(store).values()] == ["bash"]
    store.end_forgetting().result(WAIT_S)
    store.close()
    assert CANARY.encode() not in plain_bytes(path, key)


KILLS = 8


def test_kill_9_at_any_moment_leaves_nothing_half_forgotten(store: Store, path: Path, key: bytes):
    draw = random.Random(9)
    fill(store, *(window(number / 100, CANARY if number % 2 else "gimp", f"a {number}") for number in range(3_000)))
    predict(store, 40, f"app:{CANARY}", "app:gimp", f"app:{CANARY}")
    store.close()
    command = [sys.executable, "-m", "tests.app.store.crash_forgetter", str(path), key.hex(), CANARY]
    killed = 0
    for number in range(KILLS + 1):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as forgetter:
            assert forgetter.stdout is not None
            assert forgetter.stdout.readline() == b"begun\n"
            if number < KILLS:
                time.sleep(draw.random() * 0.3)
                forgetter.kill()
            told = forgetter.stdout.read()
        killed += told == b""
        assert number < KILLS or told == b"done\n"
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
