"""Seasons: the days of the year on which a trail is open."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

LEAP_YEAR = 2024
DAYS_OF_YEAR = 366
MIDDLE_OF_WINTER = (dt.date(LEAP_YEAR, 12, 15), 63)
"""Its first day, and how many: to 15 February."""
WIDEST_WINTER = (dt.date(LEAP_YEAR, 11, 15), 122)
"""The same up to 15 March."""


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """Days on which a trail is open, or may be.

    Attributes
    ----------
    first, last
        The earliest and the latest of them, both included.
    sure
        First and last day on which it is surely open; None where that is no day.
    """

    first: dt.date
    last: dt.date
    sure: tuple[dt.date, dt.date] | None

    @property
    def is_certain(self) -> bool:
        """Whether it is surely open on each of these days."""
        return self.sure == (self.first, self.last)


@dataclass(frozen=True, slots=True)
class Season:
    """The open days of every year, or of one year.

    Attributes
    ----------
    spans
        Runs of open days in the order in which they were written, none of which overlap. Those of
        every year begin in a leap year, and may run over its end; 29 February as the last day is
        the end of February.
    is_dated
        Whether the season was written with its year; it says nothing of others.
    """

    spans: tuple[OpenSpan, ...]
    is_dated: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether it is clear for each day if it is one of the season."""
        return all(span.is_certain for span in self.spans)

    @property
    def is_whole_year(self) -> bool:
        """Whether the season has every day of every year."""
        return not self.is_dated and self.is_certain and len(find_days(self.spans)) == DAYS_OF_YEAR

    def is_closed_in_winter(self, is_southern: bool = False) -> bool:
        """Check whether a trail is closed each winter, and on no day outside of it.

        Parameters
        ----------
        is_southern
            Whether the trail lies south of the equator, where winter comes half a year later.

        Notes
        -----
        Winter is that of meteorologists, December to February. People are generous with its
        ends: up to half a month at either end may be more or less, but not its middle.
        """
        if self.is_dated or not self.is_certain:
            return False
        year = [_add_days(dt.date(LEAP_YEAR, 1, 1), count) for count in range(DAYS_OF_YEAR)]
        closed_days = set(year) - find_days(self.spans)
        half_year = DAYS_OF_YEAR // 2 if is_southern else 0
        middle, widest = (
            {_add_days(first, half_year + count) for count in range(length)}
            for first, length in (MIDDLE_OF_WINTER, WIDEST_WINTER)
        )
        return middle <= closed_days <= widest

    def find_spans(self, day: dt.date) -> list[OpenSpan]:
        """Return the runs of open days before, on and after a day, as they fall in its years."""
        if self.is_dated:
            return list(self.spans)
        years = [year for year in range(day.year - 1, day.year + 2) if 0 <= year <= dt.MAXYEAR]
        moved = (_move_span(span, year) for span in self.spans for year in years)
        return [span for span in moved if span is not None]

    def __str__(self) -> str:
        """Write the season as ``MM-DD/MM-DD``, a dated one as ``YYYY-MM-DD/YYYY-MM-DD``."""
        day = "%Y-%m-%d" if self.is_dated else "%m-%d"
        return ", ".join(f"{s.first:{day}}/{s.last:{day}}" for s in self.spans)


def find_complement(closed: list[Season]) -> Season | None:
    """Return the season between days that are closed; None where there is none, or not surely."""
    # Closed days of one year say nothing of others.
    if not closed or any(season.is_dated or not season.is_certain for season in closed):
        return None
    closed_days = find_days(span for season in closed for span in season.spans)
    # Every day of a leap year, so that 29 February has its place.
    year = [_add_days(dt.date(LEAP_YEAR, 1, 1), count) for count in range(DAYS_OF_YEAR)]
    # A run of open days begins after a closed day and ends before the next, round the year's end.
    first_days = [
        day for day in year if day not in closed_days and _add_days(day, -1) in closed_days
    ]
    last_days = [day for day in year if day not in closed_days and _add_days(day, 1) in closed_days]
    # A run over the end of the year begins last but ends first in the list, so the ends move on.
    if first_days and last_days[0] < first_days[0]:
        last_days = [*last_days[1:], last_days[0]]
    spans = [make_span(first, last) for first, last in zip(first_days, last_days, strict=True)]
    return Season(tuple(spans)) if spans else None


def find_days(spans: Iterable[OpenSpan]) -> set[dt.date]:
    """Return the days of a leap year that are in spans of every year."""
    days: set[dt.date] = set()
    for span in spans:
        # Both ends are included; the remainder carries a span over the end of the year.
        count = (span.last - span.first).days % DAYS_OF_YEAR + 1
        days |= {_add_days(span.first, n) for n in range(count)}
    return days


def _add_days(day: dt.date, count: int) -> dt.date:
    """Return the day so many days later in the same leap year, round its end."""
    new_year = dt.date(LEAP_YEAR, 1, 1)
    return new_year + dt.timedelta(days=((day - new_year).days + count) % DAYS_OF_YEAR)


def make_span(first_day: dt.date, last_day: dt.date) -> OpenSpan:
    """Return days on each of which a trail is surely open."""
    return OpenSpan(first_day, last_day, (first_day, last_day))


def _move_span(span: OpenSpan, year: int) -> OpenSpan | None:
    """Return a span of every year as it begins in a year; None where that is before all years."""
    first_day = _move_day(span.first, year, is_end=False)
    is_over_new_year = span.last < span.first
    last_day = _move_day(span.last, year + is_over_new_year, is_end=True)
    if last_day is None or (first_day is None and not is_over_new_year) or first_day == dt.date.max:
        return None
    # Days of the sure part that lie before the span's first day belong to the next year.
    sure = span.sure and tuple(
        _move_day(day, year + (day < span.first), is_end=bool(n)) or dt.date.min
        for n, day in enumerate(span.sure)
    )
    return OpenSpan(first_day or dt.date.min, last_day, (sure[0], sure[1]) if sure else None)


def _move_day(day: dt.date, year: int, *, is_end: bool) -> dt.date | None:
    """Return a day of the leap year in another; None before all years.

    29 February is 1 March in a common year where a season begins, and 28 February where it ends.
    """
    if year > dt.MAXYEAR:
        return dt.date.max
    if year < dt.MINYEAR:
        return None
    if (day.month, day.day) == (2, 29) and not calendar.isleap(year):
        return dt.date(year, 2, 28) if is_end else dt.date(year, 3, 1)
    return day.replace(year=year)
