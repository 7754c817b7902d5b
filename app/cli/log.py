"""`kryptic log`: events as JSON lines, read and sent in batches; a line that is no event is named, the others go."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TextIO

from app.errors import KnownError

LINES_PER_BATCH: Final = 500
BATCH_CHARS: Final = 200_000
"""Keeps a batch well under the largest request that a running program takes (1 MiB), whatever its characters."""
_COUNTS: Final = ("stored", "duplicates", "noise", "redacted")


@dataclass(slots=True)
class LogTotal:
    """The sum over the batches of `kryptic log`."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    dropped: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, report: Mapping[str, Any], lines: list[int]) -> None:
        """Add a batch's report; `lines` are the input lines its events stood in."""
        for name in _COUNTS:
            self.counts[name] += report[name]
        for reason, number in report["dropped"].items():
            self.dropped[reason] = self.dropped.get(reason, 0) + number
        self.refused += [(lines[index], reason) for index, reason in report["refused"]]
        self.refused.sort()

    def refuse(self, line: int, reason: str) -> None:
        """Note a line that is no JSON."""
        self.refused.append((line, reason))

    def complain(self) -> None:
        """Say that lines could not be read, if there were any.

        Raises:
            KnownError: naming the first of them.
        """
        if self.refused:
            line, reason = self.refused[0]
            raise KnownError(
                f"{len(self.refused)} of the events could not be read, the first in line {line}: {reason}.",
                "The others were taken; correct these and send them again.",
            )

    def result(self) -> dict[str, Any]:
        """The sum, JSON-able."""
        refused = [{"line": line, "reason": reason} for line, reason in self.refused]
        return {**self.counts, "dropped": self.dropped, "refused": refused}


def take(stream: TextIO, send: Callable[[list[object]], Mapping[str, Any]]) -> LogTotal:
    """Read every line and send what can be read.

    Args:
        stream: one event a line; blank lines are passed over.
        send: hands a batch of wire events over, and returns the report on it (`app.services.backend.LogReport`).
    """
    total = LogTotal()
    for first, batch in _batches(stream):
        events: list[object] = []
        lines: list[int] = []
        for number, text in enumerate(batch, first):
            if not text.strip():
                continue
            try:
                events.append(_parsed(text))
                lines.append(number)
            except (ValueError, RecursionError) as error:
                total.refuse(number, f"no JSON ({error})")
        if events:
            total.add(send(events), lines)
    return total


def _parsed(text: str) -> object:
    """One line of JSON (RFC 8259, which knows neither NaN nor Infinity, nor a way to write what 1e999 is read as)."""
    if len(text) > BATCH_CHARS:
        raise ValueError(f"a line has at most {BATCH_CHARS} characters")

    def refuse(name: str) -> object:
        raise ValueError(f"{name} is no number")

    def finite(digits: str) -> float:
        number = float(digits)
        if math.isinf(number):
            raise ValueError(f"{digits[:40]} is too large")
        return number

    return json.loads(text, parse_constant=refuse, parse_float=finite)


def _batches(stream: TextIO) -> Iterator[tuple[int, list[str]]]:
    first = 1
    batch: list[str] = []
    size = 0
    for line in stream:
        if batch and (len(batch) == LINES_PER_BATCH or size + len(line) > BATCH_CHARS):
            yield first, batch
            first += len(batch)
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield first, batch
