"""Commands over the Unix socket, from the client's end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.api.client import ControlClient, NotRunningError
from app.errors import KnownError
from tests.app.api.conftest import Running


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
    assert running.backend.cancelled.wait(30)
