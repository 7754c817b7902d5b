"""bash, zsh and fish in real terminals, with the shipped hooks."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.events import CommandDetail, Event, EventKind, Source
from collectors.history.shells.shells import BASH, FISH, ZSH
from collectors.work.shell_messages import ALIVE, OWN, spool_folder
from collectors.work.terminal import TerminalCollector
from tests.collectors.run_collector import Running, running
from tests.desktop.fixtures import needs
from tests.desktop.terminals import HOOKS, SHELLS, terminal, write_start_up

pytestmark = pytest.mark.desktop

STRICT = {
    "bash": "set -ux -o noclobber; shopt -s nullglob failglob extglob; IFS=x; alias printf=false read=false history=false",
    "zsh": "setopt nounset noclobber ksharrays shwordsplit globsubst xtrace; alias print=false; IFS=x",
    "fish": "alias printf=false; alias test=false",
}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    needs(request.param)
    return str(request.param)


@pytest.fixture
def box() -> Path:
    """The folder of letters, before anybody listens."""
    return spool_folder(os.environ)


@pytest.fixture
def listening(box: Path) -> Iterator[Running]:
    with listening_now(box) as work:
        yield work


@contextlib.contextmanager
def listening_now(box: Path) -> Iterator[Running]:
    with running(TerminalCollector()) as work:
        work.until_true((box / ALIVE).exists)
        yield work


def reported(work: Running) -> list[str]:
    return [event.target or "" for event in work.events]


def add(file: Path, line: str) -> None:
    with file.open("a") as opened:
        opened.write(f"{line}\n")


def letters(box: Path) -> list[str]:
    return sorted(path.name for path in box.iterdir() if path.name not in (ALIVE, OWN)) if box.exists() else []


def test_a_command_is_reported_with_its_folder_end_length_and_branch(shell: str, own_home: Path, listening: Running):
    subprocess.run(["git", "init", "-q", "-b", "topic", str(own_home / "work")], check=True)
    with terminal(shell, own_home) as typed:
        typed.enter("cd work")
        typed.enter("sleep 0.2; sh -c 'exit 3'")
        event = listening.until(lambda event: "exit 3" in (event.target or ""))
    assert (event.source, event.kind, event.app) == (Source.TERMINAL, EventKind.COMMAND, shell)
    assert event.target == "sleep 0.2; sh -c 'exit 3'"
    assert event.detail == CommandDetail(cwd=str(own_home / "work"), exit_status=3, branch="topic")
    assert event.duration_us is not None
    assert event.duration_us >= 199_000


def test_a_command_counts_where_it_began(shell: str, own_home: Path, listening: Running):
    (own_home / "below").mkdir()
    with terminal(shell, own_home) as typed:
        typed.enter("cd below")
        event = listening.until(lambda event: event.target == "cd below")
    assert isinstance(event.detail, CommandDetail)
    assert event.detail.cwd == str(own_home)


def test_every_command_is_reported_once_and_in_order(shell: str, own_home: Path, listening: Running):
    lines = ["true", "true", "true again", "false", "true", "false; true", "false; true"]
    with terminal(shell, own_home) as typed:
        for line in lines:
            typed.enter(line)
        typed.enter("echo end")
        listening.until(lambda event: event.target == "echo end")
    assert reported(listening) == [*lines, "echo end"]


@pytest.mark.parametrize("blank", [" ", "   "])
def test_a_command_that_begins_with_a_blank_is_never_written(shell: str, own_home: Path, box: Path, blank: str):
    box.mkdir(parents=True, mode=0o700)
    (box / OWN).mkdir()
    (box / ALIVE).symlink_to(f"/proc/{os.getpid()}")
    with terminal(shell, own_home) as typed:
        typed.enter("echo seen")
        typed.enter(f"{blank}echo hidden")
        typed.enter("echo seen")
        typed.enter(f"{blank}echo seen")
        typed.enter("echo last")
    texts = [(box / name).read_bytes().split(b"\0")[4] for name in letters(box)]
    assert sorted(texts) == [b"echo last", b"echo seen", b"echo seen"]
    assert not any(path.read_bytes() for path in (box / OWN).iterdir())


@pytest.mark.parametrize(
    "control",
    ["", "ignorespace", "ignoredups", "ignoreboth", "ignoreboth:erasedups", "erasedups", "ignorespace:ignoredups"],
)
def test_bash_tells_the_same_whatever_it_keeps_in_its_history(own_home: Path, listening: Running, control: str):
    with terminal("bash", own_home, before=f"HISTCONTROL={control}") as typed:
        for line in (
            "echo one",
            " echo hidden",
            "echo one",
            "echo two",
            " echo two",
            "echo two",
            "echo one",
            "echo end",
        ):
            typed.enter(line)
        kept = typed.enter("history")
        listening.until(lambda event: event.target == "history")
    repeats = 1 if "erasedups" in control else 2
    if "ignorespace" not in control and "ignoreboth" not in control:
        # Here bash keeps hidden lines too, so what follows one is no repetition.
        assert reported(listening) == [
            "echo one",
            "echo one",
            "echo two",
            "echo two",
            "echo one",
            "echo end",
            "history",
        ]
    else:
        ones, twos = ["echo one"] * repeats, ["echo two"] * repeats
        assert reported(listening) == [*ones, *twos, "echo one", "echo end", "history"]
    assert kept_by(control) == [line.split(None, 1)[1] for line in kept.splitlines() if line[:5].strip().isdigit()]


def kept_by(control: str) -> list[str]:
    """What bash itself keeps with such a HISTCONTROL, as its manual says (9.1)."""
    kept: list[str] = []
    for line in (
        "echo one",
        " echo hidden",
        "echo one",
        "echo two",
        " echo two",
        "echo two",
        "echo one",
        "echo end",
        "history",
    ):
        if line.startswith(" ") and ("ignorespace" in control or "ignoreboth" in control):
            continue
        if kept and kept[-1] == line and ("ignoredups" in control or "ignoreboth" in control):
            continue
        kept = [each for each in kept if each != line or "erasedups" not in control]
        kept.append(line)
    return [line.strip() for line in kept]


def test_the_file_of_the_bash_history_holds_what_it_would_hold_anyway(own_home: Path, listening: Running):
    files = {}
    for hooked in (True, False):
        home = own_home / str(hooked)
        home.mkdir()
        before = "HISTCONTROL=ignoreboth\nPROMPT_COMMAND+=('history -a')"
        with terminal("bash", home, before=before, hooked=hooked) as typed:
            for line in ("echo one", "echo one", " echo hidden", "echo two", "echo two", "echo one"):
                typed.enter(line)
        files[hooked] = (home / ".bash_history").read_text()
    assert files[True] == files[False] == "echo one\necho two\necho one\n"


def test_lines_that_other_shells_added_to_the_history_are_not_taken_for_this_ones(own_home: Path, listening: Running):
    shared = "HISTCONTROL=ignoreboth\nPROMPT_COMMAND+=('history -a; history -c; history -r')"
    with terminal("bash", own_home, before=shared) as one:
        one.enter("echo one")
        add(own_home / ".bash_history", "echo of another")
        one.enter(" echo hidden")
        add(own_home / ".bash_history", "echo of a third")
        one.enter("echo two")
        one.enter("echo two")
        one.enter("echo end")
        listening.until(lambda event: event.target == "echo end")
    assert reported(listening) == ["echo one", "echo two", "echo two", "echo end"]


def test_hidden_changes_of_the_history_tell_nothing(own_home: Path, listening: Running):
    with terminal("bash", own_home, before="HISTCONTROL=ignorespace") as typed:
        for line in ("echo one", "echo two", " history -d -1", " history -s 'made up'", " history -c", "echo end"):
            typed.enter(line)
        listening.until(lambda event: event.target == "echo end")
    assert reported(listening) == ["echo one", "echo two", "echo end"]


def test_taking_the_history_away_ends_the_telling(shell: str, own_home: Path, listening: Running):
    if shell == "fish":
        with terminal(shell, own_home, before="set -g fish_private_mode 1") as typed:
            typed.enter("echo hidden")
    else:
        with terminal(shell, own_home) as typed:
            typed.enter("echo seen")
            typed.enter("unset HISTFILE")
            typed.enter("echo hidden")
    home = own_home / "other"
    home.mkdir()
    with terminal(shell, home) as typed:
        typed.enter("echo end")
        listening.until(lambda event: event.target == "echo end")
    assert "echo hidden" not in reported(listening)


def test_where_nobody_listens_nothing_is_written_and_nothing_printed(shell: str, own_home: Path, box: Path):
    lines = ["echo one", " echo two", "false", "cd /", "nosuchcommand-at-all", "echo last"]
    outputs = []
    for hooked in (False, True):
        with terminal(shell, own_home, hooked=hooked) as typed:
            outputs.append([typed.answer(line) for line in lines])
    assert outputs[0] == outputs[1]
    assert not box.exists()


def test_a_program_that_was_killed_is_nobody_who_listens(shell: str, own_home: Path, box: Path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    box.mkdir(parents=True, mode=0o700)
    (box / ALIVE).symlink_to(f"/proc/{gone.pid}")
    with terminal(shell, own_home) as typed:
        assert typed.enter("echo one").count("one") >= 1
    assert letters(box) == []


def test_a_program_that_hangs_holds_up_no_prompt_and_loses_nothing(shell: str, own_home: Path, box: Path):
    code = (
        "import sys; from collectors.work.terminal import TerminalCollector; from collectors.collector import Stop;"
        "TerminalCollector().run(lambda event: print(event.target, flush=True), Stop())"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as sense:
        try:
            assert sense.stdout is not None
            with terminal(shell, own_home) as typed:
                while not (box / ALIVE).exists():
                    typed.enter("true")
                typed.enter("echo before")
                while sense.stdout.readline() != b"echo before\n":
                    pass
                os.kill(sense.pid, signal.SIGSTOP)
                for number in range(100):
                    typed.enter(f"echo {number}")
                os.kill(sense.pid, signal.SIGCONT)
            assert [sense.stdout.readline() for _ in range(100)] == [b"echo %d\n" % number for number in range(100)]
        finally:
            sense.kill()


def test_lines_come_whole_whatever_is_in_them(shell: str, own_home: Path, listening: Running):
    lines = ["echo 'a\\b' \"$HOME\" `true` 100% *", "echo 'grün 🎉' \\\\n", "echo " + "x" * 2_000]
    with terminal(shell, own_home) as typed:
        for line in lines:
            typed.enter(line)
        typed.type("echo 'first\r")
        typed.enter("second'")
        typed.enter("echo end")
        listening.until(lambda event: event.target == "echo end")
    assert reported(listening) == [*lines, "echo 'first\nsecond'", "echo end"]


def test_strict_options_and_aliases_of_the_user_change_nothing(shell: str, own_home: Path, listening: Running):
    with terminal(shell, own_home, before=STRICT[shell]) as typed:
        typed.enter("true one")
        typed.enter("false")
        output = typed.enter("true end")
        assert "kryptic" not in output
        listening.until(lambda event: event.target == "true end")
    assert reported(listening) == ["true one", "false", "true end"]


def test_the_users_own_prompt_sees_how_the_command_ended(own_home: Path, listening: Running):
    own = {
        "bash": "PROMPT_COMMAND+=('ended=$?')",
        "zsh": "_own() { ended=$? }; precmd_functions+=(_own)",
        "fish": "function _own --on-event fish_prompt; set -g ended $status; end",
    }
    for shell in SHELLS:
        needs(shell)
        home = own_home / shell
        home.mkdir()
        with terminal(shell, home, before=own[shell]) as typed:
            typed.enter("sh -c 'exit 7'")
            assert "=7=" in typed.enter('echo "=$ended="')


def test_what_was_reported_live_is_the_same_action_when_the_history_is_imported(
    shell: str, own_home: Path, listening: Running
):
    stamped = {
        "bash": "HISTTIMEFORMAT='%s '; PROMPT_COMMAND+=('history -a')",
        "zsh": "setopt extendedhistory incappendhistory",
    }
    reader = {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell]
    with terminal(shell, own_home, before=stamped.get(shell, "")) as typed:

        def known_again() -> bool:
            """Unless the command began just before a second did, and the shell looked at its clock just after."""
            typed.enter("echo one")
            files = reader.discover(own_home, os.environ)
            imported = {event.origin_key for file in files for event in reader.read(file) if isinstance(event, Event)}
            return any(event.origin_key in imported for event in listening.events)

        listening.until_true(known_again)


def test_to_read_the_hook_in_twice_tells_once(shell: str, own_home: Path, listening: Running):
    again = f"source {HOOKS / f'kryptic.{shell}'}"
    with terminal(shell, own_home, before=again) as typed:
        typed.enter("echo one")
        typed.enter("echo end")
        listening.until(lambda event: event.target == "echo end")
    assert reported(listening) == ["echo one", "echo end"]


def test_shells_at_the_same_time_do_not_mix(own_home: Path, listening: Running):
    with contextlib.ExitStack() as stack:
        opened = []
        for number, shell in enumerate((*SHELLS, *SHELLS)):
            needs(shell)
            home = own_home / str(number)
            home.mkdir()
            opened.append(stack.enter_context(terminal(shell, home)))
        for turn in range(5):
            for number, typed in enumerate(opened):
                typed.enter(f"echo {number} {turn}")
        wanted = {f"echo {number} {turn}" for number in range(len(opened)) for turn in range(5)}
        listening.until(lambda _: wanted <= set(reported(listening)))
    assert len(reported(listening)) == len(wanted)


def test_a_folder_of_somebody_elses_gets_nothing(shell: str, own_home: Path, box: Path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    box.mkdir(parents=True)
    (box / ALIVE).symlink_to(f"/proc/{os.getpid()}")
    os.chown(box, 65_534, 65_534)
    with terminal(shell, own_home) as typed:
        typed.enter("echo one")
    assert letters(box) == []


def test_a_shell_that_runs_a_script_tells_nothing(shell: str, own_home: Path, listening: Running):
    write_start_up(shell, own_home)
    program = shutil.which(shell)
    assert program is not None
    hook = HOOKS / f"kryptic.{shell}"
    done = subprocess.run([program, "-c", f"source {hook}; echo one"], capture_output=True, check=True, text=True)
    assert (done.stdout, done.stderr) == ("one\n", "")
    assert reported(listening) == []
