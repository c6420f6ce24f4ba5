"""Five made-up cities, built with ``mapserver add``, read in their own terms on every page."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import nbformat
import pytest
import shapely
from click.testing import CliRunner
from gpxtext import gpx, track

import mapserver
from mapserver.commands.cli import main
from mapserver.drawing import figures
from mapserver.report.prose import concerns_city, select_prose
from mapserver.report.wording import split_title
from mapserver.settings import Settings
from mapserver.web import create_app

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SEO_GU = re.compile(r"[가-힣]|Seo-gu|Onnuri|Kakao|Naver|[Ff]oot wash|[Bb]arefoot|M16 9c3\.6")
"""What only Seo-gu has: Korean, its certificates, its maps, its foot washes and footprints."""


@dataclass(frozen=True)
class Place:
    """A city as its planners describe it: two trails, two areas, a few shops."""

    name: str
    lon: float
    lat: float
    catalog: str
    trails: tuple[str, str]
    areas: tuple[str, str]
    word: str


PLACES = {
    "boston": Place(
        "Boston", -71.06, 42.36,
        'title = "Boston"\nlanguages = ["en"]\ntime_zone = "America/New_York"\n[words]\n'
        'trail = ["cycle path", "cycle paths"]\ndistrict = ["main street", "main streets"]\n',
        ("Charles Path", "Harbor Path"), ("Back Bay", "North End"), "Cycle path",
    ),
    "vienna": Place(
        "Wien", 16.37, 48.21,
        'title = { de = "Wien", en = "Vienna" }\nlanguages = ["de", "en"]\n'
        'time_zone = "Europe/Vienna"\n[words]\n'
        'trail = { de = ["Radweg", "Radwege"], en = ["bikeway", "bikeways"] }\n'
        'district = { de = "Grätzl", en = ["Grätzl quarter", "Grätzl quarters"] }\n',
        ("Donaukanalweg", "Gürtelweg"), ("Josefstadt", "Währing"), "Bikeway",
    ),
    "tokyo": Place(
        "東京", 139.76, 35.68,
        'title = { ja = "東京", en = "Tokyo" }\nlanguages = ["ja", "en"]\n'
        'time_zone = "Asia/Tokyo"\n[words]\n'
        'trail = { ja = "緑道", en = ["greenway", "greenways"] }\n'
        'district = { ja = "商店街", en = ["shotengai", "shotengai"] }\n',
        ("神田川緑道", "目黒川緑道"), ("千代田区", "渋谷区"), "Greenway",
    ),
    "jerusalem": Place(
        "ירושלים", 35.21, 31.78,
        'title = { he = "ירושלים", en = "Jerusalem" }\nlanguages = ["he", "en"]\n'
        'time_zone = "Asia/Jerusalem"\n[words]\n'
        'trail = { he = "שביל", en = ["stone path", "stone paths"] }\n'
        'district = { he = "שוק", en = ["market", "markets"] }\n',
        ("שביל העמק", "שביל הגן"), ("רחביה", "נחלאות"), "Stone path",
    ),
    "taveuni": Place(
        "Taveuni", 179.9995, -16.85,
        'title = "Taveuni"\nlanguages = ["en"]\ntime_zone = "Pacific/Fiji"\n[words]\n'
        'trail = ["coast track", "coast tracks"]\ndistrict = ["village", "villages"]\n',
        ("Ōrākei Track", "Lavena Track"), ("Somosomo", "Naselesele"), "Coast track",
    ),
}  # fmt: skip


def wrap(lon: float) -> float:
    """Return a longitude between -180 and 180 degrees."""
    return round((lon + 180) % 360 - 180, 6)


def make_areas(place: Place, names: tuple[str, str], size: float) -> gpd.GeoDataFrame:
    """Make two squares side by side; one that crosses 180 degrees has a part on either side."""
    shapes = []
    for number in range(2):
        west = place.lon - size + number * size
        box = shapely.box(west, place.lat - size, west + size, place.lat + size)
        beyond = box.intersection(shapely.box(180, -90, 540, 90))
        parts = [box.difference(beyond), shapely.transform(beyond, lambda xy: xy - (360, 0))]
        parts = [part for part in parts if not part.is_empty]
        shapes.append(shapely.MultiPolygon(parts))
    return gpd.GeoDataFrame(
        {"id": ["one", "two"], "name": list(names)}, geometry=shapes, crs="EPSG:4326"
    )


def add(folder: Path, *words: object) -> None:
    answer = CliRunner().invoke(main, ["add", "--city", str(folder), *map(str, words)])
    assert answer.exit_code == 0, answer.output


def build(place: Place, folder: Path, sources: Path) -> Path:
    """Build a city as planners do: a catalogue, and a file for each layer."""
    (folder / "layers").mkdir(parents=True)
    (folder / "gpx").mkdir()
    (folder / "layers/catalog.toml").write_text(place.catalog, "utf-8")
    (sources / "paths").mkdir(parents=True)
    for number, name in enumerate(place.trails):
        step = 0.002 * number
        line = [(wrap(place.lon + step + i * 0.0005), place.lat + step) for i in range(5)]
        (sources / f"paths/path-{number}.gpx").write_text(gpx(track(line, name=name)), "utf-8")
    make_areas(place, place.areas, 0.02).to_file(sources / "areas.geojson")
    make_areas(place, ("Alpha", "Omega"), 0.004).to_file(sources / "quarters.geojson")
    shops = [(f"Shop {n}", wrap(place.lon + n * 0.001), place.lat) for n in range(-2, 3)]
    rows = "".join(
        f"s{n},{name},cafe,{lon},{place.lat}\n" for n, (name, lon, _) in enumerate(shops)
    )
    (sources / "shops.csv").write_text(f"id,name,category,lon,lat\n{rows}", "utf-8")
    for file, role in (("paths", "trails"), ("areas.geojson", "neighborhoods")):
        add(folder, sources / file, "--as", role)
    add(folder, sources / "quarters.geojson", "--as", "districts")
    add(folder, sources / "shops.csv", "--as", "shops")
    (folder / "layers/closures.csv").write_text(
        "trail_id,from,to\npath-0,2026-11-20,2026-11-25\n", "utf-8"
    )
    return folder


@pytest.fixture(scope="session")
def cities(tmp_path_factory) -> dict[str, mapserver.City]:
    """The five cities, each built once."""
    made = {}
    for id_, place in PLACES.items():
        folder = build(place, tmp_path_factory.mktemp(id_) / id_, tmp_path_factory.mktemp("source"))
        made[id_] = mapserver.open_city(folder)
    return made


@pytest.fixture(scope="session")
def clients(cities):
    return {
        id_: create_app(Settings(city=city.path, tile_url="")).test_client()
        for id_, city in cities.items()
    }


PAGES = (
    *("/", "/map", "/trails/", "/trails/path-0", "/trails/path-0/poster", "/embed", "/map.html"),
    *("/districts/", "/districts/one", "/neighborhoods/", "/neighborhoods/one", "/board"),
    *("/manifest.en.webmanifest", "/offline"),
)


def read_page(client, page: str) -> str:
    """Return a page in the language that it has by itself."""
    return client.get(page, follow_redirects=True).text


@pytest.mark.slow
@pytest.mark.parametrize("id_", PLACES)
def test_every_page_is_in_the_terms_of_the_city(clients, id_):
    for page in PAGES:
        text = read_page(clients[id_], page)
        assert clients[id_].get(page, follow_redirects=True).status_code == 200, page
        found = SEO_GU.search(text)
        assert not found, (page, text[max(0, found.start() - 80) : found.end() + 40])


@pytest.mark.slow
def test_texts_of_templates_have_the_words_of_the_city(clients):
    assert "2 cycle paths" in read_page(clients["boston"], "/trails/")
    assert "Find a cycle path" in read_page(clients["boston"], "/trails/")
    assert "2 main streets" in read_page(clients["boston"], "/districts/")
    assert "2 bikeways" in read_page(clients["vienna"], "/trails/")


@pytest.mark.slow
@pytest.mark.parametrize("id_", PLACES)
def test_map_scripts_have_the_words_of_the_city(clients, id_):
    page = read_page(clients[id_], "/")
    script = re.search(r'src="([^"]*map-[0-9a-f]+\.en\.js)"', page)
    text = clients[id_].get("/" + script[1].lstrip("./")).text
    # Ids of panes and kinds are no words that anybody reads.
    assert not re.search(r"[가-힣]|Onnuri|Barefoot|Foot wash", text)
    assert PLACES[id_].word in text


@pytest.mark.slow
@pytest.mark.parametrize("id_", PLACES)
def test_names_stand_in_their_own_script(clients, cities, id_):
    place = PLACES[id_]
    trails = read_page(clients[id_], "/trails/")
    assert all(name in trails for name in place.trails)
    assert all(name in read_page(clients[id_], "/neighborhoods/") for name in place.areas)
    assert set(cities[id_].trails["name"]) == set(place.trails)


@pytest.mark.slow
@pytest.mark.parametrize("id_", PLACES)
def test_no_finding_asks_for_what_the_city_does_not_have(cities, id_):
    wanted = re.compile(r"english name|korean|name_en|time zone", re.IGNORECASE)
    assert not [f.message for f in cities[id_].check() if wanted.search(f"{f.message} {f.mend}")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("id_", "utc", "day"),
    [
        ("boston", "2026-11-26T01:00:00", "2026-11-25"),
        ("vienna", "2026-11-25T22:59:00", "2026-11-25"),
        ("tokyo", "2026-11-25T15:00:00", "2026-11-26"),
        ("jerusalem", "2026-11-25T21:59:00", "2026-11-25"),
        ("taveuni", "2026-11-25T12:00:00", "2026-11-26"),
    ],
)
def test_today_is_that_of_the_city(cities, clients, set_clock, id_, utc, day):  # noqa: PLR0917
    set_clock(utc)
    assert cities[id_].today() == dt.date.fromisoformat(day)
    state = "closed" if day == "2026-11-25" else "open"
    items = clients[id_].get("/api/collections/trails/items").json["features"]
    assert {item["id"]: item["properties"]["state"] for item in items}["path-0"] == state


@pytest.mark.slow
@pytest.mark.parametrize("id_", PLACES)
def test_figures_are_drawn_in_the_terms_of_the_city(cities, id_):
    drawn = figures.area_map(cities[id_], "shops", title="Shops", lang="en")
    texts = [text.get_text() for text in drawn.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert not [text for text in texts if SEO_GU.search(text)]


@pytest.mark.slow
def test_the_map_is_small_at_180_degrees(cities):
    west, _, east, _ = cities["taveuni"].bounds
    assert (east - west) % 360 < 1
    near = cities["taveuni"].nearest_trails(-179.9995, -16.85)
    assert near["distance_m"].iloc[0] < 200


@pytest.mark.slow
@pytest.mark.parametrize("id_", PLACES)
def test_pages_are_in_the_language_of_the_city_by_default(clients, id_):
    page = clients[id_].get("/", headers={"Accept-Language": "ko, en;q=0.5"})
    assert '<html lang="en"' in page.text
    assert "한국어" not in page.text
    assert 'hreflang="ko"' not in page.text + str(page.headers)
    assert '<html lang="en"' in clients[id_].get("/?lang=ko").text


@pytest.mark.parametrize("id_", PLACES)
def test_the_prose_of_reports_is_in_the_terms_of_the_city(cities, id_):
    city = cities[id_]
    word = city.catalog.words.trail
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type != "markdown" or not concerns_city(cell, city):
                continue
            _, twin, rest = split_title(cell.source)
            text = select_prose(rest if twin else cell.source, city)
            assert not SEO_GU.search(text), text
            assert not text.startswith("*")
            if word is not None:
                words = re.sub(r"`[^`]*`|```.*?```", "", text, flags=re.DOTALL)
                assert not re.search(r"\b(barefoot|trails?)\b", words, re.IGNORECASE), words


@pytest.mark.notebooks
@pytest.mark.slow  # it runs five notebooks
def test_a_report_is_in_the_terms_of_the_city_in_tables_figures_and_prose(cities, tmp_path):
    words = ["report", "01", "02", "03", "04", "05", "--city", cities["boston"].path, "--out"]
    answer = CliRunner().invoke(main, [*map(str, words), str(tmp_path / "report")])
    assert answer.exit_code == 0, answer.output
    page = (tmp_path / "report/report.html").read_text("utf-8")
    # Code is folded away and stays as it is, so do ids and files; maps have tests of their own.
    shown = re.sub(r"<(script|style|code|details).*?</\1>|<iframe[^>]*>", "", page, flags=re.DOTALL)
    shown = re.sub(r'(src|href|id|content)="[^"]*"|<td>[a-z]+</td>|\w+\.(csv|gpkg)', "", shown)
    for alien in (SEO_GU, re.compile(r"\b(trails?|districts?|members?(hip)?)\b", re.IGNORECASE)):
        found = alien.search(shown)
        assert not found, shown[max(0, found.start() - 200) : found.end() + 100]
    assert "Length of cycle paths by neighborhood" in shown
    assert "To the nearest cycle path" in shown
    assert "<th" in shown


def test_the_prose_of_the_sample_stays_in_both_languages(sample_city):
    source = "## 6. 지도 / The map\n\n길입니다.\n\n*A trail, `trail`.*"
    assert select_prose(source, sample_city) == source


def test_search_needs_no_accents(clients):
    assert "Ōrākei Track" in read_page(clients["taveuni"], "/trails/?q=orakei")
    assert "Gürtelweg" in read_page(clients["vienna"], "/trails/?q=gurtel")


@pytest.mark.slow
def test_a_city_shows_the_maps_that_its_catalogue_names(make_folder):
    catalog = PLACES["vienna"].catalog.replace(
        "[words]", 'map_links = ["google", "apple"]\n[words]'
    )
    line = [(16.37 + i / 1000, 48.21) for i in range(3)]
    folder = make_folder({"gpx/a.gpx": gpx(track(line)), "layers/catalog.toml": catalog})
    page = (
        create_app(Settings(city=folder, tile_url="")).test_client().get("/trails/a?lang=en").text
    )
    assert "Google Maps" in page
    assert "Apple Maps" in page
    assert "openstreetmap.org/directions" not in page


def test_a_text_of_a_notebook_has_the_words_of_the_city_and_names_as_they_are(make_folder):
    folder = make_folder({"layers/catalog.toml": PLACES["boston"].catalog})
    city = mapserver.open_city(folder)
    texts = {"ko": "{name}의 맨발길 {count:,}곳", "en": "{count:,} trails of {name}"}
    said = city.choose_phrase(texts, "en", name="Trail Town", count=1200)
    assert said == "1,200 cycle paths of Trail Town"
    # Of a language that the notebooks do not speak, the English.
    assert city.choose_phrase(texts, "de", name="A", count=1) == "1 cycle paths of A"


def test_certificates_are_where_the_data_the_words_or_the_country_have_them(make_folder):
    shops = "id,name,lon,lat{}\n1,Cafe,-71.06,42.36{}\n"
    layer = '[[layers]]\nid = "shops"\nrole = "shops"\nfile = "shops.csv"\ncrs = "EPSG:4326"\n'

    def has(catalog: str, *answer: str) -> bool:
        text = shops.format(*answer or ("", ""))
        files = {"layers/shops.csv": text, "layers/catalog.toml": f"{catalog}\n{layer}"}
        return mapserver.open_city(make_folder(files)).has_certificates

    assert not has('title = "x"')
    assert has('title = "x"\n[words]\ncertificate = "pass"')
    assert has('title = "x"', ",onnuri_card", ",Y")
    assert has('title = "x"', ",onnuri_card", ",N")
    assert not has('title = "x"', ",onnuri_card", ",")


@pytest.mark.parametrize(
    ("languages", "column", "shown"),
    [
        ('["en"]', "reason", {"reason_en": "Works", "reason_ko": ""}),
        ('["en", "ko"]', "cause", {"reason_en": "Works", "reason_ko": ""}),
        ('["fr"]', "reason", {"reason_en": "Works", "reason_ko": ""}),  # its pages are English
        ('["ko", "en"]', "reason", {"reason_en": "", "reason_ko": "Works"}),
        ('["en"]', "사유", {"reason_en": "", "reason_ko": "Works"}),
        ('["en"]', "reason_ko", {"reason_en": "", "reason_ko": "Works"}),
    ],
)
def test_a_reason_that_names_no_language_is_in_that_of_the_city(
    make_folder, languages, column, shown
):
    line = [(-71.06, 42.36), (-71.06, 42.361)]
    closures = f"trail_id,from,to,{column}\na,2026-11-20,2026-11-25,Works\n"
    catalog = f'title = "x"\nlanguages = {languages}\ntime_zone = "America/New_York"\n'
    files = {"gpx/a.gpx": gpx(track(line)), "layers/closures.csv": closures}
    city = mapserver.open_city(make_folder(files | {"layers/catalog.toml": catalog}))
    row = city.trails_on(dt.date(2026, 11, 22)).iloc[0]
    assert row["state"] == "closed"
    assert {name: row[name] for name in shown} == shown
    page = create_app(Settings(city=city.path, tile_url="")).test_client()
    assert page.get("/api/collections/trails/items").status_code == 200
