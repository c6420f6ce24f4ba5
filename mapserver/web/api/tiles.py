"""Vector tiles of a collection (OGC API - Tiles Part 1), out of the PMTiles that export writes."""

from __future__ import annotations

import gzip
import html
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pmtiles.reader import MemorySource, Reader

from mapserver.drawing.symbols import symbol
from mapserver.errors import N_, DataError, NotFoundError
from mapserver.geo import extent
from mapserver.model import Layer
from mapserver.settings import limits, palette
from mapserver.web.api.formats import HTML, JSON, MAPLIBRE, MVT, TILEJSON
from mapserver.web.api.large_tiles import LargeTileset, make_large_tileset
from mapserver.web.api.links import REL, Link, link_formats, link_formats_of, make_link
from mapserver.web.api.operations import Document, Encoded, Operation, Question
from mapserver.web.api.systems import CRS84, URI
from mapserver.web.kept import Kept
from mapserver.web.responses import Body
from mapserver.writers import WriteOptions, pmtiles
from mapserver.writers.layer import build_credit, build_title

MATRIX_SET = "WebMercatorQuad"
MATRIX_SET_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX_SET}"


@dataclass(frozen=True, slots=True)
class Tileset:
    """The tiles of a collection.

    Attributes
    ----------
    reader
        Finds a tile in the archive.
    header, metadata
        What the archive says of itself, as PMTiles 3 has it.
    """

    reader: Reader
    header: dict[str, Any]
    metadata: dict[str, Any]

    def find_tile(self, zoom: int, row: int, column: int) -> bytes | None:
        """Return a tile as plain bytes; None where nothing lies in it."""
        data = self.reader.get(zoom, column, row)
        return None if data is None else gzip.decompress(data)


_WRITING = threading.Lock()
"""Tiles of one collection at a time are cut: it takes a core and memory."""


def find_tileset(question: Question) -> Tileset | LargeTileset:
    """Return the tiles of a collection, which are cut when first asked for.

    Raises
    ------
    NotFoundError
        Nothing in the collection has a place.
    """
    collection = question.collection
    large = question.served.city.data.large.get(collection)
    if large is not None and large.bounds is not None:
        return make_large_tileset(large, question.served.city)
    shelf = question.served.shelf
    # Others who ask meanwhile wait for the same tiles, rather than cut them a second time.
    with _WRITING:
        if ("tiles", collection) not in shelf:
            shelf["tiles", collection] = _cut_tiles(question, collection)
        tileset: Tileset | None = shelf["tiles", collection]
    if tileset is None:
        raise NotFoundError(
            N_("{collection} has no tiles: nothing in it has a place"), collection=collection
        )
    return tileset


def _cut_tiles(question: Question, collection: str) -> Tileset | None:
    city = question.served.city
    layer = Layer(city.entry(collection), city.published[collection], city.file(collection))
    with TemporaryDirectory(prefix="mapserver-") as folder:
        path = Path(folder) / "layer.pmtiles"
        try:
            pmtiles.write_pmtiles([layer], path, WriteOptions(words=city.catalog.words))
        except DataError:  # it has features, and none with a place
            return None
        reader = Reader(MemorySource(path.read_bytes()))
    return Tileset(reader, reader.header(), reader.metadata())


def answer_tilesets(question: Question) -> Document:
    """Answer with the tilesets of a collection, of which there is one."""
    find_tileset(question)
    content = {
        "links": link_formats(question),
        "tilesets": [
            _describe_tileset(question)
            | {"links": _link_tileset(question), "title": _write_title(question)}
        ],
    }
    return Document(content, "api/tilesets.html", context={"collection": question.collection})


def _write_title(question: Question) -> str:
    """Write what tiles are called, in the reader's language: archives have that of the city."""
    return build_title(question.served.city.entry(question.collection), question.lang)


def _write_attribution(question: Question) -> str:
    """Write what map viewers show beside tiles, which they take for HTML."""
    entry = question.served.city.entry(question.collection)
    return html.escape(build_credit(entry, question.lang))


def _describe_tileset(question: Question) -> dict[str, Any]:
    return {
        "dataType": "vector",
        "crs": f"{URI}/EPSG/0/3857",
        "tileMatrixSetURI": MATRIX_SET_URI,
        "collection": question.collection,
    }


def _link_tileset(question: Question) -> list[Link]:
    path = f"/api/collections/{question.collection}/tiles/{MATRIX_SET}"
    return [
        make_link(question, "self", path, JSON.mimetype),
        {"rel": f"{REL}/tiling-scheme", "type": JSON.mimetype, "href": MATRIX_SET_URI},
        make_link(
            question,
            "item",
            f"{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
            MVT.mimetype,
            title=MVT.title,
            templated=True,
        ),
        *link_formats_of(question, "describedby", path, (TILEJSON, MAPLIBRE)),
    ]


def answer_tileset(question: Question) -> Document:
    """Answer with one tileset: as the standard describes it, as TileJSON, or as a style."""
    tileset = find_tileset(question)
    template = "api/tileset.html"
    if question.format is TILEJSON:
        return Document(_write_tilejson(question, tileset), template)
    if question.format is MAPLIBRE:
        return Document(_write_style(question, tileset), template)
    header = tileset.header
    west, south, east, north = _find_box(header)
    # Rows are counted from the north, so the first tile is that of the north-western corner.
    limits_ = []
    for zoom in range(header["min_zoom"], header["max_zoom"] + 1):
        (first_column, first_row), (last_column, last_row) = (
            find_tile_of(west, north, zoom),
            find_tile_of(east, south, zoom),
        )
        limits_.append(
            {
                "tileMatrix": str(zoom),
                "minTileRow": first_row,
                "maxTileRow": last_row,
                "minTileCol": first_column,
                "maxTileCol": last_column,
            }
        )
    content = {"title": _write_title(question), **_describe_tileset(question)} | {
        "attribution": _write_attribution(question),
        "links": [
            *link_formats(question),
            *(link for link in _link_tileset(question) if link["rel"] != "self"),
        ],
        "layers": [
            {"id": layer["id"], "dataType": "vector", "description": _write_title(question)}
            for layer in tileset.metadata["vector_layers"]
        ],
        "boundingBox": {
            "lowerLeft": [west, south],
            "upperRight": [east, north],
            "crs": CRS84.uri,
        },
        "tileMatrixSetLimits": limits_,
    }
    entry = question.served.city.entry(question.collection)
    context = {
        "collection": question.collection,
        "source": entry.source.in_language(question.lang),
        "licence": entry.licence,
    }
    return Document(content, template, context=context)


def _find_box(header: dict[str, Any]) -> extent.Box:
    west, south, east, north = (
        header[name] / 1e7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")
    )
    return west, south, east, north


def find_tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Return column and row of the tile that has a place, rows counted from the north."""
    side = 2**zoom
    # Web Mercator in halves of the world: x = lon / 180, y = artanh(sin lat) / pi, -1 to 1.
    y = math.atanh(math.sin(math.radians(lat))) / math.pi
    column, row = int((lon / 180 + 1) / 2 * side), int((1 - y) / 2 * side)
    return min(max(column, 0), side - 1), min(max(row, 0), side - 1)


def _write_tilejson(question: Question, tileset: Tileset | LargeTileset) -> dict[str, Any]:
    """Describe tiles as TileJSON 3.0, which map libraries read."""
    header = tileset.header
    address = f"{question.root}/api/collections/{question.collection}/tiles/{MATRIX_SET}"
    return {
        "tilejson": "3.0.0",
        "name": _write_title(question),
        "attribution": _write_attribution(question),
        "scheme": "xyz",
        "tiles": [f"{address}/{{z}}/{{y}}/{{x}}"],
        "minzoom": header["min_zoom"],
        "maxzoom": header["max_zoom"],
        "bounds": list(_find_box(header)),
        "center": [
            header["center_lon_e7"] / 1e7,
            header["center_lat_e7"] / 1e7,
            header["center_zoom"],
        ],
        "vector_layers": [
            layer | {"description": _write_title(question)}
            for layer in tileset.metadata["vector_layers"]
        ],
    }


def _write_style(question: Question, tileset: Tileset | LargeTileset) -> dict[str, Any]:
    """Write a style for MapLibre that draws the collection in the colours of the catalogue."""
    collection = question.collection
    entry = question.served.city.entry(collection)
    look = symbol(entry)
    source = {"source": collection, "source-layer": collection}
    kind = ["geometry-type"]
    layers: list[dict[str, Any]] = []
    if look.fill_opacity:
        layers.append(
            {
                "id": f"{collection}-fill",
                "type": "fill",
                **source,
                "filter": ["==", kind, "Polygon"],
                "paint": {"fill-color": look.fill, "fill-opacity": look.fill_opacity},
            }
        )
    layers += [
        {
            "id": f"{collection}-line",
            "type": "line",
            **source,
            "filter": ["in", kind, ["literal", ["LineString", "Polygon"]]],
            "layout": {"line-join": "round", "line-cap": "round"},
            "paint": {"line-color": look.color, "line-width": look.weight_px},
        },
        {
            "id": f"{collection}-point",
            "type": "circle",
            **source,
            "filter": ["==", kind, "Point"],
            "paint": {
                "circle-color": look.fill,
                "circle-radius": 5,
                "circle-stroke-color": palette.WHITE,
                "circle-stroke-width": 1.5,
            },
        },
    ]
    header = tileset.header
    tilejson = f"{question.root}/api/collections/{collection}/tiles/{MATRIX_SET}?f=tilejson"
    return {
        "version": 8,
        "name": _write_title(question),
        "center": [header["center_lon_e7"] / 1e7, header["center_lat_e7"] / 1e7],
        "zoom": header["center_zoom"],
        "sources": {
            collection: {
                "type": "vector",
                "url": tilejson,
                "attribution": _write_attribution(question),
            }
        },
        "layers": layers,
    }


def answer_tile(question: Question) -> Encoded:
    """Answer with a tile; one in which nothing lies has no content (HTTP says 204).

    Raises
    ------
    NotFoundError
        There is no such tile: its zoom level is not offered, or its numbers are outside of it.
    """
    tileset = find_tileset(question)
    zoom, row, column = _read_tile_numbers(question, tileset)
    key = (question.collection, zoom, row, column)
    kept: Kept = question.served.shelf.setdefault("tile bodies", Kept(limits.MAX_KEPT_TILES_BYTES))

    def make() -> Body:
        return Body(tileset.find_tile(zoom, row, column) or b"", MVT.mimetype)

    body = kept.get(key, make)
    return Encoded(body, status=200 if body.data else 204)


def _read_tile_numbers(question: Question, tileset: Tileset | LargeTileset) -> tuple[int, int, int]:
    texts = [question.places[name] for name in ("tileMatrix", "tileRow", "tileCol")]
    least, most = tileset.header["min_zoom"], tileset.header["max_zoom"]
    is_number = all(text.isascii() and text.isdecimal() and len(text) < 9 for text in texts)
    if is_number:
        zoom, row, column = map(int, texts)
        if least <= zoom <= most and row < 2**zoom and column < 2**zoom:
            return zoom, row, column
    raise NotFoundError(
        N_("there is no tile {tile}"),
        mend=N_("Zoom levels are {least} to {most}; the row comes before the column"),
        tile="/".join(text[:12] for text in texts),
        least=least,
        most=most,
    )


TILESET_PATH = f"/collections/{{collectionId}}/tiles/{MATRIX_SET}"
OPERATIONS = (
    Operation(
        "getTilesets",
        "/collections/{collectionId}/tiles",
        "The tilesets of a collection",
        (JSON, HTML),
        answer_tilesets,
        tag="Tiles",
        schemas={"json": "Tilesets"},
    ),
    Operation(
        "getTileset",
        TILESET_PATH,
        "A tileset: its description, as TileJSON, or a style for MapLibre",
        (JSON, HTML, TILEJSON, MAPLIBRE),
        answer_tileset,
        tag="Tiles",
        schemas={"json": "Tileset", "tilejson": "TileJSON", "maplibre": "MapLibreStyle"},
    ),
    Operation(
        "getTile",
        f"{TILESET_PATH}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
        "A vector tile",
        (MVT,),
        answer_tile,
        tag="Tiles",
        statuses=(204,),
    ),
)
