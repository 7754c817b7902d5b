"""The brain as it is run: a process of its own, spoken to over its standard streams."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from neural import messages
from neural.language.facts import Fact
from neural.messages import (
    Cancel,
    Failed,
    Narrated,
    NarrateRequest,
    Progress,
    Reply,
    Request,
    TextChunk,
    Trained,
    TrainRequest,
)
from neural.reward import checkpoint
from neural.reward.actions import Step
from tests.checkout import ROOT
from tests.neural.language import tiny_model

FACTS = (
    Fact("period", "today", "name", "question"),
    Fact("time in Firefox", 134, "min", "actions, today"),
)
PLAIN = "Today you were in Firefox for 2 h 14 min."


class RunningBrain:
    """A brain process, and the pipes to it."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "neural.brain", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        )

    def write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def ask(self, request: Request) -> None:
        self.write(messages.encode(request).encode())

    def reply(self) -> Reply | None:
        """The next reply; None at the end of the stream."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return messages.decode(line.decode()) if line else None  # type: ignore[return-value]

    def result(self) -> tuple[list[Reply], Reply | None]:
        """Replies on the way, and the one that ends the job (None if the process ended first)."""
        seen: list[Reply] = []
        while (reply := self.reply()) is not None and isinstance(reply, Progress | TextChunk):
            seen.append(reply)
        return seen, reply

    def end(self) -> tuple[int, str]:
        """Close its input and wait: exit status and what it logged."""
        _, logged = self.process.communicate(timeout=180)
        return self.process.returncode, logged.decode()


@pytest.fixture
def brain() -> Iterator[RunningBrain]:
    running = RunningBrain()
    with running.process:
        yield running
        with contextlib.suppress(ProcessLookupError):
            running.process.send_signal(signal.SIGKILL)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.build(tmp_path_factory.mktemp("models") / "tiny.gguf")


def narrate(model: Path, *, job_id: int = 1, max_tokens: int = 60, facts: tuple[Fact, ...] = FACTS) -> NarrateRequest:
    return NarrateRequest(job_id, str(model), "How long was I in Firefox today?", facts, PLAIN, max_tokens)


def test_a_narration_that_tells_no_fact_is_replaced_by_the_plain_sentence(brain: RunningBrain, model: Path) -> None:
    brain.ask(narrate(model))
    _, result = brain.result()
    assert result == Narrated(1, PLAIN, "tiny.gguf")


def test_loading_is_reported_and_the_text_is_streamed(brain: RunningBrain, model: Path) -> None:
    brain.ask(narrate(model))
    seen, _ = brain.result()
    assert seen[0] == Progress(1, "loading the model", 0, 1)
    assert len([reply for reply in seen if isinstance(reply, TextChunk)]) > 1


def test_a_loaded_model_serves_the_next_question_too(brain: RunningBrain, model: Path) -> None:
    brain.ask(narrate(model, job_id=1))
    brain.ask(narrate(model, job_id=2))
    brain.result()
    seen, result = brain.result()
    assert not any(isinstance(reply, Progress) for reply in seen)
    assert result == Narrated(2, PLAIN, "tiny.gguf")


def test_a_narration_is_stopped_in_mid_sentence(brain: RunningBrain, model: Path) -> None:
    brain.ask(narrate(model, max_tokens=3_000))
    while not isinstance(brain.reply(), TextChunk):
        pass
    brain.ask(Cancel(1))
    assert brain.result()[1] == Failed(1, "Stopped.", "", cancelled=True)


def test_after_a_stop_the_next_narration_is_whole(brain: RunningBrain, model: Path) -> None:
    brain.ask(narrate(model, job_id=1, max_tokens=3_000))
    while not isinstance(brain.reply(), TextChunk):
        pass
    brain.ask(Cancel(1))
    brain.result()
    brain.ask(narrate(model, job_id=2))
    assert brain.result()[1] == Narrated(2, PLAIN, "tiny.gguf")


def test_a_job_that_waits_is_cancelled_before_it_begins(brain: RunningBrain, model: Path) -> None:
    brain.ask(narrate(model, job_id=1, max_tokens=3_000))
    brain.ask(narrate(model, job_id=2))
    brain.ask(Cancel(2))
    brain.ask(Cancel(1))
    brain.result()
    assert brain.result() == ([], Failed(2, "Stopped.", "", cancelled=True))


def test_a_killed_brain_ends_the_stream_without_a_result(brain: RunningBrain, model: Path) -> None:
    brain.ask(narrate(model, max_tokens=3_000))
    while not isinstance(brain.reply(), TextChunk):
        pass
    os.kill(brain.process.pid, signal.SIGKILL)
    assert brain.result()[1] is None
    assert brain.process.wait(180) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "There is no model file at"),
        (b"", "is no GGUF model file"),
        (b"\x7fELF" + bytes(100), "is no GGUF model file"),
        (b"GGUF\x03\x00\x00\x00", "broken or incomplete"),
        (b"GGUF" + b"\xff" * 200, "broken or incomplete"),
    ],
)
def test_a_file_that_is_no_model_fails_with_a_way_out(
    brain: RunningBrain, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    brain.ask(narrate(path))
    _, result = brain.result()
    assert isinstance(result, Failed)
    assert reason in result.message
    assert "settings" in result.remedy
    assert not result.cancelled


def test_half_a_model_file_fails_with_a_way_out(brain: RunningBrain, model: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.gguf"
    half.write_bytes(model.read_bytes()[:200_000])
    brain.ask(narrate(half))
    _, result = brain.result()
    assert isinstance(result, Failed)
    assert "cannot load half.gguf" in result.message


def test_a_failed_job_leaves_the_brain_ready_for_the_next(brain: RunningBrain, model: Path, tmp_path: Path) -> None:
    brain.ask(narrate(tmp_path / "gone.gguf", job_id=1))
    brain.ask(narrate(model, job_id=2))
    brain.result()
    assert brain.result()[1] == Narrated(2, PLAIN, "tiny.gguf")


@pytest.mark.parametrize(
    "line",
    [b"no json", b"{}", b"[1, 2]", b'{"type": "Unknown"}', b"\xff\xfe", b'{"type": "Cancel"}', b'"text"'],
)
def test_a_line_that_is_no_request_is_answered_and_survived(brain: RunningBrain, model: Path, line: bytes) -> None:
    brain.write(line)
    _, refused = brain.result()
    assert isinstance(refused, Failed)
    brain.ask(narrate(model))
    assert isinstance(brain.result()[1], Narrated)


def test_a_broken_request_is_answered_under_its_own_number(brain: RunningBrain) -> None:
    brain.write(json.dumps({"type": "NarrateRequest", "job_id": 41, "nonsense": True}).encode())
    _, refused = brain.result()
    assert isinstance(refused, Failed)
    assert refused.job_id == 41


def test_the_end_of_its_input_ends_it(brain: RunningBrain) -> None:
    assert brain.end() == (0, "")


def test_the_end_of_its_input_ends_a_running_job_too(brain: RunningBrain, model: Path) -> None:
    brain.ask(narrate(model, max_tokens=3_000))
    while not isinstance(brain.reply(), TextChunk):
        pass
    status, _ = brain.end()
    assert status == 0


def test_idleness_ends_it() -> None:
    idle = RunningBrain("--idle-s", "0.1")
    with idle.process:
        assert idle.reply() is None
        assert idle.process.wait(180) == 0


def test_without_llama_cpp_a_narration_fails_with_a_way_out(model: Path, tmp_path: Path) -> None:
    crippled = RunningBrain(LLAMA_CPP_LIB_PATH=str(tmp_path))
    with crippled.process:
        crippled.ask(narrate(model))
        _, result = crippled.result()
        crippled.end()
    assert isinstance(result, Failed)
    assert "llama.cpp cannot be loaded here" in result.message
    assert "make run" in result.remedy


def test_nothing_but_replies_reaches_its_standard_output() -> None:
    program = (
        "import os, sys\n"
        "from neural import brain\n"
        "replies = brain.guarded_stdout()\n"
        "print('from python')\n"
        "os.write(1, b'from a library')\n"
        "replies.write(b'a reply')\n"
        "replies.flush()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout == b"a reply"
    assert b"from python" in done.stderr
    assert b"from a library" in done.stderr


def test_what_was_captured_stays_out_of_the_log(brain: RunningBrain, model: Path) -> None:
    secret = Fact("time in zanzibar-notes", 3, "min", "actions")
    brain.ask(narrate(model, facts=(secret,)))
    brain.write(b'{"type": "NarrateRequest", "question": "zanzibar-notes"}')
    brain.result()
    brain.result()
    _, logged = brain.end()
    assert "zanzibar" not in logged


def test_a_bug_is_logged_where_it_struck_without_its_message(brain: RunningBrain) -> None:
    brain.write(
        b'{"type": "NarrateRequest", "job_id": 1, "model_path": 7, "question": "zanzibar", "facts": [], "plain_text": ""}'
    )
    _, result = brain.result()
    assert isinstance(result, Failed)
    assert "TypeError" in result.message
    _, logged = brain.end()
    assert "in _narrator" in logged
    assert "zanzibar" not in logged


def history(count: int) -> tuple[Step, ...]:
    """A person who goes round in a circle of four actions."""
    circle = ("app:code", "cmd:git add", "cmd:git commit", "app:firefox")
    start_us = 1_760_000_000_000_000
    return tuple(Step(start_us + place * 60_000_000, circle[place % 4], place // 40) for place in range(count))


def test_training_reports_its_progress_and_ends_with_weights_and_a_report(brain: RunningBrain) -> None:
    brain.ask(TrainRequest(5, history(400), None, device="cpu", max_epochs=1))
    seen, result = brain.result()
    assert {reply.stage for reply in seen if isinstance(reply, Progress)} >= {"reading", "learning", "measuring"}
    assert isinstance(result, Trained)
    assert result.report.first_ts_us == 1_760_000_000_000_000
    assert checkpoint.load(result.weights)


def test_training_is_cancelled_at_its_next_step(brain: RunningBrain) -> None:
    brain.ask(TrainRequest(5, history(4_000), None, device="cpu", max_epochs=50))
    assert isinstance(brain.reply(), Progress)
    brain.ask(Cancel(5))
    assert brain.result()[1] == Failed(5, "Stopped.", "", cancelled=True)


def test_a_history_too_short_to_learn_from_fails_with_a_way_out(brain: RunningBrain) -> None:
    brain.ask(TrainRequest(5, history(10), None, device="cpu"))
    _, result = brain.result()
    assert isinstance(result, Failed)
    assert "Training was not possible" in result.message
    assert result.remedy


def test_weights_that_are_none_fail_with_a_way_out(brain: RunningBrain) -> None:
    brain.ask(TrainRequest(5, history(400), b"no weights", device="cpu"))
    _, result = brain.result()
    assert isinstance(result, Failed)
    assert "cannot be used" in result.message
    assert result.remedy
