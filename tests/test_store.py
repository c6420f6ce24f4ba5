"""A city folder: what is there is read, what cannot be is told, and nothing takes the rest down."""

from __future__ import annotations

import os
import time

import geopandas as gpd
import pytest
import shapely
from gpxtext import gpx, track

import mapserver
from mapserver.errors import DataError
from mapserver.readers.city_folder import fingerprint
from mapserver.text.findings import Severity

AREAS = gpd.GeoDataFrame(
    {
        "id": ["a", "b"],
        "name": ["가동", "나동"],
        "zone": ["동쪽", "동쪽"],
        "role": ["hub", "linked"],
    },
    geometry=[shapely.box(126.84, 35.14, 126.85, 35.16), shapely.box(126.85, 35.14, 126.86, 35.16)],
    crs=4326,
)


def codes(city) -> set[str]:
    return {finding.code for finding in city.findings}


def test_one_gpx_file_is_a_city(make_city):
    city = make_city({"gpx/park.gpx": gpx()})
    assert list(city.trails.index) == ["park"]
    assert city.trails.crs.to_epsg() == 4326
    assert city.trails.length_m["park"] > 0
    for nothing in (city.districts, city.neighborhoods, city.zones, city.shops, city.facilities):
        assert nothing is None
    assert len(city.nearest_trails(126.85, 35.15)) == 1
    assert city.locate(126.85, 35.15).in_city is False


def test_a_folder_that_is_no_city_is_said_to_be_none(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DataError, match="gpx/"):
            mapserver.open_city(path)


def test_one_bad_file_never_takes_the_rest_down(make_city):
    city = make_city(
        {
            "gpx/good.gpx": gpx(),
            "gpx/bad.gpx": "<gpx><trk>",
            "gpx/trails.csv": b"\xff\xfe\xff\xff",
            "layers/districts.geojson": "{",
            "layers/neighborhoods.geojson": AREAS,
            "layers/shops.csv": "name\nno coordinates\n",
            "layers/closures.csv": "nothing\n1\n",
            "layers/benefits.csv": "",
        }
    )
    assert list(city.trails.index) == ["good"]
    assert len(city.neighborhoods) == 2
    assert city.districts is None
    errors = {f.file for f in city.findings if f.severity is Severity.ERROR}
    assert errors == {
        *("gpx/bad.gpx", "gpx/trails.csv", "layers/districts.geojson", "layers/shops.csv"),
        *("layers/closures.csv", "layers/benefits.csv"),
    }
    assert all(finding.mend for finding in city.findings)


def test_names_of_files_that_are_bytes_of_cp949(make_folder):
    folder = make_folder({"gpx/park.gpx": gpx()})
    for name, content in (
        ("gpx/금당산.gpx", gpx()),
        ("layers/시장.csv", "lon,lat\n126.85,35.15\n"),
    ):
        (folder / os.fsdecode(name.encode("cp949"))).write_text(content, "utf-8")
    city = mapserver.open_city(folder)
    assert set(city.trails.index) == {"park", "금당산"}
    assert "시장" in {city.entry(layer).title.in_language("ko") for layer in city.layers}
    assert all(str(finding).encode() for finding in city.findings)


def test_a_table_of_very_many_columns_is_refused_at_once(make_city):
    wide = "lon,lat," + ",".join(f"c{n}" for n in range(50_000)) + "\n126.85,35.15\n"
    city = make_city({"gpx/park.gpx": gpx(), "layers/wide.csv": wide})
    assert "50002 columns" in " ".join(map(str, city.findings))


def test_a_broken_catalogue_is_as_good_as_none(make_city):
    city = make_city({"gpx/park.gpx": gpx(), "layers/catalog.toml": "title = ["})
    assert "catalog-broken" in codes(city)
    assert len(city.trails) == 1


def test_the_register_wins_over_the_file_but_not_over_measurement(make_city):
    city = make_city(
        {
            "gpx/park.gpx": gpx(track([(126.85, 35.15), (126.86, 35.15)], name="파일의 이름")),
            "gpx/other.gpx": gpx(track([(126.85, 35.15), (126.86, 35.15)], name="다른 길")),
            "gpx/trails.csv": "id,name,length_m,surface\npark,대장의 이름,5,황토\ngone,없는 길,,\n",
        }
    )
    assert city.trails["name"].to_dict() == {"other": "다른 길", "park": "대장의 이름"}
    assert city.trails["surface"]["park"] == "황토"
    assert city.trails.length_m["park"] == pytest.approx(912, abs=1)
    assert city.trails["stated_length_m"]["park"] == "5"
    assert codes(city) == {"register-without-trail", "trail-not-in-register"}


def test_zones_are_dissolved_unless_given(make_city):
    city = make_city({"layers/neighborhoods.geojson": AREAS})
    assert city.zones[["name", "hub"]].to_numpy().tolist() == [["동쪽", "가동"]]
    assert city.zones.geometry.iloc[0].equals(AREAS.union_all())


def test_trails_may_come_from_a_line_layer(make_city):
    lines = gpd.GeoDataFrame(
        {"id": ["x"], "name": ["길"], "length_m": [1.0]},
        geometry=[shapely.LineString([(126.85, 35.15), (126.86, 35.15)])],
        crs=4326,
    )
    city = make_city(
        {
            "layers/lines.geojson": lines,
            "layers/catalog.toml": '[[layers]]\nid = "trails"\nrole = "trails"\n'
            'file = "lines.geojson"\n',
        }
    )
    assert city.trails.length_m["x"] == pytest.approx(912, abs=1)
    assert city.trails["stated_length_m"]["x"] == 1.0


def test_the_version_follows_the_content_and_the_fingerprint_the_files(make_folder):
    folder = make_folder({"gpx/park.gpx": gpx()})
    before, mark = mapserver.open_city(folder).version, fingerprint(folder)
    assert mapserver.open_city(folder).version == before
    time.sleep(0.01)
    (folder / "gpx" / "park.gpx").write_text(gpx() + "\n", "utf-8")
    assert mapserver.open_city(folder).version != before
    assert fingerprint(folder) != mark


def test_a_snapshot_is_not_changed_by_its_answers(sample_city):
    before = {id_: frame.copy() for id_, frame in sample_city.layers.items()}
    sample_city.nearest_trails(126.85, 35.15, k=3)["name"] = "x"
    sample_city.join(sample_city.shops.head(3))["name"] = "x"
    sample_city.map()
    for id_, frame in sample_city.layers.items():
        assert frame.equals(before[id_])
