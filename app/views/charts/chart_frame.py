"""A chart as it stands in the text: title, the value pointed at, the drawing, and what can be done with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.models.chart_values import describe, to_csv
from app.views.charts.draw_queue import DrawQueue, LazyDrawing
from app.views.charts.plot_size import drawn_height
from app.views.style import GRID_PX, series_colour
from app.views.widgets.basics import label, restyle, tool_button
from neural.language.facts import Chart, ChartKind

if TYPE_CHECKING:
    from app.views.charts.plot import Plot

_SWATCH_PX: Final = 9
SAVE_FORMATS: Final = {"png": "Picture (*.png)", "svg": "Drawing (*.svg)", "csv": "Values (*.csv)"}


class LegendEntry(QWidget):
    """The colour of a series next to its name."""

    def __init__(self, number: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        row = QHBoxLayout(self)
        row.setContentsMargins(_SWATCH_PX + 6, 0, 0, 0)
        row.addWidget(label(name, "small"))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802  # Qt's signature
        """Paint the colour."""
        painter = QPainter(self)
        top = (self.height() - _SWATCH_PX) // 2
        painter.fillRect(0, top, _SWATCH_PX, _SWATCH_PX, series_colour(self.palette(), self._number))
        painter.end()


class ChartFrame(LazyDrawing):
    """One chart. The drawing is made when it is first shown, or asked for; it follows the theme by itself.

    Its room is kept until its turn has come, so that nothing jumps. The pointed value stands in words at the foot, so
    that nothing covers the drawing.
    """

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self.plot: Plot | None = None
        self.setAccessibleName(f"Chart: {chart.title}")
        self.setAccessibleDescription(describe(chart))
        head = QHBoxLayout()
        head.setSpacing(2 * GRID_PX)
        head.addWidget(label(chart.title, "section", wrap=True), 1)
        if len(chart.series) > 1 and chart.kind is not ChartKind.SPANS:
            for number, series in enumerate(chart.series):
                head.addWidget(LegendEntry(number, series.name))
        self._area = QVBoxLayout()
        self._area.setContentsMargins(0, 0, 0, 0)
        self._room = QWidget()
        self._area.addWidget(self._room)
        foot = QHBoxLayout()
        foot.setSpacing(2 * GRID_PX)
        self.pointed = label("", "small")
        self.pointed.setAccessibleName("Value pointed at")
        self._tell("")
        foot.addWidget(self.pointed, 1)
        self.actions_by_name = self._make_actions()
        for name in ("Copy image", "Copy data"):
            button = tool_button(name, f"{name} of the chart {chart.title}")
            button.clicked.connect(self.actions_by_name[name].trigger)
            foot.addWidget(button)
        save = tool_button("Save", f"Save the chart {chart.title}")
        save.setMenu(self._save_menu(save))
        foot.addWidget(save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID_PX, 0, GRID_PX)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(self._area)
        column.addLayout(foot)

    def copy_image(self) -> None:
        """Put the drawing on the clipboard, twice as sharp as the screen."""
        QGuiApplication.clipboard().setPixmap(self._drawn().grab())
        self._tell("Image copied")

    def copy_data(self) -> None:
        """Put the values on the clipboard, as CSV."""
        QGuiApplication.clipboard().setText(to_csv(self.chart))
        self._tell("Data copied")

    def save(self, path: Path) -> bool:
        """Write the chart to a file; its ending says how (.png, .svg or .csv).

        Returns:
            Whether it was written; if not, the reason is shown in the place of the pointed value.
        """
        try:
            if path.suffix == ".csv":
                path.write_text(to_csv(self.chart), encoding="utf-8", newline="")
            elif path.suffix == ".svg":
                self._save_svg(path)
            else:
                path.touch()  # raises with a reason; Qt would give none
                self._drawn().grab().save(str(path), "PNG")
        except OSError as error:
            self._tell(f"Not saved: {error.strerror or error}. Choose another folder.")
            return False
        self._tell(f"Saved as {path.name}")
        return True

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        """Keep the drawing's room, and wait for the turn to make it."""
        if self.plot is None:
            self._room.setFixedHeight(drawn_height(self.chart, self.fontMetrics()))
            DrawQueue.of(self).start()
        super().showEvent(event)

    @property
    def needs_drawing(self) -> bool:
        """Whether the drawing is seen, or should be, and is not made yet."""
        return self.plot is None and self.isVisible()

    def draw(self) -> None:
        """Make the drawing."""
        self._drawn()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  # Qt's name
        """Offer everything that can be done with the chart."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(list(self.actions_by_name.values()))
        menu.popup(event.globalPos())

    def _drawn(self) -> Plot:
        if self.plot is None:
            from app.views.charts.plot import Plot  # noqa: PLC0415  # pyqtgraph costs 50 MB: only who sees a chart pays

            self.plot = Plot(self.chart, self)
            self.plot.setFixedHeight(drawn_height(self.chart, self.plot.fontMetrics()))
            self.plot.setAccessibleName(self.accessibleName())
            self.plot.setAccessibleDescription(f"{self.accessibleDescription()} Left and Right walk the values.")
            self.plot.pointed.connect(self._tell)
            self._area.replaceWidget(self._room, self.plot)
            self._room.hide()
            self._room.deleteLater()
            self.plot.show()  # now: a layout would show it one event later, and meanwhile leave it no room
        return self.plot

    def _caption(self) -> str:
        """The axes, with the unit if the values do not carry it."""
        axes = " by ".join(part for part in (self.chart.y_label, self.chart.x_label) if part)
        unit = self.chart.unit if axes and self.chart.unit not in ("", "count", "time") else ""
        return f"{axes}, {unit}" if unit else axes

    def _tell(self, text: str) -> None:
        self.pointed.setText(text or self._caption())
        restyle(self.pointed, "state" if text else "small")

    def _make_actions(self) -> dict[str, QAction]:
        made = {"Copy image": self.copy_image, "Copy data": self.copy_data}
        actions: dict[str, QAction] = {}
        for name, slot in made.items():
            actions[name] = QAction(name, self)
            actions[name].triggered.connect(slot)
        for ending in SAVE_FORMATS:
            name = f"Save as {ending.upper()}"
            actions[name] = QAction(name, self)
            actions[name].triggered.connect(lambda _=False, chosen=ending: self._choose_file(chosen))
        actions["Show everything"] = QAction("Show everything", self)
        actions["Show everything"].triggered.connect(lambda: self._drawn().reset())
        return actions

    def _save_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        menu.addActions([action for name, action in self.actions_by_name.items() if name.startswith("Save")])
        return menu

    def _choose_file(self, ending: str) -> None:
        stem = "".join(letter if letter.isalnum() else "-" for letter in self.chart.title.lower()).strip("-")
        dialog = QFileDialog(self, "Save the chart", f"{stem or 'chart'}.{ending}", SAVE_FORMATS[ending])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending)
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.open()

    def _save_svg(self, path: Path) -> None:
        from PySide6.QtSvg import QSvgGenerator  # noqa: PLC0415  # a library of its own, loaded by those who save

        plot = self._drawn()
        path.touch()  # raises with a reason; the generator would only print one
        generator = QSvgGenerator()
        generator.setFileName(str(path))
        generator.setSize(QSize(plot.width(), plot.height()))
        generator.setViewBox(QRect(0, 0, plot.width(), plot.height()))
        generator.setTitle(self.chart.title)
        generator.setDescription(describe(self.chart))
        painter = QPainter(generator)
        plot.render(painter)
        painter.end()
