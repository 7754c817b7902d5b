"""The user's settings in memory, saved to the store at every change, and the privacy policy that follows from them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from app.errors import KnownError, StoreError
from app.settings import Settings, from_json, to_json
from app.store.store import Store
from collectors import clock
from collectors.privacy.excluded_folders import folders_of
from collectors.privacy.gate import Policy
from collectors.privacy.quiet_hours import QuietError, QuietHours, quiet_hours

SETTING: Final = "settings"
UNTIL_REOPENED: Final = 2**62
"""`unrecorded_until_us` of a program that was locked and has not been opened since."""
_SAVE_TIMEOUT_S: Final = 5.0


class Preferences:
    """The current settings; reading is free, a change is on disk when `change` returns.

    Args:
        store: keeps them.
        home: the home folder, which "~" stands for in a folder that is excluded.
        now_us: the clock.
    """

    def __init__(self, store: Store, home: Path | None = None, now_us: Callable[[], int] = clock.now_us) -> None:
        self._store = store
        self._home = "" if home is None else str(home)
        self._now_us = now_us
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Settings], None]] = []
        with store.reader() as reader:
            saved = reader.setting(SETTING)
        self._settings = Settings() if saved is None else from_json(saved)
        self._policy = policy_of(self._settings, self._home)

    @property
    def settings(self) -> Settings:
        """The settings now."""
        return self._settings

    @property
    def policy(self) -> Policy:
        """What the gate decides by now."""
        return self._policy

    def on_change(self, listener: Callable[[Settings], None]) -> None:
        """Call `listener` after every change, in the thread that made it."""
        self._listeners.append(listener)

    def change(self, **fields: Any) -> Settings:
        """Replace some fields, and save.

        Raises:
            KnownError: if a value cannot be used (a title pattern that is no regular expression).
            StoreError: if they cannot be saved; they are in force all the same, until the program ends.
        """
        unsaved: StoreError | None = None
        with self._lock:
            settings = self._opened(replace(self._settings, **fields))
            self._policy = policy_of(settings, self._home)
            self._settings = settings  # in force before it is saved: a pause must hold even when the disk is full
            try:
                self._store.put_setting(SETTING, to_json(settings)).result(timeout=_SAVE_TIMEOUT_S)
            except (StoreError, TimeoutError) as error:
                unsaved = StoreError(
                    f"The change is in force, but could not be saved ({error}).",
                    "Make room on the disk; until then it lasts as long as the program runs.",
                )
                unsaved.__cause__ = error
        for listener in self._listeners:
            listener(settings)
        if unsaved is not None:
            raise unsaved
        return settings

    def lock(self) -> None:
        """Take nothing that extensions see from now on, until `reopen`, in whichever process that may be.

        Raises:
            StoreError: as `change`.
        """
        self.change(unrecorded_until_us=UNTIL_REOPENED)

    def reopen(self) -> None:
        """Take again what is seen from now on, if `lock` had ended that.

        Raises:
            StoreError: as `change`.
        """
        if self._settings.unrecorded_until_us == UNTIL_REOPENED:
            self.change(unrecorded_until_us=self._now_us())

    def _opened(self, settings: Settings) -> Settings:
        """Settings that allow more than before do so from now on, not for what an extension has kept from earlier."""
        now_us = self._now_us()
        resumed = self._settings.paused_until_us > now_us >= settings.paused_until_us
        if resumed:
            settings = replace(settings, resumed_us=now_us)
        if resumed or not settings.consent <= self._settings.consent:
            return replace(settings, unrecorded_until_us=max(now_us, settings.unrecorded_until_us))
        return settings


def policy_of(settings: Settings, home: str = "") -> Policy:
    """The gate's policy under these settings.

    Raises:
        KnownError: if a title pattern is no regular expression, or a line of hours names none.
    """
    return Policy(
        consent=settings.consent,
        paused_until_us=settings.paused_until_us,
        resumed_us=settings.resumed_us,
        unrecorded_until_us=settings.unrecorded_until_us,
        locked=False,
        excluded_apps=frozenset(app.casefold() for app in settings.excluded_apps),
        excluded_sites=frozenset(site.casefold() for site in settings.excluded_sites),
        excluded_titles=tuple(_pattern(text) for text in settings.excluded_title_patterns),
        excluded_folders=folders_of(settings.excluded_folders, home),
        excluded_times=tuple(_hours(line) for line in settings.excluded_times),
        redact_emails=settings.redact_emails,
    )


def _hours(line: str) -> QuietHours:
    try:
        return quiet_hours(line)
    except QuietError as error:
        raise KnownError(f"{error}; the settings were kept.", "Correct the line, or take it out.") from error


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise KnownError(
            f"The title pattern {text!r} is no regular expression ({error}); the settings were kept as they were.",
            "Correct the pattern, or escape its special characters with a backslash.",
        ) from error
