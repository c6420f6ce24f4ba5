"""The searches themselves: every speed gives the same answer, and it is that of brute force."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mapserver.index import flat_areas as areas_module
from mapserver.index import grid, kernels, one_point, within
from mapserver.index import plane as module
from mapserver.index.flat_areas import Areas
from mapserver.index.plane import PlaneIndex
from mapserver.index.within import WithinIndex

# Few different numbers, so that lines touch, cross and repeat, run level and upright, and points
# lie on vertices, on segments, and equally far from several.
NUMBER = st.integers(-6, 6) | st.floats(-6, 6, allow_nan=False, width=32)
PLACE = st.tuples(NUMBER, NUMBER)
LINE = st.lists(PLACE, min_size=2, max_size=12).map(shapely.LineString)
SHAPE = (
    LINE
    | PLACE.map(shapely.Point)
    | st.lists(LINE, min_size=1, max_size=3).map(shapely.MultiLineString)
    | st.just(shapely.LineString())
    | st.none()
)
SHAPES = st.lists(SHAPE, min_size=1, max_size=12)
POINTS = st.lists(PLACE, min_size=1, max_size=15)
SPEEDS = ["few", "many", "looked up"]


@pytest.fixture(params=SPEEDS, autouse=True)
def speed(request, monkeypatch):
    """Answer one by one in Python, by the compiled walk, or by the fine grid."""
    monkeypatch.setattr(module, "FEW_POINTS", 10**9 if request.param == "few" else 0)
    monkeypatch.setattr(module, "MANY_POINTS", 0 if request.param == "looked up" else 10**9)
    monkeypatch.setattr(module, "FINE_CELLS", 8)
    monkeypatch.setattr(module, "FIRST_QUESTIONS", 0 if request.param == "few" else 8)
    monkeypatch.setattr(one_point, "FEWEST_CELLS", 2**8)
    monkeypatch.setattr(within, "FEW_POINTS", 10**9 if request.param == "few" else 0)
    monkeypatch.setattr(within, "SOME_POINTS", 0)
    monkeypatch.setattr(areas_module, "FINE_CELLS", 2**8)
    return request.param


def brute_force(shapes, points, k, limit):
    """Rank all shapes for each point by distance, then position."""
    expected = []
    for number, place in enumerate(points):
        every = shapely.distance(np.array(shapes, dtype=object), shapely.Point(place))
        ranked = sorted((d, at) for at, d in enumerate(every) if np.isfinite(d) and d <= limit)
        expected += [(number, *pair) for pair in ranked[:k]]
    return expected


@pytest.mark.slow
@given(shapes=SHAPES, points=POINTS, k=st.integers(1, 4), offset=st.sampled_from([0.0, 2e5]))
@settings(max_examples=120)
def test_every_speed_agrees_with_brute_force(shapes, points, k, offset):
    places = np.array(points, float) + offset
    moved = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy + offset)
    index = PlaneIndex.of(moved)
    found = index.query(*places.T, k)
    expected = brute_force(moved, places, k, np.inf)
    assert found.point.tolist() == [number for number, _, _ in expected]
    assert found.distance == pytest.approx([d for _, d, _ in expected], abs=1e-9)
    # The feature is the one expected, or one as near.
    for row, (number, d, _) in enumerate(expected):
        shape = moved[found.feature[row]]
        assert shape.distance(shapely.Point(places[number])) == pytest.approx(d, abs=1e-9)
        snapped = shapely.Point(found.x[row], found.y[row])
        assert shape.distance(snapped) == pytest.approx(0, abs=1e-9)
    pairs = list(zip(found.point.tolist(), found.feature.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)


@pytest.mark.slow
@given(shapes=SHAPES, points=POINTS, offset=st.sampled_from([0.0, 2e5]), far=st.booleans())
@settings(max_examples=60)
def test_one_point_has_the_answer_of_brute_force(shapes, points, offset, far):
    places = np.array(points, float) * (40 if far else 1) + offset  # far: no cell knows the answer
    moved = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy + offset)
    index = PlaneIndex.of(moved)
    for place in places.tolist():
        found = index.query_one(*place)
        if not (ranked := brute_force(moved, [place], 1, np.inf)):
            assert found is None
            continue
        (_, distance, feature) = ranked[0]
        assert np.sqrt(found.squared) == pytest.approx(distance, abs=1e-9)
        near = moved[found.feature].distance(shapely.Point(place))
        assert near == pytest.approx(distance, abs=1e-9)
        assert found.feature <= feature or near <= distance
        snapped = shapely.Point(found.x, found.y)
        assert moved[found.feature].distance(snapped) == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
def test_one_point_finds_what_many_find_over_a_large_layer(monkeypatch):
    monkeypatch.setattr(one_point, "PAIRS_AT_A_TIME", 2**10)
    rng = np.random.default_rng(11)
    steps = np.cumsum(rng.normal(0, 10, (400, 30, 2)), axis=1)
    lines = shapely.linestrings(steps + rng.uniform(0, 20_000, (400, 1, 2)))
    index = PlaneIndex.of(lines)
    places = rng.uniform(-15_000, 35_000, (500, 2))
    found = [index.query_one(*place) for place in places.tolist()]
    many = index.query(*places.T)
    assert [each.feature for each in found] == many.feature.tolist()
    assert [each.squared**0.5 for each in found] == pytest.approx(many.distance.tolist())
    assert [each.x for each in found] == pytest.approx(many.x.tolist())


def test_a_layer_of_few_lines_is_searched_in_few_cells(monkeypatch):
    monkeypatch.setattr(one_point, "FEWEST_CELLS", 2**14)  # as a served city has it
    index = PlaneIndex.of(np.array([shapely.LineString([(0, 0), (3, 1), (5, 5)])]))
    assert index.query_one(3, 1).squared == 0
    assert len(index._one_point._start) < 2**8


@pytest.mark.slow
@given(shapes=SHAPES, points=POINTS, limit=st.floats(0, 8))
@settings(max_examples=60)
def test_nothing_beyond_the_limit(shapes, points, limit):
    found = PlaneIndex.of(np.array(shapes, dtype=object)).query(
        *np.array(points, float).T, 2, limit
    )
    expected = brute_force(shapes, points, 2, limit)
    sure = [pair for pair in expected if pair[1] < limit - 1e-9]
    assert len(sure) <= len(found.point) <= len(brute_force(shapes, points, 2, limit + 1e-9))


@given(points=st.lists(PLACE, min_size=1, max_size=10), copies=st.integers(2, 5))
@settings(max_examples=40)
def test_equal_distances_come_in_the_order_of_the_features(points, copies):
    line = shapely.LineString([(0, 0), (3, 1), (5, 5)])
    index = PlaneIndex.of(np.array([line] * copies, dtype=object))
    found = index.query(*np.array(points, float).T, copies)
    assert found.feature.tolist() == list(range(copies)) * len(points)
    one = index.query(*np.array(points, float).T, 1)
    assert one.feature.tolist() == [0] * len(points)


def test_columns_of_a_table_are_searched_by_what_was_compiled_for_plain_arrays(speed):
    from mapserver.index import compiled_containment, compiled_lookup, compiled_nearest  # noqa: PLC0415 -- numba is heavy

    if speed == "few":
        pytest.skip("nothing is compiled for few points")
    places = np.array([[0.4, 0.5], [2.0, 3.0]])
    index = PlaneIndex.of(np.array([shapely.LineString([(0, 0), (3, 1), (5, 5)])]))
    areas = WithinIndex.of(np.array([shapely.box(0, 0, 1, 1)]))
    fixed = places.T.copy()
    fixed.flags.writeable = False
    for x, y in (places.T, places.T.copy(), fixed):
        assert index.query(x, y).feature.tolist() == [0, 0]
        assert [positions.tolist() for positions in areas.query(x, y)] == [[0], [0]]
    for compiled in (
        *(compiled_nearest._sort_by_cell, compiled_nearest._search_chunk),
        *(compiled_lookup._look_up_chunk, compiled_containment._encode_chunk),
    ):
        assert len(compiled.signatures) <= 1, compiled


@pytest.mark.slow
def test_a_large_layer_and_many_points_agree_with_shapely(speed):
    rng = np.random.default_rng(7)
    middles = rng.uniform(0, 50_000, (800, 2))
    steps = rng.normal(0, 12, (800, 30, 2)).cumsum(axis=1)
    lines = shapely.linestrings(middles[:, None, :] + steps)
    places = rng.uniform(-20_000, 70_000, (400 if speed == "few" else 20_000, 2))
    found = PlaneIndex.of(lines).query(*places.T)
    points = shapely.points(places)
    _, distance = shapely.STRtree(lines).query_nearest(
        points, return_distance=True, all_matches=False
    )
    assert np.allclose(found.distance, distance, rtol=1e-12, atol=1e-6)
    assert np.allclose(shapely.distance(points, lines[found.feature]), distance, atol=1e-6)


def test_one_line_one_segment_one_point():
    for shape in (
        shapely.LineString([(0, 0), (10, 0)]),
        shapely.Point(3, 0),
        shapely.LineString([(2, 0), (2, 0)]),
        shapely.LinearRing([(0, 0), (9, 0), (9, 9)]),
    ):
        index = PlaneIndex.of(np.array([shape], dtype=object))
        for place in ((5.0, 3.0), (1e6, -1e6), (0.0, 0.0)):
            found = index.query(np.array([place[0]]), np.array([place[1]]), 3)
            assert found.distance.tolist() == [pytest.approx(shape.distance(shapely.Point(place)))]


def test_nothing_to_find_and_nobody_who_asks():
    line = np.array([shapely.LineString([(0, 0), (1, 1)])], dtype=object)
    assert len(PlaneIndex.of(line).query(np.empty(0), np.empty(0)).point) == 0
    empty = np.array([None, shapely.Polygon()], dtype=object)
    assert len(PlaneIndex.of(empty).query(np.zeros(3), np.zeros(3)).point) == 0


# -- in areas ------------------------------------------------------------------------------------

RING = st.lists(PLACE, min_size=3, max_size=9, unique=True)


def areas_of(rings) -> np.ndarray:
    """Make valid areas, with holes and several parts where the rings cross themselves."""
    shapes = []
    for ring in rings:
        parts = shapely.get_parts(shapely.make_valid(shapely.Polygon(ring)))
        parts = [p for part in parts for p in shapely.get_parts(part)]
        polygons = [p for p in parts if p.geom_type == "Polygon" and p.area > 1e-6]
        whole = shapely.union_all(polygons)
        shapes.append(whole if whole.geom_type in {"Polygon", "MultiPolygon"} else None)
    return np.array(shapes, dtype=object)


def every_pair(areas, places) -> list[tuple[int, int]]:
    return [
        (number, at)
        for number, place in enumerate(places)
        for at, area in enumerate(areas)
        if area is not None and shapely.intersects_xy(area, *place)
    ]


@pytest.mark.slow
@given(rings=st.lists(RING, min_size=1, max_size=6), points=POINTS, data=st.data())
@settings(max_examples=150)
def test_areas_that_contain_a_point_are_those_that_geos_says(rings, points, data):
    areas = areas_of(rings)
    corners = shapely.get_coordinates(areas)
    if len(corners):  # and on corners, and between them, where rounding decides
        some = data.draw(st.lists(st.integers(0, len(corners) - 1), max_size=6))
        points = [*points, *corners[some], *((corners[some] + corners[some][::-1]) / 2)]
    places = np.array(points, float)
    point, feature = WithinIndex.of(areas).query(*places.T)
    assert list(zip(point.tolist(), feature.tolist(), strict=True)) == every_pair(areas, places)


@pytest.mark.slow
@given(
    rings=st.lists(RING, min_size=1, max_size=4),
    points=POINTS,
    margin=st.sampled_from([0.01, 0.3, 2.0]),
)
@settings(max_examples=100)
def test_points_nearer_to_an_edge_than_the_margin_are_left_to_others(rings, points, margin):
    areas = areas_of(rings)
    index = Areas.from_polygons(areas, margin)
    assume(index)
    edges = shapely.boundary(areas)
    corners = shapely.get_coordinates(areas)
    near = corners + margin * np.array([0.7, -0.7])  # and some about as far away as the margin
    for x, y in [*points, *near]:
        found = [0] * len(areas)
        count = kernels.search_containing(x, y, *index.views, len(areas), found)
        if count == kernels.UNSURE:
            # It may leave some more than it must.
            assert np.nanmin(shapely.distance(edges, shapely.Point(x, y))) < 2 * margin
        else:
            assert np.nanmin(shapely.distance(edges, shapely.Point(x, y))) > margin * (1 - 1e-9)
            assert found[:count] == [at for _, at in every_pair(areas, [(x, y)])]


def test_many_areas_and_points_agree_with_geos():
    rng = np.random.default_rng(11)
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    middles = rng.uniform(0, 10, (300, 2))
    radius = 0.4 + 0.2 * rng.random((300, 40))
    rings = middles[:, None] + radius[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    areas = shapely.polygons(rings)
    holed = np.array([area.difference(area.centroid.buffer(0.15)) for area in areas])
    places = rng.uniform(-1, 11, (4000, 2))
    point, feature = WithinIndex.of(holed).query(*places.T)
    found, area = shapely.STRtree(holed).query(shapely.points(places), predicate="intersects")
    assert sorted(zip(point, feature, strict=True)) == sorted(zip(found, area, strict=True))


def test_sums_over_rectangles_are_those_of_their_cells():
    rng = np.random.default_rng(8)
    counts = rng.integers(0, 5, (9, 7))
    sums = grid.tabulate_sums(counts)
    (south, north), (west, east) = (
        np.sort(rng.integers(0, n + 1, (2, 200)), axis=0) for n in (9, 7)
    )
    expected = [counts[s:n, w:e].sum() for s, n, w, e in zip(south, north, west, east, strict=True)]
    np.testing.assert_array_equal(grid.sum_rectangles(sums, west, south, east, north), expected)


def test_lists_are_made_for_those_who_ask_again():
    shapes = [shapely.LineString([(n, 0), (n, 5)]) for n in range(4)]
    index = PlaneIndex.of(np.array(shapes, dtype=object))
    places = [(0.3 * n, 0.2 * n) for n in range(module.FIRST_QUESTIONS)]
    first = [index.query_one(*place) for place in places]
    assert ("_one_point" in vars(index)) is False
    again = [index.query_one(*place) for place in places]
    assert ("_one_point" in vars(index)) is bool(places)
    assert again == first
