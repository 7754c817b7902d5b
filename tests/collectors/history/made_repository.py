"""Repositories that git itself makes for the tests."""

from __future__ import annotations

import os
import subprocess

T = 1_700_000_000


class Repository:
    """A repository in which every command is a minute after the one before."""

    def __init__(self, path, *, email="me@example.org"):
        self.path = path
        self.now_s = T
        path.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Me")
        if email:
            self.git("config", "user.email", email)

    def git(self, *arguments, **variables):
        self.now_s += 60
        date = f"@{self.now_s} +0200"
        clock = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            check=True,
            capture_output=True,
            env={**os.environ, **clock, **variables},
        )

    def commit(self, title, text="a line\n", name="file", **variables):
        with (self.path / name).open("a") as file:
            file.write(text)
        self.git("add", ".")
        self.git("commit", "-q", "-m", title, **variables)
