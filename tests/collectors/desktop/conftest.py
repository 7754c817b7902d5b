from tests.desktop.fixtures import bare_desktop, desktop, sway, xserver

__all__ = ["bare_desktop", "desktop", "sway", "xserver"]
