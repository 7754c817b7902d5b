"""Long work on the file, as a value: taken slice by slice between other commands, so that nobody waits for it."""

from __future__ import annotations

from typing import Any, Protocol, Self

from app.store.rows.interning import Interner
from app.store.sqlite.connection import Connection


class IncrementalTask(Protocol):
    """What is done and what is next. A slice that could not be committed is simply taken again from the same value."""

    @property
    def report(self) -> Any:
        """What was done; None until all is done."""
        ...

    @property
    def pause_s(self) -> float:
        """How long to wait before the next step; 0 if it can be done at once."""
        ...

    @property
    def outside_transaction(self) -> bool:
        """Whether the next step must run outside of a transaction."""
        ...

    def step(self, connection: Connection, interner: Interner) -> Self:
        """Take one step, some milliseconds long; the value to go on with once it is committed."""
        ...

    def abort_report(self) -> Any:
        """The report of what was done so far, if the task may end early; None if it must go on."""
        ...
