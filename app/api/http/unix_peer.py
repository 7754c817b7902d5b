"""Who is at the other end of a Unix socket (unix(7), SO_PEERCRED)."""

from __future__ import annotations

import os
import socket
import struct
from typing import Final

_UCRED: Final = struct.Struct("iII")  # struct ucred: pid_t, uid_t, gid_t


def process_of(connection: socket.socket) -> int:
    """The number of the process at the other end; of a listening socket, the one that listens."""
    process, _, _ = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(process)


def is_own_user(connection: socket.socket) -> bool:
    """Whether the peer of a connected Unix socket runs as this process's user."""
    _, uid, _ = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return bool(uid == os.geteuid())
