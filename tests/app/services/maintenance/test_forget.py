"""Forgetting in a running program covers memory and all copies of the file as well."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.paths import from_environment
from app.services.core import Core
from app.services.ingest.pipeline import new_action
from app.services.learning.reward_report import latest_report
from app.services.maintenance.forget import Forgetter
from app.services.maintenance.housekeeping import Hygiene
from app.store.journal.command_codec import decode
from app.store.journal.frames import Frame, Kind
from app.store.journal.segments import Segments
from app.store.layout import StoreLayout
from app.store.recovery.backup import Backups
from app.store.store import Store
from app.store.values.forget_request import Forget
from app.store.values.records import NewTrainingRun
from collectors.event_json import to_wire
from collectors.events import US_PER_S, Event, EventKind, Source
from tests.app import speaker
from tests.app.services.conftest import KEY, NOW_US, Clock
from tests.app.store.plain_bytes import PAGE, plain_bytes

ROUNDS = max(3, int(os.environ.get("KRYPTIC_FAULTS", "30")) // 10)
CANARY = "zwitscherlein"


def command(index: int, line: str) -> Event:
    return Event(NOW_US - (1_000 - index) * US_PER_S, Source.TERMINAL, EventKind.COMMAND, "bash", line)


@pytest.fixture
def core(own_home: Path, clock: Clock) -> Iterator[Core]:
    paths = from_environment(os.environ)
    paths.create()
    core = Core(paths, Store.create(paths.store, KEY), os.environ, clock, speaker.brain("well"))
    yield core
    core.close()


def live(core: Core) -> None:
    lines = ["make", f"{CANARY} it", "git status"] * 20
    core.observer.log([to_wire(command(index, line)) for index, line in enumerate(lines)])
    core.observer.flush()
    core.hygiene.rebuild_sessions()


def test_the_model_forgets_it_too(core: Core) -> None:
    live(core)
    assert any(CANARY in forecast.action for forecast in core.forecaster.forecasts())
    preview = core.forgetter.preview(Forget(text=CANARY))
    assert any(CANARY in forecast.action for forecast in core.forecaster.forecasts())
    receipt = core.forgetter.forget(Forget(text=CANARY))
    assert (preview.actions, receipt.actions, receipt.sessions) == (20, 20, 1)
    assert all(CANARY not in forecast.action for forecast in core.forecaster.forecasts())
    with core.store.reader() as reader:
        (session,) = reader.sessions(0, 2**62)
        assert session.actions == 40
        assert reader.unfinished_forgetting() is None


def test_forgetting_does_not_wait_if_the_model_is_rebuilt_elsewhere(core: Core) -> None:
    live(core)
    asked: list[bool] = []
    core.forgetter.set_rebuild_hook(lambda: asked.append(core.forecaster.suspended))
    receipt = core.forgetter.forget(Forget(text=CANARY))
    assert (receipt.actions, asked) == (20, [True])
    assert core.forecaster.forecasts() == ()
    with core.store.reader() as reader:
        assert reader.unfinished_forgetting() is None
    core.forecaster.rebuild()
    assert core.forecaster.forecasts()
    assert all(CANARY not in forecast.action for forecast in core.forecaster.forecasts())


@pytest.mark.parametrize(
    "request_", [Forget(text=CANARY), Forget(since_us=NOW_US - 990 * US_PER_S)], ids=["name", "time"]
)
def test_the_reward_report_goes_with_it(core: Core, request_: Forget) -> None:
    live(core)
    core.appraiser.appraise()
    with core.store.reader() as reader:
        assert latest_report(reader) is not None
    core.forgetter.forget(request_)
    with core.store.reader() as reader:
        assert latest_report(reader) is None


def test_later_events_are_predicted_and_kept(core: Core) -> None:
    live(core)
    core.forgetter.forget(Forget(app="bash"))
    core.observer.log([to_wire(command(900, "make")), to_wire(command(901, f"{CANARY} again"))])
    core.observer.flush()
    with core.store.reader() as reader:
        assert len(list(reader.timeline(0, 2**62))) == 2
        assert reader.search(CANARY)


def test_a_fresh_backup_replaces_all_others_and_the_journal(core: Core) -> None:
    live(core)
    core.store.backup()
    old = {path for path in core.paths.data.rglob("*") if path.is_file()}
    core.forgetter.forget(Forget(text=CANARY))
    (kept,) = core.store.backups()
    assert kept.path not in old
    assert CANARY.encode() not in plain_bytes(kept.path, KEY)
    left = {path for path in core.paths.data.rglob("*") if path.is_file()} & old
    assert not [path for path in left if path.parent != core.paths.data], "of backups and journal nothing old is left"


def test_training_is_due_again_if_the_model_had_learned_from_it(core: Core, clock: Clock) -> None:
    core.store.append([new_action(command(index, f"make {index}")) for index in range(700)]).result()
    core.store.save_training_run(NewTrainingRun(NOW_US, "{}", b"w")).result()
    assert not core.learner.due()
    clock.now_us += US_PER_S
    assert core.forgetter.forget(Forget(text="699")).training_runs == 1
    assert core.forecaster.weights_run is None
    assert core.learner.due()


def test_a_forgetting_of_an_earlier_process_is_resumed(core: Core) -> None:
    live(core)
    core.store.write_down_forgetting(Forget(text=CANARY), NOW_US).result()
    reports: list[int] = []
    core.forgetter.on_forgotten(lambda receipt: reports.append(receipt.actions))
    receipt = core.forgetter.resume_unfinished()
    assert receipt is not None
    assert reports == [receipt.actions] == [20]
    assert core.forgetter.resume_unfinished() is None


def test_a_chat_message_never_forgets_anything(core: Core) -> None:
    live(core)
    for words in ("Forget bash", "forget everything I did today", "please delete all about git"):
        core.narrating.answer(words, lambda _: None)
    with core.store.reader() as reader:
        assert reader.counts().actions == 60
        assert reader.unfinished_forgetting() is None


# --- an older copy comes back ----------------------------------------------------------------------------------------


def damaged(core: Core) -> None:
    """Damage the first page of the closed file."""
    content = bytearray(core.paths.store.read_bytes())
    content[100] ^= 1
    core.paths.store.write_bytes(content)


def restored(core: Core, index: int) -> None:
    """Restore a backup, as `kryptic restore` does."""
    backups = Backups(StoreLayout(core.paths.store), KEY).list()
    assert len(backups) == 2
    assert Store.restore(core.paths.store, KEY, backups[index]).forgets


def nothing_is_left(core: Core, others: int = 40) -> None:
    """Check the file, its copies and the journal, and that the record of the forgetting is gone."""
    with core.store.reader() as reader:
        assert reader.unfinished_forgetting() is None
        assert CANARY not in json.dumps(list(reader.export()))
        assert len(list(reader.timeline(0, 2**62))) == others
    core.close()
    for path in core.paths.data.rglob("*.db"):
        assert CANARY.encode() not in plain_bytes(path, KEY)
    journal = Segments(core.paths.store.with_name("journal"), core.paths.store.stem, KEY, None)
    for frame in journal.frames(0):
        if isinstance(frame, Frame) and frame.kind is Kind.COMMAND:
            assert CANARY not in repr(decode(frame.content))


@pytest.mark.parametrize("dies", ["begun", "left"])
@pytest.mark.parametrize(
    "older_copy", [damaged, lambda core: restored(core, 0), lambda core: restored(core, -1)], ids=["rot", "new", "old"]
)
def test_data_of_an_older_copy_is_forgotten_again(
    core: Core, clock: Clock, dies: str, older_copy: Callable[[Core], None]
) -> None:
    live(core)
    core.store.backup()
    core.close()
    command = [sys.executable, "-m", "tests.app.store.crash_forgetter", str(core.paths.store), KEY.hex(), CANARY, dies]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    older_copy(core)
    again = Core(core.paths, Store.open(core.paths.store, KEY), os.environ, clock, speaker.brain("well"))
    try:
        if older_copy is damaged:
            assert again.store.repaired is not None
            assert again.store.repaired.forgets
        receipt = again.forgetter.resume_unfinished()
        assert receipt is not None
        assert receipt.actions == 20
        nothing_is_left(again)
    finally:
        again.close()


def any_backup(core: Core, draw: random.Random) -> None:
    """Restore any of the backups."""
    Store.restore(core.paths.store, KEY, draw.choice(Backups(StoreLayout(core.paths.store), KEY).list()))


def test_nothing_is_left_after_a_kill_at_any_time_and_any_older_copy(
    core: Core, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = random.Random(13)
    lines = ["make", f"{CANARY} it", "git status"] * 400
    core.store.append([new_action(command(index, line)) for index, line in enumerate(lines)]).result()
    core.store.backup()
    core.store.audit(1, "since the backup").result()
    core.close()
    template = tmp_path / "template"
    shutil.copytree(core.paths.data, template)
    arguments = [sys.executable, "-m", "tests.app.store.crash_forgetter", str(core.paths.store), KEY.hex(), CANARY]
    ended = 0
    for attempt in range(ROUNDS):
        shutil.rmtree(core.paths.data)
        shutil.copytree(template, core.paths.data)
        with subprocess.Popen([*arguments, "copies"], stdout=subprocess.PIPE) as forgetting:
            assert forgetting.stdout is not None
            assert forgetting.stdout.readline() == b"begun\n"
            # This waits for nothing; it spreads the kills over the whole forgetting.
            time.sleep(draw.random() * 0.15)
            forgetting.kill()
            ended += forgetting.stdout.read() == b"done\n"
        copy = (lambda _: None, damaged, lambda core: any_backup(core, draw))[attempt % 3]
        copy(core)
        again = Core(core.paths, Store.open(core.paths.store, KEY), os.environ, clock, speaker.brain("well"))
        try:
            again.forgetter.resume_unfinished()
            nothing_is_left(again, 800)
        finally:
            again.close()
    with capsys.disabled():
        sys.stdout.write(f"\n{ROUNDS} kills in a forgetting ({ended} after its end), nothing came back\n")


class Rotting(Hygiene):
    """Housekeeping that damages a page of the store's file once."""

    rots = True

    def rebuild_sessions(self) -> int:
        count = super().rebuild_sessions()
        if self.rots:
            self.rots = False
            with self._store.path.open("r+b") as file:
                file.seek(3 * PAGE + 100)
                byte = file.read(1)[0]
                file.seek(3 * PAGE + 100)
                file.write(bytes((byte ^ 1,)))
        return count


def test_everything_is_forgotten_again_after_a_repair_before_the_copies_are_renewed(core: Core) -> None:
    live(core)
    hygiene = Rotting(core.store, core.preferences, core.now_us)
    forgetter = Forgetter(
        core.store,
        observer=core.observer,
        forecaster=core.forecaster,
        hygiene=hygiene,
        learner=core.learner,
        appraiser=core.appraiser,
        now_us=core.now_us,
    )
    receipt = forgetter.forget(Forget(text=CANARY))
    assert receipt.actions == 20
    assert core.store.repaired is not None
    assert core.store.repaired.forgets
    nothing_is_left(core)
