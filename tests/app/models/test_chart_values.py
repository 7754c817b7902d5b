import csv
import io
import time

import pytest

from app.models.chart_values import describe, marks, to_csv, value_text
from neural.language.facts import Chart, ChartKind, Series
from tools import sample_values as sample

TWO_SERIES = Chart(
    ChartKind.BARS,
    "Hit rates",
    "predictor",
    "rate",
    "%",
    (
        Series("first", ("model", "ipam"), (0.0, 1.0), (67.0, 60.0)),
        Series("five", ("model", "ipam"), (0.0, 1.0), (89.0, 86.0)),
    ),
)
SPAN = Chart(
    ChartKind.SPANS, "Windows", "", "", "time", (Series("code", ("a.py",), (0.0,), (3_600.0,)),), x_is_time=True
)


@pytest.fixture
def vienna(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Vienna")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def rows(chart: Chart) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(chart))))


@pytest.mark.parametrize(
    ("value", "unit", "text"), [(3.0, "count", "3"), (12.5, "min", "12.5 min"), (2.0, "h", "2 h"), (0.0, "", "0")]
)
def test_a_value_is_said_with_its_unit(value, unit, text):
    assert value_text(value, unit) == text


def test_values_come_position_by_position_and_then_series_by_series():
    assert [mark.text for mark in marks(TWO_SERIES)] == [
        "model, first: 67 %",
        "model, five: 89 %",
        "ipam, first: 60 %",
        "ipam, five: 86 %",
    ]


def test_a_span_is_said_by_its_local_ends(vienna):
    assert [mark.text for mark in marks(SPAN)] == ["code, a.py: 01:00 to 02:00"]


def test_the_description_holds_every_value():
    said = describe(sample.APPS_CHART)
    assert all(mark.text in said for mark in marks(sample.APPS_CHART))


def test_the_description_of_a_long_chart_says_how_much_it_leaves_out():
    long = Chart(ChartKind.LINE, "Long", "x", "y", "", (Series("s", (), tuple(map(float, range(50))), (1.0,) * 50),))
    assert describe(long).endswith("; and 10 more.")


def test_the_description_of_nothing_says_so():
    assert describe(Chart(ChartKind.BARS, "Nothing", "", "", "", ())) == "Nothing. No values."


def test_csv_has_a_heading_and_a_row_for_each_value():
    assert rows(TWO_SERIES) == [
        ["series", "predictor", "rate (%)"],
        ["first", "model", "67"],
        ["first", "ipam", "60"],
        ["five", "model", "89"],
        ["five", "ipam", "86"],
    ]


def test_csv_writes_times_with_their_offset(vienna):
    assert rows(SPAN)[1] == ["code", "a.py", "1970-01-01T01:00:00+0100", "1970-01-01T02:00:00+0100"]


def test_csv_keeps_a_comma_in_a_name_together():
    chart = Chart(ChartKind.BARS, "t", "x", "y", "", (Series("s", ("a, b",), (0.0,), (1.0,)),))
    assert rows(chart)[1] == ["s", "a, b", "1"]
