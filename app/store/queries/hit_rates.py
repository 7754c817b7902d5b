"""How often predictions came true."""

from __future__ import annotations

import math
from typing import Final

from app.store.sqlite.connection import Connection
from app.store.values.records import HitRates

SMALLEST_PROBABILITY: Final = 1e-9
"""The probability of an action that was predicted with 0, so that one surprise keeps the mean finite."""


def hit_rates(connection: Connection, since_us: int) -> HitRates:
    """Return how often the model and each baseline were right, over the scored predictions made since `since_us`."""
    scored, top1, top5 = connection.execute(
        "SELECT count(*), sum(rank = 1), sum(rank BETWEEN 1 AND 5) FROM predictions"
        " WHERE made_us >= ? AND truth IS NOT NULL",
        (since_us,),
    ).fetchone()
    if not scored:
        return HitRates(scored=0, top1=(), top5=(), model_nats=None)
    nats = sum(
        -math.log(max(probability, SMALLEST_PROBABILITY))
        for (probability,) in connection.execute(
            "SELECT probability FROM predictions WHERE made_us >= ? AND truth IS NOT NULL", (since_us,)
        )
    )
    first = [("model", top1 / scored)]
    fifth = [("model", top5 / scored)]
    for name, ones, fives in connection.execute(
        "SELECT key, sum(value = 1), sum(value BETWEEN 1 AND 5) FROM predictions, json_each(baseline_ranks)"
        " WHERE made_us >= ? AND truth IS NOT NULL GROUP BY key ORDER BY key",
        (since_us,),
    ):
        first.append((name, ones / scored))
        fifth.append((name, fives / scored))
    return HitRates(scored=scored, top1=tuple(first), top5=tuple(fifth), model_nats=nats / scored)
