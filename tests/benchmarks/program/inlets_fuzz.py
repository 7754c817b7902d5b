# ruff: noqa: T201  # a benchmark prints what it measured
"""Ten thousand bad messages at every inlet of the running program: `python -m tests.benchmarks.program.inlets_fuzz [--messages N]`.

The real program runs without a window, as a process of its own. What came back is counted; at the end it still answers,
its store is sound, every refusal was counted, and its log has few lines, none of which holds a word of the messages.
The inlets of single senses (X11, Wayland, D-Bus, inotify) have campaigns of their own next to their tests.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil

from app.paths import from_environment
from app.services.access.unlock import Credentials, first_start
from tests.app.inlets import NEEDLE, Campaign
from tests.desktop.running import PASSPHRASE, home, running, until

MESSAGES = 10_000
MOST_LOG_LINES = 200


def measure(messages: int) -> int:
    """Run the campaign and print what came of it; 1 if it misses a bar."""
    with tempfile.TemporaryDirectory() as root:
        environ = {**home(Path(root)), "QT_QPA_PLATFORM": "offscreen"}
        paths = from_environment(environ)
        paths.create()
        first_start(paths, Credentials(passphrase=PASSPHRASE, use_secret_service=False)).store.close()
        with running(environ, "--headless") as program:
            program.ask("consent", grant=["terminal"], revoke=[])
            until(lambda: program.sensing("terminal"), "commands are sensed")
            campaign = Campaign(program)
            process = psutil.Process(program.process.pid)
            before = process.memory_info().rss
            for name, send in campaign.inlets().items():
                began_s = time.monotonic()
                answers = send(messages)
                reported = ", ".join(f"{what} {number}" for what, number in sorted(answers.items()))
                print(f"{name:22} {messages:7d} in {time.monotonic() - began_s:6.1f} s: {reported}")
            refused = dict(program.ask("status")["dropped"])["could not be read"]
            sound = program.cli("verify").returncode == 0
            log = campaign.log_text()
            lines, clean = len(log.splitlines()), NEEDLE not in log
            print(f"events that could not be read, counted: {refused}")
            print(f"log: {lines} lines (bar {MOST_LOG_LINES}), {'no' if clean else 'SOME'} word of the messages in it")
            print(f"memory: {before / 2**20:.0f} MB before, {process.memory_info().rss / 2**20:.0f} MB after")
            print(
                f"store: {'sound' if sound else 'NOT SOUND'}; the program {'is up' if process.is_running() else 'DIED'}"
            )
            return int(not (sound and clean and lines <= MOST_LOG_LINES and refused > messages))


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=MESSAGES, help="at each inlet")
    return measure(parser.parse_args().messages)


if __name__ == "__main__":
    sys.exit(main())
