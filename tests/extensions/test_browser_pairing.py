"""From a real Chromium to the encrypted store: paired by a code, sent while the program runs, kept while it does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from collectors.events import Source
from tests.desktop.running import until
from tests.extensions import browsing
from tests.extensions.browsing import Browser, Pages, Program, front, reported

_FRONT_KEPT = """chrome.storage.session.get("watch").then(({ watch }) => {
  const tab = watch.front && watch.tabs[watch.front.tab];
  return tab?.visit === watch.front?.visit ? (tab?.address ?? null) : null;
})"""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with browsing.program(tmp_path) as made:
        yield made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.context.new_page()
    yield made
    made.close()


def pair(browser: Browser, program: Program) -> str:
    text = browser.pair(program.core.pairing.offer().code, program.port)
    assert text.startswith("Paired."), text
    return text


def visits(program: Program) -> list[str]:
    return [path for kind, path in reported(program.events()) if kind == "visit"]


def state(browser: Browser) -> dict[str, Any]:
    """What the popup says of the sending."""
    popup = browser.context.new_page()
    popup.goto(browser.own("popup.html"))
    until(lambda: bool(popup.locator("#state").inner_text()), "the popup tells")
    words = {name: popup.locator(f"#{name}").inner_text() for name in ("state", "count")}
    popup.close()
    return words


@dataclass
class Impostor:
    """Somebody else on the program's port, who notes what is said."""

    heard: list[tuple[str, str, Any]] = field(default_factory=list)


@contextmanager
def impostor(port: int = 0, answer: object = None) -> Iterator[tuple[Impostor, int]]:
    made = Impostor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.heard.append((self.path, str(self.headers), json.loads(body)))
            said = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made, server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_pages_and_tabs_of_a_paired_browser_reach_the_store(
    browser: Browser, program: Program, pages: Pages, page: Page
) -> None:
    pair(browser, program)
    assert [client.name for client in program.core.tokens.clients] == ["Chromium extension"]
    page.goto(pages.url("one.example", "/first?q=typed#there"))
    second = browser.context.new_page()
    second.goto(pages.url("two.example", "/second"))
    until(lambda: visits(program) == ["/first", "/second"], "both are told of, and so the second was seen in front")
    page.bring_to_front()
    wanted = [("visit", "/first"), ("visit", "/second"), ("focus", "/first")]
    until(lambda: [each for each in reported(program.events()) if each[0] != "dwell"] == wanted, "they are stored")
    visit = program.events()[0]
    assert (visit.app, visit.title, visit.target) == ("chromium", "first", pages.url("one.example", "/first"))
    second.close()


def test_a_wrong_code_pairs_nothing_and_says_so(browser: Browser, program: Program) -> None:
    program.core.pairing.offer()
    assert "The pairing code is wrong." in browser.pair("00000-00000", program.port)
    assert program.core.tokens.clients == ()


def test_nobody_on_the_port_is_said_in_words(browser: Browser, program: Program) -> None:
    program.leave()
    assert "does not answer" in browser.pair("00000-00000", program.port)
    program.come_back()


def test_one_who_does_not_know_the_code_is_given_neither_it_nor_trust(browser: Browser, program: Program) -> None:
    code = program.core.pairing.offer().code
    with impostor(answer={"client": "x", "token": "t" * 43, "proof": "0" * 64}) as (other, port):
        assert "not the KrypticTrack that shows this code" in browser.pair(code, port)
    [(path, _, body)] = other.heard
    assert (path, sorted(body)) == ("/api/pair", ["name", "nonce", "proof"])
    assert code.replace("-", "") not in json.dumps(body)


def test_what_is_seen_while_the_program_does_not_run_is_kept_in_order_until_it_does(
    browser: Browser, program: Program, pages: Pages, page: Page
) -> None:
    pair(browser, program)
    page.goto(pages.url("q.example", "/0"))
    until(lambda: visits(program) == ["/0"], "the first is stored")
    program.leave()
    for number in range(1, 4):
        page.goto(pages.url("q.example", f"/{number}"))
    until(lambda: "waiting" in state(browser)["count"], "some wait")
    until(lambda: state(browser)["state"].startswith("KrypticTrack does not answer."), "the popup says why")
    program.come_back()
    page.goto(pages.url("q.example", "/4"))
    until(lambda: visits(program) == ["/0", "/1", "/2", "/3", "/4"], "all are stored")


def test_somebody_else_on_the_port_hears_neither_the_token_nor_any_event(
    browser: Browser, program: Program, pages: Pages, page: Page
) -> None:
    pair(browser, program)
    program.leave()
    with impostor(program.port, {"proof": "0" * 64, "stored": 1}) as (other, _):
        page.goto(pages.url("q.example", "/secret-page"))
        until(lambda: bool(other.heard), "the extension asks who is there")
        until(lambda: "waiting" in state(browser)["count"], "it waits")
    assert {path for path, _, _ in other.heard} == {"/api/hello"}
    assert {tuple(sorted(body)) for _, _, body in other.heard} == {("client", "nonce")}
    assert not any("uthorization" in head for _, head, _ in other.heard)
    program.come_back()
    page.goto(pages.url("q.example", "/after"))
    until(lambda: visits(program) == ["/secret-page", "/after"], "the program hears it")


def test_a_browser_whose_token_is_revoked_stops_and_says_so(
    browser: Browser, program: Program, pages: Pages, page: Page
) -> None:
    pair(browser, program)
    program.core.tokens.revoke("Chromium extension")
    page.goto(pages.url("q.example", "/revoked"))
    until(lambda: "Pair it again" in state(browser)["state"], "the popup says so")
    assert program.events() == []


def test_while_its_sense_is_off_nothing_is_stored_and_the_popup_says_why(
    browser: Browser, program: Program, pages: Pages, page: Page
) -> None:
    pair(browser, program)
    program.core.preferences.change(consent=frozenset())
    page.goto(pages.url("q.example", "/off"))
    until(lambda: "source is off" in state(browser)["state"], "the popup says so")
    program.core.preferences.change(consent=frozenset({Source.BROWSER}))
    page.goto(pages.url("q.example", "/on"))
    until(lambda: visits(program) == ["/on"], "what is seen from then on is stored")


def test_messages_that_make_no_sense_change_nothing(
    browser: Browser, program: Program, pages: Pages, page: Page
) -> None:
    pair(browser, program)
    page.goto(pages.url("q.example", "/before"))
    until(lambda: visits(program) == ["/before"], "it is stored")
    browser.tell_nonsense(1_000)  # ten thousand in tests/benchmarks/senses/browser.py
    page.goto(pages.url("q.example", "/after"))
    until(lambda: visits(program) == ["/before", "/after"], "it goes on")
    assert {kind for kind, _ in reported(program.events())} <= {"visit", "dwell", "focus"}


def test_what_it_knew_and_kept_is_there_after_the_browser_has_put_its_background_page_to_sleep(
    browser: Browser, program: Program, pages: Pages, page: Page
) -> None:
    pair(browser, program)
    page.goto(pages.url("q.example", "/awake"))
    until(lambda: visits(program) == ["/awake"], "it is stored")
    program.leave()
    page.goto(pages.url("q.example", "/kept"))
    until(lambda: "waiting" in state(browser)["count"], "it waits")
    front(page)
    until(lambda: front_kept(browser) == "/kept", "the page in front is known and kept")
    sleep(browser, page)
    program.come_back()
    page.goto(pages.url("q.example", "/woken"))
    until(lambda: visits(program) == ["/awake", "/kept", "/woken"], "all is stored")
    until(lambda: ("dwell", "/kept") in reported(program.events()), "so is how long it was read")


def front_kept(browser: Browser) -> str | None:
    """The path of the page in front, as it stands in what outlives the background page."""
    address = browser.evaluate(_FRONT_KEPT)
    return None if address is None else urlsplit(address).path


def sleep(browser: Browser, page: Page) -> None:
    """End the background page, as the browser does when it has been idle for half a minute."""
    session = browser.context.new_cdp_session(page)

    def workers() -> set[str]:
        targets = session.send("Target.getTargets")["targetInfos"]
        return {each["targetId"] for each in targets if each["type"] == "service_worker"}

    [worker] = workers()
    session.send("Target.closeTarget", {"targetId": worker})
    until(lambda: worker not in workers(), "it has ended, so that what comes next wakes another one")
    session.detach()
