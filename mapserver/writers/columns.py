"""Columns as files can hold them: the index as one of them, plain types, names apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas.api import types

from mapserver.errors import N_, DataError
from mapserver.geo.geodesy import Geometries
from mapserver.model import encode
from mapserver.text.findings import Finding, Severity

NUMBERS = frozenset({int, float, np.int64, np.float64})
TYPES = (
    (frozenset({str}), "str"),
    (frozenset({bool, np.bool_}), "boolean"),
    (frozenset({int, np.int64}), "Int64"),
    (NUMBERS, "float64"),
)
"""Types of the values in a column of objects, and what holds them all; nothing at all is text."""


def flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give a frame whose index is a column and whose columns have types that files know.

    Parameters
    ----------
    frame
        Its index becomes the first column where it has a name of its own.

    Returns
    -------
    GeoDataFrame
        With the geometry last and named ``geometry``. Lists and dictionaries become JSON, a second
        geometry becomes WKT, numbers and texts mixed in one column become texts.
    """
    named = frame.index.name
    table = frame.reset_index(drop=named is None or named in frame.columns)
    columns = {str(c): _plain(table[c]) for c in table.columns if c != table.geometry.name}
    geometries = table.geometry.to_numpy()
    if "geometry" in columns:
        columns["original_geometry"] = columns.pop("geometry")
    made = pd.DataFrame(columns, index=table.index)
    return gpd.GeoDataFrame(made, geometry=geometries, crs=frame.crs)


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(column.dtype, gpd.array.GeometryDtype):
        return pd.Series(shapely.to_wkt(column.to_numpy(), 7), column.index, dtype="str")
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(column.cat.categories.dtype)
    if column.dtype != object:
        return column
    kinds = {type(value) for value in column.dropna()}
    if kinds & {dict, list, tuple, dt.date, dt.time} or (len(kinds) > 1 and not kinds <= NUMBERS):
        return column.map(_text, na_action="ignore").astype("str")
    fitting: Any = next((dtype for fit, dtype in TYPES if kinds <= fit), object)
    return column.astype(fitting)


def with_dates(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn columns of ISO 8601 days into dates, for formats that have them.

    A city's layers hold days as text, whatever the file had. A column is one of days when every
    text in it is ``YYYY-MM-DD`` and a day of the calendar.
    """
    columns = [c for c in texts(frame) if _holds_days(frame[c])]
    return frame.assign(**{c: _days(frame[c]) for c in columns})


def _holds_days(column: pd.Series[str]) -> bool:
    values = column.dropna()
    if values.empty or not all(isinstance(value, str) for value in values):
        return False
    if not values.str.fullmatch(r"\d{4}-\d\d-\d\d").all():
        return False
    try:
        values.map(dt.date.fromisoformat)
    except ValueError:
        return False
    return True


def _days(column: pd.Series[str]) -> pd.Series[Any]:
    days = [None if pd.isna(text) else dt.date.fromisoformat(text) for text in column]
    return pd.Series(days, column.index, dtype=object)


def _text(value: Any) -> str:
    return encode(value).decode() if isinstance(value, dict | list | tuple) else str(value)


def iso_times(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Write times as ISO 8601 text, for formats that have no times."""
    times = frame.select_dtypes(["datetime", "datetimetz"]).columns
    return frame.assign(**{c: _iso(frame[c]) for c in times})


def _iso(column: pd.Series[Any]) -> pd.Series[str]:
    texts = [None if pd.isna(v) else v.isoformat().replace("+00:00", "Z") for v in column]
    return pd.Series(texts, column.index, dtype="str")


def apart(
    names: Iterable[str], taken: Iterable[str] = (), cut: Callable[[str, int], str] | None = None
) -> dict[str, str]:
    """Give each column a name that differs from the others by more than its case.

    Parameters
    ----------
    names
        The columns, in their order; the first of two keeps its name.
    taken
        Names that the format needs itself.
    cut
        Shortens a name so that so many bytes are left for a number; nothing is cut without it.

    Returns
    -------
    dict
        Old names and new ones.
    """
    cut = cut or (lambda name, _: name)
    used = {name.lower() for name in taken}
    found: dict[str, str] = {}
    for name in names:
        free, n = cut(name, 0), 1
        while free.lower() in used:
            n += 1
            free = f"{cut(name, len(f'_{n}'))}_{n}"
        used.add(free.lower())
        found[name] = free
    return found


def renamed(layer: str, names: dict[str, str]) -> list[Finding]:
    """Tell which columns are called otherwise in a file."""
    changed = [f"{old} → {new}" for old, new in names.items() if old != new]
    if not changed:
        return []
    return [
        Finding(
            Severity.NOTE,
            "columns-renamed",
            layer,
            N_("columns that are called otherwise in the file: {columns}"),
            values={"columns": ", ".join(changed)},
        )
    ]


def texts(frame: pd.DataFrame) -> list[str]:
    """Name the columns that hold text."""
    return [str(c) for c in frame.columns if types.is_string_dtype(frame[c].dtype)]


def require_encodable(frame: pd.DataFrame, ids: Iterable[str], codec: str, layer: str) -> None:
    """Refuse texts and column names that an encoding has no letters for; none is lost unsaid.

    Raises
    ------
    DataError
        Naming the row, the column and the letter.
    """
    for column in map(str, frame.columns):
        if (letter := _foreign(column, codec)) is not None:
            raise _not_encodable(layer, column, letter, codec)
    rows = list(ids)
    for column in texts(frame):
        for id_, value in zip(rows, frame[column], strict=True):
            if isinstance(value, str) and (letter := _foreign(value, codec)) is not None:
                raise _not_encodable(f"{layer}, {id_}", column, letter, codec)


def _foreign(text: str, codec: str) -> str | None:
    try:
        text.encode(codec)
    except UnicodeEncodeError as error:
        return text[error.start]
    return None


def _not_encodable(where: str, column: str, letter: str, codec: str) -> DataError:
    return DataError(
        N_("{encoding} has no letter {letter} (U+{code}), in column {column}"),
        where=where,
        mend=N_("Export it as UTF-8, or write the text otherwise"),
        encoding=codec,
        letter=repr(letter),
        code=f"{ord(letter):04X}",
        column=repr(column),
    )


def ids(frame: gpd.GeoDataFrame) -> list[str]:
    """Name the rows, for messages."""
    return [str(id_) for id_ in frame.index]


def placeless(geometries: Geometries) -> Any:
    """Tell which rows have no place: no geometry, or an empty one."""
    return shapely.is_missing(geometries) | shapely.is_empty(geometries)
