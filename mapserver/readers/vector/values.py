"""Values of columns as text or numbers: lists, durations and others that few formats can hold."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas.array import GeometryDtype

from mapserver.errors import N_
from mapserver.model import drop_infinite
from mapserver.readers.csv_text import describe_lost_digits
from mapserver.readers.vector.longnumbers import has_lost_digits, is_unsigned, make_whole
from mapserver.text.findings import Finding, Severity

NESTED = (list, tuple, dict, set, np.ndarray)
DURATIONS = (dt.timedelta, pd.Timedelta, np.timedelta64)
LARGE = N_("column {column} holds whole numbers of more than 63 bits; they are written as text")
WIDER_TYPES = {"int8": "int16", "uint8": "int16", "uint16": "int32", "uint32": "int64"}
"""Types of whole numbers that databases lack, and the next larger one with a sign."""
BINARY = (bytes, bytearray, memoryview)


def simplify_values(frame: gpd.GeoDataFrame, name: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Write values of unusual types as text or numbers, without loss where that can be.

    Parameters
    ----------
    frame
        Rows as a file gives them.
    name
        Name of the file for messages.

    Returns
    -------
    frame : GeoDataFrame
        Lists and dictionaries are JSON, durations and periods ISO 8601, intervals text, decimals
        numbers where a number says the same and text else, categories what they stand for.
        Columns of bytes are left out, and infinite numbers are unknown.
    findings : list of Finding
        One for each column that is written otherwise or left out.
    """
    findings: list[Finding] = []
    columns = [c for c in frame.columns if not isinstance(frame[c].dtype, GeometryDtype)]
    changed_columns: dict[str, pd.Series[Any]] = {}
    binary = []
    for column in columns:
        original = frame[column]
        values, what = _simplify_column(original)
        if what:
            findings.append(_describe_rewriting(name, column, what))
        values, infinite = drop_infinite(values)
        if infinite:
            findings.append(_describe_infinite(name, column, infinite))
        if values is not original:
            changed_columns[str(column)] = values
        if has_lost_digits(values):
            findings.append(describe_lost_digits(name, column))
        if _has_values_of(values, BINARY):
            binary.append(column)
    findings += [_describe_left_out(name, column) for column in binary]
    # Most files have neither, and are not copied.
    if changed_columns:
        frame = frame.assign(**changed_columns)
    return frame.drop(columns=binary) if binary else frame, findings


def _simplify_column(column: pd.Series[Any]) -> tuple[pd.Series[Any], str]:
    """Return a column in a type that every format has, and what is said of that: a message id."""
    kind: Any = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _simplify_column(pd.Series(column.astype(kind.categories.dtype), column.index))
    if pd.api.types.is_timedelta64_dtype(kind) or _has_values_of(column, DURATIONS):
        texts = _write_texts(pd.to_timedelta(column), lambda value: value.isoformat())
        return texts, N_("column {column} holds durations; they are written as ISO 8601 text")
    if isinstance(kind, (pd.IntervalDtype, pd.PeriodDtype)):
        return _write_texts(column, str), N_(
            "column {column} holds periods; they are written as text"
        )
    if pd.api.types.is_complex_dtype(kind):
        what = N_("column {column} holds complex numbers; they are written as text")
        return _write_texts(column, str), what
    if _has_values_of(column, NESTED):
        return _narrow_type(column.map(_write_json)), N_(
            "column {column} holds lists; they are written as JSON text"
        )
    return _simplify_numbers(column)


def _simplify_numbers(column: pd.Series[Any]) -> tuple[pd.Series[Any], str]:
    if is_unsigned(column):
        integers = make_whole(column)
        return integers, LARGE if isinstance(integers.dtype, pd.StringDtype) else ""
    if _has_values_of(column, (Decimal,)):
        return _simplify_decimals(column)
    return _narrow_type(column), ""


def _narrow_type(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column in the one type that its values have, where pandas has kept none for it.

    Which of several types a reader chooses depends on the format; so that a layer is the same
    from every format, and from a database, one is chosen here.
    """
    kind = str(column.dtype).lower()
    if kind in WIDER_TYPES:
        wider = WIDER_TYPES[kind]
        dtype: Any = wider.title() if column.hasnans else wider
        return column.astype(dtype)
    if column.dtype != object:
        return column
    values = [value for value in column if not _is_missing(value)]
    if all(isinstance(value, bool | np.bool_) for value in values) and values:
        # A plain truth value knows no missing one.
        return column.astype("bool" if len(values) == len(column) else "boolean")
    if all(isinstance(value, dt.time) for value in values) and values:
        return _write_texts(column, lambda value: value.isoformat())
    if all(isinstance(value, str) for value in values):
        # An empty column can become anything; text is what every format can fill.
        return _write_texts(column, str)
    return column


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124


def _has_values_of(column: pd.Series[Any], kinds: tuple[type, ...]) -> bool:
    return column.dtype == object and any(isinstance(value, kinds) for value in column)


def _write_texts(column: pd.Series[Any], write: Callable[[Any], str]) -> pd.Series[Any]:
    texts = [None if pd.isna(value) else write(value) for value in column]
    return pd.Series(texts, column.index, dtype="str")


def _write_json(value: Any) -> Any:
    if not isinstance(value, NESTED):
        return value
    return json.dumps(
        _make_nested_lists(value), ensure_ascii=False, default=str, separators=(",", ":")
    )


def _make_nested_lists(value: Any) -> Any:
    """Return nested values as lists and dictionaries with text as keys."""
    if isinstance(value, dict):
        return {str(key): _make_nested_lists(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _make_nested_lists(value.tolist())
    if isinstance(value, list | tuple | set):
        return [_make_nested_lists(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _simplify_decimals(column: pd.Series[Any]) -> tuple[pd.Series[Any], str]:
    """Make numbers of decimals if each number, written out, is the decimal again."""
    values = [None if pd.isna(value) else value for value in column]
    # Exact where the shortest text of the nearest decimal number is the same number again.
    exact = all(v is None or Decimal(repr(float(v))) == v for v in values)
    if exact:
        numbers = [np.nan if v is None else float(v) for v in values]
        return pd.Series(numbers, column.index, dtype="float64"), ""
    what = N_("column {column} holds long decimals; they are written as text")
    return _write_texts(column, str), what


def _describe_rewriting(name: str, column: object, what: str) -> Finding:
    return Finding(
        Severity.NOTE,
        "values-as-text",
        name,
        what,
        N_("Nothing needs to be done"),
        values={"column": repr(column)},
    )


def _describe_infinite(name: str, column: object, count: int) -> Finding:
    return Finding(
        Severity.WARNING,
        "values-infinite",
        name,
        N_("column {column}: infinite numbers, {count}, are read as unknown"),
        N_("Look up how they were computed: a division by zero gives such a number"),
        values={"column": repr(column), "count": count},
    )


def _describe_left_out(name: str, column: object) -> Finding:
    return Finding(
        Severity.WARNING,
        "column-left-out",
        name,
        N_("column {column} holds binary data; it is left out"),
        N_("Save pictures and documents as files, and write their names in the column"),
        values={"column": repr(column)},
    )
