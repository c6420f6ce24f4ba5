"""OGC API - Common Part 3, by its test ids: schemas, returnables, queryables, sortables."""

from __future__ import annotations

import geopandas as gpd
import pytest
from gpxtext import gpx
from jsonschema import Draft202012Validator
from shapely import Point

from mapserver.settings import Settings
from mapserver.web import create_app

BASE = "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf"
RELATION = "http://www.opengis.net/def/rel/ogc/1.0"
KINDS = ("schema", "queryables", "sortables")
CLASSES = {
    "schema": "returnables-and-receivables",
    "queryables": "queryables",
    "sortables": "sortables",
}


@pytest.fixture(scope="module")
def client(sample_app):
    return sample_app.test_client()


@pytest.fixture(scope="module")
def schemas(client, sample_city):
    """Every schema of every collection, by its kind and the collection."""
    return {
        (kind, layer): client.get(f"/api/collections/{layer}/{kind}").json
        for kind in KINDS
        for layer in sample_city.layers
    }


def list_types(schema) -> list[str]:
    types = schema["type"]
    return [types] if isinstance(types, str) else types


def test_conf_schemas_basic_schema_inspection(client, schemas):
    keywords = {"$schema", "$id", "type", "title", "description", "properties"}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["type"] == "object"
        assert set(schema) <= keywords | {"additionalProperties"}
        assert schema["$id"].startswith("http://")
        assert "?" not in schema["$id"]
        answer = client.get(schema["$id"], headers={"Accept": "application/schema+json"})
        assert (answer.status_code, answer.mimetype) == (200, "application/schema+json")
        for each in schema["properties"].values():
            assert "type" in each or each["format"].startswith("geometry-")
            known = {"title", "type", "format", "readOnly"}
            assert {name for name in each if not name.startswith("x-")} <= known


def test_conf_schemas_role_and_role_id(schemas):
    for schema in schemas.values():
        roles = [each.get("x-ogc-role", "") for each in schema["properties"].values()]
        assert all(isinstance(role, str) for role in roles)
        [id_] = [each for each in schema["properties"].values() if each.get("x-ogc-role") == "id"]
        assert id_["type"] == "string"


def test_conf_schemas_property_seq(schemas):
    for schema in schemas.values():
        numbers = [each["x-ogc-propertySeq"] for each in schema["properties"].values()]
        assert numbers == list(range(1, len(numbers) + 1))


def test_conf_schemas_unit(schemas):
    units = set()
    for schema in schemas.values():
        for each in schema["properties"].values():
            if "x-ogc-unit" in each:
                assert each["type"] in {"number", "integer"}
                assert each["x-ogc-unitLang"] == "UCUM"
                units.add(each["x-ogc-unit"])
    assert "m" in units


def test_conf_schemas_definition_and_nullvalues(schemas):
    for schema in schemas.values():
        for each in schema["properties"].values():
            assert not {"x-ogc-definition", "x-ogc-nullValues"} & set(each)


@pytest.mark.parametrize("kind", KINDS)
def test_conf_returnables_and_receivables_queryables_sortables_get_conformance(client, kind):
    declared = client.get("/api/conformance").json["conformsTo"]
    assert {f"{BASE}/schemas", f"{BASE}/{CLASSES[kind]}"} <= set(declared)


@pytest.mark.parametrize("kind", KINDS)
def test_conf_returnables_and_receivables_queryables_sortables_link(client, kind):
    for each in client.get("/api/collections").json["collections"]:
        collection = client.get(f"/api/collections/{each['id']}").json
        [link] = [
            link
            for link in collection["links"]
            if link["rel"] == f"{RELATION}/{kind}" and link["type"] == "application/schema+json"
        ]
        assert link["href"] == f"http://localhost/api/collections/{each['id']}/{kind}"


def test_conf_queryables_op_and_response(schemas, sample_city):
    for layer in sample_city.layers:
        queryables = schemas["queryables", layer]["properties"]
        assert queryables["geometry"]["x-ogc-role"] == "primary-geometry"
        assert all(isinstance(each.get("type", ""), str) for each in queryables.values())


def test_conf_sortables_op_and_response(schemas, sample_city):
    for layer in sample_city.layers:
        for each in schemas["sortables", layer]["properties"].values():
            assert each["type"] in {"string", "number", "integer", "boolean"}


def test_kinds_in_all_three_schemas_are_those_of_the_frame(schemas, sample_city):
    of_kinds = {"i": "integer", "f": "number", "b": "boolean"}
    shapes = {
        "trails": "geometry-multilinestring",
        "shops": "geometry-point",
        "neighborhoods": "geometry-polygon",
    }
    for layer, frame in sample_city.layers.items():
        returned, asked, sorted_by = (schemas[kind, layer]["properties"] for kind in KINDS)
        assert set(asked) == set(returned)
        assert set(sorted_by) == set(returned) - {"geometry"}  # no value is a list or an object
        for name, column in frame.drop(columns="geometry").items():
            if expected := of_kinds.get(column.dtype.kind):
                for each in (returned, asked, sorted_by):
                    assert expected in list_types(each[name]), (layer, name)
        for each in (returned, asked):
            assert each["geometry"]["format"] == shapes.get(layer, each["geometry"]["format"])


def check_features(schema, features) -> None:
    properties = schema["properties"]
    validators = {name: Draft202012Validator(each) for name, each in properties.items()}
    for feature in features:
        validators["id"].validate(feature["id"])
        validators["geometry"].validate(feature["geometry"])
        assert set(feature["properties"]) <= set(properties)
        for name, value in feature["properties"].items():
            assert validators[name].is_valid(value), (name, value, properties[name])


def test_conf_returnables_and_receivables_op_and_response_and_response_1(
    client, schemas, sample_city
):
    for layer in sample_city.layers:
        schema = schemas["schema", layer]
        assert schema["additionalProperties"] is False
        for query in ("", "?datetime=2026-12-20", "?datetime=2030-07-01"):
            if query and layer != "trails":
                continue
            features = client.get(f"/api/collections/{layer}/items{query}").json["features"]
            one = client.get(f"/api/collections/{layer}/items/{features[-1]['id']}").json
            check_features(schema, [*features, one])


def test_links_of_a_collection_are_titled_in_the_language_of_the_reader(client):
    titles = {
        lang: {
            link["title"]
            for link in client.get(f"/api/collections/trails?lang={lang}").json["links"]
            if link["rel"]
            in {*(f"{RELATION}/{kind}" for kind in KINDS), f"{RELATION}/tilesets-vector"}
        }
        for lang in ("ko", "en")
    }
    assert len(titles["ko"]) == len(titles["en"]) == 2 * len(KINDS) + 2
    assert not titles["ko"] & titles["en"]


def test_what_one_feature_lacks_may_be_null_and_what_all_have_may_not(make_folder):
    places = gpd.GeoDataFrame(
        {
            "id": ["1", "2"],
            "name": ["떡집", "빵집"],
            "rooms": [2.5, float("nan")],
            "width_m": [2.5, float("nan")],
            "length_m": [2.5, 1.0],
            "note": [None, "가"],
        },
        geometry=[Point(126.85, 35.15), None],
        crs=4326,
    )
    city = make_folder({"layers/services.geojson": places, "gpx/a.gpx": gpx()})
    client = create_app(Settings(city=city, tile_url="")).test_client()
    schema = client.get("/api/collections/services/schema").json
    types = {
        name: list_types(each) for name, each in schema["properties"].items() if name != "geometry"
    }
    assert types["name"] == ["string"]
    assert types["rooms"] == ["number", "null"]
    assert types["note"] == ["string", "null"]
    # A unit stands with one type alone, so one of what may be unknown is said for filters.
    assert types["width_m"] == ["number", "null"]
    assert "x-ogc-unit" not in schema["properties"]["width_m"]
    assert schema["properties"]["length_m"]["x-ogc-unit"] == "m"
    check_features(schema, client.get("/api/collections/services/items").json["features"])
    queryables = client.get("/api/collections/services/queryables").json["properties"]
    assert queryables["rooms"]["type"] == "number"
    assert (queryables["width_m"]["type"], queryables["width_m"]["x-ogc-unit"]) == ("number", "m")
