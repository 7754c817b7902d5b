"""What the program does, in one of four states and in words; the tray and the window tell the same."""

from __future__ import annotations

from enum import StrEnum
from importlib import resources
from typing import Final

from app.models.formatting import moment
from app.services.status import Recording, SourceState, Status
from app.settings import PAUSED_UNTIL_RESUMED
from neural.language.formatting import count

PAUSES: Final = (("Pause for 15 minutes", 15 * 60), ("Pause for 1 hour", 60 * 60), ("Pause until resumed", None))
"""The pauses on offer: words, and seconds (None: without an end)."""

_INK_OF_DRAWINGS: Final = "#0c7067"


class State(StrEnum):
    """What the program does, as its mark tells it."""

    RECORDING = "recording"
    PAUSED = "paused"
    LEARNING = "learning"
    LOCKED = "locked"


def state_of(status: Status) -> State:
    """Learning shows above recording, for it ends by itself; without consent nothing is recorded, as when paused."""
    if status.learning is not None:
        return State.LEARNING
    return State.RECORDING if status.recording is Recording.ON else State.PAUSED


def state_words(status: Status, now_us: int) -> str:
    """Whether events are taken in, in one sentence."""
    if status.recording is Recording.NO_CONSENT:
        return "Nothing is recorded: no source is allowed yet"
    if status.recording is Recording.QUIET:
        return "Nothing is recorded: these hours are excluded"
    if status.recording is Recording.PAUSED:
        endless = status.paused_until_us >= PAUSED_UNTIL_RESUMED
        return "Paused until resumed" if endless else f"Paused until {moment(status.paused_until_us, now_us)}"
    running = sum(source.state is SourceState.RUNNING for source in status.sources)
    return f"Recording, {count(running, 'source')}"


def learning_words(status: Status) -> str:
    """How far the training is, "" while none runs."""
    learning = status.learning
    return "" if learning is None else f"Learning, {learning.fraction * 100:.0f} %"


def drawing(state: State | None, colour: str) -> bytes:
    """The mark of a state (None: the program's own mark) as SVG, in a #rrggbb colour."""
    name = "kryptictrack" if state is None else state.value
    svg = resources.files("resources").joinpath("icons", f"{name}.svg").read_text(encoding="utf-8")
    return svg.replace(_INK_OF_DRAWINGS, colour).encode("utf-8")
