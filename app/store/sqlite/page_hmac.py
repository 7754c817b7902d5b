"""Telling a wrong key from a damaged first page, for which SQLCipher gives one and the same error.

Every page ends with a seal: HMAC-SHA-512 over its ciphertext, its initial vector and its number, under a key that two
rounds of PBKDF2 derive from the raw key and the file's salt (SQLCipher 4 design, zetetic.net/sqlcipher/design). If the
seal of any later page fits, the key is right, and it is the first page that is damaged.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Final

PAGE_BYTES: Final = 4_096
_SALT_BYTES: Final = 16
_SALT_MASK: Final = 0x3A
_ROUNDS: Final = 2
_KEY_BYTES: Final = 32
_SEAL_BYTES: Final = 64
_PAGES_TRIED: Final = 8


def page_hmac_matches(path: Path, key: bytes) -> bool:
    """Whether the raw key made the seal of one of the pages after the first."""
    with path.open("rb") as file:
        content = file.read((1 + _PAGES_TRIED) * PAGE_BYTES)
    salt = bytes(byte ^ _SALT_MASK for byte in content[:_SALT_BYTES])
    seal_key = hashlib.pbkdf2_hmac("sha512", key, salt, _ROUNDS, _KEY_BYTES)
    for number in range(2, len(content) // PAGE_BYTES + 1):
        page = content[(number - 1) * PAGE_BYTES : number * PAGE_BYTES]
        sealed, seal = page[:-_SEAL_BYTES], page[-_SEAL_BYTES:]
        expected = hmac.digest(seal_key, sealed + number.to_bytes(4, "little"), "sha512")
        if hmac.compare_digest(expected, seal):
            return True
    return False
