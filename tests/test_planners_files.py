"""Files as planners really hold them, beside those of the listed cases."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace as replace_fields
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from test_add import add, squares, state

from mapserver import open_city
from mapserver.errors import DataError
from mapserver.files import change
from mapserver.writers import export as exporting

HEADER = ["상호명", "경도", "위도"]
ROWS = [["가게1", 126.855, 35.145], ["가게2", 126.865, 35.146]]
PLACEMARK = (
    "<Placemark><name>{}</name><Point><coordinates>{},35.14</coordinates></Point></Placemark>"
)


def write_workbook(path: Path, sheets: dict[str, list[list[object]]], hide: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if hide:
            sheet.column_dimensions[hide].hidden = True
    book.save(path)
    return path


def write_kml(path: Path, content: str) -> Path:
    head = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    path.write_text(f"{head}{content}</Document></kml>", "utf-8")
    return path


def write_metres(path: Path, crs: object = None) -> Path:
    """Write a GeoJSON of one shop in metres of EPSG:5186."""
    point = {"type": "Point", "coordinates": [187000.5, 283000.1]}
    feature = {"type": "Feature", "properties": {"name": "가"}, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature], "crs": crs}))
    return path


# -- workbooks ------------------------------------------------------------------------------------


def test_rows_of_a_workbook_that_are_left_out_are_counted(tmp_path):
    rows = [HEADER, *ROWS, ["가게3", "#REF!", 35.1]]
    path = write_workbook(tmp_path / "shops.xlsx", {"점포": rows})
    answer = add(tmp_path / "city", path, "--as", "shops")
    line = next(line for line in answer.output.splitlines() if line.startswith("shops.xlsx"))
    assert line.split()[:3] == ["shops.xlsx", "2", "1"]


def test_a_sheet_of_remarks_beside_the_table_needs_no_question(tmp_path):
    sheets = {"점포": [HEADER, *ROWS], "설명": [["상점 목록입니다"], ["문의: 경제과"]]}
    answer = add(
        tmp_path / "city", write_workbook(tmp_path / "shops.xlsx", sheets), "--as", "shops"
    )
    assert answer.exit_code == 0
    assert "sheets without a table are not read: 설명" in answer.output
    assert len(open_city(tmp_path / "city").shops) == 2


def test_a_workbook_without_any_table_is_not_asked_for_its_sheet(tmp_path):
    path = write_workbook(tmp_path / "shops.xlsx", {"점포": []})
    answer = add(tmp_path / "city", path, "--as", "shops")
    assert answer.exit_code == 1
    assert "--layer" not in answer.stderr
    assert "column names" in answer.stderr


def test_a_header_below_the_table_is_refused(tmp_path):
    path = write_workbook(tmp_path / "shops.xlsx", {"점포": [HEADER, *ROWS]})
    answer = add(tmp_path / "city", path, "--as", "shops", "--header", 99)
    assert answer.exit_code == 1
    assert "there is no row 99; the last is 3" in answer.stderr


def test_hidden_columns_are_named_before_they_are_published(tmp_path):
    rows = [[*HEADER, "메모"], *([*row, "비밀"] for row in ROWS)]
    path = write_workbook(tmp_path / "shops.xlsx", {"점포": rows}, hide="D")
    answer = add(tmp_path / "city", path, "--as", "shops")
    assert "columns that are hidden are read like the others: D" in answer.output
    path = write_workbook(tmp_path / "empty.xlsx", {"점포": [HEADER, *ROWS]}, hide="H")
    assert "hidden" not in add(tmp_path / "other", path, "--as", "shops").output


@pytest.mark.parametrize("column", ["상호", "점포명", "가게명"])
def test_usual_words_for_a_shops_name_are_known(tmp_path, column):
    path = tmp_path / "shops.csv"
    path.write_text(f"{column},경도,위도\n가게1,126.855,35.145\n", "utf-8")
    assert add(tmp_path / "city", path, "--as", "shops").exit_code == 0
    assert list(open_city(tmp_path / "city").shops["name"]) == ["가게1"]


# -- yes, no and not known ------------------------------------------------------------------------

FLAGS = {
    "truth values": ([True, None, False], ["yes", None, "no"]),
    "Y, N and empty": (["Y", None, "N"], ["yes", None, "no"]),
    "marks of those who take part": (["O", None, ""], ["yes", "no", "no"]),
}


@pytest.mark.parametrize("kind", FLAGS)
def test_an_empty_cell_is_no_only_where_nothing_else_says_no(tmp_path, kind):
    values, wanted = FLAGS[kind]
    points = shapely.points([126.855, 126.856, 126.857], 35.145)
    frame = gpd.GeoDataFrame({"name": list("가나다"), "카드": values}, geometry=points, crs=4326)
    frame.to_file(tmp_path / "shops.geojson")
    assert add(tmp_path / "city", tmp_path / "shops.geojson", "--as", "shops").exit_code == 0
    flags = open_city(tmp_path / "city").shops["onnuri_card"]
    assert [None if pd.isna(value) else value for value in flags] == wanted


# -- KML ------------------------------------------------------------------------------------------


def test_places_outside_of_folders_get_no_folder_of_the_readers_making(tmp_path):
    folder = f"<Folder><name>안</name>{PLACEMARK.format('다', 126.857)}</Folder>"
    path = write_kml(tmp_path / "a.kml", PLACEMARK.format("뿌리", 126.855) + folder)
    assert add(tmp_path / "city", path, "--as", "shops").exit_code == 0
    folders = open_city(tmp_path / "city").shops["folder"]
    assert [None if pd.isna(value) else value for value in folders] == [None, "안"]


def test_folders_of_one_name_keep_it(tmp_path):
    folder = "<Folder><name>안</name>{}</Folder>"
    places = [PLACEMARK.format(name, x) for name, x in (("가", 126.855), ("나", 126.856))]
    path = write_kml(tmp_path / "a.kml", "".join(map(folder.format, places)))
    assert add(tmp_path / "city", path, "--as", "shops").exit_code == 0
    assert set(open_city(tmp_path / "city").shops["folder"]) == {"안"}


def test_columns_that_the_register_knows_are_written_once(tmp_path):
    line = "<LineString><coordinates>126.85,35.14 126.86,35.145</coordinates></LineString>"
    data = '<ExtendedData><Data name="폭"><value>2.5</value></Data></ExtendedData>'
    path = write_kml(tmp_path / "a.kml", f"<Placemark><name>길</name>{data}{line}</Placemark>")
    assert add(tmp_path / "city", path, "--as", "trails").exit_code == 0
    city = open_city(tmp_path / "city")
    assert float(city.trails["width_m"].iloc[0]) == 2.5
    assert not [f for f in city.check() if f.severity in {"error", "warning"}]


# -- coordinate reference systems -----------------------------------------------------------------


def test_crs_overrides_a_member_that_names_none(tmp_path):
    member = {"type": "name", "properties": {"name": "foo"}}
    path = write_metres(tmp_path / "shops.geojson", member)
    refused = add(tmp_path / "city", path, "--as", "shops")
    assert refused.exit_code == 1
    assert "shops.geojson" in refused.stderr
    assert "--crs" in refused.stderr
    assert add(tmp_path / "city", path, "--as", "shops", "--crs", "EPSG:5186").exit_code == 0
    point = open_city(tmp_path / "city").shops.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((126.85735, 35.14328), abs=1e-5)


@pytest.mark.parametrize("name", ["Bessel", "GRS80", "bessel"])
def test_the_name_of_an_ellipsoid_is_no_crs(tmp_path, name):
    path = tmp_path / "shops.csv"
    path.write_text("name,lon,lat\n가,126.855,35.145\n", "utf-8")
    answer = add(tmp_path / "city", path, "--as", "shops", "--crs", name)
    assert answer.exit_code == 1
    assert "ellipsoid" in answer.stderr
    assert "EPSG:5186" in answer.stderr


@pytest.mark.parametrize("name", ["WGS84", "WGS 84", "4326", "epsg:4326", "OGC:CRS84"])
def test_usual_spellings_of_a_crs_are_read(tmp_path, name):
    path = tmp_path / "shops.csv"
    path.write_text("name,lon,lat\n가,126.855,35.145\n", "utf-8")
    assert add(tmp_path / "city", path, "--as", "shops", "--crs", name).exit_code == 0
    assert open_city(tmp_path / "city").shops.geometry.iloc[0].x == pytest.approx(126.855)


def test_metres_in_a_file_of_degrees_are_answered_with_the_option_that_helps(tmp_path):
    answer = add(tmp_path / "city", write_metres(tmp_path / "shops.geojson"), "--as", "shops")
    assert answer.exit_code == 1
    assert "--crs EPSG:5186" in answer.stderr


# -- text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["ISO-8859-1", "1252", "ANSI 1252"])
def test_a_western_cpg_beside_korean_text_is_not_believed(tmp_path, label):
    squares().rename(columns={"이름": "NAME"}).to_file(tmp_path / "a.shp", encoding="cp949")
    (tmp_path / "a.cpg").write_text(label)
    answer = add(tmp_path / "city", tmp_path / "a.shp", "--as", "neighborhoods")
    assert answer.exit_code == 0
    assert f"not in the encoding {label}" in answer.output
    assert list(open_city(tmp_path / "city").neighborhoods["name"]) == ["구역 0", "구역 1"]


def test_a_western_cpg_beside_western_text_is_believed(tmp_path):
    frame = squares().assign(이름=["Café", "Münster"]).rename(columns={"이름": "NAME"})
    frame.to_file(tmp_path / "a.shp", encoding="cp1252")
    (tmp_path / "a.cpg").write_text("1252")
    assert add(tmp_path / "city", tmp_path / "a.shp", "--as", "neighborhoods").exit_code == 0
    assert list(open_city(tmp_path / "city").neighborhoods["name"]) == ["Café", "Münster"]


def test_lines_in_another_encoding_than_the_rest_are_named(tmp_path):
    lines = [f"{name},126.855,35.145\n" for name in ("가게하나", "맨발로", "양동시장")]
    most = ("상호명,경도,위도\n" + "".join(lines)).encode()
    path = tmp_path / "shops.csv"
    path.write_bytes(most + "농성상회,126.856,35.145\n".encode("cp949"))
    answer = add(tmp_path / "city", path, "--as", "shops")
    assert answer.exit_code == 1
    assert "the text is utf-8, but for lines that are not: 5" in answer.stderr


# -- numbers of many digits ------------------------------------------------------------------------

PARCEL = 2914010100100010003
"""A parcel's number (PNU) has 19 digits, a decimal number some 15."""


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "fgb", "parquet", "csv"])
def test_a_long_number_beside_an_empty_cell_keeps_its_digits(tmp_path, ending):
    points = shapely.points([126.855, 126.856], 35.145)
    numbers = pd.array([PARCEL, None], dtype="Int64")
    frame = gpd.GeoDataFrame({"name": list("가나"), "PNU": numbers}, geometry=points, crs=4326)
    path = tmp_path / f"shops.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "csv":
        frame.drop(columns="geometry").assign(lon=[126.855, 126.856], lat=35.145).to_csv(path)
    else:
        gpkg = tmp_path / "a.gpkg"
        frame.to_file(gpkg)
        _convert(gpkg, path)
    assert add(tmp_path / "city", path, "--as", "shops").exit_code == 0
    parcels = open_city(tmp_path / "city").shops.set_index("name")["PNU"]
    assert str(parcels["가"]) == str(PARCEL)
    assert pd.isna(parcels["나"])


def _convert(source: Path, target: Path) -> None:
    """Write a layer in another format by way of Arrow, which keeps whole numbers."""
    if target.suffix == ".geojson":
        point = {"type": "Point", "coordinates": [126.855, 35.145]}
        features = [
            {"type": "Feature", "properties": {"name": name, "PNU": number}, "geometry": point}
            for name, number in (("가", PARCEL), ("나", None))
        ]
        target.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return
    meta, table = pyogrio.read_arrow(source)
    pyogrio.write_arrow(
        table,
        target,
        crs=meta["crs"],
        geometry_name=meta["geometry_name"] or "wkb_geometry",
        geometry_type=meta["geometry_type"],
    )


# -- geometries as text ---------------------------------------------------------------------------

RING = "(126.85 35.14 0, 126.86 35.14 0, 126.86 35.15 0, 126.85 35.14 0)"


@pytest.mark.parametrize("kind", ["TIN Z", "PolyhedralSurface Z", "TINZ"])
def test_surfaces_written_as_text_are_polygons(tmp_path, kind):
    (tmp_path / "a.csv").write_text(f'name;WKT\n가;"{kind} (({RING}))"\n', "utf-8")
    answer = add(tmp_path / "city", tmp_path / "a.csv", "--as", "districts")
    assert answer.exit_code == 0, answer.output
    assert open_city(tmp_path / "city").districts.geometry.iloc[0].area > 0


def test_curves_written_as_text_are_refused_with_the_way_out(tmp_path):
    curve = "CURVEPOLYGON(CIRCULARSTRING(126.85 35.14, 126.86 35.15, 126.85 35.14))"
    path = tmp_path / "a.csv"
    path.write_text(f'name;WKT\n나;"{curve}"\n', "utf-8")
    alone = add(tmp_path / "city", path, "--as", "districts")
    assert alone.exit_code == 1
    assert "Traceback" not in alone.output
    assert not (tmp_path / "city").exists()
    path.write_text(f'name;WKT\n가;"POLYGON Z ({RING})"\n나;"{curve}"\n', "utf-8")
    mixed = add(tmp_path / "city", path, "--as", "districts")
    assert mixed.exit_code == 0
    assert "Save the layer as GeoPackage" in mixed.output


# -- archives and disks ---------------------------------------------------------------------------


def test_a_zip_of_zips_says_what_is_in_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as outer:
        outer.writestr("dongs.zip", b"PK")
    answer = add(tmp_path / "city", tmp_path / "outer.zip", "--as", "neighborhoods")
    assert answer.exit_code == 1
    assert "dongs.zip" in answer.stderr
    assert "Unpack" in answer.stderr


def test_an_export_onto_a_full_disk_is_not_blamed_on_the_format(make_city, tmp_path, monkeypatch):
    city = make_city({"layers/districts.geojson": squares(name=["가", "나"])})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))

    def fail(*_):
        raise OSError(28, "No space left on device")

    kind = exporting.FORMATS[exporting.Format.GEOJSON]
    monkeypatch.setattr(exporting, "FORMATS", {exporting.Format.GEOJSON: _with_write(kind, fail)})
    with pytest.raises(DataError, match="the disk is full"):
        exporting.export(city, tmp_path / "out.geojson", layers=["districts"])
    assert state(tmp_path).keys().isdisjoint({"out.geojson"})


def test_an_export_into_a_place_that_cannot_be_written_says_so(make_city, tmp_path, monkeypatch):
    city = make_city({"layers/districts.geojson": squares(name=["가", "나"])})

    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DataError, match="Read-only file system") as caught:
        exporting.export(city, tmp_path / "out.geojson", layers=["districts"])
    assert "Errno" not in str(caught.value)


# -- folders that are links -----------------------------------------------------------------------


def test_layers_on_a_shared_disk_stay_there(tmp_path):
    shared, city = tmp_path / "shared", tmp_path / "city"
    shared.mkdir()
    city.mkdir()
    (city / "layers").symlink_to(shared)
    path = write_workbook(tmp_path / "shops.xlsx", {"점포": [HEADER, *ROWS]})
    for options in ((), ("--replace",), ("--replace",)):
        answer = add(city, path, "--as", "shops", *options)
        assert answer.exit_code == 0, answer.output
        assert (city / "layers").is_symlink()
        assert {file.name for file in shared.iterdir()} == {"shops.gpkg", "catalog.toml"}
        assert {file.name for file in city.iterdir()} == {"layers", "originals"}


def test_what_was_interrupted_on_a_shared_disk_is_put_back(tmp_path):
    shared, city = tmp_path / "shared", tmp_path / "city"
    city.mkdir()
    (tmp_path / ".shared.old").mkdir()
    (tmp_path / ".shared.old" / "a.geojson").write_text("{}")
    (city / "layers").symlink_to(shared)
    change.recover_city(city)
    assert (city / "layers" / "a.geojson").is_file()


def test_a_file_in_the_place_of_a_city_is_named_as_such(tmp_path):
    (tmp_path / "city").write_text("x")
    path = write_workbook(tmp_path / "shops.xlsx", {"점포": [HEADER, *ROWS]})
    answer = add(tmp_path / "city", path, "--as", "shops")
    assert answer.exit_code == 1
    assert "a file and no folder" in answer.stderr


# -- what this product wrote as shapefiles ---------------------------------------------------------


def test_names_that_a_shapefile_cuts_come_back(make_city, tmp_path):
    columns = {"association": ["가회", "나회"], "neighborhood": ["양동", None]}
    city = make_city({"layers/districts.geojson": squares(name=["가", "나"], **columns)})
    exporting.export(city, tmp_path / "districts.shp", layers=["districts"])
    answer = add(tmp_path / "back", tmp_path / "districts.shp", "--as", "districts")
    assert "associatio → association" in answer.output
    back = open_city(tmp_path / "back").districts
    assert list(back["association"]) == columns["association"]
    assert back["neighborhood"].iloc[0] == "양동"


def test_a_column_of_ones_own_is_not_taken_for_a_cut_one(tmp_path):
    frame = squares(2, associatio=["a", "b"], description=["c", "d"]).rename(
        columns={"이름": "name"}
    )
    frame.to_file(tmp_path / "a.geojson")
    assert add(tmp_path / "city", tmp_path / "a.geojson", "--as", "districts").exit_code == 0
    assert "associatio" in open_city(tmp_path / "city").districts


# -- what cannot be read says how it can -----------------------------------------------------------


def test_tables_under_other_endings_are_told_the_ending_that_is_read(tmp_path):
    (tmp_path / "shops.tsv").write_text("상호명\t경도\t위도\n가\t126.855\t35.145\n", "utf-8")
    answer = add(tmp_path / "city", tmp_path / "shops.tsv", "--as", "shops")
    assert answer.exit_code == 1
    assert ".csv" in answer.stderr
    renamed = (tmp_path / "shops.tsv").rename(tmp_path / "shops.csv")
    assert add(tmp_path / "city", renamed, "--as", "shops").exit_code == 0


def test_a_parquet_without_geometries_is_not_called_broken(tmp_path):
    table = pd.DataFrame({"name": ["가"], "lon": [126.855], "lat": [35.145]})
    table.to_parquet(tmp_path / "shops.parquet")
    answer = add(tmp_path / "city", tmp_path / "shops.parquet", "--as", "shops")
    assert answer.exit_code == 1
    assert "no geometries" in answer.stderr


def test_tracks_with_times_in_kml_are_named(tmp_path):
    path = tmp_path / "track.kml"
    namespaces = (
        'xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"'
    )
    track = "<gx:Track><gx:coord>126.85 35.14 10</gx:coord></gx:Track>"
    path.write_text(f"<kml {namespaces}><Placemark><name>t</name>{track}</Placemark></kml>")
    answer = add(tmp_path / "city", path, "--as", "trails")
    assert answer.exit_code == 1
    assert "gx:Track" in answer.stderr


def test_the_sketch_of_a_box_across_180_degrees_is_narrow(tmp_path):
    frame = gpd.GeoDataFrame(
        {"name": ["가", "나"]},
        geometry=[shapely.box(179.9, -17, 180, -16.9), shapely.box(-180, -17, -179.9, -16.9)],
        crs=4326,
    )
    frame.to_file(tmp_path / "a.geojson")
    answer = add(tmp_path / "city", tmp_path / "a.geojson", "--as", "districts")
    assert "(179.9000, -17.0000 – -179.9000, -16.9000)" in answer.output


def _with_write(kind, write):
    return replace_fields(kind, write=write)
