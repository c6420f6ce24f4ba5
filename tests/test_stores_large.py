"""Large layers stay in the database and are asked there: with the answers of memory."""

from __future__ import annotations

import json
import time
import urllib.parse

import geopandas as gpd
import numpy as np
import psycopg
import pytest
import shapely
from gpxtext import gpx
from test_stores import load, run_sql
from test_stores_following import Clock

import mapserver
from mapserver.errors import NotFoundError
from mapserver.filters import read_filter
from mapserver.settings import Settings, limits
from mapserver.stores.filtering import Translator
from mapserver.stores.quoting import compose
from mapserver.web import create_app
from mapserver.web.watching import Watcher

pytestmark = pytest.mark.slow
COUNT = 400
CATALOG = """
title = "시험"
[[layers]]
id = "parcels"
file = "parcels.geojson"
title = "필지"
source = "구청 <지적>"
licence = "CC BY 4.0"
sample = true
[[layers]]
id = "few"
file = "few.geojson"
"""


def make_parcels() -> gpd.GeoDataFrame:
    """Squares and lines about Gwangju, with every kind of value and some that are missing."""
    chance = np.random.default_rng(7)
    lon, lat = 126.8 + chance.random(COUNT) / 10, 35.1 + chance.random(COUNT) / 10
    size = 0.0002 + chance.random(COUNT) / 1000
    shapes = list(shapely.box(lon, lat, lon + size, lat + size))
    shapes[5], shapes[6] = None, None
    names = [f"{'가나다라마abCD'[n % 9]}길 {n % 37}%_" for n in range(COUNT)]
    names[3], names[4] = None, "' OR 1=1; --"
    return gpd.GeoDataFrame(
        {
            "id": [f"p-{n}" for n in range(COUNT)],
            "name": names,
            "area_m2": [None if n % 11 == 0 else round(n * 1.37, 2) for n in range(COUNT)],
            "floors": [n % 7 for n in range(COUNT)],
            "vacant": [n % 3 == 0 for n in range(COUNT)],
        },
        geometry=shapes,
        crs=4326,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("large") / "city"
    for part in ("gpx", "layers"):
        (place / part).mkdir(parents=True)
    (place / "gpx" / "a.gpx").write_text(gpx())
    (place / "layers" / "catalog.toml").write_text(CATALOG)
    make_parcels().to_file(place / "layers" / "parcels.geojson")
    make_parcels()[:10].to_file(place / "layers" / "few.geojson")
    return place


@pytest.fixture(scope="module")
def url(database_server, folder):
    url = database_server.make_database()
    load(folder, f"{url}?schema=c")
    yield url
    database_server.drop_database(url)


@pytest.fixture(scope="module")
def in_memory(folder):
    return create_app(Settings(city=folder, tile_url=""))


@pytest.fixture(scope="module")
def in_database(url):
    return create_app(Settings(store=url, large_rows=100, tile_url=""))


ITEMS = "/api/collections/parcels/items"
QUESTIONS = [
    "",
    "?limit=7&offset=390",
    "?offset=1000",
    "?bbox=126.82,35.12,126.85,35.15&limit=1000",
    "?bbox=126.85,35.15,126.82,35.12",
    "?bbox=170,30,-170,40",
    "?bbox=280000,185000,286000,190000"
    "&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/5186&limit=1000",
    "?crs=http://www.opengis.net/def/crs/EPSG/0/5186&limit=3",
    "?properties=name,floors&limit=4",
    "?sortby=-area_m2,name&limit=20",
    "?sortby=name&limit=400",
    "?sortby=-id&limit=400",
    "?sortby=vacant,-floors,%2Barea_m2&limit=400",
    "?floors=3&limit=1000",
    "?vacant=true&floors=6",
    "?name=%27%20OR%201%3D1%3B%20--",
    "?name=nobody",
    "?area_m2=137",
]
FILTERS = [
    "floors > 3 AND area_m2 <= 200.5",
    "NOT (area_m2 > 100)",
    "area_m2 IS NULL OR vacant = TRUE",
    "name LIKE '가%'",
    "name LIKE '%\\%\\_'",
    "name LIKE '_길 1%'",
    "name > '나' AND name < '라'",
    "name IN ('가길 0%_', 'abc', '나길 1%_')",
    "name > 'Z' AND name < 'b'",
    "floors BETWEEN 2 AND 3",
    "3 < floors",
    "floors <> 2",
    "name = ''' OR 1=1; --'",
    "id = 'p-17'",
    "S_INTERSECTS(geometry, BBOX(126.82,35.12,126.85,35.15))",
    "S_INTERSECTS(geometry, POINT(126.85 35.15))",
    "S_WITHIN(geometry, POLYGON((126.8 35.1,126.86 35.1,126.83 35.18,126.8 35.1)))",
    "NOT S_DISJOINT(geometry, LINESTRING(126.8 35.1,126.9 35.2))",
    "CASEI(name) = casei('CD길 1%_')",
    "area_m2 / 2 > floors * 10",
    "floors > 5 AND CASEI(name) LIKE casei('C%')",
    "(floors > 5 OR CASEI(name) LIKE casei('a%')) AND vacant = FALSE",
]


def ask(app, path: str):
    answer = app.test_client().get(path)
    return answer.status_code, answer.data, answer.headers.get("Content-Crs")


@pytest.mark.parametrize("query", QUESTIONS)
def test_items_are_those_of_memory_to_the_byte(in_memory, in_database, query):
    expected = ask(in_memory, ITEMS + query)
    assert ask(in_database, ITEMS + query) == expected
    assert expected[0] == 200 or b"problem" in expected[1] or expected[0] == 400


@pytest.mark.parametrize("text", FILTERS)
def test_filters_are_those_of_memory_to_the_byte(in_memory, in_database, text):
    query = urllib.parse.urlencode({"filter": text, "limit": 1000, "sortby": "-floors"})
    expected = ask(in_memory, f"{ITEMS}?{query}")
    assert expected[0] == 200
    assert ask(in_database, f"{ITEMS}?{query}") == expected


@pytest.mark.parametrize("text", FILTERS[:18])
def test_these_filters_are_asked_in_the_database_as_a_whole(in_database, text):
    layer = in_database.extensions["mapserver"].city.data.large["parcels"]
    _, is_whole = Translator(layer.written_columns, layer.kinds, None).split(read_filter(text).tree)
    assert is_whole


@pytest.mark.parametrize(
    "query",
    [
        "filter=nosuch > 1",
        "filter=floors > 'x'",
        "filter=name = 3",
        "filter=floors >",
        "sortby=nosuch",
        "properties=nosuch",
        "floors=x",
        "floors=1.5",
        "vacant=maybe",
        "nosuch=1",
        "bbox=1,2,3",
        "limit=0",
        "bbox-crs=x",
        'filter="x"" OR 1=1" = 2',
        "filter=name = 'a\x00b'",
        "name=a%00b",
    ],
)
def test_what_is_wrong_is_said_as_in_memory(in_memory, in_database, query):
    path = f"{ITEMS}?{query.replace(' ', '%20')}"
    expected = ask(in_memory, path)
    answer = ask(in_database, path)
    assert answer[0] == expected[0]
    assert expected[0] == 200 or answer[1] == expected[1]


@pytest.mark.parametrize("id_", ["p-17", "p-5", "nobody", "p-17'--", "%00", "x%22"])
def test_one_item_is_that_of_memory(in_memory, in_database, id_):
    assert ask(in_database, f"{ITEMS}/{id_}") == ask(in_memory, f"{ITEMS}/{id_}")


@pytest.mark.parametrize("place", [(126.85, 35.15), (126.8, 35.3), (127.5, 36.0), (-179.9, 10.0)])
@pytest.mark.parametrize("more", ["", "&limit=12", "&max_distance=900&limit=50"])
def test_what_is_nearest_is_that_of_memory(in_memory, in_database, place, more):
    path = f"/api/nearest?collection=parcels&lon={place[0]}&lat={place[1]}{more}"
    expected, answer = (json.loads(ask(app, path)[1]) for app in (in_memory, in_database))
    names = [[f["id"] for f in each["features"]] for each in (expected, answer)]
    assert names[0] == names[1]
    for one, other in zip(expected["features"], answer["features"], strict=True):
        assert one["geometry"] == other["geometry"]
        # Far away the two are searched in planes of their own, and measured alike.
        for name, value in one["properties"].items():
            same = other["properties"][name]
            is_number = isinstance(value, float)
            assert same == (pytest.approx(value, rel=1e-6, abs=0.02) if is_number else value), name


def test_pages_and_descriptions_know_the_layer(in_database):
    collections = json.loads(ask(in_database, "/api/collections")[1])["collections"]
    parcels = next(each for each in collections if each["id"] == "parcels")
    assert parcels["numberOfFeatures"] == COUNT
    assert parcels["extent"]["spatial"]["bbox"][0][0] == pytest.approx(126.8, abs=0.01)
    for path in ("queryables", "schema", "sortables", "items?f=html&limit=3", "items/p-1?f=html"):
        status, data, _ = ask(in_database, f"/api/collections/parcels/{path}")
        assert status == 200, path
        assert b"floors" in data
    assert ask(in_database, "/api/openapi.json")[0] == 200
    assert json.loads(ask(in_database, "/readyz")[1])["layers"]["parcels"] == COUNT


def test_nobody_takes_the_layer_for_an_empty_one(in_database, url):
    client = in_database.test_client()
    many = client.post(
        "/api/nearest?collection=parcels", data="lon,lat\n1,2\n", content_type="text/csv"
    )
    assert many.status_code == 400
    assert b"stays in the database" in many.data
    status, data, _ = ask(in_database, f"{ITEMS}?f=csv&limit=5")
    assert (status, data.count(b"p-")) == (200, 5)
    city = in_database.extensions["mapserver"].city
    assert "parcels" not in city.layers
    with pytest.raises(NotFoundError, match="stays in the database"):
        city.layers["parcels"]
    with pytest.raises(NotFoundError, match="stays in the database"):
        city.nearest(gpd.GeoDataFrame(geometry=[shapely.Point(126.85, 35.15)], crs=4326), "parcels")
    assert "400 parcels" in repr(city)
    with pytest.raises(NotFoundError, match="large_rows"):
        mapserver.open_city(url, large_rows=100)["parcels"]
    # In Python the default is larger, and the layer is here.
    assert len(mapserver.open_city(url)["parcels"]) == COUNT


def test_a_filter_that_must_look_at_too_many_says_so(in_database, monkeypatch):
    monkeypatch.setattr(limits, "MAX_LARGE_CANDIDATES", 50)
    query = urllib.parse.urlencode({"filter": "CASEI(name) = casei('x')"})
    status, data, _ = ask(in_database, f"{ITEMS}?{query}")
    assert status == 400
    assert b"Add a bbox" in data


def test_values_of_a_question_never_stand_in_the_sql(in_database):
    layer = in_database.extensions["mapserver"].city.data.large["parcels"]
    text = "name = 'secret-7' AND floors < 77 AND S_INTERSECTS(geometry, POINT(1 2))"
    conditions, _ = Translator(layer.written_columns, layer.kinds, None).split(
        read_filter(text).tree
    )
    written = " ".join(each.sql.as_string(None) for each in conditions)
    assert "secret-7" not in written
    assert "77" not in written
    assert [v for each in conditions for v in each.values][:2] == ["secret-7", 77]
    assert compose("{x}", x='a"; DROP').as_string(None) == '"a""; DROP"'


def test_an_edit_of_a_large_layer_is_served_with_another_version(database, folder):
    load(folder, f"{database}?schema=c")
    app = create_app(Settings(store=database, large_rows=100, tile_url=""))
    live, clock = app.extensions["mapserver"], Clock()
    live.store._clock = clock
    watcher, before = Watcher(live, clock=clock), live.city.version
    etag = app.test_client().get(f"{ITEMS}/p-1").headers["ETag"]
    run_sql(
        database,
        "UPDATE c.parcels SET name = 'new' WHERE id = 'p-1'",
        "INSERT INTO c.parcels (id, name) VALUES ('x', 'no place')",
    )
    time.sleep(0.2)
    for _ in range(10):
        clock.now_s += limits.WATCH_EVERY_S
        watcher.look()
    answer = app.test_client().get(f"{ITEMS}/p-1")
    assert answer.json["properties"]["name"] == "new"
    assert answer.headers["ETag"] != etag
    assert live.city.version != before
    assert app.test_client().get(f"{ITEMS}?limit=1").json["numberMatched"] == COUNT + 1


def test_while_the_database_is_away_questions_say_503_and_recover(database_server, url, caplog):
    if database_server.process is None:
        pytest.skip("the server that MAPSERVER_TEST_POSTGIS names is not ours to stop")
    app = create_app(Settings(store=url, large_rows=100, tile_url=""))
    client = app.test_client()
    assert client.get(f"{ITEMS}/p-1").status_code == 200
    database_server.stop()
    try:
        for path in (
            f"{ITEMS}/p-2",
            f"{ITEMS}?limit=2",
            "/api/nearest?collection=parcels&lon=1&lat=2",
        ):
            answer = client.get(path)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.mimetype == "application/problem+json"
            assert "127.0.0.1" not in answer.text
        # What is in memory is answered, and so is what describes the layer.
        assert client.get("/api/collections/few/items").status_code == 200
        assert client.get("/api/collections/parcels/schema").status_code == 200
        assert client.get("/").status_code == 200
    finally:
        database_server.start()
    start_s = time.monotonic()
    while client.get(f"{ITEMS}/p-2").status_code != 200:
        assert time.monotonic() - start_s < 10
        time.sleep(0.2)
    assert "corr3ct" not in caplog.text
    assert not any(record.exc_info for record in caplog.records)


def test_a_question_that_takes_too_long_is_503_and_the_next_is_answered(url, monkeypatch):
    app = create_app(Settings(store=url, large_rows=100, tile_url=""))
    monkeypatch.setattr(limits, "LARGE_STATEMENT_S", 0.2)
    client = app.test_client()
    with psycopg.connect(url) as busy:
        busy.execute("LOCK c.parcels IN ACCESS EXCLUSIVE MODE")
        answer = client.get(f"{ITEMS}/p-3")
        assert (answer.status_code, "takes too long" in answer.text) == (503, True)
    assert client.get(f"{ITEMS}/p-3").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "f=csv",
        "f=csv&filter=floors%3D3",
        "f=geojson&bbox=126.8,35.1,126.85,35.15",
        "f=csv&filter=CASEI(name)=CASEI('x')",
        "f=csv&limit=7&offset=390",
        "f=csv&offset=398",
    ],
)
def test_files_of_what_is_asked_for_are_those_of_memory(in_memory, in_database, query):
    answers = [app.test_client().get(f"{ITEMS}?{query}") for app in (in_memory, in_database)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].data == answers[1].data


def test_a_file_is_refused_only_where_more_match_than_it_may_have(in_database, monkeypatch):
    monkeypatch.setattr(limits, "MAX_PAGE_ITEMS", 57)
    assert ask(in_database, f"{ITEMS}?f=csv&filter=floors%3D0")[0] == 400  # 58 rows
    assert ask(in_database, f"{ITEMS}?f=csv&filter=floors%3D0&offset=1")[0] == 200
    assert ask(in_database, f"{ITEMS}?f=csv&filter=floors%3D3")[0] == 200  # 57 rows
    few = "CASEI(name)=CASEI(name)%20AND%20floors%3D0"  # evaluated here
    assert ask(in_database, f"{ITEMS}?f=csv&filter={few}%20AND%20vacant=true")[0] == 200
    assert ask(in_database, f"{ITEMS}?f=csv&filter=CASEI(name)=CASEI(name)")[0] == 400


def test_descriptions_are_those_of_memory(in_memory, in_database):
    collection = "/api/collections/parcels"
    for part in ("schema", "queryables"):
        kinds = [
            json.loads(ask(app, f"{collection}/{part}")[1])["properties"]["geometry"]["format"]
            for app in (in_memory, in_database)
        ]
        assert kinds == ["geometry-polygon", "geometry-polygon"]
    titles = [
        json.loads(ask(app, f"{collection}/tiles/WebMercatorQuad")[1])["title"]
        for app in (in_memory, in_database)
    ]
    assert titles[0] == titles[1]
    assert "(견본)" in titles[1]
    refusals = [ask(app, f"{ITEMS}?f=gpx&limit=3")[1] for app in (in_memory, in_database)]
    assert refusals[0] == refusals[1]
    for app in (in_memory, in_database):
        assert "구청 &lt;지적&gt; · CC BY 4.0 · 견본" in app.test_client().get("/?lang=ko").text
