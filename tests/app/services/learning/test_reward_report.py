"""The reward of a stored history, explained in the real brain process and kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from app.errors import KnownError
from app.services.ingest.pipeline import new_action
from app.services.learning.brain import Brain, JobCancelledError
from app.services.learning.reward_report import REPORT, RewardReporter, latest_report
from app.store.store import Store
from app.store.values.records import NewPrediction, NewTrainingRun, PredictionScore
from collectors.events import US_PER_DAY, US_PER_S, CommandDetail, Event, EventKind, Source
from neural.messages import AppraiseRequest, Progress
from neural.reward.explaining import report
from neural.reward.explaining.report_values import Chosen, RewardReport
from tests.app import speaker
from tests.app.services.conftest import NOW_US, Clock

COMMANDS = ("make test", "git status", "vim main.py", "ls", "git commit")


def live(store: Store, days: int = 12, a_day: int = 60) -> None:
    """Days of a person with tastes and without rules, up to now."""
    random = np.random.default_rng(0)
    events = [
        Event(
            NOW_US - (days - day) * US_PER_DAY + number * 60 * US_PER_S,
            Source.TERMINAL,
            EventKind.COMMAND,
            "bash",
            COMMANDS[random.choice(len(COMMANDS), p=(0.4, 0.25, 0.15, 0.1, 0.1))],
            detail=CommandDetail("/home/ann/src/kite"),
        )
        for day in range(days)
        for number in range(a_day)
    ]
    store.append([new_action(event) for event in events]).result()


@pytest.fixture
def brain() -> Iterator[Brain]:
    made = Brain()
    yield made
    made.close()


def kept(store: Store) -> RewardReport | None:
    with store.reader() as reader:
        return latest_report(reader)


def test_a_report_is_made_and_kept(opened: Store, clock: Clock, brain: Brain) -> None:
    live(opened)
    appraiser = RewardReporter(opened, brain, clock)
    assert kept(opened) is None
    made = appraiser.appraise()
    assert made.tells
    assert {row.name for row in made.actions} == {
        *("cmd:make test", "cmd:git status", "cmd:vim", "cmd:ls", "cmd:git commit")
    }
    assert [row.name for row in made.projects] == ["kite"]
    assert kept(opened) == made


def test_it_is_due_with_enough_then_a_day_later_and_after_a_training(opened: Store, clock: Clock) -> None:
    appraiser = RewardReporter(opened, speaker.brain("well"), clock)
    assert not appraiser.due()
    live(opened)
    assert appraiser.due()
    appraiser.appraise()
    assert not appraiser.due()
    clock.now_us += US_PER_S
    opened.save_training_run(NewTrainingRun(clock.now_us, json.dumps(speaker.REPORT), b"", active=False)).result()
    assert appraiser.due()
    clock.now_us += US_PER_S
    appraiser.appraise()
    assert not appraiser.due()
    clock.now_us += US_PER_DAY
    assert appraiser.due()
    appraiser._brain.close()


def test_one_of_another_version_is_none_and_due_again(opened: Store, clock: Clock) -> None:
    live(opened)
    opened.put_setting(REPORT, '{"made_us": 5, "report": {"verdict": "fine"}}').result()
    assert kept(opened) is None
    assert RewardReporter(opened, Brain(("/no/such/program",)), clock).due()


def test_dropping_it_takes_the_one_that_is_kept_and_the_one_under_way(opened: Store, clock: Clock) -> None:
    live(opened)
    brain = speaker.brain("well")
    appraiser = RewardReporter(opened, brain, clock)
    appraiser.appraise()
    assert kept(opened) is not None
    appraiser.drop()
    assert kept(opened) is None

    reported = brain.appraise

    def forgotten_meanwhile(*arguments: object) -> str:
        appraiser.drop()
        return reported(*arguments)  # type: ignore[arg-type]

    brain.appraise = forgotten_meanwhile  # type: ignore[method-assign]
    with pytest.raises(KnownError, match="forgotten meanwhile"):
        appraiser.appraise()
    assert kept(opened) is None
    brain.close()


def test_one_that_fails_leaves_the_one_before(opened: Store, clock: Clock) -> None:
    live(opened)
    well, fails = speaker.brain("well"), speaker.brain("fails")
    RewardReporter(opened, well, clock).appraise()
    with pytest.raises(KnownError, match="Out of memory"):
        RewardReporter(opened, fails, clock).appraise()
    assert kept(opened) is not None
    well.close()
    fails.close()


class Listening(Brain):
    """Hears what it is asked, and answers at once."""

    asked: AppraiseRequest

    def appraise(self, request: AppraiseRequest, progress: Callable[[Progress], None]) -> str:
        self.asked = request
        return report.to_json(RewardReport(0, 1, 0, 0))


def test_where_clean_up_has_thinned_out_the_predictions_tell_what_was_chosen(opened: Store, clock: Clock) -> None:
    live(opened)
    for number in range(3):
        made_us = NOW_US - (3 - number) * US_PER_DAY
        saved = opened.save_prediction(NewPrediction(made_us, "cmd:ls", (("cmd:vim", 0.5, 1.0),), None)).result()
        if number:
            opened.score_prediction(PredictionScore(saved, "cmd:vim", made_us + 5, 1, 0.5, ())).result()
    brain = Listening()
    RewardReporter(opened, brain, clock).appraise()
    assert brain.asked.chosen == ()
    opened.cleanup(5, NOW_US, dry_run=False).result()
    RewardReporter(opened, brain, clock).appraise()
    assert brain.asked.chosen == tuple(Chosen(NOW_US - days * US_PER_DAY, "cmd:ls", "cmd:vim") for days in (2, 1))


def test_it_can_be_cancelled(opened: Store, clock: Clock, brain: Brain) -> None:
    live(opened)
    appraiser = RewardReporter(opened, brain, clock)
    with pytest.raises(JobCancelledError):
        appraiser.appraise(lambda _progress: appraiser.cancel())
    assert kept(opened) is None
