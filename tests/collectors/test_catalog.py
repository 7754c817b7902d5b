from __future__ import annotations

import pytest

from collectors.catalog import SENSES, Sense


def test_names_and_titles_tell_senses_apart():
    assert len({sense.name for sense in SENSES}) == len({sense.title for sense in SENSES}) == len(SENSES)


@pytest.mark.parametrize("sense", SENSES, ids=lambda sense: sense.name)
def test_what_is_and_what_is_never_recorded_is_said_in_a_sentence(sense: Sense):
    for sentence in (sense.records, sense.never_records):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


@pytest.mark.parametrize("sense", SENSES, ids=lambda sense: sense.name)
def test_a_sense_makes_a_collector_of_its_own_source(sense: Sense):
    assert sense.make().source is sense.source


@pytest.mark.parametrize("sense", SENSES, ids=lambda sense: sense.name)
def test_each_start_gets_a_fresh_collector(sense: Sense):
    assert sense.make() is not sense.make()
