# ruff: noqa: T201  # a benchmark prints what it measured
"""The whole program on a real desktop: is all of it recorded, is it learned, what does it cost?

`python -m tests.benchmarks.program.whole_program [--minutes N]`. `kryptic run` works in the tray under Xvfb with openbox and
trayer, all senses on. A scripted person with habits switches between windows, driven by xdotool. What was stored is set
against what was done; then the program trains on it, in its brain process, and the latest fifth is reported next to the
baselines. Last, memory and processor time with the window closed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from collectors.event_json import from_wire
from tests.benchmarks.senses.switches import NEEDED, Act, Cost, Lived, Meter, report, set_against
from tests.desktop import programs
from tests.desktop.programs import Desktop
from tests.desktop.running import Running, home, running, until

SEED = 20_261_122
DWELL_S = (0.35, 0.9)
QUIET_S = 60.0
BAR_RSS_MB = 180.0
HABITS = (
    ("Editor", "Terminal", "Editor", "Terminal", "Browser"),
    ("Mail", "Browser", "Mail", "Calendar"),
    ("Editor", "Terminal", "Files", "Editor"),
)
HEAVY = ("libtorch", "libllama", "libggml")


def open_windows(desktop: Desktop) -> dict[str, str]:
    """One window an application: its number by name."""
    found = {}
    for name in sorted({name for habit in HABITS for name in habit}):
        title = f"{name.lower()}, the day's work"
        desktop.start("xterm", "-class", name, "-T", title, "-xrm", "*allowTitleOps: false", "-e", "cat")
        found[name] = desktop.window(title)
    return found


def live(desktop: Desktop, windows: dict[str, str], seconds: float) -> list[Act]:
    """Follow habits, now and then something else: what was done, in order."""
    draw = random.Random(SEED)
    acts: list[Act] = []
    plan: list[str] = []
    current = ""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        plan = plan or list(draw.choice(HABITS))
        wanted = plan.pop(0)
        if draw.random() < 0.1:
            wanted = draw.choice(sorted(windows))
        if wanted == current:
            continue
        current = wanted
        acts.append(Act(time.time_ns() // 1_000, f"{current.lower()}, the day's work"))
        desktop.activate(windows[current])
        desktop.xdotool("type", "--delay", "5", "made up")  # who does not type for three minutes counts as away
        time.sleep(draw.uniform(*DWELL_S))
    acts.append(Act(time.time_ns() // 1_000, ""))
    return acts


def stored(program: Running) -> list[Lived]:
    """The focused windows that were stored."""
    events = [from_wire(row) for row in program.rows() if row["source"] == "window"]
    return [Lived(event, event.duration_us or 0) for event in events]


def reported(trained: dict[str, Any]) -> bool:
    """Print what a training says of the latest fifth; whether the model beats most recent and most frequent."""
    print(
        f"trained on              {trained['decisions']:8d}  actions, {trained['device']}, {trained['seconds']:.1f} s"
    )
    print(f"latest fifth, right @1  {100 * trained['tail_top1']:8.1f}  % of the model")
    for name, rate in trained["baselines"].items():
        print(f"  {name:21} {100 * rate:8.1f}  %")
    return bool(trained["tail_top1"] > max(trained["baselines"]["most recent"], trained["baselines"]["most frequent"]))


def footprint(process: psutil.Process) -> tuple[Cost, list[str]]:
    """Print what the quiet program costs; that, and which heavy libraries it has loaded."""
    meter = Meter(process)
    time.sleep(QUIET_S)
    spent = meter.read()
    mapped = Path(f"/proc/{process.pid}/maps").read_text()
    heavy = [name for name in HEAVY if name in mapped]
    print(f"quiet, window closed    {spent.cpu_percent:8.2f}  % of one core")
    print(
        f"resident                {spent.rss_bytes / 2**20:8.1f}  MB, with {', '.join(heavy) or 'neither torch nor llama.cpp'}"
    )
    return spent, heavy


def measure(minutes: float) -> int:
    """Run it all and print the result; 1 if it misses a bar."""
    with tempfile.TemporaryDirectory() as root, programs.desktop() as desktop, programs.session_bus() as address:
        desktop.start("trayer", "--edge", "bottom", "--width", "20", "--height", "32")
        desktop.window("panel")
        environ = {**home(Path(root), desktop.environ), "DBUS_SESSION_BUS_ADDRESS": address}
        with running(environ, "--headless") as first:
            first.ask("consent", grant=["window", "presence", "input", "process", "resources"], revoke=[])
        with running(environ, "--background") as program:
            until(lambda: program.sensing("window"), "windows are sensed")
            windows = open_windows(desktop)
            acts = live(desktop, windows, 60 * minutes)
            desktop.activate(windows["Calendar"])
            until(lambda: len(stored(program)) > len(acts) - 2, "the last switch is stored")
            result = set_against(acts, [one for one in stored(program) if one.event.ts_us < acts[-1].ts_us])
            better = reported(program.ask("train"))
            quiet, heavy = footprint(psutil.Process(program.process.pid))
    status = report(result, quiet)
    small = quiet.rss_bytes < BAR_RSS_MB * 2**20 and not heavy
    if not better:
        print("missed: the trained model beats most recent and most frequent on the latest fifth")
    if not small:
        print(f"missed: under {BAR_RSS_MB:.0f} MB with the window closed, without torch and llama.cpp")
    return int(bool(status) or not better or not small)


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=4.0, help="how long the scripted person works")
    chosen = parser.parse_args()
    missing = programs.missing(*NEEDED, "trayer", "dbus-daemon")
    if missing:
        print(f"not measured: {', '.join(missing)} not installed")
        return 0
    with suppress(KeyboardInterrupt):
        return measure(chosen.minutes)
    return 1


if __name__ == "__main__":
    sys.exit(main())
