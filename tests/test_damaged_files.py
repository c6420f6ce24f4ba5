"""Damaged and hostile files of the binary formats: bounded in memory, refused or read."""

from __future__ import annotations

import io
import sqlite3
import struct
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import xlwt
from gpxtext import gpx

from mapserver.errors import CatalogError, DataError
from mapserver.files import archive
from mapserver.importing import inputs
from mapserver.model import LayerEntry, Role, parse_catalog
from mapserver.readers.vector import read_layer, shapefile, source
from mapserver.settings import limits

AREAS = gpd.GeoDataFrame(
    {"id": ["a", "b"], "name": ["가", "나"]},
    geometry=[shapely.box(126.85, 35.15, 126.86, 35.16), shapely.box(126.87, 35.15, 126.88, 35.16)],
    crs=4326,
)
PARTS = (".shp", ".shx", ".dbf", ".prj")


def read(path: Path, **described):
    return read_layer(path, LayerEntry("x", Role.LAYER, **described), name=f"layers/{path.name}")


def pack(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def shapefile_parts(folder: Path) -> dict[str, bytes]:
    AREAS.to_file(folder / "areas.shp")
    parts = {f"areas{suffix}": (folder / f"areas{suffix}").read_bytes() for suffix in PARTS}
    for name in [path.name for path in folder.iterdir()]:
        (folder / name).unlink()
    return parts


def set_size(path: Path, member: str, size: int) -> None:
    """Have an archive state another size of a member, in its list and before the member."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        info = file.getinfo(member)
    local = info.header_offset
    central = data.index(member.encode(), data.index(archive.ENTRY)) - 46
    data[local + 22 : local + 26] = data[central + 24 : central + 28] = struct.pack("<I", size)
    path.write_bytes(data)


# -- zip archives, as layers and to be added ------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../../evil{}", "/root/evil{}", "a/../../../evil{}", "..\\evil{}"]
)
def test_a_zip_that_leads_out_is_refused_as_a_layer(tmp_path, name):
    parts = shapefile_parts(tmp_path)
    members = {name.format(part[-4:]): data for part, data in parts.items()}
    with pytest.raises(DataError, match="leads out of its folder"):
        read(pack(tmp_path / "areas.zip", members))
    assert [path.name for path in tmp_path.iterdir()] == ["areas.zip"]


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/root/evil.csv", "a/../../evil.csv", "..\\e.csv"]
)
def test_a_zip_that_leads_out_is_refused_when_it_is_added(tmp_path, name):
    path = pack(tmp_path / "shops.zip", {name: b"lon,lat\n126.85,35.15\n"})
    with pytest.raises(DataError, match="leads out of its folder"):
        inputs.list_inputs([path], tmp_path / "unpacked" / "deep")
    assert not list(tmp_path.rglob("e*.csv"))


def test_a_zip_that_states_too_much_is_refused_as_a_layer(tmp_path, monkeypatch):
    path = pack(tmp_path / "areas.zip", shapefile_parts(tmp_path))
    assert len(read(path)[0]) == 2
    monkeypatch.setattr(shapefile, "require_size", lambda *_: None)  # of the archive itself
    monkeypatch.setattr("mapserver.settings.limits.MAX_FILE_BYTES", 100)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # nothing is unpacked
    with pytest.raises(DataError, match="unpacks to"):
        read(path)


@pytest.mark.parametrize(
    ("limit", "most"), [("MAX_UNPACKED_BYTES", 100), ("MAX_ARCHIVE_MEMBERS", 2)]
)
def test_a_zip_that_states_too_much_is_refused_when_it_is_added(tmp_path, monkeypatch, limit, most):
    path = pack(tmp_path / "s.zip", {f"{n}.csv": b"lon,lat\n126.85,35.15\n" * 9 for n in range(3)})
    assert len(inputs.list_inputs([path], tmp_path / "first")) == 3
    monkeypatch.setattr(limits, limit, most)
    with pytest.raises(DataError, match=r"too much|more than 2 files"):
        inputs.list_inputs([path], tmp_path / "second")
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize("stated", [10, 10**6])
def test_a_zip_grows_to_what_it_states_and_no_more(tmp_path, stated):
    content = b"lon,lat\n" + b"126.85,35.15\n" * 50_000
    path = pack(tmp_path / "shops.zip", {"shops.csv": content})
    set_size(path, "shops.csv", stated)
    with pytest.raises(DataError, match="archive is broken"):
        inputs.list_inputs([path], tmp_path / "out")
    assert max(p.stat().st_size for p in (tmp_path / "out").rglob("*.csv")) <= len(content)
    with zipfile.ZipFile(path) as file:
        pieces = archive.read_pieces(file, file.getinfo("shops.csv"), "shops.zip")
        with pytest.raises(DataError):
            assert sum(map(len, pieces)) <= stated + 1


def test_a_member_that_lies_about_its_size_and_keeps_its_checksum_is_refused(tmp_path):
    # The first ten bytes have the right checksum; what follows would be read by others.
    path = pack(tmp_path / "a.zip", {"a.csv": b"lon,lat\n1,2\n" * 1000})
    set_size(path, "a.csv", 10)
    data = bytearray(path.read_bytes())
    crc = struct.pack("<I", zipfile.crc32(b"lon,lat\n1,"))
    central = data.index(archive.ENTRY)
    data[14:18] = data[central + 16 : central + 20] = crc
    path.write_bytes(data)
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        with pytest.raises(DataError, match="broken"):
            archive.read_member(file, file.infolist()[0], "a.zip")


def test_very_many_members_are_refused_before_they_are_listed(tmp_path, monkeypatch):
    path = pack(tmp_path / "a.zip", {f"{n}.csv": b"" for n in range(30)})
    monkeypatch.setattr(limits, "MAX_ARCHIVE_MEMBERS", 20)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(DataError, match="more than 20 files"):
        archive.open_archive(path, "a.zip")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_named(tmp_path, method):
    parts = shapefile_parts(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    with pytest.raises(DataError, match="compressed in a way"):
        read(tmp_path / "a.zip")


def test_an_archive_that_is_locked_is_called_so(tmp_path):
    path = pack(tmp_path / "shops.zip", {"shops.csv": b"lon,lat\n126.85,35.15\n"})
    data = bytearray(path.read_bytes())
    for flags_at in (6, data.index(archive.ENTRY) + 8):  # APPNOTE 4.3.7 and 4.3.12
        data[flags_at] |= archive.LOCKED
    path.write_bytes(data)
    with pytest.raises(DataError, match="locked with a password"):
        inputs.list_inputs([path], tmp_path / "out")


def test_a_member_without_a_name_is_a_broken_archive(tmp_path):
    path = pack(tmp_path / "a.zip", {"b.csv": b"lon,lat\n1,2\n"})
    path.write_bytes(path.read_bytes().replace(b"b.csv", b"\0.csv"))
    with pytest.raises(DataError, match="broken"):
        inputs.list_inputs([path], tmp_path / "out")


def test_a_file_and_a_folder_of_one_name_are_a_broken_archive(tmp_path):
    path = pack(tmp_path / "a.zip", {"a.csv": b"x", "a.csv/b.csv": b"lon,lat\n1,2\n"})
    with pytest.raises(DataError, match=r"a\.zip"):
        inputs.list_inputs([path], tmp_path / "out")


# -- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "suffix", [".geojson", ".gpkg", ".fgb", ".parquet", ".shp", ".csv", ".kml"]
)
def test_a_file_that_is_too_large_is_not_opened(tmp_path, monkeypatch, suffix):
    path = write(tmp_path / f"areas{suffix}")
    read(path)
    monkeypatch.setattr("mapserver.settings.limits.MAX_FILE_BYTES", 20)
    with pytest.raises(DataError, match="more than 0 MB"):
        read(path)


@pytest.mark.parametrize("suffix", [".zip", ".kmz", ".xlsx", ".ods", ".osm", ".osm.pbf"])
def test_a_file_that_is_too_large_is_refused_whatever_it_holds(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"areas{suffix}"
    path.write_bytes(b"x" * 21)
    monkeypatch.setattr("mapserver.settings.limits.MAX_FILE_BYTES", 20)
    with pytest.raises(DataError, match="the file has 0 MB, more than 0 MB"):
        read(path)


@pytest.mark.parametrize(
    "suffix", [".geojson", ".gpkg", ".fgb", ".parquet", ".shp", ".csv", ".kml"]
)
@pytest.mark.parametrize("limit", ["MAX_LAYER_FEATURES", "MAX_LAYER_VERTICES"])
def test_too_many_features_or_vertices_are_refused(tmp_path, monkeypatch, suffix, limit):
    path = write(tmp_path / f"areas{suffix}")
    monkeypatch.setattr(limits, limit, 1)
    with pytest.raises(DataError, match="too many"):
        read(path)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".fgb", ".parquet", ".shp", ".kml"])
def test_too_many_cells_are_refused(tmp_path, monkeypatch, suffix):
    path = write(tmp_path / f"areas{suffix}")
    monkeypatch.setattr(limits, "MAX_LAYER_CELLS", 1)
    with pytest.raises(DataError, match="too many"):
        read(path)


def write(path: Path) -> Path:
    match path.suffix:
        case ".parquet":
            AREAS.to_parquet(path)
        case ".csv":
            path.write_text("lon,lat\n126.85,35.15\n126.86,35.15\n", "utf-8")
        case ".kml":
            places = "".join(
                "<Placemark><ExtendedData><Data name='n'><value>1</value></Data></ExtendedData>"
                f"<Point><coordinates>126.8{n},35.15</coordinates></Point></Placemark>"
                for n in range(2)
            )
            start = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
            path.write_text(f"{start}{places}</Document></kml>", "utf-8")
        case _:
            AREAS.to_file(path)
    return path


@pytest.mark.parametrize(
    ("suffix", "magic"), [(".gpkg", b"SQLite format 3\0"), (".fgb", b"fgb\x03")]
)
@pytest.mark.parametrize("other", [".geojson", ".fgb", ".gpkg", ".csv"])
def test_what_is_not_of_its_format_is_not_handed_to_gdal(
    tmp_path, monkeypatch, suffix, magic, other
):
    path = write(tmp_path / f"areas{other}").rename(tmp_path / f"fake{suffix}")
    is_what_it_says = path.read_bytes().startswith(magic)
    opened = []
    monkeypatch.setattr("pyogrio.list_layers", lambda *_: opened.append(1) or [])
    with pytest.raises(DataError) as caught:
        read(path)
    assert ("this is not a" in str(caught.value)) is not is_what_it_says
    assert bool(opened) is is_what_it_says


# -- counts that a file states --------------------------------------------------------------------


@pytest.mark.parametrize("count", [10**4, 10**9, 2**63 - 1])
def test_a_flatgeobuf_that_states_very_many_features_takes_no_memory_for_them(tmp_path, count):
    path = tmp_path / "areas.fgb"
    AREAS.to_file(path, SPATIAL_INDEX="NO")
    data = path.read_bytes()
    at = data.index(struct.pack("<Q", 2), 12)
    path.write_bytes(data[:at] + struct.pack("<Q", count) + data[at + 8 :])
    with pytest.raises(DataError):
        read(path)


@pytest.mark.parametrize("count", [10**4, 10**9])
def test_a_geopackage_that_states_very_many_features_takes_no_memory_for_them(tmp_path, count):
    path = tmp_path / "areas.gpkg"
    AREAS.to_file(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE gpkg_ogr_contents SET feature_count = ?", (count,))
        database.commit()
    try:
        frame, _ = read(path)
    except DataError as error:
        assert "rows" in str(error)
    else:
        assert len(frame) == 2


def test_a_parquet_of_very_many_equal_rows_is_refused_before_it_is_read(tmp_path, monkeypatch):
    point = shapely.to_wkb(shapely.Point(126.85, 35.15))
    count = limits.MAX_LAYER_FEATURES + 1
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, "int8")), pa.array([point]))
    frame = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(126.85, 35.15)], crs=4326)
    frame.to_parquet(tmp_path / "one.parquet")
    about = pq.read_schema(tmp_path / "one.parquet").metadata
    table = pa.table({"geometry": column}).replace_schema_metadata(about)
    pq.write_table(table, tmp_path / "many.parquet")
    assert (tmp_path / "many.parquet").stat().st_size < 20_000
    monkeypatch.setattr(gpd, "read_parquet", None)
    with pytest.raises(DataError, match="2000001 rows"):
        read(tmp_path / "many.parquet")


def test_a_view_without_an_end_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "areas.gpkg"
    AREAS.to_file(path, layer="areas")
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE VIEW endless AS WITH RECURSIVE c(fid) AS (SELECT 1 UNION ALL SELECT fid + 1"
            " FROM c) SELECT c.fid, a.geom FROM c JOIN areas a ON a.fid = 1"
        )
        for table in ("gpkg_contents", "gpkg_geometry_columns"):
            names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            rest = ", ".join(name for name in names if name not in {"table_name", "identifier"})
            own = "table_name, identifier" if "identifier" in names else "table_name"
            new = "'endless', 'endless'" if "identifier" in names else "'endless'"
            database.execute(
                f"INSERT INTO {table} ({own}, {rest}) SELECT {new}, {rest} FROM {table}"  # noqa: S608
            )
        database.commit()
    assert len(read(path, layer="areas")[0]) == 2
    monkeypatch.setattr("mapserver.settings.limits.MAX_SQLITE_STEPS", 10_000)
    with pytest.raises(DataError, match="view"):
        read(path, layer="endless")


def test_a_geojson_whose_every_feature_has_its_own_column_is_refused(tmp_path):
    features = ",".join(
        f'{{"type":"Feature","geometry":null,"properties":{{"c{n}":1}}}}' for n in range(7000)
    )
    path = tmp_path / "a.geojson"
    path.write_text(f'{{"type":"FeatureCollection","features":[{features}]}}', "utf-8")
    with pytest.raises(DataError, match="7000 rows of 7000 columns"):
        read(path)


# -- shapefiles -----------------------------------------------------------------------------------


def test_a_table_that_names_a_column_twice_is_read(tmp_path):
    AREAS.assign(nama=1).to_file(tmp_path / "areas.shp")
    dbf = tmp_path / "areas.dbf"
    dbf.write_bytes(dbf.read_bytes().replace(b"nama", b"name", 1))
    frame, _ = read(tmp_path / "areas.shp")
    assert [column for column in frame if str(column).startswith("name")] == ["name", "name_2"]


@pytest.mark.parametrize(
    ("names", "told_apart"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a", "a_2"], ["a", "a_3", "a_2"]),
        (["", "", "_2", "_2"], ["", "_3", "_2", "_2_2"]),
    ],
)
def test_names_that_repeat_are_told_apart(names, told_apart):
    assert source.make_unique_names(names) == told_apart


def test_a_table_of_no_rows_whose_fields_leave_its_width_is_refused(tmp_path):
    AREAS.to_file(tmp_path / "areas.shp")
    dbf = tmp_path / "areas.dbf"
    data = bytearray(dbf.read_bytes())
    header = int.from_bytes(data[8:10], "little")
    dbf.write_bytes(data[: header + 3])
    with pytest.raises(DataError):
        read(tmp_path / "areas.shp")


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_shapefile_that_states_very_many_records_takes_no_memory_for_them(tmp_path, part):
    AREAS.to_file(tmp_path / "areas.shp")
    path = tmp_path / f"areas{part}"
    data = bytearray(path.read_bytes())
    if part == ".dbf":
        data[4:8] = struct.pack("<I", 2**31 - 1)
    else:
        data[24:28] = struct.pack(">I", 2**30)
    path.write_bytes(data)
    try:
        frame, _ = read(tmp_path / "areas.shp")
    except DataError as error:
        assert "areas.shp" in str(error)
    else:
        assert len(frame) <= 2


# -- KML and KMZ ----------------------------------------------------------------------------------


def test_a_kmz_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = pack(tmp_path / "a.kmz", {"doc.kml": write(tmp_path / "a.kml").read_bytes()})
    assert len(read(path)[0]) == 2
    monkeypatch.setattr(limits, "MAX_KML_BYTES", 100)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    with pytest.raises(DataError, match="as KML"):
        read(path)


@pytest.mark.parametrize("inner", ["<a/>" * 3000, "<a>" * 900 + "</a>" * 900])
def test_a_kml_of_too_many_or_too_deep_elements_is_refused(tmp_path, monkeypatch, inner):
    monkeypatch.setattr(limits, "MAX_KML_ELEMENTS", 1200)
    path = tmp_path / "a.kml"
    start = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    path.write_text(f"{start}{inner}</Document></kml>", "utf-8")
    with pytest.raises(DataError, match="elements"):
        read(path)


def test_a_kmz_without_end_is_bounded_while_it_is_unpacked(tmp_path):
    path = pack(tmp_path / "a.kmz", {"doc.kml": b"<kml>" + b" " * 10**6 + b"</kml>"})
    set_size(path, "doc.kml", 20)
    with pytest.raises(DataError, match="broken"):
        read(path)


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path):
    book = io.BytesIO()
    pd.DataFrame({"lon": [126.85], "lat": [35.15]}).to_excel(book, index=False)
    path = tmp_path / "a.xlsx"
    path.write_bytes(book.getvalue())
    assert len(read(path)[0]) == 1
    set_size(path, "xl/worksheets/sheet1.xml", 30)
    with pytest.raises(DataError, match="broken"):
        read(path)


# -- old workbooks, whose reader cannot be stopped by an exception --------------------------------


def make_old_workbook(rows: int) -> bytearray:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    for row in range(rows):
        for column, cell in enumerate(
            ("lon", "lat", "name") if row == 0 else (126.85, 35.15, "가")
        ):
            sheet.write(row, column, cell)
    out = io.BytesIO()
    book.save(out)
    return bytearray(out.getvalue())


@pytest.mark.slow
def test_an_old_workbook_whose_sectors_go_round_does_not_end_the_program(tmp_path):
    data = make_old_workbook(30)
    path = tmp_path / "a.xls"
    path.write_bytes(data)
    assert len(read(path)[0]) == 29
    (table,) = struct.unpack_from("<I", data, 76)
    (directory,) = struct.unpack_from("<I", data, 48)
    struct.pack_into("<I", data, (table + 1) * 512 + 4 * directory, directory)  # after it, itself
    path.write_bytes(data)
    with pytest.raises(DataError, match="more memory or time"):
        read(path)


def test_an_old_workbook_of_a_cell_far_away_does_not_end_the_program(tmp_path):
    data = make_old_workbook(3)
    cell = struct.pack("<HHHH", 0x00FD, 10, 1, 2)  # the text in the second row
    at = data.index(cell)
    data[at + 4 : at + 8] = struct.pack("<HH", 65_535, 65_535)
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(DataError, match="more memory or time"):
        read(tmp_path / "a.xls")


def test_an_old_workbook_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    (tmp_path / "a.xls").write_bytes(make_old_workbook(3))
    monkeypatch.setattr("mapserver.settings.limits.MAX_XLS_S", 0.001)
    with pytest.raises(DataError, match="more memory or time"):
        read(tmp_path / "a.xls")


def test_a_workbook_of_two_tables_a_million_rows_apart_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["lon", "lat"])
    book.active.append([126.85, 35.15])
    book.active["T1000000"] = 1
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match="reaches from A1 to T1000000"):
        read(tmp_path / "a.xlsx")


def test_a_parquet_of_one_long_text_in_very_many_rows_is_refused(tmp_path, monkeypatch):
    frame = gpd.GeoDataFrame(
        {"text": ["가" * 1000] * 3000}, geometry=[shapely.Point(126.8, 35.1)] * 3000, crs=4326
    )
    frame.to_parquet(tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    assert len(read(tmp_path / "a.parquet")[0]) == 3000
    monkeypatch.setattr("mapserver.settings.limits.MAX_FILE_BYTES", 2**20)
    monkeypatch.setattr(gpd, "read_parquet", None)
    with pytest.raises(DataError, match="unpacks to 8 MB"):
        read(tmp_path / "a.parquet")


# -- catalogues and pictures ----------------------------------------------------------------------

DEEP = [
    *("x = " + "[" * 100_000, "x = " + "{a=" * 50_000, ".".join("a" * 200_000) + " = 1"),
    *('"a"."b".' * 60_000 + "c = 1", "[" + ".".join("a" * 100_000) + "]", "x = " + "9" * 5000),
    *('[[layers]]\nid = "a"\n' * 5000, "a = [" + "[1]," * 100 + "[" * 30),
]


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_a_catalogue_that_is_nested_or_long_beyond_reason_is_refused_at_once(text):
    with pytest.raises(CatalogError) as caught:
        parse_catalog(text)
    assert len(str(caught.value)) < 400


def test_brackets_and_points_in_texts_of_a_catalogue_mean_nothing():
    title = "[" * 50 + "a.b.c." * 30 + "'"
    catalog = parse_catalog(f'title = "{title}" # {title}\n[[layers]]\nid = "x"\nfile = "x.csv"\n')
    assert catalog.title.in_language("ko") == title


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(30)


def jpeg(width: int, height: int) -> bytes:
    before = b"\xff\xd8\xff\xe1" + struct.pack(">H", 1000) + bytes(998) + b"\xff"
    return before + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + bytes(30)


def webp(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + size + bytes(30)


def webp_without_loss(width: int, height: int) -> bytes:
    bits = (width - 1) | (height - 1) << 14
    return (
        b"RIFF" + bytes(4) + b"WEBPVP8L" + bytes(4) + b"\x2f" + struct.pack("<I", bits) + bytes(9)
    )


def webp_with_loss(width: int, height: int) -> bytes:
    return b"RIFF" + bytes(4) + b"WEBPVP8 " + bytes(10) + struct.pack("<HH", width, height)


@pytest.mark.parametrize("make", [png, jpeg, webp, webp_without_loss, webp_with_loss])
def test_a_small_file_of_very_many_pixels_is_no_photo(make_city, make):
    city = make_city({"gpx/a.gpx": gpx(), "gpx/a.png": make(4000, 3000)})
    assert list(city.photos) == ["a"]
    city = make_city({"gpx/a.gpx": gpx(), "gpx/a.png": make(16_000, 16_000)})
    assert list(city.photos) == []
    assert "million pixels" in str(city.findings[0])


@pytest.mark.parametrize("cut", range(0, 60, 7))
@pytest.mark.parametrize("make", [png, jpeg, webp])
def test_a_photo_that_breaks_off_does_no_harm(make_city, make, cut):
    city = make_city({"gpx/a.gpx": gpx(), "gpx/a.jpg": make(40, 30)[:cut] or b"x"})
    assert len(city.trails) == 1
