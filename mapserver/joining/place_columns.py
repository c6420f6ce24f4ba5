"""Where the places of a Parquet file stand, and in which CRS: GeoParquet, or two columns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyproj import CRS

from mapserver.errors import N_, CrsError, DataError
from mapserver.geo import geodesy
from mapserver.readers.sheets.coordinates import find_coordinate_columns
from mapserver.settings import limits

WKB, NATIVE = "WKB", "point"
"""The encodings of GeoParquet 1.1 that can hold points: well-known binary, and a structure of x, y
(and z), a column of doubles each."""
POINT_COLUMN = "geometry"
"""The column of points that is written where places came as two columns."""


@dataclass(frozen=True, slots=True)
class PlaceColumns:
    """Where a file has its places.

    Attributes
    ----------
    columns
        One column of geometries, or two with x (longitude, easting) before y.
    encoding
        ``WKB`` or ``point``; empty for two columns of numbers.
    crs
        Of the places.
    stated
        The CRS as GeoParquet states it (PROJJSON), for what is written; None for its default.
    geo
        What the file says of itself under the key ``geo``; None where it is no GeoParquet.
    """

    columns: tuple[str, ...]
    encoding: str
    crs: CRS
    stated: Any = None
    geo: dict[str, Any] | None = None

    @property
    def is_lonlat(self) -> bool:
        """Whether x and y are longitude and latitude on WGS 84."""
        return is_lonlat(self.crs)


def is_lonlat(crs: CRS) -> bool:
    """Return whether coordinates of a CRS, east before north, are those of WGS 84."""
    return bool(crs.equals(geodesy.LONLAT, ignore_axis_order=True))


def find_places(schema: pa.Schema, crs: str | None, name: str) -> PlaceColumns:
    """Find where the places of a file stand, and in which CRS they are.

    Parameters
    ----------
    schema
        Of the file, with its metadata.
    crs
        Of a file that does not state one.
    name
        Of the file, for messages.

    Raises
    ------
    DataError
        There are no places; the message names the columns that there are. Or two columns have the
        same name.
    CrsError
        Their CRS is unknown, or another one than the file states was given.
    """
    if len(set(schema.names)) < len(schema.names):
        twice = next(name for name in schema.names if schema.names.count(name) > 1)
        raise DataError(
            N_("column {column} is there twice"),
            where=name,
            mend=N_("Give one of them another name"),
            column=repr(twice),
        )
    geo = _read_geo(schema, name)
    if geo is not None:
        return _find_geometry(schema, geo, crs, name)
    given = None if crs is None else geodesy.parse_crs(crs, where=name)
    is_grid = given is not None and not given.is_geographic
    pair = find_coordinate_columns(schema.names, prefer_grid=is_grid)
    if pair is None:
        raise DataError(
            N_("there are no columns of places; the file has {columns}"),
            where=name,
            mend=N_(
                "Call two of them lon and lat, or x and y with --crs (crs= in Python), or write "
                "GeoParquet"
            ),
            columns=_list_names(schema),
        )
    x, y, is_degrees = pair
    _require_numbers(schema, (x, y), name)
    if is_degrees:
        # What is called a longitude is one on WGS 84, unless another geographic CRS is stated.
        if is_grid:
            raise CrsError(
                N_("{x} and {y} are degrees, and {crs} has metres"),
                where=name,
                mend=N_("If they are metres, call the columns x and y; if not, leave out the CRS"),
                x=repr(x),
                y=repr(y),
                crs=repr(crs),
            )
        found = given or geodesy.LONLAT
        return PlaceColumns((x, y), "", found, None if is_lonlat(found) else found.to_json_dict())
    if given is None:
        raise CrsError(
            N_("{x} and {y} have no CRS"),
            where=name,
            mend=N_(
                "Ask who made the file, and name it: --crs EPSG:5186, say; "
                'crs="EPSG:5186" in Python'
            ),
            x=repr(x),
            y=repr(y),
        )
    return PlaceColumns((x, y), "", given, None if is_lonlat(given) else given.to_json_dict())


def _read_geo(schema: pa.Schema, name: str) -> dict[str, Any] | None:
    """Read what a file says of itself under the key ``geo``; None where it has none.

    Raises
    ------
    DataError
        It is damaged.
    """
    text = (schema.metadata or {}).get(b"geo")
    if text is None:
        return None
    try:
        geo = json.loads(text)
        primary = geo["columns"][geo["primary_column"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            N_("what the file says of its geometries cannot be read"),
            where=name,
            mend=N_("Write it again as GeoParquet"),
        ) from error
    if not isinstance(primary, dict) or geo["primary_column"] not in schema.names:
        raise DataError(
            N_("the file has no column {column}, which it says to have its geometries in"),
            where=name,
            mend=N_("Write it again as GeoParquet"),
            column=repr(geo["primary_column"]),
        )
    return dict(geo)


def _find_geometry(
    schema: pa.Schema, geo: dict[str, Any], crs: str | None, name: str
) -> PlaceColumns:
    """Find the geometries of GeoParquet and their CRS.

    Raises
    ------
    DataError
        They are encoded as something else than points may be.
    CrsError
        Their CRS is unknown, or another one than the file states was given.
    """
    column = geo["primary_column"]
    primary = geo["columns"][column]
    encoding = primary.get("encoding")
    kind = schema.field(column).type
    is_binary = any(test(kind) for test in (pa.types.is_binary, pa.types.is_large_binary))
    is_native = (
        encoding == NATIVE
        and pa.types.is_struct(kind)
        and all(kind.get_field_index(axis) >= 0 for axis in ("x", "y"))
    )
    if not (encoding == WKB and is_binary) and not is_native:
        raise DataError(
            N_("column {column} is encoded as {encoding}, which holds no points"),
            where=name,
            mend=N_("Write points as GeoParquet, in WKB or in the encoding point"),
            column=repr(column),
            encoding=repr(encoding),
        )
    # Without the key it is OGC:CRS84, by the standard (GeoParquet 1.1, "crs"); null is unknown.
    stated = primary.get("crs", "OGC:CRS84")
    given = None if crs is None else geodesy.parse_crs(crs, where=name)
    found = given if stated is None or stated == {} else _parse_stated(stated, name)
    if found is None:
        raise CrsError(
            N_("the file says that its CRS is unknown"),
            where=name,
            mend=N_(
                "Ask who made the file, and name it: --crs EPSG:5186, say; "
                'crs="EPSG:5186" in Python'
            ),
        )
    if given is not None and not given.equals(found, ignore_axis_order=True):
        if "crs" not in primary:
            raise CrsError(
                N_("GeoParquet without a CRS is in degrees by its standard, and {given} was given"),
                where=name,
                mend=N_("Write it again with its CRS: frame.set_crs({given}, allow_override=True)"),
                given=repr(crs),
            )
        raise CrsError(
            N_("the file states {stated}, and {given} was given"),
            where=name,
            mend=N_("Leave out the CRS, or mend the file if it is wrong"),
            stated=repr(found.name),
            given=repr(given.name),
        )
    if stated is None:
        # What was unknown is known now, and what is written says so.
        geo = geo | {"columns": geo["columns"] | {column: primary | {"crs": found.to_json_dict()}}}
    return PlaceColumns((column,), encoding, found, None, geo)


def _parse_stated(stated: Any, name: str) -> CRS:
    """Read the CRS that a file states, as PROJJSON.

    Raises
    ------
    CrsError
        PROJ does not know it.
    """
    try:
        found = CRS.from_user_input(stated)
    except Exception as error:  # pyproj raises many kinds; all mean the same to the reader
        raise CrsError(
            N_("the CRS that the file states cannot be read"),
            where=name,
            mend=N_("Ask who made the file, and write it again with its CRS"),
        ) from error
    # A height beside the place changes nothing of the place.
    if found.is_compound:
        found = found.sub_crs_list[0]
    return found.to_2d()


def _require_numbers(schema: pa.Schema, columns: tuple[str, str], name: str) -> None:
    """Check that two columns hold numbers.

    Raises
    ------
    DataError
        One holds something else.
    """
    for column in columns:
        kind = schema.field(column).type
        if not any(
            test(kind) for test in (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal)
        ):
            raise DataError(
                N_("column {column} holds {kind} and no numbers"),
                where=name,
                mend=N_("Write coordinates as numbers (double)"),
                column=repr(column),
                kind=str(kind),
            )


def _list_names(schema: pa.Schema) -> str:
    """List the columns of a file for a message."""
    names = ", ".join(map(repr, schema.names[: limits.MAX_NAMED_COLUMNS]))
    rest = len(schema.names) - limits.MAX_NAMED_COLUMNS
    return f"{names} … +{rest}" if rest > 0 else names or "-"
