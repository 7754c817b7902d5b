"""Connections and remote sessions of the user's programs, by looking at the kernel's own lists every two seconds."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from collectors.collector import Emit, Stop, Unavailable
from collectors.events import Source
from collectors.machine import procfs, remote_sessions, sockets
from collectors.machine.connections import Link, Links
from collectors.machine.procfs import Process
from collectors.machine.remote_sessions import CLIENTS, PORTS, Remote
from collectors.machine.sockets import Address, Connection, Owners
from collectors.machine.vpn import tunnels
from collectors.timestamp import Timestamp, now

LOOK_EVERY_S: Final = 2.0
HOSTS: Final = Path("/etc/hosts")
# What a browser connects to tells what is read, in a private window too, and from here the two look the same.
_BROWSERS: Final = re.compile(
    r"firefox|geckomain|socket process|chrom|brave|vivaldi|opera\b|msedge|librewolf|waterfox|floorp|zen\b|palemoon|"
    r"epiphany|webkitnetwork|falkon|qutebrowser|qtwebengine|konqueror|midori|min\b|tor\b|tor-?browser|mullvadbrowser",
    re.IGNORECASE,
)


class NetworkCollector:
    """Emits CONNECT and DISCONNECT for what the user's programs have to do with other machines.

    A host is recorded by the name given to the program, or by its name in /etc/hosts. An address without a name is left
    out, because it may belong to a site that the user excluded. Connections of a browser are never recorded.
    Connections that open and close between two looks are not seen.

    A UDP socket counts if it is tied to a host and two looks find the very same one, because programs tie one to a host
    for a moment to learn the route. So a socket that lasts under two seconds is left out, and one under four may be. A
    socket that is not tied to a host does not show its peer; mosh has such a one, and its command line shows the host.

    Args:
        look_every_s: seconds between two looks.
        links: follows what is seen.
        owners: finds whose a connection is.
        counts: whether an address is one of another machine.
        proc: the folder of the processes.
        hosts: the file of names.
        read_tunnels: the private networks that are up.
        now: the two clocks.
    """

    source = Source.NETWORK

    def __init__(
        self,
        look_every_s: float = LOOK_EVERY_S,
        *,
        links: Callable[[], Links] = Links,
        owners: Callable[[], Owners] = Owners,
        counts: Callable[[Address], bool] = sockets.is_elsewhere,
        proc: Path = Path("/proc"),
        hosts: Path = HOSTS,
        read_tunnels: Callable[[], Mapping[str, str]] = tunnels,
        now: Callable[[], Timestamp] = now,
    ) -> None:
        self._look_every_s = look_every_s
        self._links = links
        self._counts = counts
        self._proc = proc
        self._names = _HostNames(hosts)
        self._owners = owners()
        self._clients = _Clients(proc)
        self._read_tunnels = read_tunnels
        self._loose: frozenset[int] | None = None
        self._now = now

    def check(self) -> Unavailable | None:
        """Whether this system shows its connections."""
        try:
            sockets.opened(os.getuid(), self._proc)
        except OSError as error:
            return Unavailable(
                f"The system does not show its connections ({error}).",
                "If a sandbox or a policy keeps /proc from programs, allow /proc/net.",
            )
        return None

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell of beginnings and ends until `stop` is set."""
        links = self._links()
        while True:
            at = self._now()
            for event in links.feed(self._present(at), at):
                emit(event)
            if stop.wait(self._look_every_s):
                return

    def _present(self, at: Timestamp) -> Mapping[Link, int]:
        """What there is now, each with its number of connections."""
        found: Counter[Link] = Counter()
        clients = self._clients.look()
        connections = self._lasting(
            [connection for connection in sockets.opened(os.getuid(), self._proc) if self._counts(connection.address)]
        )
        owners = self._owners.of({connection.inode for connection in connections}, at.mono_s, self._clients.fresh)
        for connection in connections:
            owner = owners.get(connection.inode)
            if owner is not None and owner.pid != os.getpid() and not _is_browser(owner):
                link = self._link(owner, connection)
                if link is not None:
                    found[link] += 1
        for process, asked in clients:
            if asked.session:
                found[Link(process.name, asked.host, None, CLIENTS[process.name].session)] += 1
        for interface, sort in self._read_tunnels().items():
            found[Link(sort, session="vpn", interface=interface)] += 1
        return found

    def _lasting(self, connections: list[Connection]) -> list[Connection]:
        """All of TCP, and what was there at the last look already of UDP; at the first look everything."""
        loose = frozenset(each.inode for each in connections if each.protocol == sockets.UDP)
        before, self._loose = self._loose, loose
        new = frozenset() if before is None else loose - before
        return [each for each in connections if each.inode not in new]

    def _link(self, owner: Process, connection: Connection) -> Link | None:
        asked = self._clients.asked(owner)
        if asked is None:
            host = self._names.of(connection.address)
            session = PORTS.get(connection.port)
            # A session takes connections of both sorts (RDP does), and is one all the same.
            protocol = connection.protocol if session is None else sockets.TCP
            return Link(owner.name, host, connection.port, session, protocol=protocol)
        return None if asked.session else Link(owner.name, asked.host, connection.port, protocol=connection.protocol)


class _Clients:
    """The running programs of `remote.CLIENTS`; a process is looked at once, when two looks have found it."""

    def __init__(self, proc: Path) -> None:
        self._proc = proc
        self._uid = os.getuid()
        self._seen: frozenset[int] | None = None
        self.fresh: frozenset[int] = frozenset()
        """What has come since the look before the last."""
        self._newest: frozenset[int] = frozenset()
        self._asked: dict[int, tuple[Process, Remote]] = {}

    def look(self) -> list[tuple[Process, Remote]]:
        """Those that run, and what they were asked for."""
        names = os.listdir(self._proc)  # noqa: PTH208  # thousands: names are enough
        alive = frozenset(int(name) for name in names if name.isdecimal())
        self._asked = {pid: found for pid, found in self._asked.items() if pid in alive}
        for pid in alive if self._seen is None else self._newest & alive:
            process = procfs.read(pid, self._proc)
            if process is not None and process.uid == self._uid:
                self.asked(process)
        newest = alive - (self._seen or alive)
        self.fresh, self._newest, self._seen = (newest | self._newest) & alive, newest, alive
        return list(self._asked.values())

    def asked(self, process: Process) -> Remote | None:
        """What a process was asked for; None if it is none of these programs."""
        if process.name not in CLIENTS:
            return None
        if process.pid not in self._asked:
            found = remote_sessions.asked(process.pid, process.name, self._proc)
            if found is None:
                return None
            self._asked[process.pid] = (process, found)
        return self._asked[process.pid][1]


class _HostNames:
    """Names by address, out of hosts(5), read again if the file has changed; no server is asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed_ns: int | None = None
        self._names: dict[Address, str] = {}

    def of(self, address: Address) -> str | None:
        """The first name of an address."""
        try:
            changed_ns = self._path.stat().st_mtime_ns
            if changed_ns != self._changed_ns:
                self._names = _read_names(self._path.read_text(errors="replace"))
                self._changed_ns = changed_ns
        except OSError:
            self._names, self._changed_ns = {}, None  # no such file: nothing has a name
        return self._names.get(address)


def _read_names(text: str) -> dict[Address, str]:
    names: dict[Address, str] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        try:
            address = ip_address(words[0]) if words[1:] else None
        except ValueError:
            continue  # no address: hosts(5) says nothing of such a line
        if address is not None:
            names.setdefault(address, words[1].lower())
    return names


def _is_browser(process: Process) -> bool:
    return any(_BROWSERS.match(name) for name in (process.name, Path(process.program).name))
