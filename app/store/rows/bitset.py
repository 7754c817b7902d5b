"""A set of row numbers, one bit each: a million of them in little more than a hundred kilobytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_BITS: Final = 8


class Bitset:
    """A growing set of numbers from 0."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._count = 0

    def add(self, number: int) -> None:
        """Add a number, which is not negative."""
        index, bit = divmod(number, _BITS)
        if index >= len(self._bits):
            self._bits.extend(bytes(max(index + 1 - len(self._bits), len(self._bits), 64)))
        mask = 1 << bit
        if not self._bits[index] & mask:
            self._bits[index] |= mask
            self._count += 1

    def __contains__(self, number: int) -> bool:
        index, bit = divmod(number, _BITS)
        return index < len(self._bits) and bool(self._bits[index] & 1 << bit)

    def __len__(self) -> int:
        return self._count

    def after(self, number: int) -> Iterator[int]:
        """Yield the numbers above this one, in order."""
        index, bit = divmod(number + 1, _BITS)
        bits = self._bits
        while index < len(bits):
            byte = bits[index] >> bit << bit
            while byte:
                lowest = byte & -byte
                yield index * _BITS + lowest.bit_length() - 1
                byte ^= lowest
            index, bit = index + 1, 0
            if index < len(bits) and not bits[index]:
                index = self._next(index)

    def _next(self, index: int) -> int:
        """Return the index of the next byte with a bit set; the C code of `bytes` searches for it."""
        rest = bytes(self._bits[index : index + 65_536])
        while rest and not any(rest):
            index += len(rest)
            rest = bytes(self._bits[index : index + 65_536])
        return index + len(rest) - len(rest.lstrip(b"\0"))
