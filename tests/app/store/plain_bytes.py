"""The bytes of a store file as somebody who has the key can read them: free room and all."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE = 4_096
RESERVE = 80
"""Of each page: 16 bytes of IV, 64 of HMAC-SHA512 (SQLCipher 4)."""
SALT = 16


def plain_bytes(path: Path, key: bytes) -> bytes:
    """Every page of a closed store, deciphered by hand rather than by the library that wrote it."""
    pages = []
    data = path.read_bytes()
    for start in range(0, len(data), PAGE):
        page = data[start : start + PAGE]
        cipher_text = page[SALT if start == 0 else 0 : PAGE - RESERVE]
        initial = page[PAGE - RESERVE : PAGE - RESERVE + 16]
        decryptor = Cipher(algorithms.AES(key), modes.CBC(initial)).decryptor()
        pages.append(decryptor.update(cipher_text) + decryptor.finalize())
    return b"".join(pages)
