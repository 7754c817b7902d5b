"""The key file: the data key, wrapped once for every way to unlock it. Nothing in it opens the store by itself.

Each slot wraps the 32-byte data key with AES-256-GCM (NIST SP 800-38D). The wrapping key of a passphrase or a recovery
code comes from Argon2id (RFC 9106, its second recommended option: 3 passes over 64 MiB, 4 lanes); that of the Secret
Service is 32 random bytes kept there. Everything a slot says about itself is authenticated with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import StoreError, WrongKeyError
from app.store.layout import sync_folder

KEY_BYTES: Final = 32
FORMAT: Final = "kryptictrack-keys"
VERSION: Final = 1
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_ID_BYTES: Final = 8
_MAX_FILE_BYTES: Final = 64 * 1024
_MAX_PASSES: Final = 64
_MAX_LANES: Final = 64
_MAX_MEMORY_KIB: Final = 4 * 1024 * 1024


class Method(StrEnum):
    """A way to unlock."""

    PASSPHRASE = "passphrase"  # noqa: S105  # a name, not a secret
    RECOVERY = "recovery code"
    SECRET_SERVICE = "secret service"  # noqa: S105  # likewise


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: Argon2id's passes, memory and lanes.

    Raises:
        ValueError: beyond bounds that keep a damaged file from eating the machine.
    """

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4

    def __post_init__(self) -> None:
        memory_fits = 8 * self.lanes <= self.memory_kib <= _MAX_MEMORY_KIB
        if not (memory_fits and 1 <= self.passes <= _MAX_PASSES and 1 <= self.lanes <= _MAX_LANES):
            raise ValueError(f"Argon2id cannot run with {self}")

    def derive(self, secret: bytes, salt: bytes) -> bytes:
        """The wrapping key (32 bytes) of a secret."""
        return hash_secret_raw(
            secret,
            salt,
            time_cost=self.passes,
            memory_cost=self.memory_kib,
            parallelism=self.lanes,
            hash_len=KEY_BYTES,
            type=Type.ID,
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """The data key, wrapped for one method; `cost` and `salt` are None if the wrapping key is random itself."""

    method: Method
    nonce: bytes
    wrapped: bytes
    cost: Cost | None = None
    salt: bytes | None = None

    def described(self) -> dict[str, Any]:
        """What is authenticated along with the key: everything but the ciphertext."""
        described: dict[str, Any] = {"method": self.method.value, "nonce": _text(self.nonce)}
        if self.cost is not None and self.salt is not None:
            described["argon2id"] = {
                "passes": self.cost.passes,
                "memory_kib": self.cost.memory_kib,
                "lanes": self.cost.lanes,
                "salt": _text(self.salt),
            }
        return described


@dataclass(frozen=True, slots=True)
class Envelope:
    """The key file's content.

    Attributes:
        store_id: names the profile, so that several can have their keys in one Secret Service.
        check: tells the right data key from another, without telling anything of it.
        slots: at most one for each method.
        code_seen: whether somebody has said that they keep the recovery code.
    """

    store_id: str
    check: bytes
    slots: tuple[Slot, ...]
    code_seen: bool = True

    def slot(self, method: Method) -> Slot | None:
        """The slot of a method, None if it was never set up."""
        return next((slot for slot in self.slots if slot.method is method), None)

    def is_key(self, key: bytes) -> bool:
        """Whether this is the data key that the envelope holds; in constant time."""
        return hmac.compare_digest(self.check, _check(key, self.store_id))

    def unwrap(self, slot: Slot, wrapping_key: bytes) -> bytes:
        """The data key.

        Raises:
            WrongKeyError: if the wrapping key does not fit.
        """
        try:
            key = AESGCM(wrapping_key).decrypt(slot.nonce, slot.wrapped, _associated(self.store_id, slot))
        except InvalidTag as error:
            raise WrongKeyError(
                f"The {slot.method.value} does not open the store.",
                "Try again; a lost passphrase is replaced with: kryptic recover.",
            ) from error
        if not self.is_key(key):
            raise damaged("its check value does not fit its key")
        return key


def seal(store_id: str, key: bytes, method: Method, secret: bytes, cost: Cost | None) -> Slot:
    """Wrap the data key: with `cost` under Argon2id of the secret, without it under the secret itself (32 bytes).

    Args:
        store_id: binds the slot to its store.
        key: the data key, 32 bytes.
        method: that the slot belongs to.
        secret: a passphrase or code, or the wrapping key itself (32 bytes).
        cost: of Argon2id; None if `secret` is the wrapping key.
    """
    salt = None if cost is None else secrets.token_bytes(_SALT_BYTES)
    wrapping_key = secret if cost is None or salt is None else cost.derive(secret, salt)
    open_slot = Slot(method, secrets.token_bytes(_NONCE_BYTES), b"", cost, salt)
    wrapped = AESGCM(wrapping_key).encrypt(open_slot.nonce, key, _associated(store_id, open_slot))
    return Slot(method, open_slot.nonce, wrapped, cost, salt)


def new(key: bytes) -> Envelope:
    """An envelope without slots for a new data key."""
    store_id = secrets.token_hex(_ID_BYTES)
    return Envelope(store_id, _check(key, store_id), ())


def load(path: Path) -> Envelope:
    """Read the key file.

    Raises:
        StoreError: if it is missing, cannot be read, is damaged or of a later version; it is left as it is.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_FILE_BYTES)
    except FileNotFoundError as error:
        raise StoreError(
            f"There is no key file at {path}.", "Put back a copy of it: without it the store cannot be opened."
        ) from error
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}).", "Take back the right to read it.") from error
    try:
        content = json.loads(raw)
        if content["format"] != FORMAT:
            raise damaged("it is another program's")
        if content["version"] != VERSION:
            raise StoreError(f"{path.name} is of another version of the program.", "Start that version.")
        slots = tuple(_slot(item) for item in content["slots"])
        code_seen = content.get("recovery_code_seen", True) is not False
        envelope = Envelope(str(content["store_id"]), _bytes(content["check"]), slots, code_seen)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged("it is not whole") from error
    if len({slot.method for slot in envelope.slots}) != len(envelope.slots) or not envelope.slots:
        raise damaged("its slots do not fit together")
    return envelope


def save(envelope: Envelope, path: Path, *, replace: bool) -> None:
    """Write the key file, whole or not at all, for its owner's eyes only.

    Args:
        envelope: the content.
        path: of the key file.
        replace: whether an existing file is replaced.

    Raises:
        StoreError: if it cannot be written, or is there already and `replace` is not asked for.
    """
    content = {
        "format": FORMAT,
        "version": VERSION,
        "store_id": envelope.store_id,
        "check": _text(envelope.check),
        "recovery_code_seen": envelope.code_seen,
        "slots": [{**slot.described(), "wrapped": _text(slot.wrapped)} for slot in envelope.slots],
    }
    temporary = unfinished(path)
    try:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
        else:
            # A link never takes another file's place, which a rename would.
            os.link(temporary, path)
        sync_folder(path.parent)
    except FileExistsError as error:
        raise StoreError(
            f"{path} is there already; it was not touched.", "Unlock with it, or move it away on purpose."
        ) from error
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror}).", "Make room, or make the folder writable, and try again."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def unfinished(path: Path) -> Path:
    """What a death in the middle of `save` leaves behind; the next `save` takes it away."""
    return path.with_name(f".{path.name}.new")


def damaged(why: str) -> StoreError:
    """The error of a key file that cannot be used."""
    return StoreError(
        f"The key file is damaged: {why}. It was left as it is.",
        "Put back a copy of it; the store itself is untouched.",
    )


def _slot(item: dict[str, Any]) -> Slot:
    method = Method(item["method"])
    nonce, wrapped = _bytes(item["nonce"]), _bytes(item["wrapped"])
    if len(nonce) != _NONCE_BYTES:
        raise ValueError("a nonce has another length")
    if method is Method.SECRET_SERVICE:
        return Slot(method, nonce, wrapped)
    argon2id = item["argon2id"]
    cost = Cost(int(argon2id["passes"]), int(argon2id["memory_kib"]), int(argon2id["lanes"]))
    salt = _bytes(argon2id["salt"])
    if len(salt) != _SALT_BYTES:
        raise ValueError("a salt has another length")
    return Slot(method, nonce, wrapped, cost, salt)


def _associated(store_id: str, slot: Slot) -> bytes:
    described = {"format": FORMAT, "version": VERSION, "store_id": store_id, **slot.described()}
    return json.dumps(described, sort_keys=True).encode()


def _check(key: bytes, store_id: str) -> bytes:
    return hashlib.blake2b(store_id.encode(), key=key, digest_size=16, person=b"kryptic-check").digest()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
