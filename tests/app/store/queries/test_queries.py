from __future__ import annotations

import math
from concurrent.futures import Future
from typing import TypeVar

import pytest

from app.store.store import Store
from app.store.values.records import Dimension, NewAction, NewPrediction, PredictionScore, Total
from collectors.events import US_PER_S, Event, EventKind, RhythmDetail, Source

HOUR_US = 3_600 * US_PER_S
MIDNIGHT_US = 20_000 * 24 * HOUR_US
WAIT_S = 180
_T = TypeVar("_T")


def answer(future: Future[_T]) -> _T:
    return future.result(WAIT_S)


def focus(
    ts_us: int, minutes: int | None = None, app: str = "code", title: str | None = None, offset_s: int = 0
) -> NewAction:
    duration_us = None if minutes is None else minutes * 60 * US_PER_S
    event = Event(ts_us, Source.WINDOW, EventKind.FOCUS, app, None, title, duration_us, offset_s)
    return NewAction(event, f"app:{app}")


def visit(ts_us: int, url: str, title: str | None = None) -> NewAction:
    site = url.split("/")[2]
    return NewAction(Event(ts_us, Source.BROWSER, EventKind.VISIT, "firefox", url, title), f"web:{site}", site)


def test_time_counts_in_the_hours_that_it_covers(store: Store):
    answer(store.append([focus(MIDNIGHT_US + 10 * HOUR_US + HOUR_US // 2, 90)]))
    with store.reader() as reader:
        totals = reader.totals(Dimension.HOUR, MIDNIGHT_US, MIDNIGHT_US + 24 * HOUR_US)
    assert totals == (Total("10", 1, HOUR_US // 2), Total("11", 0, HOUR_US))


def test_hours_and_days_are_local(store: Store):
    answer(store.append([focus(MIDNIGHT_US - HOUR_US, 10, offset_s=19_800), focus(MIDNIGHT_US - HOUR_US, 10)]))
    with store.reader() as reader:
        hours = [total.key for total in reader.totals(Dimension.HOUR, 0, 2**60)]
        days = [(total.key, total.actions) for total in reader.totals(Dimension.DAY, 0, 2**60)]
    assert hours == ["04", "23"]
    assert days == [("2024-10-03", 1), ("2024-10-04", 1)]


def test_groups_come_most_active_first_and_nameless_ones_not_at_all(store: Store):
    load = NewAction(Event(MIDNIGHT_US, Source.RESOURCES, EventKind.LOAD))
    answer(store.append([focus(MIDNIGHT_US, 5, "mail"), focus(MIDNIGHT_US, 50, "code"), load]))
    with store.reader() as reader:
        apps = [total.key for total in reader.totals(Dimension.APP, MIDNIGHT_US, MIDNIGHT_US + HOUR_US)]
        sources = {total.key for total in reader.totals(Dimension.SOURCE, MIDNIGHT_US, MIDNIGHT_US + HOUR_US)}
    assert apps == ["code", "mail"]
    assert sources == {"window", "resources"}


def test_totals_can_be_of_one_source_alone(store: Store):
    answer(store.append([focus(MIDNIGHT_US, 5, "firefox"), visit(MIDNIGHT_US, "https://a.org/x")]))
    with store.reader() as reader:
        assert reader.totals(Dimension.SITE, 0, 2**60, Source.WINDOW) == ()
        assert reader.totals(Dimension.APP, 0, 2**60, Source.BROWSER) == (Total("firefox", 1, 0),)


def test_a_range_that_cuts_an_hour_is_summed_exactly(store: Store):
    answer(store.append([focus(MIDNIGHT_US - 2 * HOUR_US, 180), focus(MIDNIGHT_US + HOUR_US // 2, 60)]))
    with store.reader() as reader:
        (total,) = reader.totals(Dimension.APP, MIDNIGHT_US + 7, MIDNIGHT_US + HOUR_US + 5)
    assert total == Total("code", 1, (HOUR_US - 7) + (HOUR_US // 2 + 5))


def test_the_sums_follow_an_extension_and_a_correction(store: Store):
    (identity,) = answer(store.append([focus(MIDNIGHT_US)])).ids
    assert identity is not None
    for minutes in (90, 30):
        answer(store.extend(identity, minutes * 60 * US_PER_S))
    with store.reader() as reader:
        assert reader.totals(Dimension.HOUR, 0, 2**60) == (Total("00", 1, HOUR_US // 2),)


def test_input_counts_are_summed(store: Store):
    rhythm = [RhythmDetail(10, keys, 2, 3) for keys in (5, 7)]
    answer(store.append([NewAction(Event(MIDNIGHT_US, Source.INPUT, EventKind.RHYTHM, detail=one)) for one in rhythm]))
    with store.reader() as reader:
        (sums,) = [row for row in reader.export() if row["table"] == "data_aggregates"]
    assert (sums["actions"], sums["keys"], sums["clicks"], sums["scrolls"]) == (2, 12, 4, 6)


def test_search_finds_words_beginnings_and_phrases_newest_first(store: Store):
    titles = ("Quarterly report", "report of the quarter", "Naïve café", "nothing")
    answer(store.append([focus(MIDNIGHT_US + n, title=title) for n, title in enumerate(titles)]))

    def found(text: str) -> list[str | None]:
        with store.reader() as reader:
            return [hit.title for hit in reader.search(text)]

    assert found("report") == [titles[1], titles[0]]
    assert found("quart") == [titles[1], titles[0]]
    assert found('"quarterly report"') == [titles[0]]
    assert found('"quarter report"') == []
    assert found("report quarterly") == [titles[0]]
    assert found("CAFE naive") == [titles[2]]
    assert found("absent") == []


def test_search_looks_into_addresses_and_commands(store: Store):
    line = Event(MIDNIGHT_US, Source.TERMINAL, EventKind.COMMAND, "bash", "git rebase --onto main topic")
    answer(store.append([visit(MIDNIGHT_US + 1, "https://docs.example.org/guide/rebase"), NewAction(line)]))
    with store.reader() as reader:
        hits = reader.search("rebase")
        assert [hit.source for hit in hits] == [Source.BROWSER, Source.TERMINAL]
        assert hits[1].snippet == "git [rebase] --onto main topic"
        assert len(reader.search("docs.example.org/guide")) == 1


def test_every_time_a_page_was_seen_is_a_hit(store: Store):
    answer(store.append([visit(MIDNIGHT_US + n, "https://a.org/x", "Same page") for n in range(5)]))
    with store.reader() as reader:
        assert [hit.ts_us - MIDNIGHT_US for hit in reader.search("same", limit=3)] == [4, 3, 2]


def test_many_matching_texts_are_searched_newest_first_too(store: Store):
    answer(store.append([focus(MIDNIGHT_US + n, title=f"common {n}") for n in range(2_500)]))
    with store.reader() as reader:
        assert [hit.title for hit in reader.search("common", limit=2)] == ["common 2499", "common 2498"]


@pytest.mark.parametrize(
    "text",
    ['"', '""', "AND", "a OR", "NEAR(", "title:", "*", "^x", "-", "a\x00b", "\ud800", "(", "{a}", "' OR 1=1 --", " "],
)
def test_nothing_typed_breaks_the_search(store: Store, text: str):
    answer(store.append([focus(MIDNIGHT_US, title="and or near title")]))
    with store.reader() as reader:
        assert isinstance(reader.search(text), tuple)
        assert isinstance(reader.search_chat(text), tuple)


def test_any_number_of_hits_may_be_asked_for(store: Store):
    answer(store.append([focus(MIDNIGHT_US, title="found")]))
    with store.reader() as reader:
        assert len(reader.search("found", limit=10**30)) == 1
        assert reader.search_chat("found", limit=10**30) == ()


def test_a_prediction_is_read_back_with_its_score(store: Store):
    ranked = (("app:a", 0.5, 1.25), ("app:b", 0.3, -0.75))
    identity = answer(store.save_prediction(NewPrediction(7, "app:c", ranked, None)))
    with store.reader() as reader:
        assert reader.predictions(1)[0].truth is None
    answer(store.score_prediction(PredictionScore(identity, "app:b", 9, 2, 0.3, (("markov-3", 1),))))
    with store.reader() as reader:
        (row,) = reader.predictions(5)
    assert (row.ranked, row.truth, row.rank, row.probability, row.after_action) == (ranked, "app:b", 2, 0.3, "app:c")


def test_hit_rates_are_of_scored_predictions_since_a_moment(store: Store):
    for made_us, rank, probability, baseline in ((1, 1, 0.9, 1), (10, 1, 0.5, 0), (20, 4, 0.25, 5), (30, 0, 0.0, 6)):
        identity = answer(store.save_prediction(NewPrediction(made_us, "app:a", (), None)))
        score = PredictionScore(identity, "app:b", made_us + 1, rank, probability, (("markov-3", baseline),))
        answer(store.score_prediction(score))
    answer(store.save_prediction(NewPrediction(40, "app:a", (), None)))
    with store.reader() as reader:
        rates = reader.hit_rates(since_us=10)
    assert rates.scored == 3
    assert rates.top1 == (("model", 1 / 3), ("markov-3", 0.0))
    assert rates.top5 == (("model", 2 / 3), ("markov-3", 1 / 3))
    assert rates.model_nats == pytest.approx((math.log(2) + math.log(4) - math.log(1e-9)) / 3)


def test_an_empty_store_answers_everything(store: Store):
    with store.reader() as reader:
        assert reader.counts().actions == 0
        assert reader.counts().first_us is None
        assert reader.hit_rates().scored == 0
        assert reader.latest_chat() is None
        assert reader.totals(Dimension.APP, 0, 2**60) == ()
        assert [*reader.labelled()] == [*reader.export()] == []


def test_counts_tell_the_store_at_a_glance(store: Store):
    answer(store.append([focus(MIDNIGHT_US), focus(MIDNIGHT_US + 5), visit(MIDNIGHT_US + 9, "https://a.org/")]))
    with store.reader() as reader:
        counts = reader.counts()
    assert (counts.actions, counts.first_us, counts.last_us) == (3, MIDNIGHT_US, MIDNIGHT_US + 9)
    assert counts.by_source == (("browser", 1), ("window", 2))
    assert counts.file_bytes > 0


def test_a_reader_in_the_middle_of_an_answer_holds_nobody_up(store: Store):
    answer(store.append([focus(MIDNIGHT_US + n) for n in range(2_000)]))
    with store.reader() as reader:
        rows = reader.timeline(0, 2**60)
        next(rows)
        assert answer(store.append([focus(MIDNIGHT_US + 5_000)])).stored == 1
        assert sum(1 for _ in rows) == 1_999
