"""Days as people write them: one parser for registers, closures, benefits and all other tables.

A day that is written in part (``2027``, ``2027년 5월``, ``2027년 상반기``) is the period of the
days that can be meant. What is not surely one day or one period is not read at all: a year of two
digits counts from 2000 to 2069, and only in the order and with the full stops of Korean offices
(``27. 5. 1.``); ``07/01/2027`` and ``5.1`` never do.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

KOREA = dt.timezone(dt.timedelta(hours=9), "KST")
"""Korea has one time and no daylight saving, and a server's own clock is often set to UTC."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
EXCEL_EPOCH = dt.date(1899, 12, 30)
EXCEL_SERIALS = range(36_526, 73_051)
"""Days from 2000 to 2099 as spreadsheets count them."""

TIME = re.compile(
    r"""[\sT]*(?P<half>오전|오후|am|pm)?\s*
    (?P<hour>\d{1,2})\s*(?::|시)\s*
    (?:(?P<minute>\d{1,2})\s*(?:분)?(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?)?
    \s*(?P<half_after>am|pm)?
    \s*(?P<zone>z|utc|gmt|kst|[+-]\d{2}:?(?:\d{2})?)?""",
    re.VERBOSE | re.IGNORECASE,
)
WEEKDAY = re.compile(r"\s*(?:\(\s*[월화수목금토일](?:요일)?\s*\)|[월화수목금토일]요일)\s*")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
FULL_DAY = re.compile(
    r"""(?P<year>\d{4}|['’‘`]\d{2}|\d{2}(?=\s*[.년]))
    (?:\s*년\s*|\s*\.\s*|\s*-\s*|\s*/\s*)(?P<month>\d{1,2})
    (?:\s*월\s*|\s*\.\s*|\s*-\s*|\s*/\s*)(?P<day>\d{1,2})
    (?:\s*[일.])?(?!\d)""",
    re.VERBOSE,
)
MONTH = re.compile(r"(\d{4})(?:\s*년\s*|\s*[-/]\s*|\s*\.\s*)(\d{1,2})(?:(\s*월)|(\s*\.))?")
YEAR = re.compile(r"(\d{4})(?:\.0+)?(?:\s*년(?:도)?)?")
MONTH_NAMES = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr, ("",) * 9 + ("sept",))
    for number, name in enumerate(names)
    if name
}
WORD = "|".join(sorted(MONTH_NAMES, key=len, reverse=True))
ENGLISH_DAY = re.compile(
    rf"(?:(\d{{1,2}})(?:st|nd|rd|th)?\s+)?({WORD})\.?\s+(?:(\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(\d{{4}})"
)
PART_OF_YEAR = {
    **dict.fromkeys(("상반기", "전반기", "h1"), (1, 6)),
    **dict.fromkeys(("하반기", "후반기", "h2"), (7, 12)),
    **dict.fromkeys(("1분기", "1/4분기", "q1"), (1, 3)),
    **dict.fromkeys(("2분기", "2/4분기", "q2"), (4, 6)),
    **dict.fromkeys(("3분기", "3/4분기", "q3"), (7, 9)),
    **dict.fromkeys(("4분기", "4/4분기", "q4"), (10, 12)),
    **dict.fromkeys(("초", "연초", "초반"), (1, 6)),
    **dict.fromkeys(("말", "연말", "후반"), (7, 12)),
    **dict.fromkeys(("중", "중반", "내"), (1, 12)),
    **dict.fromkeys(("봄",), (3, 5)),
    **dict.fromkeys(("여름",), (6, 8)),
    **dict.fromkeys(("가을",), (9, 11)),
}
"""First and last month that a part of a year can mean."""

PART_OF_MONTH = {
    **dict.fromkeys(("초", "초순", "상순"), (1, 15)),
    **dict.fromkeys(("중순",), (11, 20)),
    **dict.fromkeys(("말", "하순"), (16, 31)),
    **dict.fromkeys(("중", "내"), (1, 31)),
}
"""First and last day that a part of a month can mean."""

PARTS = re.compile(
    r"(\d{4})(?:\s*년(?:도)?)?\s*[-/]?\s*(?:(\d{1,2})\s*월)?\s*(\d/\d분기|\d분기|[hq]\d|[가-힣]+)"
)
UNDECIDED = frozenset(
    (
        *("미정", "미확정", "추후", "추후공지", "추후공지예정", "추후안내", "추후결정"),
        *("별도공지", "별도안내", "별도공지시", "별도안내시", "tbd", "tba", "undecided"),
    )
)
TRAILING = re.compile(r"(?:\s*(?:예정|까지|부터|개장|개방|준공))+\s*$")
SHORT_YEARS = range(70)
"""Years of two digits that are read: of 70 to 99 nobody knows the century."""

SEPARATOR = re.compile(
    r"\s*(?:~|〜|∼|–|—|--|-|/|부터|에서|\bto\b|\bthrough\b|\buntil\b|\bthru\b)\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a text can mean.

    Attributes
    ----------
    first, last
        The earliest and the latest, both included; the same for a day.
    """

    first: dt.date
    last: dt.date

    @property
    def is_day(self) -> bool:
        """Whether one day is meant."""
        return self.first == self.last

    def __str__(self) -> str:
        """Write a day, a month or a year as ISO 8601 has it; other periods with a slash."""
        first, last = self.first, self.last
        if self.is_day:
            return first.isoformat()
        if self == _months(first.year, 1, 12):
            return f"{first:%Y}"
        if self == _months(first.year, first.month, first.month):
            return f"{first:%Y-%m}"
        return f"{first}/{last}"


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another; None where it is open-ended."""

    first: Period | None
    last: Period | None


def is_undecided(text: str) -> bool:
    """Return whether a text says that a day has not been decided (``미정``)."""
    return re.sub(r"[\s.()]+", "", normalize(text)) in UNDECIDED


def normalize(text: str) -> str:
    """Return a text in half width and small letters, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def read_day(text: str, *, is_serial: bool = False) -> dt.date:
    """Read one day, as :func:`read_period` does.

    Raises
    ------
    ValueError
        It is not understood, or more than one day can be meant.
    """
    period = read_period(text, is_serial=is_serial)
    if not period.is_day:
        raise ValueError(text)
    return period.first


@lru_cache(maxsize=4096)
def read_period(text: str, *, is_serial: bool = False, zone: dt.tzinfo = KOREA) -> Period:
    """Read a day, a month, a year or a part of a year.

    Parameters
    ----------
    text
        ``2027-05-01``, ``2027. 5. 1.(토)``, ``2027년 5월 1일 오전 9시``, ``20270501``,
        ``'27.5.1``, ``1 May 2027``, ``2027-05``, ``2027년``, ``2027.0``, ``2027년 상반기`` ...
    is_serial
        Whether a number of five digits is a day as spreadsheets count them: only for a column that
        holds nothing but days.
    zone
        Where the day is; ``2026-06-30T15:00:00Z`` is 1 July in Korea.

    Raises
    ------
    ValueError
        It is not understood, or there is no such day (30 February).

    Examples
    --------
    >>> str(read_period("2027년 5월 1일")), str(read_period("2027년 상반기"))
    ('2027-05-01', '2027-01-01/2027-06-30')
    """
    plain = TRAILING.sub("", normalize(text))
    if is_serial and (serial := re.fullmatch(r"(\d{5})(?:\.\d+)?", plain)):
        return _serial_day(int(serial[1]), text)
    for read in (_full_day, _english_day, _year, _month, _part):
        period = read(plain, zone)
        if period is not None:
            if not FIRST_YEAR <= period.first.year <= LAST_YEAR:
                raise ValueError(text)
            return period
    raise ValueError(text)


@lru_cache(maxsize=4096)
def read_span(text: str) -> Span:
    """Read from when to when: ``2025.7.1~2025.7.31``, ``2025.7.1 ~ 7.31``, ``2025.7.1~``.

    A month or day alone is all of it. The end takes over the year of the beginning.

    Raises
    ------
    ValueError
        It is not understood, or can be understood in two ways.
    """
    if not re.search(r"부터\s*$", text):
        try:
            whole = read_period(text)
            return Span(None if text.rstrip().endswith("까지") else whole, whole)
        except ValueError:
            pass  # it is none, or two
    spans = {span for ends in split_span(text) if (span := _span(*ends)) is not None}
    if len(spans) != 1:
        raise ValueError(text)
    return spans.pop()


def _span(left: str, right: str) -> Span | None:
    """Read the two ends of a span; None where one is not understood, or both are empty."""
    try:
        first = read_period(left) if left else None
        last = _last_period(right, first) if right and not is_undecided(right) else None
    except ValueError:
        return None
    return Span(first, last) if first or last else None


def split_span(text: str) -> Iterator[tuple[str, str]]:
    """Split a text at each sign that can stand between a beginning and an end."""
    plain = re.sub(r"\s*까지$", "", normalize(text))
    for sign in SEPARATOR.finditer(plain):
        yield plain[: sign.start()].strip(), plain[sign.end() :].strip()


def _last_period(text: str, first: Period | None) -> Period:
    """Read the end of a span, which may go without the year or month: ``2025.7.1 ~ 7.31``."""
    try:
        return read_period(text)
    except ValueError:
        short = re.fullmatch(r"(?:(\d{1,2})\s*[월./-]\s*)?(\d{1,2})\s*[일.]?", text)
        month = re.fullmatch(r"(\d{1,2})\s*월", text)
        if first is None or not (short or month):
            raise
    start = first.first
    if month:
        number = int(month[1])
        return _months(start.year + (number < start.month), number, number)
    number = int(short[1] or start.month) if short else start.month
    day = dt.date(start.year + (number < start.month), number, int(short[2]) if short else 1)
    return Period(day, day)


def _full_day(text: str, zone: dt.tzinfo) -> Period | None:
    compact = COMPACT.match(text)
    found = compact or FULL_DAY.match(text)
    if found is None:
        return None
    rest = re.sub(r"^\.0+$", "", text[found.end() :]) if compact else text[found.end() :]
    rest = WEEKDAY.sub(" ", rest).strip()
    year, month, day = (int(part.lstrip("'’‘`")) for part in found.groups())
    if year < 100:
        if year not in SHORT_YEARS or (found[1].isdecimal() and len(found[1]) > 2):
            raise ValueError(text)
        year += 2000
    date = dt.date(year, month, day)
    if not rest:
        return Period(date, date)
    time = TIME.fullmatch(rest)
    if time is None:
        raise ValueError(text)
    date = _day_in_zone(date, time, zone)
    return Period(date, date)


def _day_in_zone(date: dt.date, time: re.Match[str], zone: dt.tzinfo) -> dt.date:
    """Return the day that a time of a day falls on in a zone; without an offset it is local."""
    hour, minute = int(time["hour"]), int(time["minute"] or 0)
    half = time["half"] or time["half_after"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(time[0])
        hour = hour % 12 + (12 if half in {"오후", "pm"} else 0)
    if (hour, minute) == (24, 0):
        return date  # the end of this day
    moment = dt.datetime.combine(date, dt.time(hour, minute, int(time["second"] or 0)))
    offset = time["zone"]
    if not offset:
        return date
    if offset in {"z", "utc", "gmt"}:
        source: dt.tzinfo = dt.UTC
    elif offset == "kst":
        source = KOREA
    else:
        digits = offset[1:].replace(":", "").ljust(4, "0")
        ahead = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        source = dt.timezone(-ahead if offset[0] == "-" else ahead)
    try:
        return moment.replace(tzinfo=source).astimezone(zone).date()
    except OverflowError as error:
        raise ValueError(time[0]) from error


def _english_day(text: str, _zone: dt.tzinfo) -> Period | None:
    found = ENGLISH_DAY.fullmatch(text)
    if found is None or (found[1] and found[3]):
        return None
    year, month, day = int(found[4]), MONTH_NAMES[found[2]], found[1] or found[3]
    if not day:
        return _months(year, month, month)
    date = dt.date(year, month, int(day))
    return Period(date, date)


def _year(text: str, _zone: dt.tzinfo) -> Period | None:
    found = YEAR.fullmatch(text)
    return _months(int(found[1]), 1, 12) if found else None


def _month(text: str, _zone: dt.tzinfo) -> Period | None:
    found = MONTH.fullmatch(text)
    if found is None:
        return None
    # As a number, 2027.10 loses its zero and becomes 2027.1.
    if re.fullmatch(r"\d{4}\.1", text):
        return None
    return _months(int(found[1]), int(found[2]), int(found[2]))


def _part(text: str, _zone: dt.tzinfo) -> Period | None:
    """Read a part of a year or a month: ``2027년 상반기``, ``2027년 5월 말``, ``2027 q1``."""
    found = PARTS.fullmatch(text)
    if found is None:
        return None
    year, month, part = int(found[1]), found[2], found[3]
    if month is None:
        months = PART_OF_YEAR.get(part)
        return _months(year, *months) if months else None
    days = PART_OF_MONTH.get(part)
    if days is None:
        return None
    end = _months(year, int(month), int(month)).last
    return Period(end.replace(day=days[0]), end.replace(day=min(days[1], end.day)))


def _months(year: int, first: int, last: int) -> Period:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= first <= last <= 12):
        raise ValueError(f"{year}-{first}/{last}")
    end = calendar.monthrange(year, last)[1]
    return Period(dt.date(year, first, 1), dt.date(year, last, end))


def _serial_day(number: int, text: str) -> Period:
    if number not in EXCEL_SERIALS:
        raise ValueError(text)
    day = EXCEL_EPOCH + dt.timedelta(days=number)
    return Period(day, day)
