"""Against a real bus, a real PipeWire and a synthetic /proc: what shows that somebody is there who types nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from collectors.collector import Stop
from collectors.desktop.presence.media import Sign, engaged, is_film, is_recording
from tests.desktop import pipewire, programs
from tests.desktop.fixtures import needs
from tests.desktop.peers import peer
from tests.desktop.running import until

PLAYER = "org.mpris.MediaPlayer2.player"


@pytest.fixture
def stop() -> Iterator[Stop]:
    stop = Stop()
    yield stop
    stop.close()


def playing(status: str = "Playing", **metadata: str) -> Mapping[str, Any]:
    pairs = {f"xesam:{name}": ("s", value) for name, value in metadata.items()}
    return {"PlaybackStatus": ("s", status), "Metadata": ("a{sv}", pairs)}


@pytest.mark.parametrize(
    ("status", "watched"),
    [
        (playing(title="A film"), True),
        (playing("Paused", title="A film"), False),
        (playing("Stopped"), False),
        (playing(title="A song", album="An album"), False),
        (playing(title="A clip", album=""), True),
        ({"PlaybackStatus": ("s", "Playing")}, True),
        ({"PlaybackStatus": "Playing"}, False),
        ({"PlaybackStatus": ("i", 7), "Metadata": ("s", "none")}, False),
        ({}, False),
    ],
)
def test_what_plays_and_belongs_to_no_album_may_be_a_film(status: Mapping[str, Any], watched: bool):
    assert is_film(status) is watched


@pytest.mark.desktop
def test_a_player_is_asked_over_the_bus(stop: Stop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    needs("dbus-daemon")
    monkeypatch.setattr("collectors.desktop.presence.media._ANSWERS_WITHIN_S", float(programs.PATIENCE_S))
    now = [playing("Paused")]
    with programs.session_bus() as address:
        environ = {"DBUS_SESSION_BUS_ADDRESS": address}
        assert not engaged(environ, stop, tmp_path)
        answers = {"GetAll": lambda _: ("a{sv}", (now[0],))}
        with peer(address, PLAYER, answers), peer(address, f"{PLAYER}.broken"):
            assert not engaged(environ, stop, tmp_path)
            now[0] = playing(title="A film")
            assert engaged(environ, stop, tmp_path) is Sign.FILM
        assert not engaged(environ, stop, tmp_path)


@pytest.mark.desktop
def test_a_player_that_hangs_is_not_waited_for_once_it_is_to_stop(stop: Stop, tmp_path: Path):
    needs("dbus-daemon")
    with programs.session_bus() as address, peer(address, PLAYER, {"GetAll": lambda _: hang(stop)}):
        assert not engaged({"DBUS_SESSION_BUS_ADDRESS": address}, stop, tmp_path)


def hang(stop: Stop) -> tuple[str, tuple[Any, ...]]:
    """The answer of a player that takes its time: the asking is ended meanwhile, and the answer is none."""
    stop.set()
    return "s", ("late",)


@pytest.mark.parametrize(("state", "used"), [("state: RUNNING", True), ("closed", False), ("state: PREPARED", False)])
def test_a_sound_card_that_is_recorded_from(stop: Stop, tmp_path: Path, state: str, used: bool):
    for pcm, text in (("pcm0p", "state: RUNNING"), ("pcm0c", state)):
        sub = tmp_path / "asound" / "card0" / pcm / "sub0"
        sub.mkdir(parents=True)
        (sub / "status").write_text(f"{text}\nowner_pid   : 1\n")
    assert engaged({}, stop, tmp_path) is (Sign.CALL if used else None)


@pytest.mark.parametrize(
    ("device", "used"), [("/dev/video0", True), ("/dev/null", False), ("/home/dev/video.mp4", False)]
)
def test_a_camera_that_is_open(stop: Stop, tmp_path: Path, device: str, used: bool):
    descriptors = tmp_path / "4711" / "fd"
    descriptors.mkdir(parents=True)
    (tmp_path / "4712").mkdir()  # of somebody else, as it were: it cannot be looked into
    (descriptors / "3").symlink_to(device)
    assert engaged({}, stop, tmp_path) is (Sign.CALL if used else None)


@pytest.mark.desktop
def test_a_microphone_that_pipewire_carries_to_a_program(stop: Stop, tmp_path: Path):
    needs(*pipewire.NEEDED)
    folder = tmp_path / "pipewire"
    folder.mkdir(mode=0o700)
    with pipewire.pipewire(folder) as environ:
        assert not engaged(environ, stop, tmp_path)
        with pipewire.recording(environ, tmp_path / "silence.wav"):
            until(lambda: engaged(environ, stop, tmp_path) is Sign.CALL, "a microphone in use")
        until(lambda: not engaged(environ, stop, tmp_path), "a microphone that is free")


def test_what_is_recorded_from_the_speakers_is_no_microphone():
    stream = {"state": "running", "props": {"media.class": "Stream/Input/Audio"}}
    meter = {"state": "running", "props": {"media.class": "Stream/Input/Audio", "stream.monitor": True}}
    speakers = {"state": "running", "props": {"media.class": "Stream/Input/Audio", "stream.capture.sink": "true"}}
    waiting = {"state": "suspended", "props": {"media.class": "Stream/Input/Audio"}}
    camera = {"state": "running", "props": {"media.class": "Stream/Input/Video"}}
    film = {"state": "running", "props": {"media.class": "Stream/Output/Audio"}}
    used = [is_recording({"info": info}) for info in (stream, meter, speakers, waiting, camera, film)]
    assert used == [True, False, False, False, True, False]
    assert not any(map(is_recording, (None, 7, [], {}, {"info": 1}, {"info": {"state": "running", "props": None}})))
