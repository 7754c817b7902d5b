"""The server's life: what it opens, whom it listens to, what it leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.api.http.limits import Limits
from app.api.server.local import LocalApi
from app.errors import KnownError
from app.services.access.tokens import Tokens
from tests.app.api.conftest import EVENT, Running
from tests.app.api.fake_backend import FakeBackend


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "r" / "control.sock"


def api_at(path: Path, port: int = 0) -> LocalApi:
    return LocalApi(FakeBackend(), Tokens(), path, port)


def own_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("kryptic-")]


def test_it_listens_on_the_loopback_address_alone(running: Running) -> None:
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    port = f":{running.api.port:04X} "
    local = [line.split()[1] for line in listening.splitlines()[1:] if port in line and line.split()[3] == "0A"]
    assert local == [f"0100007F:{running.api.port:04X}"]


def test_it_says_where(running: Running) -> None:
    assert running.api.url == f"http://127.0.0.1:{running.api.port}"


def test_the_socket_is_for_the_user_alone(running: Running) -> None:
    assert stat.S_IMODE(running.socket_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(running.socket_path.parent.stat().st_mode) == 0o700


def test_a_directory_open_to_others_is_closed_to_them(path: Path) -> None:
    path.parent.mkdir(mode=0o755)
    api = api_at(path)
    api.start()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    api.stop()


def test_stopping_leaves_no_thread_and_no_socket(path: Path) -> None:
    api = api_at(path)
    api.start()
    during = own_threads()
    api.stop()
    assert during
    assert own_threads() == []
    assert not path.exists()


def test_stopping_ends_the_threads_that_answered(running: Running) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: running.ask("POST", "/api/log-action", EVENT), range(40)))
    running.client.command("echo", {})
    running.api.stop()
    assert own_threads() == []


def test_stopping_twice_is_stopping_once(path: Path) -> None:
    api = api_at(path)
    api.start()
    api.stop()
    api.stop()
    assert not path.exists()


def test_it_can_be_started_again(path: Path) -> None:
    api = api_at(path)
    for _ in range(2):
        api.start()
        assert path.exists()
        api.stop()


def test_a_request_under_way_is_answered_before_the_stop(running: Running) -> None:
    with ThreadPoolExecutor(1) as threads:
        held = threads.submit(running.client.command, "hold", {})
        running.backend.entered.wait()
        stopping = threading.Thread(target=running.api.stop)
        stopping.start()
        running.backend.gate.set()
        assert held.result() == "released"
        stopping.join()


def test_a_port_that_is_taken_is_a_known_error_and_leaves_nothing(path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(KnownError, match="taken by another program") as caught,
    ):
        api_at(path, other.getsockname()[1]).start()
    assert "Choose another port" in caught.value.remedy
    assert not path.exists()
    assert own_threads() == []


def test_a_socket_left_over_from_a_crash_is_replaced(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as crashed:
        crashed.bind(str(path))
    api = api_at(path)
    api.start()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
    api.stop()


def test_a_running_programs_socket_is_left_alone(running: Running) -> None:
    with pytest.raises(KnownError, match="running already"):
        api_at(running.socket_path).start()
    assert running.client.running()


def test_another_file_in_its_place_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("kept")
    with pytest.raises(KnownError, match="left alone"):
        api_at(path).start()
    assert path.read_text() == "kept"


def test_a_path_too_long_for_a_socket_is_a_known_error(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="short directory"):
        api_at(tmp_path / ("x" * 120) / "control.sock").start()


@pytest.mark.skipif(
    os.environ.get("CI") != "true" and (os.geteuid() != 0 or shutil.which("setpriv") is None),
    reason="becoming another user takes root and setpriv",
)
class TestAnotherUser:
    CONNECT = """
import socket, sys
connection = socket.socket(socket.AF_UNIX)
try:
    connection.connect(sys.argv[1])
except PermissionError:
    print("no way in")
    raise SystemExit
try:
    connection.sendall(b"POST /control/show HTTP/1.1\\r\\nContent-Length: 0\\r\\n\\r\\n")
    print("answered" if connection.recv(100) else "hung up")
except ConnectionError:
    print("hung up")
"""

    @pytest.fixture
    def reachable(self) -> Iterator[Path]:
        """A directory that other users can reach, unlike those of the other tests."""
        with tempfile.TemporaryDirectory(prefix="kryptic-", dir="/tmp") as directory:
            yield Path(directory) / "control.sock"

    def as_nobody(self, path: Path) -> str:
        python = shutil.which("python3", path="/usr/bin")
        assert python is not None, "a python3 that another user can run is needed in /usr/bin"
        become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        done = subprocess.run(
            [*become, python, "-c", self.CONNECT, str(path)], capture_output=True, text=True, check=True, cwd="/"
        )
        return done.stdout.strip()

    def test_the_file_modes_keep_it_out(self, reachable: Path) -> None:
        api = api_at(reachable)
        api.start()
        outcome = self.as_nobody(reachable)
        api.stop()
        assert outcome == "no way in"

    def test_the_kernels_word_keeps_it_out_where_the_modes_do_not(self, reachable: Path) -> None:
        api = api_at(reachable)
        api.start()
        reachable.parent.chmod(0o755)
        reachable.chmod(0o777)
        outcome = self.as_nobody(reachable)
        api.stop()
        assert outcome == "hung up"


def dial(running: Running) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", running.api.port))
    connection.settimeout(60)
    return connection


def test_heads_that_never_end_hold_nobody_up(running: Running) -> None:
    slow = [dial(running) for _ in range(12)]
    for connection in slow:
        connection.sendall(b"GET /api/status HTTP/1.1\r\nHost: ")
    assert running.ask("GET", "/api/status").status == 200
    for connection in slow:
        connection.close()


class TestSlowClients:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(keepalive_s=0.3, body_s=0.3)

    def test_a_head_that_never_ends_is_hung_up_on(self, running: Running) -> None:
        with dial(running) as connection:
            connection.sendall(b"GET /api/status HTTP/1.1\r\nHost: ")
            assert connection.recv(100) == b""

    def test_a_body_that_never_ends_is_a_timeout(self, running: Running) -> None:
        with dial(running) as connection:
            connection.sendall(
                f"POST /api/log-action HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {running.full}\r\n"
                "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n[".encode()
            )
            assert connection.recv(100).startswith(b"HTTP/1.1 408 ")


class TestManyConnections:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(connections=16)

    def test_connections_beyond_the_bound_are_hung_up_on(self, running: Running) -> None:
        dialled = [dial(running) for _ in range(17)]
        assert dialled[-1].recv(100) == b""
        for connection in dialled:
            connection.close()

    def test_full_tcp_leaves_the_command_line_its_way_in(self, running: Running) -> None:
        dialled = [dial(running) for _ in range(32)]
        assert running.client.command("echo", {"n": 1}) == {"n": 1}
        for connection in dialled:
            connection.close()


def test_a_killed_program_leaves_a_socket_that_the_next_start_replaces(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.api.server.local import LocalApi; from app.services.access.tokens import Tokens\n"
        "from tests.app.api.fake_backend import FakeBackend\n"
        "api = LocalApi(FakeBackend(), Tokens(), Path(sys.argv[1])); api.start(); print(api.port, flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        other.kill()
    assert path.exists()
    api = api_at(path, port)
    api.start()
    assert api.port == port
    api.stop()


def test_many_clients_at_once_lose_nothing(running: Running) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(
            threads.map(
                lambda number: running.ask("POST", "/api/log-action", EVENT | {"target": str(number)}), range(300)
            )
        )
    assert {answer.status for answer in answers} == {200}
    assert sorted(int(event.target or "") for event in running.backend.events) == list(range(300))


def test_the_unix_socket_serves_the_api_as_well(running: Running) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(running.socket_path))
        body = json.dumps(EVENT).encode()
        connection.sendall(
            b"POST /api/log-action HTTP/1.0\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        with connection.makefile("rb") as answer:
            assert json.loads(answer.read().partition(b"\r\n\r\n")[2])["stored"] == 1
    assert running.backend.clients == ["socket"]


def test_what_is_not_http_is_counted_and_not_logged_request_by_request(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", running.api.port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.")
    assert len(caplog.records) <= 1
    assert all(record.exc_info is None for record in caplog.records)
