"""Every case of the list of files that once went wrong is a test, and is added whole today."""

from __future__ import annotations

import csv
import re
import sqlite3
import struct
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from conftest import ROOT
from test_add import add, squares

from mapserver import open_city
from mapserver.readers.register.column_names import REGISTER_COLUMNS

SQUARE = shapely.box(126.85, 35.14, 126.86, 35.15)
POINT = shapely.Point(126.855, 35.145)

ROLES = {
    "strlist.geojson": ("layer", 1),
    "mpshops.gpkg": ("shops", 2),
    "triangle.gpkg": ("districts", 2),
    "td.parquet": ("layer", 2),
    "mixed.geojson": ("trails", 1),
    "census.shp": ("neighborhoods", 2),
    "wkt.csv": ("layer", 1),
    "titlerow.xlsx": ("shops", 2),
    "merged.xlsx": ("shops", 2),
    "dms.csv": ("shops", 2),
    "plain.xlsx": ("shops", 2),
    "kmin.kml": ("layer", 1),
    "twogeom.parquet": ("districts", 2),
    "dates.xlsx": ("shops", 2),
    "antimeridian.geojson": ("districts", 1),
    "two.zip": ("neighborhoods", None),
    "nullbool.gpkg": ("layer", 2),
}
"""What each file is, and how many rows of it there are; None where it is asked about."""


def read_cases(test_data: Path) -> list[str]:
    with (test_data / "cases" / "CASES.csv").open(encoding="utf-8", newline="") as file:
        return [row["file"] for row in csv.DictReader(file)]


def test_every_case_is_named_in_a_test(test_data):
    tests = "\n".join(path.read_text("utf-8") for path in ROOT.glob("tests/test_*.py"))
    stems = [Path(file).stem for file in read_cases(test_data)]
    assert [stem for stem in stems if not re.search(rf"\b{stem}\b", tests)] == []


def test_every_layer_among_the_cases_is_added_here(test_data):
    files = {Path(file).name for file in read_cases(test_data) if file.startswith("layers/")}
    assert files == set(ROLES)


@pytest.mark.parametrize("file", ROLES)
def test_a_case_is_added_whole_and_the_city_is_clean(test_data, tmp_path, file):
    role, count = ROLES[file]
    city = tmp_path / "city"
    answer = add(city, test_data / "cases" / "layers" / file, "--as", role)
    assert "Traceback" not in answer.output
    if count is None:
        assert answer.exit_code == 1
        assert not city.exists()
        return
    assert answer.exit_code == 0, answer.output
    assert re.search(rf"^{count} features? added", answer.output, re.MULTILINE)
    opened = open_city(city)
    assert len(opened.trails if role == "trails" else next(iter(opened.layers.values()))) == count
    assert [f for f in opened.check() if f.severity == "error"] == []


# -- surfaces and curves -------------------------------------------------------------------------

CORNERS = (
    (126.85, 35.14, 5.0),
    (126.86, 35.14, 5.0),
    (126.86, 35.15, 6.0),
    (126.85, 35.15, 6.0),
)


def triangle(*corners) -> bytes:
    ring = b"".join(struct.pack("<3d", *corner) for corner in (*corners, corners[0]))
    return struct.pack("<BIII", 1, 1017, 1, 4) + ring


def tin() -> bytes:
    a, b, c, d = CORNERS
    return struct.pack("<BII", 1, 1016, 2) + triangle(a, b, c) + triangle(a, c, d)


def curved_polygon() -> bytes:
    """A circle of 500 m or so, as an arc of five points (OGC 06-103r4)."""
    arc = [(126.85, 35.145), (126.855, 35.15), (126.86, 35.145), (126.855, 35.14), (126.85, 35.145)]
    points = b"".join(struct.pack("<2d", *point) for point in arc)
    return struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, len(arc)) + points


def write_geopackage(path: Path, wkb: bytes) -> Path:
    """Write a GeoPackage with a geometry that GEOS does not know."""
    frame = gpd.GeoDataFrame({"name": ["가"]}, geometry=[SQUARE], crs=4326)
    frame.to_file(path, SPATIAL_INDEX="NO")
    database = sqlite3.connect(path)
    with database:
        database.execute("update gpkg_geometry_columns set geometry_type_name = 'GEOMETRY'")
        blob = b"GP\0\x01" + struct.pack("<i", 4326) + wkb
        database.execute("update a set geom = ?", (blob,))
    database.close()
    return path


def write_multipatch(path: Path) -> Path:
    """Write a shapefile of type 31 with two triangles (ESRI Shapefile Technical Description)."""
    gpd.GeoDataFrame({"name": ["가"]}, geometry=[SQUARE], crs=4326).to_file(path)
    a, b, c, d = CORNERS
    points = (a, b, c, a, c, d)
    content = struct.pack("<i4dii", 31, 126.85, 35.14, 126.86, 35.15, 2, 6)
    content += struct.pack("<4i", 0, 3, 0, 0)  # where the parts begin, and their kinds
    content += b"".join(struct.pack("<2d", x, y) for x, y, _ in points)
    content += struct.pack("<8d", 5, 6, *(z for _, _, z in points))
    bounds = struct.pack("<ii8d", 1000, 31, 126.85, 35.14, 126.86, 35.15, 5, 6, 0, 0)
    record = struct.pack(">ii", 1, len(content) // 2) + content
    index = struct.pack(">ii", 50, len(content) // 2)
    for suffix, body in ((".shp", record), (".shx", index)):
        head = struct.pack(">i20xi", 9994, (100 + len(body)) // 2)
        path.with_suffix(suffix).write_bytes(head + bounds + body)
    return path


SURFACES = {
    "MultiPatch": lambda folder: write_multipatch(folder / "a.shp"),
    "TIN": lambda folder: write_geopackage(folder / "a.gpkg", tin()),
    "CurvePolygon": lambda folder: write_geopackage(folder / "a.gpkg", curved_polygon()),
}


@pytest.mark.parametrize("kind", SURFACES)
def test_surfaces_and_curves_are_areas_and_the_city_is_clean(tmp_path, kind):
    answer = add(tmp_path / "city", SURFACES[kind](tmp_path), "--as", "districts")
    assert answer.exit_code == 0, answer.output
    opened = open_city(tmp_path / "city")
    share = opened.districts.geometry.iloc[0].area / SQUARE.area
    assert share == pytest.approx(3.1416 / 4 if kind == "CurvePolygon" else 1, abs=0.001)
    assert [f.code for f in opened.check() if f.severity != "note"] == []


# -- columns of unusual types --------------------------------------------------------------------

COLUMNS = {
    "durations": (pa.array([5_400_000, None], pa.duration("ms")), ["P0DT1H30M0S", None]),
    "lists": (pa.array([["가", "나"], None]), ['["가","나"]', None]),
    "lists of numbers": (pa.array([[1, 2], []]), ["[1,2]", "[]"]),
    "large lists": (pa.array([["x"], None], pa.large_list(pa.large_string())), ['["x"]', None]),
    "structures": (pa.array([{"a": "b"}, None]), ['{"a":"b"}', None]),
    "times of day": (pa.array([34_200, None], pa.time32("s")), ["09:30:00", None]),
    "days": (pa.array([20_513, None], pa.date32()), ["2026-03-01", None]),
    "categories": (pa.array(["x", None]).dictionary_encode(), ["x", None]),
    "views of text": (pa.array(["x", None], pa.string_view()), ["x", None]),
    "nothing": (pa.nulls(2), [None, None]),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_columns_of_parquet_are_written_as_text_or_named(tmp_path, kind):
    column, expected = COLUMNS[kind]
    frame = gpd.GeoDataFrame({"name": ["가", "나"]}, geometry=[POINT, POINT], crs=4326)
    frame.to_parquet(tmp_path / "a.parquet")
    pq.write_table(
        pq.read_table(tmp_path / "a.parquet").append_column("c", column), tmp_path / "a.parquet"
    )
    answer = add(tmp_path / "city", tmp_path / "a.parquet", "--as", "layer")
    assert answer.exit_code == 0, answer.output
    layer = open_city(tmp_path / "city").layers["a"]
    assert [None if pd.isna(value) else value for value in layer["c"]] == expected


# -- workbooks -----------------------------------------------------------------------------------


def write_locked_workbook(path: Path) -> None:
    """Write a workbook that is locked: a compound file with an encrypted package."""
    free, end, special, sector = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 512
    streams = {"EncryptionInfo": b"\x04\0\x04\0" + b"x" * 4092, "EncryptedPackage": b"y" * 4096}
    entries = [("Root Entry", 5, 1, end, 0), ("EncryptionInfo", 2, free, 2, 4096)]
    entries += [("EncryptedPackage", 2, free, 10, 4096)]
    table = [special, end, *(n + 1 for n in range(2, 9)), end, *(n + 1 for n in range(10, 17)), end]
    folder = b""
    for name, kind, child, start, size in entries:
        text = f"{name}\0".encode("utf-16-le")
        right = 2 if name == "EncryptionInfo" else free
        folder += text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
        folder += struct.pack("<III36xIQ", free, right, child, start, size)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack(
        "<HHHHH6xIIIIIIIIII", 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0
    )
    head += struct.pack("<I", free) * 108
    fat = struct.pack(f"<{len(table)}I", *table).ljust(sector, b"\xff")
    path.write_bytes(head + fat + folder.ljust(sector, b"\0") + b"".join(streams.values()))


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_a_workbook_that_is_locked_is_one_line_that_says_so(tmp_path, suffix):
    write_locked_workbook(tmp_path / f"a{suffix}")
    answer = add(tmp_path / "city", tmp_path / f"a{suffix}", "--as", "shops")
    assert answer.exit_code == 1
    assert "locked with a password" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "city").exists()


def write_workbook(path: Path, *rows) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_of_a_district_s_members_marks_the_shops(make_folder, tmp_path):
    city = make_folder({"layers/districts.geojson": squares(2)})
    shops = write_workbook(
        tmp_path / "shops.xlsx",
        ["상호명", "경도", "위도"],
        ["가나식당", 126.8605, 35.1505],
        ["다라상회", 126.8605, 35.1505],
        ["마바분식", 126.8605, 35.1505],
    )
    assert add(city, shops, "--as", "shops", "--anyway").exit_code == 0
    members = write_workbook(
        tmp_path / "members.xlsx",
        ["2026년 골목형상점가 가맹점 현황"],
        ["(2026. 3. 1. 기준)"],
        ["연번", "가맹점명", "지류", "카드", "모바일"],
        [1, "가나식당", "O", "X", "O"],
        [2, "다라 상회", "O", "O", None],
        [3, "없는가게", "O", "O", "O"],
        ["합계", "3개소", None, None, None],
    )
    answer = add(city, members, "--as", "shops")
    assert answer.exit_code == 0, answer.output
    assert "없는가게" in answer.output
    marked = open_city(city).shops.set_index("name")
    assert marked["onnuri_paper"].to_dict() == {
        "가나식당": "yes",
        "다라상회": "yes",
        "마바분식": "no",
    }
    assert marked["onnuri_card"].to_dict() == {
        "가나식당": "no",
        "다라상회": "yes",
        "마바분식": "no",
    }
    assert len(marked) == 3
    assert "합계" not in answer.output


# -- files as offices have them ------------------------------------------------------------------


def added(tmp_path, path, role="shops", *words):
    answer = add(tmp_path / "city", path, "--as", role, *words)
    assert answer.exit_code == 0, answer.output
    return answer.output, open_city(tmp_path / "city")


@pytest.mark.parametrize("form", ["경도({})", "경도_{}", "경도 {}"])
@pytest.mark.parametrize("parts", ["도분초", "도분"])
def test_degrees_in_columns_of_their_own_are_one_coordinate(tmp_path, form, parts):
    names = [form.format(part) for part in parts]
    names += [name.replace("경도", "위도") for name in names]
    cells = {"도분초": "126,51,18.0,35,8,42.0", "도분": "126,51.3,35,8.7"}[parts]
    (tmp_path / "a.csv").write_text(f"상호명,{','.join(names)}\n가,{cells}\n", "utf-8")
    point = added(tmp_path, tmp_path / "a.csv")[1].shops.geometry.iloc[0]
    assert (round(point.x, 6), round(point.y, 6)) == (126.855, 35.145)


def test_an_empty_column_between_two_tables_is_named(tmp_path):
    rows = (
        ["상호명", "경도", "위도", None, "구분", "수"],
        ["가", 126.855, 35.145, None, "음식", 3],
    )
    output, _ = added(tmp_path, write_workbook(tmp_path / "a.xlsx", *rows))
    assert "an empty column, D, divides the table" in output


@pytest.mark.parametrize(
    ("name", "is_named"), [("등록일", True), ("면적", False), ("지정일자", True)]
)
def test_numbers_of_days_are_named_with_the_day_that_they_are(tmp_path, name, is_named):
    rows = (["상호명", "경도", "위도", name], ["가", 126.855, 35.145, 46082])
    output, _ = added(tmp_path, write_workbook(tmp_path / "a.xlsx", *rows))
    assert ("46082 is 2026-03-01" in output) == is_named


def test_rows_of_units_and_of_counts_are_no_places(tmp_path):
    table = "상호명,경도,위도,면적\n(명),(도),(도),(㎡)\n가,126.855,35.145,10\n총 1개소,,,\n"
    (tmp_path / "a.csv").write_text(table, "utf-8")
    output, city = added(tmp_path, tmp_path / "a.csv")
    assert len(city.shops) == 1
    assert not re.search("^(error|left out) ", output, re.MULTILINE)


@pytest.mark.parametrize("magic", ["xlsx", "%PDF-1.7", "PAR1", "\x1f\x8b"])
def test_another_file_under_the_name_of_a_csv_is_not_shown_as_garbage(tmp_path, magic):
    write_workbook(tmp_path / "a.xlsx", ["상호명", "경도", "위도"], ["가", 126.855, 35.145])
    data = (tmp_path / "a.xlsx").read_bytes() if magic == "xlsx" else magic.encode("latin-1") * 9
    (tmp_path / "a.csv").write_bytes(data)
    answer = add(tmp_path / "city", tmp_path / "a.csv", "--as", "shops")
    assert answer.exit_code == 1
    assert ("under the name of a table" in answer.stderr) == (magic == "xlsx")
    assert len(answer.stderr) < 200


def test_signs_without_a_width_do_not_hide_a_coordinate(tmp_path):
    table = "상호명,경도,위도\n가,\u200b126.855,35.145\ufeff\n"
    (tmp_path / "a.csv").write_text(table, "utf-8")
    assert added(tmp_path, tmp_path / "a.csv")[1].shops.geometry.iloc[0].x == 126.855


@pytest.mark.parametrize("column", REGISTER_COLUMNS["name"])
def test_trails_are_called_by_any_column_of_names_that_the_register_knows(tmp_path, column):
    line = shapely.LineString([(126.85, 35.14), (126.86, 35.15)])
    frame = gpd.GeoDataFrame({column: ["편백숲길"], "재질": ["황토"]}, geometry=[line], crs=4326)
    frame.to_file(tmp_path / "a.gpkg")
    _, city = added(tmp_path, tmp_path / "a.gpkg", "trails")
    assert city.trails["name"].tolist() == ["편백숲길"]
    assert [f.code for f in city.check() if f.severity != "note"] == []


def test_a_column_that_says_whether_there_is_a_trail_is_no_name(tmp_path):
    (tmp_path / "a.csv").write_text("산책로,경도,위도\n있음,126.855,35.145\n", "utf-8")
    assert added(tmp_path, tmp_path / "a.csv")[1].shops["name"].isna().all()


@pytest.mark.parametrize("declared", ["EUC-KR", "UTF-8", None])
def test_kml_in_korean_encodings_is_read_whatever_it_declares(tmp_path, declared):
    label = f' encoding="{declared}"' if declared else ""
    text = (
        f'<?xml version="1.0"{label}?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        "<Placemark><name>풍암호수공원 맨발길</name><Point><coordinates>126.855,35.145"
        "</coordinates></Point></Placemark></Document></kml>"
    )
    (tmp_path / "a.kml").write_bytes(text.encode("cp949"))
    _, city = added(tmp_path, tmp_path / "a.kml", "layer")
    assert city.layers["a"]["name"].tolist() == ["풍암호수공원 맨발길"]


def test_an_ascii_kml_that_declares_euc_kr_is_read(tmp_path):
    text = (
        '<?xml version="1.0" encoding="EUC-KR"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        "<Document><Placemark><name>A</name><Point><coordinates>126.855,35.145</coordinates>"
        "</Point></Placemark></Document></kml>"
    )
    (tmp_path / "a.kml").write_text(text)
    assert added(tmp_path, tmp_path / "a.kml", "layer")[1].layers["a"]["name"].tolist() == ["A"]


@pytest.mark.parametrize("others", [1, 2, 40])
def test_lines_of_utf_8_among_others_are_named_and_not_garbled(tmp_path, others):
    rows = "".join(f"풍암식당 {n},126.855,35.145\n" for n in range(others)).encode("cp949")
    table = "상호명,경도,위도\n".encode("cp949") + rows + "금호식당,126.856,35.146\n".encode()
    (tmp_path / "a.csv").write_bytes(table)
    answer = add(tmp_path / "city", tmp_path / "a.csv", "--as", "shops")
    assert answer.exit_code == 1
    assert f"in two encodings; these lines are UTF-8: {others + 2}" in answer.stderr


@pytest.mark.parametrize("sign", "●◎√✓VoO○")
def test_signs_of_a_list_say_yes(tmp_path, sign):
    table = f"상호명,경도,위도,카드취급여부\n가,126.855,35.145,{sign}\n나,126.855,35.145,X\n"
    (tmp_path / "a.csv").write_text(table, "utf-8")
    assert added(tmp_path, tmp_path / "a.csv")[1].shops["onnuri_card"].tolist() == ["yes", "no"]


def test_codes_that_excel_has_shortened_are_named_and_make_no_ids(tmp_path):
    rows = "가,126.855,35.145,1.11401E+18\n나,126.855,35.145,1.11402E+18\n"
    (tmp_path / "a.csv").write_text(f"상호명,경도,위도,관리번호\n{rows}", "utf-8")
    output, city = added(tmp_path, tmp_path / "a.csv")
    assert "column '관리번호' holds numbers of more than 15 digits" in output
    assert list(city.shops.index) == ["shops-1", "shops-2"]


@pytest.mark.parametrize(("decimals", "is_named"), [(0, True), (1, True), (2, True), (3, False)])
def test_places_rounded_to_a_kilometre_are_named(tmp_path, decimals, is_named):
    rows = "".join(f"가,{126.8551:.{decimals}f},{35.1451:.{decimals}f}\n" for _ in range(3))
    (tmp_path / "a.csv").write_text(f"상호명,경도,위도\n{rows}", "utf-8")
    output, _ = added(tmp_path, tmp_path / "a.csv")
    assert ("rounded to a kilometre" in output) == is_named


def test_who_made_a_table_is_no_row_of_it(tmp_path):
    rows = (["상호명", "경도", "위도", "비고"], ["가", 126.855, 35.145, "x"], ["작성자: 홍길동"])
    output, _ = added(tmp_path, write_workbook(tmp_path / "a.xlsx", *rows))
    assert "rows of notes left out: 1 (rows 3)" in output
