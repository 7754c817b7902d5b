from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from collectors.machine import remote_sessions
from collectors.machine.remote_sessions import CLIENTS, Remote, host_in
from tests.collectors.machine.folders import process

SECRET = "hunter2-canary"


def session(host: str | None) -> Remote:
    return Remote(host, session=True)


def single(host: str | None) -> Remote:
    return Remote(host, session=False)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("work", session("work")),
        ("me@Work.example.org", session("work.example.org")),
        ("-p 2222 -i key -4Ax me@work", session("work")),
        ("-oProxyJump=gate work", session("work")),
        ("-vvp2222 work", session("work")),
        ("ssh://me@work:2222", session("work")),
        ("-N -L 8080:localhost:80 work", session("work")),
        ("work -p 2222", session("work")),
        ("-t work tmux attach", session("work")),
        ("work -t tmux attach", session("work")),
        ("me@2001:db8::5", session("2001:db8::5")),
        ("work make -C build", single("work")),
        ("git@github.com git-upload-pack me/repo", single("github.com")),
        ("-x -oPermitLocalCommand=no -l me -s -- work sftp", single("work")),
        ("-W inner:22 gate", single("gate")),
        ("-O exit work", None),
        ("-V", None),
        ("", None),
        ("-p", None),
        ("--", None),
    ],
)
def test_ssh_is_read_as_its_manual_says(line: str, wanted: Remote | None):
    assert remote_sessions.ssh(line.split()) == wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["-# me@work |", "203.0.113.5", "60001"], session("work")),
        (["-# -p 60003 --ssh=ssh -p 2222 me@work -- tmux |", "203.0.113.5", "60001"], session("work")),
        (["203.0.113.5", "60001"], session(None)),
        ([], session(None)),
    ],
)
def test_mosh_is_read_from_what_it_hands_on(words: list[str], wanted: Remote):
    assert remote_sessions.mosh(words) == wanted


@pytest.mark.parametrize(
    ("name", "line", "wanted"),
    [
        ("xfreerdp", f"/u:me /p:{SECRET} /v:desk.example.org:3390", session("desk.example.org")),
        ("xfreerdp3", f"-u me -p {SECRET} -v desk", session("desk")),
        ("wlfreerdp", f"/u:me /p:{SECRET}", session(None)),
        ("rdesktop", f"-u me -p {SECRET} desk:3390", session("desk")),
        ("vncviewer", "-fullscreen desk:1", session("desk")),
        ("vncviewer", "", session(None)),
    ],
)
def test_desktops_far_away_are_read_and_passwords_are_not(name: str, line: str, wanted: Remote):
    found = CLIENTS[name].read(line.split())
    assert found == wanted
    assert SECRET not in repr(found)


@pytest.mark.parametrize("typed", ["", "@", "a b", "user@", "[::", "\0", "://", "work\n", "x" * 300])
def test_what_is_no_host_is_none(typed: str):
    assert host_in(typed) in (None, "work")


def test_no_command_line_at_all_breaks_it():
    draw = random.Random(8)
    letters = "-@:/[]pvtWs#| \0\u20acax.0"
    for _ in range(10_000):
        words = ["".join(draw.choices(letters, k=draw.randrange(9))) for _ in range(draw.randrange(6))]
        for client in CLIENTS.values():
            found = client.read(words)
            assert found is None or found.host is None or found.host.split() == [found.host]


def test_the_host_is_read_of_a_running_client(tmp_path: Path):
    folder = process(tmp_path, 7, "ssh")
    (folder / "cmdline").write_bytes(b"ssh\0-p\0002222\0me@work\0")
    assert remote_sessions.asked(7, "ssh", tmp_path) == session("work")


def test_of_other_programs_nothing_is_read(tmp_path: Path):
    folder = process(tmp_path, 7, "mysql")
    (folder / "cmdline").write_bytes(f"mysql\0--password={SECRET}\0work\0".encode())
    assert remote_sessions.asked(7, "mysql", tmp_path) is None
    assert remote_sessions.asked(os.getpid(), "pytest") is None


def test_a_client_that_is_gone_is_none(tmp_path: Path):
    assert remote_sessions.asked(7, "ssh", tmp_path) is None
