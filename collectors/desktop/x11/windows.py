"""Which window has the focus on an X server, and what the server tells of it (EWMH 1.5, ICCCM 2.0).

With a window manager that follows the Extended Window Manager Hints, the focused window is the root window's
`_NET_ACTIVE_WINDOW`. With one that does not, or with none, it is the top-level window around the input focus, whose
comings and goings arrive as FocusIn and FocusOut. Either way changes arrive as events and nothing is asked in vain.
"""

from __future__ import annotations

import socket
from enum import Flag, auto
from typing import Any, Final

from Xlib import X, Xatom, Xutil, error

from collectors.desktop.focused_window import FocusedWindow
from collectors.desktop.x11 import text as x11_text

_MAX_PROPERTY_WORDS: Final = 4_096
_MAX_DEPTH: Final = 32
_GONE: Final = (error.BadWindow, error.BadDrawable)
_FOCUS_MASK: Final = X.FocusChangeMask | X.StructureNotifyMask
_NOBODY: Final[int] = 0  # the protocol's None


class Change(Flag):
    """What an event of the server means."""

    NOTHING = 0
    TITLE = auto()
    FOCUS = auto()
    MANAGER = auto()


class Windows:
    """The windows of one X server, seen through one connection.

    Args:
        display: from `collectors.desktop.x11.connection.connected`.
    """

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root = display.screen().root
        self._host = socket.gethostname()
        self._hints = False
        self._manager = _NOBODY
        self._watched: dict[int, int] = {}
        self._active = display.get_atom("_NET_ACTIVE_WINDOW")
        self._check = display.get_atom("_NET_SUPPORTING_WM_CHECK")
        self._supported = display.get_atom("_NET_SUPPORTED")
        self._state = display.get_atom("WM_STATE")
        self._pid = display.get_atom("_NET_WM_PID")
        self._kinds = {display.get_atom(name): name for name in ("UTF8_STRING", "STRING", "COMPOUND_TEXT")}
        self._titles = (display.get_atom("_NET_WM_NAME"), Xatom.WM_NAME)

    def meet_manager(self) -> None:
        """Find out whether a window manager follows the hints; to be called first, and after `Change.MANAGER`."""
        self._root.change_attributes(event_mask=X.PropertyChangeMask | X.FocusChangeMask)
        self._manager = self._window_property(self._root.id, self._check)
        self._watch({self._manager: X.StructureNotifyMask} if self._manager else {})
        alive = self._manager != _NOBODY and self._window_property(self._manager, self._check) == self._manager
        supported = self._property(self._root.id, self._supported, Xatom.ATOM)
        self._hints = alive and supported is not None and self._active in supported.value

    def focus(self) -> int:
        """The focused top-level window's id, from now on watched for its title; 0 if there is none."""
        window, masks = self._hinted() if self._hints else self._input_focus()
        self._watch(masks)
        return window

    def mute(self, window: int) -> None:
        """Have no more changes of a window's title reported, until `focus` is asked for again.

        Args:
            window: its id, from `focus`.
        """
        self._watch({**self._watched, window: self._watched.get(window, 0) & ~X.PropertyChangeMask})

    def describe(self, window: int) -> FocusedWindow | None:
        """What is known of a window; None if it is gone already.

        Args:
            window: its id, from `focus`.
        """
        try:
            kinds = self._property(window, Xatom.WM_CLASS, Xatom.STRING)
            names = bytes(kinds.value).split(b"\0") if kinds is not None and kinds.format == 8 else []  # noqa: PLR2004 - bits
            texts = [x11_text.decode("STRING", name) for name in names[:2]]  # instance, class
            app = next((text for text in reversed(texts) if text), None)
            return FocusedWindow(app=app, title=self._title(window), pid=self._process(window))
        except _GONE:
            return None

    def meaning(self, event: Any) -> Change:
        """What an event asks us to look at again."""
        if event.type == X.PropertyNotify:
            return self._changed(event.window.id, event.atom)
        if event.type == X.DestroyNotify:
            return Change.MANAGER if event.window.id == self._manager else Change.FOCUS
        if event.type in (X.FocusIn, X.FocusOut, X.UnmapNotify, X.ReparentNotify) and not self._hints:
            return Change.FOCUS
        return Change.NOTHING

    def _changed(self, window: int, atom: int) -> Change:
        if window == self._root.id:
            meanings = {self._check: Change.MANAGER, self._supported: Change.MANAGER, self._active: Change.FOCUS}
            return meanings.get(atom, Change.NOTHING)
        if atom == self._state:
            return Change.FOCUS  # a window that is hidden, or closed, may go on being called active: openbox does so
        return Change.TITLE if atom in self._titles else Change.NOTHING

    def _hinted(self) -> tuple[int, dict[int, int]]:
        window = self._window_property(self._root.id, self._active)
        if not window:
            return _NOBODY, {}
        masks = {window: X.PropertyChangeMask | X.StructureNotifyMask}
        return window if self._is_managed(window) else _NOBODY, masks

    def _is_managed(self, window: int) -> bool:
        """Whether a window is there for the user: hidden ones lose WM_STATE, or have it say so (ICCCM 4.1.3.1)."""
        try:
            state = self._property(window, self._state, X.AnyPropertyType)
            if state is not None and len(state.value):
                return bool(state.value[0] != Xutil.WithdrawnState)
            return bool(self._window(window).get_attributes().map_state != X.IsUnmapped)
        except _GONE:
            return False

    def _input_focus(self) -> tuple[int, dict[int, int]]:
        focused = self._display.get_input_focus().focus
        if isinstance(focused, int) or focused.id == self._root.id:
            return (
                _NOBODY,
                {},
            )  # nobody, the root, or "whatever is under the pointer", of which the server tells nothing
        try:
            window = focused
            for _ in range(_MAX_DEPTH):
                if self._property(window.id, Xatom.WM_CLASS, X.AnyPropertyType) is not None:
                    break
                parent = window.query_tree().parent
                if isinstance(parent, int) or parent.id == self._root.id:
                    break
                window = parent
        except _GONE:
            return _NOBODY, {}
        masks = {window.id: X.PropertyChangeMask}
        masks[focused.id] = masks.get(focused.id, 0) | _FOCUS_MASK
        return window.id, masks

    def _watch(self, masks: dict[int, int]) -> None:
        wanted = dict(masks)
        if self._manager:
            wanted[self._manager] = wanted.get(self._manager, 0) | X.StructureNotifyMask
        for window in self._watched.keys() | wanted.keys():
            mask = wanted.get(window, X.NoEventMask)
            if self._watched.get(window, X.NoEventMask) != mask:
                self._window(window).change_attributes(event_mask=mask)
        self._watched = wanted

    def _title(self, window: int) -> str | None:
        for atom in self._titles:
            found = self._property(window, atom, X.AnyPropertyType)
            if found is not None and found.format == 8:  # noqa: PLR2004 - bits an item: text
                text = x11_text.decode(self._kinds.get(found.property_type, ""), bytes(found.value))
                if text:
                    return text
        return None

    def _process(self, window: int) -> int | None:
        found = self._property(window, self._pid, Xatom.CARDINAL)
        if found is None or found.format != 32 or not len(found.value):  # noqa: PLR2004 - bits an item
            return None
        machine = self._property(window, Xatom.WM_CLIENT_MACHINE, X.AnyPropertyType)
        if machine is not None and machine.format == 8:  # noqa: PLR2004 - bits an item: text
            name = x11_text.decode("STRING", bytes(machine.value))
            if name not in ("", "localhost", self._host, self._host.partition(".")[0]):
                return None  # a process of another machine: its number would name a stranger here
        return int(found.value[0]) or None

    def _window_property(self, window: int, atom: int) -> int:
        try:
            found = self._property(window, atom, Xatom.WINDOW)
        except _GONE:
            return _NOBODY
        return int(found.value[0]) if found is not None and len(found.value) else _NOBODY

    def _property(self, window: int, atom: int, kind: int) -> Any:
        return self._window(window).get_property(atom, kind, 0, _MAX_PROPERTY_WORDS)

    def _window(self, window: int) -> Any:
        return self._display.create_resource_object("window", window)
