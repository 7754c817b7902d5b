from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from neural import prior
from neural.reward import checkpoint
from neural.reward.checkpoint import Checkpoint


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for folder in ("desktop", "shell"):
        (tmp_path / folder).mkdir()
    head = "session\ttimestamp\tapp\ttitle_tokens\n"
    rows = [f"1\t2024-01-02 10:{n:02d}:00.000\t{('mail', 'web')[n % 2]}\tab cd\n" for n in range(60)]
    (tmp_path / "desktop" / "user_x.tsv").write_text(head + "".join(rows))
    (tmp_path / "shell" / "person_1.txt").write_text("ls\ncd\nmake\n" * 30)
    return tmp_path


def test_people_are_read_from_desktop_and_shell_logs(logs: Path) -> None:
    people = prior.read_people(logs)
    assert list(people) == ["user_x", "person_1"]
    assert people["user_x"][1].action == "app:web"
    assert people["user_x"][0].title_tokens == ("ab", "cd")
    assert (people["person_1"][2].action, people["person_1"][2].ts_us) == ("cmd:make", None)


def fitted(logs: Path, seed: int) -> Checkpoint:
    people = {name: prior.decisions_of(steps) for name, steps in prior.read_people(logs).items()}
    return prior.finish(prior.fit(people, seed, epochs=1))


def test_the_same_seed_gives_the_same_prior(logs: Path) -> None:
    one, other = fitted(logs, 1), fitted(logs, 1)
    for name, values in one.weights.items():
        np.testing.assert_array_equal(values, other.weights[name])


def test_a_prior_holds_no_names_and_says_how_it_was_made(logs: Path) -> None:
    built = fitted(logs, 2)
    assert built.indicators is None
    assert built.made["people"] == {"user_x": 59, "person_1": 89}
    assert built.made["seed"] == 2


def test_a_folder_without_logs_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["prior", "--data", str(tmp_path), "--out", str(tmp_path / "p.npz")])
    assert prior.main() == 1
    assert "no logs" in capsys.readouterr().err


def test_the_command_writes_a_prior_that_loads(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prior, "SYNTHETIC", 1)
    monkeypatch.setattr(prior, "SYNTHETIC_DAYS", 1)
    monkeypatch.setattr(prior, "WANDERERS", 1)
    out = tmp_path / "p.npz"
    monkeypatch.setattr(sys, "argv", ["prior", "--data", str(logs), "--out", str(out), "--epochs", "1"])
    assert prior.main() == 0
    assert checkpoint.load(out.read_bytes()).made["data"]
