"""One contract over both stores: the sample city from its folder and from PostGIS."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pytest
import shapely
from browsing import NOVEMBER
from conftest import ROOT
from test_stores import load

import mapserver
from mapserver.settings import Settings
from mapserver.web import create_app

pytestmark = pytest.mark.slow

PATHS = [
    *(
        "/",
        "/?lang=en",
        "/trails/",
        "/districts/",
        "/neighborhoods/",
        "/board",
        "/map",
    ),
    *("/trails/balsan-park", "/trails/balsan-park?date=2026-12-20", "/districts/001?lang=en"),
    *("/trails/geumdangsan-1.gpx", "/trails/geumdangsan-1.geojson", "/trails/geumdangsan-1.kml"),
    *("/trails/geumdangsan-1.svg", "/trails/geumdangsan-1/poster"),
    *("/api/", "/api/collections", "/api/collections/shops", "/api/openapi.json"),
    "/api/collections/trails/items?datetime=2026-12-20",
    "/api/collections/districts/items?limit=200&crs=http://www.opengis.net/def/crs/EPSG/0/5186",
    "/api/collections/shops/items?bbox=126.84,35.14,126.86,35.16&limit=500&sortby=-name",
    "/api/collections/shops/items?filter=name LIKE '%A%' OR CASEI(category) = casei('음식점')",
    "/api/collections/shops/items?f=csv",
    "/api/collections/inspections/items",
    "/api/collections/districts/queryables",
    "/api/nearest?lon=126.85&lat=35.15&limit=5",
    "/api/nearest?lon=126.85&lat=35.15&collection=shops&limit=20",
    "/api/locate?lon=126.85&lat=35.15",
    "/open311/services.json",
]


@pytest.fixture(scope="module", params=["folder", "database"])
def source(request):
    """The settings of the same city in each of the stores."""
    if request.param == "folder":
        yield Settings(city=ROOT, tile_url="")
        return
    server = request.getfixturevalue("database_server")
    url = server.make_database()
    load(ROOT, f"{url}?schema=seogu")
    yield Settings(store=url, tile_url="")
    server.drop_database(url)


@pytest.fixture(scope="module")
def app(source):
    return create_app(source)


@pytest.fixture(scope="module")
def reference():
    return create_app(Settings(city=ROOT, tile_url="")).test_client()


@pytest.fixture(scope="module")
def city(source):
    return mapserver.open_city(source.store or source.city)


@pytest.mark.parametrize("path", PATHS)
def test_pages_and_answers_have_the_same_bytes(app, reference, path):
    expected, answer = reference.get(path), app.test_client().get(path)
    assert expected.status_code == 200
    assert (answer.status_code, answer.data) == (200, expected.data)
    assert answer.headers.get("ETag") == expected.headers.get("ETag")


def test_questions_in_python_have_the_same_answers(city, sample_city):
    places = [shapely.Point(126.80 + n / 60, 35.10 + n / 80) for n in range(9)]
    points = gpd.GeoDataFrame(geometry=places, crs=4326)
    for layer in ("trails", "shops", "districts"):
        assert city.nearest(points, layer, k=3).equals(sample_city.nearest(points, layer, k=3))
    assert city.join(points).equals(sample_city.join(points))
    assert city.locate(126.85, 35.15) == sample_city.locate(126.85, 35.15)
    assert [str(each) for each in city.check()] == [str(each) for each in sample_city.check()]


@pytest.mark.parametrize("day", [NOVEMBER, dt.date(2026, 4, 8), dt.date(2027, 1, 1)])
def test_states_of_trails_are_the_same(city, sample_city, day):
    assert city.trails_on(day).equals(sample_city.trails_on(day))


def test_who_looks_at_the_city_sees_where_it_is_and_no_password(city, source):
    shown = f"{city!r} {city._repr_html_()} {source!r}"
    assert ("postgresql://" in shown) == bool(source.store)
    assert "corr3ct" not in shown
