"""Spans of days as people write them: ``2025.7.1 ~ 7.31``, ``2025.7.1부터 별도 공지 시까지``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mapserver.settings import limits
from mapserver.text.dates import (
    KOREA,
    WEEKDAY,
    Period,
    is_open_end,
    make_months,
    normalize_text,
    read_period,
    remove_times,
)

SEPARATOR = re.compile(
    r"\s*(?:~|〜|∼|–|—|--|-|/|부터|에서|\bto\b|\bthrough\b|\buntil\b|\bthru\b)\s*", re.IGNORECASE
)

DAYS_LONG = re.compile(r"\(\s*(?:총\s*)?\d{1,3}\s*(?:일|개월|주|박\s*\d+\s*일)\s*(?:간)?\s*\)")
"""How long a span is, which says nothing that its ends do not say."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another; None where it is open-ended."""

    first: Period | None
    last: Period | None


@lru_cache(maxsize=limits.MAX_REMEMBERED_TEXTS)
def read_span(text: str, zone: dt.tzinfo = KOREA) -> Span:
    """Read from when to when: ``2025.7.1~2025.7.31``, ``2025.7.1 ~ 7.31``, ``2025.7.1~``.

    A month or day alone is all of it. The end takes over the year of the beginning.
    A time with an offset is the day that it falls on in ``zone``.

    Raises
    ------
    ValueError
        It is not understood, or can be understood in two ways.
    """
    text = DAYS_LONG.sub("", remove_times(normalize_text(text))).strip()
    text = re.sub(r"이후$", "부터", text)
    if not re.search(r"부터$", text):
        try:
            period = read_period(text, zone=zone)
            return Span(None if text.rstrip().endswith("까지") else period, period)
        except ValueError:
            pass  # it is none, or two
    # A dash may stand within a date, too: each split is tried, and exactly one must make sense.
    spans = {span for ends in split_span(text) if (span := _read_ends(*ends, zone)) is not None}
    if len(spans) != 1:
        raise ValueError(text)
    return spans.pop()


def _read_ends(start_text: str, end_text: str, zone: dt.tzinfo) -> Span | None:
    """Read the two ends of a span; None where one is not understood, or both are empty."""
    try:
        first_period = read_period(start_text, zone=zone) if start_text else None
        last_period = (
            None
            if not end_text or is_open_end(end_text)
            else _read_last_period(end_text, first_period, zone)
        )
    except ValueError:
        return None
    return Span(first_period, last_period) if first_period or last_period else None


def split_span(text: str) -> Iterator[tuple[str, str]]:
    """Split a text at each sign that can stand between a beginning and an end."""
    plain = re.sub(r"\s*까지$", "", normalize_text(text))
    for sign in SEPARATOR.finditer(plain):
        yield plain[: sign.start()].strip(), plain[sign.end() :].strip()


def _read_last_period(text: str, first_period: Period | None, zone: dt.tzinfo) -> Period:
    """Read the end of a span, which may go without the year or month: ``2025.7.1 ~ 7.31``."""
    text = re.sub(r"\s*\d{1,2}:\d{2}$", "", WEEKDAY.sub(" ", text)).strip()
    try:
        return read_period(text, zone=zone)
    except ValueError:
        short = re.fullmatch(r"(?:(\d{1,2})\s*[월./-]\s*)?(\d{1,2})\s*[일.]?", text)
        # Behind a month without a day, a number alone is a month too: 2026. 11. ~ 12.
        is_month = first_period is not None and len(str(first_period)) == len("2026-11")
        month = re.fullmatch(r"(\d{1,2})\s*\.?" if is_month else r"(\d{1,2})\s*월", text)
        month = month or re.fullmatch(r"(\d{1,2})\s*월", text)
        if first_period is None or not (short or month):
            raise
    # An end without its year is the next such day after the beginning, perhaps next year.
    start = first_period.first
    if month:
        number = int(month[1])
        return make_months(start.year + (number < start.month), number, number)
    number = int(short[1] or start.month) if short else start.month
    day = dt.date(start.year + (number < start.month), number, int(short[2]) if short else 1)
    return Period(day, day)
