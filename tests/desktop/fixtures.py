"""Fixtures over `tests.desktop.programs`; a part that is not installed is a failure in CI, a skip with its reason elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.desktop import programs
from tests.desktop.compositors import sway as compositor
from tests.desktop.compositors.sway import Sway
from tests.desktop.programs import Desktop, XServer

__all__ = ["bare_desktop", "desktop", "needs", "session_bus", "sway", "xserver"]


def needs(*names: str) -> None:
    """End the test here if one of these programs is not installed."""
    missing = programs.missing(*names)
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.fixture
def xserver() -> Iterator[XServer]:
    """An X server and nothing on it."""
    needs("Xvfb")
    with programs.xserver() as server:
        yield server


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    """An X server with openbox."""
    needs("Xvfb", "openbox", "xterm", "xclock", "xdotool", "xprop")
    with programs.desktop() as whole:
        yield whole


@pytest.fixture
def bare_desktop() -> Iterator[Desktop]:
    """An X server without a window manager."""
    needs("Xvfb", "openbox", "xterm", "xclock", "xdotool", "xprop")
    with programs.desktop(managed=False) as whole:
        yield whole


@pytest.fixture
def session_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A session bus of its own, in the environment too."""
    needs("dbus-daemon")
    with programs.session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@pytest.fixture
def sway() -> Iterator[Sway]:
    """A Wayland compositor."""
    needs(*compositor.NEEDED)
    with compositor.sway() as whole:
        yield whole
