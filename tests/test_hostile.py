"""Hostile text in every text column of every file of a city: shown as typed, on every page."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from browsing import DESK, PHONE, needs_chromium, serving
from conftest import ROOT
from flask.testing import FlaskClient

from mapserver.settings import Settings
from mapserver.web import create_app

HOSTILE = (
    "<img src=x onerror=alert(1)>{{ 7*7 }}{% x %}${alert(2)}`'\"\\u2028&amp;"
    "</script><script>alert(3)</script>"
)
# Columns that hold a number, a date, a key or a word of a closed list: they are read, not shown.
READ = {
    *("id", "trail_id", "code", "code_until_2026", "neighborhood_id", "district", "round"),
    *("lon", "lat", "rate", "cap_won", "width_m", "opened", "designated", "season"),
    *("from", "to", "checked_on", "sample", "role", "kind", "category", "surface", "status"),
    *("payment", "lighting", "foot_wash", "onnuri_paper", "onnuri_card", "onnuri_mobile"),
}
PAGES = [
    *("/", "/map", "/trails/", "/districts/", "/neighborhoods/", "/board"),
    *("/trails/geumdangsan-1", "/trails/geumho-childrens-park", "/trails/geumdangsan-1/poster"),
    *("/districts/001", "/neighborhoods/chipyeong"),
    *("/board?area=chipyeong", "/embed?layers=trails,districts", "/offline"),
]


def hostile(value: str) -> str:
    """A text followed by the payload: equal texts stay equal, so that names still join."""
    return value + HOSTILE if value else value


def hostile_table(text: str) -> str:
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(
        {key: value if key in READ else hostile(value) for key, value in row.items()}
        for row in rows
    )
    return out.getvalue()


def hostile_layer(text: str) -> str:
    collection = json.loads(text)
    for feature in collection["features"]:
        for key, value in feature["properties"].items():
            if isinstance(value, str) and key not in READ:
                feature["properties"][key] = hostile(value)
    return json.dumps(collection)


def hostile_gpx(text: str) -> str:
    return re.sub(
        r"<(name|desc|cmt)>(.*?)</\1>",
        lambda found: f"<{found[1]}>{found[2]}{escape(HOSTILE)}</{found[1]}>",
        text,
    )


def hostile_catalog(text: str) -> str:
    return re.sub(
        r'((?:ko|en|source|licence|phone) = ")([^"]*)"',
        lambda found: found[1] + found[2] + json.dumps(HOSTILE)[1:],
        text,
    )


@pytest.fixture(scope="module")
def hostile_city(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    changes = {
        ".csv": hostile_table,
        ".geojson": hostile_layer,
        ".gpx": hostile_gpx,
        ".toml": hostile_catalog,
    }
    for part in ("gpx", "layers"):
        (folder / part).mkdir()
        for file in (ROOT / part).iterdir():
            if change := changes.get(file.suffix):
                made = change(file.read_text("utf-8"))
                (folder / part / file.name).write_text(made, "utf-8")
            else:
                shutil.copy(file, folder / part)
    return folder


@pytest.fixture(scope="module")
def hostile_client(hostile_city) -> FlaskClient:
    return create_app(Settings(city=hostile_city, tile_url="")).test_client()


@pytest.fixture(scope="module")
def hostile_url(hostile_city):
    with serving(hostile_city) as url:
        yield url


@needs_chromium
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_it_is_shown_as_typed(visit, hostile_url, path, lang):
    address = f"{hostile_url}{path}{'&' if '?' in path else '?'}lang={lang}"
    seen = visit(address, PHONE if lang == "ko" else DESK)
    seen.settle()
    page = seen.page
    assert page.locator("img[src=x]").count() == 0
    if path != "/offline":
        shown = page.evaluate("document.title + document.documentElement.textContent")
        assert "{{ 7*7 }}{% x %}${alert(2)}" in shown
    # One check of every text on the page: nothing was computed out of a template.
    assert "49{%" not in page.content()


@needs_chromium
@pytest.mark.parametrize("path", ["/map.html", "/neighborhoods/chipyeong.html"])
def test_it_is_shown_as_typed_in_the_map_of_one_file(visit, hostile_city, tmp_path, path):
    client = create_app(Settings(city=hostile_city, tile_url="")).test_client()
    (tmp_path / "map.html").write_bytes(client.get(path).data)
    page = visit((tmp_path / "map.html").as_uri(), DESK, offline=True).page
    page.evaluate("maenballo.open('trails', 'sangmu-citizens-park')")
    assert HOSTILE[:40] in page.locator(".leaflet-popup").inner_text()
    assert page.locator("img[src=x]").count() == 0


@needs_chromium
def test_it_is_shown_as_typed_in_answers(visit, hostile_url):
    page = visit(f"{hostile_url}/?lang=en").page
    page.click("#locate")
    page.wait_for_selector("#locate[aria-pressed=true]")
    assert HOSTILE[:40] in page.inner_text("#nearest")
    page.locator("#nearest .card").first.click()
    assert HOSTILE[:40] in page.inner_text("#pick-name")
    page.fill("#q", "운천")
    page.locator("#results [role=option]", has_text=HOSTILE[:40]).first.wait_for()
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize(
    "path",
    [
        "/api/collections/trails/items?limit=5",
        "/api/collections/facilities/items?limit=5",
        "/api/collections/services/items?limit=5",
        "/api/nearest?lon=126.85&lat=35.14",
        "/api/locate?lon=126.8526&lat=35.1467",
        "/oembed?url=http%3A%2F%2Flocalhost%2Fmap&format=json",
    ],
)
def test_answers_carry_it_and_no_markup_type(hostile_client, path):
    answer = hostile_client.get(path)
    assert answer.status_code == 200, answer.text
    assert "json" in answer.content_type
    assert "{{ 7*7 }}" in json.dumps(json.loads(answer.data), ensure_ascii=False)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
