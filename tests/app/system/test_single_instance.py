"""One program for each profile: the instance lock, with real processes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.system.single_instance import InstanceLock

HOLD = """
import sys
from pathlib import Path
from app.system.single_instance import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
sys.stdin.readline()
print("held" if lock.acquire() else "refused", flush=True)
sys.stdin.readline()
"""


class Holder:
    """Another process that tries for the lock when asked, and keeps it until asked."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def outcome(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate("\n")


def holder(path: Path) -> Holder:
    other = Holder(path)
    other.tell()
    assert other.outcome() == "held"
    return other


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance.lock"


def test_the_first_takes_it(path: Path) -> None:
    lock = InstanceLock(path)
    assert lock.acquire()
    lock.release()


def test_taking_it_again_changes_nothing(path: Path) -> None:
    lock = InstanceLock(path)
    assert (lock.acquire(), lock.acquire()) == (True, True)
    lock.release()


def test_a_second_in_the_same_process_is_refused(path: Path) -> None:
    first, second = InstanceLock(path), InstanceLock(path)
    assert (first.acquire(), second.acquire()) == (True, False)
    first.release()


def test_a_second_process_is_refused_while_the_first_lives(path: Path) -> None:
    other = holder(path)
    assert not InstanceLock(path).acquire()
    other.end()


def test_it_is_free_after_a_kill(path: Path) -> None:
    other = holder(path)
    other.process.send_signal(signal.SIGKILL)
    other.process.communicate()
    lock = InstanceLock(path)
    assert path.exists()
    assert lock.acquire()
    lock.release()


def test_it_is_free_after_a_release(path: Path) -> None:
    first, second = InstanceLock(path), InstanceLock(path)
    first.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_of_several_at_once_exactly_one_wins(path: Path) -> None:
    others = [Holder(path) for _ in range(5)]
    for other in others:
        other.tell()
    outcomes = sorted(other.outcome() for other in others)
    for other in others:
        other.end()
    assert outcomes == ["held", *["refused"] * 4]


def test_a_child_process_does_not_keep_it(path: Path) -> None:
    lock = InstanceLock(path)
    lock.acquire()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False) as child:
        lock.release()
        again = InstanceLock(path)
        taken = again.acquire()
        again.release()
        child.communicate()
    assert taken


def test_after_the_file_was_swept_away_newcomers_share_the_new_one(path: Path) -> None:
    first = InstanceLock(path)
    first.acquire()
    path.unlink()
    second, third = InstanceLock(path), InstanceLock(path)
    assert (second.acquire(), third.acquire()) == (True, False)
    first.release()
    second.release()


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("kept")
    path.symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic links"):
        InstanceLock(path).acquire()


def test_the_file_is_for_the_user_alone(path: Path) -> None:
    lock = InstanceLock(path)
    lock.acquire()
    assert path.stat().st_mode & 0o777 == 0o600
    lock.release()
