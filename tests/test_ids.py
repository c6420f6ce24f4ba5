"""Ids that are brought in: each row has one of its own, with all its digits, or it is asked."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from gpxtext import gpx, track
from test_add import add, squares, state

from mapserver import open_city

PNU = (1114010100100010001, 1114010100100010002)
POINT = shapely.Point(126.855, 35.145)


def points(**columns) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[POINT] * count, crs=4326)


# -- one id for several rows, or none ------------------------------------------------------------


@pytest.mark.parametrize("role", ["districts", "layer"])
@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["011", "012", "011"], "one id for several rows (1): 011 (1, 3)"),
        (["011", None, ""], "is empty: 2 (2, 3)"),
        (["011", "011", None], "011 (1, 2)"),
        ([7.0, 7.0, 8.0], "7 (1, 2)"),
    ],
)
def test_ids_that_do_not_tell_rows_apart_are_refused_and_named(tmp_path, role, codes, said):
    city = tmp_path / "city"
    squares(3, 번호=codes).to_file(tmp_path / "new.geojson")
    answer = add(city, tmp_path / "new.geojson", "--as", role, "--id-column", "번호")
    assert answer.exit_code == 1
    assert said in answer.stderr
    assert "--number-ids" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not city.exists()


def test_rows_of_a_table_are_named_by_their_lines(tmp_path):
    table = "번호,name,lon,lat\n1,가,126.85,35.14\n2,나,,\n1,다,126.86,35.14\n"
    (tmp_path / "shops.csv").write_text(table, "utf-8")
    words = ("--as", "shops", "--id-column", "번호")
    assert "1 (2, 4)" in add(tmp_path / "city", tmp_path / "shops.csv", *words).stderr


def test_two_files_with_one_id_are_refused(tmp_path):
    for name in ("a", "b"):
        squares(1, 번호=["011"]).to_file(tmp_path / f"{name}.geojson")
    files = (tmp_path / "a.geojson", tmp_path / "b.geojson")
    answer = add(tmp_path / "city", *files, "--as", "layer", "--id-column", "번호")
    assert answer.exit_code == 1
    assert "several files have rows of one id (1): 011" in answer.stderr


def test_the_next_delivery_with_doubled_ids_is_refused_by_the_column_of_the_catalogue(tmp_path):
    city = tmp_path / "city"
    words = ("--as", "districts", "--replace")
    squares(2, 번호=["011", "012"]).to_file(tmp_path / "new.geojson")
    assert add(city, tmp_path / "new.geojson", *words, "--id-column", "번호").exit_code == 0
    before = state(city)
    squares(2, 번호=["011", "011"]).to_file(tmp_path / "next.geojson")
    assert "011 (1, 2)" in add(city, tmp_path / "next.geojson", *words).stderr
    assert state(city) == before


def test_numbered_ids_are_clean_and_the_column_is_remembered(tmp_path):
    city = tmp_path / "city"
    squares(4, 번호=["1", "1", None, "2"]).to_file(tmp_path / "new.geojson")
    words = ("--as", "districts", "--replace", "--number-ids")
    answer = add(city, tmp_path / "new.geojson", *words, "--id-column", "번호")
    assert answer.exit_code == 0, answer.output
    opened = open_city(city)
    assert list(opened.districts.index) == ["1", "1~2", "districts-3", "2"]
    assert [f.code for f in opened.check() if f.severity == "error"] == []
    assert opened.entry("districts").id_column == "번호"
    kept = opened.districts["original_번호"]
    assert [None if pd.isna(value) else value for value in kept] == ["1", "1", None, "2"]


def test_trails_of_one_id_are_refused_as_well(tmp_path):
    lines = [shapely.LineString([(126.85, 35.14), (126.86, 35.14 + n / 1000)]) for n in (1, 2)]
    gpd.GeoDataFrame({"번호": ["a", "a"]}, geometry=lines, crs=4326).to_file(tmp_path / "l.gpkg")
    answer = add(tmp_path / "city", tmp_path / "l.gpkg", "--as", "trails", "--id-column", "번호")
    assert "a (1, 2)" in answer.stderr


# -- digits --------------------------------------------------------------------------------------


def write_wide(path: Path, numbers: list[str], width: int) -> Path:
    """Write a shapefile with a field N(width), as ArcGIS does; ``*`` marks a row as deleted."""
    points(a=list(range(len(numbers)))).to_file(path)
    length = 1 + width
    head = struct.pack("<BBBBIHH20x", 3, 126, 1, 1, len(numbers), 65, length)
    field = b"pnu".ljust(11, b"\0") + b"N" + b"\0" * 4 + bytes([width, 0]) + b"\0" * 14
    rows = [b" " + number.rjust(width).encode() for number in numbers]
    path.with_suffix(".dbf").write_bytes(head + field + b"\r" + b"".join(rows) + b"\x1a")
    return path


@pytest.mark.parametrize("width", [17, 18, 19, 20, 24])
@pytest.mark.parametrize("last", ["", "7"])
def test_wide_fields_of_a_shapefile_keep_their_digits(tmp_path, width, last):
    number = "1114010100100010001234567"[:width]
    path = write_wide(tmp_path / "a.shp", [number, number[:-1] + "9", last], width)
    assert add(tmp_path / "city", path, "--as", "layer").exit_code == 0
    values = open_city(tmp_path / "city").layers["a"]["pnu"]
    assert [str(value) for value in values[:2]] == [number, number[:-1] + "9"]


def test_wide_fields_are_ids_with_all_their_digits(tmp_path):
    path = write_wide(tmp_path / "a.shp", [str(number) for number in PNU], 19)
    words = ("--as", "layer", "--id-column", "pnu")
    assert add(tmp_path / "city", path, *words).exit_code == 0
    assert list(open_city(tmp_path / "city").layers["a"].index) == [str(number) for number in PNU]


@pytest.mark.parametrize("value", [5, 2**62 + 1, 2**63 + 5, 2**64 - 1])
@pytest.mark.parametrize("empty", [False, True])
def test_numbers_of_64_bits_without_a_sign_keep_their_digits(tmp_path, value, empty):
    whole = np.array([value, 1], dtype=np.uint64)  # from a list pandas makes decimals on the way
    numbers = pd.arrays.IntegerArray(whole, np.array([False, True])) if empty else whole
    points(pnu=numbers).to_parquet(tmp_path / "a.parquet")
    assert add(tmp_path / "city", tmp_path / "a.parquet", "--as", "layer").exit_code == 0
    assert str(open_city(tmp_path / "city").layers["a"]["pnu"].iloc[0]) == str(value)


def write_lossy(path: Path) -> Path:
    """Write a file whose numbers have lost their last digits before we see them."""
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in (["name", "pnu", "lon", "lat"], ["가", PNU[0], 126.855, 35.145]):
            book.active.append(row)
        book.save(path)
    else:
        frame = points(name=["가", "나"], pnu=np.array(PNU, dtype=float))
        frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_file(path)
    return path


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".gpkg", ".fgb", ".geojson"])
def test_digits_that_the_file_has_lost_are_said_and_make_no_ids(tmp_path, suffix):
    path = write_lossy(tmp_path / f"a{suffix}")
    answer = add(tmp_path / "city", path, "--as", "layer")
    assert answer.exit_code == 0, answer.output
    assert "column 'pnu' holds numbers of more than 15 digits" in answer.output
    refused = add(tmp_path / "2", path, "--as", "layer", "--id-column", "pnu")
    assert refused.exit_code == 1
    assert "more than 15 digits" in refused.stderr
    assert not (tmp_path / "2").exists()


def test_measurements_are_not_called_long_numbers(tmp_path):
    points(area=[1.5e17 + 0.5, 12.25], rate=[0.1, 1e-300]).to_file(tmp_path / "a.gpkg")
    answer = add(tmp_path / "city", tmp_path / "a.gpkg", "--as", "layer")
    assert "15 digits" not in answer.output


def test_long_numbers_with_separators_stay_text(tmp_path):
    rows = '번호수,lon,lat\n"1,114,010,100,100,010,001",126.855,35.145\n'
    (tmp_path / "a.csv").write_text(rows, "utf-8")
    assert add(tmp_path / "city", tmp_path / "a.csv", "--as", "layer").exit_code == 0
    value = open_city(tmp_path / "city").layers["a"]["번호수"].iloc[0]
    assert value == "1,114,010,100,100,010,001"


def test_a_long_number_of_json_keeps_its_digits(tmp_path):
    features = [
        {
            "type": "Feature",
            "properties": {"pnu": number},
            "geometry": {"type": "Point", "coordinates": [126.855, 35.145]},
        }
        for number in (2**70 + 1, 3)
    ]
    document = {"type": "FeatureCollection", "features": features}
    (tmp_path / "a.geojson").write_text(json.dumps(document))
    assert add(tmp_path / "city", tmp_path / "a.geojson", "--as", "layer").exit_code == 0
    assert open_city(tmp_path / "city").layers["a"]["pnu"].iloc[0] == str(2**70 + 1)


# -- ids that differ by their case ---------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("--replace",)])
def test_layers_whose_ids_differ_by_case_alone_are_one_clear_line(tmp_path, words):
    city = tmp_path / "city"
    squares(2).to_file(tmp_path / "a.geojson")
    first = (tmp_path / "a.geojson", "--as", "layer", "--layer-id")
    assert add(city, *first, "parks").exit_code == 0
    before = state(city)
    answer = add(city, *first, "Parks", *words)
    assert answer.exit_code == 1
    assert "a layer 'parks', whose id differs from 'Parks' by its case alone" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert state(city) == before


def test_a_file_that_differs_by_case_alone_is_not_written_beside_another(make_folder, tmp_path):
    city = make_folder({"layers/Parks.gpkg": squares(1)})
    (city / "layers" / "catalog.toml").write_text(
        '[[layers]]\nid = "green"\nfile = "Parks.gpkg"\nrole = "layer"\ntitle = "공원"\n', "utf-8"
    )
    squares(2).to_file(tmp_path / "parks.geojson")
    assert add(city, tmp_path / "parks.geojson", "--as", "layer").exit_code == 0
    names = [path.name.casefold() for path in (city / "layers").glob("*.gpkg")]
    assert len(set(names)) == len(names) == 2


def test_a_trail_that_differs_by_case_alone_is_the_same_trail(make_folder, tmp_path):
    old, new = (gpx(track([(126.85, 35.14), (126.851, 35.14 + n / 1e4)])) for n in (0, 1))
    city = make_folder({"gpx/Walk.gpx": old})
    (tmp_path / "walk.gpx").write_text(new, "utf-8")
    refused = add(city, tmp_path / "walk.gpx", "--as", "trails")
    assert refused.exit_code == 1
    assert "a trail 'Walk' already" in refused.stderr
    assert add(city, tmp_path / "walk.gpx", "--as", "trails", "--replace").exit_code == 0
    assert [path.name for path in (city / "gpx").glob("*.gpx")] == ["Walk.gpx"]
    assert (city / "gpx" / "Walk.gpx").read_text("utf-8") == new


def test_a_city_with_such_ids_is_told_so(make_city):
    walk = gpx(track([(126.85, 35.14), (126.851, 35.14)]))
    files = {"layers/Parks.geojson": squares(1), "layers/green.geojson": squares(2)}
    catalog = "".join(
        f'[[layers]]\nid = "{id_}"\nfile = "{file}.geojson"\nrole = "layer"\ntitle = "공원"\n'
        for id_, file in (("Parks", "Parks"), ("parks", "green"))
    )
    trails = {"gpx/Walk.gpx": walk, "gpx/walk.gpx": walk, "gpx/other.gpx": walk}
    city = make_city(files | trails | {"layers/catalog.toml": catalog})
    messages = [f.message for f in city.check() if f.code == "id-case"]
    assert [message.partition(": ")[2] for message in messages] == ["Walk, walk", "Parks, parks"]
