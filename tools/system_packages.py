"""The system's own packages: which are needed, which are missing, and getting them.

Debian and Ubuntu are asked through dpkg-query and served through apt-get. Elsewhere the shared libraries and programs
themselves are looked for, because package names differ there.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.console import SetupError, say

APT_LISTS = Path("/var/lib/apt/lists")
OS_RELEASE = Path("/etc/os-release")


class Requirement(NamedTuple):
    """One system package.

    Attributes:
        packages: its names on Debian and Ubuntu, the newest release's first.
        probe: what it brings, to look for elsewhere: a shared library's soname, or a program's name.
    """

    packages: tuple[str, ...]
    probe: str

    @property
    def is_library(self) -> bool:
        """Whether the probe is a shared library, not a program."""
        return ".so" in self.probe


def of(*lines: str) -> tuple[Requirement, ...]:
    """Requirements, each written as its probe and its names."""
    parts = (line.split() for line in lines)
    return tuple(Requirement(packages=tuple(names), probe=probe) for probe, *names in parts)


# Everything libqxcb.so and libQt6Gui.so ask the loader for that PySide6 does not bring along, the compilers for
# llama.cpp, and git, which the history import asks.
RUN = of(
    "gcc gcc",
    "g++ g++",
    "git git",
    "libgomp.so.1 libgomp1",
    "libEGL.so.1 libegl1",
    "libGL.so.1 libgl1",
    "libX11.so.6 libx11-6",
    "libX11-xcb.so.1 libx11-xcb1",
    "libdbus-1.so.3 libdbus-1-3",
    "libfontconfig.so.1 libfontconfig1",
    "libfreetype.so.6 libfreetype6",
    "libglib-2.0.so.0 libglib2.0-0t64 libglib2.0-0",
    "libxkbcommon.so.0 libxkbcommon0",
    "libxkbcommon-x11.so.0 libxkbcommon-x11-0",
    "libxcb.so.1 libxcb1",
    "libxcb-cursor.so.0 libxcb-cursor0",
    "libxcb-glx.so.0 libxcb-glx0",
    "libxcb-icccm.so.4 libxcb-icccm4",
    "libxcb-image.so.0 libxcb-image0",
    "libxcb-keysyms.so.1 libxcb-keysyms1",
    "libxcb-randr.so.0 libxcb-randr0",
    "libxcb-render.so.0 libxcb-render0",
    "libxcb-render-util.so.0 libxcb-render-util0",
    "libxcb-shape.so.0 libxcb-shape0",
    "libxcb-shm.so.0 libxcb-shm0",
    "libxcb-sync.so.1 libxcb-sync1",
    "libxcb-util.so.1 libxcb-util1",
    "libxcb-xfixes.so.0 libxcb-xfixes0",
    "libxcb-xkb.so.1 libxcb-xkb1",
)

# The tests drive real windows, shells, a bus and a keyring.
TEST = (
    *of(
        "Xvfb xvfb",
        "openbox openbox",
        "xterm xterm",
        "xdotool xdotool",
        "xprop x11-utils",
        "xclock x11-apps",
        "import imagemagick",
        "trayer trayer",
        "dbus-daemon dbus-daemon dbus",
        "dbus-run-session dbus-bin dbus",
        "dbus-launch dbus-x11",
        "gnome-keyring-daemon gnome-keyring",
        "zsh zsh",
        "fish fish",
        "fc-list fontconfig",
        "desktop-file-validate desktop-file-utils",
        "systemd-analyze systemd",
    ),
    Requirement(packages=("fonts-dejavu-core",), probe="fc-list"),
)

# Whole desktops and a browser: gigabytes that nobody is made to install for `make test`. Tests that drive them are
# skipped with their reason if these are missing, but for continuous integration, which installs and runs them all.
DESKTOPS = (
    *of(
        "sway sway",
        "foot foot",
        "wtype wtype",
        "kwin_wayland kwin-wayland",
        "gnome-shell gnome-shell",
        "chromium chromium",
        "firefox-esr firefox-esr firefox",
        "vim vim",
        "gsettings libglib2.0-bin",
        "pipewire pipewire",
        "wireplumber wireplumber",
        "pw-dump pipewire-bin",
        "setpriv util-linux",
        "gst-launch-1.0 gstreamer1.0-tools",
        "/usr/libexec/xdg-desktop-portal xdg-desktop-portal",
        "/usr/libexec/xdg-desktop-portal-wlr xdg-desktop-portal-wlr",
    ),
    Requirement(packages=("gstreamer1.0-plugins-base",), probe="gst-launch-1.0"),
    Requirement(packages=("gstreamer1.0-pipewire",), probe="gst-launch-1.0"),
    Requirement(packages=("python3-dbusmock",), probe="python3"),
)


def for_mode(mode: str, *, with_desktops: bool = False) -> tuple[Requirement, ...]:
    """What `make run` or `make test` needs; with the desktops that continuous integration drives."""
    if mode != "test":
        return RUN
    return RUN + TEST + DESKTOPS if with_desktops else RUN + TEST


def parse_os_release(text: str) -> dict[str, str]:
    """Reads os-release (os-release(5): NAME=value lines, values may be quoted)."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def is_debian_like(release: Mapping[str, str]) -> bool:
    """Whether the distribution is Debian or Ubuntu, or says that it descends from one of them."""
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return bool(family & {"debian", "ubuntu"})


def parse_installed(dpkg_output: str) -> frozenset[str]:
    """The installed packages in the output of `dpkg-query -W`, asked for `${Package} ${db:Status-Status}` a line."""
    rows = (line.split() for line in dpkg_output.splitlines())
    return frozenset(row[0] for row in rows if row[1:] == ["installed"])


def parse_available(policy_output: str) -> frozenset[str]:
    """The packages that `apt-cache policy NAME…` has a candidate for."""
    entries = re.findall(r"^([a-z0-9][^\s:]*)(?::\S+)?:\n(?:.*\n)??  Candidate: (.*)$", policy_output, re.MULTILINE)
    return frozenset(name for name, candidate in entries if candidate != "(none)")


def missing(requirements: Iterable[Requirement], installed: frozenset[str]) -> tuple[Requirement, ...]:
    """The requirements none of whose names is installed."""
    return tuple(requirement for requirement in requirements if installed.isdisjoint(requirement.packages))


def to_install(
    requirements: Iterable[Requirement], available: frozenset[str]
) -> tuple[tuple[str, ...], tuple[Requirement, ...]]:
    """Picks the name each requirement has here.

    One unknown name would fail the whole apt call, so the unknown ones are handed back apart.

    Returns:
        The names to install, and the requirements that no package list here knows.
    """
    names: list[str] = []
    unknown: list[Requirement] = []
    for requirement in requirements:
        known = [name for name in requirement.packages if name in available]
        if known:
            names.append(known[0])
        else:
            unknown.append(requirement)
    return tuple(dict.fromkeys(names)), tuple(unknown)


def install_line(packages: Sequence[str]) -> str:
    """The line a person types to install the packages."""
    return f"sudo apt-get update && sudo apt-get install --no-install-recommends {' '.join(packages)}"


def loads(soname: str) -> bool:
    """Whether the dynamic loader finds the library."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def absent(
    requirements: Iterable[Requirement],
    library: Callable[[str], bool] = loads,
    program: Callable[[str], str | None] = shutil.which,
) -> tuple[str, ...]:
    """The libraries and programs that are not on this machine, whatever its package manager."""
    probes = dict.fromkeys((requirement.probe, requirement.is_library) for requirement in requirements)
    return tuple(
        f"shared library {probe}" if is_library else f"program {probe}"
        for probe, is_library in probes
        if not (library(probe) if is_library else program(probe))
    )


def _output(*command: str) -> str:
    # dpkg-query and apt-cache answer for the names they know and exit 1 for the others; the answer is what counts.
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment).stdout


def installed(requirements: Iterable[Requirement]) -> frozenset[str]:
    """Asks dpkg which of the packages are installed here."""
    names = [name for requirement in requirements for name in requirement.packages]
    return parse_installed(_output("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names))


def available(requirements: Iterable[Requirement]) -> frozenset[str]:
    """Asks apt which of the packages it could install; none at all if its lists were never fetched."""
    names = [name for requirement in requirements for name in requirement.packages]
    return parse_available(_output("apt-cache", "policy", *names))


def _as_root() -> tuple[str, ...] | None:
    if os.geteuid() == 0:
        return ()
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ("sudo", "-n")
    return None


def apt(prefix: Sequence[str], *arguments: str) -> None:
    """Runs apt-get without questions.

    Args:
        prefix: what makes it root, such as sudo; nothing for root.
        arguments: of apt-get.

    Raises:
        SetupError: apt-get did not succeed; it has said why.
    """
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *arguments]
    if subprocess.run(command, check=False).returncode != 0:
        raise SetupError(
            f"apt-get {arguments[0]} did not succeed; what it said stands above.", "Mend that, then start again."
        )


def _install_with_apt(wanted: tuple[Requirement, ...]) -> None:
    names, unknown = to_install(wanted, available(wanted))
    prefix = _as_root()
    if prefix is None:
        line = install_line([*names, *(requirement.packages[0] for requirement in unknown)])
        raise SetupError("Some system packages are missing. Install them with this line, then start again:", line)
    if unknown:
        say("Refreshing the package lists ...")
        apt(prefix, "update")
        names, unknown = to_install(wanted, available(wanted))
    if names:
        say(f"Installing system packages: {' '.join(names)}")
        apt(prefix, "install", "-y", "--no-install-recommends", *names)
    if unknown:
        listed = ", ".join(f"{requirement.packages[0]} (for {requirement.probe})" for requirement in unknown)
        raise SetupError(
            f"The package lists of this system do not know: {listed}.",
            "Enable the distribution's main and universe sections, or install what brings them, then start again.",
        )


def ensure(requirements: Sequence[Requirement], extra: Sequence[Requirement] = ()) -> None:
    """Makes sure that system packages are there.

    Args:
        requirements: such as `for_mode` names.
        extra: what the chosen interpreter lacks besides, which is known not to be there.

    Raises:
        SetupError: something is missing and cannot be installed from here; the remedy says what to type.
    """
    release = parse_os_release(OS_RELEASE.read_text(encoding="utf-8")) if OS_RELEASE.exists() else {}
    if is_debian_like(release) and shutil.which("dpkg-query") and shutil.which("apt-get"):
        lacking = missing(requirements, installed(requirements)) + tuple(extra)
        if lacking:
            _install_with_apt(lacking)
        return
    lacking_parts = absent(requirements) + tuple(requirement.probe for requirement in extra)
    if lacking_parts:
        name = release.get("PRETTY_NAME", "this system")
        raise SetupError(
            f"These parts are missing, and {name} is neither Debian nor Ubuntu, so they cannot be installed from here:",
            "\n".join(f"  {part}" for part in lacking_parts),
        )
