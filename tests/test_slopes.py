"""Slopes over 30 m: exact on made lines, and unknown where heights are unknown."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from cities import in_plane, line
from gpxtext import gpx, track
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from mapserver.analysis import slopes
from mapserver.errors import CrsError
from mapserver.geo.slopes import SLOPE_COLUMNS, measure_slopes
from mapserver.importing.columns import restore_cut_names
from mapserver.readers.gpx import read_gpx

GEOD = Geod(ellps="WGS84")
MOVED = (186_000, 282_000, 0)
CLASSES = ("slope_1_18_share", "slope_1_12_share", "slope_over_share")
SHARES = (*CLASSES, "slope_unknown_share")


def lay(distances_m, heights_m):
    """Lay vertices at exact geodesic metres along the meridian."""
    count = len(distances_m)
    lon, lat, _ = GEOD.fwd([126.85] * count, [35.15] * count, [0.0] * count, distances_m)
    return np.column_stack([lon, lat, heights_m])


def measure(distances_m, heights_m):
    return measure_slopes(shapely.LineString(lay(distances_m, heights_m)))


def shares_of(measured):
    return [getattr(measured, name) for name in SHARES]


@pytest.mark.parametrize(
    ("slope", "share"),
    [(1 / 18, 0), (1 / 12, 1), (0.0557, 1), (0.0834, 2), (0.0, 0), (0.5, 2), (-1 / 18, 0)],
)
def test_a_steady_slope_is_of_one_class_up_to_its_limit(slope, share):
    distances_m = np.arange(0, 501, 5.0)
    measured = measure(distances_m, 300 + slope * distances_m)
    assert shares_of(measured) == [float(n == share) for n in range(3)] + [0.0]
    assert measured.steepest_30m_percent == pytest.approx(abs(slope) * 100, abs=0.005)


def test_the_steepest_30_m_are_found_with_their_place():
    # Level, 30 m at 10 %, level: the ramp lies between vertices that know nothing of windows.
    measured = measure([0, 47, 137, 167, 260, 350, 400], [50, 50, 50, 53, 53, 53, 53])
    assert (measured.steepest_30m_percent, measured.steepest_at_m) == (10.0, 137.0)
    # Windows that hold more than 0.5565 of the ramp are above the limit, on both sides of it.
    above_m = 2 * 30 * (1 - 5.565 / 10)
    assert measured.slope_1_18_share == pytest.approx(1 - above_m / 400, abs=1e-5)


def test_down_counts_as_up_and_backwards_as_forwards():
    distances_m, heights_m = [0, 40, 90, 130, 200], [50, 54, 52, 47, 47]
    there = measure(distances_m, heights_m)
    back = measure([200 - m for m in reversed(distances_m)], heights_m[::-1])
    assert shares_of(back) == pytest.approx(shares_of(there), abs=1e-6)
    assert back.steepest_30m_percent == there.steepest_30m_percent


def test_wavering_heights_change_a_slope_by_no_more_than_their_error():
    distances_m = np.arange(0, 1001, 4.0)
    noise_m = np.random.default_rng(19).uniform(-0.3, 0.3, len(distances_m))
    measured = measure(distances_m, 80 + 0.03 * distances_m + noise_m)
    assert measured.steepest_30m_percent <= 3 + 200 * 0.3 / 30
    assert measured.slope_1_18_share + measured.slope_1_12_share == 1


def test_without_heights_nothing_is_said_of_the_slope_but_that_it_is_unknown():
    flat = shapely.LineString(lay([0, 100, 200], [0, 0, 0])[:, :2])
    for measured in (measure_slopes(flat), measure([0, 100, 200], [np.nan] * 3)):
        assert measured.slope_unknown_share == 1
        assert all(math.isnan(getattr(measured, name)) for name in CLASSES)
        assert math.isnan(measured.steepest_30m_percent)


@pytest.mark.parametrize("empty", [None, shapely.LineString(), shapely.MultiLineString()])
def test_of_a_trail_without_a_line_not_even_the_share_is_known(empty):
    assert all(math.isnan(share) for share in shares_of(measure_slopes(empty)))


def test_a_single_place_is_no_slope():
    once = shapely.LineString([(126.85, 35.15, 9), (126.85, 35.15, 9)])
    assert all(math.isnan(share) for share in shares_of(measure_slopes(once)))


def test_what_is_shorter_than_the_window_is_unknown():
    assert measure([0, 29.9], [50, 58]).slope_unknown_share == 1
    exact = measure([0, 10, 30], [50, 51, 53])
    assert (exact.slope_unknown_share, exact.steepest_30m_percent) == (0, 10)


def test_heights_known_in_part_give_shares_of_the_whole_and_how_much_is_unknown():
    distances_m = np.arange(0, 401, 5.0)
    heights_m = np.where(distances_m <= 100, 50.0, np.nan)
    measured = measure(distances_m, heights_m)
    assert shares_of(measured) == pytest.approx([0.25, 0, 0, 0.75])


@pytest.mark.parametrize(("apart_m", "unknown"), [(100, 0), (101, 101 / 301), (150, 150 / 350)])
def test_far_from_any_height_nobody_knows_the_slope(apart_m, unknown):
    # Whether a vertex without a height stands between, or none at all.
    ends = [0, 50, 100, 100 + apart_m, 150 + apart_m, 200 + apart_m]
    assert measure(ends, [50] * 6).slope_unknown_share == pytest.approx(unknown, abs=1e-5)
    with_one = [*ends[:3], 100 + apart_m / 2, *ends[3:]]
    heights_m = [50, 50, 50, np.nan, 50, 50, 50]
    assert measure(with_one, heights_m).slope_unknown_share == pytest.approx(unknown, abs=1e-5)


def test_a_gap_between_segments_is_no_slope_and_a_pause_is_no_gap():
    first = lay([0, 20, 40], [50, 50, 50])
    far = lay([140, 160, 180], [90, 90, 90])
    apart = measure_slopes(shapely.MultiLineString([first, far]))
    assert (apart.steepest_30m_percent, apart.slope_unknown_share) == (0, 0)
    # The recorder paused: each part alone is shorter than the window, and drifted by 2 m.
    parts = [lay([0, 20], [50, 50]), lay([21, 41], [52, 52])]
    paused = measure_slopes(shapely.MultiLineString(parts))
    assert (paused.steepest_30m_percent, paused.slope_unknown_share) == (0, 0)


def slow_slopes(distances_m, heights_m, step_m=0.05):
    """Look every few centimetres at the slope of the window around."""
    places_m = np.arange(step_m / 2, distances_m[-1], step_m)
    starts_m = np.clip(places_m - 15, 0, distances_m[-1] - 30)
    rises_m = np.interp(starts_m + 30, distances_m, heights_m)
    return 100 * np.abs(rises_m - np.interp(starts_m, distances_m, heights_m)) / 30


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 55), st.floats(-4, 4)), min_size=3, max_size=25).filter(
        lambda steps: sum(step for step, _ in steps) > 31
    )
)
def test_shares_are_those_of_a_search_in_small_steps_and_add_up_to_all(steps):
    distances_m = np.r_[0, np.cumsum([step for step, _ in steps])]
    heights_m = 100 + np.r_[0, np.cumsum([rise for _, rise in steps])]
    measured = measure(distances_m, heights_m)
    assert sum(shares_of(measured)) == pytest.approx(1, abs=3e-6)
    found = slow_slopes(distances_m, heights_m)
    # A class may begin anew at each vertex, within a step of the search.
    slack = 0.01 + 4 * len(steps) * 0.05 / distances_m[-1]
    assert measured.slope_1_18_share == pytest.approx(np.mean(found <= 5.565), abs=slack)
    assert measured.slope_over_share == pytest.approx(np.mean(found > 8.335), abs=slack)
    assert measured.steepest_30m_percent == pytest.approx(found.max(), abs=0.6)
    # All of it is within a class exactly where its steepest window is.
    assert (measured.slope_1_18_share == 1) == (measured.steepest_30m_percent <= 5.56)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0, 30)), min_size=2, max_size=60))
def test_shares_add_up_to_all_whatever_is_unknown(heights):
    heights_m = [math.nan if height is None else height for height in heights]
    measured = measure(np.arange(len(heights_m)) * 12.0, heights_m)
    assert np.nansum(shares_of(measured)) == pytest.approx(1, abs=3e-6)
    assert math.isnan(measured.steepest_30m_percent) == (measured.slope_unknown_share == 1)


def test_a_trail_out_of_gpx_has_its_slopes_as_columns(tmp_path):
    points = [tuple(row) for row in np.round(lay(np.arange(0, 101, 10.0), np.arange(11)), 7)]
    (tmp_path / "trail.gpx").write_text(gpx(track(points)), "utf-8")
    trail = read_gpx(tmp_path / "trail.gpx", name="gpx/trail.gpx").trails.iloc[0]
    assert trail["steepest_30m_percent"] == pytest.approx(10, abs=0.01)
    assert trail["slope_over_share"] == 1


def test_the_analysis_measures_lines_of_any_crs_and_changes_none():
    ramp = shapely.LineString([(0, 0, 40), (0, 90, 45)])
    trails = in_plane([line((0, 0), (100, 0))]).to_crs(5186)
    trails.geometry = [shapely.transform(ramp, lambda at: at + MOVED, include_z=True)]
    copy = trails.copy(deep=True)
    table = slopes.measure_trails(trails)
    assert list(table.columns) == list(SLOPE_COLUMNS)
    # A plane is true to a part in ten thousand.
    assert table["steepest_30m_percent"].iloc[0] == pytest.approx(500 / 90, abs=0.01)
    assert trails.equals(copy)
    with pytest.raises(CrsError):
        slopes.measure_trails(trails.set_crs(None, allow_override=True))


def test_benches_are_as_far_apart_as_one_walks_between_them():
    trails = in_plane([line((0, 0), (300, 0)), line((0, 50), (300, 50))])
    points = [shapely.Point(40, 2), shapely.Point(160, -2), shapely.Point(40, 52)]
    facilities = in_plane(points, trail=["0", "0", "1"], kind=["bench", "bench", "toilet"])
    table = slopes.measure_trails(trails, facilities)
    assert table["benches"].tolist() == [2, 0]
    assert table["longest_without_bench_m"].iloc[0] == pytest.approx(140, abs=0.1)
    assert math.isnan(table["longest_without_bench_m"].iloc[1])
    without = slopes.measure_trails(trails, facilities.drop(columns="kind"))
    assert without["benches"].tolist() == [0, 0]


def test_no_trail_gives_a_table_without_rows():
    nothing = gpd.GeoDataFrame(geometry=[], crs=4326)
    assert list(slopes.measure_trails(nothing).columns) == list(SLOPE_COLUMNS)


def test_a_shapefile_tells_the_columns_apart_and_they_come_back_under_their_names():
    cut_names = [name[:10] for name in SLOPE_COLUMNS]
    assert len(set(cut_names)) == len(SLOPE_COLUMNS)
    frame = in_plane([line((0, 0), (9, 0))]).assign(**dict.fromkeys(cut_names, 0.5))
    restored, _ = restore_cut_names(frame, "trails.shp")
    assert set(SLOPE_COLUMNS) <= set(restored.columns)
