"""Every history that can be imported, each once."""

from __future__ import annotations

from typing import Final

from collectors.history.activitywatch.history import ActivityWatch
from collectors.history.browsers import CHROMIUM, FIREFOX
from collectors.history.editor_saves import EditorSaves
from collectors.history.git.log import GitHistory
from collectors.history.own_export import OwnExport
from collectors.history.reader import HistoryReader
from collectors.history.recent_files import RecentFiles
from collectors.history.shells.atuin import Atuin
from collectors.history.shells.shells import BASH, FISH, ZSH

READERS: Final[tuple[HistoryReader, ...]] = (
    BASH,
    ZSH,
    FISH,
    Atuin(),
    GitHistory(),
    EditorSaves(),
    RecentFiles(),
    CHROMIUM,
    FIREFOX,
    ActivityWatch(),
)
NAMED: Final[tuple[HistoryReader, ...]] = (*READERS, OwnExport())
"""With those that are read when they are named alone, and never looked for."""
