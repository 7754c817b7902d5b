"""The row format of an event: frozen numbers for sources and kinds, and the compact form of a detail.

Numbers and field orders are part of the file format: append to them, never change them.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import Any, Final

from app.errors import StoreError
from collectors.events import (
    KINDS_OF,
    MAX_DURATION_US,
    MAX_TEXT_CHARS,
    MAX_TS_US,
    CommandDetail,
    Detail,
    Event,
    EventKind,
    FileDetail,
    GitDetail,
    LoadDetail,
    NetworkDetail,
    PageDetail,
    PowerDetail,
    PresenceDetail,
    ProcessDetail,
    RhythmDetail,
    ScreenDetail,
    Source,
    SpikeDetail,
    WindowDetail,
    clean_text,
)

KIND_BITS: Final = 8
MAX_OFFSET_S: Final = 86_400
MAX_INPUT_COUNT: Final = 10**9
"""The most inputs in one interval: far beyond human hands, and so far below 64 bits that no sum overflows."""
SOURCES: Final = (
    Source.WINDOW,
    Source.PRESENCE,
    Source.INPUT,
    Source.PROCESS,
    Source.RESOURCES,
    Source.TERMINAL,
    Source.GIT,
    Source.FILES,
    Source.BROWSER,
    Source.EDITOR,
    Source.NETWORK,
    Source.SCREEN,
)
KINDS: Final = (
    EventKind.FOCUS,
    EventKind.IDLE,
    EventKind.ACTIVE,
    EventKind.LOCK,
    EventKind.UNLOCK,
    EventKind.SUSPEND,
    EventKind.RESUME,
    EventKind.RHYTHM,
    EventKind.LAUNCH,
    EventKind.EXIT,
    EventKind.LOAD,
    EventKind.COMMAND,
    EventKind.COMMIT,
    EventKind.CHECKOUT,
    EventKind.MERGE,
    EventKind.PULL,
    EventKind.REBASE,
    EventKind.RESET,
    EventKind.OPEN,
    EventKind.EDIT,
    EventKind.SAVE,
    EventKind.DEBUG,
    EventKind.TEST,
    EventKind.VISIT,
    EventKind.CLICK,
    EventKind.SUBMIT,
    EventKind.SEARCH,
    EventKind.DOWNLOAD,
    EventKind.SCROLL,
    EventKind.MOUSE_MOVE,
    EventKind.DOM_CHANGE,
    EventKind.SPIKE,
    EventKind.POWER,
    EventKind.CONNECT,
    EventKind.DISCONNECT,
    EventKind.DWELL,
    EventKind.PUSH,
    EventKind.PATTERN,
    EventKind.WATCH,
)
# In the order of the classes' own fields, which a test checks: details are built by position.
DETAIL_FIELDS: Final[dict[type[Detail], tuple[str, ...]]] = {
    WindowDetail: ("pid",),
    PresenceDetail: ("idle_us", "sign"),
    RhythmDetail: (
        *("interval_us", "keys", "clicks", "scrolls", "mean_gap_us", "longest_gap_us", "corrections"),
        *("bursts", "burst_keys", "burst_us"),
    ),
    ProcessDetail: ("pid", "parent"),
    LoadDetail: (
        *("cpu_percent", "memory_percent", "disk_read_bytes_per_s", "disk_write_bytes_per_s", "culprit"),
        *("disk_busy_percent", "gpu_percent"),
    ),
    CommandDetail: ("cwd", "exit_status", "branch"),
    GitDetail: ("repository", "branch", "commit", "insertions", "deletions", "intent"),
    FileDetail: ("mime_type", "project", "language", "branch", "edits", "errors", "warnings", "exit_status"),
    SpikeDetail: ("part", "percent"),
    PowerDetail: ("plugged", "battery_percent"),
    NetworkDetail: ("port", "session", "connections", "lasted_us", "protocol"),
    ScreenDetail: ("interval_us", "activity", "changed_percent", "where"),
    PageDetail: ("private", "role", "label", "dwell_us", "scroll_percent", "fields"),
}

_PAIR_OF: Final = {
    (source_number << KIND_BITS) + kind_number: (source, kind)
    for source_number, source in enumerate(SOURCES)
    for kind_number, kind in enumerate(KINDS)
    if kind in KINDS_OF[source]
}
_CODE_OF: Final = {pair: code for code, pair in _PAIR_OF.items()}
_DEFAULTS: Final = {
    kind: tuple(MISSING if field.default is MISSING else field.default for field in fields(kind))
    for kind in DETAIL_FIELDS
}
_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def code_of(source: Source, kind: EventKind) -> int:
    """Return the number of a source and kind.

    Raises:
        StoreError: if that source has no such kind.
    """
    code = _CODE_OF.get((source, kind))
    if code is None:
        raise StoreError(f"An event of {source} cannot be a {kind}; it was not stored.", "Report this fault.")
    return code


def pair_of(code: int) -> tuple[Source, EventKind]:
    """Return the source and kind of a number.

    Raises:
        StoreError: if the number is of a later version or damaged.
    """
    pair = _PAIR_OF.get(code)
    if pair is None:
        raise StoreError(f"The store holds an action of the unknown kind {code}.", "Start a newer version.")
    return pair


def source_range(source: Source) -> tuple[int, int]:
    """Return the codes of one source: the first, and the one after the last."""
    low = SOURCES.index(source) << KIND_BITS
    return low, low + (1 << KIND_BITS)


def check_event(event: Event) -> None:
    """Check that an event has values that a clock and a collector can produce.

    Raises:
        StoreError: if a field is out of range; nothing of the same append is stored.
    """
    if not 0 <= event.ts_us <= MAX_TS_US:
        raise StoreError(f"An event's time lies at {event.ts_us} µs, outside of 1970 to 2100.", "Set the clock right.")
    if event.duration_us is not None and not 0 <= event.duration_us <= MAX_DURATION_US:
        raise StoreError(f"An event lasts {event.duration_us} µs, outside of 0 to 7 days.", "Report this fault.")
    if abs(event.utc_offset_s) > MAX_OFFSET_S:
        raise StoreError(f"A clock's offset of {event.utc_offset_s} s is more than a day.", "Set the clock right.")
    if event.origin_key is not None and not -(2**63) <= event.origin_key < 2**63:
        raise StoreError("An event's origin key has more than 64 bits.", "Report this fault.")
    if isinstance(event.detail, RhythmDetail):
        for count in (event.detail.keys, event.detail.clicks, event.detail.scrolls, event.detail.corrections):
            if not 0 <= count <= MAX_INPUT_COUNT:
                raise StoreError(f"Nobody makes {count} inputs in one interval.", "Report this fault.")


def storable(text: str) -> str:
    """Return text that SQLite stores and returns unchanged; see `collectors.events.clean_text`."""
    if text.isascii() and len(text) <= MAX_TEXT_CHARS and "\x00" not in text:
        return text
    return clean_text(text)


def encode_detail(event: Event) -> str | None:
    """Encode a detail as a JSON array of its fields in their frozen order, without the defaults at its end.

    Raises:
        StoreError: if the detail is not of the type that goes with the event's kind.
    """
    detail = event.detail
    if detail is None:
        return None
    kind = type(detail)
    if kind is not KINDS_OF[event.source].get(event.kind):
        raise StoreError(f"A {event.kind} does not go with a {kind.__name__}; it was not stored.", "Report this fault.")
    values = [getattr(detail, name) for name in DETAIL_FIELDS[kind]]
    defaults = _DEFAULTS[kind]
    while values and values[-1] is not MISSING and _same(values[-1], defaults[len(values) - 1]):
        values.pop()
    return _ENCODE([storable(value) if isinstance(value, str) else value for value in values])


def decode_detail(source: Source, kind: EventKind, text: str) -> Detail:
    """Decode a detail; encoding it again gives the same text.

    Args:
        source: the source of the event.
        kind: the kind of the event.
        text: as `encode_detail` returned it.
    """
    detail: Any = KINDS_OF[source][kind]
    return detail(*json.loads(text))  # type: ignore[no-any-return]  # the table holds Detail types alone


def _same(value: object, default: object) -> bool:
    return value is default or (value == default and type(value) is type(default))
