"""An hour of browsing, by a script and without its pauses: what the pages saw of it, and what came of it in the store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from playwright.sync_api import Page

from collectors.events import EventKind
from tests.desktop.running import until
from tests.extensions.browsing import Browser, Pages, Program, path_of

MINUTES = 60
FORM_EVERY = 5  # minutes
_COUNT = """
  const seen = globalThis.seen = { mouse: 0, dom: 0, scroll: 0 };
  addEventListener("mousemove", () => { seen.mouse += 1 }, true);
  addEventListener("scroll", () => { seen.scroll += 1 }, true);
  new MutationObserver((records) => { seen.dom += records.length })
    .observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
"""
_PAGE = f"""
  <script>{_COUNT}</script>
  <button id=go aria-label='Show more'>more</button> <a id=next href='/next'>next</a>
  <form id=order><input name=city><button id=send>Send</button></form>
  <p id=clock></p><div style='height: 5000px'>text</div>
  <script>
    document.forms[0].addEventListener("submit", (event) => event.preventDefault());
    // A clock, an advertisement and a list that loads by itself.
    globalThis.live = (times) => {{
      for (let n = 0; n < times; n++) {{
        document.querySelector("#clock").textContent = n;
        document.querySelector("#clock").setAttribute("data-n", n);
        if (n % 10 === 0) document.body.append(document.createElement("i"));
      }}
    }};
  </script>
"""


@dataclass
class Outcome:
    """What was done, what the pages saw, and what is stored.

    Attributes:
        done: by kind: what a person did, and wants to have recorded.
        spam: by kind: movements, changes and scroll events that the pages saw.
        stored: by kind.
    """

    done: Counter[EventKind] = field(default_factory=Counter)
    spam: Counter[str] = field(default_factory=Counter)
    stored: Counter[EventKind] = field(default_factory=Counter)

    @property
    def lost(self) -> Counter[EventKind]:
        """What was done and is not stored."""
        return self.done - self.stored

    @property
    def fall_percent(self) -> float:
        """By how much what is stored beyond what was done is less than what the pages saw beyond it."""
        beyond = sum((self.stored - self.done).values())
        return 100 * (1 - beyond / sum(self.spam.values()))


def browse(browser: Browser, program: Program, pages: Pages, minutes: int = MINUTES) -> Outcome:
    """Spend some minutes in the browser: a page in each, looked over, scrolled and clicked on, and at times a form."""
    outcome = Outcome()
    page = browser.context.new_page()
    for minute in range(minutes):
        path = f"/minute/{minute}"
        pages.bodies[path] = _PAGE
        page.goto(pages.url(f"site{minute % 7}.example", path))
        _look_over(page)
        page.click("#go")
        outcome.done += Counter({EventKind.VISIT: 1, EventKind.CLICK: 1, EventKind.DWELL: 1})
        if minute % FORM_EVERY == 0:
            page.locator("[name=city]").press_sequentially("walnut")
            page.click("#send")
            outcome.done += Counter({EventKind.EDIT: 1, EventKind.CLICK: 1, EventKind.SUBMIT: 1})
        outcome.spam.update(page.evaluate("new Promise((done) => setTimeout(() => done(seen)))"))
    page.goto(pages.url("site.example", "/last"))
    until(lambda: "/last" in [path_of(event) for event in program.events()], "the hour is stored to its end")
    page.close()
    outcome.stored.update(event.kind for event in program.events() if path_of(event).startswith("/minute/"))
    return outcome


def _look_over(page: Page) -> None:
    """What a hand and a lively page do in a minute."""
    for x, y in ((700, 500), (80, 90), (600, 40), (300, 400)):
        page.mouse.move(x, y, steps=50)
    for _ in range(4):
        page.mouse.wheel(0, 400)
    page.evaluate("live(300)")
