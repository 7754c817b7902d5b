"""The whole program, locked: nothing of what it held is in its memory, it says so, and goes on when it is unlocked."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import KnownError
from app.paths import from_environment
from app.services.access.unlock import Credentials, data_key, first_start
from tests.app.memory import in_memory
from tests.desktop.running import PASSPHRASE, Running, home, until

VISIT = {"source": "browser", "kind": "visit", "app": "chromium", "target": "https://example.org/"}
BY_PASSPHRASE = Credentials(passphrase=PASSPHRASE, use_secret_service=False)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    root = tmp_path / "person"
    root.mkdir()
    made = home(root)
    made["QT_QPA_PLATFORM"] = "offscreen"
    return made


@pytest.fixture(params=["--background", "--headless"])
def program(environ: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Running]:
    paths = from_environment(environ)
    paths.create()
    first_start(paths, BY_PASSPHRASE).store.close()
    made = Running(environ, request.param)
    try:
        yield made.ready()
    finally:
        made.stop()


def locked(program: Running) -> bool:
    try:
        return bool(program.ask("status")["recording"] == "locked")
    except KnownError:
        return False  # between the one program and the other


def recording(program: Running) -> bool:
    try:
        return "sources" in program.ask("status")
    except KnownError:
        return False


def command(words: str) -> dict[str, object]:
    return {"ts_us": 1_760_000_000_000_000, "source": "terminal", "kind": "command", "app": "bash", "target": words}


def needles(environ: dict[str, str], canary: str) -> tuple[bytes, ...]:
    key = data_key(from_environment(environ), BY_PASSPHRASE)
    return (
        *(key, key.hex().encode(), key.hex().upper().encode(), canary.encode(), canary.encode("utf-16-le")),
        PASSPHRASE.encode(),
    )


def test_a_locked_program_holds_no_key_and_no_text_and_goes_on_unlocked(
    program: Running, environ: dict[str, str]
) -> None:
    canary = f"walrus{secrets.randbelow(10**9)}quilt"
    assert program.ask("log", events=[command(f"echo {canary}")])["stored"] == 1
    assert len(program.ask("search", text=canary)) == 1
    looked_for = needles(environ, canary)
    # What is looked for is found where it is: the key as the page cache's owner holds it, the text in that cache.
    assert in_memory(program.process.pid, *looked_for) >= {3}

    program.ask("consent", grant=["browser"], revoke=[])
    done = program.cli("lock")
    assert done.returncode == 0, done.stderr
    until(lambda: locked(program), "it is locked")
    locked_us = time.time_ns() // 1_000
    assert program.process.poll() is None
    assert in_memory(program.process.pid, *looked_for) == set()

    refused = program.cli("search", canary)
    assert refused.returncode == 1
    assert "Locked" in refused.stderr
    assert "kryptic unlock" in refused.stderr
    assert "nothing is recorded" in program.cli("status").stdout

    program.passphrase_file.write_text("somebody else entirely\n")
    assert program.cli("unlock").returncode == 1
    assert locked(program)
    program.passphrase_file.write_text(PASSPHRASE + "\n")
    assert program.cli("unlock").returncode == 0
    until(lambda: recording(program), "it is open again")
    assert len(program.ask("search", text=canary)) == 1

    # An extension has kept what it saw meanwhile, and sends it now.
    locked_at, open_at = ({**VISIT, "ts_us": ts_us} for ts_us in (locked_us, time.time_ns() // 1_000))
    assert program.ask("log", events=[locked_at, open_at])["stored"] == 1
    assert program.stop() == 0


@pytest.mark.parametrize("program", ["--background"], indirect=True)
def test_the_profile_stays_its_own_while_it_is_locked_and_is_free_after(
    program: Running, environ: dict[str, str]
) -> None:
    program.ask("lock")
    until(lambda: locked(program), "it is locked")
    lock = from_environment(environ).lock
    held = [entry for entry in Path(f"/proc/{program.process.pid}/fd").iterdir() if entry.resolve() == lock]
    assert len(held) == 1
    program.ask("lock")
    assert locked(program)
    assert program.stop() == 0
    done = program.cli("status", "--json")
    assert done.returncode == 0, done.stderr
