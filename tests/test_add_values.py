"""`mapserver add` keeps values and columns of every kind."""

from __future__ import annotations

import datetime as dt
import json
import struct
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from test_add import add, squares
from test_add_loses_nothing import CENTRE, frame

from mapserver import open_city
from mapserver.readers.vector.surfaces import parse_as_polygons


@pytest.fixture
def cases(test_data) -> Path:
    return test_data / "cases" / "layers"


# -- values and columns of every kind ------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("count", [1, 2])
def test_what_is_counted_has_its_singular_and_what_is_left_out_is_no_error(tmp_path, count, lang):
    rows = [f"{n},가{n},126.85{n},35.14" for n in range(count)]
    (tmp_path / "a.csv").write_text("\n".join(["id,name,lon,lat", *rows, "x,나,,"]), "utf-8")
    words = (tmp_path / "a.csv", "--as", "shops", "--lang", lang)
    said = {
        (1, "en"): ("\n1 feature would be", "\n1 feature added"),
        (2, "en"): ("\n2 features would be", "\n2 features added"),
        (1, "ko"): ("\n1개를 추가하게", "\n1개를 추가했습니다"),
        (2, "ko"): ("\n2개를 추가하게", "\n2개를 추가했습니다"),
    }[count, lang]
    left_out, error = {"en": ("left out  a.csv", "error"), "ko": ("뺀 행  a.csv", "오류")}[lang]
    for dry, word in zip((["--dry-run"], []), said, strict=True):
        output = add(tmp_path / "city", *words, *dry).output
        assert word in output
        assert left_out in output
        assert error not in output


def test_lists_durations_and_the_like_are_read(cases, tmp_path):
    for name in ("strlist.geojson", "td.parquet", "triangle.gpkg", "twogeom.parquet"):
        answer = add(tmp_path / name, cases / name, "--as", "layer")
        assert answer.exit_code == 0, answer.output
        assert "Traceback" not in answer.output
    (listed,) = open_city(tmp_path / "strlist.geojson").layers["strlist"]["list"]
    assert json.loads(listed) == ["a", "b"]
    durations = open_city(tmp_path / "td.parquet").layers["td"]["td"]
    assert list(map(pd.Timedelta, durations)) == [pd.Timedelta(hours=1), pd.Timedelta(hours=2)]
    assert set(open_city(tmp_path / "triangle.gpkg").layers["triangle"].geom_type) <= {
        "Polygon",
        "MultiPolygon",
    }


def test_a_second_geometry_is_named_as_left_out(cases, tmp_path):
    answer = add(tmp_path / "city", cases / "twogeom.parquet", "--as", "districts")
    assert "column 'other' is a second geometry; it is left out" in answer.output
    assert open_city(tmp_path / "city").districts.geom_type.eq("Polygon").all()


VALUES = {
    "categories": pd.Categorical(["a", "b"]),
    "numbers of categories": pd.Categorical([1, 2]),
    "dictionaries": [{"a": {"b": [1]}}, {"a": None}],
    "decimals": [Decimal("12.30"), Decimal("0.1")],
    "long decimals": [Decimal("1.23456789012345678901"), None],
    "lists of numbers": [[1, 2], []],
    "days": [dt.date(2026, 1, 2), None],
    "hours": [dt.time(9, 30), dt.time(18)],
    "times": pd.to_datetime(["2026-01-02T03:04:05Z", None]),
    "bytes": [b"\x00\xff", b""],
    "periods as text": pd.Series(["2026Q1", "2026Q2"]),
    "flags with a gap": pd.array([True, None], dtype="boolean"),
    "numbers with a gap": pd.array([1, None], dtype="Int64"),
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_of_any_type_are_added_or_named(tmp_path, kind):
    frame(CENTRE, CENTRE, 값=VALUES[kind]).to_parquet(tmp_path / "v.parquet")
    answer = add(tmp_path / "city", tmp_path / "v.parquet", "--as", "layer")
    assert answer.exit_code == 0, answer.output
    values = open_city(tmp_path / "city").layers["v"]
    if kind == "bytes":
        assert "binary data; it is left out" in answer.output
    else:
        assert "값" in values
    if kind == "decimals":
        assert list(values["값"]) == [12.3, 0.1]
    if kind == "long decimals":
        assert values["값"].iloc[0] == "1.23456789012345678901"


@pytest.mark.parametrize("column", ["NAME", "Name", "nAmE"])
def test_a_column_that_differs_from_ours_by_its_case_is_the_name(tmp_path, column):
    squares(2).rename(columns={"이름": column}).to_file(tmp_path / "c.gpkg")
    assert add(tmp_path / "city", tmp_path / "c.gpkg", "--as", "neighborhoods").exit_code == 0
    opened = open_city(tmp_path / "city")
    assert list(opened.neighborhoods["name"]) == ["구역 0", "구역 1"]
    assert opened.findings == ()


def test_the_census_layer_is_clean(cases, tmp_path):
    assert add(tmp_path, cases / "census.shp", "--as", "neighborhoods").exit_code == 0
    opened = open_city(tmp_path)
    assert list(opened.neighborhoods["name"]) == ["A", "B"]
    assert {finding.severity for finding in opened.check()} <= {"note"}


def test_columns_that_differ_only_by_case_are_all_there(tmp_path):
    table = squares(2, Id=["x", "y"], NAME=["a", "b"], name=["c", "d"], 값=[1, 2])
    table = table.assign(GEOM=[3, 4], fid=[8, 9], Addr=["p", "q"], ADDR=["r", "s"])
    table.to_parquet(tmp_path / "c.parquet")
    answer = add(tmp_path / "city", tmp_path / "c.parquet", "--as", "districts")
    assert answer.exit_code == 0, answer.output
    opened = open_city(tmp_path / "city")
    districts = opened.districts
    assert opened.findings == ()
    assert list(districts.index) == ["x", "y"]
    assert list(districts["name"]) == ["c", "d"]
    assert list(districts["original_NAME"]) == ["a", "b"]
    kept = {tuple(districts[column]) for column in districts if column != "geometry"}
    assert {(3, 4), (8, 9), ("p", "q"), ("r", "s")} <= kept
    assert "ADDR → ADDR_2" in answer.output


def wkb(kind: int, body: bytes) -> bytes:
    return struct.pack("<BI", 1, kind) + body


def ring(*points: tuple[float, ...]) -> bytes:
    return struct.pack("<I", len(points)) + b"".join(struct.pack(f"<{len(p)}d", *p) for p in points)


@pytest.mark.parametrize(
    ("thousands", "more"), [(0, ()), (1000, (5.0,)), (2000, (7.0,)), (3000, (5.0, 7.0))]
)
def test_surfaces_are_polygons_with_heights_and_measures_or_without(thousands, more):
    corners = [(0.0, 0.0, *more), (1.0, 0.0, *more), (0.0, 1.0, *more), (0.0, 0.0, *more)]
    rings = struct.pack("<I", 1) + ring(*corners)
    triangle = wkb(17 + thousands, rings)
    tin = wkb(16 + thousands, struct.pack("<I", 2) + triangle + triangle)
    patches = struct.pack("<I", 1) + wkb(3 + thousands, rings)
    inside = wkb(7 + thousands, struct.pack("<I", 1) + triangle)
    raw = np.array([triangle, tin, wkb(15 + thousands, patches), inside, None], dtype=object)
    shapes, reasons = parse_as_polygons(raw)
    assert not reasons
    kinds = [shape.geom_type for shape in shapes[:3]]
    assert kinds == ["Polygon", "MultiPolygon", "MultiPolygon"]
    assert all(shape.area == 0.5 for shape in shapely.force_2d(shapes[[0, 2, 3]]))


def test_a_geometry_of_no_known_kind_costs_only_its_row():
    shapes, reasons = parse_as_polygons(
        np.array([shapely.to_wkb(CENTRE), wkb(99, b"")], dtype=object)
    )
    assert shapes[0] == CENTRE
    assert list(reasons) == [1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "english"),
    [
        ("SIG_KOR_NM", "SIG_ENG_NM"),
        ("EMD_KOR_NM", "EMD_ENG_NM"),
        ("CTP_KOR_NM", "CTP_ENG_NM"),
        ("ADM_NM", None),
        ("행정동명", "영문명"),
        ("시군구명", None),
        ("상권명", None),
    ],
)
def test_columns_of_korean_offices_give_names(tmp_path, column, english):
    table = squares(2).rename(columns={"이름": column}).assign(시도명="광주")
    table = table if english is None else table.assign(**{english: ["One", "Two"]})
    table.to_file(tmp_path / "c.gpkg")
    assert add(tmp_path / "city", tmp_path / "c.gpkg", "--as", "layer").exit_code == 0
    layer = open_city(tmp_path / "city").layers["c"]
    assert list(layer["name"]) == ["구역 0", "구역 1"]
    if english:
        assert list(layer["name_en"]) == ["One", "Two"]


def test_the_area_in_which_rows_lie_is_not_their_name(tmp_path):
    squares(4).drop(columns="이름").assign(시군구명="서구").to_file(tmp_path / "c.gpkg")
    assert add(tmp_path / "city", tmp_path / "c.gpkg", "--as", "layer").exit_code == 0
    assert open_city(tmp_path / "city").layers["c"]["name"].isna().all()
