"""Messages on the bus that are refused: logged a few at a time, and counted."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Final, Self

from jeepney import Message, MessageType  # type: ignore[import-untyped]  # it ships no types

from collectors.desktop.bus import dbus
from collectors.desktop.bus.dbus import Bus

_LOG: Final = logging.getLogger(__name__)


class Refusals:
    """Counts what was refused, and logs the 1st, 2nd, 4th, 8th … of it, and the sum at its end."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, reason: str) -> None:
        """One more was refused, and why."""
        self._count += 1
        if self._count & (self._count - 1) == 0:
            _LOG.warning("%d messages on the session's bus were refused, the last one: %s", self._count, reason)

    def strange(self, message: Message, bus: Bus, *friends: str) -> bool:
        """Whether a message is from somebody who has nothing to tell here; it is counted then, and a call answered.

        Args:
            message: that has come.
            bus: that it came from.
            friends: the unique addresses of those who may tell something.
        """
        kind = message.header.message_type
        if kind not in (MessageType.method_call, MessageType.signal):
            return True  # an answer that came too late
        sender = dbus.sender_of(message)
        if sender == "org.freedesktop.DBus" or sender in friends:
            return False
        self.add("nobody else may tell something here")
        if kind is MessageType.method_call:
            bus.reply(message, refused="nobody else may tell something here")
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._count:
            _LOG.warning("%d messages on the session's bus were refused in all", self._count)
