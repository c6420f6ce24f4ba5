"""The array functions (A_*): two lists as sets of their values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np

from mapserver.filters.folding import compose
from mapserver.filters.moments import count_microseconds, read_column_moment
from mapserver.filters.operands import Kind, Operand, make_booleans, require_kind

RELATIONS: dict[str, Callable[[frozenset[Any], frozenset[Any]], bool]] = {
    "a_equals": lambda left, right: left == right,
    "a_contains": lambda left, right: left >= right,
    "a_containedby": lambda left, right: left <= right,
    "a_overlaps": lambda left, right: not left.isdisjoint(right),
}


def relate_arrays(name: str, left: Operand, right: Operand, zone: dt.tzinfo) -> Operand:
    """Compute a relation of two lists.

    Parameters
    ----------
    name
        A key of ``RELATIONS``.
    left, right
        Lists; in which order and how often values stand in them does not matter. A constant that
        is none stands for a list with itself alone.
    zone
        Of times without a zone.

    Raises
    ------
    QueryError
        One of them is no list.
    """
    # In text, parentheses around one value alone are those of an expression.
    left, right = (
        make_array([operand], operand.name)
        if operand.is_constant and operand.kind not in {Kind.ARRAY, Kind.NULL}
        else operand
        for operand in (left, right)
    )
    for operand in (left, right):
        require_kind(operand, (Kind.ARRAY,), name.upper())
    is_unknown = left.is_unknown | right.is_unknown
    if Kind.NULL in {left.kind, right.kind}:
        return make_booleans(np.zeros_like(is_unknown), np.ones_like(is_unknown))
    relate = RELATIONS[name]
    # A constant becomes a set once, and not again for each feature.
    sets = [[_make_set(values, zone) for values in side.values] for side in (left, right)]
    count = len(is_unknown)
    lefts, rights = (side * count if len(side) == 1 else side for side in sets)
    hits = (relate(one, other) for one, other in zip(lefts, rights, strict=True))
    return make_booleans(np.fromiter(hits, dtype=bool, count=count), is_unknown)


def make_array(items: list[Operand], name: str) -> Operand:
    """Return a list that stands in a filter, of constants or of properties.

    Parameters
    ----------
    items
        What stands in it; a list with an unknown value is unknown.
    name
        What messages call it.
    """
    is_unknown = np.zeros(1, dtype=bool)
    for item in items:
        is_unknown = is_unknown | item.is_unknown
    count = len(is_unknown)
    columns = [np.broadcast_to(_mark_values(item), count) for item in items]
    values = np.empty(count, dtype=object)
    for row in range(count):
        values[row] = tuple(column[row] for column in columns)
    is_constant = all(item.is_constant for item in items)
    return Operand(Kind.ARRAY, values, is_unknown, name, is_constant)


class _Marked(tuple[Kind, Any]):
    """A value with its kind, so that true, 1 and '1' stay three values."""

    __slots__ = ()


def _mark_values(item: Operand) -> Any:
    marked = np.empty(len(item.values), dtype=object)
    for position, value in enumerate(item.values):
        marked[position] = _Marked((item.kind, value))
    return marked


def _make_set(values: tuple[Any, ...], zone: dt.tzinfo) -> frozenset[Any]:
    return frozenset(_mark_value(value, zone) for value in values)


def _mark_value(value: Any, zone: dt.tzinfo) -> _Marked:
    """Return a value of a column's list with its kind."""
    if isinstance(value, _Marked):
        return value
    if isinstance(value, (bool, np.bool_)):
        return _Marked((Kind.BOOLEAN, bool(value)))
    if isinstance(value, (int, float, np.number)):
        return _Marked((Kind.NUMBER, float(value)))
    if isinstance(value, dt.datetime):
        return _Marked((Kind.TIMESTAMP, count_microseconds(value, zone)))
    if isinstance(value, dt.date):
        return _Marked((Kind.DATE, read_column_moment(value, Kind.DATE, zone)))
    return _Marked((Kind.TEXT, compose(str(value))))
