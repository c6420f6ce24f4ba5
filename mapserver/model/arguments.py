"""What a caller gives: numbers, rows of numbers, frames; checked and put in order."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.errors import N_, QueryError


def read_number(value: Any, parameter: str, *, minimum: float = 0.0, zero: bool = False) -> float:
    """Check one number.

    Parameters
    ----------
    value
        A finite number above ``minimum``; neither a truth value nor text.
    parameter
        Its name, for the message.
    minimum
        What it must exceed.
    zero
        Whether ``minimum`` itself will do.

    Returns
    -------
    float
        An int where it is whole: 500.0 is 500.

    Raises
    ------
    QueryError
        It is no such number.
    """
    # bool is a subclass of int: True would pass as 1.
    is_number = isinstance(value, numbers.Real) and not is_truth(value)
    if not (is_number and math.isfinite(value) and (value >= minimum if zero else value > minimum)):
        raise QueryError(
            N_("{value} is no number that can be used here"),
            parameter=parameter,
            mend=N_("Give a number of {least} or more")
            if zero
            else N_("Give a number above {least}"),
            value=repr(value),
            least=f"{minimum:g}",
        )
    return int(value) if value == int(value) else float(value)


def read_count(value: Any, parameter: str, *, minimum: int = 1) -> int:
    """Check a count: a whole number, no less than ``minimum``.

    Raises
    ------
    QueryError
        It is none.
    """
    number = read_number(value, parameter, minimum=minimum, zero=True)
    if not isinstance(number, int):
        raise QueryError(
            N_("{value} is no whole number"),
            parameter=parameter,
            mend=N_("Give a whole number of {least} or more"),
            value=repr(value),
            least=minimum,
        )
    return number


def read_numbers(values: Any, parameter: str) -> tuple[float, ...]:
    """Check several numbers above 0 and put them in order, the smallest first and each once.

    Parameters
    ----------
    values
        A list, tuple, array or other row of numbers.
    parameter
        Its name, for the message.

    Raises
    ------
    QueryError
        It is none, it is empty, or one of them cannot be used.
    """
    # Texts and dictionaries can be iterated over, too, but hold letters and keys.
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise QueryError(
            N_("{value} is no list of numbers"),
            parameter=parameter,
            mend=N_("Write them in brackets: [300, 500]"),
            value=repr(values),
        )
    numbers_in_order = sorted({read_number(value, parameter) for value in values})
    if not numbers_in_order:
        raise QueryError(
            N_("the list is empty"),
            parameter=parameter,
            mend=N_("Write them in brackets: [300, 500]"),
        )
    return tuple(numbers_in_order)


def require_frame(frame: Any, name: str) -> None:
    """Check that a value is a layer: a GeoDataFrame with a column of geometries.

    Parameters
    ----------
    frame
        What the caller gave.
    name
        The parameter, for the message.

    Raises
    ------
    QueryError
        It is none.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        raise QueryError(
            N_("this is no GeoDataFrame but {kind}"),
            parameter=name,
            mend=N_("Give a layer, such as city.trails; a city that lacks it has None there")
            if frame is None
            else N_("Give a layer, such as city.trails or geopandas.GeoDataFrame(geometry=...)"),
            kind="None" if frame is None else type(frame).__name__,
        )
    if frame.active_geometry_name is None:
        raise QueryError(
            N_("this GeoDataFrame has no column of geometries"),
            parameter=name,
            mend=N_("Say which it is: {name}.set_geometry(...)"),
            name=name,
        )


def require_table(table: Any, name: str) -> None:
    """Check that a value is a DataFrame.

    Raises
    ------
    QueryError
        It is none.
    """
    if not isinstance(table, pd.DataFrame):
        raise QueryError(
            N_("this is no DataFrame but {kind}"),
            parameter=name,
            mend=N_("Give a table, such as city.shops"),
            kind="None" if table is None else type(table).__name__,
        )


def require_values(values: Any, name: str) -> None:
    """Check that what is to be drawn is numbers: a Series, or a DataFrame of them.

    Raises
    ------
    QueryError
        It is none, or a column of it holds something else.
    """
    if not isinstance(values, pd.Series):
        require_table(values, name)
    columns = [values] if isinstance(values, pd.Series) else [values[c] for c in values]
    for column in columns:
        # What is no number becomes NaN, so more is missing than before.
        numbers_in = pd.to_numeric(column.astype(object), errors="coerce")
        is_shape = isinstance(column, gpd.GeoSeries)
        if is_shape or numbers_in.isna().sum() > column.isna().sum():
            raise QueryError(
                N_("the column {column} holds more than numbers"),
                parameter=name,
                mend=N_("Choose columns of numbers"),
                column=repr(column.name),
            )


def read_degrees(values: Any, name: str) -> npt.NDArray[np.float64]:
    """Read degrees as an array of one dimension.

    Raises
    ------
    QueryError
        They are no numbers.
    """
    try:
        degrees = np.atleast_1d(np.asarray(values, float))
    except (TypeError, ValueError):
        degrees = np.empty((0, 0))
    if degrees.ndim != 1:
        raise QueryError(
            N_("these are no degrees"),
            parameter=name,
            mend=N_("Give a number, or a row of numbers, in degrees (EPSG:4326)"),
        )
    return degrees


def require_text(value: Any, name: str) -> None:
    """Check that a value is text, or left out (None).

    Raises
    ------
    QueryError
        It is neither.
    """
    if value is not None and not isinstance(value, str):
        raise QueryError(
            N_("{value} is no text"),
            parameter=name,
            mend=N_('Write it in quotation marks, as "EPSG:5186"'),
            value=repr(value),
        )


def require_mapping(values: Any, name: str) -> Mapping[str, Any]:
    """Return a dictionary of names and layers.

    Raises
    ------
    QueryError
        It is none.
    """
    if not isinstance(values, Mapping):
        raise QueryError(
            N_("{value} is no dictionary"),
            parameter=name,
            mend=N_("Give names and their layers: dict(planned=frame)"),
            value=repr(values)[:80],
        )
    return values


def read_ids(values: Any, name: str) -> list[Any]:
    """Read a list of ids; a text alone is one id.

    Raises
    ------
    QueryError
        It is neither.
    """
    if isinstance(values, str):
        return [values]
    if isinstance(values, bytes | Mapping) or not isinstance(values, Iterable):
        raise QueryError(
            N_("{value} is no list of ids"),
            parameter=name,
            mend=N_('Write them in brackets: ["trails", "districts"]'),
            value=repr(values),
        )
    return list(values)


def require_day(day: Any, name: str) -> None:
    """Check that a value is a date.

    Raises
    ------
    QueryError
        It is none.
    """
    # pandas' NaT counts as a date for isinstance.
    if not isinstance(day, dt.date) or pd.isna(day):
        raise QueryError(
            N_("{value} is no date"),
            parameter=name,
            mend=N_("Give one such as datetime.date(2026, 5, 20)"),
            value=repr(day),
        )


def is_truth(value: Any) -> bool:
    """Return whether a value is a truth value, Python's or numpy's."""
    return isinstance(value, bool) or type(value).__name__ in {"bool_", "bool"}
