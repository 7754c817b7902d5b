"""How a log record is written, so that captured text never is.

A log message is a literal sentence; its arguments are numbers, names of the program's own things, and paths. Values of
any other type are written as the name of their type. Of an exception the type and the traceback are written whole; its
message only if it speaks of code, of the operating system or of the database, and then without what it quotes.
"""

from __future__ import annotations

import logging
import re
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app.errors import KnownError

MAX_TEXT_CHARS: Final = 300
MAX_CAUSES: Final = 16
OWN_PACKAGES: Final = frozenset({"app", "collectors", "neural"})
_OF_CODE: Final = (AttributeError, NameError, ImportError)
_WITHOUT_QUOTES: Final = (KnownError, RuntimeError, TypeError)
_DATABASE_MODULES: Final = frozenset({"sqlite3", "sqlcipher3"})
_QUOTED: Final = re.compile(r"""['"`].*['"`]""", re.DOTALL)  # from the first quote to the last: none is left open


class CaptureFreeFormatter(logging.Formatter):
    """Writes records one line each (a traceback follows), by the rule of this module; times are UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        head = f"{stamp}.{int(record.msecs):03d}Z {record.levelname} {record.name} [{record.threadName}]"
        lines = [f"{head} {_message(record)}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines.extend(describe(record.exc_info[1]))
        if record.stack_info:
            lines.append(record.stack_info)
        return "\n".join(lines)


class _Named(dict[str, object]):
    """Arguments by name. A template that asks for the mapping as a whole gets its type."""

    def __str__(self) -> str:
        return "<dict>"

    __repr__ = __str__


def describe(error: BaseException) -> Iterator[str]:
    """The traceback of an exception and of what caused it, the cause first, without captured text."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain and len(chain) < MAX_CAUSES:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    for position, link in enumerate(reversed(chain)):
        if position:
            yield "which led to"
        yield from (line.rstrip("\n") for line in traceback.format_tb(link.__traceback__))
        yield title(link)
        if isinstance(link, BaseExceptionGroup):
            for part in link.exceptions[:MAX_CAUSES]:
                yield from describe(part)


def title(error: BaseException) -> str:
    """The type of an exception, with as much of its message as may be written."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, OSError):
        return f"{name}: {error.strerror or 'no reason given'} (errno {error.errno})"
    said = str(error)
    if isinstance(error, _OF_CODE):
        return f"{name}: {_one_line(said)}"
    if isinstance(error, _WITHOUT_QUOTES) or kind.__module__.partition(".")[0] in _DATABASE_MODULES:
        return f"{name}: {_one_line(_QUOTED.sub('(quoted text)', said))}"
    return f"{name} (message of {len(said)} characters withheld)"


def _message(record: logging.LogRecord) -> str:
    if not isinstance(record.msg, str):
        return str(_shown(record.msg))
    template = record.msg
    if record.name.partition(".")[0] not in OWN_PACKAGES:
        # Libraries format values into their messages themselves, asyncio a whole repr from the second line on.
        template = _QUOTED.sub("(quoted text)", template.partition("\n")[0])
    if not record.args:
        return template
    try:
        return str(template % _arguments(record.args))
    except (TypeError, ValueError, KeyError):
        return f"{template} (its arguments do not fit)"


def _arguments(arguments: tuple[object, ...] | Mapping[str, object]) -> Any:
    if isinstance(arguments, Mapping):
        return _Named((name, _shown(value)) for name, value in arguments.items())
    return tuple(_shown(value) for value in arguments)


def _shown(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, str | Path):
        return _one_line(str(value))
    if isinstance(value, BaseException):
        return title(value)
    return f"<{type(value).__qualname__}>"


def _one_line(text: str) -> str:
    cut = text if len(text) <= MAX_TEXT_CHARS else f"{text[:MAX_TEXT_CHARS]}…"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cut)
