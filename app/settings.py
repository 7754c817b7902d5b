"""The user's settings: one frozen value, kept as JSON in the encrypted store."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from app.errors import KnownError
from collectors.events import Source

PAUSED_UNTIL_RESUMED = 2**62
"""`paused_until_us` of a pause without an end."""


_LINES = {"excluded_apps", "excluded_sites", "excluded_title_patterns", "excluded_folders", "excluded_times"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user has decided.

    Attributes:
        consent: the live sources that may sense; empty until the user says otherwise.
        history_consent: names of the histories that may be imported.
        paused_until_us: recording is off before this moment (0: not paused).
        resumed_us: when the last pause was ended by hand; senses tell nothing that began before it.
        unrecorded_until_us: what extensions saw before this moment is not taken from them any more.
        excluded_apps: applications never recorded, by class or program name, lower case.
        excluded_sites: hosts never recorded, with everything below them.
        excluded_title_patterns: regular expressions; a title that one of them finds is never recorded.
        excluded_folders: folders never recorded, with everything in them; "~" is the home folder.
        excluded_times: hours in which nothing is recorded, as `collectors.privacy.quiet_hours` reads them.
        redact_emails: whether e-mail addresses are taken out of what is recorded.
        keep_days: how long actions are kept whole.
        model_path: a GGUF file for the narrator; None for plain sentences.
        theme: "system", "light" or "dark".
        lock_after_min: minutes without input after which the program is locked; 0 for never.
        lock_with_screen: whether it is locked when the screen is, and before the machine sleeps.
        pause_key: whether a key of the desktop pauses recording and resumes it.
        activitywatch: whether ActivityWatch's watchers may send what they see, without a token.
        activitywatch_reading: whether programs may then read, too, what is stored.
    """

    consent: frozenset[Source] = frozenset()
    history_consent: frozenset[str] = frozenset()
    paused_until_us: int = 0
    resumed_us: int = 0
    unrecorded_until_us: int = 0
    excluded_apps: tuple[str, ...] = ()
    excluded_sites: tuple[str, ...] = ()
    excluded_title_patterns: tuple[str, ...] = ()
    excluded_folders: tuple[str, ...] = ()
    excluded_times: tuple[str, ...] = ()
    redact_emails: bool = False
    keep_days: int = 30
    model_path: str | None = None
    theme: str = "system"
    lock_after_min: int = 0
    lock_with_screen: bool = False
    pause_key: bool = False
    activitywatch: bool = False
    activitywatch_reading: bool = False


def to_json(settings: Settings) -> str:
    """The settings as one JSON object."""
    values = dataclasses.asdict(settings)
    values["consent"] = sorted(settings.consent)
    values["history_consent"] = sorted(settings.history_consent)
    return json.dumps(values)


def from_json(text: str) -> Settings:
    """Read the settings back; a field of a later version is refused rather than lost.

    Raises:
        KnownError: if the text is not settings of this version.
    """
    try:
        values = json.loads(text)
        values["consent"] = frozenset(Source(name) for name in values["consent"])
        values["history_consent"] = frozenset(values["history_consent"])
        for name in _LINES & values.keys():
            values[name] = tuple(values[name])
        return Settings(**values)
    except (ValueError, KeyError, TypeError) as error:
        raise KnownError(
            f"The saved settings cannot be read ({error}); they were kept as they are.",
            "Start the version of the program that wrote them.",
        ) from error
