"""Heights that cannot be true: named, left out of what is shown; true ones stay untouched."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from gpxtext import gpx, track

from mapserver.analysis.trail_line import measure_line
from mapserver.drawing import trail_description
from mapserver.errors import DataError
from mapserver.geo.heights import project_shapes
from mapserver.readers.gpx import GpxFile, read_gpx

STEP_DEG = 0.0001
"""Some 9 m along the parallel."""


def read(tmp_path, *segments) -> GpxFile:
    lines = [
        [
            (126.85 + n * STEP_DEG, 35.15 + 0.01 * at, *([] if height is None else [height]))
            for n, height in enumerate(heights)
        ]
        for at, heights in enumerate(segments)
    ]
    (tmp_path / "trail.gpx").write_text(gpx(track(*lines)), "utf-8")
    return read_gpx(tmp_path / "trail.gpx", name="gpx/trail.gpx")


def findings(content) -> dict[str, str]:
    return {f.code: str(f.values.get("points", "")) for f in content.findings}


def heights(content) -> list[float]:
    return [z for line in content.trails.geometry for part in line.geoms for *_, z in part.coords]


@pytest.mark.parametrize("wrong", [65535, 32767, -32768, 99999, -1000, 9999, 12000, -500])
@pytest.mark.parametrize("at", [0, 1, 7, 14])
def test_a_height_that_is_none_on_earth_is_named_and_left_out(tmp_path, wrong, at):
    values = [50.0] * 15
    values[at] = wrong
    content = read(tmp_path, values)
    assert findings(content) == {"height-none-on-earth": f"{at + 1} ({wrong} m)"}
    trail = content.trails.iloc[0]
    assert (trail["ascent_m"], trail["descent_m"]) == (0, 0)
    assert (trail["min_ele_m"], trail["max_ele_m"]) == (50, 50)
    assert np.isnan(heights(content)[at])


@pytest.mark.parametrize("wrong", [817 + 50, -200, 50 + 80])
@pytest.mark.parametrize("at", [0, 1, 7, 13, 14])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_heights_that_jump_away_and_back_are_left_out(tmp_path, wrong, at, count):
    if at in {0, 14} and wrong == 130:
        return  # a single neighbour, and a cliff of 80 m
    values = [50.0 + n / 10 for n in range(30)]
    first = at if at < 14 else 30 - count
    values[first : first + count] = [wrong] * count
    content = read(tmp_path, values)
    numbers = [point.split(" ")[0] for point in findings(content)["height-jump"].split(", ")]
    assert numbers == [str(first + 1 + n) for n in range(count)]
    assert content.trails["ascent_m"].iloc[0] in {0, 5.9, 2.9}
    assert content.trails["max_ele_m"].iloc[0] < 54


@pytest.mark.slow
def test_wrong_heights_are_left_out_the_same_from_both_ends(tmp_path):
    rng = np.random.default_rng(3)
    for _ in range(40):
        values = rng.normal(0, 2, 60).cumsum() + 300
        values[rng.integers(0, 60, 6)] += rng.choice([-200, 90, 700], 6)
        one, other = read(tmp_path, values.tolist()), read(tmp_path, values[::-1].tolist())
        assert heights(one) == pytest.approx(heights(other)[::-1], nan_ok=True)
        assert one.trails["ascent_m"].iloc[0] == other.trails["descent_m"].iloc[0]


def test_the_point_is_named_with_its_segment(tmp_path):
    content = read(tmp_path, [50.0] * 5, [60.0, 60.0, 65535, 60.0])
    (finding,) = content.findings
    assert (finding.values["segment"], finding.values["points"]) == (2, "3 (65535 m)")
    assert finding.feature == "trail"


def test_zeros_among_other_heights_stand_for_unknown(tmp_path):
    content = read(tmp_path, [0, 0, 120, 121, 0, 122, 122, 0])
    assert findings(content) == {"height-zero": "1 (0 m), 2 (0 m), 5 (0 m), 8 (0 m)"}
    assert content.trails["min_ele_m"].iloc[0] == 120
    # So does a whole segment of them.
    assert findings(read(tmp_path, [0, 0, 0], [120, 121])) == {
        "height-zero": "1 (0 m), 2 (0 m), 3 (0 m)"
    }


def test_a_hole_of_zeros_near_the_sea_is_one_if_it_is_reached_by_jumps(tmp_path):
    low, high = [3, 9, 15, 21, 27, 33, 39, 45, 51, 57, 63], [69, 75]
    content = read(tmp_path, [*low, *high, 0, 0, *high[::-1], *low[::-1]])
    assert findings(content) == {"height-zero": "14 (0 m), 15 (0 m)"}


def test_heights_that_are_all_0_are_unknown(tmp_path):
    content = read(tmp_path, [0] * 10)
    assert list(findings(content)) == ["height-all-zero"]
    trail = content.trails.iloc[0]
    assert not trail.geometry.has_z
    assert np.isnan([trail["ascent_m"], trail["min_ele_m"]]).all()


@pytest.mark.parametrize(
    "values",
    [
        [0, 1, 2, 3, 2, 1, 0, 0, 0, 1],  # a beach
        [0.0, -0.4, 0.0, 2.0, 3.0, 0.0],
        [12, 8, 3, 0, 0, 5, 14, 25, 40],  # down to the sea and up again
        [-410, -415, -420, -410],  # the Dead Sea
        [8840, 8848, 8840],
        list(range(50, 110, 6)),  # a stair of 6 m on 9 m
        [100] * 20 + [160] * 20,  # a lift, or a barometer set anew
        [100] * 20 + [160] * 20 + [100] * 20,  # up in a lift, and down in another
        [40, 60, 40, 20, 40],  # a bad receiver
        [None, 40, None, 45],
    ],
)
def test_heights_that_may_be_true_stay_untouched(tmp_path, values):
    content = read(tmp_path, values)
    assert content.findings == ()
    expected = [np.nan if value is None else value for value in values]
    assert heights(content) == pytest.approx(expected, nan_ok=True)


@pytest.mark.slow
def test_of_the_real_tracks_two_have_heights_of_0_and_none_else_is_touched(test_data):
    touched = {}
    for path in sorted((test_data / "gpx_corpus").glob("*.gpx")):
        try:
            content = read_gpx(path, name=path.name)
        except DataError:
            continue
        codes = {f.code for f in content.findings if f.code.startswith("height-")}
        touched |= {path.name: codes} if codes else {}
    assert touched == {
        "georust_with_accuracy.gpx": {"height-zero"},  # 50.3, then 0.0
        "gpsbabel_segmented_tracks.gpx": {"height-all-zero"},
        "x_bad_ele.gpx": {"height-none-on-earth"},  # -9999
    }


@pytest.mark.parametrize(
    ("name", "code", "points", "lowest"),
    [
        ("ele_outlier", "height-jump", "11 (46.8 m)", 863),
        ("ele_65535", "height-none-on-earth", "5 (65535 m), 6 (65535 m)", 50),
        ("ele_zero_holes", "height-zero", "1 (0 m), 2 (0 m), 10 (0 m)", 120),
    ],
)
def test_the_reported_heights_are_named(test_data, name, code, points, lowest):
    content = read_gpx(test_data / f"cases/gpx/{name}.gpx", name=name)
    assert findings(content) == {code: points}
    trail = content.trails.iloc[0]
    assert (trail["ascent_m"], trail["descent_m"]) == (0, 0)
    assert trail["min_ele_m"] == lowest


def test_a_waypoint_has_no_height_that_is_none_on_earth(tmp_path):
    waypoint = '<wpt lat="35.15" lon="126.85"><ele>65535</ele></wpt>'
    (tmp_path / "a.gpx").write_text(gpx(waypoint, track([(126.85, 35.15), (126.851, 35.15)])))
    content = read_gpx(tmp_path / "a.gpx", name="a.gpx")
    assert content.waypoints["elevation_m"].isna().all()


def test_heights_of_a_line_layer_are_judged_as_those_of_a_track(make_city):
    def line(y, values):
        return shapely.LineString([(126.85 + n * 1e-4, y, z) for n, z in enumerate(values)])

    values = [[50.0] * 5 + [65535.0] + [50.0] * 5, [50.0] * 5 + [61.0] * 5]
    lines = [line(35.15 + at / 100, each) for at, each in enumerate(values)]
    frame = gpd.GeoDataFrame({"id": ["a", "b"], "name": ["가", "나"]}, geometry=lines, crs=4326)
    city = make_city({"layers/trails.gpkg": frame})
    (finding,) = [each for each in city.findings if each.code.startswith("height-")]
    assert (finding.feature, finding.values["points"]) == ("a", "6 (65535 m)")
    assert city.trails["ascent_m"].tolist() == [0, 11]
    assert city.trails["max_ele_m"].tolist() == [50, 61]


def test_a_climb_of_5_9_m_is_not_called_flat(test_data):
    for name in ("climb_dense", "climb_two"):
        trail = read_gpx(test_data / f"cases/gpx/{name}.gpx", name=name).trails.iloc[0]
        said = " ".join(
            trail_description.describe_trail(measure_line(trail.geometry), trail.to_dict(), "en")
        )
        assert "It climbs 6\xa0m and falls 0\xa0m." in said
        assert "flat" not in said


def test_a_place_whose_height_is_unknown_stays_where_it_is_in_another_plane():
    line = shapely.LineString([(126.85, 35.15, 50), (126.86, 35.15, np.nan)])
    flat = shapely.Point(126.85, 35.15)
    shapes = gpd.GeoSeries([line, flat, None, shapely.Point(126.86, 35.15, np.nan)], crs=4326)
    moved = project_shapes(shapes, 5186)
    expected = gpd.GeoSeries([shapely.force_2d(shape) for shape in shapes], crs=4326).to_crs(5186)
    assert moved.crs == 5186
    for shape, place in zip(moved.dropna(), expected.dropna(), strict=True):
        assert shapely.get_coordinates(shape).tolist() == shapely.get_coordinates(place).tolist()
    assert np.isnan(shapely.get_coordinates(moved[0], include_z=True)[:, 2]).tolist() == [0, 1]
