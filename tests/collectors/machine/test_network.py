from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from collectors.events import Event, EventKind, NetworkDetail, Source
from collectors.machine.connections import Links
from collectors.machine.network import NetworkCollector
from collectors.machine.sockets import Owners
from collectors.privacy.gate import Dropped, Origin, Policy, judge
from collectors.timestamp import Timestamp, now
from tests.collectors.machine import folders
from tests.collectors.run_collector import Running, running
from tests.desktop.programs import PATIENCE_S, end

SOON_S = 0.05
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
LOOSE = "   {n}: 0100007F:8000 057100CB:01BB 01 00000000:00000000 00:00000000 00000000  {uid}        0 {inode} 2 0000 0"
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts copies of a program under names of their own."""
    started: list[subprocess.Popen[bytes]] = []

    def start(program: str, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        path = tmp_path / name
        shutil.copy(program, path)
        process = subprocess.Popen([path, *arguments], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        end(process)


@pytest.fixture
def visit(start: Start, server: socket.socket) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts a program that connects to the server, and stays."""
    port = server.getsockname()[1]
    taken: list[socket.socket] = []

    def visit(name: str) -> subprocess.Popen[bytes]:
        process = start("/bin/bash", name, "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}; read -r line")
        taken.append(server.accept()[0])
        return process

    yield visit
    for connection in taken:
        connection.close()


@pytest.fixture
def client(start: Start, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts what plays an ssh to `desk`: it waits in a pipe of that name for what never comes."""
    pipe = tmp_path / "me@desk"
    os.mkfifo(pipe)
    held: list[int] = []

    def client() -> subprocess.Popen[bytes]:
        process = start("/bin/cat", "ssh", pipe.name)
        held.append(os.open(pipe, os.O_WRONLY))  # returns once the program reads: it is all there then
        return process

    yield client
    for descriptor in held:
        os.close(descriptor)


@contextmanager
def watching(tmp_path: Path, hosts: str = "", tunnels: Callable[[], dict[str, str]] = dict) -> Iterator[Running]:
    """The collector at work, after its first look; connections within the machine count, having no others to see."""
    (tmp_path / "hosts").write_text(hosts)
    looks = 0
    looked = threading.Event()

    def clock() -> Timestamp:
        nonlocal looks
        looks += 1
        if looks > 1:
            looked.set()
        return now()

    collector = NetworkCollector(
        SOON_S,
        links=lambda: Links(linger_s=0.0),
        owners=lambda: Owners(search_every_s=0.0),
        counts=lambda _: True,
        hosts=tmp_path / "hosts",
        read_tunnels=tunnels,
        now=clock,
    )
    with running(collector) as work:
        assert looked.wait(PATIENCE_S)
        yield work


def of(kind: EventKind, app: str) -> Callable[[Event], bool]:
    return lambda event: event.kind is kind and event.app == app


def test_a_connection_is_reported_by_program_and_name_and_its_end_too(visit, server: socket.socket, tmp_path: Path):
    port = server.getsockname()[1]
    with watching(tmp_path, "127.0.0.1 files.example.org files\n") as work:
        process = visit("visitor")
        begun = work.until(of(EventKind.CONNECT, "visitor"))
        end(process)
        ended = work.until(of(EventKind.DISCONNECT, "visitor"))
    assert begun.source is Source.NETWORK
    assert begun.target == ended.target == f"tcp://files.example.org:{port}"
    assert begun.detail == NetworkDetail(port)
    assert isinstance(ended.detail, NetworkDetail)
    assert ended.detail.lasted_us is not None


def test_an_address_without_a_name_is_not_reported(visit, tmp_path: Path):
    with watching(tmp_path) as work:
        visit("visitor")
        begun = work.until(of(EventKind.CONNECT, "visitor"))
    assert begun.target is None
    assert "127.0.0.1" not in repr(begun)


def test_what_a_browser_connects_to_is_not_reported(visit, tmp_path: Path):
    with watching(tmp_path) as work:
        visit("firefox-esr")
        visit("visitor")
        work.until(of(EventKind.CONNECT, "visitor"))
    assert not any(event.app == "firefox-esr" for event in work.events)


def test_a_site_that_is_excluded_is_excluded_here(visit, tmp_path: Path):
    with watching(tmp_path, "127.0.0.1 files.example.org\n") as work:
        visit("visitor")
        begun = work.until(of(EventKind.CONNECT, "visitor"))
    policy = Policy(frozenset(Source), excluded_sites=frozenset(["example.org"]))
    assert isinstance(judge(begun, policy, Origin.COLLECTOR, 0), Dropped)


@pytest.fixture
def loose_server() -> Iterator[int]:
    """The port of a server by UDP."""
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        yield server.getsockname()[1]


def test_a_socket_of_udp_that_stays_is_reported_and_its_end_too(start: Start, loose_server: int, tmp_path: Path):
    with watching(tmp_path, "127.0.0.1 talk.example.org\n") as work:
        opening = f"exec 3<>/dev/udp/127.0.0.1/{loose_server}; read -r line"
        process = start("/bin/bash", "talker", "-c", opening)
        begun = work.until(of(EventKind.CONNECT, "talker"))
        end(process)
        ended = work.until(of(EventKind.DISCONNECT, "talker"))
    assert begun.target == ended.target == f"udp://talk.example.org:{loose_server}"
    assert begun.detail == NetworkDetail(loose_server, protocol="udp")


def test_a_browser_s_conversations_by_udp_are_not_reported_either(start: Start, loose_server: int, tmp_path: Path):
    with watching(tmp_path) as work:
        for name in ("chromium", "talker"):
            start("/bin/bash", name, "-c", f"exec 3<>/dev/udp/127.0.0.1/{loose_server}; read -r line")
        work.until(of(EventKind.CONNECT, "talker"))
    assert {event.app for event in work.events} & {"chromium", "talker"} == {"talker"}


@dataclass
class Looks:
    """A synthetic /proc, looked at by hand."""

    proc: Path
    collector: NetworkCollector
    links: Links

    def look(self, *inodes: int) -> list[EventKind]:
        """What is reported when these sockets of UDP are there."""
        rows = [LOOSE.format(n=n, uid=os.getuid(), inode=inode) for n, inode in enumerate(inodes)]
        folders.write(self.proc / "net", {"udp": "\n".join([HEAD, *rows])})
        descriptors = folders.process(self.proc, 7, "talker") / "fd"
        descriptors.mkdir(exist_ok=True)
        for inode in inodes:
            (descriptors / str(inode)).unlink(missing_ok=True)
            (descriptors / str(inode)).symlink_to(f"socket:[{inode}]")
        at = now()
        return [event.kind for event in self.links.feed(self.collector._present(at), at)]


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    collector = NetworkCollector(
        owners=lambda: Owners(tmp_path, search_every_s=0.0), proc=tmp_path, hosts=tmp_path / "hosts", read_tunnels=dict
    )
    return Looks(tmp_path, collector, Links(linger_s=0.0))


def test_a_socket_of_udp_that_only_asked_for_the_way_is_not_reported(looks: Looks):
    assert [looks.look(), looks.look(70), looks.look(71), looks.look()] == [[]] * 4
    assert [looks.look(72), looks.look(72), looks.look()] == [[], [EventKind.CONNECT], [EventKind.DISCONNECT]]


def test_a_socket_of_udp_that_was_there_before_is_no_beginning(looks: Looks):
    assert [looks.look(70), looks.look(70), looks.look()] == [[], [], [EventKind.DISCONNECT]]


def test_a_session_is_reported_by_the_host_it_was_asked_for(client, tmp_path: Path):
    with watching(tmp_path) as work:
        process = client()
        begun = work.until(of(EventKind.CONNECT, "ssh"))
        end(process)
        ended = work.until(of(EventKind.DISCONNECT, "ssh"))
    assert begun.target == ended.target == "ssh://desk"
    assert begun.detail == NetworkDetail(session="ssh")


def test_a_session_that_was_there_before_is_reported_when_it_ends(client, tmp_path: Path):
    process = client()
    with watching(tmp_path) as work:
        end(process)
        ended = work.until(of(EventKind.DISCONNECT, "ssh"))
    assert ended.detail == NetworkDetail(session="ssh")
    assert not any(event.kind is EventKind.CONNECT for event in work.events)


def test_a_private_network_is_reported(tmp_path: Path):
    up: dict[str, str] = {}
    with watching(tmp_path, tunnels=lambda: dict(up)) as work:
        up["work0"] = "wireguard"
        begun = work.until(of(EventKind.CONNECT, "wireguard"))
        del up["work0"]
        work.until(of(EventKind.DISCONNECT, "wireguard"))
    assert (begun.title, begun.detail) == ("work0", NetworkDetail(session="vpn"))


def test_the_check_passes_here():
    assert NetworkCollector().check() is None


def test_a_system_that_shows_nothing_says_so(tmp_path: Path):
    (tmp_path / "net" / "tcp").mkdir(parents=True)
    missing = NetworkCollector(proc=tmp_path).check()
    assert missing is not None
    assert missing.remedy
