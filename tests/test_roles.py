"""A role is one row: whoever adds one has it in every command, page and file."""

from __future__ import annotations

import datetime as dt
import pickle
import re
from pathlib import Path

import geopandas as gpd
import nbformat
import pytest
import shapely
from click.testing import CliRunner

import mapserver
from mapserver import figures
from mapserver.commands.cli import main
from mapserver.errors import CatalogError
from mapserver.model import (
    ROLES,
    Role,
    RoleRow,
    Title,
    derive_catalog,
    find_role,
    parse_catalog,
    register_role,
    restored_roles,
)
from mapserver.settings import Settings
from mapserver.web import create_app, write_site
from mapserver.writers import Format

WEST, SOUTH = 126.85, 35.15
PARKS = gpd.GeoDataFrame(
    {"parkcode": ["p1", "p2"], "name": ["솔숲공원", "강변공원"]},
    geometry=[
        shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01),
        shapely.box(WEST + 0.02, SOUTH, WEST + 0.03, SOUTH + 0.01),
    ],
    crs=4326,
)
STOPS = gpd.GeoDataFrame(
    {"stop_no": ["s1", "s2"], "name": ["솔숲입구", "강변역"], "운행노선": ["7", "1"]},
    geometry=[shapely.Point(WEST + 0.005, SOUTH - 0.001), shapely.Point(WEST + 0.025, SOUTH)],
    crs=4326,
)
PARK_ROW = RoleRow(
    noun="park",
    title=Title("도시공원", "City parks"),
    dimension=2,
    id_columns=("parkcode",),
    names="required",
    may_overlap=False,
    names_neighborhood=True,
    has_pages=True,
    is_listed=True,
    is_findable=True,
    color="#2f7d32",
    line_width_px=1.5,
    fill_opacity=0.4,
    is_shown=True,
    label_scale=33_000,
)
STOP_ROW = RoleRow(
    noun="kiosk",
    title=Title("정류장", "Bus stops"),
    dimension=0,
    id_columns=("stop_no",),
    known_columns={"routes": ("운행노선",)},
    color="#123456",
    swatch="circle",
    point_mm=3.5,
)


@pytest.fixture
def made_up_roles():
    """Two roles that the program does not have: all that a new one takes are these two lines."""
    with restored_roles():
        yield register_role("parks", PARK_ROW), register_role("kiosks", STOP_ROW)


def run(*words: object, city: Path) -> str:
    words = (*words, "--city", city, "--lang", "en")
    answer = CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.fixture
def folder(made_up_roles, tmp_path: Path) -> Path:  # noqa: ARG001 -- registered meanwhile
    """A city to which files of both roles were added by the command, as planners hold them."""
    PARKS.to_file(tmp_path / "city-parks.gpkg")
    STOPS.to_file(tmp_path / "bus-stops.geojson")
    city = tmp_path / "city"
    run("add", tmp_path / "city-parks.gpkg", "--as", "parks", city=city)
    run("add", tmp_path / "bus-stops.geojson", "--as", "kiosks", city=city)
    return city


def test_add_reads_ids_columns_and_titles_by_the_row(folder):
    city = mapserver.open_city(folder)
    assert list(city.layers["parks"].index) == ["p1", "p2"]
    assert list(city.layers["kiosks"].index) == ["s1", "s2"]
    assert list(city.layers["kiosks"]["routes"]) == ["7", "1"]
    assert city.entry("parks").title == Title("도시공원", "City parks")
    assert city.entry("parks").role is find_role("parks")
    assert 'role = "parks"' in (folder / "layers" / "catalog.toml").read_text("utf-8")


def test_add_leaves_out_geometries_of_another_kind(folder, tmp_path):
    STOPS.to_file(tmp_path / "points.geojson")
    words = ["add", tmp_path / "points.geojson", "--as", "parks", "--replace", "--city", folder]
    answer = CliRunner().invoke(main, [*map(str, words), "--lang", "en"])
    assert answer.exit_code == 1
    assert "polygon" in answer.output


@pytest.mark.usefixtures("made_up_roles")
def test_a_file_with_the_name_of_a_role_has_it_and_keeps_the_order(make_folder):
    layers = make_folder({"layers/kiosks.geojson": STOPS, "layers/parks.geojson": PARKS}) / "layers"
    roles = [entry.role for entry in derive_catalog(layers).layers]
    assert roles == ["parks", "kiosks", "trails", "facilities"]


@pytest.mark.usefixtures("made_up_roles")
def test_check_examines_what_the_row_asks_for(make_city):
    overlapping = PARKS.assign(name=["솔숲공원", None])
    overlapping.geometry = [PARKS.geometry[0], PARKS.geometry[0].buffer(0.001)]
    findings = make_city(
        {"layers/parks.geojson": overlapping, "layers/kiosks.geojson": PARKS}
    ).check()
    codes = {(finding.file, finding.code) for finding in findings}
    assert ("layers/parks.geojson", "parks-overlap") in codes
    assert ("layers/parks.geojson", "name-missing") in codes
    assert ("layers/kiosks.geojson", "geometry-kind") in codes
    assert ("layers/kiosks.geojson", "name-missing") not in codes


def test_check_command_finds_nothing_amiss_and_names_the_layers(folder):
    assert "City parks" in run("check", city=folder)


@pytest.mark.parametrize(
    ("lang", "titles"), [("ko", ["도시공원", "정류장"]), ("en", ["City parks", "Bus stops"])]
)
def test_pages_and_map_show_the_layers_in_both_languages(folder, lang, titles):
    client = create_app(Settings(city=folder)).test_client()
    page = client.get(f"/?lang={lang}").text
    script = client.get(re.search(r'[^"]*map-[^"]*\.js', page)[0]).text
    for title in titles:
        assert title in page  # its source, and what leads to its list
    assert f"{titles[0]} 2" in page  # the menu
    assert "솔숲공원" in script
    assert '"color":"#2f7d32"' in script
    assert '"weight":1.5' in script
    assert "#123456" in script
    for collection in ("parks", "kiosks"):
        items = client.get(f"/api/collections/{collection}/items").get_json()
        assert items["numberMatched"] == 2
    assert client.get("/api/nearest?lon=126.85&lat=35.15&collection=kiosks").status_code == 200


@pytest.mark.parametrize(("lang", "title"), [("ko", "도시공원"), ("en", "City parks")])
def test_a_role_with_pages_has_a_list_and_a_page_for_each_feature(folder, lang, title):
    client = create_app(Settings(city=folder)).test_client()
    front = client.get(f"/?lang={lang}").text
    assert f"parks/?lang={lang}" in front  # in the header
    script = client.get(re.search(r'[^"]*map-[^"]*\.js', front)[0]).text
    assert script.count('"hasPages":true,"isFindable":true') == 1  # parks; stops are neither
    pages = [client.get(f"/parks/?lang={lang}").text, client.get(f"/parks/p1?lang={lang}").text]
    assert f"<h1>{title}</h1>" in pages[0]
    assert f'href="../parks/p1?lang={lang}"' in pages[0]
    assert "솔숲공원" in pages[0]
    assert re.search("<h1[^>]*>(<bdi[^>]*>)?솔숲공원", pages[1])
    assert 'data-focus-layer="parks" data-focus-id="p1"' in pages[1]
    answer = client.get("/oembed?url=http://localhost/parks/p1").get_json()
    assert answer["title"] == "솔숲공원"
    for address in ("/parks/no-such", "/kiosks/", "/kiosks/s1", "/parks"):
        assert client.get(address).status_code in {404, 308}, address
    one_file = client.get(f"/map.html?lang={lang}").text
    assert "<h2>" + title in one_file


def test_the_static_site_has_the_pages_of_the_role(folder, tmp_path):
    settings = Settings(city=folder, tile_url="")
    write_site(settings, tmp_path / "www", day=dt.date(2026, 11, 26))
    for name in ("parks/index.html", "parks/p1.html", "en/parks/p2.html"):
        assert "공원" in (tmp_path / "www" / name).read_text("utf-8"), name
    assert 'href="p1.html"' in (tmp_path / "www/parks/index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("lang", "parks", "stops"), [("ko", "도시공원", "정류장"), ("en", "City parks", "Bus stops")]
)
def test_figures_draw_the_layers_by_their_roles(folder, lang, parks, stops):
    city = mapserver.open_city(folder)
    # What the first page lists is drawn by default; the rest by its id.
    assert parks in " ".join(figures.area_map(city, title="t", lang=lang).words())
    areas = figures.area_map(city, layer="parks", title="t", on_top=["kiosks"], lang=lang)
    assert "솔숲공원" in " ".join(areas.words())
    assert stops in " ".join(areas.words())


CELLS = """
from mapserver.model import RoleRow, Title, register_role
register_role("parks", RoleRow(title=Title("도시공원", "City parks"), dimension=2, is_listed=True,
                               is_shown=True, color="#2f7d32"))
register_role("kiosks", RoleRow(title=Title("정류장", "Bus stops"), dimension=0))
import mapserver
city = mapserver.open_city(CITY)
keep(city.layers["parks"], OUT, "parks")
"""


@pytest.mark.slow  # a notebook runs in a kernel of its own
def test_a_report_has_tables_figures_and_maps_of_the_layers(folder, tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell("# 공원\n### Parks"),
        nbformat.v4.new_code_cell('CITY = "."\nOUT = ""', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(f"from mapserver.tables import keep\n{CELLS}"),
        nbformat.v4.new_code_cell('mapserver.figures.area_map(city, title="공원 지도")'),
        nbformat.v4.new_code_cell("city.map()"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "parks.ipynb")
    run("report", tmp_path / "parks.ipynb", "--out", tmp_path / "out", city=folder)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "도시공원" in page  # the legend of the figure, whose texts are texts
    assert "#2f7d32" in page  # on the map
    assert "솔숲공원" in next((tmp_path / "out").rglob("parks.csv")).read_text("utf-8")


@pytest.mark.parametrize("chosen", list(Format))
def test_every_format_of_export_takes_the_layers(folder, tmp_path, chosen):
    layer = "kiosks" if chosen is Format.GPX else "parks"  # GPX has no polygons
    out = tmp_path / "out" / f"made.{chosen}"
    out.parent.mkdir()
    run("export", out, "--layer", layer, "--format", chosen, city=folder)
    assert list(out.parent.iterdir())


def test_styles_for_qgis_take_sizes_and_scales_of_the_row(folder, tmp_path):
    run("export", tmp_path / "made.gpkg", city=folder)
    styles = gpd.read_file(tmp_path / "made.gpkg", layer="layer_styles", ignore_geometry=True)
    qml = dict(zip(styles["f_table_name"], styles["styleQML"], strict=True))
    assert 'scaleMax="33000"' in qml["parks"]
    assert 'value="3.5"' in qml["kiosks"]


def test_nearest_join_and_locate_answer_by_the_new_layers(folder):
    city = mapserver.open_city(folder)
    place = gpd.GeoDataFrame(geometry=[shapely.Point(WEST + 0.005, SOUTH + 0.005)], crs=4326)
    assert list(city.nearest(place, layer="kiosks")["kiosk_id"]) == ["s1"]
    joined = city.join(place, layer="parks")
    assert list(joined["park_id"]) == ["p1"]
    assert list(joined["park_name"]) == ["솔숲공원"]
    assert city.locate(WEST + 0.005, SOUTH + 0.005).districts == ()  # a park is no district
    assert "parks" not in run("locate", WEST + 0.005, SOUTH + 0.005, city=folder)
    assert "Not in this city: Shops" in city.lacks("shops", "parks", lang="en")


def test_catalogue_refuses_a_role_that_nobody_registered():
    text = '[[layers]]\nid = "a"\nfile = "a.geojson"\nrole = "parks"\n'
    with pytest.raises(CatalogError) as refusal:
        parse_catalog(text)
    assert str(refusal.value) == (
        "layers/catalog.toml, layer 'a': role: 'parks' is not possible. Use one of: "
        "green, water, buildings, roads, "
        "neighborhoods, zones, districts, trails, facilities, shops, services, "
        "stops, parking, toilets, layer"
    )


def test_a_role_is_text_and_stays_itself_on_its_way_to_another_process():
    assert f"{Role.TRAILS}" == Role.TRAILS == "trails"
    assert {Role.TRAILS: 1}["trails"] == 1
    assert pickle.loads(pickle.dumps(Role.TRAILS)) is Role.TRAILS  # noqa: S301 -- our own
    with pytest.raises(AttributeError):
        Role.TRAILS.row = RoleRow()
    with pytest.raises(ValueError, match="no role 'parks'"):
        find_role("parks")


def test_registered_roles_are_gone_after_the_block():
    before = list(ROLES)
    with restored_roles():
        register_role("parks", PARK_ROW, above="zones")
        assert list(ROLES)[4:7] == ["neighborhoods", "zones", "parks"]
        with pytest.raises(ValueError, match="already"):
            register_role("parks", PARK_ROW)
    assert list(ROLES) == before
