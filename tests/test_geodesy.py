"""Planes and transformers: made once, or so quickly that each track may have its own."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import CRS

from mapserver.errors import CrsError
from mapserver.geo import geodesy


@pytest.mark.parametrize("middle", [(126.85, 35.15), (-179.9, -16.8), (12.5, 89.0)])
def test_a_plane_about_a_place_has_the_numbers_of_its_transformer(middle):
    forward = geodesy.build_transformer(geodesy.LONLAT, geodesy.build_metric_crs(*middle)).transform
    moves = np.array([0, 0.01, -0.3, 2, 45, 90, np.nan, np.inf])
    lon, lat = middle[0] + moves, middle[1] - moves / 2
    given = lon.copy(), lat.copy()
    np.testing.assert_array_equal(geodesy.build_plane(*middle)(lon, lat), forward(lon, lat))
    np.testing.assert_array_equal((lon, lat), given)


def test_a_transformer_is_made_once_for_each_pair():
    one = geodesy.build_transformer(CRS.from_epsg(5186), geodesy.LONLAT)
    assert geodesy.build_transformer(CRS.from_epsg(5186), geodesy.LONLAT) is one
    assert geodesy.build_transformer(geodesy.LONLAT, CRS.from_epsg(5186)) is not one
    assert geodesy.build_transformer(CRS.from_epsg(5179), geodesy.LONLAT) is not one


def test_a_crs_is_looked_up_once_however_often_it_is_named():
    assert geodesy.parse_crs("EPSG:5186") is geodesy.parse_crs(" EPSG:5186 ")
    assert geodesy.parse_crs("5186") == geodesy.parse_crs("EPSG:5186")
    for _ in range(2):  # what is none is refused each time
        with pytest.raises(CrsError, match="EPSG:1"):
            geodesy.parse_crs("EPSG:1")
