"""A synthetic life for the store's benchmarks: what comes back, what is new, what was given up long ago."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Final

from app.store.values.records import NewAction
from collectors.events import (
    US_PER_DAY,
    US_PER_S,
    CommandDetail,
    Event,
    EventKind,
    LoadDetail,
    PageDetail,
    PresenceDetail,
    RhythmDetail,
    Source,
    WindowDetail,
)

START_US: Final = 1_699_920_000 * US_PER_S
"""Midnight UTC, mid-November."""
ACTIONS_PER_DAY: Final = 20_000
TITLES_AT_ONCE: Final = 300
PROJECTS_AT_ONCE: Final = 12
DAYS_A_PROJECT: Final = 20
"""Every so many days one project is given up for a new one, and its name is met no more."""
WINTER_OFFSET_S: Final = 3_600
SUMMER_OFFSET_S: Final = 7_200
_SUMMER_DAYS: Final = range(136, 352)
"""Of 365 days that begin in mid-November."""
_DAYS_A_YEAR: Final = 365
_WAKE_US: Final = 8 * 3_600 * US_PER_S
_AWAKE_US: Final = 14 * 3_600 * US_PER_S
_SYLLABLES: Final = ("ka", "lo", "mi", "ter", "sun", "bra", "ve", "dro", "shi", "pan", "gel", "ru", "wex", "fo", "nim")
# fmt: off
COMMON_WORDS: Final = (
    "review", "merge", "deploy", "release", "storage", "index", "query", "chart", "report", "budget", "travel",
    "mail", "agenda", "weekly", "design", "draft", "notes", "kernel", "driver", "window", "screen", "editor",
    "cache", "thread", "socket", "parser", "lexer", "module", "branch", "commit", "issue", "ticket", "planning",
    "music", "film", "recipe", "garden", "weather", "train", "flight", "hotel", "map", "photo", "album",
    "invoice", "order", "basket", "bank", "letter", "course", "exam",
)
# fmt: on
WORDS: Final = (
    *COMMON_WORDS,
    *random.Random(0).sample(["".join(parts) for parts in itertools.product(_SYLLABLES, repeat=3)], k=3_375),
)
"""Most common first; each is met as often as its place says (Zipf)."""
APPS: Final = (
    *("firefox", "code", "xterm", "thunderbird", "evince", "gimp", "nautilus", "signal"),
    *("libreoffice", "vlc", "inkscape", "okular", "keepassxc", "blender", "audacity", "steam"),
)
_WORD_WEIGHTS: Final = tuple(itertools.accumulate(1 / (place + 5) for place in range(len(WORDS))))
_APP_WEIGHTS: Final = tuple(itertools.accumulate(1 / (place + 1) for place in range(len(APPS))))


def project_name(number: int) -> str:
    """The name of the project begun as the `number`-th; a word that stands in titles of its time alone."""
    return f"project{number:04d}"


class Life:
    """A person's days, one after the other; the same seed lives the same life.

    Args:
        seed: of all that is drawn.
        lived: how many days are over.
    """

    def __init__(self, seed: int, lived: int = 0) -> None:
        self._draw = random.Random(seed)
        self._made = 0
        self._day = lived
        self._titles = [self._title() for _ in range(TITLES_AT_ONCE)]
        self._commands = [" ".join(self._words(self._draw.randint(1, 5))) for _ in range(200)]
        self._pages = [
            (f"https://{word}.example.org/{self._draw.choice(COMMON_WORDS)}/{number}", number % TITLES_AT_ONCE)
            for number, word in enumerate(COMMON_WORDS * 6)
        ]

    def day(self, actions: int) -> list[NewAction]:
        """The actions of the next day, in time order."""
        midnight_us = START_US + self._day * US_PER_DAY
        offset_s = SUMMER_OFFSET_S if self._day % _DAYS_A_YEAR in _SUMMER_DAYS else WINTER_OFFSET_S
        draw = self._draw
        begun_us = midnight_us + _WAKE_US - offset_s * US_PER_S
        moments = sorted(begun_us + int(draw.random() * _AWAKE_US) for _ in range(actions))
        lived = [self._action(ts_us, offset_s) for ts_us in moments]
        self._day += 1
        return lived

    def _action(self, ts_us: int, offset_s: int) -> NewAction:
        draw = self._draw
        kind = draw.random()
        self._made += 1
        if self._made % 4 == 0:
            # One action in four brings a title never seen before.
            self._titles[draw.randrange(TITLES_AT_ONCE)] = self._title()
        if kind < 0.35:
            (app,) = draw.choices(APPS, cum_weights=_APP_WEIGHTS)
            title = draw.choice(self._titles)
            window = WindowDetail(draw.randint(1_000, 30_000))
            length_us = draw.randint(1, 12) * US_PER_S
            event = Event(ts_us, Source.WINDOW, EventKind.FOCUS, app, None, title, length_us, offset_s, window)
            return NewAction(event, f"app:{app}")
        if kind < 0.50:
            url, place = draw.choice(self._pages)
            site = url.split("/")[2]
            page = PageDetail()
            event = Event(
                ts_us, Source.BROWSER, EventKind.VISIT, "firefox", url, self._titles[place], None, offset_s, page
            )
            return NewAction(event, f"web:{site}", site)
        if kind < 0.65:
            line = draw.choice(self._commands)
            project = self._project()
            where = CommandDetail(f"/home/me/{project}", draw.choice((0, 0, 0, 1)), "main")
            command = Event(
                ts_us, Source.TERMINAL, EventKind.COMMAND, "bash", line, None, 2 * US_PER_S, offset_s, where
            )
            return NewAction(command, f"cmd:{line.split()[0]}", None, project)
        if kind < 0.85:
            rhythm = RhythmDetail(10 * US_PER_S, draw.randint(0, 80), draw.randint(0, 9), 3, draw.randint(9**5, 9**6))
            return NewAction(Event(ts_us, Source.INPUT, EventKind.RHYTHM, utc_offset_s=offset_s, detail=rhythm))
        if kind < 0.97:
            load = LoadDetail(round(draw.random() * 100, 1), round(draw.random() * 100, 1), draw.randrange(9**6), 0)
            return NewAction(Event(ts_us, Source.RESOURCES, EventKind.LOAD, utc_offset_s=offset_s, detail=load))
        idle = PresenceDetail(300 * US_PER_S)
        return NewAction(Event(ts_us, Source.PRESENCE, EventKind.IDLE, utc_offset_s=offset_s, detail=idle))

    def _words(self, count: int) -> list[str]:
        return self._draw.choices(WORDS, cum_weights=_WORD_WEIGHTS, k=count)

    def _title(self) -> str:
        words = self._words(5)
        if self._draw.random() < 0.15:
            words[2] = self._project()
        return f"{' '.join(words).capitalize()} {self._made}"

    def _project(self) -> str:
        return project_name(self._day // DAYS_A_PROJECT + self._draw.randrange(PROJECTS_AT_ONCE))


def life(actions: int, seed: int) -> Iterator[NewAction]:
    """A life of so many actions, at 20,000 a day, in time order."""
    lived = Life(seed)
    left = actions
    while left > 0:
        yield from lived.day(min(left, ACTIONS_PER_DAY))
        left -= ACTIONS_PER_DAY
