"""Words for stretches of time, read into exact local periods.

Days are calendar days of the given zone, so a day on which the clocks change has 23 or 25 hours. Weeks begin on Monday
(ISO 8601).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from neural.language.reading.plan import Period

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
SMALL_NUMBERS: Final = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_US: Final = 1_000_000
_PART_HOURS: Final = {"morning": (0, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 24)}
_UNIT_US: Final = {"minute": 60 * _US, "hour": 3_600 * _US}
_HOUR_MIN: Final = 60
_CLOCKS: Final = re.compile(
    r"\b(?:at|around|between|from) (?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d))?"
    r"(?: (?:and|to|until|till) (?P<to_hour>\d{1,2})(?::(?P<to_minute>[0-5]\d))?)?(?![\w.:])"
)
_MAX_COUNT: Final = 10_000


def local(ts_us: int, zone: tzinfo | None) -> datetime:
    """A moment as local time; without a zone, the machine's own."""
    return datetime.fromtimestamp(ts_us / _US, zone) if zone is not None else datetime.fromtimestamp(ts_us / _US)  # noqa: DTZ006  # no zone given means the machine's own


def moment_us(day: date, hour: int, zone: tzinfo | None) -> int:
    """Microseconds since the epoch of a full hour (0 to 24) on a local day.

    Args:
        day: local.
        hour: 0 to 24.
        zone: of the day; None for the system's.
    """
    if hour == 24:  # noqa: PLR2004  # hours in a day's count, not on its clock
        day, hour = day + timedelta(days=1), 0
    return round(datetime.combine(day, time(hour), zone).timestamp() * _US)


def day_label(day: date) -> str:
    """A day in words: "Friday 20 November 2026"."""
    return f"{WEEKDAYS[day.weekday()].title()} {day.day} {MONTHS[day.month - 1].title()} {day.year}"


def days(first: date, count: int, label: str, zone: tzinfo | None) -> Period:
    """A period of whole local days.

    Args:
        first: local day.
        count: how many days.
        label: of the period, for sentences.
        zone: of the days; None for the system's.
    """
    return Period(moment_us(first, 0, zone), moment_us(first + timedelta(days=count), 0, zone), label)


def everything(now_us: int) -> Period:
    """All that was ever recorded."""
    return Period(0, now_us + 1, "ever")


def split_days(period: Period, zone: tzinfo | None) -> tuple[Period, ...]:
    """The local days of a period, each with its ISO date as label; the first and last may be partial."""
    found: list[Period] = []
    day = local(period.start_us, zone).date()
    while (start_us := moment_us(day, 0, zone)) < period.end_us:
        end_us = moment_us(day + timedelta(days=1), 0, zone)
        found.append(Period(max(start_us, period.start_us), min(end_us, period.end_us), day.isoformat()))
        day += timedelta(days=1)
    return tuple(found)


def find(text: str, now_us: int, zone: tzinfo | None) -> tuple[Period | None, str]:
    """Look for a stretch of time in a question.

    Args:
        text: the question, lower case, words separated by single spaces.
        now_us: the moment of asking.
        zone: local time; None for the machine's own.

    Returns:
        The period, or None, and the text without the words that named it.
    """
    today = local(now_us, zone).date()
    for pattern, read in _RULES:
        match = pattern.search(text)
        if match is None:
            continue
        try:
            period = read(match, today, now_us, zone)
        except (ValueError, OverflowError):  # 31 february, a year out of range: no such time
            continue
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        return period, " ".join(rest.split())
    return None, text


def narrowed(period: Period, text: str, zone: tzinfo | None) -> tuple[Period, str]:
    """A period of one day cut to the hours that a question names ("between 9 and 10:30", "at 14"), and the other words.

    Anything but a single day is given back as it is: hours of many days are no one stretch of time.

    Args:
        period: of a question.
        text: of the question, without the words of the period.
        zone: of the hours; None for the system's.
    """
    day = local(period.start_us, zone).date()
    match = _CLOCKS.search(text)
    if match is None or period != days(day, 1, period.label, zone):
        return period, text
    first = int(match["hour"]) * _HOUR_MIN + int(match["minute"] or 0)
    last = first + _HOUR_MIN
    if match["to_hour"]:
        last = int(match["to_hour"]) * _HOUR_MIN + int(match["to_minute"] or 0)
    if not first < last <= 24 * _HOUR_MIN:
        return period, text
    start_us, end_us = (
        moment_us(day, minute // _HOUR_MIN, zone) + minute % _HOUR_MIN * 60 * _US for minute in (first, last)
    )
    clocks = " to ".join(f"{minute // _HOUR_MIN:02}:{minute % _HOUR_MIN:02}" for minute in (first, last))
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    return Period(start_us, end_us, f"{period.label} from {clocks}"), " ".join(rest.split())


def _part(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    del now_us
    day = today - timedelta(days=1) if match["which"] in ("yesterday", "last") else today
    name = "night" if "tonight" in match[0] else match["part"]
    low, high = _PART_HOURS[name]
    if match["which"] == "yesterday":
        label = f"yesterday {name}"
    elif name == "night":
        label = "last night" if match["which"] == "last" else "tonight"
    else:
        label = f"this {name}"
    return Period(moment_us(day, low, zone), moment_us(day, high, zone), label)


def _relative_day(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    del now_us
    back = {"today": 0, "yesterday": 1}.get(match[0], 2)
    return days(today - timedelta(days=back), 1, match[0].removeprefix("the "), zone)


def _weekday(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    del now_us
    back = (today.weekday() - WEEKDAYS.index(match["day"])) % 7
    if match["which"] == "last" and back == 0:
        back = 7
    day = today - timedelta(days=back)
    return days(day, 1, f"on {day_label(day)}", zone)


def _weekend(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    del now_us
    saturday = today - timedelta(days=(today.weekday() - 5) % 7)
    if match["which"] == "last" and today.weekday() >= 5:  # noqa: PLR2004  # Saturday is day 5
        saturday -= timedelta(days=7)
    return days(saturday, 2, f"on the weekend of {day_label(saturday)}", zone)


def _span(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    del now_us
    last = match["which"] != "this"
    label = f"{'last' if last else 'this'} {match['unit']}"
    if match["unit"] == "week":
        monday = today - timedelta(days=today.weekday() + 7 * last)
        return days(monday, 7, label, zone)
    if match["unit"] == "month":
        first = today.replace(day=1)
        if last:
            first = (first - timedelta(days=1)).replace(day=1)
        return _month_period(first, label, zone)
    year = today.year - last
    return days(date(year, 1, 1), (date(year + 1, 1, 1) - date(year, 1, 1)).days, label, zone)


def _month_period(first: date, label: str, zone: tzinfo | None) -> Period:
    following = (first + timedelta(days=31)).replace(day=1)
    return days(first, (following - first).days, label, zone)


def _last_n(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    word, unit = match["n"], match["unit"]
    count = 1 if not word else SMALL_NUMBERS.index(word) if word in SMALL_NUMBERS else int(word)
    if not 1 <= count <= _MAX_COUNT:
        raise ValueError(word)
    label = f"in the last {count} {unit}s" if count > 1 else f"in the last {unit}"
    if unit in _UNIT_US:
        return Period(max(0, now_us - count * _UNIT_US[unit]), now_us + 1, label)
    length = count * {"day": 1, "week": 7, "month": 30}[unit]
    return days(today - timedelta(days=length - 1), length, label, zone)


def _iso_date(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    del today, now_us
    day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    return days(day, 1, f"on {day_label(day)}", zone)


def _named_date(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    del now_us
    month = MONTHS.index(match["month"]) + 1
    day = date(int(match["year"] or today.year), month, int(match["day"]))
    if day > today and not match["year"]:
        day = day.replace(year=day.year - 1)
    return days(day, 1, f"on {day_label(day)}", zone)


def _named_month(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    del now_us
    first = date(int(match["year"] or today.year), MONTHS.index(match["month"]) + 1, 1)
    if first > today and not match["year"]:
        first = first.replace(year=first.year - 1)
    return _month_period(first, f"in {MONTHS[first.month - 1].title()} {first.year}", zone)


def _ever(match: re.Match[str], today: date, now_us: int, zone: tzinfo | None) -> Period:
    del match, today, zone
    return everything(now_us)


_MONTH = "|".join(MONTHS)
_NUMBER = "|".join(SMALL_NUMBERS)
_ON = r"(?:(?:on|in|during|for|over|since) )?"
_Reader = Callable[[re.Match[str], date, int, "tzinfo | None"], Period]
_RULES: Final[tuple[tuple[re.Pattern[str], _Reader], ...]] = tuple(
    (re.compile(rf"(?<![\w.-]){pattern}(?![\w-]|\.\w)"), read)
    for pattern, read in (
        (rf"{_ON}(?P<year>\d{{4}})-(?P<month>\d\d?)-(?P<day>\d\d?)", _iso_date),
        (
            rf"{_ON}(?:the )?(?P<day>\d\d?)(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})(?: (?P<year>\d{{4}}))?",
            _named_date,
        ),
        (rf"{_ON}(?P<month>{_MONTH}) (?P<day>\d\d?)(?:st|nd|rd|th)?(?: (?P<year>\d{{4}}))?", _named_date),
        (
            r"(?:(?P<which>today|yesterday|this|last) (?:in the )?|in the )(?P<part>morning|afternoon|evening|night)",
            _part,
        ),
        (r"(?:earlier )?(?P<which>ton)(?P<part>ight)", _part),
        (r"(?:the )?day before yesterday", _relative_day),
        (r"today|yesterday", _relative_day),
        (rf"{_ON}(?P<which>last|this|past)? ?(?P<day>{'|'.join(WEEKDAYS)})", _weekday),
        (rf"{_ON}(?:the )?(?P<which>last|this|past)? ?weekend", _weekend),
        (
            (
                rf"(?:in|over|during|for|within)? ?(?:the )?(?:last|past|previous) (?P<n>\d{{1,5}}|{_NUMBER}) "
                r"(?P<unit>minute|hour|day|week|month)s?"
            ),
            _last_n,
        ),
        (rf"{_ON}(?:the )?(?:last|past) (?P<n>)(?P<unit>minute|hour|day)", _last_n),
        (rf"{_ON}(?:the )?(?P<which>last|this|past|previous) (?P<unit>week|month|year)", _span),
        (rf"(?:in|during|since) (?P<month>{_MONTH})(?: (?P<year>\d{{4}}))?", _named_month),
        (r"ever|so far|in total|of all time|all time|overall|in all", _ever),
    )
)
