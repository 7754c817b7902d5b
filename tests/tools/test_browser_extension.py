"""One source, two packages: each has every file, and the manifest that its browser reads."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tools.browser_extension import SOURCE, pack


@pytest.mark.parametrize(
    ("browser", "background", "absent"),
    [("chromium", "service_worker", "browser_specific_settings"), ("firefox", "scripts", "minimum_chrome_version")],
)
def test_a_package_has_the_manifest_of_its_browser(tmp_path: Path, browser: str, background: str, absent: str):
    pack(browser, tmp_path / "packed")
    with zipfile.ZipFile(tmp_path / "packed") as package:
        manifest = json.loads(package.read("manifest.json"))
        names = set(package.namelist())
    assert set(manifest["background"]) == {background, "type"}
    assert absent not in manifest
    assert manifest["incognito"] == "not_allowed"
    assert names == {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*") if path.is_file()}


def test_the_same_source_makes_the_same_package(tmp_path: Path):
    for name in ("one", "two"):
        pack("firefox", tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_every_file_that_the_manifest_names_is_there():
    manifest = json.loads((SOURCE / "manifest.json").read_text())
    [content] = manifest["content_scripts"]
    named = {
        *content["js"],
        *manifest["icons"].values(),
        *manifest["background"]["scripts"],
        manifest["action"]["default_popup"],
        manifest["options_ui"]["page"],
    }
    assert [name for name in named if not (SOURCE / name).is_file()] == []
