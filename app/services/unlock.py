"""From a person's credentials to the open store: the first start, every later one, the way back by recovery code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.errors import LockedError, StoreError
from app.paths import Paths
from app.services.core import open_store
from app.store.envelope import Method
from app.store.keys import KeyRing
from app.store.secret_service import SecretService
from app.store.store import Store


@dataclass(frozen=True, slots=True)
class Credentials:
    """What can open the store.

    Attributes:
        passphrase: from a file; None where none was given.
        ask_passphrase: asks the person, None where nobody can be asked.
        use_secret_service: whether the desktop's key service may be asked.
    """

    passphrase: str | None = None
    ask_passphrase: Callable[[], str] | None = None
    use_secret_service: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """The open store; `recovery_code` only at the very first start, to be shown once."""

    store: Store
    recovery_code: str | None = None


def is_set_up(paths: Paths) -> bool:
    """Whether a key was made for this profile."""
    return KeyRing(paths.envelope).exists()


def opens_by_itself(paths: Paths) -> bool:
    """Whether the desktop's key service keeps the key, so that nobody needs to be asked."""
    return Method.SECRET_SERVICE in KeyRing(paths.envelope).methods()


def first_start(paths: Paths, credentials: Credentials) -> Opened:
    """Make the key and the empty store.

    Raises:
        LockedError: where neither a passphrase nor the key service is at hand.
        StoreError: where something is there already.
    """
    if paths.store.exists():
        raise StoreError(
            f"There is a store at {paths.store}, but its key file {paths.envelope} is missing; both were left alone.",
            "Put keys.json back from a backup; to begin anew, move the store away first.",
        )
    paths.create()
    passphrase = credentials.passphrase
    service = SecretService() if passphrase is None and credentials.use_secret_service else None
    if service is not None:
        try:
            service.check()
        except LockedError as error:
            if credentials.ask_passphrase is None:
                raise LockedError(
                    f"A key cannot be made: {error.message}",
                    f"{error.remedy} Or give a passphrase with --passphrase-file.",
                ) from error
            service = None
    if service is None and passphrase is None:
        if credentials.ask_passphrase is None:
            raise LockedError("A key needs a place to be kept.", "Give a passphrase with --passphrase-file.")
        passphrase = credentials.ask_passphrase()
    created = KeyRing(paths.envelope).create(service, passphrase)
    return Opened(Store.create(paths.store, created.key), created.recovery_code)


def unlock(paths: Paths, credentials: Credentials) -> Store:
    """Open the store of a profile that is set up.

    Raises:
        WrongKeyError: where the passphrase is not the right one.
        LockedError: where no credential is at hand.
        StoreError: where the store or its envelope is damaged.
    """
    return open_store(paths.store, _key(KeyRing(paths.envelope), credentials))


def unlock_with_recovery(paths: Paths, recovery_code: str) -> Store:
    """Open the store with the recovery code.

    Raises:
        WrongKeyError: where the code is not the right one.
    """
    return open_store(paths.store, KeyRing(paths.envelope).unlock_with_recovery(recovery_code))


def recover(paths: Paths, recovery_code: str, new_passphrase: str) -> None:
    """Set a new passphrase with the recovery code.

    Raises:
        WrongKeyError: where the code is not the right one.
    """
    ring = KeyRing(paths.envelope)
    ring.set_passphrase(ring.unlock_with_recovery(recovery_code), new_passphrase)


def new_recovery_code(paths: Paths, credentials: Credentials) -> str:
    """A new recovery code in place of the old one, to be shown once.

    Raises:
        LockedError, WrongKeyError, StoreError: as `unlock`.
    """
    ring = KeyRing(paths.envelope)
    return ring.renew_recovery_code(_key(ring, credentials))


def _key(ring: KeyRing, credentials: Credentials) -> bytes:
    methods = ring.methods()
    if credentials.passphrase is not None and Method.PASSPHRASE in methods:
        return ring.unlock_with_passphrase(credentials.passphrase)
    locked: LockedError | None = None
    if Method.SECRET_SERVICE in methods and credentials.use_secret_service:
        try:
            return ring.unlock_with_secret_service(SecretService())
        except LockedError as error:
            if Method.PASSPHRASE not in methods or credentials.ask_passphrase is None:
                raise
            locked = error
    if Method.PASSPHRASE in methods and credentials.ask_passphrase is not None:
        return ring.unlock_with_passphrase(credentials.ask_passphrase())
    raise locked or LockedError(
        "The store is locked, and no passphrase was given.",
        "Give it with --passphrase-file; if it is lost, use: kryptic recover.",
    )
