"""Links out of a city's folders are not followed, and nothing of what they name is shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner
from conftest import ROOT
from gpxtext import gpx

import mapserver
from mapserver.commands import cli
from mapserver.settings import Settings
from mapserver.web import create_app

SECRET = "root:x:0:0:비밀"  # noqa: S105 -- what must not be shown
AREA = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(126.8, 35.1, 126.9, 35.2)], crs=4326)
LINKED = [
    *("gpx/linked.gpx", "gpx/trails.csv", "gpx/walk.png", "layers/closures.csv"),
    *("layers/benefits.csv", "layers/catalog.toml", "layers/shops.csv", "layers/a.geojson"),
    *("layers/b.gpkg", "layers/c.parquet", "layers/d.zip", "layers/e.shp", "layers/f.osm"),
]


@pytest.fixture
def city(make_folder) -> Path:
    return make_folder({"gpx/walk.gpx": gpx(), "layers/districts.geojson": AREA})


@pytest.mark.parametrize("place", LINKED)
def test_a_link_out_of_the_folder_is_not_followed_and_said(city, place):
    outside = city.parent / f"outside{Path(place).suffix}"
    outside.write_text(f"{SECRET}\n1,2\n", "utf-8")
    (city / place).symlink_to(outside)
    opened = mapserver.open_city(city)
    assert [f.file for f in opened.findings if f.code == "link-outside"] == [place]
    assert "비밀" not in " ".join(map(str, opened.check()))
    assert set(opened.trails.index) == {"walk"}
    assert opened.districts is not None
    assert opened.photos == {}


def describe(city: mapserver.City) -> dict[str, object]:
    """Return what a city says, but for the link that is named in its findings."""
    return {
        "version": city.version,
        "title": city.catalog.title,
        "described": [entry.id for entry in city.catalog.layers],
        "features": {id_: frame["name"].to_dict() for id_, frame in city.layers.items()},
        "benefits": city.benefits,
        "photos": dict(city.photos),
        "findings": [str(found) for found in city.findings if found.code != "link-outside"],
    }


RIGHT = {
    "gpx/other.gpx": gpx().encode(),
    "gpx/Trails.csv": "id,name\nwalk,비밀\n".encode(),
    "gpx/walk.png": (ROOT / "mapserver/web/static/icons/icon-192.png").read_bytes(),
    "layers/benefits.csv": (ROOT / "layers/benefits.csv").read_bytes(),
    "layers/catalog.toml": 'title = "비밀"\n'.encode(),
    "layers/shops.csv": "id,name,lon,lat\ns,비밀,126.85,35.15\n".encode(),
    "layers/more.geojson": AREA.assign(name="비밀").to_json().encode(),
}


@pytest.mark.parametrize(("place", "content"), RIGHT.items(), ids=RIGHT)
def test_what_a_link_names_is_not_read_though_nothing_is_wrong_with_it(city, place, content):
    before = describe(mapserver.open_city(city))
    outside = city.parent / Path(place).name
    outside.write_bytes(content)
    (city / place).symlink_to(outside)
    opened = mapserver.open_city(city)
    assert [f.file for f in opened.findings if f.code == "link-outside"] == [place]
    assert describe(opened) == before
    # The same file in the folder is read: it is the link that keeps it out.
    (city / place).unlink()
    (city / place).write_bytes(content)
    assert describe(mapserver.open_city(city)) != before


@pytest.mark.parametrize("place", ["gpx/trails.csv", "layers/closures.csv"])
def test_a_linked_register_leaves_no_trail_open(city, place):
    (city.parent / "r.csv").write_text("id,status\nwalk,closed\n", "utf-8")
    (city / place).symlink_to(city.parent / "r.csv")
    states = mapserver.open_city(city).trails_on(mapserver.model.status.today())["state"]
    assert set(states) == {"unknown"}


@pytest.mark.parametrize("suffix", [".dbf", ".prj", ".cpg", ".shx"])
def test_a_part_of_a_shapefile_that_is_a_link_is_not_read(city, suffix):
    AREA.to_file(city / "layers" / "part.shp")
    part = city / "layers" / f"part{suffix}"
    part.unlink(missing_ok=True)
    (city.parent / "secret").write_text(SECRET, "utf-8")
    part.symlink_to(city.parent / "secret")
    opened = mapserver.open_city(city)
    findings = opened.check()
    assert "part" not in opened.layers
    assert "link-outside" in {finding.code for finding in findings}
    assert "비밀" not in " ".join(map(str, findings))


def test_a_folder_of_a_layer_that_is_a_link_is_not_followed(city):
    (city.parent / "elsewhere").mkdir()
    AREA.to_file(city.parent / "elsewhere" / "a.geojson")
    (city / "layers" / "deep").symlink_to(city.parent / "elsewhere")
    (city / "layers" / "catalog.toml").write_text(
        '[[layers]]\nid = "a"\nfile = "deep/a.geojson"\n', "utf-8"
    )
    opened = mapserver.open_city(city)
    assert "a" not in opened.layers
    assert [f.file for f in opened.findings if f.code == "link-outside"] == ["layers/deep"]


def test_links_within_a_folder_and_a_folder_that_is_one_are_followed(city):
    (city / "layers" / "data").mkdir()
    (city / "layers" / "districts.geojson").rename(city / "layers" / "data" / "v1.geojson")
    (city / "layers" / "districts.geojson").symlink_to(Path("data", "v1.geojson"))
    (city / "gpx").rename(city.parent / "shared")
    (city / "gpx").symlink_to(city.parent / "shared")
    opened = mapserver.open_city(city)
    assert len(opened.districts) == 1
    assert len(opened.trails) == 1
    assert {finding.code for finding in opened.findings} == set()


def test_a_ring_of_links_is_survived(city):
    (city / "gpx" / "a.gpx").symlink_to("b.gpx")
    (city / "gpx" / "b.gpx").symlink_to("a.gpx")
    assert len(mapserver.open_city(city).trails) == 1


def test_the_public_sees_nothing_of_a_file_that_was_not_read(city):
    (city / "layers" / "shops.csv").write_text(f"{SECRET},전화\nx,010-1234\n", "utf-8")
    (city / "gpx" / "trails.csv").write_text(f"{SECRET},b\n1,2\n", "utf-8")
    (city / "layers" / "a.geojson").write_text(f'{{"type": "{SECRET}"}}', "utf-8")
    (city / "layers" / "catalog.toml").write_text(f"title = {SECRET}", "utf-8")
    for lang in ("ko", "en"):
        page = create_app(Settings(city=city, tile_url="")).test_client().get(f"/?lang={lang}").text
        assert "layers/shops.csv" in page
        assert "비밀" not in page
    # Whoever looks after the folder is told what is in the way.
    answer = CliRunner().invoke(cli.main, ["check", "--city", str(city), "--lang", "en"])
    assert "비밀" in answer.output


STATES = {"gpx/trails.csv", "layers/closures.csv", "layers/inspections.csv"}


def make_folder_there(path: Path) -> None:
    path.mkdir()


def make_link_to_nothing(path: Path) -> None:
    path.symlink_to("gone.csv")


@pytest.mark.parametrize("make", [make_folder_there, make_link_to_nothing])
@pytest.mark.parametrize(
    "place",
    [*STATES, "layers/closures.geojson", "layers/benefits.csv"]
    + [f"layers/{id_}.csv" for id_ in ("soil", "rain", "requests", "programmes", "holidays")],
)
def test_what_has_the_name_of_a_file_and_is_none_is_said(city, place, make):
    make(city / place)
    opened = mapserver.open_city(city)
    (finding,) = [f for f in opened.findings if f.file == place]
    assert finding.code == "no-file"
    decides = place in {*STATES, "layers/closures.geojson"}
    state = opened.trails_on(dt.date(2026, 11, 27)).loc["walk", "state"]
    assert state == ("unknown" if decides else "open")


@pytest.mark.parametrize("is_link_out", [True, False])
def test_rain_that_is_no_file_matters_where_a_rule_closes(city, is_link_out):
    rule = '[rain.natural]\nmm = 30\nsource = "지침"\ncloses = true\n'
    (city / "layers" / "catalog.toml").write_text(rule, "utf-8")
    path = city / "layers" / "rain.csv"
    if is_link_out:
        path.symlink_to("/nowhere/rain.csv")
    else:
        path.mkdir()
    state = mapserver.open_city(city).trails_on(dt.date(2026, 11, 27)).loc["walk", "state"]
    assert state == "unknown"


@pytest.mark.parametrize("make", [make_folder_there, make_link_to_nothing])
def test_add_writes_nothing_over_what_is_no_file(city, tmp_path, make):
    make(city / "layers" / "inspections.csv")
    table = tmp_path / "new.csv"
    table.write_text("trail_id,checked_on,grade\nwalk,2026-11-20,양호\n", "utf-8")
    words = ["add", str(table), "--as", "inspections", "--city", str(city), "--lang", "en"]
    done = CliRunner().invoke(cli.main, words)
    assert done.exit_code == 1
    assert "layers/inspections.csv: this is no file of the folder" in done.stderr
    assert not (city / "layers" / "inspections.csv").is_file()
