"""What the machine runs on and how full its batteries are, as the kernel tells it (ABI: sysfs-class-power)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SUPPLIES: Final = Path("/sys/class/power_supply")
_PLUGS: Final = ("Mains", "USB")
_AMOUNTS: Final = (("energy_now", "energy_full"), ("charge_now", "charge_full"))


@dataclass(frozen=True, slots=True)
class Power:
    """The power of the machine at one moment.

    Attributes:
        plugged: it is fed from outside.
        battery_percent: of all its batteries together, 0 to 100.
    """

    plugged: bool
    battery_percent: float


def power(supplies: Path = _SUPPLIES) -> Power | None:
    """How the machine is fed; None if it has no battery of its own (one of a mouse is none).

    Args:
        supplies: the folder with one folder for each supply.
    """
    try:
        folders = sorted(supplies.iterdir())
    except OSError:
        return None  # a kernel without power supplies has no such folder
    kinds = {folder: _text(folder / "type") for folder in folders if _text(folder / "scope") != "Device"}
    batteries = [folder for folder, kind in kinds.items() if kind == "Battery"]
    levels = [level for folder in batteries if (level := _level(folder)) is not None]
    whole = sum(full for _, full in levels)
    if not whole:
        return None
    plugs = [folder for folder, kind in kinds.items() if kind in _PLUGS]
    plugged = any(_number(folder / "online") for folder in plugs)
    if not plugs:
        plugged = all(_text(folder / "status") != "Discharging" for folder in batteries)
    percent = 100.0 * sum(now for now, _ in levels) / whole
    return Power(plugged, round(min(max(percent, 0.0), 100.0), 1))


def _level(folder: Path) -> tuple[float, float] | None:
    """What a battery holds, and what it holds when it is full."""
    for now_name, full_name in _AMOUNTS:
        now, full = _number(folder / now_name), _number(folder / full_name)
        if now is not None and full:
            return now, full
    percent = _number(folder / "capacity")
    return None if percent is None else (percent, 100.0)


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""  # a battery that is pulled out takes its files along, some drivers leave one out or refuse to answer


def _number(path: Path) -> float | None:
    text = _text(path)
    return float(text) if text.isdecimal() else None
