"""A focused window as every backend reports it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FocusedWindow:
    """A focused window: its class, its title, and the process behind it if that is known."""

    app: str | None
    title: str | None
    pid: int | None
