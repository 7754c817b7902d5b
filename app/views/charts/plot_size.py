"""What a chart takes: how high it is drawn, known before it is drawn, and which names fit below its bars."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from neural.language.facts import Chart, ChartKind

_NOMINAL_WIDTH_PX: Final = 520
_LABEL_GAP_PX: Final = 12
_LEAST_GAP_PX: Final = 4
_LEAST_NAME_PX: Final = 40
_MOST_LYING_BARS: Final = 16


def lies(chart: Chart, font: QFontMetrics) -> bool:
    """Whether the bars lie: if their labels are too long to stand side by side."""
    if chart.kind is not ChartKind.BARS or not chart.series:
        return False
    labels = chart.series[0].labels
    widest = max((font.horizontalAdvance(label) for label in labels), default=0)
    side_by_side = widest + _LABEL_GAP_PX <= _NOMINAL_WIDTH_PX / max(1, len(labels))
    return 0 < len(labels) <= _MOST_LYING_BARS and not side_by_side


def drawn_height(chart: Chart, font: QFontMetrics) -> int:
    """A height in pixels that gives every row its room."""
    row_px: int = font.height() + 10
    if lies(chart, font):
        bars = len(chart.series[0].labels) * max(1, len(chart.series))
        return max(96, row_px * bars + 32 if len(chart.series) == 1 else int(row_px * 0.75 * bars) + 40)
    if chart.kind is ChartKind.SPANS:
        return max(96, row_px * len(chart.series) + 40)
    return 176


def fitted(names: list[tuple[int, str]], font: QFontMetrics, width_px: int) -> list[tuple[int, str]]:
    """The names that go below standing bars: all if they fit, cut if enough is left to read, else every few.

    Args:
        names: places and names, at least one.
        font: the font's.
        width_px: how wide all bars are together.
    """
    room_px = max(1, min(_NOMINAL_WIDTH_PX, width_px)) / len(names)
    widest_px = max(font.horizontalAdvance(name) for _, name in names)
    if widest_px + _LABEL_GAP_PX <= room_px:
        return names
    most_px = int(room_px) - _LEAST_GAP_PX
    if most_px >= _LEAST_NAME_PX:
        return [(at, font.elidedText(name, Qt.TextElideMode.ElideRight, most_px)) for at, name in names]
    return names[:: math.ceil((widest_px + _LABEL_GAP_PX) / room_px)]
