"""The panic wipe of a profile, from the program that runs or from any other process."""

from __future__ import annotations

import os
from collections.abc import Mapping

from app.errors import StoreError
from app.paths import Paths
from app.services.ingest.revoke import revoke_grants
from app.store.keys import panic_wipe
from app.store.keys.panic_wipe import Wiped
from app.store.keys.secret_service import SecretService
from collectors.catalog import COLLECTORS

KEYRING_TIMEOUT_S = 10.0
"""A keyring that asks to be unlocked must not hold up a wipe; without the key file its part opens nothing."""


def destroy_key(paths: Paths) -> Wiped:
    """Destroy the key, and take the keyring's part of it; from then on nothing of the profile can be read.

    Raises:
        StoreError: if a key file can be neither overwritten nor removed: then nothing else was touched.
    """
    try:
        key_files, names = panic_wipe.destroy_keys(paths.data)
    except OSError as error:
        raise StoreError(
            f"The key in {paths.data} cannot be destroyed ({error.strerror}); nothing was removed.",
            "Give yourself the right to write there, or remove the folder by hand.",
        ) from error
    return Wiped(key_files, panic_wipe.empty_keyring(names, SecretService(KEYRING_TIMEOUT_S)))


def sweep(paths: Paths, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Remove the folders of a profile, once nothing writes there any more; the paths that could not be removed.

    What the desktop gave for a sense (that the screen may be shared) is given back before that.
    What the desktop itself reads (the autostart entry, the entry in its menu) holds nothing of the user's, and stays.
    """
    revoke_grants(COLLECTORS, paths, environ)
    return panic_wipe.remove((paths.data, paths.cache, paths.state, paths.config, paths.runtime))
