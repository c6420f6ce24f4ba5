"""What is nearest: no disagreement with brute force over every segment on the ellipsoid."""

from __future__ import annotations

import tracemalloc

import geopandas as gpd
import numpy as np
import oracle
import pandas as pd
import pytest
import shapely
from cities import city_of, frame_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mapserver.errors import CrsError, NotFoundError, QueryError
from mapserver.geo import geodesy
from mapserver.index import NearestIndex, WithinIndex, compiled_geodesics, one_point, plane
from mapserver.index import nearest as module

SEOGU = (126.85, 35.14)
AROUND = st.tuples(st.floats(126.76, 126.94), st.floats(35.06, 35.21))


def check_answer(city, layer, found, lon, lat, k, max_distance_m=None):  # noqa: PLR0917
    """Hold an answer against the oracle: the right distances, in order, and true snapped points."""
    geometries = city.layers[layer].geometry.to_numpy()
    truth = oracle.distances_m(geometries, lon, lat)
    expected = np.sort(truth)[:k]
    if max_distance_m is not None:
        expected = expected[expected <= max_distance_m]
    assert len(found.feature) == len(set(found.feature.tolist()))
    if max_distance_m is None:
        assert len(found.distance_m) == len(expected)
    else:  # what lies on the limit, within the tolerance, may be in or out
        assert abs(len(found.distance_m) - len(expected)) <= 1
        expected = expected[: len(found.distance_m)]
    assert np.all(np.diff(found.distance_m) >= 0)
    for row, wanted in enumerate(expected):
        feature, distance_m = found.feature[row], found.distance_m[row]
        assert abs(distance_m - wanted) <= oracle.tolerance_m(wanted)
        assert abs(distance_m - truth[feature]) <= oracle.tolerance_m(truth[feature])
        snapped = found.lon[row], found.lat[row]
        azimuth, _, walked_m = oracle.GEOD.inv(lon, lat, *snapped)
        assert walked_m == pytest.approx(distance_m, abs=0.001)
        assert oracle.distance_m(geometries[feature], *snapped) <= oracle.tolerance_m(distance_m)
        if distance_m > 1:
            assert found.bearing_deg[row] == pytest.approx(azimuth % 360, abs=0.01)


@given(point=AROUND, k=st.integers(1, 5))
@example(point=SEOGU, k=40)
@settings(max_examples=25)
def test_trails_of_the_sample(sample_city, point, k):
    found = sample_city.find_nearest(*point, layer="trails", k=k)
    check_answer(sample_city, "trails", found, *point, min(k, len(sample_city.trails)))


@given(point=AROUND)
@settings(max_examples=15)
def test_districts_of_the_sample(sample_city, point):
    check_answer(
        sample_city, "districts", sample_city.find_nearest(*point, layer="districts"), *point, 1
    )


# A random city somewhere on earth: paths of up to six corners within two kilometres.
CORNER = st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000))
PATHS = st.lists(st.lists(CORNER, min_size=2, max_size=6, unique=True), min_size=1, max_size=8)
MIDDLE = st.tuples(st.floats(-179, 179), st.floats(-75, 75))


def paths_at(middle, paths, scale=2e-5) -> np.ndarray:
    lines = [np.array(path) * scale + middle for path in paths]
    return np.array([shapely.LineString(line) for line in lines], dtype=object)


@pytest.fixture
def few_cells(monkeypatch):
    """Lay a coarse grid over cities that are made by the hundred; the sample has its real one."""
    monkeypatch.setattr(one_point, "FEWEST_CELLS", 2**8)


@pytest.mark.slow
@pytest.mark.usefixtures("few_cells")
@given(
    middle=MIDDLE,
    paths=PATHS,
    beside=st.tuples(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05)),
    k=st.integers(1, 4),
    limit=st.none() | st.floats(1, 5000),
)
@settings(max_examples=150)
def test_random_cities(middle, paths, beside, k, limit):
    city = city_of(trails=frame_of(paths_at(middle, paths)))
    lon, lat = middle[0] + beside[0], middle[1] + beside[1]
    found = city.find_nearest(lon, lat, k=k, max_distance_m=limit)
    check_answer(city, "trails", found, lon, lat, min(k, len(paths)), limit)


@pytest.mark.slow
@pytest.mark.usefixtures("few_cells")
@given(paths=PATHS, point=st.tuples(st.floats(-180, 180), st.floats(-90, 90)))
@settings(max_examples=60)
def test_points_anywhere_on_earth(paths, point):
    city = city_of(trails=frame_of(paths_at(SEOGU, paths)))
    check_answer(city, "trails", city.find_nearest(*point), *point, 1)


@pytest.mark.slow
@pytest.mark.usefixtures("few_cells")
@given(paths=PATHS, points=st.lists(AROUND, min_size=1, max_size=20), k=st.integers(1, 3))
@settings(max_examples=40)
def test_a_batch_has_the_same_answers_as_its_points(paths, points, k):
    city = city_of(trails=frame_of(paths_at(SEOGU, paths)))
    lons, lats = np.array(points).T
    batch = city.find_nearest(lons, lats, k=k)
    for row, point in enumerate(points):
        alone = city.find_nearest(*point, k=k)
        mine = batch.select_rows(batch.point == row)
        assert mine.feature.tolist() == alone.feature.tolist()
        assert mine.distance_m.tolist() == alone.distance_m.tolist()


def test_equal_distances_come_in_the_order_of_the_features():
    lon, lat = SEOGU
    lines = [
        shapely.LineString([(lon + dx, lat - 0.01), (lon + dx, lat + 0.01)])
        for dx in (0.002, 0.003, 0.002, 0.001, 0.003)
    ]
    city = city_of(trails=frame_of(lines))
    found = city.nearest_trails(lon, lat, k=5)
    assert list(found.index) == ["3", "0", "2", "1", "4"]
    assert city.find_nearest([lon] * 50, [lat] * 50, k=2).feature.tolist() == [3, 0] * 50


def test_a_polygon_that_contains_a_point_is_found_once():
    beside, around = shapely.box(126.88, 35.1, 126.9, 35.2), shapely.box(126.8, 35.1, 126.86, 35.2)
    index = NearestIndex.of(np.array([beside, around]), geodesy.build_metric_crs(126.85, 35.15))
    answer = index.query([126.859], [35.15], k=2)  # nearer to the border than to the other one
    assert answer.feature.tolist() == [1, 0]
    assert answer.distance_m[0] == 0 < answer.distance_m[1]


def test_empty_and_missing_geometries_are_never_found():
    line = shapely.LineString([(126.85, 35.14), (126.86, 35.14)])
    city = city_of(trails=frame_of([None, line, shapely.MultiLineString()]))
    assert list(city.nearest_trails(126.85, 35.14, k=3).index) == ["1"]


def test_frames_in_any_crs_get_their_answers_beside_their_columns(sample_city):
    points = gpd.GeoDataFrame(
        {"school": ["가", "나"]},
        geometry=gpd.points_from_xy([126.85, 126.88], [35.14, 35.12]),
        crs=4326,
        index=["x", "y"],
    )
    expected = sample_city.nearest(points, k=2)
    assert expected.index.tolist() == ["x", "x", "y", "y"]
    assert expected["rank"].tolist() == [1, 2, 1, 2]
    for crs in (5186, 5174, 5179, 3857):
        answer = sample_city.nearest(points.to_crs(crs), k=2)
        assert answer.crs.to_epsg() == crs
        assert answer["trail_id"].tolist() == expected["trail_id"].tolist()
        assert answer["school"].tolist() == expected["school"].tolist()
        assert np.allclose(answer["distance_m"], expected["distance_m"], atol=0.01)
    assert points.columns.tolist() == ["school", "geometry"]  # the question is left as it was


def test_a_point_with_nothing_near_keeps_its_row(sample_city):
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([129.0], [35.1]), crs=4326)
    answer = sample_city.nearest(points, max_distance_m=1000)
    assert len(answer) == 1
    assert pd.isna(answer["trail_id"].iloc[0])


@pytest.mark.parametrize(
    ("lon", "lat", "hint"),
    [
        (35.15, 126.85, "swapped"),
        (float("nan"), 35.15, "number"),
        (126.85, float("inf"), "number"),
        (190920.5, 284117.3, "metres"),
        (181.0, 35.0, "longitude"),
        (126.85, -91.0, "latitude"),
    ],
)
def test_what_is_no_place_is_refused_with_a_guess_at_the_mistake(sample_city, lon, lat, hint):
    for ask in (
        sample_city.nearest_trails,
        sample_city.locate,
        lambda x, y: sample_city.find_nearest([126.85, x], [35.15, y]),
    ):
        with pytest.raises(QueryError, match=hint):
            ask(lon, lat)


def test_wrong_questions_are_refused(sample_city):
    for options in ({"k": 0}, {"k": 1.5}, {"max_distance_m": -1}, {"max_distance_m": float("nan")}):
        with pytest.raises(QueryError):
            sample_city.nearest_trails(126.85, 35.15, **options)
    with pytest.raises(NotFoundError, match="districts"):
        sample_city.find_nearest(126.85, 35.15, layer="nothing")
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([126.85], [35.15]))
    with pytest.raises(CrsError, match="set_crs"):
        sample_city.nearest(points)
    with pytest.raises(CrsError, match="set_crs"):
        sample_city.join(points)
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4326)
    with pytest.raises(QueryError, match="row 0"):
        sample_city.nearest(lines)


@pytest.mark.slow
def test_real_trails_and_boundaries(test_data):
    trails = gpd.read_file(next(test_data.glob("kr_trail_seoul/*.shp")), encoding="cp949")
    trails = trails[["geometry"]].set_geometry(trails.geometry.force_2d())
    areas = gpd.read_file(test_data / "seogu_dong.geojson")
    city = city_of(trails=frame_of(trails.geometry), districts=frame_of(areas.geometry))
    rng = np.random.default_rng(5)
    west, south, east, north = trails.total_bounds
    for lon, lat in zip(rng.uniform(west, east, 4), rng.uniform(south, north, 4), strict=True):
        check_answer(city, "trails", city.find_nearest(lon, lat, k=3), lon, lat, 3)
    for lon, lat in zip(rng.uniform(126.78, 126.93, 12), rng.uniform(35.07, 35.2, 12), strict=True):
        found = city.find_nearest(lon, lat, layer="districts", k=2)
        check_answer(city, "districts", found, lon, lat, 2)


@pytest.mark.slow
@pytest.mark.parametrize("question", ["nearest", "within"])
def test_many_points_take_at_most_sixty_bytes_each_beyond_their_answer(sample_city, question):
    city = sample_city
    rng = np.random.default_rng(3)
    west, south, east, north = city.bounds
    many = 600_000
    lon, lat = rng.uniform(west, east, many), rng.uniform(south, north, many)
    if question == "nearest":
        index = NearestIndex.of(city.trails.geometry.to_numpy(), city.metric_crs)
    else:
        index = WithinIndex.of(city.neighborhoods.geometry.to_numpy())
    index.query(lon, lat)  # compiled, and indexed
    tracemalloc.start()
    answer = index.query(lon, lat)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer is not None
    assert (most - held) / many <= 60


def test_blocks_of_points_are_answered_as_if_at_once(sample_city):
    rng = np.random.default_rng(4)
    west, south, east, north = sample_city.bounds
    lon, lat = rng.uniform(west, east, 997), rng.uniform(south, north, 997)
    index = NearestIndex.of(sample_city.trails.geometry.to_numpy(), sample_city.metric_crs)
    whole = index.query(lon, lat, 3, 2_000.0)
    parts = index.query(lon, lat, 3, 2_000.0, block=100)
    for name in ("point", "feature", "distance_m", "bearing_deg", "lon", "lat"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


@pytest.mark.slow
@pytest.mark.parametrize("few", [0, 10**9])
def test_one_place_has_the_answer_of_many(sample_city, monkeypatch, few):
    monkeypatch.setattr(module, "FEW_POINTS", few)
    monkeypatch.setattr(plane, "FEW_POINTS", few)
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(126.0, 127.8, 300), rng.uniform(34.5, 35.8, 300)  # some far away
    for layer in ("trails", "districts"):
        geometry = sample_city.layers[layer].geometry.to_numpy()
        index = NearestIndex.of(geometry, sample_city.metric_crs)
        many = index.query(lon, lat)
        for i, place in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
            one = index.query_one(*place)
            assert one.feature == many.feature[i]
            assert one.distance_m == pytest.approx(many.distance_m[i], abs=1e-5)
            assert (one.lon, one.lat) == pytest.approx((many.lon[i], many.lat[i]), abs=1e-11)
            assert one.bearing_deg == pytest.approx(many.bearing_deg[i], abs=1e-6, nan_ok=True)


@given(seed=st.integers(0, 10**6), reach_m=st.sampled_from([0.01, 1.0, 1e3, 2e4, 1e6]))
@settings(max_examples=30)
def test_metres_of_many_points_are_those_of_geodesics(seed, reach_m):
    rng = np.random.default_rng(seed)
    lat, lon = rng.uniform(-89.9, 89.9, 200), rng.uniform(-180, 180, 200)
    azimuth, metres = rng.uniform(0, 360, 200), rng.uniform(0, reach_m, 200)
    to_lon, to_lat, _ = geodesy.GEOD.fwd(lon, lat, azimuth, metres)
    point = rng.permutation(200)
    apart = np.zeros(200), np.ones(200)  # in the plane nobody is where he is found
    found = compiled_geodesics.measure_answers(
        (lon, lat, *apart), point, apart[::-1], (to_lon[point].copy(), to_lat[point].copy())
    )
    assert np.abs(found[1] - metres[point]).max() < 1e-5
    turned = np.radians((found[0] - azimuth[point] + 180) % 360 - 180)
    assert np.abs(turned * np.minimum(metres[point], 1e5)).max() < 1e-5


def test_points_in_the_metric_crs_are_asked_as_they_are(sample_city):
    rng = np.random.default_rng(6)
    west, south, east, north = sample_city.bounds
    place = gpd.points_from_xy(rng.uniform(west, east, 500), rng.uniform(south, north, 500))
    degrees = gpd.GeoDataFrame(geometry=place, crs=4326)
    found = sample_city.nearest(degrees)
    asked = sample_city.nearest(degrees.to_crs(sample_city.metric_crs))
    assert asked.crs == sample_city.metric_crs
    assert list(asked["trail_id"]) == list(found["trail_id"])
    for column in ("distance_m", "nearest_lon", "nearest_lat"):
        assert asked[column].to_numpy() == pytest.approx(found[column].to_numpy(), abs=1e-6)


def test_what_is_half_a_metre_too_far_is_no_answer(sample_city):
    # The plane is searched a metre farther than asked, for its scale is not exactly 1.
    index = NearestIndex.of(shapely.points([[126.85, 35.14]]), sample_city.metric_crs)
    lon, lat, _ = geodesy.GEOD.fwd([126.85] * 2, [35.14] * 2, [90.0, 180.0], [99.5, 100.5])
    assert index.query(lon, lat, max_distance_m=100.0).point.tolist() == [0]
    assert index.query(lon[1:], lat[1:], max_distance_m=100.0).point.tolist() == []
    assert index.query(lon, lat, max_distance_m=101.0).point.tolist() == [0, 1]
