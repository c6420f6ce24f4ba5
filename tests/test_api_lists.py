"""Lists of names in an address: columns whose names hold commas, spaces and signs."""

from __future__ import annotations

import json

import pytest

from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web.api.parameters import Parameters

COLUMNS = {
    "a,b": [2, 3, 1],
    "a": [3, 3, 4],
    "가,나": [1, 2, 3],
    "가": ["x", "y", "z"],
    "-c": [1, 3, 2],
    " d": [3, 1, 2],
    "x,,y": [2, 1, 3],
}
ITEMS = "/api/collections/places/items"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    features = [
        {
            "type": "Feature",
            "id": f"p{n}",
            "geometry": {"type": "Point", "coordinates": [126.85, 35.15]},
            "properties": {name: values[n] for name, values in COLUMNS.items()},
        }
        for n in range(3)
    ]
    folder = tmp_path_factory.mktemp("lists")
    (folder / "layers").mkdir()
    document = {"type": "FeatureCollection", "features": features}
    (folder / "layers" / "places.geojson").write_text(json.dumps(document), "utf-8")
    return create_app(Settings(city=folder, tile_url="")).test_client()


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("a,b", ["p2", "p0", "p1"]),
        ("-a,b", ["p1", "p0", "p2"]),
        ("+a,b", ["p2", "p0", "p1"]),
        ("a,-a,b", ["p1", "p0", "p2"]),
        ("a,가,나", ["p0", "p1", "p2"]),
        ("-가,나", ["p2", "p1", "p0"]),
        ("a,-가", ["p1", "p0", "p2"]),
        (" a , id", ["p0", "p1", "p2"]),
        ("-c", ["p0", "p2", "p1"]),
        ("--c", ["p1", "p2", "p0"]),
        (" d", ["p1", "p2", "p0"]),
        ("x,,y", ["p1", "p0", "p2"]),
    ],
)
def test_features_are_sorted_by_every_name_that_sortables_have(client, order, ids):
    answer = client.get(ITEMS, query_string={"sortby": order})
    assert answer.status_code == 200, answer.text
    assert [feature["id"] for feature in answer.json["features"]] == ids


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b", {"a,b"}),
        ("가,나", {"가,나"}),
        ("가,a,b", {"가", "a,b"}),
        ("a,가,나,x,,y", {"a", "가,나", "x,,y"}),
        ("-c, d", {"-c", " d"}),
    ],
)
def test_properties_are_chosen_by_every_name_that_they_have(client, text, names):
    answer = client.get(ITEMS, query_string={"properties": text, "limit": 1})
    assert answer.status_code == 200, answer.text
    assert answer.json["features"][0]["properties"].keys() == names
    one = client.get(f"{ITEMS}/p0", query_string={"properties": text})
    assert one.json["properties"].keys() == names


def test_every_sortable_and_every_property_can_be_asked_for(client):
    for kind, parameter in (("sortables", "sortby"), ("schema", "properties")):
        schema = client.get(f"/api/collections/places/{kind}").json["properties"]
        for name in schema.keys() - {"id", "geometry"}:
            answer = client.get(ITEMS, query_string={parameter: name})
            assert answer.status_code == 200, (parameter, name)


@pytest.mark.parametrize(
    ("text", "word"),
    [("a,c", "'c'"), ("a,,b", "empty"), ("a,", "empty"), (",", "empty"), ("나", "나"), ("b", "b")],
)
@pytest.mark.parametrize("parameter", ["sortby", "properties"])
def test_what_is_no_name_is_refused_by_itself(client, parameter, text, word):
    answer = client.get(ITEMS, query_string={parameter: text})
    assert answer.status_code == 400
    assert word in answer.json["detail"]


def test_the_most_parts_that_are_a_name_are_one():
    parameters = Parameters([("n", "a,b,c,a,c")], {"n"})
    assert parameters.names("n", {"a", "b", "c"}) == ["a", "b", "c", "a", "c"]
    assert parameters.names("n", {"a", "a,b", "a,b,c"}) == ["a,b,c", "a", "c"]
    assert parameters.names("n", {"b,c,a"}) == ["a", "b,c,a", "c"]
    assert parameters.names("nothing", {"a"}) is None
