"""The columns of a part: those of the input that are wanted, the answers, and their metadata."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mapserver.errors import N_, QueryError
from mapserver.geo.geodesy import Floats
from mapserver.joining.place_columns import POINT_COLUMN, WKB, PlaceColumns
from mapserver.settings import limits

RECORD = b"mapserver.join"
"""The key of a part's footer that says which join it is of, and what came of it."""
WKB_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])


@dataclass(frozen=True, slots=True)
class PartColumns:
    """Which columns of the input a part has, and how they are written.

    Attributes
    ----------
    keep
        Columns of the input, in its order.
    read
        Columns that are read: those, and the places.
    new_geometry
        Name of the column of points that is made; empty where the input has its own.
    geo
        What the part says of itself under the key ``geo``.
    repeated
        Columns that the input holds as dictionaries, because their values repeat.
    row_labels
        Of a frame of pandas that counts its rows; None where there are none, or nobody wants them.
    """

    keep: tuple[str, ...]
    read: tuple[str, ...]
    new_geometry: str
    geo: dict[str, Any]
    repeated: tuple[str, ...]
    row_labels: RowLabels | None = None


@dataclass(frozen=True, slots=True)
class RowLabels:
    """Labels of rows that are no column of the file: pandas says them in its metadata alone.

    It does so with an index that counts (``RangeIndex``), as ``frame.set_index("shop_id")`` has it
    where the numbers of shops are 0, 1, 2 and so on.

    Attributes
    ----------
    name
        Of the column that they are written as.
    start, step
        The label of the first row, and what is added for each row more.
    """

    name: str
    start: int
    step: int

    def add_to(self, batch: pa.RecordBatch, first_row: int) -> pa.RecordBatch:
        """Return a batch with the labels as its last column; rows are counted from 0."""
        rows = np.arange(first_row, first_row + batch.num_rows, dtype=np.int64)
        return batch.append_column(self.name, pa.array(self.start + self.step * rows))


def find_row_labels(metadata: pq.FileMetaData) -> RowLabels | None:
    """Find labels of rows that pandas says in its metadata alone, and that have a name.

    Without a name they only count the rows. Metadata of as many rows as the file does not have is
    left over from another table, and pandas does not read it either.
    """
    schema = metadata.schema.to_arrow_schema()
    try:
        entries = json.loads((schema.metadata or {})[b"pandas"])["index_columns"]
        for entry in entries:
            if not isinstance(entry, dict) or entry["kind"] != "range" or entry["name"] is None:
                continue
            labels = range(int(entry["start"]), int(entry["stop"]), int(entry["step"]))
            last_label = labels[-1] if labels else 0
            # Labels are written as whole numbers of 64 bits.
            is_written = isinstance(entry["name"], str) and entry["name"] not in schema.names
            is_small = max(abs(labels.start), abs(last_label)) <= np.iinfo(np.int64).max
            if is_written and is_small and len(labels) == metadata.num_rows:
                step = labels.step if len(labels) > 1 else 0
                return RowLabels(entry["name"], labels.start, step)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        # Damaged metadata of pandas costs no answer.
        return None
    return None


def plan_columns(
    metadata: pq.FileMetaData,
    places: PlaceColumns,
    keep: tuple[str, ...] | None,
    name: str,
) -> PartColumns:
    """Plan the columns of a part.

    Parameters
    ----------
    metadata
        What the input says of itself.
    places
        Where it has its places.
    keep
        The columns that are wanted beside the geometry; None for all.
    name
        Of the file within the folder of points: keys may stand in it.

    Raises
    ------
    QueryError
        A column that is wanted is not there.
    """
    schema = metadata.schema.to_arrow_schema()
    row_labels = find_row_labels(metadata)
    names = [*schema.names, *([row_labels.name] if row_labels else [])]
    wanted = set(names if keep is None else keep)
    if missing := sorted(wanted - set(names)):
        _refuse_missing(missing, names, name)
    if places.geo is not None:
        # A geometry stays, also unasked: without it this would be no GeoParquet.
        wanted |= set(places.columns)
    kept = tuple(name for name in names if name in wanted)
    read = tuple(name for name in schema.names if name in wanted | set(places.columns))
    new_geometry = "" if places.geo is not None else _choose_name(names)
    geo = _describe_new(new_geometry, places) if new_geometry else _describe_kept(places, kept)
    repeated = _find_repeated(metadata, kept)
    is_labelled = row_labels is not None and row_labels.name in kept
    labels = row_labels if is_labelled else None
    return PartColumns(kept, read, new_geometry, geo, repeated, labels)


def list_path_keys(name: str) -> tuple[str, ...]:
    """List the keys in the folders of a file: programs read them as columns.

    Examples
    --------
    >>> list_path_keys("sido=광주/gu=서구/part=0.parquet")
    ('sido', 'gu')
    """
    folders = name.split("/")[:-1]
    return tuple(folder.partition("=")[0] for folder in folders if "=" in folder)


def _refuse_missing(missing: list[str], names: list[str], name: str) -> NoReturn:
    """Refuse columns that are wanted and not there, or not in the file.

    Raises
    ------
    QueryError
        Always.
    """
    in_path = [column for column in missing if column in list_path_keys(name)]
    if in_path == missing:
        raise QueryError(
            N_("{column} is no column of the points but part of their path: {path}"),
            parameter="keep",
            mend=N_("Leave it out: the answers lie in folders of the same names and so have it"),
            column=repr(missing[0]),
            path=repr(name),
        )
    raise QueryError(
        N_("there is no column {column} among the points"),
        parameter="keep",
        mend=N_("There are {columns}"),
        column=repr(next(column for column in missing if column not in in_path)),
        columns=", ".join(map(repr, names)),
    )


def _choose_name(names: list[str]) -> str:
    """Choose a name for the column of points that no column of the input has."""
    name = POINT_COLUMN
    while name in names:
        name += "_"
    return name


def _describe_new(name: str, places: PlaceColumns) -> dict[str, Any]:
    column: dict[str, Any] = {"encoding": WKB, "geometry_types": ["Point"]}
    if places.stated is not None:
        column["crs"] = places.stated
    return {"version": "1.1.0", "primary_column": name, "columns": {name: column}}


def _describe_kept(places: PlaceColumns, kept: tuple[str, ...]) -> dict[str, Any]:
    """Return what the input says of its geometries, without what is not written."""
    geo = dict(places.geo or {})
    columns = {name: dict(of) for name, of in geo["columns"].items() if name in kept}
    for of in columns.values():
        # A covering names a column with boxes of rows; without that column it would mislead.
        covering = of.get("covering")
        boxes = (covering or {}).get("bbox", {}).values()
        if covering and any(path and path[0] not in kept for path in boxes):
            del of["covering"]
    return geo | {"columns": columns}


def _find_repeated(metadata: pq.FileMetaData, kept: tuple[str, ...]) -> tuple[str, ...]:
    """Find the columns that the input holds as dictionaries in its first group of rows.

    A column of other values costs time to try and gains nothing: the input has tried it already.
    """
    if not metadata.num_row_groups:
        return ()
    group = metadata.row_group(0)
    columns = (group.column(i) for i in range(group.num_columns))
    paths = [column.path_in_schema for column in columns if column.has_dictionary_page]
    return tuple(path for path in paths if path.split(".")[0] in kept)


def make_schema(batch: pa.Schema, answers: set[str]) -> pa.Schema:
    """Return the schema as readers shall see it: texts of answers are texts, not dictionaries.

    Parameters
    ----------
    batch
        Of a batch of the part, in which answers refer to their texts by number.
    answers
        Names of the columns of answers.
    """
    fields = []
    for field in batch:
        is_numbered = field.name in answers and pa.types.is_dictionary(field.type)
        fields.append(field.with_type(field.type.value_type) if is_numbered else field)
    return pa.schema(fields)


def describe_schema(schema: pa.Schema, geo: dict[str, Any]) -> dict[str, str]:
    """Return the entries of a footer that say what the columns are.

    Arrow itself would write the types of what it is given (a dictionary for each column of
    texts) and, told not to, would leave out what GeoParquet says. So both are written here.
    """
    text = json.dumps(geo, ensure_ascii=False, separators=(",", ":"))
    arrow = schema.with_metadata({"geo": text})
    return {
        "geo": text,
        "ARROW:schema": base64.b64encode(arrow.serialize().to_pybytes()).decode(),
    }


def encode_points(x: Floats, y: Floats) -> pa.Array:
    """Return points as well-known binary, 21 bytes each; null where there is no place."""
    with np.errstate(invalid="ignore"):
        is_placed = np.isfinite(x + y)
    if not is_placed.all():
        x, y = x[is_placed], y[is_placed]
    records = np.empty(len(x), WKB_POINT)
    records["order"], records["type"], records["x"], records["y"] = 1, 1, x, y
    # Where each value ends: a row without a place ends where it begins.
    ends = np.zeros(len(is_placed) + 1, np.int32)
    np.cumsum(is_placed, out=ends[1:], dtype=np.int32)
    ends *= WKB_POINT.itemsize
    valid = None
    if len(x) < len(is_placed):
        valid = pa.py_buffer(np.packbits(is_placed, bitorder="little"))
    return pa.Array.from_buffers(
        pa.binary(), len(is_placed), [valid, pa.py_buffer(ends), pa.py_buffer(records)]
    )


def choose_batch_rows(metadata: pq.FileMetaData, columns: PartColumns, most: int) -> int:
    """Choose how many rows of a file are read at a time, by how large they are.

    Parameters
    ----------
    metadata
        What the file says of itself.
    columns
        Those that are read.
    most
        Rows at most.
    """
    read = set(columns.read)
    size_bytes = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        chunks = (group.column(i) for i in range(group.num_columns))
        size_bytes += sum(
            chunk.total_uncompressed_size
            for chunk in chunks
            if chunk.path_in_schema.split(".")[0] in read
        )
    row_bytes = max(size_bytes / max(metadata.num_rows, 1), 1.0)
    return int(min(most, max(limits.JOIN_BATCH_BYTES / row_bytes, limits.MIN_JOIN_BATCH_ROWS)))
