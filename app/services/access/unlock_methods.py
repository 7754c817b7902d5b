"""The ways to unlock and a change of them, as values that the window and the services share."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class KeyAction(StrEnum):
    """A change of the ways to unlock."""

    SET_PASSPHRASE = "set passphrase"  # noqa: S105  # a name, not a secret
    REMOVE_PASSPHRASE = "remove passphrase"  # noqa: S105  # likewise
    ADD_KEYRING = "add keyring"
    REMOVE_KEYRING = "remove keyring"
    NEW_CODE = "new code"
    NEW_KEY = "new key"
    """Of the store itself, which is rewritten for that; the program closes it first."""


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A change that a person asks for; `current` is the passphrase now, None if the keyring is to be asked."""

    action: KeyAction
    current: str | None = field(default=None, repr=False)
    new: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UnlockMethods:
    """What opens the store besides the recovery code, and whether somebody keeps that code."""

    passphrase: bool
    keyring: bool
    code_seen: bool
