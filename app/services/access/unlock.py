"""From a person's credentials to the open store: the first start, every later one, the way back by recovery code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.errors import DamagedError, LockedError, StoreError, WrongKeyError
from app.paths import Paths
from app.store import key_rotation
from app.store.keys.envelope import Method
from app.store.keys.key_ring import KeyRing
from app.store.keys.secret_service import SecretService
from app.store.layout import StoreLayout
from app.store.recovery.backup import Backups
from app.store.recovery.repair import Repair
from app.store.sqlite.errors import RESTORE
from app.store.store import Store

MIN_PASSPHRASE_CHARS: Final = 10
_KEEP_OTHERWISE: Final = "or let a passphrase keep the key (--passphrase-file on the command line)."


@dataclass(frozen=True, slots=True)
class Credentials:
    """What can open the store.

    Attributes:
        passphrase: from a file; None if none was given.
        ask_passphrase: asks the person, None if nobody can be asked.
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
        LockedError: if neither a passphrase nor the key service is at hand.
        StoreError: if something is there already.
    """
    if paths.store.exists():
        raise StoreError(
            f"There is a store at {paths.store}, but its key file {paths.envelope} is missing; both were left alone.",
            "Put keys.json back from a backup; to start over, move the store away first.",
        )
    paths.create()
    passphrase = credentials.passphrase
    by_service = passphrase is None and credentials.use_secret_service
    service = SecretService(otherwise=_KEEP_OTHERWISE) if by_service else None
    if service is not None:
        try:
            service.check()
        except LockedError as error:
            if credentials.ask_passphrase is None:
                raise LockedError(f"A key cannot be made: {error.message}", error.remedy) from error
            service = None
    if service is None and passphrase is None:
        if credentials.ask_passphrase is None:
            raise LockedError("A key needs a place to be kept.", "Give a passphrase with --passphrase-file.")
        passphrase = credentials.ask_passphrase()
    if passphrase is not None:
        check_new_passphrase(passphrase)
    created = KeyRing(paths.envelope).create(service, passphrase)
    return Opened(Store.create(paths.store, created.key), created.recovery_code)


def restore(paths: Paths, credentials: Credentials, name: str | None = None) -> Repair:
    """Put a backup in the place of the store, and bring it up to date from the journal.

    Args:
        paths: the profile.
        credentials: what opens the store.
        name: the backup's file name, or the beginning of it; None for the newest that is sound.

    Raises:
        WrongKeyError, LockedError: as `data_key`.
        StoreError: if there is no such backup, or the store is open.
    """
    key = data_key(paths, credentials)
    if name is None:
        return Store.restore(paths.store, key)
    known = Backups(StoreLayout(paths.store), key).list()
    chosen = [info for info in known if info.path.name.startswith(Path(name).name)]
    if len(chosen) != 1:
        raise StoreError(
            f"{len(chosen)} backups have a name like {name}; nothing was changed.", "See: kryptic backup --list"
        )
    return Store.restore(paths.store, key, chosen[0])


def check_new_passphrase(passphrase: str) -> None:
    """Whether a passphrase is long enough to be set; one that was set earlier opens the store whatever its length.

    Raises:
        KnownError: if it is not.
    """
    if len(passphrase) < MIN_PASSPHRASE_CHARS:
        raise StoreError(
            f"A new passphrase has at least {MIN_PASSPHRASE_CHARS} characters, this one {len(passphrase)}; "
            "nothing was changed.",
            "Several unrelated words are good.",
        )


def unlock(paths: Paths, credentials: Credentials) -> Store:
    """Open the store of a profile that is set up.

    Raises:
        WrongKeyError: if the passphrase is not the right one.
        LockedError: if no credential is at hand.
        StoreError: if the store or its envelope is damaged.
    """
    return _opened(paths, data_key(paths, credentials))


def unlock_with_recovery(paths: Paths, recovery_code: str) -> Store:
    """Open the store with the recovery code.

    Raises:
        WrongKeyError: if the code is not the right one.
    """
    return _opened(paths, _fitting(paths, lambda ring: ring.unlock_with_recovery(recovery_code), None))


def recover(paths: Paths, recovery_code: str, new_passphrase: str) -> None:
    """Set a new passphrase with the recovery code.

    Args:
        paths: of the profile.
        recovery_code: as it was shown.
        new_passphrase: replaces the old one.

    Raises:
        WrongKeyError: if the code is not the right one.
        StoreError: if the new passphrase is too short.
    """
    check_new_passphrase(new_passphrase)
    key = _fitting(paths, lambda ring: ring.unlock_with_recovery(recovery_code), None)
    KeyRing(paths.envelope).set_passphrase(key, new_passphrase)


def data_key(paths: Paths, credentials: Credentials) -> bytes:
    """The data key of a profile that is set up, for whoever can show that it is theirs.

    Raises:
        WrongKeyError: if the passphrase is not the right one.
        LockedError: if no credential is at hand.
        StoreError: if the envelope is damaged.
    """
    typed: list[str] = []

    def ask_once() -> str:
        assert credentials.ask_passphrase is not None
        if not typed:
            typed.append(credentials.ask_passphrase())
        return typed[0]

    asking = credentials if credentials.ask_passphrase is None else replace(credentials, ask_passphrase=ask_once)
    service = SecretService() if credentials.use_secret_service else None
    return _fitting(paths, lambda ring: _key(ring, asking), service)


def _opened(paths: Paths, key: bytes) -> Store:
    try:
        return open_store(paths.store, key)
    except WrongKeyError as error:
        # What was given has opened the key file. If the key opens a backup as well, the store is at fault:
        # its first bytes are the salt that every key hangs on, so that it looks as if the key were another.
        backups = Backups(StoreLayout(paths.store), key).list()
        if not any(key_rotation.fits(info.path, key) for info in backups):
            raise
        raise DamagedError(
            f"The key is right, and opens the backups; the first bytes of {paths.store.name} are damaged, or it is the "
            "file of another store. It was left as it is.",
            RESTORE,
        ) from error


def _fitting(paths: Paths, unlocked: Callable[[KeyRing], bytes], service: SecretService | None) -> bytes:
    """The key that the store is under, also after an interrupted rotation (`app.store.key_rotation`)."""
    ring = KeyRing(paths.envelope)
    incoming = ring.at(key_rotation.next_envelope(paths.envelope))
    if not key_rotation.cut_short(paths.store, ring):
        return unlocked(ring)
    trouble: StoreError | None = None
    opens_other = False
    for candidate in (incoming, ring) if incoming.exists() else (ring,):
        try:
            key = unlocked(candidate)
        except StoreError as error:
            trouble = error
            continue
        if key_rotation.fits(paths.store, key):
            key_rotation.settle(paths.store, ring, key, service)
            return key
        opens_other = True
    if trouble is not None and not opens_other:
        raise trouble
    raise WrongKeyError(
        "A change of the key was cut short, and what was given opens the other of the two keys.",
        "Give the passphrase or the keyring, or the recovery code of the other key.",
    )


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


def open_store(path: Path, key: bytes) -> Store:
    """Open the store of a profile whose key is at hand.

    Raises:
        StoreError: if there is none: a lost store is never replaced by an empty one in silence.
    """
    if not path.exists():
        raise StoreError(
            f"The key is here, but the store is not at {path}; nothing was created in its place.",
            "Put the file back from a backup; to start over, move keys.json next to it away first.",
        )
    return Store.open(path, key)
