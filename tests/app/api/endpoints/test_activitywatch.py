"""ActivityWatch's real client at our `/api/0`, and all those who are not let in there."""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.api.http.limits import Limits
from app.api.http.tcp_peer import is_own_tcp_peer
from app.api.server.activitywatch import LIMITS, WatcherApi
from app.errors import KnownError
from app.services.activitywatch.ingest import Watching
from app.services.activitywatch.service import ActivityWatch
from app.services.ingest.pipeline import IngestPipeline, new_action
from app.services.learning.forecast import Forecaster
from app.services.preferences import Preferences
from app.store.store import Store
from collectors.events import Event, EventKind, Source
from tests.app.api.fake_backend import FakeBackend
from tests.app.api.watcher import BAD_VALUES, RefusedError, Watcher, watcher
from tests.app.api.wire import send
from tests.app.services.conftest import KEY, NOW_US, Clock
from tests.desktop.running import until

WINDOW = "aw-watcher-window_host"
AFK = "aw-watcher-afk_host"
NOW = datetime.fromtimestamp(NOW_US / 1e6, UTC)


def at(seconds: float) -> str:
    """A moment so many seconds after an hour before now, as ActivityWatch writes it."""
    return (NOW - timedelta(hours=1) + timedelta(seconds=seconds)).isoformat()


def beat(seconds: float, title: str = "notes", duration: float = 0) -> dict:
    return {"timestamp": at(seconds), "duration": duration, "data": {"app": "kate", "title": title}}


def presence(seconds: float, status: str, duration: float = 0) -> dict:
    return {"timestamp": at(seconds), "duration": duration, "data": {"status": status}}


@dataclass
class Served:
    """The inlet over a real store."""

    api: WatcherApi
    store: Store
    preferences: Preferences
    service: ActivityWatch
    clock: Clock
    sensed: set[Source] = field(default_factory=set)

    def stored(self, source: Source = Source.WINDOW) -> list[Event]:
        """What lies in the store, in time order."""
        with self.store.reader() as reader:
            return [row.event for row in reader.timeline(0, 2**62) if row.event.source is source]

    def titles(self) -> list[tuple[str | None, float]]:
        """Titles and seconds of the windows."""
        return [(event.title, (event.duration_us or 0) / 1e6) for event in self.stored()]

    def ask(self, method: str, path: str, body: object = None, **headers: str | None) -> tuple[int, object]:
        """One request as any program might write it; a header given as None is left out."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if data is not None else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        status, raw, _ = send(self.api.port, method, path, data, {**sent, **named})
        return status, json.loads(raw) if raw else None


def serve(tmp_path: Path, limits: Limits = LIMITS) -> Iterator[Served]:
    clock = Clock()
    store = Store.create(tmp_path / "store.db", KEY)
    preferences = Preferences(store, now_us=clock)
    observer = IngestPipeline(store, preferences, Forecaster(store, clock), clock)
    sensed: set[Source] = set()
    watching = Watching(store, observer, preferences, clock, sensed.__contains__)
    service = ActivityWatch(store, watching, preferences, clock)
    api = WatcherApi(service, FakeBackend(), 0, limits=limits)
    api.start()
    yield Served(api, store, preferences, service, clock, sensed)
    api.stop()
    observer.close()
    store.close()


@pytest.fixture
def served(tmp_path) -> Iterator[Served]:
    yield from serve(tmp_path)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watcher]:
    with watcher(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def client(served: Served, program: Watcher) -> Watcher:
    program.port = served.api.port
    return program


# --- what its client does, and what comes of it


def test_heartbeats_of_the_real_client_become_windows(served, client):
    client("create_bucket", WINDOW, "currentwindow")
    for seconds, title in ((0, "notes"), (4, "notes"), (9, "notes"), (12, "inbox"), (40, "inbox")):
        client("heartbeat", WINDOW, beat(seconds, title), 10)
    assert served.titles() == [("notes", 9), ("inbox", 0), ("inbox", 0)]
    (first, *_) = served.stored()
    assert (first.app, first.kind, first.ts_us) == ("kate", EventKind.FOCUS, NOW_US - 3_600_000_000)


def test_the_client_s_queue_is_taken_too(served, client):
    beats = [beat(second) for second in range(8)] + [beat(9, "inbox"), beat(10, "x")]
    client("queued", WINDOW, "currentwindow", beats, 5)
    until(lambda: served.titles() == [("notes", 7), ("inbox", 0)], "the queued heartbeats")


def test_a_bucket_is_made_once_and_outlives_a_restart(served, client, tmp_path):
    client("create_bucket", WINDOW, "currentwindow")
    client("create_bucket", WINDOW, "currentwindow")
    again = ActivityWatch(served.store, None, served.preferences, served.clock)
    assert again.heartbeat.__self__._buckets.get(WINDOW) is not None


def test_times_away_are_cut_out_of_windows(served, client):
    client("create_bucket", WINDOW, "currentwindow")
    client("create_bucket", AFK, "afkstatus")
    client("heartbeat", WINDOW, beat(0, duration=300), 10)
    client("heartbeat", AFK, presence(0, "not-afk", 120), 185)
    client("heartbeat", AFK, presence(120, "afk", 180), 185)
    assert served.titles() == [("notes", 120)]
    client("heartbeat", WINDOW, beat(305, "a film went on by itself"), 10)
    client("heartbeat", AFK, presence(400, "not-afk"), 185)
    client("heartbeat", WINDOW, beat(310, "a film went on by itself", duration=100), 10)
    assert served.titles() == [("notes", 120), ("a film went on by itself", 10)]
    assert [event.kind for event in served.stored(Source.PRESENCE)] == [
        EventKind.ACTIVE,
        EventKind.IDLE,
        EventKind.ACTIVE,
    ]


def test_a_pause_is_cut_out_and_nothing_of_it_comes_in_later(served, client):
    client("create_bucket", WINDOW, "currentwindow")
    served.clock.now_us = NOW_US - 3_600_000_000 + 60_000_000
    client("heartbeat", WINDOW, beat(0, duration=50), 10)
    served.preferences.change(paused_until_us=2**62)
    client("heartbeat", WINDOW, beat(55, duration=5), 10)
    client("heartbeat", WINDOW, beat(65, "secret"), 10)
    served.clock.now_us += 100_000_000
    served.preferences.change(paused_until_us=0)
    client("heartbeat", WINDOW, beat(66, "secret", duration=104), 10)
    assert served.titles() == [("notes", 60), ("secret", 10)]


def test_what_a_sense_of_our_own_sees_already_is_passed_over(served, client):
    client("create_bucket", WINDOW, "currentwindow")
    served.sensed.add(Source.WINDOW)
    client("heartbeat", WINDOW, beat(0), 10)
    client("heartbeat", WINDOW, beat(5), 10)
    assert served.titles() == []
    assert served.service.passed_over == 1


def test_the_gate_stands_before_it(served, client):
    client("create_bucket", WINDOW, "currentwindow")
    client("heartbeat", WINDOW, beat(0, "GitHub: password=hunter2hunter2 Mozilla Firefox Private Browsing"), 10)
    client("heartbeat", WINDOW, {"timestamp": at(1), "data": {"app": "keepassxc", "title": "Passwords"}}, 10)
    assert served.titles() == []


def test_events_are_taken_as_they_are(served, client):
    client("create_bucket", "aw-watcher-vscode_host", "app.editor.activity")
    served.clock.now_us = NOW_US - 7_200_000_000
    served.preferences.change(consent=frozenset({Source.EDITOR}))
    served.clock.now_us = NOW_US
    data = {"file": "/w/a.py", "project": "w", "language": "python"}
    events = [{"timestamp": at(second), "duration": 1, "data": data} for second in range(30)]
    client("insert_events", "aw-watcher-vscode_host", events)
    client("insert_event", "aw-watcher-vscode_host", {"timestamp": at(99), "duration": 2, "data": data})
    assert [event.duration_us for event in served.stored(Source.EDITOR)] == [1_000_000] * 30 + [2_000_000]
    assert {event.app for event in served.stored(Source.EDITOR)} == {"vscode"}


def test_what_was_imported_is_not_stored_again(served, client):
    client("create_bucket", WINDOW, "currentwindow")
    client("insert_event", WINDOW, beat(0, duration=5))
    client("insert_event", WINDOW, beat(0, duration=5))
    assert served.titles() == [("notes", 5)]


def test_after_something_was_forgotten_a_window_begins_again(served, client):
    client("create_bucket", WINDOW, "currentwindow")
    client("heartbeat", WINDOW, beat(0), 10)
    served.service.forgotten()
    client("heartbeat", WINDOW, beat(5), 10)
    assert [title for title, _ in served.titles()] == ["notes", "notes"]


# --- reading is a switch of its own


READS = [
    ("get_buckets",),
    ("get_events", WINDOW),
    ("get_eventcount", WINDOW),
    ("get_event", WINDOW, 1),
    ("query", "RETURN = 1;", [[at(0), at(60)]]),
    ("get_setting",),
]


@pytest.mark.parametrize("call", READS, ids=lambda call: call[0])
def test_nothing_can_be_read_until_the_user_says_so(served, client, call):
    client("create_bucket", WINDOW, "currentwindow")
    with pytest.raises(RefusedError) as refused:
        client(*call)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "call",
    [
        ("export_all",),
        ("export_bucket", WINDOW),
        ("delete_bucket", WINDOW, True),
        ("delete_event", WINDOW, 1),
        ("set_setting", "a", "b"),
    ],
    ids=lambda call: call[0],
)
def test_taking_all_out_and_deleting_are_never_allowed(served, client, call):
    served.preferences.change(activitywatch=True, activitywatch_reading=True)
    client("create_bucket", WINDOW, "currentwindow")
    client("heartbeat", WINDOW, beat(0), 10)
    with pytest.raises(RefusedError) as refused:
        client(*call)
    assert refused.value.status == 403
    assert served.titles() == [("notes", 0)]


def test_the_client_reads_what_is_stored(served, client):
    served.preferences.change(activitywatch=True, activitywatch_reading=True)
    client("create_bucket", WINDOW, "currentwindow")
    client("create_bucket", AFK, "afkstatus")
    for number in range(5):
        client("heartbeat", WINDOW, beat(100 * number, f"title {number}", duration=50), 10)
    client("heartbeat", AFK, presence(0, "not-afk", 230), 10)
    buckets = client("get_buckets")
    assert {buckets[name]["type"] for name in (WINDOW, AFK)} == {"currentwindow", "afkstatus"}
    assert buckets[WINDOW]["last_updated"] == at(450)
    assert [event["data"]["title"] for event in client("get_events", WINDOW, 2)] == ["title 4", "title 3"]
    cut = client("get_events", WINDOW, -1, at(110), at(210))
    assert [(event["timestamp"], event["duration"]) for event in cut] == [(at(200), 10), (at(110), 40)]
    assert client("get_eventcount", WINDOW) == 5
    assert client("get_event", WINDOW, cut[0]["id"])["data"]["title"] == "title 2"
    query = """
    events = flood(query_bucket(find_bucket("aw-watcher-window_host")));
    not_afk = flood(query_bucket(find_bucket("aw-watcher-afk")));
    not_afk = filter_keyvals(not_afk, "status", ["not-afk"]);
    events = filter_period_intersect(events, not_afk);
    RETURN = {"events": merge_events_by_keys(events, ["app"]), "duration": sum_durations(events)};
    """
    (answer,) = client("query", query, [[at(0), at(3_600)]])
    assert answer["duration"] == 130
    assert [event["data"] for event in answer["events"]] == [{"app": "kate"}]


def test_what_our_own_senses_saw_is_a_bucket_as_well(served, client):
    served.preferences.change(activitywatch=True, activitywatch_reading=True)
    event = Event(NOW_US - 10_000_000, Source.WINDOW, EventKind.FOCUS, "foot", title="~", duration_us=4_000_000)
    served.store.append([new_action(event)]).result()
    name = f"aw-watcher-window_{served.service.hostname}"
    assert client("get_buckets")[name]["type"] == "currentwindow"
    assert [event["data"] for event in client("get_events", name)] == [{"app": "foot", "title": "~"}]


def test_to_watch_is_no_state_next_to_being_there(served, client):
    served.preferences.change(activitywatch=True, activitywatch_reading=True)

    def presence_at(begun_s: int, kind: EventKind, lasted_s: int | None = None) -> Event:
        lasted_us = None if lasted_s is None else lasted_s * 1_000_000
        return Event(NOW_US + begun_s * 1_000_000, Source.PRESENCE, kind, duration_us=lasted_us)

    seen = (
        presence_at(-900, EventKind.ACTIVE),
        presence_at(-600, EventKind.WATCH, 100),
        presence_at(-300, EventKind.IDLE),
    )
    served.store.append([new_action(event) for event in seen]).result()
    reported = client("get_events", f"aw-watcher-afk_{served.service.hostname}")
    assert [(event["data"]["status"], event["duration"]) for event in reported] == [("afk", 300), ("not-afk", 600)]


@pytest.mark.parametrize("periods", [["x"], ["2026-01-01"], ["2026-01-02/2026-01-01"], "a/b", None, [1]])
def test_a_period_that_is_none_is_reported(served, periods):
    served.preferences.change(activitywatch=True, activitywatch_reading=True)
    assert served.ask("POST", "/api/0/query/", {"query": ["RETURN = 1;"], "timeperiods": periods})[0] == 400


def test_a_query_that_cannot_be_answered_is_reported(served):
    served.preferences.change(activitywatch=True, activitywatch_reading=True)
    body = {"query": ["RETURN = none;"], "timeperiods": [f"{at(0)}/{at(1)}"]}
    status, answer = served.ask("POST", "/api/0/query/", body)
    assert status == 400
    assert (answer["type"], "none" in answer["message"]) == ("QueryException", True)


# --- who is not let in


def test_the_client_is_reported_who_answers(served, client):
    info = client("get_info")
    assert info["hostname"] == served.service.hostname
    assert "KrypticTrack" in info["version"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Origin": "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi"},
        {"Origin": "http://127.0.0.1:5600"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "none"},
        {"Host": "rebound.example.org:5600"},
        {"Host": "127.0.0.1.example.org"},
        {"Host": "0.0.0.0"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/0/info"), ("POST", f"/api/0/buckets/{WINDOW}"), ("GET", "/"), ("OPTIONS", "/api/0/info")],
)
def test_no_page_of_a_browser_is_let_in(served, headers, method, path):
    body = {"type": "currentwindow", "client": "c", "hostname": "h"} if method == "POST" else None
    assert served.ask(method, path, body, **headers)[0] == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_what_a_form_can_send_is_not_read(served, kind):
    status, _ = served.ask("POST", f"/api/0/buckets/{WINDOW}", b"{}", Content_Type=kind)
    assert status == 415


def test_another_user_s_program_is_hung_up_on(served):
    if os.geteuid() != 0:
        pytest.skip("only root can run a program as another user")
    script = (
        f"exec 3<>/dev/tcp/127.0.0.1/{served.api.port} && "
        r"printf 'GET /api/0/info HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' >&3 && head -c 12 <&3"
    )
    answers = [
        subprocess.run(["bash", "-c", script], user=user, capture_output=True, check=False, timeout=180).stdout
        for user in (0, 65_534)
    ]
    assert answers == [b"HTTP/1.1 200", b""]


def test_a_program_that_speaks_mapped_ipv6_is_known_too(served):
    with socket.socket(socket.AF_INET6) as to:
        to.settimeout(60)
        to.connect(("::ffff:127.0.0.1", served.api.port))
        to.sendall(b"GET /api/0/info HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert to.recv(12) == b"HTTP/1.1 200"


def test_whoever_is_in_no_list_is_no_user_of_ours(tmp_path):
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs, socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as taken:
            (tmp_path / "tcp").write_text("  sl  local_address rem_address\n")
            assert not is_own_tcp_peer(taken, [tmp_path / "tcp", tmp_path / "none"])
            assert is_own_tcp_peer(taken)
        assert not is_own_tcp_peer(taken)


def test_a_port_that_is_taken_is_reported_with_a_way_out(served):
    other = WatcherApi(served.service, FakeBackend(), served.api.port)
    with pytest.raises(KnownError, match="end it"):
        other.start()
    assert not other.running


# --- bad input


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/api/0/buckets/{WINDOW}/heartbeat", beat(0)),
        (f"/api/0/buckets/{WINDOW}/heartbeat?pulsetime=x", beat(0)),
        (f"/api/0/buckets/{WINDOW}/heartbeat?pulsetime=-1", beat(0)),
        (f"/api/0/buckets/{WINDOW}/heartbeat?pulsetime=nan", beat(0)),
        (f"/api/0/buckets/{WINDOW}/heartbeat?pulsetime=5", {"timestamp": "soon", "data": {"app": "a"}}),
        (f"/api/0/buckets/{WINDOW}/heartbeat?pulsetime=5", {"timestamp": at(0), "data": {}}),
        (f"/api/0/buckets/{WINDOW}/heartbeat?pulsetime=5", {"timestamp": at(0), "data": []}),
        (f"/api/0/buckets/{WINDOW}/heartbeat?pulsetime=5", {**beat(0), "duration": -1}),
        (f"/api/0/buckets/{WINDOW}/heartbeat?pulsetime=5", {**beat(0), "duration": 1e300}),
        (f"/api/0/buckets/{WINDOW}/heartbeat?pulsetime=5", []),
        (f"/api/0/buckets/{WINDOW}/events", [beat(0), "x"]),
        ("/api/0/buckets/other", {"type": "general.stopwatch", "client": "c", "hostname": "h"}),
        ("/api/0/buckets/other", {"type": 5}),
        (f"/api/0/buckets/{'x' * 201}", {"type": "currentwindow", "client": "c", "hostname": "h"}),
        ("/api/0/import", {"buckets": []}),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_stored(served, client, path, body):
    client("create_bucket", WINDOW, "currentwindow")
    status, answer = served.ask("POST", path, body)
    assert status == 400
    assert answer["message"].endswith(".")
    assert served.titles() == []


def test_a_bucket_that_was_not_made_is_reported(served, client):
    with pytest.raises(RefusedError) as refused:
        client("heartbeat", WINDOW, beat(0), 5)
    assert refused.value.status == 404


def test_an_export_of_another_server_can_be_sent(served, client):
    bucket = {
        "id": WINDOW,
        "type": "currentwindow",
        "client": "c",
        "hostname": "h",
        "created": at(0),
        "events": [beat(0, duration=3)],
    }
    client("import_bucket", bucket)
    assert served.titles() == [("notes", 3)]


def test_a_thousand_bad_messages_leave_it_up_and_the_store_clean(tmp_path):
    chance = random.Random(11)
    values = [*BAD_VALUES, at(0), "0001-01-01T00:00:00+23:59"]
    for served in serve(tmp_path, Limits(burst=10**6)):
        served.ask("POST", f"/api/0/buckets/{WINDOW}", {"type": "currentwindow", "client": "c", "hostname": "h"})
        connection = http.client.HTTPConnection("127.0.0.1", served.api.port, timeout=180)
        for _ in range(1_000):
            body = {
                chance.choice(("timestamp", "duration", "data", "id", "type", "query")): chance.choice(values)
                for _ in range(4)
            }
            data = json.dumps(chance.choice((body, [body], chance.choice(values)))).encode()
            if chance.random() < 0.3:
                data = bytes(chance.randrange(256) for _ in range(chance.randrange(60)))
            path = chance.choice(("heartbeat?pulsetime=5", "heartbeat", "events", "", "%00", "..", "events/1"))
            connection.request("POST", f"/api/0/buckets/{WINDOW}/{path}", data, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            assert response.status in (200, 304, 400, 403, 404, 405, 413, 415), (path, data)
        connection.close()
        assert served.ask("GET", "/api/0/info")[0] == 200
        assert served.titles() == []
