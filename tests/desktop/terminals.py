"""Real shells in real terminals (ptys), typed into line by line; each is ended by its own number."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.checkout import ROOT
from tests.desktop.programs import PATIENCE_S

HOOKS: Final = ROOT / "extensions" / "shell"
SHELLS: Final = ("bash", "zsh", "fish")
_ESCAPES: Final = re.compile(rb"\x1b(?:\[[0-9;?=>]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])|\r|\x0f|\x07")
# The prompt counts the commands, so that the one after a command can be reported from one that is merely drawn again.
_START: Final = {
    "bash": "_ready=0\nPROMPT_COMMAND=('_ready=$((_ready+1))')\nPS1='<$_ready>'\nHISTFILE=$HOME/.bash_history\n",
    "zsh": "setopt promptsubst nopromptsp\n_ready=0\n_count() { _ready=$((_ready+1)); }\nprecmd_functions+=(_count)\n"
    "PS1='<$_ready>'\nHISTFILE=$HOME/.zsh_history SAVEHIST=100 HISTSIZE=100\n",
    "fish": "set -g _ready 1\nset -g fish_greeting\nfunction _count --on-event fish_postexec; set _ready (math $_ready + 1); end\n"
    'function fish_prompt; echo -n "<$_ready>"; end\nfunction fish_title; end\nset -g fish_autosuggestion_enabled 0\n',
}


class Terminal:
    """One shell in one terminal.

    Args:
        shell: its name.
        home: its home, with the start-up files.
        environ: what else its environment holds.
    """

    def __init__(self, shell: str, home: Path, environ: Mapping[str, str]) -> None:
        self.shell = shell
        self.output = b""
        self._prompts = 0
        inherited = {name: os.environ[name] for name in ("PATH", "XDG_RUNTIME_DIR") if name in os.environ}
        whole = {**inherited, "HOME": str(home), "TERM": "dumb", "LC_ALL": "C.UTF-8", **environ}
        spare_fish_its_manuals(Path(whole.get("XDG_DATA_HOME", home / ".local" / "share")))
        self.process, self._terminal = pty.fork()
        if not self.process:
            os.chdir(home)
            os.execvpe(shell, [shell, "-i"], {**whole, "ZDOTDIR": str(home), "XDG_CONFIG_HOME": str(home / ".config")})
        self.until_prompt()

    def enter(self, line: str) -> str:
        """Type a line, wait for the prompt after it: what the shell wrote meanwhile, without the line itself."""
        before = len(self.output)
        self.type(line + "\r")
        self.until_prompt()
        return _ESCAPES.sub(b"", self.output[before:]).decode("utf-8", "replace")

    def answer(self, line: str) -> str:
        """Type a short line: what the shell writes from the Return key to the prompt after it."""
        self.type(line)
        self.until(line)
        self.output = b""
        self.type("\r")
        self.until_prompt()
        # What comes before the end of the typed line is that line, drawn once more.
        return _ESCAPES.sub(b"", self.output).partition(b"\n")[2].decode("utf-8", "replace")

    def type(self, keys: str) -> None:
        """Type, and wait for nothing."""
        os.write(self._terminal, keys.encode())

    def until_prompt(self) -> None:
        """Wait for the next prompt."""
        self._prompts += 1
        self.until(f"<{self._prompts}>")

    def until(self, text: str) -> None:
        """Wait until the shell has written something."""
        deadline_s = time.monotonic() + PATIENCE_S
        while text.encode() not in self.output:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or not select.select([self._terminal], [], [], left_s)[0]:
                raise AssertionError(f"{self.shell} never wrote {text!r}; it wrote {self.output!r}")
            self.output += os.read(self._terminal, 1 << 16)

    def close(self) -> None:
        """Close the terminal's window: the shell is asked to hang up, and is waited for."""
        os.close(self._terminal)
        try:
            os.kill(self.process, signal.SIGKILL)
        finally:
            os.waitpid(self.process, 0)


def spare_fish_its_manuals(data: Path) -> None:
    """Let fish find what it would make of all manual pages, in the background, at the first prompt of a new home.

    That takes a minute of the processor, and goes on after the shell has ended.
    """
    (data / "fish" / "generated_completions").mkdir(parents=True, exist_ok=True)


def write_start_up(shell: str, home: Path, *, before: str = "", hooked: bool = True) -> None:
    """Write a shell's start-up file.

    Args:
        shell: its name.
        home: where its home is.
        before: what the user has in it.
        hooked: whether our line stands at its end.
    """
    place = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}[shell]
    (home / place).parent.mkdir(parents=True, exist_ok=True)
    line = f"source {shlex.quote(str(HOOKS / f'kryptic.{shell}'))}\n" if hooked else ""
    (home / place).write_text(f"{_START[shell]}{before}\n{line}")


@contextmanager
def terminal(
    shell: str, home: Path, environ: Mapping[str, str] | None = None, *, before: str = "", hooked: bool | None = True
) -> Iterator[Terminal]:
    """A shell at its first prompt for the length of a block; see `write_start_up`, which `hooked=None` leaves out."""
    if hooked is not None:
        write_start_up(shell, home, before=before, hooked=hooked)
    opened = Terminal(shell, home, environ or {})
    try:
        yield opened
    finally:
        opened.close()
