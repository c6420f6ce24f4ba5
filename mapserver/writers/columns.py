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
from mapserver.text.formulas import make_safe_text

INT64_END = 2**63
NUMBERS = frozenset({int, float, np.int64, np.float64})
TYPES = (
    (frozenset({str}), "str"),
    (frozenset({bool, np.bool_}), "boolean"),
    (frozenset({int, np.int64}), "Int64"),
    (NUMBERS, "float64"),
)
"""Types of the values in a column of objects, and what holds them all; nothing at all is text."""


def flatten_frame(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Convert a frame so that its index is a column and its columns have types that files know.

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
    columns = {str(c): _narrow_column(table[c]) for c in table.columns if c != table.geometry.name}
    geometries = table.geometry.to_numpy()
    # The geometry is called ``geometry`` in all files, so a plain column of that name gives way.
    if "geometry" in columns:
        columns["original_geometry"] = columns.pop("geometry")
    table_of_columns = pd.DataFrame(columns, index=table.index)
    return gpd.GeoDataFrame(table_of_columns, geometry=geometries, crs=frame.crs)


def _narrow_column(column: pd.Series[Any]) -> pd.Series[Any]:
    # A frame may have several geometries, a file but one.
    if isinstance(column.dtype, gpd.array.GeometryDtype):
        return pd.Series(shapely.to_wkt(column.to_numpy(), 7), column.index, dtype="str")
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(column.cat.categories.dtype)
    if column.dtype != object:
        return column
    # A column of objects gets the narrowest type that holds all its values, else it becomes text.
    kinds = {type(value) for value in column.dropna()}
    if kinds & {dict, list, tuple, dt.date, dt.time} or (len(kinds) > 1 and not kinds <= NUMBERS):
        return column.map(_write_value_text, na_action="ignore").astype("str")
    # No file format has whole numbers beyond 64 bits; as text they keep all of their digits.
    if kinds == {int} and any(not -INT64_END <= v < INT64_END for v in column.dropna()):
        return column.map(str, na_action="ignore").astype("str")
    fitting: Any = next((dtype for fit, dtype in TYPES if kinds <= fit), object)
    return column.astype(fitting)


def write_objects_as_texts(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Write values of all other kinds as text, for formats that hold numbers and texts alone."""
    objects = [column for column in frame.columns if frame[column].dtype == object]
    return frame.assign(**{column: frame[column].astype("str") for column in objects})


def parse_day_columns(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Convert columns of ISO 8601 days into dates, for formats that have them.

    A city's layers hold days as text, whatever the file had. A column is one of days when every
    text in it is ``YYYY-MM-DD`` and a day of the calendar.
    """
    columns = [c for c in find_text_columns(frame) if _holds_days(frame[c])]
    return frame.assign(**{c: _parse_days(frame[c]) for c in columns})


def _holds_days(column: pd.Series[str]) -> bool:
    values = column.dropna()
    if values.empty or not all(isinstance(value, str) for value in values):
        return False
    # The shape of a day first: fromisoformat reads 20261126 and 2026-W48 as well.
    if not values.str.fullmatch(r"\d{4}-\d\d-\d\d").all():
        return False
    try:
        values.map(dt.date.fromisoformat)
    except ValueError:
        return False
    return True


def _parse_days(column: pd.Series[str]) -> pd.Series[Any]:
    days = [None if pd.isna(text) else dt.date.fromisoformat(text) for text in column]
    return pd.Series(days, column.index, dtype=object)


def _write_value_text(value: Any) -> str:
    return encode(value).decode() if isinstance(value, dict | list | tuple) else str(value)


def format_times(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Write times as ISO 8601 text, for formats that have no times."""
    times = frame.select_dtypes(["datetime", "datetimetz"]).columns
    return frame.assign(**{c: _write_iso_texts(frame[c]) for c in times})


def _write_iso_texts(column: pd.Series[Any]) -> pd.Series[str]:
    texts = [None if pd.isna(v) else v.isoformat().replace("+00:00", "Z") for v in column]
    return pd.Series(texts, column.index, dtype="str")


def make_safe_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of which no spreadsheet runs a cell or a heading, as all CSV that we write."""
    safe_table = table.copy()
    # By position: a table that somebody sends or keeps may have two columns of one name.
    for position in range(table.shape[1]):
        column = table.iloc[:, position]
        if types.is_string_dtype(column.dtype):
            safe_table.isetitem(position, column.map(make_safe_value, na_action="ignore").array)
        elif isinstance(column.dtype, pd.CategoricalDtype) or types.is_object_dtype(column.dtype):
            safe_table.isetitem(position, column.astype(object).map(make_safe_value).array)
    return safe_table.set_axis([make_safe_value(name) for name in table.columns], axis="columns")


def make_safe_value(value: Any) -> Any:
    """Return a value as a cell that no spreadsheet runs; what is no text stays what it is."""
    return make_safe_text(value) if isinstance(value, str) else value


def make_names_distinct(
    names: Iterable[str],
    reserved_names: Iterable[str] = (),
    shorten: Callable[[str, int], str] | None = None,
) -> dict[str, str]:
    """Make the names of columns differ from each other by more than their case.

    Parameters
    ----------
    names
        The columns, in their order; the first of two keeps its name.
    reserved_names
        Names that the format needs itself.
    shorten
        Called with a name and a number of bytes, shortens the name so that as many bytes stay free
        for a number. By default names stay whole.

    Returns
    -------
    dict
        Old names and new ones.
    """
    shorten = shorten or (lambda name, _: name)
    # Most formats compare names without their case, so that is how they must differ.
    used = {name.lower() for name in reserved_names}
    new_names: dict[str, str] = {}
    for name in names:
        unused_name, n = shorten(name, 0), 1
        while unused_name.lower() in used:
            # Shortened anew for each number: with ten of them there is one more digit to fit in.
            n += 1
            unused_name = f"{shorten(name, len(f'_{n}'))}_{n}"
        used.add(unused_name.lower())
        new_names[name] = unused_name
    return new_names


def report_renamed_columns(layer: str, names: dict[str, str]) -> list[Finding]:
    """Write a finding that names the columns which are called otherwise in a file."""
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


def find_text_columns(frame: pd.DataFrame) -> list[str]:
    """Find the columns that hold text."""
    return [str(c) for c in frame.columns if types.is_string_dtype(frame[c].dtype)]


def require_encodable(frame: pd.DataFrame, ids: Iterable[str], codec: str, layer: str) -> None:
    """Check that an encoding has every letter of the texts and column names; none is lost.

    Raises
    ------
    DataError
        Naming the row, the column and the letter.
    """
    for column in map(str, frame.columns):
        # Names of columns may hold letters that the encoding has not, as the values may.
        if (letter := _find_foreign_letter(column, codec)) is not None:
            raise _make_encoding_error(layer, column, letter, codec)
    rows = list(ids)
    for column in find_text_columns(frame):
        for id_, value in zip(rows, frame[column], strict=True):
            if (
                isinstance(value, str)
                and (letter := _find_foreign_letter(value, codec)) is not None
            ):
                raise _make_encoding_error(f"{layer}, {id_}", column, letter, codec)


def _find_foreign_letter(text: str, codec: str) -> str | None:
    try:
        text.encode(codec)
    except UnicodeEncodeError as error:
        # The encoder says which letter stopped it.
        return text[error.start]
    return None


def _make_encoding_error(where: str, column: str, letter: str, codec: str) -> DataError:
    return DataError(
        N_("{encoding} has no letter {letter} (U+{code}), in column {column}"),
        where=where,
        mend=N_("Export it as UTF-8, or write the text otherwise"),
        encoding=codec,
        letter=repr(letter),
        code=f"{ord(letter):04X}",
        column=repr(column),
    )


def list_ids(frame: gpd.GeoDataFrame) -> list[str]:
    """Return the ids of the rows as text, for messages."""
    return [str(id_) for id_ in frame.index]


def find_placeless_rows(geometries: Geometries) -> Any:
    """Find the rows without a place, shape (n,): those with no geometry, or an empty one."""
    return shapely.is_missing(geometries) | shapely.is_empty(geometries)
