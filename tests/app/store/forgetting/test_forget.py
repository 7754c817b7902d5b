"""Forgotten actions leave every table, index and byte; all others stay as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.errors import KnownError
from app.store.sqlite.connection import open_writer
from app.store.store import Store
from app.store.values.forget_request import Forget
from app.store.values.records import ChatMessage, NewPrediction
from collectors.events import (
    Event,
    EventKind,
    LoadDetail,
    Source,
)
from tests.app.store.forgetting.planted import (
    WAIT_S,
    action,
    at,
    edit,
    fill,
    forget,
    predict,
    rows,
    run,
    sums_are_right,
    thinned,
    total,
    visit,
    window,
)


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
def test_it_forgets_the_named_actions_alone(store: Store, request_: Forget, stays: set[str]):
    fill(store, window(1), visit(2), run(3), edit(4))
    before = rows(store)
    receipt = forget(store, request_)
    after = rows(store)
    assert {row.event.app for row in after.values()} == stays
    assert receipt.actions == len(before) - len(after)
    assert all(before[identity] == row for identity, row in after.items())


def test_a_site_goes_with_its_subdomains_and_the_commands_that_reached_it(store: Store):
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


def test_a_single_action_goes_and_its_neighbours_stay(store: Store, path: Path, key: bytes):
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


def test_an_action_with_a_reused_id_does_not_match(store: Store):
    (identity,) = fill(store, run(1))
    assert forget(store, Forget(actions=((identity, at(1) - 1),))).empty
    assert len(rows(store)) == 1


def test_several_actions_go_at_once_and_those_between_them_stay(store: Store, path: Path, key: bytes):
    ids = fill(store, run(1, "first"), run(1.1, "between"), run(1.2, "last"))
    chat = store.new_chat(at(1.1)).result(WAIT_S)
    store.add_chat_message(ChatMessage(chat, at(1.1), "user", "what now", None)).result(WAIT_S)
    predict(store, 1.1, "cmd:ls", "cmd:ls")
    receipt = forget(store, Forget(actions=((ids[0], at(1)), (ids[2], at(1.2)))))
    assert (receipt.actions, receipt.chat_messages, receipt.predictions) == (2, 0, 0)
    assert [row.event.target for row in rows(store).values()] == ["between"]
    assert sums_are_right(path, key)


def test_a_request_is_read_back_from_its_json():
    request = Forget(actions=((3, at(1)), (9, at(2))))
    assert Forget.from_json(request.to_json()) == request
    assert Forget.from_json('{"app": "gimp"}') == Forget(app="gimp")


def test_predictions_of_one_action_go_with_it(store: Store):
    (identity,) = fill(store, run(1))
    for made_us in (at(0.5), at(1), at(2)):
        store.save_prediction(NewPrediction(made_us, "app:gimp", (("app:firefox", 0.5, 0.1),), None)).result(WAIT_S)
    assert forget(store, Forget(actions=((identity, at(1)),))).predictions == 1


def test_without_a_match_the_receipt_is_empty(store: Store):
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


def test_an_hour_of_thinned_actions_that_the_range_cuts_is_recounted_from_the_rest(store: Store):
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
