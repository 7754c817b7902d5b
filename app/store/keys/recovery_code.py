"""The recovery code: 128 random bits in letters and digits that survive handwriting.

Crockford's base 32 (crockford.com/base32.html): no I, L, O or U; when read, O counts as 0 and I and L as 1, small
letters as capitals, and spaces and hyphens as nothing. Two further characters are a checksum, so that a slip of the pen
is distinguished from a wrong code.
"""

from __future__ import annotations

import hashlib
from typing import Final

from app.errors import WrongKeyError

SECRET_BYTES: Final = 16
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE: Final = {character: value for value, character in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_BITS: Final = 5
_SECRET_CHARS: Final = 26
_CHECK_CHARS: Final = 2
_GROUP_CHARS: Final = 4


def write(secret: bytes) -> str:
    """The code of a secret of 16 bytes: seven groups of four characters."""
    padding = _SECRET_CHARS * _BITS - SECRET_BYTES * 8
    text = _characters(int.from_bytes(secret) << padding, _SECRET_CHARS) + _check(secret)
    return "-".join(text[at : at + _GROUP_CHARS] for at in range(0, len(text), _GROUP_CHARS))


def read(code: str) -> bytes:
    """The secret of a code as a person typed it.

    Raises:
        WrongKeyError: if it is too short or long, has a character that no code has, or its checksum does not fit.
    """
    text = "".join(character for character in code.upper() if not (character.isspace() or character in "-‐–—_.,:"))  # noqa: RUF001  # hyphens and dashes as people and programs write them
    unknown = next((character for character in text if character not in _VALUE), None)
    if unknown is not None:
        raise WrongKeyError(f"A recovery code has no {unknown!r}.", "Look at that character again.")
    expected = _SECRET_CHARS + _CHECK_CHARS
    if len(text) != expected:
        raise WrongKeyError(
            f"A recovery code has {expected} characters, this one {len(text)}.", "Type all seven groups of four."
        )
    number = 0
    for character in text[:_SECRET_CHARS]:
        number = number << _BITS | _VALUE[character]
    padding = _SECRET_CHARS * _BITS - SECRET_BYTES * 8
    secret = (number >> padding).to_bytes(SECRET_BYTES)
    given = [_VALUE[character] for character in text[_SECRET_CHARS:]]
    if number & ((1 << padding) - 1) or given != [_VALUE[character] for character in _check(secret)]:
        raise WrongKeyError("The recovery code has a slip in it: its checksum does not fit.", "Compare each group.")
    return secret


def _check(secret: bytes) -> str:
    digest = hashlib.blake2b(secret, digest_size=2, person=b"kryptic-recover").digest()
    return _characters(int.from_bytes(digest) >> 6, _CHECK_CHARS)


def _characters(number: int, count: int) -> str:
    return "".join(_ALPHABET[number >> (_BITS * place) & 31] for place in reversed(range(count)))
