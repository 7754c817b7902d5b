"""Programs with windows for a Wayland desktop, ended by their own number."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from tests.desktop.programs import PATIENCE_S, end


class Windows:
    """A running `tests.desktop.qt_windows`."""

    def __init__(self, environ: Mapping[str, str], app: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.desktop.qt_windows", app],
            env={**environ, "QT_QPA_PLATFORM": "wayland", "PYTHONPATH": os.getcwd()},  # noqa: PTH109 - as text
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def do(self, order: str) -> None:
        """Give an order, and wait until it was taken."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(order, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline().strip() == order

    def close(self) -> None:
        end(self.process)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


class Compositor:
    """What runs windows, and may be killed; `environ` is how its clients find it."""

    environ: dict[str, str]
    process: subprocess.Popen[bytes]
    _clients: list[Windows]

    def kill(self) -> None:
        """Let it die as in a crash."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def windows(self, app: str = "org.example.windows") -> Windows:
        """A program with windows."""
        client = Windows(self.environ, app)
        self._clients.append(client)
        return client
