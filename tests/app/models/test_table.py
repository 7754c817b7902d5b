import pytest
from PySide6.QtCore import Qt

from app.models.predictions import factor, forecast_model, reasons_model, runs_model
from app.models.reward import sequences_model, shifts_model, spikes_model
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
        (reasons_model, sample.WHY.reasons),
        (sequences_model, sample.REWARD.sequences),
        (shifts_model, sample.REWARD.shifts),
        (spikes_model, sample.REWARD.spikes),
    ],
    ids=["forecasts", "runs", "timeline", "totals", "reasons", "sequences", "shifts", "spikes"],
)
def test_every_table_keeps_the_rules_of_an_item_model(qtmodeltester, model, rows):
    made = model()
    made.replace(rows)
    qtmodeltester.check(made)


def test_a_cell_says_what_its_column_says_of_its_row():
    model = numbers()
    model.replace((3, 4))
    assert model.index(1, 1).data() == "xxxx"


@pytest.mark.parametrize(
    ("times", "words"), [(5.234, "\u00d7 5.2"), (1.0, "\u00d7 1"), (0.5, "\u00f7 2"), (6912.5, "\u00d7 6,900")]
)
def test_how_many_times_likelier_is_said_in_two_digits(times, words):
    assert factor(times) == words


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
