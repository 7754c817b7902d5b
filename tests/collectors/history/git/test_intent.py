from __future__ import annotations

import pytest

from collectors.history.git.intent import Intent, intent_of


@pytest.mark.parametrize(
    ("subject", "intent"),
    [
        ("feat(kite): longer tail", Intent.FEATURE),
        ("fix!: knots", Intent.FIX),
        ("chore(deps): bump string from 1 to 2", Intent.UPKEEP),
        ("perf: lighter sticks", Intent.SPEED),
        ("Add a tail", Intent.FEATURE),
        ("Added a tail", Intent.FEATURE),
        ("Fixes the knots", Intent.FIX),
        ("fixing knots", Intent.FIX),
        ("Stopped the spinning", Intent.FIX),
        ("Drop the old sticks", Intent.REMOVAL),
        ("Dropping the old sticks", Intent.REMOVAL),
        ("Removed the tests of the tail", Intent.REMOVAL),
        ("Update the README", Intent.DOCS),
        ("Fix typo in the manual", Intent.DOCS),
        ("Add tests for the tail", Intent.TEST),
        ("Rename wing to sail", Intent.REFACTOR),
        ("Simplified the frame", Intent.REFACTOR),
        ("Upgrade to string 3", Intent.UPKEEP),
        ("Merge branch 'topic'", Intent.MERGE),
        ('Revert "Add a tail"', Intent.REVERT),
        ("Docs: how to fly", Intent.DOCS),
        ("README", Intent.DOCS),
        ("The kite flies", None),
        ("wip", None),
        ("https://example.org: a link", None),
        ("", None),
        ("\N{KITE} 7", None),
    ],
)
def test_a_subject_says_what_the_commit_was_made_for(subject: str, intent: Intent | None):
    assert intent_of(subject) is intent
