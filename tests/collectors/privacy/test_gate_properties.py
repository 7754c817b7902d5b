"""What holds for the privacy gate whatever event it is given."""

from __future__ import annotations

import re
from typing import get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.events import KINDS_OF, NOISE_KINDS, Event, PageDetail, Source
from collectors.privacy.gate import Dropped, Origin, Passed, Policy, judge
from collectors.redaction.redact import redact
from tests.collectors.redaction.planted import secrets

NOW_US = 1_790_000_000_000_000
OPEN = Policy(consent=frozenset(Source))

TEXT = st.one_of(
    st.none(),
    st.text(alphabet=st.characters(codec=None), max_size=60),
    st.sampled_from(
        [
            "https://shop.example.org/x",
            "http://[",
            "https://a..b/",
            "https://" + "a" * 300,
            "keepassxc",
            "example.org",
            " x",
        ]
    ),
    st.sampled_from([plant.text for plant in secrets(rounds=1)]),
)
VALUES = {
    str: TEXT.map(str),
    str | None: TEXT,
    int: st.integers(),
    int | None: st.none() | st.integers(),
    float: st.floats(),
    float | None: st.none() | st.floats(),
    bool: st.booleans(),
}
DETAILS = {
    kind: st.builds(kind, **{name: VALUES[hint] for name, hint in get_type_hints(kind).items()})
    for kinds in KINDS_OF.values()
    for kind in kinds.values()
}


@st.composite
def events(draw):
    source = draw(st.sampled_from(list(Source)))
    kind = draw(st.sampled_from(list(KINDS_OF[source])))
    detail = draw(st.none() | DETAILS[KINDS_OF[source][kind]])
    return Event(draw(st.integers()), source, kind, draw(TEXT), draw(TEXT), draw(TEXT), detail=detail)


POLICIES = st.builds(
    Policy,
    consent=st.frozensets(st.sampled_from(list(Source))),
    paused_until_us=st.sampled_from([0, NOW_US, NOW_US + 1]),
    locked=st.booleans(),
    excluded_apps=st.frozensets(st.sampled_from(["firefox", "bash"])),
    excluded_sites=st.frozensets(st.sampled_from(["example.org", "a..b", "", "ü" * 70])),
    excluded_titles=st.sampled_from([(), (re.compile("a"),)]),
)


@given(events(), POLICIES, st.sampled_from(list(Origin)))
@settings(deadline=None, max_examples=500)
def test_any_event_gets_a_verdict(event, policy, origin):
    assert isinstance(judge(event, policy, origin, NOW_US), Passed | Dropped)


@given(events(), POLICIES, st.sampled_from(list(Origin)))
@settings(deadline=None, max_examples=500)
def test_nothing_excluded_passes(event, policy, origin):
    verdict = judge(event, policy, origin, NOW_US)
    if not isinstance(verdict, Passed):
        return
    kept = verdict.event
    assert origin is not Origin.COLLECTOR or kept.source in policy.consent
    assert origin is Origin.IMPORT or not (policy.locked or policy.paused_until_us > NOW_US)
    assert kept.kind not in NOISE_KINDS
    assert (kept.app or "").lower() not in policy.excluded_apps | {"keepassxc"}
    assert "example.org" not in policy.excluded_sites or "https://shop.example.org" not in (kept.target or "")
    assert not any(pattern.search(kept.title or "") for pattern in policy.excluded_titles) or (
        "‹redacted:" in (kept.title or "")
    )
    assert not (isinstance(kept.detail, PageDetail) and kept.detail.private)


@given(events())
@settings(deadline=None, max_examples=300)
def test_what_passed_holds_no_secret_any_more(event):
    verdict = judge(event, OPEN, Origin.IMPORT, NOW_US)
    if isinstance(verdict, Passed):
        texts = [verdict.event.target, verdict.event.title, verdict.event.app]
        assert [redact(text or "").count for text in texts] == [0, 0, 0]


@given(events())
@settings(deadline=None, max_examples=300)
def test_what_passed_can_be_stored_as_utf_8(event):
    verdict = judge(event, OPEN, Origin.IMPORT, NOW_US)
    if isinstance(verdict, Passed):
        assert "\x00" not in "".join(
            (text or "").encode().decode() for text in (verdict.event.target, verdict.event.title, verdict.event.app)
        )
