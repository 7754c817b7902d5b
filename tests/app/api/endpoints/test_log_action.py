"""POST /api/log-action."""

from __future__ import annotations

from tests.app.api.conftest import EVENT, Running


def test_one_event_is_stored_and_counted(running: Running) -> None:
    answer = running.ask("POST", "/api/log-action", EVENT)
    assert (answer.status, answer.body) == (
        200,
        {"stored": 1, "duplicates": 0, "dropped": {"paused": 0}, "noise": 0, "refused": [], "redacted": 0},
    )
    assert running.backend.events[0].target == "make"


def test_a_list_is_stored_in_order(running: Running) -> None:
    answer = running.ask("POST", "/api/log-action", [EVENT | {"target": str(number)} for number in range(5)])
    assert answer.body["stored"] == 5
    assert [event.target for event in running.backend.events] == ["0", "1", "2", "3", "4"]


def test_noise_is_counted_and_let_go(running: Running) -> None:
    scroll = {"ts_us": 1, "source": "browser", "kind": "scroll"}
    answer = running.ask("POST", "/api/log-action", [scroll, EVENT])
    assert (answer.body["noise"], answer.body["stored"]) == (1, 1)


def test_the_program_hears_which_client_sent_it(running: Running) -> None:
    running.ask("POST", "/api/log-action", EVENT, token=running.ingest)
    assert running.backend.clients == ["extension"]


def test_an_unreadable_event_is_refused_with_its_reason(running: Running) -> None:
    answer = running.ask("POST", "/api/log-action", EVENT | {"kind": "dance"})
    assert answer.status == 400
    assert "unknown kind 'dance'; known are command" in answer.body["error"]["message"]
    assert answer.body["refused"][0]["index"] == 0


def test_the_readable_part_of_a_list_is_stored(running: Running) -> None:
    answer = running.ask("POST", "/api/log-action", [EVENT, 7, EVENT | {"color": "red"}])
    assert (answer.status, answer.body["stored"]) == (200, 1)
    assert [refused["index"] for refused in answer.body["refused"]] == [1, 2]


def test_a_list_without_a_readable_event_is_a_bad_request(running: Running) -> None:
    answer = running.ask("POST", "/api/log-action", [1, "two", None])
    assert answer.status == 400
    assert len(answer.body["refused"]) == 3


def test_an_empty_list_is_nothing_to_do(running: Running) -> None:
    answer = running.ask("POST", "/api/log-action", [])
    assert (answer.status, answer.body["stored"]) == (200, 0)


def test_a_long_value_is_not_echoed_whole(running: Running) -> None:
    answer = running.ask("POST", "/api/log-action", EVENT | {"kind": "x" * 100_000})
    assert len(answer.body["refused"][0]["reason"]) == 300


def test_more_than_a_thousand_events_are_too_many(running: Running) -> None:
    answer = running.ask("POST", "/api/log-action", [EVENT] * 1_001)
    assert answer.status == 413
    assert "1000" in answer.body["error"]["message"]
    assert running.backend.events == []


def test_a_thousand_events_are_not(running: Running) -> None:
    assert running.ask("POST", "/api/log-action", [EVENT] * 1_000).body["stored"] == 1_000
