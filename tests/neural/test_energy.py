from __future__ import annotations

from pathlib import Path

from neural.energy import EnergyMeter


def package(folder: Path, number: int, energy_uj: int) -> Path:
    made = folder / f"intel-rapl:{number}"
    made.mkdir(exist_ok=True)
    (made / "energy_uj").write_text(f"{energy_uj}\n")
    (made / "max_energy_range_uj").write_text("10000000\n")
    return made


def test_what_all_packages_took_is_reported_in_joules(tmp_path: Path) -> None:
    package(tmp_path, 0, 1_000_000)
    package(tmp_path, 1, 5_000_000)
    meter = EnergyMeter(tmp_path)
    package(tmp_path, 0, 3_500_000)
    package(tmp_path, 1, 5_500_000)
    assert meter.joules() == 3.0


def test_a_counter_that_began_again_is_read_on(tmp_path: Path) -> None:
    package(tmp_path, 0, 9_000_000)
    meter = EnergyMeter(tmp_path)
    package(tmp_path, 0, 500_000)
    assert meter.joules() == 1.5


def test_parts_of_a_package_are_not_counted_twice(tmp_path: Path) -> None:
    package(tmp_path, 0, 0)
    (tmp_path / "intel-rapl:0:0").mkdir()
    (tmp_path / "intel-rapl:0:0" / "energy_uj").write_text("7")
    meter = EnergyMeter(tmp_path)
    package(tmp_path, 0, 1_000_000)
    (tmp_path / "intel-rapl:0:0" / "energy_uj").write_text("9000000")
    assert meter.joules() == 1.0


def test_where_nothing_can_be_read_nothing_is_reported(tmp_path: Path) -> None:
    assert EnergyMeter(tmp_path).joules() is None
    made = package(tmp_path, 0, 5)
    meter = EnergyMeter(tmp_path)
    (made / "energy_uj").write_text("no number")
    assert meter.joules() is None
