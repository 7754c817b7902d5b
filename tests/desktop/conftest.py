from tests.desktop.fixtures import bare_desktop, desktop, session_bus, sway, xserver

__all__ = ["bare_desktop", "desktop", "session_bus", "sway", "xserver"]
