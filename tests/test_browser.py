"""The page in Chromium: what a visitor sees, taps and reads, on a telephone and on a desk."""

from __future__ import annotations

import html
import json
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from browsing import DESK, PHONE, listening_server, needs_chromium, serving

from mapserver import open_city
from mapserver.drawing import maps

pytestmark = needs_chromium

ROOT = Path(__file__).parents[1]

# Names that have run as code somewhere between a file and a Folium map.
PAYLOADS = [
    "{{ 7*7 }}",
    "{% 산책로 %}",
    "{# gone #} a {{ b",
    "{{ cycler.__init__.__globals__.os.popen(dict(id=1)|join).read() }}",
    "${alert(1)}",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "`back-tick`",
    "\\\\`+alert(1)+`",
    "&lt;b&gt; & 'quotes' \"double\"",
    "맛집`상회 ${x}",
    "a,PWN=1,feature",
    "line separator",
    "javascript:alert(1)",
]


def payload_city(folder: Path) -> Path:
    (folder / "gpx").mkdir()
    (folder / "layers").mkdir()
    for i, name in enumerate(PAYLOADS):
        points = "".join(
            f'<trkpt lat="{35.14 + i * 0.002 + j * 0.0002}" lon="{126.85 + j * 0.0002}"/>'
            for j in range(5)
        )
        (folder / "gpx" / f"t{i:02}.gpx").write_text(
            '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
            f"<wpt lat='{35.14 + i * 0.002}' lon='126.849'><name>{html.escape(name)}</name>"
            f"<type>{html.escape(name)}</type></wpt>"
            f"<trk><name>{html.escape(name)}</name><trkseg>{points}</trkseg></trk></gpx>",
            encoding="utf-8",
        )
    square = [[126.86, 35.14], [126.87, 35.14], [126.87, 35.15], [126.86, 35.15], [126.86, 35.14]]
    for layer in ("districts", "neighborhoods", "sights"):
        features = [
            {
                "type": "Feature",
                "id": f"{name}",
                "properties": {"name": name, "zone": name, "association": name, name: name},
                "geometry": {"type": "Polygon", "coordinates": [square]},
            }
            for name in PAYLOADS
        ]
        (folder / "layers" / f"{layer}.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
        )
    return folder


# -- what a visitor does ----------------------------------------------------------------------


def test_distances_in_the_browser_are_those_of_the_api(visit, sample_url, sample_city):
    seen = visit(sample_url)
    west, south, east, north = sample_city.bounds
    for i in range(12):
        lon = west + (east - west) * (i + 0.5) / 12
        lat = south + (north - south) * ((i * 7) % 12 + 0.5) / 12
        found = seen.page.evaluate(
            """([lon, lat]) => maenballo.nearest(lon, lat,
                Object.values(maenballo.layers.trails.byId).map(x => x.feature), 1)
                .map(x => [x.distance_m, x.feature.id])[0]""",
            [lon, lat],
        )
        truth = sample_city.nearest_trails(lon, lat).iloc[0]
        assert found[0] == pytest.approx(truth["distance_m"], rel=1e-3, abs=0.2)


# -- safety ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/map", "saved"])
def test_names_from_files_are_shown_as_typed_and_never_run(visit, tmp_path, path):
    folder = payload_city(tmp_path)
    city = open_city(folder)
    assert set(city.trails["name"]) == {" ".join(name.split()) for name in PAYLOADS} or len(
        city.trails
    ) == len(PAYLOADS)
    if path == "saved":
        file = tmp_path / "map.html"
        city.map().save(str(file))
        seen = visit(file.as_uri(), DESK, offline=True)
        check_payloads(seen, city)
        return
    with serving(folder) as url:
        seen = visit(url + path, DESK)
        check_drops(seen, city)
        check_nothing_ran(seen)


def check_drops(seen, city) -> None:
    """Choose each trail: its drop and its name say what the file says."""
    for id_, name in city.trails["name"].items():
        seen.page.evaluate(
            "id => { maenballo.setView({chosen: id, labelOf: null}); maenballo.fitTrails([id]); }",
            id_,
        )
        seen.wait_until(
            """name => document.querySelector(".look-drop")?.ariaLabel.includes(name)
              && [...document.querySelectorAll(".name-text")].some(x => x.textContent === name)""",
            name,
        )


def test_a_trail_that_is_chosen_while_the_map_flies_is_shown(visit, sample_url, sample_city):
    """Leaflet drops a place that it is asked for during a zoom, without a word."""
    seen = visit(sample_url, DESK)
    first, *_, last = sample_city.trails.index
    seen.page.evaluate(
        """async ([first, last]) => {
          const choose = (id) => { maenballo.setView({ chosen: id }); maenballo.fitTrails([id]); };
          choose(first);
          await new Promise((done) => setTimeout(done, 60));
          choose(last);
        }""",
        [first, last],
    )
    name = sample_city.trails["name"][last]
    seen.wait_until("name => document.querySelector('.look-drop')?.ariaLabel.includes(name)", name)


def check_payloads(seen, city) -> None:
    for layer in ("trails", "districts", "sights", "facilities"):
        for id_, name in city.layers[layer]["name"].items():
            seen.page.evaluate(
                """([layer, id]) => {
                  const known = maenballo.layers[layer];
                  if (!known.group._map) window.map_main.addLayer(known.group);
                  maenballo.open(layer, id);
                }""",
                [layer, id_],
            )
            # The card before fades while this one shows: the newest is the last.
            assert seen.page.locator(".leaflet-popup .card-name").last.text_content() == name
    check_nothing_ran(seen)


def check_nothing_ran(seen) -> None:
    assert seen.page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
    assert seen.page.evaluate("typeof PWN") == "undefined"
    assert seen.faults == []


def test_titles_of_layers_are_text(visit, tmp_path):
    folder = payload_city(tmp_path)
    title = "<img src=x onerror=alert(1)>{{ 7*7 }}`${alert(1)}"
    (folder / "layers" / "catalog.toml").write_text(
        f"title = {{ ko = '{title}', en = '{title}' }}\n"
        f"[[layers]]\nid = 'sights'\nfile = 'sights.geojson'\ntitle = {{ ko = '{title}' }}\n"
        f"source = '{title}'\n"
        "[[layers]]\nid = 'districts'\nfile = 'districts.geojson'\nrole = 'districts'\n"
        "[[layers]]\nid = 'n'\nfile = 'neighborhoods.geojson'\nrole = 'neighborhoods'\n",
        encoding="utf-8",
    )
    file = tmp_path / "map.html"
    open_city(folder).map(lang="en").save(str(file))
    seen = visit(file.as_uri(), DESK, offline=True)
    seen.page.locator(".leaflet-control-layers").hover()
    assert title in seen.page.inner_text(".leaflet-control-layers-list")
    check_nothing_ran(seen)
    with serving(folder) as url:
        seen = visit(url, DESK)
        assert title in seen.page.title()
        check_nothing_ran(seen)


def test_a_notebook_shows_the_map_with_the_network_off(visit, tmp_path, sample_city):
    shown = sample_city.map()._repr_html_()
    page = tmp_path / "cell.html"
    page.write_text(f"<!doctype html><meta charset='utf-8'><body>{shown}", encoding="utf-8")
    seen = visit(page.as_uri(), DESK, offline=True)
    frame = next(f for f in seen.page.frames if f.parent_frame)
    frame.wait_for_selector("path.drawn-trails")
    assert [url for url in seen.requests if url.startswith("http")] == []


# -- reach -------------------------------------------------------------------------------------


def test_the_page_asks_no_other_host(visit, sample_url):
    seen = visit(sample_url)
    seen.page.wait_for_load_state("networkidle")
    assert {url.split("/")[2] for url in seen.requests if url.startswith("http")} == {
        sample_url.removeprefix("http://")
    }


def test_unreachable_tiles_leave_the_map_on_its_backdrop(browser):
    with serving(ROOT, tile_url="http://127.0.0.1:9/{z}/{x}/{y}.png") as url:
        page = browser.new_page(viewport=PHONE, locale="ko-KR")
        page.goto(url)
        page.wait_for_function(
            "!Object.values(map_main._layers).some(layer => layer instanceof L.TileLayer)"
        )
        assert page.locator(".map-note").count() == 0  # residents need not know
        assert page.locator("path.land").count() > 0
        assert page.locator(".has-tiles").count() == 0
        assert page.locator("path.drawn-trails").count() > 0
        page.close()


IS_CREDIT_SEEN = """() => {
  const credit = document.querySelector(".leaflet-control-attribution").getBoundingClientRect();
  const sheet = document.querySelector(".sheet").getBoundingClientRect();
  return credit.width > 20 && credit.left >= 0 && credit.right <= innerWidth && credit.top >= 0
    && credit.bottom <= sheet.top + 1;
}"""


def test_reachable_tiles_lie_on_the_backdrop_and_no_notice_is_shown(visit):
    picture = b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )

    class Tiles(BaseHTTPRequestHandler):
        asked: ClassVar[list] = []

        def do_GET(self):
            self.asked.append((self.path, self.headers.get("Referer")))
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, *_):
            pass

    tiles = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    address = f"http://127.0.0.1:{tiles.server_port}"
    settings = {"tile_url": address + "/{z}/{x}/{y}{r}.png", "tile_attribution": "© <Us>"}
    with listening_server(tiles), serving(ROOT, **settings) as url:
        seen = visit(url, device_scale_factor=2, is_mobile=True, has_touch=True)
        seen.page.wait_for_selector(".leaflet-tile-loaded")
        seen.page.wait_for_selector(".has-tiles")
        assert "© <Us>" in seen.page.inner_text(".leaflet-control-attribution")
        seen.wait_until(IS_CREDIT_SEEN)
        seen.page.wait_for_load_state("networkidle")
        assert seen.page.locator(".map-note").count() == 0
        hosts = {each.split("/")[2] for each in seen.requests if each.startswith("http")}
        assert hosts == {url.split("/")[2], address.split("/")[2]}
        # A screen of two pixels for one asks for pictures that have as many.
        assert {path.endswith("@2x.png") for path, _ in Tiles.asked} == {True}
        # Tile servers want to know the site; nobody needs to know the page.
        assert {referrer for _, referrer in Tiles.asked} == {url + "/"}
        seen.page.goto(url + "/trails/geumdangsan-1?lang=en")
        seen.page.wait_for_selector(".leaflet-tile-loaded")
        assert {referrer for _, referrer in Tiles.asked} == {url + "/"}
        # The page names its map, and the script of the map leaves that name.
        assert (
            seen.page.get_attribute(".folium-map", "aria-label") == "Map of Geumdangsan Section 1"
        )
        # One finger scrolls the page, and is told so in its language; two move the map.
        assert seen.page.evaluate(TOUCH, 2) is None
        assert seen.page.evaluate(TOUCH, 1) == "Move the map with two fingers"
        assert seen.page.evaluate("map_main.dragging.enabled()") is False


TOUCH = """fingers => {
  const target = document.querySelector(".folium-map");
  const touches = Array.from({ length: fingers }, (_, identifier) =>
    new Touch({ identifier, target, clientX: 100 + 40 * identifier, clientY: 150 }));
  target.dispatchEvent(new TouchEvent("touchmove", { touches, bubbles: true }));
  return document.querySelector(".map-hint.shown")?.textContent ?? null;
}"""


def test_shapes_are_no_stops_for_the_tab_key(visit, sample_url):
    seen = visit(sample_url, DESK)
    for _ in range(14):
        seen.page.keyboard.press("Tab")
        where = seen.page.evaluate(
            "[document.activeElement.tagName, !!document.activeElement.closest('.panel')]"
        )
        assert where[0] not in {"path", "IMG"}
        if where[1]:
            break
    assert where[1], "the lists are reached within 14 stops"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window(visit, sample_url, width):
    seen = visit(sample_url, {"width": width, "height": 720})
    seen.page.click("#locate")
    seen.page.wait_for_selector("#locate[aria-pressed=true]")
    # The chips are a strip that scrolls by itself.
    wider = seen.page.evaluate(
        """() => [...document.querySelectorAll('.top *, .sheet *')]
             .filter(x => x.checkVisibility() && x.getBoundingClientRect().right > innerWidth + 1)
             .map(x => x.className)"""
    )
    assert wider == []
    small = seen.page.evaluate(
        """() => [...document.querySelectorAll('button, summary, nav a, select, .leaflet-bar a')]
             .filter(x => x.checkVisibility())
             .filter(x => x.getBoundingClientRect().height < 44 ||
                          x.getBoundingClientRect().width < 44)
             .map(x => x.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_the_lists_stand_without_javascript(visit, sample_url, sample_city):
    seen = visit(sample_url, java_script_enabled=False)
    assert seen.page.locator(".cards > li").count() == len(sample_city.trails)
    assert seen.page.locator("noscript").count() >= 0


def test_the_same_map_in_every_process(sample_city):
    first, second = (maps.render_script(maps.build_map(sample_city, lang="ko")) for _ in range(2))
    assert first == second
