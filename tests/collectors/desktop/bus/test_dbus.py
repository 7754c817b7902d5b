"""A connection to a real message bus: calls, signals, floods, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from jeepney import DBusAddress, MessageType, new_method_call, new_signal

from collectors.collector import CollectorError, Stop
from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import Bus, CallError
from tests.desktop import programs
from tests.desktop.fixtures import needs
from tests.desktop.programs import on_bus

pytestmark = pytest.mark.desktop
HERE = DBusAddress("/here", None, "org.example.Here")


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    needs("dbus-daemon")
    with programs.session_bus() as address:
        yield {"DBUS_SESSION_BUS_ADDRESS": address}


@pytest.fixture
def stop() -> Iterator[Stop]:
    stop = Stop()
    yield stop
    stop.close()


def take(bus: Bus, stop: Stop, count: int) -> list[str]:
    """So many signals, by their member."""
    taken: list[str] = []
    while len(taken) < count:
        assert bus.wait(stop, programs.PATIENCE_S)
        come = list(bus.arrived())
        assert len(come) <= 1_000
        taken += [message.body[0] for message in come if dbus.is_signal(message, HERE.interface, "Said")]
    return taken


@pytest.mark.parametrize(
    "environ", [{}, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}, {"XDG_RUNTIME_DIR": "/no"}]
)
def test_where_there_is_no_bus_that_is_what_is_said(environ: dict[str, str]):
    with pytest.raises(CollectorError, match=r"No session message bus \(D-Bus\) answers"), dbus.session(environ):
        pass


def test_what_comes_while_a_call_waits_is_kept(environ: dict[str, str], stop: Stop):
    with dbus.session(environ) as bus, closing(on_bus(environ["DBUS_SESSION_BUS_ADDRESS"])) as other:
        bus.listen(interface=HERE.interface, member="Said")
        for number in range(10):
            other.send(new_signal(HERE, "Said", "s", (str(number),)))
            assert bus.owner(other.unique_name) == other.unique_name
        assert take(bus, stop, 10) == [str(number) for number in range(10)]


def test_a_flood_leaves_room_to_stop_and_loses_nothing(environ: dict[str, str], stop: Stop):
    with dbus.session(environ) as bus, closing(on_bus(environ["DBUS_SESSION_BUS_ADDRESS"])) as other:
        bus.listen(interface=HERE.interface, member="Said")
        for number in range(5_000):
            other.send(new_signal(HERE, "Said", "s", (str(number),)))
        assert take(bus, stop, 5_000) == [str(number) for number in range(5_000)]
        stop.set()
        assert not bus.wait(stop, None)


def test_a_call_to_nobody_is_reported_from_a_call_that_was_refused(environ: dict[str, str]):
    with dbus.session(environ) as bus:
        assert bus.owner("org.example.Nobody") is None
        with pytest.raises(CallError) as nobody:
            bus.call(DBusAddress("/", "org.example.Nobody", "org.example.Nobody"), "Do")
        assert nobody.value.is_unknown
        itself = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        with pytest.raises(CallError) as refused:
            bus.call(itself, "RequestName", "su", ("not a name", 0))
        assert not refused.value.is_unknown


def test_a_call_is_answered_unless_its_sender_waits_for_nothing(environ: dict[str, str], stop: Stop):
    with dbus.session(environ) as bus, closing(on_bus(environ["DBUS_SESSION_BUS_ADDRESS"])) as other:
        for _ in range(2):
            other.send(new_method_call(DBusAddress("/", bus.name, "org.example.Here"), "Do"))
        answers = [None, "it cannot be done"]
        while answers:
            assert bus.wait(stop, programs.PATIENCE_S)
            for message in bus.arrived():
                if message.header.message_type is MessageType.method_call:
                    bus.reply(message, refused=answers.pop(0))
        kinds = [MessageType.method_return, MessageType.error]
        received = [other.receive(timeout=programs.PATIENCE_S) for _ in range(3)]
        assert [message.header.message_type for message in received if message.header.message_type in kinds] == kinds


def test_a_name_that_leaves_its_owner_is_reported(environ: dict[str, str], stop: Stop):
    with dbus.session(environ) as bus:
        other = on_bus(environ["DBUS_SESSION_BUS_ADDRESS"])
        bus.follow(other.unique_name)
        other.close()
        seen = False
        while not seen:
            assert bus.wait(stop, programs.PATIENCE_S)
            seen = any(dbus.lost(message, other.unique_name) for message in bus.arrived())


def test_the_end_of_the_bus_is_reported_in_words(stop: Stop):
    needs("dbus-daemon")

    def use() -> None:
        with ExitStack() as stack:
            address = stack.enter_context(programs.session_bus())
            with dbus.session({"DBUS_SESSION_BUS_ADDRESS": address}) as bus:
                stack.close()
                while bus.wait(stop, programs.PATIENCE_S):
                    list(bus.arrived())

    with pytest.raises(CollectorError, match="closed the connection"):
        use()
