"""Files of features to take along: what the API selects, in the formats of the trade."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from flask import abort
from werkzeug.exceptions import ServiceUnavailable

from mapserver.errors import N_, DataError, QueryError
from mapserver.files.damage import translate_write_errors
from mapserver.geo.geodesy import Geometries
from mapserver.model import Layer, Role
from mapserver.readers.gpx.original import Originals, find_originals
from mapserver.settings import limits
from mapserver.web.api.collection_views import CollectionView
from mapserver.web.api.formats import Format
from mapserver.web.api.operations import Encoded, Question
from mapserver.web.api.systems import ReferenceSystem, find_system
from mapserver.web.kept import Kept
from mapserver.web.responses import Body, name_attachment
from mapserver.writers import FORMATS, WriteOptions
from mapserver.writers import Format as FileFormat
from mapserver.writers.geometry_kinds import LINES, POINTS

Rows = npt.NDArray[np.intp]

FILES = {
    Format("geojson", "application/geo+json", "GeoJSON"): FileFormat.GEOJSON,
    Format("gpkg", "application/geopackage+sqlite3", "GeoPackage"): FileFormat.GPKG,
    Format("csv", "text/csv; charset=utf-8", "CSV", ("text/csv",)): FileFormat.CSV,
    Format("kml", "application/vnd.google-earth.kml+xml", "KML"): FileFormat.KML,
    Format("gpx", "application/gpx+xml", "GPX"): FileFormat.GPX,
    Format("fgb", "application/vnd.flatgeobuf", "FlatGeobuf"): FileFormat.FGB,
    Format("parquet", "application/vnd.apache.parquet", "GeoParquet"): FileFormat.PARQUET,
    Format("pmtiles", "application/vnd.pmtiles", "PMTiles"): FileFormat.PMTILES,
}
"""What each format of the API is written as."""
DOWNLOADS = tuple(FILES)
_PLACES = threading.BoundedSemaphore(limits.MAX_DOWNLOADS_AT_ONCE)


def is_download(format_: Format) -> bool:
    """Return whether answers in a format are files, which hold everything and have no pages."""
    return format_ in FILES


def list_downloads(frame: gpd.GeoDataFrame) -> list[Format]:
    """List the formats in which the features of a layer can be taken along.

    GPX has lines and points, and nothing else; rows of which none has a place fit into tables.
    """
    return list_downloads_of(frame.geometry.to_numpy())


def list_downloads_of(shapes: Geometries) -> list[Format]:
    """List the formats in which features with these geometries can be taken along."""
    kinds = set(np.unique(shapely.get_type_id(shapes)).tolist())
    return _list_fitting(kinds - {shapely.GeometryType.MISSING}, has_rows=len(shapes) > 0)


def _list_fitting(kinds: set[int], *, has_rows: bool = True) -> list[Format]:
    """List the formats that can hold geometries of some kinds, or rows without any."""
    if has_rows and not kinds:
        return [each for each in DOWNLOADS if FORMATS[FILES[each]].holds_tables]
    has_gpx_kinds = not kinds.isdisjoint((*LINES, *POINTS))
    return [each for each in DOWNLOADS if FILES[each] is not FileFormat.GPX or has_gpx_kinds]


def offer_formats(question: Question) -> list[Format]:
    """List the formats in which features that a question asks for can be had.

    Files that know one reference system are left out where another one is asked for.
    """
    city, collection = question.served.city, question.collection
    if large := city.data.large.get(collection):
        fitting = _list_fitting({shapely.GeometryType[k.upper()] for k in large.shape_kinds})
    else:
        layer = city.find_columns(collection)
        fitting = city.derived.get("downloads", (layer,), lambda: list_downloads(layer))
    formats = [f for f in question.operation.formats if not is_download(f) or f in fitting]
    system = find_system(city, question.parameters.optional_text("crs"), "crs")
    return [format_ for format_ in formats if _holds_system(format_, system)]


def _holds_system(format_: Format, system: ReferenceSystem) -> bool:
    return not is_download(format_) or system.is_crs84 or FORMATS[FILES[format_]].any_crs


def send_file(question: Question, view: CollectionView, rows: Rows, name: str) -> Encoded:
    """Send features as a file.

    Parameters
    ----------
    question
        Has the format.
    view
        The collection.
    rows
        Positions of the features.
    name
        Name of the file, without its ending.

    Raises
    ------
    QueryError
        The format cannot hold them, or not in the reference system that is asked for.
    ServiceUnavailable
        So many files are being written just now.
    """
    shapes = view.frame.geometry.to_numpy()
    # Of nothing at all a file is written, too, if the collection could be in it.
    shapes = shapes[rows] if len(rows) else shapes
    if question.format not in list_downloads_of(shapes):
        what = N_("{collection} has no lines and no points, and GPX has nothing else")
        if len(shapes) and shapely.is_missing(shapes).all():
            what = N_("nothing in {collection} has a place")
        if question.format in list_downloads(view.frame):
            what = N_("{format} cannot hold what is asked for of {collection}")
        mend = N_("Use another format, such as gpkg")
        title = question.format.title
        raise _refuse(question, DataError(what, mend=mend, collection=view.id, format=title))
    system = find_system(view.city, question.parameters.optional_text("crs"), "crs")
    if not _holds_system(question.format, system):
        raise QueryError(
            N_("{format} files have longitude and latitude, and no other reference system"),
            parameter="crs",
            mend=N_("Use another format, such as gpkg"),
            format=question.format.title,
        )
    file_format = FILES[question.format]
    make = partial(_make_body, question, view, rows, system)
    if view.id in view.city.data.large:
        body = make()  # its positions are those of this answer alone, and name no features
    else:
        key = (view.id, str(view.day), file_format, system.uri, question.lang, rows.tobytes())
        shelf = question.served.shelf
        files: Kept = shelf.setdefault("files", Kept(limits.MAX_KEPT_DOWNLOADS_BYTES))
        body = files.get(key, make)
    ending = FORMATS[file_format].suffixes[0]
    headers = {
        "Content-Disposition": name_attachment(f"{name}{ending}"),
        "Content-Crs": f"<{system.uri}>",
    }
    return Encoded(body, headers, has_ranges=True)


def _make_body(
    question: Question, view: CollectionView, rows: Rows, system: ReferenceSystem
) -> Body:
    if not _PLACES.acquire(timeout=limits.DOWNLOAD_PATIENCE_S):
        raise ServiceUnavailable(
            "Others are taking files just now; try again in a moment",
            retry_after=limits.RETRY_AFTER_S,
        )
    try:
        return Body(_write_bytes(question, view, rows, system), question.format.mimetype)
    finally:
        _PLACES.release()


def _write_bytes(
    question: Question, view: CollectionView, rows: Rows, system: ReferenceSystem
) -> bytes:
    city, file_format = view.city, FILES[question.format]
    # Writers know files alone, so the bytes are read back from one that nobody else sees.
    layers = [Layer(city.entry(view.id), view.frame.iloc[rows], city.file(view.id))]
    originals = Originals({})
    if file_format is FileFormat.GPX:
        layers += _list_facilities(view, rows)
        originals = find_originals(city.path / "gpx")
    options = WriteOptions(
        lang=question.lang,
        words=city.catalog.words,
        crs=None if system.is_crs84 else system.crs,
        originals=originals,
        changed_at=city.data.changed_at,  # so that each worker writes the same bytes
    )
    with TemporaryDirectory(prefix="mapserver-") as folder:
        path = Path(folder) / f"{view.id}{FORMATS[file_format].suffixes[0]}"
        try:
            with translate_write_errors(view.id, path, N_("Use another format, such as gpkg")):
                FORMATS[file_format].write(layers, path, options)
        except DataError as error:
            raise _refuse(question, error) from error
        return path.read_bytes()


def _refuse(question: Question, error: DataError) -> QueryError:
    """Refuse a format that does not fit a collection: 406 where only the header asked for it."""
    if "f" not in question.parameters:
        abort(406, str(error))
    return QueryError(error.what, parameter="f", mend=error.mend, **error.values)


def _list_facilities(view: CollectionView, rows: Rows) -> list[Layer]:
    """List the facilities of trails, which GPX files of trails have as waypoints."""
    city = view.city
    layer = city.layer_of(Role.FACILITIES)
    if city.entry(view.id).role != Role.TRAILS or layer is None or "trail" not in city[layer]:
        return []
    frame = city.layers[layer]
    is_along = frame["trail"].isin(view.frame.index[rows])
    return [Layer(city.entry(layer), frame[is_along], city.file(layer))] if is_along.any() else []
