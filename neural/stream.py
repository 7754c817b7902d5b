"""The mind as a blind predictor: one event in, one ranking out, nothing kept from one person to the next.

    python -m neural.stream [--prior FILE]

Reads JSON lines {"user", "t", "action", "detail", "session", "domain"} on standard input and answers each with
[[action, probability], ...], at most ten, before the next is read. `domain` "desktop" asks for the next different
application, "shell" for the next command, repeats included.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from collectors.events import US_PER_S
from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.predictor import Predictor

LIMIT = 10
_KINDS = {"desktop": "app", "shell": "cmd"}


def answers(lines: TextIO, weights: checkpoint.Checkpoint) -> Iterator[list[tuple[str, float]]]:
    """The ranking after each line, made before the next line is asked for.

    Args:
        lines: events, one JSON object a line.
        weights: the prior, the same for every person.
    """
    person: str | None = None
    predictor = Predictor(weights)
    sessions: dict[str, int] = {}
    for line in lines:
        event = json.loads(line)
        if event["user"] != person:
            person, predictor, sessions = event["user"], Predictor(weights), {}
        kind = _KINDS[event["domain"]]
        session = sessions.setdefault(str(event["session"]), len(sessions))
        predictor.observe(
            Step(
                ts_us=None if event["t"] is None else round(event["t"] * US_PER_S),
                action=f"{kind}:{event['action']}",
                session=session,
                title_tokens=tuple(event["detail"]),
            )
        )
        yield [(action.removeprefix(f"{kind}:"), probability) for action, probability in predictor.ranking(LIMIT)]


def main() -> None:
    """Answer standard input on standard output until it ends."""
    parser = argparse.ArgumentParser(prog="python -m neural.stream", description=__doc__.splitlines()[0])
    parser.add_argument("--prior", type=Path, help="weights to use in place of the shipped ones")
    options = parser.parse_args()
    weights = checkpoint.load(options.prior.read_bytes()) if options.prior else checkpoint.prior()
    for ranking in answers(sys.stdin, weights):
        sys.stdout.write(json.dumps([[action, round(probability, 6)] for action, probability in ranking]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
