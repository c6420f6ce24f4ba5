"""The colours of the catalogue reach whatever is drawn of a city."""

from __future__ import annotations

import base64
import datetime as dt
import html
import json
import re
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import nbformat
import pytest
import shapely
from browsing import DESK, needs_chromium, serve, serving
from click.testing import CliRunner
from gpxtext import gpx, points
from shared_fixtures import write_folder

import mapserver
from mapserver.commands.cli import main
from mapserver.drawing import figures
from mapserver.model import ROLES, LayerEntry, Role, complete_entry
from mapserver.model.catalog import Style
from mapserver.settings import Settings, palette
from mapserver.web.static_site import write_site

DAY = dt.date(2026, 11, 20)
COLORS = {
    "neighborhoods": "#123456",
    "districts": "#7a00cc",
    "shops": "#0044ee",
    "services": "#cc0077",
    "trails": "#ffdd00",
    "facilities": "#00e5a0",
    "benches": "#e000e0",
}
"""A colour for each layer that no layer has otherwise; those of trails and facilities are light."""
FILES = {
    "neighborhoods": "neighborhoods.geojson",
    "districts": "districts.geojson",
    "shops": "shops.csv",
    "services": "services.csv",
    "benches": "benches.geojson",
}


ON_MAP = set(COLORS) - {"shops"}
"""Layers that every map draws; shops come when they are asked for."""


def square(west: float, south: float, size: float, name: str) -> str:
    area = shapely.box(west, south, west + size, south + size)
    about = {"id": "a", "name": name, "name_en": name, "category": "x"}
    frame = gpd.GeoDataFrame([about], geometry=[area], crs=4326)
    return frame.to_json()


def make_files(colors: dict[str, str]) -> dict[str, str]:
    """Make the files of a city with a layer for each colour."""
    catalog = 'title = { ko = "시험", en = "Trial" }\n'
    for id_, color in colors.items():
        catalog += f'[[layers]]\nid = "{id_}"\nrole = "{id_ if id_ in ROLES else "layer"}"\n'
        catalog += f'title = {{ ko = "{id_}", en = "{id_}" }}\n'
        catalog += f'file = "{FILES[id_]}"\n' if id_ in FILES else ""
        catalog += f'style = {{ color = "{color}" }}\n' if color else ""
    mark = '<wpt lat="35.1502" lon="126.8505"><name>발</name><type>foot_wash</type></wpt>'
    heights = ((126.85, 35.15, 20), (126.852, 35.15, 25), (126.854, 35.151, 30))
    track = f"<trk><name>길</name><trkseg>{points(heights)}</trkseg></trk>"
    benches = gpd.GeoDataFrame({"name": ["b"]}, geometry=[shapely.Point(126.853, 35.152)], crs=4326)
    return {
        "layers/catalog.toml": catalog,
        "layers/neighborhoods.geojson": square(126.84, 35.14, 0.02, "동"),
        "layers/districts.geojson": square(126.851, 35.151, 0.002, "상점가"),
        # One alone, and two so near to each other that the map draws them as one.
        "layers/shops.csv": "id,name,lon,lat,onnuri_paper\n1,가게,126.8515,35.1515,Y\n"
        "2,둘,126.8535,35.1535,Y\n3,셋,126.8536,35.1536,Y\n",
        "layers/services.csv": "id,name,lon,lat\n1,센터,126.845,35.145\n",
        "layers/benches.geojson": benches.to_json(),
        "gpx/a.gpx": gpx(mark, track),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A city in which every layer has an unusual colour."""
    return write_folder(tmp_path_factory.mktemp("colors") / "city", make_files(COLORS))


@pytest.fixture(scope="module")
def city(folder) -> mapserver.City:
    city = mapserver.open_city(folder)
    assert set(COLORS) <= set(city.layers)
    return city


@pytest.fixture(scope="module")
def client(folder):
    return serve(folder).test_client()


def read_drawings(script: str) -> dict[str, dict]:
    """Read how each layer is drawn from the script of a map."""
    return {
        drawing["id"]: drawing
        for text in re.findall(r'\{"id":"\w+","role":"[^}]*\}', script)
        for drawing in [json.loads(text)]
    }


def read_legend(script: str) -> list[dict]:
    return json.loads(re.search(r'"legend":(\[.*?\])', script)[1])


def test_the_map_draws_every_layer_pins_pictures_and_legend_in_its_colour(client):
    page = client.get("/map?lang=en").text
    script = client.get("/" + re.search(r'src="(map-\w+\.en\.js)', page)[1]).text
    drawn = read_drawings(script)
    assert {id_: drawn[id_]["color"] for id_ in ON_MAP} == {id_: COLORS[id_] for id_ in ON_MAP}
    saved = client.get("/map.html?lang=en").text
    legend = {entry["kind"]: entry for entry in read_legend(saved)}
    for id_, entry in (("trails", legend["trail"]), ("facilities", legend["foot_wash"])):
        for colors in (drawn[id_], entry):
            # On a light colour the picture is dark.
            assert (colors["icon"], colors["onIcon"]) == (COLORS[id_], palette.INK)
        # Beside its name in the list of layers.
        assert f'stroke=\\"{COLORS[id_]}\\"' in saved or f'fill=\\"{COLORS[id_]}\\"' in saved
    assert f'data-shops-color="{COLORS["shops"]}"' in page
    assert f'data-shops-on-color="{palette.WHITE}"' in page


def test_kinds_of_facilities_keep_their_colours_where_the_catalogue_gives_none(make_folder):
    folder = make_folder(make_files(COLORS | {"facilities": ""}))
    drawn = serve(folder).test_client().get("/map.html?lang=en").text
    assert read_drawings(drawn)["facilities"]["icon"] == ""
    assert read_drawings(drawn)["trails"]["icon"] == COLORS["trails"]


@pytest.mark.parametrize("role", [Role.TRAILS, Role.FACILITIES])
def test_a_colour_is_a_layers_own_if_it_is_not_that_of_its_role(role):
    own = complete_entry(LayerEntry("x", role, style=Style("#00e5a0")))
    plain = complete_entry(LayerEntry("x", role))
    assert (own.has_own_color, plain.has_own_color) == (True, False)


def test_the_map_in_one_file_the_profile_and_the_poster_have_the_colours(client):
    drawn = read_drawings(client.get("/map.html?lang=en").text)
    for id_ in ("trails", "facilities", "districts", "benches"):
        assert drawn[id_]["color"] == COLORS[id_]
    for address in ("/trails/a", "/trails/a.svg"):
        profile = client.get(address).text
        assert f'stroke="{COLORS["trails"]}" stroke-width=' in profile
        assert f'fill="{COLORS["trails"]}" fill-opacity' in profile
    poster = client.get("/trails/a/poster").text
    assert f'<path class="way" stroke="{COLORS["trails"]}"' in poster
    assert f'<path class="district" fill="{COLORS["districts"]}"' in poster


@pytest.mark.slow  # writes a site of fifty pages
def test_a_static_site_has_the_colours_of_the_catalogue(folder, tmp_path):
    write_site(Settings(city=folder, tile_url=""), tmp_path / "site", day=DAY)
    texts = {
        path.relative_to(tmp_path / "site").as_posix(): path.read_text("utf-8")
        for path in (tmp_path / "site").rglob("*")
        if path.suffix in {".html", ".js", ".svg"}
    }
    drawings = [drawn for text in texts.values() if (drawn := read_drawings(text)).keys() >= ON_MAP]
    assert drawings
    # Neighbourhoods that show a measure have its colours, and white borders.
    assert COLORS["neighborhoods"] in {drawn["neighborhoods"]["color"] for drawn in drawings}
    for id_ in ON_MAP - {"neighborhoods"}:
        assert {drawn[id_]["color"] for drawn in drawings} == {COLORS[id_]}
    with_shops = [text for text in texts.values() if "data-shops-color" in text]
    assert with_shops
    assert all(f'data-shops-color="{COLORS["shops"]}"' in text for text in with_shops)


@pytest.mark.notebooks
@pytest.mark.slow  # runs a notebook
def test_a_report_has_the_colours_of_the_catalogue(folder, tmp_path):
    lines = ["import mapserver", "city = mapserver.open_city(CITY)", "city.map(lang=LANG)"]
    draw = 'mapserver.figures.area_map(city, title="t", lang=LANG, on_top=["trails", "districts"])'
    cells = [
        nbformat.v4.new_markdown_cell("# 색\n### Colours"),
        nbformat.v4.new_code_cell(
            'CITY, OUT, LANG, DAY = "..", "out", "ko", None', metadata={"tags": ["parameters"]}
        ),
        nbformat.v4.new_code_cell("\n".join(lines)),
        nbformat.v4.new_code_cell(draw),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "colors.ipynb")
    words = [str(tmp_path / "colors.ipynb"), "--city", str(folder), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, ["report", *words])
    assert done.exit_code == 0, done.output
    page = "".join(path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.html"))
    drawn = read_drawings(html.unescape(page).replace('\\"', '"'))
    assert {id_: drawn[id_]["color"] for id_ in ON_MAP} == {id_: COLORS[id_] for id_ in ON_MAP}
    (figure,) = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)
    assert COLORS["trails"] in base64.b64decode(figure).decode().lower()


def test_files_for_other_programs_carry_the_colours(city, tmp_path):
    city.export(tmp_path / "city.gpkg")
    styles = gpd.read_file(tmp_path / "city.gpkg", layer="layer_styles", ignore_geometry=True)
    by_layer = styles.set_index("f_table_name")
    for id_, color in COLORS.items():
        assert color in by_layer["styleSLD"][id_].lower(), id_
        rgb = ",".join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5))
        assert rgb in by_layer["styleQML"][id_], id_
    for id_, color in COLORS.items():
        city.export(tmp_path / f"{id_}.kml", layers=[id_])
        kml = (tmp_path / f"{id_}.kml").read_text("utf-8")
        # KML has the parts the other way round.
        assert color[5:7] + color[3:5] + color[1:3] in kml.lower(), id_


def test_figures_draw_layers_and_legend_in_their_colours(city):
    on_top = ["districts", "trails", "facilities", "services", "benches", "shops"]
    sheet = figures.area_map(city, title="t", lang="en", day=DAY, on_top=on_top)
    drawn = set()
    for artist in [*sheet.findobj(mpl.collections.Collection), *sheet.findobj(mpl.lines.Line2D)]:
        if isinstance(artist, mpl.collections.Collection):
            colors = [*artist.get_edgecolor(), *artist.get_facecolor()]
        else:
            colors = [artist.get_color()]
        drawn |= {mpl.colors.to_hex(color) for color in colors}
    assert {COLORS[id_] for id_ in on_top} <= drawn


@needs_chromium
@pytest.mark.slow
def test_a_browser_shows_pins_pictures_clusters_and_lists_in_the_colours(folder, visit):
    def has_color(page, selector: str, id_: str) -> bool:
        red, green, blue = (int(COLORS[id_][at : at + 2], 16) for at in (1, 3, 5))
        ground = page.eval_on_selector(
            selector, "element => getComputedStyle(element).backgroundColor"
        )
        return ground == f"rgb({red}, {green}, {blue})"

    with serving(folder) as url:
        page = visit(f"{url}/map?layers=trails,shops,facilities&lang=en", viewport=DESK).page
        page.wait_for_selector(".pin")
        assert has_color(page, ".leaflet-pane .pin", "trails")
        line = page.eval_on_selector(".trail-line", "path => getComputedStyle(path).stroke")
        assert line == "rgb({}, {}, {})".format(*bytes.fromhex(COLORS["trails"][1:]))
        page.evaluate("map_main.setView([35.1502, 126.8505], 17, {animate: false})")
        page.wait_for_selector(".shop-onnuri", state="attached")
        assert has_color(page, ".shop-onnuri", "shops")
        page.wait_for_selector(".cluster", state="attached")
        assert has_color(page, ".cluster", "shops")
        page.wait_for_selector(".leaflet-pane .facility", state="attached")
        assert has_color(page, ".leaflet-pane .facility", "facilities")
