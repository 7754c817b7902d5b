"""Commands by name: arguments are checked before anything runs, and a fault inside is a fault."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.errors import KnownError
from app.paths import from_environment
from app.services.commands.dispatch import Commands
from app.services.core import Core
from app.store.store import Store
from tests.app import speaker
from tests.app.services.conftest import KEY, Clock


@pytest.fixture
def core(own_home: Path, clock: Clock) -> Iterator[Core]:
    paths = from_environment(os.environ)
    paths.create()
    core = Core(paths, Store.create(paths.store, KEY), os.environ, clock, speaker.brain("well"))
    yield core
    core.close()


def run(core: Core, name: str, arguments: Mapping[str, Any]) -> Any:
    return Commands(core).command(name, arguments, lambda _progress: None)


def test_an_unknown_command_is_refused_with_the_known_ones(core: Core) -> None:
    with pytest.raises(KnownError, match="no command 'dance'") as refused:
        run(core, "dance", {})
    for name in ("activitywatch", "ask", "forget", "import", "status", "verify"):
        assert name in refused.value.remedy


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("search", {"text": "page", "most": 3}, "`most`"),
        ("search", {}, "`text`"),
        ("search", {"text": "page", "limit": "many"}, "limit"),
        ("pause", {"seconds": "soon"}, "seconds"),
        ("consent", {"grant": "window", "revoke": []}, "grant"),
        ("cleanup", {"keep_days": 30, "dry_run": 1}, "dry_run"),
        ("export", {"path": "x", "format": "pdf", "passphrase": None}, "format"),
        ("forget", {"request": {"application": "firefox"}, "dry_run": True}, "`application`"),
        ("forget", {"request": {"actions": [[1]]}, "dry_run": True}, "actions"),
        ("status", {"now": True}, "`now`"),
    ],
)
def test_a_wrong_argument_is_named(core: Core, name: str, arguments: Mapping[str, Any], words: str) -> None:
    with pytest.raises(KnownError, match=f"The command {name} does not take these arguments") as refused:
        run(core, name, arguments)
    assert words in refused.value.message


def test_a_forgetting_with_an_unknown_filter_forgets_nothing(core: Core) -> None:
    """A filter that was left out in silence would widen what is forgotten."""
    with pytest.raises(KnownError):
        run(core, "forget", {"request": {"app": "firefox", "before_us": 1}, "dry_run": False})
    with core.store.reader() as reader:
        assert reader.unfinished_forgetting() is None


def test_a_type_error_inside_a_command_is_no_wrong_argument(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(**_: object) -> None:
        raise TypeError("unsupported operand")

    monkeypatch.setattr(core.preferences, "change", fault)
    with pytest.raises(TypeError, match="unsupported operand"):
        run(core, "resume", {})


def test_defaults_stand_for_arguments_that_are_left_out(core: Core) -> None:
    assert run(core, "search", {"text": "nothing of that"}) == []
    assert run(core, "verify", {})["problems"] == []
