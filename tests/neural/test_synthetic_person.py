from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from collectors.event_json import from_wire, to_wire
from collectors.events import US_PER_DAY, Event, EventKind, Source
from neural.prior import synthetic_decisions
from neural.reward.scoring import Baselines
from neural.synthetic_person import simulate

MONDAY_US = 20_003 * US_PER_DAY  # 2024-10-07


@pytest.fixture(scope="module")
def fortnight() -> list[Event]:
    return list(simulate(seed=3, start_us=MONDAY_US, days=14))


def test_the_same_seed_lives_the_same_life(fortnight: list[Event]) -> None:
    assert list(simulate(seed=3, start_us=MONDAY_US, days=14)) == fortnight


def test_another_seed_is_another_person(fortnight: list[Event]) -> None:
    assert list(simulate(seed=4, start_us=MONDAY_US, days=14)) != fortnight


def test_time_never_goes_back(fortnight: list[Event]) -> None:
    assert all(one.ts_us <= other.ts_us for one, other in pairwise(fortnight))


def test_every_event_is_one_the_program_takes(fortnight: list[Event]) -> None:
    assert all(from_wire(to_wire(event)) == event for event in fortnight)


def test_a_life_has_programs_commands_sites_files_and_pauses(fortnight: list[Event]) -> None:
    sources = Counter(event.source for event in fortnight)
    for source in (Source.WINDOW, Source.TERMINAL, Source.BROWSER, Source.EDITOR, Source.GIT, Source.PRESENCE):
        assert sources[source] > 10, source
    assert any(event.kind is EventKind.IDLE for event in fortnight)


def test_weekends_are_quieter(fortnight: list[Event]) -> None:
    by_weekday = Counter((event.ts_us // US_PER_DAY + 3) % 7 for event in fortnight)
    assert by_weekday[5] + by_weekday[6] < by_weekday[1]


def test_the_names_are_made_up(fortnight: list[Event]) -> None:
    sites = {event.target for event in fortnight if event.source is Source.BROWSER}
    assert all(site is not None and site.endswith(".example/") for site in sites)


def test_a_life_has_habits_to_be_found() -> None:
    baselines, hits, steps = Baselines(), Counter[str](), synthetic_decisions(0)
    for step in steps:
        hits.update(name for name, rank in baselines.ranks(step.action) if rank == 1)
        baselines.update(step.action)
    assert hits["markov-3"] > 1.5 * hits["most frequent"]
