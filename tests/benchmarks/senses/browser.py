"""An hour of browsing in a real Chromium: how much less is stored than its pages see, and that nothing done is lost.

Then ten thousand messages that make no sense at the extension's own inlet. Run: python -m tests.benchmarks.senses.browser
"""

# ruff: noqa: T201 - figures are printed

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from collectors.events import EventKind
from tests.desktop.programs import missing
from tests.desktop.running import until
from tests.extensions import browsing
from tests.extensions.browsing import Browser, Pages, Program, path_of
from tests.extensions.hour import MINUTES, Outcome, browse

BAR_FALL_PERCENT = 95.0
NONSENSE = 10_000


def report(outcome: Outcome, seconds: float) -> bool:
    """Print the hour; whether it met its bars."""
    print(f"an hour of browsing, {MINUTES} pages, without its pauses: {seconds:.0f} s")
    seen = ", ".join(f"{count:,} {kind}" for kind, count in sorted(outcome.spam.items()))
    print(f"  seen by the pages beside what was done: {seen}")
    for kind in EventKind:
        if outcome.done[kind] or outcome.stored[kind]:
            print(f"  {kind.value:<8} done {outcome.done[kind]:>4}   stored {outcome.stored[kind]:>4}")
    lost = sum(outcome.lost.values())
    print(f"  lost: {lost} (bar: 0)   fall of the rest: {outcome.fall_percent:.2f} % (bar: {BAR_FALL_PERCENT} %)")
    return not lost and outcome.fall_percent > BAR_FALL_PERCENT


def nonsense(browser: Browser, program: Program, pages: Pages) -> bool:
    """Print what became of messages that make no sense; whether all stayed well."""
    before = len(program.events())
    begin_s = time.monotonic()
    browser.tell_nonsense(NONSENSE)
    page = browser.context.new_page()
    page.goto(pages.url("after.example", "/after"))
    until(lambda: path_of(program.events()[-1]) == "/after", "the extension goes on")
    page.close()
    new = [event for event in program.events()[before:] if path_of(event) != "/after" and event.kind != EventKind.DWELL]
    print(f"{NONSENSE:,} messages that make no sense: {time.monotonic() - begin_s:.0f} s, {len(new)} stored (bar: 0)")
    return not new


def main() -> int:
    """Print the figures; the status tells whether the bars were met."""
    if missing("chromium"):
        print("skipped: chromium is not installed")
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        browsing.program(Path(folder)) as program,
        sync_playwright() as playwright,
        browsing.chromium(playwright, Path(folder) / "profile") as browser,
    ):
        pages = Pages({})
        print(browser.pair(program.core.pairing.offer().code, program.port))
        begin_s = time.monotonic()
        outcome = browse(browser, program, pages)
        met = [report(outcome, time.monotonic() - begin_s), nonsense(browser, program, pages)]
        pages.close()
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
