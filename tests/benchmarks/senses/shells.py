# ruff: noqa: T201  # a benchmark prints what it measured
"""What does the shell hook add to a prompt? `python -m tests.benchmarks.senses.shells [--prompts N]`.

Each shell is opened bare, with the hook while the sense listens (in a process of its own), with the hook while nothing
listens, and with other ways to hand a line out of that shell. The same command is typed into each in turn; the time runs
from the Return key to the next prompt, both as the terminal sees them. Next to it stands the processor time that the shell
itself took for that, which other work on the machine cannot lengthen; the hook waits for nothing, so both are the same
if the machine is quiet.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collectors.collector import Stop
from collectors.events import Event
from collectors.work.shell_messages import ALIVE, spool_folder
from collectors.work.terminal import TerminalCollector
from tests.desktop.programs import PATIENCE_S, missing
from tests.desktop.terminals import SHELLS, Terminal, terminal

BAR_MS: Final = 2.0
COMMAND: Final = "true made up"
_BASH: Final = "PROMPT_COMMAND+=('{ %s; } 2>/dev/null')"
_ZSH: Final = "_other() { { %s } 2>/dev/null }; precmd_functions+=(_other)"
_FISH: Final = "function _other --on-event fish_postexec; %s; end"
_UDP: Final = "printf '%s' \"$PWD true made up\" >/dev/udp/127.0.0.1/47822"
OTHERS: Final = {
    "bash": {
        "UDP to a port that anyone may take": _BASH % _UDP,
        "a subshell that reads the history": _BASH % "line=$(history 1)",
        "a process started": _BASH % "/bin/true",
    },
    "zsh": {
        "a Unix socket (zsh/net/socket)": "zmodload zsh/net/socket;"
        + _ZSH % "zsocket $XDG_RUNTIME_DIR/none.sock && { print -u $REPLY made up; exec {REPLY}>&- }",
        "a process started": _ZSH % "/bin/true",
    },
    "fish": {"a process started": _FISH % "command true"},
}
"""What else could carry a line out of each shell, or the least that it costs."""


@dataclass
class Way:
    """One shell in one terminal, and what its prompts took, milliseconds."""

    name: str
    terminal: Terminal
    took_ms: list[float] = field(default_factory=list)
    worked_ms: list[float] = field(default_factory=list)

    def once(self) -> None:
        """Type the command, and time what follows the Return key."""
        self.terminal.type(COMMAND)
        self.terminal.until(COMMAND)
        worked_ms, began_s = self._worked_ms(), time.perf_counter()
        self.terminal.type("\r")
        self.terminal.until_prompt()
        self.took_ms.append((time.perf_counter() - began_s) * 1_000)
        self.worked_ms.append(self._worked_ms() - worked_ms)
        self.terminal.output = b""

    def _worked_ms(self) -> float:
        """The processor time of the shell so far (proc(5), schedstat)."""
        return int(Path(f"/proc/{self.terminal.process}/schedstat").read_text().split()[0]) / 1e6


def percentile(values: list[float], percent: int) -> float:
    """What so many percent of the values are at most."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def added(way: Way, bare: Way, percent: int) -> tuple[float, float]:
    """What a way adds to the bare shell, on the clock and on the processor, milliseconds."""
    return (
        percentile(way.took_ms, percent) - percentile(bare.took_ms, percent),
        percentile(way.worked_ms, percent) - percentile(bare.worked_ms, percent),
    )


def listen() -> int:
    """Run the sense until the standard input ends, and print how many commands came."""
    events: list[Event] = []
    stop = Stop()
    thread = threading.Thread(target=TerminalCollector().run, args=(events.append, stop))
    thread.start()
    sys.stdin.read()
    stop.set()
    thread.join()
    print(len(events))
    return 0


@contextmanager
def listening(runtime: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The sense in a process of its own for the length of a block."""
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(runtime)}
    command = [sys.executable, "-m", "tests.benchmarks.senses.shells", "--listen"]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        alive = spool_folder(environ) / ALIVE
        deadline_s = time.monotonic() + PATIENCE_S
        while not alive.exists() and time.monotonic() < deadline_s:
            time.sleep(0.01)
        yield process


def measure(shell: str, prompts: int, place: Path) -> bool:
    """Measure one shell and print it; whether it meets the bar and every command came."""
    print(f"\n{shell}, {prompts} prompts each, in turn      on the clock       added, clock      added, processor")
    print(f"{'ms':38} {'p50':>8} {'p99':>8}   {'p50':>8} {'p99':>8}   {'p50':>8} {'p99':>8}")
    up, down = place / f"{shell}-up", place / f"{shell}-down"
    for folder in (up, down):
        folder.mkdir(mode=0o700)
    with listening(up) as sense, ExitStack() as stack:

        def way(name: str, runtime: Path, before: str = "", *, hooked: bool) -> Way:
            home = place / f"{shell}-{name.replace(' ', '-').replace('/', '-')}"
            home.mkdir()
            environ = {"XDG_RUNTIME_DIR": str(runtime)}
            return Way(name, stack.enter_context(terminal(shell, home, environ, before=before, hooked=hooked)))

        bare = way("bare", down, hooked=False)
        reported = way("hook, the sense listens", up, hooked=True)
        silent = way("hook, nothing listens", down, hooked=True)
        ways = [bare, reported, silent, *(way(name, down, line, hooked=False) for name, line in OTHERS[shell].items())]
        for turn in range(prompts):
            for place_in_turn in range(len(ways)):  # none is always the one behind another
                ways[(turn + place_in_turn) % len(ways)].once()
        assert sense.stdin is not None
        assert sense.stdout is not None
        sense.stdin.close()
        came = int(sense.stdout.read())
    for each in ways:
        clock, worked = percentile(each.took_ms, 50), percentile(each.took_ms, 99)
        line = f"  {each.name:36} {clock:8.3f} {worked:8.3f}"
        if each is not bare:
            (clock_50, worked_50), (clock_99, worked_99) = added(each, bare, 50), added(each, bare, 99)
            line += f"   {clock_50:8.3f} {clock_99:8.3f}   {worked_50:8.3f} {worked_99:8.3f}"
        print(line)
    print(f"  commands told: {came} of {prompts}")
    return came == prompts and all(added_by(each, bare) < BAR_MS for each in (reported, silent))


def added_by(way: Way, bare: Way) -> float:
    """What the bar is held to: the clock. If the bare shell alone goes over the bar, it is said, for both then wait."""
    clock_ms, worked_ms = added(way, bare, 99)
    if percentile(bare.took_ms, 99) >= BAR_MS:
        print(
            f"  the bare shell itself takes over {BAR_MS} ms; of what is added, the processor takes {worked_ms:.3f} ms"
        )
    return clock_ms


def main() -> int:
    """Read the command line, measure, and say which bars are missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=1_000, help="how many prompts are timed of each shell")
    parser.add_argument("--listen", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.listen:
        return listen()
    place = Path(tempfile.mkdtemp(prefix="kryptic-shells-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        missed = [shell for shell in SHELLS if not missing(shell) and not measure(shell, chosen.prompts, place)]
    finally:
        shutil.rmtree(place)
    absent = missing(*SHELLS)
    print(f"\nnot measured, for they are not installed: {', '.join(absent)}" if absent else "")
    print(
        f"missed in {', '.join(missed)}: under {BAR_MS} ms added to a prompt (p99), and every command told"
        if missed
        else f"the bar is met: under {BAR_MS} ms added to a prompt (p99), and every command told"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
