"""GeoJSON files, read without GDAL, which would follow a ``crs`` link to any network address."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.errors import N_, CrsError, DataError
from mapserver.files.sizes import require_size
from mapserver.geo import geodesy
from mapserver.geo.geometry_types import GEOMETRY_TYPES
from mapserver.readers.vector.source import Source, require_countable
from mapserver.text import encoding
from mapserver.text.code_pages import Box
from mapserver.text.findings import Finding, Severity


class _GeoJsonFeature(msgspec.Struct):
    geometry: msgspec.Raw = msgspec.Raw(b"null")
    properties: dict[str, Any] | None = None
    id: str | int | float | None = None


class _Document(msgspec.Struct):
    type: str = ""
    crs: Any = None
    features: list[_GeoJsonFeature] = msgspec.field(default_factory=list)
    geometry: msgspec.Raw = msgspec.Raw(b"null")
    properties: dict[str, Any] | None = None
    id: str | int | float | None = None


def read_geojson(
    path: Path,
    *,
    name: str,
    label: str | None = None,
    city_box: Box | None = None,
    crs_is_stated: bool = False,
) -> Source:
    """Read a FeatureCollection, a Feature or a bare geometry (RFC 7946, and 2008's ``crs``).

    A feature whose geometry cannot be read keeps its row, with a finding.

    Parameters
    ----------
    crs_is_stated
        A person or the catalogue names the CRS, so one in the file that cannot be read is passed
        by, with a finding.

    Raises
    ------
    DataError
        It is not GeoJSON; the message names the other JSON formats of the trade.
    """
    require_size([path], name)
    text = encoding.decode_text(path.read_bytes(), where=name, label=label, city_box=city_box)
    # Geometries stay raw bytes at first: GEOS parses all of them in one call, and a bad one costs
    # only its own row.
    document = _parse_document(text, name)
    features = _list_features(document, text, name)
    geometries, findings = _parse_geometries(features, name)
    records = [feature.properties or {} for feature in features]
    columns: set[str] = set().union(*records)
    require_countable(len(records), len(columns), name)
    table = pd.DataFrame.from_records(records, index=range(len(records)))
    table = _restore_integers(table, records).rename(columns={"geometry": "original_geometry"})
    ids = np.array([_write_id(feature.id) for feature in features], dtype=object)
    crs, about_crs = _read_crs(document.crs, name, is_stated=crs_is_stated)
    frame = gpd.GeoDataFrame(table, geometry=geometries)
    return Source(frame, crs, implied=True, ids=ids, findings=[*about_crs, *findings])


def _parse_document(text: str, name: str) -> _Document:
    try:
        return msgspec.json.decode(text, type=_Document)
    except msgspec.ValidationError as error:
        raise DataError(
            N_("this is not GeoJSON: {reason}"),
            where=name,
            mend=N_("Save it again as GeoJSON (RFC 7946)"),
            reason=str(error),
        ) from error
    # The decoder says at which byte it failed; people look for a line.
    except (msgspec.DecodeError, RecursionError) as error:
        byte = re.search(r"byte (\d+)", str(error))
        line = text.encode()[: int(byte[1])].count(b"\n") + 1 if byte else 0
        raise DataError(
            N_("the JSON breaks off or is malformed: {reason}"),
            where=f"{name}:{line}" if line else name,
            mend=N_("Save it again as GeoJSON (RFC 7946)"),
            reason=str(error).removeprefix("JSON is malformed: "),
        ) from error


def _list_features(document: _Document, text: str, name: str) -> list[_GeoJsonFeature]:
    if document.type == "FeatureCollection":
        return document.features
    if document.type == "Feature":
        return [_GeoJsonFeature(document.geometry, document.properties, document.id)]
    if document.type in GEOMETRY_TYPES:
        return [_GeoJsonFeature(msgspec.Raw(text.encode()))]
    # The other JSON format of the trade is recognised, so that the message can name it.
    esri = '"geometryType"' in text or '"esriFieldType' in text
    kind = "Esri JSON" if esri else f"JSON of type {document.type!r}"
    raise DataError(
        N_("this is {kind}, not GeoJSON"),
        where=name,
        mend=N_("Open it in QGIS and save it as GeoJSON"),
        kind=kind,
    )


def _parse_geometries(features: list[_GeoJsonFeature], name: str) -> tuple[Any, list[Finding]]:
    raws = [bytes(feature.geometry) for feature in features]
    texts = np.array([None if raw == b"null" else raw for raw in raws], dtype=object)
    geometries = shapely.from_geojson(texts, on_invalid="ignore")
    # Missing although there was a text: GEOS could not parse it. The comparison runs over the
    # array, so it must be != and not "is not".
    broken = np.flatnonzero(shapely.is_missing(geometries) & (texts != None))  # noqa: E711
    findings = [_describe_broken_geometry(features[i], int(i), raws[i], name) for i in broken]
    return geometries, findings


def _describe_broken_geometry(
    feature: _GeoJsonFeature, position: int, raw: bytes, name: str
) -> Finding:
    try:
        # Parsing the geometry once more, by itself, yields the reason, which the call for all
        # suppresses.
        shapely.from_geojson(raw)
        reason = ""
    except shapely.errors.GEOSException as error:
        reason = str(error).partition(": ")[2]
    return Finding(
        Severity.ERROR,
        "geometry-unreadable",
        name,
        N_("the geometry cannot be read: {reason}"),
        N_("Draw it again; rings end where they begin, and lines have two points or more"),
        _write_id(feature.id) or f"number {position + 1}",
        {"reason": reason},
    )


def _write_id(value: str | float | None) -> str | None:
    return None if value is None else str(value)


def _restore_integers(table: pd.DataFrame, records: list[dict[str, Any]]) -> pd.DataFrame:
    """Return whole numbers as such where some are missing; pandas makes them decimal."""
    # pandas turns whole numbers with a gap into decimals, which hold only 53 bits. Columns that had
    # no decimal in the file are built again from the records.
    columns = [c for c in table.columns if table[c].dtype == float and table[c].isna().any()]
    integer_columns = [c for c in columns if not any(isinstance(r.get(c), float) for r in records)]
    exact = {
        c: _as_integers([record.get(c) for record in records], table.index) for c in integer_columns
    }
    return table.assign(**exact)


def _as_integers(values: list[Any], index: pd.Index) -> pd.Series[Any]:
    """Return whole numbers with all their digits; text where one has too many for 64 bits."""
    if any(value is not None and abs(value) >= 2**63 for value in values):
        return pd.Series([None if v is None else str(v) for v in values], index, dtype="str")
    return pd.Series(pd.array(values, dtype="Int64"), index)


def _read_crs(member: Any, name: str, *, is_stated: bool) -> tuple[CRS | None, list[Finding]]:
    """Read the ``crs`` member; one that says no CRS stands back where another is stated."""
    if member is None:
        return None, []
    try:
        # RFC 7946 dropped the member; GeoJSON of 2008 (section 3) has it, and GDAL still writes it.
        return geodesy.parse_crs(_find_crs_name(member, name), where=name), []
    except DataError as error:
        if is_stated:
            finding = Finding.from_error(error, code="crs-unreadable", file=name)
            return None, [replace(finding, severity=Severity.WARNING)]
        mend = N_("Name the CRS: --crs EPSG:5186, for example, or crs in catalog.toml")
        raise CrsError(error.what, where=name, mend=mend, **error.values) from error


def _find_crs_name(crs: Any, name: str) -> str:
    """Return the name in a ``crs`` member; links are not followed."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    value = properties.get("name") if isinstance(properties, dict) else None
    if not (isinstance(value, str) and crs.get("type") == "name"):
        raise DataError(
            N_("its crs is not given by name"),
            where=name,
            mend=N_("Take the crs member out and save the coordinates as degrees (EPSG:4326)"),
        )
    return value
