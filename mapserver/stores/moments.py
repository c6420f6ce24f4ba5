"""Days and times that stand as texts in a large layer: which columns have them, asked as SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mapserver.errors import QueryError
from mapserver.filters.comparison import OPERATORS
from mapserver.filters.moments import (
    EPOCH,
    EPOCH_DAY,
    find_day_bounds,
    read_date,
    read_moment,
    read_timestamp,
)
from mapserver.filters.operands import Kind
from mapserver.filters.temporal import OPEN, RELATIONS, Span
from mapserver.filters.written_moments import KINDS_OF_TYPES, PATTERNS, TYPES
from mapserver.settings import limits
from mapserver.stores.conditions import Condition
from mapserver.stores.quoting import write_sql

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable

FIRST_DAY, LAST_DAY = "", "~"
"""Texts before and behind every day, for periods without a beginning or an end."""


@dataclass(frozen=True, slots=True, eq=False)
class Edge:  # noqa: PLW1641 -- nobody looks one up
    """A moment of a column or of a filter; comparing two writes what is to be asked."""

    sql: Composable
    values: tuple[object, ...] = ()

    def _relate(self, sign: str, edge: Any) -> Condition:
        text = f"({{}} {sign} {{}})"
        return Condition(write_sql(text, self.sql, edge.sql), self.values + edge.values)

    def __lt__(self, edge: object) -> Condition:
        return self._relate("<", edge)

    def __le__(self, edge: object) -> Condition:
        return self._relate("<=", edge)

    def __gt__(self, edge: object) -> Condition:
        return self._relate(">", edge)

    def __ge__(self, edge: object) -> Condition:
        return self._relate(">=", edge)

    def __eq__(self, edge: object) -> Any:
        return self._relate("=", edge)

    def __ne__(self, edge: object) -> Any:
        return self._relate("<>", edge)


class MomentColumn:
    """A column of texts that are days or times, as filters in SQL ask about it.

    Parameters
    ----------
    column
        As SQL.
    type_
        ``text-date`` or ``text-date-time``.
    zone
        In which days begin.
    """

    def __init__(self, column: Composable, type_: str, zone: dt.tzinfo) -> None:
        from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

        self._kind, self._zone = KINDS_OF_TYPES[type_], zone
        if self._kind is Kind.DATE:
            # Days are in the order of their letters, so that an index of these serves.
            self._edge = Edge(write_sql('{} COLLATE "C"', column))
        else:
            # A text that came since the column was looked at must not stop the whole question.
            pattern = sql.Literal(f"^{PATTERNS[self._kind]}$")
            text = 'CASE WHEN {} COLLATE "C" ~ {} THEN {}::timestamptz END'
            self._edge = Edge(write_sql(f"({text})", column, pattern, column))

    def compare(self, sign: str, constant: Mapping[str, object]) -> Condition:
        """Compare the column with a date or a time of a filter.

        Raises
        ------
        ValueError
            SQL cannot say it.
        """
        kind, value = self._read_constant(constant)
        edge, relate = self._edge, OPERATORS[sign]
        written: Condition
        if self._kind is Kind.DATE:
            # A time is earlier or later than all days but its own, so its day decides.
            day = value if kind is Kind.DATE else self._find_day(value)
            written = relate(edge, _make_day(day))
        elif kind is Kind.TIMESTAMP:
            written = relate(edge, _make_time(value))
        else:
            written = self._compare_with_day(sign, value)
        return written

    def _compare_with_day(self, sign: str, day: int) -> Condition:
        """Compare times with a whole day."""
        # Every moment of a day is equal to it, so each sign asks for one of its ends or for both.
        edge, (begin, end) = self._edge, self._find_span(Kind.DATE, day)
        choices = {
            "=": lambda: (edge >= begin) & (edge <= end),
            "<>": lambda: (edge < begin) | (edge > end),
            "<": lambda: edge < begin,
            "<=": lambda: edge <= end,
            ">": lambda: edge > end,
            ">=": lambda: edge >= begin,
        }
        return choices[sign]()

    def relate(self, name: str, constant: object, *, is_left: bool) -> Condition:
        """Relate the column to an instant or a period of a filter.

        Parameters
        ----------
        name
            A key of ``temporal.RELATIONS``.
        constant
            In the JSON form of the filter.
        is_left
            Whether the column is the first of the two.

        Raises
        ------
        ValueError
            SQL cannot say it.
        """
        period = constant.get("interval") if isinstance(constant, dict) else None
        ends = period if isinstance(period, list) and len(period) == 2 else [constant] * 2
        is_open = [period is not None and end == OPEN for end in ends]
        pair = (
            self._make_open(is_last=bool(place)) if is_open[place] else self._make_end(end, place)
            for place, end in enumerate(ends)
        )
        # Two ends stand in the place of those of arrays, which are compared by the same signs.
        span: Any = Span
        sides = [span(self._edge, self._edge), span(*pair)]
        related: Condition = RELATIONS[name](*(sides if is_left else reversed(sides)))
        return related

    def _read_constant(self, constant: object) -> tuple[Kind, int]:
        """Return a date or time of the filter with its kind."""
        try:
            if isinstance(constant, str):
                return read_moment(constant, self._zone)
        except QueryError as error:
            raise ValueError(constant) from error
        tree = constant if isinstance(constant, dict) else {}
        day = read_date(text) if isinstance(text := tree.get("date"), str) else None
        if day is not None:
            return Kind.DATE, day
        text = tree.get("timestamp")
        time = read_timestamp(text, self._zone) if isinstance(text, str) else None
        if time is None:
            raise ValueError(constant)
        return Kind.TIMESTAMP, time

    def _make_end(self, constant: object, place: int) -> Edge:
        kind, value = self._read_constant(constant)
        if self._kind is Kind.TIMESTAMP:
            return self._find_span(kind, value)[place]
        if kind is not Kind.DATE:
            raise ValueError(constant)  # a day among times is its first and last moment
        return _make_day(value)

    def _make_open(self, *, is_last: bool) -> Edge:
        if self._kind is Kind.DATE:
            return Edge(write_sql("%s"), (LAST_DAY if is_last else FIRST_DAY,))
        return Edge(write_sql("%s::timestamptz"), ("infinity" if is_last else "-infinity",))

    def _find_span(self, kind: Kind, value: int) -> tuple[Edge, Edge]:
        """Return the first and the last moment of a time, which are one, or of a day."""
        if kind is Kind.TIMESTAMP:
            return _make_time(value), _make_time(value)
        begin_us, end_us = find_day_bounds(np.array([value]), self._zone)
        return _make_time(int(begin_us[0])), _make_time(int(end_us[0]))

    def _find_day(self, time_us: int) -> int:
        """Return the day that a time is in: earlier days are before it, and later ones after it."""
        # The day on the calendar of the zone, counted from 1970, as filters count days.
        local = _find_time(time_us).astimezone(self._zone)
        day = (local.date() - EPOCH_DAY).days
        begin_us, end_us = find_day_bounds(np.array([day]), self._zone)
        if not begin_us[0] <= time_us <= end_us[0]:
            raise ValueError(local)  # of a zone that has left out a day
        return day


def _make_day(day: int) -> Edge:
    return Edge(write_sql("%s"), ((EPOCH_DAY + dt.timedelta(days=day)).isoformat(),))


def _make_time(time_us: int) -> Edge:
    return Edge(write_sql("%s::timestamptz"), (_find_time(time_us).isoformat(),))


def _find_time(time_us: int) -> dt.datetime:
    try:
        return EPOCH + dt.timedelta(microseconds=time_us)
    except OverflowError as error:
        raise ValueError(time_us) from error


def find_moments(
    cursor: psycopg.Cursor[Any], rows: Composable, labels: Sequence[str]
) -> dict[str, str]:
    """Find the columns of a table of which all values are days, or times with an offset.

    Parameters
    ----------
    cursor
        Within a transaction.
    rows
        The rows, as a part of SQL.
    labels
        The columns that are texts in a frame.

    Returns
    -------
    dict of str to str
        The type of each such column, ``text-date`` or ``text-date-time``.
    """
    # Nearly all columns are told by a few rows, and only what is left is looked at as a whole.
    few = write_sql("(SELECT * FROM {} LIMIT %s) few", rows)
    chosen = [(label, kind) for label in labels for kind in TYPES]
    answers = _test_columns(cursor, few, chosen, [limits.LARGE_ANCHOR_ROWS])
    # A column that has no value among these may have some.
    chosen = [pair for pair, is_it in zip(chosen, answers, strict=True) if is_it is not False]
    answers = _test_columns(cursor, rows, chosen, [])
    return {
        label: TYPES[kind] for (label, kind), is_it in zip(chosen, answers, strict=True) if is_it
    }


def _test_columns(
    cursor: psycopg.Cursor[Any],
    rows: Composable,
    chosen: Sequence[tuple[str, Kind]],
    bound: Sequence[object],
) -> Sequence[bool | None]:
    """Test whether all values of columns are what they may be; None for one without values."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    if not chosen:
        return []
    tests = sql.SQL(", ").join(
        write_sql(
            'bool_and({}::text COLLATE "C" ~ {})',
            sql.Identifier(label),
            sql.Literal(f"^{PATTERNS[kind]}$"),
        )
        for label, kind in chosen
    )
    cursor.execute(write_sql("SELECT {} FROM {}", tests, rows), bound)
    answers: Sequence[bool | None] = cursor.fetchone() or []
    return answers
