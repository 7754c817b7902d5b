"""A synthetic person whose days have a shape: for demonstrations, for tests and as a part of the shipped prior.

Nobody's log: every name below is invented or a program's common name. The life has real regularities to be found (a
morning round, work in bouts of edit, test and commit on one project, breaks, fatigue towards evening, quiet weekends)
and real noise (whims, failed tests, interruptions).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from collectors.events import (
    US_PER_DAY,
    US_PER_S,
    CommandDetail,
    Detail,
    Event,
    EventKind,
    FileDetail,
    GitDetail,
    PageDetail,
    PresenceDetail,
    Source,
    WindowDetail,
)

_MINUTE_S: Final = 60
_SATURDAY: Final = 5
_EDITORS: Final = ("code", "gvim", "emacs", "kate")
_TERMINALS: Final = ("gnome-terminal", "konsole", "kitty", "alacritty")
_BROWSERS: Final = ("firefox", "chromium")
_CHATS: Final = ("signal", "element", "thunderbird", "slack")
_PROJECTS: Final = ("lighthouse", "tidepool", "sparrow", "granary", "orchard", "paperboat", "clockwork", "foxglove")
_LANGUAGES: Final = ("py", "rs", "ts", "go", "c", "md")
_WORK_SITES: Final = (
    "docs.tidewater.example", "search.example", "forge.example", "answers.example", "tracker.example", "wiki.example",
)  # fmt: skip
_PLAY_SITES: Final = ("news.example", "video.example", "forum.example", "shop.example", "weather.example")
_TESTS: Final = {
    "py": "pytest -q",
    "rs": "cargo test",
    "ts": "npm test",
    "go": "go test ./...",
    "c": "make check",
    "md": "make html",
}
_WORDS: Final = (
    "parser", "store", "window", "queue", "worker", "layout", "schema",
    "report", "login", "export", "cache", "index", "timer", "chart",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Persona:
    """A synthetic person: tastes and rhythms, drawn once.

    Attributes:
        editor, terminal, browser, chat: their programs.
        projects: (name, language), the favourite first.
        sites, play: hosts for work and for leisure, the favourites first.
        starts_hour: when a working day begins, local.
        works_hours: how long it lasts.
        discipline: probability that a bout follows the usual order rather than a whim.
        night_owl: probability of an evening session.
    """

    editor: str
    terminal: str
    browser: str
    chat: str
    projects: tuple[tuple[str, str], ...]
    sites: tuple[str, ...]
    play: tuple[str, ...]
    starts_hour: float
    works_hours: float
    discipline: float
    night_owl: float


def persona(random: np.random.Generator) -> Persona:
    """Draw a person."""

    def pick(names: tuple[str, ...]) -> str:
        return str(random.choice(names))

    names = random.permutation(_PROJECTS)[: random.integers(2, 5)]
    return Persona(
        editor=pick(_EDITORS),
        terminal=pick(_TERMINALS),
        browser=pick(_BROWSERS),
        chat=pick(_CHATS),
        projects=tuple((str(name), pick(_LANGUAGES)) for name in names),
        sites=tuple(map(str, random.permutation(_WORK_SITES))),
        play=tuple(map(str, random.permutation(_PLAY_SITES)[:4])),
        starts_hour=float(random.uniform(7.5, 10.5)),
        works_hours=float(random.uniform(5.5, 9)),
        discipline=float(random.uniform(0.75, 0.92)),
        night_owl=float(random.uniform(0.1, 0.6)),
    )


def simulate(seed: int, start_us: int, days: int, utc_offset_s: int = 0) -> Iterator[Event]:
    """The events of a synthetic person, in time order.

    Args:
        seed: the same seed gives the same person and the same life.
        start_us: the local midnight to begin at, microseconds since the epoch, UTC.
        days: how many days to live.
        utc_offset_s: of the person's clock.
    """
    random = np.random.default_rng(seed)
    who = persona(random)
    for day in range(days):
        yield from _held(_Day(who, random, start_us + day * US_PER_DAY, utc_offset_s).events())


def _held(events: Iterator[Event]) -> Iterator[Event]:
    """The same events, each window in focus lasting until the next one, or until its person stopped or left."""
    waiting: list[Event] = []
    for event in events:
        if waiting and event.source in (Source.WINDOW, Source.PRESENCE):
            idle_us = event.detail.idle_us if isinstance(event.detail, PresenceDetail) else 0
            yield from _ended(waiting, event.ts_us - idle_us)
            waiting = []
        if waiting or event.source is Source.WINDOW:
            waiting.append(event)
        else:
            yield event
    if waiting:
        yield from _ended(waiting, waiting[-1].ts_us + (waiting[-1].duration_us or 0))


def _ended(waiting: list[Event], end_us: int) -> Iterator[Event]:
    """A window in focus, ended, and what was done in it."""
    yield replace(waiting[0], duration_us=max(end_us - waiting[0].ts_us, 0))
    yield from waiting[1:]


class _Day:
    """One day, written down as it is lived; `_now_s` counts from local midnight."""

    def __init__(self, who: Persona, random: np.random.Generator, midnight_us: int, utc_offset_s: int) -> None:
        self._who = who
        self._random = random
        self._midnight_us = midnight_us
        self._offset_s = utc_offset_s
        self._now_s = 0.0
        self._pending: list[Event] = []
        self._project, self._language = who.projects[self._favourite(len(who.projects))]
        self._app: str | None = None
        weekday = (midnight_us + utc_offset_s * US_PER_S) // US_PER_DAY + 3
        self._weekend = weekday % 7 >= _SATURDAY

    def events(self) -> Iterator[Event]:
        """The day's events."""
        who, random = self._who, self._random
        if not self._weekend:
            yield from self._session(who.starts_hour + random.normal(0, 0.3), who.works_hours / 2, work=True)
            yield from self._session(self._now_s / 3_600 + random.uniform(0.5, 1.2), who.works_hours / 2, work=True)
        elif self._chance(0.5):
            yield from self._session(random.uniform(10, 15), random.uniform(0.5, 2), work=self._chance(0.3))
        if self._chance(who.night_owl) and self._now_s < 20.5 * 3_600:
            yield from self._session(random.uniform(20.5, 21.5), random.uniform(0.3, 1.5), work=False)

    def _session(self, hour: float, hours: float, *, work: bool) -> Iterator[Event]:
        self._now_s = max(hour * 3_600, self._now_s + 600)
        began_s = self._now_s
        yield self._event(Source.PRESENCE, EventKind.UNLOCK, detail=PresenceDetail())
        self._app = None
        if work:
            self._morning_round()
        while self._now_s < min(began_s + hours * 3_600, 23.5 * 3_600):
            self._bout(tired=(self._now_s - began_s) / (hours * 3_600), work=work)
            yield from self._drain()
            if self._chance(0.25):
                yield from self._break()
        yield self._event(Source.PRESENCE, EventKind.LOCK, detail=PresenceDetail())

    def _break(self) -> Iterator[Event]:
        away_s = float(self._random.uniform(3, 20)) * _MINUTE_S
        idle_us = round(away_s * US_PER_S)
        self._now_s += away_s
        yield self._event(Source.PRESENCE, EventKind.IDLE, detail=PresenceDetail(idle_us=idle_us))
        yield self._event(Source.PRESENCE, EventKind.ACTIVE, detail=PresenceDetail())

    def _drain(self) -> Iterator[Event]:
        yield from self._pending
        self._pending.clear()

    def _bout(self, tired: float, *, work: bool) -> None:
        drifts = (1 - self._who.discipline) * (0.5 + 1.5 * tired)
        if not work or self._chance(drifts):
            self._leisure()
            return
        if self._chance(0.12):
            self._project, self._language = self._who.projects[self._favourite(len(self._who.projects))]
        bouts = (self._edit_and_test, self._look_up, self._talk)
        bouts[int(self._random.choice(3, p=(0.6, 0.2, 0.2)))]()

    def _morning_round(self) -> None:
        self._focus(self._who.chat, "inbox")
        self._visit(self._who.play[0], 90)
        self._visit(self._who.sites[0], 60)
        self._run("git pull", failed=False)
        self._run("git status", failed=False)

    def _edit_and_test(self) -> None:
        word = str(self._random.choice(_WORDS))
        path = f"/home/robin/src/{self._project}/{word}.{self._language}"
        self._focus(self._who.editor, f"{word}.{self._language} - {self._project}")
        self._file(EventKind.OPEN, path)
        for _ in range(4):
            self._file(EventKind.SAVE, path)
            failed = self._chance(0.4)
            self._run(_TESTS[self._language], failed=failed)
            if not failed:
                break
            if self._chance(0.3):
                self._visit(self._who.sites[self._favourite(3)], 80)
            self._focus(self._who.editor, f"{word}.{self._language} - {self._project}")
        if self._chance(0.6):
            self._run("git status", failed=False)
            self._run("git add -A", failed=False)
            self._run(f"git commit -m '{word}'", failed=False)
            self._put(Source.GIT, EventKind.COMMIT, target=path, title=word, detail=GitDetail(self._project, "main"))
            if self._chance(0.5):
                self._run("git push", failed=False)

    def _look_up(self) -> None:
        self._visit(self._who.sites[1], 20)
        self._visit(self._who.sites[self._favourite(len(self._who.sites))], 150)
        if self._chance(0.5):
            self._run("grep -rn something .", failed=False)
        self._run("ls", failed=False)

    def _talk(self) -> None:
        self._focus(self._who.chat, "inbox")
        if self._chance(0.4):
            self._visit("tracker.example", 60)
        if self._chance(0.3):
            self._focus(self._who.chat, str(self._random.choice(("team", "family", "inbox"))))

    def _leisure(self) -> None:
        for _ in range(int(self._random.integers(1, 4))):
            self._visit(self._who.play[self._favourite(len(self._who.play))], 200)
        if self._chance(0.2):
            self._focus("vlc", "a film")

    def _focus(self, app: str, title: str) -> None:
        self._app = app
        self._put(Source.WINDOW, EventKind.FOCUS, app=app, title=title, detail=WindowDetail(), seconds=15)

    def _visit(self, host: str, seconds: float) -> None:
        if self._app != self._who.browser:
            self._focus(self._who.browser, host)
        url = f"https://{host}/"
        self._put(Source.BROWSER, EventKind.VISIT, target=url, title=host, detail=PageDetail(), seconds=seconds)

    def _run(self, line: str, *, failed: bool) -> None:
        if self._app != self._who.terminal:
            self._focus(self._who.terminal, self._project)
        detail = CommandDetail(f"/home/robin/src/{self._project}", int(failed), "main")
        self._put(Source.TERMINAL, EventKind.COMMAND, app="bash", target=line, detail=detail, seconds=12)

    def _file(self, kind: EventKind, path: str) -> None:
        detail = FileDetail(project=self._project, language=self._language)
        self._put(Source.EDITOR, kind, app=self._who.editor, target=path, detail=detail, seconds=120)

    def _put(
        self,
        source: Source,
        kind: EventKind,
        *,
        detail: Detail,
        seconds: float = 10,
        app: str | None = None,
        target: str | None = None,
        title: str | None = None,
    ) -> None:
        lasts_s = float(self._random.gamma(2.0, seconds / 2))
        made = self._event(source, kind, detail=detail)
        self._pending.append(replace(made, app=app, target=target, title=title, duration_us=round(lasts_s * US_PER_S)))
        self._now_s += lasts_s + 0.5

    def _event(self, source: Source, kind: EventKind, *, detail: Detail) -> Event:
        ts_us = self._midnight_us + round(self._now_s * US_PER_S)
        return Event(ts_us=ts_us, source=source, kind=kind, utc_offset_s=self._offset_s, detail=detail)

    def _chance(self, probability: float) -> bool:
        return bool(self._random.random() < probability)

    def _favourite(self, count: int) -> int:
        """An index below `count`, the first ones likelier: half as likely each."""
        weights = 0.5 ** np.arange(count)
        return int(self._random.choice(count, p=weights / weights.sum()))
