from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from neural import stream
from neural.reward import checkpoint


def line(user: str, action: str, domain: str = "shell", t: float | None = None, session: str = "0") -> str:
    event = {"user": user, "t": t, "action": action, "detail": [], "session": session, "domain": domain}
    return json.dumps(event) + "\n"


def answers(lines: list[str]) -> list[list[tuple[str, float]]]:
    def refuse(number: int, error: stream.StreamError) -> None:
        raise AssertionError(f"line {number}: {error}")

    return list(stream.answers(io.StringIO("".join(lines)), checkpoint.prior(), refuse))


def shell(user: str, names: str) -> list[str]:
    return [line(user, name) for name in names.split()]


def desktop(names: str) -> list[str]:
    return [line("d", name, "desktop", t=1.6e9 + 60 * place) for place, name in enumerate(names.split())]


def test_each_line_has_one_answer() -> None:
    assert len(answers(shell("a", "x y z x y"))) == 5


def test_a_new_person_is_answered_as_if_nobody_had_been_before() -> None:
    alone = answers(shell("b", "p q p q p"))
    assert answers(shell("a", "x y z " * 20) + shell("b", "p q p q p"))[-5:] == alone


def test_probabilities_add_up_to_at_most_one() -> None:
    for ranking in answers(shell("a", " ".join(f"c{n % 17}" for n in range(200)))):
        assert len(ranking) <= 10
        assert sum(probability for _, probability in ranking) <= 1 + 1e-6


def test_an_answer_depends_on_what_came_before_it_alone() -> None:
    first = shell("a", "x y z x y z x")
    assert answers(first + shell("a", "z z z"))[:7] == answers(first + shell("a", "y y y"))[:7]


def test_the_application_in_front_is_never_the_answer_on_a_desktop() -> None:
    names = "mail web mail mail code web mail code " * 5
    for name, ranking in zip(names.split(), answers(desktop(names)), strict=True):
        assert name not in [action for action, _ in ranking]


def test_a_command_may_be_answered_by_itself() -> None:
    assert answers(shell("a", "ls " * 30))[-1][0][0] == "ls"


def test_a_step_back_in_time_does_no_harm() -> None:
    assert answers([line("d", "a", "desktop", t=1.6e9), line("d", "b", "desktop", t=1.5e9)])[-1]


def test_the_program_speaks_one_line_for_one_line(tmp_path: Path) -> None:
    prior = tmp_path / "prior.npz"
    prior.write_bytes(checkpoint.prior_bytes())
    command = [sys.executable, "-m", "neural.stream", "--prior", str(prior)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for sent in shell("a", "ls cd ls cd ls"):
            process.stdin.write(sent)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(timeout=180) == 0
    assert answer[0][0] == "cd"


def test_the_stream_needs_no_torch() -> None:
    code = "import sys, neural.stream; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


BROKEN = (
    "\n",
    "nonsense\n",
    "[" * 100_000 + "\n",
    "null\n",
    "{}\n",
    line("a", "x").replace('"shell"', '"sea"'),
    line("a", "x").replace('"shell"', "[]"),
    line("a", ""),
    line("a", "x" * 5_000),
    line("a", "x").replace('"x"', "5"),
    line("a", "x").replace("[]", '"word"'),
    line("a", "x").replace("[]", "[5]"),
    line("a", "x", t=-1),
    line("a", "x", t=1e300),
    line("a", "x").replace("null", "NaN"),
    line("a", "x").replace("null", "true"),
)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_line_that_is_no_event_is_answered_with_nothing_and_changes_nothing(broken: str) -> None:
    refused: list[int] = []
    mixed = [*shell("a", "x y z x y"), broken, *shell("a", "z x y")]
    found = list(
        stream.answers(io.StringIO("".join(mixed)), checkpoint.prior(), lambda number, _error: refused.append(number))
    )
    assert refused == [6]
    assert found.pop(5) == []
    assert found == answers(shell("a", "x y z x y z x y"))


def test_a_refused_line_is_named_and_tells_in_the_exit_status() -> None:
    sent = (line("a", "x") + "caf\u00e9\n" + line("a", "y")).encode("latin-1")
    done = subprocess.run([sys.executable, "-m", "neural.stream"], input=sent, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr.decode() == "neural.stream: line 2 is no event: no JSON\n"
    assert [json.loads(answer) == [] for answer in done.stdout.splitlines()][1:] == [True, False]


def test_a_title_of_any_length_is_taken() -> None:
    words = json.dumps([f"w{n}" for n in range(100_000)])
    assert len(answers([line("a", "x").replace("[]", words), line("a", "y")])) == 2
