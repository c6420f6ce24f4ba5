"""In which district: no disagreement with asking every polygon, borders included."""

from __future__ import annotations

import sys
import tracemalloc

import geopandas as gpd
import numpy as np
import oracle
import pytest
import shapely
from cities import city_of, frame_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from mapserver.errors import NotFoundError, QueryError
from mapserver.geo import geodesy
from mapserver.index import WithinIndex, projected, within

AROUND = st.tuples(st.floats(126.79, 126.92), st.floats(35.08, 35.19))


def found_in(city, layer, lon, lat) -> list[str]:
    points = gpd.GeoDataFrame(geometry=[shapely.Point(lon, lat)], crs=4326)
    column = city.join(points, layer=layer).iloc[:, -2]
    return sorted(column.dropna())


@pytest.mark.slow
@given(point=AROUND)
@settings(max_examples=150)
def test_areas_of_the_sample(sample_city, point):
    for layer in ("districts", "neighborhoods", "zones"):
        frame = sample_city.layers[layer]
        expected = frame.index[oracle.containing(frame.geometry.to_numpy(), *point)]
        assert found_in(sample_city, layer, *point) == sorted(expected)


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=60)
def test_corners_and_edges_of_the_sample_lie_in_what_they_bound(sample_city, data):
    frame = sample_city.neighborhoods
    at = data.draw(st.integers(0, len(frame) - 1))
    corners = shapely.get_coordinates(frame.geometry.iloc[at])
    corner = corners[data.draw(st.integers(0, len(corners) - 1))]
    found = found_in(sample_city, "neighborhoods", *corner)
    assert frame.index[at] in found
    assert found == sorted(frame.index[oracle.containing(frame.geometry.to_numpy(), *corner)])


GRID = st.tuples(st.integers(0, 6), st.integers(0, 6))


@pytest.mark.slow
@given(
    rings=st.lists(st.lists(GRID, min_size=3, max_size=7, unique=True), min_size=1, max_size=6),
    points=st.lists(GRID, min_size=1, max_size=12),
)
@settings(max_examples=200)
def test_random_areas_touching_nested_and_overlapping(rings, points):
    areas = [
        shapely.make_valid(shapely.Polygon(np.array(r) * 0.001 + (126.85, 35.14))) for r in rings
    ]
    areas = [area for area in areas if area.area > 0]
    assume(areas)
    areas = [
        shapely.MultiPolygon([p for p in shapely.get_parts(a) if p.geom_type == "Polygon"])
        for a in areas
    ]
    city = city_of(districts=frame_of(areas))
    lons, lats = (np.array(points) * 0.001 + (126.85, 35.14)).T
    asked = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lons, lats), crs=4326)
    joined = city.join(asked)
    for row in range(len(points)):
        mine = joined.loc[[row], "district_id"].dropna().astype(int).tolist()
        assert mine == oracle.containing(np.array(areas, dtype=object), lons[row], lats[row])


def test_holes_are_outside_and_their_edge_is_inside():
    outer, hole = (
        shapely.box(126.85, 35.14, 126.88, 35.17),
        shapely.box(126.86, 35.15, 126.87, 35.16),
    )
    city = city_of(districts=frame_of([outer.difference(hole), hole]))
    assert found_in(city, "districts", 126.865, 35.155) == ["1"]
    assert found_in(city, "districts", 126.86, 35.155) == ["0", "1"]
    assert found_in(city, "districts", 126.855, 35.155) == ["0"]
    assert found_in(city, "districts", 126.9, 35.155) == []


def test_locate_tells_everything_about_a_place(sample_city):
    district = sample_city.districts.iloc[0]
    inside = district.geometry.representative_point()
    place = sample_city.locate(inside.x, inside.y)
    assert place.in_city
    assert [d.name for d in place.districts] == [district["name"]]
    assert place.neighborhood.name == district["neighborhood"]
    assert place.zone.name == sample_city.neighborhoods["zone"][place.neighborhood.id]
    assert place.nearest_district is None
    border_m = oracle.distance_m(district.geometry.boundary, inside.x, inside.y)
    assert place.border_distance_m == pytest.approx(border_m, abs=oracle.tolerance_m(border_m))


def test_locate_outside_every_district_names_the_nearest(sample_city):
    place = sample_city.locate(126.80, 35.05)
    assert (place.in_city, place.districts, place.neighborhood, place.zone) == (
        False,
        (),
        None,
        None,
    )
    truth = oracle.distances_m(sample_city.districts.geometry, 126.80, 35.05)
    assert place.nearest_district.id == sample_city.districts.index[truth.argmin()]
    assert place.nearest_district.distance_m == pytest.approx(truth.min(), rel=0.001)
    assert place.border_distance_m == place.nearest_district.distance_m


def test_a_point_on_the_border_of_two_lies_in_both(sample_city):
    first, second = next(
        (a, b)
        for a in sample_city.neighborhoods.index
        for b in sample_city.neighborhoods.index
        if a < b and shared(sample_city, a, b).length > 0.001
    )
    corner = shapely.get_coordinates(shared(sample_city, first, second))[1]
    assert {first, second} <= set(found_in(sample_city, "neighborhoods", *corner))
    assert sample_city.locate(*corner).neighborhood.id == first


def shared(city, first, second):
    areas = city.neighborhoods.geometry
    return areas[first].boundary.intersection(areas[second].boundary)


def test_a_city_without_areas_answers_all_the_same():
    city = city_of(trails=frame_of([shapely.LineString([(126.85, 35.14), (126.86, 35.14)])]))
    place = city.locate(126.85, 35.14)
    assert place.as_dict() | {"lon": 0, "lat": 0} == {
        "lon": 0,
        "lat": 0,
        "in_city": False,
        "districts": [],
        "neighborhood": None,
        "zone": None,
        "nearest_district": None,
        "border_distance_m": None,
    }
    with pytest.raises(NotFoundError):
        city.join(gpd.GeoDataFrame(geometry=gpd.points_from_xy([126.85], [35.14]), crs=4326))


@pytest.mark.slow
def test_real_boundaries_without_an_index(test_data):
    for file in ("seogu_dong.geojson", "gwangju_gu.geojson"):
        areas = gpd.read_file(test_data / file)
        city = city_of(districts=frame_of(areas.geometry))
        rng = np.random.default_rng(3)
        west, south, east, north = areas.total_bounds
        lons, lats = rng.uniform(west, east, 3000), rng.uniform(south, north, 3000)
        asked = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lons, lats), crs=4326)
        joined = city.join(asked)["district_id"].dropna().astype(int)
        truth = [
            (row, at)
            for at, area in enumerate(areas.geometry)
            for row in np.flatnonzero(shapely.intersects_xy(area, lons, lats))
        ]
        assert sorted(zip(joined.index, joined, strict=True)) == sorted(truth)


@pytest.mark.parametrize(
    ("place", "areas"),
    [
        ((0.5, 0.5), [0]),
        ((3.5, 0.5), [1]),
        ((2.0, 0.5), []),  # between both, in the grid
        ((0.5, 1.0), [0]),  # on a border
        ((0.5, 1.5), []),
        ((-9.0, 0.5), []),  # beyond the grid
        ((0.5, 9.0), []),
        ((np.nan, 0.5), []),
        ((0.5, np.inf), []),
    ],
)
def test_one_point_lies_in_one_area_or_in_none(place, areas):
    index = WithinIndex.of(np.array([shapely.box(0, 0, 1, 1), shapely.box(3, 0, 4, 1)], object))
    assert index.query_one(*place) == areas


def test_one_point_in_more_areas_than_there_is_room_for():
    nested = np.array([shapely.box(-n, -n, n, n) for n in range(1, 12)], dtype=object)
    index = WithinIndex.of(nested)
    assert index.query_one(0.0, 0.0) == list(range(11))
    assert index.query_one(6.5, 0.0) == [6, 7, 8, 9, 10]
    assert index.query_one(50.0, 0.0) == []


@pytest.mark.slow
@pytest.mark.parametrize("code", [5186, 5179, 5174, 32652, 3857, 4737])
@pytest.mark.parametrize("layer", ["districts", "neighborhoods", "overlapping"])
def test_points_of_a_plane_lie_where_their_degrees_do(sample_city, monkeypatch, code, layer):
    monkeypatch.setattr(projected, "MANY_POINTS", 0)
    rng = np.random.default_rng(code)
    if layer == "overlapping":
        places = shapely.centroid(sample_city.districts.geometry.to_numpy())
        areas = shapely.buffer(places, rng.uniform(0.002, 0.02, len(places)))
    else:
        areas = sample_city.layers[layer].geometry.to_numpy()
    corners = shapely.get_coordinates(shapely.segmentize(areas, 0.002))
    close = corners + rng.normal(0, 1, corners.shape) * rng.choice(
        [1e-9, 1e-7, 1e-5], (len(corners), 1)
    )
    west, south, east, north = sample_city.bounds
    anywhere = rng.uniform((west - 0.05, south - 0.05), (east + 0.05, north + 0.05), (3_000, 2))
    to = geodesy.build_transformer(geodesy.LONLAT, CRS.from_epsg(code))
    x, y = to.transform(*np.concatenate([corners, close, anywhere]).T)
    index = WithinIndex.of(areas)
    found = index.find_containment(CRS.from_epsg(code), x, y).list_pairs()
    expected = index.query(
        *geodesy.build_transformer(CRS.from_epsg(code), geodesy.LONLAT).transform(x, y)
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("margin_points", [0, 600_000])
def test_many_points_on_corners_and_level_edges_are_in_what_these_bound(margin_points):
    # Places of a lattice: points on corners, on level and other edges, and level with corners;
    # then so many others beside them that points are sorted by cell in larger lots.
    rng = np.random.default_rng(11)
    corners = rng.integers(0, 13, (60, 3, 2)) * 0.5
    areas = shapely.polygons(corners)
    areas = areas[shapely.area(areas) > 0]
    lattice = np.stack(np.meshgrid(np.arange(-1, 27), np.arange(-1, 27)), -1).reshape(-1, 2) * 0.25
    places = np.resize(lattice, (8_000, 2))
    # Most stand beside the areas; each place of the lattice is somewhere among them.
    beside = rng.uniform((7.0, 7.0), (8.0, 8.0), (margin_points, 2))
    x, y = rng.permutation(np.concatenate([places, beside])).T
    point, feature = WithinIndex.of(areas).query(x, y)
    near = np.flatnonzero(x < 7.0)
    inside = shapely.intersects_xy(areas[:, None], x[near], y[near])
    expected = np.argwhere(inside.T)
    np.testing.assert_array_equal(point, near[expected[:, 0]])
    np.testing.assert_array_equal(feature, expected[:, 1])


@pytest.mark.parametrize("code", [4326, 5186])
def test_many_points_in_areas_over_one_another_have_the_rows_of_a_join(code):
    rng = np.random.default_rng(5)
    middles = rng.uniform((126.8, 35.1), (126.9, 35.2), (40, 2))
    areas = shapely.buffer(shapely.points(middles), rng.uniform(0.002, 0.02, 40))
    lon, lat = rng.uniform((126.78, 35.08), (126.92, 35.22), (30_000, 2)).T
    points = gpd.GeoDataFrame(
        {"number": np.arange(len(lon))}, geometry=gpd.points_from_xy(lon, lat), crs=4326
    )
    frame = frame_of(areas)
    expected = points.sjoin(frame, how="left", predicate="intersects")
    joined = city_of(districts=frame).join(points.to_crs(code))
    assert list(joined.index) == list(expected.index)
    assert list(joined["number"]) == list(expected["number"])
    both = [
        sorted(zip(table["number"], table[column].fillna("none"), strict=True))
        for table, column in ((joined, "district_id"), (expected, "id"))
    ]
    assert both[0] == both[1]


def test_names_of_many_points_are_those_of_their_districts_and_missing_where_there_is_none():
    areas = [shapely.box(126.80 + n / 100, 35.1, 126.805 + n / 100, 35.2) for n in range(6)]
    frame = frame_of(areas, name=["가", None, "", "Nana", "다섯 글자 이름", "ㅂ"])
    frame["name"] = frame["name"].astype("str")
    rng = np.random.default_rng(8)
    lon, lat = rng.uniform((126.79, 35.09), (126.87, 35.21), (40_000, 2)).T
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    joined = city_of(districts=frame).join(points)
    assert joined["district_name"].dtype == frame["name"].dtype
    expected = joined["district_id"].map(frame["name"])
    assert expected.notna().sum() > 5_000
    assert joined["district_name"].isna().tolist() == expected.isna().tolist()
    assert joined["district_name"].dropna().tolist() == expected.dropna().tolist()
    inside = shapely.intersects_xy(shapely.union_all(areas), lon, lat)
    assert joined["district_id"].notna().tolist() == inside.tolist()


@pytest.mark.slow
def test_what_lies_at_one_place_is_a_point_and_what_does_not_is_named():
    city = city_of(districts=frame_of([shapely.box(126.85, 35.14, 126.86, 35.15)]))
    place, line = shapely.Point(126.855, 35.145), shapely.LineString([(0, 0), (1, 0)])
    one = gpd.GeoSeries([place, shapely.MultiPoint([place])], crs=4326)
    assert list(city.join(gpd.GeoDataFrame(geometry=one))["district_id"]) == ["0", "0"]
    for wrong in (place.buffer(0.001), shapely.Point(), None, line, shapely.Point(np.inf, 0)):
        frame = gpd.GeoDataFrame(geometry=[place, wrong], index=["good", "wrong"], crs=4326)
        with pytest.raises(QueryError, match="wrong"):
            city.join(frame)
    for many in (1, 50_000):  # longitude and latitude changed over, in the last row
        lon, lat = np.append(np.full(many, 126.855), 35.145), np.append(np.full(many, 35.1), 126.8)
        with pytest.raises(QueryError, match="latitude"):
            city.join(gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326))


def test_of_a_collection_only_what_has_an_area_contains_points():
    square = shapely.box(126.85, 35.14, 126.86, 35.15)
    line = shapely.LineString([(126.84, 35.145), (126.87, 35.145)])
    index = WithinIndex.of(
        np.array([shapely.GeometryCollection([line, square]), line], dtype=object)
    )
    lon, lat = np.array([126.845, 126.855, 126.865]), np.full(3, 35.145)
    for times in (1, 1_000):  # one by one, and compiled
        point, feature = index.query(np.tile(lon, times), np.tile(lat, times))
        assert list(point[:2]) == [1, 4][: len(point)]
        assert set(feature) == {0}


@pytest.mark.slow
def test_an_index_of_many_areas_takes_little_memory_and_little_more_while_it_is_built():
    rng = np.random.default_rng(9)
    turn = np.linspace(0, 2 * np.pi, 150, endpoint=False)
    middles = np.stack(np.meshgrid(np.arange(60), np.arange(60)), axis=-1).reshape(-1, 1, 2)
    radius = 0.4 + 0.02 * rng.random((len(middles), len(turn), 1))
    around = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    polygons = shapely.polygons(126 + 0.01 * (middles + radius * around))
    vertices = shapely.get_num_coordinates(polygons).sum()
    tracemalloc.start()
    index = WithinIndex.of(polygons)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert index.query_one(126.0, 126.0) == [0]
    assert held / vertices < 120
    assert most / vertices < 400


def test_long_edges_that_bend_in_the_plane_are_followed():
    # 200 km along a parallel: in the plane it is 500 m away from the straight line at its middle.
    area = np.array([shapely.box(126, 35, 128, 36)], dtype=object)
    crs = CRS.from_epsg(5186)
    to = geodesy.build_transformer(geodesy.LONLAT, crs)
    lon = np.linspace(126.01, 127.99, 40_000)
    for lat, inside in ((35.0001, True), (34.9999, False), (35.9999, True), (36.0001, False)):
        plane = to.transform(lon, np.full_like(lon, lat))
        point, _ = WithinIndex.of(area).find_containment(crs, *plane).list_pairs()
        assert len(point) == (len(lon) if inside else 0)


def test_the_shops_of_a_large_city_are_placed_before_numba_would_be_loaded(monkeypatch):
    def load(*_):
        raise AssertionError("the compiled search was loaded")

    monkeypatch.setattr(within, "find_containment", load)
    index = WithinIndex.of(np.array([shapely.box(126, 35, 127, 36)], dtype=object))
    lon, lat = np.random.default_rng(1).uniform((126.1, 35.1), (126.9, 35.9), (4_000, 2)).T
    point, feature = index.query(lon, lat)
    assert (len(point), set(feature.tolist())) == (4_000, {0})


def test_some_thousand_points_are_answered_without_loading_the_compiled_search(monkeypatch):
    places = np.random.default_rng(18).uniform(0, 3, (within.FEW_POINTS + 1, 2))
    squares = [shapely.box(x, y, x + 1.2, y + 1.2) for x in range(2) for y in range(2)]
    index = WithinIndex.of(squares)
    with monkeypatch.context() as compiled:
        compiled.setattr(within, "SOME_POINTS", 0)
        expected = index.query(*places.T)

    def load(*_):
        raise AssertionError("the compiled search was loaded")

    monkeypatch.setattr(within, "find_containment", load)
    monkeypatch.delitem(sys.modules, within.COMPILED)
    assert np.array_equal(index.query(*places.T), expected)
