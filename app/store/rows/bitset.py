"""A set of row numbers, one bit each: a million of them in little more than a hundred kilobytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_BITS: Final = 8


class Bitset:
    """Grows to hold the largest number that was added."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._count = 0

    def add(self, number: int) -> None:
        """Put a number in; it is not negative."""
        place, bit = divmod(number, _BITS)
        if place >= len(self._bits):
            self._bits.extend(bytes(max(place + 1 - len(self._bits), len(self._bits), 64)))
        mask = 1 << bit
        if not self._bits[place] & mask:
            self._bits[place] |= mask
            self._count += 1

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number, _BITS)
        return place < len(self._bits) and bool(self._bits[place] & 1 << bit)

    def __len__(self) -> int:
        return self._count

    def after(self, number: int) -> Iterator[int]:
        """The numbers above one, in order."""
        place, bit = divmod(number + 1, _BITS)
        bits = self._bits
        while place < len(bits):
            byte = bits[place] >> bit << bit
            while byte:
                lowest = byte & -byte
                yield place * _BITS + lowest.bit_length() - 1
                byte ^= lowest
            place, bit = place + 1, 0
            if place < len(bits) and not bits[place]:
                place = self._next(place)

    def _next(self, place: int) -> int:
        """The next byte that has something, sought by the C code of `bytes`."""
        rest = bytes(self._bits[place : place + 65_536])
        while rest and not any(rest):
            place += len(rest)
            rest = bytes(self._bits[place : place + 65_536])
        return place + len(rest) - len(rest.lstrip(b"\0"))
