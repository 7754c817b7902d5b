from __future__ import annotations

import os
from pathlib import Path

import pytest

from collectors.machine import procfs

REST = "S 41 1 1 0 -1 {flags} 0 0 0 0 120 30 0 0 20 0 1 0 777 0 0 0"


@pytest.fixture
def proc(tmp_path: Path):
    """A /proc of one process, as the kernel writes it."""

    def write(name: bytes, flags: int = 0x400000, program: str | None = None) -> Path:
        folder = tmp_path / "proc" / "42"
        folder.mkdir(parents=True)
        (folder / "stat").write_bytes(b"42 (" + name + b") " + REST.format(flags=flags).encode())
        (folder / "cmdline").write_bytes(b"mysql\0--password=hunter2\0")
        if program is not None:
            (folder / "exe").symlink_to(program)
        return tmp_path / "proc"

    return write


def test_a_process_is_read(proc):
    process = procfs.read(42, proc(b"mysql", program="/usr/bin/mysql"))
    assert process == procfs.Process(
        pid=42,
        parent_pid=41,
        uid=os.getuid(),
        name="mysql",
        program="/usr/bin/mysql",
        kernel=False,
        start_ticks=777,
        cpu_ticks=150,
    )


def test_a_name_may_hold_brackets_and_blanks(proc):
    process = procfs.read(42, proc(b"a) S 1 (b"))
    assert process is not None
    assert (process.name, process.parent_pid) == ("a) S 1 (b", 41)


def test_a_name_in_no_encoding_is_still_a_name(proc):
    process = procfs.read(42, proc(b"caf\xe9"))
    assert process is not None
    assert process.name == "caf\ufffd"


def test_a_name_the_kernel_cut_is_made_whole_from_the_executable(proc):
    process = procfs.read(42, proc(b"gnome-system-mo", program="/usr/bin/gnome-system-monitor"))
    assert process is not None
    assert process.name == "gnome-system-monitor"


def test_a_program_that_was_replaced_on_disk_keeps_its_name(proc):
    process = procfs.read(42, proc(b"gnome-system-mo", program="/usr/bin/gnome-system-monitor (deleted)"))
    assert process is not None
    assert process.program == "/usr/bin/gnome-system-monitor"


def test_without_a_readable_executable_the_name_stands_for_the_program(proc):
    process = procfs.read(42, proc(b"mysql"))
    assert process is not None
    assert process.program == "mysql"


def test_kernel_threads_are_known(proc):
    process = procfs.read(42, proc(b"kworker/0:1", flags=0x00200000))
    assert process is not None
    assert process.kernel


def test_a_process_that_is_gone_is_none(tmp_path: Path):
    assert procfs.read(42, tmp_path) is None
