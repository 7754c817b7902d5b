"""Memory given back to the system once a large piece of work is over."""

from __future__ import annotations

import ctypes
import gc


def trim_heap() -> None:
    """Collect what nobody refers to, and have the C library return its free pages (glibc, malloc_trim(3))."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
