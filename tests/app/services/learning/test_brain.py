"""The brain process from the outside, with a real process behind it (another program speaks the same protocol)."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.services.backend import Cancelled
from app.services.learning.brain import Brain, BrainError, JobCancelledError
from neural.language.facts import Fact
from neural.messages import NarrateRequest, Progress, Request, TrainRequest

SPEAKER = """
import json, sys, threading
lines = iter(sys.stdin.readline, "")
for line in lines:
    request = json.loads(line)
    job = request.get("job_id")
    def say(kind, **fields):
        print(json.dumps({"type": kind, "job_id": job, **fields}), flush=True)
    if request["type"] == "NarrateRequest" and request["question"] == "die":
        sys.exit(3)
    elif request["type"] == "NarrateRequest" and request["question"] == "babble":
        print("this is no message", flush=True)
        say("Narrated", text="whole", model="m")
    elif request["type"] == "NarrateRequest":
        say("TextChunk", text="wh")
        say("TextChunk", text="ole")
        say("Narrated", text="whole", model="m")
    elif request["type"] == "TrainRequest":
        if request["seed"] == 1:
            say("Failed", message="Out of memory.", remedy="Close something.", cancelled=False)
            continue
        say("Progress", stage="training", done=1, total=9, loss_nats=None)
        for line in lines:
            if json.loads(line)["type"] == "Cancel":
                say("Failed", message="Stopped.", remedy="", cancelled=True)
                break
"""


@pytest.fixture
def brain(tmp_path: Path) -> Iterator[Brain]:
    script = tmp_path / "speaker.py"
    script.write_text(SPEAKER)
    brain = Brain((sys.executable, str(script)))
    yield brain
    brain.close()


def narrate(question: str) -> NarrateRequest:
    return NarrateRequest(0, "model.gguf", question, (Fact("a", 1, "count", "t"),), "plain")


def train(seed: int = 0) -> TrainRequest:
    return TrainRequest(0, (), None, seed=seed)


def test_words_come_as_they_are_made_and_whole_at_the_end(brain: Brain) -> None:
    pieces: list[str] = []
    assert brain.narrate(narrate("how"), pieces.append).text == "whole"
    assert pieces == ["wh", "ole"]


def test_a_brain_that_dies_is_reported_and_the_next_job_gets_a_new_one(brain: Brain) -> None:
    with pytest.raises(BrainError, match="ended in the middle"):
        brain.narrate(narrate("die"), lambda _: None)
    assert brain.narrate(narrate("how"), lambda _: None).text == "whole"


def test_a_line_that_is_no_message_is_passed_over(brain: Brain) -> None:
    assert brain.narrate(narrate("babble"), lambda _: None).text == "whole"


def test_a_failure_carries_its_sentence_and_remedy(brain: Brain) -> None:
    with pytest.raises(BrainError) as caught:
        brain.train(train(seed=1), lambda _: None)
    assert (caught.value.message, caught.value.remedy) == ("Out of memory.", "Close something.")


def test_a_job_can_be_cancelled_from_elsewhere(brain: Brain) -> None:
    with pytest.raises(JobCancelledError):
        brain.train(train(), lambda _progress: brain.cancel())


def test_a_receiver_that_wants_no_more_stops_the_job_and_leaves_the_pipe_clean(brain: Brain) -> None:
    def stop(_progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        brain.train(train(), stop)
    assert brain.narrate(narrate("how"), lambda _: None).text == "whole"


class Recorded(Brain):
    """Keeps what it sends."""

    def __init__(self, command: tuple[str, ...]) -> None:
        super().__init__(command)
        self.sent: list[object] = []

    def _send(self, request: Request) -> None:
        self.sent.append(request)
        super()._send(request)


def test_a_job_of_another_kind_is_not_cancelled(brain: Brain) -> None:
    recorded = Recorded(brain._command)
    assert recorded.narrate(narrate("how"), lambda _: recorded.cancel(TrainRequest)).text == "whole"
    recorded.close()
    assert [type(request) for request in recorded.sent] == [NarrateRequest]


def test_a_narration_does_not_wait_for_a_training(brain: Brain) -> None:
    refused: list[BrainError] = []

    def ask(_progress: Progress) -> None:
        with pytest.raises(BrainError) as caught:
            brain.narrate(narrate("how"), lambda _: None)
        refused.append(caught.value)
        brain.cancel()

    with pytest.raises(JobCancelledError):
        brain.train(train(), ask)
    assert "something else" in refused[0].message
    assert brain.narrate(narrate("how"), lambda _: None).text == "whole"


def test_a_closed_brain_takes_no_more(brain: Brain) -> None:
    brain.narrate(narrate("how"), lambda _: None)
    brain.close()
    with pytest.raises(BrainError):
        brain.narrate(narrate("how"), lambda _: None)


def test_closed_while_its_process_starts_it_leaves_none(brain: Brain, monkeypatch: pytest.MonkeyPatch) -> None:
    start, started = subprocess.Popen, []
    closing = threading.Thread(target=brain.close)

    def start_late(*command: Any, **options: Any) -> subprocess.Popen[str]:
        closing.start()
        while not brain._closed:
            time.sleep(0.001)
        started.append(start(*command, **options))
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", start_late)
    with contextlib.suppress(BrainError):  # the job may have its answer before the end
        brain.narrate(narrate("how"), lambda _: None)
    closing.join()
    assert started[0].returncode is not None


def test_a_program_that_is_not_there_is_a_known_error() -> None:
    with pytest.raises(BrainError, match="could not be started"):
        Brain(("/no/such/program",)).narrate(narrate("how"), lambda _: None)
