"""OGC API - Features Part 1, by the ids of its abstract tests: core, GeoJSON, HTML."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode, urlsplit

import geopandas as gpd
import pytest
import shapely
from gpxtext import gpx
from requests.utils import parse_header_links
from shapely import Point, box

from mapserver.settings import Settings
from mapserver.web import create_app

CLASS = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def ask(sample_app):
    """Ask for a path and give the answer."""
    client = sample_app.test_client()

    def get(address: str, **headers: str):
        parts = urlsplit(address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return client.get(path, headers=headers)

    return get


def links_by_relation(document) -> dict[str, list[dict[str, str]]]:
    relations: dict[str, list[dict[str, str]]] = {}
    for link in document["links"]:
        assert link["rel"]
        assert link["type"]
        relations.setdefault(link["rel"], []).append(link)
    return relations


def test_conf_core_root_op_and_success(ask):
    answer = ask("/api/")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    relations = links_by_relation(answer.json)
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(
        relations
    )


def test_conf_core_conformance_op_and_success(ask):
    for link in [
        *links_by_relation(ask("/api/").json)["conformance"],
        {"href": "/api/conformance"},
    ]:
        assert ask(link["href"]).status_code == 200
    assert CLASS in ask("/api/conformance").json["conformsTo"]


def test_conf_core_fc_md_op_and_items_links(ask, sample_city):
    collections = ask("/api/collections").json["collections"]
    assert [each["id"] for each in collections] == list(sample_city.published)
    assert {each["itemType"] for each in collections} == {"feature"}
    for each in collections:
        relations = links_by_relation(each)
        assert {link["type"] for link in relations["items"]} >= {
            "application/geo+json",
            "text/html",
        }
        for link in each["links"]:
            assert ask(link["href"]).status_code == 200, link


def test_conf_core_fc_md_extent(ask, sample_city):
    for each in ask("/api/collections").json["collections"]:
        # Of rows without a place no extent is known.
        if each["id"] not in sample_city.layers:
            assert "extent" not in each
            continue
        [bbox] = each["extent"]["spatial"]["bbox"]
        bounds = sample_city.layers[each["id"]].total_bounds
        assert box(*bbox).buffer(1e-9).contains(box(*bounds))


def test_conf_core_sfc_md_op_and_success(ask):
    for each in ask("/api/collections").json["collections"]:
        alone = ask(f"/api/collections/{each['id']}").json
        for member in ("id", "title", "description", "extent", "itemType"):
            assert alone.get(member) == each.get(member)
        hrefs = {link["href"] for link in alone["links"]}
        assert {link["href"] for link in each["links"]} <= hrefs


def test_conf_core_f_op_success_and_links(ask, sample_city):
    for layer in ("trails", "districts", "shops"):
        for id_ in [str(id_) for id_ in sample_city.layers[layer].index[:4]]:
            feature = ask(f"/api/collections/{layer}/items/{id_}").json
            assert (feature["type"], feature["id"]) == ("Feature", id_)
            relations = links_by_relation(feature)
            assert {"self", "alternate", "collection"} <= set(relations)
    assert ask("/api/collections/trails/items/nothing").status_code == 404


def test_conf_core_fc_limit_response(ask):
    assert len(ask("/api/collections/districts/items?limit=7").json["features"]) == 7
    assert len(ask("/api/collections/districts/items").json["features"]) == 100
    most = ask("/api/collections/shops/items?limit=1000000").json
    assert most["numberReturned"] == 10_000


def test_conf_core_fc_links_and_response(ask):
    page = ask("/api/collections/districts/items?limit=50&offset=50").json
    relations = links_by_relation(page)
    assert {"self", "alternate", "next", "prev"} <= set(relations)
    assert page["numberReturned"] == len(page["features"]) == 50
    assert "timeStamp" not in page


def test_links_between_pages_keep_all_that_was_asked_for(ask, sample_city):
    query = {
        "bbox": "126.83,35.12,126.88,35.17",
        "filter": "round > 1",
        "sortby": "-round,name",
        "properties": "name,round",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/5186",
    }
    path = "/api/collections/districts/items"
    whole = ask(f"{path}?{urlencode(query | {'limit': 1000})}").json["features"]
    assert 10 < len(whole) < len(sample_city.districts)
    found, pages, address = [], 0, f"{path}?{urlencode(query | {'limit': 7})}"
    while address:
        page = ask(address).json
        assert page["numberMatched"] == len(whole)
        assert len(page["features"]) <= 7
        found += page["features"]
        links = {link["rel"]: link["href"] for link in page["links"]}
        if pages:
            before = ask(links["prev"]).json["features"]
            assert before == whole[7 * (pages - 1) : 7 * pages]
        pages, address = pages + 1, links.get("next")
    assert found == whole


@pytest.mark.parametrize("f", ["json", "jsonfg", "html"])
def test_the_header_link_leads_to_the_pages_before_and_after(ask, f):
    path, query = "/api/collections/districts/items", {"filter": "name LIKE '%길%'", "f": f}
    whole = ask(f"{path}?{urlencode({**query, 'f': 'json', 'limit': 1000})}").json["features"]
    address, starts = f"{path}?{urlencode(query | {'limit': 2})}", []
    while address:
        answer = ask(address)
        links = {each["rel"]: each for each in parse_header_links(answer.headers["Link"])}
        assert ("prev" in links) == bool(starts)
        starts.append(address)
        address = links["next"]["url"] if "next" in links else ""
        assert not address or links["next"]["type"] == answer.mimetype
        if f != "html":
            [page] = [link for link in answer.json["links"] if link["rel"] == "next"] or [None]
            assert (page["href"] if page else "") == address
    assert len(starts) == -(-len(whole) // 2) > 2


def test_an_address_too_long_for_a_head_stands_in_the_answer_alone(ask):
    query = {"filter": f"name <> '{'가' * 200}'", "limit": "5"}
    answer = ask(f"/api/collections/districts/items?{urlencode(query)}")
    assert "next" in {link["rel"] for link in answer.json["links"]}
    assert 'rel="next"' not in answer.headers["Link"]
    assert "/queryables" in answer.headers["Link"]


@pytest.mark.parametrize(
    "query",
    ["bbox=1,2,3", "bbox=a,b,c,d", "limit=0", "limit=-1", "limit=x", "datetime=x", "f=x"],
)
def test_conf_core_query_param_invalid(ask, query):
    answer = ask(f"/api/collections/trails/items?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json["detail"]


@pytest.mark.parametrize(
    "path",
    [
        *("", "conformance", "collections", "collections/trails", "collections/trails/items"),
        *("collections/trails/schema", "collections/trails/items/1", "nearest", "locate"),
    ],
)
def test_conf_core_query_param_unknown(ask, path):
    answer = ask(f"/api/{path}?unknown=1")
    assert answer.status_code == 400
    assert "unknown" in answer.json["detail"]


def test_conf_core_crs84_and_conf_geojson_content(ask, sample_city):
    for layer, frame in sample_city.layers.items():
        id_ = frame.index[0]
        answer = ask(f"/api/collections/{layer}/items/{id_}")
        assert answer.content_type == "application/geo+json"
        assert "crs" not in answer.json
        # Longitude comes first, in degrees with seven decimals at most.
        shape = shapely.from_geojson(json.dumps(answer.json["geometry"]))
        assert shape.geom_type == frame.geometry[id_].geom_type
        assert shape.hausdorff_distance(frame.geometry[id_]) < 1e-7
        texts = re.findall(r"-?\d+\.(\d+)", json.dumps(answer.json["geometry"]))
        assert max(map(len, texts)) <= 7


def list_paths(sample_city) -> list[str]:
    trail = sample_city.trails.index[0]
    below = ["", "/items", f"/items/{trail}", "/schema", "/queryables", "/sortables"]
    paths = [f"collections/trails{path}" for path in below]
    place = "lon=126.85&lat=35.14"
    return ["", "conformance", "collections", *paths, f"nearest?{place}", f"locate?{place}"]


def test_conf_html_definition(ask, sample_city):
    for path in list_paths(sample_city):
        joined = "&" if "?" in path else "?"
        for answer in (ask(f"/api/{path}", **BROWSER), ask(f"/api/{path}{joined}f=html")):
            assert answer.status_code == 200
            assert answer.mimetype == "text/html"
            assert "Accept" in answer.headers["Vary"].split(", ")


def test_what_nobody_offers_is_not_acceptable(ask):
    answer = ask("/api/collections", Accept="image/png")
    assert answer.status_code == 406
    assert answer.json["status"] == 406
    assert ask("/api/collections", Accept="image/png,*/*;q=0.1").mimetype == "application/json"


def test_a_property_is_asked_for_by_its_name(ask, sample_city):
    trails = sample_city.trails
    surface = trails["surface"].dropna().iloc[0]
    found = ask(f"/api/collections/trails/items?surface={surface}").json
    assert [f["id"] for f in found["features"]] == list(trails.index[trails["surface"] == surface])
    assert ask("/api/collections/trails/items?length_m=long").status_code == 400


def test_sorted_features_end_with_what_is_unknown(ask):
    for column, is_descending in (("length_m", True), ("width_m", False), ("name", False)):
        text = f"-{column}" if is_descending else column
        found = ask(f"/api/collections/trails/items?sortby={text}&limit=1000").json["features"]
        values = [feature["properties"][column] for feature in found]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=is_descending)
        assert values[len(known) :] == [None] * (len(values) - len(known))
    assert ask("/api/collections/trails/items?sortby=nothing").status_code == 400


def test_features_are_sorted_as_a_frame_sorts_them(ask, sample_city):
    """Equal ones stay as they stand, and unknown ones come last, up and down."""
    has_unknown = has_equal = False
    for layer in ("trails", "districts"):
        frame, path = sample_city.layers[layer], f"/api/collections/{layer}"
        for column in frame.columns.intersection([*ask(f"{path}/sortables").json["properties"]]):
            has_unknown |= frame[column].isna().any()
            has_equal |= frame[column].dropna().duplicated().any()
            for sign in ("", "-"):
                order = {"ascending": not sign, "kind": "stable", "na_position": "last"}
                found = ask(f"{path}/items?sortby={sign}{column}&limit=1000").json["features"]
                ours = list(frame.sort_values(column, **order).index)
                assert [each["id"] for each in found] == ours, (layer, sign, column)
    assert has_unknown
    assert has_equal


def test_only_the_properties_that_are_asked_for_are_answered_with(ask):
    found = ask("/api/collections/trails/items?properties=length_m,name&limit=2").json["features"]
    assert [list(feature["properties"]) for feature in found] == [["length_m", "name"]] * 2
    assert ask("/api/collections/trails/items?properties=nothing").status_code == 400


def test_schemas_describe_what_is_answered(ask, sample_city):
    for layer in sample_city.layers:
        schema = ask(f"/api/collections/{layer}/schema").json["properties"]
        features = ask(f"/api/collections/{layer}/items?limit=20").json["features"]
        for feature in features:
            assert set(feature["properties"]) <= set(schema)
    roles = {each.get("x-ogc-role") for each in schema.values()}
    assert {"id", "primary-geometry"} <= roles


def test_conf_core_definitions_of_bbox_limit_and_datetime(ask, sample_city):
    document = ask("/api/openapi.json").json
    bounds = [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]
    for layer in sample_city.layers:
        listed = document["paths"][f"/collections/{layer}/items"]["get"]["parameters"]
        # Some are in place, and some are shared by all collections.
        named = {each["name"]: each for each in listed if "name" in each}
        for reference in [each["$ref"] for each in listed if "$ref" in each]:
            name = reference.rpartition("/")[2]
            named[name] = document["components"]["parameters"][name]
        for name, kind in (("bbox", "array"), ("limit", "integer"), ("datetime", "string")):
            row = named[name]
            assert (row["in"], row["required"], row["schema"]["type"]) == ("query", False, kind)
            assert (row["style"], row["explode"]) == ("form", False)
        assert named["bbox"]["schema"]["oneOf"] == bounds
        assert named["bbox"]["schema"]["items"] == {"type": "number"}


def test_conf_core_fc_bbox_response(make_folder):
    places = gpd.GeoDataFrame(
        {"id": ["in", "on", "out", "nowhere"]},
        geometry=[Point(126.85, 35.15), Point(126.86, 35.16), Point(126.9, 35.2), None],
        crs=4326,
    )
    folder = make_folder({"layers/services.geojson": places, "gpx/a.gpx": gpx()})
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    for bounds in ("126.84,35.14,126.86,35.16", "126.84,35.14,-5,126.86,35.16,900"):
        answer = client.get(f"/api/collections/services/items?bbox={bounds}")
        assert [each["id"] for each in answer.json["features"]] == ["in", "on", "nowhere"]
        assert answer.headers["Content-Crs"].endswith("/OGC/1.3/CRS84>")


def test_conf_core_fc_time_response(ask, sample_city):
    # No feature has a time of its own: each matches every time, and has the state of its first day.
    for text, day in (
        ("2026-12-20", "2026-12-20"),
        ("2026-12-20T12:00:00Z", "2026-12-20"),
        ("2026-12-20/2026-12-24", "2026-12-20"),
        *((f"{end}/2026-12-20", "2026-12-20") for end in ("..", "")),
        *((f"2026-12-20/{end}", "2026-12-20") for end in ("..", "")),
    ):
        found = ask(f"/api/collections/trails/items?datetime={text}").json
        assert found["numberMatched"] == len(sample_city.trails), text
        assert {each["properties"]["state_on"] for each in found["features"]} == {day}
        shops = ask(f"/api/collections/shops/items?limit=1&datetime={text}").json
        assert shops["numberMatched"] == len(sample_city.shops)


def test_conf_core_fc_md_links(ask):
    relations = links_by_relation(ask("/api/collections").json)
    assert {link["type"] for link in relations["self"]} == {"application/json"}
    assert "text/html" in {link["type"] for link in relations["alternate"]}


def test_conf_core_fc_number_matched_and_returned(ask, sample_city):
    for layer, frame in sample_city.layers.items():
        page = ask(f"/api/collections/{layer}/items?limit=7&offset=5").json
        assert page["numberMatched"] == len(frame)
        assert page["numberReturned"] == len(page["features"]) == min(7, max(len(frame) - 5, 0))


def test_conf_geojson_definition(ask, sample_city):
    path = f"/api/collections/trails/items/{sample_city.trails.index[0]}"
    for address in ("/api/collections/trails/items", path):
        assert ask(address, Accept="application/geo+json").content_type == "application/geo+json"
    assert ask("/api/collections", Accept="application/json").content_type == "application/json"


def test_conf_html_content(ask, sample_city):
    id_ = sample_city.trails.index[0]
    page = ask(f"/api/collections/trails/items/{id_}", **BROWSER).text
    assert sample_city.trails.loc[id_, "name"] in page
    for path in ("/api/collections/trails", f"/api/collections/trails/items/{id_}"):
        assert f'href="{path}' in page or f'href="http://localhost{path}' in page


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2025-06-01/9999-12-31T00:00:00Z", "2025-06-01"),
        ("9999-12-31T23:59:59-05:00", "9999-12-31"),
        ("1800-01-01T20:00:00Z", "1800-01-02"),
        ("0001-01-01T00:00:00+09:00", "0001-01-01"),
    ],
)
def test_any_time_of_rfc_3339_is_a_day_of_the_city(sample_app, value, day):
    answer = sample_app.test_client().get(
        "/api/collections/trails/items", query_string={"datetime": value, "limit": 1}
    )
    assert answer.status_code == 200
    assert answer.json["features"][0]["properties"]["state_on"] == day
