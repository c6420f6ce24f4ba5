"""The elevation profile keeps what one sees when it is thinned, and shows what is unknown."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from mapserver.analysis.trail_line import measure_line
from mapserver.settings import limits
from mapserver.web.pages.profile import draw_profile


def draw(heights):
    lon = 126.85 + np.arange(len(heights)) * 0.00005
    line = shapely.linestrings(np.column_stack([lon, np.full(len(lon), 35.15), heights]))
    return draw_profile(measure_line(line), "en")


@pytest.mark.parametrize("at", [0, 1, 777, 2500, 4998, 4999])
@pytest.mark.parametrize("height", [180.0, 20.0])
def test_the_peak_and_the_valley_stay_when_the_profile_is_thinned(at, height):
    heights = 100 + 10 * np.sin(np.arange(5000) / 90)
    heights[at] = height
    drawn = draw(heights)
    assert len(drawn.points) <= limits.MAX_PROFILE_POINTS + 2
    shown = [point[1] for point in drawn.points]
    assert (max(shown), min(shown)) == (
        pytest.approx(heights.max(), abs=0.1),
        pytest.approx(heights.min(), abs=0.1),
    )


def test_every_hill_that_can_be_seen_stays():
    heights = 100 + 50 * (np.arange(3000) % 100 == 50)
    drawn = draw(heights.astype(float))
    assert sum(point[1] == 150 for point in drawn.points) == 30


def test_a_straight_climb_has_stops_for_who_walks_along_it():
    points = draw(np.linspace(40, 90, 1000)).points
    assert len(points) == 60
    assert max(np.diff([point[0] for point in points])) < 100


def test_a_stretch_of_unknown_heights_is_a_gap():
    heights = np.full(300, 50.0)
    heights[100:200] = np.nan
    drawn = draw(heights)
    assert drawn.line.count("M") == 2
    assert drawn.area.count("Z") == 2
    across = [point[0] for point in drawn.points]
    assert max(np.diff(across)) > 400


def test_single_unknown_heights_are_bridged():
    heights = np.full(300, 50.0)
    heights[1::2] = np.nan
    assert draw(heights).line.count("M") == 1


def test_a_single_known_height_amid_unknown_ones_can_be_seen():
    heights = np.full(300, np.nan)
    heights[:50], heights[150] = 50, 60
    drawn = draw(heights)
    assert drawn.line.count("M") == 2
    assert drawn.points[-1][1] == 60


def test_no_profile_is_drawn_of_what_is_unknown():
    assert draw(np.full(30, np.nan)) is None
