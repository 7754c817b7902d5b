"""The files of the journal: how a segment looks, and how it is read, torn or damaged as it may be.

    header: magic 8 | salt 32 | lineage 16 | first number u64 | seal 16
    frame:  length u32 | number u64 | AES-256-GCM of (applied u64 | kind u8 | content), its tag at the end

Each segment has a key of its own, by HKDF-SHA256 (RFC 5869) from the data key and the segment's random salt, and is
written by one process alone; so a frame's number serves as its nonce and never meets the same key twice (NIST SP
800-38D, 8.2.1). Numbers run on without a hole over all segments; zeros after the last frame are room kept in advance.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.store.position import LINEAGE_BYTES

SUFFIX: Final = ".ktj"
UNREADABLE: Final = ".unreadable"
_MAGIC: Final = b"KTJRNL01"
_SALT_BYTES: Final = 32
_TAG_BYTES: Final = 16
_HEADER: Final = struct.Struct(f"<8s{_SALT_BYTES}s{LINEAGE_BYTES}sQ")
HEADER_BYTES: Final = _HEADER.size + _TAG_BYTES
_PREFIX: Final = struct.Struct("<IQ")
_INNER: Final = struct.Struct("<QB")
_HEADER_NONCE: Final = b"\xff" * 12
_NONCE: Final = struct.Struct(">IQ")
_INFO: Final = b"kryptictrack journal segment"
_LOOK_AHEAD: Final = 64
"""After damage, one of that many following frames must be whole to go on with; else the rest counts as torn off."""
_NEVER: Final = 1 << 64
_SMALLEST: Final = _INNER.size + _TAG_BYTES


class Kind(IntEnum):
    """What a frame holds."""

    COMMAND = 0
    CLOSED = 1
    """The store was closed in good order after everything before: no write-ahead log of it was left."""
    OPENED = 2
    """The file is about to change without a command: by a clean-up, or a new shape."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame lies."""

    segment: Path
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that was read.

    Attributes:
        number: counted over all segments from 1.
        applied: up to which number the store had committed when it was written.
        kind: what it holds.
        content: see `app.store.encoding`.
        place: where it was found.
    """

    number: int
    applied: int
    kind: Kind
    content: bytes
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Frames that are damaged or not there, by their numbers, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Torn:
    """A segment ends in bytes that are no frame: what was being written when the process or the machine died."""

    number: int
    length: int


class SegmentKey:
    """Seals and opens the frames of one segment."""

    def __init__(self, key: bytes, salt: bytes, lineage: bytes, first: int) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt, _INFO).derive(key))
        self._header = _HEADER.pack(_MAGIC, salt, lineage, first)

    @property
    def header(self) -> bytes:
        """What the segment begins with."""
        return self._header + self._cipher.encrypt(_HEADER_NONCE, b"", self._header)

    def seal(self, frame: Frame) -> bytes:
        """A frame as it is written."""
        inner = _INNER.pack(frame.applied, frame.kind) + frame.content
        prefix = _PREFIX.pack(len(inner) + _TAG_BYTES, frame.number)
        return prefix + self._cipher.encrypt(_NONCE.pack(0, frame.number), inner, prefix)

    def open(self, sealed: bytes) -> Frame | None:
        """The frame that these bytes are; None where they are none of this segment's."""
        if len(sealed) < _PREFIX.size + _SMALLEST:
            return None
        prefix, body = sealed[: _PREFIX.size], sealed[_PREFIX.size :]
        _, number = _PREFIX.unpack(prefix)
        try:
            inner = self._cipher.decrypt(_NONCE.pack(0, number), body, prefix)
        except InvalidTag:
            return None
        applied, kind = _INNER.unpack_from(inner)
        return Frame(number, applied, Kind(kind), inner[_INNER.size :])


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment whose header fits the key and the store."""

    path: Path
    first: int
    key: SegmentKey

    def frames(self, after: int) -> Iterator[Frame | Missing | Torn]:
        """What it holds beyond a number, in order; damage is told in its place."""
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
        """The frame at a place and its length, 0 where there is none; one that is not asked for stays sealed."""
        file.seek(offset)
        prefix = file.read(_PREFIX.size)
        if len(prefix) < _PREFIX.size:
            return None, 0
        length, number = _PREFIX.unpack(prefix)
        if number != expected or length < _SMALLEST or offset + _PREFIX.size + length > end:
            return None, 0
        if number <= after:
            return None, _PREFIX.size + length
        frame = self.key.open(prefix + file.read(length))
        if frame is None:
            return None, 0
        whole = _PREFIX.size + length
        return replace(frame, place=Place(self.path, offset, whole)), whole

    def read(self, place: Place) -> Frame | None:
        """One frame; None where it is damaged."""
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
                    if self.key.open(rest[at : at + _PREFIX.size + length]) is not None:
                        return at, number
        return None


def name_of(stem: str, first: int) -> str:
    """The file name of a segment."""
    return f"{stem}-{first:020d}{SUFFIX}"


class Segments:
    """The segments of one store.

    Args:
        folder: where they lie; it need not be there.
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
        """One segment; None where it does not fit the key and the store."""
        match = self._name.fullmatch(path.name)
        return self._segment(path, int(match[1])) if match else None

    def forget(self, path: Path) -> None:
        """A file of this name was taken away."""
        self._known.pop(path, None)

    def new_key(self, first: int) -> SegmentKey:
        """A key for a new segment, under a new salt."""
        assert self._lineage is not None
        return SegmentKey(self._key, os.urandom(_SALT_BYTES), self._lineage, first)

    def frames(self, after: int) -> Iterator[Frame | Missing | Torn]:
        """Everything beyond a number, over all segments; holes between them are told as missing."""
        segments, _ = self.readable()
        # A segment whose successor begins where we are, or before, holds nothing that is asked for.
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
        magic, salt, lineage, number = _HEADER.unpack_from(header)
        if magic != _MAGIC or self._lineage not in (None, lineage) or number != first:
            return None
        key = SegmentKey(self._key, salt, lineage, first)
        if key.header != header:
            return None
        self._known[path] = Segment(path, first, key)
        return self._known[path]
