"""Places of a batch as arrays of x and y: from numbers, native points and well-known binary."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from mapserver.geo.geodesy import Floats
from mapserver.joining.place_columns import NATIVE, WKB, PlaceColumns

Places = tuple[Floats, Floats, npt.NDArray[np.bool_] | None]
"""x and y of each row, and which rows have no place at all; None where all have one."""

LITTLE_ENDIAN = 1
POINT_RECORDS = {
    # A point of well-known binary is its byte order (1 byte), its type (4) and a double for each
    # ordinate (8 each): 21 bytes in the plane, 29 with a height (ISO 1001, or EWKB's highest bit).
    21: ((1,), [("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")]),
    29: (
        (1001, 0x80000001),
        [("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8"), ("z", "<f8")],
    ),
}


def decode_places(batch: pa.RecordBatch, places: PlaceColumns) -> Places:
    """Return the places of a batch of rows.

    Parameters
    ----------
    batch
        Rows with at least the columns of places.
    places
        Where they stand.

    Returns
    -------
    x, y : ndarray of float
        NaN where there is none. What is no number in the file stays so.
    is_missing : ndarray of bool or None
        Rows without a place: a null, or an empty geometry.
    """
    if len(places.columns) == 2:
        return _decode_columns(*(batch.column(name) for name in places.columns))
    column = batch.column(places.columns[0])
    decode = _decode_native if places.encoding == NATIVE else _decode_wkb
    x, y, is_missing = decode(column)
    # An empty point has no coordinates: NaN for both, in WKB as in native points.
    is_empty = np.isnan(x) & np.isnan(y)
    if is_empty.any():
        is_missing = is_empty if is_missing is None else is_missing | is_empty
    return x, y, is_missing


def _decode_columns(x_column: pa.Array, y_column: pa.Array) -> Places:
    columns = (x_column, y_column)
    is_missing = _find_nulls(*columns)
    x, y = (_to_floats(column) for column in columns)
    return x, y, is_missing


def _decode_native(column: pa.StructArray) -> Places:
    # Nulls of the structure hide what its children hold; flatten() gives them to each child.
    children = column.flatten()
    axes = [children[column.type.get_field_index(axis)] for axis in ("x", "y")]
    return _decode_columns(*axes)


def _find_nulls(*columns: pa.Array) -> npt.NDArray[np.bool_] | None:
    """Return the rows in which any of some columns is null; None where none is."""
    if not any(column.null_count for column in columns):
        return None
    masks = [column.is_null().to_numpy(zero_copy_only=False) for column in columns]
    return np.asarray(np.logical_or.reduce(masks), bool)


def _to_floats(column: pa.Array) -> Floats:
    """Return numbers as doubles; NaN for a null."""
    if column.type != pa.float64():
        column = pc.cast(column, pa.float64(), safe=False)
    # Of a column with nulls Arrow makes a copy, in which they are NaN.
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _decode_wkb(column: pa.Array) -> Places:
    """Decode well-known binary; points of one kind are seen as records, all else by shapely."""
    is_missing = _find_nulls(column)
    records = _view_records(column, is_missing)
    if records is None:
        return _decode_shapes(column, is_missing)
    x, y = (np.ascontiguousarray(records[axis]) for axis in ("x", "y"))
    if is_missing is None:
        return x, y, None
    places = np.full((2, len(column)), np.nan)
    places[:, ~is_missing] = x, y
    return places[0], places[1], is_missing


def _view_records(
    column: pa.Array, is_missing: npt.NDArray[np.bool_] | None
) -> npt.NDArray[Any] | None:
    """See the bytes of a column of points as records; None where they are not all points alike.

    Arrow holds the bytes of all values one after the other, and an offset for the end of each.
    """
    wide = pa.types.is_large_binary(column.type)
    _, offset_buffer, data = column.buffers()
    if data is None:
        return None
    offsets = np.frombuffer(offset_buffer, np.int64 if wide else np.int32)
    ends = offsets[column.offset : column.offset + len(column) + 1]
    count = len(column) if is_missing is None else int(np.count_nonzero(~is_missing))
    size = int(ends[-1] - ends[0])
    length = size // count if count else 0
    if length not in POINT_RECORDS or size != length * count:
        return None
    lengths = np.diff(ends)
    # A null has no bytes; were it otherwise, the records would not follow one another.
    if not ((lengths == length) if is_missing is None else (lengths == length * ~is_missing)).all():
        return None
    types, fields = POINT_RECORDS[length]
    records = np.frombuffer(data, np.dtype(fields), count, int(ends[0]))
    kinds = records["type"]
    is_alike = (records["order"] == LITTLE_ENDIAN).all() and any(
        (kinds == kind).all() for kind in types
    )
    return records if is_alike else None


def _decode_shapes(column: pa.Array, is_missing: npt.NDArray[np.bool_] | None) -> Places:
    """Decode any well-known binary: what lies at one place is a point, and all else is none."""
    values = column.to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkb(values, on_invalid="ignore")
    bounds = shapely.bounds(shapes)
    x, y = bounds[:, 0].copy(), bounds[:, 1].copy()
    is_empty = ~shapely.is_missing(shapes) & shapely.is_empty(shapes)
    is_missing = is_empty if is_missing is None else is_missing | is_empty
    # A line, or bytes that are no geometry, are there and yet no point: infinite, not missing.
    is_point = (bounds[:, 0] == bounds[:, 2]) & (bounds[:, 1] == bounds[:, 3])
    x[~is_point & ~is_missing] = np.inf
    y[is_missing] = x[is_missing] = np.nan
    return x, y, is_missing


def blank_damaged(
    batch: pa.RecordBatch, places: PlaceColumns, is_no_place: npt.NDArray[np.bool_] | None
) -> pa.RecordBatch:
    """Return a batch with null for geometries whose bytes are damaged: no reader would open them.

    Parameters
    ----------
    batch
        Rows with their geometries.
    places
        Where these stand.
    is_no_place
        Rows in which there is something that is no place: damaged ones are among these. None
        where there are none.
    """
    if is_no_place is None or places.encoding != WKB or not is_no_place.any():
        return batch
    at = np.flatnonzero(is_no_place)
    number = batch.schema.get_field_index(places.columns[0])
    column = batch.column(number)
    # What GEOS cannot read becomes None; a line is read, and stays as it is.
    values = column.take(pa.array(at)).to_numpy(zero_copy_only=False)
    is_damaged = shapely.is_missing(shapely.from_wkb(values, on_invalid="ignore"))
    if not is_damaged.any():
        return batch
    is_null = np.zeros(batch.num_rows, bool)
    is_null[at[is_damaged]] = True
    whole = pc.if_else(pa.array(is_null), pa.scalar(None, column.type), column)
    field = batch.schema.field(number).with_nullable(True)
    return batch.set_column(number, field, whole)
