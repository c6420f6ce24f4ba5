"""Seasons: the days of the year on which a trail is open, as people write them."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from mapserver.dates import MONTH_NAMES, WORD, normalize, read_span, split_span

MonthDay = tuple[int, int]

WHOLE_YEAR = frozenset(
    (
        *("연중", "년중", "상시", "연중상시", "상시개방", "연중개방", "상시운영", "연중운영"),
        *("연중무휴", "사계절", "항상", "매일", "1년내내", "일년내내"),
        *("yearround", "allyear", "allyearround", "always", "wholeyear"),
    )
)
EVERY_YEAR = re.compile(r"^(?:매년|every year|each year|annually|from)\s*|\s*(?:매년|every year)$")
OPEN_SPAN = re.compile(
    r"^(?:운영|개방|이용|개장)\s*(?:기간|시기)?\s*[:은는]?\s*(?=\d)|\s*(?:운영|개방|이용\s*가능|개장)$"
)
"""Words round a span that say no more than that it is the time in which a trail is open."""

CLOSED_SPAN = re.compile(
    r"(?:동절기|하절기|혹서기|혹한기|겨울철|여름철|장마철)?\s*\(?(?P<span>\d[^()]*?)\)?\s*"
    r"(?:휴장|폐쇄|통제|휴무|미운영|미개방|운영\s*중단)"
)
"""A span of closed days: ``12월~2월 휴장``, ``동절기(12~2월) 휴장``."""

MONTH_DAY = re.compile(
    rf"""(?:(?P<month>\d{{1,2}})\s*월\s*(?P<day>\d{{1,2}})\s*일?
    |(?P<month2>\d{{1,2}})\s*[-./]\s*(?P<day2>\d{{1,2}})\s*\.?
    |(?P<month3>\d{{2}})(?P<day3>\d{{2}})
    |(?P<name>{WORD})\.?\s*(?P<day4>\d{{1,2}})(?:st|nd|rd|th)?
    |(?P<day5>\d{{1,2}})(?:st|nd|rd|th)?\s*(?P<name2>{WORD})\.?)""",
    re.VERBOSE,
)
MONTH = re.compile(rf"(?P<month>\d{{1,2}})\s*월|(?P<name>{WORD})\.?")


@dataclass(frozen=True, slots=True)
class Season:
    """The open days of every year, or of one year.

    Attributes
    ----------
    first, last
        Month and day of the first and the last open day. ``(2, 29)`` as the last day is the end of
        February. A season may run over the new year.
    dated
        First and last day where the season was written with its year; it says nothing of others.
    """

    first: MonthDay
    last: MonthDay
    dated: tuple[dt.date, dt.date] | None = None

    def __str__(self) -> str:
        """Write the season as ``MM-DD/MM-DD``, a dated one as ``YYYY-MM-DD/YYYY-MM-DD``."""
        if self.dated:
            return f"{self.dated[0]}/{self.dated[1]}"
        return f"{self.first[0]:02}-{self.first[1]:02}/{self.last[0]:02}-{self.last[1]:02}"


@lru_cache(maxsize=4096)
def read_season(text: str) -> Season:
    """Read a season.

    Parameters
    ----------
    text
        ``03-01/11-30``, ``3.1~11.30``, ``3월 1일 ~ 11월 30일``, ``5월~9월`` (whole months),
        ``3월부터 11월까지``, ``March to November``, ``연중``; with years: that year only.
        ``12월~2월 휴장`` is the season without these days.

    Raises
    ------
    ValueError
        It is not understood, or can be understood in two ways.

    Examples
    --------
    >>> str(read_season("5월~9월")), str(read_season("3.1～11.30."))
    ('05-01/09-30', '03-01/11-30')
    """
    plain = EVERY_YEAR.sub("", normalize(text))
    if closed := CLOSED_SPAN.fullmatch(plain):
        return _without(read_season(closed["span"]))
    plain = OPEN_SPAN.sub("", plain)
    if re.sub(r"[\s\-()]+", "", plain) in WHOLE_YEAR:
        return Season((1, 1), (12, 31))
    month = MONTH.fullmatch(plain)
    if month:
        return Season((_month(month), 1), _month_end(_month(month)))
    seasons = {
        season for left, right in split_span(plain) if (season := _between(left, right)) is not None
    }
    if not seasons and re.search(r"\d{4}\s*[-./년]", plain):
        seasons = {_dated(plain)}
    if len(seasons) != 1:
        raise ValueError(text)
    return seasons.pop()


def _without(closed: Season) -> Season:
    """Return the season between the last and the first of the days that are closed."""
    leap_year = 2024
    first = dt.date(leap_year, *closed.last) + dt.timedelta(days=1)
    last = dt.date(leap_year, *closed.first) - dt.timedelta(days=1)
    season = Season((first.month, first.day), (last.month, last.day))
    # Closed days of one year say nothing of others, and a whole year leaves no season.
    if closed.dated or season.first == closed.first:
        raise ValueError(str(closed))
    return season


def _between(left: str, right: str) -> Season | None:
    """Read the two ends of a season that holds every year; None where one is not understood."""
    if re.fullmatch(r"\d{1,2}", left) and MONTH.fullmatch(right) and "월" in right:
        left += "월"  # 3~11월
    try:
        first, last = _month_day(left), _month_day(right)
    except ValueError:
        return None
    if first is None or last is None:
        return None
    return Season(first[0], last[1])


def _month_day(text: str) -> tuple[MonthDay, MonthDay] | None:
    """Return the first and the last day that are meant: the same, or those of a whole month."""
    month = MONTH.fullmatch(text)
    if month:
        number = _month(month)
        return (number, 1), _month_end(number)
    found = MONTH_DAY.fullmatch(text)
    if found is None:
        return None
    parts = {name.rstrip("2345"): part for name, part in found.groupdict().items() if part}
    number = int(parts["month"]) if "month" in parts else MONTH_NAMES[parts["name"]]
    day = (number, int(parts["day"]))
    dt.date(2024, *day)  # a leap year, so 02-29 is a day
    return day, day


def _month(found: re.Match[str]) -> int:
    number = int(found["month"]) if found["month"] else MONTH_NAMES[found["name"]]
    if not 1 <= number <= 12:
        raise ValueError(found[0])
    return number


def _month_end(month: int) -> MonthDay:
    return month, calendar.monthrange(2024, month)[1]


def _dated(text: str) -> Season:
    span = read_span(text)
    if span.first is None or span.last is None:
        raise ValueError(text)
    first, last = span.first.first, span.last.last
    if not first <= last or (last - first).days > 366:
        raise ValueError(text)
    return Season((first.month, first.day), (last.month, last.day), (first, last))
