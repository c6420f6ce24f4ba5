"""Tables with WKT and KML with data of its own, as QGIS, PostGIS and this product write them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from mapserver.errors import CrsError
from mapserver.model import LayerEntry
from mapserver.readers.vector import read_layer

AREA = "POLYGON ((126.85 35.14, 126.86 35.14, 126.86 35.15, 126.85 35.14))"


def read(path, text: str | None = None, **entry):
    if text is not None:
        path.write_text(text, "utf-8")
    return read_layer(path, LayerEntry("layer", **entry), name=path.name)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("WKT", AREA),
        ("wkt", AREA.replace("POLYGON ", "Polygon")),
        ("geometry", AREA.lower()),
        ("geom", f"SRID=4326;{AREA}"),
        ("the_geom", shapely.to_wkb(shapely.from_wkt(AREA), hex=True)),
        ("EWKT", f"srid=4326; {AREA}"),
    ],
)
def test_a_column_of_geometries_is_read_whatever_it_is_called(tmp_path, column, text):
    frame, findings = read(tmp_path / "x.csv", f'id,code,{column}\na,007,"{text}"\n')
    assert findings == []
    assert frame.loc["a", "geometry"].equals(shapely.from_wkt(AREA))
    assert frame.loc["a", "code"] == "007"
    assert column not in set(frame.columns) - {"geometry"}


def test_the_srid_of_the_text_is_followed(tmp_path):
    frame, _ = read(tmp_path / "x.csv", 'id,geom\na,"SRID=5186;POINT(186000 282000)"\n')
    assert 126 < frame.geometry.iloc[0].x < 127


def test_metres_without_a_crs_are_refused(tmp_path):
    with pytest.raises(CrsError, match="EPSG:5186"):
        read(tmp_path / "x.csv", 'id,wkt\na,"POINT(186000 282000)"\n')


def test_rows_of_two_reference_systems_are_refused(tmp_path):
    text = 'id,geom\na,"SRID=5186;POINT(186000 282000)"\nb,"SRID=5179;POINT(946000 1680000)"\n'
    with pytest.raises(CrsError, match="5179, 5186"):
        read(tmp_path / "x.csv", text)


def test_a_geometry_that_breaks_off_is_named_and_its_row_stays(tmp_path):
    frame, findings = read(
        tmp_path / "x.csv", 'id,wkt\na,"POINT(126.85 35.15)"\nb,"POINT(126.85"\nc,\n'
    )
    assert list(frame.index) == ["a", "b", "c"]
    assert [(f.code, f.feature) for f in findings if f.code == "geometry-unreadable"] == [
        ("geometry-unreadable", "line 3")
    ]


def test_a_column_called_geometry_without_geometries_is_a_column(tmp_path):
    frame, _ = read(tmp_path / "x.csv", "id,geometry,lon,lat\na,round,126.85,35.15\n")
    assert frame["original_geometry"].tolist() == ["round"]


def test_the_table_of_the_case_is_read(test_data):
    frame, _ = read(test_data / "cases" / "layers" / "wkt.csv")
    assert frame["name"].tolist() == ["가"]
    assert frame.geometry.iloc[0].geom_type == "Polygon"


def test_the_kml_of_the_case_has_one_column_of_names(test_data):
    frame, _ = read(test_data / "cases" / "layers" / "kmin.kml")
    assert list(frame.columns).count("name") == 1
    assert frame["name"].tolist() == ["가"]


def kml(*marks: str) -> str:
    head = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    return f"{head}{''.join(marks)}</Document></kml>"


def mark(title: str, about: str, **data: str) -> str:
    values = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in data.items())
    return (
        f"<Placemark><name>{title}</name><description>{about}</description>"
        f"<ExtendedData>{values}</ExtendedData>"
        "<Point><coordinates>126.855,35.145</coordinates></Point></Placemark>"
    )


def test_data_that_differs_from_the_name_of_a_mark_is_kept_beside_it(tmp_path):
    text = kml(mark("가", "쓰는 말", name="나", description="다른 말", geometry="점"))
    frame, _ = read(tmp_path / "x.kml", text)
    row = frame.iloc[0]
    assert (row["name"], row["original_name"]) == ("가", "나")
    assert (row["description"], row["kml_description"]) == ("다른 말", "쓰는 말")
    assert row["original_geometry"] == "점"


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "shp", "parquet", "geojson"])
def test_true_false_and_empty_stay_so(tmp_path, suffix):
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "flag": pd.array([True, False, None], dtype="boolean")},
        geometry=shapely.points([(126.85, 35.15)] * 3),
        crs=4326,
    )
    path = tmp_path / f"x.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, engine="pyogrio", use_arrow=True)
    flags = read(path)[0].sort_index()["flag"]
    assert [None if pd.isna(flag) else bool(flag) for flag in flags] == [True, False, None]
    assert str(flags.dtype) in {"boolean", "object"}


def test_the_booleans_of_the_case_stay_true_and_empty(test_data):
    frame, _ = read(test_data / "cases" / "layers" / "nullbool.gpkg")
    assert frame["flag"].dtype == "boolean"
    assert frame["flag"].isna().tolist()[:2] == [False, True]
