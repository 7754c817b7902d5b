"""What the privacy gate lets through, and what never passes it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from collectors.events import (
    NOISE_KINDS,
    CommandDetail,
    Event,
    EventKind,
    PageDetail,
    ProcessDetail,
    Source,
)
from collectors.privacy.gate import Dropped, DropReason, Origin, Passed, Policy, judge

NOW_US = 1_790_000_000_000_000
OPEN = Policy(consent=frozenset(Source))
COMMAND = Event(NOW_US, Source.TERMINAL, EventKind.COMMAND, app="bash", target="make test")
WINDOW = Event(NOW_US, Source.WINDOW, EventKind.FOCUS, app="firefox", title="Weather")
VISIT = Event(NOW_US, Source.BROWSER, EventKind.VISIT, app="firefox", target="https://example.org/a", title="A")


def reason(event, policy=OPEN, origin=Origin.COLLECTOR, now_us=NOW_US):
    verdict = judge(event, policy, origin, now_us)
    return verdict.reason if isinstance(verdict, Dropped) else None


def passed(event, policy=OPEN, origin=Origin.COLLECTOR):
    verdict = judge(event, policy, origin, NOW_US)
    assert isinstance(verdict, Passed)
    return verdict


def test_an_ordinary_event_passes_as_it_is():
    assert passed(COMMAND) == Passed(COMMAND, 0)


def test_a_collector_needs_consent_for_its_source():
    assert reason(COMMAND, Policy(consent=frozenset({Source.WINDOW}))) is DropReason.NO_CONSENT


@pytest.mark.parametrize("origin", [Origin.IMPORT, Origin.CLIENT])
def test_imports_and_clients_were_allowed_when_they_were_set_up(origin):
    assert reason(COMMAND, Policy(), origin) is None


@pytest.mark.parametrize(
    ("origin", "expected"),
    [(Origin.COLLECTOR, DropReason.PAUSED), (Origin.CLIENT, DropReason.PAUSED), (Origin.IMPORT, None)],
)
def test_a_pause_stops_all_but_imports(origin, expected):
    assert reason(COMMAND, replace(OPEN, paused_until_us=NOW_US + 1), origin) is expected


@pytest.mark.parametrize("ended", ["paused_until_us", "resumed_us"])
def test_what_began_in_a_pause_and_is_reported_after_it_is_dropped(ended):
    after = replace(OPEN, **{ended: NOW_US - 5})
    assert reason(replace(COMMAND, ts_us=NOW_US - 6), after) is DropReason.EARLIER
    assert reason(replace(COMMAND, ts_us=NOW_US - 5), after) is None
    assert reason(replace(COMMAND, ts_us=NOW_US - 6), after, Origin.IMPORT) is None


def test_a_clock_that_is_set_back_behind_the_end_of_a_pause_stops_nothing():
    assert reason(replace(COMMAND, ts_us=NOW_US - 6), replace(OPEN, resumed_us=NOW_US + 1)) is None


def test_a_pause_ends():
    assert reason(COMMAND, replace(OPEN, paused_until_us=NOW_US)) is None


@pytest.mark.parametrize(
    ("origin", "expected"),
    [(Origin.COLLECTOR, DropReason.LOCKED), (Origin.CLIENT, DropReason.LOCKED), (Origin.IMPORT, None)],
)
def test_a_lock_stops_all_but_imports(origin, expected):
    assert reason(COMMAND, replace(OPEN, locked=True), origin) is expected


@pytest.mark.parametrize("kind", sorted(NOISE_KINDS))
def test_noise_has_its_own_reason(kind):
    assert reason(replace(VISIT, kind=kind), origin=Origin.CLIENT) is DropReason.NOISE


def test_a_private_page_is_dropped():
    assert reason(replace(VISIT, detail=PageDetail(private=True))) is DropReason.PRIVATE


@pytest.mark.parametrize(
    "title",
    [
        "Weather — Mozilla Firefox Private Browsing",
        "Weather - Google Chrome (Incognito)",
        "Weather - [InPrivate] - Microsoft Edge",
        "Wetter — Mozilla Firefox Privater Modus",
        "Wetter - Chromium (Inkognito)",
        "Météo — Navigation privée de Mozilla Firefox",
        "Tiempo — Mozilla Firefox Navegación privada",
        "Meteo — Navigazione anonima di Mozilla Firefox",
        "Tempo — Navegação privativa do Mozilla Firefox",
        "Weer — Mozilla Firefox Privénavigatie",
        "Pogoda — Tryb prywatny",
        "Погода — Приватный просмотр",
        "天気 — プライベートブラウジング",
        "天气 — 隐私浏览",
        "날씨 — 사생활 보호 모드",
    ],
)
def test_private_windows_are_known_by_their_titles(title):
    assert reason(replace(WINDOW, title=title)) is DropReason.PRIVATE


@pytest.mark.parametrize(
    "app",
    ["keepassxc", "KeePassXC", "org.keepassxc.KeePassXC", "Bitwarden", "1Password", "seahorse", "/usr/bin/seahorse",
     "gcr-prompter", "pinentry-gtk-2", "polkit-gnome-authentication-agent-1", "org.gnome.seahorse.Application.desktop"],
)  # fmt: skip
def test_password_managers_and_prompts_are_never_recorded(app):
    expected = None if app.endswith("Application.desktop") else DropReason.NEVER
    assert reason(replace(WINDOW, app=app)) is expected


@pytest.mark.parametrize("command", ["pass show mail", "sudo keepassxc-cli show db x", "X=1 bw get password mail"])
def test_commands_of_password_managers_are_never_recorded(command):
    assert reason(replace(COMMAND, target=command)) is DropReason.NEVER


def test_a_process_that_a_password_manager_starts_is_never_recorded():
    event = Event(NOW_US, Source.PROCESS, EventKind.LAUNCH, app="helper", detail=ProcessDetail(7, parent="keepassxc"))
    assert reason(event) is DropReason.NEVER


@pytest.mark.parametrize(
    "host",
    ["www.deutsche-bank.de", "online.commerzbank.de", "banking.example.org", "www.bankofexample.com", "sparkasse.de",
     "mabanque.example.fr", "ebanking.example.ch", "paypal.com", "example.bank", "BANKING.EXAMPLE.ORG."],
)  # fmt: skip
def test_banks_are_never_recorded(host):
    assert reason(replace(VISIT, target=f"https://{host}/accounts")) is DropReason.NEVER


@pytest.mark.parametrize("host", ["example.org", "chaser.example.org", "github.com", "embankment.example.org"])
def test_other_hosts_pass(host):
    assert reason(replace(VISIT, target=f"https://{host}/")) is None


@pytest.mark.parametrize("app", ["firefox", "Firefox", "firefox_firefox", "org.mozilla.firefox", "/usr/lib/firefox"])
def test_an_excluded_app_is_dropped_under_each_of_its_names(app):
    policy = replace(OPEN, excluded_apps=frozenset({"firefox"}))
    assert reason(replace(WINDOW, app=app), policy) is DropReason.EXCLUDED_APP


@pytest.mark.parametrize(
    "target",
    ["https://example.org/a", "https://www.example.org", "HTTPS://WWW.EXAMPLE.ORG./", "http://me:pw@example.org:8080/",
     "https://x@example.org", "https:\\\\example.org\\a", "example.org/a", "view-source:https://example.org/", "https://ex%61mple.org/", "https://\uff45xample.org/"],
)  # fmt: skip
def test_an_excluded_site_is_dropped_however_it_is_written(target):
    policy = replace(OPEN, excluded_sites=frozenset({"example.org"}))
    assert reason(replace(VISIT, target=target), policy) is DropReason.EXCLUDED_SITE


def test_a_name_that_only_ends_alike_is_another_site():
    policy = replace(OPEN, excluded_sites=frozenset({"example.org"}))
    assert reason(replace(VISIT, target="https://notexample.org/"), policy) is None


def test_an_excluded_site_written_in_its_own_script_is_dropped_in_punycode_too():
    policy = replace(OPEN, excluded_sites=frozenset({"müller.example"}))
    assert reason(replace(VISIT, target="https://xn--mller-kva.example/"), policy) is DropReason.EXCLUDED_SITE


def test_a_command_that_names_an_excluded_site_is_dropped():
    policy = replace(OPEN, excluded_sites=frozenset({"example.org"}))
    event = replace(COMMAND, target="curl -s https://api.example.org/v1 | jq .")
    assert reason(event, policy, Origin.IMPORT) is DropReason.EXCLUDED_SITE


def test_a_page_without_a_readable_address_counts_as_sensitive():
    assert reason(replace(VISIT, target="http://")) is DropReason.UNKNOWN_SITE


def test_a_local_page_has_no_site():
    assert reason(replace(VISIT, target="file:///home/me/bank/notes.html")) is None


def test_an_excluded_title_is_dropped():
    policy = replace(OPEN, excluded_titles=(re.compile("weather", re.IGNORECASE),))
    assert reason(WINDOW, policy) is DropReason.EXCLUDED_TITLE


@pytest.mark.parametrize("origin", list(Origin))
def test_a_command_that_begins_with_a_space_is_dropped(origin):
    assert reason(replace(COMMAND, target=" make secret"), origin=origin) is DropReason.HIDDEN_COMMAND


def test_secrets_leave_the_target_the_title_and_the_detail():
    event = replace(
        COMMAND,
        target="DB_PASSWORD=hunter2 make",
        title="token=abc1",
        detail=CommandDetail(cwd="/srv/password=hunter2", branch="main"),
    )
    verdict = passed(event)
    assert verdict == Passed(
        replace(
            event,
            target="DB_PASSWORD=‹redacted:secret› make",
            title="token=‹redacted:secret›",
            detail=CommandDetail(cwd="/srv/password=‹redacted:secret›", branch="main"),
        ),
        3,
    )


def test_an_address_loses_its_login_and_its_secret_values():
    verdict = passed(replace(VISIT, target="https://me:hunter2@example.org/f?a=1&token=abc1"))
    assert verdict.event.target == "https://example.org/f?a=1&token=‹redacted:secret›"


def test_what_a_paired_extension_sends_needs_consent():
    assert reason(VISIT, Policy(), Origin.CLIENT) is DropReason.NO_CONSENT
    assert reason(VISIT, Policy(consent=frozenset({Source.BROWSER})), Origin.CLIENT) is None


def test_what_it_kept_from_a_time_when_nothing_was_to_be_recorded_is_dropped():
    policy = replace(OPEN, unrecorded_until_us=NOW_US)
    assert reason(replace(VISIT, ts_us=NOW_US - 1), policy, Origin.CLIENT) is DropReason.EARLIER
    assert reason(VISIT, policy, Origin.CLIENT) is None
    assert reason(replace(VISIT, ts_us=NOW_US - 1), policy, Origin.IMPORT) is None


def test_what_it_kept_from_a_pause_that_is_over_is_dropped():
    policy = replace(OPEN, paused_until_us=NOW_US - 10)
    assert reason(replace(VISIT, ts_us=NOW_US - 11), policy, Origin.CLIENT) is DropReason.EARLIER
    assert reason(replace(VISIT, ts_us=NOW_US - 10), policy, Origin.CLIENT) is None


def test_other_clients_may_send_what_lies_in_the_past():
    policy = replace(OPEN, unrecorded_until_us=NOW_US)
    assert reason(replace(COMMAND, ts_us=1), policy, Origin.CLIENT) is None
