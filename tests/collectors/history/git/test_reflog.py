"""The lines of a reflog."""

from __future__ import annotations

import pytest

from collectors.events import EventKind
from collectors.history.git.reflog import Move, NoMove, move_of

LINE = b"0" * 40 + b" " + b"a" * 40 + b" Me <me@example.org> 1700000000 %s\t%s"


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        (b"commit: x", EventKind.COMMIT),
        (b"commit (amend): x", EventKind.COMMIT),
        (b"cherry-pick: x", EventKind.COMMIT),
        (b"revert: x", EventKind.COMMIT),
        (b"checkout: moving from a to b", EventKind.CHECKOUT),
        (b"merge topic: Fast-forward", EventKind.MERGE),
        (b"pull: Fast-forward", EventKind.PULL),
        (b"pull --rebase (finish): returning to refs/heads/main", EventKind.PULL),
        (b"rebase (finish): returning to refs/heads/main", EventKind.REBASE),
        (b"rebase -i (finish): returning to refs/heads/main", EventKind.REBASE),
        (b"reset: moving to HEAD~1", EventKind.RESET),
    ],
)
def test_tells_what_was_done(what, kind):
    move = move_of(LINE % (b"+0000", what), None)
    assert isinstance(move, Move)
    assert move.kind is kind


@pytest.mark.parametrize("what", [b"clone: from x", b"rebase (pick): x", b"pull --rebase (start): checkout x"])
def test_passes_over_steps(what):
    assert move_of(LINE % (b"+0000", what), "main") == NoMove("main")


@pytest.mark.parametrize(("zone", "seconds"), [(b"+0530", 19_800), (b"-0800", -28_800), (b"+9999", 0)])
def test_knows_the_zone(zone, seconds):
    move = move_of(LINE % (zone, b"commit: x"), None)
    assert isinstance(move, Move)
    assert move.utc_offset_s == seconds


def test_a_commit_checked_out_is_no_branch():
    move = move_of(LINE % (b"+0000", b"checkout: moving from main to " + b"a" * 40), "main")
    assert isinstance(move, Move)
    assert move.branch is None
