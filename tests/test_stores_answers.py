"""A layer in memory and in a database is asked the same, as an enemy would: the answers are equal.

Texts are those on which rules of languages differ, numbers those that another type would round, and
each operator, function, order and system is asked of both.
"""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from gpxtext import gpx
from test_stores import load

from mapserver.settings import Settings
from mapserver.web import create_app

pytestmark = pytest.mark.slow
COUNT = 300
CATALOG = 'title = "시험"\n[[layers]]\nid = "parcels"\nfile = "parcels.parquet"\ntitle = "필지"\n'
NAMES = [
    *("가나", "가 나", "가나다", "강", "각", "ㄱ", "\uff21", "A", "a", "Z", "z", "é", "e\u0301"),
    *("漢", "한", "\U0001f600", "", " ", "100%", "a_b", "a\\b", "o'k", '"q"', "tab\t", "line\nx"),
    *("\ufb01", "ß", "SS", "İ", "i"),
]
ITEMS = "/api/collections/parcels/items"
SYSTEM = "http://www.opengis.net/def/crs/EPSG/0/"


def make_parcels() -> gpd.GeoDataFrame:
    """Squares with texts, numbers, booleans and days of every kind, some of which are missing."""
    chance, rows = np.random.default_rng(3), range(COUNT)
    lon, lat = 126.8 + chance.random(COUNT) / 10, 35.1 + chance.random(COUNT) / 10
    shapes = list(shapely.box(lon, lat, lon + 0.0005, lat + 0.0005))
    shapes[5] = None
    shapes[0] = shapely.box(126.85, 35.15, 126.8505, 35.1505)  # whose corners are asked for
    names: list[str | None] = [NAMES[n % len(NAMES)] for n in rows]
    names[7] = None
    columns = {
        "id": [f"p{n}" if n % 3 else f"필-{n}" for n in rows],
        "name": names,
        "area": [None if n % 7 == 0 else n * 1.1 if n % 5 else float(n) for n in rows],
        "big": [2**60 + n for n in rows],
        "floors": pd.array([None if n % 4 == 0 else n % 6 for n in rows], dtype="Int64"),
        "ok": pd.array([None if n % 5 == 0 else n % 2 == 0 for n in rows], dtype="boolean"),
        "day": [None if n % 6 == 0 else f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}" for n in rows],
        "when": [f"2026-03-{n % 28 + 1:02d}T0{n % 10}:00:00Z" for n in rows],
        "neg": [(-1) ** n * n / 3 for n in rows],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


@pytest.fixture(scope="module")
def both(tmp_path_factory, database_server):
    """Clients of the same city: from its folder, and from a database where the layer stays."""
    place = tmp_path_factory.mktemp("answers") / "city"
    for part in ("gpx", "layers"):
        (place / part).mkdir(parents=True)
    (place / "gpx" / "a.gpx").write_text(gpx())
    (place / "layers" / "catalog.toml").write_text(CATALOG)
    make_parcels().to_parquet(place / "layers" / "parcels.parquet")
    url = database_server.make_database()
    load(place, f"{url}?schema=c")
    apps = (
        create_app(Settings(city=place, tile_url="")),
        create_app(Settings(store=url, large_rows=10, tile_url="")),
    )
    yield [app.test_client() for app in apps]
    database_server.drop_database(url)


def require_equal_answers(both, questions: list[str]) -> None:
    unlike = []
    for question in questions:
        expected, answer = (client.get(question) for client in both)
        if (expected.status_code, expected.data) != (answer.status_code, answer.data):
            unlike.append((question, expected.status_code, answer.status_code))
        assert expected.status_code < 500, question
    assert unlike == []


def ask_filters(both, filters: list[str]) -> None:
    require_equal_answers(
        both, [f"{ITEMS}?{urlencode({'filter': each, 'limit': COUNT})}" for each in filters]
    )


def test_every_column_sorts_alike_up_and_down(both):
    columns = ("name", "area", "big", "floors", "ok", "day", "when", "neg", "id")
    orders = [
        f"{sign}{name}{more}" for name in columns for sign in ("", "-") for more in ("", ",-name")
    ]
    require_equal_answers(both, [f"{ITEMS}?limit={COUNT}&sortby={order}" for order in orders])


def test_texts_are_compared_alike(both):
    values = [name.replace("'", "''") for name in NAMES]
    signs = ("=", "<>", "<", ">", "<=", ">=")
    ask_filters(both, [f"name {sign} '{value}'" for sign in signs for value in values])


def test_patterns_match_alike(both):
    patterns = ["가%", "%나", "_", "__", "%", r"a\_b", r"100\%", "A%", r"%\\b", "é", "%e%", ""]
    forms = ("name LIKE '{}'", "name NOT LIKE '{}'", "CASEI(name) LIKE casei('{}')")
    forms += ("ACCENTI(name) = accenti('{}')",)
    patterns += ["가_나", r"\a%", "%\n%", "\U0001f600"]
    ask_filters(both, [form.format(each) for form in forms for each in patterns])


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("area", ["0", "1.1", "33.0", "1e300", "-1", "3.3000000000000003"]),
        ("big", ["1152921504606846976", "1152921504606846977", "1152921504606846976.0", "1e18"]),
        ("floors", ["0", "2", "2.0", "2.5", "-0.0"]),
        ("neg", ["0", "-0.0", "0.3333333333333333", "1e-320"]),
    ],
)
def test_numbers_are_compared_alike(both, column, values):
    forms = ["{c} = {v}", "{c} <> {v}", "{c} < {v}", "{c} >= {v}", "NOT ({c} = {v})"]
    forms += ["{c} BETWEEN {v} AND 100", "{c} IN ({v}, 5)", "{c} NOT IN ({v}, 5)", "{v} > {c}"]
    ask_filters(both, [form.format(c=column, v=value) for form in forms for value in values])


def test_what_is_unknown_true_or_a_time_is_evaluated_alike(both):
    ask_filters(
        both,
        [
            *("ok = TRUE", "ok <> TRUE", "NOT (ok = TRUE)", "ok", "NOT ok", "ok IS NULL"),
            *("ok IS NOT NULL", "name IS NULL", "NOT (name IS NULL)", "TRUE = ok", "1 = 1", "TRUE"),
            *("day = DATE('2026-03-04')", "T_AFTER(day, DATE('2026-06-01'))"),
            *("T_BEFORE(when, TIMESTAMP('2026-03-10T00:00:00Z'))", "day >= '2026-06-01'"),
            *("day BETWEEN '2026-02-01' AND '2026-04-01'", "area + 1 > floors * 2", "area % 2 = 1"),
            *("area div 2 = 3", "floors ^ 2 > 9", "name = name", "area = floors", "NOT TRUE"),
            "name > 'a' AND NOT (floors IS NULL) OR ok = FALSE",
            "(name = 'A' OR CASEI(name)=casei('a')) AND area > 10",
            "NOT (name = 'A' AND CASEI(name)=casei('a'))",
            *("id LIKE '필%'", "id > 'p200'", "id IN ('p1','필-3')", "NOT (id = 'p1')"),
        ],
    )


def test_geometries_relate_alike(both):
    corner, square = (
        "POINT(126.85 35.15)",
        "126.85 35.15,126.8505 35.15,126.8505 35.1505,126.85 35.1505",
    )
    geometries = [
        *(corner, "LINESTRING(126.8 35.1,126.9 35.2)", f"POLYGON(({square},126.85 35.15))"),
        *("POLYGON((126.8 35.1,126.86 35.1,126.83 35.18,126.8 35.1))", "POINT(0 91)"),
        *("MULTIPOINT((126.85 35.15),(126.82 35.13))", "BBOX(126.82,35.12,126.85,35.15)"),
        *(f"GEOMETRYCOLLECTION({corner})", "BBOX(170,30,-170,40)", "POINT Z (126.85 35.15 3)"),
        "POLYGON((126.8 35.1,126.9 35.2,126.9 35.1,126.8 35.2,126.8 35.1))",
    ]
    relations = ("INTERSECTS", "WITHIN", "CONTAINS", "DISJOINT", "TOUCHES", "CROSSES", "OVERLAPS")
    forms = [f"S_{each}(geometry, {{}})" for each in (*relations, "EQUALS")]
    forms += [
        "NOT S_INTERSECTS(geometry, {})",
        "S_WITHIN({}, geometry)",
        "S_CONTAINS({}, geometry)",
    ]
    ask_filters(both, [form.format(each) for form in forms for each in geometries])


def test_systems_and_boxes_are_read_alike(both):
    whole = f"{ITEMS}?limit={COUNT}"
    codes = (4326, 5186, 5179, 5174, 3857, 4737, 32652)
    questions = [f"{ITEMS}?crs={SYSTEM}{code}&limit=3" for code in codes]
    questions += [f"{ITEMS}/p1?crs={SYSTEM}{code}" for code in codes]
    questions += [f"{ITEMS}?bbox-crs={SYSTEM}{code}&bbox=0,0,1,1" for code in codes]
    near = quote("S_INTERSECTS(geometry,BBOX(280000,180000,290000,190000))")
    require_equal_answers(
        both,
        [
            *questions,
            f"{whole}&bbox-crs={SYSTEM}5186&bbox=180000,280000,190000,290000",
            f"{whole}&bbox-crs={SYSTEM}4326&bbox=35.1,126.8,35.15,126.9",
            f"{whole}&bbox-crs={SYSTEM}3857&bbox=14110000,4180000,14125000,4190000",
            f"{whole}&filter-crs={SYSTEM}5186&filter={near}",
            f"{whole}&bbox=126.8,35.1,0,126.9,35.2,10",
            f"{whole}&bbox=-180,-90,180,90",
            f"{ITEMS}?bbox=0,0,0,0",
        ],
    )


def test_parameters_of_every_kind_are_read_alike(both):
    trees = [
        {"op": "=", "args": [{"property": "name"}, "A"]},
        {"op": "in", "args": [{"property": "floors"}, [1, 2, None]]},
        {"op": "=", "args": [{"property": "ok"}, None]},
    ]
    queries = [
        *("datetime=2026-03-01", "datetime=../..", "datetime=x", "f=csv&limit=50", "f=kml&limit=5"),
        *("f=jsonfg&limit=5", "f=fgb&limit=5", "f=csv&limit=20&sortby=-name&offset=7", "name="),
        *("name=A", "ok=true", "ok=1", "floors=2.0", "big=1152921504606846980", "area=1e400"),
        *("big=1152921504606846976.0", "area=NaN", "day=2026-03-03", "properties=", "sortby="),
        *(
            "properties=name,name",
            "properties=id",
            "sortby=name,name",
            "sortby=%2Bname",
            "offset=-1",
        ),
        *("limit=10000", "limit=100000", "offset=99999999999999999999", "id=p1", "f=nosuch"),
        *(f"filter-lang=cql2-json&filter={quote(json.dumps(tree))}" for tree in trees),
    ]
    paths = ["/sortables", "/items/p1", "/items/%ED%95%84-3", "/items/nobody", "/items/p1?f=jsonfg"]
    paths += ["/items/p1?f=csv", "/items/p1?f=kml", "/items/p1?properties=name", "/tiles"]
    near = ["", "&limit=20", "&limit=20&max_distance=100", "&limit=0", "&f=csv", "&limit=10000"]
    require_equal_answers(
        both,
        [
            *(f"{ITEMS}?{query}" for query in queries),
            *(f"/api/collections/parcels{path}" for path in paths),
            *(f"/api/nearest?collection=parcels&lon=126.85&lat=35.15{more}" for more in near),
            "/api/nearest?collection=parcels&lon=200&lat=35",
            "/api/nearest?collection=parcels&lon=126.85",
            "/api/nearest?collection=parcels&lon=0&lat=90",
        ],
    )
