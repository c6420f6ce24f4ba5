"""OGC API - Features Part 3, by the ids of its abstract tests: queryables, filter, features-filter.

What filters mean is tested with ``mapserver.filters``; here it is asked over HTTP.
"""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from pyproj import Transformer
from shapely import box

SPEC = "http://www.opengis.net/spec"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
KINDS = {"string", "number", "integer", "datetime", "geometry", "boolean"}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@pytest.fixture
def ask(sample_app):
    client = sample_app.test_client()
    return lambda path, **query: client.get(f"/api{path}", query_string=query)


def ids_of(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json["features"]]


@pytest.mark.parametrize(
    "name", ["queryables", "queryables-query-parameters", "filter", "features-filter"]
)
def test_conf_get_conformance(ask, name):
    declared = ask("/conformance").json["conformsTo"]
    assert f"{SPEC}/ogcapi-features-3/1.0/conf/{name}" in declared
    assert f"{SPEC}/cql2/1.0/conf/cql2-text" in declared


def test_conf_queryables_get_queryables_uris_and_get_queryables(sample_app, sample_city):
    client = sample_app.test_client()
    for layer in sample_city.layers:
        head = client.head(
            f"/api/collections/{layer}/items", headers={"Accept": "application/json"}
        )
        assert head.status_code == 200
        [address] = re.findall(rf'<([^>]+)>; rel="{QUERYABLES}"', head.headers["Link"])
        answer = client.get(address, headers={"Accept": "application/schema+json"})
        assert answer.content_type == "application/schema+json"
        schema = answer.json
        assert (schema["$schema"], schema["$id"], schema["type"]) == (DIALECT, address, "object")
        for each in schema["properties"].values():
            assert "type" in each or each["format"].startswith("geometry-")


def test_conf_queryables_query_parameters_query_param(ask, sample_city):
    trails = sample_city.trails
    for name in ("name", "surface", "length_m", "foot_wash", "opened"):
        value = trails[name].dropna().iloc[0]
        found = ids_of(ask("/collections/trails/items", **{name: str(value), "limit": 1000}))
        assert found == list(trails.index[(trails[name] == value).fillna(value=False)])
    for name, text in (("length_m", "long"), ("foot_wash", "perhaps")):
        answer = ask("/collections/trails/items", **{name: text})
        assert answer.status_code == 400
        assert answer.json["detail"].startswith(name)


def test_conf_filter_filter_param_and_filter_lang_default(ask, sample_city):
    for layer, frame in sample_city.layers.items():
        path = f"/collections/{layer}/items"
        column = next(name for name in frame if name != "geometry")
        missing = list(frame.index[frame[column].isna()])[:100]
        for language in ({"filter-lang": "cql2-text"}, {}):
            assert ids_of(ask(path, filter=f'"{column}" IS NULL', **language)) == missing
        as_json = json.dumps({"op": "isNull", "args": [{"property": column}]})
        assert ids_of(ask(path, **{"filter": as_json, "filter-lang": "cql2-json"})) == missing
    for text, language in (
        ("THIS IS NOT A FILTER", "cql2-text"),
        ("{", "cql2-json"),
        ("name = 'x'", "sql"),
        ("", "cql2-text"),
        ("(" * 5000 + "1=1" + ")" * 5000, "cql2-text"),
        ("name = '" + "x" * 10_000 + "'", "cql2-text"),
        ("nothing = 1", "cql2-text"),
        ("length_m = 'long'", "cql2-text"),
    ):
        answer = ask("/collections/trails/items", **{"filter": text, "filter-lang": language})
        assert answer.status_code == 400, text[:40]
        assert answer.json["detail"].startswith("filter")


def test_a_filter_may_be_as_large_as_is_promised_and_no_larger(ask):
    def nest(levels: int) -> str:
        return "(" * levels + "length_m > 0" + ")" * levels

    def fill(size_bytes: int) -> str:
        letters, rest = divmod(size_bytes - len("name <> ''"), len("길".encode()))
        return f"name <> '{'길' * letters}{'a' * rest}'"

    for text in (nest(99), "NOT " * 98 + "length_m > 0", fill(8_000)):
        assert ask("/collections/trails/items", filter=text).status_code == 200, text[:40]
    for text, said in ((nest(101), "100 levels"), (fill(8_001), "8000 bytes")):
        answer = ask("/collections/trails/items", filter=text)
        assert answer.status_code == 400
        assert said in answer.json["detail"]


def test_conf_filter_expression_construction(ask, sample_city):
    trails = sample_city.trails
    is_long, has_wash = trails.length_m > 300, trails.foot_wash.eq(other=True)
    for text, is_match in (
        ("length_m > 300 AND foot_wash = TRUE", is_long & has_wash),
        ("NOT (length_m > 300) OR name LIKE '%숲%'", ~is_long | trails.name.str.contains("숲")),
        ("length_m BETWEEN 200 AND 300", trails.length_m.between(200, 300)),
    ):
        found = ids_of(ask("/collections/trails/items", filter=text, limit=1000))
        assert found == list(trails.index[is_match.fillna(value=False)])


def test_conf_filter_filter_crs_wgs84_and_filter_crs_param(ask, sample_city):
    west, south, east, north = 126.84, 35.13, 126.87, 35.16
    truth = sample_city.districts.geometry.intersects(box(west, south, east, north))
    ids = list(sample_city.districts.index[truth])
    query = {"filter": f"S_INTERSECTS(geometry,BBOX({west},{south},{east},{north}))", "limit": 1000}
    assert ids_of(ask("/collections/districts/items", **query)) == ids
    # The same corners as a polygon in the plane of the country, northing first.
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    convert = Transformer.from_crs("OGC:CRS84", "EPSG:5186").transform
    ring = ",".join("{} {}".format(*convert(*corner)) for corner in corners)
    query["filter"] = f"S_INTERSECTS(geometry,POLYGON(({ring})))"
    query["filter-crs"] = "http://www.opengis.net/def/crs/EPSG/0/5186"
    assert ids_of(ask("/collections/districts/items", **query)) == ids
    query["filter-crs"] = "EPSG:1"
    answer = ask("/collections/districts/items", **query)
    assert answer.status_code == 400
    assert answer.json["detail"].startswith("filter-crs")
    # Metres are no degrees, which is what a box is in unless its system is named.
    metres = "S_INTERSECTS(geometry,BBOX(1000000,1000000,2000000,2000000))"
    answer = ask("/collections/districts/items", filter=metres)
    assert answer.status_code == 400
    assert answer.json["detail"].startswith("filter:")


def test_conf_filter_filter_crs_param_in_each_system(ask, sample_city):
    for layer, frame in sample_city.layers.items():
        west, south, east, north = frame.total_bounds
        for uri in ask(f"/collections/{layer}").json["crs"]:
            crs = "OGC:CRS84" if uri.endswith("CRS84") else f"EPSG:{uri.rpartition('/')[2]}"
            convert = Transformer.from_crs("OGC:CRS84", crs).transform
            # What is straight in one system is curved in another: the box is a little larger.
            (x0, y0), (x1, y1) = convert(west, south), convert(east, north)
            x, y = (x1 - x0) / 100, (y1 - y0) / 100
            text = f"S_INTERSECTS(geometry,BBOX({x0 - x},{y0 - y},{x1 + x},{y1 + y}))"
            query = {"filter": text, "filter-crs": uri, "limit": 1}
            found = ask(f"/collections/{layer}/items", **query).json
            assert found["numberMatched"] == len(frame), (layer, uri)


@pytest.mark.parametrize(
    ("system", "place", "order"),
    [
        ("OGC:CRS84", "POINT(35.14 126.85)", "Longitude comes first"),
        ("OGC:CRS84", "BBOX(126.8, 35.2, 126.9, 35.1)", "Write BBOX(126.8, 35.1, 126.9, 35.2)"),
        ("EPSG:4326", "POINT(126.85 35.14)", "in the axis order of their system"),
        ("EPSG:4326", "BBOX(126.8, 35.1, 126.9, 35.2)", "in the axis order of their system"),
        ("EPSG:4326", "BBOX(35.2, 126.8, 35.1, 126.9)", "in the axis order of their system"),
        ("EPSG:5186", "BBOX(284000, 190000, 283000, 191000)", "in the axis order of their system"),
    ],
)
def test_places_of_a_filter_that_are_none_are_told_the_order_of_their_system(
    ask, system, place, order
):
    query = {"filter": f"S_INTERSECTS(geometry, {place})", "filter-crs": system}
    answer = ask("/collections/trails/items", **query)
    assert answer.status_code == 400
    assert order in answer.json["detail"]


def test_conf_filter_get_functions(ask):
    relation = "http://www.opengis.net/def/rel/ogc/1.0/functions"
    hrefs = [each["href"] for each in ask("/").json["links"] if each["rel"] == relation]
    assert "http://localhost/api/functions?f=json" in hrefs
    functions = ask("/functions").json["functions"]
    assert len({each["name"] for each in functions}) == len(functions) > 3
    for each in functions:
        assert set(each["returns"]) <= {
            "string",
            "number",
            "integer",
            "datetime",
            "geometry",
            "boolean",
        }
        assert all(set(argument["type"]) for argument in each["arguments"])
    assert ask("/functions", f="html").mimetype == "text/html"


def test_conf_features_filter_mixing_expression(ask, sample_city):
    for layer, frame in sample_city.layers.items():
        west, south, east, north = frame.total_bounds
        text = f"S_INTERSECTS(geometry,BBOX({west},{south},{east},{north}))"
        path = f"/collections/{layer}/items"
        all_ = ask(path, filter=text, bbox=f"{west},{south},{east},{north}").json["numberMatched"]
        assert all_ == len(frame)
        away = f"{east + 1},{north + 1},{east + 2},{north + 2}"
        assert ask(path, filter=text, bbox=away).json["numberMatched"] == 0


def test_the_state_of_a_day_can_be_filtered_by(ask, sample_city):
    for day in (dt.date(2026, 7, 1), dt.date(2026, 12, 20)):
        states = sample_city.trails_on(day)["state"]
        for state in ("open", "closed"):
            query = {"datetime": day.isoformat(), "filter": f"state = '{state}'", "limit": 1000}
            found = ids_of(ask("/collections/trails/items", **query))
            assert found == list(states.index[states == state])
