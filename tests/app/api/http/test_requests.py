"""What a body has to be, and how each error is said."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from app.api.endpoints.routes import LOG_PATH
from app.errors import LockedError
from tests.app.api.conftest import EVENT, Answer, Running


def assert_is_said(answer: Answer, status: int) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("application/json")
    error = answer.body["error"]
    assert error.keys() == {"message", "remedy"}
    assert all(text.endswith(".") and "Traceback" not in text for text in error.values())


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_body_of_another_type_is_refused(running: Running, content_type: str | None) -> None:
    assert_is_said(running.ask("POST", LOG_PATH, EVENT, Content_Type=content_type), 415)


def test_a_compressed_body_is_refused(running: Running) -> None:
    assert_is_said(running.ask("POST", LOG_PATH, b"\x1f\x8b", Content_Encoding="gzip"), 415)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"NaN", b'{"ts_us": Infinity}', b"[" * 200_000, b"9" * 10_000, b'"text"', b"7", b"null"],
)
def test_a_body_that_is_no_json_object_or_list_is_refused(running: Running, body: bytes) -> None:
    assert_is_said(running.ask("POST", LOG_PATH, body), 400)


def test_a_body_over_a_mebibyte_is_refused(running: Running) -> None:
    assert_is_said(running.ask("POST", LOG_PATH, b" " * ((1 << 20) + 1)), 413)


def test_a_body_of_a_mebibyte_is_read(running: Running) -> None:
    assert running.ask("POST", LOG_PATH, json.dumps(EVENT).encode().ljust(1 << 20)).status == 200


def test_an_unknown_path_is_said(running: Running) -> None:
    assert_is_said(running.ask("GET", "/nowhere"), 404)


def test_a_wrong_method_is_said_with_the_right_one(running: Running) -> None:
    answer = running.ask("GET", LOG_PATH)
    assert_is_said(answer, 405)
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"keep_days": 30, "colour": 1}, "colour"),
        ({}, "keep_days"),
        ({"keep_days": 0}, "keep_days"),
        ({"keep_days": True}, "keep_days"),
        ({"keep_days": 1.5}, "keep_days"),
        ({"keep_days": "30"}, "keep_days"),
        ({"keep_days": 10**9}, "keep_days"),
        ({"keep_days": 30, "dry_run": 1}, "dry_run"),
        ([], "object"),
    ],
)
def test_a_clean_up_that_is_not_understood_does_nothing(running: Running, body: Any, named: str) -> None:
    answer = running.ask("POST", "/api/cleanup", body)
    assert_is_said(answer, 400)
    assert named in answer.body["error"]["message"]
    assert running.backend.cleanups == []


@pytest.mark.parametrize(
    ("body", "asked"),
    [({"keep_days": 30}, (30, True)), ({"dry_run": False, "keep_days": 1}, (1, False))],
)
def test_a_clean_up_is_a_dry_run_unless_said(running: Running, body: Any, asked: tuple[int, bool]) -> None:
    answer = running.ask("POST", "/api/cleanup", body)
    assert running.backend.cleanups == [asked]
    assert answer.body == {
        "dry_run": asked[1],
        "keep_days": asked[0],
        "cutoff_us": 5,
        "actions_before": 9,
        "actions_removed": 4,
        "actions_sampled": 1,
        "cancelled": False,
    }


def test_the_status_is_one_object(running: Running) -> None:
    body = running.ask("GET", "/api/status").body
    assert (body["recording"], body["dropped"], body["learning"]) == ("recording", {"locked": 2}, None)
    assert body["sources"][0]["state"] == "running"
    assert body["forecasts"][0]["probability"] == 0.5


def test_predictions_are_a_list(running: Running) -> None:
    assert running.ask("GET", "/api/predictions").body == {
        "predictions": [
            {"action": "terminal:git commit", "probability": 0.5, "reward": 1.25, "because": "it follows git add"}
        ]
    }


def test_stats_hold_counts_and_hit_rates(running: Running) -> None:
    body = running.ask("GET", "/api/stats").body
    assert body["counts"]["by_source"] == {"window": 3}
    assert body["hit_rates"] == {"scored": 0, "top1": {"model": 0.5}, "top5": {"model": 0.75}, "model_nats": None}
    assert body["noise_filtered"] == 4


def test_what_the_program_cannot_do_now_is_said_in_its_words(running: Running) -> None:
    running.backend.fault = LockedError("The store is locked.", "Unlock it.")
    answer = running.ask("GET", "/api/status")
    assert answer.status == 503
    assert answer.body == {"error": {"message": "The store is locked.", "remedy": "Unlock it."}}


def test_a_bug_is_a_plain_sentence_outside_and_whole_in_the_log(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.backend.fault = ZeroDivisionError("the inner reason")
    answer = running.ask("GET", "/api/status")
    assert_is_said(answer, 500)
    assert "inner reason" not in json.dumps(answer.body)
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert record.exc_info[1] is running.backend.fault


def test_after_a_bug_the_next_request_is_served(running: Running) -> None:
    running.backend.fault = ZeroDivisionError()
    running.ask("GET", "/api/status")
    running.backend.fault = None
    assert running.ask("GET", "/api/status").status == 200
