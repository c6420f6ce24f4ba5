"""The site as static files: no dead link, right on every day, whole or not at all."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import geopandas as gpd
import pytest
import shapely
from browsing import DESK, IS_DRAWN, PHONE, listening, listening_server, serve
from gpxtext import gpx, track

from mapserver import open_city
from mapserver.settings import Settings, page_colors
from mapserver.web.static_site import write_site
from mapserver.web.static_site.addresses import make_names

DAY = dt.date(2026, 11, 26)
ROOT = "https://walk.example/barefoot"
DEPLOY = Path(__file__).parents[1] / "deploy"
KINDS_NAMED = {"/static/", "/map-", "/days-", "/shops-", "/cards/"}
AREAS = {
    "north": shapely.box(126.84, 35.15, 126.87, 35.17),
    "a/b": shapely.box(126.84, 35.13, 126.87, 35.15),
}
REGISTER = """id,name,name_en,surface,season,status,opened
always,늘 열린 길,Always,황토,,open,2020
summer,여름 길,Summer,황토,05-01/09-30,open,2020
later,새 길,Later,모래,,,2027-03-01
doubt,모를 길,Doubt,모래,언젠가,open,2020
mended,고치는 길,Mended,잔디,,open,2020
"""
CLOSURES = "trail_id,from,to,reason_ko,reason_en\nmended,2026-12-24,2027-01-05,공사,Works\n"
BENEFITS = """from,to,rate,cap_won,payment,title
2026-12-01,2026-12-31,10%,50000,card,충전 할인 / Discount
"""


def city_files() -> dict[str, str | bytes | gpd.GeoDataFrame]:
    """A city with a trail of each state, odd ids, shops and offers."""
    ids = re.findall(r"^(\w+),[^i\n]", REGISTER, re.MULTILINE)[1:]
    lines = {
        f"gpx/{id_}.gpx": gpx(
            track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name=id_)
        )
        for n, id_ in enumerate(ids)
    }
    areas = gpd.GeoDataFrame(
        {"id": list(AREAS), "name": ["북동", "남/동"], "zone": "하나"},
        geometry=list(AREAS.values()),
        crs=4326,
    )
    districts = gpd.GeoDataFrame(
        {"id": ["Alley", "alley", "con"], "name": ["큰 골목", "작은 골목", "콘 골목"]},
        geometry=[
            shapely.box(126.85 + n / 1000, 35.14, 126.8505 + n / 1000, 35.141) for n in range(3)
        ],
        crs=4326,
    )
    shops = """id,name,category,lon,lat,onnuri_card
1,가게,음식점,126.8502,35.1405,yes
2,상점,학원,126.8503,35.1406,no
"""
    return lines | {
        "gpx/trails.csv": REGISTER,
        "gpx/always.jpg": b"\xff\xd8\xff\xe0",
        "layers/closures.csv": CLOSURES,
        "layers/benefits.csv": BENEFITS,
        "layers/neighborhoods.geojson": areas,
        "layers/districts.geojson": districts,
        "layers/shops.csv": shops,
    }


@pytest.fixture(scope="module")
def city_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("static") / "city"
    for path, content in city_files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, gpd.GeoDataFrame):
            content.to_file(folder / path)
        else:
            (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.fixture(scope="module")
def site(city_folder) -> Path:
    """The site of that city, written once, as if it lay below a path."""
    out = city_folder.parent / "www/barefoot"
    out.parent.mkdir()
    settings = Settings(city=city_folder, tile_url="", base_url=ROOT)
    done = write_site(settings, out, day=DAY)
    assert [str(finding) for finding in done.findings] == []
    return out


@pytest.fixture(scope="module")
def site_url(site):
    """The address of the site on a server that knows nothing but files."""

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *given, **more) -> None:
            super().__init__(*given, directory=site.parent, **more)

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    with listening_server(server):
        yield f"http://127.0.0.1:{server.server_port}/barefoot"


def pages_of(site: Path) -> list[Path]:
    return [
        page for page in site.rglob("*.html") if "files" not in page.parts and page.stem != "404"
    ]


# -- every link leads to a file ----------------------------------------------------------------


ATTRIBUTES = re.compile(
    r'<[^>]*?\s(?:href|src|action|data-(?:shops|cluster-\w+|worker|root))="[^>]*>'
)
ONE = re.compile(r'\s(href|src|action|data-(?:shops|cluster-\w+|worker))="([^"]*)"')


def links_of(page: Path) -> list[str]:
    elements = ATTRIBUTES.findall(page.read_text("utf-8"))
    return [html.unescape(link) for each in elements for _, link in ONE.findall(each) if link]


@pytest.mark.slow
def test_every_link_of_every_page_leads_to_a_file(site):
    assert len(pages_of(site)) > 40
    here = "file:///"
    for page in pages_of(site):
        for link in links_of(page):
            address = urljoin(
                here + page.relative_to(site).as_posix(), link.replace(f"{ROOT}/", here)
            )
            parts = urlsplit(address)
            if parts.scheme != "file":
                assert parts.scheme in {"https", "geo", "nmap"}, link
                assert parts.netloc != "walk.example", link
                continue
            file = site / unquote(parts.path).lstrip("/")
            assert (file / "index.html" if file.is_dir() else file).is_file(), f"{page}: {link}"
            assert "lang=" not in parts.query, f"{page}: {link}"


@pytest.mark.slow
def test_every_page_is_there_in_both_languages_and_leads_to_the_other(site):
    for page in pages_of(site):
        name = page.relative_to(site).as_posix()
        lang = "en" if name.startswith("en/") else "ko"
        text = page.read_text("utf-8")
        assert f'<html lang="{lang}"' in text
        twin = name.removeprefix("en/") if lang == "en" else f"en/{name}"
        assert (site / twin).is_file()
        # As on a server, the other language begins with the whole board.
        if not re.search(r"/poster|map\.html$|board/", name):
            nav = re.search(r'<nav class="languages".*?</nav>', text, re.DOTALL)[0]
            [link] = re.findall(r'<a href="([^"]*)"', nav)
            assert urljoin(f"file:///{name}", link) == f"file:///{twin}".replace(" ", "%20")


@pytest.mark.slow
def test_what_only_a_server_answers_is_nowhere_named(site):
    for page in pages_of(site):
        text = page.read_text("utf-8")
        assert not re.search(r"oembed|/api/(?:nearest|locate)", text), page


@pytest.mark.slow
def test_files_that_are_parts_of_others_do_not_lie_beside_them(site):
    names = [path.name.partition(".")[0] for path in (site / "static").rglob("*")]
    assert [path.name for path in site.rglob("sw*.js")] == ["sw.js"]
    assert "onefile" not in names
    assert "site" in names


@pytest.mark.slow
def test_what_a_telephone_keeps_is_there(site):
    kept = json.loads(re.search(r"const KEPT = (.*);", (site / "sw.js").read_text("utf-8"))[1])
    offline = json.loads(
        re.search(r"const OFFLINE = (.*);", (site / "sw.js").read_text("utf-8"))[1]
    )
    named = [
        *offline.values(),
        *(name for each in kept.values() for part in each.values() for name in part),
    ]
    assert [name for name in named if not (site / unquote(name)).is_file()] == []
    for lang, start in (("ko", "./index.html"), ("en", "./en/index.html")):
        manifest = json.loads((site / f"manifest.{lang}.webmanifest").read_text("utf-8"))
        assert manifest["start_url"] == start
        assert all((site / icon["src"]).is_file() for icon in manifest["icons"])


@pytest.mark.slow
def test_a_public_address_is_in_canonical_links_the_site_map_and_codes(site):
    trail = (site / "en/trails/always.html").read_text("utf-8")
    assert f'<link rel="canonical" href="{ROOT}/en/trails/always.html">' in trail
    assert f'hreflang="ko" href="{ROOT}/trails/always.html"' in trail
    assert f'<link rel="canonical" href="{ROOT}/">' in (site / "index.html").read_text("utf-8")
    # Whoever types it from paper types no scheme.
    typed = ROOT.partition("://")[2]
    poster = (site / "en/trails/always/poster.html").read_text("utf-8")
    link = poster.partition('<span class="sheet-link">')[2].partition("</span></span>")[0]
    assert re.sub("<.*?>", "", link) == f"{typed}/en/trails/always.html"
    addresses = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text("utf-8"))
    files = [unquote(address.removeprefix(f"{ROOT}/")) for address in addresses]
    # A folder is answered with its index.
    names = [f"{file}index.html" if file.endswith("/") or not file else file for file in files]
    assert [name for name in names if not (site / name).is_file()] == []
    for place, name in zip(addresses, names, strict=True):
        assert f'<link rel="canonical" href="{place}">' in (site / name).read_text("utf-8")
    rows = re.findall(r"<url>.*?</url>", (site / "sitemap.xml").read_text("utf-8"))
    for row in rows:
        twins = dict(re.findall(r'hreflang="(\w+)" href="([^"]+)"', row))
        assert set(twins) == {"ko", "en"}
        assert set(twins.values()) <= set(addresses)
        assert re.search(r"<loc>(.*?)</loc>", row)[1] in twins.values()
        assert re.search(r"<lastmod>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00</lastmod>", row)
    linked = json.loads(re.search(r'ld\+json">(.*?)</script>', trail)[1])
    assert linked["url"] == linked["@id"] == f"{ROOT}/en/trails/always.html"
    assert f"Sitemap: {ROOT}/sitemap.xml" in (site / "robots.txt").read_text("utf-8")
    assert 'href="/barefoot/static/site.' in (site / "404.html").read_text("utf-8")


@pytest.mark.slow
def test_without_a_public_address_nothing_names_the_machine_that_wrote_it(make_folder, tmp_path):
    city = make_folder({"gpx/hill.gpx": gpx()})
    write_site(Settings(city=city, tile_url=""), tmp_path / "out", day=DAY)
    for page in pages_of(tmp_path / "out"):
        text = page.read_text("utf-8")
        assert "localhost" not in text
        assert 'rel="canonical"' not in text
        assert "root.invalid" not in text
        assert '"url"' not in "".join(re.findall(r'ld\+json">(.*?)</script>', text))
    assert "sheet-code" not in (tmp_path / "out/trails/hill/poster.html").read_text("utf-8")
    assert not (tmp_path / "out/sitemap.xml").exists()


@pytest.mark.slow
def test_hosts_keep_for_ever_what_is_named_by_its_content_and_nothing_else(site):
    """As Cloudflare and Netlify read ``_headers``, and as our Caddyfile says it."""
    rules = (site / "_headers").read_text("utf-8")
    blocks = re.findall(r"^(/\S+)\n  Cache-Control: .*immutable$", rules, re.MULTILINE)
    by_headers = [re.sub(r":\w+", "[^/]+", block.replace("*", ".*")) for block in blocks]
    caddy = (DEPLOY / "Caddyfile.static").read_text("utf-8")
    (by_caddy,) = re.findall(r"@named path_regexp (.*)", caddy)
    is_named = re.compile(r"\.[0-9a-f]{12}\.\w+$|-[0-9a-f]{12,20}\.|^/cards/[0-9a-f]{16}/")
    names = [f"/{path.relative_to(site)}" for path in site.rglob("*") if path.is_file()]
    names = [name for name in names if "/vendor/images/" not in name]  # they never change
    named = {name for name in names if is_named.search(name)}
    assert {kind for kind in KINDS_NAMED if any(kind in name for name in named)} == KINDS_NAMED
    assert {name for name in names if re.search(by_caddy, name)} == named
    assert {name for name in names if any(re.fullmatch(x, name) for x in by_headers)} == named


def test_every_page_has_the_policy_of_the_server_but_for_what_headers_alone_can_say(site):
    for page in pages_of(site):
        text = page.read_text("utf-8")
        policy = re.search(
            r'<head>\s*<meta http-equiv="Content-Security-Policy" content="(.*?)">', text
        )[1]
        assert "script-src &#x27;self&#x27;" in policy
        assert "default-src &#x27;none&#x27;" in policy
        assert "frame-ancestors" not in policy


@pytest.mark.slow
def test_downloads_and_collections_are_files(site, city_folder):
    city = open_city(city_folder)
    for id_ in city.trails.index:
        for ending in ("gpx", "kml", "geojson"):
            assert (site / f"trails/{id_}.{ending}").stat().st_size > 100
    assert (site / "trails/always/photo.jpg").read_bytes() == b"\xff\xd8\xff\xe0"
    for layer, frame in city.layers.items():
        read = gpd.read_file(site / f"api/collections/{layer}.geojson")
        assert len(read) == len(frame)


# -- names of files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ids",
    [
        ["Hill", "hill", "HILL"],
        ["a/b", "a b", "a-b", "../../etc/passwd", "..", ".hidden", "x."],
        ["con", "NUL", "com1.txt", "index", "Index"],
        ["금호1동", "금호2동", "가" * 200, "\u1100\u1161", "가"],
        ["<script>", "a?b", "a#b", "a%2Fb", 'a"b', "a\\b", "a\tb", "a*b", "a:b", " ", ""],
    ],
)
def test_names_of_files_are_safe_and_never_shared(ids):
    names = make_names(ids)
    assert len({name.casefold() for name in names.values()}) == len(set(ids))
    for name in names.values():
        assert re.fullmatch(r"\w(?:[\w.-]*[\w-])?", name)
        assert name.partition(".")[0].casefold() not in {"con", "nul", "com1", "index"}
        assert len(f"{name}.geojson".encode()) < 255


@pytest.mark.slow
def test_ids_that_cannot_be_names_are_found_from_the_map_and_the_list(site):
    first = (site / "index.html").read_text("utf-8")
    renamed = json.loads(html.unescape(re.search(r'data-renamed="(.*?)"', first)[1]))
    assert set(renamed) == {
        "districts/Alley",
        "districts/alley",
        "districts/con",
        "neighborhoods/a/b",
    }
    for address, name in renamed.items():
        assert (site / address.partition("/")[0] / f"{name}.html").is_file()


# -- what holds on the day on which it is read -------------------------------------------------


@pytest.mark.slow
def test_without_scripts_no_page_says_of_another_day_that_a_trail_is_open(site):
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert "state-open" not in text.partition("<script>")[0].replace(".state-open", ""), page
    for script in site.glob("map-*.js"):
        text = script.read_text("utf-8")
        assert '"state":"unknown"' in text.replace(" ", "")
        assert not re.search(r'"state":\s*"(?:open|closed|planned)"', text)
        assert "pin-open" not in text
    assert "2026년 11월 26일: 열림" in (site / "trails/always.html").read_text("utf-8")


def state_on(visit, site_url, day: str, page: str = "trails/summer.html") -> str:
    seen = visit("about:blank")
    seen.page.clock.set_fixed_time(f"{day}T12:00:00+09:00")
    seen.page.goto(f"{site_url}/{page}")
    return read_state(seen)


def read_state(seen) -> str:
    """Read what a trail's page says of its state: a few words, and what follows."""
    return seen.page.inner_text(".status").replace("\n", " · ")


def test_the_browser_says_the_state_of_the_day_on_which_it_is_read(visit, site_url):
    closed = "닫힘 · 5월 1일에 다시 엽니다 · 운영 기간 아님"
    assert state_on(visit, site_url, "2026-11-26").startswith(closed)
    assert state_on(visit, site_url, "2027-05-01").startswith("열림 · ")
    for trail, day, state in (
        ("mended", "2026-12-24", "Closed · Opens again on 6 January · Works"),
        ("mended", "2027-01-06", "Open"),
        ("later", "2027-02-28", "Not open yet · Opens on 1 March"),
        ("later", "2027-03-01", "Open"),
    ):
        said = state_on(visit, site_url, day, f"en/trails/{trail}.html")
        assert said == state or said.startswith(f"{state} · "), (trail, day)
    assert state_on(visit, site_url, "2027-03-01", "en/trails/doubt.html").startswith("Not certain")


def test_the_day_begins_in_korea_wherever_the_reader_is(visit, site_url):
    seen = visit("about:blank", timezone_id="Pacific/Honolulu")
    seen.page.clock.set_fixed_time("2026-12-23T15:30:00Z")  # half past midnight of the 24th there
    seen.page.goto(f"{site_url}/en/trails/mended.html")
    assert read_state(seen).startswith("Closed ·")


@pytest.mark.parametrize("day", ["2028-01-01", "2026-11-25"])
def test_outside_of_its_days_a_page_is_not_certain(visit, site_url, day):
    """Read years later, or with a clock that is wrong."""
    seen = visit("about:blank", DESK)
    seen.page.clock.set_fixed_time(f"{day}T12:00:00+09:00")
    seen.page.goto(f"{site_url}/en/trails/always.html")
    assert read_state(seen).startswith(
        "Not certain · These pages hold the days from 26 November 2026 to "
    )
    seen.page.goto(f"{site_url}/en/index.html")
    states = seen.page.evaluate(
        "Object.values(maenballo.layers.trails.byId).map(({feature}) => feature.properties.state)"
    )
    assert set(states) == {"unknown"}
    [district] = [
        link
        for link in seen.page.evaluate("Object.keys(JSON.parse(document.body.dataset.renamed))")
        if link == "districts/con"
    ]
    seen.page.goto(f"{site_url}/en/{district.partition('/')[0]}/{make_names(['con'])['con']}.html")
    assert "and not this one" in seen.page.inner_text("[data-offers]")


def test_offers_lists_and_the_map_follow_the_day(visit, site_url):
    seen = visit("about:blank", DESK)
    district = f"{site_url}/en/districts/{make_names(['con'])['con']}.html"
    seen.page.goto(district)
    seen.page.clock.set_fixed_time("2026-12-24T12:00:00+09:00")
    seen.page.goto(district)
    assert "Discount" in seen.page.inner_text("[data-offers]")
    seen.page.goto(f"{site_url}/en/trails/index.html?open=1")
    assert seen.page.locator("#listed > li:visible .name").all_inner_texts() == ["Always"]
    assert "1 open today" in seen.page.inner_text("[data-counts]")
    seen.page.goto(f"{site_url}/en/index.html")
    drawn = "Object.values(maenballo.layers.trails.byId).map((e) => e.feature.properties.state)"
    assert set(seen.page.evaluate(drawn)) == {"open", "closed", "planned", "unknown"}
    seen.page.wait_for_selector("#sheet[data-shown]", state="attached")  # the lists come in steps
    assert seen.page.locator("#nearest .name").all_inner_texts() == ["Always"]
    seen.page.clock.set_fixed_time("2027-01-06T12:00:00+09:00")
    seen.page.goto(district)
    said = "No confirmed offer today. The last one: Discount 10%, until 31 December 2026."
    assert " ".join(seen.page.inner_text("[data-offers]").split()).startswith(said)
    seen.page.goto(f"{site_url}/en/trails/index.html?open=1&sort=longest")
    assert set(seen.page.locator("#listed > li:visible .name").all_inner_texts()) == {
        "Always",
        "Mended",
    }


def test_a_map_kept_as_one_file_says_the_state_of_the_day_on_which_it_is_opened(visit, site):
    seen = visit("about:blank", DESK, offline=True)
    seen.page.clock.set_fixed_time("2027-05-01T12:00:00+09:00")
    seen.page.goto((site / "files/map.html").as_uri())
    states = seen.page.evaluate("maenballo.layers.trails.byId.summer.feature.properties.state")
    assert states == "open"
    assert "2027년 5월 1일 기준" in seen.page.inner_text("header")


READ = """() => {
  const main = document.querySelector("main").cloneNode(true);
  // What is of use without a script alone, the day on which files were written, and what only a
  // server makes: files of one feature in any format.
  const left = "noscript, .written, details.files";
  main.querySelectorAll(left).forEach((element) => element.remove());
  document.querySelectorAll("main details.files").forEach((element) => element.remove());
  return document.querySelector("main").innerText + " " + main.textContent;
}"""


def read_page(page, address: str, root: str) -> str:
    """Read all that the main part of a page says, and what its scripts may yet unfold."""
    page.goto(f"{root}/{address}")
    page.wait_for_load_state("load")
    page.wait_for_function(IS_DRAWN)
    text = page.evaluate(READ).replace(root, "").replace(".html", "")
    return " ".join(re.sub(WRITTEN, "", text).replace("·", " ").split())


WRITTEN = r"2026년 11월 26일에 만듦|Written on 26 November 2026"
READ_PAGES = {
    "": "index.html",
    "trails/": "trails/index.html",
    "trails/always": "trails/always.html",
    "trails/mended": "trails/mended.html",
    "trails/doubt": "trails/doubt.html",
    "districts/": "districts/index.html",
    "districts/con": f"districts/{make_names(['con'])['con']}.html",
    "neighborhoods/": "neighborhoods/index.html",
    "neighborhoods/north": "neighborhoods/north.html",
    "board": "board.html",
}


@pytest.mark.slow  # every kind of page, twice
@pytest.mark.parametrize(
    ("lang", "query"), [("ko", ""), ("en", "date=2026-12-24"), ("en", "date=2027-05-01")]
)
def test_a_static_page_says_what_a_served_one_says_on_the_same_day(
    visit, site_url, city_folder, lang, query
):
    app = serve(city_folder, base_url=ROOT)
    app.config["MAPSERVER_DAY"] = DAY
    folder = "" if lang == "ko" else "en/"
    with listening(app) as served_url:
        page = visit("about:blank", DESK).page
        page.clock.set_fixed_time(f"{DAY}T12:00:00+09:00")
        for served, static in READ_PAGES.items():
            expected = read_page(page, f"{served}?lang={lang}&{query}", served_url)
            found = read_page(page, f"{folder}{static}?{query}", site_url)
            assert found.replace("/en/", "/") == expected, served


# -- the pages in a browser --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "viewport"), [("", PHONE), ("en/", DESK)], ids=["ko-phone", "en-desk"]
)
def test_the_nearest_trail_is_found_from_files_alone(visit, site_url, folder, viewport):
    at = {"longitude": 126.8521, "latitude": 35.1412}
    seen = visit(f"{site_url}/{folder}index.html", viewport, geolocation=at)
    seen.page.wait_for_selector("path.drawn-trails", state="attached")
    seen.page.click("#locate")
    seen.page.wait_for_selector("#locate[aria-pressed=true]")
    assert seen.page.locator("#nearest > li").count() >= 1
    assert all(url.startswith(site_url) for url in seen.requests)
    seen.page.locator("#nearest .card").first.click()
    seen.page.click("#pick-more")
    seen.page.wait_for_url("**/trails/**")
    assert f"{site_url}/{folder}trails/" in seen.page.url


def test_shops_are_drawn_and_a_card_leads_to_the_page(visit, site_url):
    seen = visit("about:blank", DESK)
    # The first page hands it on at once, and has nothing to come to rest.
    seen.page.goto(f"{site_url}/index.html#districts/Alley")
    seen.page.wait_for_selector("[data-offers]")
    assert "큰 골목" in seen.page.inner_text("h1")
    seen = visit(f"{site_url}/map.html?layers=shops", DESK)
    seen.page.wait_for_selector(".cluster, .shop")
    assert seen.page.locator("path.drawn-trails").count() == 0


def test_lists_filter_and_sort_without_a_server(visit, site_url):
    page = visit(f"{site_url}/trails/index.html", DESK).page
    for scheme, colors in (("light", page_colors.DAY), ("dark", page_colors.NIGHT)):
        page.emulate_media(color_scheme=scheme)
        ground, ink = page.evaluate(
            "[getComputedStyle(document.body)].flatMap(x => [x.backgroundColor, x.color])"
        )
        assert ground == "rgb({}, {}, {})".format(*bytes.fromhex(colors["ground"][1:]))
        assert ink == "rgb({}, {}, {})".format(*bytes.fromhex(colors["ink"][1:]))
    page.emulate_media(color_scheme="light")
    page.fill("[name=q]", "ㄴ ㅇㄹ")
    page.wait_for_url("**q=**")
    assert page.locator("#listed > li:visible .name").all_inner_texts() == ["늘 열린 길"]
    assert page.inner_text("#listed-status") == "1곳"
    page.goto(f"{site_url}/trails/index.html?q=없는")
    assert page.inner_text("#listed-status") == "조건에 맞는 곳이 없습니다."
    page.click("#listed-none a")
    page.wait_for_selector("#listed > li:visible")
    assert page.locator("#listed > li:visible").count() == page.locator("#listed > li").count()
    page.goto(f"{site_url}/trails/index.html?surface=모래&sort=longest")
    assert page.locator("#listed > li:visible").count() == 2


def test_the_snippet_for_other_sites_is_written_in_the_browser(visit, site_url):
    seen = visit(f"{site_url}/en/embed.html", DESK)
    seen.page.check("[value=trails]")
    text = seen.page.input_value("#snippet")
    assert f'src="{site_url}/en/map.html?layers=trails"' in text
    seen.page.goto(f"{site_url}/en/map.html?layers=trails&focus=trails/always")
    seen.page.wait_for_selector("path.drawn-trails", state="attached")


def test_the_site_is_kept_on_a_telephone_and_read_without_signal(visit, site_url):
    seen = visit(f"{site_url}/index.html", keeps=True)
    seen.wait_until("caches.open('maenballo-languages').then(c => c.keys()).then(k => k.length)")
    seen.page.context.set_offline(True)
    seen.page.goto(f"{site_url}/trails/summer.html")
    assert "여름 길" in seen.page.inner_text("h1")
    assert not seen.page.inner_text("[data-state-of]").startswith("2026년")
    seen.page.goto(f"{site_url}/")
    seen.page.wait_for_selector("path.drawn-trails", state="attached")
    seen.page.goto(f"{site_url}/districts/{make_names(['con'])['con']}.html")
    assert "연결이 없습니다" in seen.page.inner_text("h1")
    seen.page.goto("about:blank")  # what could not be loaded has been said by then
    seen.faults[:] = [fault for fault in seen.faults if "net::ERR_" not in fault]
