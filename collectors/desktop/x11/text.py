"""Text of X window properties: whatever the bytes are, some text comes out and nothing is raised."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(rb"\x1b(?:%/[0-4](?P<size>..)|(?P<mark>%[G@]|\$?[()\-][A-Za-z]))", re.DOTALL)
_PLAIN: Final = "iso8859-1"
_UPPER_HALVES: Final = {  # the part of ISO 8859 that "ESC - x" puts in the upper half
    b"-A": "iso8859-1", b"-B": "iso8859-2", b"-C": "iso8859-3", b"-D": "iso8859-4", b"-F": "iso8859-7",
    b"-G": "iso8859-6", b"-H": "iso8859-8", b"-L": "iso8859-5", b"-M": "iso8859-9", b"-b": "iso8859-15",
}  # fmt: skip
_TWO_BYTES: Final = {  # sets of two bytes a letter, in the lower or the upper half; the codecs want the upper one
    b"$(A": "gb2312", b"$(B": "euc_jp", b"$(C": "euc_kr", b"$)A": "gb2312", b"$)B": "euc_jp", b"$)C": "euc_kr",
}  # fmt: skip
_GRAPHIC: Final = range(0x21, 0x7F)
_RAISED: Final = bytes(byte | 0x80 if byte in _GRAPHIC else byte for byte in range(256))


def decode(kind: str, data: bytes) -> str:
    """Text of a property (Inter-Client Communication Conventions Manual 2.7.1, EWMH 1.5).

    Args:
        kind: name of the property's type: UTF8_STRING, STRING, COMPOUND_TEXT; any other is guessed.
        data: its bytes.

    Returns:
        The text up to the first NUL, control characters as spaces, the ends trimmed.
    """
    raw = data.partition(b"\0")[0]
    text = _compound(raw) if kind == "COMPOUND_TEXT" else _utf8_else_latin1(raw)
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def _compound(data: bytes) -> str:
    """Compound text (X Consortium standard "Compound Text Encoding" 1.1): segments, each in the set named before it."""
    parts = []
    lower: str | None = None  # a two-byte set in the lower half; None for ASCII
    upper = _PLAIN
    at = 0
    for found in _ESCAPE.finditer(data):
        if found.start() < at:
            continue  # inside an extended segment, which may hold any byte
        parts.append(_segment(data[at : found.start()], lower, upper))
        at = found.end()
        mark = found["mark"]
        if mark is None:
            high, low = found["size"]
            end = at + (high & 0x7F) * 128 + (low & 0x7F)
            name, _, body = data[at:end].partition(b"\x02")
            parts.append(_segment(body, None, name.decode("ascii", "replace")))
            at = end
        elif mark in (b"%G", b"%@"):
            lower, upper = None, "utf-8" if mark == b"%G" else _PLAIN
        elif mark.startswith((b"$(", b"(")):
            lower = _TWO_BYTES.get(mark)
        else:
            upper = _TWO_BYTES.get(mark) or _UPPER_HALVES.get(mark, _PLAIN)
    parts.append(_segment(data[at:], lower, upper))
    return "".join(parts)


def _segment(data: bytes, lower: str | None, upper: str) -> str:
    raised, codec = (data.translate(_RAISED), lower) if lower else (data, upper)
    try:
        return raised.decode(codec, "replace")
    except LookupError:
        return data.decode(_PLAIN)  # a set of which Python knows nothing: letters of another alphabet beat none


def _utf8_else_latin1(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_PLAIN)
