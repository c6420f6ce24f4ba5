"""The map in other people's pages and as one file."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from browsing import DESK, PHONE, needs_chromium, serving
from test_browser import PAYLOADS, payload_city

from mapserver.settings import Settings
from mapserver.web import create_app

SITE = "http://localhost"
LARGEST_FILE_BYTES = 1_000_000
SHOP_AT = "[35.176122, 126.842329]"


@pytest.fixture
def client(sample_app):
    return sample_app.test_client()


def oembed(client, address, **more):
    return client.get("/oembed", query_string={"url": address, **more})


# -- in other sites' pages -----------------------------------------------------------------------


@pytest.mark.slow
def test_only_the_bare_map_may_be_framed_by_others(client):
    framed = client.get("/map?layers=trails").headers["Content-Security-Policy"]
    assert "frame-ancestors *" in framed
    for path in ("/", "/embed", "/board", "/trails/"):
        assert "frame-ancestors 'self'" in client.get(path).headers["Content-Security-Policy"]


@pytest.mark.slow
def test_layers_may_be_named_in_any_order_and_the_page_is_one(client):
    one = client.get("/map?layers=trails,districts&lang=ko")
    two = client.get("/map?layers=districts&layers=trails&lang=ko")
    assert one.status_code == 200
    assert one.headers["ETag"] == two.headers["ETag"]
    assert one.headers["ETag"] != client.get("/map?layers=trails&lang=ko").headers["ETag"]


@pytest.mark.parametrize("query", ["layers=none", "focus=trails/none", "focus=%7B%7B7*7%7D%7D"])
def test_what_is_not_there_is_said_and_not_shown(client, query):
    for path in ("/map", "/embed"):
        refused = client.get(f"{path}?{query}&lang=en")
        assert refused.status_code == 400
        assert "there is no" in refused.get_data(as_text=True)


def test_the_snippet_is_the_map_that_was_chosen(client):
    page = client.get("/embed?lang=en&layers=trails&layers=shops").get_data(as_text=True)
    snippet = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1])
    frame = ET.fromstring(snippet)
    assert frame.get("allow") == "geolocation"
    assert frame.get("title")
    source = frame.get("src").removeprefix(SITE)
    assert client.get(source).status_code == 200
    assert "layers=shops,trails" in source


@pytest.mark.slow
def test_oembed_answers_for_every_page_of_a_place(client, sample_city):
    for path, name in (
        ("/", "Seo-gu"),
        (f"/trails/{sample_city.trails.index[0]}", sample_city.trails["name_en"].iloc[0]),
        (f"/districts/{sample_city.districts.index[0]}", ""),
        (f"/neighborhoods/{sample_city.neighborhoods.index[0]}", ""),
    ):
        answer = oembed(client, f"{SITE}{path}?lang=en")
        assert answer.status_code == 200
        told = answer.get_json()
        assert (told["version"], told["type"]) == ("1.0", "rich")
        assert name in told["title"]
        frame = ET.fromstring(told["html"])
        assert int(frame.get("width")) == told["width"]
        assert client.get(frame.get("src").removeprefix(SITE)).status_code == 200


def test_oembed_keeps_to_the_size_asked_for_and_speaks_xml(client):
    told = oembed(client, f"{SITE}/", maxwidth=300, maxheight=200).get_json()
    assert (told["width"], told["height"]) == (300, 200)
    tree = ET.fromstring(oembed(client, f"{SITE}/", format="xml").data)
    assert tree.tag == "oembed"
    assert ET.fromstring(tree.findtext("html")).get("src").startswith(f"{SITE}/map")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("", 400),
        ("https://elsewhere.example/trails/x", 404),
        (f"{SITE}.example/", 404),
        (f"{SITE}/trails/none", 404),
        (f"{SITE}/api/", 404),
        (f"{SITE}/map?layers=none", 400),
        ("javascript:alert(1)", 404),
        ("http://[", 404),
    ],
)
def test_oembed_answers_for_no_other_address(client, address, status):
    assert oembed(client, address).status_code == status


@pytest.mark.slow
def test_pages_name_their_oembed_address(sample_city):
    settings = Settings(city=sample_city.path, tile_url="", base_url="https://maps.example")
    client = create_app(settings).test_client()
    id_ = sample_city.trails.index[0]
    page = client.get(f"/trails/{id_}?lang=en").get_data(as_text=True)
    link = html.unescape(re.search(r'json\+oembed" href="([^"]+)"', page)[1])
    told = client.get(link.removeprefix("https://maps.example"))
    assert told.get_json()["html"].count("https://maps.example/map?") == 1


@needs_chromium
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_another_sites_page_shows_the_layers_it_names(visit, sample_url, viewport):
    seen = visit(f"{sample_url}/embed?layers=trails&layers=shops&lang=ko", viewport)
    frame = seen.page.frame_locator("iframe")
    frame.locator(".cluster").first.wait_for()
    assert frame.locator("path.drawn-trails").count() > 0
    assert frame.locator("path.drawn-districts").count() == 0
    assert frame.locator("link[rel=manifest]").count() == 0
    # Cluster by cluster, down to a shop: it says which vouchers it takes.
    inner = seen.page.frames[1]
    inner.evaluate(f"map_main.setView({SHOP_AT}, 19, {{ animate: false }})")
    shop = frame.locator(".icon-box[title*=온누리]").first
    shop.wait_for()
    title = shop.get_attribute("title")
    assert re.search(
        r" · (온누리 가맹: (지류|카드|모바일).*|온누리 안 받음|온누리 .*알 수 없음)$", title
    ), title
    shop.dispatch_event("click")
    inner.wait_for_function(
        "title => [...document.querySelectorAll('.name')].some(x => x.textContent === title)",
        arg=title,
    )


@needs_chromium
def test_a_map_about_one_trail_is_brought_to_it(visit, sample_url):
    seen = visit(f"{sample_url}/map?focus=trails/geumdangsan-1", DESK)
    assert seen.page.evaluate("map_main.getZoom()") >= 15


# -- as one file -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_files_are_small_and_need_nothing_else(client, sample_city, lang):
    paths = ["/map.html"] + [f"/neighborhoods/{i}.html" for i in sample_city.neighborhoods.index]
    for path in paths:
        answer = client.get(f"{path}?lang={lang}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert len(answer.data) < LARGEST_FILE_BYTES
        text = answer.get_data(as_text=True)
        assert re.findall(r'<(?:script|link|img|iframe)[^>]* (?:src|href)="', text) == []


@pytest.mark.slow
def test_the_file_of_a_neighborhood_has_its_shops_and_no_far_trail(client, sample_city):
    id_ = "chipyeong"
    outline = sample_city.neighborhoods.geometry[id_]
    text = client.get(f"/neighborhoods/{id_}.html").get_data(as_text=True)
    shops = sample_city.shops
    inside = shops[shops.intersects(outline)]
    assert len(inside) > 0
    assert all(f'"id":"{shop}"' in text for shop in inside.index[:50])
    for trail, line in sample_city.trails.geometry.items():
        assert (f'"id":"{trail}"' in text) == line.intersects(outline)
    assert client.get("/neighborhoods/none.html").status_code == 404


@needs_chromium
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("path", ["/map.html", "/neighborhoods/chipyeong.html"])
def test_a_file_opens_from_a_stick(visit, client, tmp_path, path, viewport):
    (tmp_path / "map.html").write_bytes(client.get(f"{path}?lang=ko").data)
    seen = visit((tmp_path / "map.html").as_uri(), viewport, offline=True)
    assert seen.page.locator("path.drawn-trails").count() > 0
    assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []


@needs_chromium
@pytest.mark.parametrize(("paper", "millimetres"), [("a4", (210, 297)), ("a3", (297, 420))])
def test_a_file_prints_its_map_on_one_sheet(visit, client, tmp_path, paper, millimetres):
    (tmp_path / "map.html").write_bytes(client.get("/map.html?lang=ko").data)
    seen = visit((tmp_path / "map.html").as_uri(), DESK)
    seen.page.evaluate("window.print = () => {}")
    seen.page.click(f"[data-paper={paper}]")
    box = seen.page.locator("#map_main").bounding_box()
    width, height = (side / 25.4 * 96 for side in millimetres)
    assert 0.8 * width < box["width"] < width
    assert 0.75 * height < box["y"] + box["height"] < height - 2 * 10 / 25.4 * 96 + 1
    # The city fills the sheet: one side of its box is as long as the map's.
    filled = seen.page.evaluate(
        """() => {
          const size = map_main.getSize(), [a, b] = maenballo.bounds;
          const p = map_main.latLngToContainerPoint(a), q = map_main.latLngToContainerPoint(b);
          return Math.max((q.x - p.x) / size.x, (p.y - q.y) / size.y);
        }"""
    )
    assert 0.95 < filled <= 1.001
    pdf = seen.page.pdf(prefer_css_page_size=True, print_background=True)
    points = {
        tuple(round(float(x) / 72 * 25.4) for x in found)
        for found in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    }
    assert points == {millimetres}


@needs_chromium
def test_hostile_names_are_text_in_a_file(visit, tmp_path):
    folder = tmp_path / "city"
    folder.mkdir()
    payload_city(folder)
    with serving(folder) as url:
        text = create_app(Settings(city=folder, tile_url="")).test_client().get("/map.html").data
        (tmp_path / "map.html").write_bytes(text)
        seen = visit((tmp_path / "map.html").as_uri(), DESK)
        shown = {name.strip() for name in seen.page.locator(".lists strong").all_text_contents()}
        assert {" ".join(name.split()) for name in PAYLOADS} <= {" ".join(x.split()) for x in shown}
        assert seen.page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
        seen = visit(f"{url}/oembed?url={quote(url + '/')}", DESK)
        assert json.loads(seen.page.inner_text("body"))["type"] == "rich"
