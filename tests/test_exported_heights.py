"""Heights that are unknown stay unknown in every export, and are read back as unknown."""

from __future__ import annotations

import warnings

import numpy as np
import pyogrio
import pytest
import shapely
from gpxtext import PATH, gpx, track

from mapserver import open_city
from mapserver.geo.heights import is_partly_known, restore_from_column, set_heights
from mapserver.model import LayerEntry, Role
from mapserver.readers.vector import read_layer

FORMATS = ("geojson", "gpkg", "fgb", "shp", "parquet", "csv", "kml")
HOLDING = {"gpx", *FORMATS} - {"shp"}

SOME = '<trkpt lat="35.15" lon="126.85"/><trkpt lat="35.15" lon="126.851"><ele>51</ele></trkpt>'
ENDS = f"<trk><name>끝</name><trkseg>{SOME}<trkpt lat='35.15' lon='126.852'/></trkseg></trk>"


@pytest.fixture
def mixed(make_city):
    """A city with a trail of known heights, one of some, and one of none."""
    known = [(lon, lat, 40 + n) for n, (lon, lat) in enumerate(PATH)]
    files = {"all": track(known), "ends": ENDS, "none": track(PATH)}
    return make_city({f"gpx/{name}.gpx": gpx(inside) for name, inside in files.items()})


def heights(frame) -> dict[str, list[float]]:
    return {
        str(id_): shapely.get_coordinates(line, include_z=True)[:, 2].tolist()
        for id_, line in frame.geometry.items()
    }


@pytest.mark.parametrize("format_", FORMATS)
def test_no_reader_of_an_export_sees_a_height_of_zero(mixed, tmp_path, format_):
    path = tmp_path / f"trails.{format_}"
    mixed.export(path, layers=["trails"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = (
            read_layer(path, LayerEntry("trails"), name="x")[0]
            if format_ == "parquet"
            else pyogrio.read_dataframe(path)
        )
    seen = shapely.get_coordinates(frame.geometry, include_z=True)[:, 2]
    assert not (seen == 0).any()


@pytest.mark.parametrize("format_", FORMATS)
def test_an_unknown_height_is_read_back_as_unknown(mixed, tmp_path, format_):
    path = tmp_path / f"trails.{format_}"
    done = mixed.export(path, layers=["trails"])
    frame, _ = read_layer(path, LayerEntry("trails", Role.TRAILS), name="x")
    assert "heights_m" not in frame
    wanted, seen = heights(mixed.trails), heights(frame)
    if format_ not in HOLDING:
        assert "heights-left-out" in {finding.code for finding in done.findings}
        wanted = {id_: [np.nan] * len(values) for id_, values in wanted.items()}
    assert set(seen) == set(wanted)
    for id_, values in wanted.items():
        assert np.array_equal(seen[id_], values, equal_nan=True), id_


def test_the_heights_of_the_case_stay_unknown_at_both_ends(test_data, make_folder, tmp_path):
    case = (test_data / "cases" / "gpx" / "ele_ends_missing.gpx").read_bytes()
    city = open_city(make_folder({"gpx/a.gpx": case}))
    for format_ in HOLDING:
        path = tmp_path / f"trails.{format_}"
        city.export(path, layers=["trails"])
        if format_ == "gpx":
            (tmp_path / "again" / "gpx").mkdir(parents=True)
            path.rename(tmp_path / "again" / "gpx" / "a.gpx")
            frame = open_city(tmp_path / "again").trails
        else:
            frame, _ = read_layer(path, LayerEntry("trails", Role.TRAILS), name="x")
        seen = heights(frame)["a"]
        assert np.isnan(seen[0])
        assert np.isnan(seen[-1])
        assert seen[1:-1] == list(range(51, 70))


def test_zero_throughout_is_an_unknown_height(tmp_path):
    path = tmp_path / "flat.csv"
    path.write_text('id,wkt\na,"LINESTRING Z (126.85 35.15 0, 126.86 35.15 0)"\n', "utf-8")
    frame, _ = read_layer(path, LayerEntry("trails", Role.TRAILS), name="x")
    assert not frame.geometry.iloc[0].has_z


def test_a_list_that_does_not_fit_is_left_as_a_column(mixed):
    frame = mixed.trails.assign(heights_m=["[1, 2]", "nonsense", None])
    assert restore_from_column(frame)["heights_m"].tolist()[:2] == ["[1, 2]", "nonsense"]


def test_heights_are_partly_known_only_with_known_and_unknown_ones():
    line = shapely.LineString([(0, 0), (1, 1)])
    lines = [line, *(set_heights(line, z) for z in ([1, 2], [np.nan, 2], [np.nan, np.nan]))]
    assert is_partly_known(np.array(lines)).tolist() == [False, False, True, False]


def test_trails_of_a_layer_climb_as_those_of_gpx_files(mixed, tmp_path):
    (tmp_path / "layered" / "layers").mkdir(parents=True)
    mixed.export(tmp_path / "layered" / "layers" / "trails.gpkg", layers=["trails"])
    trails = open_city(tmp_path / "layered").trails
    for column in ("ascent_m", "descent_m", "min_ele_m", "max_ele_m"):
        assert np.array_equal(
            trails[column].to_numpy(float),
            mixed.trails.loc[trails.index, column].to_numpy(float),
            equal_nan=True,
        ), column
