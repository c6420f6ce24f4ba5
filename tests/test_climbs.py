"""Ascent and descent: the sum of climbs between confirmed turning points."""

from __future__ import annotations

import math

import gpxpy
import numpy as np
import pytest
from gpxtext import gpx, track
from hypothesis import given
from hypothesis import strategies as st

from mapserver.errors import DataError
from mapserver.readers.gpx import read_gpx
from mapserver.readers.gpx.climbs import THRESHOLD_M, sum_climbs, sum_trail_climbs

HEIGHTS = st.lists(st.integers(-400_000, 9_000_000).map(lambda mm: mm / 1000), min_size=2)
WAVERS = st.lists(st.integers(0, 9000).map(lambda mm: mm / 1000), min_size=2, max_size=60)


def real_segments(test_data):
    """Yield the heights of every real segment that has some."""
    files = [*test_data.glob("gpx_corpus/*.gpx"), *test_data.glob("cases/gpx/*.gpx")]
    for path in sorted(files):
        try:
            content = read_gpx(path, name=path.name)
        except DataError:
            continue
        for line in content.trails.geometry:
            for part in line.geoms:
                if part.has_z:
                    yield np.array(part.coords)[:, 2]


@given(HEIGHTS | WAVERS)
def test_a_way_walked_backwards_has_ascent_and_descent_swapped(heights):
    assert sum_climbs(heights) == sum_climbs(heights[::-1])[::-1]


@pytest.mark.slow
@given(HEIGHTS | WAVERS)
def test_ascent_minus_descent_is_end_minus_start_within_the_threshold(heights):
    ascent, descent = sum_climbs(heights)
    assert ascent >= 0
    assert descent >= 0
    assert abs((ascent - descent) - (heights[-1] - heights[0])) <= THRESHOLD_M + 1e-6


@given(WAVERS, st.integers(2, 6))
def test_more_points_on_the_same_climbs_change_nothing(heights, parts):
    at = np.linspace(0, len(heights) - 1, (len(heights) - 1) * parts + 1)
    dense = np.interp(at, range(len(heights)), heights)
    assert sum_climbs(dense) == sum_climbs(heights)


@pytest.mark.parametrize("seed", range(8))
def test_a_long_random_walk_holds_what_climbs_promise(seed):
    rng = np.random.default_rng(seed)
    # Hills of all sizes under the waver of a receiver, which may rest and lose its height.
    steps = rng.normal(0, 0.4, 1500) * rng.choice([0, 1, 4], 1500, p=[0.2, 0.7, 0.1])
    heights = np.round(np.cumsum(steps) + 200, 3)
    ascent, descent = sum_climbs(heights)
    assert sum_climbs(heights[::-1]) == (descent, ascent)
    assert abs((ascent - descent) - (heights[-1] - heights[0])) <= THRESHOLD_M + 1e-6
    at = np.linspace(0, len(heights) - 1, 5 * (len(heights) - 1) + 1)
    assert sum_climbs(np.interp(at, range(len(heights)), heights)) == (ascent, descent)
    assert sum_climbs([float(f"{height:.7f}") for height in heights]) == (ascent, descent)
    holes = np.where(rng.random(len(heights)) < 0.05, np.nan, heights)
    assert sum_climbs(holes) == sum_climbs(holes[~np.isnan(holes)])


@pytest.mark.slow
def test_the_real_tracks_hold_what_climbs_promise(test_data):
    count = 0
    for heights in real_segments(test_data):
        ascent, descent = sum_climbs(heights)
        known = heights[~np.isnan(heights)]
        if len(known) < 2:
            assert math.isnan(ascent)
            continue
        count += 1
        assert sum_climbs(heights[::-1]) == (descent, ascent)
        assert abs((ascent - descent) - (known[-1] - known[0])) <= THRESHOLD_M + 1e-3
        assert sum_climbs(np.round(heights, 7)) == (ascent, descent)
    assert count > 80


@pytest.mark.parametrize("name", ["climb_dense", "climb_two"])
def test_a_steady_climb_is_the_same_from_many_points_and_from_two(test_data, name):
    trail = read_gpx(test_data / f"cases/gpx/{name}.gpx", name=name).trails.iloc[0]
    assert (trail["ascent_m"], trail["descent_m"]) == (5.9, 0.0)


def test_a_way_up_and_back_climbs_what_it_falls(test_data, tmp_path):
    path = test_data / "cases/gpx/out_and_back.gpx"
    trail = read_gpx(path, name="x").trails.iloc[0]
    assert (trail["ascent_m"], trail["descent_m"]) == (20.0, 20.0)
    content = gpxpy.parse(path.read_text("utf-8"))
    content.tracks[0].segments[0].points.reverse()
    (tmp_path / "back.gpx").write_text(content.to_xml(), "utf-8")
    back = read_gpx(tmp_path / "back.gpx", name="x").trails.iloc[0]
    assert (back["ascent_m"], back["descent_m"]) == (20.0, 20.0)


def test_what_rises_is_not_lost_at_turns():
    assert sum_climbs([5.8 * (n % 2) for n in range(41)]) == (116.0, 116.0)
    assert sum_climbs([0, 10, 20, 12, 25]) == (33, 8)
    assert sum_climbs(np.linspace(40, 45.9, 60)) == (5.9, 0)


def test_a_receiver_that_wavers_climbs_nothing():
    rng = np.random.default_rng(1)
    assert sum_climbs(list(50 + rng.uniform(-1.4, 1.4, 500))) == (0, 0)


def test_unknown_heights_climb_nothing_and_hide_nothing():
    nan = float("nan")
    assert sum_climbs([nan, 40, nan, 46, nan]) == (6, 0)
    assert all(math.isnan(each) for each in sum_climbs([nan, 40, nan]))
    assert all(math.isnan(each) for each in sum_trail_climbs([]))


def segment(lon, heights):
    places = np.column_stack([np.linspace(*lon, len(heights)), np.full(len(heights), 35.15)])
    return places, np.array(heights, float)


def test_a_recorder_that_pauses_on_a_climb_loses_none_of_it():
    parts = [segment((126.85, 126.851), [40, 42]), segment((126.851, 126.852), [43, 45])]
    # The metre between was not walked.
    assert sum_trail_climbs(parts) == (4, 0)
    assert sum_trail_climbs([(p[::-1], h[::-1]) for p, h in parts[::-1]]) == (0, 4)


def test_what_lies_between_two_segments_apart_is_not_climbed():
    parts = [segment((126.85, 126.851), [40, 50]), segment((126.86, 126.861), [90, 95])]
    assert sum_trail_climbs(parts) == (15, 0)


def test_a_trail_has_the_climbs_of_its_segments(tmp_path):
    first = [(126.85, 35.15, 40), (126.851, 35.15, 50)]
    second = [(126.86, 35.15, 95), (126.861, 35.15, 90)]
    (tmp_path / "a.gpx").write_text(gpx(track(first, second)), "utf-8")
    trail = read_gpx(tmp_path / "a.gpx", name="a.gpx").trails.iloc[0]
    assert (trail["ascent_m"], trail["descent_m"]) == (10, 5)
