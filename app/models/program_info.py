"""What the Settings page shows of the program itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TokenKind(StrEnum):
    """What the holder of a token may do."""

    INGEST = "ingest"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token of the local API, without its secret."""

    name: str
    kind: TokenKind
    created_us: int


@dataclass(frozen=True, slots=True)
class ProgramInfo:
    """The folders of the program and its data.

    Attributes:
        api_address: "http://127.0.0.1:4242", or "" while the API does not run.
        data_path: the directory of the store.
        autostart: whether the desktop starts the program; None if that cannot be set.
        secret_service: whether a Secret Service answers.
        most_used: the application used most in the last week, "" if there is none.
    """

    api_address: str = ""
    data_path: str = ""
    autostart: bool | None = None
    secret_service: bool = False
    most_used: str = ""
