"""A shared screen as small grey pictures, which GStreamer makes in a process of its own and hands over in memory.

A process of its own, because a fault of a C library ends the process it happens in. Each picture is POINTS_ACROSS by
POINTS_DOWN bytes, far too few for a letter to be read, and none is written to a disk.

Sources: gst-launch-1.0(1); PipeWire's element pipewiresrc.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import IO, Final

from collectors.collector import CollectorError, Unavailable
from collectors.desktop.presence.media import OUR_OWN
from collectors.desktop.screen.patterns import POINTS_ACROSS, POINTS_DOWN

_LOG: Final = logging.getLogger(__name__)
_FRAME_BYTES: Final = POINTS_ACROSS * POINTS_DOWN
_READ_BYTES: Final = 1 << 16
_MOST_READS: Final = 16
"""At one look; a desktop that sends more than it was asked to is held up by a full pipe."""
_MOST_WORDS_BYTES: Final = 2_000
_LOOK_WITHIN_S: Final = 8.0
_END_WITHIN_S: Final = 0.3
_LACKING: Final = b"no element"
_NO_GSTREAMER: Final = Unavailable(
    "A shared screen is read by GStreamer, which is not installed here with its tools and its PipeWire plug-in.",
    "Install it: sudo apt install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-pipewire",
)
_ENDED: Final = Unavailable(
    "The shared screen came to an end (PipeWire or GStreamer did).",
    "It is tried again by itself; if it does not come back, log out and in again.",
)


def check(environ: Mapping[str, str]) -> Unavailable | None:
    """Whether GStreamer can read from PipeWire here.

    Args:
        environ: with the PATH it is looked for on.
    """
    inspect = shutil.which("gst-inspect-1.0", path=environ.get("PATH"))
    if inspect is None or shutil.which("gst-launch-1.0", path=environ.get("PATH")) is None:
        return _NO_GSTREAMER
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and fixed arguments
            [inspect, "--exists", "--atleast-version=0.0", "pipewiresrc"],  # else it has to be as new as GStreamer
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_LOOK_WITHIN_S,
        )
    except subprocess.TimeoutExpired:
        return None  # its very first start looks through all plug-ins; what is missing shows when it runs
    return _NO_GSTREAMER if done.returncode else None


class Frames:
    """The pictures of one shared screen.

    Args:
        environ: of the session.
        remote: a connection to PipeWire; it is taken over.
        node: the screen's number there.
        most_a_second: pictures asked for; there are fewer if less changes.

    Raises:
        CollectorError: when GStreamer is not installed.
    """

    def __init__(self, environ: Mapping[str, str], remote: int, node: int, most_a_second: int) -> None:
        self._rest = b""
        self._words = b""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed program, and numbers
                [*_ending_with_us(environ), *_command(remote, node, most_a_second)],
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(remote,),
            )
        except FileNotFoundError as error:
            raise CollectorError(_NO_GSTREAMER) from error
        finally:
            os.close(remote)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._pictures: IO[bytes] = self._process.stdout
        self._errors: IO[bytes] = self._process.stderr
        for pipe in (self._pictures, self._errors):
            os.set_blocking(pipe.fileno(), False)

    def newest(self) -> bytes | None:
        """The newest picture that came since this was asked last; None if none did. Waits for nothing."""
        self._words = (self._words + _read(self._errors))[-_MOST_WORDS_BYTES:]
        data = self._rest + _read(self._pictures)
        whole = len(data) // _FRAME_BYTES * _FRAME_BYTES
        self._rest = data[whole:]
        return data[whole - _FRAME_BYTES : whole] if whole else None

    @property
    def is_over(self) -> bool:
        """Whether no more will come."""
        return self._process.poll() is not None

    def over(self) -> CollectorError:
        """Why no more will come; once `is_over`."""
        words = (self._words + _read(self._errors))[-_MOST_WORDS_BYTES:]
        _LOG.warning("GStreamer ended (status %s): %s", self._process.returncode, words.decode("utf-8", "replace"))
        return CollectorError(_NO_GSTREAMER if _LACKING in words else _ENDED)

    def close(self) -> None:
        """End it. It holds nothing that would have to be saved."""
        self._process.kill()
        try:
            self._process.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            _LOG.warning("GStreamer has not ended yet")
        self._pictures.close()
        self._errors.close()


def _ending_with_us(environ: Mapping[str, str]) -> list[str]:
    """What to start a program by so that it ends when we are killed: GStreamer would wait for pictures for ever."""
    starter = shutil.which("setpriv", path=environ.get("PATH"))  # setpriv(1), a part of util-linux
    return [] if starter is None else [starter, "--pdeathsig", "KILL", "--"]


def _command(remote: int, node: int, most_a_second: int) -> list[str]:
    source = [
        *("pipewiresrc", f"fd={remote}", f"path={node}", "do-timestamp=true", "min-buffers=2", "max-buffers=4"),
        *("client-name=kryptictrack", f"stream-properties=properties,node.name={OUR_OWN}"),
    ]
    small = f"video/x-raw,format=GRAY8,width={POINTS_ACROSS},height={POINTS_DOWN}"
    steps = [
        source,
        [f"video/x-raw,max-framerate={most_a_second}/1"],  # kept by the desktop: what is not wanted is not even copied
        ["videoscale", "add-borders=false"],
        ["videoconvert"],
        [small],
        ["fdsink", "fd=1", "sync=false"],
    ]
    # Its own handler of faults would have it spin for ever after one.
    command = ["gst-launch-1.0", "--quiet", "--no-fault", *steps[0]]
    for step in steps[1:]:
        command += ["!", *step]
    return command


def _read(pipe: IO[bytes]) -> bytes:
    """What is in a pipe, up to a bound."""
    parts: list[bytes] = []
    for _ in range(_MOST_READS):
        try:
            part = os.read(pipe.fileno(), _READ_BYTES)
        except BlockingIOError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts)
