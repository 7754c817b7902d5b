"""PipeWire with a microphone that hears nothing, and a program that records from it; each is ended by its own number."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.desktop import programs
from tests.desktop.programs import PATIENCE_S, end, listens, start
from tests.desktop.running import until

NEEDED = ("pipewire", "wireplumber", "pw-cli", "pw-cat", "pw-dump", "dbus-daemon")
_MICROPHONE = (
    "{ factory.name=support.null-audio-sink node.name=microphone media.class=Audio/Source/Virtual"
    " object.linger=true audio.position=[MONO] }"
)


@contextmanager
def pipewire(folder: Path) -> Iterator[Mapping[str, str]]:
    """PipeWire for the length of a block: the environment of its clients."""
    with ExitStack() as stack:
        bus = stack.enter_context(programs.session_bus())
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
        environ["DBUS_SESSION_BUS_ADDRESS"] = bus
        for program in ("pipewire", "wireplumber"):
            process = start([program], environ)
            stack.callback(end, process)
            until(lambda: listens(folder / "pipewire-0"), "PipeWire at its socket")
        create = ["pw-cli", "create-node", "adapter", _MICROPHONE]
        subprocess.run(create, env=environ, check=True, capture_output=True, timeout=PATIENCE_S)
        # Whoever records before the session manager has chosen one is refused, and ends.
        until(lambda: _chosen_microphone(environ) == "microphone", "the microphone is chosen for who records")
        yield environ


def _chosen_microphone(environ: Mapping[str, str]) -> str | None:
    """The node that a program records from which names none (WirePlumber's metadata "default")."""
    dump = subprocess.run(["pw-dump"], env=environ, check=True, capture_output=True, timeout=PATIENCE_S)
    for thing in json.loads(dump.stdout):
        for entry in thing.get("metadata", ()):
            if entry["key"] == "default.audio.source":
                return entry["value"]["name"]
    return None


@contextmanager
def recording(environ: Mapping[str, str], file: Path) -> Iterator[None]:
    """A program that records from the microphone for the length of a block."""
    process = start(["pw-cat", "--record", str(file)], environ)
    try:
        yield
    finally:
        end(process)
