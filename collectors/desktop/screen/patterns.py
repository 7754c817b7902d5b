"""What the screen's changes say of an activity: pure, from the parts that changed, and whether there was input.

A look knows which cells of a coarse grid have changed, and nothing of what they show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from collectors.collector import Emit
from collectors.events import US_PER_S, Event, EventKind, ScreenDetail, Source, local_offset_s
from collectors.timestamp import Timestamp

COLUMNS: Final = 16
ROWS: Final = 9
CELLS: Final = COLUMNS * ROWS
_SIDE: Final = 10
POINTS_ACROSS: Final = COLUMNS * _SIDE
POINTS_DOWN: Final = ROWS * _SIDE
"""A screen that has to be looked at is made so small before: a letter is a grey point or two then."""
_STEADY: Final = 0.06
"""Part of the screen that changes in every look if something plays."""
_SMALL: Final = 0.15
"""A look that changes less is the work of keys, or of a cursor."""
_LARGE: Final = 0.10
"""A look that changes more is another page, or the same scrolled on."""
_QUIET: Final = 0.02
_MOST: Final = 0.6
_FEW: Final = 0.2


class Activity(StrEnum):
    """What somebody seems to do."""

    READING = "reading"
    TYPING = "typing"
    WATCHING = "watching"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class Look:
    """What changed since the look before.

    Attributes:
        changed: numbers of the cells, row by row from the top left.
        typed: there was input, and the pointer stayed in its place.
        pointed: the pointer moved.
        pointer: the cell it is in; None if unknown.
    """

    changed: frozenset[int]
    typed: bool
    pointed: bool
    pointer: int | None

    @property
    def share(self) -> float:
        """Which part of the screen changed, 0 to 1."""
        return len(self.changed) / CELLS


def cells(area: tuple[int, int, int, int], screen: tuple[int, int]) -> frozenset[int]:
    """The cells that a rectangle touches.

    Args:
        area: its left edge, its top, its width and height, pixels.
        screen: the screen's width and height, pixels.
    """
    x, y, width, height = area
    across, down = max(1, screen[0]), max(1, screen[1])
    left, right = _place(x, across, COLUMNS), _place(x + max(width, 1) - 1, across, COLUMNS)
    top, bottom = _place(y, down, ROWS), _place(y + max(height, 1) - 1, down, ROWS)
    return frozenset(row * COLUMNS + column for row in range(top, bottom + 1) for column in range(left, right + 1))


def differing(before: bytes, after: bytes) -> frozenset[int]:
    """The cells in which two small pictures of the screen differ.

    Args:
        before: POINTS_DOWN rows of POINTS_ACROSS points, a byte each.
        after: as before.
    """
    if before == after:
        return frozenset()
    found: set[int] = set()
    for row in range(POINTS_DOWN):
        left, right = row * POINTS_ACROSS, (row + 1) * POINTS_ACROSS
        if before[left:right] == after[left:right]:
            continue
        edges = range(left, right, _SIDE)
        cell = row // _SIDE * COLUMNS
        found.update(
            cell + column for column, at in enumerate(edges) if before[at : at + _SIDE] != after[at : at + _SIDE]
        )
    return frozenset(found)


def activity(looks: Sequence[Look]) -> Activity | None:
    """What somebody seems to do in some looks one after another; None if nothing happened at all."""
    if not any(look.changed or look.typed or look.pointed for look in looks):
        return None
    count = len(looks)
    typed = sum(look.typed for look in looks) / count
    touched = sum(look.typed or look.pointed for look in looks) / count
    steady = len(frozenset.intersection(*(look.changed for look in looks))) / CELLS
    if steady >= _STEADY and touched <= _FEW:
        return Activity.WATCHING
    if typed >= _MOST and sum(look.share <= _SMALL for look in looks) / count >= _MOST:
        return Activity.TYPING
    turned = any(look.share >= _LARGE for look in looks)
    rested = sum(look.share <= _QUIET for look in looks) / count
    return Activity.READING if turned and touched < _MOST and rested >= 1 - _MOST else Activity.WORKING


def where(looks: Sequence[Look], doing: Activity) -> str | None:
    """The ninth of the screen that seems to have the attention ("top left", "middle"); None if unknown."""
    seen = [cell for look in looks for cell in look.changed]
    pointers = [look.pointer for look in looks if look.pointer is not None]
    if pointers and (doing in (Activity.READING, Activity.WORKING) or not seen):
        seen = pointers
    if not seen:
        return None
    column = sum(cell % COLUMNS for cell in seen) / len(seen) + 0.5
    row = sum(cell // COLUMNS for cell in seen) / len(seen) + 0.5
    across = ("left", "", "right")[min(2, int(3 * column / COLUMNS))]
    down = ("top", "", "bottom")[min(2, int(3 * row / ROWS))]
    return f"{down} {across}".strip() or "middle"


def event(looks: Sequence[Look], began: Timestamp, ended_s: float) -> Event | None:
    """The event of some looks; None if nothing happened.

    Args:
        looks: one after another, at least one.
        began: when the first began.
        ended_s: the monotonic second of the last.
    """
    doing = activity(looks)
    if doing is None:
        return None
    share = sum(look.share for look in looks) / len(looks)
    return Event(
        ts_us=began.ts_us,
        source=Source.SCREEN,
        kind=EventKind.PATTERN,
        utc_offset_s=local_offset_s(began.ts_us),
        detail=ScreenDetail(
            interval_us=round((ended_s - began.mono_s) * US_PER_S),
            activity=doing.value,
            changed_percent=round(100 * share, 1),
            where=where(looks, doing),
        ),
    )


class Intervals:
    """Puts looks one after another together, and tells of them, interval by interval.

    Args:
        emit: takes the events.
        interval_s: seconds an event tells of.
        began: the moment before the first look.
    """

    def __init__(self, emit: Emit, interval_s: float, began: Timestamp) -> None:
        self._emit = emit
        self._interval_s = interval_s
        self._began = began
        self._looks: list[Look] = []

    def add(self, look: Look, at: Timestamp) -> None:
        """One more look was taken at that moment."""
        self._looks.append(look)
        if at.mono_s - self._began.mono_s >= self._interval_s:
            pattern_event = event(self._looks, self._began, at.mono_s)
            if pattern_event is not None:
                self._emit(pattern_event)
            self._began, self._looks = at, []


def _place(pixel: int, pixels: int, parts: int) -> int:
    return min(max(pixel * parts // pixels, 0), parts - 1)
