"""Predictions, conversations, trainings and settings go with the forgotten actions they depend on."""

from __future__ import annotations

import pytest

from app.errors import StoreError
from app.store.store import Store
from app.store.values.forget_request import Forget
from app.store.values.records import NewTrainingRun
from tests.app.store.forgetting.planted import (
    CANARY,
    WAIT_S,
    answer,
    at,
    fill,
    forget,
    period,
    predict,
    predicted,
    run,
    said,
    talk,
    window,
)


def test_predictions_that_name_it_go_whenever_they_were_made(store: Store):
    fill(store, window(1), run(2, "ls"))
    other = predict(store, 1, "cmd:ls", "cmd:ls", truth="cmd:ls")
    predict(store, 1, "app:gimp", "cmd:ls")
    predict(store, 1, "cmd:ls", "cmd:ls", "app:gimp")
    predict(store, 1, "cmd:ls", "cmd:ls", truth="app:gimp")
    assert forget(store, Forget(app="gimp")).predictions == 3
    assert predicted(store) == {other}


def test_predictions_of_the_range_go_and_later_ones_that_use_a_forgotten_name(store: Store):
    fill(store, window(1, "gimp"), window(5, "firefox"), window(1.1, "firefox"))
    predict(store, 1.5, "app:firefox", "app:firefox")
    kept = predict(store, 5, "app:firefox", "app:firefox")
    predict(store, 6, "app:firefox", "app:gimp")
    assert forget(store, Forget(since_us=at(1), until_us=at(2))).predictions == 2
    assert predicted(store) == {kept}


def test_a_question_and_its_answer_go_together(store: Store):
    fill(store, window(1))
    talk(
        store,
        9,
        ("And Gimp?", None),
        ("5 minutes.", answer(period(0, 9))),
        ("And bash?", None),
        ("None.", answer(None)),
    )
    talk(store, 9, ("Which apps?", None), ("These.", answer(period(0, 9), "Gimp")), ("Start over", None))
    assert forget(store, Forget(app="gimp")).chat_messages == 4
    assert said(store) == ["And bash?", "None.", "Start over"]


def test_answers_about_the_range_go_whenever_they_were_given(store: Store):
    fill(store, window(1))
    talk(
        store,
        20,
        ("And at one?", None),
        ("Gimp.", answer(period(1, 2))),
        ("And at ten?", None),
        ("No.", answer(period(10, 11))),
    )
    talk(store, 1.5, ("Hello", None))
    assert forget(store, Forget(since_us=at(1), until_us=at(2))).chat_messages == 3
    assert said(store) == ["And at ten?", "No."]


def test_conversations_are_searched_as_well_as_actions(store: Store):
    talk(store, 9, (f"What is a {CANARY}?", None), ("I did not understand that.", answer(None)), ("Oh", None))
    receipt = forget(store, Forget(text=CANARY[:6]))
    assert (receipt.actions, receipt.chat_messages) == (0, 2)
    with store.reader() as reader:
        assert not reader.search_chat(CANARY)
    assert said(store) == ["Oh"]


def test_trainings_that_began_after_the_first_forgotten_moment_are_retired(store: Store):
    fill(store, window(10), run(20))
    early = store.save_training_run(NewTrainingRun(at(5), "{}", b"early")).result(WAIT_S)
    store.save_training_run(NewTrainingRun(at(11), "{}", b"between")).result(WAIT_S)
    store.save_training_run(NewTrainingRun(at(21), "{}", b"late")).result(WAIT_S)
    assert forget(store, Forget(app="gimp")).training_runs == 2
    with store.reader() as reader:
        assert reader.active_weights() == (early, b"early")
        assert [run.active for run in reader.training_runs(9)] == [False, False, True]


def test_a_training_under_way_meanwhile_is_not_kept(store: Store):
    fill(store, window(10))
    forget(store, Forget(app="gimp"), asked_us=at(30))
    with pytest.raises(StoreError, match="forgotten since"):
        store.save_training_run(NewTrainingRun(at(29), "{}", b"w")).result(WAIT_S)
    store.save_training_run(NewTrainingRun(at(31), "{}", b"w")).result(WAIT_S)


def test_an_exclusion_stays_and_other_settings_that_name_it_go(store: Store):
    fill(store, window(1))
    store.put_setting("settings", '{"excluded_apps": ["gimp"]}').result(WAIT_S)
    store.put_setting("last_seen_app", '"gimp"').result(WAIT_S)
    store.put_setting("other", "1").result(WAIT_S)
    assert forget(store, Forget(app="gimp")).settings == 1
    with store.reader() as reader:
        assert reader.setting("settings") is not None
        assert reader.setting("last_seen_app") is None
        assert reader.setting("other") == "1"


def test_the_audit_note_says_how_much_and_not_what(store: Store):
    store.audit(at(1), f"a note about {CANARY}").result(WAIT_S)
    fill(store, window(1, CANARY))
    forget(store, Forget(app=CANARY))
    with store.reader() as reader:
        notes = [what for _, what in reader.audit()]
    assert notes == ["forgot 1 actions, 0 messages and 0 predictions; retired 0 trainings"]
