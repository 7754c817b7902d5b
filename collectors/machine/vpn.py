"""Virtual private networks, by the network interfaces they make (the kernel's ABI papers, sysfs-class-net)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_INTERFACES: Final = Path("/sys/class/net")
_UP: Final = 0x1  # IFF_UP
_TUN: Final = 0x1  # IFF_TUN; IFF_TAP interfaces belong to virtual machines as a rule
_PPP: Final = "512"  # ARPHRD_PPP


def tunnels(interfaces: Path = _INTERFACES) -> dict[str, str]:
    """The tunnels that are up: what sort of interface each is, by its name."""
    try:
        names = os.listdir(interfaces)  # noqa: PTH208  # names are enough
    except OSError:
        return {}
    return {name: sort for name in names if (sort := _sort(interfaces / name)) and _is_up(interfaces / name)}


def _sort(folder: Path) -> str | None:
    if _number(folder / "tun_flags") & _TUN:
        return "tun"
    if "DEVTYPE=wireguard" in _text(folder / "uevent").split():
        return "wireguard"
    return "ppp" if _text(folder / "type") == _PPP else None


def _is_up(folder: Path) -> bool:
    """Up, and with somebody at its other end: a tunnel whose program is gone says that it is down."""
    return bool(_number(folder / "flags") & _UP) and _text(folder / "operstate") != "down"


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""  # an interface of another sort has no such file, one that is taken down takes it along


def _number(path: Path) -> int:
    text = _text(path)
    try:
        return int(text, 16)
    except ValueError:
        return 0
