"""A made-up language, from right to left: every page, card, figure and message speaks it.

Each text of the program stands in brackets in that language, and the city's own names are Hebrew.
So a letter of Latin or Hangul outside of brackets is a text that nobody could translate.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from browsing import DESK, PHONE, listening, needs_chromium
from click.testing import CliRunner
from conftest import ROOT
from gpxtext import gpx, track

import mapserver
from mapserver.commands.cli import main
from mapserver.drawing import figures, maps
from mapserver.settings import Settings
from mapserver.text.languages import Language, register_language, restored_languages
from mapserver.web import create_app

LANG = "he"
DAY = dt.date(2026, 11, 25)
PAGES = [
    "/",
    "/trails/",
    "/trails/1",
    "/trails/1/poster",
    "/trails/2",
    "/districts/",
    "/districts/1",
    "/neighborhoods/",
    "/neighborhoods/1",
    "/board",
    "/board?area=1",
    "/offline",
    "/embed",
    "/map",
    "/map.html",
    "/nothing-here",
]
LETTERS = re.compile(r"[A-Za-z가-힣]{2,}")
# Units, codes and names that are the same in every language.
SAME = re.compile(
    r"\b(?:km|min|kB|MB|GPX|GeoJSON|GEOJSON|GeoPackage|FlatGeobuf|GeoParquet|PMTiles|KML|foo|Polygon|LineString|MultiLineString|Point|CSV|QR|OpenStreetMap|Leaflet|lang|he|English|CC0|EPSG|WGS"
    r"|(?:https?://|localhost)\S+|(?:gpx/|layers/)?[\w.-]+\.(?:csv|gpx|geojson|toml|html))\b"
)
UNSEEN = re.compile(r"<(script|style|code|svg|pre|textarea)\b.*?</\1>", re.DOTALL)
NO_TEXTS = {"light dark", "foot_wash light", "A JavaScript library for interactive maps"}
SPOKEN = re.compile(
    r'\s(?:aria-label|title|alt|placeholder|content|data-(?!root|lang|id|layer)[\w-]+)="([^"]*)"'
)


def list_untranslated(text: str) -> list[str]:
    """List the words outside of the brackets of the made-up language."""
    depth, outside = 0, []
    for sign in text:
        depth += {"⟦": 1, "⟧": -1}.get(sign, 0)
        outside.append(sign if depth == 0 else " ")
    return LETTERS.findall(SAME.sub(" ", "".join(outside)))


def list_texts(page: str) -> list[str]:
    """List what a page says: its words, and the attributes that are read aloud or shown."""
    page = re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL)
    page = page.replace("/</span><span>", "/")  # an address that may break after its slashes
    said = [html.unescape(value) for value in SPOKEN.findall(page)]
    # Addresses, colours and names that scripts use are no texts; sentences have spaces.
    said = [value for value in said if "⟦" in value or (" " in value and "=" not in value)]
    said = [value for value in said if value not in NO_TEXTS and not value.startswith("{")]
    page = UNSEEN.sub(" ", page)
    return [*said, *(html.unescape(part) for part in re.split(r"<[^>]*>", page) if part.strip())]


@pytest.fixture(scope="module")
def _language(tmp_path_factory):
    """The made-up language: each text of the program in brackets."""
    folder = tmp_path_factory.mktemp("translations") / LANG / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (ROOT / "mapserver/translations/ko/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale=LANG)
    for message in catalog:
        if not message.id:
            continue
        if isinstance(message.id, tuple):
            message.string = tuple(f"⟦{message.id[min(n, 1)]}⟧" for n in range(catalog.num_plurals))
        else:
            message.string = f"⟦{message.id}⟧"
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    with restored_languages():
        yield register_language(
            Language(
                code=LANG,
                name="עברית",
                scripts=frozenset({"HEBREW"}),
                translations=folder.parents[1],
            )
        )


@pytest.fixture(scope="module")
def hebrew_city(_language, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    sources = tmp_path_factory.mktemp("sources")
    (folder / "layers").mkdir()
    (folder / "gpx").mkdir()
    (folder / "layers/catalog.toml").write_text(
        f'title = {{ he = "ירושלים" }}\nlanguages = ["{LANG}"]\ntime_zone = "Asia/Jerusalem"\n',
        "utf-8",
    )
    for number, name in ((1, "שביל העמק"), (2, "שביל הגן")):
        heights = (700, 710, 730, 720, 712, 701)
        line = [(35.21 + n * 0.0005, 31.78 + number * 0.002, h) for n, h in enumerate(heights)]
        (folder / f"gpx/{number}.gpx").write_text(gpx(track(line, name=name)), "utf-8")
    (folder / "gpx/trails.csv").write_text(
        "id,surface,width_m,lighting,foot_wash,season,opened,notes\n"
        "1,,1.5,yes,yes,03-01/11-30,2024-05-01,לא בשעות הלימודים\n2,,,,no,foo,,\n",
        "utf-8",
    )
    squares = [
        (
            f'{{"type":"Feature","id":{n},"properties":{{"id":"{n}","name":"{name}"}},"geometry":'
            f'{{"type":"Polygon","coordinates":[[[{w},31.77],[{w + 0.01},31.77],[{w + 0.01},31.80],'
            f"[{w},31.80],[{w},31.77]]]}}}}"
        )
        for n, name, w in ((1, "רחביה", 35.20), (2, "נחלאות", 35.21))
    ]
    areas = '{"type":"FeatureCollection","features":[' + ",".join(squares) + "]}"
    (sources / "areas.geojson").write_text(areas, "utf-8")
    (sources / "quarters.geojson").write_text(areas, "utf-8")
    (sources / "shops.csv").write_text(
        "id,name,category,lon,lat,onnuri_paper\n1,חנות,קפה,35.211,31.782,yes\n"
        "2,מאפייה,לחם,35.212,31.783,no\n3,ספרים,ספרים,35.205,31.784,\n",
        "utf-8",
    )
    (folder / "layers/closures.csv").write_text(
        "trail_id,from,to,reason\n1,2026-11-20,2026-11-28,שיפוצים\n", "utf-8"
    )
    for file, role in (
        ("areas.geojson", "neighborhoods"),
        ("quarters.geojson", "districts"),
        ("shops.csv", "shops"),
    ):
        words = ["add", "--city", folder, sources / file, "--as", role]
        answer = CliRunner().invoke(main, list(map(str, words)))
        assert answer.exit_code == 0, answer.output
    return folder


@pytest.fixture(scope="module")
def hebrew_app(hebrew_city):
    app = create_app(Settings(city=hebrew_city, tile_url=""))
    app.config["MAPSERVER_DAY"] = DAY
    return app


@pytest.fixture(scope="module")
def client(hebrew_app):
    return hebrew_app.test_client()


TURNED = """() => {
  const middle = box => [box.left + box.width / 2, box.top + box.height / 2];
  const found = [];
  // Names stand where their marks are, and not beside them by the width of the name.
  for (const name of document.querySelectorAll(".name-text, .area-name")) {
    const [x, y] = middle(name.getBoundingClientRect());
    const [atX, atY] = middle(name.parentElement.getBoundingClientRect());
    if (Math.abs(x - atX) > 2 || Math.abs(y - atY) > 2) found.push(name.textContent);
  }
  // Texts of the profile stay within it.
  const profile = document.querySelector("#profile svg")?.getBoundingClientRect();
  for (const text of document.querySelectorAll("#profile svg text")) {
    const box = text.getBoundingClientRect();
    if (box.left < profile.left - 1 || box.right > profile.right + 1) found.push(text.textContent);
  }
  // The number of a measure stands before its unit. Both are found by their letters.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const measure = (node, from, to) => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return range.getBoundingClientRect();
  };
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("script, style, svg")) continue;
    for (const match of node.data.matchAll(/([0-9])\\u00a0(k?m)\\b/g)) {
      const number = measure(node, match.index, match.index + 1);
      const unit = measure(node, match.index + 2, match.index + 2 + match[2].length);
      if (number.width && number.left > unit.left) found.push(node.data);
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window");
  return found;
}"""


@needs_chromium
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_turned_that_has_an_order_of_its_own(hebrew_app, visit, viewport):
    """Names on the map, figures with units, and the profile, where all else is turned."""
    with listening(hebrew_app) as url:
        seen = visit("about:blank", viewport, reduced_motion="reduce")
        turned = {}
        for path in ("/", "/#trails/2", "/trails/2", "/trails/", "/board"):
            seen.page.goto(url + path)
            if path != "/trails/":
                seen.page.wait_for_selector(".name-text, .area-name", state="attached")
            turned[path] = seen.page.evaluate(TURNED)
        seen.page.goto("about:blank")  # before the server closes
    assert {path: texts for path, texts in turned.items() if texts} == {}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_the_language_and_runs_from_right_to_left(client, path):
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert re.search(rf'<html lang="{LANG}"[^>]* dir="rtl"', page) or path == "/map.html"
    untranslated = {text: words for text in list_texts(page) if (words := list_untranslated(text))}
    assert untranslated == {}


def test_the_map_speaks_the_language(hebrew_city):
    city = mapserver.open_city(hebrew_city)
    script = maps.render_script(city.map(lang=LANG, day=DAY))
    texts = [json.loads(f'"{x}"') for x in re.findall(r'"((?:[^"\\]|\\.)*)"', script)]
    said = [text for text in texts if "⟦" in text or " " in text]
    drawn = [text for text in said if not re.search(r"[<=;{]|https?:|^pin pin-", text)]
    assert [text for text in drawn if list_untranslated(text)] == []


def test_figures_speak_the_language(hebrew_city):
    city = mapserver.open_city(hebrew_city)
    words = figures.area_map(city, "shops", title="⟦x⟧", lang=LANG).words()
    # GeoPandas names the axes, which are not drawn.
    drawn = [text for text in words if not text.endswith("[metre]")]
    assert len(drawn) > 5
    assert [text for text in drawn if list_untranslated(text)] == []


def test_messages_of_commands_speak_the_language(hebrew_city):
    answer = CliRunner().invoke(main, ["check", "--city", str(hebrew_city), "--lang", LANG])
    lines = [line for line in answer.output.splitlines() if line.strip()]
    assert [line for line in lines if "⟦" in line]
    # Paths, ids of layers, kinds of shapes, units, codes of findings and the data's version stay.
    same = r"\S*/\S*|[a-z]+-[a-z-]+|\b[0-9a-f]{16}\b|EPSG:\d+|km²"
    assert [line for line in lines if list_untranslated(re.sub(same, "", line))] == []
