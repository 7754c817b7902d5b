"""A sense outside of the program: a paired extension sends what it sees to the local API, and nothing runs here."""

from __future__ import annotations

from collectors.collector import Emit, Stop, Unavailable
from collectors.events import Source


class PairedCollector:
    """Stands among the senses for an extension, so that it has its consent, its switch and its count like any other.

    Args:
        source: what the extension senses.
    """

    def __init__(self, source: Source) -> None:
        self.source = source

    def check(self) -> Unavailable | None:
        """Nothing is needed here; what is missing in the extension it says itself."""
        return None

    def run(self, emit: Emit, stop: Stop) -> None:  # noqa: ARG002 - its events come by the local API
        """Wait for the end."""
        stop.wait(None)
