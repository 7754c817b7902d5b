"""What the program needs of the Qt binding below it, so that it can run for months."""

import sys

import pytest
from PySide6.QtCore import QObject, Signal

MANY = 200


class Bell(QObject):
    rung = Signal(object)


@pytest.mark.parametrize("value", [True, False, None])
def test_a_signal_takes_no_reference_away_from_the_constants(qapp, value):
    """PySide6 6.12.0 takes one of True at each emit; before Python 3.12 the process ends when none is left."""
    bell = Bell()
    bell.rung.connect(lambda _: None)
    bell.rung.emit(1)
    before = sys.getrefcount(value)
    for _ in range(MANY):
        bell.rung.emit(1)
    assert sys.getrefcount(value) > before - MANY // 2
