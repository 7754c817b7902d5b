"""The TCP connections that this user's programs have opened to other machines, and whose they are (proc_pid_net(5)).

Nothing that goes through them is read, nor can it be from here.
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
from collectors.machine.culprits import own_processes
from collectors.machine.procfs import Process

_TABLES: Final = ("net/tcp", "net/tcp6")
_LOCAL, _REMOTE, _STATE, _UID, _INODE = 1, 2, 3, 7, 9
_FIELDS: Final = 10
_ESTABLISHED: Final = b"01"
_LISTENING: Final = b"0A"
_V4_DIGITS: Final = 8
_SOCKET: Final = "socket:["
SEARCH_EVERY_S: Final = 10.0

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection to another machine.

    Attributes:
        inode: the number of its socket.
        address, port: of the other end.
    """

    inode: int
    address: Address
    port: int


def opened(uid: int, proc: Path = Path("/proc")) -> tuple[Connection, ...]:
    """The connections a user has opened; those that came in to a port that is served here are left out."""
    rows = [row for table in _TABLES for row in _rows(proc / table)]
    serving = {_port(row[_LOCAL]) for row in rows if row[_STATE] == _LISTENING}
    owner = str(uid).encode()
    found = []
    for row in rows:
        if row[_STATE] != _ESTABLISHED or row[_UID] != owner or _port(row[_LOCAL]) in serving:
            continue
        if row[_INODE] != b"0":
            address = _address(row[_REMOTE].partition(b":")[0])
            found.append(Connection(int(row[_INODE]), address, _port(row[_REMOTE])))
    return tuple(found)


def is_elsewhere(address: Address) -> bool:
    """Whether an address is not this machine's own by its form."""
    return not (address.is_loopback or address.is_unspecified)


class Owners:
    """Finds the process behind each socket, and remembers it while the socket lasts.

    Args:
        proc: where processes are found.
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
