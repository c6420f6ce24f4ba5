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
from mapserver.writers.columns import find_placeless_rows, flatten_frame, format_times
from mapserver.writers.geometry_kinds import LINES, POINTS
from mapserver.writers.layer import WriteOptions, build_credit, build_title
from mapserver.writers.xml import Element, add_child, encode_document, make_root, register_namespace

SCHEMA = f"{NAMESPACE} http://www.topografix.com/GPX/1/1/gpx.xsd"
SPDX = {"CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0"}
"""Licences by their short names, whose addresses the schema asks for."""


register_namespace("", NAMESPACE)
register_namespace("maenballo", OWN)
register_namespace("gpxx", "http://www.garmin.com/xmlschemas/GpxExtensions/v3")
register_namespace("gpxtpx", "http://www.garmin.com/xmlschemas/TrackPointExtension/v1")
register_namespace("xsi", "http://www.w3.org/2001/XMLSchema-instance")


def write_gpx(layers: Sequence[Layer], path: Path, options: WriteOptions) -> list[Finding]:
    """Write the lines and points of layers into one file."""
    data, findings = encode_layers(layers, options)
    path.write_bytes(data)
    return findings


def encode_layers(layers: Sequence[Layer], options: WriteOptions) -> tuple[bytes, list[Finding]]:
    """Write the lines and points of layers as GPX, and report rows that are neither.

    All columns go along: name and description where GPX has them, the others as extensions. The
    file is called by ``options``, by its only trail, or by its first layer.
    """
    # Rows of each layer are sorted into lines, points, and what GPX has no element for.
    tracks, waypoints, findings = [], [], []
    for layer in layers:
        geometries = layer.frame.geometry.to_numpy()
        kinds = shapely.get_type_id(geometries)
        is_placeless = find_placeless_rows(geometries)
        lines, points = (
            np.isin(kinds, LINES) & ~is_placeless,
            np.isin(kinds, POINTS) & ~is_placeless,
        )
        if is_placeless.any():
            findings.append(report_placeless_rows(layer, is_placeless))
        if not (lines | points | is_placeless).all():
            findings.append(_report_left_out_rows(layer, ~(lines | points | is_placeless)))
        tracks.append(layer.frame[lines])
        waypoints.append(layer.frame[points])
    sources = (str(layer.entry.source) for layer in layers)
    file_texts = {
        "name": (
            options.title or _find_only_name(tracks) or build_title(layers[0].entry, options.lang)
        ),
        "desc": "; ".join(
            dict.fromkeys(filter(None, (build_credit(x.entry, options.lang) for x in layers)))
        ),
        "source": "; ".join(dict.fromkeys(filter(None, sources))),
        "licence": "; ".join(dict.fromkeys(x.entry.licence for x in layers if x.entry.licence)),
    }
    data = encode_gpx(tracks, waypoints, file_texts, options.originals)
    return data, [*findings, *map(_report_unread_original, options.originals.unreadable())]


def _report_unread_original(file: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "original-unread",
        file,
        N_("the file is too large to be read again: times, comments and links are left out"),
        N_("Take the original file for them"),
    )


def _find_only_name(tracks: list[gpd.GeoDataFrame]) -> str:
    names = [frame["name"].iloc[0] for frame in tracks if len(frame) == 1 and "name" in frame]
    return names[0] if len(names) == 1 and isinstance(names[0], str) else ""


def _report_left_out_rows(layer: Layer, is_left_out: Any) -> Finding:
    return Finding(
        Severity.WARNING,
        "rows-left-out",
        layer.entry.id,
        N_("rows that are neither lines nor points are left out: {count}"),
        N_("Use another format, such as gpkg or kml"),
        ", ".join(map(str, layer.frame.index[is_left_out][:3])),
        {"count": int(is_left_out.sum())},
    )


def encode_gpx(
    tracks: Sequence[gpd.GeoDataFrame],
    waypoints: Sequence[gpd.GeoDataFrame],
    file_texts: Mapping[str, str],
    originals: Originals | None = None,
    *,
    is_whole_file: bool = True,
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
    file_texts
        ``name``, ``desc``, ``source`` and ``licence`` of the whole, each only if it has one.
    originals
        The files that ``file`` names in each row, where they are there.
    is_whole_file
        What the original file says of itself as a whole is true of these rows, too.
    """
    originals = originals or Originals({})
    document_root = make_root(
        f"{{{NAMESPACE}}}gpx",
        {
            "version": "1.1",
            "creator": "Maenballo",
            "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation": SCHEMA,
        },
    )
    frames = [*tracks, *waypoints]
    file_originals = originals if is_whole_file else Originals({})
    document_root.append(_build_metadata(file_texts, frames, file_originals))
    # A geometry of several points becomes as many waypoints with the same columns.
    for frame in waypoints:
        for record, place, as_read in _iterate_records(frame):
            for point, original in zip(*map(shapely.get_parts, (place, as_read)), strict=True):
                document_root.append(_build_waypoint(record, point, original, originals))
    lines = [
        _build_line(record, line, as_read, originals)
        for frame in tracks
        for record, line, as_read in _iterate_records(frame)
    ]
    # The schema wants waypoints, then routes, then tracks: False sorts before True.
    document_root.extend(sorted(lines, key=lambda element: get_local_name(element) == "trk"))
    return encode_document(document_root)


def report_placeless_rows(layer: Layer, is_placeless: Any) -> Finding:
    """Write a finding about rows without a place, which a file of places cannot hold."""
    return Finding(
        Severity.WARNING,
        "rows-without-place",
        layer.entry.id,
        N_("rows without a place are left out: {count}"),
        N_("Use a format that holds them: gpkg, parquet, geojson or csv"),
        ", ".join(map(str, layer.frame.index[is_placeless][:3])),
        {"count": int(is_placeless.sum())},
    )


def _iterate_records(
    frame: gpd.GeoDataFrame,
) -> list[tuple[dict[str, Any], shapely.Geometry, shapely.Geometry]]:
    """Return of each row its columns, its geometry as it is written, and as it was read."""
    geometries = shapely.transform(
        frame.geometry.to_numpy(), lambda xyz: np.round(xyz, DECIMALS), include_z=True
    )
    records = plain_records(format_times(flatten_frame(frame)))
    return list(zip(records, geometries, frame.geometry.to_numpy(), strict=True))


def _build_metadata(
    file_texts: Mapping[str, str], frames: list[gpd.GeoDataFrame], originals: Originals
) -> Element:
    """Build the metadata in the order of the schema: an original's own, completed by ours."""
    metadata = _read_original_metadata(frames, originals)
    original_children = {get_local_name(child): child for child in metadata}
    if "name" not in original_children and file_texts.get("name"):
        _add_gpx_child(metadata, "name", file_texts["name"])
    credit_text = file_texts.get("desc", "")
    if "desc" not in original_children and credit_text:
        _add_gpx_child(metadata, "desc", credit_text)
    elif credit_text and credit_text not in (original_children["desc"].text or ""):
        original_children["desc"].text = f"{original_children['desc'].text}; {credit_text}"
    if file_texts.get("source") and "copyright" not in original_children:
        copyright_ = _add_gpx_child(metadata, "copyright", author=file_texts["source"])
        licence = file_texts.get("licence", "")
        if licence in SPDX:
            _add_gpx_child(copyright_, "license", f"https://spdx.org/licenses/{licence}.html")
        elif licence.startswith(("http://", "https://")) and " " not in licence:
            _add_gpx_child(copyright_, "license", licence)
    box = extent.find_frame_bounds(frames)
    # GPX cannot express a box across 180 degrees, and bounds are optional.
    if box is not None and box[0] <= box[2]:
        west, south, east, north = np.round(box, DECIMALS)
        _add_gpx_child(metadata, "bounds", minlat=south, minlon=west, maxlat=north, maxlon=east)
    order = CHILDREN["metadata"]
    metadata[:] = sorted(metadata, key=lambda child: order.index(get_local_name(child)))
    return metadata


def _read_original_metadata(frames: list[gpd.GeoDataFrame], originals: Originals) -> Element:
    """Return the metadata of the one file that all rows are from; else an element without any."""
    files = {str(file) for frame in frames if "file" in frame for file in frame["file"].dropna()}
    original_root = originals.root(files.pop()) if len(files) == 1 else None
    return (
        make_root(f"{{{NAMESPACE}}}metadata")
        if original_root is None
        else read_metadata(original_root)
    )


def _build_waypoint(
    record: dict[str, Any], point: shapely.Point, as_read: shapely.Point, originals: Originals
) -> Element:
    record = dict(record)
    original = originals.find_waypoint(
        str(record.get("file") or ""), str(record.get("name") or ""), as_read
    )
    height = record.pop("elevation_m", None)
    # A stated elevation wins over the third coordinate.
    height = height if height is not None or not point.has_z else point.z
    # The schema demands a number; an unknown height is left out and never 0.
    is_known = height is not None and math.isfinite(height)
    if original is not None:
        element = rewrite_element(original, leave_out=() if is_known else ("ele",))
        _set_name_and_description(element, record)
    else:
        element = make_root(
            f"{{{NAMESPACE}}}wpt", {"lat": f"{point.y:.7f}", "lon": f"{point.x:.7f}"}
        )
        if is_known:
            _add_gpx_child(element, "ele", _encode_number(height))
        _add_name_and_description(element, record)
        _add_texts(element, record)
    _add_extensions(element, record)
    return element


def _add_texts(element: Element, record: dict[str, Any]) -> None:
    """Write the columns of a waypoint that GPX has an element for; a kind of ours is its type."""
    is_time = TIME.fullmatch(str(record.get("time"))) is not None
    texts = {
        tag: record.pop(column, None)
        for column, tag in TEXTS.items()
        # A column time that holds no times has another meaning, and stays a column.
        if tag != "time" or is_time
    }
    kind = record.get("kind")
    if kind and (not texts["type"] or match_kind(str(texts["type"])) != kind):
        texts["type"] = record.pop("kind")
    for tag, text in texts.items():
        if not text:
            continue
        if tag == "link":
            _insert_child(element, tag, "").set("href", str(text))
        else:
            _insert_child(element, tag, str(text))


def _build_line(
    record: dict[str, Any], line: shapely.Geometry, as_read: shapely.Geometry, originals: Originals
) -> Element:
    """Write a track, or a route where it was one, with its points as its file has them."""
    record = dict(record)
    kind = str(record.get("kind") or "track")
    parts = shapely.get_parts(line)
    is_route = kind == "route" and len(parts) == 1
    original = originals.find_line(str(record.get("file") or ""), kind, as_read)
    if original is not None:
        element = rewrite_element(original.element)
        _set_name_and_description(element, record)
        matched = original.segments
    else:
        element = make_root(f"{{{NAMESPACE}}}{'rte' if is_route else 'trk'}")
        _add_name_and_description(element, record)
        matched = [[None] * shapely.get_num_coordinates(part) for part in parts]
    _add_extensions(element, record)
    for part, points in zip(parts, matched, strict=True):
        parent = element if get_local_name(element) == "rte" else _add_gpx_child(element, "trkseg")
        tag = "rtept" if parent is element else "trkpt"
        places = shapely.get_coordinates(part, include_z=True).tolist()
        for (lon, lat, height), point in zip(places, points, strict=True):
            # A vertex of an original point repeats all of it; shape points of a Garmin route, which
            # stand in its extensions, come along with the point before them.
            if point is not None:
                parent.append(
                    rewrite_element(point, leave_out=() if math.isfinite(height) else ("ele",))
                )
            elif original is None:
                point_element = _add_gpx_child(parent, tag, lat=f"{lat:.7f}", lon=f"{lon:.7f}")
                if math.isfinite(height):
                    _add_gpx_child(point_element, "ele", _encode_number(height))
    return element


def _set_name_and_description(element: Element, record: dict[str, Any]) -> None:
    """Set the city's name and description in an element of the original, unless it has them."""
    texts = {get_local_name(child): child for child in element}
    for tag, column in (("desc", "description"), ("name", "name")):
        text = record.pop(column, None)
        # Readers take a comment for the description, so what stands there is not said again.
        stated_texts = {" ".join((texts[t].text or "").split()) for t in (tag, "cmt") if t in texts}
        if not text or text in stated_texts:
            continue
        if tag in texts:
            texts[tag].text = str(text)
        else:
            _insert_child(element, tag, str(text))


def _insert_child(element: Element, tag: str, text: str) -> Element:
    """Add a child at its place in the order of the schema."""
    order = CHILDREN[get_local_name(element)]
    place = sum(
        get_local_name(child) in order and order.index(get_local_name(child)) < order.index(tag)
        for child in element
    )
    # Added at the end for its namespace and text, then moved.
    inserted = _add_gpx_child(element, tag, text or None)
    element.remove(inserted)
    element.insert(place, inserted)
    return inserted


def _add_name_and_description(element: Element, record: dict[str, Any]) -> None:
    for tag, column in (("name", "name"), ("desc", "description")):
        if record.get(column):
            _add_gpx_child(element, tag, record.pop(column))


def _add_extensions(element: Element, record: dict[str, Any]) -> None:
    """Write the columns that GPX has no element for; what is missing is not written."""
    known_values = {key: value for key, value in record.items() if value is not None}
    if known_values:
        existing = element.find(f"{{{NAMESPACE}}}extensions")
        extensions = _add_gpx_child(element, "extensions") if existing is None else existing
        for column, value in known_values.items():
            text = str(value).lower() if isinstance(value, bool | np.bool_) else value
            add_child(extensions, f"{{{OWN}}}value", text, {"column": column})


def _encode_number(value: float) -> str:
    return str(np.format_float_positional(value, trim="-"))


def _add_gpx_child(parent: Element, tag: str, text: object = None, **attributes: object) -> Element:
    return add_child(parent, f"{{{NAMESPACE}}}{tag}", text, attributes)
