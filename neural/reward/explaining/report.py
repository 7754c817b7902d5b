"""A person's reward of the last month, explained: by action, project, hour and sequence, what stood out, what changed.

`neural.reward.explaining.advantage` defines the figures (worth, gain), `neural.reward.explaining.drift` the changes.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from collectors.events import US_PER_DAY
from neural.reward.actions import Step
from neural.reward.checkpoint import Checkpoint
from neural.reward.explaining import advantage, drift
from neural.reward.explaining.advantage import FEWEST_DONE, PERIOD_US, Means, Moments
from neural.reward.explaining.report_values import ARROW, Chosen, RewardReport, Shift, Spike, Worth
from neural.reward.features.hash_tables import I64

Mask = NDArray[np.bool_]
MOST_LISTED: Final = 20
_SEQUENCES: Final = 8
_SPIKES: Final = 3
"""Above, and below."""
_STANDS_OUT: Final = 3.5
"""Robust standard deviations from the median at which a moment stands out (Iglewicz and Hoaglin 1993)."""
_MAD_TO_SIGMA: Final = 1.4826


def explain_reward(
    steps: Sequence[Step], weights: Checkpoint, latest_us: int, chosen: Sequence[Chosen] = ()
) -> Iterator[tuple[int, int] | RewardReport]:
    """Explain the reward of the last month of a history.

    Args:
        steps: the person's history, oldest first.
        weights: of the reward net.
        latest_us: what came later (by a clock that was wrong) is left out.
        chosen: the choices of this month and the one before, if `steps` do not hold them all; else empty.

    Yields:
        (moments looked at, how many there are) now and then, and last the report.
    """
    until_us = max((step.ts_us for step in steps if step.ts_us is not None and step.ts_us <= latest_us), default=0) + 1
    for found in advantage.compute_advantages(steps, weights, until_us - 2 * PERIOD_US):
        if isinstance(found, Moments):
            made = report(found, until_us)
            yield dataclasses.replace(made, shifts=_shifts_of(chosen, made)) if chosen else made
        else:
            yield found


def report(moments: Moments, until_us: int) -> RewardReport:
    """The report on the month up to a moment, and what changed against the month before."""
    since_us = until_us - PERIOD_US
    month, before = moments.since(since_us, until_us), moments.since(since_us - PERIOD_US, since_us)
    by_action = advantage.of_actions(month)
    done = np.bincount(month.chosen, minlength=len(month.names))
    listed = by_action.enough(advantage.FEWEST_CHOICES) & (done >= FEWEST_DONE)
    return RewardReport(
        since_us=since_us,
        until_us=until_us,
        decisions=month.chosen.size,
        days=np.unique(month.day).size,
        actions=_listed(month.names, by_action, listed, done)[:MOST_LISTED],
        projects=_done_in(month, by_action, listed, month.project, month.projects)[:MOST_LISTED],
        hours=_done_in(month, by_action, listed, month.hour, _HOUR_NAMES),
        sequences=_sequences(month),
        spikes=_spikes(month),
        shifts=_shifts(before, month),
    )


def _listed(names: Sequence[str], means: Means, wanted: Mask, done: I64) -> tuple[Worth, ...]:
    found = (
        Worth(names[at], float(means.mean[at]), float(means.error[at]), int(means.count[at]), int(done[at]))
        for at in np.flatnonzero(wanted).tolist()
    )
    return tuple(sorted(found, key=lambda each: -each.worth))


def _done_in(month: Moments, by_action: Means, listed: Mask, group: I64, names: Sequence[str]) -> tuple[Worth, ...]:
    """How worth doing what was done in each group was; what bears no name is left out."""
    known = listed[month.chosen] & np.array([bool(name) for name in names])[group]
    values = by_action.mean[month.chosen[known]]
    found = advantage.means(values, np.ones(values.size), group[known], month.day[known], len(names))
    return _listed(names, found, found.enough(advantage.FEWEST), found.count)


def _sequences(month: Moments) -> tuple[Worth, ...]:
    """What was worth most after the one or two actions before it, of what was done often enough."""
    size = len(month.names) + 1
    found: list[Worth] = []
    for length in (1, 2):
        known: Mask = np.all(month.before[:, :length] >= 0, axis=1)
        past = np.zeros(known.size, np.int64)
        for back in reversed(range(length)):
            past = past * size + month.before[:, back] + 1
        done, counts = np.unique(past[known] * size + month.chosen[known], return_counts=True)
        often = done[counts >= FEWEST_DONE]
        key = past[month.row] * size + month.action
        of_often = np.isin(key, often) & known[month.row]
        group = np.searchsorted(often, key[of_often])
        means = advantage.choices(month, group, often.size, of_often)
        names = [ARROW.join(month.names[part] for part in _parts(int(each), size, length)) for each in often]
        found += _listed(names, means, means.enough(advantage.FEWEST_CHOICES), counts[counts >= FEWEST_DONE])
    return tuple(sorted(found, key=lambda each: -each.worth)[:_SEQUENCES])


def _parts(key: int, size: int, length: int) -> list[int]:
    """The ids of a sequence's actions in their order, from its key."""
    past, chosen = divmod(key, size)
    parts = [chosen]
    for _ in range(length):
        past, last = divmod(past, size)
        parts.append(last - 1)
    return parts[::-1]


def _spikes(month: Moments) -> tuple[Spike, ...]:
    gain = month.gain
    if np.isfinite(gain).sum() < advantage.FEWEST:
        return ()
    away = gain - np.nanmedian(gain)
    # Each side has a spread of its own: what is worth little lies far below more often than anything lies far above.
    sigmas = np.zeros(gain.size)
    for side in (away > 0, away < 0):
        if side.any() and (spread := np.median(np.abs(away[side]))) > 0:
            sigmas[side] = away[side] / (_MAD_TO_SIGMA * spread)
    order = np.argsort(-sigmas, kind="stable")
    return tuple(
        Spike(
            int(month.ts_us[at]),
            int(month.offset_s[at]),
            month.names[month.chosen[at]],
            tuple(month.names[each] for each in month.before[at][::-1] if each >= 0),
            month.projects[month.project[at]],
            float(gain[at]),
            float(sigmas[at]),
        )
        for at in (*order[:_SPIKES], *order[::-1][:_SPIKES])
        if abs(sigmas[at]) >= _STANDS_OUT
    )


def _shifts(before: Moments, month: Moments) -> tuple[Shift, ...] | None:
    months = (
        drift.Choices((each.before[:, 0] + 1) * len(each.projects) + each.place, each.chosen, each.day)
        for each in (before, month)
    )
    return _sure(month.names, drift.changes(*months))


def _shifts_of(chosen: Sequence[Chosen], made: RewardReport) -> tuple[Shift, ...] | None:
    """The same from choices that are known by themselves, without their project."""
    names = tuple(dict.fromkeys(name for each in chosen for name in (each.after, each.action)))
    ids = {name: number for number, name in enumerate(names)}
    ts_us = np.array([each.ts_us for each in chosen], np.int64)
    after = np.array([ids[each.after] for each in chosen], np.int64)
    action = np.array([ids[each.action] for each in chosen], np.int64)
    months = []
    for low_us, high_us in ((made.since_us - PERIOD_US, made.since_us), (made.since_us, made.until_us)):
        there = (ts_us >= low_us) & (ts_us < high_us)
        months.append(drift.Choices(after[there], action[there], ts_us[there] // US_PER_DAY))
    return _sure(names, drift.changes(*months))


def _sure(names: Sequence[str], found: tuple[drift.Change, ...] | None) -> tuple[Shift, ...] | None:
    if found is None:
        return None
    return tuple(
        Shift(names[each.action], each.reward, each.error, each.then, each.now) for each in found if each.is_sure
    )


_HOUR_NAMES: Final = tuple(f"{day}{hour:02d}" for day in ("", "weekend ") for hour in range(24))
_KINDS: Final = {
    "actions": Worth, "projects": Worth, "hours": Worth, "sequences": Worth, "spikes": Spike, "shifts": Shift,
}  # fmt: skip


def to_json(made: RewardReport) -> str:
    """The report as JSON."""
    return json.dumps(dataclasses.asdict(made), separators=(",", ":"), ensure_ascii=False)


def from_json(text: str) -> RewardReport:
    """Read a report back.

    Raises:
        ValueError, KeyError, TypeError: if the text is no report of this version.
    """
    raw: dict[str, Any] = json.loads(text)
    for name, kind in _KINDS.items():
        rows = raw[name]
        raw[name] = None if rows is None else tuple(kind(**_tupled(row)) for row in rows)
    return RewardReport(**raw)


def _tupled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
