"""The temporal functions (T_*): how two instants or periods lie to each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mapserver.errors import N_, QueryError
from mapserver.filters.comparison import TEXT_MEND, read_text_moments
from mapserver.filters.moments import DAY_US, EARLIEST, LATEST, find_day_bounds
from mapserver.filters.operands import Kind, Mask, Operand, make_booleans, require_kind

OPEN = ".."
"""How the standard writes an open end of a period."""

Ends = npt.NDArray[np.int64]


class Span(NamedTuple):
    """The first and the last moments of instants or periods."""

    first: Ends
    last: Ends


Relation = Callable[[Span, Span], Any]

RELATIONS: dict[str, Relation] = {
    # As the table of the standard has them.
    "t_after": lambda one, other: one.first > other.last,
    "t_before": lambda one, other: one.last < other.first,
    "t_contains": lambda one, other: (one.first < other.first) & (one.last > other.last),
    "t_disjoint": lambda one, other: (one.last < other.first) | (one.first > other.last),
    "t_during": lambda one, other: (one.first > other.first) & (one.last < other.last),
    "t_equals": lambda one, other: (one.first == other.first) & (one.last == other.last),
    "t_finishedby": lambda one, other: (one.first < other.first) & (one.last == other.last),
    "t_finishes": lambda one, other: (one.first > other.first) & (one.last == other.last),
    "t_intersects": lambda one, other: (one.last >= other.first) & (one.first <= other.last),
    "t_meets": lambda one, other: one.last == other.first,
    "t_metby": lambda one, other: one.first == other.last,
    "t_overlappedby": lambda one, other: (
        (one.first > other.first) & (one.first < other.last) & (one.last > other.last)
    ),
    "t_overlaps": lambda one, other: (
        (one.first < other.first) & (one.last > other.first) & (one.last < other.last)
    ),
    "t_startedby": lambda one, other: (one.first == other.first) & (one.last > other.last),
    "t_starts": lambda one, other: (one.first == other.first) & (one.last < other.last),
}


class Period(tuple[Operand | None, Operand | None]):
    """The two ends of a period, each a date or time, or None where it is open."""

    __slots__ = ()


def relate_moments(name: str, left: Any, right: Any, zone: dt.tzinfo) -> Operand:
    """Compute a temporal relation.

    Parameters
    ----------
    name
        A key of ``RELATIONS``.
    left, right
        A date, a time, a constant text that is one, a column all of whose texts are, or a
        ``Period``. Where times are among them, a date is its whole day in ``zone``, as the first
        or last end of a period, too.
    zone
        In which days begin.

    Raises
    ------
    QueryError
        One of them is neither a date nor a time nor a period.
    """
    periods = [_make_period(operand, name, zone) for operand in (left, right)]
    ends = [end for period in periods for end in period if end is not None]
    has_days_alone = all(end.kind is Kind.DATE for end in ends)
    is_unknown = np.zeros(1, dtype=bool)
    for end in ends:
        is_unknown = is_unknown | end.is_unknown
    if any(end.kind is Kind.NULL for end in ends):
        return make_booleans(np.zeros_like(is_unknown), np.ones_like(is_unknown))
    one, other = (
        Span(
            _find_end(period[0], zone, is_last=False, has_days_alone=has_days_alone),
            _find_end(period[1], zone, is_last=True, has_days_alone=has_days_alone),
        )
        for period in periods
    )
    # A period of properties that ends before it begins is none that can be asked about.
    is_unknown = is_unknown | (one.first > one.last) | (other.first > other.last)
    values: Mask = np.asarray(RELATIONS[name](one, other), dtype=bool)
    # Two open ends are one value, however many features there are.
    shape = np.broadcast_shapes(values.shape, is_unknown.shape)
    return make_booleans(np.broadcast_to(values, shape), np.broadcast_to(is_unknown, shape))


def make_period(first: Operand | None, last: Operand | None, zone: dt.tzinfo) -> Period:
    """Return a period from its ends; None is an open one.

    Raises
    ------
    QueryError
        An end is neither a date nor a time, or two constant ends are in the wrong order.
    """
    ends = []
    for end in (first, last):
        plain = read_text_moments(end, zone) if end is not None else None
        if plain is not None:
            _require_moments(plain, "INTERVAL")
        ends.append(plain)
    if all(end is not None and end.is_constant for end in ends):
        begin = _find_end(ends[0], zone, is_last=False, has_days_alone=False)
        finish = _find_end(ends[1], zone, is_last=True, has_days_alone=False)
        if (begin > finish).any():
            raise QueryError(
                N_("the period from {first} to {last} ends before it begins"),
                parameter="filter",
                first=ends[0].name if ends[0] else "",
                last=ends[1].name if ends[1] else "",
            )
    return Period(ends)


def _make_period(operand: Operand | Period, name: str, zone: dt.tzinfo) -> Period:
    """Return an instant as a period that begins and ends with it."""
    if isinstance(operand, Period):
        return operand
    plain = read_text_moments(operand, zone)
    _require_moments(plain, name.upper())
    return Period((plain, plain))


def _require_moments(operand: Operand, operation: str) -> None:
    mend = TEXT_MEND if operand.kind is Kind.TEXT else ""
    require_kind(operand, (Kind.TIMESTAMP, Kind.DATE), operation, mend)


def _find_end(end: Operand | None, zone: dt.tzinfo, *, is_last: bool, has_days_alone: bool) -> Ends:
    """Return the first or the last microsecond of an end; of days alone, one for each day."""
    if end is None:
        return np.array([LATEST if is_last else EARLIEST])
    values = end.values.astype(np.int64)
    if end.kind is not Kind.DATE:
        return values
    # Days among themselves are instants: two of them meet where they are the same.
    return values * DAY_US if has_days_alone else find_day_bounds(values, zone)[int(is_last)]
