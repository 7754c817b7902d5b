"""The same extension in a real Firefox: paired, and telling and keeping to itself what it does in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.events import EventKind
from tests.desktop.fixtures import needs
from tests.desktop.running import until
from tests.extensions import firefox as firefoxes
from tests.extensions.browsing import Pages, Program, detail_of, reported
from tests.extensions.firefox import Firefox


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    needs("firefox-esr")
    with firefoxes.firefox(tmp_path) as made:
        yield made


def test_pages_controls_and_forms_reach_the_store_and_nothing_of_a_password(
    firefox: Firefox, program: Program, pages: Pages
) -> None:
    def seen(kind: str, path: str) -> None:
        until(lambda: (kind, path) in reported(program.events()), f"a {kind} of {path} is stored")

    assert firefox.pair(program.core.pairing.offer().code, program.port).startswith("Paired.")
    assert [client.name for client in program.core.tokens.clients] == ["Firefox extension"]
    pages.bodies["/form"] = (
        "<button id=help aria-label='Get help'>walnut</button><form id=order action=/done><input name=city><button id=go>Go</button></form>"
    )
    pages.bodies["/login"] = "<input type=password id=word><button id=b>b</button>"

    firefox.go(pages.url("one.example", "/form?typed=walnut"))
    seen("visit", "/form")
    firefox.click("#help")
    seen("click", "/form")
    firefox.click("#go")
    seen("submit", "/form")
    seen("visit", "/done")
    seen("dwell", "/form")
    firefox.go(pages.url("one.example", "/login"))
    seen("visit", "/login")
    firefox.click("#word")
    seen("dwell", "/login")
    firefox.run("document.querySelector('#b').addEventListener('mousedown', (event) => event.preventDefault())")
    firefox.click("#b")  # without taking the focus
    firefox.go(pages.url("one.example", "/end"))
    seen("visit", "/end")

    events = program.events()
    assert {event.app for event in events} == {"firefox"}
    assert "walnut" not in repr(events)
    clicks = [event for event in events if event.kind is EventKind.CLICK]
    assert [(detail_of(click).role, detail_of(click).label) for click in clicks] == [
        ("button", "Get help"),
        ("button", "go"),
    ]
    assert ("click", "/login") not in reported(events)
