"""A dry run and a forgetting that overlap leave the interpreter's switch interval as it was."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paths import from_environment
from app.services.core import Core
from app.store.forgetting.plan import Plan
from app.store.reader import Reader
from app.store.store import Store
from app.store.values.forget_request import Forget
from tests.app import speaker
from tests.app.services.conftest import KEY, Clock

WAIT_S = 0.3


@pytest.fixture
def core(own_home: Path, clock: Clock) -> Iterator[Core]:
    paths = from_environment(os.environ)
    paths.create()
    core = Core(paths, Store.create(paths.store, KEY), os.environ, clock, speaker.brain("well"))
    yield core
    core.close()


def test_overlapping_plans_leave_the_switch_interval(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first plan tries to end inside the second one: the order in which the old value was once lost."""
    plan = Reader.plan_to_forget
    both_inside, first_ended = threading.Event(), threading.Event()
    inside: list[str] = []

    def plan_slowly(reader: Reader, request: Forget, up_to_id: int | None = None) -> Plan:
        inside.append(threading.current_thread().name)
        if len(inside) == 1:
            both_inside.wait(WAIT_S)
        else:
            both_inside.set()
            first_ended.wait(WAIT_S)
        return plan(reader, request, up_to_id)

    monkeypatch.setattr(Reader, "plan_to_forget", plan_slowly)
    before_s = sys.getswitchinterval()

    def preview_first() -> None:
        core.forgetter.preview(Forget(text="first"))
        first_ended.set()

    first = threading.Thread(target=preview_first)
    first.start()
    while not inside:
        first.join(0.01)
    core.forgetter.preview(Forget(text="second"))
    first.join()

    assert len(inside) == 2
    assert sys.getswitchinterval() == before_s
