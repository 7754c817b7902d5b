"""How llama-cpp-python is built, and when it is built again."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools import llama_wheel
from tools.console import SetupError
from tools.llama_wheel import Attempt

PLAN = (Attempt("first", ("A=1",)), Attempt("second", ("B=1",)))


def programs(directory: Path, **scripts: str) -> str:
    """A search path that holds these programs alone."""
    directory.mkdir()
    for name, script in scripts.items():
        (directory / name.replace("_", "-")).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name.replace("_", "-")).chmod(0o755)
    return str(directory)


def key(**changes: object) -> str:
    values: dict[str, object] = {"version": "0.3.36", "machine": "x86_64", "compiler": "g++ 12.2.0", "plan": PLAN}
    return llama_wheel.cache_key(**{**values, **changes})


@pytest.fixture
def constraints(tmp_path: Path) -> Path:
    path = tmp_path / "constraints.txt"
    path.write_text("aiohttp==3.14.5\nllama-cpp-python==0.3.36\n")
    return path


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """A machine with a compiler and without a GPU."""
    monkeypatch.setenv("PATH", programs(tmp_path / "programs", **{"c++": "echo a compiler"}))
    monkeypatch.delenv("CXX", raising=False)
    return {"XDG_CACHE_HOME": str(tmp_path / "wheels")}


def pip(directory: Path, script: str) -> Path:
    """An interpreter whose pip is a shell script; it is called in the scratch folder's place as `--wheel-dir`."""
    path = directory / "python"
    find = 'for word; do [ "$last" = --wheel-dir ] && target=$word; last=$word; done'
    path.write_text(f"#!/bin/sh\n{find}\necho call >> {directory}/calls\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "change",
    [
        {"version": "0.3.37"},
        {"machine": "aarch64"},
        {"compiler": "g++ 14.2.0"},
        {"plan": PLAN[:1]},
        {"plan": (Attempt("first", ("A=2",)), PLAN[1])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_changes_the_wheel_changes_its_place_in_the_cache(change: dict[str, object]):
    assert key(**change) != key()


def test_words_for_the_person_who_waits_do_not_change_the_place():
    assert key(plan=(PLAN[0]._replace(title="put differently"), PLAN[1])) == key()


def test_the_place_says_what_it_holds():
    assert key().startswith("llama-cpp-python-0.3.36-x86_64-")


def test_the_cache_lies_where_the_user_keeps_caches():
    assert llama_wheel.cache_directory({"XDG_CACHE_HOME": "/c"}) == Path("/c/kryptictrack-build")


@pytest.mark.parametrize("environ", [{"HOME": "/home/ada"}, {"HOME": "/home/ada", "XDG_CACHE_HOME": "relative"}])
def test_without_a_usable_variable_the_cache_lies_in_the_home(environ: dict[str, str]):
    assert llama_wheel.cache_directory(environ) == Path("/home/ada/.cache/kryptictrack-build")


def test_every_way_to_build_leaves_the_building_processor_out():
    assert all("GGML_NATIVE=OFF" in attempt.flags for attempt in llama_wheel.attempts(["89"]))


def test_the_processor_is_chosen_at_run_time_wherever_that_builds():
    first, last = llama_wheel.attempts([])
    assert ("GGML_CPU_ALL_VARIANTS=ON" in first.flags, "GGML_CPU_ALL_VARIANTS=ON" in last.flags) == (True, False)


def test_a_gpu_is_built_for_first_and_done_without_if_that_fails():
    ways = llama_wheel.attempts(["86", "89"])
    assert "CMAKE_CUDA_ARCHITECTURES=86;89" in ways[0].flags
    assert ways[1:] == llama_wheel.attempts([])


def test_compute_capabilities_become_architectures_once_each():
    assert llama_wheel.parse_compute_capabilities("8.9\n9.0\n8.9\n") == ("89", "90")


@pytest.mark.parametrize("output", ["", "[N/A]\n", "No devices were found\n"])
def test_a_driver_without_a_gpu_gives_no_architecture(output: str):
    assert llama_wheel.parse_compute_capabilities(output) == ()


@pytest.mark.parametrize(
    ("present", "switch", "expected"),
    [
        ({"nvcc": "", "nvidia_smi": "echo 8.9"}, "", ("89",)),
        ({"nvcc": "", "nvidia_smi": "echo 8.9"}, "1", ("89",)),
        ({"nvcc": "", "nvidia_smi": "echo 8.9"}, "0", ()),
        ({"nvcc": ""}, "", ("all-major",)),
        ({"nvcc": ""}, "1", ("all-major",)),
        ({"nvcc": ""}, "0", ()),
        ({"nvidia_smi": "echo 8.9"}, "", ()),
        ({"nvcc": "", "nvidia_smi": "echo failed; exit 9"}, "", ("all-major",)),
    ],
)
def test_cuda_is_built_when_its_compiler_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: dict[str, str], switch: str, expected: tuple[str, ...]
):
    monkeypatch.setenv("PATH", programs(tmp_path / "programs", **present))
    assert llama_wheel.gpu_architectures({"KRYPTIC_LLAMA_CUDA": switch}) == expected


def test_cuda_asked_for_and_impossible_stops_the_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", programs(tmp_path / "programs", nvidia_smi="echo 8.9"))
    with pytest.raises(SetupError, match="KRYPTIC_LLAMA_CUDA=1"):
        llama_wheel.gpu_architectures({"KRYPTIC_LLAMA_CUDA": "1"})


def test_progress_is_reported_in_whole_steps_and_never_twice():
    lines = [
        "configuring",
        "  [1/327] cc",
        "  [33/327] cc",
        "  [34/327] cc",
        "  [200/327] cc",
        "  [327/327] ld",
        "done",
    ]
    assert list(llama_wheel.percentages(lines)) == [10, 60, 100]


def test_without_a_pin_there_is_nothing_to_build():
    with pytest.raises(SetupError, match="pins no llama-cpp-python"):
        llama_wheel.pinned_version("torch==2.13.0\n")


def test_the_wheel_is_built_once(tmp_path: Path, constraints: Path, environ: Mapping[str, str]):
    python = pip(tmp_path, ': > "$target/llama.whl"')
    first = llama_wheel.ensure(python, constraints, environ)
    second = llama_wheel.ensure(python, constraints, environ)
    assert (second, second.is_file()) == (first, True)
    assert (tmp_path / "calls").read_text() == "call\n"


def test_a_build_that_fails_leads_to_the_next_way(
    tmp_path: Path, constraints: Path, environ: Mapping[str, str], capsys: pytest.CaptureFixture[str]
):
    script = 'case "$*" in *ALL_VARIANTS*) echo too old; exit 1;; esac; : > "$target/llama.whl"'
    wheel = llama_wheel.ensure(pip(tmp_path, script), constraints, environ)
    log = wheel.parent / "build-1.log"
    assert log.read_text() == "too old\n"
    assert f"did not succeed; its log: {log}" in capsys.readouterr().out


def test_when_no_way_works_the_logs_are_named_and_nothing_else_is_left(
    tmp_path: Path, constraints: Path, environ: Mapping[str, str]
):
    with pytest.raises(SetupError) as reported:
        llama_wheel.ensure(pip(tmp_path, "exit 1"), constraints, environ)
    (place,) = (tmp_path / "wheels" / "kryptictrack-build").iterdir()
    assert str(place) in reported.value.remedy
    assert {path.name for path in place.iterdir()} == {"lock", "build-1.log", "build-2.log"}


def test_a_build_that_was_broken_off_is_not_taken_for_a_wheel(
    tmp_path: Path, constraints: Path, environ: Mapping[str, str]
):
    wheel = llama_wheel.ensure(pip(tmp_path, ': > "$target/llama.whl"'), constraints, environ)
    wheel.unlink()
    left = wheel.parent / "building-x"
    left.mkdir()
    (left / wheel.name).touch()
    assert llama_wheel.ensure(pip(tmp_path, ': > "$target/new.whl"'), constraints, environ).name == "new.whl"


def test_settings_of_the_person_do_not_leak_into_the_wheel(
    tmp_path: Path, constraints: Path, environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_NATIVE=ON")
    wheel = llama_wheel.ensure(pip(tmp_path, 'echo "got $CMAKE_ARGS"; : > "$target/llama.whl"'), constraints, environ)
    assert (wheel.parent / "build-1.log").read_text() == "got \n"


def test_a_machine_without_compiler_is_reported_so(
    tmp_path: Path, constraints: Path, environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="no C"):
        llama_wheel.ensure(pip(tmp_path, "exit 1"), constraints, environ)


def test_a_second_set_up_waits_for_the_first_to_finish_building(
    tmp_path: Path, constraints: Path, environ: Mapping[str, str]
):
    python = pip(tmp_path, ': > "$target/llama.whl"')
    wheel = llama_wheel.ensure(python, constraints, environ)
    with (wheel.parent / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found: list[Path] = []
        second = threading.Thread(target=lambda: found.append(llama_wheel.ensure(python, constraints, environ)))
        second.start()
        assert found == []
        fcntl.flock(lock, fcntl.LOCK_UN)
        second.join(timeout=180)
    assert found == [wheel]
