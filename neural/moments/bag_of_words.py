"""A moment as a bag of words: what was done in one five-minute slot of the clock, as far as no session ended in it.

Slots lie on the clock, so what a moment is depends on the actions of its own slot alone: one that lost or got an action
is rebuilt from that slot, whatever came before it.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from collectors.events import US_PER_S, CommandDetail, Event, EventKind, PresenceDetail, Source
from neural.reward.actions import Labels
from neural.reward.sessions import SESSION_GAP_US

SLOT_US: Final = 5 * 60 * US_PER_S
MOST_WORDS: Final = 16
"""Of one title, and of one address or command: the beginning says what it is."""
_WORD: Final = re.compile(r"[^\W_]{2,24}")
_ENDS: Final = frozenset({EventKind.LOCK, EventKind.SUSPEND})


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment.

    Attributes:
        start_us: when its first action began.
        end_us: when the last of its actions ended; that may be long after its slot.
        words: how many of its actions bear each word. Words with a colon name what was done (`app:firefox`).
    """

    start_us: int
    end_us: int
    words: Counter[str]


def slot_of(ts_us: int) -> int:
    """The number of the slot that a moment of time lies in."""
    return ts_us // SLOT_US


def moments_of(actions: Iterable[tuple[Event, Labels]]) -> Iterator[Moment]:
    """The moments of a history.

    Args:
        actions: in time order, presence among them. What has no token is no action of the user's and makes no moment.
    """
    current: Moment | None = None
    for event, labels in actions:
        if current is not None and (_ends_session(event) or slot_of(event.ts_us) != slot_of(current.start_us)):
            yield current
            current = None
        if labels.token is None:
            continue
        end_us = event.ts_us + (event.duration_us or 0)
        words = words_of(event, labels)
        if current is None:
            current = Moment(event.ts_us, end_us, Counter(words))
        else:
            current.words.update(words)
            current = Moment(current.start_us, max(current.end_us, end_us), current.words)
    if current is not None:
        yield current


def follows(moments: Sequence[Moment]) -> list[bool]:
    """Whether each moment was followed by the next one without a pause as long as one that ends a session."""
    if not moments:
        return []
    pairs = itertools.pairwise(moments)
    return [*(later.start_us - earlier.end_us <= SESSION_GAP_US for earlier, later in pairs), False]


def words_of(event: Event, labels: Labels) -> frozenset[str]:
    """The words of one action: what was done, in which place, and what its title, address or command say."""
    words = set(plain_words(event.title or ""))
    if event.source is Source.BROWSER:
        words.update(plain_words((event.target or "").partition("://")[2].removeprefix("www.")))
    elif event.source in (Source.FILES, Source.EDITOR):
        words.update(plain_words((event.target or "").rpartition("/")[2]))
    else:
        words.update(plain_words(event.target or ""))
    for name in (event.app, labels.project):
        words.update(plain_words(name or ""))
    if labels.token:
        words.add(labels.token.casefold())
    if labels.project:
        words.add(f"project:{labels.project}")
    if isinstance(event.detail, CommandDetail) and event.detail.exit_status:
        words.add("exit:failed")
    return frozenset(words)


def plain_words(text: str) -> tuple[str, ...]:
    """The first words of a text, lower case, each once; numbers are none."""
    found = dict.fromkeys(word for word in _WORD.findall(text.casefold()) if not word.isdigit())
    return tuple(found)[:MOST_WORDS]


def _ends_session(event: Event) -> bool:
    if event.kind in _ENDS:
        return True
    idle_us = event.detail.idle_us if isinstance(event.detail, PresenceDetail) else 0
    return event.kind is EventKind.IDLE and idle_us >= SESSION_GAP_US
