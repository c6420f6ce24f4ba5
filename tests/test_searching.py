"""What search engines read: robots.txt and the site map."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

from gpxtext import gpx

from mapserver.settings import Settings
from mapserver.web import create_app

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
}


def test_robots_name_the_site_map_by_the_address_that_was_asked(sample_app):
    text = sample_app.test_client().get("/robots.txt", base_url="https://seogu.example").text
    assert text == "User-agent: *\nAllow: /\nSitemap: https://seogu.example/sitemap.xml\n"


def test_the_site_map_lists_every_page_in_both_languages_with_the_time_of_the_data(
    sample_app, sample_city
):
    client = sample_app.test_client()
    answer = client.get("/sitemap.xml")
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    rows = ET.fromstring(answer.text).findall("s:url", NAMES)
    places = [row.findtext("s:loc", "", NAMES) for row in rows]
    assert len(places) == len(set(places))
    for layer in ("trails", "districts", "neighborhoods"):
        for id_ in sample_city.layers[layer].index:
            for lang in ("ko", "en"):
                assert f"http://localhost/{layer}/{id_}?lang={lang}" in places
    for row in rows:
        twins = {link.get("hreflang"): link.get("href") for link in row.findall("x:link", NAMES)}
        assert set(twins) == {"ko", "en"}
        assert row.findtext("s:loc", "", NAMES) in twins.values()
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", row.findtext("s:lastmod", "", NAMES)
        )
    assert {client.get(place).status_code for place in places[::40]} == {200}


def test_the_settings_say_where_the_site_is_and_marks_in_ids_are_quoted(make_folder):
    city = make_folder({"gpx/a&b.gpx": gpx()})
    settings = Settings(city=city, tile_url="", base_url="https://example.org/barefoot")
    client = create_app(settings).test_client()
    assert "Sitemap: https://example.org/barefoot/sitemap.xml" in client.get("/robots.txt").text
    places = re.findall("<loc>(.*?)</loc>", client.get("/sitemap.xml").text)
    assert "https://example.org/barefoot/?lang=ko" in places
    assert all(client.get(place.partition("/barefoot")[2]).status_code == 200 for place in places)


LINKED = re.compile(r'<script type="application/ld\+json">(.*?)</script>')


def test_trails_and_districts_are_described_for_search_engines(sample_app, sample_city):
    client = sample_app.test_client()
    trail, district = sample_city.trails.index[0], sample_city.districts.index[0]
    page = client.get(f"/trails/{trail}", base_url="https://seogu.example").text
    [linked] = map(json.loads, LINKED.findall(page))
    assert linked["@type"] == ["TouristAttraction", "Place"]
    assert linked["name"] == sample_city.trails.loc[trail, "name"]
    assert linked["url"] == f"https://seogu.example/trails/{trail}?lang=ko"
    west, south, east, north = sample_city.trails.loc[[trail]].total_bounds
    assert west <= linked["geo"]["longitude"] <= east
    assert south <= linked["geo"]["latitude"] <= north
    assert "openingHours" not in linked
    [linked] = map(json.loads, LINKED.findall(client.get(f"/districts/{district}").text))
    assert linked["@type"] == "Place"


def test_a_name_cannot_end_the_description_for_search_engines(make_folder):
    name = "</script><script>alert(1)</script>"
    register = f'id,name\na,"{name}"\n'
    city = make_folder({"gpx/a.gpx": gpx(), "gpx/trails.csv": register})
    page = create_app(Settings(city=city, tile_url="")).test_client().get("/trails/a").text
    [linked] = map(json.loads, LINKED.findall(page))
    assert linked["name"] == name
    assert "<script>alert" not in page
