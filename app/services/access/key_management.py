"""The ways to unlock a profile, and how they are changed. Whoever changes one shows again that the store is theirs."""

from __future__ import annotations

from dataclasses import replace

from app.errors import StoreError
from app.paths import Paths
from app.services.access.unlock import Credentials, check_new_passphrase, data_key
from app.services.access.unlock_methods import KeyAction, KeyChange, UnlockMethods
from app.store import key_rotation
from app.store.key_rotation import Progress, Rotated
from app.store.keys.envelope import Method
from app.store.keys.key_ring import KeyRing
from app.store.keys.secret_service import SecretService

_KEEP_AS_IS = "or leave it as it is; nothing was changed."


def unlock_methods(paths: Paths) -> UnlockMethods:
    """The ways of a profile.

    Raises:
        StoreError: if its key file is missing or damaged.
    """
    ring = KeyRing(paths.envelope)
    methods = ring.methods()
    return UnlockMethods(Method.PASSPHRASE in methods, Method.SECRET_SERVICE in methods, ring.code_seen())


def change(paths: Paths, asked: KeyChange) -> str | None:
    """Make a change that leaves the store as it is; the new recovery code if that was asked for, to be shown once.

    Raises:
        WrongKeyError, LockedError, StoreError: as the change itself, below.
    """
    credentials = Credentials(passphrase=asked.current, use_secret_service=asked.current is None)
    match asked.action:
        case KeyAction.SET_PASSPHRASE:
            set_passphrase(paths, credentials, asked.new or "")
        case KeyAction.REMOVE_PASSPHRASE:
            remove_passphrase(paths, credentials)
        case KeyAction.ADD_KEYRING:
            add_keyring(paths, credentials)
        case KeyAction.REMOVE_KEYRING:
            remove_keyring(paths, credentials)
        case KeyAction.NEW_CODE:
            return new_recovery_code(paths, credentials)
        case KeyAction.NEW_KEY:
            raise StoreError("The store is open; its key was not changed.", "Close it first: see `rotate_key`.")
    return None


def set_passphrase(paths: Paths, credentials: Credentials, new: str) -> None:
    """Set or change the passphrase; the store is not rewritten.

    Args:
        paths: of the profile.
        credentials: open the store now.
        new: the new passphrase.

    Raises:
        WrongKeyError, LockedError, StoreError: as `unlock.data_key`, and if the new one is too short.
    """
    check_new_passphrase(new)
    KeyRing(paths.envelope).set_passphrase(data_key(paths, credentials), new)


def remove_passphrase(paths: Paths, credentials: Credentials) -> None:
    """Let the passphrase open the store no more.

    Raises:
        WrongKeyError, LockedError, StoreError: as `unlock.data_key`, and if it is the only way.
    """
    KeyRing(paths.envelope).remove_passphrase(data_key(paths, credentials))


def add_keyring(paths: Paths, credentials: Credentials) -> None:
    """Let the desktop's keyring open the store too.

    Raises:
        WrongKeyError, LockedError, StoreError: as `unlock.data_key`, and if the keyring does not answer.
    """
    KeyRing(paths.envelope).add_secret_service(data_key(paths, credentials), SecretService(otherwise=_KEEP_AS_IS))


def remove_keyring(paths: Paths, credentials: Credentials) -> None:
    """Let the keyring open the store no more, and delete what it kept.

    Raises:
        WrongKeyError, LockedError, StoreError: as `unlock.data_key`, and if it is the only way.
    """
    KeyRing(paths.envelope).remove_secret_service(data_key(paths, credentials), SecretService(otherwise=_KEEP_AS_IS))


def new_recovery_code(paths: Paths, credentials: Credentials) -> str:
    """A new recovery code in place of the old one, to be shown once; see `confirm_recovery_code`.

    Raises:
        WrongKeyError, LockedError, StoreError: as `unlock.data_key`.
    """
    return KeyRing(paths.envelope).renew_recovery_code(data_key(paths, credentials))


def confirm_recovery_code(paths: Paths) -> None:
    """Note that the code was seen and is kept.

    Raises:
        StoreError: if the key file cannot be written.
    """
    KeyRing(paths.envelope).confirm_recovery_code()


def rotate_key(paths: Paths, credentials: Credentials, progress: Progress = lambda _done, _total: None) -> Rotated:
    """Put the closed store under a new data key, with the same ways to unlock it and a new recovery code.

    Args:
        paths: the profile; nothing has its store open.
        credentials: with the passphrase, if the store has one: it wraps the new key too.
        progress: see `app.store.key_rotation.Progress`.

    Raises:
        WrongKeyError, LockedError, StoreError: as `unlock.data_key` and `app.store.key_rotation.rotate`.
    """
    ring = KeyRing(paths.envelope)
    asked = credentials
    has = unlock_methods(paths)
    if has.passphrase and credentials.passphrase is None:
        if credentials.ask_passphrase is None:
            raise StoreError(
                "The passphrase is needed, to wrap the new key; nothing was changed.", "Give it with --passphrase-file."
            )
        asked = replace(credentials, passphrase=credentials.ask_passphrase())
    key = data_key(paths, asked)
    return key_rotation.rotate(
        paths.store,
        ring,
        key,
        passphrase=asked.passphrase if has.passphrase else None,
        secret_service=SecretService(otherwise=_KEEP_AS_IS) if has.keyring else None,
        progress=progress,
    )
