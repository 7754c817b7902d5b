"""What a paired browser tells of pages, and what it never tells."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from collectors.events import Event, EventKind
from tests.desktop.running import until
from tests.extensions.browsing import Browser, Pages, Program, detail_of, path_of, reported

LOGIN = """
  <input id=search placeholder="Find"><button id=help aria-label="Get help">?</button>
  <form id=login action=/welcome><input id=user name=user><input id=word type=password name=word>
    <button id=go>Log in</button></form>"""
TYPED = "walnut harbour"
_HOSTS = itertools.count()


@dataclass
class Tab:
    """A tab whose pages lie on a host of their own, so that what is notified of it can be distinguished."""

    page: Page
    pages: Pages
    program: Program
    host: str

    def go(self, path: str, body: str = "") -> None:
        self.pages.bodies[path] = body
        self.page.goto(self.pages.url(self.host, path))
        self.wait("visit", path)

    def events(self) -> list[Event]:
        return [event for event in self.program.events() if f"//{self.host}:" in (event.target or "")]

    def reported(self) -> list[tuple[str, str]]:
        """What was reported but for times, which belong to whatever was in front for a while."""
        return [each for each in reported(self.events()) if each[0] not in ("dwell", "focus")]

    def of(self, kind: EventKind) -> list[Event]:
        return [event for event in self.events() if event.kind is kind]

    def wait(self, kind: str, path: str) -> None:
        until(lambda: (kind, path) in reported(self.events()), f"a {kind} of {path} is told")

    def end(self) -> list[tuple[str, str]]:
        """Go to a last page, so that everything before is reported; what was reported before it."""
        self.page.goto(self.pages.url(self.host, "/end"))
        self.wait("visit", "/end")
        return [each for each in self.reported() if each != ("visit", "/end")]


@pytest.fixture(scope="module")
def site() -> Iterator[Pages]:
    made = Pages({})
    yield made
    made.close()


@pytest.fixture(scope="module")
def paired(browser: Browser, program: Program) -> Browser:
    assert browser.pair(program.core.pairing.offer().code, program.port).startswith("Paired.")
    return browser


@pytest.fixture
def tab(paired: Browser, program: Program, site: Pages) -> Iterator[Tab]:
    site.bodies.clear()
    page = paired.context.new_page()
    yield Tab(page, site, program, f"s{next(_HOSTS)}.example")
    page.close()


class TestPages:
    def test_a_visit_has_its_title_and_its_address_without_what_may_have_been_typed(self, tab: Tab):
        tab.page.goto(tab.pages.url(tab.host, "/inbox?secret=walnut#harbour"))
        tab.wait("visit", "/inbox")
        [visit] = tab.of(EventKind.VISIT)
        assert (visit.title, visit.target) == ("inbox", tab.pages.url(tab.host, "/inbox"))

    def test_how_long_and_how_far_it_was_read(self, tab: Tab, paired: Browser):
        tab.go("/long", "<div style='height:4000px'>long</div>")
        tab.page.mouse.move(100, 100)
        tab.page.mouse.wheel(0, 4_000)
        tab.page.wait_for_function("scrollY + innerHeight > 3900")
        # Reported half a second after the scrolling; the page says so to the extension before it is left.
        until(lambda: scrolled(paired, "/long") > 90, "the extension has heard how far it was read")
        other = paired.context.new_page()
        tab.wait("dwell", "/long")
        [dwell] = tab.of(EventKind.DWELL)
        assert dwell.duration_us is not None
        assert dwell.duration_us > 0
        assert (detail_of(dwell).scroll_percent or 0) > 90
        other.close()

    def test_a_tab_that_comes_to_the_front_is_reported_once_for_each_time(self, tab: Tab, paired: Browser):
        tab.go("/one")
        other = paired.context.new_page()
        tab.wait("dwell", "/one")
        tab.page.bring_to_front()
        tab.wait("focus", "/one")
        other.close()
        tab.end()
        assert len(tab.of(EventKind.FOCUS)) == 1
        assert len([event for event in tab.of(EventKind.DWELL) if path_of(event) == "/one"]) == 2

    def test_a_page_that_changes_its_own_address_is_reported_with_its_new_title(self, tab: Tab):
        tab.go(
            "/app", "<button id=b onclick=\"history.pushState(0,'','/app/two?x=1');document.title='Two'\">b</button>"
        )
        tab.page.click("#b")
        tab.wait("visit", "/app/two")
        assert tab.of(EventKind.VISIT)[-1].title == "Two"

    def test_one_that_does_so_without_end_is_bounded(self, tab: Tab):
        tab.go("/spin")
        tab.page.evaluate("for (let n = 0; n < 190; n++) history.pushState(0, '', `/spin/${n}`)")
        assert len(tab.end()) < 100

    def test_going_back_is_a_visit(self, tab: Tab):
        tab.go("/a")
        tab.go("/b")
        tab.page.go_back()
        until(lambda: tab.reported() == [("visit", "/a"), ("visit", "/b"), ("visit", "/a")], "the way back is told")

    def test_a_search_is_reported_with_its_words(self, tab: Tab):
        tab.host = "duckduckgo.com"
        tab.page.goto(tab.pages.url(tab.host, "/?q=walnut+trees"))
        tab.wait("search", "/")
        [search] = tab.of(EventKind.SEARCH)
        assert search.title == "walnut trees"
        assert not any("q=" in (event.target or "") for event in tab.events())

    def test_a_download_is_reported_when_it_is_whole(self, tab: Tab):
        tab.go("/files", "<a id=a href=/report.zip>r</a>")
        with tab.page.expect_download() as download:
            tab.page.click("#a")
        assert download.value.path().exists()
        tab.wait("download", "/report.zip")
        assert (tab.of(EventKind.DOWNLOAD)[0].title or "").endswith(".zip") or tab.of(EventKind.DOWNLOAD)[0].title


def scrolled(browser: Browser, path: str) -> float:
    """How far the extension knows a page to be read."""
    tabs = browser.evaluate("chrome.storage.session.get('watch').then(({ watch }) => Object.values(watch.tabs))")
    return max((tab["scroll"] for tab in tabs if tab["address"].endswith(path)), default=0.0)


class TestControls:
    def test_a_click_is_reported_by_role_and_label_and_never_by_what_the_control_says(self, tab: Tab):
        tab.go(
            "/c", "<button id=b aria-label='Send reply'><b>walnut</b></button><button id=harbour name=save>x</button>"
        )
        tab.page.click("#b b")
        tab.page.click("#harbour")
        tab.end()
        details = [detail_of(event) for event in tab.of(EventKind.CLICK)]
        assert [(detail.role, detail.label) for detail in details] == [("button", "Send reply"), ("button", "save")]
        assert "walnut" not in repr(tab.events())

    def test_a_link_has_no_label_for_it_is_named_after_its_text(self, tab: Tab):
        tab.go("/l", "<a id=a href=/next aria-label='Mail from walnut'>walnut</a>")
        tab.page.click("#a")
        tab.wait("visit", "/next")
        tab.wait("click", "/l")
        assert [(detail_of(event).role, detail_of(event).label) for event in tab.of(EventKind.CLICK)] == [
            ("link", None)
        ]

    def test_a_click_on_no_control_and_one_by_a_script_are_none(self, tab: Tab):
        tab.go("/n", "<p id=p>text</p><button id=b>b</button>")
        tab.page.click("#p")
        tab.page.evaluate("document.querySelector('#b').click()")
        assert tab.end() == [("visit", "/n")]

    def test_a_form_is_reported_by_how_many_fields_were_filled_in_and_never_with_what(self, tab: Tab):
        tab.go(
            "/f",
            "<form id=order action=/done><input name=a><input name=b><select name=s><option>walnut<option>x</select><button id=go>Go</button></form>",
        )
        for name in ("a", "b"):
            tab.page.locator(f"[name={name}]").press_sequentially(TYPED)
        tab.page.click("#go")
        tab.wait("visit", "/done")
        tab.wait("submit", "/f")
        [submit] = tab.of(EventKind.SUBMIT)
        assert (detail_of(submit).role, detail_of(submit).label, detail_of(submit).fields) == ("form", "order", 2)
        assert [(detail_of(event).role, detail_of(event).label) for event in tab.of(EventKind.EDIT)] == [
            ("textbox", "a"),
            ("textbox", "b"),
        ]
        assert "walnut" not in repr(tab.events())

    def test_a_form_that_a_script_submits_is_none(self, tab: Tab):
        tab.go(
            "/s",
            "<form action=/x onsubmit='event.preventDefault()'></form><script>setTimeout(() => { for (let n = 0; n < 100; n++) document.forms[0].requestSubmit() })</script>",
        )
        assert tab.end() == [("visit", "/s")]


class TestUnseen:
    def test_a_page_is_invisible_while_a_password_has_the_focus(self, tab: Tab):
        tab.go("/p", LOGIN)
        tab.page.locator("#word").focus()
        tab.wait("dwell", "/p")
        tab.page.keyboard.type(TYPED)
        tab.page.evaluate(
            "document.querySelector('#help').addEventListener('pointerdown', event => event.preventDefault())"
        )
        tab.page.click("#help")  # without taking the focus
        assert ("click", "/p") not in tab.end()
        assert len(tab.of(EventKind.DWELL)) == 1
        assert "walnut" not in repr(tab.events())

    def test_and_visible_again_when_it_has_not(self, tab: Tab):
        tab.go("/p", LOGIN)
        tab.page.locator("#word").focus()
        tab.wait("dwell", "/p")
        tab.page.click("#help")
        tab.wait("click", "/p")

    def test_nothing_is_reported_of_a_form_with_a_password(self, tab: Tab):
        tab.go("/p", LOGIN)
        tab.page.fill("#user", TYPED)
        tab.page.fill("#word", TYPED)
        tab.page.click("#go")
        tab.wait("visit", "/welcome")
        assert tab.reported() == [("visit", "/p"), ("visit", "/welcome")]

    def test_a_page_that_opens_on_a_password_is_reported_only_once_it_may_be_seen(self, tab: Tab):
        tab.pages.bodies["/auto"] = "<input type=password autofocus><button id=b>b</button>"
        tab.page.goto(tab.pages.url(tab.host, "/auto"))
        assert tab.end() == []
        tab.page.goto(tab.pages.url(tab.host, "/auto"))
        tab.page.click("#b")
        tab.wait("visit", "/auto")

    @pytest.mark.parametrize(
        "fields",
        [
            pytest.param("<input type=password autofocus>", id="a password"),
            pytest.param("<input disabled autofocus><input type=password autofocus>", id="the second that asks"),
            pytest.param("<form><input autofocus><input type=password></form>", id="the name beside a password"),
        ],
    )
    def test_a_field_that_asks_for_the_focus_hides_its_page_before_it_has_it(self, tab: Tab, fields: str):
        tab.pages.bodies["/auto"] = f"<link rel=stylesheet href=/late.css>{fields}"
        tab.pages.held["/late.css"] = late = threading.Event()
        try:
            # Nothing is drawn before the styles are there, and nothing has the focus before it is drawn.
            tab.page.goto(tab.pages.url(tab.host, "/auto"), wait_until="domcontentloaded")
            tab.page.evaluate("new Promise((done) => setTimeout(() => setTimeout(done)))")
            assert tab.page.evaluate("document.activeElement === document.body")
            assert tab.end() == []
        finally:
            late.set()
            tab.pages.held.clear()

    @pytest.mark.parametrize(
        "field",
        [
            "<input autocomplete=one-time-code>",
            "<input autocomplete='billing cc-number'>",
            "<input name=cvc>",
            "<label>Card number <input></label>",
            "<input placeholder='IBAN'>",
            "<input maxlength=1>",
            "<input name=verification_code>",
            "<input type=password onfocus=\"this.type='text'\">",
            "<textarea aria-label='Seed phrase'></textarea>",
            "<div contenteditable tabindex=0 aria-label='Secret note'>x</div>",
        ],
    )  # fmt: skip
    def test_fields_for_payments_codes_and_secrets_are_unseen(self, tab: Tab, field: str):
        tab.go("/p", f"{field}<button id=b onpointerdown='event.preventDefault()'>b</button>")
        tab.page.locator("input, textarea, [contenteditable]").focus()
        tab.wait("dwell", "/p")
        tab.page.click("#b")
        assert tab.end() == [("visit", "/p")]

    @pytest.mark.parametrize(
        "field",
        [
            "<input name=city>",
            "<input name=passenger>",
            "<input type=search name=q>",
            "<input name=shipping>",
            "<textarea name=message></textarea>",
        ],
    )
    def test_others_are_not(self, tab: Tab, field: str):
        tab.go("/p", f"{field}<button id=b onpointerdown='event.preventDefault()'>b</button>")
        tab.page.locator("input, textarea").focus()
        tab.page.click("#b")
        tab.wait("click", "/p")

    def test_a_password_in_a_closed_shadow_tree_is_unseen(self, tab: Tab):
        script = "const root = document.querySelector('x-login').attachShadow({ mode: 'closed' }); root.innerHTML = '<input><input type=password>'; globalThis.root = root"
        tab.go(
            "/p",
            f"<x-login></x-login><button id=b onpointerdown='event.preventDefault()'>b</button><script>{script}</script>",
        )
        tab.page.evaluate("root.querySelector('input').focus()")
        tab.page.keyboard.press("Tab")  # inside the tree, without a word to the document
        tab.wait("dwell", "/p")
        tab.page.click("#b")
        assert tab.end() == [("visit", "/p")]

    def test_a_card_number_in_a_frame_of_another_site_hides_the_page_around_it(self, tab: Tab):
        tab.pages.bodies["/pay"] = "<input name=cardnumber><input name=city>"
        frame = tab.pages.url("pay.example", "/pay")
        tab.go(
            "/shop", f"<iframe src='{frame}'></iframe><button id=b onpointerdown='event.preventDefault()'>b</button>"
        )
        inner = tab.page.frame_locator("iframe")
        inner.locator("[name=cardnumber]").click()
        tab.wait("dwell", "/shop")
        tab.page.click("#b")
        inner.locator("[name=city]").click()
        inner.locator("[name=city]").press_sequentially(TYPED)
        assert [each for each in tab.end() if each[0] == "click"] == []
        assert "walnut" not in repr(tab.events())
        assert not any("pay.example" in (event.target or "") for event in tab.program.events())

    def test_a_private_window_is_not_there(self, tab: Tab, paired: Browser):
        tab.go("/open")
        url = tab.pages.url(tab.host, "/private")
        paired.evaluate(f"chrome.windows.create({{ incognito: true, url: '{url}' }}).catch(String)")
        until(lambda: "/private" in tab.pages.asked, "the private window shows its page")
        assert tab.end() == [("visit", "/open")]


class TestSwitch:
    def test_a_site_can_be_switched_off_and_on_with_all_below_it(self, tab: Tab, paired: Browser, program: Program):
        tab.go("/a")
        self.switch(tab, paired)
        below = paired.context.new_page()
        below.goto(tab.pages.url(f"www.{tab.host}", "/below"))
        tab.page.goto(tab.pages.url(tab.host, "/b"))
        below.goto(tab.pages.url("other.example", "/fence"))
        until(lambda: ("visit", "/fence") in reported(program.events()), "another site is told")
        assert tab.reported() == [("visit", "/a")]
        assert not any(path_of(event) == "/below" for event in program.events())
        self.switch(tab, paired)
        tab.go("/c")
        below.close()

    def switch(self, tab: Tab, browser: Browser) -> None:
        """Use the switch in the popup."""
        [number] = browser.evaluate(
            f"chrome.tabs.query({{ url: '*://{tab.host}/*' }}).then(tabs => tabs.map(tab => tab.id))"
        )
        before = off(browser)
        popup = browser.context.new_page()
        popup.goto(browser.own(f"popup.html?tab={number}"))
        until(lambda: popup.locator("#state").inner_text() == "Recording.", "the popup is there whole, and says so")
        popup.locator("#record").click()
        until(lambda: off(browser) != before, "what was switched is kept")
        popup.close()


def off(browser: Browser) -> list[str]:
    """The sites that are switched off."""
    sites: list[str] = browser.evaluate("chrome.storage.local.get('off').then(({ off }) => off ?? [])")
    return sites
