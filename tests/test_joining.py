"""Parquet to Parquet: the answers of the frames, in bounded memory, whole or not at all."""

from __future__ import annotations

import errno
import gc
import json
import os
import re
import shutil
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from click.testing import CliRunner
from pyproj import CRS, Transformer
from rich.console import Console
from shapely.geometry import box

import mapserver
from benchmarks.scale.killed import kill_at_random
from mapserver.city import join_city
from mapserver.commands.cli import main
from mapserver.errors import CrsError, DataError, QueryError
from mapserver.index import NearestIndex, plane
from mapserver.joining import index_files, job, manifest, memory, part, progress
from mapserver.joining.index_files import OpenIndex, reopen_index
from mapserver.settings import limits

CITY = (126.80, 35.10, 126.90, 35.20)


def make_points(rows: int, seed: int = 0) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    west, south, east, north = CITY
    places = gpd.points_from_xy(rng.uniform(west, east, rows), rng.uniform(south, north, rows))
    return gpd.GeoDataFrame({"id": np.arange(rows)}, geometry=places, crs=4326)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """Two overlapping districts, one of them without a name, and three trails."""
    folder = tmp_path_factory.mktemp("joining") / "city"
    (folder / "gpx").mkdir(parents=True)
    (folder / "layers").mkdir()
    gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "name": ["가나", None, "다라"]},
        geometry=[
            box(126.81, 35.11, 126.85, 35.15),
            box(126.84, 35.14, 126.87, 35.17),
            box(126.88, 35.18, 126.90, 35.20),
        ],
        crs=4326,
    ).to_file(folder / "layers" / "districts.geojson")
    for name, (x, y) in {
        "t1": (126.82, 35.12),
        "t2": (126.86, 35.16),
        "t3": (126.89, 35.11),
    }.items():
        points = "".join(f'<trkpt lat="{y + i / 1000}" lon="{x + i / 1500}"/>' for i in range(10))
        (folder / "gpx" / f"{name}.gpx").write_text(
            '<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>'
            f"{name}</name><trkseg>{points}</trkseg></trk></gpx>",
            "utf-8",
        )
    return mapserver.open_city(folder)


def as_columns(points: gpd.GeoDataFrame) -> pa.Table:
    return pa.table(
        {"id": points["id"].to_numpy(), "lon": points.geometry.x, "lat": points.geometry.y}
    )


def write_parts(folder: Path, points: gpd.GeoDataFrame, parts: int = 3) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, rows in enumerate(np.array_split(np.arange(len(points)), parts)):
        pq.write_table(as_columns(points.iloc[rows]), folder / f"{number}.parquet")
    return folder


def hash_parts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def assert_same_answers(answers: pd.DataFrame, frame: pd.DataFrame) -> None:
    assert len(answers) == len(frame)
    for column in frame.columns.drop("geometry"):
        left, right = answers[column], frame[column]
        assert (left.isna().to_numpy() == right.isna().to_numpy()).all(), column
        is_there = right.notna().to_numpy()
        if right.dtype.kind == "f":
            # Few points are measured by PROJ and many by compiled code: nanometres apart.
            np.testing.assert_allclose(left[is_there], right[is_there], rtol=1e-9, err_msg=column)
        else:
            assert left[is_there].tolist() == right[is_there].tolist(), column


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


def rewrite_geo(path: Path, change: Callable[[dict], None]) -> None:
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    change(geo["columns"]["geometry"])
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)


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


# -- Columns ---------------------------------------------------------------------------------------


def test_a_city_that_nobody_else_has_is_let_go_of_before_points_are_read(city, tmp_path):
    write_parts(tmp_path / "p", make_points(30))
    cities, seen = [], []

    def open_one() -> mapserver.City:
        opened = mapserver.open_city(city.path)
        cities.append(weakref.ref(opened))
        return opened

    def run(function, tasks):
        seen.append(cities[0]())
        return map(function, tasks)

    joined = join_city(
        open_one, tmp_path / "p", tmp_path / "o", within="districts", nearest="trails",
        scheduler=run, progress=False,
    )  # fmt: skip
    assert (seen, joined.rows) == ([None], 30)
    # A city that somebody has stays, and its indexes answer from their files all the same.
    there = city.join_files(
        tmp_path / "p", tmp_path / "q", within="districts", nearest="trails", progress=False
    )
    assert hash_parts(joined.out) == hash_parts(there.out)


def test_an_index_of_a_file_is_opened_anew_and_holds_no_geometry_of_the_city(tmp_path):
    lines = np.array([shapely.LineString([(126.8, 35.1), (126.9, 35.2)])])
    held = NearestIndex.of(lines, CRS.from_epsg(5186))
    assert reopen_index(OpenIndex(held, {})).index is held
    held.write(tmp_path / "a.index")
    kept = NearestIndex.open(tmp_path / "a.index", lines)
    again = reopen_index(OpenIndex(kept, {}, CRS.from_epsg(5186)))
    assert again.index is not kept
    assert again.index.query([126.8], [35.1]).distance_m.tolist() == [0.0]
    assert not any(each is lines[0] for each in gc.get_referents(*gc.get_referents(again.index)))


def test_only_the_columns_that_are_wanted_are_written_and_the_geometry(city, tmp_path):
    points = make_points(30).assign(name="가", size=1.5)
    points.to_parquet(tmp_path / "p.parquet")
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", keep=["size"], progress=False)
    assert list(joined.read().columns) == [
        "geometry", "size", "district_id", "district_name", "problem",
    ]  # fmt: skip
    with pytest.raises(QueryError, match="'price'"):
        city.join(tmp_path / "p.parquet", out=tmp_path / "o2", keep=["price"], progress=False)


def test_columns_called_as_answers_are_replaced_in_their_place(city, tmp_path):
    points = make_points(300)
    points.insert(0, "district_id", 7)
    points.to_parquet(tmp_path / "p.parquet")
    answers = city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False).read()
    assert answers.columns[0] == "district_id"
    assert_same_answers(answers, city.join(points))


@pytest.mark.parametrize("keep", [None, ["id", "rank"]])
def test_columns_that_answers_replace_are_named(city, tmp_path, keep):
    make_points(3).assign(district_id=7, rank=1).to_parquet(tmp_path / "p.parquet")
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False, keep=keep)
    replaced = [str(note) for note in joined.notes if "called like answers" in str(note)]
    assert len(replaced) == (keep is None)
    if keep is None:
        assert replaced[0].endswith("'district_id'")
    again = city.nearest(tmp_path / "p.parquet", out=tmp_path / "n", progress=False, keep=["rank"])
    assert "'rank'" in str(again.notes[0])


@pytest.mark.parametrize("name", ["district_id", "distance_m", "problem", "trail_name"])
def test_a_geometry_called_like_an_answer_is_refused_before_anything_is_written(
    city, tmp_path, name
):
    points = make_points(3).rename_geometry(name)
    points.to_parquet(tmp_path / "p.parquet")
    with pytest.raises(DataError, match=f"column '{name}', which is the name of an answer"):
        city.join(tmp_path / "p.parquet", out=tmp_path / "o", nearest="trails", progress=False)
    assert not (tmp_path / "o").exists()
    # So is one beside the geometry that is asked.
    both = points.assign(geometry=points.geometry).set_geometry("geometry")
    both.to_parquet(tmp_path / "p.parquet")
    with pytest.raises(DataError, match=f"column '{name}', which is the name of an answer"):
        city.join(tmp_path / "p.parquet", out=tmp_path / "o", nearest="trails", progress=False)


def test_types_of_columns_stay_and_texts_of_answers_are_texts(city, tmp_path):
    table = as_columns(make_points(10))
    extra = {
        "day": pa.array([1] * 10, pa.date32()),
        "time": pa.array([1] * 10, pa.timestamp("us", "Asia/Seoul")),
        "kind": pa.array(["카페"] * 10).dictionary_encode(),
        "tags": pa.array([["a"], []] * 5),
        "small": pa.array([1] * 10, pa.int8()),
    }
    for name, values in extra.items():
        table = table.append_column(name, values)
    pq.write_table(table, tmp_path / "p.parquet")
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)
    schema = joined.dataset().schema
    assert {name: schema.field(name).type for name in extra} == {
        name: values.type for name, values in extra.items()
    }
    assert schema.field("district_id").type == pa.string()
    assert schema.field("problem").type == pa.string()


def test_a_file_without_rows_makes_a_part_without_rows(city, tmp_path):
    pq.write_table(as_columns(make_points(0)), tmp_path / "p.parquet")
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)
    assert (joined.rows, len(joined.read())) == (0, 0)
    assert "district_id" in joined.read()


# -- Bad rows --------------------------------------------------------------------------------------

BAD = {
    "lon": [126.83, None, 126.83, np.nan, np.inf, 35.14, 126.83, 129.07, 127.2, 126.83],
    "lat": [35.13, 35.1, None, 35.1, 35.1, 126.84, 127.0, 35.17, 35.1, 35.13],
}
KINDS = [
    None, "missing", "missing", "no place", "no place", "likely swapped", "no place", "outside",
    None, None,
]  # fmt: skip


@pytest.mark.parametrize("question", ["join", "nearest"])
def test_bad_rows_stay_marked_without_answers_and_are_counted_by_kind(city, tmp_path, question):
    folder = tmp_path / "p"
    folder.mkdir()
    pq.write_table(as_columns(make_points(5)), folder / "a.parquet")
    table = pa.table({name: pa.array(values, from_pandas=False) for name, values in BAD.items()})
    pq.write_table(table, folder / "b.parquet")
    joined = getattr(city, question)(folder, out=tmp_path / "o", progress=False)
    answers = pq.read_table(joined.parts[1]).to_pylist()
    assert [row["problem"] for row in answers] == KINDS
    column = "district_id" if question == "join" else "trail_id"
    assert all(row[column] is None for row in answers if row["problem"])
    assert answers[0][column] is not None
    assert joined.bad.to_dict("split")["data"] == [
        ["missing", 2, "b.parquet", 2],
        ["no place", 3, "b.parquet", 4],
        ["likely swapped", 1, "b.parquet", 6],
        ["outside", 1, "b.parquet", 8],
    ]
    assert joined.rows == joined.written == 15


def test_a_nearest_search_without_a_limit_reaches_everywhere(city, tmp_path):
    pq.write_table(pa.table({"lon": [129.07], "lat": [35.17]}), tmp_path / "p.parquet")
    joined = city.nearest(
        tmp_path / "p.parquet", out=tmp_path / "o", max_distance_m=float("inf"), progress=False
    )
    assert joined.read()["trail_id"].notna().all()
    assert len(joined.bad) == 0


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_empty_and_missing_geometries_are_missing_and_lines_are_no_place(city, tmp_path, encoding):
    places = [shapely.Point(126.83, 35.13), shapely.Point(), None]
    if encoding == "WKB":
        places += [shapely.LineString([(126.8, 35.1), (126.9, 35.2)])]
    frame = gpd.GeoDataFrame(geometry=places, crs=4326)
    frame.to_parquet(tmp_path / "p.parquet", geometry_encoding=encoding)
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)
    problems = pq.read_table(joined.parts[0])["problem"].to_pylist()
    assert problems == [None, "missing", "missing", "no place"][: len(places)]


def test_damaged_geometries_are_written_as_null_and_the_answers_can_be_opened(
    city, tmp_path, monkeypatch
):
    monkeypatch.setattr(limits, "JOIN_BATCH_ROWS", 2)
    points = make_points(4)
    points.to_parquet(tmp_path / "p.parquet")
    table = pq.read_table(tmp_path / "p.parquet")
    whole = table["geometry"].to_pylist()
    line = shapely.LineString([(126.8, 35.1), (126.9, 35.2)])
    for kind in (pa.binary(), pa.large_binary()):
        values = [whole[0], whole[1], whole[2][:-3], shapely.to_wkb(line), b"", b"\xff" * 21]
        column = pa.array(values, kind)
        # A column that says to have no nulls gets one in a later group of rows.
        schema = pa.schema(
            [table.schema.field("id"), pa.field("geometry", kind, nullable=False)],
            metadata=table.schema.metadata,
        )
        damaged = pa.Table.from_arrays([pa.array(range(6)), column], schema=schema)
        pq.write_table(damaged, tmp_path / "p.parquet")
        joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)
        answers = joined.read()
        assert answers["problem"].isna().tolist() == [True] * 2 + [False] * 4
        assert answers.geometry.isna().tolist() == [False, False, True, False, True, True]
        assert joined.bad.to_dict("split")["data"] == [["no place", 4, "p.parquet", 3]]


def test_nulls_among_binary_points_do_not_move_the_others(city, tmp_path):
    points = make_points(200)
    points.loc[::7, "geometry"] = None
    points.to_parquet(tmp_path / "p.parquet")
    answers = city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False).read()
    good = points[points.geometry.notna()]
    assert_same_answers(answers[answers["problem"].isna()], city.join(good))
    assert set(answers.loc[answers["problem"].notna(), "id"]) == set(range(0, 200, 7))


def test_bad_rows_in_metres_are_known_by_where_they_lie(city, tmp_path):
    forward = Transformer.from_crs(4326, 5186, always_xy=True).transform
    (x, y), (far_x, far_y) = forward(126.83, 35.13), forward(129.5, 37.9)
    table = pa.table({"x": [x, y, far_x, 1e12], "y": [y, x, far_y, 1e12]})
    pq.write_table(table, tmp_path / "p.parquet")
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", crs="5186", progress=False)
    problems = pq.read_table(joined.parts[0])["problem"].to_pylist()
    assert problems == [None, "likely swapped", "outside", "no place"]


@pytest.mark.parametrize("is_second_run", [False, True])
def test_a_join_that_stops_at_bad_rows_names_file_and_row(city, tmp_path, is_second_run):
    table = pa.table({"lon": [126.83, 126.83], "lat": [35.13, 127.0]})
    pq.write_table(table, tmp_path / "p.parquet")
    if is_second_run:
        city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)
    with pytest.raises(DataError, match=r"p\.parquet, row 2: "):
        city.join(tmp_path / "p.parquet", out=tmp_path / "o", on_bad="stop", progress=False)
    if not is_second_run:
        # The part is not there, nor a piece of it.
        assert not [path for path in (tmp_path / "o").iterdir() if "parquet" in path.name]


# -- Whole or not at all, and continued ------------------------------------------------------------


class Killed(BaseException):
    """Ends a join as a signal does, wherever it is."""


def kill_after(monkeypatch, batches: int) -> None:
    """End the join after some batches."""
    real, calls = part.put_together, []

    def put(*arguments):
        calls.append(1)
        if len(calls) > batches:
            raise Killed
        return real(*arguments)

    monkeypatch.setattr(part, "put_together", put)


@pytest.mark.parametrize("batches", [0, 3, 7])
def test_a_join_that_was_killed_goes_on_and_has_the_same_bytes(
    city, tmp_path, monkeypatch, batches
):
    monkeypatch.setattr(limits, "JOIN_BATCH_ROWS", 50)
    write_parts(tmp_path / "p", make_points(600), 4)
    whole = city.join(tmp_path / "p", out=tmp_path / "whole", progress=False)
    with monkeypatch.context() as patch:
        kill_after(patch, batches)
        with pytest.raises(Killed):
            city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    # What is there is whole: no reader ever sees half of a part.
    assert all(manifest.read_part(path) for path in (tmp_path / "o").glob("*.parquet"))
    again = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    assert hash_parts(tmp_path / "o") == hash_parts(tmp_path / "whole")
    assert (again.rows, again.answered) == (whole.rows, whole.answered)
    assert not list((tmp_path / "o").rglob(".*draft"))


@pytest.mark.slow
def test_a_process_that_is_killed_at_any_moment_goes_on_and_has_the_same_bytes(city, tmp_path):
    write_parts(tmp_path / "p", make_points(60_000), 30)
    words = [str(tmp_path / "p"), "--city", str(city.path), "--nearest", "trails"]
    assert kill_at_random(words, tmp_path / "o", times=3) == []


def test_parts_that_are_done_are_not_done_again_but_counted(city, tmp_path, monkeypatch):
    write_parts(tmp_path / "p", make_points(300))
    first = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    monkeypatch.setattr(job, "run_in_threads", lambda *_: pytest.fail("made again"))
    again = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    assert again.resumed == 3
    assert (again.rows, again.written, again.answered) == (
        first.rows, first.written, first.answered,
    )  # fmt: skip


def test_points_that_changed_are_joined_again_and_parts_of_those_that_are_gone_removed(
    city, tmp_path
):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    pq.write_table(as_columns(make_points(40, seed=5)), folder / "1.parquet")
    (folder / "2.parquet").unlink()
    again = city.join(folder, out=tmp_path / "o", progress=False)
    assert again.resumed == 1
    assert [path.name for path in again.parts] == ["0.parquet", "1.parquet"]
    assert not (tmp_path / "o" / "2.parquet").exists()
    frame = pd.concat([make_points(300).iloc[:100], make_points(40, seed=5)])
    assert_same_answers(again.read(), city.join(frame))
    assert any("have changed" in str(note) for note in again.notes)


def test_a_file_that_was_written_again_is_joined_again_even_if_its_footer_is_the_same(
    city, tmp_path
):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    os.utime(folder / "0.parquet", ns=(1, 1))
    assert city.join(folder, out=tmp_path / "o", progress=False).resumed == 2


@pytest.mark.parametrize("options", [{"keep": ["id"]}, {"nearest": "trails"}])
def test_another_question_starts_anew_and_says_so(city, tmp_path, options):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    again = city.join(folder, out=tmp_path / "o", progress=False, **options)
    fresh = city.join(folder, out=tmp_path / "f", progress=False, **options)
    assert again.resumed == 0
    assert "anew" in str(again.notes[0])
    pd.testing.assert_frame_equal(again.read(), fresh.read())


def test_another_state_of_the_city_starts_anew(city, tmp_path):
    import mapserver  # noqa: PLC0415 -- as above

    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    copy = shutil.copytree(city.path, tmp_path / "city")
    frame = gpd.read_file(copy / "layers" / "districts.geojson")
    frame["name"] = "새 이름"
    frame.to_file(copy / "layers" / "districts.geojson")
    changed = mapserver.open_city(copy).join(folder, out=tmp_path / "o", progress=False)
    assert set(changed.read()["district_name"].dropna()) == {"새 이름"}


def test_notes_say_which_options_differ_and_that_data_has_changed(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30), 1)
    city.nearest(folder, out=tmp_path / "o", progress=False)
    again = city.nearest(
        folder, out=tmp_path / "o", progress=False, keep=["id"], max_distance_m=9.0
    )
    assert [str(note) for note in again.notes] == [
        "all is made anew, since the earlier answers had other options: max-distance, keep"
    ]
    path = tmp_path / "o" / manifest.NAME
    earlier = json.loads(path.read_text())
    # The box follows from the data: nobody has set it.
    earlier["job"]["data"], earlier["job"]["question"]["box"] = "another", None
    path.write_text(json.dumps(earlier))
    again = city.nearest(
        folder, out=tmp_path / "o", progress=False, keep=["id"], max_distance_m=9.0
    )
    assert [str(note) for note in again.notes] == [
        "all is made anew, since the data of the city has changed"
    ]


def test_the_speed_is_of_rows_of_this_run_alone(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    assert city.join(folder, out=tmp_path / "o", progress=False).new_rows == 300
    (tmp_path / "o" / "1.parquet").unlink()
    some = city.join(folder, out=tmp_path / "o", progress=False)
    assert (some.rows, some.new_rows) == (300, 100)
    assert f"{100 / some.seconds / 1e3:.1f} k rows/s" in repr(some)
    none = city.join(folder, out=tmp_path / "o", progress=False)
    assert (none.rows, none.new_rows) == (300, 0)
    assert "rows/s" not in repr(none)
    said = run(city, folder, "--layer", "districts", "--out", tmp_path / "o", "--lang", "en")
    assert "rows: 300" in said.stdout
    assert "a second" not in said.stdout


def test_the_manifest_has_the_same_bytes_in_whatever_order_parts_are_done(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    manifests = []
    for turn in (list, lambda tasks: list(reversed(tasks))):
        city.join(
            folder,
            out=tmp_path / "o",
            progress=False,
            scheduler=lambda make, tasks, turn=turn: map(make, turn(tasks)),
        )
        manifests.append((tmp_path / "o" / manifest.NAME).read_bytes())
        shutil.rmtree(tmp_path / "o")
    assert manifests[0] == manifests[1]


def test_a_manifest_that_is_damaged_may_be_deleted(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30), 2)
    (folder / "deep").mkdir()
    shutil.copy(folder / "0.parquet", folder / "deep" / "0.parquet")
    out = tmp_path / "o"
    city.join(folder, out=out, progress=False)
    whole = hash_parts(out)
    (out / manifest.NAME).write_text("{")
    with pytest.raises(DataError, match="Delete it, and the join begins anew"):
        city.join(folder, out=out, progress=False)
    (out / manifest.NAME).unlink()
    again = city.join(folder, out=out, progress=False)
    assert (again.resumed, hash_parts(out)) == (0, whole)
    # Parts of another join, or other files in a folder, are not written over without a manifest.
    (out / manifest.NAME).unlink()
    (out / "deep" / "holiday.txt").write_text("mine")
    with pytest.raises(DataError, match=r"not empty.*'deep'"):
        city.join(folder, out=out, progress=False)
    (out / "deep" / "holiday.txt").unlink()
    (folder / "1.parquet").unlink()
    with pytest.raises(DataError, match=r"not empty.*'1.parquet'"):
        city.join(folder, out=out, progress=False)


def test_a_damaged_part_is_made_again(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    whole = hash_parts(tmp_path / "o")
    torn = tmp_path / "o" / "1.parquet"
    torn.write_bytes(torn.read_bytes()[:-100])
    assert city.join(folder, out=tmp_path / "o", progress=False).resumed == 2
    assert hash_parts(tmp_path / "o") == whole


def test_foreign_files_are_never_touched(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    out = tmp_path / "o"
    out.mkdir()
    (out / "holiday.txt").write_text("mine")
    with pytest.raises(DataError, match=r"not empty.*'holiday.txt'"):
        city.join(folder, out=out, progress=False)
    assert [path.name for path in out.iterdir()] == ["holiday.txt"]
    (out / "holiday.txt").unlink()
    city.join(folder, out=out, progress=False)
    # What somebody lays beside the answers stays there, also where a part would stand.
    (out / "holiday.txt").write_text("mine")
    shutil.copy(folder / "0.parquet", out / "3.parquet")
    city.join(folder, out=out, progress=False)
    shutil.copy(folder / "0.parquet", folder / "3.parquet")
    with pytest.raises(DataError, match=r"'3.parquet'"):
        city.join(folder, out=out, progress=False)
    assert (out / "holiday.txt").read_text() == "mine"
    assert (out / "3.parquet").read_bytes() == (folder / "0.parquet").read_bytes()


def test_what_took_the_place_of_a_part_is_not_removed_with_its_points(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    shutil.copy(folder / "0.parquet", tmp_path / "o" / "2.parquet")
    (folder / "2.parquet").unlink()
    assert len(city.join(folder, out=tmp_path / "o", progress=False).parts) == 2
    assert pq.read_schema(tmp_path / "o" / "2.parquet").names == ["id", "lon", "lat"]


def test_a_manifest_of_another_program_is_left_alone(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    out = tmp_path / "o"
    out.mkdir()
    (out / manifest.NAME).write_text('{"sign": "another", "format": 1}')
    with pytest.raises(DataError, match="cannot be read"):
        city.join(folder, out=out, progress=False)


def test_answers_may_not_lie_among_the_points(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    for out in (folder, folder / "answers", tmp_path):
        with pytest.raises(DataError, match="in one another"):
            city.join(folder, out=out, progress=False)


def test_two_joins_at_once_into_one_folder_are_refused(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    (tmp_path / "o").mkdir()
    with job._locked(tmp_path / "o"), pytest.raises(DataError, match="another join"):
        city.join(folder, out=tmp_path / "o", progress=False)


def test_folders_within_the_folder_are_kept_and_hidden_files_left_out(city, tmp_path):
    points = make_points(300)
    write_parts(tmp_path / "p" / "gu=29140", points.iloc[:200], 1)
    write_parts(tmp_path / "p", points.iloc[200:], 1)
    (tmp_path / "p" / "_SUCCESS.parquet").write_bytes(b"")
    (tmp_path / "p" / ".crc.parquet").write_bytes(b"")
    joined = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    names = [path.relative_to(tmp_path / "o").as_posix() for path in joined.parts]
    assert names == ["0.parquet", "gu=29140/0.parquet"]
    assert joined.rows == 300


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"x" * 20 + b"PAR1", b"no" * 40])
def test_a_damaged_file_of_points_is_named(city, tmp_path, content):
    folder = write_parts(tmp_path / "p", make_points(30), 1)
    (folder / "b.parquet").write_bytes(content)
    with pytest.raises(DataError, match=r"^b\.parquet"):
        city.join(folder, out=tmp_path / "o", progress=False)


def test_a_column_that_is_there_twice_is_an_error(city, tmp_path):
    table = pa.Table.from_arrays(
        [pa.array([1.0]), pa.array([35.1]), pa.array([126.8])], names=["a", "lat", "lon"]
    )
    for name in ("a", "lon"):
        pq.write_table(table.append_column(name, pa.array([2.0])), tmp_path / "p.parquet")
        with pytest.raises(DataError, match=f"column '{name}' is there twice"):
            city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)


def test_all_files_that_cannot_be_joined_are_named_at_once(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30), 3)
    (folder / "0.parquet").write_bytes(b"no")
    (folder / "2.parquet").write_bytes(b"no")
    with pytest.raises(DataError, match=r"^0\.parquet: .*no whole .*joined: 2\.parquet\. Write"):
        city.join(folder, out=tmp_path / "o", progress=False)
    for name in ("0", "2"):
        pq.write_table(pa.table({"x": [1.0], "y": [2.0]}), folder / f"{name}.parquet")
    with pytest.raises(CrsError, match=r"^0\.parquet: 'x' and 'y' have no .*: 2\.parquet\. Ask"):
        city.join(folder, out=tmp_path / "o", progress=False)


def test_metres_that_say_to_be_degrees_get_the_advice_that_mends_them(city, tmp_path):
    path, out = tmp_path / "p.parquet", tmp_path / "o"
    points = make_points(30).to_crs(5186)
    points.to_parquet(path)
    rewrite_geo(path, lambda column: column.pop("crs"))
    with pytest.raises(CrsError, match=r"frame\.set_crs\(\"EPSG:"):
        city.join(path, out=out, progress=False)
    with pytest.raises(CrsError, match="GeoParquet without a CRS is in degrees by its standard"):
        city.join(path, out=out, progress=False, crs="EPSG:5186")
    pq.write_table(pa.table({"lon": points.geometry.x, "lat": points.geometry.y}), path)
    with pytest.raises(CrsError, match=r'and name their CRS: .* crs="EPSG:\d+" in Python'):
        city.join(path, out=out, progress=False)
    with pytest.raises(CrsError, match="If they are metres, call the columns x and y"):
        city.join(path, out=out, progress=False, crs="EPSG:5186")


@pytest.mark.parametrize("crs", [5186, np.int64(5186), CRS(5186)])
def test_a_crs_may_be_what_geopandas_takes(city, tmp_path, crs):
    points = make_points(30)
    metres = points.to_crs(5186).geometry
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"id": points["id"], "x": metres.x, "y": metres.y}), path)
    joined = city.join(path, out=tmp_path / "o", crs=crs, progress=False)
    assert_same_answers(
        joined.read()[["id", "district_id", "geometry"]],
        city.join(points)[["id", "district_id", "geometry"]],
    )
    with pytest.raises(QueryError, match="True is no text"):
        city.join(path, out=tmp_path / "o", crs=True, progress=False)


def test_a_full_disk_leaves_what_is_done_and_says_so(city, tmp_path, monkeypatch):
    folder = write_parts(tmp_path / "p", make_points(300))
    real, calls = part.PartWriter.write, []

    def write(self, batch):
        calls.append(1)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(part.PartWriter, "write", write)
        with pytest.raises(DataError, match=r"disk is full.*parts that are done stay") as caught:
            city.join(
                folder, out=tmp_path / "o", progress=False,
                scheduler=map,
            )  # fmt: skip
    assert "nothing was changed" not in str(caught.value)
    assert city.join(folder, out=tmp_path / "o", progress=False).resumed == 1


def test_a_folder_of_answers_that_cannot_be_made_is_an_error_with_its_path(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    (tmp_path / "file").write_text("mine")
    result = run(city, folder, "--out", tmp_path / "file" / "deep" / "o", "--lang", "en")
    assert result.exit_code == 1
    assert "nothing can be written there" in result.stderr
    assert (tmp_path / "file").read_text() == "mine"


# -- What is seen of it ----------------------------------------------------------------------------


class Display:
    """A display of a notebook: it has what was shown, and then in its place."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: object, *, display_id: bool) -> Display:
        assert display_id
        self.lines.append(repr(line))
        return self

    def update(self, line: object) -> None:
        self.lines.append(repr(line))


def test_a_notebook_shows_rows_a_second_and_time_left_in_one_line(city, tmp_path, monkeypatch):
    display = Display()
    monkeypatch.setattr(progress, "find_notebook", lambda: display)
    monkeypatch.setattr(limits, "PROGRESS_EVERY_S", 0.0)
    folder = write_parts(tmp_path / "p", make_points(3_000))
    city.join(folder, out=tmp_path / "o")
    assert len(display.lines) == 4
    assert re.fullmatch(
        r"33% · 1,000 of 3,000 rows · [\d.]+ [kM] rows/s, \d+ s left", display.lines[1]
    )
    assert display.lines[-1].startswith("100% · 3,000 of 3,000 rows")
    quiet = Display()
    monkeypatch.setattr(progress, "find_notebook", lambda: quiet)
    city.join(folder, out=tmp_path / "o2", progress=False)
    assert quiet.lines == []


def test_a_terminal_has_a_bar_and_a_pipe_nothing(city, tmp_path, monkeypatch, capsys):
    folder = write_parts(tmp_path / "p", make_points(3_000))
    city.join(folder, out=tmp_path / "o")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(
        progress, "Console", lambda **options: Console(force_terminal=True, width=90, **options)
    )
    city.join(folder, out=tmp_path / "o2")
    assert "rows/s" in capsys.readouterr().err


def test_what_came_of_a_join_is_a_line_and_a_table_in_which_texts_are_texts(city, tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    table = pa.table({"id": [1, 2], "lon": [126.83, None], "lat": [35.13, 35.1]})
    pq.write_table(table, folder / "<b>a\x1b[2J.parquet")
    joined = city.join(folder, out=tmp_path / "o", progress=False)
    assert re.fullmatch(
        r"<Joined 2 rows into .*: 1 in districts; 1 bad; [\d.]+ s, .*>", repr(joined)
    )
    page = joined._repr_html_()
    assert "<b>" not in page
    assert "\x1b" not in page
    assert "missing" in page
    assert list(joined.read(["id"]).columns) == ["id", "geometry"]
    assert joined.dataset().count_rows() == 2


# -- The task, as any worker runs it ---------------------------------------------------------------


def join_by(city, tmp_path, scheduler):
    write_parts(tmp_path / "p", make_points(30), 1)
    return city.join(tmp_path / "p", out=tmp_path / "o", progress=False, scheduler=scheduler)


def test_any_engine_maps_tasks_that_are_small_and_hold_no_data(city, tmp_path):
    import pickle  # noqa: PLC0415 -- what engines do to a task

    sizes: list[int] = []

    def map_tasks(make, tasks):
        for task in tasks:
            data = pickle.dumps((make, task))
            sizes.append(len(data))
            make_there, task_there = pickle.loads(data)  # noqa: S301 -- made in the line above
            yield pickle.loads(pickle.dumps(make_there(task_there)))  # noqa: S301 -- likewise

    joined = join_by(city, tmp_path, map_tasks)
    plain = city.join(tmp_path / "p", out=tmp_path / "plain", progress=False)
    assert sizes
    assert max(sizes) < 3_000
    assert hash_parts(joined.out) == hash_parts(plain.out)
    # What the workers needed beside the points is gone again.
    assert sorted(path.name for path in joined.out.iterdir()) == ["0.parquet", manifest.NAME]


def test_a_worker_refuses_files_that_are_not_those_that_were_planned(city, tmp_path):
    def refuse(make, tasks):
        (task,) = tasks
        with pytest.raises(DataError, match="does not see"):
            make(replace(task, points=str(tmp_path / "nowhere.parquet")))
        with pytest.raises(DataError, match="has changed"):
            make(replace(task, footer="0" * 32))
        (index,) = task.indexes
        with pytest.raises(DataError, match="another file"):
            make(replace(task, indexes=(replace(index, digest="0" * 32),)))
        with pytest.raises(DataError, match="does not see"):
            make(replace(task, indexes=(replace(index, path=str(tmp_path / "nowhere")),)))
        with pytest.raises(DataError, match="version"):
            make(replace(task, program="0.0"))
        with pytest.raises(DataError, match="has 30 rows, and says that it has 31"):
            make(replace(task, rows=31))
        # Nothing of the part is left, nor of the attempt.
        assert not [path for path in (tmp_path / "o").iterdir() if "parquet" in path.name]
        return [make(task)]

    assert join_by(city, tmp_path, refuse).rows == 30


def test_what_is_no_scheduler_is_refused(city, tmp_path):
    with pytest.raises(QueryError, match="7 is no scheduler"):
        join_by(city, tmp_path, 7)


# -- The command -----------------------------------------------------------------------------------


def run(city, *words: object):
    return CliRunner().invoke(main, ["join", *map(str, words), "--city", str(city.path)])


def test_the_command_joins_and_says_what_came_of_it(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    table = pa.table({"lon": [126.83], "lat": [127.0], "id": [9]})
    pq.write_table(table, folder / "z.parquet")
    result = run(city, folder, "--layer", "districts", "--out", tmp_path / "o", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "rows: 301, files: 4" in result.stdout
    # The value of the column stands beside its words.
    assert re.search(r"no place +no place on earth +1 +z\.parquet", result.stderr)
    assert "z.parquet" in result.stderr
    stopped = run(city, folder, "--out", tmp_path / "s", "--on-bad", "stop", "--lang", "en")
    assert stopped.exit_code == 1
    assert "z.parquet, row 1: 126.83, 127.0 is no place on earth" in stopped.stderr


def test_the_command_keeps_columns_and_asks_for_the_nearest(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30))
    words = ("--nearest", "trails", "--k", 2, "--max-distance", 3000, "--keep", "id")
    result = run(city, folder, *words, "--out", tmp_path / "o")
    assert result.exit_code == 0, result.output
    columns = pq.read_schema(tmp_path / "o" / "0.parquet").names
    assert columns[:4] == ["id", "geometry", "trail_id", "trail_name"]


def test_a_layer_or_an_option_that_is_not_there_is_wrong_usage(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    assert run(city, folder, "--layer", "parks", "--out", tmp_path / "o").exit_code == 2
    # Trails are lines, and no point lies in one: that is said before anything is made.
    for words in (("--k", 3), ("--max-distance", 9)):
        said = run(city, folder, *words, "--out", tmp_path / "o", "--lang", "en")
        assert said.exit_code == 2
        assert "is about what is nearest" in said.stderr
    lines = run(city, folder, "--layer", "trails", "--out", tmp_path / "o", "--lang", "en")
    assert lines.exit_code == 2
    assert "the layer trails has no areas" in lines.stderr
    assert "--nearest trails" in lines.stderr
    assert not (tmp_path / "o").exists()
    with pytest.raises(QueryError, match="Is 'keep' meant"):
        city.join(folder, out=tmp_path / "o", kep=["id"])
    with pytest.raises(QueryError, match="answers in files"):
        city.join(folder)
    with pytest.raises(QueryError, match="answers in files"):
        city.join(make_points(3), out=tmp_path / "o")
    with pytest.raises(QueryError, match="on_bad"):
        city.join(folder, out=tmp_path / "o", on_bad="drop")
