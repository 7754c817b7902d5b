from tests.app.keyrings import bus, keyring
from tests.app.small_disk import small_disk

__all__ = ["bus", "keyring", "small_disk"]
