# ruff: noqa: T201  # a benchmark prints what it measured
"""What does it cost to look at a shared screen? `python -m tests.benchmarks.senses.screen [--seconds N]`.

The sense runs in a process of its own on a real compositor, PipeWire and portal, as it is shipped: a look every two
seconds. It is measured with GStreamer, which it started, while a film fills the screen and while nothing changes; what
the desktop itself takes for copying the screen stands next to it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final

import psutil

from collectors.collector import Stop
from collectors.desktop.screen.portal import PortalScreenCollector
from tests.desktop.programs import end, missing
from tests.desktop.running import until
from tests.desktop.screencast import NEEDED, ScreenCast, screencast

BAR_PERCENT: Final = 3.0
"""Of one core, for all senses together."""
_SETTLE_S: Final = 5.0
_READER: Final = "gst-launch-1.0"


@dataclass(frozen=True)
class Use:
    """What some processes have used of the processor, and what they hold."""

    cpu_s: float
    memory_mb: float
    wakes: int


def use(processes: Sequence[psutil.Process]) -> Use:
    """What they have used until now."""
    times = [process.cpu_times() for process in processes]
    return Use(
        sum(each.user + each.system for each in times),
        sum(process.memory_info().rss for process in processes) / 1e6,
        sum(process.num_ctx_switches().voluntary for process in processes),
    )


def measure(cast: ScreenCast, seconds: float, *, plays: bool) -> float:
    """Print what looking costs; its part of a core, percent."""
    cast.renew_backend()
    assert cast.backend is not None
    with cast.film() if plays else nullcontext():
        command = [sys.executable, "-m", "tests.benchmarks.senses.screen", "--sense"]
        sense = subprocess.Popen(command, env={**os.environ, **cast.environ})
        try:
            ours = psutil.Process(sense.pid)
            until(lambda: any(child.name() == _READER for child in ours.children()), "GStreamer")
            time.sleep(_SETTLE_S)
            (reader,) = ours.children()
            desktop = [psutil.Process(pid) for pid in (cast.sway.process.pid, cast.backend.pid)]
            before, read_before, theirs = use([ours]), use([reader]), use(desktop)
            time.sleep(seconds)
            after, read, theirs_after = use([ours]), use([reader]), use(desktop)
        finally:
            end(sense)
    cpu = 100 * (after.cpu_s - before.cpu_s) / seconds
    reading = 100 * (read.cpu_s - read_before.cpu_s) / seconds
    print(f"{'a film plays' if plays else 'nothing changes'}, {seconds:g} s, load {os.getloadavg()[0]:.0f}:")
    print(f"  the sense   {cpu:5.2f} % of a core, {(after.wakes - before.wakes) / seconds:.2f} wakes a second")
    print(f"  GStreamer   {reading:5.2f} % of a core, {read.memory_mb:.0f} MB")
    print(f"  the desktop {100 * (theirs_after.cpu_s - theirs.cpu_s) / seconds:5.2f} % of a core, the film's too")
    return cpu + reading


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--sense", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.sense:
        PortalScreenCollector().run(lambda event: None, Stop())
        return 0
    if lacking := missing(*NEEDED):
        print(f"not installed: {', '.join(lacking)}")
        return 0
    with screencast() as cast:
        parts = [measure(cast, chosen.seconds, plays=plays) for plays in (True, False)]
    is_met = max(parts) < BAR_PERCENT
    print(f"{'met' if is_met else 'MISSED'}: under {BAR_PERCENT:g} % of a core, which all senses may take together")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
