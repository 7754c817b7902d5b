"""The version of the program, which stands in pyproject.toml alone."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return the version of the installed program, such as "0.1.0"."""
    return metadata.version("kryptictrack")
