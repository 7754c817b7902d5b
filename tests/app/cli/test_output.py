"""Results of commands as lines for a terminal."""

from __future__ import annotations

import io
from typing import Any

import pytest

from app.cli.output import progress, render
from app.settings import PAUSED_UNTIL_RESUMED
from app.system.terminal import recovery_code
from collectors.events import US_PER_S

NOON_US = 1_760_011_200 * US_PER_S

STATUS: dict[str, Any] = {
    "recording": "recording",
    "paused_until_us": 0,
    "actions": 1_234,
    "store_bytes": 5_600_000,
    "model": "prior",
    "message": "",
    "sources": [
        {"name": "window", "state": "running", "consented": True, "reason": "", "remedy": ""},
        {
            "name": "input",
            "state": "unavailable",
            "consented": False,
            "reason": "There is no display.",
            "remedy": "Log in to a desktop.",
        },
    ],
}
REPORT: dict[str, Any] = {"stored": 3, "duplicates": 1, "noise": 2, "redacted": 1, "dropped": {"paused": 4}}

CLEANED = {
    "dry_run": False,
    "keep_days": 30,
    "actions_before": 9,
    "actions_removed": 8,
    "actions_sampled": 1,
    "cancelled": False,
}


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def chart(kind: str = "bars", y: tuple[float, ...] = (3, 1)) -> dict[str, Any]:
    series = {"name": "yesterday", "labels": ["make", "git"], "x": [0, 1], "y": list(y)}
    return {"kind": kind, "title": "Commands", "unit": "count", "series": [series]}


class TestStatus:
    def test_it_begins_with_everything_at_a_glance(self) -> None:
        assert render("status", STATUS).splitlines()[0] == "recording; 1234 actions, 5.6 MB, prior"

    def test_each_source_has_its_line(self) -> None:
        assert render("status", STATUS).splitlines()[1:] == [
            "  window       running",
            "  input        unavailable (no consent): There is no display. Log in to a desktop.",
        ]

    def test_a_pause_says_its_end(self) -> None:
        paused = STATUS | {"recording": "paused", "paused_until_us": NOON_US}
        assert render("status", paused).splitlines()[1].startswith("paused until 2025-10-")

    def test_a_pause_without_an_end_says_none(self) -> None:
        paused = STATUS | {"recording": "paused", "paused_until_us": PAUSED_UNTIL_RESUMED}
        assert "until" not in render("status", paused)

    def test_before_the_first_start_it_says_what_to_do(self) -> None:
        assert render("status", {"recording": "not set up", "message": "Nothing yet."}) == "Nothing yet.\n"


class TestLog:
    def test_it_is_reported_in_lines(self) -> None:
        assert render("log", REPORT) == "3 stored, 1 there already, 2 noise\ndropped: 4 paused\n"

    def test_nothing_dropped_is_not_reported(self) -> None:
        assert render("log", REPORT | {"dropped": {}}) == "3 stored, 1 there already, 2 noise\n"


class TestProgress:
    def test_a_training_keeps_one_line_up_to_date(self) -> None:
        stream = Terminal()
        progress(stream, quiet=False)({"stage": "training", "done": 3, "total": 9, "loss_nats": 1.5})
        assert stream.getvalue() == "\r\x1b[Ktraining: 3 of 9, 1.500 nats"

    def test_a_stage_without_a_loss_tells_none(self) -> None:
        stream = Terminal()
        progress(stream, quiet=False)({"stage": "reading", "done": 3, "total": 9, "loss_nats": None})
        assert stream.getvalue() == "\r\x1b[Kreading: 3 of 9"

    @pytest.mark.parametrize(("done", "end"), [(False, ""), (True, "\n")])
    def test_an_import_ends_its_line_when_it_is_done(self, done: bool, end: str) -> None:
        stream = Terminal()
        progress(stream, quiet=False)({"source": "bash", "read": 500, "stored": 480, "done": done})
        assert stream.getvalue() == f"\r\x1b[Kbash: 500 read, 480 stored{end}"

    @pytest.mark.parametrize(("stream", "quiet"), [(io.StringIO(), False), (Terminal(), True)], ids=["pipe", "quiet"])
    def test_nothing_is_shown_where_nobody_looks(self, stream: io.StringIO, quiet: bool) -> None:
        progress(stream, quiet=quiet)({"stage": "training", "done": 3, "total": 9})
        assert stream.getvalue() == ""


class TestRecoveryCode:
    def test_it_is_shown_with_what_it_is_for(self) -> None:
        reported = recovery_code("AAAA-BBBB")
        assert "AAAA-BBBB" in reported
        assert "Write it down" in reported

    def test_where_there_is_none_nothing_is_said(self) -> None:
        assert recovery_code(None) == ""


class TestNext:
    def test_each_forecast_has_its_bar_and_its_reason(self) -> None:
        forecast = {"action": "cmd:make", "probability": 0.5, "reward": 1.0, "because": "after vim"}
        assert render("next", [forecast]) == f" 50.0% {'━' * 12:<24} cmd:make  after vim\n"

    def test_before_anything_was_seen_it_says_what_to_do(self) -> None:
        assert "Import a history" in render("next", [])


class TestAsk:
    def test_an_answer_without_a_chart_is_its_text(self) -> None:
        assert render("ask", {"text": "You ran 4.", "chart": None}) == "You ran 4.\n"

    def test_bars_are_drawn_as_long_as_their_values(self) -> None:
        lines = render("ask", {"text": "You ran 4.", "chart": chart()}).splitlines()
        assert lines[:3] == ["You ran 4.", "", "Commands (count)"]
        assert [line.count("━") for line in lines[3:]] == [24, 8]
        assert [line.split()[-1] for line in lines[3:]] == ["3", "1"]

    def test_bars_that_are_all_zero_are_drawn(self) -> None:
        lines = render("ask", {"text": "Nothing.", "chart": chart(y=(0, 0))}).splitlines()
        assert [line.count("━") for line in lines[3:]] == [0, 0]

    def test_a_chart_of_another_kind_is_left_to_the_window(self) -> None:
        assert render("ask", {"text": "So.", "chart": chart("spans")}) == "So.\n"


@pytest.mark.parametrize(
    ("name", "result", "text"),
    [
        ("import", [], "Nothing was imported.\n"),
        ("search", [], "Nothing found.\n"),
        ("token", {"clients": []}, "No client has a token.\n"),
        ("pause", {"paused_until_us": 0}, "no longer paused\n"),
        ("resume", {"paused_until_us": 0}, "no longer paused\n"),
        ("pause", {"paused_until_us": PAUSED_UNTIL_RESUMED}, "paused until resumed\n"),
        ("consent", {"consent": [], "known": ["input", "window"]}, "may record: none\nthere are: input, window\n"),
        (
            "consent",
            {"consent": ["window"], "known": ["input", "window"]},
            "may record: window\nthere are: input, window\n",
        ),
        (
            "export",
            {"rows": 7, "path": "out.jsonl"},
            "7 rows written to out.jsonl, readable by anyone who has the file\n",
        ),
        (
            "cleanup",
            {**CLEANED, "dry_run": True},
            "8 of 9 actions would be removed\n1 older than 30 days stay as a sample\n",
        ),
        (
            "cleanup",
            {**CLEANED, "dry_run": False},
            "8 of 9 actions removed\n1 older than 30 days stay as a sample\n",
        ),
        ("cleanup", {**CLEANED, "cancelled": True}, "8 of 9 actions removed, then stopped\n"),
        (
            "doctor",
            [
                {"works": True, "part": "sense", "name": "process", "reason": "works here", "remedy": ""},
                {"works": False, "part": "sense", "name": "window", "reason": "No display.", "remedy": "Log in."},
            ],
            "yes sense     process         works here.\nno  sense     window          No display. Log in.\n",
        ),
    ],
)
def test_small_results_are_reported_in_a_line_or_two(name: str, result: Any, text: str) -> None:
    assert render(name, result) == text


def test_an_import_tells_every_count_and_its_problems() -> None:
    report = {
        "source": "bash",
        "read": 9,
        "stored": 5,
        "duplicates": 1,
        "dropped": {"excluded": 1, "noise": 1},
        "redacted": 2,
        "rejected": 1,
        "problems": ["line 7: no time"],
    }
    assert render("import", [report]).splitlines() == [
        "bash: 9 read, 5 stored, 1 there already, 2 dropped, 2 secrets redacted, 1 unreadable",
        "  line 7: no time",
    ]


def test_a_training_tells_how_good_it_is_next_to_the_baselines() -> None:
    report = {
        "decisions": 900,
        "device": "cpu",
        "seconds": 12.34,
        "tail_top1": 0.421,
        "tail_top5": 0.8,
        "tail_nats": 1.2345,
        "baselines": {"most recent": 0.1},
        "promoted": True,
        "judged_decisions": 180,
        "judged_nats": 1.2,
        "running_nats": 1.3,
    }
    *lines, verdict = render("train", report).splitlines()
    assert lines == [
        "900 actions learned from on cpu in 12.3 s",
        "latest fifth: right at once 42.1%, among five 80.0%",
        "1.234 nats an action there",
        "compared with: most recent 10.0%",
    ]
    assert verdict == "in use from now on: better than what ran before, 1.200 against 1.300 nats on the latest 180"
    *_, verdict = render("train", {**report, "promoted": False}).splitlines()
    assert verdict == "not in use: no better than what runs already, 1.200 against 1.300 nats on the latest 180"
    *_, verdict = render("train", {**report, "running_nats": None}).splitlines()
    assert verdict == "in use from now on"


def test_a_hit_tells_when_and_where_it_was() -> None:
    hit = {"ts_us": NOON_US, "app": None, "source": "terminal", "snippet": "[make] test"}
    assert render("search", [hit]).endswith(f"  {'terminal':<16} [make] test\n")


def test_a_new_token_is_shown_once_above_the_clients() -> None:
    client = {"name": "editor", "scope": "ingest", "created_us": NOON_US}
    lines = render("token", {"token": "s3cret", "clients": [client]}).splitlines()
    assert lines[0] == "Token, shown this once: s3cret"
    assert lines[1].startswith(f"{'editor':<24} sends events, since ")


def test_what_a_client_may_do_is_said() -> None:
    client = {"name": "editor", "scope": "full", "created_us": NOON_US}
    assert "sends, reads, cleans up" in render("token", {"clients": [client]})


def test_a_turn_of_a_conversation_that_was_found_tells_who_said_it() -> None:
    message = {"chat_id": 1, "ts_us": NOON_US, "author": "user", "text": "and my mail", "answer_json": None}
    assert "user             and my [mail]" in render("search", [{"message": message, "snippet": "and my [mail]"}])


def test_a_check_tells_problems_then_notes_then_what_was_looked_at() -> None:
    report = {"problems": [], "notes": [], "actions": 9, "parts": ["seals", "pages"], "seconds": 1.25, "mended": []}
    assert render("verify", report) == "The store is sound: seals, pages of 9 actions, 1.2 s.\n"
    broken = report | {"problems": [{"part": "pages", "text": "Page 3."}], "notes": ["A gap."]}
    assert render("verify", broken).splitlines()[:2] == ["pages: Page 3.", "A gap."]
    assert "not sound" in render("verify", broken)
