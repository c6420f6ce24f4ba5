"""``mapserver add`` loses nothing: what is written is counted, and the rest is named."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from gpxtext import gpx, track
from test_add import add, squares, state

from mapserver import open_city

CENTRE = shapely.Point(126.855, 35.145)
LINE = shapely.LineString([(126.85, 35.14), (126.86, 35.15)])
SQUARE = shapely.box(126.85, 35.14, 126.86, 35.15)
CATALOG = """
[[layers]]
id = "districts"
file = "districts.geojson"
role = "districts"
title = "상점가"
style = { color = "#123456" } # ours
source = "서구청 경제과"
licence = "CC0-1.0"
"""


def frame(*geometries, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": [f"n{i}" for i in range(len(geometries))], **columns},
        geometry=list(geometries),
        crs=4326,
    )


@pytest.fixture
def cases(test_data) -> Path:
    return test_data / "cases" / "layers"


@pytest.fixture
def city(make_folder) -> Path:
    """A city with districts and a trail, described by a catalogue."""
    return make_folder(
        {
            "layers/districts.geojson": squares(3, code=["011", "012", "013"]),
            "layers/catalog.toml": CATALOG,
            "gpx/old.gpx": gpx(track([(126.85, 35.14), (126.851, 35.14)], name="옛길")),
        }
    )


# -- nothing is replaced by nothing --------------------------------------------------------------

UNUSABLE = {
    "a table without a row": ("name,lon,lat\n", "empty.csv"),
    "an empty file": ("", "empty.csv"),
    "words for coordinates": ("name,lon,lat\n가,동쪽,북쪽\n나,동,북\n", "words.csv"),
    "geometries that are null": (
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "properties": {"name": "가"}, "geometry": None},
                    {"type": "Feature", "properties": {"name": "나"}, "geometry": None},
                ],
            }
        ),
        "null.geojson",
    ),
    "no features": ('{"type": "FeatureCollection", "features": []}', "none.geojson"),
    "lines": (frame(LINE).to_json(), "lines.geojson"),
    "points": (frame(CENTRE).to_json(), "points.geojson"),
}


@pytest.mark.parametrize("role", ["districts", "neighborhoods", "layer"])
@pytest.mark.parametrize("kind", UNUSABLE)
def test_replacing_by_nothing_changes_nothing(city, tmp_path, kind, role):
    if role == "layer" and kind in {"lines", "points"}:
        pytest.skip("a layer takes every kind")
    text, name = UNUSABLE[kind]
    (tmp_path / name).write_text(text, "utf-8")
    before = state(city)
    answer = add(
        city, tmp_path / name, "--as", role, "--layer-id", "districts", "--replace", "--anyway"
    )
    assert answer.exit_code == 1
    assert len(answer.stderr.strip().splitlines()) == 1, answer.output
    assert name in answer.stderr
    assert state(city) == before


def test_a_case_that_cannot_be_read_replaces_nothing(cases, tmp_path):
    city = tmp_path / "city"
    assert add(city, cases / "plain.xlsx", "--as", "shops").exit_code == 0
    before = state(city)
    (tmp_path / "bad.csv").write_text("상호명,경도,위도\n가,?,?\n", "utf-8")
    assert add(city, tmp_path / "bad.csv", "--as", "shops", "--replace").exit_code == 1
    assert state(city) == before
    answer = add(city, cases / "dms.csv", "--as", "shops", "--replace", "--anyway")
    if answer.exit_code:
        assert state(city) == before
    assert len(open_city(city).shops) == 2


# -- the count is what was written ---------------------------------------------------------------


def test_of_a_mixed_layer_the_lines_become_trails_and_the_rest_is_named(cases, tmp_path):
    answer = add(tmp_path / "city", cases / "mixed.geojson", "--as", "trails")
    assert answer.exit_code == 0
    assert "1 feature added" in answer.output
    for row, kind in (("(면)", "polygons"), ("(점)", "points"), ("(없음)", "without a geometry")):
        line = next(line for line in answer.output.splitlines() if row in line)
        assert kind in line
        assert "left out" in line
    assert len(open_city(tmp_path / "city").trails) == 1


@pytest.mark.parametrize(
    ("role", "taken"), [("districts", "면"), ("shops", "점"), ("trails", "선"), ("zones", "면")]
)
def test_each_role_takes_its_own_kind_of_geometry(tmp_path, role, taken):
    mixed = frame(SQUARE, CENTRE, LINE, 이름=["면", "점", "선"]).drop(columns="name")
    mixed.to_file(tmp_path / "mixed.geojson")
    answer = add(tmp_path / "city", tmp_path / "mixed.geojson", "--as", role)
    assert answer.exit_code == 0, answer.output
    assert "1 feature added" in answer.output
    assert list(open_city(tmp_path / "city").layers[role]["name"]) == [taken]
    others = {"면", "점", "선"} - {taken}
    assert all(f"({name})" in answer.output for name in others)


def test_a_row_without_a_geometry_stays_in_a_layer_of_areas(tmp_path):
    frame(SQUARE, None).to_file(tmp_path / "d.geojson")
    answer = add(tmp_path / "city", tmp_path / "d.geojson", "--as", "districts")
    assert "2 features added" in answer.output
    assert len(open_city(tmp_path / "city").districts) == 2


def test_of_a_collection_the_parts_of_the_kind_are_taken(tmp_path):
    both = shapely.GeometryCollection([SQUARE, LINE, shapely.MultiPoint([CENTRE])])
    frame(both, LINE).to_file(tmp_path / "c.gpkg")
    answer = add(tmp_path / "city", tmp_path / "c.gpkg", "--as", "districts")
    assert answer.exit_code == 0, answer.output
    (shape,) = open_city(tmp_path / "city").districts.geometry
    assert shape.equals(SQUARE)
    assert "parts of another kind: 2" in answer.output


def test_points_in_one_geometry_are_read_as_points(cases, tmp_path):
    assert add(tmp_path / "1", cases / "mpshops.gpkg", "--as", "shops").exit_code == 0
    assert set(open_city(tmp_path / "1").shops.geom_type) == {"Point"}
    several = shapely.MultiPoint([(126.85, 35.14), (126.86, 35.15)])
    frame(several, shapely.MultiPoint([(126.87, 35.14)]), CENTRE).to_file(tmp_path / "m.gpkg")
    answer = add(tmp_path / "2", tmp_path / "m.gpkg", "--as", "shops")
    assert "4 features added" in answer.output
    shops = open_city(tmp_path / "2").shops
    assert list(shops["name"]) == ["n0", "n0", "n1", "n2"]
    assert set(shops.geom_type) == {"Point"}
    assert "each is a row of its own: 1-1 to 1-2" in answer.output


def test_rows_of_a_table_without_coordinates_are_counted_as_left_out(tmp_path):
    rows = "name,lon,lat\n가,126.85,35.14\n나,,\n다,동쪽,35.15\n라,200,35.15\n"
    (tmp_path / "t.csv").write_text(rows, "utf-8")
    answer = add(tmp_path / "city", tmp_path / "t.csv", "--as", "shops")
    assert "1 feature added" in answer.output
    first = next(line for line in answer.output.splitlines() if line.startswith("t.csv"))
    assert first.split()[1:3] == ["1", "3"]


# -- one layer of several ------------------------------------------------------------------------


def test_a_zip_of_two_layers_is_asked_about(cases, tmp_path):
    asked = add(tmp_path / "city", cases / "two.zip", "--as", "neighborhoods")
    assert asked.exit_code == 1
    assert "--layer: a, b" in asked.stderr
    assert not (tmp_path / "city").exists()
    words = (cases / "two.zip", "--as", "neighborhoods", "--layer")
    none = add(tmp_path / "city", *words, "c")
    assert none.exit_code == 1
    assert "no layer 'c'" in none.stderr
    assert "--layer: a, b" in none.stderr
    assert add(tmp_path / "city", *words, "b").exit_code == 0
    assert list(open_city(tmp_path / "city").neighborhoods["name"]) == ["A", "B"]


@pytest.mark.slow
def test_a_folder_of_two_layers_is_asked_about(tmp_path):
    folder = tmp_path / "boundaries"
    folder.mkdir()
    squares(2).to_file(folder / "동.shp", encoding="utf-8")
    squares(3, 인구=[1, 2, 3]).to_file(folder / "구.gpkg")
    words = (folder, "--as", "neighborhoods")
    asked = add(tmp_path / "city", *words)
    assert asked.exit_code == 1
    assert "구, 동" in asked.stderr
    for layer, count in (("동", 2), ("동.SHP", 2), ("구", 3)):
        city = tmp_path / layer
        assert add(city, *words, "--layer", layer).exit_code == 0
        assert len(open_city(city).neighborhoods) == count


def test_one_layer_in_parts_is_put_together(tmp_path):
    folder = tmp_path / "dongs"
    folder.mkdir()
    every = squares(3, EMD_CD=["1", "2", "3"])
    for n in range(3):
        every.iloc[[n]].to_file(folder / f"dong-{n}.geojson")
    answer = add(tmp_path / "city", folder, "--as", "neighborhoods")
    assert answer.exit_code == 0, answer.output
    assert "3 files with the same columns are taken as one layer" in answer.output
    assert list(open_city(tmp_path / "city").neighborhoods.index) == ["1", "2", "3"]


def test_two_versions_of_one_layer_are_not_put_together(tmp_path):
    folder = tmp_path / "dongs"
    folder.mkdir()
    squares(2, EMD_CD=["1", "2"]).to_file(folder / "2025.geojson")
    moved = squares(2, EMD_CD=["1", "2"])
    moved.assign(geometry=moved.translate(0.001)).to_file(folder / "2026.geojson")
    asked = add(tmp_path / "city", folder, "--as", "neighborhoods")
    assert asked.exit_code == 1
    assert "--layer: 2025, 2026" in asked.stderr


def test_a_layer_that_a_single_file_does_not_have_is_an_error(tmp_path):
    squares(2).to_file(tmp_path / "d.geojson")
    answer = add(tmp_path / "c", tmp_path / "d.geojson", "--as", "districts", "--layer", "x")
    assert answer.exit_code == 1
    assert "no layer 'x'" in answer.stderr


# -- the CRS that is named counts ----------------------------------------------------------------

BESSEL = (
    'PROJCS["x",GEOGCS["y",DATUM["z",SPHEROID["Bessel 1841",6377397.155,299.1528128]],'
    'PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",200000],PARAMETER["False_Northing",500000],'
    'PARAMETER["Central_Meridian",127],PARAMETER["Scale_Factor",1],'
    'PARAMETER["Latitude_Of_Origin",38],UNIT["Meter",1]]'
)


@pytest.mark.parametrize("prj", [BESSEL, "no projection at all", ""])
@pytest.mark.parametrize("zipped", [False, True])
def test_the_crs_that_is_named_overrides_a_prj_that_cannot_be_used(tmp_path, prj, zipped):
    true = squares(2)
    true.to_crs(5174).to_file(tmp_path / "d.shp", encoding="utf-8")
    (tmp_path / "d.prj").write_text(prj)
    file = tmp_path / "d.shp"
    if zipped:
        file = tmp_path / "d.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for part in tmp_path.glob("d.*"):
                if part.suffix != ".zip":
                    archive.write(part, f"안/{part.name}")
    refused = add(tmp_path / "city", file, "--as", "districts")
    assert refused.exit_code == 1
    assert "--crs" in refused.stderr
    answer = add(tmp_path / "city", file, "--as", "districts", "--crs", "EPSG:5174")
    assert answer.exit_code == 0, answer.output
    shapes = open_city(tmp_path / "city").districts.geometry
    assert np.allclose(shapes.total_bounds, true.total_bounds, atol=1e-6)


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".parquet", ".geojson"])
def test_the_crs_that_is_named_overrides_a_wrong_one(tmp_path, suffix):
    true = squares(2)
    wrong = true.to_crs(5186).set_crs(5181, allow_override=True)
    path = tmp_path / f"d{suffix}"
    wrong.to_parquet(path) if suffix == ".parquet" else wrong.to_file(path)
    answer = add(tmp_path / "city", path, "--as", "districts", "--crs", "EPSG:5186")
    assert answer.exit_code == 0, answer.output
    assert "the file says EPSG:5181; it is read as EPSG:5186" in answer.output
    shapes = open_city(tmp_path / "city").districts.geometry
    assert np.allclose(shapes.total_bounds, true.total_bounds, atol=1e-6)
