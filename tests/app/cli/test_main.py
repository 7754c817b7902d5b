"""The command line as a person or a script uses it: a process a command, a store in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.app.small_disk import SmallDisk
from tests.checkout import ROOT

PASSPHRASE = "correct horse battery staple"
NOON_US = 1_760_011_200_000_000


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Kryptic:
    """Runs `kryptic` with a passphrase from a file."""

    def __init__(self, passphrase_file: Path) -> None:
        self.passphrase_file = passphrase_file

    def __call__(self, *arguments: str, stdin: str = "", passphrase_file: Path | None = None) -> Ran:
        command = [sys.executable, "-m", "app.cli.main", *arguments]
        command += ["--passphrase-file", str(passphrase_file or self.passphrase_file)]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def kryptic(tmp_path: Path) -> Kryptic:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    return Kryptic(file)


def data_files() -> list[Path]:
    return sorted(path for path in Path(os.environ["XDG_DATA_HOME"]).rglob("*") if path.is_file())


def command_event(number: int, target: str) -> str:
    return json.dumps(
        {
            "ts_us": NOON_US + number * 60_000_000,
            "source": "terminal",
            "kind": "command",
            "app": "bash",
            "target": target,
        }
    )


def history(path: Path, commands: Sequence[str]) -> Path:
    path.write_text("".join(f"#{1_760_000_000 + 60 * number}\n{each}\n" for number, each in enumerate(commands)))
    return path


def test_the_version_is_that_of_the_project(kryptic: Kryptic) -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    ran = kryptic("--version")

    assert (ran.status, ran.out) == (0, f"kryptic {stated}\n")


def test_status_before_the_first_start_makes_nothing(kryptic: Kryptic) -> None:
    ran = kryptic("status", "--json")
    assert ran.status == 0
    assert ran.json["recording"] == "not set up"
    assert data_files() == []


def test_a_reading_command_before_the_first_start_says_what_to_do(kryptic: Kryptic) -> None:
    ran = kryptic("search", "anything")
    assert ran.status == 1
    assert "no store yet" in ran.err
    assert data_files() == []


def test_the_first_import_shows_the_recovery_code_and_a_second_stores_nothing_twice(
    kryptic: Kryptic, tmp_path: Path
) -> None:
    file = history(tmp_path / "bash_history", ["git status", "make test", "git commit -m one"])
    first = kryptic("import", "bash", str(file), "--json")
    assert "Recovery code, shown this once" in first.err
    assert (first.json[0]["read"], first.json[0]["stored"]) == (3, 3)
    second = kryptic("import", "bash", str(file), "--json")
    assert "Recovery code" not in second.err
    assert (second.json[0]["read"], second.json[0]["stored"], second.json[0]["duplicates"]) == (3, 0, 3)


def test_log_stores_the_good_lines_and_names_the_bad_one(kryptic: Kryptic) -> None:
    lines = [command_event(0, "ls"), "{not json", command_event(1, "pwd"), '{"ts_us": 1, "source": "tea"}']
    ran = kryptic("log", "--json", stdin="\n".join(lines))
    assert ran.status == 1
    assert ran.json["stored"] == 2
    assert [each["line"] for each in ran.json["refused"]] == [2, 4]
    assert "terminal" in ran.json["refused"][1]["reason"]
    assert "line 2" in ran.err


def test_a_secret_in_a_logged_command_reaches_no_file(kryptic: Kryptic) -> None:
    canary = "AKIA" + "Q3EGRTLKQ7W2XZ5N"
    ran = kryptic("log", "--json", stdin=command_event(0, f"aws configure set aws_access_key_id {canary}"))
    assert ran.json["redacted"] >= 1
    assert kryptic("search", "configure", "--json").json[0]["target"].find(canary) == -1
    assert all(canary.encode() not in path.read_bytes() for path in data_files())


def test_what_was_logged_is_found_counted_and_asked_for(kryptic: Kryptic) -> None:
    commands = ["git status", "make test", "git commit -m done"] * 10
    kryptic("log", stdin="\n".join(command_event(number, each) for number, each in enumerate(commands)))
    assert len(kryptic("search", "commit", "--json").json) == 10
    assert kryptic("status", "--json").json["actions"] == 30
    ranked = kryptic("next", "--json").json
    assert set(ranked[0]) == {"action", "probability", "reward", "because"}
    assert ranked[0]["action"] == "cmd:git status"
    answer = kryptic("ask", "how many commands did I run on 2025-10-09", "--json").json
    assert set(answer) == {"text", "plan", "facts", "chart", "narrator"}
    assert "30 commands" in answer["text"]
    assert {"name", "value", "unit", "source"} == set(answer["facts"][0])


def test_a_dry_clean_up_says_what_the_real_one_does(kryptic: Kryptic) -> None:
    kryptic("log", stdin="\n".join(command_event(number, "ls") for number in range(300)))
    dry = kryptic("cleanup", "--keep-days", "30", "--dry-run", "--json").json
    assert kryptic("status", "--json").json["actions"] == 300
    real = kryptic("cleanup", "--keep-days", "30", "--json").json
    assert dry | {"dry_run": False, "cutoff_us": 0} == real | {"cutoff_us": 0}
    assert kryptic("status", "--json").json["actions"] == 300 - real["actions_removed"]


def test_a_sound_store_is_verified_with_status_0(kryptic: Kryptic) -> None:
    kryptic("log", stdin="\n".join(command_event(number, "ls") for number in range(30)))
    ran = kryptic("verify", "--json")
    assert (ran.status, ran.json["problems"], ran.json["actions"]) == (0, [], 30)
    assert "The store is sound" in kryptic("verify", "--repair").out


def test_a_backup_is_made_listed_and_put_back(kryptic: Kryptic) -> None:
    logged = kryptic("log", stdin=command_event(1, "make bench"))
    assert logged.status == 0
    made = kryptic("backup", "--json").json
    listed = kryptic("backup", "--list", "--json").json
    assert made["backups"] == listed["backups"]
    assert len(listed["backups"]) == 2
    assert kryptic("log", stdin=command_event(2, "make prior")).status == 0
    store = Path(os.environ["XDG_DATA_HOME"]) / "kryptictrack" / "store.db"
    store.unlink()
    gone = kryptic("status")
    assert gone.status == 1
    restored = kryptic("restore")
    assert restored.status == 0
    assert "Nothing is lost" in restored.out
    assert kryptic("status", "--json").json["actions"] == 2


def test_export_writes_every_action_closed_to_others_and_never_over_a_file(kryptic: Kryptic, tmp_path: Path) -> None:
    kryptic("log", stdin=command_event(0, "unmistakable"))
    target = tmp_path / "export.jsonl"
    ran = kryptic("export", str(target), "--json")
    assert ran.json["rows"] == len(target.read_text().splitlines())
    assert "unmistakable" in target.read_text()
    assert target.stat().st_mode & 0o777 == 0o600
    again = kryptic("export", str(target))
    assert again.status == 1
    assert "left alone" in again.err


def test_a_wrong_passphrase_opens_nothing_and_changes_nothing(kryptic: Kryptic, tmp_path: Path) -> None:
    kryptic("log", stdin=command_event(0, "ls"))
    before = {path: path.read_bytes() for path in data_files()}
    wrong = tmp_path / "wrong"
    wrong.write_text("no such thing\n")
    ran = kryptic("status", passphrase_file=wrong)
    assert ran.status == 1
    assert "recover" in ran.err
    assert {path: path.read_bytes() for path in data_files()} == before


def test_the_recovery_code_sets_a_new_passphrase(kryptic: Kryptic, tmp_path: Path) -> None:
    code = kryptic("log", stdin=command_event(0, "ls")).err.split("once: ")[1].splitlines()[0]
    code_file, new = tmp_path / "code", tmp_path / "new"
    code_file.write_text(code + "\n")
    new.write_text("another long passphrase\n")
    assert kryptic("recover", "--recovery-code-file", str(code_file), passphrase_file=new).status == 0
    assert kryptic("status", "--json", passphrase_file=new).json["actions"] == 1
    assert kryptic("status").status == 1


def test_a_new_recovery_code_takes_the_place_of_the_old_one(kryptic: Kryptic, tmp_path: Path) -> None:
    old = kryptic("log", stdin=command_event(0, "ls")).err.split("once: ")[1].splitlines()[0]
    code = kryptic("recovery-code", "--json").json["recovery_code"]
    code_file, new = tmp_path / "code", tmp_path / "new"
    new.write_text("another long passphrase\n")
    code_file.write_text(old + "\n")
    assert kryptic("recover", "--recovery-code-file", str(code_file), passphrase_file=new).status == 1
    code_file.write_text(code + "\n")
    assert kryptic("recover", "--recovery-code-file", str(code_file), passphrase_file=new).status == 0
    assert kryptic("status", "--json", passphrase_file=new).json["actions"] == 1


def test_the_passphrase_is_changed_by_whoever_knows_it(kryptic: Kryptic, tmp_path: Path) -> None:
    kryptic("log", stdin=command_event(0, "ls"))
    new, short = tmp_path / "new", tmp_path / "short"
    new.write_text("another long passphrase\n")
    short.write_text("short\n")
    assert kryptic("keys", "set-passphrase", "--new-passphrase-file", str(short)).status == 1
    assert kryptic("keys", "set-passphrase", "--new-passphrase-file", str(new)).status == 0
    assert kryptic("status").status == 1
    assert kryptic("keys", "remove-passphrase", passphrase_file=new).status == 1
    reported = kryptic("keys", "--json").json
    assert reported == {"passphrase": True, "keyring": False, "recovery_code_confirmed": True, "done": ""}


def test_a_new_data_key_keeps_everything_and_shows_a_new_code(kryptic: Kryptic, tmp_path: Path) -> None:
    old = kryptic("log", stdin=command_event(0, "unmistakable")).err.split("once: ")[1].splitlines()[0]
    ran = kryptic("rotate-key")
    code = ran.out.split("once: ")[1].splitlines()[0]
    assert code != old
    assert len(kryptic("search", "unmistakable", "--json").json) == 1
    code_file, new = tmp_path / "code", tmp_path / "new"
    new.write_text("another long passphrase\n")
    code_file.write_text(old + "\n")
    assert kryptic("recover", "--recovery-code-file", str(code_file), passphrase_file=new).status == 1
    code_file.write_text(code + "\n")
    assert kryptic("recover", "--recovery-code-file", str(code_file), passphrase_file=new).status == 0


def test_a_full_disk_is_said_and_what_is_there_stays(
    kryptic: Kryptic, tmp_path: Path, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_disk.must_be_real()
    monkeypatch.setenv("XDG_DATA_HOME", str(small_disk.folder))
    kryptic("log", stdin=command_event(0, "before"))
    file = history(tmp_path / "h", [f"echo {number} {'x' * 200}" for number in range(60_000)])
    ran = kryptic("import", "bash", str(file))
    assert ran.status == 1
    assert "disk" in ran.err
    assert "Traceback" not in ran.err
    assert len(kryptic("search", "before", "--json").json) == 1


def test_an_export_that_fails_leaves_nothing_behind(kryptic: Kryptic, small_disk: SmallDisk) -> None:
    small_disk.must_be_real()
    kryptic("log", stdin="\n".join(command_event(number, "x" * 2_000) for number in range(200)))
    small_disk.fill()
    target = small_disk.folder / "export.jsonl"
    ran = kryptic("export", str(target))
    assert ran.status == 1
    assert "could not be written" in ran.err
    assert not target.exists()


def test_a_pause_holds_for_what_is_logged_and_survives_the_process(kryptic: Kryptic) -> None:
    kryptic("log", stdin=command_event(0, "before"))
    kryptic("pause")
    assert kryptic("status", "--json").json["recording"] == "paused"
    assert kryptic("log", "--json", stdin=command_event(1, "during")).json["stored"] == 0
    kryptic("resume")
    assert kryptic("log", "--json", stdin=command_event(2, "after")).json["stored"] == 1


def test_consent_is_given_and_taken_back_by_sense(kryptic: Kryptic) -> None:
    kryptic("init")
    assert kryptic("consent", "--grant", "window", "input", "--json").json["consent"] == ["input", "window"]
    assert kryptic("consent", "--revoke", "input", "--json").json["consent"] == ["window"]
    unknown = kryptic("consent", "--grant", "thoughts")
    assert unknown.status == 1
    assert "window" in unknown.err


def screen_permission() -> Path:
    kept = Path(os.environ["XDG_STATE_HOME"], "kryptictrack", "screen-permission")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("token")
    return kept


def test_the_permission_to_share_the_screen_goes_with_the_consent(kryptic: Kryptic) -> None:
    kryptic("consent", "--grant", "screen", "window")
    kept = screen_permission()
    kryptic("consent", "--revoke", "window")
    kryptic("consent", "--revoke", "screen", "--sample")
    assert kept.exists()
    assert kryptic("consent", "--revoke", "screen").status == 0
    assert not kept.exists()


def test_the_sample_person_lives_in_a_store_of_its_own(kryptic: Kryptic) -> None:
    assert kryptic("import", "sample").status == 1
    assert kryptic("import", "bash", "--sample").status == 1
    ran = kryptic("import", "sample", "--sample", "--json")
    assert ran.json[0]["stored"] > 1_000
    assert kryptic("status", "--json", "--sample").json["actions"] == ran.json[0]["stored"]
    assert kryptic("status", "--json").json["actions"] == 0


def test_the_doctor_examines_every_part(kryptic: Kryptic) -> None:
    found = kryptic("doctor", "--json").json
    parts = {each["part"] for each in found}
    assert parts == {"sense", "desktop", "shell", "history", "key", "training", "narrator"}
    assert all(each["reason"] for each in found)
    window = next(each for each in found if each["name"] == "window")
    assert not window["works"]
    assert window["remedy"]


def test_autostart_is_switched_on_and_off_in_both_ways(kryptic: Kryptic) -> None:
    if not (Path(sys.executable).parent / "kryptic").exists():
        pytest.fail("the program is not installed next to the interpreter")
    assert kryptic("autostart", "status", "--json").json == {"desktop": False, "systemd": False}
    assert kryptic("autostart", "on", "--json").json == {"desktop": True, "systemd": False}
    assert kryptic("autostart", "on", "--systemd", "--json").json == {"desktop": True, "systemd": True}
    assert kryptic("autostart", "off", "--json").json == {"desktop": False, "systemd": True}
    assert kryptic("autostart", "off", "--systemd", "--json").json == {"desktop": False, "systemd": False}


def test_a_token_is_shown_once_and_can_be_taken_back(kryptic: Kryptic) -> None:
    made = kryptic("token", "create", "my script", "--json").json
    assert made["token"]
    listed = kryptic("token", "list", "--json").json
    assert "token" not in listed
    assert [(each["name"], each["scope"]) for each in listed["clients"]] == [("my script", "ingest")]
    assert kryptic("token", "create", "my script").status == 1
    assert kryptic("token", "revoke", "my script", "--json").json == {"clients": []}
    assert kryptic("token", "revoke", "my script").status == 1


def test_odd_lines_are_refused_by_their_number_and_the_others_stored(kryptic: Kryptic) -> None:
    lines = [
        "[" * 100_000,
        command_event(0, "ls").replace("{", '{"duration_us": NaN, ', 1),
        command_event(1, "x" * 300_000),
        "",
        "\x00\x01",
        command_event(2, "pwd"),
    ]
    ran = kryptic("log", "--json", stdin="\n".join(lines))
    assert ran.status == 1
    assert ran.json["stored"] == 1
    assert [each["line"] for each in ran.json["refused"]] == [1, 2, 3, 5]
    assert "Traceback" not in ran.err


def test_usage_errors_have_a_status_of_their_own(kryptic: Kryptic) -> None:
    assert kryptic("fly").status == 2
    assert kryptic("cleanup", "--keep-days", "0").status == 2
    assert kryptic("train", "--seed", "-1").status == 2


def test_forgetting_says_beforehand_what_it_does_and_leaves_nothing(kryptic: Kryptic, tmp_path: Path) -> None:
    lines = [command_event(number, "make test" if number % 2 else "zwitscherlein --help") for number in range(20)]
    kryptic("log", stdin="\n".join(lines))
    reported = kryptic("forget", "--search", "zwitscherlein", "--dry-run", "--json").json
    assert reported["actions"] == 10
    unasked = kryptic("forget", "--search", "zwitscherlein")
    assert unasked.status == 1
    assert "--yes" in unasked.err
    assert kryptic("status", "--json").json["actions"] == 20
    done = kryptic("forget", "--search", "zwitscherlein", "--yes", "--json").json
    assert done == {**reported, "dry_run": False}
    assert kryptic("search", "zwitscherlein", "--json").json == []
    target = tmp_path / "export.jsonl"
    kryptic("export", str(target))
    assert "zwitscherlein" not in target.read_text()
    assert kryptic("status", "--json").json["actions"] == 10


def test_what_is_to_be_forgotten_is_a_time_or_a_name(kryptic: Kryptic) -> None:
    kryptic("log", stdin="\n".join(command_event(number, "ls") for number in range(3)))
    assert "Nothing was named" in kryptic("forget", "--yes").err
    assert kryptic("forget", "--since", "yesterday-ish", "--yes").status == 2
    done = kryptic("forget", "--since", "2025-10-08", "--until", "2025-10-11T12:00", "--yes")
    assert done.status == 0
    assert "3 actions" in done.out
    assert kryptic("status", "--json").json["actions"] == 0


def test_wiping_destroys_the_key_and_leaves_no_file(kryptic: Kryptic, tmp_path: Path) -> None:
    kryptic("log", stdin=command_event(0, "ls"))
    unasked = kryptic("wipe")
    assert unasked.status == 1
    assert data_files()
    wrong = tmp_path / "wrong"
    wrong.write_text("a passphrase is not needed\n")
    done = kryptic("wipe", "--yes", "--json", passphrase_file=wrong).json
    assert done.pop("key_files") >= 1
    assert done == {"keyring": "none", "ended": True, "left": []}
    assert data_files() == []
    assert "no key any more" in kryptic("wipe", "--yes").out
    assert kryptic("status", "--json").json["recording"] == "not set up"


def test_a_damaged_store_and_a_damaged_key_are_wiped_all_the_same(kryptic: Kryptic) -> None:
    kryptic("log", stdin=command_event(0, "ls"))
    for path in data_files():
        path.write_bytes(b"\xff" * 500)
    assert kryptic("wipe", "--yes").status == 0
    assert data_files() == []
