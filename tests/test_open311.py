"""Open311 GeoReport v2: categories, an empty list of messages, and no message taken."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree

import pytest

from mapserver.settings import Settings
from mapserver.web import create_app

LEDGER = "received,answered,neighborhood,category\n" + "".join(
    f"2026-10-0{day} 10:00,2026-10-0{day} 11:00,가동,{kind}\n"
    for day in range(1, 9)
    for kind in ("길 & 시설", "청소")
)
LEDGER += "2026-10-20 10:00,2026-11-20 10:00,가동,청소\n"


@pytest.fixture
def client(make_folder):
    folder = make_folder({})
    (folder / "layers").mkdir(exist_ok=True)
    (folder / "layers" / "requests.csv").write_text(LEDGER, encoding="utf-8")
    (folder / "layers" / "catalog.toml").write_text(
        'title = "서구"\ndirect_line = "062-000-0000"\n', encoding="utf-8"
    )
    return create_app(Settings(city=folder)).test_client()


def read_xml(response):
    assert response.mimetype == "text/xml"
    assert response.data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    return ElementTree.fromstring(response.data)


def test_discovery_names_the_endpoint_its_formats_and_a_time_with_a_zone(client):
    root = read_xml(client.get("/open311/discovery.xml"))
    assert root.tag == "discovery"
    assert root.findtext("endpoints/endpoint/specification").endswith("GeoReport_v2")
    assert root.findtext("endpoints/endpoint/url") == "http://localhost/open311"
    formats = [each.text for each in root.iterfind("endpoints/endpoint/formats/format")]
    assert formats == ["text/xml", "application/json"]
    assert dt.datetime.fromisoformat(root.findtext("changeset")).utcoffset()
    document = client.get("/open311/discovery.json").json["discovery"]
    assert document["endpoints"][0]["formats"] == formats
    assert document["contact"] == "서구 062-000-0000"


def test_services_are_the_categories_and_return_no_id(client):
    services = client.get("/open311/services.json?jurisdiction_id=").json
    assert {each["service_name"] for each in services} == {"길 & 시설", "청소"}
    assert {each["type"] for each in services} == {"blackbox"}
    assert all(each["service_code"].isascii() for each in services)
    assert "/statistics" in services[0]["description"]
    root = read_xml(client.get("/open311/services.xml"))
    assert [each.findtext("service_name") for each in root.iterfind("service")] == [
        each["service_name"] for each in services
    ]
    assert {each.findtext("metadata") for each in root.iterfind("service")} == {"false"}


def test_no_message_is_shown(client):
    assert client.get("/open311/requests.json?start_date=").json == []
    root = read_xml(client.get("/open311/requests.xml"))
    assert (root.tag, len(root)) == ("service_requests", 0)
    answer = client.get("/open311/requests/123.xml")
    assert answer.status_code == 404
    assert read_xml(answer).findtext("error/code") == "404"
    assert client.get("/open311/requests/123.json").json[0]["code"] == 404


def test_no_message_is_taken(client):
    answer = client.post("/open311/requests.xml", data={"service_code": "x", "phone": "010"})
    assert answer.status_code == 403
    assert read_xml(answer).findtext("error/description")
    assert client.post("/open311/requests.json").json[0]["code"] == 403


def test_the_format_follows_the_ending_or_what_is_accepted(client):
    assert client.get("/open311/services").mimetype == "text/xml"
    answer = client.get("/open311/services", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/json"
    assert "Accept" in answer.headers["Vary"].split(", ")
    assert client.get("/open311/services.yaml").status_code == 404
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_city_without_a_direct_line_has_no_service(make_folder):
    client = create_app(Settings(city=make_folder({}))).test_client()
    for path in ("discovery.xml", "services.json", "requests.xml"):
        assert client.get(f"/open311/{path}").status_code == 404
    assert client.post("/open311/requests.json").status_code == 404
