from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collectors.events import Event, EventKind, ProcessDetail, Source
from collectors.machine import procfs
from collectors.machine.processes import ProcessesCollector
from collectors.timestamp import Timestamp, now
from tests.collectors.run_collector import Running, running
from tests.desktop.programs import PATIENCE_S, end

SOON_S = 0.05
SECRET = "hunter2-canary"
_looking = threading.Lock()
"""Held while a program is started: one that is looked at before it is its own is a copy of who starts it."""


@pytest.fixture
def program(tmp_path: Path):
    """A program of a name of its own that waits until its input is closed."""
    path = tmp_path / "very-long-named-program"
    shutil.copy("/bin/cat", path)
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        with _looking:
            process = subprocess.Popen([path, *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        end(process)


def of(process: subprocess.Popen[bytes], kind: EventKind):
    def wanted(event: Event) -> bool:
        return event.kind is kind and isinstance(event.detail, ProcessDetail) and event.detail.pid == process.pid

    return wanted


@contextmanager
def watching() -> Iterator[Running]:
    """The collector at work, after its first look: it asks for the time only once that is done."""
    looked = threading.Event()

    def clock() -> Timestamp:
        looked.set()
        with _looking:
            return now()

    with running(ProcessesCollector(SOON_S, clock)) as work:
        assert looked.wait(PATIENCE_S)
        yield work


def test_a_program_that_is_started_is_reported_with_its_whole_name_and_its_parents(program):
    with watching() as work:
        event = work.until(of(program("-"), EventKind.LAUNCH))
    parent = procfs.read(os.getpid())
    assert parent is not None
    assert (event.source, event.app) == (Source.PROCESS, "very-long-named-program")
    assert isinstance(event.detail, ProcessDetail)
    assert event.detail.parent == parent.name


def test_its_end_is_reported(program):
    with watching() as work:
        process = program("-")
        work.until(of(process, EventKind.LAUNCH))
        end(process)
        event = work.until(of(process, EventKind.EXIT))
    assert event.app == "very-long-named-program"


def test_the_end_of_what_ran_before_is_reported_but_not_its_start(program):
    before = program("-")
    with watching() as work:
        end(before)
        work.until(of(before, EventKind.EXIT))
    assert not any(of(before, EventKind.LAUNCH)(event) for event in work.events)


def test_arguments_are_never_reported(program):
    with watching() as work:
        process = program("-", f"--password={SECRET}")
        work.until(of(process, EventKind.LAUNCH))
        end(process)
        work.until(of(process, EventKind.EXIT))
    assert SECRET not in repr(work.events)


def test_a_copy_a_program_makes_of_itself_is_not_reported(program):
    with watching() as work:
        script = "(read; true) <&0 & echo $!; wait"
        with _looking:
            shell = subprocess.Popen(["/bin/bash", "-c", script], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
        with shell:
            assert shell.stdout is not None
            child = int(shell.stdout.readline())
            work.until(of(shell, EventKind.LAUNCH))
            work.until(of(program("-"), EventKind.LAUNCH))
            shell.communicate(b"\n")
    reported = {event.detail.pid for event in work.events if isinstance(event.detail, ProcessDetail)}
    assert child not in reported


def test_the_check_passes_here():
    assert ProcessesCollector().check() is None
