from __future__ import annotations

import pytest

from collectors.catalog import COLLECTORS, CollectorSpec


def test_names_and_titles_tell_senses_apart():
    assert len({sense.name for sense in COLLECTORS}) == len({sense.title for sense in COLLECTORS}) == len(COLLECTORS)


@pytest.mark.parametrize("sense", COLLECTORS, ids=lambda sense: sense.name)
def test_what_is_and_what_is_never_recorded_is_said_in_a_sentence(sense: CollectorSpec):
    for sentence in (sense.records, sense.never_records):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


@pytest.mark.parametrize("sense", COLLECTORS, ids=lambda sense: sense.name)
def test_a_sense_makes_a_collector_of_its_own_source(sense: CollectorSpec):
    assert sense.make().source is sense.source


@pytest.mark.parametrize("sense", COLLECTORS, ids=lambda sense: sense.name)
def test_each_start_gets_a_fresh_collector(sense: CollectorSpec):
    assert sense.make() is not sense.make()
