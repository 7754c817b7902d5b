"""Memory that nobody refers to is given back."""

from __future__ import annotations

import gc
import weakref

from app.system.memory import give_back


class Ring:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.ring = self


def test_what_only_refers_to_itself_is_freed() -> None:
    gc.disable()
    try:
        seen = weakref.ref(Ring())
        assert seen() is not None
        give_back()
    finally:
        gc.enable()
    assert seen() is None


def test_what_is_referred_to_stays() -> None:
    ring = Ring()
    seen = weakref.ref(ring)
    give_back()
    assert seen() is ring
