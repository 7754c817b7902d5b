from __future__ import annotations

from pathlib import Path

import pytest

from collectors.work import tail as work_tail
from collectors.work.tail import Tail


def add(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def test_lines_are_new_once_and_only_when_they_have_ended(tmp_path: Path):
    path = tmp_path / "journal"
    add(path, b"before\n")
    tail = Tail(path, from_start=False)
    assert tail.read() == []
    add(path, b"one\ntwo\nthr")
    assert tail.read() == [b"one", b"two"]
    add(path, b"ee\n")
    assert tail.read() == [b"three"]
    assert tail.read() == []


def test_from_the_start_everything_is_new(tmp_path: Path):
    path = tmp_path / "journal"
    tail = Tail(path, from_start=True)
    assert tail.read() == []
    add(path, b"one\n")
    assert tail.read() == [b"one"]


@pytest.mark.parametrize(
    ("again", "new"),
    [(b"two\nthree\n", [b"three"]), (b"two\n", []), (b"other\n", []), (b"", []), (b"two\nthree\nfour", [b"three"])],
)
def test_of_a_journal_written_again_only_what_follows_the_last_line_is_new(
    tmp_path: Path, again: bytes, new: list[bytes]
):
    path = tmp_path / "journal"
    add(path, b"one\ntwo\n")
    tail = Tail(path, from_start=False)
    (tmp_path / "lock").write_bytes(again)
    (tmp_path / "lock").rename(path)
    assert tail.read() == new
    add(path, b"\nnext\n")
    assert tail.read()[-1] == b"next"


def test_of_a_journal_too_long_to_be_read_at_once_the_end_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(work_tail, "MAX_READ_BYTES", 100)
    path = tmp_path / "journal"
    tail = Tail(path, from_start=True)
    add(path, b"".join(b"%06d\n" % number for number in range(1_000)))
    assert tail.read()[-10:] == [b"%06d" % number for number in range(990, 1_000)]
