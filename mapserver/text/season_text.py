"""Seasons as people write them: ``5월~9월``, ``03-01/11-30``, ``연중(12~2월 제외)``."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import replace
from functools import lru_cache

from mapserver.settings import limits
from mapserver.text.dates import (
    MONTH_NAMES,
    PART_OF_MONTH,
    WORD,
    Period,
    normalize_text,
    remove_times,
)
from mapserver.text.season import (
    DAYS_OF_YEAR,
    LEAP_YEAR,
    OpenSpan,
    Season,
    find_complement,
    find_days,
    make_span,
)
from mapserver.text.spans import read_span, split_span

WHOLE_YEAR = frozenset(
    (
        *("연중", "년중", "상시", "연중상시", "상시연중", "연중무휴", "사계절", "사시사철"),
        *("항상", "매일", "1년내내", "일년내내", "365일", "연중365일", "365일연중"),
        *("yearround", "allyear", "allyearround", "always", "wholeyear", "everyday"),
    )
)
EVERY_YEAR = re.compile(r"^(?:매년|every year|each year|annually|from)\s*|\s*(?:매년|every year)$")
CLOSING = re.compile(
    r"(?:전면|임시|출입|통행|입장)?\s*"
    r"(?:휴장|휴무|휴관|폐장|폐쇄|통제|미운영|미개방|미개장|비개방|제외"
    r"|(?:운영|이용|개방)\s*(?:중단|중지|금지|불가|안\s*함)|closed)\s*(?:기간)?"
)
"""Words that turn the days beside them into those on which a trail is closed."""

LABEL = re.compile(
    r"(?:동|하|혹서|혹한)절?기|[동하춘추]계|(?:겨울|여름|봄|가을|장마)철?|시즌|무료|연중무휴|전면|전체|전\s*구간"
    r"|(?:운영|개방|이용|개장)\s*(?:기간|시기|시간|가능|중)?|기간|open|season"
)
"""Words beside days that say no more than that these are the days."""

CONDITION = re.compile(
    r"우천|강우|강설|눈|비|기상|악천후|호우|폭우|태풍|폭염|한파|산불|결빙|동결|일몰|일출|야간|심야"
    r"|매주|매월|주말|주중|평일|공휴일|명절|설날|추석|[월화수목금토일]요일|일부|부분|필요|상황|행사"
)
"""What closes a trail on days that nobody can know from the season."""

MIDST = {"동": 1, "겨울": 1, "혹한": 1, "하": 7, "여름": 7, "혹서": 8, "봄": 4, "가을": 10}
"""A month that surely belongs to a part of the year, by the beginning of its name."""

LIST_SIGN = re.compile(r"\s*(?:[,;\n&+·ㆍᆞ‧∙・]|및|그리고|\band\b)\s*")
REMARK = re.compile(r"(?P<days>[^()]+)\((?P<remark>[^()]+)\)(?P<after>[^()]*)")
AFTERTHOUGHT = re.compile(r"\s*(?:[,;]\s*)?(?:※|단[,\s])\s*|\s*[,;]\s*(?=[^,;\d]*$)")
MONTH_DAY = re.compile(
    rf"""(?:(?P<month>\d{{1,2}})\s*월\s*(?P<day>\d{{1,2}})\s*일?
    |(?P<month2>\d{{1,2}})\s*[-./]\s*(?P<day2>\d{{1,2}})\s*\.?
    |(?P<month3>\d{{2}})(?P<day3>\d{{2}})
    |(?P<name>{WORD})\.?\s*(?P<day4>\d{{1,2}})(?:st|nd|rd|th)?
    |(?P<day5>\d{{1,2}})(?:st|nd|rd|th)?\s*(?P<name2>{WORD})\.?)""",
    re.VERBOSE,
)
MONTH = re.compile(rf"(?P<month>\d{{1,2}})\s*월|(?P<name>{WORD})\.?")
PART = re.compile(rf"(?P<month>\d{{1,2}})\s*월\s*(?P<part>{'|'.join(PART_OF_MONTH)})")
LONGEST_PART_DAYS = 160
"""Winter and summer are no longer; what is, has the summer in it and more."""


@lru_cache(maxsize=limits.MAX_REMEMBERED_TEXTS)
def read_season(text: str) -> Season:
    """Read a season.

    Parameters
    ----------
    text
        ``03-01/11-30``, ``3.1~11.30``, ``3월 1일 ~ 11월 30일``, ``5월~9월`` (whole months),
        ``3월부터 11월까지``, ``March to November``, ``연중``; several: ``3~6월, 9~11월``; with
        years: that year only. ``12월~2월 휴장`` is the season without these days. From ``3월 초``
        on it is open surely from the middle of March, and closed surely until February.

    Raises
    ------
    ValueError
        It is not understood, or can be understood in two ways.

    Examples
    --------
    >>> str(read_season("5월~9월")), str(read_season("3.1～11.30."))
    ('05-01/09-30', '03-01/11-30')
    >>> str(read_season("3~6월 및 9~11월"))
    '03-01/06-30, 09-01/11-30'
    """
    # "Every year" and hours of the day say nothing of which days they are.
    plain = EVERY_YEAR.sub("", remove_times(normalize_text(text))).strip()
    season = _read_remarked(plain) or _read_list(plain)
    if season is None:
        raise ValueError(text)
    return season


def _read_remarked(text: str) -> Season | None:
    """Read a season with a remark in brackets or behind a comma: ``3~11월(동절기 휴장)``.

    None where there is none, it is not understood, or contradicts the season.
    """
    remark_match = REMARK.fullmatch(text)
    if remark_match and not remark_match["after"].strip():
        season = _read_list(remark_match["days"])
        return _limit_season(season, remark_match["remark"].strip()) if season else None
    if AFTERTHOUGHT.search(text):
        days, remark = AFTERTHOUGHT.split(text, maxsplit=1)
        season = _read_list(days)
        return _make_uncertain(season, remark) if season else None
    return None


def _limit_season(season: Season, remark: str) -> Season | None:
    """Return a season as a remark limits it; None where the remark is not understood."""
    if not LABEL.sub("", remark).strip():
        return season
    # The remark may name closed days, or say no more than "closed", or name a part of the year.
    if parts := _read_parts(remark):
        return _combine_parts([(season, False), *parts], is_nested=True)
    if not CLOSING.sub("", remark).strip():
        return find_complement([season])  # 12~2월(휴장)
    month = _find_closed_month(remark)
    if month is None or season.is_whole_year:
        return _make_uncertain(season, remark)
    # Closed in winter: these are the days of the winter, or those of the rest of the year.
    days = find_days(season.spans)
    if month not in {day.month for day in days}:
        return season
    return find_complement([season]) if len(days) < LONGEST_PART_DAYS else None


def _make_uncertain(season: Season, remark: str) -> Season | None:
    """Return a season on whose days a trail may be closed for the weather, on Mondays and so on.

    Outside of the season it is closed all the same. None where the remark says something else.
    """
    remainder = CLOSING.sub("", remark)
    if remainder == remark or not CONDITION.search(remainder) or LABEL.search(remainder):
        return None
    return replace(season, spans=tuple(replace(span, sure=None) for span in season.spans))


def _find_closed_month(text: str) -> int | None:
    """Return a month in which a text such as ``동절기 휴장`` surely says that it is closed."""
    remainder = CLOSING.sub("", text)
    if remainder == text or LABEL.sub("", remainder).strip(" .:은는에"):
        return None
    months = [month for word, month in MIDST.items() if word in remainder]
    return months[0] if len(months) == 1 else None


def _read_list(text: str) -> Season | None:
    """Read one season, or several; None where one of them is not understood."""
    single_part = _read_part(text)
    if single_part is not None:
        return _combine_parts([single_part])
    parts = _read_parts(text)
    # A slash stands between runs of days where each has its own sign: 3~6월 / 9~11월.
    if not parts and all(re.search(r"[~〜∼–—]|부터", part) for part in text.split("/")):
        parts = _read_parts(text, re.compile(r"\s*/\s*"))
    return _combine_parts(parts)


def _read_parts(text: str, sign: re.Pattern[str] = LIST_SIGN) -> list[tuple[Season, bool]]:
    """Read the parts of a list, and whether each is closed; none where one is not understood."""
    texts = [text for text in sign.split(text) if _find_closed_month(text) is None]
    parts = [_read_part(part) for part in texts]
    readable_parts = [part for part in parts if part is not None]
    # "Closed in winter" beside days in winter contradicts them: then nothing is understood.
    closed_months = {month for text in sign.split(text) if (month := _find_closed_month(text))}
    days = {day.month for season, _ in readable_parts for day in find_days(season.spans)}
    return readable_parts if len(readable_parts) == len(parts) and not closed_months & days else []


def _combine_parts(parts: list[tuple[Season, bool]], *, is_nested: bool = False) -> Season | None:
    """Return the open days without the closed ones; None where they contradict each other.

    Of ``12~2월, 7~8월 휴장`` nobody can tell whether the first are open: open and closed days must
    make up the year, or the closed ones stand in a remark (``is_nested``) on those around them.
    """
    opened = [season for season, is_closed in parts if not is_closed]
    closed = [season for season, is_closed in parts if is_closed]
    is_mixed = len({season.is_dated for season, _ in parts}) > 1
    if not opened or is_mixed:
        return None if is_mixed else find_complement(closed)
    spans = tuple(span for season in opened for span in season.spans)
    season = Season(spans, is_dated=opened[0].is_dated)
    if season.is_dated:
        return None if closed else season
    # Spans that share a day have fewer days together than one by one.
    days = find_days(spans)
    if len(days) < sum(len(find_days([span])) for span in spans):
        return None  # they overlap
    shut = find_days(span for season in closed for span in season.spans)
    is_rest = days.isdisjoint(shut) and len(days) + len(shut) == DAYS_OF_YEAR
    if not closed or is_rest:
        return season
    if shut < days and (is_nested or season.is_whole_year):
        return find_complement([*closed, *filter(None, [find_complement(opened)])])
    return None


def _read_part(text: str) -> tuple[Season, bool] | None:
    """Read days with the words beside them, and whether these are the days it is closed."""
    if bracket := REMARK.fullmatch(text):
        # Either holds the days, and the other says no more than what they are.
        text_outside, text_inside = bracket["days"] + bracket["after"], bracket["remark"]
        is_label = (
            not LABEL.sub("", text_inside).strip() or not CLOSING.sub("", text_inside).strip()
        )
        if re.search(r"\d", text_outside) and not is_label:
            return None
    without = CLOSING.sub(" ", text)
    is_closed = without != text
    days = re.sub(r"[()]", " ", LABEL.sub(" ", without)).strip()
    season = _read_one_run(re.sub(r"^[:은는]\s*|\s*[:은는]$", "", days))
    if season is None and not is_closed:
        season = _read_one_run(text)  # what is a label elsewhere: 연중무휴
    return (season, is_closed) if season else None


def _read_one_run(text: str) -> Season | None:
    """Read one run of days: of every year, or of the year that is written."""
    plain = text.strip()
    if re.sub(r"[\s\-()]+", "", plain) in WHOLE_YEAR:
        return Season((make_span(dt.date(LEAP_YEAR, 1, 1), dt.date(LEAP_YEAR, 12, 31)),))
    try:
        month = MONTH.fullmatch(plain)
        if month:
            number = _get_month_number(month)
            return Season((make_span(dt.date(LEAP_YEAR, number, 1), _get_month_end(number)),))
        seasons = {
            s
            for start_text, end_text in split_span(plain)
            if (s := _read_run(start_text, end_text))
        }
        if not seasons and re.search(r"\d{4}\s*[-./년]|['’‘`]\d{2}|\d{2}\s*[.년]", plain):
            seasons = {_read_dated_season(plain)}
    except ValueError:
        return None
    return seasons.pop() if len(seasons) == 1 else None


def _read_run(start_text: str, end_text: str) -> Season | None:
    """Read the two ends of a season that holds every year; None where one is not understood."""
    if re.fullmatch(r"\d{1,2}", start_text) and re.match(r"\d{1,2}\s*월", end_text):
        start_text += "월"  # 3~11월
    try:
        start_days, end_days = _read_run_end(start_text), _read_run_end(end_text)
    except ValueError:
        return None
    if start_days is None or end_days is None:
        return None
    # A vague end ("early March") is sure only from the last day that it can mean.
    earliest, latest = start_days[0], end_days[1]
    begin = start_days[0] if start_days[2] else start_days[1]
    end = end_days[1] if end_days[2] else end_days[0]
    # Counted from the earliest day on, round the end of the year.
    start_after, end_after = ((day - earliest).days % DAYS_OF_YEAR for day in (begin, end))
    sure = (begin, end) if start_after <= end_after else None
    return Season((OpenSpan(earliest, latest, sure),))


def _read_run_end(text: str) -> tuple[dt.date, dt.date, bool] | None:
    """Read a day, month or part of a month: its first and last day, and whether all are meant."""
    if month := MONTH.fullmatch(text):
        number = _get_month_number(month)
        return dt.date(LEAP_YEAR, number, 1), _get_month_end(number), True
    if part := PART.fullmatch(text):
        end = _get_month_end(int(part["month"]))
        first_day, last_day = PART_OF_MONTH[part["part"]]
        return end.replace(day=first_day), end.replace(day=min(last_day, end.day)), False
    match = MONTH_DAY.fullmatch(text)
    if match is None:
        return None
    parts = {name.rstrip("2345"): value for name, value in match.groupdict().items() if value}
    number = int(parts["month"]) if "month" in parts else MONTH_NAMES[parts["name"]]
    day = dt.date(LEAP_YEAR, number, int(parts["day"]))
    return day, day, True


def _get_month_number(match: re.Match[str]) -> int:
    number = int(match["month"]) if match["month"] else MONTH_NAMES[match["name"]]
    if not 1 <= number <= 12:
        raise ValueError(match[0])
    return number


def _get_month_end(month: int) -> dt.date:
    return dt.date(LEAP_YEAR, month, calendar.monthrange(LEAP_YEAR, month)[1])


def _read_dated_season(text: str) -> Season:
    span = read_span(text)
    if span.first is None or span.last is None:
        raise ValueError(text)
    first_day, last_day = span.first.first, span.last.last
    if not first_day <= last_day or (last_day - first_day).days > 366:
        raise ValueError(text)
    sure_start = first_day if _is_exact(span.first) else span.first.last
    sure_end = last_day if _is_exact(span.last) else span.last.first
    sure = (sure_start, sure_end) if sure_start <= sure_end else None
    return Season((OpenSpan(first_day, last_day, sure),), is_dated=True)


def _is_exact(period: Period) -> bool:
    """Return whether all days of a period are meant: of a day, a month and a year they are."""
    return len(str(period)) <= len("2027-05-01")
