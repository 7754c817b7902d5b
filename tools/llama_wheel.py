"""llama-cpp-python, built from source once and kept as a wheel in the user's cache.

It is published as source only, and its own default build is tuned to the building machine's processor. Here every
variant of the processor backend is built and one is chosen at run time, so that the wheel also runs elsewhere.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tools.console import SetupError, say

HERE = Path(__file__).resolve().parent
CUDA_SWITCH = "KRYPTIC_LLAMA_CUDA"
EVERY_ARCHITECTURE = "all-major"
"""CMake's name for one of each generation (`CUDA_ARCHITECTURES`, CMake 3.23)."""
PROGRESS_STEP = 10  # percent between two lines of progress

# The libraries and the loadable backends lie in one folder, next to each other, each once.
COMMON = (
    "GGML_NATIVE=OFF",
    "LLAVA_BUILD=OFF",
    "CMAKE_INSTALL_BINDIR=llama_cpp/lib",
    "CMAKE_INSTALL_LIBDIR=llama_cpp/lib",
    "CMAKE_INSTALL_INCLUDEDIR=llama_cpp/include",
    "CMAKE_INSTALL_RPATH=$ORIGIN",
    "CMAKE_PLATFORM_NO_VERSIONED_SONAME=ON",
)
LOADABLE = ("GGML_BACKEND_DL=ON", "GGML_CPU_ALL_VARIANTS=ON")
LEFT_OUT = "wheel.exclude=llama_cpp/include/**;llama_cpp/lib/cmake/**;llama_cpp/lib/pkgconfig/**"


class Attempt(NamedTuple):
    """One way to build.

    Attributes:
        title: what it gives, for the person who waits.
        flags: CMake definitions, NAME=value.
    """

    title: str
    flags: tuple[str, ...]


def attempts(gpu_architectures: Iterable[str]) -> tuple[Attempt, ...]:
    """The ways to build, the best first; each is the fallback of the one before.

    Args:
        gpu_architectures: CUDA architectures to build for, such as "89"; none builds for the processor alone.
    """
    portable = Attempt("for every processor of this kind, chosen at run time", COMMON + LOADABLE)
    plain = Attempt("for the common denominator of the processors of this kind", COMMON)
    architectures = ";".join(gpu_architectures)
    if not architectures:
        return (portable, plain)
    cuda_flags = (*portable.flags, "GGML_CUDA=ON", f"CMAKE_CUDA_ARCHITECTURES={architectures}")
    return (Attempt("for NVIDIA GPUs, and the processor", cuda_flags), portable, plain)


def parse_compute_capabilities(output: str) -> tuple[str, ...]:
    """CUDA architectures from `nvidia-smi --query-gpu=compute_cap --format=csv,noheader` ("8.9" is "89")."""
    found = re.findall(r"^(\d+)\.(\d)\s*$", output, re.MULTILINE)
    return tuple(dict.fromkeys(major + minor for major, minor in found))


def gpu_architectures(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The architectures to build for if CUDA's compiler is there: this machine's, or all if no driver answers.

    The GPU's part is a library of its own that is loaded at run time, so what was built for a GPU runs without one too.
    KRYPTIC_LLAMA_CUDA=0 says never; =1 says that it must.

    Raises:
        SetupError: CUDA was asked for by the variable, and its compiler is not there.
    """
    switch = environ.get(CUDA_SWITCH, "")
    if switch == "0":
        return ()
    if not shutil.which("nvcc"):
        if switch == "1":
            raise SetupError(
                f"{CUDA_SWITCH}=1 asks for CUDA, but nvcc is not here.",
                f"Install the CUDA toolkit, or unset {CUDA_SWITCH}.",
            )
        return ()
    answer = ""
    if shutil.which("nvidia-smi"):
        query = ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"]
        answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return parse_compute_capabilities(answer) or (EVERY_ARCHITECTURE,)


def cache_key(version: str, machine: str, compiler: str, plan: Iterable[Attempt]) -> str:
    """Names the folder of a build: another version, processor kind, compiler or set of flags is another build."""
    recipe = (HERE / "llama.cmake").read_text(encoding="utf-8")
    text = "\n".join([compiler, LEFT_OUT, recipe, *(" ".join(attempt.flags) for attempt in plan)])
    return f"llama-cpp-python-{version}-{machine}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def cache_directory(environ: Mapping[str, str]) -> Path:
    """The folder for built wheels (XDG Base Directory Specification 0.8)."""
    base = Path(environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        base = Path(environ.get("HOME") or Path.home()) / ".cache"
    return base / "kryptictrack-build"


def pinned_version(constraints: str) -> str:
    """The version of llama-cpp-python in the text of constraints.txt."""
    found = re.search(r"^llama-cpp-python==(\S+)", constraints, re.MULTILINE)
    if found is None:
        raise SetupError("constraints.txt pins no llama-cpp-python.", "Restore the file: git checkout constraints.txt")
    return found.group(1)


def percentages(lines: Iterable[str]) -> Iterator[int]:
    """Progress in whole steps, from the [done/all] counts in ninja's lines; a step is reported once."""
    reported = 0
    for line in lines:
        count = re.match(r"\s*\[(\d+)/(\d+)\]", line)
        if count:
            percent = 100 * int(count.group(1)) // int(count.group(2))
            step = percent - percent % PROGRESS_STEP
            if step > reported:
                reported = step
                yield step


def _compiler() -> str:
    command = [os.environ.get("CXX", "c++"), "--version"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.partition("\n")[0]
    except OSError as error:
        raise SetupError(f"There is no C++ compiler ({command[0]}).", "Install g++, then start again.") from error


def _pip_wheel(python: Path, version: str, constraints: Path, attempt: Attempt, target: Path) -> list[str]:
    definitions = [*attempt.flags, f"CMAKE_PROJECT_INCLUDE={HERE / 'llama.cmake'}"]
    settings = [LEFT_OUT, *(f"cmake.define.{definition}" for definition in definitions)]
    return [
        *(str(python), "-m", "pip", "wheel", "--verbose", "--no-deps", "--no-cache-dir"),
        *("--no-binary", "llama-cpp-python", "--build-constraint", str(constraints)),
        *("--wheel-dir", str(target), f"llama-cpp-python=={version}"),
        *(part for setting in settings for part in ("--config-settings", setting)),
    ]


def _kept(lines: Iterable[str], log: Path) -> Iterator[str]:
    with log.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(line)
            yield line


def _build(command: list[str], log: Path) -> bool:
    # The person's own CMAKE_ARGS would give a wheel that its cache key does not describe.
    environment = {name: value for name, value in os.environ.items() if not name.endswith("CMAKE_ARGS")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment
    ) as process:
        for percent in percentages(_kept(process.stdout or (), log)):
            say(f"  {percent} %")
    return process.returncode == 0


def _announce(attempt: Attempt, log: Path) -> None:
    cores = os.cpu_count() or 1
    cuda = "GGML_CUDA=ON" in attempt.flags
    minutes = max(1, round((60 if cuda else 10) / cores))
    longer = f", longer if it is for every GPU; {CUDA_SWITCH}=0 leaves that out" if cuda else ""
    say(
        f"Building llama.cpp {attempt.title}.\n"
        f"  This happens once and takes about {minutes} min on {cores} cores{longer}. What the compiler says: {log}"
    )


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    with (directory / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is building llama.cpp; waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure(python: Path, constraints: Path, environ: Mapping[str, str]) -> Path:
    """The wheel for this machine, built now unless it was built before.

    Args:
        python: an interpreter that has the pinned pip.
        constraints: constraints.txt, which pins the version and the build tools.
        environ: XDG_CACHE_HOME, HOME and KRYPTIC_LLAMA_CUDA are read from it.

    Raises:
        SetupError: no way to build it worked.
    """
    version = pinned_version(constraints.read_text(encoding="utf-8"))
    plan = attempts(gpu_architectures(environ))
    directory = cache_directory(environ) / cache_key(version, platform.machine(), _compiler(), plan)
    directory.mkdir(parents=True, exist_ok=True)
    with _alone(directory):
        kept = next(directory.glob("*.whl"), None)
        if kept is not None:
            return kept
        for number, attempt in enumerate(plan, start=1):
            log = directory / f"build-{number}.log"
            _announce(attempt, log)
            with tempfile.TemporaryDirectory(dir=directory, prefix="building-") as scratch:
                if _build(_pip_wheel(python, version, constraints, attempt, Path(scratch)), log):
                    (built,) = Path(scratch).glob("*.whl")
                    return built.rename(directory / built.name)
            say(f"That build did not succeed; its log: {log}")
    raise SetupError(
        f"llama-cpp-python {version} could not be built in any of {len(plan)} ways.",
        f"The logs in {directory} say why; free disk space, the network and the C++ compiler are the usual reasons.",
    )
