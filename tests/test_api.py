"""The API: shapes and numbers of the contract, errors by name, and never a 500."""

from __future__ import annotations

import csv
import gzip
import io
import json
from urllib.parse import urlencode

import brotli
import geopandas as gpd
import oracle
import pandas as pd
import pytest
import shapely
from gpxtext import gpx
from hypothesis import given, settings
from hypothesis import strategies as st

from mapserver.settings import Settings
from mapserver.web import create_app


@pytest.fixture
def app(sample_app):
    return sample_app


@pytest.fixture
def get(app):
    """Ask for a path; give status and JSON."""

    def ask(path: str, **query):
        address = f"{path}?{urlencode(query)}" if query else path
        answer = app.test_client().get(address)
        return answer.status_code, json.loads(answer.data)

    return ask


# -- nearest -------------------------------------------------------------------------------------


def test_nearest_is_a_feature_collection_nearest_first(get, sample_city):
    status, found = get("/api/nearest", lon=126.8526, lat=35.1467, limit=3)
    assert status == 200
    assert (found["type"], found["numberReturned"], found["numberMatched"]) == (
        "FeatureCollection",
        3,
        3,
    )
    assert found["links"][0]["rel"] == "self"
    expected = sample_city.nearest_trails(126.8526, 35.1467, k=3)
    assert [feature["id"] for feature in found["features"]] == list(expected.index)
    for feature, row in zip(found["features"], expected.itertuples(), strict=True):
        properties = feature["properties"]
        assert properties["name"] == row.name
        assert properties["distance_m"] == pytest.approx(row.distance_m, abs=0.001)
        assert properties["nearest_lon"] == pytest.approx(row.nearest_lon, abs=1e-7)
        assert properties["bearing_deg"] == pytest.approx(row.bearing_deg, abs=0.1)
        assert properties["walk_min"] == pytest.approx(row.walk_min, abs=0.1)
        truth = oracle.distance_m(row.geometry, 126.8526, 35.1467)
        assert properties["distance_m"] == pytest.approx(truth, abs=oracle.tolerance_m(truth))
        assert feature["geometry"]["type"] == "MultiLineString"


def test_nearest_of_another_collection_and_within_a_distance(get, sample_city):
    _, found = get("/api/nearest", lon=126.8526, lat=35.1467, collection="services")
    assert found["features"][0]["geometry"]["type"] == "Point"
    _, found = get("/api/nearest", lon=126.8526, lat=35.1467, limit=100, max_distance=900)
    assert found["numberReturned"] == len(
        sample_city.nearest_trails(126.8526, 35.1467, k=100, max_distance_m=900)
    )
    _, found = get("/api/nearest", lon=0, lat=0, max_distance=1)
    assert found["features"] == []


# -- locate --------------------------------------------------------------------------------------


def test_locate_has_the_contract_s_shape(get, sample_city):
    inside = sample_city.districts.geometry.iloc[0].representative_point()
    status, found = get("/api/locate", lon=inside.x, lat=inside.y)
    assert status == 200
    assert list(found) == [
        *("lon", "lat", "in_city", "districts", "neighborhood", "zone"),
        *("nearest_district", "border_distance_m"),
    ]
    assert set(found["districts"][0]) == {"id", "name", "name_en"}
    assert set(found["neighborhood"]) == {"id", "name", "name_en", "role", "brand"}
    assert set(found["zone"]) == {"id", "name", "name_en", "hub"}
    assert found["nearest_district"] is None
    status, far = get("/api/locate", lon=127.5, lat=35.5)
    assert (status, far["in_city"], far["neighborhood"]) == (200, False, None)
    assert set(far["nearest_district"]) == {"id", "name", "distance_m"}


# -- items ---------------------------------------------------------------------------------------


def test_every_layer_has_its_items(get, sample_city):
    for layer, frame in sample_city.layers.items():
        status, found = get(f"/api/collections/{layer}/items")
        assert status == 200
        assert found["numberMatched"] == len(frame)
        assert found["numberReturned"] == len(found["features"]) == min(100, len(frame))


def test_pages_add_up_to_the_whole(get, sample_city):
    ids, address = [], "/api/collections/districts/items?limit=50"
    while address:
        _, page = get(address.removeprefix("http://localhost"))
        ids += [feature["id"] for feature in page["features"]]
        links = {link["rel"]: link["href"] for link in page["links"]}
        address = links.get("next")
    assert ids == list(sample_city.districts.index)
    assert "prev" in links


def test_a_box_gives_what_has_a_part_in_it(get, sample_city):
    box = (126.84, 35.14, 126.86, 35.16)
    _, found = get("/api/collections/districts/items", bbox=",".join(map(str, box)), limit=1000)
    truth = sample_city.districts.geometry.intersects(shapely.box(*box))
    assert sorted(f["id"] for f in found["features"]) == sorted(sample_city.districts.index[truth])
    _, none = get("/api/collections/districts/items", bbox="0,0,1,1")
    assert none["numberMatched"] == 0


def test_more_than_may_be_is_cut_and_said(get, sample_city):
    _, found = get("/api/collections/shops/items", limit=99999)
    assert found["numberReturned"] == 10_000
    assert found["numberMatched"] == len(sample_city.shops)
    assert any(link["rel"] == "next" for link in found["links"])


def test_features_are_rfc_7946(get):
    _, found = get("/api/collections/neighborhoods/items")
    for feature in found["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        assert shapely.is_ccw(shape.exterior)
        assert json.dumps(feature)
    assert "crs" not in found


def test_gdal_reads_the_items(app, tmp_path):
    answer = app.test_client().get("/api/collections/trails/items?limit=1000")
    (tmp_path / "trails.geojson").write_bytes(answer.data)
    frame = gpd.read_file(tmp_path / "trails.geojson")
    assert frame.crs.to_epsg() == 4326
    assert len(frame) == json.loads(answer.data)["numberMatched"]


# -- http ----------------------------------------------------------------------------------------


def test_answers_have_tags_and_are_compressed(app):
    client, path = app.test_client(), "/api/collections/districts/items"
    plain = client.get(path)
    assert plain.content_type == "application/geo+json"
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    for name, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        packed = client.get(path, headers={"Accept-Encoding": name})
        assert packed.headers["Content-Encoding"] == name
        assert unpack(packed.data) == plain.data
        assert packed.headers["ETag"] != plain.headers["ETag"]
        again = client.get(
            path, headers={"Accept-Encoding": name, "If-None-Match": packed.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")
    assert not plain.headers["ETag"].startswith("W/")


def test_health(get, app, sample_city):
    assert app.test_client().get("/healthz").text == "ok\n"
    status, ready = get("/readyz")
    assert status == 200
    assert ready["version"] == sample_city.version
    assert ready["layers"] == {id_: len(frame) for id_, frame in sample_city.layers.items()}


# -- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("/api/nearest", 400, "lon"),
        ("/api/nearest?lon=126.85", 400, "lat"),
        ("/api/nearest?lon=x&lat=35", 400, "lon"),
        ("/api/nearest?lon=nan&lat=35", 400, "lon"),
        ("/api/nearest?lon=35.15&lat=126.85", 400, "swapped"),
        ("/api/nearest?lon=190920&lat=284117", 400, "metres"),
        ("/api/nearest?lon=126.85&lat=35&limit=0", 400, "limit"),
        ("/api/nearest?lon=126.85&lat=35&max_distance=-1", 400, "max_distance"),
        ("/api/nearest?lon=126.85&lat=35&k=3", 400, "k"),
        ("/api/nearest?lon=126.85&lon=127&lat=35", 400, "lon"),
        ("/api/nearest?lon=126.85&lat=35&collection=nothing", 404, "nothing"),
        ("/api/locate?lat=35", 400, "lon"),
        ("/api/collections/nothing/items", 404, "nothing"),
        ("/api/collections/trails/items?bbox=1,2,3", 400, "bbox"),
        ("/api/collections/trails/items?bbox=1,50,3,40", 400, "bbox"),
        ("/api/collections/trails/items?limit=many", 400, "limit"),
        ("/api/collections/trails/items?offset=-1", 400, "offset"),
        ("/api/collections/trails/items?f=xml", 400, "f"),
        ("/api/nowhere", 404, ""),
    ],
)
def test_errors_are_problems_that_name_the_parameter(app, path, status, named):
    answer = app.test_client().get(path)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"  # mended, it is asked for again
    problem = json.loads(answer.data)
    assert set(problem) == {"type", "title", "status", "detail", "code", "description"}
    assert problem["status"] == status
    assert named in problem["detail"]


def test_other_methods_are_405_and_large_bodies_no_500(app):
    answer = app.test_client().post("/api/collections/trails/items", data=b"x")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert json.loads(answer.data)["code"] == "MethodNotAllowed"


TEXT = st.text(max_size=12) | st.floats().map(str) | st.integers().map(str)
NAMES = st.sampled_from(
    ["lon", "lat", "limit", "collection", "max_distance", "bbox", "offset", "f"]
)
PATHS = st.sampled_from(
    ["/api/nearest", "/api/locate", *(f"/api/collections/{x}/items" for x in ("trails", "shops"))]
)


@pytest.mark.slow
@given(path=PATHS, query=st.lists(st.tuples(NAMES | st.text(max_size=5), TEXT), max_size=5))
@settings(max_examples=300)
def test_nothing_that_a_client_asks_is_a_500(app, path, query):
    answer = app.test_client().get(f"{path}?{urlencode(query)}")
    assert answer.status_code in {200, 400, 404}
    assert json.loads(answer.data)


@pytest.mark.slow
@given(path=st.text(max_size=30), method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD"]))
@settings(max_examples=150)
def test_no_address_is_a_500(app, path, method):
    answer = app.test_client().open(f"/api/{path}", method=method)
    assert answer.status_code < 500


@given(
    header=st.sampled_from(
        ["Accept-Encoding", "If-None-Match", "Accept", "Accept-Language", "Range"]
    ),
    value=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
)
@settings(max_examples=100)
def test_no_header_is_a_500(app, header, value):
    for path in ("/api/locate?lon=126.85&lat=35.15", "/", "/map"):
        answer = app.test_client().get(path, headers={header: value})
        assert answer.status_code < 500


# -- many points ---------------------------------------------------------------------------------

ROWS = [("가", 126.8526, 35.1467), ("나, 다", 126.8815, 35.1210), ("=1+1", 127.5, 35.5)]


def collection_of(rows) -> bytes:
    features = [
        {
            "type": "Feature",
            "id": name,
            "properties": {"school": name},
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
        }
        for name, lon, lat in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def table_of(rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([("school", "lon", "lat"), *rows])
    return text.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize("limit", [1, 3])
def test_many_points_get_their_rows_back_with_answers(app, sample_city, limit):
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([r[1] for r in ROWS], [r[2] for r in ROWS]), crs=4326
    )
    expected = sample_city.nearest(points, k=limit)
    client, path = app.test_client(), f"/api/nearest?limit={limit}"
    answer = client.post(path, data=collection_of(ROWS), content_type="application/geo+json")
    assert answer.content_type == "application/geo+json"
    features = json.loads(answer.data)["features"]
    assert [f["properties"]["trail_id"] for f in features] == expected["trail_id"].tolist()
    assert [f["properties"]["school"] for f in features] == [ROWS[at][0] for at in expected.index]
    answer = client.post(path, data=table_of(ROWS), content_type="text/csv; charset=utf-8")
    # The mark of UTF-8 comes back, by which spreadsheets know it.
    text = answer.data.decode("utf-8-sig")
    assert text.encode("utf-8-sig") == answer.data
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["trail_id"] for row in rows] == expected["trail_id"].tolist()
    # A name that would run as a formula in a spreadsheet is text there.
    names = [f"'{name}" if name.startswith("=") else name for name, *_ in ROWS]
    assert [row["school"] for row in rows] == [names[at] for at in expected.index]
    for row, feature, distance_m in zip(rows, features, expected["distance_m"], strict=True):
        assert float(row["distance_m"]) == pytest.approx(distance_m, abs=0.001)
        assert feature["properties"]["distance_m"] == pytest.approx(distance_m, abs=0.001)


def test_many_points_are_located_as_one_is(app, sample_city):
    client = app.test_client()
    answer = client.post("/api/locate", data=table_of(ROWS), content_type="text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == len(ROWS)
    for row, (_, lon, lat) in zip(rows, ROWS, strict=True):
        place = sample_city.locate(lon, lat)
        assert row["in_city"] == str(place.in_city)
        assert row["district_id"] == "|".join(district.id for district in place.districts)
        assert row["neighborhood_id"] == (place.neighborhood.id if place.neighborhood else "")
        assert row["zone_name"] == (place.zone.name if place.zone else "")


@pytest.mark.parametrize(
    ("body", "kind", "status", "named"),
    [
        (b"{", "application/json", 400, "GeoJSON"),
        (b"[]", "application/geo+json", 400, "GeoJSON"),
        (collection_of([("x", 35.1, 126.8)]), "application/geo+json", 400, "row 1"),
        (collection_of([("x", "a", 1)]), "application/geo+json", 400, "row 1"),
        (b"name\nx\n", "text/csv", 400, "lon and lat"),
        (b"lon,lat\n126,35\n126,\n", "text/csv", 400, "row 2"),
        (b"lon,lat\nnan,35\n", "text/csv", 400, "row 1"),
        (b"\xff\xfe\xfd", "text/csv", 400, "CSV"),
        (b"", "text/csv", 400, "lon and lat"),
        (b"x", "text/plain", 415, "text/csv"),
        (b"lon,lat\n" + b"126,35\n" * 20_001, "text/csv", 413, "20000"),
        (b"x" * (17 * 2**20), "text/csv", 413, ""),
    ],
)
def test_bodies_that_cannot_be_used_are_refused(app, body, kind, status, named):
    for path in ("/api/nearest", "/api/locate"):
        answer = app.test_client().post(path, data=body, content_type=kind)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        assert named in json.loads(answer.data)["detail"]


@given(body=st.binary(max_size=200), kind=st.sampled_from(["text/csv", "application/geo+json", ""]))
@settings(max_examples=150)
def test_no_body_is_a_500(app, body, kind):
    for path in ("/api/nearest", "/api/locate"):
        answer = app.test_client().post(path, data=body, content_type=kind)
        assert answer.status_code in {200, 400, 415}


# -- states --------------------------------------------------------------------------------------


@pytest.fixture
def ask(make_folder):
    """Ask a city of three trails: one in season, one closed, one that nobody understands."""
    files = {f"gpx/{name}.gpx": gpx() for name in ("a", "b", "c")}
    files["gpx/trails.csv"] = "ID,Season,상태\na,5월~9월,\nb,,휴장(공사)\nc,5월쯤,\n"
    client = create_app(Settings(city=make_folder(files), tile_url="")).test_client()
    return client.open


@pytest.mark.parametrize(
    ("day", "state"), [("2026-07-01", "open"), ("2026-12-20T03:00:00Z", "closed")]
)
def test_trails_carry_their_state_on_the_day_asked_for(ask, day, state):
    for path in ("collections/trails/items?", "nearest?lon=126.85&lat=35.15&limit=3&"):
        features = ask(f"/api/{path}datetime={day}").json["features"]
        states = {feature["id"]: feature["properties"]["state"] for feature in features}
        assert states == {"a": state, "b": "closed", "c": "unknown"}
        reasons = {f["id"]: f["properties"]["reason_ko"] for f in features}
        assert reasons["b"] == "공사"
        assert "5월쯤" in reasons["c"]


def test_a_utc_time_is_a_korean_day(ask):
    for time, state in (("2026-09-30T14:59:59Z", "open"), ("2026-09-30T15:00:00Z", "closed")):
        found = ask(f"/api/collections/trails/items?datetime={time}").json["features"]
        assert found[0]["properties"]["state"] == state


@pytest.mark.parametrize(
    "day", ["yesterday", "2026-02-30", "2026", "2026.7.1", "2026-07-02/2026-07-01", "a/.."]
)
def test_what_is_no_day_is_refused_by_name(ask, day):
    answer = ask(f"/api/collections/trails/items?datetime={day}")
    assert answer.status_code == 400
    assert "datetime" in answer.json["detail"]


@pytest.mark.parametrize(
    "interval", ["2026-07-01/2026-12-31", "2026-07-01/..", "../2026-07-01", "/2026-07-01"]
)
def test_an_interval_selects_all_and_is_about_its_first_known_day(ask, interval):
    found = ask(f"/api/collections/trails/items?datetime={interval}").json
    assert found["numberMatched"] == 3
    assert {f["properties"]["state_on"] for f in found["features"]} == {"2026-07-01"}


def test_batches_carry_states_too(ask):
    rows = "lon,lat\n126.85,35.15\n"
    text = ask("/api/nearest?limit=3", method="POST", data=rows, content_type="text/csv").text
    table = pd.read_csv(io.StringIO(text))
    states = dict(zip(table["trail_id"], table["state"], strict=True))
    assert states["b"] == "closed"
    assert states["c"] == "unknown"
    found = ask("/api/collections/trails/items?limit=1").json["features"][0]["properties"]
    assert found["state"] in {"open", "closed"}
