"""One sense, several ways to read a desktop: which of them this session allows is found out at each run.

What is looked for is the part that a way needs (a global of the compositor, a name on the bus), not merely somebody who
answers: a session may have a Wayland compositor that tells nothing of its windows, and an X server that sees only some.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from collectors.collector import Collector, CollectorError, Emit, Stop, Unavailable
from collectors.events import Source


@dataclass(frozen=True, slots=True)
class WrongSession(Unavailable):
    """This is not a session of that way's kind; another way may fit it."""


@dataclass(frozen=True, slots=True)
class Backend:
    """One way to read a desktop.

    Attributes:
        name: what a user calls it ("X11"); short.
        make: a fresh collector for an environment. It imports its module by itself: only what is used is loaded.
            Its `check` returns `WrongSession` if the session is of another kind, and a plain `Unavailable` if the
            session is of its kind but lacks a part.
        untested: on what it was never run, in words; empty if it was.
    """

    name: str
    make: Callable[[Mapping[str, str]], Collector]
    untested: str = ""


class BackendSelector:
    """A sense that picks the first way that works, again at each run.

    Args:
        source: what consent is given to.
        ways: in the order they are tried.
        environ: of the session.
    """

    def __init__(self, source: Source, ways: Sequence[Backend], environ: Mapping[str, str]) -> None:
        self.source = source
        self.way: Backend | None = None
        self._ways = tuple(ways)
        self._environ = environ
        self._collector: Collector | None = None

    def check(self) -> Unavailable | None:
        """Whether one of the ways works here; if none does, what was tried."""
        reasons: list[str] = []
        lacking: Unavailable | None = None
        trouble: Unavailable | None = None
        for way in self._ways:
            collector = way.make(self._environ)
            trouble = collector.check()
            if trouble is None:
                self.way, self._collector = way, collector
                return None
            reasons.append(f"{way.name}: {trouble.reason}")
            if not isinstance(trouble, WrongSession):
                lacking = lacking or trouble
        if lacking is not None:
            return lacking
        return Unavailable(
            f"No way to read this session works. Tried were {' '.join(reasons)}",
            trouble.remedy if trouble is not None else "",
        )

    def run(self, emit: Emit, stop: Stop) -> None:
        """Sense in the way that was chosen, until `stop` is set.

        Raises:
            CollectorError: when no way works, or the chosen one no longer does.
        """
        if self._collector is None:
            trouble = self.check()
            if trouble is not None:
                raise CollectorError(trouble)
        collector, self._collector = self._collector, None
        assert collector is not None
        collector.run(emit, stop)
