"""Vector tiles of a layer that stays in a database: each is cut there when it is asked for."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from mapserver.model import Snapshot
from mapserver.settings import limits
from mapserver.stores.large import LargeLayer
from mapserver.writers.layer import build_credit, build_title

FIELDS = {"int": "Number", "float": "Number", "bool": "Boolean", "text": "String"}
"""Kinds of columns, as TileJSON names them."""


@dataclass(frozen=True, slots=True)
class LargeTileset:
    """The tiles of a layer that stays in a database; members are those of ``tiles.Tileset``.

    Attributes
    ----------
    layer
        The layer.
    header, metadata
        What an archive of its tiles would say of itself.
    """

    layer: LargeLayer
    header: dict[str, Any]
    metadata: dict[str, Any]

    def find_tile(self, zoom: int, row: int, column: int) -> bytes | None:
        """Return a tile as plain bytes; None where nothing lies in it."""
        return self.layer.fetch_tile(zoom, row, column) or None


def make_large_tileset(layer: LargeLayer, city: Snapshot) -> LargeTileset:
    """Describe the tiles of a layer that stays in a database."""
    west, south, east, north = layer.bounds or (-180.0, -85.0, 180.0, 85.0)
    lang = city.catalog.default_language
    degrees = {
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_lon_e7": (west + east) / 2,
        "center_lat_e7": (south + north) / 2,
    }
    title = build_title(layer.entry, lang)
    fields = {name: FIELDS[kind] for name, kind in layer.kinds.items()}
    zooms = {"min_zoom": limits.MIN_LARGE_TILE_ZOOM, "max_zoom": limits.MAX_TILE_ZOOM}
    return LargeTileset(
        layer,
        # Ten million parts of a degree, as PMTiles has them.
        {name: round(value * 1e7) for name, value in degrees.items()}
        | zooms
        | {"center_zoom": limits.MIN_LARGE_TILE_ZOOM},
        {
            "name": title,
            # Map viewers show the attribution as HTML.
            "attribution": html.escape(build_credit(layer.entry, lang)),
            "vector_layers": [{"id": layer.entry.id, "description": title, "fields": fields}],
        },
    )
