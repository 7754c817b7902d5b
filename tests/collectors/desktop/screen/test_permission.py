"""The permission to look at a shared screen is kept for the next time, for this user alone, and can be given back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.desktop.screen.permission import give_back, keep, load, place
from tests.desktop.fixtures import needs
from tests.desktop.peers import peer
from tests.desktop.programs import session_bus

PERMISSIONS = "org.freedesktop.impl.portal.PermissionStore"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def test_the_newest_token_is_kept_for_nobody_else(environ: dict[str, str]):
    assert load(environ) is None
    for token in ("first", "second"):
        keep(environ, token)
        assert load(environ) == token
    assert place(environ).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in place(environ).parent.iterdir()] == [place(environ).name]


def test_it_lies_where_the_session_keeps_its_state():
    assert place({"HOME": "/h"}) == Path("/h/.local/state/kryptictrack/screen-permission")
    assert place({"HOME": "/h", "XDG_STATE_HOME": "/s"}) == Path("/s/kryptictrack/screen-permission")
    assert place({"HOME": "/h", "XDG_STATE_HOME": "relative"}) == place({"HOME": "/h"})


@pytest.mark.parametrize("token", [None, 7, "", "two\nlines", "é", "x" * 1_001, b"bytes"])
def test_what_is_no_token_takes_the_old_one_away(environ: dict[str, str], token: Any):
    keep(environ, "old")
    keep(environ, token)
    assert load(environ) is None


@pytest.mark.parametrize("data", [b"", b"two\nlines", b"\xff", b"x" * 2_000])
def test_a_file_without_a_token_is_as_good_as_none(environ: dict[str, str], data: bytes):
    keep(environ, "old")
    place(environ).write_bytes(data)
    assert load(environ) is None


def test_where_nothing_can_be_kept_it_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "file").touch()
    environ = {"XDG_STATE_HOME": str(tmp_path / "file")}
    with caplog.at_level(logging.WARNING):
        keep(environ, "token")
        assert load(environ) is None
    assert "asks again" in caplog.text


@pytest.fixture(scope="module")
def bus() -> Iterator[str]:
    needs("dbus-daemon")
    with session_bus() as address:
        yield address


def test_it_is_given_back_to_the_desktop(environ: dict[str, str], bus: str, caplog: pytest.LogCaptureFixture):
    keep(environ, "token")
    with peer(bus, PERMISSIONS, {"Delete": lambda _: (None, ())}) as desktop:
        give_back({**environ, "DBUS_SESSION_BUS_ADDRESS": bus})
        assert desktop.calls == [("Delete", ("screencast", "token"))]
        give_back({**environ, "DBUS_SESSION_BUS_ADDRESS": bus})
        assert len(desktop.calls) == 1
    assert not place(environ).exists()
    assert caplog.text == ""


def test_what_the_desktop_does_not_take_back_serves_nobody_any_more(
    environ: dict[str, str], bus: str, caplog: pytest.LogCaptureFixture
):
    for address in ("unix:path=/nowhere", bus):
        keep(environ, "token")
        give_back({**environ, "DBUS_SESSION_BUS_ADDRESS": address})
        assert not place(environ).exists()
    assert caplog.text.count("could not be asked to forget") == 2
    assert "token" not in caplog.text


def test_a_permission_that_was_never_given_is_not_given_back(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "file").touch()
    for state in (tmp_path, tmp_path / "file"):
        give_back({"XDG_STATE_HOME": str(state)})
    assert "could not be asked" not in caplog.text
    assert "could not be removed" not in caplog.text


def test_a_permission_that_cannot_be_removed_is_named(environ: dict[str, str], caplog: pytest.LogCaptureFixture):
    place(environ).mkdir(parents=True)
    give_back(environ)
    assert f"remove {place(environ)} by hand" in caplog.text
