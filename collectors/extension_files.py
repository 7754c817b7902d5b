"""The folder of the parts that run in other programs: scripts of desktops, shells and browsers."""

from __future__ import annotations

from pathlib import Path
from typing import Final

EXTENSIONS: Final = Path(__file__).resolve().parent.parent / "extensions"
