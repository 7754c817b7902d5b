from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from collectors.events import Event, EventKind, LoadDetail, PowerDetail, Source, SpikeDetail
from collectors.machine.battery import Power
from collectors.machine.gpu import GpuLoad
from collectors.machine.resources import ResourcesCollector, Sample, load_between, sample
from collectors.machine.spikes import DISK, GPU, MARKS, MEMORY, PROCESSOR, Mark, Spikes
from collectors.timestamp import Timestamp, now
from tests.collectors.run_collector import running
from tests.desktop.programs import end

OFF = dict.fromkeys(MARKS, Mark(101.0, 101.0))
LOW = Mark(0.0, 0.0)
LOADS = 3
BUSY = {"a": 500, "c": 0}


def taken(mono_s: float, busy_s: float, total_s: float, read_bytes: int = 0, written_bytes: int = 0) -> Sample:
    return Sample(Timestamp(round(mono_s * 1e6), mono_s), busy_s, total_s, 40.0, read_bytes, written_bytes)


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


def test_the_busiest_disk_counts_and_one_that_came_since_does_not():
    first, last = (replace(taken(s, s, s), disk_busy_ms=busy) for s, busy in ((0, BUSY), (10, {"a": 2_000, "b": 900})))
    assert load_between(first, last).disk_busy_percent == 15.0


def test_two_samples_of_one_moment_are_no_division_by_zero():
    assert load_between(taken(1, 10, 100), taken(1, 10, 100)).cpu_percent == 0.0


def test_the_load_is_reported_in_percent_of_the_whole_machine():
    with running(ResourcesCollector(every_s=0.05)) as work:
        event = work.until(any_load)
    assert (event.source, event.app) == (Source.RESOURCES, None)
    assert isinstance(event.detail, LoadDetail)
    assert 0.0 <= event.detail.cpu_percent <= 100.0
    assert 0.0 < event.detail.memory_percent <= 100.0


def test_a_load_names_nobody(spinning):
    with running(ResourcesCollector(every_s=0.05)) as work:
        event = work.until(any_load)
    assert isinstance(event.detail, LoadDetail)
    assert (event.app, event.detail.culprit) == (None, None)


def test_a_spike_names_its_part_and_its_main_culprit(spinning):
    with running(ResourcesCollector(every_s=0.05, follow=lambda: Spikes({**OFF, PROCESSOR: LOW}))) as work:
        event = work.until(lambda event: event.kind is EventKind.SPIKE)
        work.until(lambda _: sum(map(any_load, work.events)) > LOADS)
    assert isinstance(event.detail, SpikeDetail)
    assert event.detail.part == PROCESSOR
    assert event.app
    assert sum(event.kind is EventKind.SPIKE for event in work.events) == 1


@pytest.mark.parametrize("part", [MEMORY, DISK])
def test_memory_and_disk_have_spikes_of_their_own(part: str):
    with running(ResourcesCollector(every_s=0.05, follow=lambda: Spikes({**OFF, part: LOW}))) as work:
        if part == DISK and not sample(now()).disk_busy_ms:
            work.until(any_load)
            assert all(event.kind is EventKind.LOAD for event in work.events)
            return
        event = work.until(lambda event: event.kind is EventKind.SPIKE)
    assert isinstance(event.detail, SpikeDetail)
    assert event.detail.part == part


class Meter:
    """A graphics processor that somebody uses."""

    def read(self, mono_s: float) -> GpuLoad | None:
        return GpuLoad(97.0, "blender") if mono_s else None


def test_a_graphics_processor_is_reported_and_its_spike_has_a_culprit():
    with running(ResourcesCollector(every_s=0.05, gpu_meters=lambda: [Meter()])) as work:
        load = work.until(any_load)
        spike = work.until(lambda event: isinstance(event.detail, SpikeDetail) and event.detail.part == GPU)
    assert isinstance(load.detail, LoadDetail)
    assert load.detail.gpu_percent == 97.0
    assert (spike.app, spike.detail) == ("blender", SpikeDetail(GPU, 97.0))


def test_power_is_reported_at_the_start_and_where_it_changed():
    fed = [
        Power(plugged=True, battery_percent=80.0),
        Power(plugged=True, battery_percent=79.0),
        Power(plugged=True, battery_percent=71.0),
        Power(plugged=True, battery_percent=70.0),
        Power(plugged=False, battery_percent=69.0),
        None,
    ]
    left = iter(fed)
    with running(ResourcesCollector(0.02, follow=lambda: Spikes(OFF), read_power=lambda: next(left, None))) as work:
        work.until(lambda _: sum(map(any_load, work.events)) > len(fed))
    reported = [event.detail for event in work.events if event.kind is EventKind.POWER]
    assert reported == [
        PowerDetail(plugged=True, battery_percent=80.0),
        PowerDetail(plugged=True, battery_percent=70.0),
        PowerDetail(plugged=False, battery_percent=69.0),
    ]


def test_the_check_passes_here():
    assert ResourcesCollector().check() is None
