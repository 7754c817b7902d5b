from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from collectors.machine import procfs
from collectors.machine.sockets import Connection, Owners, is_elsewhere, opened
from tests.collectors.machine.folders import process, write

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
ROW = "   {n}: {local} {remote} {state} 00000000:00000000 00:00000000 00000000  {uid}        0 {inode} 1 0000 20 4 30 10 -1"
ME = os.getuid()


@pytest.fixture
def both() -> Iterator[tuple[socket.socket, socket.socket, int]]:
    """Two ends of a real connection: the one that opened it, the one that took it; and the port."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = server.getsockname()[1]
        client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        taken, _ = server.accept()
        stack.callback(taken.close)
        yield client, taken, port


def inode(end: socket.socket) -> int:
    return os.fstat(end.fileno()).st_ino


def test_a_connection_is_found_at_the_end_that_opened_it(both: tuple[socket.socket, socket.socket, int]):
    client, taken, port = both
    found = {connection.inode: connection for connection in opened(ME)}
    assert found[inode(client)] == Connection(inode(client), ip_address("127.0.0.1"), port)
    assert inode(taken) not in found


def test_its_owner_is_found(both: tuple[socket.socket, socket.socket, int]):
    client, _, _ = both
    owner = Owners().of({inode(client)}, 0.0)[inode(client)]
    now = procfs.read(os.getpid())
    assert now is not None
    assert replace(owner, cpu_ticks=now.cpu_ticks) == now  # which uses some of the processor to be read


def test_another_users_connection_is_not_found(both: tuple[socket.socket, socket.socket, int]):
    assert inode(both[0]) not in {connection.inode for connection in opened(ME + 1)}


@pytest.mark.parametrize(
    ("table", "remote", "address"),
    [
        ("tcp", "057100CB:01BB", "203.0.113.5"),
        ("tcp6", "B80D0120000000000000000005000000:01BB", "2001:db8::5"),
        ("tcp6", "0000000000000000FFFF0000057100CB:01BB", "203.0.113.5"),
    ],
)
def test_addresses_are_read_in_every_form(tmp_path: Path, table: str, remote: str, address: str):
    row = ROW.format(n=0, local="0100007F:8000", remote=remote, state="01", uid=ME, inode=77)
    write(tmp_path / "net", {table: f"{HEAD}\n{row}"})
    assert opened(ME, tmp_path) == (Connection(77, ip_address(address), 443),)


@pytest.fixture
def loose() -> Iterator[tuple[socket.socket, socket.socket, int]]:
    """Two ends of UDP: one that is tied to the other, one that takes what comes; and the port of that one."""
    with ExitStack() as stack:
        server, client = (stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(2))
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        client.connect(("127.0.0.1", port))
        yield client, server, port


def test_a_socket_of_udp_is_found_where_it_is_tied_to_a_host(loose: tuple[socket.socket, socket.socket, int]):
    client, server, port = loose
    found = {connection.inode: connection for connection in opened(ME)}
    assert found[inode(client)] == Connection(inode(client), ip_address("127.0.0.1"), port, "udp")
    assert inode(server) not in found


@pytest.mark.parametrize(
    ("remote", "reported"),
    [
        ("057100CB:01BB", True),  # QUIC
        ("057100CB:0035", False),  # names
        ("057100CB:007B", False),  # time
        ("057100CB:0000", False),  # the way to a host
        ("FAFFFFEF:076C", False),  # to all that listen
        ("010000E0:3039", False),
        ("FFFFFFFF:3039", False),
        ("00000000:0000", False),
    ],
)
def test_the_upkeep_of_the_network_is_no_connection(tmp_path: Path, remote: str, reported: bool):
    row = ROW.format(n=0, local="0100007F:8000", remote=remote, state="01", uid=ME, inode=77)
    write(tmp_path / "net", {"udp": f"{HEAD}\n{row}"})
    assert bool(opened(ME, tmp_path)) is reported


def test_who_answers_by_udp_from_a_port_that_is_served_has_opened_nothing(tmp_path: Path):
    rows = [
        ROW.format(n=n, local="0100007F:8000", remote=remote, state=state, uid=ME, inode=70 + n)
        for n, (remote, state) in enumerate([("00000000:0000", "07"), ("057100CB:9999", "01")])
    ]
    write(tmp_path / "net", {"udp": "\n".join([HEAD, *rows])})
    assert opened(ME, tmp_path) == ()


def test_addresses_of_this_machine_are_known():
    assert not is_elsewhere(ip_address("127.0.0.1"))
    assert not is_elsewhere(ip_address("::1"))
    assert is_elsewhere(ip_address("192.168.1.5"))


def test_rows_that_are_no_open_connection_are_left_out(tmp_path: Path):
    rows = [
        ROW.format(n=n, local="0100007F:8000", remote="057100CB:01BB", state=state, uid=ME, inode=found)
        for n, (state, found) in enumerate([("06", 5), ("02", 6), ("0A", 7), ("01", 0)])
    ]
    write(tmp_path / "net", {"tcp": "\n".join([HEAD, *rows, "", "cut short"])})
    assert opened(ME, tmp_path) == ()


def holds(proc: Path, pid: int, name: str, number: int) -> None:
    """A process opens one more socket."""
    folder = process(proc, pid, name) / "fd"
    folder.mkdir(exist_ok=True)
    (folder / str(number)).symlink_to(f"socket:[{number}]")


def test_a_program_that_had_sockets_before_is_looked_at_at_once_and_others_every_ten_seconds(tmp_path: Path):
    owners = Owners(tmp_path)
    holds(tmp_path, 7, "mail", 70)
    assert [owner.name for owner in owners.of({70}, 0.0).values()] == ["mail"]
    holds(tmp_path, 7, "mail", 71)
    holds(tmp_path, 8, "curl", 80)
    assert sorted(owners.of({70, 71, 80}, 2.0)) == [70, 71]
    assert sorted(owners.of({70, 71, 80}, 12.0)) == [70, 71, 80]


def test_a_program_that_is_likely_is_looked_at_at_once(tmp_path: Path):
    owners = Owners(tmp_path)
    owners.of({70}, 0.0)
    holds(tmp_path, 8, "curl", 80)
    assert sorted(owners.of({80}, 2.0, likely={8})) == [80]


def test_a_socket_whose_owner_lets_nobody_look_is_nobodys(tmp_path: Path):
    process(tmp_path, 7, "agent")
    owners = Owners(tmp_path)
    assert owners.of({70}, 0.0) == {}
    assert owners.of({70}, 20.0) == {}
