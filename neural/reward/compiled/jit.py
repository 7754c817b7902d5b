"""What the compiled functions share: the decorator, the folder of the compiled code, and 64-bit words."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec, TypeVar, cast

import numba
import numpy as np

_P = ParamSpec("_P")
_R = TypeVar("_R")

PHI: Final = np.uint64(0x9E3779B97F4A7C15)
_ONE: Final = np.uint64(0xBF58476D1CE4E5B9)
_TWO: Final = np.uint64(0x94D049BB133111EB)
_PAIR: Final = np.uint64(0xD6E8FEB86659FD93)
_27, _30, _31, _32 = (np.uint64(shift) for shift in (27, 30, 31, 32))


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function when it is first called on this machine; what a type checker sees stays as it is."""
    return cast("Callable[_P, _R]", numba.njit(cache=True)(function))


def cache_folder(package: Path, fallback: Path) -> Path:
    """The folder of the code compiled from this very source; code of another source is removed.

    Numba itself looks at the file of a function alone, and would go on with old code if one that it calls changed.

    Args:
        package: whose source counts; the code is kept next to it if that may be written to.
        fallback: a folder for it elsewhere.
    """
    digest = hashlib.blake2b(numba.__version__.encode() + np.__version__.encode(), digest_size=8)
    for source in sorted((*package.glob("*.py"), *package.parent.glob("*.py"))):
        digest.update(source.name.encode() + source.read_bytes())
    next_to_source = package / "__pycache__"
    home = next_to_source if os.access(next_to_source if next_to_source.is_dir() else package, os.W_OK) else fallback
    folder = home / f"compiled-{digest.hexdigest()}"
    if not folder.is_dir():
        for old in set(home.glob("compiled-*")) - {folder}:  # another process may have begun this very one by now
            shutil.rmtree(old, ignore_errors=True)  # and may be at an old one; what stays of it is never read again
    return folder


def _user_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "kryptictrack"


numba.config.CACHE_DIR = str(  # type: ignore[attr-defined]  # made when Numba is imported
    cache_folder(Path(__file__).resolve().parent, _user_cache())
)


@compiled
def mix(seed: np.uint64, value: np.uint64) -> np.uint64:
    """`neural.reward.features.hash_tables.mix`, of words that wrap."""
    word = seed ^ (value * PHI)
    word = (word ^ (word >> _30)) * _ONE
    word = (word ^ (word >> _27)) * _TWO
    return word ^ (word >> _31)


@compiled
def pair_key(context: np.uint64, action_hash: np.uint64) -> np.uint64:
    """`neural.reward.features.hash_tables.pair_keys` of one pair."""
    word = context ^ action_hash
    word = (word ^ (word >> _32)) * _PAIR
    return word ^ (word >> _32)
