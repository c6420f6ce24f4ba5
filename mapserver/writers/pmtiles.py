"""PMTiles: the layers as vector tiles in one file, for web maps on any plain host."""

from __future__ import annotations

import gzip
import html
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pmtiles.tile import Compression, TileType, tileid_to_zxy, zxy_to_tileid
from pmtiles.writer import Writer

from mapserver.errors import N_, DataError
from mapserver.geo import extent
from mapserver.geo.geodesy import LONLAT
from mapserver.model import Layer
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity
from mapserver.writers.columns import find_placeless_rows, flatten_frame, format_times
from mapserver.writers.gpx import report_placeless_rows
from mapserver.writers.layer import WriteOptions, build_credit, build_title

UNBOUNDED = 2**31 - 1
"""GDAL would leave features out of a tile that is larger than its limits."""
START_ZOOM = 12
"""The zoom level at which maps begin: a city in a window, if there are tiles of it."""


def write_pmtiles(
    layers: Sequence[Layer],
    path: Path,
    options: WriteOptions,
    first_zooms: Mapping[str, int] = MappingProxyType({}),
) -> list[Finding]:
    """Write layers as Mapbox Vector Tiles from zoom 8 to 14, gzipped, in a PMTiles 3 archive.

    ``first_zooms`` says by id which layers begin at a larger zoom, as nobody shows them before.

    Each layer becomes tiles with GDAL; a tile of several layers is theirs, one after the other, as
    the format has it. No feature is dropped to make a tile smaller: a crowded layer begins at the
    zoom at which no tile has more than 5,000 of its features, and the findings say so.
    """
    findings: list[Finding] = []
    tiles: dict[int, list[bytes]] = {}
    described: list[dict[str, Any]] = []
    shown: list[gpd.GeoDataFrame] = []
    for layer in layers:
        is_placeless = find_placeless_rows(layer.frame.geometry.to_numpy())
        if is_placeless.any():
            findings.append(report_placeless_rows(layer, is_placeless))
        frame = layer.frame[~is_placeless]
        if frame.empty:
            continue
        first_zoom, zoom_findings = _find_first_zoom(
            frame, layer, first_zooms.get(layer.entry.id, limits.MIN_TILE_ZOOM)
        )
        findings += zoom_findings
        frame = frame.set_geometry(
            gpd.GeoSeries(extent.divide_shapes(frame.geometry.to_numpy()), frame.index, crs=LONLAT)
        )
        shown.append(frame)
        layer_tiles, fields = _cut_tiles(frame, layer.entry.id, first_zoom)
        # A vector tile is a list of layers, so those of several layers are simply joined.
        for tile, data in layer_tiles.items():
            tiles.setdefault(tile, []).append(data)
        described.append(
            {
                "id": layer.entry.id,
                "description": build_title(layer.entry, options.lang),
                "minzoom": first_zoom,
                "maxzoom": limits.MAX_TILE_ZOOM,
                "fields": fields,
            }
        )
    if not tiles:
        raise DataError(N_("no layer has a place"), mend=N_("Use gpkg, parquet, geojson or csv"))
    # One credit for layers that have the same.
    credits_ = dict.fromkeys(
        filter(None, (build_credit(layer.entry, options.lang) for layer in layers))
    )
    metadata = {
        "name": options.title or build_title(layers[0].entry, options.lang),
        "description": options.title or build_title(layers[0].entry, options.lang),
        # Map viewers show the attribution as HTML.
        "attribution": html.escape("; ".join(credits_)),
        "type": "overlay",
        "format": "pbf",
        "vector_layers": described,
    }
    _write_archive(path, tiles, metadata, extent.find_frame_bounds(shown))
    return findings


def _find_first_zoom(
    frame: gpd.GeoDataFrame, layer: Layer, least_zoom: int
) -> tuple[int, list[Finding]]:
    """Find the zoom from which no tile has more than ``limits.MAX_TILE_FEATURES`` features."""
    # Web Mercator in halves of the world: x = lon / pi, y = artanh(sin lat) / pi, both -1 to 1.
    lon, lat = np.radians(extent.find_centres(frame.geometry.to_numpy())).T
    x, y = lon / np.pi, np.arctanh(np.sin(lat)) / np.pi
    for zoom in range(least_zoom, limits.MAX_TILE_ZOOM + 1):
        # 2^zoom tiles across two halves of the world are 2^(zoom - 1) in each.
        side = 2 ** (zoom - 1)
        cells = np.floor(np.column_stack([x, y]) * side)
        fullest = int(np.unique(cells, axis=0, return_counts=True)[1].max())
        if fullest <= limits.MAX_TILE_FEATURES:
            break
    if zoom == least_zoom:
        return zoom, []
    return zoom, [
        Finding(
            Severity.NOTE,
            "tiles-from-zoom",
            layer.entry.id,
            N_(
                "its {count} features are in the tiles from zoom {zoom} on; before, too many in one"
            ),
            values={"count": len(frame), "zoom": zoom},
        )
    ]


def _cut_tiles(
    frame: gpd.GeoDataFrame, layer: str, first_zoom: int
) -> tuple[dict[int, bytes], dict[str, str]]:
    """Cut a layer into tiles, by their number; and name its columns with their types."""
    plain_frame = format_times(flatten_frame(frame))
    plain_frame = plain_frame.set_geometry(
        gpd.GeoSeries(
            shapely.force_2d(plain_frame.geometry.to_numpy()),
            plain_frame.index,
            crs=plain_frame.crs,
        )
    )
    # What is no number is unknown, as in JSON, and not of the feature.
    for name in plain_frame.columns:
        if pd.api.types.is_float_dtype(plain_frame[name].dtype):
            plain_frame[name] = plain_frame[name].replace([np.inf, -np.inf], np.nan)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "layer.mbtiles"
        pyogrio.write_dataframe(
            plain_frame,
            path,
            driver="MBTiles",
            layer=layer,
            use_arrow=True,
            dataset_options={
                "MINZOOM": first_zoom,
                "MAXZOOM": limits.MAX_TILE_ZOOM,
                "MAX_SIZE": UNBOUNDED,
                "MAX_FEATURES": UNBOUNDED,
            },
        )
        with closing(sqlite3.connect(path)) as database:
            rows = database.execute(
                "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles"
            ).fetchall()
            (metadata,) = database.execute(
                "SELECT value FROM metadata WHERE name = 'json'"
            ).fetchone()
    # MBTiles counts its rows from the south, PMTiles from the north.
    tiles = {
        zxy_to_tileid(zoom, column, 2**zoom - 1 - row): gzip.decompress(data)
        for zoom, column, row, data in rows
    }
    return tiles, dict(json.loads(metadata)["vector_layers"][0]["fields"])


def _write_archive(
    path: Path, tiles: dict[int, list[bytes]], metadata: dict[str, Any], box: extent.Box | None
) -> None:
    west, south, east, north = extent.unwrap_box(box or (-180.0, -85.0, 180.0, 85.0))
    centre = float(extent.wrap((west + east) / 2)), (south + north) / 2
    if east > 180:
        # The header has no word for a box over 180 degrees: its middle says where to look.
        west, east = -180.0, 180.0
    zooms = [tileid_to_zxy(tile)[0] for tile in tiles]
    with path.open("wb") as file:
        writer = Writer(file)
        # A PMTiles archive is clustered when its tiles come in the order of their numbers; each
        # is gzipped without a time, so that the same data gives the same file.
        for tile in sorted(tiles):
            writer.write_tile(tile, gzip.compress(b"".join(tiles[tile]), mtime=0))
        writer.finalize(
            {
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": int(west * 1e7),
                "min_lat_e7": int(south * 1e7),
                "max_lon_e7": int(np.ceil(east * 1e7)),
                "max_lat_e7": int(np.ceil(north * 1e7)),
                "center_zoom": int(np.clip(START_ZOOM, min(zooms), max(zooms))),
                "center_lon_e7": int(centre[0] * 1e7),
                "center_lat_e7": int(centre[1] * 1e7),
            },
            metadata,
        )
