"""The look: two neutral ink palettes with one teal accent, and the style sheet that is made from them.

Contrast is measured as WCAG 2.2 does (success criterion 1.4.3): text stands at 4.5:1 or more on whatever lies below it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

GRID_PX: Final = 8
_SRGB_KNEE: Final = 0.04045
THEMES: Final = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #rrggbb.

    Attributes:
        name: "light" or "dark".
        surface: below pages and text.
        window: below the navigation and the status line, one step from the surface.
        ink: text.
        soft: text that stands back.
        faint: text of what cannot be used now (WCAG asks no contrast of it).
        line: hair lines between things.
        edge: outlines of things that can be used, 3:1 on the surface.
        accent: the one teal: the chosen, the clickable, the measured.
        accent_strong: the same under the pointer.
        on_accent: text on the accent.
        wash: the accent as a tint, below selected rows.
    """

    name: str
    surface: str
    window: str
    ink: str
    soft: str
    faint: str
    line: str
    edge: str
    accent: str
    accent_strong: str
    on_accent: str
    wash: str


LIGHT: Final = Palette(
    name="light",
    surface="#fdfdfc",
    window="#f3f4f3",
    ink="#1c2224",
    soft="#586266",
    faint="#98a1a4",
    line="#dfe3e3",
    edge="#7d888b",
    accent="#0c7067",
    accent_strong="#07534d",
    on_accent="#ffffff",
    wash="#e2efed",
)

DARK: Final = Palette(
    name="dark",
    surface="#171b1d",
    window="#101415",
    ink="#e3e7e7",
    soft="#9aa5a8",
    faint="#5f6a6d",
    line="#293033",
    edge="#667275",
    accent="#4db6aa",
    accent_strong="#7fd0c6",
    on_accent="#0b1414",
    wash="#1b302e",
)


def contrast(first: str, second: str) -> float:
    """Contrast of two #rrggbb colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255  # sRGB, IEC 61966-2-1
        return value / 12.92 if value <= _SRGB_KNEE else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(colour[start : start + 2]) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def sheet(palette: Palette, body_pt: float) -> str:
    """The style sheet of a palette.

    Args:
        palette: the colours.
        body_pt: size of the system font, in points; headings and margins are relative to it.
    """
    folder = resources.files("resources").joinpath("style")
    template = folder.joinpath("kryptic.qss").read_text(encoding="utf-8")
    sizes = {"body_pt": f"{body_pt:g}", "small_pt": f"{body_pt * 0.9:.3g}", "title_pt": f"{body_pt * 1.3:.3g}"}
    return Template(template).substitute(dataclasses.asdict(palette), folder=str(folder), **sizes)


def qt_palette(palette: Palette) -> QPalette:
    """The same colours for what Qt paints by itself, and for the widgets that paint themselves."""
    role = QPalette.ColorRole
    colours = {
        role.Window: palette.window,
        role.WindowText: palette.ink,
        role.Base: palette.surface,
        role.AlternateBase: palette.window,
        role.Text: palette.ink,
        role.Button: palette.surface,
        role.ButtonText: palette.ink,
        role.BrightText: palette.on_accent,
        role.Highlight: palette.accent,
        role.HighlightedText: palette.on_accent,
        role.Accent: palette.accent,
        role.Link: palette.accent,
        role.LinkVisited: palette.accent,
        role.PlaceholderText: palette.soft,
        role.Dark: palette.soft,
        role.ToolTipBase: palette.surface,
        role.ToolTipText: palette.ink,
        role.Light: palette.surface,
        role.Midlight: palette.line,
        role.Mid: palette.edge,
        role.Shadow: palette.line,
    }
    made = QPalette()
    for name, colour in colours.items():
        made.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(palette.faint))
    return made


def soft_colour(palette: QPalette) -> QColor:
    """The colour of text that stands back, for widgets that paint themselves."""
    return palette.color(QPalette.ColorRole.Dark)  # a style sheet rewrites most roles, but not this one


def accent_colour(palette: QPalette) -> QColor:
    """The teal, for widgets that paint themselves."""
    return palette.color(QPalette.ColorRole.Link)


def line_colour(palette: QPalette) -> QColor:
    """The colour of hair lines, for widgets that paint themselves."""
    return palette.color(QPalette.ColorRole.Midlight)


def series_colour(palette: QPalette, number: int) -> QColor:
    """The colour of a chart's series: the teal for the first, then tints of the ink."""
    shades = (accent_colour(palette), palette.color(QPalette.ColorRole.Mid), soft_colour(palette), line_colour(palette))
    return shades[min(number, len(shades) - 1)]


def points(font: QFont) -> float:
    """The size of a font in points, also if the desktop gave it in pixels (96 to the inch, 72 points)."""
    return font.pointSizeF() if font.pointSizeF() > 0 else font.pixelSize() * 0.75


class Theme(QObject):
    """Dresses the application: follows the desktop's colour scheme, or holds the one the user chose.

    Signals:
        changed(Palette): after the application wears another palette.
    """

    changed = Signal(object)

    def __init__(self, application: QApplication, choice: str = "system") -> None:
        super().__init__(application)
        self._application = application
        self._body_pt = points(application.font())
        self._choice = choice
        self._worn: Palette | None = None
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._follow)
        self._follow()

    @property
    def palette(self) -> Palette:
        """The palette worn now."""
        return self._worn or LIGHT

    def choose(self, choice: str) -> None:
        """Take "system", "light" or "dark".

        Raises:
            ValueError: for any other word.
        """
        if choice not in THEMES:
            raise ValueError(f"a theme is one of {', '.join(THEMES)}, not {choice!r}")
        self._choice = choice
        self._follow()

    def _follow(self) -> None:
        dark = self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        wanted = {"light": LIGHT, "dark": DARK}.get(self._choice, DARK if dark else LIGHT)
        if wanted is self._worn:
            return
        self._worn = wanted
        self._application.setStyleSheet("")  # bare widgets take a palette five times as fast
        self._application.setPalette(qt_palette(wanted))
        self._application.setStyleSheet(sheet(wanted, self._body_pt))
        self.changed.emit(wanted)
