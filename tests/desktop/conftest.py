from tests.desktop.fixtures import bare_desktop, desktop, session_bus, xserver

__all__ = ["bare_desktop", "desktop", "session_bus", "xserver"]
