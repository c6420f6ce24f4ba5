"""How long messages to the direct line waited for an answer, and whether it came in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from enum import StrEnum

import numpy as np
import pandas as pd

from mapserver.analysis.working_hours import (
    Moments,
    add_working_hours,
    convert_local,
    convert_utc,
    measure_working_hours,
)
from mapserver.model import arguments
from mapserver.text.dates import KOREA
from mapserver.text.findings import Finding

PROMISED_H = 48
"""The promise: an answer within 48 hours by the wall clock."""
PROMISED_WORKING_H = 16
"""The same as the law counts: two days of eight working hours."""


class Outcome(StrEnum):
    """Whether a message was answered in time; ``PENDING`` is not due yet."""

    IN_TIME = "in time"
    LATE = "late"
    PENDING = "pending"
    UNKNOWN = "unknown"


def measure_answers(
    requests: pd.DataFrame,
    holidays: pd.DataFrame | None,
    *,
    now: dt.datetime,
    zone: dt.tzinfo = KOREA,
) -> pd.DataFrame:
    """Measure how long each message waited, by the wall clock and in working hours.

    Parameters
    ----------
    requests
        The ledger ``requests``: ``received`` and ``answered`` with a zone, None where not known,
        and ``unclear`` where a cell was not understood.
    holidays
        The ledger ``holidays``: ``date``, and ``is_holiday``, which is ``no`` for a day on which
        offices work. A year of which it has no day is not known.
    now
        With a zone: a message without an answer is late once it is due.
    zone
        The city's time zone.

    Returns
    -------
    DataFrame
        Indexed as the requests: ``month`` (``2026-10``, None where nobody knows when it came),
        ``wall_h`` and ``working_h`` (hours to the answer; NaN without one, or not known),
        ``wall`` and ``working`` (an ``Outcome`` each), and ``missing_holidays`` (the year of which
        holidays are needed and not known, ``""`` where none is).
    """
    arguments.require_table(requests, "requests")
    received, answered = list(requests["received"]), list(requests["answered"])
    days_off = _list_days_off(holidays)
    start, end = convert_local(received, zone), convert_local(answered, zone)
    wall_h = (convert_utc(answered) - convert_utc(received)) / np.timedelta64(1, "h")
    due = add_working_hours(start, PROMISED_WORKING_H, days_off)
    # An answer before its message, or one whose cell was not understood, says nothing of either.
    is_unclear = np.array([fault is not None for fault in _get_faults(requests)], dtype=bool)
    is_unknown = np.isnat(start) | (wall_h < 0) | (np.isnat(end) & is_unclear)
    moment = convert_local([now], zone)[0]
    wall_due = convert_utc(received) + np.timedelta64(PROMISED_H, "h")
    wall = _judge(wall_due, convert_utc(answered), convert_utc([now])[0])
    working = _judge(due, end, moment)
    wall[is_unknown] = working[is_unknown] = Outcome.UNKNOWN
    # What matters up to the limit, and for the hours up to the answer, when that came later.
    missing_limit = _find_missing_years(start, np.fmin(end, due), days_off)
    missing_answer = _find_missing_years(start, end, days_off)
    working[missing_limit != ""] = Outcome.UNKNOWN
    working_h = measure_working_hours(start, end, days_off)
    working_h[is_unknown | (missing_answer != "")] = np.nan
    months = [None if np.isnat(day) else str(day)[:7] for day in start]
    return pd.DataFrame(
        {
            "month": pd.Series(months, requests.index, dtype=object),
            "wall_h": np.where(is_unknown, np.nan, wall_h),
            "working_h": working_h,
            "wall": wall,
            "working": working,
            "missing_holidays": np.where(is_unknown, "", missing_limit),
        },
        requests.index,
    )


def _list_days_off(holidays: pd.DataFrame | None) -> list[dt.date]:
    """List the days off, none of a year of which it is not understood whether some day is one."""
    if holidays is None:
        return []
    flags = holidays["is_holiday"] if "is_holiday" in holidays else [None] * len(holidays)
    rows = [
        (day, flag, isinstance(fault, Finding) and flag is None)
        for day, flag, fault in zip(holidays["date"], flags, _get_faults(holidays), strict=True)
        if day is not None
    ]
    # Any other fault of a row with a day leaves it one: what was not read is the flag alone.
    unclear_years = {day.year for day, _, is_unclear in rows if is_unclear}
    return [day for day, flag, _ in rows if flag != "no" and day.year not in unclear_years]


def _get_faults(requests: pd.DataFrame) -> Iterable[object]:
    return requests["unclear"] if "unclear" in requests else [None] * len(requests)


def _judge(due: Moments, answered: Moments, now: np.datetime64) -> np.ndarray:
    """Return for each message whether it was answered by the time at which it was due."""
    # A comparison with NaT is false, so a message without an answer is not in time.
    outcomes = np.where(answered <= due, Outcome.IN_TIME, Outcome.LATE).astype(object)
    outcomes[np.isnat(answered) & ~(due < now)] = Outcome.PENDING
    return outcomes


def _find_missing_years(
    starts: Moments, ends: Moments, days_off: Collection[dt.date]
) -> np.ndarray:
    """Return for each span the first year in it of which no holiday is known, ``""`` for none."""
    known_years = {day.year for day in days_off}
    # numpy counts years from 1970; of a missing moment it makes a number that is not looked at.
    years = [moments.astype("datetime64[Y]").astype(int) + 1970 for moments in (starts, ends)]
    is_span = ~(np.isnat(starts) | np.isnat(ends))
    missing = [
        str(next((y for y in range(first, last + 1) if y not in known_years), "")) if known else ""
        for known, first, last in zip(is_span, *years, strict=True)
    ]
    return np.array(missing, dtype=object)


def find_last_due(
    month: str, holidays: pd.DataFrame | None, zone: dt.tzinfo = KOREA
) -> dt.datetime:
    """Find when every message that may have come in a month is due, by both clocks.

    Parameters
    ----------
    month
        As ``2026-10``.
    holidays, zone
        As for :func:`measure_answers`.

    Examples
    --------
    October 2026 ends on a Saturday:

    >>> find_last_due("2026-10", None).isoformat()
    '2026-11-03T18:00:00+09:00'
    """
    days_off = _list_days_off(holidays)
    # The last second of a month is when the last message of it may have come.
    first = np.datetime64(month, "M")
    last = (first + 1).astype("datetime64[s]") - np.timedelta64(1, "s")
    working_due = add_working_hours(np.array([last]), PROMISED_WORKING_H, days_off)[0]
    wall_due = last + np.timedelta64(PROMISED_H, "h")
    due: dt.datetime = max(working_due, wall_due).astype(dt.datetime)
    return due.replace(tzinfo=zone)
