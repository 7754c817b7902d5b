"""Asks again whose store it is, before the running program hands out whole tables or lets a key be changed.

A guess at the passphrase costs Argon2id already; after a few wrong ones there is a wait as well, the longer the more
there were, so that nothing that reaches the socket can try words all night.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from app.errors import KnownError, WrongKeyError
from app.paths import Paths
from app.services.access.unlock import Credentials, data_key

LOGGER: Final = logging.getLogger(__name__)
FREE_ATTEMPTS: Final = 3
LONGEST_WAIT_S: Final = 300.0


class Reauthenticator:
    """One for a running program; safe from any thread, one question at a time.

    Args:
        paths: whose keys are asked for.
        now_s: a clock that never jumps, seconds.
    """

    def __init__(self, paths: Paths, now_s: Callable[[], float] = time.monotonic) -> None:
        self._paths = paths
        self._now_s = now_s
        self._lock = threading.Lock()
        self._wrong = 0
        self._closed_until_s = float("-inf")

    def verify(self, passphrase: str | None) -> None:
        """Verify the passphrase, or unlock through the keyring again. Returns if the caller may proceed.

        Raises:
            WrongKeyError: if it is the wrong passphrase.
            LockedError: if no passphrase was given and the keyring is no way or does not open.
            KnownError: after several wrong ones, until the wait is over.
        """
        with self._lock:
            left_s = self._closed_until_s - self._now_s()
            if left_s > 0:
                raise KnownError(
                    f"There were {self._wrong} wrong passphrases in a row; nothing was handed out.",
                    f"Try again in {left_s:.0f} s.",
                )
            try:
                data_key(self._paths, Credentials(passphrase=passphrase, use_secret_service=passphrase is None))
            except WrongKeyError:
                self._wrong += 1
                LOGGER.warning("a wrong passphrase, the %d. in a row", self._wrong)
                if self._wrong >= FREE_ATTEMPTS:
                    wait_s = min(LONGEST_WAIT_S, 2.0 ** (self._wrong - FREE_ATTEMPTS))
                    self._closed_until_s = self._now_s() + wait_s
                raise
            self._wrong = 0
