"""The same save reported twice: by the editor's extension, and by whoever watches the files."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from collectors.events import US_PER_S, Event, EventKind, Source

SAME_US: Final = 10 * US_PER_S
"""Both tell when they saw it; further apart than this it was saved twice."""
_MOST: Final = 1_024
_TELL: Final = frozenset({Source.FILES, Source.EDITOR})


class SaveDeduplicator:
    """Remembers the saves of the latest files; from any thread.

    The editor's word comes first as a rule, and says more. If it comes second it is left out all the same: what is
    stored already was asked to others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reported: OrderedDict[str, tuple[int, Source]] = OrderedDict()

    def is_duplicate(self, event: Event) -> bool:
        """Whether this is the save of a file that the other of the two has reported; else it is remembered.

        Args:
            event: any event that is about to be stored.
        """
        if event.kind is not EventKind.SAVE or event.source not in _TELL or event.target is None:
            return False
        with self._lock:
            reported_us, source = self._reported.get(event.target, (0, event.source))
            if source is not event.source and abs(event.ts_us - reported_us) <= SAME_US:
                return True
            self._reported[event.target] = event.ts_us, event.source
            self._reported.move_to_end(event.target)
            if len(self._reported) > _MOST:
                self._reported.popitem(last=False)
            return False
