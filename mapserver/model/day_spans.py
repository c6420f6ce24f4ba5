"""Spans of days, sorted once: which of them holds on a day, and until when one after another does.

A trail may have thousands of closures. Going through all of them for each day on which one of them
begins or ends takes the square of their number; here each day is found by bisection.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")
Days = tuple[dt.date | None, dt.date | None]
"""The first and the last day, both included; None where a side is open."""
FIRST, LAST = dt.date.min.toordinal(), dt.date.max.toordinal()


class DayRuns:
    """Days that are in any of some spans, as runs of days without a gap.

    Parameters
    ----------
    spans
        In any order; those that end before they begin have no day.
    """

    def __init__(self, spans: Iterable[Days]) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in sorted(_count_days(span) for span in spans):
            if first > last:
                continue
            if self._lasts and first <= self._lasts[-1] + 1:
                self._lasts[-1] = max(self._lasts[-1], last)
            else:
                self._firsts.append(first)
                self._lasts.append(last)

    def find_end(self, day: dt.date) -> dt.date | None:
        """Find the last day of the run that a day is in; None where it is in none."""
        place = bisect_right(self._firsts, day.toordinal()) - 1
        is_in = place >= 0 and day.toordinal() <= self._lasts[place]
        return dt.date.fromordinal(self._lasts[place]) if is_in else None


class LongestSpans(Generic[T]):
    """For each day the value of the span that is said to last longest, of those that hold on it.

    Parameters
    ----------
    spans
        Days, the day until which the whole is said to last (None without an end), and the value.
        Of equal ones the first counts.
    """

    def __init__(self, spans: Iterable[tuple[Days, dt.date | None, T]]) -> None:
        rows = [
            (*_count_days(days), -(end or dt.date.max).toordinal(), position, value)
            for position, (days, end, value) in enumerate(spans)
        ]
        rows = [row for row in rows if row[0] <= row[1]]
        turns = sorted({row[0] for row in rows} | {row[1] + 1 for row in rows})
        to_begin = sorted(rows, key=lambda row: row[0], reverse=True)
        holding: list[tuple[int, int, int, T]] = []
        self._turns = turns
        self._values: list[T | None] = []
        for turn in turns:
            while to_begin and to_begin[-1][0] <= turn:
                _, last, rank, position, value = to_begin.pop()
                heappush(holding, (rank, position, last, value))
            # What is past is dropped once it comes to the top: each comes and goes once.
            while holding and holding[0][2] < turn:
                heappop(holding)
            self._values.append(holding[0][3] if holding else None)

    def find(self, day: dt.date) -> T | None:
        """Find the value of a day; None where no span holds on it."""
        place = bisect_right(self._turns, day.toordinal()) - 1
        return self._values[place] if place >= 0 else None


def _count_days(days: Days) -> tuple[int, int]:
    """Return both days of a span as numbers; those of the calendar where a side is open."""
    first, last = days
    return (
        FIRST if first is None else first.toordinal(),
        LAST if last is None else last.toordinal(),
    )
