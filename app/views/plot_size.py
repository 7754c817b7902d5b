"""How high a chart is drawn, known from its values and the font alone: its room is kept before it is drawn."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QFontMetrics

from neural.language.facts import Chart, ChartKind

NOMINAL_WIDTH_PX: Final = 520
LABEL_GAP_PX: Final = 12
_MOST_LYING_BARS: Final = 16


def lies(chart: Chart, font: QFontMetrics) -> bool:
    """Whether the bars lie: where their labels are too long to stand side by side."""
    if chart.kind is not ChartKind.BARS or not chart.series:
        return False
    labels = chart.series[0].labels
    widest = max((font.horizontalAdvance(label) for label in labels), default=0)
    side_by_side = widest + LABEL_GAP_PX <= NOMINAL_WIDTH_PX / max(1, len(labels))
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
