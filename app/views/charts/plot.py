"""The drawing inside a chart, with pyqtgraph. Imported when the first chart is shown, for it costs 50 MB of memory.

The wheel zooms while the plot has the focus or Ctrl is held, and else scrolls the page the chart stands on.
"""

from __future__ import annotations

from typing import Any, Final

import pyqtgraph as pg  # type: ignore[import-untyped]  # ships no types
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from app.models.chart_values import marks, value_text
from app.views.charts.plot_size import fitted, lies
from app.views.charts.time_axis import TimeAxis
from app.views.style import line_colour, series_colour, soft_colour
from neural.language.facts import Chart, ChartKind

_BAR_SHARE: Final = 0.62
_ZOOM_STEP: Final = 0.8
_LINE_REACH_PX: Final = 40.0


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph ships no types
    """Draws a chart and says which value is pointed at.

    Signals:
        pointed(str): the value under the pointer or the keyboard's cursor in words, "" if there is none.
    """

    pointed = Signal(str)

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        self._ready = False
        axis = {"bottom": TimeAxis()} if chart.x_is_time else None
        super().__init__(parent, axisItems=axis)
        self.ensurePolished()  # the style sheet's font, before anything is measured with it
        self.chart = chart
        self._marks = marks(chart)
        self._areas: list[QRectF] = []
        self._names: list[tuple[int, str]] = []
        self.names: list[tuple[int, str]] = []
        self._cursor: int | None = None
        self._highlight: QGraphicsRectItem | None = None
        self._point: Any = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(self.Shape.NoFrame)
        item = self.getPlotItem()
        item.setMenuEnabled(enableMenu=False)
        item.hideButtons()
        self.setMouseEnabled(x=not self.lies, y=self.lies and chart.kind is ChartKind.BARS)
        self.scene().sigMouseMoved.connect(self._hover)
        self._redraw = QTimer(self)  # a new theme changes the palette a dozen times in one turn: draw once, after it
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(0)
        self._redraw.timeout.connect(self._draw)
        self._draw()
        self.getPlotItem().getViewBox().sigResized.connect(self._write_names)
        self._ready = True

    @property
    def lies(self) -> bool:
        """Whether the bars lie."""
        return lies(self.chart, self.fontMetrics())

    @property
    def small(self) -> QFont:
        """What names and numbers next to the axes are drawn in."""
        font = QFont(self.font())
        font.setPointSizeF(max(6.0, self.font().pointSizeF() * 0.9))
        return font

    def point_at(self, number: int | None) -> None:
        """Move the cursor to a value by its place in reading order; None takes it away."""
        self._cursor = number
        self._show_highlight()
        self.pointed.emit("" if number is None else self._marks[number].text)

    def reset(self) -> None:
        """Show everything again."""
        self._frame()

    # ---- drawing

    def _draw(self) -> None:
        item = self.getPlotItem()
        item.clear()
        self._highlight = self._point = None
        palette = self.palette()
        self.setBackground(palette.base().color())
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setStyle(tickLength=0, tickFont=self.small, tickTextOffset=6, hideOverlappingLabels=name == "bottom")
            axis.setPen(QPen(line_colour(palette)))
            axis.setTextPen(QPen(soft_colour(palette)))
            axis.setTicks(None)
            axis.setZValue(-1_000)  # the grid belongs behind the values
        self._areas = []
        draw = {ChartKind.BARS: self._bars, ChartKind.LINE: self._line, ChartKind.SPANS: self._spans}
        if self._marks:
            draw[self.chart.kind]()
        self._frame()
        self._show_highlight()

    def _bars(self) -> None:
        several = len(self.chart.series)
        width = _BAR_SHARE / several if several > 1 else _BAR_SHARE
        slots = {x: place for place, x in enumerate(sorted({x for series in self.chart.series for x in series.x}))}
        for number, series in enumerate(self.chart.series):
            shift = (number - (several - 1) / 2) * width
            centres = [slots[x] + shift for x in series.x]
            brush, pen = QBrush(series_colour(self.palette(), number)), QPen(Qt.PenStyle.NoPen)
            if self.lies:
                bars = pg.BarGraphItem(x0=0, y=centres, height=width * 0.9, width=series.y, brush=brush, pen=pen)
            else:
                bars = pg.BarGraphItem(x=centres, y0=0, height=series.y, width=width * 0.96, brush=brush, pen=pen)
            self.addItem(bars)
        for mark in self._marks:
            series = self.chart.series[mark.series]
            centre = slots[series.x[mark.index]] + (mark.series - (several - 1) / 2) * width
            value = series.y[mark.index]
            if self.lies:
                self._areas.append(QRectF(0, centre - width / 2, value, width).normalized())
            else:
                self._areas.append(QRectF(centre - width / 2, 0, width, value).normalized())
        self._names = self._slot_names(slots)
        self._write_names()
        self.getPlotItem().invertY(self.lies)
        self.getAxis("bottom").setStyle(showValues=not self.lies)
        self.getAxis("left").setStyle(showValues=True)
        if self.lies:
            self._write_values()
        else:
            self._grid()

    def _write_names(self) -> None:
        """Below the bars, or next to them, as they fit."""
        if self._names:
            width_px = round(self.getPlotItem().getViewBox().width())
            self.names = self._names if self.lies else fitted(self._names, QFontMetrics(self.small), width_px)
            self.getAxis("left" if self.lies else "bottom").setTicks([self.names])

    def _slot_names(self, slots: dict[float, int]) -> list[tuple[int, str]]:
        names: dict[int, str] = {}
        for series in self.chart.series:
            for x, label in zip(series.x, series.labels, strict=False):
                names[slots[x]] = label
        return sorted(names.items())

    def _write_values(self) -> None:
        """Lying bars have room for their values behind them, so that nobody needs to point."""
        for mark, area in zip(self._marks, self._areas, strict=True):
            value = self.chart.series[mark.series].y[mark.index]
            text = pg.TextItem(value_text(value, self.chart.unit), color=soft_colour(self.palette()), anchor=(0, 0.5))
            text.setPos(area.right(), area.center().y())
            self.addItem(text, ignoreBounds=True)

    def _line(self) -> None:
        for number, series in enumerate(self.chart.series):
            style = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)[min(number, 2)]
            pen = pg.mkPen(series_colour(self.palette(), number), width=1.6, style=style)
            self.addItem(pg.PlotDataItem(list(series.x), list(series.y), pen=pen, antialias=True))
        self._point = pg.ScatterPlotItem(size=8, brush=series_colour(self.palette(), 0), pen=QPen(Qt.PenStyle.NoPen))
        self.addItem(self._point, ignoreBounds=True)
        for mark in self._marks:
            series = self.chart.series[mark.series]
            self._areas.append(QRectF(series.x[mark.index], series.y[mark.index], 0, 0))
        self._grid()

    def _spans(self) -> None:
        for number, series in enumerate(self.chart.series):
            widths = [end - start for start, end in zip(series.x, series.y, strict=True)]
            brush = QBrush(series_colour(self.palette(), 0))
            bars = pg.BarGraphItem(
                x0=list(series.x), y=[number] * len(widths), width=widths, height=_BAR_SHARE, brush=brush,
                pen=QPen(Qt.PenStyle.NoPen),
            )  # fmt: skip
            self.addItem(bars)
        for mark in self._marks:
            series = self.chart.series[mark.series]
            start, end = series.x[mark.index], series.y[mark.index]
            self._areas.append(QRectF(start, mark.series - _BAR_SHARE / 2, end - start, _BAR_SHARE))
        self.getAxis("left").setTicks([[(number, series.name) for number, series in enumerate(self.chart.series)]])
        self.getPlotItem().invertY(b=True)
        self.getPlotItem().showGrid(x=True, y=False, alpha=0.3)

    def _grid(self) -> None:
        self.getAxis("left").setStyle(maxTickLevel=0)
        self.getPlotItem().showGrid(x=False, y=True, alpha=0.3)

    def _frame(self) -> None:
        """Lay the view so that all values show: bars stand on zero, and each row has its whole slot."""
        view = self.getPlotItem().getViewBox()
        if not self._areas:
            return
        left, right = min(a.left() for a in self._areas), max(a.right() for a in self._areas)
        low, high = min(a.top() for a in self._areas), max(a.bottom() for a in self._areas)
        wide, tall = (right - left) or 1.0, (high - low) or 1.0
        if self.lies:
            view.setRange(xRange=(min(0.0, left), right + 0.16 * wide), yRange=(low - 0.3, high + 0.3), padding=0)
        elif self.chart.kind is ChartKind.SPANS:
            view.setRange(xRange=(left, right), yRange=(-0.6, len(self.chart.series) - 0.4), padding=0.01)
        elif self.chart.kind is ChartKind.BARS:
            view.setRange(xRange=(left - 0.3, right + 0.3), yRange=(min(0.0, low), high * 1.08 or 1.0), padding=0)
        else:
            view.setRange(xRange=(left, right), yRange=(min(0.0, low), high + 0.08 * tall), padding=0.01)

    # ---- pointing

    def _show_highlight(self) -> None:
        if self._highlight is not None:
            self.removeItem(self._highlight)
            self._highlight = None
        if self._point is not None:
            self._point.setData([], [])
        if self._cursor is None or not self._areas:
            return
        area = self._areas[self._cursor]
        if self._point is not None:
            self._point.setData([area.left()], [area.top()])
            return
        self._highlight = QGraphicsRectItem(area)
        pen = QPen(self.palette().text().color())
        pen.setCosmetic(True)
        pen.setWidthF(1.5)
        self._highlight.setPen(pen)
        self.getPlotItem().getViewBox().addItem(self._highlight, ignoreBounds=True)

    def _hover(self, where: QPointF) -> None:
        if not self._areas or not self.getPlotItem().sceneBoundingRect().contains(where):
            return
        spot = self.getPlotItem().getViewBox().mapSceneToView(where)
        found = self._nearest(spot) if self.chart.kind is ChartKind.LINE else self._under(spot)
        if found != self._cursor:
            self.point_at(found)

    def _under(self, spot: QPointF) -> int | None:
        """The bar or span below a point; a bar is met in its whole slot, so that short ones can be pointed at."""
        for number, area in enumerate(self._areas):
            along = spot.x() if self.chart.kind is ChartKind.SPANS or not self.lies else spot.y()
            low, high = (area.top(), area.bottom()) if self.lies else (area.left(), area.right())
            same_row = self.chart.kind is not ChartKind.SPANS or area.top() <= spot.y() <= area.bottom()
            if same_row and low <= along <= high:
                return number
        return None

    def _nearest(self, spot: QPointF) -> int | None:
        pixel = self.getPlotItem().getViewBox().viewPixelSize()
        if not all(pixel):
            return None

        def far(area: QRectF) -> tuple[float, float]:
            return abs(area.left() - spot.x()) / pixel[0], abs(area.top() - spot.y()) / pixel[1]

        number = min(range(len(self._areas)), key=lambda place: far(self._areas[place]))
        return number if far(self._areas[number])[0] <= _LINE_REACH_PX else None

    # ---- events

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  # Qt's name
        """Zoom, or let the page scroll."""
        if self.hasFocus() or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            event.accept()
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        """Show everything again."""
        self.reset()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        """Take the highlight away."""
        super().leaveEvent(event)
        self.point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        """Left and Right walk the values, + and - zoom, Home shows everything."""
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(
            Qt.Key(event.key())
        )
        view = self.getPlotItem().getViewBox()
        if step is not None and self._marks:
            at = self._cursor
            self.point_at((0 if step > 0 else len(self._marks) - 1) if at is None else (at + step) % len(self._marks))
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            scale = 1 / _ZOOM_STEP if event.key() == Qt.Key.Key_Minus else _ZOOM_STEP
            view.scaleBy(x=1.0 if self.lies else scale, y=scale if self.lies else 1.0)
        elif event.key() == Qt.Key.Key_Home:
            self.reset()
        else:
            event.ignore()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        """Draw again in the colours of a new theme."""
        super().changeEvent(event)
        if self._ready and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._redraw.start()
