"""The brain process: `python -m neural.brain`. It trains and it talks, and it gives its memory back by ending.

Requests come as lines on standard input, replies go as lines to standard output (`neural.messages`). Jobs run one at a
time, in order, on the main thread; a reader thread takes requests in, so that a Cancel reaches the running job. The end
of standard input ends the process, as the program that asked is gone; so do some idle minutes.

Standard output is guarded: file descriptor 1 is pointed at standard error before any library is loaded, so that nothing
but replies can get into the protocol. What was captured never gets into the log.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from neural import jobs, messages
from neural.hardening import harden
from neural.jobs import CancelledError, JobError, Voice
from neural.messages import AppraiseRequest, Cancel, EncodeRequest, Failed, NarrateRequest, Reply

IDLE_S: Final = 300.0
_CHUNK_BYTES: Final = 1 << 20
_log = logging.getLogger("neural.brain")


@dataclass(frozen=True, slots=True)
class Job:
    """A request that waits or runs; `stop` is set when it is no longer wanted."""

    request: messages.Job
    stop: threading.Event = field(default_factory=threading.Event)


class Brain:
    """Runs jobs until its input ends or nothing was asked for a while.

    Args:
        requests: file descriptor of the request lines.
        replies: takes the reply lines.
        idle_s: ends after so many seconds without a job.
    """

    def __init__(self, requests: int, replies: BinaryIO, idle_s: float) -> None:
        self._requests = requests
        self._replies = replies
        self._idle_s = idle_s
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._jobs: dict[int, Job] = {}
        self._lock = threading.Lock()
        self._reply_lock = threading.Lock()
        self._voice = Voice()

    def run(self) -> None:
        """Serve until the end of input, or idleness."""
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        while True:
            try:
                job = self._queue.get(timeout=self._idle_s)
            except queue.Empty:
                return
            if job is None:
                return
            self._run(job)
            with self._lock:
                self._jobs.pop(job.request.job_id, None)

    def _read(self) -> None:
        try:
            for line in _lines(self._requests):
                self._take(line)
        finally:
            with self._lock:
                for job in self._jobs.values():
                    job.stop.set()
            self._queue.put(None)

    def _take(self, line: bytes) -> None:
        try:
            message = messages.decode(line.decode("utf-8"))
        except (messages.MessageError, UnicodeDecodeError) as error:
            _log.warning("a line that is no request was refused (%s)", type(error).__name__)
            self._send(Failed(_job_id(line), "The brain was sent something it does not know.", "Start the app again."))
            return
        if isinstance(message, Cancel):
            with self._lock:
                job = self._jobs.get(message.job_id)
            if job is not None:
                job.stop.set()
        elif isinstance(message, messages.Job):
            job = Job(message)
            with self._lock:
                self._jobs[message.job_id] = job
            self._queue.put(job)
        else:
            self._send(Failed(message.job_id, "The brain takes requests, not replies.", "Start the app again."))

    def _run(self, job: Job) -> None:
        request = job.request
        try:
            if isinstance(request, NarrateRequest):
                self._voice.narrate(request, self._send, job.stop.is_set)
            elif isinstance(request, AppraiseRequest):
                jobs.appraise(request, self._send, job.stop.is_set)
            else:
                self._voice.silence()  # training needs the memory
                if isinstance(request, EncodeRequest):
                    jobs.encode(request, self._send, job.stop.is_set)
                else:
                    jobs.train(request, self._send, job.stop.is_set)
        except CancelledError:
            self._send(Failed(request.job_id, "Stopped.", "", cancelled=True))
        except JobError as error:
            self._send(Failed(request.job_id, error.message, error.remedy))
        except MemoryError:
            self._voice.silence()
            remedy = "Close other programs and try again; with a model file, choose a smaller one."
            self._send(Failed(request.job_id, "There was not enough memory.", remedy))
        except Exception as error:  # noqa: BLE001  # the border of a job: a bug ends the job, not the brain
            _log_bug(error)
            message = f"This ended with an unexpected fault ({type(error).__name__}); nothing was changed."
            self._send(Failed(request.job_id, message, "Try again; if it happens again, the log has the place."))

    def _send(self, reply: Reply) -> None:
        line = messages.encode(reply).encode("utf-8") + b"\n"
        with self._reply_lock:
            try:
                self._replies.write(line)
                self._replies.flush()
            except BrokenPipeError:
                os._exit(0)  # nobody listens any more, and nothing is held that would have to be put away


def _lines(descriptor: int) -> Iterator[bytes]:
    """Lines of a file descriptor as they come; unbuffered, so that no lock is held while nothing comes."""
    parts: list[bytes] = []
    while chunk := os.read(descriptor, _CHUNK_BYTES):
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            parts.append(line)
            if joined := b"".join(parts).strip():
                yield joined
            parts = []
        if rest:
            parts.append(rest)
    if joined := b"".join(parts).strip():
        yield joined


def _job_id(line: bytes) -> int:
    """The job a broken line speaks of, if that is known, so that its sender need not wait for ever; else 0."""
    try:
        raw = json.loads(line)
    except ValueError:
        return 0
    found = raw.get("job_id") if isinstance(raw, dict) else None
    return found if isinstance(found, int) else 0


def _log_bug(error: Exception) -> None:
    """The traceback of a bug, whole; its message is left out, as it may quote what was captured."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("a job failed with %s\n%s", type(error).__name__, frames)


def guarded_stdout() -> BinaryIO:
    """Take standard output for replies alone; whatever else writes to descriptor 1 lands on standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return replies


def main(argv: Sequence[str] | None = None) -> int:
    """Run the brain on the standard streams."""
    parser = argparse.ArgumentParser(prog="python -m neural.brain", description="Trains and talks, for the app.")
    parser.add_argument("--idle-s", type=float, default=IDLE_S, help="end after so many seconds without a job")
    arguments = parser.parse_args(argv)
    replies = guarded_stdout()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal interrupts the app, which then closes the input
    harden()
    Brain(0, replies, arguments.idle_s).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
