"""Dates and times of filters: as whole numbers, so that columns of them are compared at once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.errors import N_, QueryError
from mapserver.filters.operands import Kind

DAY_US = 86_400_000_000
"""Microseconds of a day."""

EARLIEST, LATEST = np.iinfo(np.int64).min // 4, np.iinfo(np.int64).max // 4
"""An open beginning and an open end of a period, in microseconds: beyond every year."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
EPOCH_DAY = EPOCH.date()
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
TIMESTAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[-+]\d{2}:\d{2})?", re.ASCII
)


def read_date(text: str) -> int | None:
    """Return a date as days since 1970; None for a text that is none.

    Examples
    --------
    >>> read_date("1970-01-11"), read_date("1970-02-30")
    (10, None)
    """
    if not DATE.fullmatch(text) or not text.isascii():
        return None
    try:
        return (dt.date.fromisoformat(text) - EPOCH_DAY).days
    except ValueError:
        return None


def read_timestamp(text: str, zone: dt.tzinfo) -> int | None:
    """Return a time as microseconds since 1970 in UTC; None for a text that is none.

    Parameters
    ----------
    text
        As RFC 3339 has it; a text without a zone is in ``zone``.
    zone
        Of a text without a zone of its own.

    Examples
    --------
    >>> read_timestamp("1970-01-01T09:00:01+09:00", dt.UTC)
    1000000
    """
    if not TIMESTAMP.fullmatch(text):
        return None
    try:
        moment = dt.datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return count_microseconds(moment, zone)


def count_microseconds(moment: dt.datetime, zone: dt.tzinfo) -> int:
    """Return a time as microseconds since 1970 in UTC, exactly."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    # Whole microseconds: timestamp() is a float and loses the last of them.
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def read_moment(text: str, zone: dt.tzinfo) -> tuple[Kind, int]:
    """Return a date or a time with its kind.

    Raises
    ------
    QueryError
        The text is neither.
    """
    if (day := read_date(text)) is not None:
        return Kind.DATE, day
    if (moment := read_timestamp(text, zone)) is not None:
        return Kind.TIMESTAMP, moment
    raise refuse_moment(text)


def refuse_moment(text: object) -> QueryError:
    """Return the error for a text that is neither a date nor a time."""
    return QueryError(
        N_("{text} is no date and no time"),
        parameter="filter",
        mend=N_("Write {date} or {time}"),
        text=text,
        date="2026-11-26",
        time="2026-11-26T09:00:00Z",
    )


def find_day_bounds(
    days: npt.NDArray[np.int64], zone: dt.tzinfo
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the first and the last microsecond of days in a zone.

    Parameters
    ----------
    days
        Array of any shape, in days since 1970.
    zone
        In which the days begin at midnight; they may have 23 or 25 hours.
    """
    if zone is dt.UTC:
        return days * DAY_US, (days + 1) * DAY_US - 1
    # Columns have few different days; a zone is asked for each of them and the day after it.
    distinct, positions = np.unique(days, return_inverse=True)
    starts = np.array([_find_midnight(int(day), zone) for day in distinct], dtype=np.int64)
    ends = np.array([_find_midnight(int(day) + 1, zone) - 1 for day in distinct], dtype=np.int64)
    return starts[positions].reshape(days.shape), ends[positions].reshape(days.shape)


def _find_midnight(day: int, zone: dt.tzinfo) -> int:
    """Return the beginning of a day; of the last year that Python knows, that in UTC."""
    try:
        date = EPOCH_DAY + dt.timedelta(days=day)
        return count_microseconds(dt.datetime.combine(date, dt.time()), zone)
    except (OverflowError, ValueError):
        return day * DAY_US


def read_column_moment(value: Any, kind: Kind, zone: dt.tzinfo) -> int | None:
    """Return a value of a column as a date or a time of the kind that the column has.

    Parameters
    ----------
    value
        A text, a date, or a time with or without a zone.
    kind
        ``Kind.DATE`` or ``Kind.TIMESTAMP``.
    zone
        Of times without a zone.
    """
    if isinstance(value, dt.datetime):
        if kind is Kind.TIMESTAMP:
            return count_microseconds(value, zone)
        # A column of days may be typed as times; the time of day is then none of the data's.
        return (value.date() - EPOCH_DAY).days
    if isinstance(value, dt.date):
        days = (value - EPOCH_DAY).days
        if kind is Kind.DATE:
            return days
        # Among times, a day stands for its first moment.
        return int(find_day_bounds(np.array([days]), zone)[0][0])
    if not isinstance(value, str):
        return None
    return read_date(value) if kind is Kind.DATE else read_timestamp(value, zone)
