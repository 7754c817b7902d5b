"""Events as they come over the wire: what is taken, and how a refusal reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.event_json import EventError, from_wire, to_wire
from collectors.events import MAX_TEXT_CHARS, MAX_TS_US

FOCUS: dict[str, Any] = {"ts_us": 1_790_000_000_000_000, "source": "window", "kind": "focus", "app": "xterm"}
RHYTHM: dict[str, Any] = {**FOCUS, "source": "input", "kind": "rhythm"}


@pytest.mark.parametrize(
    "raw",
    [
        {**FOCUS, "title": "na\u00efve \U0001f389", "utc_offset_s": -3600, "duration_us": 5, "detail": {"pid": 7}},
        {**RHYTHM, "utc_offset_s": 0, "detail": {"interval_us": 60_000_000, "keys": 3}},
        {**FOCUS, "utc_offset_s": 7200, "source": "presence", "kind": "idle"},
    ],
)
def test_an_event_survives_the_wire_and_back(raw: dict[str, Any]) -> None:
    event = from_wire(raw)
    assert from_wire(json.loads(json.dumps(to_wire(event)))) == event


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (None, "NoneType"),
        ([], "list"),
        ({}, "ts_us"),
        ({**FOCUS, "ts_us": True}, "ts_us"),
        ({**FOCUS, "ts_us": 1.5}, "ts_us"),
        ({**FOCUS, "ts_us": -1}, "ts_us"),
        ({**FOCUS, "ts_us": MAX_TS_US + 1}, "ts_us"),
        ({**FOCUS, "source": "nowhere"}, "source"),
        ({**FOCUS, "kind": "command"}, "kind"),
        ({**FOCUS, "kind": []}, "kind"),
        ({**FOCUS, "app": 5}, "app"),
        ({**FOCUS, "duration_us": -1}, "duration_us"),
        ({**FOCUS, "keys": "abc"}, "keys"),
        ({**FOCUS, "detail": 5}, "detail"),
        ({**FOCUS, "detail": {"keys": 5}}, "detail.keys"),
        ({**RHYTHM, "detail": {"keys": 5}}, "detail.interval_us"),
        ({**RHYTHM, "detail": {"interval_us": 1, "text": "typed"}}, "detail.text"),
    ],
)
def test_a_refusal_names_the_field(raw: object, named: str) -> None:
    with pytest.raises(EventError, match=named):
        from_wire(raw)


@pytest.mark.parametrize(
    "raw", [{**FOCUS, "\ud800": 1}, {**FOCUS, "detail": {"\ud800": 1}}, {**FOCUS, "source": "\ud800"}]
)
def test_a_refusal_can_be_written_out_whatever_was_sent(raw: dict[str, Any]) -> None:
    with pytest.raises(EventError) as refused:
        from_wire(raw)
    assert str(refused.value).encode("utf-8")


def test_text_is_cut_and_cleaned_as_it_comes_in() -> None:
    event = from_wire({**FOCUS, "app": "a\x00b", "title": "\ud800" + "x" * 10_000})
    assert event.app == "ab"
    assert event.title == "?" + "x" * (MAX_TEXT_CHARS - 1)
