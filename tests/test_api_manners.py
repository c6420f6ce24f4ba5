"""How the API behaves towards browsers and caches: other sites' pages, HEAD, conditions."""

from __future__ import annotations

import json

import pytest

POINTS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Point", "coordinates": [126.85, 35.14]},
        }
    ],
}
PAGE = {"Origin": "https://example.org"}


@pytest.fixture
def client(sample_app):
    return sample_app.test_client()


@pytest.mark.parametrize("path", ["/api/nearest", "/api/locate"])
def test_a_page_of_another_site_may_post_points(client, path):
    asked = PAGE | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = client.options(path, headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "content-type" in preflight.headers["Access-Control-Allow-Headers"].lower()
    assert int(preflight.headers["Access-Control-Max-Age"]) > 0
    answer = client.post(
        path, data=json.dumps(POINTS), content_type="application/geo+json", headers=PAGE
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    refused = client.post(path, data="{", content_type="application/geo+json", headers=PAGE)
    assert refused.status_code == 400
    assert refused.headers["Access-Control-Allow-Origin"] == "*"  # so that the page can read why


@pytest.mark.parametrize(
    "path", ["/api/collections/trails/items", "/api/locate?lon=126.85&lat=35.14", "/api/"]
)
def test_pages_may_read_the_headers_that_matter(client, path):
    answer = client.get(path, headers=PAGE)
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert {"ETag", "Content-Crs", "Link"} <= set(exposed.split(", "))
    assert "Access-Control-Allow-Origin" not in client.get("/", headers=PAGE).headers


def test_head_has_the_headers_of_get_and_no_body(client):
    for path in ("/api/collections/trails/items", "/api/nearest?lon=126.85&lat=35.14", "/api/"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("Content-Type", "ETag", "Content-Length", "Vary", "Cache-Control"):
            assert head.headers[name] == get.headers[name]


def test_what_a_client_has_is_not_sent_again(client):
    path = "/api/collections/districts/items?limit=3"
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{path}0", headers={"If-None-Match": tag}).status_code == 200
