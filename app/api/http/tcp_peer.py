"""Which user is at the other end of a TCP connection within this machine.

The kernel lists every socket with its owner (proc(5), /proc/net/tcp and tcp6). Both ends of a connection over the
loopback are there; the other end is the row whose own address is our peer's.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LOCAL, _REMOTE, _USER = 1, 2, 7


def is_own_tcp_peer(connection: socket.socket, tables: Iterable[Path] = _TABLES) -> bool:
    """Whether a program of this process's user holds the other end; no for whoever cannot be found.

    Args:
        connection: connected, over IPv4.
        tables: the kernel's lists of sockets.
    """
    try:
        theirs, ours = connection.getpeername(), connection.getsockname()
    except OSError:
        return False  # it is gone already
    wanted = {(_written(theirs, mapped=mapped), _written(ours, mapped=mapped)) for mapped in (False, True)}
    return any(uid == os.geteuid() for table in tables for uid in _users(table, wanted))


def _users(table: Path, wanted: set[tuple[str, str]]) -> Iterable[int]:
    try:
        rows = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return  # a kernel without IPv6 has no such list
    for row in rows:
        fields = row.split()
        if (fields[_LOCAL], fields[_REMOTE]) in wanted:
            yield int(fields[_USER])


def _written(address: tuple[str, int], *, mapped: bool) -> str:
    """An IPv4 address as the lists write it: words of 32 bits in the machine's order; `mapped` into IPv6 (RFC 4291)."""
    packed = socket.inet_aton(address[0])
    words = [b"\0\0\0\0", b"\0\0\0\0", b"\0\0\xff\xff", packed] if mapped else [packed]
    numbers = [int.from_bytes(word, sys.byteorder) for word in words]
    return "".join(f"{number:08X}" for number in numbers) + f":{address[1]:04X}"
