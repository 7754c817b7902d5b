"""The frames of the journal: what one holds, and how it is sealed.

    header: magic 8 | salt 32 | lineage 16 | first number u64 | seal 16
    frame:  length u32 | number u64 | AES-256-GCM of (applied u64 | kind u8 | content), its tag at the end

Each segment has a key of its own, by HKDF-SHA256 (RFC 5869) from the data key and the segment's random salt, and is
written by one process alone; so a frame's number serves as its nonce and never meets the same key twice (NIST SP
800-38D, 8.2.1).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.store.sqlite.journal_position import LINEAGE_BYTES

MAGIC: Final = b"KTJRNL01"
SALT_BYTES: Final = 32
_TAG_BYTES: Final = 16
HEADER: Final = struct.Struct(f"<8s{SALT_BYTES}s{LINEAGE_BYTES}sQ")
HEADER_BYTES: Final = HEADER.size + _TAG_BYTES
PREFIX: Final = struct.Struct("<IQ")
_INNER: Final = struct.Struct("<QB")
_HEADER_NONCE: Final = b"\xff" * 12
_NONCE: Final = struct.Struct(">IQ")
_INFO: Final = b"kryptictrack journal segment"
SMALLEST: Final = _INNER.size + _TAG_BYTES
"""Bytes of a frame without content, after its prefix."""


class Kind(IntEnum):
    """What a frame holds."""

    COMMAND = 0
    CLOSED = 1
    """The store was closed in good order after everything before: no write-ahead log of it was left."""
    OPENED = 2
    """The file is about to change without a command: by a clean-up, or a new shape."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a frame."""

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
        content: see `app.store.journal.command_codec`.
        place: at which it was found.
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
        self._header = HEADER.pack(MAGIC, salt, lineage, first)

    @property
    def header(self) -> bytes:
        """What the segment begins with."""
        return self._header + self._cipher.encrypt(_HEADER_NONCE, b"", self._header)

    def seal(self, frame: Frame) -> bytes:
        """A frame as it is written."""
        inner = _INNER.pack(frame.applied, frame.kind) + frame.content
        prefix = PREFIX.pack(len(inner) + _TAG_BYTES, frame.number)
        return prefix + self._cipher.encrypt(_NONCE.pack(0, frame.number), inner, prefix)

    def open(self, sealed: bytes) -> Frame | None:
        """The frame that these bytes are; None if they are none of this segment's."""
        if len(sealed) < PREFIX.size + SMALLEST:
            return None
        prefix, body = sealed[: PREFIX.size], sealed[PREFIX.size :]
        _, number = PREFIX.unpack(prefix)
        try:
            inner = self._cipher.decrypt(_NONCE.pack(0, number), body, prefix)
        except InvalidTag:
            return None
        applied, kind = _INNER.unpack_from(inner)
        return Frame(number, applied, Kind(kind), inner[_INNER.size :])
