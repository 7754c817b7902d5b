# ruff: noqa: T201  # a benchmark prints what it measured
"""How much of what is secret is found, how much else is touched, and what it costs: `python -m tests.benchmarks.senses.redaction`.

Three sources: secrets planted by patterns, look-alikes planted next to them, and the documentation and scripts that lie on
this machine, which nobody wrote for the purpose: what is touched there is printed as a share of the lines, without a bar,
because some of it is an example of a password.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from collectors.redaction.redact import redact
from tests.collectors.redaction.look_alikes import look_alikes
from tests.collectors.redaction.planted import secrets

ROUNDS = 10
BAR = 0.99
PLACES = (Path("/usr/share/doc"), Path("/usr/share/bash-completion"), Path("/usr/lib/python3"))
FILES = 1_500
LINES = 60_000


def lines() -> Iterator[str]:
    """Lines of text that lie on this machine, in an order of their own."""
    draw = random.Random(7)
    wanted = (".txt", ".md", ".sh", ".py", ".pod", ".conf", "")
    files = sorted(path for place in PLACES for path in place.rglob("*") if path.suffix in wanted and path.is_file())
    for path in draw.sample(files, min(FILES, len(files))):
        yield from (line[:400] for line in path.read_text(errors="replace").splitlines() if line.strip())


def main() -> int:
    """Print the figures; 1 if one misses its bar."""
    planted = list(secrets(seed=11, rounds=ROUNDS))
    found = sum(plant.secret not in redact(plant.text).text for plant in planted)
    plain = list(look_alikes(seed=12, rounds=ROUNDS))
    touched = sum(redact(text).text != text for text in plain)
    recall, precision = found / len(planted), found / (found + touched)
    print(f"recall     {recall:.4f} over {len(planted)} planted secrets (bar {BAR})")
    print(f"precision  {precision:.4f}, {touched} of {len(plain)} look-alikes touched (bar {BAR})")
    others = [line for line, _ in zip(lines(), range(LINES), strict=False)]
    began_s = time.process_time()
    hits = sum(redact(line).count > 0 for line in others)
    spent_us = (time.process_time() - began_s) * 1e6
    if others:
        share, each_us = hits / len(others), spent_us / len(others)
        print(f"elsewhere  {hits} of {len(others)} lines of this machine's documentation touched, {share:.3%}")
        print(f"cost       {each_us:.1f} us a line that was not seen before")
    return int(recall < BAR or precision < BAR)


if __name__ == "__main__":
    sys.exit(main())
