"""The mind as a blind predictor: one event in, one ranking out, nothing kept from one person to the next.

    python -m neural.stream [--prior FILE]

Reads JSON lines {"user", "t", "action", "detail", "session", "domain"} on standard input and answers each with
[[action, probability], ...], at most ten, before the next is read. `domain` "desktop" asks for the next different
application, "shell" for the next command, repeats included. A line that is no such event is answered with [], named on
standard error and learned nothing from; the exit status is then 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from collectors.events import MAX_TEXT_CHARS, MAX_TS_US, US_PER_S
from neural.reward import checkpoint
from neural.reward.actions import Step
from neural.reward.predictor import Predictor

LIMIT = 10
MOST_TITLE_TOKENS: Final = 256
"""More words than any title has; the rest of a longer list is not read."""
_KINDS = {"desktop": "app", "shell": "cmd"}


class StreamError(ValueError):
    """A line that is no event; the message names what is wrong with it."""


def answers(
    lines: TextIO, weights: checkpoint.Checkpoint, refuse: Callable[[int, StreamError], None]
) -> Iterator[list[tuple[str, float]]]:
    """The ranking after each line, made before the next line is asked for; empty after a line that is no event.

    Args:
        lines: events, one JSON object a line.
        weights: the prior, the same for every person.
        refuse: notified of each line that is no event: its number, from 1, and why.
    """
    person: str | None = None
    predictor = Predictor(weights)
    sessions: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        try:
            event = _event(line)
        except StreamError as error:
            refuse(number, error)
            yield []
            continue
        if event["user"] != person:
            person, predictor, sessions = event["user"], Predictor(weights), {}
        kind = _KINDS[event["domain"]]
        session = sessions.setdefault(str(event["session"]), len(sessions))
        predictor.observe(
            Step(
                ts_us=None if event["t"] is None else round(event["t"] * US_PER_S),
                action=f"{kind}:{event['action']}",
                session=session,
                title_tokens=tuple(event["detail"][:MOST_TITLE_TOKENS]),
            )
        )
        yield [(action.removeprefix(f"{kind}:"), probability) for action, probability in predictor.ranking(LIMIT)]


def _event(line: str) -> dict[str, Any]:
    """The event in a line, each field of the type and in the range that the predictor takes."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise StreamError("no JSON") from error
    if not isinstance(event, dict):
        raise StreamError(f"a JSON object is expected, not {type(event).__name__}")
    missing = [name for name in ("user", "t", "action", "detail", "session", "domain") if name not in event]
    if missing:
        raise StreamError(f"{missing[0]} is missing")
    if not isinstance(event["domain"], str) or event["domain"] not in _KINDS:
        raise StreamError(f"domain is one of {', '.join(_KINDS)}")
    action, detail, t = event["action"], event["detail"], event["t"]
    if not isinstance(event["user"], str) or not isinstance(action, str) or not 0 < len(action) <= MAX_TEXT_CHARS:
        raise StreamError(f"user and action are strings, action of 1 to {MAX_TEXT_CHARS} characters")
    if not isinstance(detail, list) or not all(isinstance(token, str) for token in detail):
        raise StreamError("detail is a list of strings")
    if t is not None and (isinstance(t, bool) or not isinstance(t, int | float) or not 0 <= t <= MAX_TS_US / US_PER_S):
        raise StreamError("t is null or seconds since the epoch")
    return event


def main() -> int:
    """Answer standard input on standard output until it ends."""
    parser = argparse.ArgumentParser(prog="python -m neural.stream", description=__doc__.splitlines()[0])
    parser.add_argument("--prior", type=Path, help="weights to use in place of the shipped ones")
    options = parser.parse_args()
    weights = checkpoint.load(options.prior.read_bytes()) if options.prior else checkpoint.prior()
    refused = 0

    def refuse(number: int, error: StreamError) -> None:
        nonlocal refused
        refused += 1
        sys.stderr.write(f"neural.stream: line {number} is no event: {error}\n")

    with open(sys.stdin.fileno(), encoding="utf-8", errors="replace", closefd=False) as lines:
        for ranking in answers(lines, weights, refuse):
            sys.stdout.write(json.dumps([[action, round(probability, 6)] for action, probability in ranking]) + "\n")
            sys.stdout.flush()
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
