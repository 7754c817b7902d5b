from tests.app.keyrings import bus, keyring

__all__ = ["bus", "keyring"]
