"""The context of a decision: the last actions, what lasts, title, project and time, and the contexts these make."""

from __future__ import annotations

import zlib
from typing import Final

from collectors.events import US_PER_S
from neural.reward.actions import Step, kind_of
from neural.reward.features.hash_tables import mix

LASTING: Final = frozenset(("app", "web", "file"))
"""Kinds whose actions last: the same one again is a new title, not a new action."""
EARLY_CONTEXTS: Final = (
    "order 0", "order 1", "order 2", "order 3", "order 4", "order 5",
    "skip 2", "skip 3", "skip 1 3", "skip 2 3", "bag 3",
    "hour", "hour of week", "pause", "title", "project", "project order 1",
)  # fmt: skip
TITLE_WORDS: Final = 8
ORDERS: Final = 5
PAUSES_S: Final = (2, 10, 30, 120, 600, 3_600, 28_800)
HOUR_S: Final = 3_600
EPOCH_WEEKDAY_S: Final = 3 * 86_400
"""1970-01-01 was a Thursday: added, so that a week begins on Monday."""


class Context:
    """The moment's surroundings of one person, kept up step by step.

    Attributes:
        past: ids of the last actions, the latest first, -1 before the beginning.
        current: by kind, the id of what lasts now.
        now_s, local_s: time of the latest step, UTC and local seconds; None if the log has no times.
        pause_s: seconds between the last two new actions.
        began_s: when the session began; since_break_s: how long without a break, in the sessions' own sense.
        session_actions: new actions in this session.
    """

    def __init__(self) -> None:
        self.past = [-1] * (ORDERS + 1)
        self.current: dict[str, int] = {}
        self.title: tuple[int, ...] = ()
        self.project = 0
        self.now_s: float | None = None
        self.local_s: float | None = None
        self.acted_s: float | None = None
        self.pause_s: float | None = None
        self.session: int | None = None
        self.began_s: float | None = None
        self.session_actions = 0
        self.titles_seen = 0

    def enter(self, step: Step) -> None:
        """Take in a step's time, session, title and project: what is the same for new actions and new titles."""
        if step.session != self.session:
            self.session = step.session
            self.session_actions = 0
            self.began_s = None
        if step.ts_us is None:
            self.now_s = self.local_s = None
        else:
            self.now_s = step.ts_us / US_PER_S
            self.local_s = self.now_s + step.utc_offset_s + EPOCH_WEEKDAY_S
            self.began_s = self.now_s if self.began_s is None else min(self.began_s, self.now_s)
        self.title = tuple(zlib.crc32(word.encode("utf-8", "replace")) for word in step.title_tokens)
        if step.project is not None:
            self.project = zlib.crc32(step.project.encode("utf-8", "replace")) + 1
        self.titles_seen += 1

    def wait_until(self, now_s: float) -> None:
        """Let time pass without a step; a moment before the latest step changes nothing."""
        if self.now_s is not None and self.local_s is not None and now_s > self.now_s:
            self.local_s += now_s - self.now_s
            self.now_s = now_s

    def act(self, action: int, name: str) -> None:
        """Take in a new action, after `enter`."""
        self.past.insert(0, action)
        self.past.pop()
        self.titles_seen = 0
        self.session_actions += 1
        if self.now_s is not None:
            self.pause_s = max(self.now_s - self.acted_s, 0.0) if self.acted_s is not None else None
            self.acted_s = self.now_s
        kind = kind_of(name)
        if kind == "app":
            self.current.clear()
        if kind in LASTING:
            self.current[kind] = action

    def keys(self) -> list[int]:
        """Keys of EARLY_CONTEXTS, 0 for one that is not there now."""
        one, two, three = (action + 1 for action in self.past[:3])
        keys = [mix(0, 1)]
        running = 1
        for order, action in enumerate(self.past[:ORDERS], 1):
            running = mix(running, action + 2) if action >= 0 and running else 0
            keys.append(mix(running, order) if running else 0)
        keys.append(mix(two, 21) if two else 0)
        keys.append(mix(three, 22) if three else 0)
        keys.append(mix(mix(one, three), 23) if three else 0)
        keys.append(mix(mix(two, three), 24) if three else 0)
        low, middle, high = sorted((one, two, three))
        keys.append(mix(mix(mix(low, middle), high), 25) if low else 0)
        return keys + self._time_keys(one) + self._place_keys(one)

    def word_keys(self) -> list[int]:
        """Keys of the first TITLE_WORDS words of the title, padded with 0."""
        words = [mix(word, 51) for word in self.title[:TITLE_WORDS]]
        return words + [0] * (TITLE_WORDS - len(words))

    def _time_keys(self, one: int) -> list[int]:
        if self.local_s is None:
            return [0, 0, 0]
        hour = int(self.local_s // HOUR_S)
        pause = 9 if self.pause_s is None else sum(self.pause_s > edge for edge in PAUSES_S)
        if self.session_actions <= 1:
            pause += 16
        return [mix(hour % 24, 31), mix(hour % 168, 32), mix(mix(one, pause), 33)]

    def _place_keys(self, one: int) -> list[int]:
        title = one if self.title else 0
        for word in sorted(self.title):
            title = mix(title, word)
        if not self.project:
            return [title, 0, 0]
        return [title, mix(self.project, 34), mix(mix(self.project, one), 35)]
