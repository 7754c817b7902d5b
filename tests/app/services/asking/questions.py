"""A known life in a real store, and one who is asked about it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.services.asking.ask import Asker
from app.services.status import ActionForecast
from app.store.store import Store
from app.store.values.records import NewAction
from collectors.events import CommandDetail, Event, EventKind, GitDetail, RhythmDetail, Source
from neural.language.facts import Answer, ChartKind
from neural.reward.actions import label
from tools.sample_values import REWARD as SAMPLE_REWARD

ZONE = ZoneInfo("Europe/Berlin")
REWARD = replace(SAMPLE_REWARD, until_us=round(datetime(2026, 11, 20, 14, tzinfo=ZONE).timestamp() * 1e6))
Plant = Callable[[list[Event]], None]
FORECASTS = (
    ActionForecast("app:firefox", 0.423, 1.234, "usually follows cmd:git commit; 7 of 9 times"),
    ActionForecast("cmd:git push", 0.2, 0.5, "it is frequent at this hour"),
)


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> int:
    """A local moment in November 2026."""
    return round(datetime(2026, 11, day, hour, minute, second, tzinfo=ZONE).timestamp() * 1e6)


NOW = at(20, 15)  # a Friday


def filed(event: Event) -> NewAction:
    labels = label(event)
    return NewAction(event, labels.token, labels.site, labels.project)


def window(ts_us: int, app: str, minutes: float, title: str | None = None) -> Event:
    return Event(ts_us, Source.WINDOW, EventKind.FOCUS, app, None, title, round(minutes * 60e6), 3600)


def command(ts_us: int, line: str, status: int = 0) -> Event:
    return Event(
        ts_us,
        Source.TERMINAL,
        EventKind.COMMAND,
        "bash",
        line,
        utc_offset_s=3600,
        detail=CommandDetail("/home/ann/src/kryptic", status),
    )


def rhythm(ts_us: int, keys: int, corrections: int) -> Event:
    detail = RhythmDetail(10_000_000, keys, corrections=corrections)
    return Event(ts_us, Source.INPUT, EventKind.RHYTHM, utc_offset_s=3600, detail=detail)


def visit(ts_us: int, url: str, minutes: float) -> Event:
    return Event(ts_us, Source.BROWSER, EventKind.VISIT, "firefox", url, "A page", round(minutes * 60e6), 3600)


def commit(ts_us: int) -> Event:
    return Event(
        ts_us,
        Source.GIT,
        EventKind.COMMIT,
        "git",
        None,
        "Mend the door",
        None,
        3600,
        GitDetail("/home/ann/src/kryptic"),
    )


def one_day(day: int) -> list[Event]:
    """9:00 to 11:05: 30 min Firefox, 84 min Code, then three commands, a commit, 5 min on a site, 30 s of xterm."""
    return [
        window(at(day, 9), "firefox", 30, "News"),
        window(at(day, 9, 30), "code", 84, "door.py"),
        command(at(day, 10, 54), "git add door.py"),
        command(at(day, 10, 55), "make test", status=2),
        command(at(day, 10, 56), "git add door.py"),
        commit(at(day, 10, 57)),
        visit(at(day, 11), "https://www.github.com/ann", 5),
        window(at(day, 11, 5), "xterm", 0.5),
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "store.db", secrets.token_bytes(32))
    yield made
    made.close()


@pytest.fixture
def plant(store: Store) -> Callable[[list[Event]], None]:
    def planting(events: list[Event]) -> None:
        store.append([filed(event) for event in events]).result(30)

    return planting


@pytest.fixture
def asker(store: Store) -> Asker:
    return Asker(store.reader, lambda: FORECASTS, lambda: NOW, ZONE)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """An asker about a store with three equal days, the last of them today; nothing in it changes."""
    made = Store.create(tmp_path_factory.mktemp("lived") / "store.db", secrets.token_bytes(32))
    made.append([filed(event) for day in (18, 19, 20) for event in one_day(day)]).result(30)
    yield Asker(made.reader, lambda: FORECASTS, lambda: NOW, ZONE)
    made.close()


def value(answer: Answer, name: str) -> float | str:
    return {fact.name: fact.value for fact in answer.facts}[name]


def bars(answer: Answer) -> dict[str, float]:
    assert answer.chart is not None
    assert answer.chart.kind is ChartKind.BARS
    (series,) = answer.chart.series
    return dict(zip(series.labels, series.y, strict=True))


ASKED = (
    "what did I do today",
    "what did I do this week",
    "how long was I in Firefox this week",
    "how long was I in code today",
    "how long did I work on kryptic today",
    "how long was I active this month",
    "when am I most focused",
    "what will I do next and why",
    "which apps did I use most",
    "which sites did I visit most",
    "which projects did I work on",
    "how many commits did I make this week",
    "how many pages did I visit today",
    "what did I last do in Firefox",
    "what did I do in kryptic yesterday",
    "what is recorded",
)
