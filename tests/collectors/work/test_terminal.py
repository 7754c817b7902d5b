"""The folder of letters: what is taken out of it, and what may lie in it."""

from __future__ import annotations

import os
import random
import shutil
import stat
from pathlib import Path

import pytest

from app.paths import from_environment
from collectors.events import MAX_DURATION_US, CommandDetail
from collectors.work.shell_messages import ALIVE, MAX_LETTER_BYTES, OWN, LetterError, ShellMessage, parse, spool_folder
from collectors.work.terminal import TerminalCollector
from tests.collectors.run_collector import Running, running

LETTER = b"bash\x000\x001500\x00/\x00make test\x00"


@pytest.fixture
def box() -> Path:
    return spool_folder(os.environ)


def put(box: Path, name: str, data: bytes) -> None:
    (box / name).write_bytes(data)


def listening(work: Running, box: Path) -> None:
    work.until_true((box / ALIVE).exists)


def names(box: Path) -> list[str]:
    return sorted(path.name for path in box.iterdir())


def test_the_folder_is_the_programs_own_and_closed_to_others(box: Path):
    assert box == from_environment(os.environ).runtime / "shell"
    with running(TerminalCollector()) as work:
        listening(work, box)
        assert [stat.S_IMODE(path.stat().st_mode) for path in (box.parent, box, box / OWN)] == [0o700] * 3


@pytest.mark.parametrize("runtime", ["", "relative/place"])
def test_without_a_runtime_folder_it_is_where_the_programs_own_is(monkeypatch: pytest.MonkeyPatch, runtime: str):
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    assert spool_folder(os.environ) == from_environment(os.environ).runtime / "shell"


def test_a_letter_is_reported_and_taken_out(box: Path):
    with running(TerminalCollector()) as work:
        listening(work, box)
        put(box, "1.1", LETTER)
        event = work.until(lambda event: event.target == "make test")
        work.until_true(lambda: names(box) == [ALIVE, OWN])
    assert (event.app, event.duration_us, event.detail) == ("bash", 1_500, CommandDetail(cwd="/", exit_status=0))


def test_a_command_began_as_long_before_its_letter_as_it_took(box: Path):
    box.mkdir(parents=True)
    put(box, "1.1", LETTER)
    os.utime(box / "1.1", (0, 1_790_000_000))
    with running(TerminalCollector()) as work:
        event = work.until(lambda event: event.target == "make test")
    assert event.ts_us == 1_790_000_000_000_000 - 1_500


def test_what_was_left_from_before_is_reported_oldest_first(box: Path):
    box.mkdir(parents=True)
    for number in (1, 2, 3):
        put(box, f"9.{number}", LETTER.replace(b"test", b"%d" % number))
        os.utime(box / f"9.{number}", (0, 1_790_000_000 - number))
    with running(TerminalCollector()) as work:
        work.until(lambda event: event.target == "make 1")
    assert [event.target for event in work.events] == ["make 3", "make 2", "make 1"]


def test_at_its_end_it_no_longer_listens_and_leaves_nothing(box: Path):
    with running(TerminalCollector()) as work:
        listening(work, box)
        put(box, "own/7", b"")
        put(box, "1.1", LETTER)
        work.stop()
        assert [event.target for event in work.events] == ["make test"]
    assert names(box) == [OWN]
    assert names(box / OWN) == []


@pytest.mark.parametrize("line", [b"", b" hidden", b"\thidden", b"# a remark"])
def test_what_is_no_command_or_begins_with_a_blank_is_not_reported(box: Path, line: bytes):
    with running(TerminalCollector()) as work:
        listening(work, box)
        put(box, "1.1", LETTER.replace(b"make test", line))
        put(box, "1.2", LETTER)
        work.until(lambda event: event.target == "make test")
    assert len(work.events) == 1


def test_what_is_no_letter_is_removed_counted_and_logged_now_and_then(
    box: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    elsewhere = tmp_path / "secret"
    elsewhere.write_bytes(LETTER)
    with running(TerminalCollector()) as work:
        listening(work, box)
        (box / "link").symlink_to(elsewhere)
        os.mkfifo(box / "pipe")
        put(box, "long", LETTER.replace(b"test", b"x" * MAX_LETTER_BYTES))
        put(box, "short", b"bash\x000\x00")
        put(box, "1.2", LETTER.replace(b"test", b"end"))
        work.until(lambda event: event.target == "make end")
    assert [event.target for event in work.events] == ["make end"]
    assert elsewhere.exists()
    assert len(caplog.records) == 1


def test_ten_thousand_bad_letters_do_no_harm(box: Path, caplog: pytest.LogCaptureFixture):
    draw = random.Random(5)
    with running(TerminalCollector()) as work:
        listening(work, box)
        for number in range(10_000):
            changed = bytearray(LETTER)
            for _ in range(draw.randint(1, 4)):
                changed[draw.randrange(len(changed))] = draw.randrange(256)
            cut = draw.randint(0, len(changed))
            put(box, f"{number}", bytes(draw.choice((changed[:cut], changed * 2, draw.randbytes(40)))))
        put(box, "1.1", LETTER.replace(b"test", b"end"))
        work.until(lambda event: event.target == "make end")
        work.until_true(lambda: names(box) == [ALIVE, OWN])
    assert 1 <= len(caplog.records) <= 20
    assert len(work.events) < 10_000


def test_a_folder_that_is_taken_away_ends_it_with_the_remedy(box: Path):
    with running(TerminalCollector()) as work:
        listening(work, box)
        shutil.rmtree(box)
        error = work.until_error()
    assert "XDG_RUNTIME_DIR" in error.unavailable.remedy


def test_a_folder_that_cannot_be_made_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "file"))
    missing = TerminalCollector().check()
    assert missing is not None
    assert str(tmp_path / "file") in missing.reason
    with running(TerminalCollector()) as work:
        work.until_error()


def test_it_can_work_where_the_folder_can_be_made(box: Path):
    assert TerminalCollector().check() is None
    assert not box.exists()


def test_a_letter_has_five_fields():
    assert parse(LETTER) == ShellMessage("bash", 0, 1_500, "/", "make test")


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 5, LETTER[:-1], LETTER + b"\0", LETTER.replace(b"bash", b"sh"), LETTER.replace(b"1500", b"1e3")],
)
def test_anything_else_is_refused_without_being_quoted(data: bytes):
    with pytest.raises(LetterError) as refused:
        parse(data)
    assert "make" not in str(refused.value)


def test_numbers_out_of_bounds_are_brought_back():
    assert parse(LETTER.replace(b"1500", b"-20")).duration_us == 0
    assert parse(LETTER.replace(b"1500", b"9" * 20)).duration_us == MAX_DURATION_US
    assert parse(LETTER.replace(b"\x000\x00", b"\x00999\x00")).exit_status == 255
