from __future__ import annotations

import pytest

from collectors.desktop.window import focus_filter
from tests.desktop.fixtures import bare_desktop, desktop, sway, xserver
from tests.desktop.programs import PATIENCE_S

__all__ = ["bare_desktop", "desktop", "sway", "undisturbed", "xserver"]


@pytest.fixture
def undisturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a machine stands still between two windows, the moment without one may be long, and is still a moment."""
    monkeypatch.setattr(focus_filter, "SETTLE_S", float(PATIENCE_S))
