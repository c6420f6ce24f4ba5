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
