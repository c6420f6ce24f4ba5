"""How far outside of a box places lie, and which are too far."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapserver.geo.outside import distance_outside_m, is_farther_outside

BOXES = {
    "a city": (126.7, 35.0, 126.95, 35.25),
    "over 180 degrees": (178.5, -18.0, -179.0, -16.5),
    "at a pole": (-60.0, 89.0, 60.0, 90.0),
    "a point": (10.0, 0.0, 10.0, 0.0),
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_within_a_box_nothing_is_outside(box):
    west, south, east, north = box
    lons, lats = np.array([west, east]), np.array([south, north])
    assert distance_outside_m(lons, lats, box).tolist() == [0, 0]
    assert is_farther_outside(lons, lats, box, 0.0).tolist() == [False, False]


def test_a_degree_north_is_a_degree_of_the_meridian():
    [metres] = distance_outside_m([126.8], [36.25], BOXES["a city"])
    assert metres == pytest.approx(110_960, abs=10)


@given(
    box=st.sampled_from(list(BOXES.values())),
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    nudge=st.sampled_from([0.5, 0.989, 0.9999, 0.999999999, 1.0, 1.000000001, 1.0001, 1.011, 2.0]),
)
def test_the_quick_comparison_is_that_of_the_distances(box, lon, lat, nudge):
    # The limit is chosen beside the distance itself, where a sphere decides wrongly.
    [metres] = distance_outside_m([lon], [lat], box)
    limit_m = float(metres * nudge)
    assert is_farther_outside([lon], [lat], box, limit_m).tolist() == [metres > limit_m]


def test_a_pole_is_one_place_at_every_longitude():
    for pole in (90.0, -90.0):
        box = (-60.0, min(pole, pole * 0.9), 60.0, max(pole, pole * 0.9))
        assert is_farther_outside([61.0, 180.0], [pole, pole], box, 0.0).tolist() == [False, False]


def test_where_a_sphere_is_wrong_the_ellipsoid_decides():
    # Along a meridian at the equator a sphere is half a per cent too long.
    [metres] = distance_outside_m([10.0], [0.45], BOXES["a point"])
    assert metres < 50_000 < 6_371_008.8 * np.radians(0.45)
    assert is_farther_outside([10.0], [0.45], BOXES["a point"], 50_000.0).tolist() == [False]
