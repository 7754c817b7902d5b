"""The program's log: private, bounded, whole about bugs, silent about what was captured."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.errors import KnownError
from app.paths import Paths, from_environment
from app.system import log as program_log
from app.system.log import Flood, configure
from app.system.log_format import CaptureFreeFormatter
from collectors.events import Event, EventKind, Source

SECRET = "mellon"
EVENT = Event(ts_us=1, source=Source.TERMINAL, kind=EventKind.COMMAND, target=SECRET)
logger = logging.getLogger("app.test")


@pytest.fixture
def paths() -> Paths:
    found = from_environment(os.environ)
    found.create()
    return found


@pytest.fixture
def written(paths: Paths) -> Iterator[Path]:
    configured = configure(paths, verbose=False)
    yield paths.log
    configured.close()


def test_records_reach_the_file(written: Path) -> None:
    logger.info("Started with %d senses", 4)
    assert "INFO app.test [MainThread] Started with 4 senses" in written.read_text()


def test_the_file_is_for_the_user_alone(written: Path) -> None:
    assert written.stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_open_to_others_is_closed_to_them(paths: Paths) -> None:
    paths.log.touch(mode=0o644)
    configured = configure(paths, verbose=False)
    configured.close()
    assert paths.log.stat().st_mode & 0o777 == 0o600


def test_the_files_are_bounded(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_log, "MAX_FILE_BYTES", 4_096)
    configured = configure(paths, verbose=False)
    for number in range(1_000):
        logger.info("Line %d", number)
    configured.close()
    files = sorted(paths.state.glob("kryptic.log*"))
    assert len(files) == 1 + program_log.OLDER_FILES
    assert all(file.stat().st_size <= 4_096 and file.stat().st_mode & 0o777 == 0o600 for file in files)


def test_closing_puts_everything_back(paths: Paths) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), sys.excepthook, threading.excepthook, sys.unraisablehook)
    configure(paths, verbose=True).close()
    assert (root.level, root.handlers, sys.excepthook, threading.excepthook, sys.unraisablehook) == before


@pytest.mark.parametrize(("verbose", "shown"), [(False, False), (True, True)])
def test_standard_error_shows_details_when_asked(
    paths: Paths, capsys: pytest.CaptureFixture[str], verbose: bool, shown: bool
) -> None:
    configured = configure(paths, verbose=verbose)
    logger.info("A detail")
    configured.close()
    assert ("A detail" in capsys.readouterr().err) is shown


def test_warnings_are_always_on_standard_error(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    configured = configure(paths, verbose=False)
    logger.warning("A warning")
    configured.close()
    assert "A warning" in capsys.readouterr().err


def formatted(message: object, *args: object, error: BaseException | None = None, name: str = "app.test") -> str:
    info = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, info)
    return CaptureFreeFormatter().format(record)


def caught(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause  # noqa: TRY301 - the traceback is what the test wants
    except BaseException as raised:  # noqa: BLE001 - whatever the test gave
        return raised


@pytest.mark.parametrize(
    "write",
    [
        lambda: formatted("Got %s", EVENT),
        lambda: formatted("Got %r", EVENT),
        lambda: formatted("Got %s", [EVENT]),
        lambda: formatted("Got %(event)s", {"event": EVENT}),
        lambda: formatted("Got %s", {"target": SECRET}),
        lambda: formatted("Got %s", SECRET.encode()),
        lambda: formatted(ValueError(SECRET)),
        lambda: formatted("Failed", error=caught(ValueError(SECRET))),
        lambda: formatted("Failed", error=caught(KeyError(SECRET))),
        lambda: formatted("Failed", error=caught(TypeError(f"cannot read {SECRET!r}"))),
        lambda: formatted("Failed", error=caught(RuntimeError(f"isn't it {SECRET!r}"))),
        lambda: formatted("Failed", error=caught(OSError(2, "No such file", SECRET))),
        lambda: formatted("Failed", error=caught(KnownError(f"The pattern '{SECRET}' is broken.", "Mend it."))),
        lambda: formatted("Failed", error=caught(AttributeError("x"), ValueError(SECRET))),
        lambda: formatted("Failed", error=caught(ExceptionGroup("several", [ValueError(SECRET)]))),
        lambda: formatted("Failed: %s", ValueError(SECRET)),
        lambda: formatted(f"Task failed\nfuture: ValueError({SECRET!r})", name="asyncio"),
        lambda: formatted(f"Bad request {SECRET!r}", name="aiohttp.server"),
    ],
)
def test_captured_text_is_never_written(write: Callable[[], str]) -> None:
    assert SECRET not in write()


def test_a_bug_is_written_with_every_frame_and_cause() -> None:
    text = formatted("Failed", error=caught(AttributeError("no attribute 'ts_us'"), ValueError("x")))
    assert "ValueError (message of 1 characters withheld)\nwhich led to\n" in text
    assert text.endswith("AttributeError: no attribute 'ts_us'")
    assert text.count("in caught") == 1
    assert __file__ in text


def test_an_exception_that_causes_itself_is_written_once() -> None:
    error = ValueError("x")
    error.__cause__ = KeyError("y")
    error.__cause__.__cause__ = error
    assert formatted("Failed", error=error).count("ValueError") == 1


def test_a_name_cannot_start_a_line_of_its_own() -> None:
    assert "\n" not in formatted("Client %s", "a\n2026-01-01 CRITICAL forged")


def test_a_long_argument_is_cut() -> None:
    assert len(formatted("Client %s", "x" * 10_000)) < 500


def test_arguments_that_do_not_fit_lose_no_line() -> None:
    assert "Got %d things (its arguments do not fit)" in formatted("Got %d things", EVENT)


def test_an_uncaught_exception_of_a_thread_is_in_the_log(written: Path) -> None:
    def fail() -> None:
        raise AttributeError("lost")

    thread = threading.Thread(target=fail, name="worker-7")
    thread.start()
    thread.join()
    text = written.read_text()
    assert "CRITICAL app.system.log [worker-7] Uncaught exception in worker-7" in text
    assert "AttributeError: lost" in text


PROGRAM = """
import os, sys
from app.system.log import configure
from app.paths import from_environment
paths = from_environment(os.environ)
paths.create()
configure(paths, verbose=False)
"""


def test_an_uncaught_exception_of_the_program_is_in_the_log(paths: Paths) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + "raise ValueError('nollem'[::-1])"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "CRITICAL app.system.log [MainThread] Uncaught exception" in paths.log.read_text()
    assert SECRET not in paths.log.read_text() + done.stderr


def test_a_crash_of_the_interpreter_leaves_its_stack_and_no_core(paths: Paths, tmp_path: Path) -> None:
    program = PROGRAM + "from neural.hardening import harden\nharden()\nos.kill(os.getpid(), 11)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, cwd=tmp_path / "home")
    assert done.returncode == -signal.SIGSEGV
    crash = paths.state / program_log.CRASH_FILE
    assert "Segmentation fault" in crash.read_text()
    assert crash.stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "home").iterdir())


FULL_DISK = """
import logging, resource
from collectors.events import Event, EventKind, Source
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
event = Event(ts_us=1, source=Source.TERMINAL, kind=EventKind.COMMAND, target="mellon")
logging.getLogger("app.test").info("Lost %s", event)
print("still here")
"""


def test_a_disk_that_takes_no_more_does_not_stop_the_program(paths: Paths) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM + FULL_DISK], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "still here\n")
    assert "A log line from app.test could not be written." in done.stderr
    assert SECRET not in done.stderr


def test_a_flood_of_warnings_is_one_line_a_minute_with_a_count(caplog: pytest.LogCaptureFixture) -> None:
    now_s = [0.0]
    flood = Flood(lambda: now_s[0])
    for _ in range(500):
        flood.counted(logger, "bad line", "A line could not be read: %s", "reason")
    now_s[0] = 60.0
    flood.counted(logger, "bad line", "A line could not be read: %s", "reason")
    assert [record.getMessage() for record in caplog.records] == [
        "A line could not be read: reason",
        "A line could not be read: reason (and 499 more before this one)",
    ]


def test_another_key_has_a_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    flood = Flood(lambda: 0.0)
    flood.counted(logger, "one", "One")
    flood.counted(logger, "two", "Two")
    assert len(caplog.records) == 2
