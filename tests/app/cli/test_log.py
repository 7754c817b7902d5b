"""Events as JSON lines: what is sent, in which batches, and which lines are named."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from app.cli.log import BATCH_CHARS, LINES_PER_BATCH, LogTotal, take
from app.errors import KnownError

REPORT: dict[str, Any] = {"stored": 3, "duplicates": 1, "noise": 2, "redacted": 1, "dropped": {"paused": 4}}


class Program:
    """Takes every batch, and refuses an event that says so."""

    def __init__(self) -> None:
        self.batches: list[list[object]] = []

    def __call__(self, events: list[object]) -> Mapping[str, Any]:
        self.batches.append(events)
        refused = [(index, "refused") for index, event in enumerate(events) if event == "refuse me"]
        stored = len(events) - len(refused)
        return {"stored": stored, "duplicates": 0, "noise": 0, "redacted": 0, "dropped": {}, "refused": refused}


@pytest.fixture
def program() -> Program:
    return Program()


def read(program: Program, *lines: str) -> LogTotal:
    return take(io.StringIO("".join(f"{line}\n" for line in lines)), program)


def refused_lines(total: LogTotal) -> list[int]:
    return [each["line"] for each in total.result()["refused"]]


def test_each_line_is_one_event(program: Program) -> None:
    total = read(program, '{"a": 1}', '{"b": 2}')
    assert program.batches == [[{"a": 1}, {"b": 2}]]
    assert total.result()["stored"] == 2


def test_blank_lines_are_passed_over(program: Program) -> None:
    assert refused_lines(read(program, "", "1", "   ", "2")) == []
    assert program.batches == [[1, 2]]


def test_nothing_is_sent_where_nothing_can_be_read(program: Program) -> None:
    assert refused_lines(read(program, "{", "")) == [1]
    assert program.batches == []


@pytest.mark.parametrize(
    "line",
    ["{not json", "NaN", "[Infinity]", "[1e999]", "[" * 100_000],
    ids=["broken", "NaN", "inf", "overflow", "deep"],
)
def test_a_line_that_is_no_json_is_named_and_the_others_go(program: Program, line: str) -> None:
    assert refused_lines(read(program, "1", line, "3")) == [2]
    assert program.batches == [[1, 3]]


def test_a_line_that_no_request_could_hold_is_named(program: Program) -> None:
    assert refused_lines(read(program, json.dumps("x" * BATCH_CHARS), "2")) == [1]


def test_many_lines_go_in_batches(program: Program) -> None:
    read(program, *(str(number) for number in range(LINES_PER_BATCH + 1)))
    assert [len(batch) for batch in program.batches] == [LINES_PER_BATCH, 1]


def test_long_lines_go_in_smaller_batches(program: Program) -> None:
    read(program, *[json.dumps("x" * (BATCH_CHARS // 2 - 10))] * 3)
    assert [len(batch) for batch in program.batches] == [2, 1]


def test_what_the_program_refuses_is_named_by_its_line_in_every_batch(program: Program) -> None:
    lines = ["1"] * (LINES_PER_BATCH + 9)
    lines[2] = lines[LINES_PER_BATCH + 4] = '"refuse me"'
    lines[1] = "{"
    assert refused_lines(read(program, *lines)) == [2, 3, LINES_PER_BATCH + 5]


def test_batches_add_up() -> None:
    total = LogTotal()
    total.add(REPORT | {"refused": []}, [1, 2])
    total.add(REPORT | {"refused": [], "dropped": {"paused": 1, "excluded": 2}}, [3])
    assert total.result() == {
        "stored": 6,
        "duplicates": 2,
        "noise": 4,
        "redacted": 2,
        "dropped": {"paused": 5, "excluded": 2},
        "refused": [],
    }


def test_lines_that_could_not_be_read_are_complained_of_by_the_first(program: Program) -> None:
    with pytest.raises(KnownError, match="2 of the events could not be read, the first in line 2"):
        read(program, "1", "{", "3", "}").complain()


def test_without_such_lines_nobody_complains(program: Program) -> None:
    total = read(program, "1", "2")
    total.complain()
    assert total.result()["refused"] == []
