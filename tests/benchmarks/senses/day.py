# ruff: noqa: T201  # a benchmark prints what it measured
"""What do all the senses together cost? `python -m tests.benchmarks.senses.day [--minutes N]`.

Two hours of a working day, scripted, are lived in a few minutes before the whole program (`kryptic run` under Xvfb with
openbox): windows are switched and typed into, programs start and end, connections come and go, commands run in a real
bash, commits are made, files saved; pages and edits come as the extensions send them, noise included. All sources are on.

The processor time of these minutes holds the events of two hours and the watching of these minutes; how much watching
costs is measured before, while nothing happens, and with it the two hours are put together. Also reported: memory at its
highest, how often each sense looked by the clock in the quiet, how often it woke at all (an answer of the X server's and
a turn at the interpreter wake a thread, too), and what was stored of what was done.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from collectors.catalog import COLLECTORS
from collectors.events import Source
from tests.benchmarks import looks
from tests.benchmarks.senses.switches import NEEDED
from tests.desktop import programs
from tests.desktop.programs import Desktop
from tests.desktop.running import Running, home, running, until
from tests.desktop.terminals import Terminal, terminal

SEED: Final = 20_261_123
DAY_S: Final = 7_200.0
QUIET_S: Final = 60.0
SETTLE_S: Final = 15.0
BAR_CPU_PERCENT: Final = 3.0
BAR_RSS_MB: Final = 220.0
BAR_LOOKS_PER_S: Final = 1.0
CLASSES: Final = ("Editor", "Terminal", "Browser", "Mail", "Calendar", "Files")
# How often in the two hours.
PLAN: Final[Mapping[str, int]] = {
    "switch": 300,
    "command": 150,
    "commit": 15,
    "save": 240,
    "pages": 200,
    "edits": 300,
    "launch": 60,
    "connection": 40,
}
SEEN_BY: Final = {
    act: source.value
    for act, source in {
        "switch": Source.WINDOW,
        "command": Source.TERMINAL,
        "commit": Source.GIT,
        "save": Source.FILES,
        "pages": Source.BROWSER,
        "edits": Source.EDITOR,
        "launch": Source.PROCESS,
        "connection": Source.NETWORK,
    }.items()
    if source in {sense.source for sense in COLLECTORS}
}
SENSE: Final = "sense-"
KEYS_A_SWITCH: Final = 30
NOISE_A_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class Use:
    """What a thread has used so far: processor seconds, and how often it woke."""

    cpu_s: float
    wakes: int


def threads(pid: int) -> dict[str, Use]:
    """The threads of a process by name (proc_pid_task(5)); those of one name together."""
    ticks = os.sysconf("SC_CLK_TCK")
    found: dict[str, Use] = {}
    for folder in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # ended meanwhile
            name = (folder / "comm").read_text().strip()
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            status = dict(
                line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line
            )
            before = found.get(name, Use(0.0, 0))
            spent_s = (int(fields[11]) + int(fields[12])) / ticks
            found[name] = Use(before.cpu_s + spent_s, before.wakes + int(status["voluntary_ctxt_switches"]))
    return found


@dataclass(frozen=True, slots=True)
class Spent:
    """What the program took over some time."""

    seconds: float
    cpu_s: float
    highest_bytes: int
    by_thread: Mapping[str, Use]

    @property
    def percent(self) -> float:
        """Of one core."""
        return 100 * self.cpu_s / self.seconds


class Meter:
    """Watches a process from when it is made until it is read; memory is looked at twice a second."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._ended = threading.Event()
        self._highest = 0
        self._began_s, self._began_cpu_s, self._threads = time.monotonic(), self._cpu_s(), threads(pid)
        self._watch = threading.Thread(target=self._look)
        self._watch.start()

    def read(self) -> Spent:
        """End watching."""
        self._ended.set()
        self._watch.join()
        now, before = threads(self._process.pid), self._threads
        none = Use(0.0, 0)
        by_thread = {
            name: Use(use.cpu_s - before.get(name, none).cpu_s, use.wakes - before.get(name, none).wakes)
            for name, use in now.items()
        }
        return Spent(time.monotonic() - self._began_s, self._cpu_s() - self._began_cpu_s, self._highest, by_thread)

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            self._highest = max(self._highest, self._process.memory_info().rss)

    def _cpu_s(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


@dataclass
class Person:
    """Who lives the day; `done` counts what was done."""

    desktop: Desktop
    program: Running
    windows: list[str]
    shell: Terminal
    project: Path
    peer: tuple[str, int] | None
    draw: random.Random = field(default_factory=lambda: random.Random(SEED))
    done: Counter[str] = field(default_factory=Counter)

    def live(self, minutes: float) -> None:
        """Do all of PLAN, spread over some minutes in an order by chance."""
        acts = [name for name, times in PLAN.items() for _ in range(times)]
        self.draw.shuffle(acts)
        began_s = time.monotonic()
        for number, name in enumerate(acts):
            due_s = began_s + 60 * minutes * number / len(acts)
            time.sleep(max(0.0, due_s - time.monotonic()))
            getattr(self, name)(number)
            self.done[name] += 1

    def switch(self, number: int) -> None:
        """Go to another window, and type."""
        self.desktop.activate(self.windows[number % len(self.windows)])
        self.desktop.xdotool("type", "--delay", "4", ("made up words and more " * 3)[:KEYS_A_SWITCH])

    def command(self, number: int) -> None:
        """Run a command."""
        self.shell.enter(f"ls -l | head -n {1 + number % 9} > /dev/null")

    def commit(self, number: int) -> None:
        """Change a file, and commit it."""
        (self.project / "notes.txt").write_text(f"{number}\n" * 20)
        self.shell.enter(f"git commit --quiet --all --message 'Mend number {number}'")

    def save(self, number: int) -> None:
        """Save a file of the project, as editors do: next to it, then in its place."""
        target = self.project / f"module{number % 12}.py"
        next_to = target.with_suffix(".tmp")
        next_to.write_text(f"print({number})\n")
        next_to.replace(target)

    def pages(self, number: int) -> None:
        """Open a page and use it: what the extension sends of it, noise included."""
        url = f"https://site{number % 40}.example.org/page/{number}"
        kinds = ["visit", "click", *["scroll", "mouse_move", "dom_change"] * (NOISE_A_PAGE // 3)]
        self._send("browser", kinds, "chromium", url)

    def edits(self, number: int) -> None:
        """Edit a file: what the editor's extension sends."""
        self._send("editor", ["edit", "save"], "code", str(self.project / f"module{number % 12}.py"))

    def launch(self, _number: int) -> None:
        """Start a program that stays for some looks."""
        self.desktop.start("sleep", "8")

    def connection(self, _number: int) -> None:
        """Connect to another machine, for a while."""
        if self.peer is not None:
            script = f"exec 3<>/dev/tcp/{self.peer[0]}/{self.peer[1]}; sleep 6"
            self.desktop.start("bash", "-c", script)

    def _send(self, source: str, kinds: list[str], app: str, target: str) -> None:
        now_us = time.time_ns() // 1_000
        events = [
            {"ts_us": now_us + place, "source": source, "kind": kind, "app": app, "target": target}
            for place, kind in enumerate(kinds)
        ]
        self.program.ask("log", events=events)


def own_address() -> str | None:
    """An address of this machine that is none of its loopback; what connects to it looks as if it went elsewhere."""
    for addresses in psutil.net_if_addrs().values():
        for address in addresses:
            if address.family is socket.AF_INET and not address.address.startswith("127."):
                return address.address
    return None


@contextmanager
def listening() -> Iterator[tuple[str, int] | None]:
    """Another machine to connect to; None if this one has no network."""
    address = own_address()
    if address is None:
        yield None
        return
    with socket.create_server((address, 0)) as server:
        yield address, server.getsockname()[1]


def repository(root: Path) -> Path:
    """A project of the person's, with a first commit."""
    project = root / "src" / "atlas"
    project.mkdir(parents=True)
    (project / "notes.txt").write_text("first\n")
    environ = {**os.environ, "HOME": str(root)}
    for words in (
        ("init", "--quiet"),
        ("config", "user.email", "ann@example.org"),
        ("config", "user.name", "Ann"),
        ("add", "."),
        ("commit", "--quiet", "--message", "Begin"),
    ):
        subprocess.run(["git", *words], cwd=project, env=environ, check=True)
    return project


@dataclass(frozen=True, slots=True)
class Lived:
    """What the quiet minute and the day took, looks a second by thread, what was done, and what was stored by source."""

    quiet: Spent
    day: Spent
    looks: Mapping[str, float]
    done: Counter[str]
    kept: Counter[str]


def live(root: Path, minutes: float) -> Lived:
    """A quiet minute, another in which the looks are counted, and the day."""
    with ExitStack() as stack:
        desktop = stack.enter_context(programs.desktop())
        address = stack.enter_context(programs.session_bus())
        peer = stack.enter_context(listening())
        project = repository(root)
        environ = {**home(root, desktop.environ), "DBUS_SESSION_BUS_ADDRESS": address}
        with running(environ, "--headless") as first:
            first.ask("consent", grant=sorted({sense.source.value for sense in COLLECTORS}), revoke=[])
        program = stack.enter_context(running(environ, "--background"))
        until(lambda: program.sensing("window"), "windows are sensed")
        windows = [open_window(desktop, name) for name in CLASSES]
        shell = stack.enter_context(terminal("bash", root, {"XDG_RUNTIME_DIR": environ["XDG_RUNTIME_DIR"]}))
        shell.enter(f"cd {project}")
        time.sleep(SETTLE_S)
        meter = Meter(program.process.pid)
        time.sleep(QUIET_S)
        quiet = meter.read()
        looked = looks.looks(program.process.pid, int(QUIET_S))
        before = stored(program)
        person = Person(desktop, program, windows, shell, project, peer)
        meter = Meter(program.process.pid)
        person.live(minutes)
        day = meter.read()
        time.sleep(SETTLE_S)  # what came last is stored within a second; what is merged, a little later
        for source in program.ask("status")["sources"]:
            if source["state"] != "running":
                print(f"not running             {source['name']}: {source['reason']}")
        return Lived(quiet, day, looked, person.done, stored(program) - before)


def open_window(desktop: Desktop, name: str) -> str:
    """One window an application: its number."""
    title = f"{name.lower()}, the day's work"
    desktop.start("xterm", "-class", name, "-T", title, "-xrm", "*allowTitleOps: false", "-e", "cat")
    return desktop.window(title)


def stored(program: Running) -> Counter[str]:
    """How many actions are stored, by source."""
    return Counter(row["source"] for row in program.rows())


def measure(minutes: float) -> int:
    """Live the day and print what it took; 1 if a bar is missed."""
    with tempfile.TemporaryDirectory() as root:
        lived = live(Path(root), minutes)
    quiet, day, done, kept = lived.quiet, lived.day, lived.done, lived.kept
    events_s = day.cpu_s - day.seconds * quiet.cpu_s / quiet.seconds
    whole_percent = 100 * (max(0.0, events_s) + DAY_S * quiet.cpu_s / quiet.seconds) / DAY_S
    highest_mb = max(quiet.highest_bytes, day.highest_bytes) / 2**20
    print(f"done                    {', '.join(f'{times} {name}' for name, times in sorted(done.items()))}")
    print(f"stored                  {', '.join(f'{times} {name}' for name, times in sorted(kept.items()))}")
    print(f"quiet                   {quiet.percent:8.2f}  % of one core over {quiet.seconds:.0f} s, all sources on")
    print(f"two hours in {day.seconds / 60:4.1f} min   {day.percent:8.2f}  % of one core while they are lived")
    print(f"  by themselves         {whole_percent:8.2f}  % of one core over two hours")
    print(f"  of it the events      {events_s:8.1f}  s of the processor")
    print(f"memory at its highest   {highest_mb:8.1f}  MB")
    for name, use in sorted(day.by_thread.items(), key=lambda item: -item[1].cpu_s)[:8]:
        print(f"  thread {name:15}{use.cpu_s:8.1f}  s while they are lived")
    for name, use in sorted(quiet.by_thread.items(), key=lambda item: -item[1].wakes):
        if name.startswith(SENSE):
            looked = f"{lived.looks.get(name, 0.0):8.2f}  looks a second by the clock"
            print(f"  {name:22}{looked}, {use.wakes / quiet.seconds:6.2f} wakes, in the quiet")
    # One more than the seconds is what a look each second may come to.
    most = max((rate for name, rate in lived.looks.items() if name.startswith(SENSE)), default=0.0) - 1 / QUIET_S
    silent = sorted(name for name in SEEN_BY if done[name] and not kept[SEEN_BY[name]])
    missed = [
        name
        for name, bad in (
            (f"under {BAR_CPU_PERCENT:g} % of one core", whole_percent >= BAR_CPU_PERCENT),
            (f"under {BAR_RSS_MB:.0f} MB", highest_mb >= BAR_RSS_MB),
            (f"no sense looks more than {BAR_LOOKS_PER_S:g} times a second", most > BAR_LOOKS_PER_S),
            (f"something is stored of each that was done: {', '.join(silent)}", bool(silent)),
        )
        if bad
    ]
    print("missed: " + "; ".join(missed) if missed else "every bar is met")
    return int(bool(missed))


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the two hours take")
    chosen = parser.parse_args()
    missing = programs.missing(*NEEDED, *looks.NEEDED, "dbus-daemon", "git", "bash")
    if missing:
        print(f"not measured: {', '.join(missing)} not installed")
        return 0
    with suppress(KeyboardInterrupt):
        return measure(chosen.minutes)
    return 1


if __name__ == "__main__":
    sys.exit(main())
