"""What ActivityWatch's queries do with events, as pure functions: new lists come out, what went in stays as it was.

What each does is ActivityWatch's (docs.activitywatch.net/en/latest/querying-data.html); the tests hold them against its
own code, event by event.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any, Final

from app.services.activitywatch.reader import Item

Items = Sequence[Item]
_TRIM_US: Final = 100_000
"""Overlaps of different events up to this are taken for clocks that were read one after the other."""
_BY_TIME: Final = attrgetter("ts_us")


@dataclasses.dataclass(slots=True)
class _Stretch:
    """An event whose ends are still being moved."""

    from_us: int
    until_us: int
    item: Item

    @property
    def data(self) -> Mapping[str, Any]:
        return self.item.data

    def done(self) -> Item:
        return dataclasses.replace(self.item, ts_us=self.from_us, duration_us=self.until_us - self.from_us)


def flood(items: Items, pulse_us: int) -> list[Item]:
    """Close gaps that are no longer than a pulse: the same goes on, between different ones the middle is the border."""
    ordered = sorted(items, key=lambda item: (item.ts_us, item.duration_us))
    stretches = [_Stretch(item.ts_us, item.end_us, item) for item in ordered]
    for one, other in pairwise(stretches):
        _close(one, other, pulse_us)
    flooded: list[_Stretch] = []
    for stretch in stretches:
        if stretch.from_us < stretch.until_us:
            _lay(stretch, flooded)
    return [stretch.done() for stretch in flooded]


def _close(one: _Stretch, other: _Stretch, pulse_us: int) -> None:
    gap_us = other.from_us - one.until_us
    same = one.data == other.data
    if gap_us < 0 and same:
        one.from_us, one.until_us = min(one.from_us, other.from_us), max(one.until_us, other.until_us)
        other.from_us = other.until_us = one.until_us
    elif gap_us and -_TRIM_US < gap_us <= pulse_us:
        if not same:
            one.until_us = other.from_us = one.until_us + _half(gap_us)
        elif one.until_us - one.from_us >= other.until_us - other.from_us:
            one.until_us = other.from_us = other.until_us
        else:
            other.from_us = one.until_us = one.from_us


def _lay(stretch: _Stretch, flooded: list[_Stretch]) -> None:
    """Put a stretch behind the others; if it overlaps a different one, the later has that time."""
    while flooded and flooded[-1].until_us > stretch.from_us:
        last = flooded[-1]
        if last.data == stretch.data:
            last.until_us = max(last.until_us, stretch.until_us)
            return
        last.until_us = stretch.from_us
        if last.until_us > last.from_us:
            break
        flooded.pop()
    flooded.append(stretch)


def _half(us: int) -> int:
    half, odd = divmod(us, 2)
    return half + (odd and half % 2)  # to the even one, as a timedelta is divided


def period_intersect(items: Items, periods: Items) -> list[Item]:
    """The parts of events that lie within one of the periods."""
    events, filters = sorted(items, key=_BY_TIME), sorted(periods, key=_BY_TIME)
    found: list[Item] = []
    place = other = 0
    while place < len(events) and other < len(filters):
        event, kept = events[place], filters[other]
        common = _common(event, kept)
        if common is not None:
            found.append(dataclasses.replace(event, ts_us=common[0], duration_us=common[1] - common[0]))
            on = event.end_us <= kept.end_us
        else:
            on = event.end_us <= kept.ts_us
        place += on
        other += not on
    return found


def _common(one: Item, other: Item) -> tuple[int, int] | None:
    """What two events share; one that lasts no time shares itself with whatever it lies in or ends at."""
    if one.ts_us <= other.ts_us and other.end_us <= one.end_us:
        return other.ts_us, other.end_us
    if one.ts_us <= other.ts_us < one.end_us:
        return other.ts_us, one.end_us
    if one.ts_us < other.end_us <= one.end_us:
        return one.ts_us, other.end_us
    if other.ts_us <= one.ts_us and one.end_us <= other.end_us:
        return one.ts_us, one.end_us
    return None


def period_union(one: Items, other: Items) -> list[Item]:
    """The time that either covers, without overlaps, and without data: no one event's would be true."""
    united: list[Item] = []
    for item in sorted([*one, *other], key=_BY_TIME):
        last = united[-1] if united else None
        if last is not None and item.ts_us <= last.end_us and last.ts_us <= item.end_us:
            from_us, until_us = min(last.ts_us, item.ts_us), max(last.end_us, item.end_us)
            united[-1] = dataclasses.replace(last, ts_us=from_us, duration_us=until_us - from_us)
        else:
            united.append(dataclasses.replace(item, data={}))
    return united


def union_no_overlap(first: Items, second: Items) -> list[Item]:
    """Both, if the first has the time that both cover."""
    events, others = list(first), list(second)
    united: list[Item] = []
    place = 0
    other_place = 0
    while place < len(events) and other_place < len(others):
        event, other = events[place], others[other_place]
        if _overlap(event, other) and event.ts_us > other.ts_us:
            before, after = _split(other, event.ts_us)
            united.append(before)
            if after is None:
                other_place += 1
            else:
                others[other_place] = after
        elif event.ts_us <= other.ts_us:
            united.append(event)
            place += 1
            if _overlap(event, other):
                _, after = _split(other, event.end_us)
                if after is None:
                    other_place += 1
                else:
                    others[other_place] = after
        else:
            united.append(other)
            other_place += 1
    return [*united, *events[place:], *others[other_place:]]


def _overlap(one: Item, other: Item) -> bool:
    return (
        one.ts_us <= other.ts_us < one.end_us
        or one.ts_us < other.end_us <= one.end_us
        or (other.ts_us <= one.ts_us and one.end_us <= other.end_us)
    )


def _split(item: Item, at_us: int) -> tuple[Item, Item | None]:
    if not item.ts_us < at_us < item.end_us:
        return item, None
    before = dataclasses.replace(item, duration_us=at_us - item.ts_us)
    return before, dataclasses.replace(item, ts_us=at_us, duration_us=item.end_us - at_us)


def merge_by_keys(items: Items, keys: Sequence[str]) -> list[Item]:
    """One event for each set of values under the keys, as long as all of those together."""
    if not keys:
        return list(items)
    merged: dict[str, Item] = {}
    for item in items:
        data = {key: item.data[key] for key in keys if key in item.data}
        name = repr(list(data.values()))
        known = merged.get(name)
        if known is None:
            merged[name] = Item(item.ts_us, item.duration_us, data)
        else:
            merged[name] = dataclasses.replace(known, duration_us=known.duration_us + item.duration_us)
    return list(merged.values())


def chunk_by_key(items: Items, key: str, pulse_us: int) -> list[Item]:
    """Neighbours with the same value under a key as one, with those that it is made of under "subevents".

    Args:
        items: in time order.
        key: of their data.
        pulse_us: the longest gap between neighbours.
    """
    chunks: list[list[Item]] = []
    for item in items:
        if key not in item.data:
            break
        last = chunks[-1][-1] if chunks else None
        if last is not None and last.data[key] == item.data[key] and item.ts_us - last.end_us < pulse_us:
            chunks[-1].append(item)
        else:
            chunks.append([item])
    return [
        Item(chunk[0].ts_us, sum(item.duration_us for item in chunk), {key: chunk[0].data[key], "subevents": chunk})
        for chunk in chunks
    ]


def subwatcher_fields(items: Items, finer: Items, keys: Sequence[str], *, finer_wins: bool) -> list[Item]:
    """Each event, split at every change that a finer watcher saw, with the named data of the finer one.

    Args:
        items: of the coarser watcher, in time order.
        finer: of the finer watcher, in time order.
        keys: of the finer data to take over.
        finer_wins: whether the finer value replaces one that is there.
    """
    others = sorted(finer, key=_BY_TIME)
    longest_us = max((other.duration_us for other in others), default=0)
    parts: list[Item] = []
    for item in items:
        low = bisect_left(others, item.ts_us - longest_us, key=_BY_TIME)
        high = bisect_left(others, item.end_us, key=_BY_TIME)
        parts += _parted(item, others[low:high], keys, finer_wins=finer_wins)
    return parts


def _parted(item: Item, finer: Iterable[Item], keys: Sequence[str], *, finer_wins: bool) -> list[Item]:
    within = [other for other in finer if other.ts_us < item.end_us and item.ts_us < other.end_us]
    ends = {end for other in within for end in (other.ts_us, other.end_us) if item.ts_us < end < item.end_us}
    parts: list[Item] = []
    for from_us, until_us in pairwise(sorted({item.ts_us, item.end_us, *ends})) if within else ():
        covering = [other for other in within if other.ts_us < until_us and from_us < other.end_us]
        latest = max(covering, key=lambda other: (other.ts_us, other.end_us), default=None)
        added = {} if latest is None else {key: latest.data[key] for key in keys if key in latest.data}
        data = {**item.data, **added} if finer_wins else {**added, **item.data}
        if parts and parts[-1].data == data:
            parts[-1] = dataclasses.replace(parts[-1], duration_us=until_us - parts[-1].ts_us)
        else:
            parts.append(dataclasses.replace(item, ts_us=from_us, duration_us=until_us - from_us, data=data))
    return parts or [item]
