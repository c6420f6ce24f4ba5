"""Millions of points: patches that stand for PROJ, and the same answers as its."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from mapserver.geo import geodesy
from mapserver.geo.geodesy import LONLAT
from mapserver.index import (
    NearestIndex,
    batches,
    compiled_geodesics,
    compiled_patches,
    nearest,
    plane,
)
from mapserver.index.patches import ERROR_DEG, ERROR_M, Patches, ProjectionPatches
from mapserver.settings import limits

KOREA = geodesy.parse_crs("EPSG:5186")
BOX = (-40_000.0, -50_000.0, 400_000.0, 420_000.0)
"""West, south, east, north of the country in EPSG:5186."""
COLUMNS = ("point", "feature", "distance_m", "bearing_deg", "lon", "lat")


def transforms(crs):
    there = geodesy.build_transformer(LONLAT, crs).transform
    return there, geodesy.build_transformer(crs, LONLAT).transform


@pytest.mark.parametrize(
    ("crs", "box"),
    [
        ("EPSG:5186", BOX),
        ("EPSG:5179", (750_000.0, 1_450_000.0, 1_250_000.0, 2_050_000.0)),
        ("EPSG:5174", (180_000.0, 170_000.0, 220_000.0, 210_000.0)),  # another datum
        ("EPSG:32652", (280_000.0, 3_850_000.0, 320_000.0, 3_900_000.0)),
    ],
)
def test_patches_stand_for_proj_to_a_ten_millionth_of_a_metre(crs, box):
    there, back = transforms(geodesy.parse_crs(crs))
    patches = ProjectionPatches.fit(box, 60_000.0, there, back)
    assert patches is not None
    assert (patches.forward.error <= ERROR_M, patches.back.error <= ERROR_DEG) == (True, True)
    rng = np.random.default_rng(21)
    x, y = (rng.uniform(box[i] - 59_000, box[i + 2] + 59_000, 50_000) for i in (0, 1))
    lon, lat = back(x, y)
    exact = there(lon, lat)
    fitted = compiled_patches.transform_points(patches.forward, lon, lat)
    assert np.hypot(fitted[0] - exact[0], fitted[1] - exact[1]).max() < 1.5 * ERROR_M
    x, y = (rng.uniform(box[i], box[i + 2], 50_000) for i in (0, 1))
    exact, fitted = back(x, y), compiled_patches.transform_points(patches.back, x, y)
    assert np.abs(np.array(exact) - np.array(fitted)).max() < 1.5 * ERROR_DEG


def test_squares_are_halved_until_they_are_good_enough():
    there, _ = transforms(KOREA)
    rough = Patches.fit(there, (124.0, 33.0, 131.0, 39.0), 3.2, 1e-7)
    assert rough is None  # four times are not enough
    fine = Patches.fit(there, (124.0, 33.0, 131.0, 39.0), 0.4, 1e-7)
    assert fine.grid[2] == 0.1
    assert fine.error <= 1e-7


def test_pairs_measured_together_have_the_metres_and_bearings_of_geodesics():
    rng = np.random.default_rng(23)
    together = compiled_geodesics.TOGETHER
    for reach_m, error_m in ((0.01, 1e-8), (10_000.0, 2e-6)):
        lon, lat = rng.uniform(-179, 179, together), rng.uniform(-79.9, 79.9, together)
        # All directions, those of the axes and of the diagonals exactly or nearly.
        bearing = np.concatenate([np.arange(0.0, 360.0, 45.0), rng.uniform(0, 360, together - 8)])
        to_lon, to_lat, _ = geodesy.GEOD.fwd(lon, lat, bearing, np.full(together, reach_m))
        is_far = np.abs(to_lon - lon) > compiled_geodesics.SHORT_DEG  # meridians meet at poles
        columns = np.concatenate([lon, lat, to_lon, to_lat, np.empty(2 * together)])
        compiled_geodesics.measure_columns(columns, together)
        metres, degrees = columns.reshape(6, together)[4:]
        azimuth, exact_m = geodesy.azimuth_and_distance(lon, lat, to_lon, to_lat)
        np.testing.assert_array_equal(metres < 0.0, is_far)
        near = ~is_far
        assert np.abs(metres - exact_m)[near].max() < error_m
        aside_deg = np.abs((degrees - azimuth + 180.0) % 360.0 - 180.0)[near]
        assert (np.radians(aside_deg) * exact_m[near]).max() < 10 * error_m
        assert ((degrees[near] >= 0.0) & (degrees[near] < 360.0)).all()


@pytest.mark.parametrize(
    "pair",
    [(127.0, 35.0, np.nan, 35.0), (127.0, 85.0, 127.0, 85.0), (127.0, 35.0, 127.0, 35.3)],
    ids=["no place", "near a pole", "far"],
)
def test_pairs_that_the_formulas_are_not_for_are_left_to_proj(pair):
    together = compiled_geodesics.TOGETHER
    columns = np.zeros(compiled_geodesics.SIX)
    columns[: 4 * together : together] = pair
    compiled_geodesics.measure_columns(columns, 1)
    assert columns[4 * together] == -1.0


def test_outside_of_the_patches_nothing_is_guessed():
    there, _ = transforms(KOREA)
    patches = Patches.fit(there, (126.0, 34.0, 127.0, 35.0), 0.1, 1e-7)
    lon = np.array([125.999, 126.5, 126.5, np.nan, 128.0, np.inf])
    lat = np.array([34.5, 33.9, 35.3, 34.5, 34.5, 34.5])
    x, y = compiled_patches.transform_points(patches, lon, lat)
    assert np.isnan(x).all()
    assert np.isnan(y).all()


@pytest.mark.parametrize(
    "box",
    [
        (-9e6, -9e6, 9e6, 9e6),  # around the earth
        (-1e12, 0.0, 1e12, 1.0),  # no place
    ],
)
def test_there_are_no_patches_where_they_are_no_help(box):
    assert ProjectionPatches.fit(box, 60_000.0, *transforms(KOREA)) is None


def test_there_are_no_more_patches_than_the_limit(monkeypatch):
    monkeypatch.setattr(limits, "MAX_PATCHES", 1_000)
    assert ProjectionPatches.fit(BOX, 60_000.0, *transforms(KOREA)) is None


# -- the same answers ------------------------------------------------------------------------------


@pytest.fixture(params=[0, 10**9], ids=["walk", "look-up"])
def make_batches(monkeypatch, request):
    """Have every layer and any number of points searched as a batch; count what PROJ decides."""
    monkeypatch.setattr(nearest, "MANY_POINTS", 1)
    monkeypatch.setattr(plane, "FEW_RUNS", request.param)
    asked: list[int] = []
    whole = batches.BatchSearch.query

    def query(self, degrees, columns, limit_m, search):
        def count(rows):
            asked.append(len(rows))
            return search(rows)

        return whole(self, degrees, columns, limit_m, count)

    monkeypatch.setattr(batches.BatchSearch, "query", query)
    return asked


def make_layer(kind: str, count: int = 400) -> np.ndarray:
    rng = np.random.default_rng(22)
    begin = np.column_stack([rng.uniform(126.4, 127.6, count), rng.uniform(34.8, 35.6, count)])
    if kind == "points":
        return shapely.points(begin)
    corners = rng.integers(2, 40)
    shapes = shapely.linestrings(
        begin[:, None, :] + rng.normal(0, 0.0006, (count, corners, 2)).cumsum(axis=1)
    )
    if kind == "areas":
        shapes[::2] = shapely.buffer(shapes[::2], 0.003)
    if kind == "network":  # all meet others at their ends, and some are there twice, and turned
        shapes[1::4] = shapely.linestrings(
            np.stack([shapely.get_coordinates(shapely.get_point(shapes[::4], -1)),
                      shapely.get_coordinates(shapely.get_point(shapes[::4], 0)) + 0.01], axis=1)
        )  # fmt: skip
        shapes[2::4], shapes[3::4] = shapes[::4], shapely.reverse(shapes[::4])
    return shapes


def scatter(shapes: np.ndarray, count: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    """Scatter points over the layer and around it, on vertices, on segments and far away."""
    rng = np.random.default_rng(23)
    lon, lat = rng.uniform(126.0, 128.0, count), rng.uniform(34.4, 36.0, count)
    corners = shapely.get_coordinates(shapes)
    some = corners[rng.integers(len(corners), size=200)]
    lon[:200], lat[:200] = some.T
    ends = corners[rng.integers(len(corners) - 1, size=200)]
    lon[200:400], lat[200:400] = (ends + rng.normal(0, 1e-9, ends.shape)).T
    lon[400:406], lat[400:406] = [0, 180, 129.5, np.nan, 127, 127], [0, 80, 38, 35, 127, np.inf]
    return lon, lat


@pytest.mark.parametrize("kind", ["lines", "points", "areas", "network"])
@pytest.mark.parametrize("most", [None, 800.0, 60_000.0])
def test_a_batch_has_the_answers_of_a_search_by_proj(make_batches, monkeypatch, kind, most):
    shapes = make_layer(kind)
    lon, lat = scatter(shapes)
    index = NearestIndex.of(shapes, KOREA)
    batch = index.query(lon, lat, 1, most)
    assert make_batches
    monkeypatch.setattr(nearest, "MANY_POINTS", 10**9)
    exact = index.query(lon, lat, 1, most)
    np.testing.assert_array_equal(batch.point, exact.point)
    np.testing.assert_array_equal(batch.feature, exact.feature)
    np.testing.assert_array_equal(batch.no_place, exact.no_place)
    np.testing.assert_allclose(batch.distance_m, exact.distance_m, atol=1e-6, rtol=0)
    np.testing.assert_array_equal(np.isnan(batch.bearing_deg), np.isnan(exact.bearing_deg))
    np.testing.assert_allclose(batch.lon, exact.lon, atol=1e-11, rtol=0)
    np.testing.assert_allclose(batch.lat, exact.lat, atol=1e-11, rtol=0)


def test_points_of_the_plane_itself_are_searched_as_they_are(make_batches, monkeypatch):
    shapes = make_layer("lines")
    rng = np.random.default_rng(24)
    lon, lat = rng.uniform(126.4, 127.6, 3_000), rng.uniform(34.8, 35.6, 3_000)
    columns = transforms(KOREA)[0](lon, lat)
    index = NearestIndex.of(shapes, KOREA)
    batch = index.query(lon, lat, plane=columns)
    monkeypatch.setattr(nearest, "MANY_POINTS", 10**9)
    exact = index.query(lon, lat, plane=columns)
    np.testing.assert_array_equal(batch.feature, exact.feature)
    np.testing.assert_allclose(batch.distance_m, exact.distance_m, atol=1e-6, rtol=0)
    assert make_batches == []  # no point was in doubt


@pytest.mark.usefixtures("make_batches")
def test_points_beside_a_small_layer_are_found_within_the_limit():
    # 500 m long: the fine grid reaches 250 m beyond, and the limit 2 km.
    shapes = shapely.linestrings(
        [[(126.9, 35.2), (126.905, 35.2)], [(126.9, 35.2), (126.9, 35.205)]]
    )
    lon, lat = np.linspace(126.87, 126.93, 300), np.full(300, 35.195)
    answer = NearestIndex.of(shapes, KOREA).query(lon, lat, 1, 2_000.0)
    expected = [search_by_geodesics(shapes, *place) for place in zip(lon, lat, strict=True)]
    near = np.flatnonzero(np.array(expected) <= 2_000.0)
    assert answer.point.tolist() == near.tolist()
    np.testing.assert_allclose(answer.distance_m, np.array(expected)[near], atol=0.1)


def search_by_geodesics(shapes: np.ndarray, lon: float, lat: float) -> float:
    """Measure to the nearest of many places on lines."""
    places = shapely.get_coordinates(shapely.segmentize(shapes, 1e-5))
    return float(geodesy.distance_m(lon, lat, *places.T).min())


def test_proj_decides_what_is_too_close_and_little_else(make_batches):
    # Two parallels, and points between them: half of the points to a nanometre in the middle.
    lines = shapely.linestrings([[(0, 0), (5_000, 0)], [(0, 100), (5_000, 100)]])

    def shifted(x, y):
        return transforms(KOREA)[1](x + 200_000, y + 500_000)

    degrees = shapely.transform(lines, shifted, interleaved=False)
    rng = np.random.default_rng(25)
    x = rng.uniform(10, 4_990, 1_000)
    y = np.where(np.arange(1_000) < 500, 50.0 + rng.normal(0, 1e-9, 1_000), 70.0)
    lon, lat = shifted(x, y)
    answer = NearestIndex.of(degrees, KOREA).query(lon, lat)
    assert make_batches == [500]
    assert set(answer.feature[500:].tolist()) == {1}


def test_where_trails_meet_the_first_is_the_answer_and_proj_is_not_asked(make_batches):
    # Three trails from one place: behind it, that place is nearest on all.
    trails = [[(126.9, 35.2), (126.95, 35.25)], [(126.9, 35.2), (126.95, 35.2)]]
    shapes = np.array([shapely.LineString(trail) for trail in [*trails, trails[0]]])
    rng = np.random.default_rng(26)
    lon, lat = rng.uniform(126.88, 126.89, 500), rng.uniform(35.18, 35.19, 500)
    answer = NearestIndex.of(shapes, KOREA).query(lon, lat)
    assert set(answer.feature.tolist()) == {0}
    assert make_batches == []


def test_threads_and_blocks_change_no_answer(make_batches):
    shapes = make_layer("lines")
    lon, lat = scatter(shapes, 40_000)
    index = NearestIndex.of(shapes, KOREA)
    whole = index.query(lon, lat, threads=1, block=len(lon))
    parts = index.query(lon, lat, threads=3, block=7_001)
    assert make_batches
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))
