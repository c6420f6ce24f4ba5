"""Another city, from real boundaries and five trails: everything works without a line of code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from browsing import DESK, needs_chromium, serving
from click.testing import CliRunner
from gpxtext import gpx, track

import mapserver
from mapserver.cli import main
from mapserver.settings import Settings
from mapserver.web import create_app

PATHS = {
    "dong-gu": (126.95, 35.14),
    "seo-gu": (126.86, 35.13),
    "nam-gu": (126.86, 35.09),
    "buk-gu": (126.91, 35.20),
    "gwangsan-gu": (126.79, 35.17),
}


@pytest.fixture(scope="module")
def second(test_data, tmp_path_factory) -> Path:
    """Gwangju with its five districts as the neighbourhoods, and Seo-gu's dongs as districts."""
    folder = tmp_path_factory.mktemp("gwangju")
    (folder / "gpx").mkdir()
    (folder / "layers").mkdir()
    for name, (lon, lat) in PATHS.items():
        turn = np.linspace(0, 2 * np.pi, 60)
        points = [(lon + 0.001 * np.cos(t), lat + 0.0008 * np.sin(t)) for t in turn]
        text = gpx(track([(round(x, 6), round(y, 6)) for x, y in points], name=name))
        (folder / "gpx" / f"{name}.gpx").write_text(text, "utf-8")
    shutil.copy(test_data / "gwangju_gu.geojson", folder / "layers" / "neighborhoods.geojson")
    for part in (test_data / "shp_5186_cp949_nocpg").iterdir():
        shutil.copy(part, folder / "layers" / f"districts{part.suffix}")
    shutil.copy(test_data / "shops_sample_cp949.csv", folder / "layers" / "shops.csv")
    return folder


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


def test_check_finds_its_faults_and_no_errors_of_its_own(second):
    answer = CliRunner().invoke(main, ["check", "--city", str(second), "--format", "json"])
    report = json.loads(answer.stdout)
    assert answer.exit_code == 1  # two shops have impossible coordinates
    errors = {finding["file"] for finding in report["findings"] if finding["severity"] == "error"}
    assert errors == {"layers/shops.csv"}
    assert any("outside" in finding["what"] for finding in report["findings"])


def test_it_is_served(second):
    client = create_app(Settings(city=second, tile_url="")).test_client()
    page = client.get("/?lang=en").text
    assert all(name in page for name in PATHS)
    assert client.get("/map").status_code == 200
    found = json.loads(client.get("/api/nearest?lon=126.95&lat=35.14&limit=5").data)
    assert found["features"][0]["id"] == "dong-gu"
    assert found["numberReturned"] == len(PATHS)


@needs_chromium
def test_it_is_seen(second, visit):
    with serving(second) as url:
        page = visit(url, DESK).page
        assert page.locator(".drawn-trails").count() >= len(PATHS)
        assert page.locator(".drawn-districts").count() >= 18


def test_the_real_trails_of_seoul_as_a_city(test_data, tmp_path):
    (tmp_path / "layers").mkdir()
    for part in (test_data / "kr_trail_seoul").iterdir():
        shutil.copy(part, tmp_path / "layers" / f"trails{part.suffix}")
    city = mapserver.open_city(tmp_path)
    assert len(city.trails) == 79
    lines = gpd.read_file(tmp_path / "layers" / "trails.shp")
    assert city.trails.length_m.sum() == pytest.approx(156_800, abs=100)
    west, south, east, north = lines.total_bounds
    assert (
        city.nearest_trails((west + east) / 2, (south + north) / 2)["distance_m"].iloc[0] < 30_000
    )
