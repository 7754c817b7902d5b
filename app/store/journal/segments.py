"""The files of the journal, segments of frames, and how they are read, torn or damaged as they may be.

Numbers of frames run on without a hole over all segments; zeros after the last frame are room kept in advance.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from app.store.journal.frames import (
    HEADER,
    HEADER_BYTES,
    MAGIC,
    PREFIX,
    SALT_BYTES,
    SMALLEST,
    Frame,
    Missing,
    Place,
    SegmentKey,
    Torn,
)

SUFFIX: Final = ".ktj"
UNREADABLE: Final = ".unreadable"
_LOOK_AHEAD: Final = 64
"""After damage, one of that many following frames must be whole to go on with; else the rest counts as torn off."""
_NEVER: Final = 1 << 64


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment whose header fits the key and the store."""

    path: Path
    first: int
    key: SegmentKey

    def frames(self, after: int) -> Iterator[Frame | Missing | Torn]:
        """What it holds beyond a number, in order; damage is reported in its place."""
        with self.path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            offset, expected = HEADER_BYTES, self.first
            while True:
                frame, length = self._at(file, offset, end, expected, after)
                if length:
                    if frame is not None:
                        yield frame
                    offset, expected = offset + length, expected + 1
                    continue
                file.seek(offset)
                rest = file.read()
                if not rest.strip(b"\x00"):
                    return
                found = self._search(rest, expected)
                if found is None:
                    yield Torn(expected, len(rest.rstrip(b"\x00")))
                    return
                place, number = found
                if number > after + 1:
                    yield Missing(max(expected, after + 1), number - 1)
                offset, expected = offset + place, number

    def _at(self, file: BinaryIO, offset: int, end: int, expected: int, after: int) -> tuple[Frame | None, int]:
        """The frame at a place and its length, 0 if there is none; one that is not asked for stays sealed."""
        file.seek(offset)
        prefix = file.read(PREFIX.size)
        if len(prefix) < PREFIX.size:
            return None, 0
        length, number = PREFIX.unpack(prefix)
        if number != expected or length < SMALLEST or offset + PREFIX.size + length > end:
            return None, 0
        if number <= after:
            return None, PREFIX.size + length
        frame = self.key.open(prefix + file.read(length))
        if frame is None:
            return None, 0
        whole = PREFIX.size + length
        return replace(frame, place=Place(self.path, offset, whole)), whole

    def read(self, place: Place) -> Frame | None:
        """One frame; None if it is damaged."""
        with self.path.open("rb") as file:
            file.seek(place.offset)
            return self.key.open(file.read(place.length))

    def give_back(self) -> None:
        """Free the room that a process which was killed had kept in advance."""
        with self.path.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            offset, expected = HEADER_BYTES, self.first
            while length := self._at(file, offset, end, expected, _NEVER)[1]:
                offset, expected = offset + length, expected + 1
            file.seek(offset)
            if offset < end and not file.read().strip(b"\x00"):
                file.truncate(offset)

    def _search(self, rest: bytes, expected: int) -> tuple[int, int] | None:
        """The next whole frame in the rest of a segment: its place and number."""
        for number in range(expected, expected + _LOOK_AHEAD):
            place = 0
            while (place := rest.find(number.to_bytes(8, "little"), place + 1)) >= 0:
                at = place - 4
                if at >= 0:
                    (length,) = struct.unpack_from("<I", rest, at)
                    if self.key.open(rest[at : at + PREFIX.size + length]) is not None:
                        return at, number
        return None


def name_of(stem: str, first: int) -> str:
    """The file name of a segment."""
    return f"{stem}-{first:020d}{SUFFIX}"


class Segments:
    """The segments of one store.

    Args:
        folder: of the segments; it need not exist.
        stem: the store's name, which theirs begin with.
        key: the data key.
        lineage: the store's own mark; a segment of another store is not read. None reads what fits the key.
    """

    def __init__(self, folder: Path, stem: str, key: bytes, lineage: bytes | None) -> None:
        self.folder = folder
        self.stem = stem
        self._key = key
        self._lineage = lineage
        self._known: dict[Path, Segment] = {}
        self._name = re.compile(re.escape(stem) + r"-(\d{20})" + re.escape(SUFFIX))

    def files(self) -> list[tuple[int, Path]]:
        """Every segment by its name: first number and path, oldest first."""
        if not self.folder.is_dir():
            return []
        matches = [(self._name.fullmatch(path.name), path) for path in self.folder.iterdir()]
        return sorted((int(match[1]), path) for match, path in matches if match)

    def readable(self) -> tuple[list[Segment], list[Path]]:
        """The segments that fit the key and the store, and the files that do not."""
        good: list[Segment] = []
        bad: list[Path] = []
        for first, path in self.files():
            segment = self._segment(path, first)
            if segment is None:
                bad.append(path)
            else:
                good.append(segment)
        return good, bad

    def at(self, path: Path) -> Segment | None:
        """One segment; None if it does not fit the key and the store."""
        match = self._name.fullmatch(path.name)
        return self._segment(path, int(match[1])) if match else None

    def forget(self, path: Path) -> None:
        """A file of this name was taken away."""
        self._known.pop(path, None)

    def new_key(self, first: int) -> SegmentKey:
        """A key for a new segment, under a new salt."""
        assert self._lineage is not None
        return SegmentKey(self._key, os.urandom(SALT_BYTES), self._lineage, first)

    def frames(self, after: int) -> Iterator[Frame | Missing | Torn]:
        """Everything beyond a number, over all segments; holes between them are reported as missing."""
        segments, _ = self.readable()
        # A segment whose successor begins here, or before, holds nothing that is asked for.
        old = {one.path for one, following in pairwise(segments) if following.first <= after + 1}
        last = after
        for segment in segments:
            if segment.path in old:
                continue
            if segment.first > last + 1:
                yield Missing(last + 1, segment.first - 1)
                last = segment.first - 1
            for item in segment.frames(last):
                if isinstance(item, Frame):
                    last = item.number
                elif isinstance(item, Missing):
                    last = item.last
                yield item

    def _segment(self, path: Path, first: int) -> Segment | None:
        if path in self._known:
            return self._known[path]
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES:
            return None
        magic, salt, lineage, number = HEADER.unpack_from(header)
        if magic != MAGIC or self._lineage not in (None, lineage) or number != first:
            return None
        key = SegmentKey(self._key, salt, lineage, first)
        if key.header != header:
            return None
        self._known[path] = Segment(path, first, key)
        return self._known[path]
