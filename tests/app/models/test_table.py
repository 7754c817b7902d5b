import pytest
from PySide6.QtCore import Qt

from app.models.predictions import forecast_model, runs_model
from app.models.table import SHARE_ROLE, Column, RowsModel
from app.models.timeline import shares, timeline_model, totals_model
from tools import sample_values as sample


def numbers() -> RowsModel[int]:
    columns = (
        Column("Number", str, number=True, share=lambda row: row / 10),
        Column("Word", lambda row: "x" * row, tip=lambda row: f"{row} letters"),
    )
    return RowsModel(columns)


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        (forecast_model, sample.FORECASTS),
        (runs_model, sample.RUNS),
        (timeline_model, sample.ROWS),
        (totals_model, shares(sample.TOTALS)),
    ],
    ids=["forecasts", "runs", "timeline", "totals"],
)
def test_every_table_keeps_the_rules_of_an_item_model(qtmodeltester, model, rows):
    made = model()
    made.replace(rows)
    qtmodeltester.check(made)


def test_a_cell_says_what_its_column_says_of_its_row():
    model = numbers()
    model.replace((3, 4))
    assert model.index(1, 1).data() == "xxxx"


def test_numbers_stand_to_the_right():
    model = numbers()
    model.replace((3,))
    assert model.index(0, 0).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight


def test_a_share_is_given_to_whoever_draws_it():
    model = numbers()
    model.replace((3,))
    assert model.index(0, 0).data(SHARE_ROLE) == pytest.approx(0.3)
    assert model.index(0, 1).data(SHARE_ROLE) is None


def test_the_whole_text_is_shown_on_hover():
    model = numbers()
    model.replace((3,))
    assert model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole) == "3 letters"


def test_a_screen_reader_hears_the_heading_with_the_cell():
    model = numbers()
    model.replace((3,))
    assert model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "Word: xxx"


def test_headings_are_the_columns_titles():
    model = numbers()
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert titles == ["Number", "Word"]


def test_equal_rows_reset_nothing(qtbot):
    model = numbers()
    model.replace((3, 4))
    with qtbot.assertNotEmitted(model.modelReset):
        model.replace((3, 4))
