"""The examples that the description has for properties, which are parameters, too."""

from __future__ import annotations

from openapi_schema_validator import OAS30Validator

from mapserver.model import encode


def test_every_property_that_is_known_of_a_feature_has_an_example(sample_app):
    client = sample_app.test_client()
    document = client.get("/api/openapi.json").json
    seen = 0
    for path, operations in document["paths"].items():
        parameters = operations.get("get", {}).get("parameters", ())
        described = [each for each in parameters if each.get("x-property")]
        if not described:
            continue
        features = client.get(f"/api{path}?limit=10000").json["features"]
        for each in described:
            name, kind = each["name"], each["schema"]["type"]
            known = [feature["properties"][name] for feature in features]
            scalars = [value for value in known if isinstance(value, str | int | float)]
            if not scalars:
                assert "example" not in each
                continue
            assert OAS30Validator(each["schema"]).is_valid(each["example"])
            text = encode(each["example"]).decode() if kind != "string" else each["example"]
            answer = client.get(f"/api{path}", query_string={name: text, "limit": 1})
            assert (answer.status_code, answer.json["numberMatched"] > 0) == (200, True), each
            seen += 1
    assert seen > 20
