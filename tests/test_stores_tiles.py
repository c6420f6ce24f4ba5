"""Tiles of large layers, which the database cuts: with the features of memory."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from test_stores_large import ask, folder, in_database, in_memory, url  # noqa: F401

from mapserver.settings import limits

pytestmark = pytest.mark.slow


def test_tiles_are_cut_in_the_database(in_database):  # noqa: F811
    base = "/api/collections/parcels/tiles/WebMercatorQuad"
    described = json.loads(ask(in_database, f"{base}?f=tilejson")[1])
    assert described["minzoom"] == limits.MIN_LARGE_TILE_ZOOM
    # The tile of level 10 that has the whole of the layer.
    status, tile, _ = ask(in_database, f"{base}/10/404/872")
    assert status == 200
    assert b"parcels" in tile
    assert b"floors" in tile
    assert ask(in_database, f"{base}/10/0/0")[0] == 204
    assert ask(in_database, f"{base}/3/3/6")[0] == 404


def read_tile(app, zoom: int, row: int, column: int, place) -> gpd.GeoDataFrame | None:
    """Read a tile in its own steps, by id; None where it is empty."""
    path = f"/api/collections/parcels/tiles/WebMercatorQuad/{zoom}/{row}/{column}"
    status, data, _ = ask(app, path)
    assert status in {200, 204}
    if status == 204:
        return None
    file = place / "tile.mvt"
    file.write_bytes(data)
    return gpd.read_file(file, layer="parcels").set_index("id").sort_index()


@pytest.mark.parametrize("zoom", [10, 12, 14])
def test_tiles_have_the_features_of_memory_within_a_step(
    in_memory,  # noqa: F811
    in_database,  # noqa: F811
    zoom,
    tmp_path,
):
    side = 2**zoom
    west, east = (int((lon + 180) / 360 * side) for lon in (126.8, 126.9))
    north, south = (
        int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side) for lat in (35.2, 35.1)
    )
    seen = 0
    for row in range(north, south + 1, max(1, (south - north) // 2)):
        for column in range(west, east + 1, max(1, (east - west) // 2)):
            tiles = [
                read_tile(app, zoom, row, column, tmp_path) for app in (in_memory, in_database)
            ]
            if tiles[0] is None or tiles[1] is None:
                assert tiles[0] is tiles[1]
                continue
            first, second = tiles
            seen += len(first)
            assert list(first.index) == list(second.index)
            assert set(first.columns) == set(second.columns)
            for name in set(first.columns) - {"geometry"}:
                assert first[name].map(str).tolist() == second[name].map(str).tolist(), name
            apart = [
                shapely.hausdorff_distance(one, other)
                for one, other in zip(first.geometry, second.geometry, strict=True)
            ]
            assert max(apart) <= 2**0.5  # a step in either direction
    assert seen
