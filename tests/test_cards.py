"""Cards and words that messengers show beside a link: whole addresses, nothing that goes stale."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import brotli
import geopandas as gpd
import numpy as np
import pytest
from browsing import serve
from cities import city_of, frame_of, line
from gpxtext import gpx, track
from PIL import Image
from shapely import GeometryCollection, MultiPolygon, Point, box
from shared_fixtures import write_folder

import mapserver
from mapserver.drawing import card_fonts, share_card
from mapserver.drawing.card import Picture, Shape, ShareCard
from mapserver.drawing.card_picture import draw_picture
from mapserver.drawing.share_card import draw_card
from mapserver.model import Role, status
from mapserver.settings import Settings, page_colors
from mapserver.web import write_site
from mapserver.web.pages.card_contents import describe_card
from mapserver.web.pages.site import Site

ROOT = "https://walks.example/seo-gu"
CORNERS = [(126.85 + n / 10_000, 35.15 + n / 20_000) for n in range(40)]
LINE = line((0, 0), (100, 50))


def layer_of(**shapes) -> gpd.GeoDataFrame:
    """Make a layer as a file has it, of geometries by id."""
    columns = {"id": list(shapes), "name": [f"이름 {id_}" for id_ in shapes]}
    return gpd.GeoDataFrame(columns, geometry=list(shapes.values()), crs=4326)


def write_city(folder: Path) -> Path:
    areas = {"동/1": box(126.84, 35.14, 126.86, 35.16), "two": box(126.86, 35.14, 126.88, 35.16)}
    register = """id,name_en,surface,season,foot_wash
a,Hill,황토,03-01/11-30,yes
b,Lake,,,
"""
    return write_folder(
        folder,
        {
            "gpx/a.gpx": gpx(track(CORNERS, name="가")),
            "gpx/b.gpx": gpx(track(CORNERS, name="나")),
            "gpx/trails.csv": register,
            "layers/neighborhoods.geojson": layer_of(**areas),
            "layers/districts.geojson": layer_of(d=box(126.85, 35.15, 126.851, 35.151)),
            "layers/shops.csv": "id,name,category,lon,lat\n1,가게,음식점,126.8505,35.1505\n",
            "layers/closures.csv": "trail_id,from,to,reason_ko\na,2026-12-02,2026-12-09,공사\n",
        },
    )


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return serve(write_city(tmp_path_factory.mktemp("cards")), base_url=ROOT)


@pytest.fixture(scope="module")
def client(app):
    return app.test_client()


def read_tags(page: str) -> dict[str, list[str]]:
    """Read the properties of a page's head, in the order in which they stand."""
    tags: dict[str, list[str]] = {}
    for name, value in re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page):
        tags.setdefault(name, []).append(html.unescape(value))
    return tags


def read_picture(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def card_of(name: str, **more) -> ShareCard:
    picture = Picture(ground="#ffffff", frame=(0, 0, 1, 1))
    return ShareCard(
        brand="맨발로", name=name, place="", facts=(), marks=(), note="", picture=picture, **more
    )


def has_ink(data: bytes, left: int, top: int, right: int, bottom: int) -> bool:
    """Return whether anything is drawn on the paper of a part of a card."""
    return bool((read_picture(data)[top:bottom, left:right] < 200).any())


# -- tags ----------------------------------------------------------------------------------------

PAGES = {
    "/": "city",
    "/trails/": "city",
    "/trails/a": "trails/a",
    "/trails/a/poster": "trails/a",
    "/districts/": "city",
    "/districts/d": "districts/d",
    "/neighborhoods/": "city",
    "/neighborhoods/two": "neighborhoods/two",
    "/neighborhoods/동/1": "neighborhoods/%EB%8F%99%2F1",
    "/board": "city",
    "/embed": "city",
    "/map": "city",
    "/offline": "city",
}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_kind_of_page_tells_messengers_what_it_is(app, client, path, lang):
    page = client.get(path, query_string={"lang": lang})
    tags = read_tags(page.text)
    version = app.extensions["mapserver"].city.version
    image = f"{ROOT}/cards/{version}/{lang}/{PAGES[path]}.png"
    assert tags["og:image"] == tags["twitter:image"] == [image]
    assert image.isascii()
    assert tags["og:url"][0].startswith(f"{ROOT}/")
    assert tags["og:url"][0].endswith(f"?lang={lang}")
    assert tags["og:locale"] + tags["og:locale:alternate"] == (
        ["ko_KR", "en_US"] if lang == "ko" else ["en_US", "ko_KR"]
    )
    assert tags["og:type"] == ["website"]
    assert tags["twitter:card"] == ["summary_large_image"]
    assert (tags["og:image:width"], tags["og:image:height"]) == (["1200"], ["630"])
    title = html.unescape(re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)[1]).strip()
    assert tags["og:title"] == tags["twitter:title"] == [title]
    for name in ("og:description", "twitter:description", "og:image:alt", "twitter:image:alt"):
        assert len(tags[name][0]) > 5
    card = client.get(image.removeprefix(ROOT))
    assert (card.status_code, card.content_type) == (200, "image/png")
    assert Image.open(io.BytesIO(card.data)).size == (1200, 630)
    assert "immutable" in card.headers["Cache-Control"]


def test_without_a_public_address_the_request_says_it(tmp_path):
    client = serve(write_city(tmp_path)).test_client()
    for host in ("walks.example", "127.0.0.1:8000", "walks.example"):
        page = client.get("/trails/a?lang=ko", headers={"Host": host})
        tags = read_tags(page.text)
        assert tags["og:url"] == [f"http://{host}/trails/a?lang=ko"]
        assert tags["og:image"][0].startswith(f"http://{host}/cards/")
        assert ".invalid" not in page.text


def test_what_messengers_read_is_the_same_on_every_day(tmp_path, monkeypatch):
    client = serve(write_city(tmp_path), base_url=ROOT).test_client()
    heads, cards = set(), set()
    for day in (dt.date(2026, 6, 1), dt.date(2026, 12, 2), dt.date(2027, 1, 9)):
        monkeypatch.setattr(status, "today", lambda *_, day=day: day)
        tags = read_tags(client.get("/trails/a?lang=ko").text)
        heads.add(str({name: value for name, value in tags.items() if name[:2] in {"og", "tw"}}))
        cards.add(client.get(tags["og:image"][0].removeprefix(ROOT)).data)
    assert (len(heads), len(cards)) == (1, 1)


def test_an_older_card_leads_to_todays_and_an_unknown_one_to_nothing(app, client):
    version = app.extensions["mapserver"].city.version
    for old in ("0", "x.y", version[:-1]):
        answer = client.get(f"/cards/{old}/ko/trails/a.png")
        assert answer.headers["Location"] == f"/cards/{version}/ko/trails/a.png"
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/cards/0/xx/city.png").headers["Location"].endswith(f"{version}/ko/city.png")
    for name in ("trails/z", "nothing", "trails", "shops/1", "trails/a/b", "../a"):
        assert client.get(f"/cards/{version}/ko/{name}.png").status_code == 404


def test_a_card_is_drawn_once_and_forgotten_with_the_rest(app, client, monkeypatch):
    drawn = []
    draw = share_card.draw_card
    monkeypatch.setattr(share_card, "draw_card", lambda card: drawn.append(card.name) or draw(card))
    version = app.extensions["mapserver"].city.version
    app.extensions["mapserver-editions"]._pages._bodies.clear()
    for _ in range(3):
        client.get(f"/cards/{version}/en/trails/b.png")
    assert drawn == ["Lake"]


CRAWLERS = [
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
    "Twitterbot/1.0",
    "Mozilla/5.0 (compatible; Yeti/1.1; +http://naver.me/spd)",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
]


@pytest.mark.parametrize("agent", CRAWLERS)
@pytest.mark.parametrize("accepted", ["br", "gzip, br", "*", "deflate, gzip", ""])
def test_what_fetches_previews_never_gets_brotli(app, client, agent, accepted):
    version = app.extensions["mapserver"].city.version
    headers = {"User-Agent": agent, "Accept-Encoding": accepted}
    for path in ("/trails/a?lang=ko", f"/cards/{version}/ko/city.png"):
        assert client.get(path, headers=headers).headers.get("Content-Encoding") in {None, "gzip"}
    browser = {"User-Agent": "Mozilla/5.0 (Linux; Android 14)", "Accept-Encoding": "gzip, br"}
    assert client.get("/trails/a?lang=ko", headers=browser).headers["Content-Encoding"] == "br"
    # A picture is compressed already, whoever asks.
    card = client.get(f"/cards/{version}/ko/city.png", headers=browser)
    assert "Content-Encoding" not in card.headers


# -- as files ------------------------------------------------------------------------------------


@pytest.mark.slow  # writes two sites
def test_a_static_site_has_cards_only_where_its_address_is_known(tmp_path):
    city = write_city(tmp_path / "city")
    settings = Settings(city=city, tile_url="", base_url=ROOT)
    site = write_site(settings, tmp_path / "site")
    assert [finding.code for finding in site.findings] == []
    pages = [page for page in site.path.rglob("*.html") if "files" not in page.parts]
    images = set()
    for page in pages:
        for address in read_tags(page.read_text("utf-8")).get("og:image", []):
            assert address.startswith(f"{ROOT}/cards/")
            images.add(address.removeprefix(f"{ROOT}/"))
    files = site.path.rglob("cards/**/*.png")
    assert {path.relative_to(site.path).as_posix() for path in files} == images
    # Two trails, two neighbourhoods, a district and the city, in two languages.
    assert len(images) == 12
    trail = read_tags((site.path / "en/trails/a.html").read_text("utf-8"))
    assert trail["og:url"] == [f"{ROOT}/en/trails/a.html"]
    silent = write_site(Settings(city=city, tile_url=""), tmp_path / "silent")
    assert [finding.code for finding in silent.findings] == ["no-public-address"]
    text = (silent.path / "trails/a.html").read_text("utf-8")
    assert "og:image" not in text
    assert "og:url" not in text
    assert read_tags(text)["og:title"]
    assert list((silent.path / "cards").rglob("*.png")) == []
    assert (silent.path / "cards/outline/trails/a.svg").is_file()


# -- what is drawn -------------------------------------------------------------------------------


@pytest.fixture
def bare_machine(monkeypatch):
    """A machine that has no font but ours."""
    card_fonts._find_file.cache_clear()
    monkeypatch.setattr(card_fonts, "_list_system_files", tuple)
    yield
    card_fonts._find_file.cache_clear()


def test_a_trail_is_drawn_on_the_colour_of_its_ground(tmp_path):
    site = Site(mapserver.open_city(write_city(tmp_path)), "ko", dt.date(2026, 6, 1))
    trails = site.places(Role.TRAILS)
    grounds = [describe_card(site, trails[id_]).picture.ground for id_ in ("a", "b")]
    assert grounds == [page_colors.DAY["t-clay"], page_colors.DAY["t-sand"]]


def test_a_card_says_only_what_is_known_to_be_there(tmp_path):
    site = Site(mapserver.open_city(write_city(tmp_path)), "en", dt.date(2026, 6, 1))
    trails = site.places(Role.TRAILS)
    known, unknown = (describe_card(site, trails[id_]) for id_ in ("a", "b"))
    assert (known.name, [kind for kind, _ in known.marks]) == ("Hill", ["foot_wash"])
    assert known.note == "Season: 1 March to 30 November"
    assert (unknown.name, unknown.marks, unknown.note) == ("Lake", (), "")


NAME = (60, 120, 560, 280)
"""Where the name of a card stands."""


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize("name", ["풍암호수공원", "Pungam Lake", "산 — 1·2구간", "ㄱ 공원"])
def test_names_in_our_own_font_are_drawn_on_every_machine(name):
    assert has_ink(draw_card(card_of(name)), *NAME)


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize(
    "name", ["Ōrākei", "גן סאקר", "公園", "あるこう", "حديقة", "สวน", "👣", "Åsen"]
)
def test_a_name_that_no_font_can_show_is_left_out_and_never_boxes(name):
    assert not has_ink(draw_card(card_of(name)), *NAME)


def test_a_font_of_the_machine_draws_what_ours_cannot():
    for name in ("Ōrākei", "公園"):
        if card_fonts.find_font(name, 40, bold=True) is None:
            pytest.skip("needs a font with macrons and one with Han")
        assert has_ink(draw_card(card_of(name)), *NAME)


def test_letters_that_must_be_ordered_are_left_out_where_nothing_orders_them(monkeypatch):
    monkeypatch.setattr(card_fonts, "_can_shape", lambda: False)
    for name in ("גן סאקר", "حديقة 2", "पार्क"):
        assert card_fonts.find_font(name, 40) is None


def test_words_of_a_language_from_right_to_left_stand_at_the_right():
    data = draw_card(card_of("Park", is_right_to_left=True))
    assert has_ink(data, 900, 120, 1140, 280)
    assert not has_ink(data, 0, 120, 600, 280)


LONG = "아주 긴 이름의 맨발로 걷는 길 " * 6
LONG_WORD = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"


@pytest.mark.parametrize("text", [LONG, LONG_WORD, f"{LONG_WORD} {LONG}", "a", ""])
def test_no_word_comes_near_an_edge_or_the_picture(text):
    card = card_of(text)
    card = replace(
        card,
        brand=text or "맨발로",
        place=text,
        note=text,
        facts=((text, text), (text, text)),
        marks=(("foot_wash", text or "물"), ("toilet", text), ("light", text)),
    )
    data = draw_card(card)
    for band in ((0, 0, 600, 50), (0, 598, 600, 630), (0, 0, 60, 630), (562, 0, 600, 630)):
        assert not has_ink(data, *band)


SHAPES = {
    "point": Point(5, 5),
    "two areas": MultiPolygon([box(0, 0, 9, 9), box(20, 20, 30, 30)]),
    "line": LINE,
    "nothing": MultiPolygon(),
    "one place twice": line((3, 3), (3, 3)),
    "collection": GeometryCollection([Point(1, 1), LINE, box(0, 0, 4, 4)]),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_kind_of_geometry_has_a_picture(shape):
    frame = (0, 0, 0, 0) if shape.is_empty else shape.bounds
    drawn = Shape(shape, fill="#00ff00", edge="#ff0000", casing="#0000ff")
    picture = Picture(ground="#ffffff", frame=frame, shapes=(drawn,), glow=shape, glow_color="#eee")
    image = draw_picture(picture, (300, 200))
    assert image.size == (300, 200)
    is_blank = np.asarray(image).min() == 255
    assert is_blank == (shape.is_empty or shape.geom_type == "Point")


@pytest.mark.parametrize(
    "frames", [{}, {"trails": frame_of([None])}, {"shops": frame_of([Point(1, 1)])}]
)
def test_a_city_with_next_to_nothing_has_a_card(frames):
    site = Site(city_of(**frames), "ko", dt.date(2026, 6, 1))
    places = [None, *site.places(Role.TRAILS).values()]
    for place in places:
        assert Image.open(io.BytesIO(draw_card(describe_card(site, place)))).size == (1200, 630)


def test_neighbours_have_other_tints():
    corners = [(126.8 + x / 100, 35.1 + y / 100) for x in range(3) for y in range(3)]
    squares = [box(lon, lat, lon + 0.01, lat + 0.01) for lon, lat in corners]
    site = Site(city_of(neighborhoods=frame_of(squares)), "ko", dt.date(2026, 6, 1))
    for one, other in combinations(describe_card(site).picture.shapes, 2):
        border_m = one.geometry.intersection(other.geometry).length
        assert border_m < 1 or one.fill != other.fill


# -- without script ------------------------------------------------------------------------------

OUTLINES = {
    "/": "city",
    "/trails/a": "trails/a",
    "/districts/d": "districts/d",
    "/neighborhoods/two": "neighborhoods/two",
}


@pytest.mark.parametrize("path", OUTLINES)
def test_without_script_a_page_shows_the_outline_of_what_it_is_about(client, path):
    page = client.get(f"{path}?lang=ko").text
    inside = re.findall(r"<noscript>(.*?)</noscript>", page, re.DOTALL)
    [picture] = [text for text in inside if "<picture>" in text]
    day, night = (re.search(rf'{name}="([^"]+\.svg)"', picture)[1] for name in ("src", "srcset"))
    drawn = {}
    for address in (day, night):
        assert address.endswith(f"{OUTLINES[path]}.svg")
        answer = client.get(urljoin(path, address))
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        ET.fromstring(answer.data)
        # A policy without inline styles holds for it, too.
        assert "style" not in answer.text
        assert "<path" in answer.text
        assert len(answer.data) < 2_000
        drawn[address] = answer.text
    assert drawn[day] != drawn[night]
    assert page_colors.DAY["m-0"] not in drawn[night]


def test_the_overview_of_the_sample_is_small(sample_app):
    answer = sample_app.test_client().get("/cards/outline/city.svg")
    assert len(brotli.compress(answer.data)) < 2_000


@pytest.mark.parametrize("name", ["trails/z", "x", "trails/"])
def test_there_is_no_outline_of_what_is_not_there(client, name):
    assert client.get(f"/cards/outline/{name}.svg").status_code == 404
    assert client.get("/cards/outlines/city.svg").status_code == 404
