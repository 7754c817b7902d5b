"""The connections that this user's programs have opened to other machines, and whose they are (proc_pid_net(5)).

Of TCP that is what is established. UDP knows no connections; a socket that was tied to one host (connect(2)) is the
nearest to it, as QUIC, VPNs and many games have it. Whether anything was sent through it is unknown, and a socket
that is not tied to a host does not show its peer. Nothing that is sent is read, nor can it be from here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from collectors.machine import procfs
from collectors.machine.procfs import Process
from collectors.machine.top_processes import own_processes

TCP: Final = "tcp"
UDP: Final = "udp"
_TABLES: Final = {TCP: ("net/tcp", "net/tcp6"), UDP: ("net/udp", "net/udp6")}
_LOCAL, _REMOTE, _STATE, _UID, _INODE = 1, 2, 3, 7, 9
_FIELDS: Final = 10
_ESTABLISHED: Final = b"01"
_LISTENING: Final = {TCP: b"0A", UDP: b"07"}
"""Of UDP it is a socket that takes what comes from anywhere."""
_UPKEEP: Final = frozenset({0, 53, 67, 68, 123, 137, 138, 546, 547, 853, 1900, 5353, 5355})
"""Ports of UDP by which machines find names, addresses, the time and each other: nobody does anything there. Port 0 is
asked for by who only wants to know the way to a host."""
_V4_DIGITS: Final = 8
_SOCKET: Final = "socket:["
_EVERYBODY: Final = IPv4Address("255.255.255.255")
SEARCH_EVERY_S: Final = 10.0

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection to another machine.

    Attributes:
        inode: the number of its socket.
        address, port: of the other end.
        protocol: `TCP` or `UDP`.
    """

    inode: int
    address: Address
    port: int
    protocol: str = TCP


def opened(uid: int, proc: Path = Path("/proc")) -> tuple[Connection, ...]:
    """The connections a user has opened; those that came in to a port that is served here are left out.

    Of UDP so is what goes to many hosts at once, and the upkeep of the network (names, addresses, time).
    """
    return tuple(found for protocol in _TABLES for found in _opened(uid, protocol, proc))


def _opened(uid: int, protocol: str, proc: Path) -> Iterator[Connection]:
    rows = [row for table in _TABLES[protocol] for row in _rows(proc / table)]
    serving = {_port(row[_LOCAL]) for row in rows if row[_STATE] == _LISTENING[protocol]}
    owner = str(uid).encode()
    for row in rows:
        if row[_STATE] != _ESTABLISHED or row[_UID] != owner or _port(row[_LOCAL]) in serving or row[_INODE] == b"0":
            continue
        address, port = _address(row[_REMOTE].partition(b":")[0]), _port(row[_REMOTE])
        if protocol == TCP or not (address.is_multicast or address == _EVERYBODY or port in _UPKEEP):
            yield Connection(int(row[_INODE]), address, port, protocol)


def is_elsewhere(address: Address) -> bool:
    """Whether an address is not this machine's own by its form."""
    return not (address.is_loopback or address.is_unspecified)


class Owners:
    """Finds the process behind each socket, and remembers it while the socket lasts.

    Args:
        proc: the folder of the processes.
        search_every_s: all processes are searched no more often.
    """

    def __init__(self, proc: Path = Path("/proc"), search_every_s: float = SEARCH_EVERY_S) -> None:
        self._proc = proc
        self._search_every_s = search_every_s
        self._known: dict[int, Process | None] = {}
        self._searched_s: float | None = None

    def of(self, inodes: AbstractSet[int], mono_s: float, likely: AbstractSet[int] = frozenset()) -> dict[int, Process]:
        """The owners of sockets, those that are found; one that nobody is found for is not searched for again.

        Args:
            inodes: every socket that is asked for now; what is known of others is dropped.
            mono_s: this moment, on a clock that never jumps.
            likely: processes to be searched at once, as are those that had sockets before.
        """
        self._known = {inode: owner for inode, owner in self._known.items() if inode in inodes}
        missing = set(inodes - self._known.keys())
        if missing:
            self._search({owner.pid for owner in self._known.values() if owner is not None} | likely, missing)
        if missing and (self._searched_s is None or mono_s - self._searched_s >= self._search_every_s):
            self._searched_s = mono_s
            self._search({int(folder.name) for folder in own_processes(self._proc)}, missing)
            self._known.update(dict.fromkeys(missing))
        return {inode: owner for inode, owner in self._known.items() if owner is not None}

    def _search(self, pids: AbstractSet[int], missing: set[int]) -> None:
        """Look through the open files of some processes, until nothing is missing any more."""
        for pid in pids:
            if not missing:
                return
            held = missing.intersection(_sockets(self._proc / str(pid) / "fd"))
            owner = procfs.read(pid, self._proc) if held else None
            if owner is not None:
                self._known.update(dict.fromkeys(held, owner))
                missing -= held


def _rows(table: Path) -> Iterator[list[bytes]]:
    try:
        lines = table.read_bytes().splitlines()[1:]
    except FileNotFoundError:
        return  # a kernel without IPv6
    for line in lines:
        row = line.split(None, _FIELDS)
        if len(row) >= _FIELDS:
            yield row


def _port(end: bytes) -> int:
    return int(end.rpartition(b":")[2], 16)


def _address(digits: bytes) -> Address:
    """An address out of the kernel's own words of four bytes, each in this machine's order."""
    words = bytes.fromhex(digits.decode())
    if sys.byteorder == "little":
        words = b"".join(words[place : place + 4][::-1] for place in range(0, len(words), 4))
    if len(digits) == _V4_DIGITS:
        return IPv4Address(words)
    address = IPv6Address(words)
    return address.ipv4_mapped or address


def _sockets(folder: Path) -> Iterator[int]:
    """The sockets among a process's open files."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    target = os.readlink(entry.path)  # noqa: PTH115  # thousands of them
                except OSError:
                    continue  # closed meanwhile
                if target.startswith(_SOCKET):
                    yield int(target[len(_SOCKET) : -1])
    except OSError:
        return  # gone, or a program that lets nobody look into it
