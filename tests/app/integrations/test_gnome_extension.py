"""The files of GNOME Shell's extension; a real shell loads them in tests/collectors/desktop/window/test_gnome.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import KnownError
from app.integrations import gnome_extension


def test_each_version_gets_the_form_that_it_loads():
    for version, majors, starts in (
        ("43.9", ["43", "44"], "const {Gio, GLib} = imports.gi;"),
        ("48.1", [str(major) for major in range(45, 51)], "import Gio from 'gi://Gio';"),
    ):
        files = gnome_extension.files(version)
        about = json.loads(files["metadata.json"])
        assert (about["uuid"], about["shell-version"]) == (gnome_extension.UUID, majors)
        assert starts in files["extension.js"]
        assert files["extension.js"].count("class FocusTeller {") == 1


def test_neither_form_has_words_of_the_other():
    old, new = (gnome_extension.files(version)["extension.js"] for version in ("43.9", "48.1"))
    assert "export" not in old.replace(".export(", "").replace(".unexport(", "")
    assert "imports." not in new
    assert "function init()" not in new


@pytest.mark.parametrize("version", ["42.9", "51.0", "", "fresh"])
def test_a_version_that_cannot_load_it_is_reported_so(version: str, tmp_path: Path):
    with pytest.raises(KnownError, match="43 to 50"):
        gnome_extension.install(tmp_path, version)
    assert not (tmp_path / "gnome-shell").exists()


def test_it_takes_the_place_of_an_older_one_and_goes_whole(tmp_path: Path):
    target = gnome_extension.folder(tmp_path)
    target.mkdir(parents=True)
    (target / "left.js").touch()
    assert gnome_extension.install(tmp_path, "43.9") == target
    assert sorted(path.name for path in target.iterdir()) == ["extension.js", "metadata.json"]
    assert [path.name for path in target.parent.iterdir()] == [gnome_extension.UUID]
    assert gnome_extension.remove(tmp_path)
    assert not gnome_extension.remove(tmp_path)
    assert not target.exists()


def test_a_folder_that_cannot_be_written_is_reported_with_what_to_do(tmp_path: Path):
    (tmp_path / "gnome-shell").write_text("a file in the way")
    with pytest.raises(KnownError, match="could not be changed"):
        gnome_extension.install(tmp_path, "43.9")
