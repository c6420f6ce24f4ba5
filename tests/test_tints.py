"""Tints of the ground: no two neighbours are alike."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapserver.drawing.tints import GAP_DEG, TINTS, choose_tints


def count_alike(areas) -> int:
    """Count neighbours of the same tint: those that share a border, not a corner alone."""
    tints = choose_tints(areas)
    assert set(tints) <= set(range(TINTS))
    return sum(
        tints[one] == tints[other]
        and shapely.intersection(areas[one], areas[other]).length > 10 * GAP_DEG
        for one in range(len(areas))
        for other in range(one)
    )


def test_neighborhoods_of_the_sample_have_four_tints_and_no_two_neighbors_are_alike(sample_city):
    areas = list(sample_city.neighborhoods.geometry)
    assert count_alike(areas) == 0
    tints = choose_tints(areas)
    assert len(set(tints)) == TINTS
    # The first tint is that of paper, the last is cold: most of the ground is warm.
    extents = [sum(a.area for a, t in zip(areas, tints, strict=True) if t == k) for k in range(4)]
    assert extents == sorted(extents, reverse=True)


@given(st.integers(0, 10_000))
def test_any_division_of_the_plane_has_no_two_neighbors_alike(seed):
    points = shapely.MultiPoint(np.random.default_rng(seed).random((30, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points))
    assert count_alike(list(cells)) == 0


def test_areas_around_one_corner_and_areas_drawn_with_a_gap_are_neighbors():
    squares = [shapely.box(x, y, x + 1, y + 1) for x in (0, 1) for y in (0, 1)]
    assert len(set(choose_tints(squares))) == 4
    apart = [shapely.box(0, 0, 1, 1), shapely.box(1 + GAP_DEG / 2, 0, 2, 1)]
    assert len(set(choose_tints(apart))) == 2


@pytest.mark.parametrize("count", [0, 1, 5])
def test_many_areas_about_one_corner_keep_to_four_tints(count):
    """Five slices of a cake meet in its middle: all are neighbours there, but borders are two."""
    turns = np.linspace(0, 2 * np.pi, count + 1)
    slices = (
        [
            shapely.Polygon([(0, 0), (np.cos(a), np.sin(a)), (np.cos(b), np.sin(b))])
            for a, b in itertools.pairwise(turns)
        ]
        if count > 1
        else [shapely.box(0, 0, 1, 1)] * count
    )
    assert count_alike(slices) == 0


def test_areas_that_all_overlap_are_coloured_as_well_as_four_tints_can():
    stacked = [shapely.box(0, 0, 1, 1 + i) for i in range(6)]
    tints = choose_tints(stacked)
    assert sorted(tints.count(tint) for tint in range(TINTS)) == [1, 1, 2, 2]
