"""Why: which statistics spoke for a candidate, in plain words and real counts."""

from __future__ import annotations

from math import exp, log
from typing import Final

import numpy as np

from neural.reward.actions import Step
from neural.reward.explaining.attribution import attribute, group_of
from neural.reward.explaining.explanation import Explanation, Group, Reason
from neural.reward.features.action_kinds import chances
from neural.reward.features.features import decision
from neural.reward.features.statistics import CONTEXTS, Statistics
from neural.reward.inference import Activations, NumpyNet

_ORDERS: Final = {f"order {order}": order for order in range(1, 6)}
_MIN_COUNT: Final = 2
_GROUPS: Final = 6
_USUALLY, _OFTEN = 0.5, 0.2
_WORTH_SAYING: Final = 0.1
"""A group that moves the odds by less than a tenth says nothing that a person would miss."""
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def explain(net: NumpyNet, statistics: Statistics, latest: Step) -> Explanation | None:
    """Why the first guess of this moment is the first; None if there is nothing to compare it with.

    Args:
        net: that predicts.
        statistics: of this moment; read, not changed.
        latest: the step seen last, whose title and project are named.
    """
    made = decision(statistics, indicators=net.indicators is not None)
    if not made.candidates.size:
        return None
    policy = net.forward(made).policy
    row = int(policy[: made.named].argmax())
    found = attribute(net, made, statistics.moment(), row)
    if found is None:
        return None
    parts = sorted(found.parts, key=lambda part: -abs(part[1]))
    reasons = tuple(
        Reason(group, exp(part), _counted(group, row, statistics, latest, speaks_for=part > 0))
        for group, part in parts
        if abs(part) >= _WORTH_SAYING
    )
    kinds = chances(policy, statistics.kinds[made.candidates])
    return Explanation(statistics.names[made.candidates[row]], found.others, reasons, kinds)


def _counted(group: Group, row: int, statistics: Statistics, latest: Step, *, speaks_for: bool) -> str:
    """The count that tells most of a candidate in the contexts of a group; nothing is said that is not counted."""
    moment = statistics.moment()
    counts, uses = moment.count_of(row), moment.uses
    action = moment.candidates[row]
    if group is Group.REPETITION:
        return _repeated(statistics, int(action))
    if group is Group.HABIT:
        ago = statistics.time - int(statistics.seen_at[action])
        return f"{int(counts[0])} of your {int(uses[0])} actions; last done {_ago(ago)}"
    contexts = [place for place, name in enumerate(CONTEXTS) if group_of(f"{name}: count") is group]
    if group is Group.TITLE:
        contexts += range(len(CONTEXTS), counts.size)
    base = (float(counts[0]) + 1) / (float(uses[0]) + 2)
    telling = {place: _tells(float(counts[place]), float(uses[place]), base, speaks_for) for place in contexts}
    best = max(telling, key=lambda place: telling[place])
    moment_of = _clock(statistics) if group is Group.TIME else ""
    if telling[best] <= 0 or counts[best] < _MIN_COUNT * speaks_for:
        return moment_of or "no single count stands out"
    share = float(counts[best] / max(uses[best], 1))
    if best >= len(CONTEXTS):
        reason = f"{_how_often(share)} goes with \u201c{latest.title_tokens[best - len(CONTEXTS)]}\u201d in the title"
    else:
        reason = place(CONTEXTS[best], share, statistics)
        if group is Group.PROJECT and latest.project:
            reason = reason.replace("this project", f"the project {latest.project}")
    return "; ".join(part for part in (moment_of, reason, _times(counts[best], uses[best])) if part)


def _tells(count: float, uses: float, base: float, speaks_for: bool) -> float:
    """How sure a count says that something is likelier (or, else, rarer) here than everywhere: log likelihood ratio."""
    if not uses or (count / uses > base) is not speaks_for:
        return 0.0
    missed = uses - count
    surely = count * log(count / uses / base) if count else 0.0
    return surely + (missed * log(missed / uses / (1 - base)) if missed else 0.0)


def _repeated(statistics: Statistics, action: int) -> str:
    lengths = statistics.matcher.lengths[statistics.matcher.predicted == action]
    if lengths.size:
        return f"came next when the last {int(lengths.max())} actions were done in this order before"
    return "something else came next when the last actions were done in this order before"


def _clock(statistics: Statistics) -> str:
    local_s = statistics.surroundings.local_s
    if local_s is None:
        return ""
    day = _WEEKDAYS[int(local_s // _DAY_S) % len(_WEEKDAYS)]
    hour, minute = int(local_s // _HOUR_S) % 24, int(local_s // _MINUTE_S) % 60
    return f"it is {hour:02d}:{minute:02d} on a {day}"


def _ago(actions: int) -> str:
    return "just now" if actions <= 0 else "one action before" if actions == 1 else f"{actions} actions before"


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
    often = _how_often(share)
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


def _how_often(share: float) -> str:
    if not share:
        return "never"
    return "usually" if share >= _USUALLY else "often" if share >= _OFTEN else "sometimes"


def _times(count: float, uses: float) -> str:
    return f"{int(count)} of {int(uses)} times"
