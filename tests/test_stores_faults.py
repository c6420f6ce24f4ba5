"""Names, mistakes and faults of a database: each is what it is, and stops nothing else."""

from __future__ import annotations

import logging

import geopandas as gpd
import pytest
import shapely
from gpxtext import gpx
from test_stores import load, run_sql

import mapserver
from mapserver.settings import Settings
from mapserver.stores.large import LargeLayer
from mapserver.web import create_app

pytestmark = pytest.mark.slow
CATALOG = """
title = "시험"
[[layers]]
id = "lots"
file = "lots.geojson"
title = "필지"
"""
ITEMS = "/api/collections/lots/items"


@pytest.fixture
def lots(make_folder):
    """A city with a layer that is large for these tests."""
    frame = gpd.GeoDataFrame(
        {"id": [f"p-{n}" for n in range(30)], "name": "b", "100%s": range(30), "%(x)s {y} %": "a"},
        geometry=[shapely.Point(126.8 + n / 1000, 35.15) for n in range(30)],
        crs=4326,
    )
    return make_folder(
        {"gpx/a.gpx": gpx(), "layers/catalog.toml": CATALOG, "layers/lots.geojson": frame}
    )


def serve_lots(url: str):
    return create_app(Settings(store=url, large_rows=10, tile_url=""))


def test_names_with_percent_signs_are_names_everywhere(database, lots):
    load(lots, f"{database}?schema=50%25")
    run_sql(database, 'UPDATE "50%".lots SET "100%s" = 77 WHERE id = \'p-3\'', "SELECT 1")
    assert mapserver.open_city(database)["lots"].loc["p-3", "100%s"] == 77
    client = serve_lots(database).test_client()
    for query in ("", "?filter=%22100%25s%22%20=%2077", "?100%25s=77", "?sortby=-100%25s"):
        answer = client.get(ITEMS + query)
        assert answer.status_code == 200, query
        assert "77" in answer.text
    assert client.get(f"{ITEMS}/p-3").json["properties"]["100%s"] == 77
    near = client.get("/api/nearest?collection=lots&lon=126.803&lat=35.15")
    assert near.json["features"][0]["id"] == "p-3"
    tile = "/api/collections/lots/tiles/WebMercatorQuad/10/404/872"
    assert b"100%s" in client.get(tile).data


def test_a_mistake_of_ours_is_no_outage(database, lots, monkeypatch, caplog):
    load(lots, f"{database}?schema=c")
    client = serve_lots(database).test_client()
    before = LargeLayer.fetch_item

    def ask_wrongly(layer: LargeLayer, _: str) -> None:
        with layer.pool.ask() as cursor:
            cursor.execute("SELECT %s, %s", [1])

    monkeypatch.setattr(LargeLayer, "fetch_item", ask_wrongly)
    answer = client.get(f"{ITEMS}/p-3")
    assert answer.status_code == 500
    assert "database" not in answer.text
    [record] = [each for each in caplog.records if each.exc_info]
    assert "mistake" in record.getMessage()
    assert "ask_wrongly" in logging.Formatter().formatException(record.exc_info)
    # Nobody else is told that the database rests.
    monkeypatch.setattr(LargeLayer, "fetch_item", before)
    assert client.get(f"{ITEMS}/p-3").status_code == 200
