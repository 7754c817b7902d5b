"""Packs the browser extension, once for Chromium and once for Firefox, out of the one source in extensions/browser.

Run: python -m tools.browser_extension [FOLDER]
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tools.console import say

SOURCE: Final = Path(__file__).resolve().parents[1] / "extensions" / "browser"
MANIFEST: Final = "manifest.json"
_THE_SAME_TIME: Final = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest a zip can tell, so that the same source makes the same file


def manifest_for(browser: str, source: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest without what the other browser alone reads, and would warn of.

    Args:
        browser: "chromium" or "firefox".
        source: the manifest of the source, which both read.
    """
    other, background = {
        "chromium": ("browser_specific_settings", "scripts"),
        "firefox": ("minimum_chrome_version", "service_worker"),
    }[browser]
    made = {name: value for name, value in source.items() if name != other}
    return {**made, "background": {name: value for name, value in source["background"].items() if name != background}}


def pack(browser: str, target: Path, source: Path = SOURCE) -> None:
    """Write one package.

    Args:
        browser: "chromium" or "firefox".
        target: the file to write; a firefox package is one that Firefox itself opens (.xpi).
        source: the extension's folder.
    """
    manifest = manifest_for(browser, json.loads((source / MANIFEST).read_text(encoding="utf-8")))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for path in _files(source):
            name = path.relative_to(source).as_posix()
            data = json.dumps(manifest, indent=2).encode() if name == MANIFEST else path.read_bytes()
            package.writestr(zipfile.ZipInfo(name, _THE_SAME_TIME), data, zipfile.ZIP_DEFLATED)


def _files(source: Path) -> Iterator[Path]:
    return (path for path in sorted(source.rglob("*")) if path.is_file())


def main() -> None:
    """Pack both."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("dist")
    folder.mkdir(parents=True, exist_ok=True)
    for browser, suffix in (("chromium", "zip"), ("firefox", "xpi")):
        target = folder / f"kryptictrack-{browser}.{suffix}"
        pack(browser, target)
        say(f"Packed {target}")


if __name__ == "__main__":
    main()
