"""From a real Chromium to the encrypted store: paired by a code, sent while the program runs, kept while it does not."""

from __future__ import annotations

from tests.desktop.running import until
from tests.extensions.browsing import Browser, Pages, Program, told


def test_pages_and_tabs_of_a_paired_browser_reach_the_store(browser: Browser, program: Program, pages: Pages) -> None:
    text = browser.pair(program.core.pairing.offer().code, program.port)
    assert text.startswith("Paired.")
    first = browser.context.new_page()
    first.goto(pages.url("one.example", "/first?q=typed#there"))
    second = browser.context.new_page()
    second.goto(pages.url("two.example", "/second"))
    first.bring_to_front()
    wanted = [("visit", "/first"), ("visit", "/second"), ("focus", "/first")]
    until(lambda: [each for each in told(program.events()) if each[0] != "dwell"] == wanted, "they are stored")
    visit = program.events()[0]
    assert (visit.app, visit.title, visit.target) == ("chromium", "first", pages.url("one.example", "/first"))
