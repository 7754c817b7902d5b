"""Of what a browser sees, what says something is stored, and what only says that a hand moved or a page lives is not."""

from __future__ import annotations

from tests.extensions.browsing import Browser, Pages, Program
from tests.extensions.hour import browse


def test_nothing_that_was_done_is_lost_and_hardly_anything_else_is_stored(
    browser: Browser, program: Program, pages: Pages
) -> None:
    assert browser.pair(program.core.pairing.offer().code, program.port).startswith("Paired.")
    outcome = browse(browser, program, pages, minutes=2)  # the whole hour in tests/benchmarks/senses/browser.py
    assert not outcome.lost
    assert sum(outcome.spam.values()) > 500
    assert outcome.fall_percent > 95
