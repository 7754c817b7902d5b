"""The paths of everything, from the XDG variables (freedesktop.org, XDG Base Directory Specification 0.8)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "kryptictrack"
PRIVATE_DIRECTORY_MODE = 0o700


@dataclass(frozen=True, slots=True)
class Paths:
    """The directories of one profile. `sample` has its own, so a synthetic life never mixes with a real one."""

    config: Path
    data: Path
    state: Path
    cache: Path
    runtime: Path
    home: Path
    is_sample: bool = False

    @property
    def store(self) -> Path:
        """The encrypted database."""
        return self.data / "store.db"

    @property
    def envelope(self) -> Path:
        """The wrapped data key (JSON; no key in the clear)."""
        return self.data / "keys.json"

    @property
    def log(self) -> Path:
        """The program's own log; it never holds captured text."""
        return self.state / "kryptic.log"

    @property
    def socket(self) -> Path:
        """The control socket of the running program."""
        return self.runtime / "control.sock"

    @property
    def lock(self) -> Path:
        """Held by whichever process owns the store."""
        return self.runtime / "instance.lock"

    @property
    def autostart(self) -> Path:
        """The desktop's autostart entry for this user."""
        return self.config.parent / "autostart" / "kryptic.desktop"

    @property
    def user_unit(self) -> Path:
        """The systemd user unit, for those who prefer it to the autostart entry."""
        return self.config.parent / "systemd" / "user" / "kryptic.service"

    @property
    def menu_entry(self) -> Path:
        """The program's entry in the desktop's menu."""
        return self.data.parent / "applications" / "kryptic.desktop"

    @property
    def icon(self) -> Path:
        """The program's icon, at the path at which the desktop looks for the name `kryptictrack`."""
        return self.data.parent / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"

    def create(self) -> None:
        """Make every directory, closed to other users."""
        for directory in (self.config, self.data, self.state, self.cache, self.runtime):
            directory.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY_MODE)
            directory.chmod(PRIVATE_DIRECTORY_MODE)


def from_environment(environ: Mapping[str, str], *, sample: bool = False) -> Paths:
    """The paths of the user's profile, or of the sample profile.

    A relative XDG value is ignored, as the specification asks. Without XDG_RUNTIME_DIR a directory of this user's own
    under the temporary directory serves.
    """
    home = Path(environ.get("HOME") or Path.home())

    def base(variable: str, fallback: Path) -> Path:
        value = environ.get(variable, "")
        path = Path(value)
        return path if path.is_absolute() else fallback

    name = f"{NAME}-sample" if sample else NAME
    runtime_base = base("XDG_RUNTIME_DIR", Path(tempfile.gettempdir()) / f"{NAME}-runtime-{os.getuid()}")
    return Paths(
        config=base("XDG_CONFIG_HOME", home / ".config") / name,
        data=base("XDG_DATA_HOME", home / ".local" / "share") / name,
        state=base("XDG_STATE_HOME", home / ".local" / "state") / name,
        cache=base("XDG_CACHE_HOME", home / ".cache") / name,
        runtime=runtime_base / name,
        home=home,
        is_sample=sample,
    )
