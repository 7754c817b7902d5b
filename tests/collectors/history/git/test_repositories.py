"""The folders in which repositories are searched for."""

from __future__ import annotations

import subprocess

from collectors.history.git.log import GitHistory
from collectors.history.git.repositories import MAX_DEPTH, repositories_under
from tests.collectors.history.made_repository import Repository


def test_finds_work_trees_nested_ones_and_bare_ones(own_home):
    for path in ("a", "a/inner", "b/c"):
        Repository(own_home / path)
    subprocess.run(["git", "init", "-q", "--bare", str(own_home / "d.git")], check=True)
    assert set(GitHistory().discover(own_home, {})) == {own_home / name for name in ("a", "a/inner", "b/c", "d.git")}


def test_passes_over_places_where_nobody_works(own_home):
    for path in ("node_modules/x", ".cache/x", ".local/share/x", "venv/x"):
        Repository(own_home / path)
    assert repositories_under(own_home) == ()


def test_goes_only_so_deep(own_home):
    near = own_home.joinpath(*"abcdefgh"[: MAX_DEPTH - 1])
    Repository(near)
    Repository(own_home.joinpath(*"zbcdefghij"))
    assert repositories_under(own_home) == (near,)


def test_does_not_follow_links(own_home, tmp_path):
    Repository(tmp_path / "outside")
    (own_home / "link").symlink_to(tmp_path / "outside")
    (own_home / "loop").symlink_to(own_home)
    assert repositories_under(own_home) == ()
