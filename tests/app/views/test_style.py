from itertools import product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.views.style import DARK, LIGHT, THEMES, Theme, contrast, sheet

TEXT = ("ink", "soft", "accent", "accent_strong")
GROUNDS = ("surface", "window", "wash")
LEGIBLE = 4.5
VISIBLE = 3.0


@pytest.fixture
def theme(qapp):
    style, palette = qapp.style().name(), qapp.palette()
    made = Theme(qapp)
    yield made
    made.choose("light")
    qapp.styleHints().colorSchemeChanged.disconnect(made._follow)
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)
    made.deleteLater()


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), list(product(TEXT, GROUNDS)))
def test_text_is_legible_on_everything_it_stands_on(palette, text, ground):
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= LEGIBLE


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["accent", "accent_strong"])
def test_text_on_the_accent_is_legible(palette, ground):
    assert contrast(palette.on_accent, getattr(palette, ground)) >= LEGIBLE


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("outline", ["edge", "accent"])
def test_what_can_be_used_has_a_visible_outline(palette, outline):
    assert contrast(getattr(palette, outline), palette.surface) >= VISIBLE


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_leaves_no_name_unfilled(palette):
    assert "$" not in sheet(palette, 10)


@pytest.mark.parametrize(("choice", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_a_chosen_theme_is_worn(theme, qapp, choice, palette):
    theme.choose(choice)
    assert theme.palette is palette
    assert palette.surface in qapp.styleSheet()


def test_the_desktop_decides_where_the_user_did_not(theme):
    theme.choose("light")
    theme.choose("system")
    desktop = DARK if QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT
    assert theme.palette is desktop


def test_the_desktop_is_followed_while_the_program_runs(theme, qapp):
    theme.choose("system")
    hints = qapp.styleHints()
    hints.setColorScheme(Qt.ColorScheme.Dark)
    try:
        assert theme.palette is (DARK if hints.colorScheme() is Qt.ColorScheme.Dark else LIGHT)
    finally:
        hints.unsetColorScheme()


def test_a_switch_tells_those_who_draw_themselves(theme, qtbot):
    theme.choose("light")
    with qtbot.waitSignal(theme.changed) as reported:
        theme.choose("dark")
    assert reported.args == [DARK]


def test_wearing_the_same_again_tells_nobody(theme, qtbot):
    theme.choose("dark")
    with qtbot.assertNotEmitted(theme.changed):
        theme.choose("dark")


def test_an_unknown_theme_is_refused_with_the_known_ones(theme):
    with pytest.raises(ValueError, match=", ".join(THEMES)):
        theme.choose("purple")
