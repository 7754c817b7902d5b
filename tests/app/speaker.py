"""Speaks the brain's protocol in its place, at once and as reported: `python speaker.py HOW`.

well: trains and talks without a hitch. well, but no better: so, but what it trained is not to be used. waits: says that it has begun, then waits to be cancelled. fails: says why it
cannot.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from app.services.learning.brain import Brain
from neural.reward.explaining.report import to_json
from neural.reward.explaining.report_values import RewardReport

Say = Callable[..., None]
REPORT = {
    "device": "cpu",
    "seconds": 0.1,
    "decisions": 60,
    "candidates": 4,
    "epochs": 1,
    "first_ts_us": 0,
    "last_ts_us": 1,
    "train_loss_nats": 1.0,
    "tail_top1": 0.5,
    "tail_top5": 0.9,
    "tail_nats": 1.5,
    "baselines": {"most recent": 0.1, "most frequent": 0.2},
    "ended_early": False,
}


def brain(how: str) -> Brain:
    """A brain with this program behind it."""
    return Brain((sys.executable, __file__, how))


def begin(say: Say, kind: str) -> None:
    if kind == "TrainRequest":
        say("Progress", stage="training", done=1, total=2, loss_nats=1.0)
    elif kind == "NarrateRequest":
        say("TextChunk", text="Well, ")


def end(say: Say, request: dict[str, Any], how: str) -> None:
    if how == "fails":
        say("Failed", message="Out of memory.", remedy="Close something.", cancelled=False)
    elif request["type"] == "AppraiseRequest":
        say("Appraised", report_json=to_json(RewardReport(0, 1, 0, 0)))
    elif request["type"] == "TrainRequest":
        report = {**REPORT, "promoted": how != "well, but no better"}
        say("Trained", weights=request["start_weights"], report=report)
    else:
        say("Narrated", text=f"Well, {request['plain_text']}", model="m")


def main(how: str) -> None:
    lines = iter(sys.stdin.readline, "")
    for line in lines:
        request = json.loads(line)

        def say(kind: str, **fields: object) -> None:
            print(json.dumps({"type": kind, "job_id": request["job_id"], **fields}), flush=True)  # noqa: B023, T201

        if request["type"] == "Cancel":
            continue
        begin(say, request["type"])
        if how == "waits" and not any(json.loads(each)["type"] == "Cancel" for each in lines):
            return
        if how == "waits":
            say("Failed", message="Stopped.", remedy="", cancelled=True)
        else:
            end(say, request, how)


if __name__ == "__main__":
    main(sys.argv[1])
