"""The description of the API: valid, true to the rows that check requests, and to be read.

Tests of OGC API - Features Part 1, OpenAPI 3.0, have the ids of its abstract tests.
"""

from __future__ import annotations

import json
import re

import pytest
from browsing import needs_chromium
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from mapserver.web.api.described_answers import list_statuses
from mapserver.web.api.formats import JSONFG, OPENAPI
from mapserver.web.api.parameter_rows import EVERYWHERE
from mapserver.web.api.routes import OPERATIONS

CONF = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30"


@pytest.fixture(scope="module")
def client(sample_app):
    return sample_app.test_client()


@pytest.fixture(scope="module")
def document(client):
    return client.get("/api/openapi.json?lang=en").json


def resolve(document, part):
    if isinstance(part, dict) and "$ref" in part:
        for name in part["$ref"].removeprefix("#/").split("/"):
            document = document[name]
        return document
    return part


def list_described(document, operation):
    """List what the document has for an operation: once, or once for each collection."""
    return [
        described
        for operations in document["paths"].values()
        for described in operations.values()
        if described["operationId"].partition(".")[0] == operation.id
    ]


def list_parameters(document, described):
    return {each["name"]: each for each in (resolve(document, p) for p in described["parameters"])}


def test_conf_oas30_oas_definition_1(client):
    links = {each["rel"]: each for each in client.get("/api/").json["links"]}
    answer = client.get(links["service-desc"]["href"])
    assert answer.content_type == links["service-desc"]["type"] == OPENAPI.mimetype
    page = client.get(links["service-doc"]["href"], headers={"Accept": "text/html"})
    assert page.content_type.startswith(links["service-doc"]["type"])
    assert CONF in client.get("/api/conformance").json["conformsTo"]


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/vnd.oai.openapi+json;version=3.0"]
)
def test_the_description_is_had_by_each_name_of_its_type(client, accept):
    answer = client.get("/api/openapi.json", headers={"Accept": accept})
    assert (answer.status_code, answer.content_type) == (200, OPENAPI.mimetype)


def test_conf_oas30_oas_definition_2(document):
    assert document["openapi"].startswith("3.0.")
    assert list(OpenAPIV30SpecValidator(document).iter_errors()) == []


def test_conf_oas30_completeness(document):
    answers = [
        (described["operationId"], status, resolve(document, answer))
        for operation in OPERATIONS
        for described in list_described(document, operation)
        for status, answer in described["responses"].items()
    ]
    for id_, status, answer in answers:
        assert answer["description"], id_
        assert (status in {"204", "304"}) == ("content" not in answer), (id_, status)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda row: row.id)
def test_conf_oas30_exceptions_codes(document, operation):
    for described in list_described(document, operation):
        statuses = {"200", *map(str, list_statuses(operation))}
        assert set(described["responses"]) == statuses


PROVOKED = [
    # Path in the document, address, what is sent with it, and the status that it provokes.
    ("/collections", "collections", {"headers": {"If-None-Match": "*"}}, 304),
    ("/collections", "collections?nothing=1", {}, 400),
    ("/collections", "collections", {"headers": {"Accept": "image/png"}}, 406),
    ("/collections/{collectionId}", "collections/nothing", {}, 404),
    ("/collections/trails/items", "collections/trails/items?limit=0", {}, 400),
    (
        "/collections/trails/items",
        "collections/trails/items?f=csv",
        {"headers": {"Range": "bytes=0-9"}},
        206,
    ),
    (
        "/collections/trails/items",
        "collections/trails/items?f=csv",
        {"headers": {"Range": "bytes=99999999-"}},
        416,
    ),
    (
        "/collections/{collectionId}/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}",
        "collections/trails/tiles/WebMercatorQuad/14/0/0",
        {},
        204,
    ),
    ("/nearest", "nearest?lon=1&lat=1&collection=nothing", {}, 404),
    ("/nearest", "nearest", {"method": "post", "data": b"", "content_type": "text/csv"}, 400),
    ("/nearest", "nearest", {"method": "post", "data": b"", "content_type": "text/xml"}, 415),
    (
        "/locate",
        "locate",
        {"method": "post", "data": b"lon,lat\n" + b"1,1\n" * 20_001, "content_type": "text/csv"},
        413,
    ),
]


@pytest.mark.parametrize("case", PROVOKED, ids=lambda case: f"{case[3]} {case[1]}")
def test_conf_oas30_exceptions_codes_of_what_is_provoked(document, client, case):
    path, address, sent, status = case
    answer = client.open(f"/api/{address}", **sent)
    assert answer.status_code == status
    described = document["paths"][path][sent.get("method", "get")]["responses"]
    content = resolve(document, described[str(status)]).get("content", {})
    assert status in {204, 206, 304} or answer.mimetype in content


def test_conf_oas30_security(document, client):
    # There is no authentication: what is described is had by everybody.
    assert "securitySchemes" not in document["components"]
    assert "security" not in document
    assert "WWW-Authenticate" not in client.get("/api/").headers


def write_address(document, path, described):
    """Write an address of an operation with the examples of what it must have."""
    query = {}
    for each in list_parameters(document, described).values():
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", str(each["example"]))
        elif each["required"]:
            query[each["name"]] = each["example"]
    return path, query


def test_conf_oas30_oas_impl(document, client):
    [server] = document["servers"]
    for path, operations in document["paths"].items():
        for method, described in operations.items():
            address, query = write_address(document, server["url"] + path, described)
            bodies = described.get("requestBody", {"content": {None: {}}})["content"]
            for kind, body in bodies.items():
                example = body.get("example")
                data = {"data": example} if isinstance(example, str) else {"json": example}
                options = {"content_type": kind} | data if kind else {}
                answer = client.open(address, method=method, query_string=query, **options)
                assert answer.status_code in {200, 204}, (answer.text, address)
                content = described["responses"]["200"]["content"]
                assert answer.mimetype in {each.partition(";")[0] for each in content}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda row: row.id)
def test_each_parameter_that_is_checked_is_described_and_no_other(
    document, client, sample_city, operation
):
    rows = {row.name for row in operation.parameters}
    if operation.method == "get":
        rows |= {row.name for row in EVERYWHERE}
    documents = list_described(document, operation)
    assert len(documents) == (len(sample_city.published) if operation.has_properties else 1)
    for described in documents:
        parameters = list_parameters(document, described)
        in_path = set(re.findall(r"\{(\w+)\}", operation.path))
        own = {name for name, each in parameters.items() if each.get("x-property")}
        if operation.has_properties:
            collection = described["operationId"].partition(".")[2]
            in_path -= {"collectionId"}
            schema = client.get(f"/api/collections/{collection}/queryables").json
            assert own == set(schema["properties"]) - {"id", "geometry"} - rows
        assert set(parameters) == rows | in_path | own


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/collections/shops/items", "limit"),
        ("/collections/shops/items", "offset"),
        ("/nearest", "limit"),
    ],
)
def test_numbers_of_the_description_are_what_the_server_does(document, client, path, name):
    described = document["paths"][path]["get"]
    schema = list_parameters(document, described)[name]["schema"]
    address, query = write_address(document, f"/api{path}", described)

    def ask(**more):
        answer = client.get(address, query_string=query | {"collection": "shops"} | more)
        return answer.status_code, answer.json.get("numberReturned")

    query = query if "nearest" in path else {}
    if "nearest" not in path:

        def ask(**more):
            answer = client.get(address, query_string=more)
            return answer.status_code, answer.json.get("numberReturned")

    assert ask(**{name: schema["minimum"] - 1})[0] == 400
    assert ask(**{name: schema["minimum"]})[0] == 200
    assert ask() == ask(**{name: schema["default"]})
    if "maximum" in schema:
        assert ask(**{name: schema["maximum"] + 1}) == (200, schema["maximum"])
        assert ask(**{name: schema["maximum"]}) == (200, schema["maximum"])


def test_each_format_that_is_described_is_answered_and_any_other_refused(document, client):
    for path in ("/collections", "/collections/districts/items", "/nearest", "/openapi.json"):
        described = document["paths"][path]["get"]
        parameters = list_parameters(document, described)
        address, query = write_address(document, f"/api{path}", described)
        for name in parameters["f"]["schema"]["enum"]:
            answer = client.get(address, query_string=query | {"f": name, "limit": 1})
            if "limit" not in parameters:
                answer = client.get(address, query_string=query | {"f": name})
            assert answer.status_code == 200, (path, name)
        assert client.get(address, query_string=query | {"f": "exe"}).status_code == 400
    districts = document["paths"]["/collections/districts/items"]["get"]
    assert "gpx" not in list_parameters(document, districts)["f"]["schema"]["enum"]


def test_the_city_s_own_collections_languages_and_properties_are_described(document, sample_city):
    parameters = list_parameters(document, document["paths"]["/collections/{collectionId}"]["get"])
    assert parameters["collectionId"]["schema"]["enum"] == list(sample_city.published)
    assert parameters["lang"]["schema"]["enum"] == ["ko", "en"]
    own = document["components"]["schemas"]["Feature.trails"]["properties"]["properties"]
    assert own["properties"]["length_m"] == {"type": "number", "nullable": True}
    assert {"state", "state_on"} <= set(own["properties"])


@pytest.mark.parametrize("path", ["/nearest", "/locate"])
def test_places_in_a_system_of_their_own_are_described(document, client, path):
    body = document["paths"][path]["post"]["requestBody"]["content"][JSONFG.mimetype]
    example, schema = body["example"], body["schema"] | {"components": document["components"]}
    [feature] = example["features"]
    assert feature["geometry"] is None
    assert OAS30Validator(schema).is_valid(example)
    in_degrees = example | {"features": [feature | {"place": None, "geometry": feature["place"]}]}
    assert OAS30Validator(schema).is_valid(in_degrees)
    assert not OAS30Validator(schema).is_valid(example | {"coordRefSys": 4326})
    answer = client.post(f"/api{path}", data=json.dumps(example), content_type=JSONFG.mimetype)
    geojson = document["paths"][path]["post"]["requestBody"]["content"]["application/geo+json"]
    same = client.post(f"/api{path}", json=geojson["example"])
    properties = [each.json["features"][0]["properties"] for each in (answer, same)]
    assert properties[0] == properties[1]


def test_qgis_learns_how_large_a_page_may_be(document):
    # It looks for this place in the document, and asks for pages of ten without it.
    schema = document["components"]["parameters"]["limit"]["schema"]
    assert (schema["maximum"], schema["default"]) == (10_000, 100)


def test_a_language_that_the_city_has_not_is_refused(client):
    answer = client.get("/api/collections?lang=xx")
    assert answer.status_code == 400
    assert "lang" in answer.json["detail"]


def test_the_address_of_the_server_is_the_request_s_and_is_kept_for_nobody(client):
    for host in ("a.example", "b.example"):
        document = client.get("/api/openapi.json", headers={"Host": host}).json
        assert document["servers"] == [{"url": f"http://{host}/api"}]
        assert host == "b.example" or "b.example" not in str(document)


def test_a_city_without_trails_or_licences_is_described_too(make_folder):
    from browsing import serve  # noqa: PLC0415 -- of this test alone

    point = '{"type":"Feature","properties":{"이름":"가"},"geometry":null}'
    folder = make_folder(
        {"layers/wells.geojson": f'{{"type":"FeatureCollection","features":[{point}]}}'}
    )
    document = serve(folder).test_client().get("/api/openapi.json").json
    assert list(OpenAPIV30SpecValidator(document).iter_errors()) == []
    assert "license" not in document["info"]
    nearest = list_parameters(document, document["paths"]["/nearest"]["get"])
    # What it is by default elsewhere is not there.
    assert nearest["collection"]["required"]
    assert "default" not in nearest["collection"]["schema"]
    wells = list_parameters(document, document["paths"]["/collections/wells/items"]["get"])
    assert "이름" in wells


def test_the_page_has_each_operation_with_an_example_that_works(client, document):
    page = client.get("/api/docs?lang=ko", headers={"Accept": "text/html"}).text
    ids = re.findall(r'<details class="api-operation" id="([^"]+)"', page)
    assert sorted(ids) == sorted(
        described["operationId"]
        for operations in document["paths"].values()
        for described in operations.values()
    )
    examples = re.findall(r'<a class="api-example" href="([^"]+)"', page)
    assert len(examples) == len(ids) - 2  # all but those that places are sent to
    for address in examples:
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.status_code in {200, 204}, address
    assert "<script>" not in page
    assert " style=" not in page
    assert page.count('lang="en"') > 100


def test_pages_of_the_api_may_have_large_text_as_all_pages(client):
    page = client.get("/api/docs?lang=ko&size=large", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert 'data-size="large"' in page.text


def test_a_property_called_like_a_parameter_of_all_operations_filters_nothing(make_folder):
    from browsing import serve  # noqa: PLC0415 -- of this test alone

    point = '{"type":"Feature","properties":{"lang":"fr","size":"small"},"geometry":null}'
    folder = make_folder(
        {"layers/wells.geojson": f'{{"type":"FeatureCollection","features":[{point}]}}'}
    )
    answer = serve(folder).test_client().get("/api/collections/wells/items?lang=ko&size=large")
    assert answer.json["numberMatched"] == 1


@pytest.mark.parametrize(
    ("lang", "heading"), [("ko", "읽기 쉬운 API 설명"), ("en", "The API, to read")]
)
def test_the_page_has_the_heading_by_which_links_call_it(sample_app, lang, heading):
    client = sample_app.test_client()
    page = client.get(f"/api/docs?lang={lang}").text
    assert re.search(r"<h1>(.*?)</h1>", page)[1] == heading
    assert re.search(r"<title>(.*?) · ", page)[1] == heading
    links = client.get(f"/api/?f=json&lang={lang}").json["links"]
    assert heading in {link["title"] for link in links if link["rel"] == "service-doc"}


@needs_chromium
def test_an_operation_that_is_opened_fits_a_phone_and_breaks_no_rule_of_axe(visit, sample_url):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 -- with Chromium only

    seen = visit(f"{sample_url}/api/docs?lang=ko", {"width": 320, "height": 800})
    opened = ["getItems.trails", "getTile", "postNearest"]
    seen.page.evaluate("ids => ids.forEach(id => document.getElementById(id).open = true)", opened)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 320
    for scheme in ("light", "dark"):
        seen.page.emulate_media(color_scheme=scheme)
        answer = Axe().run(seen.page, context=".api-operation[open]").response
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in answer["violations"]] == []
        assert len(answer["passes"]) > 5


@pytest.mark.slow
def test_no_question_of_the_description_is_a_5xx_or_breaks_its_schema(sample_app):
    from benchmarks.faults.description import ask_described  # noqa: PLC0415 -- loads schemathesis

    outcome = ask_described(sample_app, 500, first_seed=1)
    assert outcome.failures == {}
    assert outcome.questions > 400
    assert outcome.statuses[200] > 100
    # What is only ever refused has no answer that could break its schema.
    assert outcome.unanswered == []
