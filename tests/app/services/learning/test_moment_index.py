"""Moments placed from a real store, learned from in the real brain process, found again by what they are like."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app.services.asking import similarity_search
from app.services.asking.ask import Asker
from app.services.asking.similarity import SimilarityQuery, SimilarityResult
from app.services.asking.similarity_search import SimilaritySearch
from app.services.backend import Cancelled
from app.services.ingest.pipeline import new_action
from app.services.learning.brain import Brain, JobCancelledError
from app.services.learning.moment_index import Moments
from app.services.learning.training import Learner
from app.store.store import Store
from app.store.values.forget_request import Forget
from collectors.events import US_PER_DAY, US_PER_S, Event, EventKind, Source
from neural.language.facts import Answer
from neural.language.narration.faithfulness import faithful
from neural.language.reading.plan import Period
from neural.moments import encoder
from neural.synthetic_person import simulate

ZONE = ZoneInfo("Europe/Berlin")
NO_BRAIN = Brain(("/no/such/program",))


def at(day: int, hour: int, minute: int = 0) -> int:
    """A local moment in November 2026."""
    return round(datetime(2026, 11, day, hour, minute, tzinfo=ZONE).timestamp() * 1e6)


NOW_US = at(20, 15)  # a Friday


@dataclasses.dataclass
class Ticking:
    """A clock on which no two readings are the same."""

    now_us: int = NOW_US

    def __call__(self) -> int:
        self.now_us += 1
        return self.now_us


def window(ts_us: int, app: str, title: str, minutes: float = 4) -> Event:
    return Event(ts_us, Source.WINDOW, EventKind.FOCUS, app, None, title, round(minutes * 60 * US_PER_S), 3_600)


def fill(store: Store, events: Iterable[Event]) -> None:
    ordered = sorted(events, key=lambda event: event.ts_us)
    store.append([new_action(event) for event in ordered]).result()


def life() -> Iterator[Event]:
    """Two weeks of the same work, with invoices on three afternoons and boats on one."""
    for day in range(6, 20):
        for number in range(6):
            yield window(at(day, 10, 5 * number), "code", f"part{number}.py - lighthouse")
            yield window(at(day, 11, 5 * number), "firefox", f"Page {number} of the manual")
    for day in (9, 12, 18):
        yield window(at(day, 16), "libreoffice", "Invoice for May.ods")
        yield window(at(day, 16, 5), "libreoffice", "Invoice for June.ods")
    yield window(at(13, 17), "gimp", "Boat at sunset.xcf")


@pytest.fixture
def lived(opened: Store) -> Store:
    fill(opened, life())
    return opened


def found(store: Store, wanted: SimilarityQuery, now_us: int = NOW_US) -> SimilarityResult:
    return SimilaritySearch(store, Moments(store, NO_BRAIN, Ticking())).find(wanted, now_us)


def ask(store: Store, question: str, now_us: int = NOW_US) -> Answer:
    find = SimilaritySearch(store, Moments(store, NO_BRAIN, Ticking())).find
    return Asker(store.reader, lambda: (), lambda: now_us, ZONE, find=find).answer(question)


def count(store: Store) -> int:
    with store.reader() as reader:
        used = reader.moments.encoder()
        return 0 if used is None else reader.moments.count(used[0])


def in_use(store: Store) -> tuple[int, Mapping[str, object]]:
    """The number of the encoder in use, and how it was made."""
    with store.reader() as reader:
        found = reader.moments.encoder()
    assert found is not None
    return found[0], encoder.load(found[1]).made


def test_every_moment_is_placed_once_and_what_comes_later_as_well(lived: Store) -> None:
    moments = Moments(lived, NO_BRAIN, Ticking())
    assert moments.follow()
    first = count(lived)
    assert first == 14 * 12 + 3 * 2 + 1
    assert moments.follow()
    assert count(lived) == first
    fill(lived, [window(at(20, 9), "code", "a new part")])
    assert moments.follow()
    assert count(lived) == first + 1


def test_placing_can_be_stopped_and_goes_on_later(lived: Store) -> None:
    def stop() -> None:
        raise Cancelled

    moments = Moments(lived, NO_BRAIN, Ticking())
    with pytest.raises(Cancelled):
        moments.follow(stop)
    assert not moments.follow(within_s=0)
    assert moments.follow()
    assert count(lived) == 175


def test_an_encoder_made_from_little_is_made_again_once_there_is_more(opened: Store) -> None:
    moments = Moments(opened, NO_BRAIN, Ticking())
    fill(opened, [window(at(5, 9), "code", "the first one")])
    assert moments.follow()
    fill(opened, life())
    assert moments.follow()
    assert in_use(opened)[1]["moments"] == 176
    assert count(opened) == 176


def test_moments_about_words_are_found_by_what_their_titles_say(lived: Store) -> None:
    about = found(lived, SimilarityQuery("invoices"))
    assert [(each.start_us, each.end_us, each.app) for each in about.alike] == [
        (at(day, 16), at(day, 16, 9), "libreoffice") for day in (18, 12, 9)
    ]
    assert set(about.alike[0].because) == {"Invoice for May.ods", "Invoice for June.ods"}
    assert found(lived, SimilarityQuery("zeppelins")).alike == ()
    week = SimilarityQuery("the invoice", Period(at(10, 0), at(17, 0), "then"))
    assert [each.start_us for each in found(lived, week).alike] == [at(12, 16)]


def test_moments_like_those_of_a_time_are_found_and_not_that_time_itself(lived: Store) -> None:
    like = found(lived, SimilarityQuery(period=Period(at(12, 16), at(12, 16, 5), "then")))
    assert like.asked == (at(12, 16), at(12, 16, 4))
    assert [each.start_us for each in like.alike] == [at(18, 16), at(9, 16)]


def test_the_present_moment_is_the_latest_one(lived: Store) -> None:
    fill(lived, [window(at(20, 14, 50), "libreoffice", "Invoice for July.ods")])
    like = found(lived, SimilarityQuery())
    assert like.asked == (at(20, 14, 50), at(20, 14, 54))
    assert [each.start_us for each in like.alike] == [at(day, 16) for day in (18, 12, 9)]


def test_where_nothing_is_stored_nothing_is_found(opened: Store) -> None:
    assert found(opened, SimilarityQuery()) == SimilarityResult(0, None, ())
    assert found(opened, SimilarityQuery("invoices")).alike == ()


def test_what_was_forgotten_is_not_found_any_more(lived: Store) -> None:
    moments = Moments(lived, NO_BRAIN, Ticking())
    finder = SimilaritySearch(lived, moments)
    assert len(finder.find(SimilarityQuery("invoice"), NOW_US).alike) == 3
    lived.write_down_forgetting(Forget(app="libreoffice"), NOW_US).result()
    with lived.reader() as reader:
        plan = reader.plan_to_forget(Forget(app="libreoffice"))
    lived.forget(plan, NOW_US).result()
    lived.end_forgetting().result()
    assert finder.find(SimilarityQuery("invoice"), NOW_US).alike == ()
    assert moments.follow()
    assert count(lived) == 14 * 12 + 1


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("Find moments about invoices", "on Wednesday 18 November 2026 from 16:00 to 16:09 (9 min) in Libreoffice"),
        ("moments about boats", "on Friday 13 November 2026 from 17:00 to 17:04 (4 min) in GIMP: Boat at sunset.xcf"),
        ("find moments like 2026-11-12 from 16:00 to 16:05", "on Monday 9 November 2026 from 16:00 to 16:04 (4 min)"),
        ("When did I last do something like this?", "on Wednesday 18 November 2026 from 11:"),
        ("moments about zeppelins", "None of the 175 moments is about zeppelins."),
        ("find moments like yesterday at 23", "Nothing was recorded yesterday from 23:00 to 24:00"),
    ],
)
def test_a_question_is_answered_from_the_facts(lived: Store, question: str, says: str) -> None:
    answer = ask(lived, question)
    assert says in answer.text
    assert faithful(answer.text, answer.facts)


def test_a_question_to_an_empty_store_is_answered_with_what_to_do(opened: Store) -> None:
    assert "Nothing has been recorded yet" in ask(opened, "find moments like this one").text


def test_the_brain_learns_what_belongs_together_and_all_is_placed_again(opened: Store) -> None:
    fill(opened, simulate(seed=5, start_us=20_000 * US_PER_DAY, days=8))
    brain, stages = Brain(), []
    moments = Moments(opened, brain, Ticking())
    learner = Learner(opened, None, brain, Ticking(), moments)  # type: ignore[arg-type]
    assert moments.follow()
    before, first = count(opened), in_use(opened)
    try:
        with pytest.raises(JobCancelledError):
            moments.learn(lambda _: learner.cancel())
        assert in_use(opened) == first
        assert moments.learn(stages.append)
    finally:
        brain.close()
    assert stages
    number, made = in_use(opened)
    assert number == first[0] + 1
    assert made["moments"] == before == count(opened)
    assert {"judged", "recall_untrained", "recall_trained", "seconds", "trained"} <= made.keys()


def test_too_few_moments_are_not_learned_from(opened: Store) -> None:
    fill(opened, [window(at(5, 9), "code", "the first one")])
    assert not Moments(opened, NO_BRAIN, Ticking()).learn(lambda _: None)


def test_a_long_time_is_asked_about_by_its_beginning_and_one_in_the_future_has_no_end_before_its_start(
    lived: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity_search, "MOST_ROWS", 3)
    like = found(lived, SimilarityQuery(period=Period(at(6, 0), at(9, 0), "then")))
    assert like.asked == (at(6, 10), at(6, 10, 14))
    fill(lived, [window(NOW_US + US_PER_DAY, "gimp", "Zeppelin.xcf")])
    (ahead,) = found(lived, SimilarityQuery("zeppelin")).alike
    assert ahead.start_us == ahead.end_us == NOW_US + US_PER_DAY
