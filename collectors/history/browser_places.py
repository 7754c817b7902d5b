"""The folders of browser profiles: of packages, snaps and flatpaks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from collectors.history.reader import existing

# Folder below the configuration folder, and the browser's name as its windows carry it.
_CHROMIUM_FOLDERS: Final = (
    ("google-chrome", "google-chrome"),
    ("google-chrome-beta", "google-chrome"),
    ("google-chrome-unstable", "google-chrome"),
    ("chromium", "chromium"),
    ("BraveSoftware/Brave-Browser", "brave-browser"),
    ("microsoft-edge", "microsoft-edge"),
    ("microsoft-edge-beta", "microsoft-edge"),
    ("vivaldi", "vivaldi"),
    ("opera", "opera"),
)
_CONFIG_ROOTS: Final = (
    "snap/chromium/common",
    "snap/brave/current/.config",
    "snap/opera/current/.config",
    ".var/app/com.google.Chrome/config",
    ".var/app/org.chromium.Chromium/config",
    ".var/app/com.brave.Browser/config",
    ".var/app/com.microsoft.Edge/config",
    ".var/app/com.vivaldi.Vivaldi/config",
)
_FIREFOX_ROOTS: Final = (
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".librewolf",
    ".var/app/io.gitlab.librewolf-community/.librewolf",
    ".waterfox",
)


def chromium_histories(home: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The `History` file of every profile of every browser of the Chromium family."""
    roots = [Path(environ.get("XDG_CONFIG_HOME") or home / ".config"), home / ".config"]
    roots += [home / root for root in _CONFIG_ROOTS]
    return _below([root / folder for root in roots for folder, _ in _CHROMIUM_FOLDERS], "History")


def firefox_histories(home: Path) -> tuple[Path, ...]:
    """The `places.sqlite` of every profile of Firefox and its relatives."""
    return _below([home / root for root in _FIREFOX_ROOTS], "places.sqlite")


def browser_of(path: Path, usual: str) -> str:
    """The browser whose profile a file lies in; `usual` if the path does not tell."""
    whole = str(path).lower()
    for folder, app in _CHROMIUM_FOLDERS:
        if f"/{folder.lower()}/" in whole:
            return app
    return next((name for name in ("librewolf", "waterfox") if name in whole), usual)


def _below(folders: list[Path], name: str) -> tuple[Path, ...]:
    candidates: list[Path] = []
    for folder in folders:
        try:
            candidates += [folder / name, *sorted(folder.glob(f"*/{name}"))]
        except OSError:
            continue  # a folder that may not be listed holds nothing that could be read
    return existing([path for path in candidates if path.parent.name not in ("System Profile", "Guest Profile")])
