"""The desktop's own safe for secrets (freedesktop.org Secret Service API): GNOME Keyring, KWallet, KeePassXC.

A service may ask the user to unlock it, and some wait for that without end; so every call has a limit, and each way to
fail has a sentence of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from typing import Final, TypeVar

import secretstorage
from jeepney import DBusErrorResponse  # type: ignore[import-untyped]  # it ships no types
from jeepney.io.blocking import DBusConnection  # type: ignore[import-untyped]  # as below
from secretstorage.exceptions import (
    ItemNotFoundException,
    LockedException,
    PromptDismissedException,
    SecretServiceNotAvailableException,
    SecretStorageException,
)

from app.errors import LockedError

TIMEOUT_S: Final = 60.0
_LABEL: Final = "KrypticTrack store key"
UNLOCK_OTHERWISE: Final = "or unlock with the passphrase or the recovery code."
_T = TypeVar("_T")


class SecretService:
    """Keeps one secret for each store in the default collection.

    Args:
        timeout_s: how long a call may take, the user's answer to an unlock dialog included.
        otherwise: the other way that a remedy names.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S, otherwise: str = UNLOCK_OTHERWISE) -> None:
        self._timeout_s = timeout_s
        self._otherwise = otherwise

    def store(self, store_id: str, secret: bytes) -> None:
        """Keep a secret for a store, in place of what was kept for it.

        Raises:
            LockedError: if the service is not there, locked, or does not answer.
        """

        def put(collection: secretstorage.Collection) -> None:
            collection.create_item(
                _LABEL, _attributes(store_id), secret, replace=True, content_type="application/octet-stream"
            )

        self._bounded(lambda: self._ask(put))

    def load(self, store_id: str) -> bytes:
        """The secret kept for a store.

        Raises:
            LockedError: if the service is not there, locked, does not answer, or has nothing for this store.
        """

        def get(collection: secretstorage.Collection) -> bytes:
            item = next(collection.search_items(_attributes(store_id)), None)
            if item is None:
                raise LockedError("The keyring holds no key for this store.", "Open the keyring that it was kept in")
            return item.get_secret()

        return self._bounded(lambda: self._ask(get))

    def remove(self, store_id: str) -> None:
        """Delete what is kept for a store; nothing happens if there is nothing.

        Raises:
            LockedError: if the service is not there, locked, or does not answer.
        """

        def delete(collection: secretstorage.Collection) -> None:
            for item in collection.search_items(_attributes(store_id)):
                item.delete()

        self._bounded(lambda: self._ask(delete))

    def check(self) -> None:
        """Whether a keyring answers here; nothing is unlocked, and no dialog comes up.

        Raises:
            LockedError: why not, and what to do.
        """
        self._bounded(self._reach)

    def _bounded(self, ask: Callable[[], _T]) -> _T:
        """Ask on a thread of its own, which is left behind (and ends with the program) if the service hangs."""
        answer: Future[_T] = Future()

        def run() -> None:
            try:
                answer.set_result(ask())
            except BaseException as error:  # noqa: BLE001  # handed to the caller, who is waiting for it
                answer.set_exception(error)

        threading.Thread(target=run, name="secret-service", daemon=True).start()
        try:
            return answer.result(self._timeout_s)
        except TimeoutError as error:
            raise LockedError(
                f"The keyring did not answer within {self._timeout_s:g} s.",
                f"Look for its dialog, answer it and try again, {self._otherwise}",
            ) from error
        except LockedError as error:
            raise LockedError(error.message, f"{error.remedy}, {self._otherwise}") from error

    def _reach(self) -> None:
        with closing(_connect()) as connection:
            try:
                there = secretstorage.check_service_availability(connection)
            except (SecretStorageException, DBusErrorResponse) as error:
                raise _refused(error) from error
            if not there:
                raise _no_keyring()

    def _ask(self, ask: Callable[[secretstorage.Collection], _T]) -> _T:
        with closing(_connect()) as connection:
            try:
                collection = secretstorage.get_default_collection(connection)
                if collection.is_locked() and collection.unlock(timeout=self._timeout_s):
                    raise _locked()
                return ask(collection)
            except (LockedException, PromptDismissedException) as error:
                raise _locked() from error
            except SecretServiceNotAvailableException as error:
                raise _no_keyring() from error
            except ItemNotFoundException as error:
                raise LockedError("The keyring has no default collection.", "Set one up in it") from error
            except (SecretStorageException, DBusErrorResponse) as error:
                raise _refused(error) from error


def _connect() -> DBusConnection:
    try:
        return secretstorage.dbus_init()
    except (SecretServiceNotAvailableException, OSError) as error:
        raise LockedError(
            f"There is no session bus to reach a keyring through ({error}).",
            "Start the program from within the desktop session",
        ) from error


def _no_keyring() -> LockedError:
    return LockedError("No keyring runs on this session's bus.", "Start one (gnome-keyring, KWallet or KeePassXC)")


def _refused(error: Exception) -> LockedError:
    return LockedError(f"The keyring refused ({error}).", "Look at it and try again")


def _attributes(store_id: str) -> dict[str, str]:
    return {"application": "kryptictrack", "store": store_id}


def _locked() -> LockedError:
    return LockedError("The keyring is locked.", "Unlock it and try again")
