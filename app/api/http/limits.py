"""How much one client may ask of the local API, and how fast."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of the local API; tests and benchmarks set their own.

    Attributes:
        body_bytes: largest request body.
        events: most events in one request.
        burst: requests a TCP client may send at once.
        requests_per_s: requests a second it may keep up.
        connections: open connections, for TCP and the Unix socket each.
        body_s: time a request body may take to arrive, and a refused one to be sent to its end.
        keepalive_s: how long a connection is kept that has not sent a whole request head.
        heartbeat_s: longest silence in the stream of a running command.
        threads: threads for API calls that block, and as many for commands.
        waiting: API calls that may wait for such a thread.
        stop_s: how long a stop waits for calls and commands under way.
    """

    body_bytes: int = 1 << 20
    events: int = 1_000
    burst: int = 500
    requests_per_s: float = 100.0
    connections: int = 128
    body_s: float = 10.0
    keepalive_s: float = 15.0
    heartbeat_s: float = 5.0
    threads: int = 8
    waiting: int = 64
    stop_s: float = 10.0


class RateLimiter:
    """A token bucket for each client: `burst` requests at once, then `per_s`.

    The bucket is the leaky bucket as a meter of Turner, "New directions in communications" (1986).

    Args:
        burst: size of each bucket.
        per_s: refill.
        now_s: a clock that never goes back.
        clients: buckets kept; the one unused for longest makes room, which gives its client a full bucket again.
    """

    def __init__(self, burst: int, per_s: float, now_s: Callable[[], float], clients: int = 1_024) -> None:
        self._burst = float(burst)
        self._per_s = per_s
        self._now_s = now_s
        self._most = clients
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """Take one request out of a client's bucket: 0 if there was one, else the seconds until there will be."""
        now_s = self._now_s()
        level, at_s = self._buckets.pop(client, (self._burst, now_s))
        level = min(self._burst, level + (now_s - at_s) * self._per_s)
        wait_s = 0.0 if level >= 1 else (1 - level) / self._per_s
        self._buckets[client] = (level if wait_s else level - 1, now_s)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return wait_s
