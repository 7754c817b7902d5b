"""The package of the editors' extension, and handing it to editors."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.cli import vscode as cli_vscode
from app.errors import KnownError
from app.integrations import vscode_extension


def editor(folder: Path, name: str, script: str = 'echo "$@" > "$0.asked"') -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_package_holds_the_extension_and_says_what_it_is(tmp_path: Path) -> None:
    vscode_extension.pack(tmp_path / "a.vsix")
    with zipfile.ZipFile(tmp_path / "a.vsix") as package:
        assert package.testzip() is None
        names = set(package.namelist())
        manifest = ET.fromstring(package.read("extension.vsixmanifest"))
        ET.fromstring(package.read("[Content_Types].xml"))
        about = json.loads(package.read("extension/package.json"))
    scripts = {
        f"extension/{path.relative_to(vscode_extension.FOLDER)}" for path in vscode_extension.FOLDER.rglob("*.js")
    }
    assert scripts <= names
    assert f"extension/{about['main'].removeprefix('./')}" in names
    identity = manifest.find(".//{*}Identity")
    assert identity is not None
    assert f"{identity.get('Publisher')}.{identity.get('Id')}" == vscode_extension.identity()
    assert identity.get("Version") == about["version"]


def test_the_same_files_give_the_same_package(tmp_path: Path) -> None:
    for name in ("a", "b"):
        vscode_extension.pack(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_every_editor_that_is_there_is_handed_the_package(tmp_path: Path) -> None:
    paths = [editor(tmp_path / "bin", name) for name in ("code", "codium")]
    environ = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    assert vscode_extension.install(environ) == ("code", "codium")
    for path in paths:
        asked = Path(f"{path}.asked").read_text().split()
        assert (asked[0], asked[2]) == ("--install-extension", "--force")
        assert asked[1].endswith(".vsix")
    assert vscode_extension.remove(environ) == ("code", "codium")
    assert Path(f"{paths[0]}.asked").read_text().split() == ["--uninstall-extension", vscode_extension.identity()]


def test_where_there_is_no_editor_that_is_reported(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="No editor was found"):
        vscode_extension.install({"PATH": str(tmp_path)})


def test_what_an_editor_has_against_it_is_reported(tmp_path: Path) -> None:
    editor(tmp_path / "bin", "code", "echo too old >&2; exit 1")
    with pytest.raises(KnownError, match="code did not do it: too old"):
        vscode_extension.install({"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"})


def test_the_command_packs_it_where_it_is_reported(tmp_path: Path) -> None:
    result = cli_vscode.run("pack", tmp_path / "here.vsix")
    assert zipfile.is_zipfile(result["package"])
