"""Makes the checkout ready to run or to test: `python3 -m tools.bootstrap run` (or `test`).

Needs the standard library alone, and runs on old interpreters as well, so that it can say which one is needed. A stamp
in `.venv` remembers what was installed, and a second call ends there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools import editor_host, llama_wheel, system_packages
from tools.console import SetupError, complain, say
from tools.system_packages import Requirement

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "set-up.json"
CONSTRAINTS = ROOT / "constraints.txt"
FINGERPRINTED = ("pyproject.toml", "constraints.txt", "tools/llama_wheel.py", "tools/llama.cmake")
SUPPORTED = ((3, 11), (3, 12), (3, 13))
MODES = ("run", "test")

_DESCRIBE = (
    "import importlib.util, json, sys; print(json.dumps(["
    "list(sys.version_info[:3]), getattr(sys, '_base_executable', sys.executable), sys.base_prefix, "
    "importlib.util.find_spec('ensurepip') is not None]))"
)


class Interpreter(NamedTuple):
    """A Python that was asked about itself.

    Attributes:
        version: major, minor, micro.
        executable: the interpreter behind a virtual environment, if it is in one.
        prefix: of the installation.
        has_venv: whether it can make a virtual environment with pip.
    """

    version: tuple[int, ...]
    executable: str
    prefix: str
    has_venv: bool

    @property
    def minor(self) -> str:
        """Such as "3.11"."""
        return ".".join(map(str, self.version[:2]))

    @property
    def is_supported(self) -> bool:
        """Whether the project runs on it."""
        return self.version[:2] in SUPPORTED


class Stamp(NamedTuple):
    """What the virtual environment was made from.

    Attributes:
        fingerprint: of the files and the interpreter.
        mode: "test" includes everything of "run".
        wheel: the llama-cpp-python wheel that is installed.
    """

    fingerprint: str
    mode: str
    wheel: str

    def serves(self, fingerprint: str, mode: str) -> bool:
        """Whether nothing is left to do for this mode."""
        return self.fingerprint == fingerprint and (self.mode == "test" or mode == "run")


def read_stamp(path: Path) -> Stamp | None:
    """The stamp, or none if the last set-up did not reach its end."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(**values)
    except (OSError, ValueError, TypeError):
        return None


def write_stamp(path: Path, stamp: Stamp) -> None:
    """Writes the stamp, whole or not at all."""
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(stamp._asdict()) + "\n", encoding="utf-8")
    temporary.replace(path)


def fingerprint(root: Path, version: Sequence[int], prefix: str, environ: Mapping[str, str]) -> str:
    """Changes whenever the virtual environment has to be looked at again.

    The place counts too: the scripts of a virtual environment name it, so a moved checkout needs a new one.
    """
    digest = hashlib.sha256()
    settings = [str(root), repr(tuple(version)), prefix, environ.get(llama_wheel.CUDA_SWITCH, "")]
    for part in (*settings, *((root / name).read_text(encoding="utf-8") for name in FINGERPRINTED)):
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def describe(command: str) -> Interpreter | None:
    """Asks an interpreter about itself; none if it does not start (a version manager's empty shim, a broken link)."""
    try:
        answer = subprocess.run([command, "-c", _DESCRIBE], capture_output=True, text=True, check=False)
    except OSError:
        return None
    if answer.returncode != 0:
        return None
    version, executable, prefix, has_venv = json.loads(answer.stdout)
    return Interpreter(tuple(version), executable, prefix, has_venv)


def choose(found: Sequence[Interpreter]) -> Interpreter:
    """The first interpreter that the project runs on.

    Raises:
        SetupError: none of them is.
    """
    for interpreter in found:
        if interpreter.is_supported:
            return interpreter
    seen = ", ".join(sorted({interpreter.minor for interpreter in found})) or "none"
    wanted = ", ".join(f"{major}.{minor}" for major, minor in SUPPORTED)
    raise SetupError(
        f"Python {wanted} is needed, and only {seen} was found.",
        "Install one of them (Debian 12 and newer and Ubuntu 24.04 bring one: sudo apt-get install python3), "
        "or name one: make PYTHON=/path/to/python3.12",
    )


def lacking(interpreter: Interpreter) -> tuple[Requirement, ...]:
    """What has to be installed next to the interpreter before it can hold the project."""
    if interpreter.has_venv:
        return ()
    return (Requirement((f"python{interpreter.minor}-venv",), f"venv module of Python {interpreter.minor}"),)


def _pick_interpreter() -> Interpreter:
    own = Interpreter(
        version=tuple(sys.version_info[:3]),
        executable=getattr(sys, "_base_executable", sys.executable),
        prefix=sys.base_prefix,
        has_venv=True,
    )
    commands = [own.executable] if own.is_supported else []
    commands += [f"python{major}.{minor}" for major, minor in reversed(SUPPORTED)]
    described = (describe(path) for path in map(shutil.which, commands) if path)
    return choose([interpreter for interpreter in described if interpreter] or [own])


def _pip(*arguments: str, doing: str) -> None:
    command = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    if not sys.stdout.isatty():
        command.append("--quiet")
    # setuptools warns at every editable install that folders lie next to the packages.
    environment = {**os.environ, "PYTHONWARNINGS": "ignore:Editable installation"}
    if subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode != 0:
        raise SetupError(
            f"pip did not succeed at {doing}; what it said stands above.",
            "The network and free disk space are the usual reasons. Start again: what is there already is kept.",
        )


def _make_venv(interpreter: Interpreter) -> None:
    say(f"Making .venv with Python {interpreter.minor} ({interpreter.executable})")
    if subprocess.run([interpreter.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode != 0:
        raise SetupError(
            "The virtual environment .venv could not be made; why stands above.", "Mend that, then start again."
        )


def _pinned_pip() -> str:
    pins = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return next(line for line in pins if line.startswith("pip=="))


def _is_whole(interpreter: Interpreter) -> bool:
    """Whether `.venv` belongs to this interpreter and to this place."""
    script = VENV / "bin" / "pip"
    inside = describe(str(VENV_PYTHON))
    if inside is None or inside[:3] != interpreter[:3] or not script.exists():
        return False
    return (
        str(VENV_PYTHON.parent) in script.read_text(encoding="utf-8").partition("\n")[0]
        and (VENV / "lib" / f"python{interpreter.minor}" / "site-packages" / "pip").is_dir()
    )


def _install(mode: str, previous: Stamp | None) -> str:
    _pip("install", _pinned_pip(), doing="renewing itself")
    wheel = llama_wheel.ensure(VENV_PYTHON, CONSTRAINTS, os.environ)
    say("Installing the Python packages (the first time some minutes: torch with its CUDA libraries is about 3 GB) ...")
    pins = ("--constraint", str(CONSTRAINTS), "--build-constraint", str(CONSTRAINTS))
    if previous is None or previous.wheel != str(wheel):
        # A wheel of the same version with other flags would be taken for the one that is installed.
        _pip("install", "--force-reinstall", "--no-deps", str(wheel), doing="installing llama-cpp-python")
    _pip("install", *pins, "--editable", ".[test]" if mode == "test" else ".", doing="installing the project")
    return str(wheel)


def _ensure_parts(mode: str, extra: Sequence[Requirement] = ()) -> None:
    """What does not come from pip; continuous integration has the desktops and the editor too, which nobody must."""
    is_ci = os.environ.get("CI") == "true"
    system_packages.ensure(system_packages.for_mode(mode, with_desktops=is_ci), extra)
    if is_ci and mode == "test":
        editor_host.ensure(os.environ)


def set_up(mode: str) -> None:
    """Does what is left to do.

    Args:
        mode: "run" or "test".

    Raises:
        SetupError: something is missing that cannot be put right from here.
    """
    if Path(sys.executable) == VENV_PYTHON:
        # The environment's own interpreter answers: what it is made of is known without starting a second one.
        current = fingerprint(ROOT, sys.version_info[:3], sys.base_prefix, os.environ)
        stamp = read_stamp(STAMP)
        packages = VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages" / "pip"
        if stamp is not None and packages.is_dir() and stamp.serves(current, mode):
            _ensure_parts(mode)
            return
    interpreter = _pick_interpreter()
    _ensure_parts(mode, lacking(interpreter))
    if not _is_whole(interpreter):
        _make_venv(interpreter)
    current = fingerprint(ROOT, interpreter.version, interpreter.prefix, os.environ)
    previous = read_stamp(STAMP)
    if previous is not None and previous.serves(current, mode):
        return
    STAMP.unlink(missing_ok=True)
    wanted = "test" if previous is not None and previous.mode == "test" else mode
    wheel = _install(wanted, previous)
    write_stamp(STAMP, Stamp(current, wanted, wheel))
    say("Ready.")


def main(arguments: Sequence[str]) -> int:
    """Runs the set-up; the exit status is 0, 1 when something is missing, 2 for a wrong call, 130 when broken off."""
    if len(arguments) != 1 or arguments[0] not in MODES:
        say(f"usage: python3 -m tools.bootstrap {'|'.join(MODES)}")
        return 2
    try:
        set_up(arguments[0])
    except SetupError as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        say("Broken off. Start again to go on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
