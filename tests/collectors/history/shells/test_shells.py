"""Histories that real shells have written, and histories that have suffered."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess

import pytest

from collectors.events import MAX_TEXT_CHARS, US_PER_S, EventKind, Source
from collectors.history.reader import MAX_LINE_BYTES
from collectors.history.shells.shells import BASH, FISH, ZSH
from collectors.history.shells.synthetic_times import SPACING_US
from tests.collectors.history.reading import events, keys, peak_bytes, rejected
from tests.desktop.terminals import spare_fish_its_manuals

T = 1_700_000_000


def targets(reader, path):
    return [event.target for event in events(reader, path)]


def type_into(argv, text, home):
    """Run an interactive shell in a terminal of its own and type into it until it ends."""
    if shutil.which(argv[0]) is None:
        assert not os.environ.get("CI"), f"{argv[0]} is not installed"
        pytest.skip(f"{argv[0]} is not installed")
    ours, theirs = pty.openpty()
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    spare_fish_its_manuals(home / ".local" / "share")
    shell = subprocess.Popen(
        ["setsid", "--ctty", *argv],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        cwd=home,
    )
    os.close(theirs)
    os.write(ours, text.encode())
    try:
        while os.read(ours, 4_096):
            pass
    except OSError:
        pass  # the terminal's other end is closed: the shell has ended
    finally:
        os.close(ours)
        shell.wait(timeout=180)


@pytest.fixture
def home(own_home):
    return own_home


class TestBash:
    def test_reads_what_bash_wrote(self, home):
        (home / ".bashrc").write_text("PS1='> '\n")
        type_into(["bash", "-i"], "echo one\ntrue 'zwölf'\nexit\n", home)
        assert targets(BASH, home / ".bash_history") == ["echo one", "true 'zwölf'", "exit"]

    def test_reads_the_times_and_the_lines_that_bash_wrote(self, home):
        (home / ".bashrc").write_text("PS1='> '\nHISTTIMEFORMAT='%F %T '\nshopt -s lithist\n")
        type_into(["bash", "-i"], "echo 'a\nb'\ntrue\nexit\n", home)
        stamps = [line for line in (home / ".bash_history").read_text().splitlines() if line.startswith("#")]
        read = events(BASH, home / ".bash_history")
        assert [event.target for event in read] == ["echo 'a\nb'", "true", "exit"]
        assert [event.ts_us for event in read] == [int(stamp[1:]) * US_PER_S for stamp in stamps]

    def test_a_time_in_the_midst_belongs_to_the_next_command_alone(self, tmp_path):
        path = tmp_path / "h"
        path.write_text(f"one\n#{T}\ntwo\nthree\n")
        read = events(BASH, path)
        assert [event.target for event in read] == ["one", "two", "three"]
        assert read[1].ts_us == T * US_PER_S

    def test_a_comment_that_is_no_time_is_a_command(self, tmp_path):
        path = tmp_path / "h"
        path.write_text("#12 apples\n# later\n")
        assert targets(BASH, path) == ["#12 apples", "# later"]

    def test_an_impossible_time_does_not_lose_its_command(self, tmp_path):
        path = tmp_path / "h"
        path.write_text(f"#{T}\none\n#99999999999999999\ntwo\n")
        assert targets(BASH, path) == ["one", "two"]


class TestZsh:
    @pytest.mark.parametrize("extended", [False, True])
    def test_reads_what_zsh_wrote(self, home, extended):
        option = "setopt" if extended else "unsetopt"
        settings = f"HISTFILE=$HOME/.zsh_history SAVEHIST=100 HISTSIZE=100 PS1='> '\n{option} extended_history\n"
        (home / ".zshrc").write_text(settings)
        type_into(["zsh", "-d", "-i"], "echo one\necho 'ä\nę'\necho x\\\\\nexit\n", home)
        written = (home / ".zsh_history").read_bytes()
        assert b"\x83" in written
        assert written.startswith(b": ") is extended
        assert targets(ZSH, home / ".zsh_history") == ["echo one", "echo 'ä\nę'", "echo x\\\\", "exit"]

    def test_reads_when_and_how_long(self, tmp_path):
        path = tmp_path / "h"
        path.write_text(f": {T}:12;make\n: {T + 20}:0;ls\n")
        assert [(event.ts_us, event.duration_us) for event in events(ZSH, path)] == [
            (T * US_PER_S, 12 * US_PER_S),
            ((T + 20) * US_PER_S, None),
        ]

    def test_a_command_that_begins_with_a_colon_stays_whole(self, tmp_path):
        path = tmp_path / "h"
        path.write_text(": > empty\n")
        assert targets(ZSH, path) == [": > empty"]

    def test_a_command_cut_off_at_a_backslash_is_kept(self, tmp_path):
        path = tmp_path / "h"
        path.write_bytes(b": %d:0;echo a\\\n" % T)
        assert targets(ZSH, path) == ["echo a"]


class TestFish:
    def test_reads_what_fish_wrote(self, home):
        type_into(["fish", "-i"], "echo one\necho 'ä\nb' \\\\x\nexit\n", home)
        path = home / ".local/share/fish/fish_history"
        assert targets(FISH, path) == ["echo one", "echo 'ä\nb' \\\\x", "exit"]
        assert all(event.ts_us % US_PER_S == 0 for event in events(FISH, path))

    def test_passes_over_paths(self, tmp_path):
        path = tmp_path / "fish_history"
        path.write_text(f"- cmd: ls a\n  when: {T}\n  paths:\n    - a\n- cmd: ls b\n  when: {T + 1}\n")
        assert [(event.target, event.ts_us // US_PER_S) for event in events(FISH, path)] == [
            ("ls a", T),
            ("ls b", T + 1),
        ]

    def test_rejects_what_it_does_not_know(self, tmp_path):
        path = tmp_path / "fish_history"
        path.write_text(f"- cmd: one\n  when: {T}\nrubbish\n- cmd: two\n  when: {T}\n")
        assert targets(FISH, path) == ["one", "two"]
        assert [row.where for row in rejected(FISH, path)] == [f"{path}:3"]


SHELLS = pytest.mark.parametrize(
    ("reader", "entry"),
    [
        (BASH, lambda command, second: f"#{second}\n{command}\n"),
        (ZSH, lambda command, second: f": {second}:0;{command}\n"),
        (FISH, lambda command, second: f"- cmd: {command}\n  when: {second}\n"),
    ],
    ids=["bash", "zsh", "fish"],
)
UNTIMED = pytest.mark.parametrize(
    ("reader", "entry"),
    [(BASH, "{}\n".format), (ZSH, "{}\n".format), (FISH, "- cmd: {}\n".format)],
    ids=["bash", "zsh", "fish"],
)


@SHELLS
def test_a_command_is_an_event_of_the_terminal(reader, entry, tmp_path):
    path = tmp_path / "h"
    path.write_text(entry("make test", T))
    (event,) = events(reader, path)
    assert (event.source, event.kind, event.app, event.target, event.ts_us) == (
        Source.TERMINAL,
        EventKind.COMMAND,
        reader.name,
        "make test",
        T * US_PER_S,
    )


@SHELLS
def test_reading_twice_gives_the_same_identities(reader, entry, tmp_path):
    path = tmp_path / "h"
    path.write_text("".join(entry("ls", T + second // 2) for second in range(10)))
    first = keys(reader, path)
    assert len(set(first)) == 10
    assert keys(reader, path) == first


@SHELLS
def test_a_grown_and_moved_file_brings_only_what_is_new(reader, entry, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text(entry("ls", T) + entry("ls", T))
    new.write_text(old.read_text() + entry("ls", T + 5))
    assert keys(reader, new)[:2] == keys(reader, old)
    assert len(set(keys(reader, new))) == 3


@UNTIMED
def test_an_untimed_file_that_has_grown_brings_only_what_is_new(reader, entry, tmp_path):
    path = tmp_path / "h"
    path.write_text(entry("ls") + entry("make") + entry("ls"))
    old = keys(reader, path)
    path.write_text(path.read_text() + entry("ls"))
    assert keys(reader, path)[:3] == old
    assert len(set(keys(reader, path))) == 4


@UNTIMED
def test_commands_without_a_time_end_when_the_file_was_written(reader, entry, tmp_path):
    path = tmp_path / "h"
    path.write_text("".join(entry(f"c{number}") for number in range(4)))
    os.utime(path, (T, T))
    times = [event.ts_us for event in events(reader, path)]
    assert times == [T * US_PER_S - left * SPACING_US for left in (3, 2, 1, 0)]


@SHELLS
def test_commands_without_a_time_fit_between_those_with_one(reader, entry, tmp_path):
    bare = {"bash": "{}\n", "zsh": "{}\n", "fish": "- cmd: {}\n"}[reader.name]
    path = tmp_path / "h"
    path.write_text(bare.format("a") + entry("b", T) + bare.format("c") + bare.format("d") + entry("e", T + 3))
    read = events(reader, path)
    times = [event.ts_us for event in read]
    assert [event.target for event in read] == ["a", "b", "c", "d", "e"]
    assert times == sorted(set(times))


@UNTIMED
def test_bytes_that_are_no_utf_8_lose_neither_the_command_nor_the_others(reader, entry, tmp_path):
    path = tmp_path / "h"
    path.write_bytes(entry("one").encode() + entry("caf#").encode().replace(b"#", b"\xe9") + entry("two").encode())
    assert targets(reader, path) == ["one", "caf\ufffd", "two"]


@UNTIMED
def test_a_huge_line_is_rejected_and_the_others_kept(reader, entry, tmp_path):
    path = tmp_path / "h"
    path.write_text(entry("one") + entry("x" * (3 * MAX_LINE_BYTES)) + entry("two"))
    assert targets(reader, path) == ["one", "two"]
    assert [row.reason for row in rejected(reader, path)] == ["longer than 1 MiB"]


@UNTIMED
def test_a_long_command_is_cut(reader, entry, tmp_path):
    path = tmp_path / "h"
    path.write_text(entry("x" * 10_000))
    assert targets(reader, path) == ["x" * MAX_TEXT_CHARS]


@UNTIMED
def test_a_block_of_zeros_from_a_crash_is_rejected(reader, entry, tmp_path):
    path = tmp_path / "h"
    path.write_bytes(entry("one").encode() + b"\0" * 4_096 + b"\n" + entry("two").encode())
    assert targets(reader, path) == ["one", "two"]
    assert len(rejected(reader, path)) == 1


@UNTIMED
def test_a_file_cut_off_in_a_line_keeps_what_there_is(reader, entry, tmp_path):
    path = tmp_path / "h"
    path.write_text(entry("one") + entry("two").rstrip("\n"))
    assert targets(reader, path) == ["one", "two"]


def test_memory_stays_flat_over_a_large_file(tmp_path):
    path = tmp_path / "h"
    with path.open("w") as file:
        for number in range(20_000):
            file.write(f"#{T + number}\nmake target-{number}\n")
    assert peak_bytes(BASH, path) < 2 << 20
