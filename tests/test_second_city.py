"""Another city, from real boundaries and five trails: everything works without a line of code.

The notebooks run on such a city in ``test_notebooks``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from browsing import DESK, needs_chromium, serving
from click.testing import CliRunner
from gpxtext import gpx, track

import mapserver
from mapserver.commands.cli import main
from mapserver.drawing import choropleth
from mapserver.settings import Settings
from mapserver.web import create_app

PATHS = {
    "dong-gu": (126.95, 35.14),
    "seo-gu": (126.86, 35.13),
    "nam-gu": (126.86, 35.09),
    "buk-gu": (126.91, 35.20),
    "gwangsan-gu": (126.79, 35.17),
}


def add(city: Path, *words: object) -> str:
    answer = CliRunner().invoke(
        main, ["add", "--city", str(city), "--lang", "en", *map(str, words)]
    )
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.fixture(scope="module")
def second(test_data, tmp_path_factory) -> Path:
    """Gwangju with its five districts as the neighbourhoods, and Seo-gu's dongs as districts.

    Made as a planner makes one: with the command, from files as offices hold them.
    """
    made, folder = tmp_path_factory.mktemp("walks"), tmp_path_factory.mktemp("city") / "gwangju"
    for name, (lon, lat) in PATHS.items():
        turn = np.linspace(0, 2 * np.pi, 60)
        points = [(lon + 0.001 * np.cos(t), lat + 0.0008 * np.sin(t)) for t in turn]
        text = gpx(track([(round(x, 6), round(y, 6)) for x, y in points], name=name))
        (made / f"{name}.gpx").write_text(text, "utf-8")
    add(folder, test_data / "gwangju_gu.geojson", "--as", "neighborhoods")
    add(folder, test_data / "shp_5186_cp949_nocpg", "--as", "districts")
    add(folder, test_data / "shops_sample_cp949.csv", "--as", "shops")
    add(folder, made, "--as", "trails")
    add(folder, test_data / "seogu_dong_5179.gpkg", "--as", "layer")
    add(folder, test_data / "shp_noprj", "--as", "layer", "--crs", "EPSG:5181")
    return folder


@pytest.mark.slow
def test_it_opens_and_answers(second):
    city = mapserver.open_city(second)
    assert len(city.trails) == len(PATHS)
    assert set(city.neighborhoods["name"]) == {"동구", "서구", "남구", "북구", "광산구"}
    assert len(city.districts) == 18
    for name, (lon, lat) in PATHS.items():
        nearest = city.nearest_trails(lon, lat)
        assert nearest.index[0] == name
        assert nearest["distance_m"].iloc[0] == pytest.approx(88, abs=5)
    place = city.locate(126.8446, 35.1519)
    assert (place.neighborhood.name, [d.name for d in place.districts]) == ("서구", ["치평동"])
    joined = city.join(city.shops, layer="districts")
    assert joined["district_name"].value_counts().idxmax() in {"치평동", "풍암동"}


@pytest.mark.slow
def test_check_finds_its_faults_and_no_errors_of_its_own(second):
    answer = CliRunner().invoke(main, ["check", "--city", str(second), "--format", "json"])
    report = json.loads(answer.stdout)
    # The rows with impossible coordinates were left out, and told, when they were added.
    assert answer.exit_code == 0
    found = [
        (finding["file"], finding["severity"], finding["what"]) for finding in report["findings"]
    ]
    assert not [each for each in found if each[1] == "error"]
    assert any(file == "layers/shops.gpkg" and "from the rest" in what for file, _, what in found)


@pytest.mark.slow
def test_it_is_served(second):
    client = create_app(Settings(city=second, tile_url="")).test_client()
    page = client.get("/?lang=en").text
    assert all(name in page for name in PATHS)
    assert client.get("/map").status_code == 200
    found = json.loads(client.get("/api/nearest?lon=126.95&lat=35.14&limit=5").data)
    assert found["features"][0]["id"] == "dong-gu"
    assert found["numberReturned"] == len(PATHS)


@pytest.mark.slow
def test_the_board_says_what_is_known_and_adds_up(second):
    city = mapserver.open_city(second)
    client = create_app(Settings(city=second, tile_url="")).test_client()
    board = client.get("/board?lang=en").text
    tiles = re.findall(r'<li><strong class="num">(.*?)</strong><span>(.*?)</span>', board)
    # Nobody said which shops are members: that is not "none", and no rate can be given.
    assert {label: value for value, label in tiles} == {
        "Shops": "494",
        "Taking Onnuri": "–",
        "Membership rate": "–",
        "Associations": "–",
        "Shopping districts": "18",
    }
    assert "0.0%" not in board
    # No district names its neighbourhood; where it lies says it.
    table = board.partition("By neighborhood</h2>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]
    last = [re.findall(r"<td>(.*?)</td>", row)[-1] for row in rows]
    assert sorted(map(int, last)) == [0, 0, 0, 0, 18]
    assert choropleth.MEASURES["districts"].values(city).sum() == len(city.districts)
    one = city.districts.index[0]
    for page in (f"/districts/{one}?lang=en", "/districts/?lang=en", f"/districts/{one}?lang=ko"):
        said = client.get(page).text
        assert "Takes Onnuri" not in said
        assert "Taking Onnuri" not in said
        assert "take Onnuri certificates" not in said


@pytest.mark.notebooks
def test_a_report_and_an_export_come_out_of_it(second, tmp_path):
    command = ["report", "01", "--city", str(second), "--out", str(tmp_path / "report")]
    answer = CliRunner().invoke(main, command)
    assert answer.exit_code == 0, answer.output
    trails = pd.read_csv(tmp_path / "report/tables/trails.csv")
    city = mapserver.open_city(second)
    assert trails["length_m"].sum() == pytest.approx(city.trails["length_m"].sum(), abs=0.5)
    out = tmp_path / "shp"
    command = ["export", str(out), "--city", str(second), "--format", "shp"]
    answer = CliRunner().invoke(main, [*command, "--crs", "EPSG:5186", "--encoding", "cp949"])
    assert answer.exit_code == 0, answer.output
    back = gpd.read_file(out / "districts.shp")
    assert back.crs.to_epsg() == 5186
    assert set(back["name"]) == set(city.districts["name"])
    add(tmp_path / "again", out / "districts.shp", "--as", "neighborhoods")
    assert set(mapserver.open_city(tmp_path / "again").neighborhoods["name"]) == set(back["name"])


@needs_chromium
def test_it_is_seen(second, visit):
    with serving(second) as url:
        page = visit(url, DESK).page
        assert page.locator(".drawn-trails").count() >= len(PATHS)
        assert page.locator(".drawn-districts").count() >= 18


@pytest.mark.slow
def test_the_real_trails_of_seoul_as_a_city(test_data, tmp_path):
    add(tmp_path / "seoul", test_data / "kr_trail_seoul", "--as", "trails")
    city = mapserver.open_city(tmp_path / "seoul")
    assert len(city.trails) == 79
    lines = gpd.read_file(test_data / "kr_trail_seoul/DoDreamWay01_L_W.shp")
    assert city.trails.length_m.sum() == pytest.approx(156_800, abs=100)
    west, south, east, north = lines.total_bounds
    assert (
        city.nearest_trails((west + east) / 2, (south + north) / 2)["distance_m"].iloc[0] < 30_000
    )
