"""Ten thousand events that nobody in their right mind sends: each is stored, refused with its reason, or counted."""

from __future__ import annotations

import http.client
import io
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.http.limits import Limits
from app.api.server.local import LocalApi
from app.cli.log import take
from app.services.access.tokens import Scope, Tokens
from app.services.commands.json_values import to_json_values
from app.services.ingest.pipeline import IngestPipeline
from app.store.store import Store
from collectors.event_json import to_wire
from collectors.events import KINDS_OF, US_PER_S, Event, EventKind, Source
from tests.app.api.observing import ObserverBackend
from tests.app.services.conftest import NOW_US

EVENTS: Final = 10_000
EXAMPLES: Final = 25
PER_EXAMPLE: Final = EVENTS // 2 // EXAMPLES + 2
HUGE: Final = 10_000_000
_GOOD: Final = to_wire(Event(NOW_US, Source.TERMINAL, EventKind.COMMAND, "bash", "make"))
_SPICE: Final = (
    "",
    "\x00",
    "a\x00b",
    "\ud800",
    "x\udfffy",
    "é" * 5_000,
    "\u202e",
    "'; DROP TABLE actions",
    "‹redacted:key›",
)
_NUMBERS: Final = (0, -1, -(2**63), 2**63, 2**200, NOW_US, 4_102_444_800 * US_PER_S, 1.5, True, 1e308)


def wild(draw: random.Random, texts: Sequence[str]) -> object:
    """An event with something wrong in it, or nothing."""
    source = draw.choice(list(Source))
    event: dict[str, object] = {"ts_us": NOW_US + draw.randrange(10**9), "source": source}
    event["kind"] = draw.choice(list(KINDS_OF[source]) if draw.random() < 0.9 else list(EventKind))
    text = draw.choice([*_SPICE, *texts])
    for _ in range(draw.randrange(4)):
        name = draw.choice(["ts_us", "kind", "app", "target", "title", "duration_us", "utc_offset_s", "detail", text])
        event[name] = draw.choice(
            [text, text * 3, draw.choice(_NUMBERS), None, [], {}, {text: text}, {"pid": 1}, [text]]
        )
    if draw.random() < 0.05:
        return draw.choice([None, text, [], [event], draw.choice(_NUMBERS)])
    if draw.random() < 0.5:
        event |= {"source": "terminal", "kind": "command", "app": text[:50], "target": text}
    return event


class Sender:
    """One client of the API; every answer is taken apart into counts."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, body: bytes, events: int) -> Counter[str]:
        self._connection.request("POST", "/api/log-action", body, self._headers)
        response = self._connection.getresponse()
        answer = json.loads(response.read())
        if response.status == 413 or "refused" not in answer:
            assert response.status in (400, 413), answer
            assert answer["error"]["message"]
            return Counter(refused=events)
        return counted(answer, events)

    def close(self) -> None:
        self._connection.close()


def counted(report: Mapping[str, Any], events: int) -> Counter[str]:
    """What became of the events of one report; every one of them, and every refusal with its reason."""
    refused = [each["reason"] if isinstance(each, dict) else each[1] for each in report["refused"]]
    assert all(refused)
    counts = Counter(
        stored=report["stored"], noise=report["noise"], dropped=sum(report["dropped"].values()), refused=len(refused)
    )
    assert counts.total() == events, report
    return counts


@pytest.fixture
def sender(observer: IngestPipeline, tmp_path: Path) -> Iterator[Sender]:
    tokens = Tokens()
    limits = Limits(burst=10**9)
    api = LocalApi(ObserverBackend(observer), tokens, tmp_path / "run" / "control.sock", limits=limits)
    api.start()
    sender = Sender(api.port, tokens.issue("fuzz", Scope.INGEST))
    yield sender
    sender.close()
    api.stop()


def stored(store: Store) -> int:
    with store.reader() as reader:
        return reader.counts().actions


def test_through_the_api(observer: IngestPipeline, sender: Sender, opened: Store) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, database=None)
    @given(seed=st.integers(0, 2**64), texts=st.lists(st.text(), max_size=4))
    def run(seed: int, texts: list[str]) -> None:
        draw = random.Random(seed)
        events = [wild(draw, texts) for _ in range(PER_EXAMPLE)]
        for event in events[:40]:
            counts.update(sender.send(json.dumps(event).encode(), len(event) if isinstance(event, list) else 1))
        counts.update(sender.send(json.dumps(events[40:]).encode(), len(events) - 40))

    run()
    for body in (json.dumps(_GOOD | {"title": "x" * HUGE}), '{"a":' * 100_000, "[" * HUGE):
        counts.update(sender.send(body.encode(), 1))
    print(f"\nthe API took {counts.total()} wild events: {dict(counts)}")  # noqa: T201  # the count is reported
    assert counts.total() >= EVENTS // 2
    assert counts["stored"] > 100
    assert counts["refused"] > 100
    observer.flush()
    assert stored(opened) == counts["stored"]
    assert sender.send(json.dumps(_GOOD).encode(), 1) == Counter(stored=1)
    observer.flush()


def test_through_the_command_line(observer: IngestPipeline, opened: Store) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, database=None)
    @given(seed=st.integers(0, 2**64), texts=st.lists(st.text(), max_size=4))
    def run(seed: int, texts: list[str]) -> None:
        draw = random.Random(seed)
        lines = [json.dumps(wild(draw, texts)) for _ in range(PER_EXAMPLE)]
        total = take(io.StringIO("".join(f"{line}\n" for line in lines)), lambda raw: to_json_values(observer.log(raw)))
        counts.update(counted(total.result(), len(lines)))

    run()
    huge = io.StringIO(f"{json.dumps(_GOOD | {'title': 'x' * HUGE})}\n{'[' * HUGE}\n\ud800\n{json.dumps(_GOOD)}\n")
    counts.update(counted(take(huge, lambda raw: to_json_values(observer.log(raw))).result(), 4))
    print(f"\nthe command line took {counts.total()} wild events: {dict(counts)}")  # noqa: T201  # the count is reported
    assert counts.total() >= EVENTS // 2
    assert counts["stored"] > 100
    assert counts["refused"] > 100
    assert stored(opened) == counts["stored"]
    observer.flush()
