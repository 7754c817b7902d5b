"""Why: which statistics spoke for a candidate, in plain words."""

from __future__ import annotations

from typing import Final

import numpy as np

from neural.reward.inference import Activations, NumpyNet
from neural.reward.statistics import CONTEXTS, Statistics

_ORDERS: Final = {f"order {order}": order for order in range(1, 6)}
_MIN_COUNT: Final = 2
_GROUPS: Final = 6


def because(net: NumpyNet, made: Activations, row: int, statistics: Statistics) -> str:
    """The context whose statistics spoke loudest for a candidate, with its counts.

    A context's voice is its features' part in Q: the slope of Q along each feature, times the feature, summed (the
    gradient-times-input attribution; Shrikumar and others, 2017).

    Args:
        net: the net that made the forecast.
        made: its forward pass.
        row: of the candidate.
        statistics: as they were for the forecast.
    """
    voices = net.slope(made, row) * made.decision.action[row]
    by_context = voices[: len(CONTEXTS) * _GROUPS].reshape(_GROUPS, len(CONTEXTS)).sum(0)
    moment = statistics.moment()
    every_count = moment.count_of(row)
    counts, uses = every_count[: len(CONTEXTS)], moment.uses[: len(CONTEXTS)]
    words = float(voices[len(CONTEXTS) * _GROUPS :][:4].sum())
    best = int(np.argmax(np.where(counts >= _MIN_COUNT, by_context, -np.inf)))
    if counts[best] < _MIN_COUNT:
        return "seen recently" if statistics.counts[moment.candidates[row]] > 1 else "seen once, a moment ago"
    if words > by_context[best] and every_count[len(CONTEXTS) :].max() >= _MIN_COUNT:
        word = len(CONTEXTS) + int(every_count[len(CONTEXTS) :].argmax())
        return f"goes with a word of this title; {_times(every_count[word], moment.uses[word])}"
    return f"{place(CONTEXTS[best], statistics)}; {_times(counts[best], uses[best])}"


def _times(count: float, uses: float) -> str:
    return f"{int(count)} of {int(uses)} times"


def place(context: str, statistics: Statistics) -> str:
    """A context of this moment in words."""
    past = [statistics.names[action] for action in statistics.surroundings.past if action >= 0]
    if context in _ORDERS:
        order = _ORDERS[context]
        if order == 1:
            return f"usually follows {past[0]}"
        return "usually follows " + ", then ".join(reversed(past[:order]))
    here = statistics.surroundings
    hour = 0 if here.local_s is None else int(here.local_s // 3_600) % 24
    return {
        "order 0": "done often",
        "hour": f"usual between {hour:02d}:00 and {(hour + 1) % 24:02d}:00",
        "hour of week": f"usual at {hour:02d}:00 on this day of the week",
        "pause": f"usual after such a pause at {past[0]}",
        "title": f"usually follows {past[0]} with this title",
        "project": "usual in this project",
        "project order 1": f"usually follows {past[0]} in this project",
        "skip 2": f"usual two steps after {past[min(1, len(past) - 1)]}",
        "skip 3": f"usual three steps after {past[min(2, len(past) - 1)]}",
    }.get(context, "fits the last few actions")
