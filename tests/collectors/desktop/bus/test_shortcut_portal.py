"""Against a real bus with a portal's stand-in: a key is asked for, and every press of it is reported."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from collectors.collector import CollectorError, Stop
from collectors.desktop.bus import shortcut_portal
from tests.desktop import programs
from tests.desktop.fixtures import needs
from tests.desktop.portal import Portal, portal
from tests.desktop.programs import PATIENCE_S
from tests.desktop.running import until

pytestmark = pytest.mark.desktop


class Listening:
    """Who listens, on a thread: the presses that were reported, and what ended it."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.presses: queue.Queue[None] = queue.Queue()
        self.error: CollectorError | None = None
        self.stop = Stop()
        self._environ = environ
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            shortcut_portal.listen(
                lambda: self.presses.put(None), self.stop, self._environ, "Pause or resume recording"
            )
        except CollectorError as error:
            self.error = error

    def end(self) -> None:
        self.stop.set()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@contextmanager
def listening(address: str) -> Iterator[Listening]:
    made = Listening({"DBUS_SESSION_BUS_ADDRESS": address})
    try:
        yield made
    finally:
        made.end()
        made.stop.close()


@pytest.fixture
def address() -> Iterator[str]:
    needs("dbus-daemon")
    with programs.session_bus() as address:
        yield address


def pressed(portal: Portal, work: Listening) -> int:
    """Press until the first press is reported, for nobody says when the listener is there: how often it was pressed."""
    presses = 0

    def reported() -> bool:
        nonlocal presses
        portal.press()
        presses += 1
        return not work.presses.empty()

    until(reported, "a press told")
    return presses


def test_every_press_of_our_key_is_reported_and_no_other(address: str):
    with portal(address) as there, listening(address) as work:
        presses = pressed(there, work)
        assert there.bound[1][0][0] == "pause"
        assert there.bound[1][0][1]["description"] == ("s", "Pause or resume recording")
        for _ in range(50):
            there.press(key="another")
            there.press("/org/freedesktop/portal/desktop/session/1_2/stranger")
        reported = work.presses.qsize()
        for _ in range(3):
            there.press()
        until(lambda: work.presses.qsize() >= reported + 3, "three more presses told")
        work.end()
        assert work.presses.qsize() <= presses + 3
        until(lambda: ("Close", ()) in there.peer.calls, "the session closed")
    assert work.error is None


def test_a_user_who_chooses_no_key_has_none(address: str):
    with portal(address, code=1), listening(address) as work:
        work.thread.join(PATIENCE_S)
        assert work.error is not None
        assert "gave no key" in work.error.unavailable.reason


def test_a_desktop_without_the_portal_says_what_else_can_be_done(address: str):
    trouble = shortcut_portal.check({"DBUS_SESSION_BUS_ADDRESS": address})
    assert trouble is not None
    assert "kryptic pause" in trouble.remedy
    with portal(address):
        assert shortcut_portal.check({"DBUS_SESSION_BUS_ADDRESS": address}) is None


def test_a_portal_that_goes_away_is_reported(address: str):
    with listening_and(address) as (there, work):
        pressed(there, work)
    work.thread.join(PATIENCE_S)
    work.stop.close()
    assert work.error is not None
    assert work.error.unavailable is shortcut_portal.GONE


@contextmanager
def listening_and(address: str) -> Iterator[tuple[Portal, Listening]]:
    """A portal that is gone at the end, and a listener that is not ended."""
    with portal(address) as there:
        yield there, Listening({"DBUS_SESSION_BUS_ADDRESS": address})
