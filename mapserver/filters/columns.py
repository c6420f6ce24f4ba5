"""Columns of a frame as operands: which can be asked for, and what kind each is."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapserver.errors import N_, QueryError
from mapserver.filters import written_moments
from mapserver.filters.folding import compose
from mapserver.filters.moments import read_column_moment
from mapserver.filters.operands import EMPTY_VALUES, Kind, Operand, change_texts

KINDS_OF_TYPES = {
    "string": Kind.TEXT,
    "text": Kind.TEXT,
    "number": Kind.NUMBER,
    "integer": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "date-time": Kind.TIMESTAMP,
    "timestamp": Kind.TIMESTAMP,
    **dict.fromkeys(written_moments.KINDS_OF_TYPES, Kind.TEXT),
    "array": Kind.ARRAY,
    "geometry": Kind.GEOMETRY,
}
"""What a type of JSON Schema or CQL2, or a format of it, is here."""

SHOWN_NAMES = 30
"""Properties that a message names when one does not exist; a table may have hundreds."""


class Columns:
    """The properties of a frame that can be asked for.

    Parameters
    ----------
    frame
        With its ids as index.
    types
        The properties that can be asked for, with their types; None for every column.
    zone
        Of times without a zone.
    """

    def __init__(
        self, frame: gpd.GeoDataFrame, types: Mapping[str, str] | None, zone: dt.tzinfo
    ) -> None:
        self._frame = frame
        self._types = types
        self._zone = zone
        self._operands: dict[str, Operand] = {}

    def read(self, name: str) -> Operand:
        """Return a property as an operand.

        Raises
        ------
        QueryError
            There is no such property, with the names of those that there are.
        """
        if name not in self._operands:
            self._operands[name] = self._make(name)
        return self._operands[name]

    def _make(self, name: str) -> Operand:
        names = self._list_names()
        # Of two columns that look the same, the one that is written as it is asked for.
        column = name if name in names else next((n for n in names if compose(n) == name), name)
        if column in names and column in self._frame.columns:
            given = self._types.get(column) if self._types is not None else None
            kind = KINDS_OF_TYPES.get(given) if given else None
            operand = make_operand(self._frame[column], name, kind, self._zone)
            return self._add_moments(operand, self._frame[column], given)
        # A column of the same name goes first: what follows has no column of its own.
        if name == "id":
            ids = pd.Series(self._frame.index, dtype=object).astype(str)
            return make_operand(ids, name, Kind.TEXT, self._zone)
        if name in {"geometry", "geom"} and (active := self._find_geometry()):
            return make_operand(self._frame[active], name, Kind.GEOMETRY, self._zone)
        raise QueryError(
            N_("there is no property {name} to filter by"),
            parameter="filter",
            mend=N_("There are: {names}"),
            name=name or '""',
            names=", ".join(dict.fromkeys([*names, "id", "geometry"][:SHOWN_NAMES])),
        )

    def _add_moments(self, texts: Operand, column: pd.Series[Any], type_: str | None) -> Operand:
        """Return a column of texts with the dates or times that it is said to have, or has."""
        if texts.kind is not Kind.TEXT:
            return texts

        @cache
        def read() -> Operand | None:
            kind = (
                written_moments.find_moment_kind(column)
                if type_ is None
                else written_moments.KINDS_OF_TYPES.get(type_)
            )
            if kind is None:
                return None
            return written_moments.read_written_moments(texts, kind, self._zone)

        return replace(texts, read_moment=read)

    def _list_names(self) -> list[str]:
        chosen = self._frame.columns if self._types is None else self._types
        return [str(name) for name in chosen]

    def _find_geometry(self) -> str:
        """Return the name of the frame's geometry; empty for a frame without one."""
        name = getattr(self._frame, "_geometry_column_name", None)
        return str(name) if name in self._frame.columns else ""


def make_operand(column: pd.Series[Any], name: str, kind: Kind | None, zone: dt.tzinfo) -> Operand:
    """Return a column as an operand.

    Parameters
    ----------
    column
        Of any type; a value that is missing is unknown, and so is one of another kind.
    name
        Of the property.
    kind
        What it is said to be; None for what it is.
    zone
        Of times without a zone.
    """
    kind = kind or _find_kind(column)
    if kind is Kind.GEOMETRY:
        values = np.asarray(column.array, dtype=object)
        return Operand(kind, values, shapely.is_missing(values), name)
    is_unknown = _find_missing(column)
    if kind in {Kind.NUMBER, Kind.BOOLEAN}:
        return _make_numbers(column, name, kind, is_unknown)
    if kind is Kind.TIMESTAMP and pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _make_timestamps(column, name, is_unknown, zone)
    return _make_objects(column, name, kind, is_unknown, zone)


def _find_missing(column: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    # A list is never missing, and pandas looks into none of a column of objects.
    return np.asarray(column.isna(), dtype=bool)


def _find_kind(column: pd.Series[Any]) -> Kind:
    """Return what a column is, by its type or else by its first value."""
    dtype = column.dtype
    if dtype == "geometry":
        return Kind.GEOMETRY
    if pd.api.types.is_bool_dtype(dtype):
        return Kind.BOOLEAN
    if pd.api.types.is_numeric_dtype(dtype):
        return Kind.NUMBER
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return Kind.TIMESTAMP
    position = column.first_valid_index()
    value = column.array[int(np.argmax(~_find_missing(column)))] if position is not None else None
    return _find_kind_of_value(value)


def _find_kind_of_value(value: object) -> Kind:
    if isinstance(value, (bool, np.bool_)):
        return Kind.BOOLEAN
    if isinstance(value, (int, float, np.number)):
        return Kind.NUMBER
    # A time is a date to Python, too.
    if isinstance(value, dt.datetime):
        return Kind.TIMESTAMP
    if isinstance(value, dt.date):
        return Kind.DATE
    if isinstance(value, shapely.Geometry):
        return Kind.GEOMETRY
    return Kind.ARRAY if isinstance(value, (list, tuple, set, frozenset, np.ndarray)) else Kind.TEXT


def _make_numbers(
    column: pd.Series[Any], name: str, kind: Kind, is_unknown: npt.NDArray[np.bool_]
) -> Operand:
    """Return numbers as float64, or booleans; what cannot be read as one is unknown."""
    numbers = pd.to_numeric(column, errors="coerce")
    values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    is_unknown = is_unknown | ~np.isfinite(values)
    values = np.where(is_unknown, 0.0, values)
    return Operand(kind, values.astype(bool) if kind is Kind.BOOLEAN else values, is_unknown, name)


def _make_timestamps(
    column: pd.Series[Any], name: str, is_unknown: npt.NDArray[np.bool_], zone: dt.tzinfo
) -> Operand:
    """Return a column of times as microseconds since 1970 in UTC."""
    if column.dt.tz is None:
        # An hour that a change of the clock skips or repeats is that of summer, as Python has it.
        ambiguous = np.ones(len(column), dtype=bool)
        column = column.dt.tz_localize(zone, ambiguous=ambiguous, nonexistent="shift_forward")
    instants = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    return Operand(Kind.TIMESTAMP, instants.astype(np.int64), is_unknown, name)


def _make_objects(
    column: pd.Series[Any],
    name: str,
    kind: Kind,
    is_unknown: npt.NDArray[np.bool_],
    zone: dt.tzinfo,
) -> Operand:
    """Return texts, lists, or dates and times that stand as objects or texts in a column."""
    if kind is Kind.TEXT and pd.api.types.infer_dtype(column, skipna=True) in {"string", "empty"}:
        # Nearly all columns are of texts alone, and are taken as a whole.
        values = np.where(is_unknown, "", column.to_numpy(dtype=object))
        # What a city has read is composed already; another frame need not be.
        if not all(unicodedata.is_normalized("NFC", text) for text in values):
            values = change_texts(values, compose)
        return Operand(kind, values, is_unknown, name)
    values = np.empty(len(column), dtype=object)
    for position, value in enumerate(column.array):
        values[position] = None if is_unknown[position] else _read_value(value, kind, zone)
    is_unknown = np.fromiter((value is None for value in values), dtype=bool, count=len(values))
    if is_unknown.any():
        filler = np.empty(1, dtype=object)
        filler[0] = EMPTY_VALUES[kind]
        values[is_unknown] = filler
    if kind in {Kind.DATE, Kind.TIMESTAMP}:
        values = values.astype(np.int64)
    return Operand(kind, values, is_unknown, name)


def write_text(value: object) -> str:
    """Write a value of a column of several kinds as the text that answers have for it.

    Examples
    --------
    >>> write_text(True), write_text(2), write_text("2층")
    ('true', '2', '2층')
    """
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, (bool, np.bool_)) else str(value)


def _read_value(value: Any, kind: Kind, zone: dt.tzinfo) -> object:
    """Return a value of a column as operands have it; None for one of another kind."""
    if kind is Kind.TEXT:
        return compose(write_text(value))
    if kind is Kind.ARRAY:
        is_list = isinstance(value, (list, tuple, set, frozenset, np.ndarray))
        return tuple(value) if is_list else None
    return read_column_moment(value, kind, zone)
