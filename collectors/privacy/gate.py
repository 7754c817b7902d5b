"""The privacy gate: what may be stored of an event, decided before anything else sees it.

Pure: the policy and the time are arguments. Whatever cannot be judged counts as sensitive.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, get_args
from urllib.parse import unquote

from collectors.events import (
    NOISE_KINDS,
    PAIRED,
    Detail,
    Event,
    EventKind,
    PageDetail,
    ProcessDetail,
    Source,
    clean_text,
)
from collectors.privacy import blocklist
from collectors.privacy.excluded_folders import Folders
from collectors.privacy.quiet_hours import QuietHours
from collectors.redaction.redact import is_known_clean, redact


class Origin(StrEnum):
    """Who hands the event in."""

    COLLECTOR = "collector"
    IMPORT = "import"
    CLIENT = "client"


class DropReason(StrEnum):
    """Why an event is not stored."""

    NO_CONSENT = "no consent"
    PAUSED = "paused"
    LOCKED = "locked"
    EARLIER = "from a time when nothing was to be recorded"
    NOISE = "noise"
    PRIVATE = "private window"
    NEVER = "never recorded"
    EXCLUDED_APP = "excluded app"
    EXCLUDED_SITE = "excluded site"
    EXCLUDED_TITLE = "excluded title"
    EXCLUDED_FOLDER = "excluded folder"
    EXCLUDED_TIME = "excluded time"
    UNKNOWN_SITE = "address that cannot be read"
    HIDDEN_COMMAND = "command that begins with a space"
    REPORTED = "reported by another collector already"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user allows at this moment.

    Attributes:
        consent: the sources that may sense.
        paused_until_us: nothing is taken before this moment, microseconds since the epoch; 0 when not paused.
        resumed_us: when the last pause was ended by hand. A sense may tell late what began in a pause (a command that
            went on, say); nothing of that is taken.
        unrecorded_until_us: extensions keep what they see while the program does not run; from before this moment,
            when it was locked, paused or without consent, nothing of that is taken.
        locked: the program is locked, and takes nothing.
        excluded_apps: programs or window classes, lower case.
        excluded_sites: host suffixes ("example.org" also stands for "www.example.org"), lower case.
        excluded_titles: an event whose title one of these finds is dropped.
        excluded_folders: an event that names one of these, or something in it, is dropped.
        excluded_times: what happens in these hours is dropped.
        redact_emails: whether e-mail addresses are taken out too.
    """

    consent: frozenset[Source] = frozenset()
    paused_until_us: int = 0
    resumed_us: int = 0
    unrecorded_until_us: int = 0
    locked: bool = False
    excluded_apps: frozenset[str] = frozenset()
    excluded_sites: frozenset[str] = frozenset()
    excluded_titles: tuple[re.Pattern[str], ...] = ()
    excluded_folders: Folders = field(default_factory=Folders)
    excluded_times: tuple[QuietHours, ...] = ()
    redact_emails: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """The event as it may be stored, and how many secrets were taken out of it."""

    event: Event
    redactions: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nothing of the event may be stored."""

    reason: DropReason


_HOST: Final = re.compile(
    r"(?i)(?!file:)(?<![a-z])[A-Za-z][A-Za-z0-9+.-]{0,30}:[/\\]{2,}(?:[^/\\?#\s]*@)?(\[[^\]\s]*\]|[^/\\?#:\s]+)"
)
_BARE_HOST: Final = re.compile(r"((?:[\w-]+\.)+[\w-]{2,}|localhost)(?::[0-9]+)?(?:[/?#]|$)")
_LOCAL_PAGE: Final = re.compile(
    r"(?:file|about|chrome|edge|brave|vivaldi|view-source|moz-extension|chrome-extension):", re.IGNORECASE
)
_LOGIN: Final = re.compile(r"((?:^|\s)[A-Za-z][A-Za-z0-9+.-]{0,30}://)[^/?#\s]*@")
_BEFORE_PROGRAM: Final = re.compile(
    r"(?:\s*(?:sudo|env|command|exec|nohup|time|doas|setsid|\w+=\S*|-\w+)\s+)*\s*([^\s;|&<>()]+)"
)
_FIELDS_OF: Final = {kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in get_args(Detail)}
_SEARCHES_HAVE_NO_ADDRESS: Final = frozenset({EventKind.SEARCH})


def judge(event: Event, policy: Policy, origin: Origin, now_us: int) -> Passed | Dropped:
    """Whether an event may be stored, and in which form. Never raises.

    An import is the user's own doing, so neither pause, lock nor consent stand in its way; exclusions, private pages,
    what is never recorded, and redaction hold for every origin.

    Args:
        event: as it was sensed, read or sent.
        policy: what the user allows.
        origin: who hands it in.
        now_us: microseconds since the epoch.
    """
    reason = _closed(event, policy, origin, now_us) or _unwanted(event, policy)
    return Dropped(reason) if reason is not None else _redacted(event, emails=policy.redact_emails)


def hosts_of(text: str) -> tuple[str, ...]:
    """The host names of every address in a text: lower case, ASCII (IDNA) if they have such a form."""
    if ":" not in text:  # most texts have no address, and this is found out sooner
        return ()
    return tuple(_plain_host(match.group(1)) for match in _HOST.finditer(text))


def _closed(event: Event, policy: Policy, origin: Origin, now_us: int) -> DropReason | None:
    is_paired = origin is Origin.CLIENT and event.source in PAIRED
    if (is_paired or origin is Origin.COLLECTOR) and event.source not in policy.consent:
        return DropReason.NO_CONSENT
    if origin is not Origin.IMPORT and policy.locked:
        return DropReason.LOCKED
    if origin is not Origin.IMPORT and now_us < policy.paused_until_us:
        return DropReason.PAUSED
    if is_paired and event.ts_us < max(policy.paused_until_us, policy.unrecorded_until_us):
        return DropReason.EARLIER
    pause_ended_us = max(policy.resumed_us, policy.paused_until_us)
    # If the clock was set back the end of the pause is yet to come; then nothing follows from it.
    if origin is Origin.COLLECTOR and event.ts_us < pause_ended_us <= now_us:
        return DropReason.EARLIER
    return DropReason.NOISE if event.kind in NOISE_KINDS else None


def _unwanted(event: Event, policy: Policy) -> DropReason | None:
    if isinstance(event.detail, PageDetail) and event.detail.private:
        return DropReason.PRIVATE
    if any(hours.holds(event.ts_us, event.utc_offset_s) for hours in policy.excluded_times):
        return DropReason.EXCLUDED_TIME
    if policy.excluded_folders.are_in(event):
        return DropReason.EXCLUDED_FOLDER
    return _unwanted_title(event, policy) or _unwanted_app(event, policy) or _unwanted_site(event, policy)


def _unwanted_title(event: Event, policy: Policy) -> DropReason | None:
    title = event.title or ""
    if event.source in (Source.WINDOW, Source.BROWSER):
        if blocklist.PRIVATE_TITLES.search(title):
            return DropReason.PRIVATE
        if blocklist.TITLES.search(title):
            return DropReason.NEVER
    excluded = any(pattern.search(title) for pattern in policy.excluded_titles)
    return DropReason.EXCLUDED_TITLE if excluded else None


def _unwanted_app(event: Event, policy: Policy) -> DropReason | None:
    if event.kind is EventKind.COMMAND and (event.target or "")[:1] in (" ", "\t"):
        return DropReason.HIDDEN_COMMAND
    apps = _apps(event)
    if apps & blocklist.APPS:
        return DropReason.NEVER
    return DropReason.EXCLUDED_APP if apps & policy.excluded_apps else None


def _unwanted_site(event: Event, policy: Policy) -> DropReason | None:
    target = event.target or ""
    if blocklist.PAGES.match(target):
        return DropReason.NEVER
    hosts = hosts_of(target)
    if event.source is Source.BROWSER and not hosts:
        bare = _BARE_HOST.match(target)
        hosts = (_plain_host(bare.group(1)),) if bare else ()
        readable = hosts or _LOCAL_PAGE.match(target) or event.kind in _SEARCHES_HAVE_NO_ADDRESS
        if not readable:
            return DropReason.UNKNOWN_SITE
    if not hosts:
        return None
    excluded = {_plain_host(site) for site in policy.excluded_sites}
    for host in hosts:
        if blocklist.HOSTS.search(host):
            return DropReason.NEVER
        if not excluded.isdisjoint(_suffixes(host)):
            return DropReason.EXCLUDED_SITE
    return None


def _suffixes(host: str) -> tuple[str, ...]:
    labels = host.split(".")[-32:]
    return (host, *(".".join(labels[place:]) for place in range(len(labels))))


def _plain_host(host: str) -> str:
    host = unquote(host).strip(".").lower()  # browsers read "ex%61mple.org" as "example.org"
    try:
        return host.encode("idna").decode("ascii").strip(".")
    except UnicodeError:
        return host  # no name that IDNA can write, such as one with an empty label; it is compared as it stands


def _apps(event: Event) -> frozenset[str]:
    """Every name an exclusion may mean: of the program, and of the one a command starts."""
    names = [event.app or ""]
    if isinstance(event.detail, ProcessDetail):
        names.append(event.detail.parent or "")
    if event.source is Source.TERMINAL:
        program = _BEFORE_PROGRAM.match(event.target or "")
        names.append(program.group(1) if program else "")
    return frozenset().union(*(names_of_app(name) for name in names))


def names_of_app(name: str) -> frozenset[str]:
    """Every name that an application's class or program name stands for, lower case."""
    lowered = name.strip().lower().removesuffix(".desktop")
    base = lowered.rsplit("/", 1)[-1]
    # "org.keepassxc.KeePassXC" names the same program as "keepassxc", "firefox_firefox" the same as "firefox".
    return frozenset({lowered, base, base.rsplit(".", 1)[-1], base.split("_", 1)[0]} - {""})


def is_below(host: str, site: str) -> bool:
    """Whether a host is a site or lies below it, as an exclusion of that site means it."""
    return _plain_host(site) in _suffixes(_plain_host(host))


def _texts(event: Event) -> list[str]:
    texts = [event.app, event.target, event.title]
    if event.detail is not None:
        texts += [getattr(event.detail, name) for name in _FIELDS_OF[type(event.detail)]]
    return [text for text in texts if isinstance(text, str)]


def _redacted(event: Event, *, emails: bool) -> Passed:
    if event.source is not Source.BROWSER and all(is_known_clean(text, emails=emails) for text in _texts(event)):
        return Passed(event, 0)
    count = 0

    def clean(text: str | None) -> str | None:
        nonlocal count
        if text is None:
            return None
        found = redact(clean_text(text), emails=emails)
        count += found.count
        return clean_text(found.text)

    target = event.target
    if target is not None and event.source is Source.BROWSER:
        target, logins = _LOGIN.subn(r"\1", target)
        count += logins
    detail = event.detail
    if detail is not None:
        texts = {
            name: clean(value) for name in _FIELDS_OF[type(detail)] if isinstance(value := getattr(detail, name), str)
        }
        if any(text != getattr(detail, name) for name, text in texts.items()):
            changed: dict[str, Any] = texts
            detail = dataclasses.replace(detail, **changed)
    kept = (clean(event.app), clean(target), clean(event.title), detail)
    if kept == (event.app, event.target, event.title, event.detail):
        return Passed(event, count)
    app, target, title, detail = kept
    return Passed(dataclasses.replace(event, app=app, target=target, title=title, detail=detail), count)
