"""Messages of the Wayland protocol as bytes: packed, cut out of a stream, unpacked (Wayland, appendix A "Wire Format").

A message is the number of an object, its own length with the number of a request or event of that object, and its
arguments, in words of 32 bits in the machine's order. The few interfaces that are read here need nothing else, and no
descriptors: so no C library is asked, which would end the process over some faults, and wait without end over others.
"""

from __future__ import annotations

import struct
from typing import Final

_HEAD: Final = struct.Struct("=II")
_WORD: Final = struct.Struct("=I")
_ALIGN: Final = 4


class WireError(ValueError):
    """Bytes that are no message, or not the one that was expected."""


Argument = int | str


def pack(target: int, opcode: int, *arguments: Argument) -> bytes:
    """A request.

    Args:
        target: the object's number.
        opcode: the request's number in its interface.
        arguments: unsigned numbers and objects as int, texts as str.
    """
    body = b"".join(_argument(argument) for argument in arguments)
    return _HEAD.pack(target, (_HEAD.size + len(body)) << 16 | opcode) + body


def cut(stream: bytearray) -> tuple[int, int, bytes] | None:
    """Take the first whole message out of what was received.

    Args:
        stream: the bytes so far; those of the message are removed.

    Returns:
        The object's number, the event's number and the arguments' bytes; None if more has to come first.

    Raises:
        WireError: if a length cannot be; nothing behind it can be distinguished any more.
    """
    if len(stream) < _HEAD.size:
        return None
    target, word = _HEAD.unpack_from(stream)
    length = word >> 16
    if length < _HEAD.size or length % _ALIGN:
        raise WireError(f"a message of {length} bytes")
    if len(stream) < length:
        return None
    body = bytes(stream[_HEAD.size : length])
    del stream[:length]
    return target, word & 0xFFFF, body


class Reader:
    """The arguments of one event, read in order.

    Args:
        body: their bytes, from `cut`.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self) -> int:
        """An unsigned number, or an object's.

        Raises:
            WireError: if there is none.
        """
        if self._at + _WORD.size > len(self._body):
            raise WireError("an argument is missing")
        (value,) = _WORD.unpack_from(self._body, self._at)
        self._at += _WORD.size
        return int(value)

    def text(self) -> str:
        """A text; what is no UTF-8 in it is replaced.

        Raises:
            WireError: if it is cut off or lacks its NUL.
        """
        raw = self._bytes()
        if not raw:
            return ""  # the null string
        if raw[-1]:
            raise WireError("a text without an end")
        return raw.partition(b"\0")[0].decode("utf-8", "replace")

    def numbers(self) -> tuple[int, ...]:
        """An array of unsigned numbers.

        Raises:
            WireError: if it is cut off, or holds something else.
        """
        raw = self._bytes()
        if len(raw) % _WORD.size:
            raise WireError(f"an array of {len(raw)} bytes")
        return struct.unpack(f"={len(raw) // _WORD.size}I", raw)

    def _bytes(self) -> bytes:
        length = self.number()
        end = self._at + length
        if end > len(self._body):
            raise WireError("an argument is cut off")
        raw = self._body[self._at : end]
        self._at = -(-end // _ALIGN) * _ALIGN
        return raw


def _argument(argument: Argument) -> bytes:
    if isinstance(argument, int):
        return _WORD.pack(argument)
    raw = argument.encode() + b"\0"
    return _WORD.pack(len(raw)) + raw + bytes(-len(raw) % _ALIGN)
