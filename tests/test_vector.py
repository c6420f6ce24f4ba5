"""Layers in every format of the contract, in any CRS, with ids, names and repairs."""

from __future__ import annotations

import itertools
import json
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapserver.errors import CrsError, DataError, MapserverError
from mapserver.model import LayerEntry, Role
from mapserver.readers.vector import read_layer
from mapserver.readers.vector.identity import make_unique
from mapserver.readers.vector.values import simplify_values

ENTRY = LayerEntry("x", Role.LAYER)
SQUARES = gpd.GeoDataFrame(
    {"id": ["a", "b"], "name": ["가나", "다라"], "shops": [3, 5], "rate": [0.5, np.nan]},
    geometry=[shapely.box(126.85, 35.15, 126.86, 35.16), shapely.box(126.87, 35.15, 126.88, 35.16)],
    crs=4326,
)


def read(path: Path, **described):
    return read_layer(path, LayerEntry("x", Role.LAYER, **described), name=f"layers/{path.name}")


def save(frame: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".zip":
        for suffix in (".shp", ".dbf", ".shx", ".prj", ".cpg"):
            shape = path.with_suffix(suffix)
            if suffix == ".shp":
                frame.to_file(shape, encoding="utf-8")
            with zipfile.ZipFile(path, "a") as archive:
                archive.write(shape, f"folder/{shape.name}")
            if suffix != ".shp":
                shape.unlink()
        path.with_suffix(".shp").unlink()
    else:
        frame.to_file(path)
    return path


SUFFIXES = [".gpkg", ".fgb", ".parquet", ".shp", ".zip"]
CASES = [(".geojson", 4326), *itertools.product(SUFFIXES, [4326, 5186, 5174, 5179])]


@pytest.mark.parametrize(("suffix", "crs"), CASES)
def test_every_format_in_any_crs_gives_the_same_layer(tmp_path, suffix, crs):
    frame, findings = read(save(SQUARES.to_crs(crs), tmp_path / f"areas{suffix}"))
    frame = frame.sort_index()  # FlatGeobuf has an order of its own
    assert list(frame.index) == ["a", "b"]
    assert frame.index.name == "id"
    assert list(frame["name"]) == ["가나", "다라"]
    assert list(frame["shops"]) == [3, 5]
    assert frame.crs.to_epsg() == 4326
    assert np.allclose(frame.geometry.bounds, SQUARES.geometry.bounds, atol=1e-6)
    assert [str(finding) for finding in findings] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("columns", [("lon", "lat"), ("경도", "위도"), ("X", "Y")])
def test_points_of_a_csv_table(tmp_path, encoding, columns):
    table = pd.DataFrame({"상호명": ["국밥집"], columns[0]: [126.85], columns[1]: [35.15]})
    table.to_csv(tmp_path / "shops.csv", index=False, encoding=encoding)
    if columns[0] == "X":
        frame, _ = read(tmp_path / "shops.csv", crs="EPSG:4326")
    else:
        frame, _ = read(tmp_path / "shops.csv")
    assert frame["name"].tolist() == ["국밥집"]
    assert frame.geometry.iloc[0].equals(shapely.Point(126.85, 35.15))


def test_geojson_with_metres_in_it_is_an_error(tmp_path):
    path = tmp_path / "areas.geojson"
    metres = json.loads(SQUARES.to_crs(5186).to_json(drop_id=True))
    metres.pop("crs", None)
    path.write_text(json.dumps(metres), "utf-8")
    with pytest.raises(CrsError, match="metres"):
        read(path)


def test_the_catalogue_s_crs_counts_only_where_the_file_says_none(tmp_path):
    path = save(SQUARES.to_crs(5186), tmp_path / "areas.shp")
    frame, findings = read(path, crs="EPSG:5174")
    assert np.allclose(frame.geometry.bounds, SQUARES.geometry.bounds, atol=1e-6)
    assert [finding.code for finding in findings] == ["crs-contradiction"]
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match="EPSG:5186"):
        read(path)
    frame, findings = read(path, crs="EPSG:5186")
    assert np.allclose(frame.geometry.bounds, SQUARES.geometry.bounds, atol=1e-6)


def test_a_geometry_column_of_another_name(tmp_path):
    frame = SQUARES.rename_geometry("shape").assign(geometry="text")
    frame.to_parquet(tmp_path / "areas.parquet")
    assert len(read(tmp_path / "areas.parquet")[0]) == 2


def test_an_invalid_polygon_is_repaired_and_told(tmp_path):
    bow_tie = shapely.Polygon([(126.85, 35.15), (126.86, 35.16), (126.86, 35.15), (126.85, 35.16)])
    frame = gpd.GeoDataFrame({"id": ["tie"]}, geometry=[bow_tie], crs=4326)
    read_back, findings = read(save(frame, tmp_path / "areas.geojson"))
    assert read_back.geometry.is_valid.all()
    assert findings[0].feature == "tie"
    assert "repaired" in str(findings[0])


def test_ids_that_are_missing_or_doubled_are_given_and_told(tmp_path):
    frame = pd.concat([SQUARES, SQUARES.assign(id=["a", None])], ignore_index=True)
    read_back, findings = read(save(gpd.GeoDataFrame(frame, crs=4326), tmp_path / "areas.geojson"))
    assert read_back.index.is_unique
    assert len(read_back) == 4
    assert {"a", "b"} <= set(read_back.index)
    assert any(finding.code == "id-duplicate" for finding in findings)


def test_ids_that_are_marked_are_those_of_no_other_row():
    ids = ["a", "a~2", "a", "a~2", "a", "b"]
    assert make_unique(ids) == ["a", "a~2", "a~3", "a~2~2", "a~4", "b"]


def test_one_id_in_all_rows_of_a_large_file_takes_no_minutes():
    start_s = time.monotonic()
    assert make_unique(["a"] * 30_000)[-1] == "a~30000"
    assert time.monotonic() - start_s < 20


def test_a_table_of_plain_values_is_not_copied():
    plain = gpd.GeoDataFrame({"name": ["a"], "count": [1]}, geometry=[shapely.Point(0, 0)])
    assert simplify_values(plain, "a.gpkg")[0] is plain
    changed, (finding,) = simplify_values(plain.assign(name=[["a", "b"]]), "a.gpkg")
    assert changed["name"].tolist() == ['["a","b"]']
    assert finding.code == "values-as-text"


@pytest.mark.parametrize("ending", ["parquet", "gpkg", "fgb"])
def test_an_infinite_number_is_unknown_and_is_said(tmp_path, ending):
    """JSON has none; a CSV would say ``inf`` where the answer in JSON says null."""
    frame = SQUARES.assign(part=[2.0, np.inf], whole=1.5)
    layer, findings = read(save(frame, tmp_path / f"a.{ending}"))
    assert layer["part"].dropna().tolist() == [2.0]
    assert layer["whole"].tolist() == [1.5, 1.5]
    (said,) = [each for each in findings if each.code == "values-infinite"]
    assert said.values == {"column": "'part'", "count": 1}


def test_an_empty_geometry_keeps_its_row(tmp_path):
    frame = SQUARES.set_geometry([SQUARES.geometry[0], None])
    read_back, _ = read(save(frame, tmp_path / "areas.geojson"))
    assert list(read_back.index) == ["a", "b"]
    assert read_back.geometry.iloc[1] is None


@pytest.mark.parametrize(
    "suffix", [".geojson", ".gpkg", ".fgb", ".parquet", ".shp", ".zip", ".csv"]
)
@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"<html></html>", "가나다".encode("cp949")])
def test_rubbish_of_every_ending_is_refused_in_one_line(tmp_path, suffix, content):
    path = tmp_path / f"areas{suffix}"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"layers/areas{suffix}")
    assert "\n" not in message
    assert str(tmp_path) not in message
    assert caught.value.mend


def test_a_zip_cannot_write_outside_or_grow_without_end(tmp_path):
    path = tmp_path / "areas.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.writestr(f"../../areas{suffix}", b"\0" * 2000)
    with pytest.raises(DataError):
        read(path)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["areas.zip"]


@pytest.mark.slow
@given(
    cut=st.integers(0, 400),
    junk=st.text('{}[]",:0123456789eE-+.\\n null', max_size=6),
)
def test_a_damaged_geojson_is_read_or_refused(tmp_path_factory, cut, junk):
    text = SQUARES.to_json(drop_id=True)
    path = tmp_path_factory.mktemp("layer") / "areas.geojson"
    path.write_text(text[:cut] + junk + text[cut:], "utf-8")
    try:
        frame, _ = read(path)
    except MapserverError as error:
        assert "\n" not in str(error)
    else:
        assert frame.index.is_unique
