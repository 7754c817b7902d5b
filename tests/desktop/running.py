"""The real program as a process of its own, asked over its socket."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.api.client import ControlClient
from app.errors import KnownError
from app.paths import from_environment
from tests.desktop.programs import PATIENCE_S

PASSPHRASE = "correct horse battery staple"


def until(there: Callable[[], bool], what: str, patience_s: float = 2 * PATIENCE_S) -> None:
    """Look until something is true; fails with its name if it does not become so."""
    end_s = time.monotonic() + patience_s
    while not there():
        if time.monotonic() > end_s:
            raise AssertionError(f"in vain: {what}")
        time.sleep(0.05)


class Running:
    """One `kryptic run`.

    Args:
        environ: its environment; the display, the bus and the XDG variables decide in which folders it lives.
        options: of `kryptic run`.
    """

    def __init__(self, environ: Mapping[str, str], *options: str) -> None:
        self.environ = dict(environ)
        paths = from_environment(self.environ)
        self.client = ControlClient(paths.socket)
        self.data = paths.data
        self.passphrase_file = Path(self.environ["HOME"]) / "passphrase"
        self.passphrase_file.write_text(PASSPHRASE + "\n")
        self.output = Path(self.environ["HOME"]) / "output"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [*self.kryptic("run"), *options],
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def kryptic(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "app.cli.main", *arguments, "--passphrase-file", str(self.passphrase_file)]

    def ready(self) -> Running:
        """Wait until it answers and its model stands."""
        until(lambda: self.process.poll() is not None or self.client.running(), "the program answers")
        assert self.process.poll() is None, self.output.read_text()
        return self

    def ask(self, name: str, **arguments: Any) -> Any:
        """Run a command in it."""
        return self.client.command(name, arguments)

    def cli(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of the command line next to it."""
        return subprocess.run(
            self.kryptic(*arguments),
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_S,
            check=False,
        )

    def rows(self) -> list[dict[str, Any]]:
        """The stored actions, oldest first, out of an export."""
        target = Path(self.environ["HOME"]) / f"export-{time.monotonic_ns()}"
        done = self.cli("export", str(target))
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in target.read_text().splitlines()]
        target.unlink()
        return sorted((line["event"] for line in lines if line["table"] == "actions"), key=lambda event: event["ts_us"])

    def sensing(self, name: str) -> bool:
        """Whether a sense runs."""
        try:
            return any(s["name"] == name and s["state"] == "running" for s in self.ask("status")["sources"])
        except KnownError:
            return False

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@contextmanager
def running(environ: Mapping[str, str], *options: str) -> Iterator[Running]:
    """A program for the length of a block."""
    program = Running(environ, *options)
    try:
        yield program.ready()
    finally:
        program.stop()


def home(root: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment with a home and XDG directories of its own below `root`."""
    made = dict(environ)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        made.pop(variable, None)
    (root / "run").mkdir(mode=0o700)
    return {**made, "HOME": str(root), "XDG_RUNTIME_DIR": str(root / "run"), "QT_QPA_PLATFORM": "xcb"}
