"""Folders and hours that the user excludes, however they are written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.events import CommandDetail, Event, EventKind, FileDetail, GitDetail, Source
from collectors.privacy.excluded_folders import folders_of
from collectors.privacy.gate import Dropped, DropReason, Origin, Passed, Policy, judge
from collectors.privacy.quiet_hours import QuietError, quiet_hours

NOW_US = 1_790_000_000_000_000
OPEN = Policy(consent=frozenset(Source))
FOLDERS = replace(OPEN, excluded_folders=folders_of(("~/private", "/srv/My Clients/"), "/home/me"))
COMMAND = Event(NOW_US, Source.TERMINAL, EventKind.COMMAND, app="bash", target="make", detail=CommandDetail("/home/me"))
FILE = Event(NOW_US, Source.FILES, EventKind.OPEN, target="/home/me/work/a.py", detail=FileDetail())
WINDOW = Event(NOW_US, Source.WINDOW, EventKind.FOCUS, app="editor", title="a.py")


def reason(event: Event, policy: Policy, origin: Origin = Origin.COLLECTOR) -> DropReason | None:
    verdict = judge(event, policy, origin, NOW_US)
    return verdict.reason if isinstance(verdict, Dropped) else None


@pytest.mark.parametrize("origin", list(Origin))
@pytest.mark.parametrize(
    "target",
    [
        "vim ~/private/a.txt",
        "vim /home/me/private/a.txt",
        "vim $HOME/private/a.txt",
        "vim ${HOME}/private",
        "cd private",
        "cat ./private/b | head",
        "cat work/../private/b",
        "tar --file=private/x.tar",
        "ls '/srv/My Clients/ada'",
        r"ls /srv/My\ Clients/ada",
        "xdg-open file:///srv/My%20Clients/ada.pdf",
    ],
)
def test_a_command_that_names_an_excluded_folder_is_dropped(target, origin):
    assert reason(replace(COMMAND, target=target), FOLDERS, origin) is DropReason.EXCLUDED_FOLDER


@pytest.mark.parametrize(
    "target", ["vim private.txt", "cd privateer", "ls ~/private-notes", "cd /mnt/home/me/private", "make"]
)
def test_a_folder_of_another_name_is_another_folder(target):
    assert reason(replace(COMMAND, target=target), FOLDERS) is None


def test_whatever_is_done_in_an_excluded_folder_is_dropped():
    event = replace(COMMAND, detail=CommandDetail("/home/me/private/deep"))
    assert reason(event, FOLDERS) is DropReason.EXCLUDED_FOLDER


@pytest.mark.parametrize(
    "event",
    [
        replace(FILE, target="/home/me/private/diary.md"),
        replace(FILE, source=Source.EDITOR, target="/home/me/private/../private/diary.md"),
        replace(FILE, target="file:///home/me/private/diary.md"),
        replace(WINDOW, title="diary.md (~/private) - GVIM"),
        replace(WINDOW, title="me@laptop: ~/private"),
        Event(NOW_US, Source.GIT, EventKind.COMMIT, title="x", detail=GitDetail("/home/me/private/repo")),
        Event(NOW_US, Source.BROWSER, EventKind.VISIT, target="file:///srv/My%20Clients/a.html", title="A"),
    ],
)
def test_files_titles_repositories_and_local_pages_of_it_are_dropped(event):
    assert reason(event, FOLDERS) is DropReason.EXCLUDED_FOLDER


def test_without_excluded_folders_nothing_is_looked_at():
    assert reason(FILE, replace(OPEN, excluded_folders=folders_of(("", "/", "relative"), "/home/me"))) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_asked_for_folders(text, cwd):
    FOLDERS.excluded_folders.are_in(replace(COMMAND, target=text, title=text, detail=CommandDetail(cwd)))


def local(text: str, offset_h: int = 2) -> Event:
    when = datetime.fromisoformat(text).replace(tzinfo=timezone(timedelta(hours=offset_h)))
    return replace(WINDOW, ts_us=int(when.timestamp()) * 1_000_000, utc_offset_s=offset_h * 3600)


@pytest.mark.parametrize(
    ("line", "inside", "outside"),
    [
        ("22:00-06:00", "2026-11-21T23:30", "2026-11-21T12:00"),
        ("22:00-06:00", "2026-11-21T05:59", "2026-11-21T06:00"),
        ("22:00 to 6:00", "2026-11-21T22:00", "2026-11-21T21:59"),
        ("Sat Sun", "2026-11-21T09:00", "2026-11-20T09:00"),
        ("Sat, Sunday", "2026-11-22T23:59", "2026-11-23T00:00"),
        ("Mon-Fri 12:00-13:00", "2026-11-20T12:30", "2026-11-21T12:30"),
        ("Fri-Mon 09:00-10:00", "2026-11-22T09:30", "2026-11-24T09:30"),
        ("Fri 22:00-02:00", "2026-11-21T01:30", "2026-11-20T01:30"),
        ("Sun 00:00-24:00", "2026-11-22T00:00", "2026-11-21T23:59"),
    ],
)
def test_excluded_hours_go_by_the_local_clock(line, inside, outside):
    policy = replace(OPEN, excluded_times=(quiet_hours(line),))
    assert reason(local(inside), policy) is DropReason.EXCLUDED_TIME
    assert reason(local(outside), policy) is None


@pytest.mark.parametrize("line", ["", "night", "25:00-26:00", "10:70-11:00", "10:00-10:00", "10:00", "Mon-Tue-Wed"])
def test_a_line_that_names_no_hours_says_how_to_write_them(line):
    with pytest.raises(QuietError, match="22:00-06:00"):
        quiet_hours(line)


def test_mail_addresses_go_where_that_is_set():
    event = replace(WINDOW, title="Re: lunch - ada.lovelace@example.org - Mail")
    policy = replace(OPEN, redact_emails=True)
    kept = judge(event, OPEN, Origin.COLLECTOR, NOW_US)
    taken = judge(event, policy, Origin.COLLECTOR, NOW_US)
    assert kept == Passed(event, 0)
    assert taken == Passed(replace(event, title="Re: lunch - ‹redacted:email› - Mail"), 1)
    assert judge(taken.event, policy, Origin.COLLECTOR, NOW_US) == Passed(taken.event, 0)


@pytest.mark.parametrize(
    "text", ["ssh me@host.example.org", "git clone git@git.example.org:a/b.git", "@me on example.org"]
)
def test_logins_of_machines_are_no_mail_addresses(text):
    assert judge(replace(COMMAND, target=text), replace(OPEN, redact_emails=True), Origin.COLLECTOR, NOW_US) == Passed(
        replace(COMMAND, target=text), 0
    )


@pytest.mark.parametrize(
    ("target", "title"),
    [
        ("https://vault.bitwarden.com/#/vault", ""),
        ("https://my.1password.com/home", ""),
        ("https://passwords.google.com/", ""),
        ("https://www.ing.de/konto", ""),
        ("https://checkout.stripe.com/c/pay", ""),
        ("https://www.kraken.com/u", ""),
        ("about:logins", ""),
        ("chrome://settings/passwords", ""),
        ("https://example.org/", "Online-Banking - Example"),
        ("https://example.org/", "Banca en línea | Ejemplo"),
        ("https://example.org/", "3-D Secure"),
    ],
)
def test_banks_payments_and_passwords_are_never_recorded(target, title):
    event = Event(NOW_US, Source.BROWSER, EventKind.VISIT, target=target, title=title)
    assert reason(event, OPEN, Origin.CLIENT) is DropReason.NEVER


@pytest.mark.parametrize(
    "host",
    ["singing.example.org", "ing-books.example.org", "wisecrack.example.org", "stripe.com", "google.com", "chased.org"],
)
def test_hosts_that_only_sound_alike_pass(host):
    event = Event(NOW_US, Source.BROWSER, EventKind.VISIT, target=f"https://{host}/", title="A")
    assert reason(event, OPEN, Origin.CLIENT) is None
