"""The parts of the editor's extension that need no editor, in the Node that Playwright brings, against the real API."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable

from app.integrations import vscode_extension
from collectors.events import Event, EventKind, FileDetail, Source
from tests.desktop.running import until
from tests.extensions import browsing
from tests.extensions.browsing import Program
from tests.extensions.editing import detail_of, edits_of

_SCRIPT = """
const { pair } = require(`${process.argv[1]}/lib/pairing`);
const { Queue } = require(`${process.argv[1]}/lib/queue`);
const { Watch } = require(`${process.argv[1]}/lib/watch`);
const queue = new Queue(() => {}, 100);
const emitted = [];
const watch = new Watch((event) => { emitted.push(event); queue.add(event); }, () => ({ errors: 1, warnings: 2 }), "code");
const calls = {
  pair: async (code, port, name) => { const pairing = await pair(code, port, name); queue.use(pairing); return pairing; },
  use: (pairing) => queue.use(pairing),
  watch: (name, ...given) => watch[name](...given),
  add: (event, times = 1) => { for (let n = 0; n < times; n++) queue.add(event); },
  state: () => ({ state: queue.state, message: queue.message, sent: queue.sent, lost: queue.lost, waiting: queue.waiting }),
  emitted: () => emitted.splice(0),
  end: () => queue.end(),
};
require("readline").createInterface({ input: process.stdin }).on("line", async (line) => {
  const [name, ...given] = JSON.parse(line);
  try {
    console.log(JSON.stringify({ answer: (await calls[name](...given)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: `${error.constructor.name}: ${error.message}` }));
  }
}).on("close", () => process.exit());
"""
FILE = {"path": "/home/me/kite/wind.py", "language": "python", "project": "kite", "branch": "harbour"}
OTHER = {**FILE, "path": "/home/me/kite/sail.py"}
T_MS = 1_760_000_000_000


class Parts:
    """The parts, at the other end of a pipe."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, name: str, *given: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, *given]) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        if "error" in said:
            raise AssertionError(said["error"])
        return said["answer"]

    @property
    def state(self) -> str:
        return self("state")["state"]


@pytest.fixture
def parts() -> Iterator[Parts]:
    node = compute_driver_executable()[0]
    process = subprocess.Popen(
        [node, "-e", _SCRIPT, str(vscode_extension.FOLDER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield Parts(process)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.wait(180)
    process.stdout.close()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with browsing.program(tmp_path) as made:
        made.core.preferences.change(consent=frozenset({Source.EDITOR}))
        yield made


def paired(parts: Parts, program: Program) -> Any:
    return parts("pair", program.core.pairing.offer().code, program.port, "VS Code extension")


def now_ms(program: Program) -> int:
    return program.core.now_us() // 1_000


def test_what_is_watched_reaches_the_store_of_the_paired_program(parts: Parts, program: Program) -> None:
    paired(parts, program)
    begun = now_ms(program)
    parts("watch", "shown", FILE, begun)
    parts("watch", "edited", FILE["path"], 3, begun + 10)
    parts("watch", "edited", FILE["path"], 2, begun + 40)
    parts("watch", "saved", FILE, begun + 50)
    until(lambda: len(edits_of(program)) == 3, "three events are stored")
    opened, edited, saved = edits_of(program)
    assert [event.kind for event in (opened, edited, saved)] == [EventKind.OPEN, EventKind.EDIT, EventKind.SAVE]
    assert (edited.app, edited.target, edited.duration_us) == ("code", FILE["path"], 30_000)
    assert edited.detail == FileDetail(None, "kite", "python", "harbour", 5, 1, 2)
    assert (detail_of(saved).errors, detail_of(saved).edits) == (1, None)
    done = {"state": "ok", "message": "", "sent": 3, "lost": 0, "waiting": 0}
    until(lambda: parts("state") == done, "the extension has heard so")


def test_every_kind_is_one_that_the_program_reads(parts: Parts, program: Program) -> None:
    paired(parts, program)
    run = {
        "folder": "/w",
        "name": "unit",
        "project": "kite",
        "language": "debugpy",
        "fromMs": T_MS,
        "untilMs": T_MS + 5,
    }
    run |= {"fromMs": now_ms(program), "untilMs": now_ms(program) + 5}
    parts("watch", "ran", "debug", run)
    parts("watch", "ran", "test", {**run, "exitStatus": 1, "folder": None})
    until(lambda: len(edits_of(program)) == 2, "both are stored")
    debug, test = edits_of(program)
    assert (debug.kind, debug.title, debug.duration_us) == (EventKind.DEBUG, "unit", 5_000)
    assert (test.kind, test.target, detail_of(test).exit_status) == (EventKind.TEST, None, 1)


def test_whoever_leafs_through_files_works_on_none(parts: Parts) -> None:
    for number in range(20):
        parts("watch", "shown", FILE if number % 2 else OTHER, T_MS + number)
    parts("watch", "shown", None, T_MS + 99)
    assert parts("emitted") == []


def test_changes_of_a_file_that_is_not_in_front_are_not_counted(parts: Parts) -> None:
    parts("watch", "shown", FILE, T_MS)
    parts("watch", "edited", OTHER["path"], 1, T_MS + 5)
    parts("watch", "shown", None, T_MS + 10)
    assert parts("emitted") == []


def test_leaving_a_changed_file_tells_that_it_was_open_and_changed(parts: Parts) -> None:
    parts("watch", "shown", FILE, T_MS)
    parts("watch", "edited", FILE["path"], 1, T_MS + 5)
    parts("watch", "shown", OTHER, T_MS + 10)
    reported = parts("emitted")
    assert [(event["kind"], event["target"]) for event in reported] == [("open", FILE["path"]), ("edit", FILE["path"])]


def test_while_the_program_is_down_events_wait_and_come_in_later(parts: Parts, program: Program) -> None:
    paired(parts, program)
    until(lambda: parts.state == "ok", "it is paired")
    program.leave()
    parts("watch", "saved", FILE, now_ms(program))
    until(lambda: parts.state == "down", "it is noticed")
    assert parts("state")["waiting"] == 1
    program.come_back()
    until(lambda: len(edits_of(program)) == 1, "it is sent")


def test_so_many_wait_and_the_oldest_make_room(parts: Parts, program: Program) -> None:
    paired(parts, program)
    until(lambda: parts.state == "ok", "it is paired")
    program.leave()
    parts("add", {"kind": "save"}, 10_005)
    assert (parts("state")["waiting"], parts("state")["lost"]) == (10_000, 5)


def test_a_wrong_code_gives_no_token(parts: Parts, program: Program) -> None:
    program.core.pairing.offer()
    with pytest.raises(AssertionError, match=r"RefusedError: The pairing code is wrong"):
        parts("pair", "00000-00000", program.port, "VS Code extension")
    assert program.core.tokens.clients == ()


def test_nothing_is_sent_to_another_who_holds_the_port(parts: Parts, program: Program) -> None:
    pairing = paired(parts, program)
    parts("use", {**pairing, "token": "another"})
    parts("watch", "saved", FILE, now_ms(program))
    until(lambda: "Something else" in parts("state")["message"], "the listener could not prove itself")
    assert (parts("state")["sent"], parts("state")["waiting"]) == (0, 1)


def test_a_revoked_token_ends_it(parts: Parts, program: Program) -> None:
    pairing = paired(parts, program)
    until(lambda: parts.state == "ok", "it is paired")
    program.core.tokens.revoke(pairing["client"])
    parts("watch", "saved", FILE, now_ms(program))
    until(lambda: parts.state == "refused", "it knows")
    parts("watch", "saved", FILE, now_ms(program))
    assert parts("state")["waiting"] == 1


def test_it_knows_when_the_sense_is_off(parts: Parts, program: Program) -> None:
    paired(parts, program)
    program.core.preferences.change(consent=frozenset())
    parts("watch", "saved", FILE, now_ms(program))
    until(lambda: parts.state == "off", "it is told")
    assert edits_of(program) == []


def test_the_last_events_are_sent_at_the_end(parts: Parts, program: Program) -> None:
    paired(parts, program)
    until(lambda: parts.state == "ok", "it is paired")
    parts("watch", "saved", FILE, now_ms(program))
    parts("end")
    events: list[Event] = edits_of(program)
    assert len(events) == 1
