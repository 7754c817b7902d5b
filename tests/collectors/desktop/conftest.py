from tests.desktop.fixtures import bare_desktop, desktop, xserver

__all__ = ["bare_desktop", "desktop", "xserver"]
