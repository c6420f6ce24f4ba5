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
from mapserver.geo import extent
from mapserver.model import DECIMALS, Layer, match_kind, plain_records
from mapserver.readers.gpx.original import (
    CHILDREN,
    NAMESPACE,
    OWN,
    TIME,
    Originals,
    get_local_name,
    read_metadata,
    rewrite_element,
)
from mapserver.readers.gpx.own import TEXTS
from mapserver.text.findings import Finding, Severity
from mapserver.writers.columns import flat, iso_times, placeless
from mapserver.writers.layer import How, credit, heading
from mapserver.writers.xml import Element, add, document, register_namespace, root

SCHEMA = f"{NAMESPACE} http://www.topografix.com/GPX/1/1/gpx.xsd"
SPDX = {"CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0"}
"""Licences by their short names, whose addresses the schema asks for."""

LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)

register_namespace("", NAMESPACE)
register_namespace("maenballo", OWN)
register_namespace("gpxx", "http://www.garmin.com/xmlschemas/GpxExtensions/v3")
register_namespace("gpxtpx", "http://www.garmin.com/xmlschemas/TrackPointExtension/v1")
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
    data = gpx(tracks, waypoints, about, how.originals)
    return data, [*findings, *map(_not_read_again, how.originals.unreadable())]


def _not_read_again(file: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "original-unread",
        file,
        N_("the file is too large to be read again: times, comments and links are left out"),
        N_("Take the original file for them"),
    )


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
    originals: Originals | None = None,
    *,
    whole: bool = True,
) -> bytes:
    """Write lines and points as GPX 1.1.

    What was read from a GPX file has all that the file says of it: a time and whatever else for
    each point, comments, links, symbols, extensions; a route stays a route.

    Parameters
    ----------
    tracks
        Lines in EPSG:4326 with ``name`` and ``description``; each part is a segment, heights are
        written where they are known.
    waypoints
        Points with ``name``, ``description``, ``kind`` and ``elevation_m``.
    about
        ``name``, ``desc``, ``source`` and ``licence`` of the whole, each only if it has one.
    originals
        The files that ``file`` names in each row, where they are there.
    whole
        What the original file says of itself as a whole is true of these rows, too.
    """
    originals = originals or Originals({})
    document_ = root(
        f"{{{NAMESPACE}}}gpx",
        {
            "version": "1.1",
            "creator": "Maenballo",
            "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation": SCHEMA,
        },
    )
    frames = [*tracks, *waypoints]
    about_file = originals if whole else Originals({})
    document_.append(_metadata(about, frames, about_file))
    for frame in waypoints:
        for about_it, place, as_read in _rows(frame):
            for point, original in zip(*map(shapely.get_parts, (place, as_read)), strict=True):
                document_.append(_waypoint(about_it, point, original, originals))
    lines = [
        _line(about_it, line, as_read, originals)
        for frame in tracks
        for about_it, line, as_read in _rows(frame)
    ]
    document_.extend(sorted(lines, key=lambda element: get_local_name(element) == "trk"))
    return document(document_)


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


def _rows(
    frame: gpd.GeoDataFrame,
) -> list[tuple[dict[str, Any], shapely.Geometry, shapely.Geometry]]:
    """Return of each row its columns, its geometry as it is written, and as it was read."""
    geometries = shapely.transform(
        frame.geometry.to_numpy(), lambda xyz: np.round(xyz, DECIMALS), include_z=True
    )
    records = plain_records(iso_times(flat(frame)))
    return list(zip(records, geometries, frame.geometry.to_numpy(), strict=True))


def _metadata(
    about: Mapping[str, str], frames: list[gpd.GeoDataFrame], originals: Originals
) -> Element:
    """Say what the file is, in the order of the schema, beside what an original says of itself."""
    metadata = _original_metadata(frames, originals)
    own = {get_local_name(child): child for child in metadata}
    if "name" not in own and about.get("name"):
        _add(metadata, "name", about["name"])
    credit_text = about.get("desc", "")
    if "desc" not in own and credit_text:
        _add(metadata, "desc", credit_text)
    elif credit_text and credit_text not in (own["desc"].text or ""):
        own["desc"].text = f"{own['desc'].text}; {credit_text}"
    if about.get("source") and "copyright" not in own:
        copyright_ = _add(metadata, "copyright", author=about["source"])
        licence = about.get("licence", "")
        if licence in SPDX:
            _add(copyright_, "license", f"https://spdx.org/licenses/{licence}.html")
        elif licence.startswith(("http://", "https://")) and " " not in licence:
            _add(copyright_, "license", licence)
    box = extent.find_frame_bounds(frames)
    # GPX has no word for a box over 180 degrees, and need not say any.
    if box is not None and box[0] <= box[2]:
        west, south, east, north = np.round(box, DECIMALS)
        _add(metadata, "bounds", minlat=south, minlon=west, maxlat=north, maxlon=east)
    order = CHILDREN["metadata"]
    metadata[:] = sorted(metadata, key=lambda child: order.index(get_local_name(child)))
    return metadata


def _original_metadata(frames: list[gpd.GeoDataFrame], originals: Originals) -> Element:
    """Return the metadata of the one file that all rows are from; else an element without any."""
    files = {str(file) for frame in frames if "file" in frame for file in frame["file"].dropna()}
    found = originals.root(files.pop()) if len(files) == 1 else None
    return root(f"{{{NAMESPACE}}}metadata") if found is None else read_metadata(found)


def _waypoint(
    about: dict[str, Any], point: shapely.Point, as_read: shapely.Point, originals: Originals
) -> Element:
    about = dict(about)
    original = originals.find_waypoint(
        str(about.get("file") or ""), str(about.get("name") or ""), as_read
    )
    height = about.pop("elevation_m", None)
    height = height if height is not None or not point.has_z else point.z
    is_known = height is not None and math.isfinite(height)
    if original is not None:
        element = rewrite_element(original, leave_out=() if is_known else ("ele",))
        _require_name(element, about)
    else:
        element = root(f"{{{NAMESPACE}}}wpt", {"lat": f"{point.y:.7f}", "lon": f"{point.x:.7f}"})
        if is_known:
            _add(element, "ele", _number(height))
        _name(element, about)
        _add_texts(element, about)
    _extend(element, about)
    return element


def _add_texts(element: Element, about: dict[str, Any]) -> None:
    """Write the columns of a waypoint that GPX has an element for; a kind of ours is its type."""
    is_time = TIME.fullmatch(str(about.get("time"))) is not None
    texts = {
        tag: about.pop(column, None)
        for column, tag in TEXTS.items()
        if tag != "time" or is_time  # else it is a column of another meaning
    }
    kind = about.get("kind")
    if kind and (not texts["type"] or match_kind(str(texts["type"])) != kind):
        texts["type"] = about.pop("kind")
    for tag, text in texts.items():
        if not text:
            continue
        if tag == "link":
            _insert(element, tag, "").set("href", str(text))
        else:
            _insert(element, tag, str(text))


def _line(
    about: dict[str, Any], line: shapely.Geometry, as_read: shapely.Geometry, originals: Originals
) -> Element:
    """Write a track, or a route where it was one, with its points as its file has them."""
    about = dict(about)
    kind = str(about.get("kind") or "track")
    parts = shapely.get_parts(line)
    is_route = kind == "route" and len(parts) == 1
    original = originals.find_line(str(about.get("file") or ""), kind, as_read)
    if original is not None:
        element = rewrite_element(original.element)
        _require_name(element, about)
        matched = original.segments
    else:
        element = root(f"{{{NAMESPACE}}}{'rte' if is_route else 'trk'}")
        _name(element, about)
        matched = [[None] * shapely.get_num_coordinates(part) for part in parts]
    _extend(element, about)
    for part, points in zip(parts, matched, strict=True):
        inside = element if get_local_name(element) == "rte" else _add(element, "trkseg")
        tag = "rtept" if inside is element else "trkpt"
        places = shapely.get_coordinates(part, include_z=True).tolist()
        for (lon, lat, height), point in zip(places, points, strict=True):
            if point is not None:
                inside.append(
                    rewrite_element(point, leave_out=() if math.isfinite(height) else ("ele",))
                )
            elif original is None:
                made = _add(inside, tag, lat=f"{lat:.7f}", lon=f"{lon:.7f}")
                if math.isfinite(height):
                    _add(made, "ele", _number(height))
    return element


def _require_name(element: Element, about: dict[str, Any]) -> None:
    """Have an element of the original say the name and the description that the city has."""
    texts = {get_local_name(child): child for child in element}
    for tag, column in (("desc", "description"), ("name", "name")):
        text = about.pop(column, None)
        said = {" ".join((texts[t].text or "").split()) for t in (tag, "cmt") if t in texts}
        if not text or text in said:
            continue
        if tag in texts:
            texts[tag].text = str(text)
        else:
            _insert(element, tag, str(text))


def _insert(element: Element, tag: str, text: str) -> Element:
    """Add a child at its place in the order of the schema."""
    order = CHILDREN[get_local_name(element)]
    place = sum(
        get_local_name(child) in order and order.index(get_local_name(child)) < order.index(tag)
        for child in element
    )
    made = _add(element, tag, text or None)
    element.remove(made)
    element.insert(place, made)
    return made


def _name(element: Element, about: dict[str, Any]) -> None:
    for tag, column in (("name", "name"), ("desc", "description")):
        if about.get(column):
            _add(element, tag, about.pop(column))


def _extend(element: Element, about: dict[str, Any]) -> None:
    """Write the columns that GPX has no element for; what is missing is not written."""
    said = {key: value for key, value in about.items() if value is not None}
    if said:
        there = element.find(f"{{{NAMESPACE}}}extensions")
        extensions = _add(element, "extensions") if there is None else there
        for column, value in said.items():
            text = str(value).lower() if isinstance(value, bool | np.bool_) else value
            add(extensions, f"{{{OWN}}}value", text, {"column": column})


def _number(value: float) -> str:
    return str(np.format_float_positional(value, trim="-"))


def _add(parent: Element, tag: str, text: object = None, **attributes: object) -> Element:
    return add(parent, f"{{{NAMESPACE}}}{tag}", text, attributes)
