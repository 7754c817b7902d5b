from __future__ import annotations

import subprocess
import sys

import pytest

from collectors.collector import Stop
from collectors.events import Event, EventKind, LoadDetail, Source
from collectors.machine.resources import ResourcesCollector, Sample, busiest, load_between
from collectors.moment import Moment
from tests.collectors.running import running
from tests.desktop.programs import end


def taken(mono_s: float, busy_s: float, total_s: float, read_bytes: int = 0, written_bytes: int = 0) -> Sample:
    return Sample(Moment(round(mono_s * 1e6), mono_s), busy_s, total_s, 40.0, read_bytes, written_bytes)


@pytest.fixture
def stop():
    signal = Stop()
    yield signal
    signal.close()


@pytest.fixture
def spinning():
    """A process that keeps one core busy."""
    process = subprocess.Popen([sys.executable, "-c", "print(flush=True)\nwhile True: pass"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.stdout.close()
    end(process)


def any_load(event: Event) -> bool:
    return event.kind is EventKind.LOAD


def test_rates_are_differences_over_the_time_between():
    load = load_between(taken(0, 10, 100, 1_000, 5_000), taken(10, 25, 120, 11_000, 5_500))
    assert load == LoadDetail(75.0, 40.0, disk_read_bytes_per_s=1_000, disk_write_bytes_per_s=50)


def test_counters_that_went_back_count_as_nothing():
    load = load_between(taken(0, 10, 100, 9_000, 9_000), taken(10, 5, 120, 100, 100))
    assert load == LoadDetail(0.0, 40.0)


def test_two_samples_of_one_moment_are_no_division_by_zero():
    assert load_between(taken(1, 10, 100), taken(1, 10, 100)).cpu_percent == 0.0


def test_the_load_is_told_in_percent_of_the_whole_machine():
    with running(ResourcesCollector(every_s=0.05)) as work:
        event = work.until(any_load)
    assert (event.source, event.app) == (Source.RESOURCES, None)
    assert isinstance(event.detail, LoadDetail)
    assert 0.0 <= event.detail.cpu_percent <= 100.0
    assert 0.0 < event.detail.memory_percent <= 100.0


def test_below_the_threshold_nobody_is_named():
    with running(ResourcesCollector(every_s=0.05, spike_percent=101.0)) as work:
        event = work.until(any_load)
    assert isinstance(event.detail, LoadDetail)
    assert event.detail.culprit is None


def test_from_the_threshold_on_somebody_is_named(spinning):
    with running(ResourcesCollector(every_s=0.05, spike_percent=0.0)) as work:
        event = work.until(any_load)
    assert isinstance(event.detail, LoadDetail)
    assert event.detail.culprit


def test_the_busiest_program_is_one_that_uses_the_processor(spinning, stop: Stop):
    assert busiest(stop, 0.3) is not None


def test_the_check_passes_here():
    assert ResourcesCollector().check() is None
