"""Evaluate the JSON form of a filter over a frame: each operation once, over whole columns."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from mapserver.errors import N_, Phrase, QueryError
from mapserver.filters import arithmetic, arrays, comparison, logic, spatial, temporal
from mapserver.filters.columns import Columns
from mapserver.filters.folding import fold, fold_accents, fold_case
from mapserver.filters.functions import Function, call_function, find_function
from mapserver.filters.geometries import make_box, make_geometry
from mapserver.filters.moments import read_date, read_timestamp, refuse_moment
from mapserver.filters.operands import (
    Kind,
    Operand,
    make_constant,
    make_null,
    require_count,
    require_kind,
)
from mapserver.settings import limits

Operation = tuple[int, Callable[..., Operand]]


class Evaluator:
    """Evaluates filters over one frame.

    Parameters
    ----------
    frame
        Features in longitude and latitude, with their ids as index.
    types
        The properties that may be asked for, with their types; None for every column.
    to_lonlat
        Transforms geometries of the filter; None where they are in longitude and latitude.
    zone
        In which days begin.
    functions
        What may be called, by name.
    """

    def __init__(
        self,
        frame: gpd.GeoDataFrame,
        types: Mapping[str, str] | None,
        to_lonlat: Callable[[shapely.Geometry], shapely.Geometry] | None,
        zone: dt.tzinfo,
        functions: Mapping[str, Function],
    ) -> None:
        self._frame = frame
        self._columns = Columns(frame, types, zone)
        self._to_lonlat = to_lonlat
        self._zone = zone
        self._functions = dict(functions)
        self._operations = _list_operations(frame, zone)
        self._end_s = 0.0

    def find_rows(self, tree: Any) -> npt.NDArray[np.bool_]:
        """Return where a filter is true, as an array ``(n,)``.

        Raises
        ------
        QueryError
            It is no question of yes or no, does not fit the frame, or takes too long.
        """
        # Time of this thread alone: others that are busy must not make a filter fail.
        self._end_s = time.thread_time() + limits.MAX_FILTER_S
        answer = self._evaluate(tree)
        if answer.kind is Kind.NULL:
            return np.zeros(len(self._frame), dtype=bool)
        require_kind(answer, (Kind.BOOLEAN,), Phrase(N_("a filter")))
        rows = answer.values.astype(bool) & ~answer.is_unknown
        return np.broadcast_to(rows, len(self._frame)).copy()

    def _evaluate(self, tree: Any) -> Operand:
        """Return what a part of the filter is worth for each feature."""
        operand = self._evaluate_part(tree)
        # Behind each part: of operations within each other, the inner ones come first.
        self._require_time()
        return operand

    def _require_time(self) -> None:
        """Check that the time for this filter has not passed.

        Raises
        ------
        QueryError
            It has.
        """
        if time.thread_time() > self._end_s:
            raise QueryError(
                N_("the filter takes more than {most} s"),
                parameter="filter",
                mend=N_("Ask for less at once"),
                most=limits.MAX_FILTER_S,
            )

    def _evaluate_part(self, tree: Any) -> Operand:
        """Return what a dictionary, a list or a plain value of the JSON form is worth."""
        if isinstance(tree, dict):
            return self._evaluate_object(tree)
        if isinstance(tree, list):
            return self._evaluate_list(tree)
        return _make_literal(tree)

    def _evaluate_object(self, tree: dict[str, Any]) -> Operand:
        """Return the worth of an operation, a property, a date or a geometry."""
        if "op" in tree:
            return self._evaluate_operation(tree)
        if isinstance(name := tree.get("property"), str):
            return self._columns.read(name)
        if isinstance(text := tree.get("date"), str):
            return _make_moment(Kind.DATE, read_date(text), text)
        if isinstance(text := tree.get("timestamp"), str):
            return _make_moment(Kind.TIMESTAMP, read_timestamp(text, self._zone), text)
        if isinstance(numbers := tree.get("bbox"), list):
            return make_box([_read_number(number) for number in numbers], self._to_lonlat)
        if "type" in tree:
            return make_geometry(tree, self._to_lonlat)
        if "interval" in tree:
            raise QueryError(
                N_("a period can only stand in a temporal function"),
                parameter="filter",
                mend=N_("Write {example}"),
                example="T_DURING(updated, INTERVAL('2026-01-01', '..'))",
            )
        raise _refuse_object(tree)

    def _evaluate_operation(self, tree: dict[str, Any]) -> Operand:
        """Return the worth of an operation on its arguments."""
        name, given = tree["op"], tree.get("args")
        if not isinstance(name, str) or not isinstance(given, list):
            raise _refuse_object(tree)
        operation = name.lower()
        if operation in temporal.RELATIONS:
            require_count(given, 2, operation.upper())
            left, right = (self._evaluate_moment(one) for one in given)
            return temporal.relate_moments(operation, left, right, self._zone)
        if operation == "in":
            return self._evaluate_in(given)
        if operation in {"and", "or"}:
            if not given:
                raise _refuse_object(tree)
            # One after the other, so that the answers of all do not take memory together.
            combine = logic.combine_and if operation == "and" else logic.combine_or
            first = make_constant(Kind.BOOLEAN, operation == "and", operation.upper())
            return reduce(combine, (self._evaluate(argument) for argument in given), first)
        operands = [self._evaluate(argument) for argument in given]
        if operation not in self._operations:
            # A name that the standard does not know is that of a function.
            return call_function(find_function(name, self._functions), operands)
        count, apply = self._operations[operation]
        require_count(operands, count, name.upper())
        return apply(*operands)

    def _evaluate_in(self, given: list[Any]) -> Operand:
        """Return whether a value equals one of a list."""
        require_count(given, 2, "IN")
        if not isinstance(given[1], list):
            raise QueryError(
                N_("IN needs a list of values in parentheses"),
                parameter="filter",
                mend=N_("Write {example}"),
                example="surface IN ('soil', 'sand')",
            )
        options = (self._evaluate(option) for option in given[1])
        return comparison.is_in(self._evaluate(given[0]), options, self._zone)

    def _evaluate_list(self, tree: list[Any]) -> Operand:
        """Return a list that stands in the filter.

        Raises
        ------
        QueryError
            It has so many properties that lists for all features would take much memory.
        """
        items = [self._evaluate(item) for item in tree]
        if sum(len(item.values) for item in items) > limits.MAX_FILTER_LIST_VALUES:
            raise QueryError(
                N_("a list of the filter names properties for more than {most} values"),
                parameter="filter",
                mend=N_("Ask for less at once"),
                most=limits.MAX_FILTER_LIST_VALUES,
            )
        return arrays.make_array(items, "( )")

    def _evaluate_moment(self, tree: Any) -> Operand | temporal.Period:
        """Return an argument of a temporal function: an instant, or a period with its two ends."""
        if not isinstance(tree, dict) or "interval" not in tree:
            return self._evaluate(tree)
        ends = tree["interval"]
        if not isinstance(ends, list):
            raise _refuse_object(tree)
        require_count(ends, 2, "INTERVAL")
        first, last = (None if end == temporal.OPEN else self._evaluate(end) for end in ends)
        return temporal.make_period(first, last, self._zone)


def _list_operations(frame: gpd.GeoDataFrame, zone: dt.tzinfo) -> dict[str, Operation]:
    """Return the operations of the standard, but for AND, OR, IN and those of periods.

    Returns
    -------
    dict[str, Operation]
        By name in small letters: how many operands each takes, and what computes it.
    """
    compare, relate = comparison.compare, spatial.relate_geometries
    return {
        **{sign: (2, partial(compare, sign, zone=zone)) for sign in comparison.OPERATORS},
        **{sign: (2, partial(arithmetic.calculate, sign)) for sign in arithmetic.OPERATIONS},
        **{name: (2, partial(relate, name, frame=frame)) for name in spatial.PREDICATES},
        **{name: (2, partial(arrays.relate_arrays, name, zone=zone)) for name in arrays.RELATIONS},
        "between": (3, partial(comparison.is_between, zone=zone)),
        "not": (1, logic.negate),
        "isnull": (1, comparison.is_null),
        "like": (2, comparison.is_like),
        "casei": (1, partial(fold, operation="CASEI", change=fold_case)),
        "accenti": (1, partial(fold, operation="ACCENTI", change=fold_accents)),
    }


def _make_literal(value: Any) -> Operand:
    """Return a text, a number, true, false or NULL as a constant."""
    if value is None:
        return make_null()
    if isinstance(value, bool):
        return make_constant(Kind.BOOLEAN, value, str(value).upper())
    if isinstance(value, str):
        return make_constant(Kind.TEXT, value, f"'{value}'")
    number = _read_number(value)
    return make_constant(Kind.NUMBER, number, f"{number:.15g}")


def _read_number(value: Any) -> Any:
    """Return a number that is finite, and anything else as it is.

    Raises
    ------
    QueryError
        The number is larger than any that can be computed with.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise QueryError(N_("a number of the filter is too large"), parameter="filter")
    return value


def _make_moment(kind: Kind, value: int | None, text: str) -> Operand:
    if value is None:
        raise refuse_moment(text)
    return make_constant(kind, value, text)


def _refuse_object(tree: dict[str, Any]) -> QueryError:
    """Return the error for an object of JSON that means nothing in CQL2."""
    return QueryError(
        N_("an object of the filter with {keys} means nothing in CQL2"),
        parameter="filter",
        mend=N_("A filter looks like this: {example}"),
        keys=", ".join(sorted(str(key) for key in tree)[:4]) or "{}",
        example='{"op": "<", "args": [{"property": "length_km"}, 2]}',
    )
