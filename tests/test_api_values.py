"""Values of properties that files have and few expect: mixed kinds, codes of many digits."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from openapi_schema_validator import OAS30Validator
from werkzeug.test import TestResponse

from mapserver.settings import Settings
from mapserver.web import create_app

PARCELS = (2914010100101230001, 2914010100101230002, 2914010100101230003)
"""Codes of parcels, of 19 digits: a float has one value for all of them."""
FLOORS = (2, "2층", True, None, 2.5)


def read(answer: TestResponse) -> Any:
    """Return a document, or the bytes of a file."""
    assert answer.status_code == 200, answer.text
    return answer.json if answer.is_json else answer.data


@pytest.fixture
def ask(make_folder):
    def make(n: int) -> dict:
        place = {"type": "Point", "coordinates": [126.85 + n / 100, 35.15]}
        properties = {"pnu": PARCELS[n % 3], "floor": FLOORS[n], "size": (1, 2.5)[n % 2]}
        properties |= {"rooms": n or None, "is_let": n > 1 if n else None}
        return {"type": "Feature", "id": f"p{n}", "geometry": place, "properties": properties}

    features = [make(n) for n in range(5)]
    layer = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    app = create_app(Settings(city=make_folder({"layers/parcels.geojson": layer}), tile_url=""))
    return lambda path, **query: read(app.test_client().get(f"/api/{path}", query_string=query))


def find_ids(answer: dict) -> list[str]:
    return [feature["id"] for feature in answer["features"]]


def test_a_code_is_found_by_all_of_its_digits(ask):
    items = "collections/parcels/items"
    assert find_ids(ask(items, pnu=PARCELS[1])) == ["p1", "p4"]
    assert find_ids(ask(items, pnu="2914010100101230009")) == []
    assert find_ids(ask(items, pnu="9" * 40)) == []


def test_a_property_of_several_kinds_is_described_as_what_it_is(ask):
    items = ask("collections/parcels/items")
    assert [each["properties"]["floor"] for each in items["features"]] == [*FLOORS]
    schema = ask("collections/parcels/schema")["properties"]
    assert schema["floor"]["type"] == ["boolean", "number", "string", "null"]
    assert schema["size"]["type"] == "number"
    own = {name: schema[name] for name in ("pnu", "floor", "size")}
    described = ask("openapi.json")["components"]["schemas"]["Feature.parcels"]
    for feature in items["features"]:
        values = feature["properties"]
        jsonschema.validate({k: v for k, v in values.items() if k in own}, {"properties": own})
        OAS30Validator(described["properties"]["properties"]).validate(values)
    assert ask("collections/parcels/queryables")["properties"]["floor"]["type"] == "string"


@pytest.mark.parametrize(("text", "id_"), [("2", "p0"), ("2층", "p1"), ("true", "p2")])
def test_a_value_of_several_kinds_is_asked_for_as_it_is_written(ask, text, id_):
    items = "collections/parcels/items"
    assert find_ids(ask(items, floor=text)) == [id_]
    assert find_ids(ask(items, filter=f"floor = '{text}'")) == [id_]


@pytest.mark.parametrize("query", [{}, {"filter": "rooms IS NULL"}, {"filter": "FALSE"}])
@pytest.mark.parametrize("name", ["geojson", "gpkg", "csv", "kml", "gpx", "fgb", "parquet"])
def test_a_file_of_rows_that_lack_every_number_is_written(ask, name, query):
    assert ask("collections/parcels/items", f=name, **query)
    assert ask("collections/parcels/items/p0", f=name)


def test_a_feature_is_offered_in_the_files_that_hold_its_geometry(make_folder):
    ring = [[126.85, 35.15], [126.86, 35.15], [126.86, 35.16], [126.85, 35.15]]
    shapes = {
        "point": {"type": "Point", "coordinates": [126.85, 35.15]},
        "area": {"type": "Polygon", "coordinates": [ring]},
        "nowhere": None,
    }
    features = [
        {"type": "Feature", "id": id_, "geometry": shape, "properties": {"name": id_}}
        for id_, shape in shapes.items()
    ]
    layer = json.dumps({"type": "FeatureCollection", "features": features})
    app = create_app(Settings(city=make_folder({"layers/mixed.geojson": layer}), tile_url=""))
    client, items = app.test_client(), "/api/collections/mixed/items"
    offered = {}
    for id_ in shapes:
        links = client.get(f"{items}/{id_}").json["links"]
        assert all(client.get(link["href"]).status_code == 200 for link in links)
        page = client.get(f"{items}/{id_}?f=html").text
        names = {link["href"].rpartition("f=")[2] for link in links}
        files = {"geojson", "gpkg", "csv", "kml", "gpx", "fgb", "parquet", "pmtiles"}
        offered[id_] = names & files
        assert {name for name in files if f"f={name}" in page} == offered[id_]
    assert offered["point"] == files
    assert offered["area"] == files - {"gpx"}
    assert offered["nowhere"] == {"geojson", "gpkg", "csv", "parquet"}
    refused = client.get(f"{items}?f=gpx&name=area").json
    assert refused["detail"].startswith("f: GPX cannot hold what is asked for of mixed")
