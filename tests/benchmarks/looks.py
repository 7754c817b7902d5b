"""How often the threads of a process look by the clock: waits that end because their time is over (strace(1))."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

NEEDED: Final = ("strace", "timeout")
_WAITS: Final = "select,pselect6,poll,ppoll,epoll_wait,epoll_pwait,epoll_pwait2,nanosleep,clock_nanosleep,futex"
_GLANCE_S: Final = 0.001
"""A shorter wait is none: it is asked what has come already."""
_TURN_S: Final = 0.02
"""The same for a lock: whoever waits for a turn at the interpreter asks again each 5 ms."""
_ENDED: Final = re.compile(r"^(\d+) .*= (?:0|-1 ETIMEDOUT)\b.*<(\d+\.\d+)>$")
_LOCK: Final = re.compile(r"^\d+ (?:<\.\.\. )?futex\b")
_UNTIL_WOKEN: Final = re.compile(r"^\d+ (?:<\.\.\. )?futex\b.* = 0\b")


def looks(pid: int, seconds: int) -> dict[str, float]:
    """Looks a second of each thread, by its name; those of one name together.

    Args:
        pid: the process; the caller may trace it.
        seconds: how long it is watched.
    """
    with tempfile.NamedTemporaryFile() as reported:
        line = ["strace", "-f", "-qq", "-T", "-e", f"trace={_WAITS}", "-o", reported.name, "-p", str(pid)]
        subprocess.run(["timeout", "--signal=INT", str(seconds), *line], check=False, capture_output=True)
        ended = ended_by_clock(Path(reported.name).read_text().splitlines())
    found: Counter[str] = Counter()
    for thread, times in ended.items():
        with suppress(OSError):  # the thread ended meanwhile
            found[Path(f"/proc/{pid}/task/{thread}/comm").read_text().strip()] += times
    return {name: times / seconds for name, times in found.items()}


def ended_by_clock(lines: Iterable[str]) -> Counter[int]:
    """How many waits of each thread lasted as long as they may; a lock that was handed over (0) is no such wait."""
    found: Counter[int] = Counter()
    for line in lines:
        ended = _ENDED.match(line)
        least_s = _TURN_S if _LOCK.match(line) else _GLANCE_S
        if ended and float(ended[2]) >= least_s and not _UNTIL_WOKEN.match(line):
            found[int(ended[1])] += 1
    return found
