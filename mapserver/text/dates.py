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
from dataclasses import dataclass
from functools import lru_cache

from mapserver.errors import N_
from mapserver.settings import limits

KOREA = dt.timezone(dt.timedelta(hours=9), "KST")
"""Korea has one time and no daylight saving, and a server's own clock is often set to UTC."""

WRITE_DAY = N_("Write the day as YYYY-MM-DD")
"""How to mend a day that was not understood."""

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
STAMP = re.compile(
    r"""\d{4}-\d{1,2}-\d{1,2}
    (?:t\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*[+-]\d{2}:?\d{2}
    # Behind a blank, 09:00-12:00 may be an offset, and from nine to twelve.
    |[\st]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:(?:z|utc|gmt|kst)\b|\+\d{2}:?\d{2}))(?!\d)""",
    re.VERBOSE | re.IGNORECASE,
)
"""A time of a day with its offset, also within a longer text."""

UNSEEN = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
CHINESE_UNITS = str.maketrans("年月日", "년월일")
WEEKDAY = re.compile(r"\s*(?:\(\s*[월화수목금토일](?:요일)?\s*\)|[월화수목금토일]요일)\s*")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
FULL_DAY = re.compile(
    r"""(?P<year>\d{4}|['’‘`]\d{2}|\d{2}(?=\s*[.년]))
    (?:\s*년\s*|\s*\.\s*|\s*-\s*|\s*/\s*)(?P<month>\d{1,2})
    (?:\s*월\s*|\s*\.\s*|\s*-\s*|\s*/\s*)(?P<day>\d{1,2})
    (?:\s*[일.])?(?!\d|\s*분기)""",
    re.VERBOSE,
)
MONTH = re.compile(
    r"(\d{4}|['’‘`]\d{2}|\d{2}(?=\s*[.년]\s*\d{1,2}\s*월))"
    r"(?:\s*년\s*|\s*[-/]\s*|\s*\.\s*)(\d{1,2})(?:(\s*월)|(\s*\.))?"
)
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
    r"(\d{4}|['’‘`]\d{2}|\d{2}(?=\s*년))(?:\s*년(?:도)?|\s*\.)?\s*[-/]?\s*(?:(\d{1,2})\s*월)?"
    r"\s*(\d/\d분기|\d분기|[hq]\d|[가-힣]+?)(?:(?<=[가-힣]{2})\s*[중내])?"
)
UNDECIDED = re.compile(
    r"미정|미확정|추후|tbd|tba|undecided|(?:공지|안내|통보)(?:시|때)까지"
    r"|(?:추후|별도|차후)(?:의)?(?:공지|안내|통보|고지|결정|확정)(?:예정)?(?:시|때|전)?(?:까지)?"
)
OPEN_END = re.compile(
    r"(?:공사|복구|정비|보수|조성|안전|점검|조치|통제|폐쇄|휴장|작업|기상|상황|행사)*"
    r"(?:완료|준공|해제|해소|복구|마무리|확보|호전|종료|재개|재개장|재개방)(?:[시때](?:까지)?|까지)"
    r"|공사완료|계속|현재|진행중|당분간|무기한|미확정"
)
"""Ends that nobody knows yet, with blanks taken out."""

HOUR = r"(?:오전|오후)?\s*(?P<{0}>\d{{1,2}})\s*(?::\s*\d{{2}}|시(?:\s*\d{{1,2}}\s*분)?)"
TIMES = re.compile(
    rf"(?:매일\s*)?{HOUR.format('hour')}\s*(?:[~〜∼–—]|\s-\s)\s*{HOUR.format('end')}"
    r"|(?<=[\s:]\d\d:\d\d)-(?:1[5-9]|2[0-4]):\d\d"
    r"|일출\s*[~〜∼–—-]\s*일몰|24\s*시간|(?:하루\s*)?(?:종일|전일)|(?:오전|오후)(?!\s*\d)"
)
"""Hours of the day, which say nothing of the day."""

TRAILING = re.compile(r"(?:\s*(?:예정|까지|부터|개장|개방|개통|준공|자))+\s*$")
SHORT_YEARS = range(70)
"""Years of two digits that are read: of 70 to 99 nobody knows the century."""


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
        if self == make_months(first.year, 1, 12):
            return f"{first:%Y}"
        if self == make_months(first.year, first.month, first.month):
            return f"{first:%Y-%m}"
        return f"{first}/{last}"


def is_undecided(text: str) -> bool:
    """Return whether a text says that a day has not been decided (``미정``)."""
    return UNDECIDED.fullmatch(re.sub(r"[\s.()]+", "", normalize_text(text))) is not None


def is_open_end(text: str) -> bool:
    """Return whether a text says that an end is not known yet: ``공사 완료 시까지``, ``미정``."""
    return is_undecided(text) or OPEN_END.fullmatch(re.sub(r"[\s.()]+", "", text)) is not None


def remove_times(text: str) -> str:
    """Return a text without the hours of the day that stand beside its days."""
    if not TIMES.search(text):
        return text
    remainder = re.sub(r"\(\s*\)", "", TIMES.sub(_remove_hours, text)).strip(" ,/")
    return re.sub(r" {2,}", " ", remainder) if remainder else text


def _remove_hours(hours: re.Match[str]) -> str:
    """Return nothing for hours of one day; hours that end on the next stay as they are."""
    if not hours["hour"] or "오후" in hours[0]:
        return " "
    return " " if int(hours["hour"]) < int(hours["end"]) else hours[0]


def localize_times(text: str, zone: dt.tzinfo) -> str:
    """Return a text whose times with an offset are the days that they fall on in a zone.

    Examples
    --------
    >>> import zoneinfo
    >>> localize_times("2026-03-01T03:00Z/2026-11-30", zoneinfo.ZoneInfo("America/New_York"))
    '2026-02-28/2026-11-30'
    """
    return STAMP.sub(lambda stamp: _localize_stamp(stamp[0], zone), text)


def _localize_stamp(stamp: str, zone: dt.tzinfo) -> str:
    try:
        return str(read_period(stamp, zone=zone))
    except ValueError:
        return stamp  # no such time: whoever reads the text says so


def normalize_text(text: str) -> str:
    """Return a text in half width and small letters, without blanks around it."""
    # NFKC makes full-width digits plain; invisible characters come with copied text.
    plain = UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    # Offices that write Chinese characters mean the Korean words for year, month and day.
    return plain.strip().lower().translate(CHINESE_UNITS)


def read_day(text: str, *, is_serial: bool = False, zone: dt.tzinfo = KOREA) -> dt.date:
    """Read one day, as :func:`read_period` does.

    Raises
    ------
    ValueError
        It is not understood, or more than one day can be meant.
    """
    period = read_period(text, is_serial=is_serial, zone=zone)
    if not period.is_day:
        raise ValueError(text)
    return period.first


@lru_cache(maxsize=limits.MAX_REMEMBERED_TEXTS)
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
    # Words behind a day such as "from" or "opens" say nothing of which day it is.
    plain = TRAILING.sub("", remove_times(normalize_text(text)))
    if is_serial and (serial := re.fullmatch(r"(\d{5})(?:\.\d+)?", plain)):
        return _convert_serial_day(int(serial[1]), text)
    # From the strictest form to the loosest: the first that matches is the meaning.
    for read in (
        _read_full_day,
        _read_english_day,
        _read_whole_year,
        _read_month,
        _read_part_of_year,
    ):
        period = read(plain, zone)
        if period is not None:
            if not FIRST_YEAR <= period.first.year <= LAST_YEAR:
                raise ValueError(text)
            return period
    raise ValueError(text)


def _read_full_day(text: str, zone: dt.tzinfo) -> Period | None:
    # 20270501 may have become 20270501.0 in a spreadsheet.
    compact_match = COMPACT.match(text)
    match = compact_match or FULL_DAY.match(text)
    if match is None:
        return None
    remainder = re.sub(r"^\.0+$", "", text[match.end() :]) if compact_match else text[match.end() :]
    remainder = WEEKDAY.sub(" ", remainder).strip()
    date = dt.date(_read_year(match[1]), int(match[2]), int(match[3]))
    if not remainder:
        return Period(date, date)
    # What follows a day may be its time; anything else makes the text unreadable.
    time = TIME.fullmatch(remainder)
    if time is None:
        raise ValueError(text)
    if time["zone"] and re.search(r"^[^t:]*:\d{1,2}\s*-", remainder):
        raise ValueError(text)  # 09:00-12:00 may be an offset, and from nine to twelve
    date = _find_day_in_zone(date, time, zone)
    return Period(date, date)


def _find_day_in_zone(date: dt.date, time: re.Match[str], zone: dt.tzinfo) -> dt.date:
    """Return the day that a time of a day falls on in a zone; without an offset it is local."""
    hour, minute = int(time["hour"]), int(time["minute"] or 0)
    half = time["half"] or time["half_after"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(time[0])
        # 12 am is midnight and 12 pm is noon.
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
        # +09, +0900 and +09:00 are the same offset.
        digits = offset[1:].replace(":", "").ljust(4, "0")
        ahead = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        source = dt.timezone(-ahead if offset[0] == "-" else ahead)
    try:
        return moment.replace(tzinfo=source).astimezone(zone).date()
    except OverflowError as error:
        raise ValueError(time[0]) from error


def _read_english_day(text: str, _zone: dt.tzinfo) -> Period | None:
    match = ENGLISH_DAY.fullmatch(text)
    if match is None or (match[1] and match[3]):
        return None
    year, month, day = int(match[4]), MONTH_NAMES[match[2]], match[1] or match[3]
    if not day:
        return make_months(year, month, month)
    date = dt.date(year, month, int(day))
    return Period(date, date)


def _read_whole_year(text: str, _zone: dt.tzinfo) -> Period | None:
    match = YEAR.fullmatch(text)
    return make_months(int(match[1]), 1, 12) if match else None


def _read_month(text: str, _zone: dt.tzinfo) -> Period | None:
    match = MONTH.fullmatch(text)
    if match is None:
        return None
    # As a number, 2027.10 loses its zero and becomes 2027.1.
    if re.fullmatch(r"\d{4}\.1", text):
        return None
    return make_months(_read_year(match[1]), int(match[2]), int(match[2]))


def _read_year(text: str) -> int:
    """Read a year of four or, in this century, two digits."""
    # An apostrophe stands for the century that is left out: '27.
    year = int(text.lstrip("'’‘`"))
    if len(text) > 3:
        return year
    if year not in SHORT_YEARS:
        raise ValueError(text)
    return year + 2000


def _read_part_of_year(text: str, _zone: dt.tzinfo) -> Period | None:
    """Read a part of a year or a month: ``2027년 상반기``, ``2027년 5월 말``, ``2027 q1``."""
    match = PARTS.fullmatch(text)
    if match is None:
        return None
    year, month, part = _read_year(match[1]), match[2], match[3]
    if month is None:
        months = PART_OF_YEAR.get(part)
        return make_months(year, *months) if months else None
    days = PART_OF_MONTH.get(part)
    if days is None:
        return None
    # The 31st of a part of a month is cut to the last day that the month has.
    end = make_months(year, int(month), int(month)).last
    return Period(end.replace(day=days[0]), end.replace(day=min(days[1], end.day)))


def make_months(year: int, first_month: int, last_month: int) -> Period:
    """Return the days from a first to a last month of a year; ValueError without such months."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= first_month <= last_month <= 12):
        raise ValueError(f"{year}-{first_month}/{last_month}")
    end = calendar.monthrange(year, last_month)[1]
    return Period(dt.date(year, first_month, 1), dt.date(year, last_month, end))


def _convert_serial_day(number: int, text: str) -> Period:
    if number not in EXCEL_SERIALS:
        raise ValueError(text)
    # Day 1 was 1 January 1900; the epoch lies a day earlier because Excel counts 29 February 1900.
    day = EXCEL_EPOCH + dt.timedelta(days=number)
    return Period(day, day)
