"""Commands over the Unix socket, from the client's end."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.api.client import ControlClient, NotRunningError
from app.api.http.limits import Limits
from app.api.server.local import LocalApi
from app.errors import KnownError
from app.services.access.tokens import Tokens
from tests.app.api.conftest import Running
from tests.app.api.fake_backend import FakeBackend


def test_a_command_gives_its_result(running: Running) -> None:
    assert running.client.command("echo", {"question": "what did I do today"}) == {"question": "what did I do today"}


def test_progress_arrives_in_order(running: Running) -> None:
    seen: list[Any] = []
    result = running.client.command("count", {"to": 500}, seen.append)
    assert result == {"counted": 500}
    assert [progress["number"] for progress in seen] == list(range(500))


def test_what_the_program_says_is_wrong_is_raised_here(running: Running) -> None:
    with pytest.raises(KnownError) as caught:
        running.client.command("dance", {})
    assert (caught.value.message, caught.value.remedy) == ("There is no command dance.", "See kryptic help.")


def test_a_running_program_is_seen(running: Running) -> None:
    assert running.client.running()


def test_no_program_is_seen_as_such(tmp_path: Path) -> None:
    assert not ControlClient(tmp_path / "control.sock").running()


def test_a_command_to_no_program_has_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError):
        ControlClient(tmp_path / "control.sock").command("status", {})


def test_show_raises_the_window(running: Running) -> None:
    running.client.show()
    assert running.shown == [True]


def test_a_client_that_leaves_cancels_its_command(running: Running) -> None:
    def leave(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.client.command("wait", {}, leave)
    assert running.backend.cancelled.wait(180)


def test_commands_are_refused_that_are_not_json_objects(running: Running) -> None:
    with pytest.raises(KnownError, match="not a JSON object"):
        running.client.command("echo", [1])  # type: ignore[arg-type]


def test_a_bug_in_a_command_is_a_plain_sentence(running: Running) -> None:
    running.backend.fault = ZeroDivisionError("the inner reason")
    with pytest.raises(KnownError, match="inside the program") as caught:
        running.client.command("echo", {})
    assert "inner reason" not in str(caught.value)


def test_a_result_that_is_not_json_is_a_plain_sentence_too(running: Running) -> None:
    with pytest.raises(KnownError, match="inside the program"):
        running.client.command("unreadable", {})


def test_progress_that_is_not_json_ends_the_command(running: Running) -> None:
    with pytest.raises(KnownError, match="inside the program"):
        running.client.command("progress-unreadable", {})


def test_text_of_any_script_comes_through(running: Running) -> None:
    text = "naïve 日本語 \u2028 \x00 \U0001f600"
    assert running.client.command("echo", {"text": text}) == {"text": text}


def test_the_api_answers_while_commands_run(running: Running) -> None:
    with ThreadPoolExecutor(8) as threads:
        held = [threads.submit(running.client.command, "hold", {}) for _ in range(8)]
        running.backend.entered.wait()
        assert running.ask("GET", "/api/status").status == 200
        running.backend.gate.set()
        assert [each.result() for each in held] == ["released"] * 8


def test_a_command_too_many_is_refused_with_a_sentence(running: Running) -> None:
    with ThreadPoolExecutor(8) as threads:
        held = [threads.submit(running.client.command, "wait", {}) for _ in range(8)]
        for _ in range(8):
            running.backend.waiting.acquire()
        with pytest.raises(KnownError, match="Too much is under way"):
            running.client.command("echo", {})
        running.backend.gate.set()
        assert [each.result() for each in held] == ["done"] * 8


class TestSilentCommand:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(heartbeat_s=0.01)

    def test_a_silent_command_gives_signs_of_life(self, running: Running) -> None:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(running.socket_path))
        connection.sendall(
            b"POST /control/hold HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        )
        with connection.makefile("rb") as lines, connection:
            while lines.readline() != b"\r\n":
                pass
            assert [lines.readline() for _ in range(3)] == [b"\n"] * 3

    def test_the_client_reads_over_them(self, running: Running) -> None:
        with ThreadPoolExecutor(1) as threads:
            held = threads.submit(running.client.command, "hold", {})
            running.backend.entered.wait()
            running.backend.gate.set()
            assert held.result() == "released"


def test_without_a_window_show_says_so(tmp_path: Path) -> None:
    api = LocalApi(FakeBackend(), Tokens(), tmp_path / "run" / "control.sock")
    api.start()
    try:
        with pytest.raises(KnownError, match="without a window"):
            ControlClient(tmp_path / "run" / "control.sock").show()
    finally:
        api.stop()


def test_a_program_that_is_stopped_says_so_to_its_clients(running: Running) -> None:
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(running.client.command, "wait", {})
        running.backend.entered.wait()
        running.api.stop()
        with pytest.raises(KnownError, match="The command was stopped"):
            waiting.result()


def answer_once(path: Path, answer: bytes) -> threading.Thread:
    """A program that takes one connection, says something and hangs up."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(65_536)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        HEAD,
        HEAD + b'{"progress": {"n": 1}}\n',
        HEAD + b'{"progress": ',
        HEAD + b"[]\n",
        HEAD + b"{}\n",
        HEAD + b"\xff\n",
    ],
)
def test_a_program_that_dies_while_answering_is_a_known_error(tmp_path: Path, answer: bytes) -> None:
    thread = answer_once(tmp_path / "control.sock", answer)
    with pytest.raises(KnownError, match="went away"):
        ControlClient(tmp_path / "control.sock").command("status", {})
    thread.join()


def test_a_program_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "control.sock"))
        listener.listen()
        with pytest.raises(KnownError, match="does not answer"):
            ControlClient(tmp_path / "control.sock", silence_s=0.05).command("status", {})


def test_a_socket_left_over_from_a_crash_is_no_running_program(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "control.sock"))
    with pytest.raises(NotRunningError):
        ControlClient(tmp_path / "control.sock").command("status", {})


def test_the_client_starts_without_the_server_library() -> None:
    program = "import sys, app.api.client; print(sorted({'aiohttp', 'asyncio', 'PySide6'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
