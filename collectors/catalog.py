"""Every live sense, listed once: what it records, what it never records, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from collectors.collector import Collector
from collectors.desktop.input.collector import RhythmCollector
from collectors.desktop.presence.collector import PresenceCollector
from collectors.desktop.window.collector import WindowCollector
from collectors.desktop.window.foreground import Foreground
from collectors.events import Source
from collectors.machine.files import FilesCollector
from collectors.machine.network import NetworkCollector
from collectors.machine.processes import ProcessesCollector
from collectors.machine.resources import ResourcesCollector
from collectors.work.extension import PairedCollector
from collectors.work.git import GitCollector
from collectors.work.terminal import TerminalCollector


def _nothing(_environ: Mapping[str, str]) -> None:
    """Most senses are given nothing that could be given back."""


@dataclass(frozen=True, slots=True)
class CollectorSpec:
    """One sense, in words for the user who is asked for consent, and its maker.

    Attributes:
        name: short and stable, for settings and the command line.
        title: its heading.
        records: what it records, one plain sentence.
        never_records: what it never records, one plain sentence.
        source: what consent is given to.
        make: makes a fresh collector; one instance is used for one run.
        withdraw: gives back what the desktop gave for it, once it has no consent; it may wait for ten seconds, and does
            nothing if nothing is kept. Takes the environment of the session.
    """

    name: str
    title: str
    records: str
    never_records: str
    source: Source
    make: Callable[[], Collector]
    withdraw: Callable[[Mapping[str, str]], None] = _nothing


def _screen() -> Collector:
    from collectors.desktop.screen.collector import ScreenCollector  # noqa: PLC0415 - off unless somebody turns it on

    return ScreenCollector()


def _withdraw_screen(environ: Mapping[str, str]) -> None:
    from collectors.desktop.screen.permission import give_back  # noqa: PLC0415 - as above

    give_back(environ)


COLLECTORS: Final[tuple[CollectorSpec, ...]] = (
    CollectorSpec(
        name="window",
        title="Windows",
        records="The application and the title of the window you work in, and for how long.",
        never_records="What is inside the window: no picture of the screen, and no text from it.",
        source=Source.WINDOW,
        make=WindowCollector,
    ),
    CollectorSpec(
        name="presence",
        title="Presence",
        records=(
            "When nobody was there for three minutes (no input, no film, no call), when somebody came back, how long a "
            "film or a call went on without input, when the screen was locked, and when the machine slept."
        ),
        never_records=(
            "Your location; what a player plays, a camera sees or a microphone hears: only whether they are in use."
        ),
        source=Source.PRESENCE,
        make=PresenceCollector,
    ),
    CollectorSpec(
        name="input",
        title="Input rhythm",
        records="How many keys, clicks and wheel steps there were in ten seconds, in which application, how many keys "
        "took something back, and the pauses between them.",
        never_records="Which keys, what you typed, or the places of your clicks; nothing in windows you excluded.",
        source=Source.INPUT,
        make=RhythmCollector,
    ),
    CollectorSpec(
        name="process",
        title="Programs",
        records="The names of programs you start and end, and of the program that started them.",
        never_records="Their arguments, files or environment; nothing of other users' programs.",
        source=Source.PROCESS,
        make=ProcessesCollector,
    ),
    CollectorSpec(
        name="resources",
        title="Machine load",
        records="The load of processor, memory, disk and graphics, the program behind a peak, and the battery.",
        never_records="What is in memory, on the disk or on the screen.",
        source=Source.RESOURCES,
        make=ResourcesCollector,
    ),
    CollectorSpec(
        name="network",
        title="Network",
        records="Which programs connect to other machines, to which host if its name is known, and remote sessions.",
        never_records="What goes through a connection, addresses without a name, or what a browser connects to.",
        source=Source.NETWORK,
        make=NetworkCollector,
    ),
    CollectorSpec(
        name="terminal",
        title="Terminal",
        records="Commands, their folder, duration and exit status, in shells that you set up (kryptic shell install).",
        never_records="What commands print or read, and commands that begin with a blank.",
        source=Source.TERMINAL,
        make=TerminalCollector,
    ),
    CollectorSpec(
        name="git",
        title="Git",
        records="Your commits, checkouts, merges, pulls and pushes: the subject, the branch, how many lines changed.",
        never_records="What is in the files or in a commit beyond its subject; nothing of what others do.",
        source=Source.GIT,
        make=GitCollector,
    ),
    CollectorSpec(
        name="files",
        title="Files",
        records="The paths of files you open, change and save in the projects you work in, and of recently used files.",
        never_records="What is in them; what git leaves out, hidden folders, and files named like keys or secrets.",
        source=Source.FILES,
        make=FilesCollector,
    ),
    CollectorSpec(
        name="browser",
        title="Browser",
        records="Pages, tabs, searches and downloads, how long and how far you read, and which controls you used; sent "
        "by the extension, once it is paired.",
        never_records="What is on a page, what you type, private windows, and pages while a field for a password, a "
        "card or a code has the focus.",
        source=Source.BROWSER,
        make=lambda: PairedCollector(Source.BROWSER),
    ),
    CollectorSpec(
        name="editor",
        title="Editor",
        records="Which files you open, change and save in VS Code, how often and how long, with language, project, "
        "branch and counts of problems; debugging and test tasks; sent by the extension, once it is paired.",
        never_records="What is in a file, what you type, or what you search for.",
        source=Source.EDITOR,
        make=lambda: PairedCollector(Source.EDITOR),
    ),
    CollectorSpec(
        name="screen",
        title="Screen patterns",
        records="How much of the screen changes, in which part, and from that whether you read, type, watch or work.",
        never_records=(
            "A picture of the screen, or a text from it. X11 reports the parts that change. On Wayland you share a "
            "screen: pictures of it too small for a letter are compared in memory and thrown away."
        ),
        source=Source.SCREEN,
        make=_screen,
        withdraw=_withdraw_screen,
    ),
)


def senses(front: Foreground) -> tuple[CollectorSpec, ...]:
    """Every sense, for a program in which they run side by side.

    Args:
        front: the window in front, as far as it may be known.
    """

    def rhythm() -> Collector:
        return RhythmCollector(front=front)

    return tuple(replace(sense, make=rhythm) if sense.source is Source.INPUT else sense for sense in COLLECTORS)
