"""Folders as the kernel shows them in /proc and /sys, written for a test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

STAT = "{pid} ({name}) S 1 1 1 0 -1 4194304 0 0 0 0 {ticks} 0 0 0 20 0 1 0 777 0 0 0"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text + "\n")
    return folder


def process(proc: Path, pid: int, name: str, *, ticks: int = 0, files: Mapping[str, str] | None = None) -> Path:
    """A process in such a /proc, with more files if wanted."""
    return write(proc / str(pid), {"stat": STAT.format(pid=pid, name=name, ticks=ticks), **(files or {})})
