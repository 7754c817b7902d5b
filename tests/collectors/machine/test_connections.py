from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from collectors.events import US_PER_S, Event, EventKind, NetworkDetail
from collectors.machine.connections import Link, Links
from collectors.timestamp import Timestamp

MAIL = Link("thunderbird", "imap.example.org", 993)
SSH = Link("ssh", "desk", session="ssh")


def at(second: float) -> Timestamp:
    return Timestamp(round(second * US_PER_S), 1_000 + second)


def lived(looks: list[dict[Link, int]], links: Links | None = None) -> list[Event]:
    """What is reported when there is this at each second."""
    followed = links or Links(linger_s=3)
    return [event for second, present in enumerate(looks) for event in followed.feed(present, at(second))]


def test_a_link_begins_and_ends_with_what_it_took():
    begun, ended = lived([{}, {MAIL: 1}, {MAIL: 3}, {}, {}, {}, {}])
    assert (begun.kind, begun.ts_us, begun.app, begun.target) == (
        EventKind.CONNECT,
        US_PER_S,
        "thunderbird",
        "tcp://imap.example.org:993",
    )
    assert (ended.kind, ended.ts_us) == (EventKind.DISCONNECT, 2 * US_PER_S)
    assert ended.detail == NetworkDetail(993, None, connections=3, lasted_us=US_PER_S)
    assert begun.duration_us is None
    assert ended.duration_us is None


def test_connections_one_after_another_are_one_link():
    assert len(lived([{}, {MAIL: 1}, {}, {}, {MAIL: 1}, {}, {}, {MAIL: 1}])) == 1


def test_a_session_ends_at_once():
    kinds = [(event.kind, event.ts_us, event.target) for event in lived([{}, {SSH: 1}, {SSH: 1}, {}])]
    assert kinds == [(EventKind.CONNECT, US_PER_S, "ssh://desk"), (EventKind.DISCONNECT, 2 * US_PER_S, "ssh://desk")]


def test_what_was_there_before_is_no_beginning_but_has_an_end():
    (ended,) = lived([{SSH: 1}, {SSH: 1}, {}])
    assert ended.detail == NetworkDetail(None, "ssh", 1, lasted_us=None)


def test_a_host_without_a_name_is_no_target():
    (begun,) = lived([{}, {Link("curl", None, 443): 1}])
    assert (begun.target, begun.detail) == (None, NetworkDetail(443))


def test_a_private_network_is_reported_by_its_interface():
    (begun,) = lived([{}, {Link("wireguard", session="vpn", interface="work0"): 1}])
    assert (begun.app, begun.title, begun.target, begun.detail) == (
        "wireguard",
        "work0",
        None,
        NetworkDetail(None, "vpn"),
    )


def test_what_goes_by_udp_is_distinguished_from_what_goes_by_tcp():
    voice = Link("mumble", "talk.example.org", 64738)
    begun = lived([{}, {voice: 1, replace(voice, protocol="udp"): 1}])
    assert [(event.target, event.detail) for event in begun] == [
        ("tcp://talk.example.org:64738", NetworkDetail(64738)),
        ("udp://talk.example.org:64738", NetworkDetail(64738, protocol="udp")),
    ]


def test_an_address_of_the_new_sort_is_a_proper_address():
    assert Link("ssh", "2001:db8::5", 22).target == "tcp://[2001:db8::5]:22"


def test_no_more_are_followed_than_fit_and_the_log_says_so_once(caplog: pytest.LogCaptureFixture):
    many = {Link("scan", f"host{number}", 80): 1 for number in range(9)}
    with caplog.at_level(logging.WARNING):
        reported = lived([{}, many, many, many], Links(most_open=4))
    assert len(reported) == 4
    assert len(caplog.records) == 1
