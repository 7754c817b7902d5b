"""What goes on between this machine and others, as links that begin and end: pure, looked at every few seconds."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from collectors.events import US_PER_S, Event, EventKind, NetworkDetail, Source, local_offset_s
from collectors.machine.sockets import TCP, UDP
from collectors.timestamp import Timestamp

LINGER_S: Final = 30.0
"""A program's connections to a host have ended once there was none for as long: many come one after another."""
MOST_OPEN: Final = 512
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Link:
    """What a program has to do with one host, however many connections that takes.

    Attributes:
        app: the program; for a private network the sort of its interface.
        host: by name; None if no name is known.
        port: of the host; None if a session has none.
        session: "ssh", "mosh", "rdp", "vnc" or "vpn"; None for plain connections.
        interface: of a private network.
        protocol: "tcp" or "udp" of plain connections.
    """

    app: str
    host: str | None = None
    port: int | None = None
    session: str | None = None
    interface: str | None = None
    protocol: str = TCP

    @property
    def target(self) -> str | None:
        """The host as an address, so that what is excluded as a site is excluded here; None if it has no name."""
        if self.host is None:
            return None
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"{self.session or self.protocol}://{host}{port}"

    def detail(self, connections: int, lasted_us: int | None = None) -> NetworkDetail:
        """Return what is recorded of the connection besides program and host."""
        udp = UDP if self.session is None and self.protocol == UDP else None
        return NetworkDetail(self.port, self.session, connections, lasted_us, udp)


@dataclass(slots=True)
class _Open:
    """A link that is there: since when (None if it was there before the first look), last seen, most at once."""

    since: Timestamp | None
    seen: Timestamp
    most: int


class Links:
    """Follows the links; what is there at the first look is no beginning.

    Args:
        linger_s: how long a link has to be gone before it has ended.
        most_open: how many are followed; further ones are left out, and the log says so once.
    """

    def __init__(self, linger_s: float = LINGER_S, most_open: int = MOST_OPEN) -> None:
        self._linger_s = linger_s
        self._most_open = most_open
        self._open: dict[Link, _Open] = {}
        self._looked = False
        self._reported_limit = False

    def feed(self, present: Mapping[Link, int], at: Timestamp) -> Iterator[Event]:
        """What began and ended, by what is there now.

        Args:
            present: each link with its number of connections.
            at: this moment.
        """
        for link, count in present.items():
            followed = self._open.get(link)
            if followed is not None:
                followed.seen, followed.most = at, max(followed.most, count)
            elif len(self._open) >= self._most_open:
                self._tell_of_most()
            else:
                self._open[link] = _Open(at if self._looked else None, at, count)
                if self._looked:
                    yield _event(EventKind.CONNECT, link, at, link.detail(count))
        self._looked = True
        for link in [link for link, followed in self._open.items() if self._has_ended(link, followed, at)]:
            followed = self._open.pop(link)
            lasted_us = None
            if followed.since is not None:
                lasted_us = round((followed.seen.mono_s - followed.since.mono_s) * US_PER_S)
            yield _event(EventKind.DISCONNECT, link, followed.seen, link.detail(followed.most, lasted_us))

    def _has_ended(self, link: Link, followed: _Open, at: Timestamp) -> bool:
        gone_s = at.mono_s - followed.seen.mono_s
        return gone_s > 0 and (link.session is not None or gone_s >= self._linger_s)

    def _tell_of_most(self) -> None:
        if not self._reported_limit:
            self._reported_limit = True
            _LOG.warning("more than %d links at once; those beyond are not recorded", self._most_open)


def _event(kind: EventKind, link: Link, at: Timestamp, detail: NetworkDetail) -> Event:
    return Event(
        ts_us=at.ts_us,
        source=Source.NETWORK,
        kind=kind,
        app=link.app,
        target=link.target,
        title=link.interface,
        utc_offset_s=local_offset_s(at.ts_us),
        detail=detail,
    )
