"""What is asked of the indexes as arrays: bad points, threads and blocks, and points far away."""

from __future__ import annotations

import os
from functools import partial

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from mapserver.geo import geodesy, threads
from mapserver.index import NearestIndex, WithinIndex
from mapserver.index.sphere import SPHERE_M, place_on_sphere
from mapserver.settings import limits

KOREA = geodesy.parse_crs("EPSG:5186")
BAD = [(np.nan, 35.0), (126.9, np.nan), (np.inf, 35.0), (126.9, -np.inf), (126.9, 127.0), (181, 0)]


def make_paths(count: int, seed: int, box=(126.5, 34.8, 127.5, 35.6)) -> np.ndarray:
    """Make paths of five points, some hundred metres long."""
    rng = np.random.default_rng(seed)
    west, south, east, north = box
    begin = np.column_stack([rng.uniform(west, east, count), rng.uniform(south, north, count)])
    steps = rng.normal(0, 0.001, (count, 5, 2)).cumsum(axis=1)
    return shapely.linestrings(begin[:, None, :] + steps)


def scatter(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scatter points over the earth, with poles, the antimeridian and 0/0 among them."""
    rng = np.random.default_rng(seed)
    lon = rng.uniform(-180, 180, count)
    lat = np.degrees(np.arcsin(rng.uniform(-1, 1, count)))
    lon[:7] = [0, 180, -180, 0, 0, 127, 179.999]
    lat[:7] = [0, 10, 10, 90, -90, 35.2, -35]
    return lon, lat


@pytest.mark.parametrize("points", [40, 6_000])  # plain Python, and compiled
@pytest.mark.parametrize("layer", ["paths", "areas"])
def test_points_that_are_no_place_have_no_answer_and_are_listed(points, layer):
    shapes = make_paths(30, 1) if layer == "paths" else shapely.buffer(make_paths(30, 1), 0.01)
    index = NearestIndex.of(shapes, KOREA)
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(126.6, 127.4, points), rng.uniform(34.9, 35.5, points)
    expected = index.query(lon, lat)
    bad = np.arange(3, 3 + len(BAD)) * 4
    lon[bad], lat[bad] = np.array(BAD).T
    answer = index.query(lon, lat)
    assert answer.no_place.tolist() == bad.tolist()
    assert not np.isin(answer.point, bad).any()
    is_good = ~np.isin(expected.point, bad)
    np.testing.assert_array_equal(answer.point, expected.point[is_good])
    np.testing.assert_array_equal(answer.feature, expected.feature[is_good])
    np.testing.assert_array_equal(answer.distance_m, expected.distance_m[is_good])


def test_bad_points_are_listed_by_their_positions_in_all_blocks():
    index = NearestIndex.of(make_paths(5, 1), KOREA)
    lon, lat = np.full(50, 127.0), np.full(50, 35.0)
    lat[[7, 31]] = 127.0
    answer = index.query(lon, lat, block=10)
    assert answer.no_place.tolist() == [7, 31]
    assert answer.point.tolist() == [i for i in range(50) if i not in {7, 31}]


@pytest.mark.parametrize("place", BAD)
def test_one_point_that_is_no_place_has_no_answer(place):
    assert NearestIndex.of(make_paths(5, 1), KOREA).query_one(*place) is None


def test_one_point_at_latitude_127_is_in_no_area_even_of_one_that_reaches_there():
    index = NearestIndex.of(np.array([shapely.box(0, 0, 170, 150)]), KOREA)
    assert index.query_one(126.9, 127.0) is None
    assert index.query_one(126.9, 37.0).distance_m == 0


@pytest.mark.parametrize("points", [40, 60_000])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:5186"])
def test_points_that_are_no_place_are_in_no_area_and_are_listed(points, crs):
    index = WithinIndex.of(np.array([shapely.box(126, 34, 128, 36), shapely.box(127, 34, 128, 36)]))
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(125.5, 128.5, points), rng.uniform(33.5, 36.5, points)
    plane = geodesy.parse_crs(crs)
    x, y = geodesy.build_transformer(geodesy.LONLAT, plane).transform(lon, lat)
    expected = index.find_containment(plane, x, y)
    bad = np.arange(2, 6) * 4
    x[bad] = [np.nan, np.inf, -np.inf, 1e12]
    containment = index.find_containment(plane, x, y)
    assert containment.no_place.tolist() == bad.tolist()
    assert (containment.area[bad] == -1).all()
    assert not np.isin(containment.point, bad).any()
    good = np.setdiff1d(np.arange(points), bad)
    np.testing.assert_array_equal(containment.area[good], expected.area[good])
    row, _ = containment.list_rows()
    assert np.isin(bad, row).all()  # a row each: no point is lost


def test_latitude_127_is_in_no_area_even_of_one_that_reaches_there():
    index = WithinIndex.of(np.array([shapely.box(0, 0, 170, 150)]))
    assert index.query([126.9, 126.9], [127.0, 37.0])[0].tolist() == [1]


def test_threads_are_those_asked_for_and_at_most_the_processors_of_this_process(monkeypatch):
    if hasattr(os, "sched_getaffinity"):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
        assert threads.count_threads() == 1
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(500)))
        assert threads.count_threads() == limits.MAX_THREADS
    with threads.use_threads(3):
        assert threads.count_threads() == 3
        with threads.use_threads(None):
            assert threads.count_threads() == 3
    assert threads.count_threads() != 3 or os.cpu_count() == 3


def test_a_search_uses_the_threads_it_is_given(monkeypatch):
    counts = []
    monkeypatch.setattr(threads, "ThreadPoolExecutor", lambda n: counts.append(n) or RealPool(n))
    lon = np.random.default_rng(4).uniform(126.6, 127.4, 70_000)
    lat = np.full(70_000, 35.0)
    index, areas = NearestIndex.of(make_paths(20, 1), KOREA), WithinIndex.of(AREAS)
    one = index.query(lon, lat, threads=1), areas.query(lon, lat, threads=1)
    assert counts == []  # the caller's own thread alone
    many = index.query(lon, lat, threads=3), areas.query(lon, lat, threads=3)
    assert set(counts) == {2}  # two helpers beside it
    np.testing.assert_array_equal(one[0].distance_m, many[0].distance_m)
    np.testing.assert_array_equal(one[1][0], many[1][0])


RealPool = threads.ThreadPoolExecutor
AREAS = np.array([shapely.box(126, 34, 127, 36)])


def search_all(shapes: np.ndarray, lon: float, lat: float, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Find what is nearest by looking at every feature in a plane around the point."""
    centred = Transformer.from_pipeline(
        f"+proj=aeqd +lon_0={lon!r} +lat_0={lat!r} +ellps=WGS84"
    ).transform
    feature = np.flatnonzero(~shapely.is_missing(shapes))
    plane = shapely.transform(shapes[feature], centred, interleaved=False)
    links = shapely.shortest_line(shapely.Point(centred(lon, lat)), plane)
    ends = shapely.get_coordinates(links)[1::2]
    snapped = partial(centred, direction="INVERSE")(ends[:, 0], ends[:, 1])
    metres = geodesy.distance_m(lon, lat, *snapped)
    order = np.lexsort((feature, np.round(metres, 6)))[:k]
    return feature[order], metres[order]


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize(
    "box", [(126.5, 34.8, 127.5, 35.6), (179.0, -17.0, 179.99, -16.0), (-70, 84, 30, 89)]
)
def test_far_points_have_the_answers_of_a_search_over_all(k, box):
    shapes = make_paths(120, 5, box)
    shapes[7] = shapes[3]  # equal distances: the first of them
    shapes[20] = shapely.buffer(shapes[20], 0.001)
    shapes[21] = None
    index = NearestIndex.of(shapes, geodesy.build_metric_crs((box[0] + box[2]) / 2, box[1]))
    lon, lat = scatter(150, 6)
    answer = index.query(lon, lat, k)
    for i in range(len(lon)):
        rows = answer.point == i
        feature, metres = search_all(shapes, float(lon[i]), float(lat[i]), k)
        np.testing.assert_allclose(answer.distance_m[rows], metres, atol=1e-5, rtol=0)
        assert answer.feature[rows].tolist() == feature.tolist(), (lon[i], lat[i])


def test_a_line_around_the_antipode_does_not_pass_the_point():
    # The way from one end to the other leads around the antipode of 0/0, 20,000 km away.
    line = shapely.LineString([(179.9, 0.05), (180.1 - 360, -0.05)])
    index = NearestIndex.of(np.array([shapely.LineString([(170, 1), (171, 1)]), line]), KOREA)
    answer = index.query(0.0, 0.0, 2)
    assert answer.feature.tolist() == [0, 1]
    assert (answer.distance_m > 18_900_000).all()


def test_no_distance_on_the_sphere_is_longer_than_on_the_ellipsoid():
    lon, lat = scatter(20_000, 7)
    other_lon, other_lat = lon[::-1], lat[::-1]
    chord = np.linalg.norm(
        place_on_sphere(lon, lat) - place_on_sphere(other_lon, other_lat), axis=1
    )
    sphere_m = 2 * SPHERE_M * np.arcsin(np.minimum(chord / 2, 1))
    true_m = geodesy.distance_m(lon, lat, other_lon, other_lat)
    assert (sphere_m <= true_m * (1 + 1e-8) + 1e-3).all()
    assert (true_m <= sphere_m * 1.00168 + 1e-3).all()


def test_a_place_that_nobody_knew_is_searched_once(monkeypatch):
    index = NearestIndex.of(make_paths(50, 8), KOREA)
    asked = []
    circles = type(index._circles)
    whole = circles.list_candidates
    monkeypatch.setattr(
        circles,
        "list_candidates",
        lambda self, lon, *rest: asked.append(len(lon)) or whole(self, lon, *rest),
    )
    answer = index.query(np.zeros(5_000), np.zeros(5_000))
    assert asked == [1]
    assert answer.point.tolist() == list(range(5_000))
    assert set(answer.feature.tolist()) == {int(answer.feature[0])}


def test_a_far_point_has_no_answer_beyond_the_greatest_distance():
    index = NearestIndex.of(make_paths(50, 8), KOREA)
    lon, lat = np.array([0.0, 128.6]), np.array([0.0, 35.2])
    metres = index.query(lon, lat).distance_m
    assert index.query(lon, lat, 1, 90_000.0).point.tolist() == []
    assert index.query(lon, lat, 1, metres[1] + 0.001).point.tolist() == [1]
    assert index.query(lon, lat, 1, metres[1] - 0.001).point.tolist() == []


def test_a_feature_too_wide_for_a_circle_is_still_near_to_far_points():
    shapes = make_paths(10, 9)
    shapes[4] = shapely.LineString([(100, 10), (120, 30)])
    index = NearestIndex.of(shapes, KOREA)
    assert index.query([90.0, 10.0], [10.0, 50.0], 1).feature[0] == 4
    assert sorted(index.query(90.0, 10.0, 20).feature.tolist()) == list(range(10))
