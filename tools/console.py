"""What the set-up tools share: how they speak, and how they fail."""

from __future__ import annotations

import sys


class SetupError(Exception):
    """Set-up cannot go on.

    Args:
        message: one sentence: what is missing or went wrong.
        remedy: what to type or to install.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def say(text: str) -> None:
    """Prints a line at once, so that it stands before what a started program prints."""
    print(text, flush=True)


def complain(error: SetupError) -> None:
    """Prints what went wrong and the way out on standard error."""
    print(f"{error.message}\n{error.remedy}", file=sys.stderr, flush=True)
