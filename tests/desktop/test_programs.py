"""The programs that other tests drive are themselves held to what those tests rely on."""

from __future__ import annotations

import socket

import pytest
from Xlib.display import Display

from tests.desktop import programs
from tests.desktop.fixtures import needs
from tests.desktop.programs import Desktop, XServer

pytestmark = pytest.mark.desktop


def test_two_servers_have_displays_of_their_own(xserver: XServer):
    with programs.xserver() as other:
        assert other.display != xserver.display


def test_a_server_answers_as_soon_as_it_is_there(xserver: XServer):
    display = Display(xserver.display)
    width = display.screen().width_in_pixels
    display.close()
    assert width == 1280


def test_a_window_has_the_focus_once_it_was_activated(desktop: Desktop):
    first, second = desktop.terminal("one"), desktop.clock("two")
    for window in (first, second, first):
        desktop.activate(window)
        assert desktop.xdotool("getactivewindow").strip() == window


def test_without_a_window_manager_there_is_none(bare_desktop: Desktop):
    assert "_NET_SUPPORTING_WM_CHECK:  no such atom" in bare_desktop.xprop("-root", "_NET_SUPPORTING_WM_CHECK")


def test_nothing_outlives_the_block():
    needs("Xvfb", "openbox", "xterm")
    with programs.desktop() as whole:
        whole.terminal("one")
        processes = [whole.server.process, *whole.clients]
    assert all(process.returncode is not None for process in processes)


def test_the_bus_answers_at_its_address(session_bus: str):
    path = dict(part.split("=") for part in session_bus.removeprefix("unix:").split(","))["path"]
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(programs.PATIENCE_S)
        client.connect(path)
        client.sendall(b"\0AUTH\r\n")
        assert client.recv(100).startswith(b"REJECTED")
