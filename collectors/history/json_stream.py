"""Walks a JSON text too large to hold: the reader asks for the next member or element, and only that is in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, TextIO

MAX_VALUE_CHARS: Final = 1 << 20
_CHUNK_CHARS: Final = 1 << 16
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_STRUCTURE: Final = re.compile(r'["{}\[\],]')
_STRING_END: Final = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


class JsonBreakError(ValueError):
    """The text is no JSON from here on; nothing after it can be read."""


class JsonStream:
    """A cursor in a JSON text (RFC 8259).

    `members` and `elements` stand at the value when they yield: the caller takes it with `value`, goes into it with
    `members` or `elements`, or leaves it, in which case it is passed over.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._dropped = 0
        self._pending = True

    @property
    def offset(self) -> int:
        """How many characters lie behind the cursor."""
        return self._dropped + self._at

    def members(self) -> Iterator[str]:
        """Stream the names of the next object, with the cursor at the value of each.

        Raises:
            JsonBreakError: if the text is no JSON from here on.
        """
        self._expect("{")
        if self._peek() == "}":
            self._expect("}")
            return
        while True:
            name = self._whole()
            if not isinstance(name, str):
                raise JsonBreakError("a member without a name")
            self._expect(":")
            self._pending = True
            yield name
            if self._pending:
                self.value()
            if self._next_of("}"):
                return

    def elements(self) -> Iterator[None]:
        """The elements of the array that comes next, the cursor at each one."""
        self._expect("[")
        if self._peek() == "]":
            self._expect("]")
            return
        while True:
            self._pending = True
            yield None
            if self._pending:
                self.value()
            if self._next_of("]"):
                return

    def starts_with(self, character: str) -> bool:
        """Whether the value that comes next begins so ("{" for an object)."""
        return self._peek() == character

    def value(self) -> object:
        """Take the value that comes next; a broken one, or one over MAX_VALUE_CHARS, comes back as a ValueError.

        Raises:
            JsonBreakError: if its end cannot be found.
        """
        return self._whole()

    def _whole(self) -> object:
        self._pending = False
        text = self._balanced()
        if text is None:
            return ValueError(f"longer than {MAX_VALUE_CHARS >> 20} MiB")
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError) as error:
            return ValueError(f"no JSON: {error}")

    def _next_of(self, end: str) -> bool:
        character = self._peek()
        if character not in (",", end):
            raise JsonBreakError(f"{character!r} instead of ',' or {end!r}")
        self._expect(character)
        return character == end

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise JsonBreakError(f"{self._peek()!r} instead of {character!r}")
        self._pending = False
        self._at += 1

    def _peek(self) -> str:
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match is not None else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                raise JsonBreakError("the text breaks off")

    def _fill(self) -> bool:
        chunk = self._file.read(_CHUNK_CHARS)
        self._dropped += self._at
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return bool(chunk)

    def _balanced(self) -> str | None:
        """The text of the next value, found by its brackets alone; None if it is too long."""
        self._peek()
        pieces: list[str] = []
        size = 0
        depth = 0
        while True:
            piece, depth, done = self._step(depth)
            size += len(piece)
            if size <= MAX_VALUE_CHARS:
                pieces.append(piece)
            if done:
                return "".join(pieces) if size <= MAX_VALUE_CHARS else None

    def _step(self, depth: int) -> tuple[str, int, bool]:
        match = _STRUCTURE.search(self._text, self._at)
        if match is None:
            piece, self._at = self._text[self._at :], len(self._text)
            if not self._fill():
                if depth or not piece.strip():
                    raise JsonBreakError("the text breaks off")
                return piece, 0, True
            return piece, depth, False
        start, self._at = self._at, match.end()
        character = match.group()
        if character == '"':
            return self._text[start : match.end()] + self._string(), depth, depth == 0
        if character in "{[":
            return self._text[start : self._at], depth + 1, False
        if depth == 0 or character == ",":
            # At depth 0 the bracket or comma belongs to what surrounds a bare number or word.
            self._at = match.start() if depth == 0 else self._at
            return self._text[start : self._at], depth, depth == 0
        return self._text[start : self._at], depth - 1, depth == 1

    def _string(self) -> str:
        pieces: list[str] = []
        size = 0
        while True:
            match = _STRING_END.match(self._text, self._at)
            if match is not None:
                self._at = match.end()
                return "".join((*pieces, match.group()))
            # What is read so far cannot end the string; a backslash at its end may yet escape what follows.
            piece = self._text[self._at :]
            tail = "\\" if (len(piece) - len(piece.rstrip("\\"))) % 2 else ""
            kept = piece[: len(piece) - len(tail)]
            self._at += len(kept)
            size += len(kept)
            pieces = [*pieces, kept] if size <= MAX_VALUE_CHARS else ["x" * (MAX_VALUE_CHARS + 1)]
            if not self._fill():
                raise JsonBreakError("the text breaks off")
