"""A new data key: the whole store is copied under it, and takes the old one's place at one stroke.

The order makes every moment safe to die in. The new envelope is written next to the old one (`keys.json.next`), the
store is copied to a file next to it, checked, and renamed over the old one; then the envelope follows by a rename.
Until the first rename the old key opens the store, after it the new one; so at the next unlock the envelope whose key
fits the store wins, and what belongs to the other is removed (`settle`).

The copy is SQLite's own, page by page (sqlite.org/backup.html), through SQLCipher: every table, index and pragma of the
header comes along as it is, in half the time that `sqlcipher_export` took for the same file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import LockedError, StoreError
from app.store.integrity import quick_check
from app.store.keys.envelope import unfinished
from app.store.keys.key_ring import Created, KeyRing
from app.store.keys.secret_service import SecretService
from app.store.layout import StoreLayout, check_room, lock_store, remove, sync_file, sync_folder
from app.store.sqlite import connection
from app.store.sqlite.errors import translated
from app.store.sqlite.page_hmac import page_hmac_matches
from app.store.store import Store

_STEP_PAGES: Final = 2_000
_SPARE_BYTES: Final = 16 * 1024 * 1024
_COMPARED: Final = ("page_count", "user_version", "application_id", "auto_vacuum", "freelist_count")

Progress = Callable[[int, int], None]
"""Takes pages done, and pages in all; what it raises ends the rotation, and the old key stays."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new key, its recovery code (shown to the user once), and what could not be tidied up ("" if all was)."""

    created: Created
    left_over: str


def next_envelope(keys: Path) -> Path:
    """The path of the new key's envelope until the store is under that key."""
    return keys.with_name(f"{keys.name}.next")


def rotate(
    store: Path,
    ring: KeyRing,
    key: bytes,
    *,
    passphrase: str | None,
    secret_service: SecretService | None,
    progress: Progress = lambda _done, _total: None,
) -> Rotated:
    """Put a closed store under a new data key.

    Args:
        store: the file; nobody has it open.
        ring: its keys.
        key: the data key now.
        passphrase: wraps the new key if the store has a passphrase; None if it has none.
        secret_service: keeps the new key if it kept the old one; None if it did not.
        progress: see `Progress`.

    Raises:
        LockedError: if the Secret Service was given and does not answer.
        WrongKeyError: if `key` is not the store's.
        StoreError: if the disk has too little room, or the store is open, damaged or cannot be copied.

    After an error the store opens with what opened it before; `settle` tidies up if that could not be done.
    """
    check_room(store.parent, store.stat().st_size + _SPARE_BYTES, "A copy of the store under a new key")
    _take_in(store, key)
    lock = lock_store(store)
    try:
        old_id = ring.store_id()
        incoming = ring.at(next_envelope(ring.path))
        created = incoming.create(secret_service, passphrase)
        try:
            _copy(store, key, created.key, progress)
        except BaseException:
            _drop(store, incoming, secret_service)
            raise
        _publish(store, ring)
    finally:
        os.close(lock)
    left_over = _renew_backup(store, created.key)
    if secret_service is not None:
        try:
            secret_service.remove(old_id)
        except LockedError as error:
            left_over = f"{left_over} The old key's item is still in the keyring: {error.message}".strip()
    return Rotated(created, left_over)


def cut_short(store: Path, ring: KeyRing) -> bool:
    """Whether a rotation was begun and did not end; `settle` then has something to do."""
    incoming = next_envelope(ring.path)
    return any(path.exists() for path in (incoming, unfinished(incoming), _copy_path(store)))


def settle(store: Path, ring: KeyRing, key: bytes, secret_service: SecretService | None) -> None:
    """After a rotation that was cut short: keep the envelope of the key that the store is under, remove the other.

    Args:
        store: the file.
        ring: its keys.
        key: a data key that fits the store (`fits`), of the envelope now or of the next one.
        secret_service: from which the other key's item is deleted; None if there is none at hand.

    Raises:
        StoreError: if the folder cannot be written.
    """
    incoming = ring.at(next_envelope(ring.path))
    lock = lock_store(store)
    try:
        unfinished(incoming.path).unlink(missing_ok=True)
        if incoming.exists() and incoming.holds(key):
            old_id = ring.store_id()
            _replace(incoming.path, ring.path)
            _remove_copies_of_old(store)
            _remove_item(secret_service, old_id)
        elif ring.holds(key):
            _drop(store, incoming, secret_service)
    finally:
        os.close(lock)


def fits(store: Path, key: bytes) -> bool:
    """Whether a store is under this key; False if it cannot be read."""
    try:
        return page_hmac_matches(store, key)
    except OSError:
        return False


def _take_in(store: Path, key: bytes) -> None:
    """Commit what the journal has beyond the store, for nobody can read it there once the key is another."""
    opened = Store.open(store, key)
    try:
        opened.settle()
    finally:
        opened.close()


def _renew_backup(store: Path, key: bytes) -> str:
    """A backup under the new key; why there is none yet, "" if there is."""
    try:
        opened = Store.open(store, key)
        try:
            opened.backup(fresh=True)
        finally:
            opened.close()
    except StoreError as error:
        return f"There is no backup under the new key yet: {error.message}"
    return ""


def _remove_copies_of_old(store: Path) -> None:
    """Backups, journal and damaged files under the old key: everything of them is in the store, and no key is left."""
    places = StoreLayout(store)
    for folder in (places.journal, places.backups, places.damaged):
        for path in folder.glob(f"*{places.stem}*"):
            path.unlink(missing_ok=True)


def _copy(store: Path, old: bytes, new: bytes, progress: Progress) -> None:
    copy = _copy_path(store)
    remove(copy)
    with translated(store):
        source = _source(store, old)
        try:
            # SQLite's copying takes a page with a broken HMAC for an empty one and says nothing; so this comes first.
            for broken in quick_check.seals(source):
                raise StoreError(
                    f"{store.name} is damaged: {broken} It was left as it is, under its old key.",
                    "Copy the file away, then put back a backup.",
                )
            target = _target(copy, new)
            try:
                source.backup(
                    target, pages=_STEP_PAGES, progress=lambda _status, left, total: progress(total - left, total)
                )
                (sound,) = target.execute("PRAGMA quick_check(1)").fetchone()
                if sound != "ok" or _header(source) != _header(target):
                    raise StoreError(
                        "The copy under the new key is not like the store; the store was left as it is.",
                        "Try again; if it happens again, look at the disk.",
                    )
            finally:
                target.close()
        finally:
            source.close()
    sync_file(copy)


def _source(store: Path, key: bytes) -> connection.Connection:
    """The store, with no write-ahead log next to it that would belong to the old key."""
    source = connection.open_writer(store, key)
    (mode,) = source.execute("PRAGMA journal_mode = DELETE").fetchone()
    if mode != "delete":
        source.close()
        raise StoreError(f"{store.name} is held by another process.", "End the other program that has it open.")
    return source


def _target(copy: Path, key: bytes) -> connection.Connection:
    """A new file; what is in it after a crash is of no use, so nothing guards it against one."""
    target = connection.create_file(copy, key)
    for pragma in ("journal_mode = OFF", "synchronous = OFF"):
        target.execute(f"PRAGMA {pragma}").fetchall()
    return target


def _header(opened: connection.Connection) -> list[object]:
    return [opened.execute(f"PRAGMA {name}").fetchone() for name in _COMPARED]


def _publish(store: Path, ring: KeyRing) -> None:
    """From the first rename on the new key is the store's."""
    _replace(_copy_path(store), store)
    _replace(next_envelope(ring.path), ring.path)
    _remove_copies_of_old(store)


def _drop(store: Path, incoming: KeyRing, secret_service: SecretService | None) -> None:
    """Remove what a rotation had made before the store came under its key."""
    remove(_copy_path(store))
    if incoming.exists():
        incoming_id = incoming.store_id()
        incoming.path.unlink()
        _remove_item(secret_service, incoming_id)


def _remove_item(secret_service: SecretService | None, store_id: str) -> None:
    if secret_service is not None:
        try:
            secret_service.remove(store_id)
        except LockedError:
            return  # it wraps a key that opens nothing any more


def _replace(source: Path, target: Path) -> None:
    try:
        source.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise StoreError(
            f"{target} cannot be replaced ({error.strerror}).",
            "Make the folder writable, and unlock the store again: what was begun is then finished.",
        ) from error


def _copy_path(store: Path) -> Path:
    return store.with_name(f".{store.name}.rotating")
