"""``mapserver add`` loses nothing: what is written is counted, and the rest is named."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import struct
import zipfile
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from gpxtext import gpx, track
from pyogrio.errors import FieldError
from test_add import add, squares, state

from mapserver import open_city
from mapserver.importing import writing
from mapserver.readers.vector.surfaces import parse_as_polygons

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
    answer = add(tmp_path / "city", tmp_path / "t.csv", "--as", "services")
    assert "1 feature added" in answer.output
    first = next(line for line in answer.output.splitlines() if line.startswith("t.csv"))
    assert first.split()[1:3] == ["1", "3"]


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


# -- ids and the catalogue -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "column", ["EMD_CD", "ADM_CD", "SIG_CD", "코드", "관리번호", "district_id", "상점가 코드"]
)
def test_a_unique_code_is_the_id_of_a_district(tmp_path, column):
    squares(2, **{column: ["0012", "0013"]}).to_file(tmp_path / "d.gpkg")
    assert add(tmp_path / "city", tmp_path / "d.gpkg", "--as", "districts").exit_code == 0
    assert list(open_city(tmp_path / "city").districts.index) == ["0012", "0013"]


def test_a_code_that_rows_share_is_no_id(tmp_path):
    squares(4, EMD_CD=["1", "1", "2", "2"]).to_file(tmp_path / "d.geojson")
    assert add(tmp_path / "city", tmp_path / "d.geojson", "--as", "districts").exit_code == 0
    assert open_city(tmp_path / "city").districts.index[0] == "districts-1"


@pytest.mark.parametrize("ids", [[None] * 4, [0] * 4])
def test_an_id_that_nobody_filled_in_is_no_id(tmp_path, ids):
    squares(4, id=ids, EMD_CD=["1", "2", "3", "4"]).to_file(tmp_path / "d.shp")
    answer = add(tmp_path / "city", tmp_path / "d.shp", "--as", "districts")
    assert answer.exit_code == 0, answer.output
    assert list(open_city(tmp_path / "city").districts.index) == ["1", "2", "3", "4"]
    assert "so no ids" in answer.output


@pytest.mark.slow
def test_the_column_of_ids_is_chosen_and_remembered(city, tmp_path):
    squares(2, 비고=["007", "8"], code=["a", "b"]).to_file(tmp_path / "new.geojson")
    wrong = add(
        city, tmp_path / "new.geojson", "--as", "districts", "--replace", "--id-column", "x"
    )
    assert wrong.exit_code == 1
    assert "--id-column: 이름, 비고, code" in wrong.stderr
    words = ("--as", "districts", "--replace")
    assert add(city, tmp_path / "new.geojson", *words, "--id-column", "비고").exit_code == 0
    opened = open_city(city)
    assert list(opened.districts.index) == ["007", "8"]
    assert opened.entry("districts").id_column == "비고"
    assert opened.findings == ()
    # Next quarter nobody has to know it.
    squares(2, code=["c", "d"], 비고=["009", "010"]).to_file(tmp_path / "next.geojson")
    assert add(city, tmp_path / "next.geojson", *words).exit_code == 0
    assert list(open_city(city).districts.index) == ["009", "010"]
    squares(2, code=["c", "d"]).to_file(tmp_path / "other.geojson")
    before = state(city)
    missing = add(city, tmp_path / "other.geojson", *words)
    assert missing.exit_code == 1
    assert "'비고', which the catalogue names, is missing" in missing.stderr
    assert state(city) == before
    assert add(city, tmp_path / "other.geojson", *words, "--id-column", "code").exit_code == 0
    assert open_city(city).entry("districts").id_column == "code"


@pytest.mark.slow
def test_what_the_catalogue_said_stays_unless_the_command_says_otherwise(city, tmp_path):
    squares(2).to_file(tmp_path / "new.geojson")
    words = (tmp_path / "new.geojson", "--as", "districts", "--replace")
    assert add(city, *words).exit_code == 0
    entry = open_city(city).entry("districts")
    assert (str(entry.title), str(entry.source), entry.licence) == (
        "상점가",
        "서구청 경제과",
        "CC0-1.0",
    )
    assert entry.style.color == "#123456"
    assert "# ours" in (city / "layers/catalog.toml").read_text("utf-8")
    assert add(city, *words, "--title", "골목", "--source", "상인회").exit_code == 0
    entry = open_city(city).entry("districts")
    assert (str(entry.title), str(entry.source)) == ("골목", "상인회")


@pytest.mark.slow
def test_a_source_that_names_the_last_file_names_the_next(city, tmp_path):
    for name in ("2026-1.geojson", "2026-2.geojson"):
        squares(2).to_file(tmp_path / name)
        add(city, tmp_path / name, "--as", "layer", "--layer-id", "parks", "--replace")
    assert str(open_city(city).entry("parks").source) == "2026-2.geojson"


def test_real_data_in_place_of_a_sample_is_no_sample(city, tmp_path):
    path = city / "layers/catalog.toml"
    path.write_text(path.read_text("utf-8") + "sample = true\n", "utf-8")
    squares(2).to_file(tmp_path / "real.geojson")
    answer = add(city, tmp_path / "real.geojson", "--as", "districts", "--replace")
    assert "layer 'districts' was a sample; it now counts as real" in answer.output
    entry = open_city(city).entry("districts")
    assert not entry.sample
    assert (str(entry.source), entry.licence) == ("real.geojson", "")
    assert str(entry.title) == "상점가"


def test_a_trail_in_place_of_a_sample_is_no_sample(city, tmp_path):
    (city / "gpx/trails.csv").write_text(
        "id,name,season,sample,source\nold,옛길,03-01/11-30,yes,그림\n", "utf-8"
    )
    (tmp_path / "old.gpx").write_text(gpx(track([(126.85, 35.14), (126.852, 35.14)])), "utf-8")
    answer = add(city, tmp_path / "old.gpx", "--as", "trails", "--replace")
    assert answer.exit_code == 0
    assert "now count as real" in answer.output
    register = pd.read_csv(city / "gpx/trails.csv").set_index("id")
    assert register.loc["old", ["name", "season"]].tolist() == ["옛길", "03-01/11-30"]
    assert register.loc["old", ["sample", "source"]].isna().all()
    assert len(list((city / "originals").rglob("replaced-old.gpx"))) == 1


@pytest.mark.parametrize("option", ["--layer-id", "--id"])
def test_the_id_of_the_layer_has_two_words(tmp_path, option):
    squares(2).to_file(tmp_path / "p.geojson")
    assert add(tmp_path / "c", tmp_path / "p.geojson", "--as", "layer", option, "x").exit_code == 0
    assert "x" in open_city(tmp_path / "c").layers


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


# -- where it lies -------------------------------------------------------------------------------


def trail_at(lon: float, lat: float) -> str:
    return gpx(track([(lon, lat), (lon + 0.001, lat)]))


@pytest.mark.slow
def test_a_city_that_begins_with_one_trail_takes_the_next(tmp_path):
    city = tmp_path / "city"
    for name, lon in (("a", 126.85), ("b", 126.9), ("c", 127.2)):
        (tmp_path / f"{name}.gpx").write_text(trail_at(lon, 35.14), "utf-8")
        assert add(city, tmp_path / f"{name}.gpx", "--as", "trails").exit_code == 0
    (tmp_path / "seoul.gpx").write_text(trail_at(126.98, 37.57), "utf-8")
    far = add(city, tmp_path / "seoul.gpx", "--as", "trails")
    assert far.exit_code == 1
    assert "--anyway" in far.stderr
    assert add(city, tmp_path / "seoul.gpx", "--as", "trails", "--anyway").exit_code == 0
    assert len(open_city(city).trails) == 4


def test_where_there_are_neighbourhoods_they_say_what_lies_outside(tmp_path):
    city = tmp_path / "city"
    squares(2).to_file(tmp_path / "n.geojson")
    add(city, tmp_path / "n.geojson", "--as", "neighborhoods")
    (tmp_path / "b.gpx").write_text(trail_at(127.0, 35.14), "utf-8")
    assert add(city, tmp_path / "b.gpx", "--as", "trails").exit_code == 1
    answer = add(city, tmp_path / "b.gpx", "--as", "trails", "--anyway")
    assert answer.exit_code == 0
    assert "outside of the city" in answer.output


# -- originals, and all or nothing ---------------------------------------------------------------


def originals(city: Path) -> list[bytes]:
    return [path.read_bytes() for path in (city / "originals").rglob("*") if path.is_file()]


def test_files_of_one_name_are_all_kept(tmp_path):
    city, texts = tmp_path / "city", []
    for n in range(3):
        squares(2, v=[n, n]).to_file(tmp_path / "p.geojson")
        texts.append((tmp_path / "p.geojson").read_bytes())
        add(city, tmp_path / "p.geojson", "--as", "layer", "--replace")
    assert set(texts) <= set(originals(city))
    count = len(originals(city))
    add(city, tmp_path / "p.geojson", "--as", "layer", "--replace")
    assert originals(city).count(texts[2]) == 1  # the same once more is no other original
    assert len(originals(city)) == count + 1  # the layer that gave way


def test_files_of_one_name_in_two_folders_are_both_kept(tmp_path):
    for folder, lon in (("a", 126.85), ("b", 126.86)):
        (tmp_path / folder).mkdir()
        text = f"name,lon,lat\n{folder},{lon},35.14\n"
        (tmp_path / folder / "p.csv").write_text(text, "utf-8")
    files = [tmp_path / "a/p.csv", tmp_path / "b/p.csv"]
    assert add(tmp_path / "city", *files, "--as", "services").exit_code == 0
    assert sorted(originals(tmp_path / "city")) == sorted(path.read_bytes() for path in files)


def test_the_parts_of_a_shapefile_stay_together(tmp_path):
    city = tmp_path / "city"
    for n in range(2):
        squares(2, v=[n, n]).to_file(tmp_path / "p.shp", encoding="utf-8")
        add(city, tmp_path / "p.shp", "--as", "layer", "--replace")
    kept = sorted(path for path in (city / "originals").rglob("p*.shp"))
    assert {path.stem for path in kept} == {"p", "p-2"}
    values = [set(gpd.read_file(path)["v"]) for path in sorted(kept, key=lambda p: len(p.stem))]
    assert values == [{0}, {1}]


def test_all_parts_of_a_shapefile_that_gives_way_are_kept(make_folder, tmp_path):
    city = make_folder({"layers/districts.shp": squares(3)})
    old = {path.read_bytes() for path in (city / "layers").iterdir()}
    squares(2).to_file(tmp_path / "new.geojson")
    assert add(city, tmp_path / "new.geojson", "--as", "districts", "--replace").exit_code == 0
    assert old <= set(originals(city))
    assert {path.name for path in (city / "layers").iterdir()} == {
        "districts.gpkg",
        "catalog.toml",
    }


def test_a_file_of_another_layer_is_not_written_over(make_folder, tmp_path):
    other = CATALOG.replace('id = "districts"', 'id = "other"').replace(
        'role = "districts"', 'role = "layer"'
    )
    city = make_folder({"layers/catalog.toml": other.replace(".geojson", ".gpkg")})
    squares(3).to_file(city / "layers/districts.gpkg")
    squares(2).to_file(tmp_path / "new.geojson")
    assert add(city, tmp_path / "new.geojson", "--as", "districts").exit_code == 0
    opened = open_city(city)
    assert (len(opened.layers["other"]), len(opened.districts)) == (3, 2)


@pytest.mark.parametrize("dry", [True, False])
def test_one_file_that_cannot_be_used_stops_all(city, tmp_path, dry):
    (tmp_path / "good.gpx").write_text(trail_at(126.85, 35.14), "utf-8")
    (tmp_path / "bad.gpx").write_text("<gpx", "utf-8")
    before = state(city)
    words = (tmp_path / "good.gpx", tmp_path / "bad.gpx", "--as", "trails")
    words = (*words, "--dry-run") if dry else words
    answer = add(city, *words)
    assert answer.exit_code == 1
    assert "bad.gpx" in answer.stderr
    assert "--skip-unreadable" in answer.stderr
    assert state(city) == before
    skipped = add(city, *words, "--skip-unreadable")
    assert skipped.exit_code == 0
    assert "bad.gpx" in skipped.output
    assert (state(city) == before) is dry


FAILURES = ("write_file", "tables.write", "describe_layer")


@pytest.mark.parametrize("place", FAILURES)
@pytest.mark.parametrize("new", [True, False])
def test_a_full_disk_leaves_everything_as_it_was(city, tmp_path, monkeypatch, place, new):
    folder = tmp_path / "deep" / "new" if new else city
    before = state(folder)
    squares(2).to_file(tmp_path / "p.geojson")

    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    module, _, name = place.rpartition(".")
    monkeypatch.setattr(getattr(writing, module) if module else writing, name, fail)
    answer = add(folder, tmp_path / "p.geojson", "--as", "districts", "--replace")
    assert answer.exit_code == 1
    assert "the disk is full. Free some space" in answer.stderr
    assert state(folder) == before
    assert folder.exists() is not new
    assert (tmp_path / "deep").exists() is False
    assert not list(folder.glob(".*"))
    assert not new or not folder.parent.exists()


def test_a_city_whose_change_was_interrupted_is_put_back_before_it_is_read(city, tmp_path):
    (city / "layers").rename(city / ".layers.old")
    shutil.rmtree(city / "gpx")
    squares(2).to_file(tmp_path / "new.geojson")
    answer = add(city, tmp_path / "new.geojson", "--as", "districts")
    assert answer.exit_code == 1  # there are districts already
    assert len(open_city(city).districts) == 3


@pytest.mark.parametrize("file", ["mixed.geojson", "census.shp", "td.parquet", "mpshops.gpkg"])
def test_a_dry_run_finds_and_counts_what_the_real_run_does(cases, tmp_path, file):
    role = "trails" if file.startswith("mixed") else "layer"
    dry = add(tmp_path / "city", cases / file, "--as", role, "--dry-run").output
    real = add(tmp_path / "city", cases / file, "--as", role).output
    *findings, last = dry.rstrip().splitlines()
    assert real.startswith("\n".join(findings))
    count = last.split()[0]
    assert re.search(rf"^{count} features? added", real, re.MULTILINE)


def test_help_explains_each_option_with_an_example():
    text = add(Path(), "--help").output
    for option in ("--id-column EMD_CD", "--layer-id parks", "--crs EPSG:5186", "--anyway"):
        assert option in text
    assert "All of the files are added, or nothing is changed" in " ".join(text.split())


def test_files_that_are_no_layers_are_named(tmp_path):
    folder = tmp_path / "dongs"
    folder.mkdir()
    squares(2).to_file(folder / "dongs.shp", encoding="utf-8")
    (folder / "dongs.shp.xml").write_text("<metadata/>", "utf-8")
    for name in ("설명.hwp", "inner.zip", "alone.dbf"):
        (folder / name).write_bytes(b"?")
    answer = add(tmp_path / "city", folder, "--as", "neighborhoods")
    assert answer.exit_code == 0, answer.output
    assert "files in it that are no layers, 3, are passed by: alone.dbf, inner.zip" in answer.output
    kept = {path.name for path in (tmp_path / "city/originals").rglob("*")}
    assert {"dongs.shp", "dongs.shp.xml"} <= kept


def test_a_register_with_a_title_and_other_names_takes_a_row(city, tmp_path):
    old = "맨발길 현황,,\n아이디,이름,운영기간\nold,옛길,5월~9월\n"
    (city / "gpx/trails.csv").write_text(old, "utf-8")
    before = open_city(city).trails.loc["old"]
    (tmp_path / "new.gpx").write_text(trail_at(126.85, 35.141), "utf-8")
    assert add(city, tmp_path / "new.gpx", "--as", "trails").exit_code == 0
    trails = open_city(city).trails
    assert set(trails.index) == {"old", "new"}
    for column in ("name", "season"):
        assert trails.loc["old", column] == before[column]
    assert old.encode() in originals(city)


def test_a_register_that_is_not_read_takes_no_row(city, tmp_path):
    (city / "gpx/trails.xlsx").write_bytes(b"PK")
    before = state(city)
    (tmp_path / "new.gpx").write_text(trail_at(126.85, 35.141), "utf-8")
    answer = add(city, tmp_path / "new.gpx", "--as", "trails")
    assert answer.exit_code == 1
    assert "trails.xlsx" in answer.stderr
    assert state(city) == before


def test_a_file_of_waypoints_takes_no_others_place(tmp_path):
    city = tmp_path / "city"
    for folder, lon in (("a", 126.85), ("b", 126.86)):
        (tmp_path / folder).mkdir()
        point = f'<wpt lat="35.14" lon="{lon}"><name>벤치 {folder}</name></wpt>'
        (tmp_path / folder / "points.gpx").write_text(gpx(point), "utf-8")
        (tmp_path / folder / f"{folder}.gpx").write_text(trail_at(lon, 35.14), "utf-8")
        assert add(city, tmp_path / folder, "--as", "trails").exit_code == 0
    assert set(open_city(city).facilities["name"]) == {"벤치 a", "벤치 b"}


@pytest.mark.parametrize("column", ["GEOMETRY", "Geometry", "geometry"])
@pytest.mark.parametrize("suffix", [".parquet", ".gpkg", ".fgb", ".shp"])
def test_a_column_called_as_the_geometry_is_kept(tmp_path, column, suffix):
    table = squares(2).rename_geometry("shape").assign(**{column: ["x", "y"]})
    path = tmp_path / f"g{suffix}"
    table.to_parquet(path) if suffix == ".parquet" else table.to_file(path, encoding="utf-8")
    answer = add(tmp_path / "city", path, "--as", "districts")
    assert answer.exit_code == 0, answer.output
    districts = open_city(tmp_path / "city").districts
    assert districts.geometry.area.min() > 0
    texts = [sorted(districts[c]) for c in districts if c != "geometry"]
    assert ["x", "y"] in texts


def test_what_cannot_be_written_is_one_line(city, tmp_path, monkeypatch):
    squares(2).to_file(tmp_path / "p.geojson")
    before = state(city)

    def fail(*_args, **_options):
        raise FieldError("no such type")

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    answer = add(city, tmp_path / "p.geojson", "--as", "neighborhoods")
    assert answer.exit_code == 1
    assert "it cannot be written: no such type. Leave out the column" in answer.stderr
    assert "another format" not in answer.stderr
    assert state(city) == before
