"""The live model over a real store: what it predicts, how it is scored, and what it is rebuilt from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from app.services.ingest.pipeline import new_action
from app.services.learning import forecast
from app.services.learning.forecast import LATE_US, SAVED_CANDIDATES, Forecaster, steps_of
from app.store.reader import Reader
from app.store.store import Store
from app.store.values.records import NewTrainingRun, PredictionRow
from collectors.events import US_PER_S, Event, EventKind, PresenceDetail, Source
from neural.reward import checkpoint
from neural.reward.actions import label
from neural.reward.checkpoint import CheckpointError
from neural.reward.sessions import Sessions
from tests.app.services.conftest import NOW_US, Clock

ROUND = ("git status", "make test", "git commit")


def command(number: int, text: str | None = None) -> Event:
    at_us = NOW_US + number * 30 * US_PER_S
    return Event(at_us, Source.TERMINAL, EventKind.COMMAND, "bash", text or ROUND[number % len(ROUND)])


def idle(at_us: int) -> Event:
    return Event(at_us, Source.PRESENCE, EventKind.IDLE, detail=PresenceDetail(180 * US_PER_S))


def observe(forecaster: Forecaster, *events: Event) -> None:
    for event in events:
        forecaster.observe(event, label(event))


def live(store: Store, rounds: int) -> None:
    store.append([new_action(command(number)) for number in range(rounds * len(ROUND))]).result()


def saved(store: Store) -> list[PredictionRow]:
    """The predictions in the store, oldest first."""
    store.append(()).result()
    with store.reader() as reader:
        return sorted(reader.predictions(1_000), key=lambda row: row.id)


def tokens(forecaster: Forecaster) -> list[str]:
    return [each.action for each in forecaster.forecasts()]


class TestForecasts:
    def test_before_anything_was_seen_there_is_none(self, forecaster: Forecaster) -> None:
        assert forecaster.forecasts() == ()

    def test_what_always_follows_comes_first(self, forecaster: Forecaster) -> None:
        observe(forecaster, *(command(number) for number in range(30)))
        assert tokens(forecaster)[0] == "cmd:git status"

    def test_they_are_ranked_by_their_probability(self, forecaster: Forecaster) -> None:
        observe(forecaster, *(command(number) for number in range(30)))
        probabilities = [each.probability for each in forecaster.forecasts()]
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1

    def test_each_has_a_reason(self, forecaster: Forecaster) -> None:
        observe(forecaster, *(command(number) for number in range(30)))
        assert all(each.because for each in forecaster.forecasts())

    def test_they_are_reported_while_another_thread_is_at_work_on_the_next(self, forecaster: Forecaster) -> None:
        observe(forecaster, *(command(number) for number in range(6)))
        held, let_go = threading.Event(), threading.Event()

        def hold() -> None:
            with forecaster._lock:
                held.set()
                let_go.wait(180)

        holding = threading.Thread(target=hold)
        holding.start()
        assert held.wait(180)
        try:
            assert tokens(forecaster)
        finally:
            let_go.set()
            holding.join()


class TestScores:
    def test_each_action_is_predicted_again(self, forecaster: Forecaster, opened: Store) -> None:
        observe(forecaster, *(command(number) for number in range(5)))
        assert [row.after_action for row in saved(opened)] == [
            "cmd:git status",
            "cmd:make test",
            "cmd:git commit",
            "cmd:git status",
            "cmd:make test",
        ]

    def test_a_prediction_is_scored_by_the_action_after_it(self, forecaster: Forecaster, opened: Store) -> None:
        observe(forecaster, *(command(number) for number in range(5)))
        assert [row.truth for row in saved(opened)] == [
            "cmd:make test",
            "cmd:git commit",
            "cmd:git status",
            "cmd:make test",
            None,
        ]

    def test_its_score_is_what_it_had_said(self, forecaster: Forecaster, opened: Store) -> None:
        observe(forecaster, *(command(number) for number in range(20)))
        scored = [row for row in saved(opened) if row.rank]
        assert scored
        for row in scored:
            assert row.rank is not None
            action, probability, _reward = row.ranked[row.rank - 1]
            assert (action, probability) == (row.truth, pytest.approx(row.probability))

    def test_what_it_had_not_named_has_no_rank(self, forecaster: Forecaster, opened: Store) -> None:
        observe(forecaster, command(0), command(1), command(2, "never seen before"))
        row = saved(opened)[1]
        assert (row.truth, row.rank, row.probability) == ("cmd:never", 0, 0.0)

    def test_the_baselines_are_scored_next_to_it(self, forecaster: Forecaster, opened: Store) -> None:
        observe(forecaster, *(command(number) for number in range(20)))
        saved(opened)
        with opened.reader() as reader:
            rates = reader.hit_rates()
        assert {name for name, _ in rates.top1} >= {"model", "most recent", "most frequent"}

    def test_no_more_than_the_likeliest_are_saved(self, forecaster: Forecaster, opened: Store) -> None:
        observe(forecaster, *(command(number, f"tool{number}") for number in range(40)))
        assert max(len(row.ranked) for row in saved(opened)) == SAVED_CANDIDATES

    def test_what_is_not_to_be_predicted_is_learned_from_alone(self, forecaster: Forecaster, opened: Store) -> None:
        observe(forecaster, *(command(number) for number in range(30)))
        before = saved(opened)
        forecaster.observe(command(30), label(command(30)), predict=False)
        observe(forecaster, command(31))
        after = saved(opened)
        assert len(after) == len(before) + 1
        assert after[-1].after_action == "cmd:make test"
        assert tokens(forecaster)[0] == "cmd:git commit"

    def test_going_away_is_no_action(self, forecaster: Forecaster, opened: Store) -> None:
        observe(forecaster, command(0), idle(command(0).ts_us + US_PER_S))
        assert len(saved(opened)) == 1

    def test_an_event_that_comes_far_too_late_is_left_to_the_next_rebuild(
        self, forecaster: Forecaster, opened: Store
    ) -> None:
        late = Event(command(50).ts_us - LATE_US - 1, Source.TERMINAL, EventKind.COMMAND, "bash", "make")
        observe(forecaster, command(50), late)
        assert [row.after_action for row in saved(opened)] == ["cmd:git commit"]

    def test_an_event_that_comes_a_little_late_is_live(self, forecaster: Forecaster, opened: Store) -> None:
        late = Event(command(50).ts_us - LATE_US, Source.TERMINAL, EventKind.COMMAND, "bash", "make")
        observe(forecaster, command(50), late)
        assert [row.after_action for row in saved(opened)] == ["cmd:git commit", "cmd:make"]


class TestRebuild:
    def test_the_stored_past_is_known_again(self, forecaster: Forecaster, opened: Store) -> None:
        live(opened, rounds=20)
        assert forecaster.rebuild() == 60
        assert tokens(forecaster)[0] == "cmd:git status"

    def test_an_empty_past_predicts_nothing(self, forecaster: Forecaster) -> None:
        assert forecaster.rebuild() == 0
        assert forecaster.forecasts() == ()

    def test_no_more_than_the_latest_is_replayed(
        self, forecaster: Forecaster, opened: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(forecast, "REPLAYED_STEPS", 10)
        live(opened, rounds=20)
        assert forecaster.rebuild() == 10

    def test_live_events_go_on_from_there(self, forecaster: Forecaster, opened: Store) -> None:
        live(opened, rounds=20)
        forecaster.rebuild()
        observe(forecaster, command(60))
        assert tokens(forecaster)[0] == "cmd:make test"

    def test_a_prediction_from_before_it_is_not_scored(self, forecaster: Forecaster, opened: Store) -> None:
        observe(forecaster, command(0))
        forecaster.rebuild()
        observe(forecaster, command(1))
        assert [row.truth for row in saved(opened)] == [None, None]

    def test_without_a_training_the_shipped_weights_predict(self, forecaster: Forecaster, opened: Store) -> None:
        live(opened, rounds=5)
        forecaster.rebuild()
        assert forecaster.weights_run is None

    def test_the_weights_of_the_latest_training_are_in_use(self, forecaster: Forecaster, opened: Store) -> None:
        run = opened.save_training_run(NewTrainingRun(NOW_US, "{}", checkpoint.dump(checkpoint.prior()))).result()
        forecaster.rebuild()
        assert forecaster.weights_run == run

    def test_a_prediction_names_the_weights_that_made_it(self, forecaster: Forecaster, opened: Store) -> None:
        opened.save_training_run(NewTrainingRun(NOW_US, "{}", checkpoint.dump(checkpoint.prior()))).result()
        forecaster.rebuild()
        observe(forecaster, command(0))
        saved(opened)
        with opened.reader() as reader:
            runs = [row["weights_run"] for row in reader.export() if row["table"] == "predictions"]
        assert runs == [1]

    def test_weights_that_cannot_be_used_leave_the_model_that_ran(self, forecaster: Forecaster, opened: Store) -> None:
        live(opened, rounds=5)
        forecaster.rebuild()
        before = forecaster.forecasts()
        opened.save_training_run(NewTrainingRun(NOW_US, "{}", b"no weights")).result()
        with pytest.raises(CheckpointError):
            forecaster.rebuild()
        assert forecaster.forecasts() == before
        assert forecaster.weights_run is None


class Overtaken:
    """A store, and something that happens whenever it is read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.meanwhile: Callable[[], None] = lambda: None

    def reader(self) -> Reader:
        self.meanwhile()
        return self._store.reader()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class TestOvertakenRebuild:
    @pytest.fixture
    def overtaken(self, opened: Store) -> Overtaken:
        live(opened, rounds=20)
        return Overtaken(opened)

    @pytest.fixture
    def forecaster(self, overtaken: Overtaken, clock: Clock) -> Forecaster:
        return Forecaster(overtaken, clock)  # type: ignore[arg-type]  # it stands in for the store

    def test_by_a_forgetting_it_predicts_nothing_of_what_it_had_read(
        self, overtaken: Overtaken, forecaster: Forecaster
    ) -> None:
        overtaken.meanwhile = forecaster.suspend
        assert forecaster.rebuild() == 0
        assert forecaster.suspended
        assert forecaster.forecasts() == ()
        overtaken.meanwhile = lambda: None
        assert forecaster.rebuild() == 60
        assert not forecaster.suspended
        assert forecaster.forecasts()

    def test_by_live_events_it_takes_them_in_once_each(self, overtaken: Overtaken, forecaster: Forecaster) -> None:
        overtaken.meanwhile = lambda: observe(forecaster, command(59), command(60))
        assert forecaster.rebuild() == 60
        assert tokens(forecaster)[0] == "cmd:make test"

    def test_by_live_events_while_it_predicts_nothing_it_knows_them_too(
        self, overtaken: Overtaken, forecaster: Forecaster
    ) -> None:
        forecaster.suspend()
        overtaken.meanwhile = lambda: observe(forecaster, command(60))
        forecaster.rebuild()
        assert tokens(forecaster)[0] == "cmd:make test"

    def test_by_the_end_it_leaves_the_model_that_ran(self, overtaken: Overtaken, forecaster: Forecaster) -> None:
        forecaster.rebuild()
        before = forecaster.forecasts()
        overtaken.meanwhile = forecaster.cancel_rebuild
        assert forecaster.rebuild() == 0
        assert forecaster.forecasts() == before
        assert not forecaster.suspended


class TestStepsOf:
    def test_they_come_in_the_order_of_time(self, opened: Store) -> None:
        opened.append([new_action(command(number)) for number in (2, 0, 1)]).result()
        with opened.reader() as reader:
            steps = list(steps_of(reader, Sessions()))
        assert [step.action for step in steps] == ["cmd:git status", "cmd:make test", "cmd:git commit"]

    def test_going_away_begins_another_session(self, opened: Store) -> None:
        opened.append(
            [new_action(event) for event in (command(0), idle(command(0).ts_us + US_PER_S), command(60))]
        ).result()
        with opened.reader() as reader:
            sessions = [step.session for step in steps_of(reader, Sessions()) if step.action.startswith("cmd:")]
        assert len(set(sessions)) == 2


class TestExplanation:
    def test_before_anything_was_seen_there_is_none(self, forecaster: Forecaster) -> None:
        assert forecaster.explanation() is None

    def test_it_is_of_the_first_guess(self, forecaster: Forecaster) -> None:
        observe(forecaster, *(command(number) for number in range(40)))
        found = forecaster.explanation()
        assert found is not None
        assert found.action == tokens(forecaster)[0]
        assert "13 of 13 times" in found.reasons[0].text

    def test_what_is_being_forgotten_is_not_explained(self, forecaster: Forecaster) -> None:
        observe(forecaster, *(command(number) for number in range(30)))
        forecaster.suspend()
        assert forecaster.explanation() is None
