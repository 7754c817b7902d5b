"""What a forecast rests on: the odds of the first guess against the others, split among the groups of its inputs.

The split is the Shapley value (Shapley 1953; Lundberg and Lee 2017): a group's part is what it adds to the log odds,
the mean over all orders in which the groups may become known. It is exact, for there are few groups and the net is
small. Its parts add up to the log odds against the others, less those of a blind choice among as many.

A group that is not known says the same of all actions that are compared: its inputs stand at their mean over them. So
with no group known they are all alike, and what only describes the moment speaks for none of them. An input that is
made with the action before ("with this title, after this action") belongs to what came before as far as that action
alone tells the same, and for the rest to what it was made with.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from neural.reward.explaining.explanation import Group
from neural.reward.features.features import ACTION_FEATURES, INDICATORS, Decision
from neural.reward.features.hash_tables import F32, I64
from neural.reward.features.statistics import CONTEXTS, ContextSnapshot
from neural.reward.inference import NumpyNet

COMPARED: Final = 10
"""How many of the likeliest actions are weighed against each other."""


GROUPS: Final = tuple(Group)
_OF_CONTEXT: Final = {
    "order 0": Group.HABIT,
    "hour": Group.TIME,
    "hour of week": Group.TIME,
    "pause": Group.SESSION,
    "title": Group.TITLE,
    "project": Group.PROJECT,
    "project order 1": Group.PROJECT,
}
"""The other contexts are of what came before alone."""
_WITH_LAST: Final = ("pause", "title", "project order 1")
"""Contexts that are made with the action before as well."""
_OF_FEATURE: Final = (
    ("words ", Group.TITLE),
    ("repetition ", Group.REPETITION),
    ("long repetition ", Group.REPETITION),
    ("last ", Group.SEQUENCE),
    ("kind of last", Group.SEQUENCE),
    ("kind's after ", Group.SEQUENCE),
    ("kind's ", Group.HABIT),
    ("this session", Group.SESSION),
    ("rank of recency", Group.HABIT),
    ("lateness of use", Group.HABIT),
    ("seconds ", Group.HABIT),
    ("uses", Group.HABIT),
    ("kind ", Group.HABIT),
    ("something new", Group.HABIT),
)
"""By how a feature's name begins, the first that fits."""
_OF_INDICATOR: Final = {
    "action": Group.HABIT,
    "last": Group.SEQUENCE,
    "hour": Group.TIME,
    "weekday": Group.TIME,
    "project": Group.PROJECT,
    "word 1": Group.TITLE,
    "word 2": Group.TITLE,
    "fatigue": Group.SESSION,
}


def group_of(feature: str) -> Group:
    """The group of a feature of ACTION_FEATURES.

    Raises:
        KeyError: if the feature is none of them.
    """
    context, colon, _ = feature.partition(": ")
    if colon and context in CONTEXTS:
        return _OF_CONTEXT.get(context, Group.SEQUENCE)
    for beginning, group in _OF_FEATURE:
        if feature.startswith(beginning):
            return group
    raise KeyError(feature)


@dataclass(frozen=True, slots=True)
class Attribution:
    """What speaks for one action against the likeliest others.

    Attributes:
        row: of the action in the decision.
        parts: by group, in nats of log odds: above 0 speaks for it. e to its power is how many times likelier the
            group makes it against the others.
        log_odds: of the action against the others that it was compared with; the parts add up to what they are above
            those of a blind choice, which are 1 to `others`.
        others: how many it was compared with.
    """

    row: int
    parts: tuple[tuple[Group, float], ...]
    log_odds: float
    others: int


def attribute(
    net: NumpyNet, decision: Decision, moment: ContextSnapshot, row: int, compared: int = COMPARED
) -> Attribution | None:
    """Split the odds of one candidate against the likeliest others; None if there is no other.

    Args:
        net: that made the forecast.
        decision: its input.
        moment: the counts that it was made of.
        row: of the candidate.
        compared: how many actions are weighed, this one among them.
    """
    named = net.forward(decision).policy[: decision.named]
    order = np.argsort(-named, kind="stable")
    rows = np.concatenate(([row], order[order != row][: compared - 1]))
    if rows.size == 1:
        return None
    parts, rest = _first_layer(net, decision, rows, share_of_last(moment, row))
    sums = _KNOWN @ parts.reshape(len(GROUPS), -1) + np.tile(rest, rows.size)  # [2^G, rows * 256]
    q = net.q_of(sums.reshape(-1, rest.size)).reshape(-1, rows.size)
    against = q[:, 1:].max(1)
    odds = q[:, 0] - against - np.log(np.exp(q[:, 1:] - against[:, None]).sum(1))
    shares = _WEIGHTS @ odds.astype(np.float64)
    split = tuple((group, float(share)) for group, share in zip(GROUPS, shares, strict=True))
    return Attribution(row, split, log_odds=float(odds[-1]), others=rows.size - 1)


def share_of_last(moment: ContextSnapshot, row: int) -> tuple[float, ...]:
    """For each of _WITH_LAST, how much of what it tells of a candidate the action before tells alone, 0 to 1.

    Reported is how much likelier the candidate is there than everywhere (log of the ratio of the frequencies).
    """
    counts, uses = moment.count_of(row), moment.uses
    base = (float(counts[_ALWAYS]) + 1) / (float(uses[_ALWAYS]) + 2)

    def log_odds(context: int) -> float:
        return float(np.log((float(counts[context]) + base) / (float(uses[context]) + 1) / base))

    alone = log_odds(_LAST)
    return tuple(
        min(alone / together, 1.0) if together * alone > 0 else 0.0
        for together in (log_odds(CONTEXTS.index(name)) for name in _WITH_LAST)
    )


def _first_layer(net: NumpyNet, decision: Decision, rows: I64, by_last: tuple[float, ...]) -> tuple[F32, F32]:
    """What each group adds to the first layer's sums above their mean over the rows [G, rows, 256]; the rest [256]."""
    w = net.weights
    action = decision.action[rows]
    above = action - action.mean(0)
    rest = action.mean(0) @ w["action"] + decision.state @ w["state"] + w["bias_1"]
    parts = np.empty((len(GROUPS), rows.size, rest.size), np.float32)
    for number, places in enumerate(_PLACES):
        parts[number] = above[:, places] @ w["action"][places]
    for (group, places), share in zip(_SHARED, by_last, strict=True):
        moved = np.float32(share) * (above[:, places] @ w["action"][places])
        parts[GROUPS.index(group)] -= moved
        parts[GROUPS.index(Group.SEQUENCE)] += moved
    if net.indicators is not None:
        hashed = net.indicators[decision.indicators[rows]]  # [rows, H, 256]
        rest += hashed.mean(0).sum(0)
        hashed -= hashed.mean(0)
        for place, name in enumerate(INDICATORS):
            parts[GROUPS.index(_OF_INDICATOR[name])] += hashed[:, place]
    return parts, rest


def _shapley_weights() -> NDArray[np.float64]:
    """[G, 2^G]: a group's value of a game is this times the worth of every coalition, bit g of its number for g."""
    count = len(GROUPS)
    weights = np.zeros((count, 1 << count))
    for coalition in range(1 << count):
        size = coalition.bit_count()
        for group in range(count):
            if coalition >> group & 1:
                weights[group, coalition] = factorial(size - 1) * factorial(count - size) / factorial(count)
            else:
                weights[group, coalition] = -factorial(size) * factorial(count - size - 1) / factorial(count)
    return weights


def _places_of(group: Group) -> I64:
    return np.array([place for place, name in enumerate(ACTION_FEATURES) if group_of(name) is group], np.int64)


def _places_in(context: str) -> I64:
    return np.array([at for at, name in enumerate(ACTION_FEATURES) if name.startswith(f"{context}: ")], np.int64)


_ALWAYS: Final = CONTEXTS.index("order 0")
_LAST: Final = CONTEXTS.index("order 1")
_PLACES: Final = tuple(map(_places_of, GROUPS))
_SHARED: Final = tuple((_OF_CONTEXT[context], _places_in(context)) for context in _WITH_LAST)
_WEIGHTS: Final = _shapley_weights()
_KNOWN: Final = (np.arange(1 << len(GROUPS))[:, None] >> np.arange(len(GROUPS)) & 1).astype(np.float32)
"""[2^G, G]: the groups known in each coalition."""
