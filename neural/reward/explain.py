"""Why: which statistics spoke for a candidate, in plain words."""

from __future__ import annotations

from typing import Final

import numpy as np

from neural.reward.inference import Activations, NumpyNet
from neural.reward.statistics import CONTEXTS, Statistics

_ORDERS: Final = {f"order {order}": order for order in range(1, 6)}
_MIN_COUNT: Final = 2
_GROUPS: Final = 6
_USUALLY, _OFTEN = 0.5, 0.2


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
        return "done among the latest actions" if statistics.counts[moment.candidates[row]] > 1 else "done once so far"
    if words > by_context[best] and every_count[len(CONTEXTS) :].max() >= _MIN_COUNT:
        word = len(CONTEXTS) + int(every_count[len(CONTEXTS) :].argmax())
        return f"goes with a word of this title; {_times(every_count[word], moment.uses[word])}"
    share = float(counts[best] / max(uses[best], 1))
    return f"{place(CONTEXTS[best], share, statistics)}; {_times(counts[best], uses[best])}"


def place(context: str, share: float, statistics: Statistics) -> str:
    """A context of this moment in words.

    Args:
        context: one of CONTEXTS.
        share: of the context's occurrences that the candidate followed: tells "usually" from "sometimes".
        statistics: as they were for the forecast.
    """
    often = "usually" if share >= _USUALLY else "often" if share >= _OFTEN else "sometimes"
    past = [statistics.names[action] for action in statistics.surroundings.past if action >= 0]
    if context in _ORDERS:
        return f"{often} follows " + ", then ".join(reversed(past[: _ORDERS[context]]))
    here = statistics.surroundings
    hour = 0 if here.local_s is None else int(here.local_s // 3_600) % 24
    return {
        "order 0": f"{often} done",
        "hour": f"{often} done between {hour:02d}:00 and {(hour + 1) % 24:02d}:00",
        "hour of week": f"{often} done at {hour:02d}:00 on this day of the week",
        "pause": f"{often} comes after such a pause at {past[0]}",
        "title": f"{often} follows {past[0]} with this title",
        "project": f"{often} done in this project",
        "project order 1": f"{often} follows {past[0]} in this project",
        "skip 2": f"{often} comes two steps after {past[min(1, len(past) - 1)]}",
        "skip 3": f"{often} comes three steps after {past[min(2, len(past) - 1)]}",
    }.get(context, f"{often} comes after a row of actions like this one")


def _times(count: float, uses: float) -> str:
    return f"{int(count)} of {int(uses)} times"
