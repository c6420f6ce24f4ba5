"""Polygon, line and point files into frames: encodings, CRS evidence, repair, ids and names."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS

from mapserver.errors import N_, DataError
from mapserver.files.damage import translate_read_errors
from mapserver.files.sizes import require_size
from mapserver.geo import heights
from mapserver.geo.geodesy import LONLAT, Geometries
from mapserver.model import LayerEntry, Role
from mapserver.readers.vector.doubles import merge_doubles
from mapserver.readers.vector.geojson import read_geojson
from mapserver.readers.vector.geopackage import require_finite
from mapserver.readers.vector.identity import assign_ids_and_names
from mapserver.readers.vector.kml import read_kml
from mapserver.readers.vector.osm import read_osm
from mapserver.readers.vector.parquet import require_moderate_texts
from mapserver.readers.vector.pointtable import (
    read_point_records,
    read_point_table,
    read_workbook,
)
from mapserver.readers.vector.projection import describe_crs, describe_crs_proof, to_lonlat
from mapserver.readers.vector.repair import repair_polygons
from mapserver.readers.vector.shapefile import ask_layer, read_shapefile, read_zipped_shapefile
from mapserver.readers.vector.source import (
    Source,
    describe_second_geometry,
    normalize_texts,
    require_bounded,
    require_countable,
    warnings_as_findings,
    with_exact_integers,
    with_missing_values,
)
from mapserver.readers.vector.surfaces import read_frame, report_unknown_geometries
from mapserver.readers.vector.unplaced import count_unplaced
from mapserver.readers.vector.values import simplify_values
from mapserver.text.code_pages import Box
from mapserver.text.findings import Finding

__all__ = ["finish_layer", "merge_doubles", "read_layer", "read_source"]

NULLABLE_INTEGERS = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
}
"""Whole numbers of Parquet, and the type that holds them beside empty cells."""

# The reader follows from the ending. GDAL would go by the content and, for a text that says so,
# open other files and addresses; so the first bytes must be those of the format.
MAGIC = {".gpkg": (b"SQLite format 3\0", "GPKG"), ".fgb": (b"fgb\x03", "FlatGeobuf")}


def read_layer(
    path: Path, entry: LayerEntry, *, name: str, city_box: Box | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read a layer in any format of the contract.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile (plain or zipped), GeoParquet, FlatGeobuf, CSV, Excel
        workbook, KML or KMZ, or an OpenStreetMap extract (the ways on which one may walk).
    entry
        The layer as the catalogue describes it: CRS and encoding of files that do not say them,
        the columns with ids and names.
    name
        What to call the file in messages: its path within the city folder.
    city_box
        Where the city lies (west, south, east, north), if that is known: weighs between encodings
        and chooses the CRS that a file may be in.

    Returns
    -------
    frame : GeoDataFrame
        EPSG:4326, longitude first, two dimensions (trails three where heights are known),
        polygons valid; indexed by ``id`` (text, unique) with ``name``, perhaps ``name_en``, and
        the file's own columns. Text is in NFC, dates are ISO 8601 text.
    findings : list of Finding
        Rows left out, polygons repaired, ids doubled, and whatever else should be looked at.

    Raises
    ------
    CrsError
        The CRS is unknown or does not fit the coordinates.
    DataError
        The file cannot be read at all.
    """
    source = read_source(path, entry, name=name, city_box=city_box)
    return finish_layer(source, entry, name=name, city_box=city_box)


def read_source(path: Path, entry: LayerEntry, *, name: str, city_box: Box | None = None) -> Source:
    """Read the rows of a file as they stand in it, before ids, names and places are concluded.

    Parameters are those of :func:`read_layer`.

    Raises
    ------
    DataError
        The file cannot be read at all.
    """
    findings: list[Finding] = []
    with translate_read_errors(name, path), warnings_as_findings(name, findings):
        source = _read_by_suffix(path, entry, name, city_box)
        frame, about_values = simplify_values(source.frame, name)
        require_bounded(frame, name)
    return replace(source, frame=frame, findings=[*findings, *source.findings, *about_values])


def finish_layer(
    source: Source, entry: LayerEntry, *, name: str, city_box: Box | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Conclude ids, names and places of the rows of a file; returns as :func:`read_layer` does."""
    with translate_read_errors(name):
        return _locate_features(source, entry, name, city_box)


def _locate_features(
    source: Source, entry: LayerEntry, name: str, city_box: Box | None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    if entry.role is Role.TRAILS:
        source = replace(source, frame=heights.restore_from_column(source.frame))
    source, about_ids = assign_ids_and_names(source, entry, name)
    geometries, about_places = to_lonlat(source, entry.crs, name, city_box)
    geometries, about_shapes = repair_polygons(geometries, source.frame.index, name)
    if entry.role is Role.TRAILS:
        geometries = _with_heights(geometries, source.frame.geometry.to_numpy())
    frame = source.frame.set_geometry(geometries, crs=LONLAT)
    # Ids are marked by now, and the findings know what each was.
    marked = {str(f.values["free"]): f.feature for f in about_ids if f.code == "id-duplicate"}
    given_ids = [marked.get(id_, id_) for id_ in frame.index]
    frame, stays, about_doubles = merge_doubles(frame, given_ids, entry.role, name)
    gone = set(source.frame.index[~stays])
    about_ids = [f for f in about_ids if f.values.get("free") not in gone]
    geometries = geometries[stays]
    # For the reports of a check and of an import.
    frame.attrs["file_crs"] = describe_crs(source, entry.crs)
    frame.attrs["file_crs_from"] = describe_crs_proof(source, entry.crs)
    frame.attrs["file_encoding"] = source.encoding
    frame.attrs["file_encoding_from"] = source.encoding_from
    about_shapes = count_unplaced(about_shapes, geometries, entry, name)
    return frame, [*source.findings, *about_ids, *about_doubles, *about_places, *about_shapes]


def _with_heights(geometries: Geometries, originals: Geometries) -> Geometries:
    """Return geometries with the heights of the originals; 0 m throughout is an unknown height."""
    # Everything before this step works in two dimensions, so the heights are fetched from the rows
    # as they stood in the file.
    heights_m = shapely.get_coordinates(originals, include_z=True)[:, 2]
    if not np.isfinite(heights_m).any() or not heights_m[np.isfinite(heights_m)].any():
        return geometries
    counts = shapely.get_num_coordinates(originals)
    # One run of heights for each geometry: the running sum of the vertex counts says where each
    # ends.
    per_geometry = np.split(heights_m, np.cumsum(counts)[:-1])
    # A repaired geometry has other vertices than the original, to which the heights no longer
    # belong.
    same = counts == shapely.get_num_coordinates(geometries)
    risen = [
        heights.set_heights(geometry, z) if is_same and geometry is not None else geometry
        for geometry, z, is_same in zip(geometries, per_geometry, same, strict=True)
    ]
    return heights.drop_unknown(np.array(risen, dtype=object))


def _read_json(path: Path, entry: LayerEntry, name: str, city_box: Box | None) -> Source:
    """Read GeoJSON; for a role of points, what is none may be a list of records."""
    try:
        return read_geojson(
            path,
            name=name,
            label=entry.encoding,
            city_box=city_box,
            crs_is_stated=entry.crs is not None,
        )
    except DataError:
        if entry.role.row.dimension != 0:
            raise
        try:
            return read_point_records(path, entry, name=name, city_box=city_box)
        except DataError:
            pass
        raise  # what is wrong with it as GeoJSON says more


def _read_by_suffix(path: Path, entry: LayerEntry, name: str, city_box: Box | None) -> Source:
    # Absolute, so that GDAL cannot take the name for one of its own addresses.
    path = path.absolute()
    match path.suffix.lower():
        case ".geojson" | ".json":
            source = _read_json(path, entry, name, city_box)
        case ".xml":
            source = read_point_records(path, entry, name=name, city_box=city_box)
        case ".shp":
            source = read_shapefile(path, name=name, label=entry.encoding, city_box=city_box)
        case ".zip":
            source = read_zipped_shapefile(
                path, name=name, layer=entry.layer, label=entry.encoding, city_box=city_box
            )
        case ".csv":
            source = read_point_table(path, entry, name=name, city_box=city_box)
        case ".xlsx" | ".xlsm" | ".xls" | ".ods":
            source = read_workbook(path, entry, name=name, city_box=city_box)
        case ".kml" | ".kmz":
            source = read_kml(path, name=name, layer=entry.layer)
        case ".osm" | ".pbf":
            source = read_osm(path, name=name)
        case ".gpkg" | ".fgb":
            source = _read_with_gdal(path, entry, name)
        case ".parquet" | ".geoparquet":
            source = _read_parquet(path, name)
        case suffix:
            raise DataError(
                N_("files that end in {suffix} cannot be read"),
                where=name,
                mend=N_("Give a table the ending .csv, also one with tabs")
                if suffix in {".txt", ".tsv", ".tab", ".dat"}
                else N_("Save the layer as GeoJSON or GeoPackage"),
                suffix=repr(suffix),
            )
    return replace(source, frame=normalize_texts(source.frame))


def _read_with_gdal(path: Path, entry: LayerEntry, name: str) -> Source:
    require_size([path], name)
    magic, driver = MAGIC[path.suffix.lower()]
    with path.open("rb") as file:
        if file.read(len(magic)) != magic:
            raise DataError(
                N_("this is not a {driver} file"),
                where=name,
                mend=N_("Export the layer again"),
                driver=driver,
            )
    layers = [str(layer) for layer, kind in pyogrio.list_layers(path) if kind]
    chosen = [layer for layer in layers if entry.layer in {None, layer}]
    # A file of several layers is never read by guess: a person names the one that is meant.
    if len(chosen) != 1:
        raise ask_layer(layers, entry.layer, name)
    if driver == "GPKG":
        require_finite(path, chosen[0], name)
    # What the file states is checked before GDAL allocates memory for it.
    info = pyogrio.read_info(path, layer=chosen[0])
    require_countable(info["features"], len(info["fields"]), name, path.stat().st_size)
    raw = read_frame(
        path, info["fields"], layer=chosen[0], fid_as_index=True, datetime_as_string=True
    )
    raw = with_missing_values(raw, info["dtypes"])
    raw = with_exact_integers(
        raw,
        lambda columns: pyogrio.read_arrow(
            path, layer=chosen[0], columns=columns, read_geometry=False
        )[1],
    )
    # A GeoPackage keeps its features' ids; in a FlatGeobuf they are only positions.
    ids = raw.index.to_numpy(dtype=object) if driver == "GPKG" else None
    return _without_crs(raw.reset_index(drop=True), ids, report_unknown_geometries(raw, name))


def _read_parquet(path: Path, name: str) -> Source:
    require_size([path], name)
    metadata = pq.read_metadata(path)
    require_countable(metadata.num_rows, metadata.num_columns, name)
    require_moderate_texts(path, metadata, name)
    if b"geo" not in (metadata.metadata or {}):
        raise DataError(
            N_("the table has no geometries"),
            where=name,
            mend=N_("Save it as GeoParquet, or as CSV with columns lon and lat"),
        )
    # Not decimals where a cell is empty.
    frame = gpd.read_parquet(path, to_pandas_kwargs={"types_mapper": NULLABLE_INTEGERS.get})
    full = {
        c: str(frame[c].dtype).lower()
        for c in frame
        if frame[c].dtype in NULLABLE_INTEGERS.values() and not frame[c].hasnans
    }
    frame = frame.astype(full)
    # A layer has one geometry; a further one would break every format that it is exported to.
    extra = [str(c) for c in frame.select_dtypes("geometry") if c != frame.geometry.name]
    findings = [describe_second_geometry(column, name) for column in extra]
    frame = frame.drop(columns=extra)
    if frame.index.name:
        frame = frame.reset_index()
    # All other formats hold dates as ISO 8601 text, so dates of Arrow become the same.
    dates = {c: frame[c].astype("str") for c in frame.select_dtypes(["datetime", "datetimetz"])}
    objects = [c for c in frame.columns if frame[c].dtype == object]
    dates |= {c: frame[c].map(_write_day) for c in objects}
    frame = frame.assign(**dates).reset_index(drop=True)
    if frame.geometry.name != "geometry":
        frame = frame.rename(columns={"geometry": "geometry_"}).rename_geometry("geometry")
    return _without_crs(frame, None, findings)


def _write_day(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def _without_crs(
    frame: gpd.GeoDataFrame, ids: npt.NDArray[np.object_] | None, findings: list[Finding]
) -> Source:
    crs = None if frame.crs is None else CRS(frame.crs)
    return Source(frame.set_crs(None, allow_override=True), crs, ids=ids, findings=findings)
