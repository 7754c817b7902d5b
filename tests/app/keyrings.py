"""A real gnome-keyring on a session bus of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from jeepney import MatchRule, message_bus

from tests.desktop.programs import on_bus

NAME = "org.freedesktop.secrets"
WAIT_S = 180
BUS = """<busconfig><type>session</type><listen>unix:dir={folder}</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""


def needed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{program} is missing")
        pytest.skip(f"{program} is not installed")
    return found


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A session bus that starts no service by itself."""
    config = tmp_path / "bus.conf"
    config.write_text(BUS.format(folder=tmp_path))
    daemon = subprocess.Popen(
        [needed("dbus-daemon"), "--nofork", "--print-address=1", f"--config-file={config}"], stdout=subprocess.PIPE
    )
    assert daemon.stdout is not None
    address = daemon.stdout.readline().decode().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    yield address
    daemon.terminate()
    daemon.wait(WAIT_S)
    daemon.stdout.close()


@pytest.fixture
def keyring(bus: str, own_home: Path, tmp_path: Path) -> Iterator[None]:
    """An unlocked gnome-keyring on that bus."""
    with closing(on_bus()) as connection:
        control = tmp_path / "control"
        control.mkdir(mode=0o700)
        arguments = ["--foreground", "--unlock", "--components=secrets", f"--control-directory={control}"]
        daemon = subprocess.Popen(
            [needed("gnome-keyring-daemon"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert daemon.stdin is not None
        rule = MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged")
        rule.add_arg_condition(0, NAME)
        connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=WAIT_S)
        with connection.filter(rule) as changes:
            daemon.stdin.write(b"login password")
            daemon.stdin.close()
            if not connection.send_and_get_reply(message_bus.NameHasOwner(NAME), timeout=WAIT_S).body[0]:
                connection.recv_until_filtered(changes, timeout=WAIT_S)
        yield
        daemon.terminate()
        daemon.wait(WAIT_S)
