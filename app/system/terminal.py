"""What is written on a terminal whoever starts the program."""

from __future__ import annotations


def recovery_code(code: str | None) -> str:
    """The one moment at which the recovery code is seen."""
    if code is None:
        return ""
    return (
        f"Recovery code, shown this once: {code}\n"
        "Write it down. It opens the store when the passphrase or the key service is lost; nothing else does.\n"
    )
