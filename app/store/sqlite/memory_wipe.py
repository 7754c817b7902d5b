"""Overwriting secrets in this process's own memory, as far as the interpreter and the libraries let us.

A bytes or str object cannot be changed by Python; its memory can. What is overwritten here must be held by nobody else,
for every holder sees zeros from then on. Copies that the interpreter or a library made on the way are not reached: for
those the process restarts when it is locked (see `app.system.relaunch`).
"""

from __future__ import annotations

import binascii
import ctypes
import sys


def zero_memory(secret: bytes | bytearray | str) -> None:
    """Overwrite a secret with zeros.

    Args:
        secret: held by the caller alone; a str is of ASCII characters.
    """
    if isinstance(secret, bytearray):
        secret[:] = bytes(len(secret))
    elif secret:
        # CPython keeps the characters behind the object's head, with a zero at the end (Include/cpython/bytesobject.h,
        # unicodeobject.h: the compact form).
        head = sys.getsizeof(secret) - len(secret) - 1
        ctypes.memset(id(secret) + head, 0, len(secret))


def key_statement(key: bytes | bytearray) -> str:
    """The statement that gives SQLCipher a raw key: one str, to be run outside every cache and wiped.

    Args:
        key: the data key.
    """
    digits = binascii.hexlify(key)
    text = bytearray(b"PRAGMA key = \"x'")
    text += digits
    text += b"'\""
    statement = text.decode("ascii")
    zero_memory(digits)
    zero_memory(text)
    return statement
