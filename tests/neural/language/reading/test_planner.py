"""Questions in many words, read into the same few plans."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural.language.reading.plan import Intent, KnownNames, Plan, Subject, SubjectKind
from neural.language.reading.planner import plan

ZONE = ZoneInfo("Europe/Berlin")
NOW = round(datetime(2026, 11, 20, 15, 30, tzinfo=ZONE).timestamp() * 1e6)
KNOWN = KnownNames(
    ("firefox", "code", "xterm", "org.gnome.Nautilus", "libreoffice"),
    ("github.com", "docs.python.org", "news.ycombinator.com"),
    ("kryptic", "dotfiles", "my-thesis"),
)


def read(question: str) -> Plan:
    found = plan(question, NOW, KNOWN, ZONE)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "intent", "period"),
    [
        ("what did I do today", Intent.ACTIVITY, "today"),
        ("What did I do yesterday?", Intent.ACTIVITY, "yesterday"),
        ("what have I done on Monday", Intent.ACTIVITY, "on Monday 16 November 2026"),
        ("WHAT DID I DO THIS WEEK", Intent.ACTIVITY, "this week"),
        ("what did i do yesteday", Intent.ACTIVITY, "yesterday"),
        ("what was I doing this morning?", Intent.ACTIVITY, "this morning"),
        ("summarise my week", Intent.ACTIVITY, "this week"),
        ("today", Intent.ACTIVITY, "today"),
        ("how did I spend my day", Intent.ACTIVITY, "today"),
        ("what did I do yesterday between 9 and 10:30", Intent.ACTIVITY, "yesterday from 09:00 to 10:30"),
        ("what did I do at 14", Intent.ACTIVITY, "today from 14:00 to 15:00"),
        ("what did I do this week at 14", Intent.ACTIVITY, "this week"),
        ("how focused was I today", Intent.FOCUS, "today"),
        ("what is your accuracy", Intent.ACCURACY, "ever"),
        ("what data do you have", Intent.RECORDED, "ever"),
        ("What do I find worth doing?", Intent.WORTH, "ever"),
        ("what do I enjoy most", Intent.WORTH, "ever"),
        ("which app is most rewarding", Intent.WORTH, "ever"),
        ("When am I at my best?", Intent.BEST, "ever"),
        ("what are my best hours", Intent.BEST, "ever"),
        ("what changed this month?", Intent.CHANGED, "this month"),
        ("what has changed", Intent.CHANGED, "ever"),
        ("how have I changed", Intent.CHANGED, "ever"),
        ("how long was I active today", Intent.TIME, "today"),
        ("how much time did I spend at the computer this week", Intent.TIME, "this week"),
        ("When am I most focused?", Intent.FOCUS, "in the last 28 days"),
        ("when was i most focussed this week", Intent.FOCUS, "this week"),
        ("when do I concentrate best", Intent.FOCUS, "in the last 28 days"),
        ("what time of day am i most productive", Intent.FOCUS, "in the last 28 days"),
        ("How long did I focus today?", Intent.SESSIONS, "today"),
        ("what were my focus sessions this week", Intent.SESSIONS, "this week"),
        ("how often did I switch apps yesterday", Intent.SESSIONS, "yesterday"),
        ("how many context switches did I have", Intent.SESSIONS, "today"),
        ("how much was I distracted this morning", Intent.SESSIONS, "this morning"),
        ("how long was I focussed yesterday between 9 and 12", Intent.SESSIONS, "yesterday from 09:00 to 12:00"),
        ("When did I last take a break?", Intent.STRAIN, "today"),
        ("do I need a break", Intent.STRAIN, "today"),
        ("am I tired?", Intent.STRAIN, "today"),
        ("how long did I work without a break yesterday", Intent.STRAIN, "yesterday"),
        ("how late did I work this week", Intent.STRAIN, "this week"),
        ("How fast did I type today?", Intent.TYPED, "today"),
        ("what was my typing speed yesterday", Intent.TYPED, "yesterday"),
        ("how much did I take back this week", Intent.TYPED, "this week"),
        ("how many keys did I press this morning", Intent.TYPED, "this morning"),
        ("How long did I watch films today?", Intent.WATCHED, "today"),
        ("how long did I watch this week", Intent.WATCHED, "this week"),
        ("how much time did I spend watching videos yesterday", Intent.WATCHED, "yesterday"),
        ("How long was I in calls this week?", Intent.WATCHED, "this week"),
        ("how many minutes was I in a video call today", Intent.WATCHED, "today"),
        ("what will I do next", Intent.NEXT, "ever"),
        ("What will I do next and why?", Intent.NEXT, "ever"),
        ("what's next", Intent.NEXT, "ever"),
        ("whats next", Intent.NEXT, "ever"),
        ("wat wil I do nxet and why", Intent.NEXT, "ever"),
        ("waht did i do today", Intent.ACTIVITY, "today"),
        ("wen am i most focused", Intent.FOCUS, "in the last 28 days"),
        ("what comes next?", Intent.NEXT, "ever"),
        ("predict my next action", Intent.NEXT, "ever"),
        ("how well do you predict me", Intent.ACCURACY, "ever"),
        ("How accurate are your predictions this week?", Intent.ACCURACY, "this week"),
        ("what is recorded", Intent.RECORDED, "ever"),
        ("what do you know about me", Intent.RECORDED, "ever"),
        ("how much data is stored", Intent.RECORDED, "ever"),
    ],
)
def test_a_question_is_recognised_with_its_time(question: str, intent: Intent, period: str) -> None:
    found = read(question)
    assert (found.intent, found.period.label) == (intent, period)


@pytest.mark.parametrize(
    ("question", "kind", "name"),
    [
        ("how long was I in Firefox today", SubjectKind.APP, "firefox"),
        ("how long was i in firefix this week", SubjectKind.APP, "firefox"),
        ("how long was I using FIREFOX", SubjectKind.APP, "firefox"),
        ("how many hours did I spend in VS Code last week", SubjectKind.APP, "code"),
        ("time in Nautilus yesterday", SubjectKind.APP, "org.gnome.Nautilus"),
        ("how long was I in libreofice this month", SubjectKind.APP, "libreoffice"),
        ("how much time did I spend on github.com this month", SubjectKind.SITE, "github.com"),
        ("how long was I on GitHub", SubjectKind.SITE, "github.com"),
        ("how long was I on the site docs.python.org", SubjectKind.SITE, "docs.python.org"),
        ("how long did I work on kryptic this week", SubjectKind.PROJECT, "kryptic"),
        ("how long did I work on my thesis this week", SubjectKind.PROJECT, "my-thesis"),
        ("how long was I in the project dotfiles", SubjectKind.PROJECT, "dotfiles"),
        ("firefox yesterday", SubjectKind.APP, "firefox"),
    ],
)
def test_how_long_names_an_app_a_site_or_a_project(question: str, kind: SubjectKind, name: str) -> None:
    found = read(question)
    assert found.intent is Intent.TIME
    assert found.subject is not None
    assert (found.subject.kind, found.subject.name) == (kind, name)


@pytest.mark.parametrize(
    ("question", "intent", "kind"),
    [
        ("which apps did I use most", Intent.TOP, SubjectKind.APP),
        ("what were my top sites this month", Intent.TOP, SubjectKind.SITE),
        ("which projects did I work on this week", Intent.TOP, SubjectKind.PROJECT),
        ("which commands do I run most", Intent.TOP, SubjectKind.COMMAND),
        ("where did my time go yesterday", Intent.TOP, SubjectKind.APP),
        ("how many commands did I run today", Intent.COUNT, SubjectKind.COMMAND),
        ("how many comands did I run today", Intent.COUNT, SubjectKind.COMMAND),
        ("how many commits did I make", Intent.COUNT, SubjectKind.COMMIT),
        ("how many commits this week", Intent.COUNT, SubjectKind.COMMIT),
        ("where did I spend my time today", Intent.TOP, SubjectKind.APP),
        ("last thing in firefox", Intent.LAST, SubjectKind.APP),
        ("how many pages did I visit", Intent.COUNT, SubjectKind.PAGE),
        ("what did I last do in firefox", Intent.LAST, SubjectKind.APP),
        ("when did I last use nautilus", Intent.LAST, SubjectKind.APP),
        ("what was the last thing I did in kryptic", Intent.LAST, SubjectKind.PROJECT),
    ],
)
def test_what_is_counted_ranked_or_last_is_recognised(question: str, intent: Intent, kind: SubjectKind) -> None:
    found = read(question)
    assert found.subject is not None
    assert (found.intent, found.subject.kind) == (intent, kind)


def test_a_name_that_nothing_bears_is_given_back_with_the_closest() -> None:
    found = read("how long was I in fire today")
    assert found.subject is not None
    assert (found.subject.kind, found.subject.name) == (SubjectKind.UNKNOWN, "fire")
    assert found.subject.near[0] == "firefox"


@pytest.mark.parametrize("question", ["how many hours emacs this week", "hwo mcuh time emacs today"])
def test_a_name_that_nothing_bears_never_stands_for_all_time(question: str) -> None:
    found = read(question)
    assert found.subject is not None
    assert (found.subject.kind, found.subject.name) == (SubjectKind.UNKNOWN, "emacs")


@pytest.mark.parametrize(
    "question", ["how many hours today", "how much screen time today", "how many hours online today"]
)
def test_time_without_a_name_is_all_time(question: str) -> None:
    assert read(question).subject is None


@pytest.mark.parametrize(
    "question",
    [
        "",
        "hello",
        "what is the capital of France",
        "how long is the river Nile",
        "what time is it",
        "write me a poem",
        "what did i do tomorrow",
        "how long was I idle today",
        "what will I do next week",
        "'; DROP TABLE actions; --",
        "was habe ich heute gemacht",
        "\U0001f389",
        "what did I do today " * 50,
    ],
)
def test_another_question_has_no_plan(question: str) -> None:
    assert plan(question, NOW, KNOWN, ZONE) is None


@given(st.text(max_size=200))
def test_no_text_whatever_breaks_it(question: str) -> None:
    found = plan(question, NOW, KNOWN, ZONE)
    assert found is None or found.period.start_us <= found.period.end_us


def test_a_plan_as_json_says_its_moments_in_utc() -> None:
    assert read("how long was I in firefox today").to_dict() == {
        "intent": "time",
        "subject_kind": "app",
        "subject": "firefox",
        "period": "today",
        "start": "2026-11-19T23:00:00+00:00",
        "end": "2026-11-20T23:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("question", "words", "period"),
    [
        ("When did I last do something like this?", None, "ever"),
        ("find moments like this one", None, "ever"),
        ("show me similar moments", None, "ever"),
        ("have I done this before?", None, "ever"),
        ("moments like what I am doing now", None, "ever"),
        ("find moments like yesterday at 14:20", None, "yesterday from 14:20 to 15:20"),
        (
            "Find moments like 18 November 2026 from 14:20 to 14:25",
            None,
            "on Wednesday 18 November 2026 from 14:20 to 14:25",
        ),
        ("moments about invoices", "invoices", "ever"),
        ("Moments about the parser last week", "the parser", "last week"),
        ("moments like writing the report", "writing the report", "ever"),
    ],
)
def test_moments_are_asked_for_by_what_they_are_like(question: str, words: str | None, period: str) -> None:
    found = read(question)
    assert (found.intent, found.period.label) == (Intent.MOMENTS, period)
    assert found.subject == (None if words is None else Subject(SubjectKind.WORDS, words))


@pytest.mark.parametrize(
    "question", ["what did I last do in Firefox", "what happened at that moment", "what did I do before lunch today"]
)
def test_other_questions_are_not_taken_for_moments(question: str) -> None:
    assert read(question).intent is not Intent.MOMENTS
