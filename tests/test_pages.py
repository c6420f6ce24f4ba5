"""Pages over HTTP: language, caching, security headers, and what a visitor never sees."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from gpxtext import gpx

from mapserver.model import today
from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web.warming import warm_up

ROOT = Path(__file__).parents[1]


@pytest.fixture
def client(sample_app):
    warm_up(sample_app, sample_app.extensions["mapserver"].snapshot)
    return sample_app.test_client()


def test_the_page_is_korean_unless_asked_otherwise(client):
    assert '<html lang="ko"' in client.get("/").text
    assert '<html lang="en"' in client.get("/?lang=en").text
    assert '<html lang="en"' in client.get("/", headers={"Accept-Language": "en-GB"}).text
    assert '<html lang="ko"' in client.get("/", headers={"Accept-Language": "de, fr"}).text
    english = {"Accept-Language": "en"}
    assert '<html lang="ko"' in client.get("/?lang=ko", headers=english).text
    assert "Accept-Language" in client.get("/").headers["Vary"]


def test_what_only_saves_a_moment_is_left_to_workers_when_newer_data_is_due(make_folder):
    app = create_app(Settings(city=make_folder({"gpx/hill.gpx": gpx()}), tile_url=""))
    snapshot = app.extensions["mapserver"].snapshot
    warm_up(app, snapshot, is_due=lambda: True)
    with app.test_request_context():
        made = app.extensions["mapserver-editions"].get(snapshot.city, "ko", today())
    assert "br" not in vars(made.script)
    warm_up(app, snapshot)
    assert {"br", "gzip"} <= set(vars(made.script))


def test_every_number_on_the_page_comes_from_the_data(client, sample_city):
    text = client.get("/?lang=en").text
    states = sample_city.trails_on(sample_city.today())["state"]
    assert f"{(states == 'open').sum()} open" in re.search(r'id="where">([^<]+)<', text)[1]
    shown = re.findall(r'<li data-id="([^"]+)"', text)
    assert sorted(shown) == sorted(sample_city.trails.index)
    assert f"Barefoot trails {len(sample_city.trails)}<" in text
    assert f"districts {len(sample_city.districts)}<" in text


def test_the_page_says_that_the_data_is_a_sample(client):
    assert "견본 자료" in client.get("/").text
    assert (
        "Sample data"
        in client.get("/map?lang=en").text + client.get(script_of(client, "/map?lang=en")).text
    )


def script_of(client, page: str) -> str:
    return "/" + re.search(r'src="(map-[^"]+\.js)"', client.get(page).text)[1]


def test_nothing_on_a_page_is_inline(client):
    for page in ("/", "/map", "/nowhere"):
        text = client.get(page).text
        assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
        assert "<style" not in text
        assert re.findall(r"\s(?:style|on\w+)=", text) == []
        policy = client.get(page).headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


def test_only_the_bare_map_may_be_embedded_elsewhere(client):
    assert "frame-ancestors *" in client.get("/map").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/map", "script", "/static/site.css"])
@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_pages_are_compressed_and_not_sent_twice(client, path, encoding):
    path = script_of(client, "/") if path == "script" else path
    first = client.get(path, headers={"Accept-Encoding": encoding})
    assert first.status_code == 200
    assert first.headers.get("Content-Encoding", "identity") == encoding
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = client.get(path, headers={"Accept-Encoding": encoding, "If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""


def test_scripts_and_styles_are_kept_for_ever_and_pages_asked_about(client):
    page = client.get("/")
    assert page.headers["Cache-Control"] == "no-cache"
    for address in re.findall(r'(?:src|href)="((?:static/|map-)[^"]+)"', page.text):
        found = client.get("/" + address)
        assert found.status_code == 200, address
        assert "immutable" in found.headers["Cache-Control"], address
    assert "immutable" not in client.get("/static/site.css").headers["Cache-Control"]


def test_an_old_map_script_leads_to_the_present_one(client):
    answer = client.get("/map-0123456789abcdef0123.ko.js")
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/" + answer.headers["Location"].lstrip("/")).status_code == 200


def test_errors_are_pages_for_people(client):
    answer = client.get("/nowhere?lang=en")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "Traceback" not in answer.text
    assert client.post("/").status_code == 405


def test_an_address_that_leads_nowhere_has_the_bar_a_search_and_the_way_home(client):
    for path in ("/nowhere", "/trails/none", "/districts/a/b/c"):
        page = client.get(f"{path}?lang=en&size=large")
        assert page.status_code == 404
        assert page.headers["Cache-Control"] == "no-store"
        assert '<header class="bar">' in page.text
        assert '<form method="get" action="/trails/"' in page.text
        # Whatever the depth, links begin at the root, and carry on language and size.
        assert 'href="/?lang=en&amp;size=large"' in page.text
        assert 'name="size" value="large"' in page.text
    below = client.get("/nowhere", environ_overrides={"SCRIPT_NAME": "/barefoot"})
    assert 'action="/barefoot/trails/"' in below.text


@pytest.mark.parametrize(
    "path", ["/static/../pages.py", "/static/..%2fpages.py", "/static//etc/passwd"]
)
def test_only_static_files_are_static(client, path):
    assert client.get(path, follow_redirects=True).status_code == 404


@pytest.mark.slow
def test_the_same_bytes_from_every_process(client):
    other = create_app(Settings(city=ROOT, tile_url="")).test_client()
    for path in ("/", "/map", script_of(client, "/")):
        assert client.get(path).headers["ETag"] == other.get(path).headers["ETag"]


@pytest.mark.slow
def test_a_file_that_cannot_be_used_is_named_on_the_page(tmp_path, sample_city):
    shutil.copytree(ROOT / "gpx", tmp_path / "gpx")
    shutil.copytree(ROOT / "layers", tmp_path / "layers")
    victim = min((tmp_path / "gpx").glob("*.gpx"))
    victim.write_text("<gpx><trk>{{ 7*7 }}<b>", encoding="utf-8")
    text = create_app(Settings(city=tmp_path, tile_url="")).test_client().get("/?lang=en").text
    assert f"gpx/{victim.name}" in text
    assert text.count("<li data-id=") == len(sample_city.trails) - 1


@pytest.mark.slow
def test_tiles_of_the_operator_are_allowed_and_credited():
    settings = Settings(
        city=ROOT, tile_url="https://tiles.example/{z}/{y}/{x}.png", tile_attribution="© <Office>"
    )
    client = create_app(settings).test_client()
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "img-src 'self' data: https://tiles.example;" in policy
    script = client.get(script_of(client, "/")).text
    assert "https://tiles.example/{z}/{y}/{x}.png" in script
    assert "<Office>" not in script


@pytest.mark.slow
def test_a_public_address_makes_canonical_links():
    client = create_app(
        Settings(city=ROOT, tile_url="", base_url="https://walk.example")
    ).test_client()
    assert '<link rel="canonical" href="https://walk.example/?lang=ko">' in client.get("/").text


PARTED = re.compile(r"[^<>]{0,20}[0-9] (?:km/h|km|m|min|hr|h|kB|MB)(?![A-Za-z])[^<>]{0,9}")
"""A number with a unit from which the end of a line may part it."""


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_page_lets_a_line_end_between_a_number_and_its_unit(client, lang):
    parted = {}
    for path in ("", "trails/", "trails/geumdangsan-2", "trails/geumdangsan-2/poster"):
        page = client.get(f"/{path}?lang={lang}").text
        parted[path] = PARTED.findall(re.sub(r"<(path|style|svg)\b.*?>", "", page))
        # The map writes figures of its own.
        for address in re.findall(r'src="(?:\.\./)*(map-[^"]+)"', page):
            parted[address] = PARTED.findall(client.get(f"/{address}").text)
    assert len(parted) > 4
    assert {path: texts for path, texts in parted.items() if texts} == {}


@pytest.mark.parametrize(
    ("path", "has_policy"),
    [
        ("/sw.js", True),
        ("/trails/", True),
        ("/static/favicon.svg", True),
        ("/static/home.js", False),
        ("/static/site.css", False),
    ],
)
def test_a_policy_is_that_of_a_document_and_its_parts_are_taken_for_nothing_else(
    sample_app, path, has_policy
):
    answer = sample_app.test_client().get(path)
    assert answer.status_code == 200
    assert ("Content-Security-Policy" in answer.headers) is has_policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
