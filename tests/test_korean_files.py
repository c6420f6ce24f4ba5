"""Files as Korean offices hold them: every trap in the test data is read right or refused."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from mapserver.errors import CrsError
from mapserver.model import LayerEntry, Role
from mapserver.readers.vector import read_layer

GEOD = Geod(ellps="WGS84")
ENTRY = LayerEntry("x", Role.LAYER)


def find(folder: Path, name: str) -> Path:
    """Find a file whose Korean name may be written in either Unicode form."""
    wanted = unicodedata.normalize("NFC", Path(name).name)
    return next(p for p in folder.rglob("*") if unicodedata.normalize("NFC", p.name) == wanted)


def read(path: Path, **described):
    return read_layer(path, LayerEntry("x", Role.LAYER, **described), name=path.name)


@pytest.fixture(scope="module")
def dongs(test_data) -> pd.DataFrame:
    return pd.read_csv(test_data / "dongs.csv").set_index("name")


@pytest.fixture(scope="module")
def truth(test_data) -> gpd.GeoDataFrame:
    return gpd.read_file(test_data / "seogu_dong.geojson").set_index("name")


FILES = [
    ("TL_SCCO_GEMD_29140.shp", {}),
    ("서구_행정동_5174.shp", {}),
    ("서구_행정동_5174_cp949names.zip", {}),
    ("seogu_noprj.shp", {"crs": "EPSG:5181"}),
    ("seogu_dong_5179.gpkg", {}),
    ("seogu_dong.geojson", {}),
]


@pytest.mark.parametrize(("file", "described"), FILES, ids=[file for file, _ in FILES])
def test_the_18_neighbourhoods_in_every_guise(test_data, dongs, truth, file, described):
    frame, _ = read(find(test_data, file), **described)
    assert sorted(frame["name"]) == sorted(dongs.index)
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.is_valid.all()
    for name, shape in zip(frame["name"], frame.geometry, strict=True):
        moved_m = farthest_m(shape, truth.geometry[name])
        assert moved_m < 1.0, f"{name} is {moved_m:.2f} m off"


def farthest_m(shape, other) -> float:
    """Measure how far the corners of a shape are from the nearest corner of another."""
    ours, theirs = shapely.get_coordinates(shape), shapely.get_coordinates(other)
    nearest = shapely.STRtree(shapely.points(theirs)).nearest(shapely.points(ours))
    return float(GEOD.inv(*ours.T, *theirs[nearest].T)[2].max())


@pytest.mark.parametrize("code", [5186, 5174, 5179, 5181])
def test_control_points_of_each_crs_land_within_a_metre(test_data, tmp_path, code):
    points = pd.read_csv(test_data / "crs_control_points.csv")
    table = points[["name"]].assign(X=points[f"x_{code}"], Y=points[f"y_{code}"])
    table.to_csv(tmp_path / "points.csv", index=False, encoding="cp949")
    frame, _ = read(tmp_path / "points.csv", crs=f"EPSG:{code}")
    off_m = GEOD.inv(frame.geometry.x, frame.geometry.y, points["lon"], points["lat"])[2]
    assert np.max(off_m) < 1.0


def test_a_shapefile_without_prj_is_refused_with_where_each_crs_would_put_it(test_data):
    with pytest.raises(CrsError) as caught:
        read(find(test_data, "seogu_noprj.shp"))
    for code in (5186, 5174, 5181, 5185):
        assert f"EPSG:{code}" in str(caught.value)
    assert "126.9001, 35.1566" in str(caught.value)  # as EPSG:5181, which it is


@pytest.mark.slow
def test_of_a_known_city_only_what_falls_near_it_is_listed(test_data):
    entry = LayerEntry("x", Role.LAYER)
    path = find(test_data, "seogu_noprj.shp")
    with pytest.raises(CrsError) as caught:
        read_layer(path, entry, name="x", city_box=(126.8, 35.09, 126.92, 35.18))
    assert "EPSG:5181 126.9001, 35.1566" in str(caught.value)
    assert "EPSG:5186" not in str(caught.value)  # it would be a hundred kilometres away


def test_names_are_read_without_cpg_and_with_a_wrong_one(test_data, tmp_path, dongs):
    source = find(test_data, "TL_SCCO_GEMD_29140.shp")
    for part in source.parent.iterdir():
        shutil.copy(part, tmp_path / part.name)
    (tmp_path / f"{source.stem}.cpg").write_text("UTF-8", "ascii")  # it is cp949
    frame, findings = read(tmp_path / source.name)
    assert sorted(frame["name"]) == sorted(dongs.index)
    assert any("UTF-8" in str(finding) for finding in findings)


def test_an_invalid_polygon_is_repaired_and_named(test_data):
    frame, findings = read(test_data / "seogu_dong_kostat2018.geojson")
    assert frame.geometry.is_valid.all()
    repairs = [finding for finding in findings if "repaired" in str(finding)]
    assert len(repairs) == 1
    assert frame["name"][repairs[0].feature] == "서창동"


def test_real_trail_lines_keep_their_names_and_length(test_data):
    frame, _ = read(find(test_data, "DoDreamWay01_L_W.shp"))
    assert len(frame) == 79
    assert not frame.has_z.any()
    assert "제목 없는 경로" in set(frame["name"])
    length_m = sum(GEOD.geometry_length(line) for line in frame.geometry)
    assert length_m == pytest.approx(156_800, abs=100)


@pytest.mark.parametrize("file", ["shops_sample_cp949.csv", "shops_sample_utf8bom.csv"])
def test_the_shop_register_is_counted_and_each_bad_row_is_named(test_data, truth, file):
    frame, findings = read(test_data / file)
    reference = pd.read_csv(test_data / "shops_sample_reference.csv").set_index("dong")["rows"]
    assert len(frame) == reference.sum()
    joined = frame[["geometry"]].sjoin(truth[["geometry"]], predicate="within", how="left")
    counted = joined.iloc[:, -1].fillna("(outside Seo-gu)").value_counts()
    assert counted.to_dict() == reference.to_dict()
    named = [finding for finding in findings if finding.feature.startswith("line")]
    left_out = [finding for finding in named if finding.code != "cell-formula"]
    assert len(frame) + len(left_out) == 501
    assert frame["행정동코드"].str.len().min() >= 8  # codes stay text


@pytest.mark.slow
def test_text_of_shops_stays_as_it_was_written(test_data):
    frame, _ = read(test_data / "shops_sample_cp949.csv")
    other, _ = read(test_data / "shops_sample_utf8bom.csv")
    assert frame["상호명"].tolist() == other["상호명"].tolist()
    assert frame["상호명"].str.startswith("=").any()  # a formula is text
    assert frame["상호명"].str.contains("<").any()  # so is markup
