from __future__ import annotations

from pathlib import Path

import pytest

from collectors.machine.vpn import tunnels
from tests.collectors.machine.folders import write


@pytest.mark.parametrize(
    ("files", "sort"),
    [
        ({"type": "65534", "tun_flags": "0x1001", "flags": "0x1091", "operstate": "unknown"}, "tun"),
        ({"type": "65534", "uevent": "DEVTYPE=wireguard", "flags": "0x91", "operstate": "unknown"}, "wireguard"),
        ({"type": "512", "flags": "0x10d1", "operstate": "unknown"}, "ppp"),
    ],
)
def test_each_sort_of_private_network_is_known(tmp_path: Path, files: dict[str, str], sort: str):
    write(tmp_path / "work", files)
    assert tunnels(tmp_path) == {"work": sort}


@pytest.mark.parametrize(
    "files",
    [
        {"type": "1", "flags": "0x1003", "operstate": "up"},
        {"type": "1", "tun_flags": "0x1002", "flags": "0x1003", "operstate": "up"},
        {"type": "65534", "tun_flags": "0x1001", "flags": "0x1090", "operstate": "down"},
        {"type": "65534", "tun_flags": "0x1801", "flags": "0x1091", "operstate": "down"},
        {"type": "772", "flags": "0x9", "operstate": "unknown"},
        {"tun_flags": "garbage", "flags": ""},
    ],
)
def test_other_interfaces_and_those_that_are_down_are_none(tmp_path: Path, files: dict[str, str]):
    write(tmp_path / "eth0", files)
    assert tunnels(tmp_path) == {}


def test_a_system_without_interfaces_has_none(tmp_path: Path):
    assert tunnels(tmp_path / "net") == {}
