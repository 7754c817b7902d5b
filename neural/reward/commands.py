"""The name a shell command is known by: its program, and the subcommand if the program is a family of tools.

Arguments never get in: they hold names, paths and secrets, and they would make every command a stranger.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

MAX_CHARS: Final = 64
_SUBCOMMAND: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,31}")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_LEXEME: Final = re.compile(r"""(?:[^\s;|&<>"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?)+|&&|\|\||[;|&<>]""", re.DOTALL)
_SEPARATORS: Final = frozenset(("&&", "||", ";", "|", "&"))
_OPENERS: Final = frozenset(("(", "{", "!", "then", "do", "else"))

_PREFIXES: Final = MappingProxyType(
    {
        "sudo": frozenset(("-u", "-g", "-h", "-p", "-C", "-D", "-r", "-t", "-U", "--user", "--group")),
        "doas": frozenset(("-u", "-C")),
        "env": frozenset(("-u", "-C", "-S", "--unset", "--chdir")),
        "nice": frozenset(("-n", "--adjustment")),
        "ionice": frozenset(("-c", "-n", "-p")),
        "timeout": frozenset(("-s", "-k", "--signal", "--kill-after")),
        "nohup": frozenset[str](),
        "time": frozenset(("-f", "-o")),
        "command": frozenset[str](),
        "builtin": frozenset[str](),
        "exec": frozenset(("-a",)),
        "setsid": frozenset[str](),
        "stdbuf": frozenset(("-i", "-o", "-e")),
        "noglob": frozenset[str](),
        "nocorrect": frozenset[str](),
    }
)
"""Programs that run another one, with their options that take a value."""

_FAMILIES: Final = frozenset(
    [
        "adb",
        "ansible-galaxy",
        "apt",
        "apt-get",
        "artisan",
        "aws",
        "az",
        "bazel",
        "brew",
        "bundle",
        "cabal",
        "cargo",
        "composer",
        "conda",
        "dnf",
        "docker",
        "docker-compose",
        "dotnet",
        "flatpak",
        "flutter",
        "gcloud",
        "gh",
        "git",
        "glab",
        "go",
        "gradle",
        "gradlew",
        "heroku",
        "helm",
        "hg",
        "ip",
        "jj",
        "journalctl",
        "just",
        "kubectl",
        "loginctl",
        "make",
        "mamba",
        "meson",
        "minikube",
        "mise",
        "mix",
        "mvn",
        "mvnw",
        "nix",
        "nmcli",
        "npm",
        "npx",
        "pdm",
        "pip",
        "pip3",
        "pipx",
        "pnpm",
        "podman",
        "poetry",
        "rails",
        "rustup",
        "snap",
        "stack",
        "svn",
        "systemctl",
        "task",
        "terraform",
        "tofu",
        "tmux",
        "uv",
        "vagrant",
        "virsh",
        "yarn",
        "zypper",
    ]
)
_SECOND_WORD: Final = MappingProxyType(
    {
        "docker": frozenset(("compose", "image", "container", "network", "volume", "system")),
        "npm": frozenset(("run",)),
        "pnpm": frozenset(("run",)),
        "yarn": frozenset(("run",)),
        "uv": frozenset(("run", "pip")),
        "poetry": frozenset(("run",)),
        "gh": frozenset(("pr", "issue", "repo", "run")),
        "go": frozenset(("mod",)),
    }
)
"""Subcommands that say little without the word after them."""

_VALUE_OPTIONS: Final = MappingProxyType(
    {
        "git": frozenset(("-C", "-c", "--git-dir", "--work-tree", "--namespace")),
        "make": frozenset(("-C", "-f", "-I", "-j", "-l", "-o", "-W")),
        "kubectl": frozenset(("-n", "--namespace", "--context", "--kubeconfig", "--cluster")),
        "docker": frozenset(("-H", "--context", "--config", "-l")),
        "helm": frozenset(("-n", "--namespace", "--kube-context")),
        "systemctl": frozenset(("-t", "-p", "-H", "-M")),
        "cargo": frozenset(("-C", "-Z", "--config", "--color")),
        "npm": frozenset(("--prefix",)),
        "just": frozenset(("-f", "-d")),
        "tmux": frozenset(("-L", "-S", "-f")),
    }
)
_PYTHON: Final = re.compile(r"python[0-9.]*")


def name(line: str) -> str | None:
    """The name of the first command of a line: "git commit", "make test", "python -m pytest", "vim".

    Assignments, `sudo`, `env` and their like, folders of the program and a leading `cd DIR &&` are passed over.

    Args:
        line: a command line, as typed; unbalanced quotes do no harm.
    """
    words = [match.group() for match in _LEXEME.finditer(line[:4096])]
    first = _first_command(words)
    if first[:1] == ["cd"] and "&&" in words:
        rest = _first_command(words[words.index("&&") + 1 :])
        first = rest or first
    if not first:
        return None
    program, *arguments = first
    family = program.lower()
    if _PYTHON.fullmatch(program) and arguments[:1] == ["-m"] and len(arguments) > 1:
        return _bounded((program, "-m", arguments[1]))
    if family in _FAMILIES:
        return _bounded((program, *_subcommands(family, arguments)))
    return _bounded((program,))


def _first_command(words: list[str]) -> list[str]:
    """The words of the first simple command, program first and without its folder, prefixes gone."""
    cut = next((index for index, word in enumerate(words) if word in _SEPARATORS), len(words))
    command = words[:cut]
    while command:
        head = command[0].lstrip("(")
        if not head or head in _OPENERS or _ASSIGNMENT.match(head):
            command = command[1:]
            continue
        program = head.strip("\"'").rstrip("/").rpartition("/")[2].lstrip("\\")
        if program not in _PREFIXES or len(command) == 1:
            return [program, *command[1:]] if program else []
        command = _after_options(command[1:], _PREFIXES[program])
        if program == "timeout":
            command = command[1:]
    return []


def _after_options(words: list[str], with_value: frozenset[str]) -> list[str]:
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in with_value else 1
    return words[index:]


def _subcommands(program: str, arguments: list[str]) -> tuple[str, ...]:
    rest = _after_options(arguments, _VALUE_OPTIONS.get(program, frozenset()))
    if not rest or not _SUBCOMMAND.fullmatch(rest[0]):
        return ()
    if rest[0] in _SECOND_WORD.get(program, ()) and len(rest) > 1 and _SUBCOMMAND.fullmatch(rest[1]):
        return rest[0], rest[1]
    return (rest[0],)


def _bounded(words: tuple[str, ...]) -> str:
    return " ".join(words)[:MAX_CHARS]
