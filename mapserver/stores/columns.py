"""Columns of frames as columns of PostGIS: types, names, and rows in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas.api import types

from mapserver.geo.geodesy import LONLAT
from mapserver.settings import limits
from mapserver.stores.places import UNREAD, read_places, write_place
from mapserver.stores.quoting import compose

if TYPE_CHECKING:
    import psycopg

ID, GEOMETRY, ROW = "id", "geom", "_row"
"""The columns that each layer has beside its own: ``_row`` keeps the order of the file."""

FAMILIES = {0: "Point", 4: "Point", 1: "LineString", 5: "LineString", 3: "Polygon", 6: "Polygon"}
"""Kinds of geometries by their number, and the single one of each kind."""
SINGLE = (0, 1, 3)

WHOLE_TYPES = {"int8": "smallint", "int16": "smallint", "int32": "integer"}
"""Types of whole numbers in a frame that are narrower than others, and those of PostgreSQL."""
NARROW_TYPES = {"int2": "int16", "int4": "int32", "float4": "float32"}
"""What they are when they are read again: a layer has the types that its file has."""

NATIVE_TYPES = {"bool": "bool", "int2": "int", "int4": "int", "int8": "int", "float4": "float"} | {
    "float8": "float"
}
"""Types of PostgreSQL that stay numbers and booleans in a frame; all others are read as text."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The geometry column of a table.

    Attributes
    ----------
    type
        As PostGIS writes it.
    is_promoted
        Whether single geometries were made multiple ones of one part, and are single when read.
    """

    type: str
    is_promoted: bool = False


def choose_shape(geometries: Iterable[Any]) -> Shape:
    """Choose the narrowest type that holds geometries, so that QGIS knows what it may draw.

    Lines and areas become multiple ones, as QGIS writes them.
    """
    shapes = np.asarray(geometries, dtype=object)
    shapes = shapes[~shapely.is_missing(shapes)]
    kinds = set(shapely.get_type_id(shapes).tolist())
    families = {FAMILIES.get(kind, "") for kind in kinds}
    has_height = set(shapely.has_z(shapes).tolist())
    # Of some with heights and some without, only a column without a type holds both.
    if len(has_height) > 1:
        return Shape("geometry")
    z = "Z" if True in has_height else ""
    if len(families) != 1 or families == {""}:
        return Shape(f"geometry(Geometry{z}, 4326)")
    family = families.pop()
    if kinds <= {0}:
        return Shape(f"geometry(Point{z}, 4326)")
    is_single = np.isin(shapely.get_type_id(shapes), SINGLE)
    is_one_part = ~is_single & (shapely.get_num_geometries(shapes) == 1)
    # Where both are there, nobody could tell afterwards which was which.
    if is_single.any() and is_one_part.any():
        return Shape(f"geometry(Geometry{z}, 4326)")
    return Shape(f"geometry(Multi{family}{z}, 4326)", bool(is_single.any()))


def promote(geometry: Any) -> Any:
    """Return a single line, area or point as a multiple one of one part."""
    kind = shapely.get_type_id(geometry)
    makers = {0: shapely.multipoints, 1: shapely.multilinestrings, 3: shapely.multipolygons}
    if kind not in makers:
        return geometry
    return makers[kind]([] if shapely.is_empty(geometry) else [geometry])


def demote(geometry: Any) -> Any:
    """Return a multiple geometry of one part as a single one."""
    if geometry is None or shapely.get_type_id(geometry) not in {4, 5, 6}:
        return geometry
    return shapely.get_geometry(geometry, 0) if len(geometry.geoms) == 1 else geometry


def choose_type(column: pd.Series) -> str:
    """Choose the type of PostgreSQL that holds a column."""
    if types.is_bool_dtype(column.dtype):
        return "boolean"
    if types.is_unsigned_integer_dtype(column.dtype):
        return "numeric"
    if types.is_integer_dtype(column.dtype):
        return WHOLE_TYPES.get(str(column.dtype).lower(), "bigint")
    if str(column.dtype).lower() == "float32":
        return "real"
    return "double precision" if types.is_float_dtype(column.dtype) else "text"


def name_columns(names: Iterable[object], reserved: Iterable[str]) -> dict[str, str]:
    """Return a name of PostgreSQL for each column: its own, unless that is taken or too long."""
    taken = set(reserved)
    labels: dict[str, str] = {}
    for name in map(str, names):
        labels[name] = label = fit_identifier(name, taken)
        taken.add(label)
    return labels


def fit_identifier(name: str, taken: Iterable[str] = ()) -> str:
    """Return a name of at most 63 bytes that is not taken yet; what is cut gets a digest."""
    text = clean_text(name) or "_"
    used = set(taken)
    if len(text.encode()) <= limits.MAX_IDENTIFIER_BYTES and text not in used:
        return text
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    cut = text.encode()[: limits.MAX_IDENTIFIER_BYTES - 9].decode("utf-8", "ignore")
    return f"{cut}_{digest}"


def clean_text(text: str) -> str:
    """Return a text that PostgreSQL can hold: it knows no NUL, and no half of a letter."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def create_layer_table(
    cursor: psycopg.Cursor[Any], schema: str, table: str, frame: gpd.GeoDataFrame
) -> tuple[dict[str, str], Shape]:
    """Make the table of a layer and copy the rows of a frame into it.

    Parameters
    ----------
    cursor
        Within a transaction.
    schema, table
        Names, of any letters.
    frame
        EPSG:4326, indexed by id.

    Returns
    -------
    labels : dict of str to str
        The column of the table for each column of the frame.
    shape : Shape
        Of its geometry column.
    """
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    names = [c for c in frame.columns if c != frame.geometry.name]
    labels = name_columns(names, (ID, GEOMETRY, ROW))
    shape = choose_shape(frame.geometry)
    columns = [
        sql.SQL("{} text PRIMARY KEY DEFAULT left(gen_random_uuid()::text, 8)").format(
            sql.Identifier(ID)
        ),
        *(
            sql.SQL("{} {}").format(
                sql.Identifier(labels[str(name)]),
                sql.SQL(choose_type(frame[name])),
            )
            for name in names
        ),
        sql.SQL("{} {}").format(sql.Identifier(GEOMETRY), sql.SQL(shape.type)),
        sql.SQL("{} bigint GENERATED BY DEFAULT AS IDENTITY").format(sql.Identifier(ROW)),
    ]
    place = sql.Identifier(schema, table)
    cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(place, sql.SQL(", ").join(columns)))
    listed = sql.SQL(", ").join(
        map(sql.Identifier, (ID, *(labels[str(name)] for name in names), GEOMETRY))
    )
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(place, listed)) as copy:
        for row in iterate_rows(frame, shape):
            copy.write_row(row)
    cursor.execute(
        sql.SQL("CREATE INDEX ON {} USING gist ({})").format(place, sql.Identifier(GEOMETRY))
    )
    # Pages of a large layer follow this order, and pass over those before them by it.
    cursor.execute(
        sql.SQL("CREATE INDEX ON {} ({}, {})").format(
            place, sql.Identifier(ROW), sql.Identifier(ID)
        )
    )
    return labels, shape


def iterate_rows(frame: gpd.GeoDataFrame, shape: Shape) -> Iterator[tuple[Any, ...]]:
    """Yield of each feature its id, its cells and its geometry as hexadecimal EWKB."""
    names = [c for c in frame.columns if c != frame.geometry.name]
    columns = [_list_cells(frame[name]) for name in names]
    geometries = frame.geometry.to_numpy()
    if shape.type.startswith("geometry(Multi"):
        geometries = np.array([promote(each) for each in geometries], dtype=object)
    texts = shapely.to_wkb(shapely.set_srid(geometries, 4326), hex=True, include_srid=True)
    ids = [clean_text(str(id_)) for id_ in frame.index]
    yield from zip(ids, *columns, texts, strict=True)


def _list_cells(column: pd.Series) -> list[Any]:
    """Return the cells of a column as plain values; what is missing is None."""
    values = column.astype(object)
    is_missing = column.isna().to_numpy()
    is_text = choose_type(column) == "text"
    return [
        None
        if missing
        else clean_text(str(value))
        if is_text
        else value.item()
        if isinstance(value, np.generic)
        else value
        for value, missing in zip(values, is_missing, strict=True)
    ]


def read_layer_table(
    cursor: psycopg.Cursor[Any],
    schema: str,
    table: str,
    labels: Mapping[str, str],
    *,
    is_promoted: bool,
) -> gpd.GeoDataFrame:
    """Read the table of a layer as it is now, with the columns that people have added.

    Parameters
    ----------
    cursor
        Within a transaction.
    schema, table
        Names, of any letters.
    labels
        The column of the table for each column of the frame, as it was loaded.
    is_promoted
        Whether geometries of one part were single ones.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, with the column ``id`` and in the order of the file; new rows come last. Its
        attribute :data:`~mapserver.stores.places.UNREAD` has the rows whose place cannot be read.
    """
    present = list_columns(cursor, schema, table)
    names = {label: name for name, label in labels.items()}
    own = [label for label in present if label not in {ID, GEOMETRY, ROW}]
    ids, *cells, texts, systems = _select(cursor, schema, table, present, own)
    geometries, unread = read_places(ids, texts, systems)
    if is_promoted:
        geometries = np.array([demote(each) for each in geometries], dtype=object)
    data = {ID: pd.Series(ids, dtype="str")}
    for label, values in zip(own, cells, strict=True):
        data[names.get(label, label)] = make_column(
            values,
            NATIVE_TYPES.get(present[label], ""),
            narrow_type=NARROW_TYPES.get(present[label], ""),
        )
    frame = gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(geometries, crs=LONLAT))
    frame.attrs[UNREAD] = unread
    return frame


def list_columns(cursor: psycopg.Cursor[Any], schema: str, table: str) -> dict[str, str]:
    """Return the type of each column of a table, in their order."""
    cursor.execute(
        "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
        "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped "
        "ORDER BY a.attnum",
        [schema, table],
    )
    return dict(cursor.fetchall())


def _select(
    cursor: psycopg.Cursor[Any], schema: str, table: str, present: Mapping[str, str], own: list[str]
) -> list[list[Any]]:
    """Read ids, own columns, geometries and their systems of a table, each as a list."""
    from psycopg import sql  # noqa: PLC0415 -- only an extra brings it

    # What has a type that frames do not know is text, as in all formats of files.
    wanted = [
        sql.Identifier(label)
        if present[label] in NATIVE_TYPES
        else sql.SQL("{}::text").format(sql.Identifier(label))
        for label in own
    ]
    # In the plane of the table, whatever somebody has made of its column.
    geometry = write_place(GEOMETRY)
    order = compose("{row}, {id}" if ROW in present else "{id}", row=ROW, id=ID)
    cursor.execute(
        sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
            sql.SQL(", ").join([sql.SQL("{}::text").format(sql.Identifier(ID)), *wanted, geometry]),
            sql.Identifier(schema, table),
            order,
        )
    )
    rows = cursor.fetchall()
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(len(own) + 3)]


def make_column(
    values: list[Any], kind: str, *, is_nullable: bool = False, narrow_type: str = ""
) -> pd.Series:
    """Make a column of plain values, in the type that readers of files give it.

    Parameters
    ----------
    values
        None where one is missing.
    kind
        ``int``, ``bool``, ``float``, or anything else for text.
    is_nullable
        Whether other rows, which are not here, may lack a value.
    narrow_type
        The type of a frame, where it is narrower than that of most numbers.
    """
    is_whole = None not in values and not is_nullable
    if kind == "int":
        type_ = narrow_type or "int64"
        return pd.Series(values, dtype=type_ if is_whole else type_.title())
    if kind == "bool":
        return pd.Series(values, dtype="bool" if is_whole else "boolean")
    return pd.Series(values, dtype=(narrow_type or "float64") if kind == "float" else "str")
