from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import Future
from pathlib import Path

import pytest

from app.errors import StoreError
from app.store.retention import thinning as retention_thinning
from app.store.rows.interning import Interner
from app.store.sqlite.connection import open_writer
from app.store.store import Store
from app.store.values.records import ActionRow, CleanupReport, Dimension, NewAction, NewPrediction, NewTrainingRun
from collectors.events import US_PER_DAY, US_PER_S, Event, EventKind, Source
from tests.app.store.checks import problems

NOW_US = 20_000 * US_PER_DAY + 15 * 3_600 * US_PER_S
WAIT_S = 120


def day_of(day: int, count: int, offset_s: int = 0) -> list[NewAction]:
    """Return `count` commands spread over one local day."""
    begin_us = day * US_PER_DAY - offset_s * US_PER_S
    step_us = US_PER_DAY // count
    return [
        NewAction(
            Event(
                begin_us + index * step_us,
                Source.TERMINAL,
                EventKind.COMMAND,
                "bash",
                f"make {day}-{index}",
                duration_us=US_PER_S,
                utc_offset_s=offset_s,
            )
        )
        for index in range(count)
    ]


def clean(
    store: Store, keep_days: int = 30, *, dry_run: bool = False, seed: int = 0, now_us: int = NOW_US
) -> CleanupReport:
    future: Future[CleanupReport] = store.cleanup(keep_days, now_us, dry_run, seed)
    return future.result(WAIT_S)


def stored(store: Store) -> set[int]:
    with store.reader() as reader:
        return {row.id for row in reader.timeline(0, 2**60)}


def per_day(store: Store) -> Counter[int]:
    with store.reader() as reader:
        rows = reader.timeline(0, 2**60)
        return Counter((row.event.ts_us + row.event.utc_offset_s * US_PER_S) // US_PER_DAY for row in rows)


@pytest.fixture
def year(store: Store) -> Store:
    """Ten old days of 1,000 actions, a boundary, and yesterday."""
    for day in range(19_900, 19_910):
        store.append(day_of(day, 1_000)).result(WAIT_S)
    store.append(day_of(19_999, 500)).result(WAIT_S)
    return store


def test_old_days_keep_one_in_a_hundred_and_new_ones_everything(year: Store):
    report = clean(year)
    assert (report.actions_before, report.actions_removed, report.actions_sampled) == (10_500, 9_900, 100)
    kept = per_day(year)
    assert kept.pop(19_999) == 500
    assert kept == dict.fromkeys(range(19900, 19910), 10)


def test_a_dry_run_says_exactly_what_a_real_run_does_and_changes_nothing(year: Store):
    before = stored(year)
    reported = clean(year, dry_run=True, seed=4)
    assert stored(year) == before
    done = clean(year, seed=4)
    assert (reported.actions_before, reported.actions_removed, reported.actions_sampled, reported.cutoff_us) == (
        done.actions_before,
        done.actions_removed,
        done.actions_sampled,
        done.cutoff_us,
    )
    assert len(before) - len(stored(year)) == reported.actions_removed


def test_a_sample_is_final_whatever_the_seed(year: Store):
    clean(year)
    kept = stored(year)
    for seed in (0, 1, 2):
        assert clean(year, seed=seed).actions_removed == 0
    assert stored(year) == kept


def test_the_seed_decides_what_stays(path: Path, key: bytes):
    kept = []
    for index, seed in enumerate((1, 1, 2)):
        store = Store.create(path.with_name(f"{index}.db"), key)
        store.append(day_of(19_900, 2_000)).result(WAIT_S)
        clean(store, seed=seed)
        kept.append(stored(store))
        store.close()
    assert kept[0] == kept[1] != kept[2]


def test_every_hour_of_a_day_has_the_same_chance(store: Store):
    store.append([action for day in range(19_800, 19_900) for action in day_of(day, 240)]).result(WAIT_S)
    clean(store, seed=7)
    with store.reader() as reader:
        hours = Counter(row.event.ts_us // (6 * 3_600 * US_PER_S) % 4 for row in reader.timeline(0, 2**60))
    assert sum(hours.values()) == pytest.approx(240, abs=12)
    # Four quarters of about 60 each: five standard deviations are 34.
    assert all(abs(count - 60) < 34 for count in hours.values())


def test_small_days_keep_one_in_a_hundred_on_the_whole(store: Store):
    store.append([action for day in range(18_000, 19_900) for action in day_of(day, 10)]).result(WAIT_S)
    report = clean(store)
    # 1,900 days with a chance of 0.1 each for one action: 190, five standard deviations are 65.
    assert abs(report.actions_sampled - 190) < 65


def test_late_arrivals_of_a_thinned_day_are_drawn_among_themselves(year: Store):
    clean(year)
    kept = stored(year)
    year.append(day_of(19_905, 1_000)).result(WAIT_S)
    report = clean(year)
    assert (report.actions_removed, report.actions_sampled) == (990, 110)
    assert kept < stored(year)


def test_old_samples_are_skipped_and_late_arrivals_among_them_are_found(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention_thinning, "STEP_IDS", 3)  # fewer than stay of one day
    store.append([action for day in range(19_000, 19_060) for action in day_of(day, 400)]).result(WAIT_S)
    clean(store)
    late = {19_000: 0, 19_031: 50_400, 19_058: -43_200}
    store.append([action for day, offset_s in late.items() for action in day_of(day, 400, offset_s)]).result(WAIT_S)
    assert clean(store).actions_removed == 3 * 396
    assert per_day(store) == {day: 8 if day in late else 4 for day in range(19_000, 19_060)}
    assert clean(store).actions_removed == 0


def test_a_day_is_the_local_day(store: Store):
    store.append(day_of(19_900, 1_000, offset_s=45_900) + day_of(19_901, 1_000, offset_s=-34_200)).result(WAIT_S)
    clean(store)
    assert per_day(store) == {19_900: 10, 19_901: 10}


def test_a_day_cut_by_the_limit_is_thinned_only_before_it(store: Store):
    store.append(day_of(19_970, 1_000)).result(WAIT_S)
    first = clean(store)
    assert first.cutoff_us == NOW_US - 30 * US_PER_DAY
    assert first.actions_removed + first.actions_sampled == 625
    second = clean(store, now_us=NOW_US + US_PER_DAY)
    assert (second.actions_sampled, len(stored(store))) == (10, 10)


def test_the_sums_outlive_the_actions(year: Store):
    def totals():
        with year.reader() as reader:
            return reader.totals(Dimension.DAY, 19_900 * US_PER_DAY, 20_000 * US_PER_DAY)

    before = totals()
    clean(year)
    assert totals() == before
    assert before[0].actions == 1_000


def test_predictions_and_training_runs_are_not_touched(year: Store):
    run = year.save_training_run(NewTrainingRun(1, "{}", b"w")).result(WAIT_S)
    year.save_prediction(NewPrediction(1, "app:a", (("app:b", 0.5, 1.0),), run)).result(WAIT_S)
    clean(year, keep_days=0)
    with year.reader() as reader:
        assert len(reader.predictions(9)) == len(reader.training_runs(9)) == 1
        assert reader.active_weights() == (run, b"w")


def test_search_finds_the_remaining_actions_alone(year: Store):
    clean(year)
    with year.reader() as reader:
        assert len(reader.search("make", limit=10_000)) == len(stored(year)) == 600


def test_the_file_shrinks_and_is_sound(year: Store, path: Path, key: bytes):
    year.close()
    before = path.stat().st_size
    store = Store.open(path, key)
    clean(store)
    store.close()
    assert path.stat().st_size < before / 2
    assert problems(path, key, cleaned=True) == []


def test_appends_go_on_between_the_slices(year: Store):
    # Both are queued on the writer's own thread, so that neither can be done before the other is there.
    queued: list[Future[CleanupReport]] = []
    done_first: list[bool] = []

    def next_step(_: tuple[ActionRow, ...]) -> None:
        if queued:
            done_first.append(queued[0].done())
        else:
            queued.append(year.cleanup(30, NOW_US, dry_run=False))
            year.append(day_of(19_998, 5))

    year.on_committed(next_step)
    year.append(day_of(19_998, 1)).result(WAIT_S)
    assert queued[0].result(WAIT_S).actions_removed == 9_900
    assert done_first == [False]


def test_closing_answers_a_clean_up_in_progress(year: Store):
    cleaning = year.cleanup(30, NOW_US, dry_run=False)
    year.close()
    assert cleaning.done()


def test_an_interrupted_clean_up_is_resumed(year: Store, path: Path, key: bytes):
    year.close()
    connection = open_writer(path, key)
    thinning = retention_thinning.begin(30, NOW_US, dry_run=False, seed=3)
    while thinning.removed < 1_400:
        connection.execute("BEGIN")
        thinning = thinning.step(connection, Interner(connection))
        connection.execute("COMMIT")
    connection.close()
    store = Store.open(path, key)
    reported = clean(store, dry_run=True, seed=8)
    done = clean(store, seed=8)
    assert thinning.removed % 990
    assert (reported.actions_removed, reported.actions_sampled) == (9_900 - thinning.removed, 100)
    assert (done.actions_removed, done.actions_sampled) == (reported.actions_removed, 100)
    kept = per_day(store)
    assert kept.pop(19_999) == 500
    assert kept == dict.fromkeys(range(19_900, 19_910), 10)
    store.close()


def test_random_runs_keep_the_quota_and_dry_runs_predict_exactly(store: Store):
    draw = random.Random(2)
    seen: Counter[int] = Counter()
    for _ in range(12):
        for _ in range(draw.randint(0, 3)):
            day, count = draw.randint(19_940, 19_950), draw.randint(1, 300)
            store.append(day_of(day, count)).result(WAIT_S)
            seen[day] += count
        keep_days = draw.choice((30, 30, 52, 58))
        reported = clean(store, keep_days, dry_run=True)
        done = clean(store, keep_days, seed=0)
        assert reported.actions_removed == done.actions_removed
    clean(store)
    assert all(abs(count - seen[day] / 100) < 1 for day, count in per_day(store).items())


@pytest.mark.parametrize("keep_days", [-1, 10**9])
def test_an_impossible_number_of_days_is_refused(store: Store, keep_days: int):
    with pytest.raises(StoreError, match="nothing was removed"):
        store.cleanup(keep_days, NOW_US, dry_run=False)


def test_a_stopped_clean_up_reports_its_removals_and_the_next_one_goes_on(year: Store):
    stop = threading.Event()
    stop.set()
    reported = year.cleanup(30, NOW_US, dry_run=False, stop=stop).result(WAIT_S)
    assert reported.cancelled
    assert reported.actions_removed == 10_500 - len(stored(year))
    done = clean(year)
    assert not done.cancelled
    assert reported.actions_removed + done.actions_removed == 9_900


def test_the_word_index_is_merged_before_many_removals(store: Store, path: Path, key: bytes):
    """Every commit leaves a segment behind, and a word is sought in each of them."""
    for day in range(19_800, 19_840):
        store.append(day_of(day, 30)).result(WAIT_S)
    store.close()
    opened = open_writer(path, key)
    assert retention_thinning.segments_of_words(opened) > retention_thinning.MERGE_SEGMENTS
    interner, work = Interner(opened), retention_thinning.begin(30, NOW_US, dry_run=False, seed=0)
    opened.execute("BEGIN")
    while work.merges >= 0:
        assert work.removed == 0
        work = work.step(opened, interner)
    assert retention_thinning.segments_of_words(opened) == 1
    while work.report is None:
        work = work.step(opened, interner)
    opened.execute("COMMIT")
    opened.close()
    assert work.report.actions_removed + work.report.actions_sampled == 1_200
    assert problems(path, key, cleaned=True) == []
