"""Hours between two moments: by the wall clock, and in the working time that the law counts in.

A day has eight working hours, from 9 to 18 without the lunch hour; Saturdays, Sundays and holidays
have none (Civil Petitions Treatment Act, article 19, for periods of up to five days).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

Moments = npt.NDArray[np.datetime64]
Seconds = npt.NDArray[np.int64]

SECONDS_AN_HOUR = 3600
OPENS_AT, LUNCH_AT, BACK_AT, CLOSES_AT = (hour * SECONDS_AN_HOUR for hour in (9, 12, 13, 18))
"""When an office opens, goes to lunch, is back and closes, in seconds of the day."""
MORNING_S = LUNCH_AT - OPENS_AT
WORKING_DAY_S = MORNING_S + CLOSES_AT - BACK_AT
"""Working time of a day: eight hours."""
FIRST_DAY = np.datetime64("1900-01-01", "D")
"""A Monday before all messages: working time is counted from it."""
WEEK = "1111100"
"""Monday to Friday are working days."""


def convert_local(moments: Sequence[dt.datetime | None], zone: dt.tzinfo) -> Moments:
    """Convert moments to local times without a zone, to the second; NaT where there is none.

    Parameters
    ----------
    moments
        With a zone.
    zone
        The city's time zone: offices open by its clocks.
    """
    # Seconds are as fine as any office writes; a fraction would make a message late by a rounding.
    local_times = [m and m.astimezone(zone).replace(tzinfo=None, microsecond=0) for m in moments]
    return np.array(local_times, dtype="datetime64[s]")


def convert_utc(moments: Sequence[dt.datetime | None]) -> Moments:
    """Convert moments to UTC without a zone, to the second; NaT where there is none."""
    return convert_local(moments, dt.UTC)


def measure_working_hours(
    starts: Moments, ends: Moments, holidays: Collection[dt.date]
) -> npt.NDArray[np.float64]:
    """Measure the working time between local times, in hours; NaN where one of them is missing.

    Parameters
    ----------
    starts, ends
        Local times, as :func:`convert_local` makes them.
    holidays
        Days without working time, beside Saturdays and Sundays.

    Examples
    --------
    From Friday at 17 to Tuesday at 17 it is two days of eight hours.

    >>> friday, tuesday = np.array(["2026-11-20T17", "2026-11-24T17"], "datetime64[s]")
    >>> measure_working_hours(friday, tuesday, []).item()
    16.0
    """
    is_missing = np.isnat(starts) | np.isnat(ends)
    days = _list_days_off(holidays)
    # Working time up to a moment only grows, so that between two moments is a difference.
    worked_s = _count_worked_s(ends, days) - _count_worked_s(starts, days)
    return np.where(is_missing, np.nan, worked_s / SECONDS_AN_HOUR)


def add_working_hours(starts: Moments, hours: int, holidays: Collection[dt.date]) -> Moments:
    """Find the first moment at which so many working hours have passed; NaT for no start.

    Parameters
    ----------
    starts, holidays
        As for :func:`measure_working_hours`.
    hours
        Working hours, from 1.

    Examples
    --------
    >>> saturday = np.array("2026-11-21T10", "datetime64[s]")
    >>> str(add_working_hours(saturday, 16, []))
    '2026-11-24T18:00:00'
    """
    is_missing = np.isnat(starts)
    days = _list_days_off(holidays)
    due_s = _count_worked_s(starts, days) + hours * SECONDS_AN_HOUR
    # A period that fills a day ends at its close, not at the opening of the next: the last day is
    # the one in which 1 to WORKING_DAY_S seconds of the period fall.
    full_days = (due_s - 1) // WORKING_DAY_S
    last_day_s = due_s - full_days * WORKING_DAY_S
    day = np.busday_offset(FIRST_DAY, full_days, roll="forward", weekmask=WEEK, holidays=days)
    clock_s = np.where(
        last_day_s <= MORNING_S, OPENS_AT + last_day_s, BACK_AT + last_day_s - MORNING_S
    )
    due = day.astype("datetime64[s]") + clock_s.astype("timedelta64[s]")
    return np.where(is_missing, np.datetime64("NaT"), due)


def _list_days_off(holidays: Collection[dt.date]) -> npt.NDArray[np.datetime64]:
    return np.array(sorted(holidays), dtype="datetime64[D]")


def _count_worked_s(moments: Moments, days_off: npt.NDArray[np.datetime64]) -> Seconds:
    """Count the seconds of working time since the first day; of a missing moment any number."""
    times = np.where(np.isnat(moments), FIRST_DAY.astype("datetime64[s]"), moments)
    days = times.astype("datetime64[D]")
    clock_s = (times - days).astype("timedelta64[s]").astype(np.int64)
    # What has passed of the day: the morning up to lunch, and the afternoon up to the close.
    morning_s = np.clip(clock_s - OPENS_AT, 0, MORNING_S)
    afternoon_s = np.clip(clock_s - BACK_AT, 0, CLOSES_AT - BACK_AT)
    is_working_day = np.is_busday(days, weekmask=WEEK, holidays=days_off)
    full_days = np.busday_count(FIRST_DAY, days, weekmask=WEEK, holidays=days_off)
    worked_s: Seconds = full_days * WORKING_DAY_S + (morning_s + afternoon_s) * is_working_day
    return worked_s
