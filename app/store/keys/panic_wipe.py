"""The panic wipe: the key first, so that whatever happens next, nothing can be read any more; then everything else.

The wrapped key lies in a small file. It is overwritten in its place before it is removed: an encrypted store without
its key is noise, whether its file is still there or not. (A disk that moves what it writes elsewhere, as flash does,
may keep an old block; without the passphrase, the recovery code or the keyring's part that block opens nothing.)

Nothing is opened or unlocked here, so it works on a damaged store and without any passphrase.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import LockedError
from app.store.keys.envelope import Method
from app.store.keys.secret_service import SecretService
from app.store.layout import sync_folder

_KEY_FILES: Final = ("keys.json*", ".keys.json*")
_STORE_ID: Final = re.compile(rb'"store_id":\s*"([0-9a-f]{1,64})"')
_MAX_FILE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Wiped:
    """What became of the key.

    Attributes:
        key_files: overwritten and removed; 0 if there was no key any more.
        keyring: "removed", "none" if it held nothing, or why it could not be asked.
    """

    key_files: int
    keyring: str


def destroy_keys(data: Path) -> tuple[int, tuple[str, ...]]:
    """Overwrite and remove every key file in a folder.

    Returns:
        How many there were, and the names that the keyring knows the store by.

    Raises:
        OSError: if one can neither be overwritten nor removed.
    """
    found = sorted({path for pattern in _KEY_FILES for path in data.rglob(pattern) if path.is_file()})
    names: set[str] = set()
    for path in found:
        with contextlib.suppress(OSError), path.open("rb") as file:
            names.update(_keyring_names(file.read(_MAX_FILE_BYTES)))
    for path in found:
        _overwrite(path)
    for path in found:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    return len(found), tuple(sorted(names))


def empty_keyring(store_ids: Iterable[str], secret_service: SecretService) -> str:
    """Take the store's part of the key out of the keyring; what came of it, in a word or a sentence."""
    outcome = "none"
    for store_id in store_ids:
        try:
            secret_service.remove(store_id)
        except LockedError as error:
            return error.message
        outcome = "removed"
    return outcome


def remove(places: Sequence[Path]) -> tuple[str, ...]:
    """Remove folders with all that is in them; the paths that could not be removed."""
    left: list[str] = []

    def note(_: object, path: str, error: BaseException | tuple[object, BaseException, object]) -> None:
        cause = error[1] if isinstance(error, tuple) else error
        if not isinstance(cause, FileNotFoundError):
            left.append(path)

    for place in places:
        if place.is_symlink() or place.exists():
            shutil.rmtree(place, onerror=note)
    return tuple(left)


def _keyring_names(content: bytes) -> set[str]:
    """What the keyring knows a key file's store by; none if the file is whole and says that no keyring is used."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        if all(slot["method"] != Method.SECRET_SERVICE.value for slot in json.loads(content)["slots"]):
            return set()
    return {name.decode() for name in _STORE_ID.findall(content)}


def _overwrite(path: Path) -> None:
    """Random bytes in the place of a file's own, on the disk when this returns; a file without the right is removed."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        path.unlink(missing_ok=True)
        return
    try:
        os.write(descriptor, secrets.token_bytes(os.fstat(descriptor).st_size))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
