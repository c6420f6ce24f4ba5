"""JSON-FG: features in any reference system, out of the API and into it."""

from __future__ import annotations

import json

import pytest
import shapely
from pyproj import Transformer

URI = "http://www.opengis.net/def/crs/EPSG/0/5186"
CORE = "http://www.opengis.net/spec/json-fg-1/1.0/conf/core"
JSONFG = "application/vnd.ogc.fg+json"


@pytest.fixture
def client(sample_app):
    return sample_app.test_client()


@pytest.mark.parametrize("path", ["/api/collections/trails/items", "/api/nearest"])
def test_degrees_stay_where_geojson_has_them(client, path):
    query = {"f": "jsonfg", "limit": 2} | ({"lon": 126.85, "lat": 35.14} if "near" in path else {})
    answer = client.get(path, query_string=query)
    assert answer.content_type == JSONFG
    assert answer.json["conformsTo"] == [CORE]
    assert answer.json["featureType"] == "trails"
    for feature in answer.json["features"]:
        assert feature["place"] is None
        assert feature["time"] is None
        assert feature["geometry"]["type"] == "MultiLineString"


def test_other_systems_are_in_place_and_name_themselves(client, sample_city):
    path = "/api/collections/districts/items"
    answer = client.get(path, query_string={"crs": URI, "limit": 3}, headers={"Accept": JSONFG})
    assert answer.content_type == JSONFG
    assert answer.json["coordRefSys"] == URI
    assert answer.headers["Content-Crs"] == f"<{URI}>"
    truth = sample_city.districts.to_crs(5186).geometry
    for feature in answer.json["features"]:
        assert feature["geometry"] is None
        northing_first = shapely.from_geojson(json.dumps(feature["place"]))
        shape = shapely.transform(northing_first, lambda places: places[:, ::-1])
        assert shape.hausdorff_distance(truth[feature["id"]]) < 0.01
    one = client.get(f"{path}/{feature['id']}", query_string={"crs": URI, "f": "jsonfg"}).json
    assert (one["place"], one["coordRefSys"]) == (feature["place"], URI)


def test_points_in_another_system_are_answered_in_theirs(client, sample_city):
    lon, lat = 126.8526, 35.1467
    north, east = Transformer.from_crs("OGC:CRS84", "EPSG:5186").transform(lon, lat)
    place = {"type": "Point", "coordinates": [north, east]}
    feature = {"type": "Feature", "place": place, "geometry": None, "time": None, "properties": {}}
    body = {"type": "FeatureCollection", "coordRefSys": URI, "features": [feature]}
    answer = client.post("/api/nearest", data=json.dumps(body), content_type=JSONFG)
    assert answer.content_type == JSONFG
    assert answer.json["coordRefSys"] == URI
    [back] = answer.json["features"]
    assert back["place"] == place
    nearest = sample_city.nearest_trails(lon, lat)
    assert back["properties"]["trail_id"] == nearest.index[0]
    assert back["properties"]["distance_m"] == pytest.approx(
        nearest["distance_m"].iloc[0], abs=0.01
    )
    located = client.post("/api/locate", data=json.dumps(body), content_type=JSONFG).json
    assert located["features"][0]["properties"]["in_city"] is True


@pytest.mark.parametrize(
    ("system", "place", "named"),
    [
        ("EPSG:1", [284000, 190000], "coordRefSys"),
        (URI, [1e300, 1e300], "row 1"),
        (URI, ["a", 1], "row 1"),
    ],
)
def test_places_that_cannot_be_read_are_refused(client, system, place, named):
    feature = {
        "type": "Feature",
        "place": {"type": "Point", "coordinates": place},
        "geometry": None,
        "properties": None,
    }
    body = {"type": "FeatureCollection", "coordRefSys": system, "features": [feature]}
    answer = client.post("/api/nearest", data=json.dumps(body), content_type=JSONFG)
    assert answer.status_code == 400
    assert named in answer.json["detail"]


def make_feature(at: tuple[float, float], **members) -> dict:
    place = {"type": "Point", "coordinates": at}
    return {"type": "Feature", "place": place, "geometry": None, "properties": {}} | members


def test_a_feature_or_its_place_may_be_in_a_system_of_its_own(client, sample_city):
    lon, lat = 126.8526, 35.1467
    projected = Transformer.from_crs("OGC:CRS84", "EPSG:5186").transform(lon, lat)
    in_degrees = make_feature((lat, lon), coordRefSys="EPSG:4326")
    of_place = make_feature((lon, lat), coordRefSys=URI)
    of_place["place"]["coordRefSys"] = "OGC:CRS84"
    features = [make_feature(projected), in_degrees, of_place]
    body = {"type": "FeatureCollection", "coordRefSys": URI, "features": features}
    answer = client.post("/api/nearest", data=json.dumps(body), content_type=JSONFG)
    assert answer.status_code == 200, answer.json
    truth = sample_city.nearest_trails(lon, lat)
    for sent, back in zip(features, answer.json["features"], strict=True):
        assert back.get("coordRefSys") == sent.get("coordRefSys")
        assert back["place"]["coordinates"] == list(sent["place"]["coordinates"])
        assert back["properties"]["distance_m"] == pytest.approx(truth.distance_m.iloc[0], abs=0.01)


@pytest.mark.parametrize("system", ["EPSG:1", {"type": "Reference"}])
def test_a_row_in_a_system_that_is_not_offered_is_named(client, system):
    features = [make_feature((126.85, 35.14)), make_feature((126.85, 35.14))]
    features[1]["place"]["coordRefSys"] = system
    body = {"type": "FeatureCollection", "features": features}
    answer = client.post("/api/nearest", data=json.dumps(body), content_type=JSONFG)
    assert answer.status_code == 400
    assert "row 2: coordRefSys" in answer.json["detail"]


def name_system(name: str) -> dict:
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize("holder", ["collection", "feature", "geometry"])
@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::4004", "EPSG:5186", "nothing"])
def test_geojson_that_says_it_is_in_another_system_is_refused(client, holder, name):
    # Degrees of an old datum are some hundred metres off, and look like those of today.
    point = {"type": "Point", "coordinates": [126.85, 35.14]}
    feature = {"type": "Feature", "properties": {}, "geometry": point}
    body = {"type": "FeatureCollection", "features": [feature]}
    {"collection": body, "feature": feature, "geometry": point}[holder]["crs"] = name_system(name)
    for path in ("/api/nearest", "/api/locate"):
        answer = client.post(path, data=json.dumps(body), content_type="application/geo+json")
        assert answer.status_code == 400
        assert name in answer.json["detail"]
        assert ("row 1: crs" in answer.json["detail"]) == (holder != "collection")


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326"])
def test_geojson_that_says_it_is_in_degrees_is_read(client, name):
    point = {"type": "Point", "coordinates": [126.85, 35.14]}
    feature = {"type": "Feature", "properties": {}, "geometry": point}
    body = {"type": "FeatureCollection", "crs": name_system(name), "features": [feature]}
    answer = client.post("/api/locate", json=body)
    assert answer.json["features"][0]["properties"]["in_city"] is True
    none = body | {"crs": None}
    assert client.post("/api/locate", json=none).status_code == 200
    for odd in ("EPSG:4326", {"type": "link"}, 7):
        assert client.post("/api/locate", json=body | {"crs": odd}).status_code == 400


@pytest.mark.parametrize("kind", ["application/geo+json", JSONFG])
def test_what_was_sent_is_quoted_in_part(client, kind):
    long = "x" * 100_000
    place = {"type": "Point", "coordinates": [126.85, 35.14], "coordRefSys": long}
    body = {"type": "FeatureCollection", "features": []}
    for odd in (
        {"type": long},
        {"features": [{"type": long}]},
        {"crs": name_system(long)},
        {"features": [{"type": "Feature", "place": place}]},
    ):
        answer = client.post("/api/locate", data=json.dumps(body | odd), content_type=kind)
        assert answer.status_code == 400
        assert len(answer.data) < 2_000
    unlike = client.post("/api/locate", data=json.dumps(body | {"type": long}), content_type=kind)
    assert "`$.type`" in unlike.json["detail"]


@pytest.mark.parametrize("kind", ["application/geo+json", JSONFG])
def test_members_that_nobody_looks_at_come_back(client, kind):
    """GeoJSON may have members of its own (RFC 7946, 6.1), and JSON-FG has some."""
    box = [126.85, 35.14, 126.85, 35.14]
    point = {"type": "Point", "coordinates": box[:2], "bbox": box}
    sent = {
        "type": "Feature",
        "featureType": "school",
        "bbox": box,
        "links": [{"href": "https://example.org/1", "rel": "describedby"}],
        "geometry": point,
        "properties": {"name": "학교"},
        "title": None,
    }
    body = {"type": "FeatureCollection", "features": [sent]}
    (back,) = client.post("/api/locate", data=json.dumps(body), content_type=kind).json["features"]
    assert {name: back[name] for name in sent if name != "properties"} == {
        name: value for name, value in sent.items() if name != "properties"
    }
    assert back["properties"]["name"] == "학교"
    assert ("place" in back) == (kind == JSONFG)
    assert "id" not in back
