"""Errors that the user sees, each with a way out. Anything else raised is a bug and goes to the log whole."""

from __future__ import annotations


class KnownError(Exception):
    """Something went wrong that the program expected could.

    Args:
        message: one sentence: what happened and what was kept.
        remedy: one sentence: what the user can do.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"


class StoreError(KnownError):
    """The store could not be opened, read or written; it is left as it was found."""


class UnstorableError(StoreError):
    """What was handed in is nothing that a store could hold; nothing of it was taken."""


class DamagedError(StoreError):
    """The store is not what was written to it; a backup can take its place."""


class WrongKeyError(StoreError):
    """The key or passphrase given does not open the store."""


class LockedError(StoreError):
    """No key is at hand: nothing was given, or the key service does not answer."""
