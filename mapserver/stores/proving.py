"""The proof of a load: all tables are read back, and what is not what its file says is named."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_, Phrase
from mapserver.model import CityData
from mapserver.readers.city_folder import read_city
from mapserver.stores.checkout import Checkout
from mapserver.stores.quoting import compose
from mapserver.stores.recording_files import write_recordings
from mapserver.stores.tables import SHEET

if TYPE_CHECKING:
    import psycopg

UNEQUAL_ROWS = N_("its rows are read back in another way. Look whether the file is damaged")
UNEQUAL_COLUMNS = N_("its columns are read back in another way. Give each a plain name of its own")
UNEQUAL_PLACES = N_("its places are read back in another way. Draw them anew")
MIXED = N_(
    "column {column} has values of several kinds. Write all of them as text, or all as numbers"
)
UNEQUAL_VALUES = N_(
    "column {column} has values that no column of a database holds. Write them as plain text"
)


def drop_unlike_tables(
    cursor: psycopg.Cursor[Any],
    schema: str,
    data: CityData,
    progress: Callable[[str, float], object],
) -> dict[str, Phrase]:
    """Read the city back from all tables, and drop those that say another thing than their file.

    Rows cannot hold everything that files can: such a layer stays a file.

    Returns
    -------
    dict of str to Phrase
        Why, and how to mend it, by the name of the table.
    """
    progress("proof", 0.0)
    unlike: dict[str, Phrase] = {}
    with tempfile.TemporaryDirectory(prefix="maenballo-") as place:
        folder = Path(place, data.path.resolve().name or "city")
        folder.mkdir()
        checkout = Checkout(folder, stands_for_all=True, write_recordings=write_recordings)
        checkout.update(cursor, schema)
        unread = {each.values["table"] for each in checkout.findings}
        read_back = read_city(folder)
    cursor.execute(compose("SELECT name, kind, layer, source FROM {schema}._tables", schema=schema))
    for name, kind, layer, source in cursor.fetchall():
        if kind != SHEET:
            old, new = data.layers.get(layer), read_back.layers.get(layer)
            if old is None or new is None:
                reason: Phrase | None = Phrase(UNEQUAL_ROWS)
            else:
                reason = find_difference(old.frame, new.frame)
        else:
            is_same = _has_same_sheet(data, read_back, name, source)
            reason = None if is_same else Phrase(UNEQUAL_ROWS)
        if name in unread:
            reason = reason or Phrase(UNEQUAL_PLACES)
        if reason is not None:
            unlike[name] = reason
            cursor.execute(compose("DROP TABLE {schema}.{table}", schema=schema, table=name))
            cursor.execute(
                compose("DELETE FROM {schema}._tables WHERE name = %s", schema=schema), [name]
            )
    progress("proof", 1.0)
    return unlike


def _has_same_sheet(old: CityData, new: CityData, name: str, source: str) -> bool:
    """Return whether a table of texts is read as its file is, with the same kinds of findings."""
    codes = [Counter(f.code for f in data.findings if f.file == source) for data in (old, new)]
    if codes[0] != codes[1]:
        return False
    pairs: dict[str, tuple[Any, Any]] = {
        "closures": (old.closures, new.closures),
        "benefits": (old.benefits, new.benefits),
    }
    old_sheet, new_sheet = pairs.get(name, (old.ledgers.get(name), new.ledgers.get(name)))
    if name == "trail_register":
        return old.registered == new.registered
    if old_sheet is None or new_sheet is None:
        return old_sheet is new_sheet
    return find_difference(old_sheet, new_sheet) is None


def find_difference(first: pd.DataFrame, second: pd.DataFrame) -> Phrase | None:
    """Find the first difference of two frames in rows, columns, types, values or geometries.

    Where the geometry stands among the columns says nothing: a name that is taken from another
    column comes behind it, and would leave its layer a mere file.

    Returns
    -------
    Phrase or None
        What cannot be a table and how to mend it, where the first is the file; None for equals.
    """
    names, others = (
        [name for name in frame.columns if name != "geometry"] for frame in (first, second)
    )
    if names != others or set(first.columns) != set(second.columns):
        return Phrase(UNEQUAL_COLUMNS)
    if not first.index.equals(second.index):
        return Phrase(UNEQUAL_ROWS)
    for column in first.columns:
        left, right = first[column], second[column]
        if isinstance(left.dtype, gpd.array.GeometryDtype):
            if not left.geom_equals_exact(right, 0).where(left.notna(), right.isna()).all():
                return Phrase(UNEQUAL_PLACES)
        elif column == "unclear":
            # It names the line, which differs where a file has blank ones.
            if not (left.isna() == right.isna()).all():
                return Phrase(UNEQUAL_ROWS)
        elif not _has_same_values(left, right):
            kinds = {type(value) for value in left.dropna()} if left.dtype == object else set()
            what = MIXED if len(kinds) > 1 else UNEQUAL_VALUES
            return Phrase(what, column=repr(str(column)))
    return None


def _has_same_values(left: pd.Series[Any], right: pd.Series[Any]) -> bool:
    """Return whether two columns are of one type and have the same values.

    A type that may lack values is that of one that may not, where none is missing: a row without
    one may have been left out of the file's.
    """
    if str(left.dtype) != str(right.dtype):
        kinds = {str(each.dtype).lower().removesuffix("ean") for each in (left, right)}
        if len(kinds) > 1:
            return False
        left, right = left.convert_dtypes(), right.convert_dtypes()
    return left.equals(right)
