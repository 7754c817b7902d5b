"""Memory that nobody refers to is given back."""

from __future__ import annotations

import gc
import weakref

from app.system.memory import trim_heap


class Ring:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.ring = self


def test_what_only_refers_to_itself_is_freed() -> None:
    gc.disable()
    try:
        seen = weakref.ref(Ring())
        assert seen() is not None
        trim_heap()
    finally:
        gc.enable()
    assert seen() is None


def test_what_is_referred_to_stays() -> None:
    ring = Ring()
    seen = weakref.ref(ring)
    trim_heap()
    assert seen() is ring
