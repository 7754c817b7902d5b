"""The vocabulary of everything that is sensed: what an event is.

Nothing here can carry a pressed key or typed text: input events hold counts, rates and gaps, and no other field fits
them. How an event looks on the wire stands in `collectors.event_json`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

US_PER_MS: Final = 1_000
US_PER_S: Final = 1_000_000
US_PER_MIN: Final = 60 * US_PER_S
US_PER_HOUR: Final = 60 * US_PER_MIN
US_PER_DAY: Final = 24 * US_PER_HOUR
MAX_TEXT_CHARS: Final = 4_096
MAX_TS_US: Final = 4_102_444_800 * US_PER_S  # 2100-01-01: a later stamp is a unit mistake, not a moment
MAX_DURATION_US: Final = 7 * US_PER_DAY


class Source(StrEnum):
    """The origin of an event: the unit of consent."""

    WINDOW = "window"
    PRESENCE = "presence"
    INPUT = "input"
    PROCESS = "process"
    RESOURCES = "resources"
    TERMINAL = "terminal"
    GIT = "git"
    FILES = "files"
    BROWSER = "browser"
    EDITOR = "editor"
    NETWORK = "network"
    SCREEN = "screen"


class EventKind(StrEnum):
    """What happened."""

    FOCUS = "focus"
    IDLE = "idle"
    ACTIVE = "active"
    WATCH = "watch"
    LOCK = "lock"
    UNLOCK = "unlock"
    SUSPEND = "suspend"
    RESUME = "resume"
    RHYTHM = "rhythm"
    LAUNCH = "launch"
    EXIT = "exit"
    LOAD = "load"
    COMMAND = "command"
    COMMIT = "commit"
    CHECKOUT = "checkout"
    MERGE = "merge"
    PULL = "pull"
    REBASE = "rebase"
    RESET = "reset"
    OPEN = "open"
    EDIT = "edit"
    SAVE = "save"
    DEBUG = "debug"
    TEST = "test"
    VISIT = "visit"
    CLICK = "click"
    SUBMIT = "submit"
    SEARCH = "search"
    DOWNLOAD = "download"
    DWELL = "dwell"
    SCROLL = "scroll"
    MOUSE_MOVE = "mouse_move"
    DOM_CHANGE = "dom_change"
    SPIKE = "spike"
    POWER = "power"
    CONNECT = "connect"
    DISCONNECT = "disconnect"
    PATTERN = "pattern"
    PUSH = "push"


NOISE_KINDS: Final = frozenset({EventKind.SCROLL, EventKind.MOUSE_MOVE, EventKind.DOM_CHANGE})
"""Kinds that clients send in floods and that say nothing by themselves: counted, never stored."""


@dataclass(frozen=True, slots=True)
class WindowDetail:
    """The process behind a focused window."""

    pid: int | None = None


@dataclass(frozen=True, slots=True)
class PresenceDetail:
    """How long the user had been away or idle when the event was made.

    Attributes:
        sign: of a WATCH, what showed that somebody was there without input: "film", "call", or "screen" if all that
            is known is that a program kept it on.
    """

    idle_us: int = 0
    sign: str | None = None


@dataclass(frozen=True, slots=True)
class RhythmDetail:
    """Input counts over one interval. There is no field for which key or what text, by design.

    `corrections` says how many of the keys took something back (backspace, delete). A burst is a run of keys without a
    long pause (`collectors.desktop.input.counter`): `burst_keys` in all of them, `burst_us` from the first to the last
    key of each. The event's app is the window that it all went to, if that is known.
    """

    interval_us: int
    keys: int = 0
    clicks: int = 0
    scrolls: int = 0
    mean_gap_us: int | None = None
    longest_gap_us: int | None = None
    corrections: int = 0
    bursts: int = 0
    burst_keys: int = 0
    burst_us: int = 0


@dataclass(frozen=True, slots=True)
class ProcessDetail:
    """A process that appeared or went."""

    pid: int
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class LoadDetail:
    """Load of the machine over one interval; percentages are of the whole machine, 0 to 100."""

    cpu_percent: float
    memory_percent: float
    disk_read_bytes_per_s: int = 0
    disk_write_bytes_per_s: int = 0
    culprit: str | None = None
    disk_busy_percent: float | None = None
    gpu_percent: float | None = None


@dataclass(frozen=True, slots=True)
class SpikeDetail:
    """A part of the machine that is hard at work ("processor", "memory", "disk", "gpu"); the event's app causes it."""

    part: str
    percent: float


@dataclass(frozen=True, slots=True)
class PowerDetail:
    """What the machine runs on, and how full its battery is."""

    plugged: bool
    battery_percent: float


@dataclass(frozen=True, slots=True)
class NetworkDetail:
    """A program's connections to one host, or a remote session; there is no field for what goes through it.

    Attributes:
        port: of the host; None if a session has none.
        session: "ssh", "mosh", "rdp", "vnc" or "vpn"; None for a plain connection.
        connections: the most that were open together, reported at the end.
        lasted_us: from the first to the last of them, reported at the end if the beginning was seen. It is no duration
            of the event's: nobody sits before a connection.
        protocol: "udp" of plain connections that are not TCP.
    """

    port: int | None = None
    session: str | None = None
    connections: int = 1
    lasted_us: int | None = None
    protocol: str | None = None


@dataclass(frozen=True, slots=True)
class ScreenDetail:
    """What the changes on the screen say over one interval; there is no field for a picture or a text of it.

    Attributes:
        activity: "reading", "typing", "watching" or "working".
        changed_percent: part of the screen that changed between two looks, on average.
        where: the ninth of the screen that seems to have the attention ("top left", "middle").
    """

    interval_us: int
    activity: str
    changed_percent: float
    where: str | None = None


@dataclass(frozen=True, slots=True)
class CommandDetail:
    """The surroundings of a shell command."""

    cwd: str | None = None
    exit_status: int | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class GitDetail:
    """The branch that was touched, and how a commit changed it.

    Attributes:
        intent: what the commit was made for, as far as its subject says; see `collectors.history.git.intent`.
    """

    repository: str
    branch: str | None = None
    commit: str | None = None
    insertions: int | None = None
    deletions: int | None = None
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class FileDetail:
    """What is known of a file besides its path: of changes how many they were, of problems how many were left.

    `exit_status` is that of a test; there is no field for what is in the file.
    """

    mime_type: str | None = None
    project: str | None = None
    language: str | None = None
    branch: str | None = None
    edits: int | None = None
    errors: int | None = None
    warnings: int | None = None
    exit_status: int | None = None


@dataclass(frozen=True, slots=True)
class PageDetail:
    """What is known of a page or of what was done on it.

    Attributes:
        private: such pages never pass the gate.
        role: what kind of control was used ("button", "form"); never what it said.
        label: the name that the page's author gave the control for a screen reader, or its own name.
        dwell_us: how long the page was looked at, as exports of other programs tell it; a DWELL has its duration.
        scroll_percent: how much of the page had come into view, 0 to 100.
        fields: how many fields of a form were filled in; never with what.
    """

    private: bool = False
    role: str | None = None
    label: str | None = None
    dwell_us: int | None = None
    scroll_percent: float | None = None
    fields: int | None = None


Detail = (
    WindowDetail
    | PresenceDetail
    | RhythmDetail
    | ProcessDetail
    | LoadDetail
    | SpikeDetail
    | PowerDetail
    | NetworkDetail
    | ScreenDetail
    | CommandDetail
    | GitDetail
    | FileDetail
    | PageDetail
)

KINDS_OF: Final[Mapping[Source, Mapping[EventKind, type[Detail]]]] = MappingProxyType(
    {
        Source.WINDOW: {EventKind.FOCUS: WindowDetail},
        Source.PRESENCE: dict.fromkeys(
            (
                EventKind.IDLE,
                EventKind.ACTIVE,
                EventKind.WATCH,
                EventKind.LOCK,
                EventKind.UNLOCK,
                EventKind.SUSPEND,
                EventKind.RESUME,
            ),
            PresenceDetail,
        ),
        Source.INPUT: {EventKind.RHYTHM: RhythmDetail},
        Source.PROCESS: {EventKind.LAUNCH: ProcessDetail, EventKind.EXIT: ProcessDetail},
        Source.RESOURCES: {
            EventKind.LOAD: LoadDetail,
            EventKind.SPIKE: SpikeDetail,
            EventKind.POWER: PowerDetail,
        },
        Source.SCREEN: {EventKind.PATTERN: ScreenDetail},
        Source.NETWORK: dict.fromkeys((EventKind.CONNECT, EventKind.DISCONNECT), NetworkDetail),
        Source.TERMINAL: {EventKind.COMMAND: CommandDetail},
        Source.GIT: dict.fromkeys(
            (
                EventKind.COMMIT,
                EventKind.CHECKOUT,
                EventKind.MERGE,
                EventKind.PULL,
                EventKind.REBASE,
                EventKind.RESET,
                EventKind.PUSH,
            ),
            GitDetail,
        ),
        Source.FILES: dict.fromkeys((EventKind.OPEN, EventKind.EDIT, EventKind.SAVE), FileDetail),
        Source.BROWSER: dict.fromkeys(
            (
                EventKind.VISIT,
                EventKind.CLICK,
                EventKind.SUBMIT,
                EventKind.SEARCH,
                EventKind.DOWNLOAD,
                EventKind.FOCUS,
                EventKind.EDIT,
                EventKind.DWELL,
                *sorted(NOISE_KINDS),
            ),
            PageDetail,
        ),
        Source.EDITOR: dict.fromkeys(
            (EventKind.OPEN, EventKind.EDIT, EventKind.SAVE, EventKind.DEBUG, EventKind.TEST), FileDetail
        ),
    }
)
"""Which kinds a source may send, and the type of `detail` that goes with each."""


PAIRED: Final = frozenset({Source.BROWSER, Source.EDITOR})
"""Sources that a paired extension senses: its events need consent like those of the program's own senses."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        ts_us: when it began, microseconds since the epoch, UTC.
        source: who saw it.
        kind: what it was.
        app: the application's class or program name ("firefox", "bash").
        target: what was acted on: a command line, URL or path.
        title: the window's, page's or commit's title.
        duration_us: how long it lasted; None while that is not known.
        utc_offset_s: the local clock's offset from UTC at `ts_us`, in seconds.
        detail: what is particular to the kind; None if nothing more is known.
        origin_key: identity inside an imported history (64 bits, signed), so that a second import stores nothing twice.
    """

    ts_us: int
    source: Source
    kind: EventKind
    app: str | None = None
    target: str | None = None
    title: str | None = None
    duration_us: int | None = None
    utc_offset_s: int = 0
    detail: Detail | None = None
    origin_key: int | None = None


def local_offset_s(ts_us: int) -> int:
    """The local clock's offset from UTC at a moment, in seconds (daylight saving time included)."""
    return time.localtime(ts_us // US_PER_S).tm_gmtoff


def clean_text(text: str) -> str:
    """Text as it may be stored: no NUL, no lone surrogates, at most MAX_TEXT_CHARS characters."""
    if len(text) <= MAX_TEXT_CHARS and text.isascii() and "\x00" not in text:
        return text
    kept = text[:MAX_TEXT_CHARS].replace("\x00", "")
    return kept.encode("utf-8", "replace").decode("utf-8")
