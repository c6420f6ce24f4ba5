"""``mapserver add``: what planners hold becomes part of a city, whole or not at all."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from gpxtext import gpx, track
from pyproj import Geod
from test_gpx import OUT_OF_RANGE

from mapserver import open_city
from mapserver.commands.cli import main
from mapserver.importing import trailfiles
from mapserver.importing.trailfiles import make_trail_id

GEOD = Geod(ellps="WGS84")
SQUARE = shapely.box(126.85, 35.14, 126.86, 35.15)


def add(city: Path, *words: object):
    """Run the command on a city."""
    return CliRunner().invoke(main, ["add", "--city", str(city), "--lang", "en", *map(str, words)])


def state(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def squares(n: int = 2, **columns) -> gpd.GeoDataFrame:
    shapes = [shapely.box(126.85 + i / 100, 35.14, 126.855 + i / 100, 35.15) for i in range(n)]
    return gpd.GeoDataFrame(
        {"이름": [f"구역 {i}" for i in range(n)], **columns}, geometry=shapes, crs=4326
    )


# -- what Korean offices hold -------------------------------------------------------------------


NEIGHBORHOOD_FILES = {
    "cp949 without .cpg, EPSG:5186": ("shp_5186_cp949_nocpg", ()),
    "Korean columns, EPSG:5174": ("shp_5174_korean_fields", ()),
    "GeoPackage, EPSG:5179": ("seogu_dong_5179.gpkg", ()),
    "no .prj, EPSG:5181": ("shp_noprj", ("--crs", "EPSG:5181")),
    "zip with cp949 names": ("서구_행정동_5174_cp949names.zip", ()),
    "GeoJSON": ("seogu_dong.geojson", ()),
}


@pytest.mark.slow
@pytest.mark.parametrize("file", NEIGHBORHOOD_FILES)
def test_neighbourhoods_have_the_right_names_and_places(test_data, tmp_path, file):
    path, options = NEIGHBORHOOD_FILES[file]
    answer = add(tmp_path / "city", test_data / path, "--as", "neighborhoods", *options)
    assert answer.exit_code == 0, answer.output
    city = open_city(tmp_path / "city")
    known = pd.read_csv(test_data / "dongs.csv")
    assert sorted(city.neighborhoods["name"]) == sorted(known["name"])
    true = gpd.read_file(test_data / "seogu_dong.geojson").set_index("name").geometry
    found = city.neighborhoods.set_index("name").geometry.reindex(true.index)
    _, _, metres = GEOD.inv(true.centroid.x, true.centroid.y, found.centroid.x, found.centroid.y)
    assert np.max(metres) < 1
    areas = [GEOD.geometry_area_perimeter(each)[0] for each in found]
    assert np.abs(areas).sum() == pytest.approx(47.68e6, rel=1e-3)


@pytest.mark.parametrize("code", [4326, 5186, 5174, 5179, 5181])
def test_control_points_land_where_they_are(test_data, tmp_path, code):
    points = pd.read_csv(test_data / "crs_control_points.csv")
    name = "lon lat" if code == 4326 else f"x_{code} y_{code}"
    columns = [c for c in points if str(code) in c] if code != 4326 else ["lon", "lat"]
    assert len(columns) == 2, (name, list(points))
    x, y = sorted(columns, reverse=code == 4326)
    if code == 4326:
        x, y = "lon", "lat"
    table = points.rename(columns={x: "x", y: "y"})[["name", "x", "y"]]
    table.to_csv(tmp_path / "points.csv", index=False)
    answer = add(
        tmp_path / "city", tmp_path / "points.csv", "--as", "layer", "--crs", f"EPSG:{code}"
    )
    assert answer.exit_code == 0, answer.output
    frame = open_city(tmp_path / "city").layers["points"].set_index("name").geometry
    frame = frame.reindex(points["name"])
    _, _, metres = GEOD.inv(points["lon"], points["lat"], frame.x, frame.y)
    assert np.max(metres) < 1


@pytest.mark.slow
def test_an_unstated_crs_is_refused_and_nothing_is_written(test_data, tmp_path):
    city = tmp_path / "city"
    assert add(city, test_data / "seogu_dong.geojson", "--as", "neighborhoods").exit_code == 0
    before = state(city)
    answer = add(city, test_data / "shp_noprj", "--as", "layer")
    assert answer.exit_code == 1
    assert "the CRS is not stated" in answer.stderr
    # Two that offices use would lie in the city, 316 m apart: nobody may choose between them.
    assert "EPSG:5174 126.9009" in answer.stderr
    assert "EPSG:5181 126.9001" in answer.stderr
    assert "--crs" in answer.stderr
    assert state(city) == before


def test_it_says_what_it_concluded_and_why(test_data, tmp_path):
    folder = test_data / "shp_5186_cp949_nocpg"
    answer = add(tmp_path / "city", folder, "--as", "neighborhoods", "--dry-run")
    assert "EPSG:5186 (the file says so)" in answer.output
    assert "cp949 (its words read as Korean)" in answer.output
    stated = add(
        tmp_path / "city",
        test_data / "shp_noprj",
        "--as",
        "layer",
        "--crs",
        "EPSG:5181",
        "--dry-run",
    )
    assert "EPSG:5181 (as you say)" in stated.output
    assert "utf-8 (the .cpg file says so)" in stated.output
    assert not (tmp_path / "city").exists()


def test_the_wrong_crs_is_noticed_by_the_place(test_data, tmp_path):
    city = tmp_path / "city"
    add(city, test_data / "seogu_dong.geojson", "--as", "neighborhoods")
    answer = add(city, test_data / "shp_noprj", "--as", "layer", "--crs", "EPSG:5186")
    assert answer.exit_code == 1
    assert "outside of the city" in answer.stderr
    assert "EPSG:5186 (as you say)" in answer.stderr


@pytest.mark.slow
@pytest.mark.parametrize("file", ["shops_sample_cp949.csv", "shops_sample_utf8bom.csv"])
def test_shops_are_counted_and_defective_rows_are_told_one_by_one(test_data, tmp_path, file):
    city = tmp_path / "city"
    add(city, test_data / "seogu_dong.geojson", "--as", "neighborhoods")
    answer = add(city, test_data / file, "--as", "shops")
    assert answer.exit_code == 0, answer.output
    opened = open_city(city)
    shops = opened.shops
    assert len(shops) == 494
    inside = opened.join(shops, layer="neighborhoods")["neighborhood_name"]
    counts = inside.fillna("(outside Seo-gu)").value_counts()
    reference = pd.read_csv(test_data / "shops_sample_reference.csv", index_col="dong")["rows"]
    assert counts.to_dict() == reference.to_dict()
    # All 39 columns are there as they were, and the two that the map goes by.
    with (test_data / "shops_sample_utf8bom.csv").open(encoding="utf-8-sig", newline="") as table:
        header = next(csv.reader(table))
    assert set(header) <= set(shops.columns)
    assert (shops["category"] == shops["상권업종대분류명"]).all()
    assert "MA0101202506X0000001" in shops.index
    lines = [f"line {n}" for n in (484, 485, 486, 487, 488, 489, 491)]
    assert all(f"{file}, {line}:" in answer.output for line in lines)
    assert "(lines 490, " in answer.output  # blanks around numbers, around a name
    told = {
        "MA0101202506X0000491": "outside of the city",
        "MA0101202506X0000492": "outside of the city",
        "MA0101202506X0000493": "comma or quotes",
        "MA0101202506X0000494": "line break",
        "MA0101202506X0000495": "formula",
        "MA0101202506X0000496": "markup",
        "MA0101202506X0000498": "rare syllables",
        "MA0101202506X0000499": "no name",
        "MA0101202506X0000500": "no code",
        "MA0101202506X0000001~2": "another row has the id",
    }
    for id_, what in told.items():
        assert any(id_ in row and what in row for row in answer.output.splitlines()), (id_, what)


@pytest.mark.slow
def test_lines_of_another_city_become_its_trails(test_data, tmp_path):
    city = tmp_path / "seoul"
    answer = add(city, test_data / "kr_trail_seoul", "--as", "trails")
    assert answer.exit_code == 0, answer.output
    trails = open_city(city).trails
    assert len(trails) == 79
    assert trails["length_m"].sum() == pytest.approx(156_800, rel=1e-3)
    assert "탐방가능구간" in set(trails["name"])
    assert (city / "originals").rglob("*.shp")


@pytest.mark.slow
def test_the_gpx_corpus_is_taken_or_refused_as_its_manifest_says(test_data, tmp_path):
    corpus = test_data / "gpx_corpus"
    with (corpus / "MANIFEST.csv").open(encoding="utf-8-sig", newline="") as table:
        manifest = {row["file"]: row for row in csv.DictReader(table)}
    city = tmp_path / "city"
    assert add(city, corpus, "--as", "trails").exit_code == 1
    assert not city.exists()  # all or nothing
    answer = add(city, corpus, "--as", "trails", "--skip-unreadable")
    assert answer.exit_code == 0
    kept = open_city(tmp_path / "city").trails
    files = {Path(name).name for name in kept["file"]}
    lines = {
        name
        for name, row in manifest.items()
        if row["expect"] == "accept"
        and name.endswith(".gpx")
        and (float(row["length_m"] or 0) > 0 or float(row["route_length_m"] or 0) > 0)
    }
    # One is outside of the earth: GDAL lets it through, our reader does not.
    lines -= OUT_OF_RANGE
    known = {make_trail_id(Path(name).stem, {}) + ".gpx" for name in lines}
    named = {name for name in known if not name.startswith("trail-")}
    assert named <= files
    for name, row in manifest.items():
        if row["expect"] == "reject" and name.endswith(".gpx"):
            assert f"{Path(name).stem}.gpx" not in files, name


# -- other formats ------------------------------------------------------------------------------


def test_excel_with_korean_coordinate_columns(tmp_path):
    points = pd.DataFrame(
        {
            "시설명": ["가", "나"],
            "우편번호": ["01234", "61930"],
            "경도": [126.85, 126.86],
            "위도": [35.14, 35.15],
        }
    )
    frame = gpd.GeoDataFrame(points)
    pyogrio.write_dataframe(frame, tmp_path / "시설.xlsx", driver="XLSX", layer="목록")
    answer = add(tmp_path / "city", tmp_path / "시설.xlsx", "--as", "services")
    assert answer.exit_code == 0, answer.output
    services = open_city(tmp_path / "city").layers["services"]
    assert list(services["name"]) == ["가", "나"]
    assert list(services["우편번호"]) == ["01234", "61930"]
    assert services.geometry.iloc[1].coords[0] == pytest.approx((126.86, 35.15))


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>쉼터</name><Placemark><name>정자 1</name><description>그늘</description>
<ExtendedData><Data name="관리번호"><value>A-1</value></Data></ExtendedData>
<Point><coordinates>126.85,35.14,12</coordinates></Point></Placemark></Folder>
<Folder><name>화장실</name><Placemark><name>화장실 1</name>
<Point><coordinates>126.86,35.15</coordinates></Point></Placemark></Folder>
</Document></kml>"""


@pytest.mark.parametrize("suffix", [".kml", ".kmz"])
def test_kml_with_folders(tmp_path, suffix):
    path = tmp_path / f"places{suffix}"
    if suffix == ".kml":
        path.write_text(KML, "utf-8")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", KML)
    answer = add(tmp_path / "city", path, "--as", "layer")
    assert answer.exit_code == 0, answer.output
    places = open_city(tmp_path / "city").layers["places"]
    assert list(places["name"]) == ["정자 1", "화장실 1"]
    assert list(places["folder"]) == ["쉼터", "화장실"]
    assert places["관리번호"].iloc[0] == "A-1"


def test_kml_with_entities_is_refused(tmp_path):
    bomb = '<!DOCTYPE kml [<!ENTITY a "x">]>' + KML.split("?>")[1].replace("그늘", "&a;")
    (tmp_path / "bad.kml").write_text(bomb, "utf-8")
    answer = add(tmp_path / "city", tmp_path / "bad.kml", "--as", "layer")
    assert answer.exit_code == 1
    assert "bad.kml" in answer.stderr
    assert "Traceback" not in answer.output


def test_a_file_with_several_layers_asks_which(tmp_path):
    file = tmp_path / "two.gpkg"
    pyogrio.write_dataframe(squares(), file, layer="one")
    pyogrio.write_dataframe(squares(3), file, layer="three", append=True)
    asked = add(tmp_path / "city", file, "--as", "districts")
    assert asked.exit_code == 1
    assert "--layer: one, three" in asked.stderr
    assert add(tmp_path / "city", file, "--as", "districts", "--layer", "three").exit_code == 0
    assert len(open_city(tmp_path / "city").districts) == 3


def test_a_zip_and_a_folder_of_tracks(tmp_path):
    text = gpx(track([(126.85, 35.14), (126.851, 35.141)], name="아침 산책"))
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch/Morning Run.gpx").write_text(text, "utf-8")
    (tmp_path / "watch/broken.gpx").write_text(text[: len(text) // 2], "utf-8")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("안/금당산 1.gpx", text)
    files = (tmp_path / "watch", tmp_path / "more.zip", "--as", "trails")
    answer = add(tmp_path / "city", *files)
    assert answer.exit_code == 1  # one of three cannot be read
    assert "broken.gpx" in answer.stderr
    assert not (tmp_path / "city").exists()
    assert add(tmp_path / "city", *files, "--skip-unreadable").exit_code == 0
    trails = open_city(tmp_path / "city").trails
    assert len(trails) == 2
    assert "morning-run" in trails.index
    again = add(tmp_path / "city", tmp_path / "watch/Morning Run.gpx", "--as", "trails")
    assert again.exit_code == 1
    assert "--replace" in again.stderr


def test_who_adds_a_layer_waits_for_no_trail_to_be_read(monkeypatch, tmp_path):
    monkeypatch.setattr(trailfiles, "list_gpx", pytest.fail)
    assert trailfiles.choose_point_files({}, {}, tmp_path, replace=False) == {}
