from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from collectors.collector import Stop
from collectors.machine import top_processes
from collectors.machine.top_processes import Used, disk_bytes, most, own_processes, processor_ticks, top_memory
from tests.collectors.machine.folders import process
from tests.desktop.programs import end


@pytest.fixture
def stop():
    signal = Stop()
    yield signal
    signal.close()


@pytest.fixture
def spinning():
    """A process that keeps one core busy."""
    spinner = subprocess.Popen([sys.executable, "-c", "print(flush=True)\nwhile True: pass"], stdout=subprocess.PIPE)
    assert spinner.stdout is not None
    spinner.stdout.readline()
    yield spinner
    spinner.stdout.close()
    end(spinner)


def test_the_most_is_that_of_all_processes_of_a_name_together():
    before = {1: Used("make", 5), 2: Used("cc1", 0), 3: Used("cc1", 0)}
    after = {1: Used("make", 14), 2: Used("cc1", 5), 3: Used("cc1", 5)}
    assert most(before, after) == "cc1"


def test_what_was_used_before_does_not_count():
    assert most({1: Used("old", 900), 2: Used("new", 0)}, {1: Used("old", 901), 2: Used("new", 2)}) == "new"


@pytest.mark.parametrize(
    "after",
    [
        {},
        {1: Used("idle", 5)},
        {1: Used("another program of the same number", 99)},
        {1: Used("idle", 0)},
        {2: Used("began since", 99)},
    ],
)
def test_where_nobody_used_anything_nobody_is_named(after: dict[int, Used]):
    assert most({1: Used("idle", 5)}, after) is None


def test_bytes_are_counted_where_they_reach_the_disk(tmp_path: Path):
    io = "rchar: 900\nwchar: 900\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0"
    process(tmp_path, 7, "rsync", files={"io": io})
    assert disk_bytes(7, tmp_path) == Used("rsync", 12_288)


def test_bytes_of_a_process_that_hides_them_are_not_known(tmp_path: Path):
    process(tmp_path, 7, "sshd")
    assert disk_bytes(7, tmp_path) is None


def test_the_largest_is_that_of_all_processes_of_a_name_together(tmp_path: Path):
    process(tmp_path, 1, "one", files={"statm": "9999 100 20 1 0 50 0"})
    for pid in (2, 3):
        process(tmp_path, pid, "browser", files={"statm": "9999 90 40 1 0 50 0"})
    process(tmp_path, 4, "shares", files={"statm": "9999 900 890 1 0 50 0"})
    process(tmp_path, 5, "hidden")
    assert top_memory(tmp_path) == "browser"


def test_on_a_machine_that_shows_nothing_nobody_is_named(tmp_path: Path):
    assert top_memory(tmp_path) is None


def test_this_process_is_among_the_users_own():
    assert Path("/proc") / str(os.getpid()) in own_processes()


def test_here_the_kernel_tells_all_that_is_asked(spinning, stop: Stop):
    assert top_processes.top_cpu(stop, 0.3) is not None
    assert top_memory() is not None
    ticks = processor_ticks(spinning.pid)
    assert ticks is not None
    assert ticks.name.startswith("python")
    assert disk_bytes(os.getpid()) is not None
    top_processes.top_io(stop, 0.0)
