"""Histories in the databases of browsers."""

from __future__ import annotations

import pytest

from collectors.events import MAX_DURATION_US, US_PER_S, EventKind, Source
from collectors.history.browsers import CHROMIUM, FIREFOX
from tests.collectors.history.made_browser import BOTH, LINK, T_US, chromium, firefox, of_chromium, of_firefox
from tests.collectors.history.reading import events, keys


@pytest.fixture
def path(tmp_path):
    return tmp_path / "database"


def test_a_visit_to_a_page_in_chromium(path):
    chromium(path, [("https://example.org/a", "A page", T_US, 5 * US_PER_S, LINK)])
    (event,) = events(CHROMIUM, path)
    assert (event.ts_us, event.source, event.kind, event.app, event.target, event.title, event.duration_us) == (
        T_US,
        Source.BROWSER,
        EventKind.VISIT,
        "chromium",
        "https://example.org/a",
        "A page",
        5 * US_PER_S,
    )


def test_a_visit_to_a_page_in_firefox(path):
    firefox(path, [("https://example.org/a", "A page", T_US, 1)])
    (event,) = events(FIREFOX, path)
    assert (event.ts_us, event.kind, event.app, event.target, event.title, event.duration_us) == (
        T_US,
        EventKind.VISIT,
        "firefox",
        "https://example.org/a",
        "A page",
        None,
    )


@pytest.mark.parametrize("duration_us", [0, -1, MAX_DURATION_US + 1])
def test_an_unknown_or_absurd_duration_is_none(path, duration_us):
    chromium(path, [("https://example.org", "A", T_US, duration_us, LINK)])
    assert events(CHROMIUM, path)[0].duration_us is None


def test_a_download_in_firefox(path):
    firefox(path, [("https://example.org/f.zip", None, T_US, 7)])
    assert events(FIREFOX, path)[0].kind is EventKind.DOWNLOAD


def test_frames_and_addresses_that_sent_the_browser_on_are_no_visits(path):
    chromium(
        path,
        [
            ("https://a.example", "A", T_US, 0, LINK | 3),
            ("https://b.example", "B", T_US, 0, 0x10000000),
            ("https://c.example", "C", T_US, 0, 0x80000000 - 2**32),
            ("https://d.example", "D", T_US, 0, 0xA0000000 - 2**32),
            ("https://e.example", "E", T_US, 0, 0),
        ],
    )
    assert [event.target for event in events(CHROMIUM, path)] == ["https://d.example", "https://e.example"]


def test_frames_in_firefox_are_no_visits(path):
    firefox(path, [("https://a.example", "A", T_US, 4), ("https://b.example", "B", T_US, 8)])
    assert events(FIREFOX, path) == []


def test_a_browsers_own_pages_are_no_visits(path):
    chromium(path, [("chrome://settings", "S", T_US, 0, LINK), ("chrome-extension://x/y", "E", T_US, 0, LINK)])
    assert list(CHROMIUM.read(path)) == []


@BOTH
def test_visits_come_in_their_order(reader, make, path):
    times = [event.ts_us for event in events(reader, make(path, 20))]
    assert times == sorted(times)
    assert len(times) == 20


@BOTH
def test_reading_twice_gives_the_same_identities(reader, make, path):
    make(path, 5)
    first = keys(reader, path)
    assert keys(reader, path) == first
    assert len(set(first)) == 5


@BOTH
def test_a_grown_and_moved_history_brings_only_what_is_new(reader, make, path, tmp_path):
    make(path, 3)
    make(tmp_path / "other", 5)
    assert keys(reader, tmp_path / "other")[:3] == keys(reader, path)


class TestDiscovery:
    @pytest.mark.parametrize(
        ("place", "app"),
        [
            (".config/google-chrome/Default/History", "google-chrome"),
            (".config/chromium/Profile 2/History", "chromium"),
            (".config/BraveSoftware/Brave-Browser/Default/History", "brave-browser"),
            (".config/microsoft-edge/Default/History", "microsoft-edge"),
            (".config/vivaldi/Default/History", "vivaldi"),
            ("snap/chromium/common/chromium/Default/History", "chromium"),
            (".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser/Default/History", "brave-browser"),
        ],
    )
    def test_finds_the_chromium_family(self, own_home, place, app):
        path = own_home / place
        path.parent.mkdir(parents=True)
        of_chromium(path, 1)
        assert CHROMIUM.discover(own_home, {}) == (path,)
        assert events(CHROMIUM, path)[0].app == app

    @pytest.mark.parametrize(
        ("place", "app"),
        [
            (".mozilla/firefox/a1.default-release/places.sqlite", "firefox"),
            ("snap/firefox/common/.mozilla/firefox/a1.default/places.sqlite", "firefox"),
            (".var/app/org.mozilla.firefox/.mozilla/firefox/a1.default/places.sqlite", "firefox"),
            (".librewolf/a1.default/places.sqlite", "librewolf"),
        ],
    )
    def test_finds_firefox_and_its_relatives(self, own_home, place, app):
        path = own_home / place
        path.parent.mkdir(parents=True)
        of_firefox(path, 1)
        assert FIREFOX.discover(own_home, {}) == (path,)
        assert events(FIREFOX, path)[0].app == app
