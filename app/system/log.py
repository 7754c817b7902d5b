"""The program's own log: a bounded file that only the user can read, and warnings on standard error."""

from __future__ import annotations

import faulthandler
import logging
import math
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

from app.paths import Paths
from app.system.log_format import CaptureFreeFormatter

MAX_FILE_BYTES: Final = 1 << 20
OLDER_FILES: Final = 3
REPEAT_S: Final = 60.0
CRASH_FILE: Final = "crash.log"
_FILE_MODE: Final = 0o600
_MAX_KEYS: Final = 1_024
_CHATTY: Final = ("asyncio", "aiohttp")

logger = logging.getLogger(__name__)


class Log:
    """What `configure` set up, until it is closed."""

    def __init__(self, handlers: tuple[logging.Handler, ...], crashes: TextIO, level: int) -> None:
        root = logging.getLogger()
        self._handlers = handlers
        self._crashes = crashes
        self._before = (root.level, sys.excepthook, threading.excepthook, sys.unraisablehook, faulthandler.is_enabled())
        root.setLevel(level)
        for handler in handlers:
            root.addHandler(handler)
        sys.excepthook = _log_uncaught
        threading.excepthook = _log_uncaught_in_thread
        sys.unraisablehook = _log_unraisable
        faulthandler.enable(crashes)

    def close(self) -> None:
        """Put everything back as it was, and close the files."""
        root = logging.getLogger()
        level, sys.excepthook, threading.excepthook, sys.unraisablehook, faults = self._before
        root.setLevel(level)
        faulthandler.disable()
        if faults and sys.__stderr__ is not None:
            faulthandler.enable(sys.__stderr__)
        for handler in self._handlers:
            root.removeHandler(handler)
            try:
                handler.close()
            except OSError:
                sys.stderr.write("The last log lines could not be written.\n")
        self._crashes.close()


def configure(paths: Paths, verbose: bool) -> Log:
    """Send log records to the log file and to standard error, uncaught exceptions of every thread among them.

    For the process that holds the instance lock: the rotation of the file is for one writer. A crash of the
    interpreter itself leaves its stacks (files, lines and function names) in `crash.log` next to the log.

    Args:
        paths: `paths.state` exists.
        verbose: everything on standard error, rather than warnings alone.

    Raises:
        OSError: if a file cannot be opened.
    """
    formatter = CaptureFreeFormatter()
    file = _PrivateFile(paths.log, maxBytes=MAX_FILE_BYTES, backupCount=OLDER_FILES, encoding="utf-8")
    file.setLevel(logging.INFO)
    stream = _StandardError()
    stream.setLevel(logging.DEBUG if verbose else logging.WARNING)
    for handler in (file, stream):
        handler.setFormatter(formatter)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        crashes = _open_crash_file(paths.state / CRASH_FILE)
    except OSError:
        file.close()
        raise
    return Log((file, stream), crashes, logging.DEBUG if verbose else logging.INFO)


class Flood:
    """Warnings from an inlet that takes anything, at any rate: one line a minute for each key, with a count.

    Args:
        now_s: a clock that never goes back.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._said: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
        self._changing = threading.Lock()

    def counted(self, to: logging.Logger, key: str, message: str, *args: object) -> None:
        """Warn, or only count if the same key was warned of less than REPEAT_S ago.

        Args:
            to: the logger.
            key: what makes two warnings the same; a literal, so that there are few.
            message: as for `logging.Logger.warning`, with its arguments.
            *args: the arguments.
        """
        now_s = self._now_s()
        with self._changing:
            at_s, held_back = self._said.pop((to.name, key), (-math.inf, 0))
            due = now_s - at_s >= REPEAT_S
            self._said[(to.name, key)] = (now_s, 0) if due else (at_s, held_back + 1)
            if len(self._said) > _MAX_KEYS:
                self._said.popitem(last=False)
        if due and held_back:
            to.warning(f"{message} (and %d more before this one)", *args, held_back)
        elif due:
            to.warning(message, *args)


counted = Flood(time.monotonic).counted
"""`Flood.counted` by the system's clock, for the whole process."""


class _PrivateFile(RotatingFileHandler):
    """A rotating file of mode 0600. A full disk costs log lines and never the program."""

    def _open(self) -> TextIOWrapper:
        descriptor = _open_private(Path(self.baseFilename))
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="replace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        _say_lost(record)


class _StandardError(logging.StreamHandler[TextIO]):
    """Standard error; a closed one is no reason to fail."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        _say_lost(record)


def _say_lost(record: logging.LogRecord) -> None:
    # logging's own handleError prints the record's arguments, which may hold captured text.
    try:
        sys.stderr.write(f"A log line from {record.name} could not be written.\n")
    except (OSError, ValueError, AttributeError):
        return  # standard error is gone as well: there is nobody left to tell


def _open_private(path: Path) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, _FILE_MODE)
    os.fchmod(descriptor, _FILE_MODE)
    return descriptor


def _open_crash_file(path: Path) -> TextIO:
    descriptor = _open_private(path)
    if os.fstat(descriptor).st_size > MAX_FILE_BYTES:
        os.ftruncate(descriptor, 0)
    return os.fdopen(descriptor, "a", encoding="utf-8")


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logger.critical("Uncaught exception", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(caught: threading.ExceptHookArgs) -> None:
    if caught.exc_value is not None and not isinstance(caught.exc_value, SystemExit):
        name = caught.thread.name if caught.thread is not None else "a thread that is gone"
        logger.critical("Uncaught exception in %s", name, exc_info=caught.exc_value)


def _log_unraisable(caught: Any) -> None:
    logger.error("Exception that could not be raised", exc_info=caught.exc_value)
