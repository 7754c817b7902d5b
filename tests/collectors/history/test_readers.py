"""What holds for every history reader, whatever it is given."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.events import Event
from collectors.history.reader import HistoryError, Rejected, origin_key
from collectors.history.readers import NAMED, READERS
from tests.collectors.history.reading import rows_or_refusal, unprivileged

EVERY = pytest.mark.parametrize("reader", NAMED, ids=lambda reader: reader.name)
FILES = pytest.mark.parametrize(
    "reader", [r for r in NAMED if r.name not in ("git", "vscode")], ids=lambda reader: reader.name
)


def test_every_reader_has_its_name():
    assert [reader.name for reader in READERS] == [
        "bash",
        "zsh",
        "fish",
        "atuin",
        "git",
        "vscode",
        "recent-files",
        "chromium",
        "firefox",
        "activitywatch",
    ]


def test_an_export_of_ours_is_read_when_it_is_named_and_never_looked_for(tmp_path):
    assert [reader.name for reader in NAMED if reader not in READERS] == ["kryptic"]
    assert NAMED[-1].discover(tmp_path, {}) == ()


def fails(reader, path):
    with pytest.raises(HistoryError) as error:
        list(reader.read(path))
    assert error.value.reason.endswith(".")
    assert error.value.remedy.endswith(".")


@EVERY
def test_a_missing_file_is_an_error_with_a_way_out(reader, tmp_path):
    fails(reader, tmp_path / "nowhere")


@EVERY
def test_a_name_that_no_file_can_have_is_an_error_with_a_way_out(reader, tmp_path):
    fails(reader, tmp_path / "a\0b")


@FILES
def test_a_folder_in_place_of_a_file_is_an_error_with_a_way_out(reader, tmp_path):
    fails(reader, tmp_path)


@FILES
def test_an_empty_file_gives_no_event(reader, tmp_path):
    (tmp_path / "empty").touch()
    assert not any(isinstance(row, Event) for row in rows_or_refusal(reader, tmp_path / "empty"))


@FILES
def test_a_pipe_that_nobody_writes_to_is_an_error_with_a_way_out(reader, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    fails(reader, tmp_path / "pipe")


@FILES
def test_an_unreadable_file_is_an_error_with_a_way_out(reader, tmp_path):
    path = tmp_path / "file"
    path.write_text("x\n")
    path.chmod(0)
    with unprivileged():
        fails(reader, path)


@FILES
@given(content=st.binary(max_size=300) | st.lists(st.sampled_from(
    [b"#1700000000\n", b": 1700000000:3;", b"- cmd: ", b"  when: 1700000000\n", b"ls\n", b"\\\n", b"\x83", b"\0", b"{",
     b'"buckets"', b":", b"[", b"}", b"<xbel>", b"<bookmark href='a'>", b"&", b"SQLite format 3\0"]
), max_size=20).map(b"".join))  # fmt: skip
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_end_in_a_known_way(reader, tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert all(isinstance(row, Event | Rejected | HistoryError) for row in rows_or_refusal(reader, path))


@EVERY
def test_an_empty_home_has_no_history(reader, own_home):
    assert reader.discover(own_home, {}) == ()


@EVERY
def test_a_home_that_may_not_be_entered_has_no_history(reader, own_home):
    own_home.chmod(0)
    try:
        with unprivileged():
            assert reader.discover(own_home, {}) == ()
    finally:
        own_home.chmod(0o700)


def test_an_identity_keeps_its_parts_apart():
    assert origin_key("ab", "c") != origin_key("a", "bc")


def test_an_identity_fits_a_signed_integer_of_the_store():
    keys = [origin_key(number) for number in range(1_000)]
    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert min(keys) < 0 < max(keys)
