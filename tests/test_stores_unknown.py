"""NaN and Infinity of a large layer are unknown, as where the layer is read into memory."""

from __future__ import annotations

import urllib.parse

import geopandas as gpd
import numpy as np
import psycopg
import pytest
import shapely
from gpxtext import gpx
from test_stores import load
from test_stores_faults import CATALOG, ITEMS

from mapserver.filters import read_filter
from mapserver.settings import Settings, limits
from mapserver.stores.filtering import Translator
from mapserver.stores.quoting import compose
from mapserver.web import create_app

pytestmark = pytest.mark.slow
COUNT = 60
FILTERS = [
    *("flt > 10", "flt >= 10", "flt < 10", "flt <= 10", "flt = 3", "flt <> 3", "10 < flt"),
    *("NOT (flt > 10)", "NOT (flt >= 10)", "NOT (flt < 10)", "NOT (flt <= 10)", "NOT (flt = 3)"),
    *("NOT (flt <> 3)", "NOT (NOT (flt > 10))", "NOT (flt < 10 AND NOT (flt > 5))"),
    *("flt IS NULL", "flt IS NOT NULL", "flt BETWEEN 3 AND 9", "flt NOT BETWEEN 3 AND 9"),
    *("flt IN (3, 4)", "flt NOT IN (3, 4)", "narrow > 10", "NOT (narrow < 10)", "narrow IS NULL"),
    *("flt > 10 OR narrow < 10", "NOT (flt > 10 OR narrow < 10)", "flt > 10 AND narrow < 100"),
    *("flt * 2 > 10", "flt > 3 AND flt * 2 > 10"),
]
ORDERS = ["flt", "-flt", "narrow,-flt", "-narrow", "name,-flt"]


@pytest.fixture(scope="module")
def apps(database_server, tmp_path_factory):
    """The layer in memory, and the same that stays in the database."""
    folder = tmp_path_factory.mktemp("unknown") / "city"
    (folder / "gpx").mkdir(parents=True)
    (folder / "layers").mkdir()
    (folder / "gpx/a.gpx").write_text(gpx())
    (folder / "layers/catalog.toml").write_text(CATALOG.replace(".geojson", ".parquet"))
    numbers = np.arange(COUNT)
    gpd.GeoDataFrame(
        {
            "id": [f"p-{n}" for n in numbers],
            "name": [f"n{n % 4}" for n in numbers],
            "flt": [None if n % 13 == 0 else float(n % 20) for n in numbers],
            "narrow": (numbers % 15).astype("float32"),
        },
        geometry=shapely.points(126.8 + numbers / 10_000, 35.15),
        crs=4326,
    ).to_parquet(folder / "layers/lots.parquet")
    url = database_server.make_database()
    load(folder, f"{url}?schema=c")
    with psycopg.connect(url) as connection:
        for column, value, end in (
            *(("flt", "NaN", "1"), ("flt", "Infinity", "2"), ("flt", "-Infinity", "3")),
            *(("narrow", "NaN", "3"), ("narrow", "Infinity", "4"), ("narrow", "-Infinity", "5")),
        ):
            change = compose(
                "UPDATE c.lots SET {column} = %s WHERE right(id, 1) = %s", column=column
            )
            connection.execute(change, [float(value), end])
    yield [
        create_app(Settings(store=url, large_rows=rows, tile_url="")) for rows in (1_000_000, 10)
    ]
    database_server.drop_database(url)


def ask_both(apps, query: str) -> list:
    answers = [app.test_client().get(ITEMS + query) for app in apps]
    return [(answer.status_code, answer.data) for answer in answers]


@pytest.mark.parametrize("text", FILTERS)
def test_filters_find_what_they_find_in_memory(apps, text):
    in_memory, in_database = ask_both(apps, f"?limit=100&filter={urllib.parse.quote(text)}")
    assert in_memory[0] == 200
    assert in_database == in_memory


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("more", ["", "&filter=NOT(flt%3C5)"])
def test_pages_of_each_order_are_those_of_memory(apps, order, more):
    # One after the other, so that each page but the first is found by the key of another.
    for offset in range(0, COUNT, 7):
        in_memory, in_database = ask_both(apps, f"?limit=7&offset={offset}&sortby={order}{more}")
        assert in_memory[0] == 200
        assert in_database == in_memory


@pytest.mark.parametrize("query", ["", "?flt=3", "?narrow=3", "?f=csv", "?limit=100"])
def test_values_are_those_of_memory(apps, query):
    in_memory, in_database = ask_both(apps, query)
    assert in_memory[0] == 200
    assert in_database == in_memory


def test_values_in_tiles_are_those_of_memory(apps, tmp_path):
    values = []
    for app in apps:
        answer = app.test_client().get("/api/collections/lots/tiles/WebMercatorQuad/12/1620/3490")
        (tmp_path / "tile.mvt").write_bytes(answer.data)
        frame = gpd.read_file(tmp_path / "tile.mvt").set_index("id").sort_index()
        assert len(frame)
        values.append(frame[["flt", "narrow"]].astype("float64"))
    assert values[0].equals(values[1])


def test_tiles_have_no_value_that_is_unknown(apps):
    layer = apps[1].extensions["mapserver"].city.data.large["lots"]
    tile = layer.fetch_tile(limits.MIN_LARGE_TILE_ZOOM, 405, 872)
    assert tile
    for unknown in (np.nan, np.inf, -np.inf):
        for kind in ("<f8", "<f4"):
            assert np.array(unknown, kind).tobytes() not in tile


def test_an_index_of_a_column_of_numbers_serves(apps):
    layer = apps[1].extensions["mapserver"].city.data.large["lots"]
    translator = Translator(layer.written_columns, layer.kinds, None, layer.bare_columns)
    for text in ("flt > 10", "flt BETWEEN 3 AND 4", "flt = 3"):
        condition = translator.translate(read_filter(text).tree)
        with layer.pool.ask() as cursor:
            assert "CASE" not in condition.sql.as_string(cursor)
