"""What closing the window does, known before there is a window."""

from __future__ import annotations

from enum import StrEnum


class OnClose(StrEnum):
    """What closing the window does: hide if there is a tray, else minimise or quit."""

    HIDE = "hide"
    MINIMISE = "minimise"
    QUIT = "quit"
