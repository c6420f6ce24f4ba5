"""The ground that everything stands on: nearest by index equals nearest by search."""

import numpy as np
import shapely
from pyproj import Geod

from mapserver import geodesy
from mapserver.index import NearestIndex, WithinIndex


def test_the_nearest_vertex_cloud_is_the_one_a_full_search_finds():
    rng = np.random.default_rng(7)
    lonlat = rng.uniform((126.8, 35.08), (126.9, 35.18), (500, 2))
    index = NearestIndex(shapely.points(lonlat), geodesy.metric_crs(126.85, 35.13))
    found = index.query(126.85, 35.13, k=5)
    _, _, metres = Geod(ellps="WGS84").inv(
        np.full(500, 126.85), np.full(500, 35.13), lonlat[:, 0], lonlat[:, 1]
    )
    assert found.feature.tolist() == np.argsort(metres)[:5].tolist()
    assert np.allclose(found.distance_m, np.sort(metres)[:5], atol=1e-3)


def test_a_point_on_a_shared_border_lies_in_both():
    index = WithinIndex(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    assert index.query(1.0, 0.5)[1].tolist() == [0, 1]
