"""Getting it out: every format holds what the city holds, or says what it cannot."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import shutil
import sqlite3
import time
from contextlib import closing

import geopandas as gpd
import gpxpy
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from conftest import ROOT
from defusedxml import ElementTree
from gpxtext import gpx, track
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import zxy_to_tileid

import mapserver
from mapserver.commands import cli
from mapserver.errors import CrsError, DataError, NotFoundError, SettingsError
from mapserver.model.layers import Layers
from mapserver.writers.export import export

ALL = (
    *("neighborhoods", "zones", "districts", "shops", "trails", "facilities", "services"),
    *("stops", "parking", "toilets"),
)
SEVERAL = {"geojson": ".geojson", "parquet": ".parquet", "fgb": ".fgb", "shp": ".shp"}
GPX = {"g": "http://www.topografix.com/GPX/1/1"}
KML = {"k": "http://www.opengis.net/kml/2.2"}

LONG = "가" * 300
NASTY = [
    None, "", "쉼표, 따옴표 \"와 '", "두\n줄", "<b>굵게</b> & {{ 7*7 }}", "=1+1", "이모지 🦶",
    LONG, "  빈칸  ", "\\끝",
]  # fmt: skip


def nasty_layer() -> gpd.GeoDataFrame:
    """Ten rows of what planners' files hold at their worst, with every kind of area."""
    square = shapely.box(126.85, 35.15, 126.851, 35.151)
    holed = square.difference(shapely.box(126.8504, 35.1504, 126.8506, 35.1506))
    two = shapely.union_all([square, shapely.box(126.86, 35.15, 126.861, 35.151)])
    places = [square, holed, two, None, shapely.Polygon(), *[square] * 5]
    return gpd.GeoDataFrame(
        {
            "id": [f"n{n}" for n in range(10)],
            "name": [f"이름 {n}" for n in range(10)],
            "글": NASTY,
            "fid": range(100, 110),
            "geom": ["글"] * 10,
            "ogc_fid": [1.5, np.nan, *[-2.25] * 8],
            "Wert": range(10),
            "WERT": [True, False] * 5,
            "아주긴한글열이름입니다": ["값"] * 10,
            "아주긴한글열이름도있다": [2**53 + 1, *[0] * 9],
        },
        geometry=places,
        crs=4326,
    )


def layer_of(frame, city):
    """Make the layers of a city that has this one, with what its catalogue says of it."""
    return Layers({"nasty": frame}, {"nasty": city.entry("nasty")}, {"nasty": city.file("nasty")})


@pytest.fixture
def rough(make_city, monkeypatch):
    """A city whose one layer is :func:`nasty_layer`, whatever a reader would make of it."""
    city = make_city({"layers/nasty.gpkg": nasty_layer()[["id", "name", "geometry"]]})
    frame = nasty_layer().set_index("id")
    monkeypatch.setattr(city, "layers", layer_of(frame, city))
    return city


def read(path, layer=None) -> gpd.GeoDataFrame:
    """Read with GDAL or Arrow, which know nothing of us."""
    if path.suffix == ".parquet":
        return gpd.read_parquet(path)
    if layer is None:
        layer = next(str(name) for name, kind in pyogrio.list_layers(path) if kind)
    return pyogrio.read_dataframe(path, layer=layer)


def by_id(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(id=frame["id"].astype("str")).set_index("id").sort_index()


def plain(value):
    """Compare values, not the types that formats have for them."""
    if (
        value is None
        or value is pd.NaT
        or value is pd.NA
        or (np.isscalar(value) and pd.isna(value))
    ):
        return None
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value.tz is None else value.tz_convert("UTC").isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):  # GDAL takes "09:00" of GeoJSON for one
        return f"{value:%H:%M}"
    if isinstance(value, np.generic):
        value = value.item()
    return float(value) if isinstance(value, bool | int | float) else value


def assert_same(found: gpd.GeoDataFrame, wanted: gpd.GeoDataFrame, columns=None, places=1e-7):
    """Hold that rows, columns, values and geometries are the same."""
    found, wanted = by_id(found), wanted.sort_index()
    columns = columns or {c: c for c in wanted.columns if c != wanted.geometry.name}
    assert list(found.index) == list(wanted.index)
    assert set(found.columns) - {"geometry"} == set(columns.values())
    for ours, theirs in columns.items():
        assert [plain(v) for v in found[theirs]] == [plain(v) for v in wanted[ours]], ours
    assert_same_places(found.geometry, wanted.geometry, places)


def assert_same_places(found, wanted, places=1e-7):
    for ours, theirs in zip(wanted.array, found.array, strict=True):
        if ours is None or ours.is_empty:
            assert theirs is None or theirs.is_empty
            continue
        here, there = (shapely.normalize(shapely.force_2d(x)) for x in (ours, theirs))
        here, there = (shapely.get_parts(x) for x in (here, there))
        assert len(here) == len(there)
        assert all(shapely.equals_exact(a, b, places) for a, b in zip(here, there, strict=True))


# -- the sample city, there and back ---------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["geojson", "parquet", "fgb"])
def test_a_folder_holds_every_row_column_and_place(sample_city, tmp_path, format_):
    done = sample_city.export(tmp_path / "out", format=format_)
    # FlatGeobuf holds places alone, all others the tables beside the map, too.
    written = ALL if format_ == "fgb" else sample_city.published
    assert done.rows == {id_: len(sample_city.published[id_]) for id_ in written}
    assert done.findings == []
    for id_ in ALL:
        found = read(tmp_path / "out" / f"{id_}{SEVERAL[format_]}")
        assert found.crs.to_epsg() in {4326, 4979}  # degrees on WGS 84, the latter with heights
        assert_same(found, sample_city.layers[id_])


@pytest.mark.slow
def test_a_geopackage_holds_every_row_column_and_place(sample_city, tmp_path):
    sample_city.export(tmp_path / "city.gpkg")
    kinds = dict(pyogrio.list_layers(tmp_path / "city.gpkg"))
    assert [name for name, kind in kinds.items() if kind] == list(ALL)
    tables = [name for name, kind in kinds.items() if not kind and name != "layer_styles"]
    assert tables == [name for name in sample_city.published if name not in ALL]
    for id_ in ALL:
        assert_same(read(tmp_path / "city.gpkg", id_), sample_city.layers[id_])
    heights = shapely.get_coordinates(
        read(tmp_path / "city.gpkg", "trails").geometry, include_z=True
    )
    assert np.array_equal(
        heights, shapely.get_coordinates(sample_city.trails.geometry, include_z=True)
    )


@pytest.mark.slow
def test_shapefiles_hold_it_under_shorter_names(sample_city, tmp_path):
    done = sample_city.export(tmp_path / "out", format="shp")
    said = {finding.file: finding.message for finding in done.findings}
    for id_ in ALL:
        path = tmp_path / "out" / f"{id_}.shp"
        found = read(path)
        assert path.with_suffix(".cpg").read_text() == "UTF-8"
        assert path.with_suffix(".prj").is_file()
        wanted = sample_city.layers[id_]
        wanted = wanted.drop(columns=wanted.columns[wanted.isna().all()])
        names = {c: c for c in wanted.columns if c != "geometry"}
        for pair in said.get(id_, ": ").partition(": ")[2].split(", "):
            old, _, new = pair.partition(" → ")
            names |= {old: new} if old in names else {}
        assert max(len(name.encode()) for name in names.values()) <= 10
        assert_same(found[["id", *names.values(), "geometry"]], wanted, names)


@pytest.mark.slow
def test_csv_has_points_as_columns_and_the_rest_as_wkt(sample_city, tmp_path):
    sample_city.export(tmp_path / "out", format="csv")
    for id_ in ALL:
        path = tmp_path / "out" / f"{id_}.csv"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        wanted = sample_city.layers[id_]
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["id"] for row in rows] == list(wanted.index)
        names = ["" if v is None or pd.isna(v) else v for v in wanted["name"]]
        assert [row["name"] for row in rows] == names
        if "wkt" in rows[0]:
            places = gpd.GeoSeries(shapely.from_wkt([row["wkt"] for row in rows]))
        else:
            lonlat = [(float(row["lon"]), float(row["lat"])) for row in rows]
            places = gpd.GeoSeries(shapely.points(lonlat))
        assert_same_places(places, wanted.geometry)


@pytest.mark.slow
def test_a_folder_of_gpx_is_the_gpx_folder_of_a_city(sample_city, tmp_path):
    done = sample_city.export(tmp_path / "gpx", format="gpx")
    assert {f.file for f in done.findings} == set(ALL) - {"trails", "facilities"}
    name = gpxpy.parse((tmp_path / "gpx" / "geumdangsan-1.gpx").read_text("utf-8")).name
    assert name == sample_city.trails.loc["geumdangsan-1", "name"]
    again = mapserver.open_city(tmp_path)
    assert [str(finding) for finding in again.findings] == []
    trails = sample_city.trails
    assert_same(again.trails.reset_index(), trails.assign(description=again.trails["description"]))
    there = shapely.get_coordinates(again.trails.geometry.loc[trails.index], include_z=True)
    assert np.allclose(there, shapely.get_coordinates(trails.geometry, include_z=True), atol=1e-7)
    columns = ["name", "kind", "elevation_m", "trail"]
    assert again.facilities[columns].equals(sample_city.facilities[columns])


def test_one_gpx_file_has_all_trails_and_follows_the_schema(sample_city, tmp_path):
    sample_city.export(tmp_path / "all.gpx")
    text = (tmp_path / "all.gpx").read_text("utf-8")
    parsed = gpxpy.parse(text)
    assert [t.name for t in parsed.tracks] == list(sample_city.trails["name"])
    assert [len(t.segments) for t in parsed.tracks] == list(sample_city.trails["segments"])
    assert len(parsed.waypoints) == len(sample_city.facilities)
    root = ElementTree.fromstring(text)
    order = {
        "gpx": ["metadata", "wpt", "rte", "trk", "extensions"],
        "metadata": ["name", "desc", "author", "copyright", "link", "time", "keywords", "bounds"],
        "wpt": ["ele", "time", "name", "cmt", "desc", "src", "link", "sym", "type", "extensions"],
        "trk": ["name", "cmt", "desc", "src", "link", "number", "type", "extensions", "trkseg"],
        "trkseg": ["trkpt", "extensions"],
        "copyright": ["year", "license"],
    }
    for element in root.iter():
        wanted = order.get(element.tag.rpartition("}")[2])
        if wanted:
            places = [wanted.index(child.tag.rpartition("}")[2]) for child in element]
            assert places == sorted(places)
    licence = root.find("g:metadata/g:copyright/g:license", GPX).text
    assert licence == "https://spdx.org/licenses/CC0-1.0.html"
    assert "견본" in root.find("g:metadata/g:desc", GPX).text
    own = root.find("g:trk/g:extensions", GPX)
    assert {e.get("column"): e.text for e in own}["surface"] == sample_city.trails["surface"].iloc[
        0
    ]


@pytest.mark.slow
def test_kml_has_a_folder_a_layer_with_every_column(sample_city, tmp_path):
    sample_city.export(tmp_path / "city.kml")
    root = ElementTree.parse(tmp_path / "city.kml").getroot()
    folders = root.findall("k:Document/k:Folder", KML)
    assert [f.find("k:name", KML).text for f in folders][:2] == ["행정동 (견본)", "생활권 (견본)"]
    for folder, id_ in zip(folders, ALL, strict=True):
        wanted = sample_city.layers[id_]
        marks = folder.findall("k:Placemark", KML)
        assert len(marks) == len(wanted)
        first = {e.get("name"): e.text for e in marks[0].iter(f"{{{KML['k']}}}SimpleData")}
        filled = wanted.iloc[0].drop("geometry").dropna()
        assert set(first) == {"id", *filled.index}
        assert first["name"] == filled["name"]
        style = root.find(f"k:Document/k:Style[@id='style-{id_}']/k:LineStyle/k:color", KML).text
        red, green, blue = (style[at : at + 2] for at in (6, 4, 2))
        assert f"#{red}{green}{blue}" == sample_city.entry(id_).style.color
    layers = dict.fromkeys(name for name, _ in pyogrio.list_layers(tmp_path / "city.kml"))
    for title, id_ in zip(layers, ALL, strict=True):
        assert_same_places(
            read(tmp_path / "city.kml", title).geometry, sample_city.layers[id_].geometry
        )


@pytest.mark.slow
def test_what_was_exported_makes_the_same_city_again(sample_city, tmp_path):
    for format_ in ("geojson", "parquet", "fgb"):
        folder = tmp_path / format_
        folder.mkdir()
        sample_city.export(folder / "layers", format=format_, layers=["districts", "shops"])
        again = mapserver.open_city(folder)
        for id_ in ("districts", "shops"):
            assert_same(again.layers[id_].reset_index(), sample_city.layers[id_])


# -- nasty values ----------------------------------------------------------------------------------


def test_nasty_values_come_back_from_what_holds_them(rough, tmp_path):
    wanted = nasty_layer().set_index("id")
    export(rough, tmp_path / "n.gpkg")
    found = read(tmp_path / "n.gpkg")
    assert_same(found, wanted, {c: c for c in wanted if c != "geometry"} | {"WERT": "WERT_2"})
    export(rough, tmp_path / "n.fgb")
    assert_same(
        read(tmp_path / "n.fgb"),
        wanted,
        {c: c for c in wanted if c != "geometry"} | {"WERT": "WERT_2"},
    )
    export(rough, tmp_path / "n.parquet")
    assert_same(read(tmp_path / "n.parquet"), wanted)
    export(rough, tmp_path / "n.geojson")
    features = json.loads((tmp_path / "n.geojson").read_text("utf-8"))["features"]
    table = gpd.GeoDataFrame.from_features(features).assign(id=[f["id"] for f in features])
    assert_same(table, wanted)


def test_columns_that_differ_by_case_are_told_apart_and_told(rough, tmp_path):
    done = export(rough, tmp_path / "n.gpkg")
    assert [f.message.partition(": ")[2] for f in done.findings] == ["WERT → WERT_2"]


def test_nasty_values_come_back_from_csv(rough, tmp_path):
    done = export(rough, tmp_path / "n.csv")
    wanted = nasty_layer()
    with (tmp_path / "n.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    # No spreadsheet runs a cell of it.
    texts = [plain(v) or "" for v in wanted["글"]]
    assert [row["글"] for row in rows] == [t.replace("=1+1", "'=1+1") for t in texts]
    assert next(row["아주긴한글열이름도있다"] for row in rows) == str(2**53 + 1)
    assert [(f.code, f.feature) for f in done.findings] == [
        ("text-formula", "n5"),
        ("booleans-as-text", ""),
    ]


def test_a_shapefile_says_what_it_cuts(rough, tmp_path):
    done = export(rough, tmp_path / "n.shp")
    found = read(tmp_path / "n.shp")
    by_code = {f.code: f for f in done.findings}
    assert by_code["text-cut"].feature == "n7"
    assert by_code["text-cut"].values["most"] == 900
    assert found["글"].iloc[7] == "가" * (254 // 3)
    assert "아주긴_2" in found or {"아주긴", "아주_2"} <= set(found)
    assert found["Wert"].tolist() == list(range(10))
    assert_same_places(found.geometry, nasty_layer().geometry)


def test_xml_formats_keep_markup_as_text(rough, tmp_path):
    export(rough, tmp_path / "n.kml")
    root = ElementTree.parse(tmp_path / "n.kml").getroot()
    texts = [e.text or "" for e in root.iter(f"{{{KML['k']}}}SimpleData") if e.get("name") == "글"]
    assert texts == [v for v in NASTY if v is not None]
    assert len(root.findall(".//k:Placemark", KML)) == 10


def test_what_xml_has_no_letter_for_becomes_a_sign(make_city, tmp_path):
    city = make_city({"layers/x.csv": "id,name,lon,lat\na,\x01\x0b종,126.85,35.15\n"})
    city.export(tmp_path / "x.kml")
    city.export(tmp_path / "x.gpx", layers=["x"])
    for file in ("x.kml", "x.gpx"):
        assert "\ufffd종" in "".join(ElementTree.parse(tmp_path / file).getroot().itertext())


def test_lists_and_mixed_values_become_text(make_city, tmp_path):
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [126.85, 35.15]}}
    one = feature | {"properties": {"id": "a", "tags": ["가", 1], "mixed": 1}}
    two = feature | {"properties": {"id": "b", "tags": None, "mixed": "둘"}}
    text = json.dumps({"type": "FeatureCollection", "features": [one, two]})
    city = make_city({"layers/x.geojson": text})
    for name in ("x.gpkg", "x.parquet", "x.fgb", "x.shp"):
        city.export(tmp_path / name, layers=["x"])
        found = by_id(read(tmp_path / name))
        assert found.loc["a", "tags"] == '["가",1]'
        assert found["mixed"].tolist() == ["1", "둘"]


def test_points_lines_and_areas_in_one_layer(make_city, tmp_path):
    mixed = gpd.GeoDataFrame(
        {"id": list("abcd")},
        geometry=[
            shapely.Point(126.85, 35.15),
            shapely.LineString([(126.85, 35.15), (126.86, 35.16)]),
            shapely.box(126.85, 35.15, 126.86, 35.16),
            None,
        ],
        crs=4326,
    )
    city = make_city({"layers/m.gpkg": mixed})
    for name in ("m.gpkg", "m.geojson", "m.parquet", "m.fgb"):
        city.export(tmp_path / name, layers=["m"])
        assert_same_places(by_id(read(tmp_path / name)).geometry, mixed.geometry)
    done = city.export(tmp_path / "out", layers=["m"], format="shp")
    assert done.findings[0].code == "layer-split"
    ids = [
        read(tmp_path / "out" / f"m-{kind}.shp")["id"].tolist() for kind in ("lines", "polygons")
    ]
    assert ids == [["b"], ["c"]]
    assert read(tmp_path / "out" / "m-points.shp")["id"].tolist() == ["a", "d"]
    with pytest.raises(DataError, match="one kind of geometry"):
        city.export(tmp_path / "m.shp", layers=["m"])
    done = city.export(tmp_path / "m.gpx", layers=["m"])
    assert {f.code: f.feature for f in done.findings} == {
        "rows-without-place": "d",
        "rows-left-out": "c",
    }


@pytest.mark.parametrize("rows", [0, 2])
def test_layers_without_any_place_are_written_or_refused(rough, tmp_path, monkeypatch, rows):
    frame = gpd.GeoDataFrame({"name": ["가"] * rows}, geometry=[None] * rows, crs=4326)
    frame.index = pd.Index([f"p{n}" for n in range(rows)], name="id", dtype="str")
    monkeypatch.setattr(rough, "layers", layer_of(frame, rough))
    for name in ("p.gpkg", "p.parquet", "p.fgb", "p.geojson", "p.shp"):
        export(rough, tmp_path / name)
        assert len(read(tmp_path / name)) == rows
    export(rough, tmp_path / "p.csv")
    assert len((tmp_path / "p.csv").read_text("utf-8-sig").splitlines()) == rows + 1
    export(rough, tmp_path / "p.kml")
    for name in ("p.gpx", "p.pmtiles"):
        with pytest.raises(DataError):
            export(rough, tmp_path / name)


def test_unknown_heights_stay_unknown(make_city, tmp_path):
    line = '<trkseg><trkpt lat="35.15" lon="126.85"/><trkpt lat="35.16" lon="126.86"><ele>1234.5678</ele></trkpt></trkseg>'  # noqa: E501
    city = make_city({"gpx/a.gpx": gpx(f"<trk><name>길</name>{line}</trk>")})
    heights = [np.nan, 1234.5678]
    for name in ("t.gpkg", "t.parquet"):
        city.export(tmp_path / name, layers=["trails"])
        coordinates = shapely.get_coordinates(read(tmp_path / name).geometry, include_z=True)
        assert np.array_equal(coordinates[:, 2], heights, equal_nan=True)
    city.export(tmp_path / "t.gpx")
    points = gpxpy.parse((tmp_path / "t.gpx").read_text("utf-8")).tracks[0].segments[0].points
    assert [p.elevation for p in points] == [None, 1234.5678]
    city.export(tmp_path / "t.geojson", layers=["trails"])
    document = json.loads((tmp_path / "t.geojson").read_text("utf-8"))
    feature = document["features"][0]
    assert feature["geometry"]["coordinates"] == [[[126.85, 35.15], [126.86, 35.16]]]
    assert feature["properties"]["heights_m"] == "[null, 1234.5678]"  # GDAL would read 0 m
    done = city.export(tmp_path / "t.shp", layers=["trails"])
    assert "heights-left-out" in {f.code for f in done.findings}


# -- GeoJSON ---------------------------------------------------------------------------------------


def test_geojson_is_as_rfc_7946_has_it(sample_city, tmp_path):
    sample_city.export(tmp_path / "districts.geojson", layers=["districts"])
    document = json.loads((tmp_path / "districts.geojson").read_text("utf-8"))
    assert "crs" not in document
    assert document["sample"] is True
    assert [f["id"] for f in document["features"]] == list(sample_city.districts.index)
    for feature in document["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        for polygon in shapely.get_parts(shape):
            assert polygon.exterior.is_ccw
            assert not any(ring.is_ccw for ring in polygon.interiors)
        numbers = json.dumps(feature["geometry"]["coordinates"]).replace("]", ",").split(",")
        assert all(len(n.partition(".")[2].strip()) <= 7 for n in numbers)


# -- GeoPackage: styles and what is said of the data -----------------------------------------------


def rows(path, query):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


@pytest.mark.slow
def test_a_geopackage_is_titled_and_styled_for_qgis(sample_city, tmp_path):
    path = tmp_path / "city.gpkg"
    sample_city.export(path)
    contents = rows(
        path, "SELECT table_name, data_type, identifier, description FROM gpkg_contents"
    )
    said = {name: (kind, title, about) for name, kind, title, about in contents}
    assert said["trails"][:2] == ("features", "맨발길 (견본)")
    assert "CC0-1.0" in said["trails"][2]
    assert said["layer_styles"][0] == "attributes"
    styles = rows(
        path,
        "SELECT f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleQML,"
        " styleSLD, useAsDefault FROM layer_styles",
    )
    columns = dict(rows(path, "SELECT table_name, column_name FROM gpkg_geometry_columns"))
    assert [row[2] for row in styles] == list(ALL)
    for catalog, schema, table, column, qml, sld, default in styles:
        assert (catalog, schema, default) == ("", "", 1)
        assert column == columns[table]
        entry = sample_city.entry(table)
        red, green, blue = (int(entry.style.color[at : at + 2], 16) for at in (1, 3, 5))
        root = ElementTree.fromstring(qml)
        assert f"{red},{green},{blue},255" in {e.get("value") for e in root.iter("Option")}
        assert root.find("labeling/settings/text-style").get("fieldName") == "name"
        aliases = {e.get("field"): e.get("name") for e in root.iter("alias")}
        assert aliases["name"] == "이름"
        assert entry.style.color in [e.text for e in ElementTree.fromstring(sld).iter()]
    meta = pyogrio.read_info(path, layer="trails")["layer_metadata"]
    assert meta["SAMPLE"] == "YES"
    assert meta["SOURCE"] == str(sample_city.entry("trails").source)
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_geopackage_has_the_time_of_the_data_and_not_that_of_its_making(make_city, tmp_path):
    city = make_city({"gpx/hill.gpx": gpx(track(((126.85, 35.15), (126.8512, 35.15))))})
    for name in ("a.gpkg", "b.gpkg"):
        city.export(tmp_path / name)
        time.sleep(0.01)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    expected = {(f"{city.data.changed_at:%Y-%m-%dT%H:%M:%S}.000Z",)}
    for table, column in (
        ("gpkg_contents", "last_change"),
        ("gpkg_metadata_reference", "timestamp"),
        ("layer_styles", "update_time"),
    ):
        assert set(rows(tmp_path / "a.gpkg", f"SELECT {column} FROM {table}")) == expected  # noqa: S608 -- of this test
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_closed_trails_are_drawn_apart(make_city, tmp_path):
    line = gpx(track([(126.85, 35.14), (126.851, 35.14)]))
    city = make_city(
        {"gpx/a.gpx": line, "gpx/b.gpx": line, "gpx/trails.csv": "id,status\na,open\nb,closed\n"}
    )
    city.export(tmp_path / "t.gpkg")
    ((qml,),) = rows(tmp_path / "t.gpkg", "SELECT styleQML FROM layer_styles")
    root = ElementTree.fromstring(qml)
    states = {c.get("value"): c.get("symbol") for c in root.iter("category")}
    dashed = {
        symbol.get("name"): "1"
        in [o.get("value") for o in symbol.iter("Option") if o.get("name") == "use_custom_dash"]
        for symbol in root.iter("symbol")
    }
    assert (dashed[states["open"]], dashed[states["closed"]]) == (False, True)


def test_hostile_titles_stay_text(make_city, tmp_path):
    catalog = (
        '[[layers]]\nid = "x"\nfile = "x.csv"\ntitle = "\'; DROP TABLE x; <b>&amp;"\n'
        'source = "<script>alert(1)</script>"\n'
    )
    city = make_city(
        {"layers/x.csv": "id,name,lon,lat\na,가,126.85,35.15\n", "layers/catalog.toml": catalog}
    )
    title = "'; DROP TABLE x; <b>&amp;"
    city.export(tmp_path / "x.gpkg")
    assert ("x", title) in rows(
        tmp_path / "x.gpkg", "SELECT table_name, identifier FROM gpkg_contents"
    )
    city.export(tmp_path / "x.kml")
    root = ElementTree.parse(tmp_path / "x.kml").getroot()
    assert root.find("k:Document/k:Folder/k:name", KML).text == title
    city.export(tmp_path / "x.pmtiles")
    with (tmp_path / "x.pmtiles").open("rb") as file:
        assert "<script>" not in Reader(MmapSource(file)).metadata()["attribution"]


# -- PMTiles ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_tiles_hold_every_layer_and_no_feature_is_lost(sample_city, tmp_path):
    path = tmp_path / "city.pmtiles"
    done = sample_city.export(path)
    assert [(f.code, f.file, f.values["zoom"]) for f in done.findings] == [
        ("tiles-from-zoom", "shops", 13)
    ]
    assert sorted(name for name, _ in pyogrio.list_layers(path)) == sorted(ALL)
    for id_ in ALL:
        for zoom in (13, 14):
            found = pyogrio.read_dataframe(path, layer=id_, ZOOM_LEVEL=zoom)
            assert set(found["id"]) == set(sample_city.layers[id_].index)
        if id_ != "shops":
            first = pyogrio.read_dataframe(path, layer=id_, ZOOM_LEVEL=8)
            assert set(first["id"]) == set(sample_city.layers[id_].index)
    shops = pyogrio.read_dataframe(path, layer="shops", ZOOM_LEVEL=14).drop_duplicates("id")
    places = shops.set_index("id").geometry.to_crs(4326)
    wanted = shapely.get_coordinates(sample_city.shops.geometry.loc[places.index])
    moved = np.abs(shapely.get_coordinates(places) - wanted)
    assert moved.max() < 5e-6  # degrees: half a metre, as a tile's units are
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        header, about = reader.header(), reader.metadata()
        assert (header["min_zoom"], header["max_zoom"]) == (8, 14)
        assert {layer["id"]: layer["minzoom"] for layer in about["vector_layers"]}["shops"] == 13
        assert about["name"] == "서구 맨발로"
        assert "CC0-1.0" in about["attribution"]
        tile = reader.get(8, *lonlat_tile(126.85, 35.15, 8))
        assert gzip.decompress(tile).count(b"trails") == 1
    assert zxy_to_tileid(0, 0, 0) == 0


def lonlat_tile(lon, lat, zoom):
    """Number of a tile as the slippy map has it."""
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2
    return int((lon + 180) / 360 * 2**zoom), int(y * 2**zoom)


def test_rows_without_a_place_are_told(rough, tmp_path):
    done = export(rough, tmp_path / "n.pmtiles")
    assert [(f.code, f.values["count"]) for f in done.findings] == [("rows-without-place", 2)]


# -- encodings and CRS -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["s.csv", "s.shp"])
def test_cp949_for_old_programs(sample_city, tmp_path, name):
    sample_city.export(tmp_path / name, layers=["services"], encoding="cp949")
    if name == "s.csv":
        text = (tmp_path / name).read_bytes().decode("cp949")
        assert sample_city.layers["services"]["name"].iloc[0] in text
    else:
        found = pyogrio.read_dataframe(tmp_path / name)
        assert found["name"].tolist() == sample_city.layers["services"]["name"].tolist()
        raw = (tmp_path / "s.dbf").read_bytes()
        assert sample_city.layers["services"]["name"].iloc[0].encode("cp949") in raw


@pytest.mark.parametrize("name", ["n.csv", "n.shp"])
def test_a_letter_that_the_encoding_lacks_is_named_with_its_row(rough, tmp_path, name):
    with pytest.raises(DataError) as caught:
        export(rough, tmp_path / name, encoding="cp949")
    assert "nasty, n6" in str(caught.value)
    assert "🦶" in str(caught.value)
    assert list(tmp_path.glob(f"*{name}")) == []


@pytest.mark.parametrize("name", ["d.gpkg", "d.parquet", "d.fgb", "d.shp"])
def test_another_crs_where_the_file_can_say_it(sample_city, tmp_path, name):
    sample_city.export(tmp_path / name, layers=["districts"], crs="EPSG:5186")
    found = read(tmp_path / name)
    assert found.crs.to_epsg() == 5186
    assert_same_places(
        by_id(found.to_crs(4326)).geometry, sample_city.districts.geometry.sort_index()
    )
    assert found.total_bounds[0] > 100_000


def test_heights_stay_in_another_crs(sample_city, tmp_path):
    sample_city.export(tmp_path / "t.gpkg", layers=["trails"], crs="EPSG:5174")
    found = shapely.get_coordinates(read(tmp_path / "t.gpkg").geometry, include_z=True)
    wanted = shapely.get_coordinates(sample_city.trails.geometry, include_z=True)
    assert np.array_equal(found[:, 2], wanted[:, 2])
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", ["d.geojson", "d.csv", "d.kml", "d.pmtiles", "d.gpx"])
def test_another_crs_is_refused_where_the_file_cannot_say_it(sample_city, tmp_path, name):
    with pytest.raises(SettingsError, match="degrees"):
        sample_city.export(tmp_path / name, crs="EPSG:5186")
    with pytest.raises((SettingsError, CrsError)):
        sample_city.export(tmp_path / name, crs="EPSG:99999")


# -- one place, whole or not at all ----------------------------------------------------------------


def test_what_is_there_stays_unless_it_is_to_be_replaced(sample_city, tmp_path):
    path = tmp_path / "d.gpkg"
    path.write_text("mine")
    with pytest.raises(DataError, match="--replace"):
        sample_city.export(path, layers=["districts"])
    assert path.read_text() == "mine"
    sample_city.export(path, layers=["districts"], replace=True)
    assert len(read(path)) == 119


@pytest.mark.slow
def test_a_folder_with_other_files_is_never_replaced(sample_city, tmp_path):
    out = tmp_path / "out"
    sample_city.export(out, format="csv")
    sample_city.export(out, format="csv", replace=True)
    (out / "thesis.doc").write_text("mine")
    with pytest.raises(DataError, match=r"thesis\.doc"):
        sample_city.export(out, format="csv", replace=True)
    assert (out / "thesis.doc").read_text() == "mine"


def test_a_failure_leaves_nothing_behind(sample_city, tmp_path, monkeypatch):
    def fail(*_args, **_options):
        raise pyogrio.errors.DataLayerError("disk full")

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    with pytest.raises(DataError, match="the disk is full"):
        sample_city.export(tmp_path / "d.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_formats_contradictions_and_wrong_names(sample_city, tmp_path):
    for name, options, words in [
        ("out", {}, "which format"),
        ("a.gpkg", {"format": "csv"}, "--format says csv"),
        ("seogu", {"format": "gpkg"}, r"seogu\.gpkg"),
        ("a.csv", {}, "holds one layer"),
        ("a.gpkg", {"format": "dwg"}, "not a format"),
        ("a.gpkg", {"encoding": "cp949"}, "always UTF-8"),
    ]:
        with pytest.raises(SettingsError, match=words):
            sample_city.export(tmp_path / name, **options)
    with pytest.raises(NotFoundError, match="bus"):
        sample_city.export(tmp_path / "a.gpkg", layers=["bus"])
    with pytest.raises(DataError, match="no such folder"):
        sample_city.export(tmp_path / "nowhere" / "a.gpkg")
    with pytest.raises(DataError, match="neither"):
        sample_city.export(tmp_path / "a.gpx", layers=["districts"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_command_writes_says_and_is_quiet_when_piped(tmp_path):
    shutil.copytree(ROOT / "gpx", tmp_path / "city" / "gpx")
    shutil.copytree(ROOT / "layers", tmp_path / "city" / "layers")
    call = ["export", str(tmp_path / "a.gpx"), "--city", str(tmp_path / "city"), "--lang", "en"]
    done = CliRunner().invoke(cli.main, call)
    assert done.exit_code == 0
    assert "layers: 2, rows: 217" in done.stdout
    assert "districts: GPX holds lines and points" in done.stderr
    again = CliRunner().invoke(cli.main, call)
    assert again.exit_code == 1
    assert "--replace" in again.stderr
    wrong = CliRunner().invoke(cli.main, [*call, "--format", "shp"])
    assert wrong.exit_code == 2
    assert "--format says shp" in wrong.stderr
    folder = [str(tmp_path / "shp"), "--format", "shp", "--crs", "EPSG:5186", "--layer", "zones"]
    done = CliRunner().invoke(cli.main, ["export", *folder, *call[2:]])
    assert (done.exit_code, done.stderr) == (0, "")
    assert read(tmp_path / "shp" / "zones.shp").crs.to_epsg() == 5186
