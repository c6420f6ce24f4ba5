"""Each row of points stays: its columns, and what is wrong with it."""

from __future__ import annotations

import gc
import json
import weakref

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
    hash_parts,
    make_joining_city,
    make_points,
    write_parts,
)
from pyproj import CRS, Transformer

import mapserver
from mapserver.city import join_city
from mapserver.errors import DataError, QueryError
from mapserver.index import NearestIndex
from mapserver.joining.index_files import OpenIndex, reopen_index
from mapserver.settings import limits


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return make_joining_city(tmp_path_factory.mktemp("joining") / "city")


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


@pytest.mark.parametrize("labels", [range(30), range(100, 10, -3), range(0)], ids=str)
@pytest.mark.parametrize("keep", [None, ["shop_id"], ["id"]], ids=str)
def test_labels_that_pandas_has_in_its_metadata_alone_are_written_as_a_column(
    city, tmp_path, monkeypatch, labels, keep
):
    monkeypatch.setattr(limits, "JOIN_BATCH_ROWS", 7)
    monkeypatch.setattr(limits, "MIN_JOIN_BATCH_ROWS", 1)
    points = make_points(len(labels)).set_index(pd.RangeIndex.from_range(labels, name="shop_id"))
    points.to_parquet(tmp_path / "p.parquet")
    assert "shop_id" not in pq.read_schema(tmp_path / "p.parquet").names
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", keep=keep, progress=False)
    answers = joined.read()
    assert ("shop_id" in answers) == (keep != ["id"])
    if keep != ["id"]:
        # A point in two districts has two rows.
        frame = city.join(points.reset_index())
        assert answers["shop_id"].tolist() == frame["shop_id"].tolist()
        assert answers["shop_id"].dtype == "int64"


def test_labels_called_like_an_answer_are_replaced_and_named(city, tmp_path):
    points = make_points(30).set_index(pd.RangeIndex(30, name="district_id"))
    points.to_parquet(tmp_path / "p.parquet")
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)
    frame = city.join(make_points(30))[["id", "district_id", "geometry"]]
    assert_same_answers(joined.read(), frame)
    assert "'district_id'" in str(joined.notes[0])


@pytest.mark.parametrize(
    "labels",
    [
        {"kind": "range", "name": "shop_id", "start": 0, "stop": 9, "step": 1},
        {"kind": "range", "name": "shop_id", "start": 0, "stop": 30, "step": 0},
        {"kind": "range", "name": "id", "start": 0, "stop": 30, "step": 1},
        {"kind": "range", "name": None, "start": 0, "stop": 30, "step": 1},
        {"kind": "range", "name": "shop_id", "start": 2**63, "stop": 2**63 + 30, "step": 1},
        {"kind": "range"},
        7,
    ],
    ids=str,
)
def test_labels_that_are_not_of_these_rows_are_left_out(city, tmp_path, labels):
    table = as_columns(make_points(30))
    metadata = {"pandas": json.dumps({"index_columns": [labels]})}
    pq.write_table(table.replace_schema_metadata(metadata), tmp_path / "p.parquet")
    joined = city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)
    assert joined.read()["id"].tolist() == city.join(make_points(30))["id"].tolist()
    assert "shop_id" not in joined.dataset().schema.names


# -- Keys in paths ---------------------------------------------------------------------------------


def test_a_column_that_is_part_of_the_path_is_said_to_stay_there(city, tmp_path):
    write_parts(tmp_path / "p" / "sido=광주" / "gu=서구", make_points(30), 1)
    for keep in (["sido"], ["id", "gu"]):
        with pytest.raises(QueryError, match=f"'{keep[-1]}' is no column .* path: 'sido=광주"):
            city.join(tmp_path / "p", out=tmp_path / "o", keep=keep, progress=False)
    with pytest.raises(QueryError, match=r"no column 'price' .* 'id', 'lon', 'lat'"):
        city.join(tmp_path / "p", out=tmp_path / "o", keep=["gu", "price"], progress=False)
    joined = city.join(tmp_path / "p", out=tmp_path / "o", keep=["id"], progress=False)
    assert joined.notes == ()
    assert set(pd.read_parquet(joined.out)["sido"]) == {"광주"}


def test_folders_called_like_answers_are_named_with_how_the_answers_are_opened(city, tmp_path):
    write_parts(tmp_path / "p" / "district_id=7", make_points(30), 1)
    joined = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    (note,) = map(str, joined.notes)
    assert note.endswith("'district_id'")
    assert "partitioning=None" in note
    with pytest.raises(pa.ArrowTypeError):
        pd.read_parquet(joined.out)
    columns = ["id", "district_id", "geometry"]
    frame = city.join(make_points(30))[columns]
    assert_same_answers(pd.read_parquet(joined.out, partitioning=None)[columns], frame)
    assert_same_answers(joined.read()[columns], frame)


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
