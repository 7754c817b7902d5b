"""A synthetic day as the views take it, for pictures of the windows. Nobody's data."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Final

from app.models.program_info import ProgramInfo, TokenInfo, TokenKind
from app.models.sources import HistoryInfo, ImportProgress, SenseInfo
from app.models.timeline import DayView
from app.services.activity.attention import attention
from app.services.activity.habits import DayWork, FatigueByHour, Habits, HourActivity, NamedStreak
from app.services.status import ActionForecast, LearningStatus, Recording, SourceState, SourceStatus, Status
from app.settings import PAUSED_UNTIL_RESUMED, Settings
from app.store.queries.patterns import Commands, Keys, Streak, Transition
from app.store.values.records import ActionRow, Dimension, HitRates, Total, TrainingRunRow
from app.views.window import MainWindow
from collectors.events import US_PER_S, Event, EventKind, Source
from neural.language.facts import Answer, Chart, ChartKind, Series
from neural.language.reading import time_ranges
from neural.reward.actions import KindChance
from neural.reward.explaining.explanation import Explanation, Group, Reason
from neural.reward.explaining.report_values import ARROW, RewardReport, Shift, Spike, Worth

_MIN_US: Final = 60 * US_PER_S
DAY_START_US: Final = int(datetime(2026, 11, 20).timestamp()) * US_PER_S  # noqa: DTZ001  # midnight wherever it is looked at
NOW_US: Final = DAY_START_US + (17 * 60 + 42) * _MIN_US


def _at(hour: int, minute: int) -> int:
    return DAY_START_US + (hour * 60 + minute) * _MIN_US


SENSES: Final = (
    SenseInfo(
        "window",
        "Windows",
        "the title and program of the window in front, and how long it was there",
        "what is inside a window, private browser windows, password managers",
        Source.WINDOW,
    ),
    SenseInfo(
        "presence", "Presence", "when you leave and come back, lock and unlock", "your location", Source.PRESENCE
    ),
    SenseInfo(
        "rhythm",
        "Input rhythm",
        "how many keys, clicks and turns of the wheel in a minute, and the gaps between them",
        "which keys, or any text you type",
        Source.INPUT,
    ),
    SenseInfo(
        "processes", "Programs", "which programs start and end", "their arguments and environment", Source.PROCESS
    ),
    SenseInfo(
        "resources",
        "Load",
        "processor, memory and disk load, once a minute",
        "what the load works on",
        Source.RESOURCES,
    ),
)

HISTORIES: Final = (
    HistoryInfo("bash", "Bash history", ("~/.bash_history",)),
    HistoryInfo("zsh", "Zsh history"),
    HistoryInfo("fish", "Fish history", ("~/.local/share/fish/fish_history",)),
    HistoryInfo("git", "Your git commits", tuple(f"~/src/{name}" for name in ("atlas", "garden", "notes", "site"))),
    HistoryInfo("recent-files", "Recently used files", ("~/.local/share/recently-used.xbel",)),
    HistoryInfo("firefox", "Firefox history", ("~/.mozilla/firefox/x1y2.default/places.sqlite",)),
    HistoryInfo("chromium", "Chromium history"),
)

IMPORTS: Final = (
    ImportProgress("bash", 12_408, 11_870, 312, 9, 226, done=True),
    ImportProgress("git", 2_140, 2_038, 0, 0, 102, done=False, message="Reading garden", fraction=0.58),
)

FORECASTS: Final = (
    ActionForecast("cmd:git commit", 0.41, 0.62, "after pytest in atlas you commit 7 times in 10"),
    ActionForecast("app:firefox", 0.22, 0.18, "you often read for some minutes at this hour"),
    ActionForecast("file:py@atlas", 0.13, 0.47, "the window before this one was the editor"),
    ActionForecast("cmd:pytest", 0.08, 0.31, "it ran 4 times in the last hour"),
    ActionForecast("web:github.com", 0.05, -0.06, "it follows a push on most days"),
)

WHY: Final = Explanation(
    "cmd:git commit",
    4,
    (
        Reason(Group.SEQUENCE, 5.2, "usually follows cmd:pytest; 7 of 10 times"),
        Reason(Group.TIME, 1.6, "it is 17:42 on a Friday; often done between 17:00 and 18:00; 12 of 40 times"),
        Reason(Group.HABIT, 0.8, "61 of your 2140 actions; last done 9 actions before"),
    ),
    (
        KindChance("cmd", 0.54, 0.03),
        KindChance("app", 0.24, 0.008),
        KindChance("file", 0.14, 0.004),
        KindChance("web", 0.08, 0.02),
    ),
)

REWARD: Final = RewardReport(
    since_us=DAY_START_US - 29 * 86_400 * US_PER_S,
    until_us=NOW_US,
    decisions=6_968,
    days=29,
    actions=(
        Worth("file:py@atlas", 0.99, 0.13, 6_374, 594),
        Worth("web:docs.python.org", 0.77, 0.02, 6_729, 239),
        Worth("cmd:git commit", 0.54, 0.01, 6_968, 339),
        Worth("app:firefox", -0.16, 0.01, 5_489, 510),
        Worth("app:thunderbird", -0.52, 0.01, 6_753, 215),
    ),
    projects=(Worth("atlas", 0.11, 0.01, 3_665, 3_665), Worth("garden", -0.08, 0.01, 1_302, 1_302)),
    hours=(
        Worth("16", 0.31, 0.05, 598, 598),
        Worth("weekend 11", 0.16, 0.07, 28, 28),
        Worth("11", 0.06, 0.03, 720, 720),
        Worth("09", 0.04, 0.03, 442, 442),
        Worth("13", -0.12, 0.04, 442, 442),
    ),
    sequences=(
        Worth(f"app:code{ARROW}file:py@atlas", 1.05, 0.14, 840, 594),
        Worth(f"cmd:pytest{ARROW}cmd:git add{ARROW}cmd:git commit", 0.82, 0.03, 61, 26),
    ),
    spikes=(
        Spike(NOW_US - 3_600 * US_PER_S, 0, "cmd:git bisect", ("app:code", "cmd:pytest"), "atlas", 1.62, 4.1),
        Spike(NOW_US - 9_000 * US_PER_S, 0, "web:news.example", ("cmd:make", "app:firefox"), "atlas", -2.15, -8.2),
    ),
    shifts=(Shift("web:docs.python.org", 0.81, 0.12, 84, 239), Shift("app:thunderbird", -0.58, 0.1, 401, 215)),
)

_APPS: Final = (
    ("code", 214, 96),
    ("firefox", 97, 143),
    ("kitty", 84, 187),
    ("thunderbird", 31, 22),
    ("zathura", 18, 6),
    ("gimp", 9, 3),
)
TOTALS: Final = tuple(Total(name, actions, minutes * _MIN_US) for name, minutes, actions in _APPS)

_ROWS: Final = (
    (8, 52, 11, "thunderbird", "Inbox, 3 new", EventKind.FOCUS, Source.WINDOW),
    (9, 3, 42, "code", "predictor.py, atlas", EventKind.FOCUS, Source.WINDOW),
    (9, 45, 0, "bash", "pytest tests/test_predictor.py -q", EventKind.COMMAND, Source.TERMINAL),
    (9, 46, 14, "kitty", "atlas: bash", EventKind.FOCUS, Source.WINDOW),
    (9, 58, 0, "git", "Keep the ranking when two actions tie", EventKind.COMMIT, Source.GIT),
    (10, 0, 51, "code", "features.py, atlas", EventKind.FOCUS, Source.WINDOW),
    (10, 51, 23, "firefox", "Maximum causal entropy, lecture notes", EventKind.FOCUS, Source.WINDOW),
    (11, 14, 38, "code", "irl.py, atlas", EventKind.FOCUS, Source.WINDOW),
    (11, 52, 48, None, None, EventKind.IDLE, Source.PRESENCE),
    (12, 40, 18, "zathura", "ziebart-2010.pdf, page 41 of 244, games", EventKind.FOCUS, Source.WINDOW),
    (13, 0, 55, "code", "irl.py, atlas", EventKind.FOCUS, Source.WINDOW),
    (13, 55, 0, "bash", "git rebase -i main", EventKind.COMMAND, Source.TERMINAL),
    (14, 2, 32, "kitty", "atlas: bash", EventKind.FOCUS, Source.WINDOW),
    (14, 40, 44, "firefox", "Issues, atlas", EventKind.FOCUS, Source.WINDOW),
    (15, 24, 9, "gimp", "icon.xcf", EventKind.FOCUS, Source.WINDOW),
    (15, 33, 28, "code", "window.py, atlas", EventKind.FOCUS, Source.WINDOW),
    (16, 5, 38, "kitty", "atlas: bash", EventKind.FOCUS, Source.WINDOW),
    (16, 43, 20, "thunderbird", "Re: the review on Monday", EventKind.FOCUS, Source.WINDOW),
    (17, 4, 30, "firefox", "pyqtgraph, user guide", EventKind.FOCUS, Source.WINDOW),
    (17, 36, 0, "bash", "pytest -q", EventKind.COMMAND, Source.TERMINAL),
)  # fmt: skip
ROWS: Final = tuple(
    ActionRow(
        number,
        Event(_at(hour, minute), source, kind, app=app, title=title, duration_us=minutes * _MIN_US or None),
        token=None,
        site=None,
        project=None,
    )
    for number, (hour, minute, minutes, app, title, kind, source) in enumerate(_ROWS, start=1)
)


_LATELY: Final = (
    (3, "code", None, "window.py, atlas", EventKind.FOCUS, Source.WINDOW),
    (9, "bash", "pytest tests/test_predictor.py -q --maxfail=1 --tb=short", None, EventKind.COMMAND, Source.TERMINAL),
    (21, "code", "/home/ada/atlas/src/window.py", None, EventKind.SAVE, Source.FILES),
    (34, "firefox", "https://example.org/docs/qt/widgets", "Widgets, a user guide", EventKind.VISIT, Source.BROWSER),
    (41, None, None, None, EventKind.RHYTHM, Source.INPUT),
    (
        52,
        "bash",
        "export DEPLOY_TOKEN=\u2039redacted:secret\u203a && make deploy",
        None,
        EventKind.COMMAND,
        Source.TERMINAL,
    ),
)
LATELY: Final = tuple(
    ActionRow(1_000 - age, Event(NOW_US - age * US_PER_S, source, kind, app, target, title), None, None, None)
    for age, app, target, title, kind, source in _LATELY
)


def _day_chart() -> Chart:
    names = ("code", "firefox", "kitty", "thunderbird", "zathura")
    lanes = {name: [row.event for row in ROWS if row.event.app == name and row.event.duration_us] for name in names}
    return Chart(
        ChartKind.SPANS,
        "Windows in front",
        "",
        "",
        "time",
        tuple(
            Series(
                name,
                tuple(event.title or "" for event in lane),
                tuple(event.ts_us / US_PER_S for event in lane),
                tuple((event.ts_us + (event.duration_us or 0)) / US_PER_S for event in lane),
            )
            for name, lane in lanes.items()
        ),
        x_is_time=True,
    )


_TODAY: Final = datetime.fromtimestamp(NOW_US / US_PER_S, UTC).astimezone().date()
_ATTENTION: Final = attention(
    [
        (row.event.ts_us, row.event.ts_us + row.event.duration_us, row.event.app or "")
        for row in ROWS
        if row.event.duration_us and row.event.source is Source.WINDOW
    ],
    (),
    time_ranges.days(_TODAY, 1, "today", None),
    None,
)
DAY: Final = DayView(_TODAY, ROWS, len(ROWS), TOTALS, _day_chart(), _ATTENTION)

HABITS: Final = Habits(
    first=_TODAY - timedelta(days=6),
    last=_TODAY,
    whole_since=_TODAY - timedelta(days=6),
    windows=1_912,
    attention=_ATTENTION,
    days=tuple(
        DayWork(_TODAY - timedelta(days=back), active * _MIN_US, focus * _MIN_US, bout * _MIN_US, late * _MIN_US)
        for back, active, focus, bout, late in (
            (6, 402, 244, 128, 0),
            (5, 431, 210, 95, 34),
            (4, 377, 261, 160, 0),
            (3, 410, 198, 104, 0),
            (2, 96, 41, 51, 12),
            (1, 0, 0, 0, 0),
            (0, 453, 287, 180, 0),
        )
    ),
    hours=tuple(
        HourActivity(hour, active * _MIN_US, switches)
        for hour, active, switches in (
            (8, 55, 21),
            (9, 280, 52),
            (10, 301, 61),
            (11, 215, 83),
            (13, 170, 66),
            (14, 12, 9),
        )
    ),
    tired=(
        FatigueByHour(0, Commands(210, 19), Keys(21_400, 1_480)),
        FatigueByHour(1, Commands(122, 16), Keys(14_920, 1_190)),
        FatigueByHour(2, Commands(41, 8), Keys(4_060, 402)),
        FatigueByHour(3, Commands(7, 3), Keys(810, 96)),
    ),
    streaks=(
        NamedStreak(Dimension.APP, Streak("code", _TODAY - timedelta(days=6), _TODAY)),
        NamedStreak(Dimension.PROJECT, Streak("atlas", _TODAY - timedelta(days=6), _TODAY - timedelta(days=2))),
        NamedStreak(Dimension.SITE, Streak("docs.python.org", _TODAY - timedelta(days=4), _TODAY - timedelta(days=2))),
    ),
    pairs=(
        Transition(("app:code",), "app:kitty", 212),
        Transition(("app:kitty",), "cmd:pytest", 187),
        Transition(("cmd:git add",), "cmd:git commit", 64),
    ),
    triples=(
        Transition(("app:code", "app:kitty"), "cmd:pytest", 133),
        Transition(("cmd:pytest", "cmd:git add"), "cmd:git commit", 48),
    ),
)

APPS_CHART: Final = Chart(
    ChartKind.BARS,
    "Active time by application, today",
    "application",
    "active time",
    "min",
    (
        Series(
            "active time",
            tuple(name for name, _, _ in _APPS),
            tuple(float(place) for place in range(len(_APPS))),
            tuple(float(minutes) for _, minutes, _ in _APPS),
        ),
    ),
)

_HOURS: Final = (0, 0, 0, 0, 0, 0, 0, 0, 8, 47, 52, 31, 12, 38, 29, 22, 25, 14, 4, 0, 6, 11, 3, 0)
HOURS_CHART: Final = Chart(
    ChartKind.BARS,
    "Unbroken work by hour, last 4 weeks",
    "hour",
    "mean a day",
    "min",
    (
        Series(
            "unbroken work",
            tuple(f"{hour:02d}" for hour in range(24)),
            tuple(float(hour) for hour in range(24)),
            tuple(float(minutes) for minutes in _HOURS),
        ),
    ),
)

WEEK_CHART: Final = Chart(
    ChartKind.LINE,
    "Time in firefox, this week",
    "day",
    "active time",
    "min",
    (
        Series(
            "firefox",
            (),
            tuple(float(DAY_START_US // US_PER_S - (6 - day) * 86_400) for day in range(7)),
            (112.0, 64.0, 81.0, 95.5, 58.0, 122.0, 97.0),
        ),
    ),
    x_is_time=True,
)

ANSWERS: Final = (
    (
        "What did I do today",
        Answer(
            "You were active for 7 h 33 min today, from 08:52 to 17:42. Most of it went to code, 3 h 34 min; then "
            "firefox, 1 h 37 min, and kitty, 1 h 24 min. You made 1 commit in atlas and were away once, from 11:52 "
            "for 48 min.",
            {"intent": "day"},
            (),
            APPS_CHART,
            "plain",
        ),
    ),
    (
        "How long was I in firefox this week",
        Answer(
            "You spent 10 h 30 min in firefox this week, 1 h 30 min a day; on Thursday it was 2 h 2 min.",
            {"intent": "app"},
            (),
            WEEK_CHART,
            "plain",
        ),
    ),
    (
        "When am I most focused",
        Answer(
            "You work longest without a break between 09:00 and 11:00, 50 min of each hour over the last 4 weeks.",
            {"intent": "focus"},
            (),
            HOURS_CHART,
            "tiny-1b.gguf",
        ),
    ),
)

HIT_RATES: Final = HitRates(
    1_240,
    (("model", 0.668), ("markov-3", 0.641), ("ipam", 0.602), ("most-recent", 0.381), ("most-frequent", 0.224)),
    (("model", 0.892), ("markov-3", 0.868), ("ipam", 0.861), ("most-recent", 0.701), ("most-frequent", 0.553)),
    1.18,
)


def _run(number: int, day: int, decisions: int, top1: float, seconds: float, *, active: bool) -> TrainingRunRow:
    report = {
        "device": "cpu", "seconds": seconds, "decisions": decisions, "candidates": 24, "epochs": 3, "first_ts_us": None,
        "last_ts_us": None, "train_loss_nats": 1.21, "tail_top1": top1, "tail_top5": top1 + 0.22,
        "tail_nats": 1.85 - top1,
        "baselines": {}, "ended_early": False,
    }  # fmt: skip
    return TrainingRunRow(number, _at(7, 5) - (20 - day) * 86_400 * US_PER_S, json.dumps(report), active)


RUNS: Final = (
    _run(3, 20, 18_204, 0.668, 96, active=True),
    _run(2, 13, 11_950, 0.649, 71, active=False),
    _run(1, 6, 6_310, 0.622, 44, active=False),
)

SOURCES: Final = (
    SourceStatus(
        "window",
        "Windows",
        consented=True,
        state=SourceState.RUNNING,
        events=843,
        last_event_us=_at(17, 41),
        per_minute=4,
    ),
    SourceStatus(
        "presence", "Presence", consented=True, state=SourceState.RUNNING, events=12, last_event_us=_at(12, 40)
    ),
    SourceStatus(
        "rhythm",
        "Input rhythm",
        consented=True,
        state=SourceState.RUNNING,
        events=412,
        last_event_us=_at(17, 42),
        per_minute=6,
        restarts=2,
    ),
    SourceStatus(
        "processes",
        "Programs",
        consented=True,
        state=SourceState.UNAVAILABLE,
        reason="The list of programs cannot be read: /proc is mounted with hidepid.",
        remedy="Mount /proc with gid= of a group you are in, or leave this sense off.",
    ),
    SourceStatus("resources", "Load", consented=False, state=SourceState.OFF),
)

STATUS: Final = Status(
    Recording.ON, 0, SOURCES, 18_204, 6_412_000, (("excluded", 41),), 9, "personal, run 3", None, FORECASTS
)
LEARNING_STATUS: Final = dataclasses.replace(STATUS, learning=LearningStatus("Learning, epoch 2 of 4", 0.46))
PAUSED_STATUS: Final = dataclasses.replace(STATUS, recording=Recording.PAUSED, paused_until_us=PAUSED_UNTIL_RESUMED)
EMPTY_STATUS: Final = Status(
    Recording.NO_CONSENT,
    0,
    tuple(SourceStatus(sense.name, sense.title, consented=False, state=SourceState.OFF) for sense in SENSES),
    0,
    98_304,
    (),
    0,
    "prior",
    None,
    (),
)

SETTINGS: Final = Settings(
    consent=frozenset({Source.WINDOW, Source.PRESENCE, Source.INPUT, Source.PROCESS}),
    excluded_apps=("keepassxc", "signal"),
    excluded_sites=("bank.example",),
    excluded_title_patterns=("(?i)salary|diagnosis",),
    model_path="/home/ada/models/tiny-1b.gguf",
)
PROGRAM: Final = ProgramInfo(
    "http://127.0.0.1:4317", "/home/ada/.local/share/kryptictrack", autostart=True, secret_service=True
)
TOKENS: Final = (
    TokenInfo("editor on this machine", TokenKind.INGEST, _at(9, 0)),
    TokenInfo("own scripts", TokenKind.FULL, _at(9, 30) - 9 * 86_400 * US_PER_S),
)


def fill(window: MainWindow) -> None:
    """Show the synthetic day in a window."""
    window.set_senses(SENSES)
    window.set_histories(HISTORIES)
    window.show_status(STATUS)
    window.sources.live.show_rows(LATELY)
    window.show_settings(SETTINGS)
    window.show_program(PROGRAM)
    window.show_tokens(TOKENS)
    window.show_mind(HIT_RATES, RUNS, FORECASTS)
    window.mind.show_why(WHY)
    window.mind.reward.show_report(REWARD)
    window.show_today(DAY)
    window.patterns.show_habits(HABITS)
    for number, (question, answer) in enumerate(ANSWERS):
        at = NOW_US - (9 - 3 * number) * _MIN_US
        window.chat.add_question(question, at)
        window.chat.show_answer(answer, at + US_PER_S)


def fill_empty(window: MainWindow) -> None:
    """Show a window as it is before anything was recorded."""
    window.set_senses(SENSES)
    window.set_histories(HISTORIES)
    window.show_status(EMPTY_STATUS)
    window.show_settings(Settings())
    window.show_program(dataclasses.replace(PROGRAM, api_address="", autostart=False))
    window.show_today(DayView(DAY.day))
