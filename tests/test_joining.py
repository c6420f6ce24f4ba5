"""Points of Parquet files get the answers of the frames, whatever form they have."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from joining_points import (
    as_columns,
    assert_same_answers,
    make_joining_city,
    make_points,
    rewrite_geo,
    write_parts,
)
from pyproj import CRS

from mapserver.errors import CrsError, DataError
from mapserver.index import plane
from mapserver.joining import index_files, job, memory
from mapserver.settings import limits


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return make_joining_city(tmp_path_factory.mktemp("joining") / "city")


# -- The answers -----------------------------------------------------------------------------------


def test_points_of_files_get_the_answers_of_a_frame_in_the_same_order(city, tmp_path):
    points = make_points(3_000)
    write_parts(tmp_path / "p", points)
    joined = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    frame = city.join(points)
    # Some points lie in two districts, and have two rows.
    assert joined.rows == 3_000 < joined.written == len(frame)
    assert_same_answers(joined.read(), frame)
    assert joined.answered == {"districts": frame.dropna(subset="district_id")["id"].nunique()}


@pytest.mark.parametrize("k", [1, 2])
def test_the_nearest_of_files_is_that_of_a_frame(city, tmp_path, k):
    points = make_points(2_500)
    write_parts(tmp_path / "p", points, 2)
    joined = city.nearest(
        str(tmp_path / "p"), out=tmp_path / "o", k=k, max_distance_m=3_000, progress=False
    )
    frame = city.nearest(points, k=k, max_distance_m=3_000)
    assert frame["trail_id"].isna().any()
    assert_same_answers(joined.read(), frame)
    assert list(joined.read().columns) == ["id", "lon", "lat", *frame.columns[1:], "problem"]


def test_few_points_are_searched_as_many_are(city, tmp_path):
    assert index_files.PLAIN_POINTS == plane.FEW_POINTS
    points = make_points(index_files.FEW_POINTS + 1)
    write_parts(tmp_path / "p", points, 1)
    joined = city.nearest(
        tmp_path / "p", out=tmp_path / "o", k=2, max_distance_m=3_000, progress=False
    )
    frame = city.nearest(points, k=2, max_distance_m=3_000)
    assert_same_answers(joined.read(), frame)
    assert joined.answered["trails"] == frame.dropna(subset="trail_id")["id"].nunique()


def test_both_questions_in_one_pass_are_one_frame_after_the_other(city, tmp_path):
    points = make_points(2_100)
    write_parts(tmp_path / "p", points, 1)
    joined = city.join(
        tmp_path / "p", out=tmp_path / "o", nearest="trails", k=2, max_distance_m=3_000,
        progress=False,
    )  # fmt: skip
    frame = city.nearest(city.join(points), k=2, max_distance_m=3_000)
    assert_same_answers(joined.read(), frame)


def test_answers_do_not_depend_on_the_size_of_batches(city, tmp_path, monkeypatch):
    write_parts(tmp_path / "p", make_points(1_000), 2)
    whole = city.join(tmp_path / "p", out=tmp_path / "o", nearest="trails", progress=False)
    monkeypatch.setattr(limits, "JOIN_BATCH_ROWS", 77)
    small = city.join(tmp_path / "p", out=tmp_path / "s", nearest="trails", progress=False)
    pd.testing.assert_frame_equal(whole.read(), small.read())
    assert pq.read_metadata(small.parts[0]).num_row_groups == 7


def test_of_many_nearest_for_each_point_a_batch_has_fewer_points(city, tmp_path, monkeypatch):
    points = make_points(1_000)
    write_parts(tmp_path / "p", points, 1)
    monkeypatch.setattr(limits, "JOIN_BATCH_ANSWERS", 1_000)
    monkeypatch.setattr(limits, "MIN_JOIN_BATCH_ROWS", 10)
    for k, groups in ((1, 1), (3, 4), (1_000, 100)):
        joined = city.nearest(tmp_path / "p", out=tmp_path / f"o{k}", k=k, progress=False)
        assert pq.read_metadata(joined.parts[0]).num_row_groups == groups
        assert_same_answers(joined.read(), city.nearest(points, k=k))


# -- Formats of points -----------------------------------------------------------------------------


def native(points: gpd.GeoDataFrame, path: Path) -> None:
    points.to_parquet(path, geometry_encoding="geoarrow")


def with_heights(points: gpd.GeoDataFrame, path: Path) -> None:
    places = shapely.force_3d(points.geometry.to_numpy(), 5.0)
    points.set_geometry(gpd.GeoSeries(places, crs=points.crs)).to_parquet(path)


def big_endian(points: gpd.GeoDataFrame, path: Path) -> None:
    points.to_parquet(path)
    table = pq.read_table(path)
    wkb = pa.array(shapely.to_wkb(points.geometry.to_numpy(), byte_order=0))
    pq.write_table(
        table.set_column(table.schema.get_field_index("geometry"), "geometry", wkb), path
    )


@pytest.mark.parametrize(
    "write",
    [
        lambda points, path: points.to_parquet(path),
        lambda points, path: pq.write_table(as_columns(points), path),
        native,
        with_heights,
        big_endian,
        lambda points, path: points.to_crs(5186).to_parquet(path),
        lambda points, path: points.to_crs(4737).to_parquet(path),
    ],
    ids=["wkb", "columns", "native", "heights", "big-endian", "metres", "another datum"],
)
def test_points_are_read_in_every_form(city, tmp_path, write):
    points = make_points(500)
    write(points, tmp_path / "points.parquet")
    joined = city.join(tmp_path / "points.parquet", out=tmp_path / "o", progress=False)
    answers, frame = joined.read(), city.join(points)
    assert_same_answers(answers[["id", "district_id", "district_name", "geometry"]], frame)
    # Programs that do not know Arrow's own entry read this one.
    assert b"geo" in pq.read_metadata(joined.parts[0]).metadata
    # The geometry is that of the input, or points where there were columns.
    np.testing.assert_allclose(
        answers.to_crs(4326).get_coordinates(), frame.get_coordinates(), atol=1e-8
    )


def test_x_and_y_need_a_crs_and_get_a_geometry_in_it(city, tmp_path):
    points = make_points(400).to_crs(5186)
    table = pa.table({"id": points["id"], "X": points.geometry.x, "Y": points.geometry.y})
    pq.write_table(table, tmp_path / "p.parquet")
    with pytest.raises(CrsError, match="'X' and 'Y' have no CRS"):
        city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)
    assert not (tmp_path / "o").exists()
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", crs="EPSG:5186", progress=False)
    answers = joined.read()
    assert CRS(answers.crs).equals(CRS(5186), ignore_axis_order=True)
    assert_same_answers(answers, city.join(points))


def test_geoparquet_without_a_crs_is_in_degrees_and_with_null_is_unknown(city, tmp_path):
    path = tmp_path / "p.parquet"
    points = make_points(50)
    points.to_parquet(path)
    rewrite_geo(path, lambda column: column.pop("crs"))
    joined = city.join(path, out=tmp_path / "o", progress=False)
    assert_same_answers(joined.read(), city.join(points))
    rewrite_geo(path, lambda column: column.update(crs=None))
    with pytest.raises(CrsError, match="its CRS is unknown"):
        city.join(path, out=tmp_path / "o2", progress=False)
    stated = city.join(path, out=tmp_path / "o2", crs="EPSG:4326", progress=False)
    # What was unknown is known now, and is written.
    assert CRS(stated.read().crs).equals(CRS(4326), ignore_axis_order=True)


def test_a_crs_that_contradicts_the_file_is_an_error(city, tmp_path):
    make_points(5).to_parquet(tmp_path / "p.parquet")
    with pytest.raises(CrsError, match="the file states"):
        city.join(tmp_path / "p.parquet", out=tmp_path / "o", crs="EPSG:5186", progress=False)


def test_degrees_that_are_metres_are_an_error_that_names_candidates(city, tmp_path):
    points = make_points(20).to_crs(5186)
    table = pa.table({"lon": points.geometry.x, "lat": points.geometry.y})
    pq.write_table(table, tmp_path / "p.parquet")
    with pytest.raises(CrsError, match=r"look like metres .* EPSG:5"):
        city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)


def test_without_places_the_error_names_the_columns(city, tmp_path):
    pq.write_table(pa.table({"이름": ["가"], "z": [1.0]}), tmp_path / "p.parquet")
    with pytest.raises(DataError, match="'이름', 'z'"):
        city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)


def test_coordinates_as_texts_are_an_error(city, tmp_path):
    pq.write_table(pa.table({"lon": ["126.8"], "lat": ["35.1"]}), tmp_path / "p.parquet")
    with pytest.raises(DataError, match="'lon' holds string and no numbers"):
        city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)


def test_memory_that_was_freed_is_given_back_before_parts_are_made(city, tmp_path, monkeypatch):
    write_parts(tmp_path / "p", make_points(30), 1)
    order: list[str] = []
    real = job._run
    monkeypatch.setattr(job, "release_memory", lambda: order.append("released"))
    monkeypatch.setattr(job, "_run", lambda *words: order.append("run") or real(*words))
    city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    assert order == ["released", "run"]
    # It works on this system, whatever the C library is.
    assert memory.release_memory() is None


def test_parts_in_several_crs_are_read_in_that_of_the_first(city, tmp_path):
    points = make_points(60)
    folder = tmp_path / "p"
    folder.mkdir()
    pq.write_table(as_columns(points.iloc[:20]), folder / "a.parquet")
    renamed = points.iloc[20:40].rename_geometry("place")
    renamed.assign(centre=renamed.geometry).to_parquet(folder / "b.parquet")
    metres = points.iloc[40:].to_crs(5186)
    metres.assign(centre=metres.geometry).to_parquet(folder / "c.parquet")
    joined = city.join(folder, out=tmp_path / "o", progress=False)
    answers = joined.read()
    assert_same_answers(answers.drop(columns=["centre"]), city.join(points))
    assert CRS(answers.crs).equals(CRS(4326), ignore_axis_order=True)
    for column in ("geometry", "centre"):
        there = gpd.GeoSeries(answers[column].dropna())
        expected = city.join(points).geometry.iloc[len(answers) - len(there) :]
        np.testing.assert_allclose(there.get_coordinates(), expected.get_coordinates(), atol=1e-8)
    assert list(joined.read(["id"]).columns) == ["id", "geometry"]
    # A text beside the geometry may be called as the geometry of another part.
    renamed.assign(geometry="text").to_parquet(folder / "b.parquet")
    with pytest.raises(DataError, match=r"^b\.parquet: .*'place'"):
        city.join(folder, out=tmp_path / "o", progress=False).read()
