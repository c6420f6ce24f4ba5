"""Coordinates as people write them: both in one cell, and with separators of all sorts."""

from __future__ import annotations

import re

import openpyxl
import pytest
from test_add import add, squares

from mapserver import open_city
from mapserver.readers.sheets.cells import parse_number
from mapserver.readers.sheets.pairs import split_pair

LON, LAT = 126.855, 35.145


def added(tmp_path, table: str, *words: str, city=None, name="shops.csv"):
    (tmp_path / name).write_text(table, "utf-8")
    return add(city or tmp_path / "city", tmp_path / name, "--as", "shops", *words)


def shop(tmp_path, city=None) -> tuple[float, float]:
    point = open_city(city or tmp_path / "city").shops.geometry.iloc[0]
    return round(point.x, 5), round(point.y, 5)


# -- both in one cell ----------------------------------------------------------------------------

CELLS = [
    "35.145, 126.855",
    "126.855, 35.145",
    "35.145,126.855",
    "(35.145, 126.855)",
    "[126.855,35.145]",
    "35.145 126.855",
    "35.145/126.855",
    "35.145;126.855",
    "35,145; 126,855",
    "35,145 126,855",
    "35.145N 126.855E",
    "N35.145 E126.855",
    "35°08'42.0\"N 126°51'18.0\"E",
    "35° 08' 42.0\" N, 126° 51' 18.0\" E",
    "북위 35도 8분 42초 동경 126도 51분 18초",
    "위도: 35.145, 경도: 126.855",
    "lat=35.145 lng=126.855",
    '{"lat": 35.145, "lng": 126.855}',
    "３５．１４５， １２６．８５５",
]


@pytest.mark.parametrize("column", ["좌표", "위치(GPS)", "비고"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_with_both_coordinates_is_read_in_either_order(tmp_path, cell, column):
    quoted = cell.replace('"', '""')
    answer = added(tmp_path, f'name,{column}\n가,"{quoted}"\n나,\n')
    assert answer.exit_code == 0, answer.output
    assert shop(tmp_path) == (LON, LAT)
    assert "holds both coordinates" in answer.output
    assert "line 3" in answer.output  # the row without a place is named


def test_it_is_read_from_a_workbook_too(tmp_path):
    book = openpyxl.Workbook()
    for row in (["상호명", "위경도"], ["가", "35.145, 126.855"], ["나", "35.146, 126.856"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert add(tmp_path / "city", tmp_path / "a.xlsx", "--as", "shops").exit_code == 0
    assert shop(tmp_path) == (LON, LAT)


@pytest.mark.parametrize(
    ("column", "first"), [("lat,lon", 48.137), ("위도/경도", 48.137), ("lon lat", 11.575)]
)
def test_where_either_order_is_a_place_the_name_of_the_column_decides(tmp_path, column, first):
    cell = "48.137, 11.575" if first > 20 else "11.575, 48.137"
    assert added(tmp_path, f'name,"{column}"\n가,"{cell}"\n').exit_code == 0
    assert shop(tmp_path) == (11.575, 48.137)


def test_where_nothing_decides_it_is_asked_about(tmp_path):
    answer = added(tmp_path, 'name,좌표\n가,"48.137, 11.575"\n')
    assert answer.exit_code == 1
    assert "holds both coordinates, and not which is first: 48.137, 11.575" in answer.stderr
    assert "lat,lon or lon,lat" in answer.stderr


def test_cells_in_both_orders_are_asked_about(tmp_path):
    rows = 'name,좌표\n가,"35.145, 126.855"\n나,"126.856, 35.146"\n'
    assert "not which is first" in added(tmp_path, rows).stderr


def test_metres_in_one_cell_are_read_where_the_city_tells_their_order(make_folder, tmp_path):
    city = make_folder({"layers/neighborhoods.geojson": squares(3)})
    table = 'name,좌표\n가,"283021.5, 186788.4"\n'
    answer = added(tmp_path, table, "--crs", "EPSG:5186", city=city)
    assert answer.exit_code == 0, answer.output
    assert shop(tmp_path, city)[1] == pytest.approx(35.145, abs=0.01)
    alone = added(tmp_path, table, "--crs", "EPSG:5186", city=tmp_path / "2")
    assert "not which is first" in alone.stderr


@pytest.mark.parametrize("text", ["2026-03-01 2026-04-01", "09:00 18:00", "12/25", "3, 4", "1.5 2"])
def test_dates_times_and_scores_are_no_coordinates(text):
    assert split_pair(text) is None


# -- separators ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("187.000,5", 187000.5),
        ("187,000.5", 187000.5),
        ("187 000,5", 187000.5),
        ("187\u00a0000,5", 187000.5),
        ("187\u202f000.5", 187000.5),
        ("187'000.5", 187000.5),
        ("187’000,5", 187000.5),
        ("187_000.5", 187000.5),
        ("1.187.000", 1187000),
        ("1,187,000", 1187000),
        ("１８７０００．５", 187000.5),
        ("−187.000,5", -187000.5),
        ("187000,5", 187000.5),
    ],
)
def test_a_number_is_read_whatever_separates_its_thousands(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text", ["187.00,5", "1.187.00", "187'00", "1,2,3", "187.000,5,5", "0.187.000"]
)
def test_what_is_no_number_is_none(text):
    assert parse_number(text) != parse_number(text)


@pytest.mark.parametrize(
    ("x", "y", "second"),
    [
        # Of a number without decimals the first row says what its point means.
        ("186.788,4", "283.021,5", "186.790;283.020"),
        ("186,788.4", "283,021.5", "186,790;283,020"),
        ("186'788.4", "283'021.5", "186'790;283'020"),
        ("186 788,4", "283 021,5", "186 790;283 020"),
        ("186788,4", "283021,5", "186790;283020"),
    ],
)
def test_metres_with_separators_are_read_with_their_crs_and_asked_about_without(
    tmp_path, x, y, second
):
    table = f"name;X좌표;Y좌표\n가;{x};{y}\n나;{second}\n"
    asked = added(tmp_path, table)
    assert asked.exit_code == 1
    assert "--crs EPSG:" in asked.stderr
    answer = added(tmp_path, table, "--crs", "EPSG:5186")
    assert answer.exit_code == 0, answer.output
    points = open_city(tmp_path / "city").shops.geometry
    assert points.x.tolist() == pytest.approx([126.855, 126.855], abs=0.01)
    assert points.y.tolist() == pytest.approx([35.145, 35.145], abs=0.01)


def test_points_that_may_stand_between_thousands_are_asked_about(tmp_path):
    answer = added(tmp_path, "name,x,y\n가,187.123,283.456\n")
    assert answer.exit_code == 1
    assert "may stand between thousands" in answer.stderr


@pytest.mark.parametrize("cell", ["126.852.600;35.146.700", "1268526000;351467000"])
def test_degrees_that_have_lost_their_point_are_asked_about(tmp_path, cell):
    answer = added(tmp_path, f"name;경도;위도\n가;{cell}\n")
    assert answer.exit_code == 1
    assert "a decimal point may have been lost" in answer.stderr


@pytest.mark.parametrize("cells", [("1.234,5", "12.000"), ("1'234.5", "12"), ("1.234.567", "5")])
def test_columns_of_numbers_with_such_separators_are_numbers(tmp_path, cells):
    rows = "\n".join(f"가;126.855;35.145;{cell}" for cell in cells)
    assert added(tmp_path, f"name;lon;lat;면적\n{rows}\n").exit_code == 0
    areas = open_city(tmp_path / "city").shops["면적"].tolist()
    assert (
        areas
        == {
            "1.234,5": [1234.5, 12000],
            "1'234.5": [1234.5, 12],
            "1.234.567": [1234567, 5],
        }[cells[0]]
    )


def test_cells_in_two_styles_stay_text(tmp_path):
    table = "name;lon;lat;면적\n가;126.855;35.145;1.234,5\n나;126.855;35.145;1,234.5\n"
    assert added(tmp_path, table).exit_code == 0
    assert open_city(tmp_path / "city").shops["면적"].tolist() == ["1.234,5", "1,234.5"]


@pytest.mark.parametrize("first", ["GRS80TM", "WGS84"])
def test_of_two_pairs_the_one_in_degrees_is_read_unless_a_crs_is_named(tmp_path, first):
    cells = {"GRS80TM": "186788.4,283021.5", "WGS84": "126.855,35.145"}
    order = [first, *cells.keys() - {first}]
    names = ",".join(f"X좌표({kind}),Y좌표({kind})" for kind in order)
    table = f"시설명,{names}\n공원,{','.join(cells[kind] for kind in order)}\n"
    assert added(tmp_path, table).exit_code == 0
    assert shop(tmp_path) == (LON, LAT)
    words = ("--crs", "EPSG:5186", "--replace")
    assert added(tmp_path, table, *words).exit_code == 0
    assert shop(tmp_path) == pytest.approx((LON, LAT), abs=0.01)


@pytest.mark.parametrize(
    "cell", ["POINT (126.855 35.145)", '{"type": "Point", "coordinates": [126.855, 35.145]}']
)
@pytest.mark.parametrize("column", ["geometry", "공간정보"])
def test_geometries_in_a_column_of_any_name_are_read(tmp_path, column, cell):
    quoted = cell.replace('"', '""')
    assert added(tmp_path, f'name,{column}\n가,"{quoted}"\n').exit_code == 0
    assert shop(tmp_path) == (LON, LAT)


def test_coordinates_go_before_geometries_in_a_column_of_another_name(tmp_path):
    table = "name,lon,lat,구역\n가,126.855,35.145,POINT (126.9 35.2)\n"
    assert added(tmp_path, table).exit_code == 0
    assert shop(tmp_path) == (LON, LAT)


def test_the_sign_behind_the_last_line_is_no_row(tmp_path):
    answer = added(tmp_path, "name,lon,lat\n가,126.855,35.145\n\x1a")
    assert not re.search("^(error|left out) ", answer.output, re.MULTILINE)
