"""What the process gives up at its start, so that its memory does not end up on disk or in another process's hands."""

from __future__ import annotations

import ctypes
import os
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4  # <linux/prctl.h>
_PRIVATE_UMASK: Final = 0o077


def harden() -> None:
    """Forbid core files and other processes' ptrace (prctl(2), PR_SET_DUMPABLE), and close new files to other users.

    The core limit and the umask are inherited by child processes; the dumpable flag is not kept over execve, so a child
    that holds captured text calls this too.

    Raises:
        OSError: if the kernel refuses.
    """
    os.umask(_PRIVATE_UMASK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
