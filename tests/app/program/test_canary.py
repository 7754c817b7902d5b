"""Words that were typed, read and asked are found in no byte on the disk: after use, a kill, a clean-up and a lock."""

from __future__ import annotations

import secrets
import signal
from pathlib import Path

from app.errors import KnownError
from app.paths import from_environment
from app.services.access.unlock import Credentials, data_key, first_start, unlock
from app.store.values.records import ChatMessage
from tests.desktop.running import PASSPHRASE, Running, home, until

BY_PASSPHRASE = Credentials(passphrase=PASSPHRASE, use_secret_service=False)
NOON_US = 1_760_011_200_000_000


class Canaries:
    """Synthetic words, one for each place they are planted in."""

    def __init__(self) -> None:
        self.command, self.title, self.question, self.chat = (
            f"walrus{secrets.randbelow(10**9):09d}{where}quilt" for where in ("in", "on", "by", "at")
        )

    def needles(self, key: bytes) -> dict[str, bytes]:
        """Everything that may lie nowhere in the clear, by what it is."""
        words = (self.command, self.title, self.question, self.chat, PASSPHRASE)
        encodings = ("utf-8", "utf-16-le", "utf-16-be")
        found = {f"{word} in {encoding}": word.encode(encoding) for word in words for encoding in encodings}
        return {**found, "the key": key, "the key in digits": key.hex().encode()}


def traces(root: Path, needles: dict[str, bytes], *but: Path) -> list[str]:
    """Where any of it lies in the clear below a folder, also in the name of a file; and any core."""
    reported = []
    for path in root.rglob("*"):
        reported += [f"{what} in the name {path}" for what, needle in needles.items() if needle in str(path).encode()]
        if path.name.startswith("core"):
            reported.append(f"{path} may be a core")
        if path.is_file() and path not in but:
            content = path.read_bytes()
            reported += [f"{what} in {path}" for what, needle in needles.items() if needle in content]
    return reported


def answers(program: Running, recording: str) -> bool:
    try:
        return bool((program.ask("status")["recording"] == "locked") == (recording == "locked"))
    except KnownError:
        return False


def test_nothing_that_was_planted_is_found_in_the_clear(tmp_path: Path) -> None:
    root = tmp_path / "person"
    root.mkdir()
    environ = {**home(root), "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(root / "tmp")}
    (root / "tmp").mkdir()
    paths = from_environment(environ)
    first_start(paths, BY_PASSPHRASE).store.close()
    canaries = Canaries()
    needles = canaries.needles(data_key(paths, BY_PASSPHRASE))
    event = {"source": "terminal", "kind": "command", "app": "bash", "title": canaries.title}

    program = Running(environ, "--headless").ready()
    given = program.passphrase_file
    events = [{**event, "ts_us": NOON_US + n, "target": f"echo {n} {canaries.command}"} for n in range(400)]
    assert program.ask("log", events=events)["stored"] == 400
    assert program.ask("search", text=canaries.title)
    assert program.ask("ask", question=f"how often did I run {canaries.question}")
    assert traces(root, needles, given) == []
    program.stop(signal.SIGKILL)
    assert traces(root, needles, given) == []

    store = unlock(paths, BY_PASSPHRASE)
    chat = store.new_chat(NOON_US).result()
    store.add_chat_message(ChatMessage(chat, NOON_US, "user", canaries.chat)).result()
    store.close()
    program = Running(environ, "--background").ready()
    try:
        program.ask("ask", question=f"what about {canaries.chat}")
        assert program.ask("cleanup", keep_days=1, dry_run=False)["actions_removed"] > 300
        program.ask("lock")
        until(lambda: answers(program, "locked"), "it is locked")
        assert traces(root, needles, given) == []
        program.ask("unlock", passphrase=PASSPHRASE)
        until(lambda: answers(program, "open"), "it is open again")
        assert program.ask("search", text=canaries.chat) is not None
        assert traces(root, needles, given) == []
    finally:
        program.stop()
    assert traces(root, needles, given) == []
