"""The key ring: makes the data key, and gets it back by passphrase, Secret Service or recovery code."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.errors import LockedError, StoreError, WrongKeyError
from app.store.keys import envelope
from app.store.keys import recovery_code as keys_recovery_code
from app.store.keys.envelope import KEY_BYTES, Cost, Envelope, Method, Slot
from app.store.keys.envelope_lock import one_at_a_time
from app.store.keys.secret_service import SecretService

DEFAULT_COST: Final = Cost()


@dataclass(frozen=True, slots=True)
class Created:
    """A new data key (32 bytes), and the recovery code: shown to the user once, and kept nowhere."""

    key: bytes
    recovery_code: str


class KeyRing:
    """The wrapped data key of one profile.

    Args:
        path: the key file.
        cost: of a guess at the passphrase; `DEFAULT_COST` without it. Tests give a lower one.
    """

    def __init__(self, path: Path, cost: Cost | None = None) -> None:
        self._path = path
        self._cost = cost or DEFAULT_COST

    @property
    def path(self) -> Path:
        """The key file."""
        return self._path

    def at(self, path: Path) -> KeyRing:
        """The key ring of another key file, at the same cost of a guess."""
        return KeyRing(path, self._cost)

    def store_id(self) -> str:
        """What names this profile in a Secret Service.

        Raises:
            StoreError: if the key file is missing or damaged.
        """
        return envelope.load(self._path).store_id

    def exists(self) -> bool:
        """Whether a key was made for this profile."""
        return self._path.exists()

    def methods(self) -> frozenset[str]:
        """The ways to unlock that were set up (see `envelope.Method`).

        Raises:
            StoreError: if the key file is missing or damaged.
        """
        return frozenset(slot.method.value for slot in envelope.load(self._path).slots)

    def code_seen(self) -> bool:
        """Whether somebody has said that they keep the recovery code (see `confirm_recovery_code`).

        Raises:
            StoreError: if the key file is missing or damaged.
        """
        return envelope.load(self._path).code_seen

    def holds(self, key: bytes) -> bool:
        """Whether this is the data key of this profile.

        Raises:
            StoreError: if the key file is missing or damaged.
        """
        return envelope.load(self._path).is_key(key)

    def create(self, secret_service: SecretService | None, passphrase: str | None) -> Created:
        """Make a data key and wrap it for each way given, and for a recovery code.

        Raises:
            LockedError: if the Secret Service was given and does not answer; nothing was made.
            StoreError: if there is a key file already, no way was given, or the file cannot be written.
        """
        if self.exists():
            raise StoreError(
                f"{self._path} is there already; it was not touched.", "Unlock with it, or move it away on purpose."
            )
        if secret_service is None and passphrase is None:
            raise StoreError("No way to unlock the store was chosen.", "Choose the keyring or give a passphrase.")
        key = secrets.token_bytes(KEY_BYTES)
        code_secret = secrets.token_bytes(keys_recovery_code.SECRET_BYTES)
        made = replace(envelope.new(key), code_seen=False)
        slots = [envelope.seal(made.store_id, key, Method.RECOVERY, code_secret, self._cost)]
        if passphrase is not None:
            slots.append(self._passphrase_slot(made, key, passphrase))
        if secret_service is not None:
            wrapping_key = secrets.token_bytes(KEY_BYTES)
            slots.append(envelope.seal(made.store_id, key, Method.SECRET_SERVICE, wrapping_key, None))
            secret_service.store(made.store_id, wrapping_key)
        envelope.save(replace(made, slots=tuple(slots)), self._path, replace=False)
        return Created(key, keys_recovery_code.write(code_secret))

    def unlock_with_passphrase(self, passphrase: str) -> bytes:
        """The data key.

        Raises:
            WrongKeyError: if it is the wrong passphrase.
            LockedError: if no passphrase was set up.
            StoreError: if the key file is missing or damaged.
        """
        return self._unlock(Method.PASSPHRASE, _normal(passphrase))

    def unlock_with_recovery(self, code: str) -> bytes:
        """The data key; the code may be typed in small letters, without hyphens, with O for 0 and I or L for 1.

        Raises:
            WrongKeyError: if it is no recovery code, or that of another store.
            StoreError: if the key file is missing or damaged.
        """
        return self._unlock(Method.RECOVERY, keys_recovery_code.read(code))

    def unlock_with_secret_service(self, secret_service: SecretService) -> bytes:
        """The data key.

        Raises:
            LockedError: if the service does not answer, is locked, or has no key for this store.
            WrongKeyError: if what it holds does not fit.
            StoreError: if the key file is missing or damaged.
        """
        held = envelope.load(self._path)
        slot = self._slot(held, Method.SECRET_SERVICE)
        wrapping_key = secret_service.load(held.store_id)
        if len(wrapping_key) != KEY_BYTES:
            raise WrongKeyError("The keyring holds something else than this store's key.", "Use the recovery code.")
        return held.unwrap(slot, wrapping_key)

    def set_passphrase(self, key: bytes, new: str) -> None:
        """Set or change the passphrase; the store itself is not rewritten.

        Args:
            key: the data key, which proves that the store was unlocked.
            new: the passphrase from now on.

        Raises:
            WrongKeyError: if `key` is not this profile's.
            StoreError: if the passphrase is empty, or the key file is missing, damaged or cannot be written.
        """
        with self._changing(key) as held:
            self._put(held, self._passphrase_slot(held, key, new))

    def remove_passphrase(self, key: bytes) -> None:
        """Take the passphrase away as a way to unlock.

        Args:
            key: the data key, which proves that the store was unlocked.

        Raises:
            WrongKeyError: if `key` is not this profile's.
            StoreError: if it is the only way, or the key file is missing, damaged or cannot be written.
        """
        with self._changing(key) as held:
            self._take(held, Method.PASSPHRASE)

    def add_secret_service(self, key: bytes, secret_service: SecretService) -> None:
        """Let the Secret Service unlock the store too.

        Args:
            key: the data key, which proves that the store was unlocked.
            secret_service: keeps the wrapping key from now on.

        Raises:
            LockedError: if the service does not answer; nothing was changed.
            WrongKeyError: if `key` is not this profile's.
            StoreError: if it is a way already, or the key file is missing, damaged or cannot be written.
        """
        with self._changing(key) as held:
            if held.slot(Method.SECRET_SERVICE) is not None:
                raise StoreError("The keyring opens this store already.", "There is nothing to do.")
            wrapping_key = secrets.token_bytes(KEY_BYTES)
            secret_service.store(held.store_id, wrapping_key)
            self._put(held, envelope.seal(held.store_id, key, Method.SECRET_SERVICE, wrapping_key, None))

    def remove_secret_service(self, key: bytes, secret_service: SecretService) -> None:
        """Take the Secret Service away as a way to unlock, and delete what it kept.

        Args:
            key: the data key, which proves that the store was unlocked.
            secret_service: kept the wrapping key until now.

        Raises:
            LockedError: if its item could not be deleted; the keyring opens this key file no more all the same.
            WrongKeyError: if `key` is not this profile's.
            StoreError: if it is the only way, or the key file is missing, damaged or cannot be written.
        """
        with self._changing(key) as held:
            self._take(held, Method.SECRET_SERVICE)
        try:
            secret_service.remove(held.store_id)
        except LockedError as error:
            raise LockedError(
                f"The keyring opens the store no more, but its item could not be deleted: {error.message}",
                "Delete the item KrypticTrack store key in the keyring's own program.",
            ) from error

    def confirm_recovery_code(self) -> None:
        """Note that somebody keeps the recovery code.

        Raises:
            StoreError: if the key file is missing, damaged or cannot be written.
        """
        with one_at_a_time(self._path):
            envelope.save(replace(envelope.load(self._path), code_seen=True), self._path, replace=True)

    def renew_recovery_code(self, key: bytes) -> str:
        """Make a new recovery code; the old one opens nothing any more.

        Args:
            key: the data key, which proves that the store was unlocked.

        Returns:
            The code; it is not kept, so this is the only time it can be shown.

        Raises:
            WrongKeyError: if `key` is not this profile's.
            StoreError: if the key file is missing, damaged or cannot be written.
        """
        with self._changing(key) as held:
            secret = secrets.token_bytes(keys_recovery_code.SECRET_BYTES)
            slot = envelope.seal(held.store_id, key, Method.RECOVERY, secret, self._cost)
            self._put(replace(held, code_seen=False), slot)
        return keys_recovery_code.write(secret)

    @contextmanager
    def _changing(self, key: bytes) -> Iterator[Envelope]:
        """What is held, for whoever has its key; nobody else changes it meanwhile."""
        with one_at_a_time(self._path):
            held = envelope.load(self._path)
            if not held.is_key(key):
                raise WrongKeyError("This is not the key of this store; nothing was changed.", "Unlock first.")
            yield held

    def _take(self, held: Envelope, method: Method) -> None:
        if held.slot(method) is None:
            raise StoreError(f"The {method.value} does not open this store.", "There is nothing to do.")
        others = tuple(slot for slot in held.slots if slot.method is not method)
        if all(slot.method is Method.RECOVERY for slot in others):
            raise StoreError(
                f"The {method.value} is the only way to unlock the store; it stays.", "Set up another way first."
            )
        envelope.save(replace(held, slots=others), self._path, replace=True)

    def _put(self, held: Envelope, slot: Slot) -> None:
        others = tuple(other for other in held.slots if other.method is not slot.method)
        envelope.save(replace(held, slots=(*others, slot)), self._path, replace=True)

    def _unlock(self, method: Method, secret: bytes) -> bytes:
        held = envelope.load(self._path)
        slot = self._slot(held, method)
        if slot.cost is None or slot.salt is None:
            raise envelope.damaged("a slot has lost its salt")
        return held.unwrap(slot, slot.cost.derive(secret, slot.salt))

    def _slot(self, held: Envelope, method: Method) -> Slot:
        slot = held.slot(method)
        if slot is None:
            ways = ", ".join(sorted(slot.method.value for slot in held.slots))
            raise LockedError(f"This store was never set up for the {method.value}.", f"Unlock it by: {ways}.")
        return slot

    def _passphrase_slot(self, held: Envelope, key: bytes, passphrase: str) -> Slot:
        if not passphrase:
            raise StoreError("An empty passphrase protects nothing; nothing was changed.", "Give a longer one.")
        return envelope.seal(held.store_id, key, Method.PASSPHRASE, _normal(passphrase), self._cost)


def _normal(passphrase: str) -> bytes:
    """One form for what looks the same, whatever the keyboard sent (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
