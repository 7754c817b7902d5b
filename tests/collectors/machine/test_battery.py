from __future__ import annotations

from pathlib import Path

import pytest

from collectors.machine.battery import Power, power
from tests.collectors.machine.folders import write


@pytest.fixture
def laptop(tmp_path: Path):
    """A laptop's supplies; each call writes one."""

    def supply(name: str, **files: str) -> Path:
        write(tmp_path / name, files)
        return tmp_path

    return supply


def test_a_battery_that_drives_the_machine(laptop):
    laptop("AC", type="Mains", online="0")
    supplies = laptop("BAT0", type="Battery", status="Discharging", energy_now="30000", energy_full="40000")
    assert power(supplies) == Power(plugged=False, battery_percent=75.0)


def test_two_batteries_count_by_what_they_hold(laptop):
    laptop("AC", type="Mains", online="1")
    laptop("BAT0", type="Battery", status="Full", energy_now="10000", energy_full="10000")
    supplies = laptop("BAT1", type="Battery", status="Charging", energy_now="0", energy_full="30000")
    assert power(supplies) == Power(plugged=True, battery_percent=25.0)


def test_a_plug_of_usb_feeds_as_well(laptop):
    laptop("ADP1", type="Mains", online="0")
    laptop("ucsi-1", type="USB", online="1")
    supplies = laptop("BAT0", type="Battery", status="Charging", charge_now="1", charge_full="2")
    assert power(supplies) == Power(plugged=True, battery_percent=50.0)


def test_a_machine_that_shows_no_plug_tells_it_by_its_battery(laptop):
    supplies = laptop("BAT0", type="Battery", status="Discharging", capacity="40")
    assert power(supplies) == Power(plugged=False, battery_percent=40.0)


@pytest.mark.parametrize(
    "files",
    [
        {"type": "Battery", "scope": "Device", "capacity": "80"},
        {"type": "Battery", "energy_now": "1", "energy_full": "0"},
        {"type": "Battery", "capacity": "unknown"},
        {"type": "Mains", "online": "1"},
    ],
)
def test_a_machine_without_a_battery_of_its_own_has_none(laptop, files: dict[str, str]):
    assert power(laptop("hid-mouse", **files)) is None


def test_a_kernel_without_supplies_has_none(tmp_path: Path):
    assert power(tmp_path / "none") is None


def test_a_battery_is_never_fuller_than_full(laptop):
    supplies = laptop("BAT0", type="Battery", status="Full", charge_now="41", charge_full="40")
    assert power(supplies) == Power(plugged=True, battery_percent=100.0)
