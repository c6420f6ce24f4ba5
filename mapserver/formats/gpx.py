"""GPX 1.1 for watches and telephones: lines as tracks with their segments, points as waypoints."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from mapserver.errors import N_
from mapserver.features import DECIMALS, plain_records
from mapserver.findings import Finding, Severity
from mapserver.formats.columns import flat, iso_times, placeless
from mapserver.formats.layer import How, credit, heading
from mapserver.formats.xml import Element, add, document, register_namespace, root
from mapserver.store.files import Layer

NAMESPACE = "http://www.topografix.com/GPX/1/1"
OWN = "urn:maenballo:columns:1"
"""Namespace of the columns that GPX has no element for."""

SCHEMA = f"{NAMESPACE} http://www.topografix.com/GPX/1/1/gpx.xsd"
SPDX = {"CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0"}
"""Licences by their short names, whose addresses the schema asks for."""

LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)

register_namespace("", NAMESPACE)
register_namespace("maenballo", OWN)
register_namespace("xsi", "http://www.w3.org/2001/XMLSchema-instance")


def write(layers: Sequence[Layer], path: Path, how: How) -> list[Finding]:
    """Write the lines and points of layers into one file."""
    data, findings = of_layers(layers, how)
    path.write_bytes(data)
    return findings


def of_layers(layers: Sequence[Layer], how: How) -> tuple[bytes, list[Finding]]:
    """Write the lines and points of layers as GPX; rows that are neither are told.

    All columns go along: name and description where GPX has them, the others as extensions. The
    file is called by ``how``, by its only trail, or by its first layer.
    """
    tracks, waypoints, findings = [], [], []
    for layer in layers:
        geometries = layer.frame.geometry.to_numpy()
        kinds = shapely.get_type_id(geometries)
        nowhere = placeless(geometries)
        lines, points = np.isin(kinds, LINES) & ~nowhere, np.isin(kinds, POINTS) & ~nowhere
        if nowhere.any():
            findings.append(without_place(layer, nowhere))
        if not (lines | points | nowhere).all():
            findings.append(_not_held(layer, ~(lines | points | nowhere)))
        tracks.append(layer.frame[lines])
        waypoints.append(layer.frame[points])
    about = {
        "name": how.title or _only_name(tracks) or heading(layers[0].entry, how.lang),
        "desc": "; ".join(dict.fromkeys(filter(None, (credit(x.entry, how.lang) for x in layers)))),
        "source": "; ".join(dict.fromkeys(x.entry.source for x in layers if x.entry.source)),
        "licence": "; ".join(dict.fromkeys(x.entry.licence for x in layers if x.entry.licence)),
    }
    return gpx(tracks, waypoints, about), findings


def _only_name(tracks: list[gpd.GeoDataFrame]) -> str:
    named = [frame["name"].iloc[0] for frame in tracks if len(frame) == 1 and "name" in frame]
    return named[0] if len(named) == 1 and isinstance(named[0], str) else ""


def _not_held(layer: Layer, others: Any) -> Finding:
    return Finding(
        Severity.WARNING,
        "rows-left-out",
        layer.entry.id,
        N_("rows that are neither lines nor points are left out: {count}"),
        N_("Use another format, such as gpkg or kml"),
        ", ".join(map(str, layer.frame.index[others][:3])),
        {"count": int(others.sum())},
    )


def gpx(
    tracks: Sequence[gpd.GeoDataFrame],
    waypoints: Sequence[gpd.GeoDataFrame],
    about: Mapping[str, str],
) -> bytes:
    """Write lines and points as GPX 1.1.

    Parameters
    ----------
    tracks
        Lines in EPSG:4326 with ``name`` and ``description``; each part is a segment, heights are
        written where they are known.
    waypoints
        Points with ``name``, ``description``, ``kind`` and ``elevation_m``.
    about
        ``name``, ``desc``, ``source`` and ``licence`` of the whole, each only if it has one.
    """
    whole = root(
        f"{{{NAMESPACE}}}gpx",
        {
            "version": "1.1",
            "creator": "Maenballo",
            "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation": SCHEMA,
        },
    )
    _metadata(whole, about, [*tracks, *waypoints])
    for frame in waypoints:
        for about_it, place in _rows(frame):
            for point in shapely.get_parts(place):
                _waypoint(whole, about_it, point)
    for frame in tracks:
        for about_it, line in _rows(frame):
            _track(whole, about_it, line)
    return document(whole)


def without_place(layer: Layer, nowhere: Any) -> Finding:
    """Tell of rows that a file of places cannot hold."""
    return Finding(
        Severity.WARNING,
        "rows-without-place",
        layer.entry.id,
        N_("rows without a place are left out: {count}"),
        N_("Use a format that holds them: gpkg, parquet, geojson or csv"),
        ", ".join(map(str, layer.frame.index[nowhere][:3])),
        {"count": int(nowhere.sum())},
    )


def _rows(frame: gpd.GeoDataFrame) -> list[tuple[dict[str, Any], shapely.Geometry]]:
    geometries = shapely.transform(
        frame.geometry.to_numpy(), lambda xyz: np.round(xyz, DECIMALS), include_z=True
    )
    return list(zip(plain_records(iso_times(flat(frame))), geometries, strict=True))


def _metadata(whole: Element, about: Mapping[str, str], frames: list[gpd.GeoDataFrame]) -> None:
    """Say what the file is, in the order of the schema: name, desc, copyright, bounds."""
    metadata = _add(whole, "metadata")
    for tag in ("name", "desc"):
        if about.get(tag):
            _add(metadata, tag, about[tag])
    if about.get("source"):
        copyright_ = _add(metadata, "copyright", author=about["source"])
        licence = about.get("licence", "")
        if licence in SPDX:
            _add(copyright_, "license", f"https://spdx.org/licenses/{licence}.html")
        elif licence.startswith(("http://", "https://")) and " " not in licence:
            _add(copyright_, "license", licence)
    boxes = [frame.total_bounds for frame in frames if len(frame)]
    if boxes:
        west, south = np.min(boxes, axis=0)[:2].round(DECIMALS)
        east, north = np.max(boxes, axis=0)[2:].round(DECIMALS)
        _add(metadata, "bounds", minlat=south, minlon=west, maxlat=north, maxlon=east)


def _waypoint(whole: Element, about: dict[str, Any], point: shapely.Point) -> None:
    element = _add(whole, "wpt", lat=f"{point.y:.7f}", lon=f"{point.x:.7f}")
    height = about.pop("elevation_m", None)
    height = height if height is not None or not point.has_z else point.z
    if height is not None and math.isfinite(height):
        _add(element, "ele", _number(height))
    _name(element, about)
    if about.get("kind"):
        _add(element, "type", about.pop("kind"))
    _extend(element, about)


def _track(whole: Element, about: dict[str, Any], line: shapely.Geometry) -> None:
    element = _add(whole, "trk")
    _name(element, about)
    _extend(element, about)
    for part in shapely.get_parts(line):
        segment = _add(element, "trkseg")
        for lon, lat, height in shapely.get_coordinates(part, include_z=True).tolist():
            point = _add(segment, "trkpt", lat=f"{lat:.7f}", lon=f"{lon:.7f}")
            if math.isfinite(height):
                _add(point, "ele", _number(height))


def _name(element: Element, about: dict[str, Any]) -> None:
    for tag, column in (("name", "name"), ("desc", "description")):
        if about.get(column):
            _add(element, tag, about.pop(column))


def _extend(element: Element, about: dict[str, Any]) -> None:
    """Write the columns that GPX has no element for; what is missing is not written."""
    said = {key: value for key, value in about.items() if value is not None}
    if said:
        extensions = _add(element, "extensions")
        for column, value in said.items():
            text = str(value).lower() if isinstance(value, bool | np.bool_) else value
            add(extensions, f"{{{OWN}}}value", text, {"column": column})


def _number(value: float) -> str:
    return str(np.format_float_positional(value, trim="-"))


def _add(parent: Element, tag: str, text: object = None, **attributes: object) -> Element:
    return add(parent, f"{{{NAMESPACE}}}{tag}", text, attributes)
