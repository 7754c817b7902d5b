"""Bad messages at every inlet of the real program: it stays up, its store stays sound, and the log says how many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paths import from_environment
from app.services.access.unlock import Credentials, first_start
from tests.app.inlets import NEEDLE, Campaign
from tests.desktop.running import PASSPHRASE, Running, home, until

MESSAGES = 400
"""At each inlet; `python -m tests.benchmarks.program.inlets_fuzz` sends ten thousand."""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Running]:
    root = tmp_path / "person"
    root.mkdir()
    environ = home(root)
    environ["QT_QPA_PLATFORM"] = "offscreen"
    paths = from_environment(environ)
    paths.create()
    first_start(paths, Credentials(passphrase=PASSPHRASE, use_secret_service=False)).store.close()
    made = Running(environ, "--headless")
    try:
        yield made.ready()
    finally:
        made.stop()


def test_bad_messages_at_every_inlet_leave_it_up_and_the_store_sound(program: Running) -> None:
    program.ask("consent", grant=["terminal"], revoke=[])
    until(lambda: program.sensing("terminal"), "commands are sensed")
    campaign = Campaign(program)
    for name, send in campaign.inlets().items():
        answers = send(MESSAGES)
        assert sum(answers.values()) >= 0.9 * MESSAGES, (name, answers)
        assert not answers["500"], (name, answers, campaign.log_text()[-3_000:])
        assert program.process.poll() is None, name
    status = program.ask("status")
    assert dict(status["dropped"])["could not be read"] > MESSAGES
    assert program.sensing("terminal")
    assert program.cli("verify").returncode == 0
    log = campaign.log_text()
    assert NEEDLE not in log
    assert "could not be read" in log
    assert len(log.splitlines()) < 100
    assert program.stop() == 0
