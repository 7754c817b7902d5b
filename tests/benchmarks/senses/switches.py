# ruff: noqa: T201  # a benchmark prints what it measured
"""Is every switch of windows seen, with its title and its length? `python -m tests.benchmarks.senses.switches [--minutes N]`.

A scripted person works under Xvfb with openbox and real clients, driven by xdotool: switches windows, types, and now and
then a title changes. All senses run in a process of their own, whose processor time and memory are measured; what they
tell goes through the heartbeat merge and is set against the moments just before each act of xdotool's.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import psutil

from collectors.catalog import COLLECTORS, CollectorSpec
from collectors.collector import CollectorError, Emit, Stop
from collectors.event_json import from_wire, to_wire
from collectors.events import US_PER_MS, Event, Source
from collectors.heartbeat import HeartbeatMerge, StartAction
from tests.desktop import programs
from tests.desktop.programs import Desktop

NEEDED = ("Xvfb", "openbox", "xterm", "xclock", "xdotool", "xprop")
SEED = 20_261_121
BAR_ERROR_MS = 100.0
BAR_CPU_PERCENT = 1.0
QUIET_S = 20.0
DWELL_S = (0.4, 2.5)
EARLY_US = 5 * US_PER_MS  # two processes read the clock; the notice cannot be older than the act by more than this


@dataclass(frozen=True, slots=True)
class Act:
    """One thing the person did: from `ts_us` on, the focused window has this title."""

    ts_us: int
    title: str


@dataclass
class Lived:
    """One stored action: a focused window and how long it had the focus, microseconds."""

    event: Event
    duration_us: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What the senses cost while they ran: processor time in percent of one core, memory in bytes."""

    cpu_percent: float
    rss_bytes: int


@dataclass(frozen=True, slots=True)
class Result:
    """What was seen of what was done.

    Attributes:
        spurious: sightings beyond one an act.
        errors_ms: by how much each length is off.
    """

    made: int
    seen: int
    wrong: int
    spurious: int
    errors_ms: tuple[float, ...]


def sense() -> int:
    """Run all senses until the standard input ends, each event a JSON line on the standard output."""
    lock, stop = threading.Lock(), Stop()

    def emit(event: Event) -> None:
        with lock:
            print(json.dumps(to_wire(event)), flush=True)

    threads = [threading.Thread(target=_run, args=(sense, emit, stop)) for sense in COLLECTORS]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    return 0


def _run(sense: CollectorSpec, emit: Emit, stop: Stop) -> None:
    try:
        sense.make().run(emit, stop)
    except CollectorError as error:
        print(error, file=sys.stderr)


def open_windows(desktop: Desktop) -> dict[str, str]:
    """The person's windows: title by window number."""
    terminals = {desktop.terminal(title): title for title in ("notes", "mail", "build log", "Grüße")}
    return terminals | {desktop.clock(title): title for title in ("clock", "second clock")}


def work(desktop: Desktop, windows: dict[str, str], seconds: float) -> list[Act]:
    """Switch, type and retitle for some time: what was done, in order."""
    draw = random.Random(SEED)
    acts: list[Act] = []
    current = ""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        current = draw.choice([window for window in windows if window != current])
        acts.append(Act(time.time_ns() // 1_000, windows[current]))
        desktop.activate(current)
        desktop.xdotool("type", "--delay", "5", "made up text")
        time.sleep(draw.uniform(*DWELL_S))
        if draw.random() < 0.2:
            windows[current] = f"{windows[current].partition(' · ')[0]} · {len(acts)}"
            acts.append(Act(time.time_ns() // 1_000, windows[current]))
            desktop.xprop("-id", current, "-f", "_NET_WM_NAME", "8u", "-set", "_NET_WM_NAME", windows[current])
            time.sleep(draw.uniform(*DWELL_S))
    acts.append(Act(time.time_ns() // 1_000, ""))
    return acts


def merged(events: Sequence[Event], finished_us: int) -> list[Lived]:
    """What the store would hold of the windows."""
    merge = HeartbeatMerge()
    lived: list[Lived] = []
    changes = [change for event in events for change in merge.feed(event)]
    for change in (*changes, *merge.finish(finished_us)):
        if isinstance(change, StartAction):
            if change.event.source is Source.WINDOW:
                lived.append(Lived(change.event))
        elif change.stream == Source.WINDOW:
            lived[-1].duration_us = change.duration_us
    return lived


def set_against(acts: Sequence[Act], lived: Sequence[Lived]) -> Result:
    """Hold what was stored against what was done: a sighting belongs to the act it follows."""
    seen = wrong = 0
    errors_ms: list[float] = []
    for act, following in pairwise(acts):
        found = [one for one in lived if act.ts_us - EARLY_US <= one.event.ts_us < following.ts_us - EARLY_US]
        if not found:
            continue
        seen += 1
        wrong += found[-1].event.title != act.title
        length_us = sum(one.duration_us for one in found)
        errors_ms.append(abs(length_us - (following.ts_us - act.ts_us)) / US_PER_MS)
    since_start = sum(acts[0].ts_us - EARLY_US <= one.event.ts_us for one in lived)
    return Result(len(acts) - 1, seen, wrong, since_start - seen, tuple(errors_ms))


class Meter:
    """Measures what a process takes from the moment it is made."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._began_s = time.monotonic()
        self._used_s = self._processor_s()

    def read(self) -> Cost:
        """What it took so far."""
        used_s, passed_s = self._processor_s() - self._used_s, time.monotonic() - self._began_s
        return Cost(100 * used_s / passed_s, self._process.memory_info().rss)

    def _processor_s(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def measure(minutes: float) -> int:
    """Run it all and print the result; 1 if it misses a bar."""
    with programs.desktop() as desktop:
        windows = open_windows(desktop)
        command = [sys.executable, "-m", "tests.benchmarks.senses.switches", "--sense"]
        with subprocess.Popen(command, env=desktop.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as senses:
            assert senses.stdin is not None
            assert senses.stdout is not None
            lines = [senses.stdout.readline()]  # the first window: they are at work
            reading = threading.Thread(target=lines.extend, args=(senses.stdout,))
            reading.start()
            process = psutil.Process(senses.pid)
            meter = Meter(process)
            time.sleep(QUIET_S)
            quiet = meter.read()
            meter = Meter(process)
            acts = work(desktop, windows, minutes * 60)
            busy = meter.read()
            senses.stdin.close()
            reading.join()
    events = [from_wire(json.loads(line)) for line in lines]
    result = set_against(acts, merged(events, acts[-1].ts_us))
    print(f"events sensed           {len(events):8d}  in {QUIET_S:.0f} quiet seconds and {minutes:g} busy minutes")
    for name, spent in (("quiet", quiet), ("busy", busy)):
        print(
            f"senses, {name:5}           {spent.cpu_percent:8.2f}  % of one core, {spent.rss_bytes / 2**20:.1f} MB resident"
        )
    return report(result, quiet)


def report(result: Result, quiet: Cost) -> int:
    """Print what was seen of what was done; 1 if a bar is missed."""
    errors_ms = sorted(result.errors_ms)
    largest_ms = errors_ms[-1] if errors_ms else float("inf")
    print(f"changes of focus, title {result.made:8d}")
    print(f"  seen                  {result.seen:8d}")
    print(f"  with a wrong title    {result.wrong:8d}")
    print(f"  seen that were none   {result.spurious:8d}")
    if errors_ms:
        p50, p95 = statistics.median(errors_ms), errors_ms[int(0.95 * (len(errors_ms) - 1))]
        print(f"error of the length, ms {p50:8.1f} p50  {p95:.1f} p95  {largest_ms:.1f} max")
    missed = [
        name
        for name, bad in (
            ("every change is seen once", result.seen != result.made or result.spurious > 0),
            ("every title is right", result.wrong > 0),
            (f"lengths are right within {BAR_ERROR_MS:.0f} ms", largest_ms > BAR_ERROR_MS),
            (f"quiet senses take less than {BAR_CPU_PERCENT:g} % of a core", quiet.cpu_percent >= BAR_CPU_PERCENT),
        )
        if bad
    ]
    print("missed: " + "; ".join(missed) if missed else "every bar is met")
    return 1 if missed else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long the scripted person works")
    parser.add_argument("--sense", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.sense:
        return sense()
    missing = programs.missing(*NEEDED)
    if missing:
        print(f"not measured: {', '.join(missing)} not installed")
        return 0
    return measure(chosen.minutes)


if __name__ == "__main__":
    sys.exit(main())
