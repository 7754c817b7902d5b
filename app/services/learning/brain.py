"""The brain process from the outside: start it, send it one job, read its replies, end it.

Qt-free, so that the command line and the worker thread share it. The first job starts the
process; it lives until `close`, or until it ends itself after its idle minutes; the next job then starts a fresh one.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import IO, Final, TypeVar

from app.errors import KnownError
from neural.messages import (
    Appraised,
    AppraiseRequest,
    Cancel,
    Encoded,
    EncodeRequest,
    Failed,
    Job,
    MessageError,
    Narrated,
    NarrateRequest,
    Progress,
    Reply,
    Request,
    Result,
    TextChunk,
    Trained,
    TrainRequest,
    decode,
    encode,
)

LOGGER = logging.getLogger(__name__)
_END_GRACE_S: Final = 5.0

Last = TypeVar("Last")
Part = TypeVar("Part")


class BrainError(KnownError):
    """A job in the brain process ended without a result; what ran before it still runs."""


class JobCancelledError(BrainError):
    """The job was stopped on request."""


class Brain:
    """Runs jobs in the brain process, one at a time.

    Args:
        command: what starts the process; a test may name another.
    """

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "neural.brain")) -> None:
        self._command = command
        self._ids = itertools.count(1)
        self._job_lock = threading.Lock()
        self._start_lock = threading.Lock()
        self._send_lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._current: Job | None = None
        self._closed = False

    def train(self, request: TrainRequest, progress: Callable[[Progress], None]) -> Trained:
        """Train; blocks until done.

        Raises:
            JobCancelledError: `cancel` was called.
            BrainError: it failed, or the process died; the message says which.
        """
        return self._last_reply(request, Trained, Progress, progress)

    def appraise(self, request: AppraiseRequest, progress: Callable[[Progress], None]) -> str:
        """Explain the reward, as JSON; blocks until done, with the same errors as `train`.

        Raises:
            BrainError: if the brain process fails or ends.
        """
        return self._last_reply(request, Appraised, Progress, progress).report_json

    def encode(self, request: EncodeRequest, progress: Callable[[Progress], None]) -> bytes:
        """Train the encoder of moments; blocks until done, with the same errors as `train`.

        Raises:
            BrainError: if the brain process fails or ends.
        """
        return self._last_reply(request, Encoded, Progress, progress).encoder

    def narrate(self, request: NarrateRequest, chunk: Callable[[str], None]) -> Narrated:
        """Put facts into words; blocks until done, with the same errors as `train`.

        A narration does not wait for another job, which may take minutes: it fails then.

        Raises:
            BrainError: if the brain process fails, ends, or does another job.
        """
        return self._last_reply(request, Narrated, TextChunk, lambda part: chunk(part.text))

    def _last_reply(self, request: Job, last: type[Last], part: type[Part], take: Callable[[Part], None]) -> Last:
        """Run a job: its partial replies go to `take`, its last one is returned."""
        with contextlib.closing(self._run(replace(request, job_id=next(self._ids)))) as replies:
            for reply in replies:
                if isinstance(reply, last):
                    return reply
                if isinstance(reply, part):
                    take(reply)
        raise _died()

    def cancel(self, kind: type[Job] | None = None) -> None:
        """Stop the running job, if there is one (and it is of this kind); its caller gets `JobCancelledError`."""
        current = self._current
        if current is not None and (kind is None or isinstance(current, kind)):
            with contextlib.suppress(BrainError, OSError, ValueError):  # it has ended, or is being closed
                self._send(Cancel(current.job_id))

    def close(self) -> None:
        """End the process; a running job ends with an error."""
        self._closed = True
        with self._start_lock:  # a process that is just being started is ended as well
            process = self._process
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_END_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _release(process)

    def _run(self, request: Job) -> Generator[Reply, None, None]:
        """The replies to one request. Closed early, it cancels the job and waits for its end."""
        if not self._job_lock.acquire(blocking=not isinstance(request, NarrateRequest)):
            raise BrainError("The brain process is at work on something else.", "Ask again when that is over.")
        try:
            self._current = request
            answered = yield from self._attempt(request)
            if not answered:
                # It ended from idleness between two jobs, just as this one came.
                yield from self._attempt(request)
        finally:
            self._current = None
            self._job_lock.release()

    def _attempt(self, request: Job) -> Generator[Reply, None, bool]:
        """One try; returns whether there was any reply, or the process was a fresh one."""
        stdout, fresh = self._start()
        replies = _replies(stdout, request.job_id)
        answered = ended = False
        try:
            self._send(request)
            for reply in replies:
                answered = True
                ended = isinstance(reply, Result | Failed)
                if isinstance(reply, Failed):
                    raise (JobCancelledError if reply.cancelled else BrainError)(reply.message, reply.remedy)
                yield reply
            self._reap()
            ended = True
        except (OSError, ValueError):  # the pipe is closed at its end, or at ours
            self._reap()
            ended = True
        finally:
            if not ended:
                self.cancel()
                _drain(replies)
        return answered or fresh

    def _start(self) -> tuple[IO[str], bool]:
        with self._start_lock:
            if self._closed:
                raise BrainError("The program is ending.", "Start it again.")
            process = self._process
            fresh = process is None or process.poll() is not None
            if process is None or fresh:
                _release(process)
                try:
                    process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
                        self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
                    )
                except OSError as error:
                    raise BrainError(
                        f"The brain process could not be started ({error.strerror}).", "Free some memory and try again."
                    ) from error
                self._process = process
        assert process.stdout is not None
        return process.stdout, fresh

    def _reap(self) -> None:
        """The process closed its end: wait for it, so that the next job starts a fresh one."""
        process, self._process = self._process, None
        if process is not None:
            try:
                process.wait(_END_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            LOGGER.warning("the brain process ended with status %d", process.returncode)
            _release(process)

    def _send(self, request: Request) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise _died()
        with self._send_lock:
            process.stdin.write(encode(request) + "\n")
            process.stdin.flush()


def _replies(stdout: IO[str], job_id: int) -> Iterator[Reply]:
    for line in stdout:
        try:
            message = decode(line)
        except MessageError:
            LOGGER.exception("the brain process sent a line that is no message")
            continue
        if isinstance(message, Reply) and message.job_id == job_id:
            yield message


def _drain(replies: Iterator[Reply]) -> None:
    """Read on to the end of a cancelled job, so that the next one starts with an empty pipe."""
    for reply in replies:
        if isinstance(reply, Result | Failed):
            return


def _release(process: subprocess.Popen[str] | None) -> None:
    """Close the pipes of a process that has ended."""
    if process is not None:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _died() -> BrainError:
    return BrainError(
        "The brain process ended in the middle of its work; nothing was lost, and the running model stays.",
        "Try again; if it happens again, the log says why.",
    )
