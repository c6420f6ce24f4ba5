"""No metre, no square metre and nobody is counted twice or lost, however the ground is divided."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from cities import ORIGIN, PLANE, in_plane
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from mapserver.analysis import access, trails
from mapserver.analysis import shops as shop_figures
from mapserver.readers.zones import dissolve_zones

GEOD = Geod(ellps="WGS84")
SIDE = 1000
seeds = st.integers(0, 2**32 - 1)


def tiling(rng: np.random.Generator, pieces: int = 8) -> list[shapely.Polygon]:
    """A square cut by random lines; neighbours share their borders to the last digit."""
    cuts = rng.uniform(-200, SIDE + 200, (pieces, 2, 2))
    box = shapely.box(0, 0, SIDE, SIDE)
    lines = shapely.node(shapely.union_all([box.boundary, *shapely.linestrings(cuts)]))
    made = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    return [piece for piece in made if box.covers(piece.representative_point())]


def areas_of(rng: np.random.Generator, tiles: list[shapely.Polygon]) -> gpd.GeoDataFrame:
    """Areas of several parts; some tiles belong to none."""
    owner = rng.integers(-1, 4, len(tiles))
    owner[0] = 0
    shapes = [
        shapely.union_all([tile for tile, of in zip(tiles, owner, strict=True) if of == area])
        for area in range(4)
    ]
    return in_plane([shape for shape in shapes if not shape.is_empty])


def trails_of(rng: np.random.Generator, areas: gpd.GeoDataFrame, count: int = 6):
    """Trails that wander, partly there and back, and one along a border to the last digit."""
    lines = []
    for _ in range(count):
        steps = rng.normal(0, 150, (rng.integers(1, 12), 2))
        way = rng.uniform(0, SIDE, 2) + np.r_[[[0, 0]], np.cumsum(steps, axis=0)]
        back = way[::-1][1 : rng.integers(2, len(way) + 1)]
        heights = rng.uniform(0, 50, len(way) + len(back))
        lines.append(shapely.LineString(np.column_stack([np.r_[way, back], heights])))
    frame = in_plane([shapely.force_2d(line) for line in lines])
    border = shapely.get_parts(areas.geometry.iloc[0])[0].exterior
    frame.loc[frame.index[0], "geometry"] = shapely.linestrings(border.coords)
    surface = rng.choice(["황토", "마사토", None], len(frame))
    return frame.assign(surface=surface, ascent_m=rng.uniform(0, 90, len(frame)))


def geodesic(geometries) -> float:
    return sum(GEOD.geometry_length(shapely.force_2d(line)) for line in geometries)


@pytest.mark.slow
@settings(max_examples=60)
@given(seeds)
def test_metres_add_up_over_any_tiling(seed):
    rng = np.random.default_rng(seed)
    areas = areas_of(rng, tiling(rng))
    ways = trails_of(rng, areas)
    whole = geodesic(ways.geometry)
    pieces = trails.split(ways, areas)
    table = trails.by_area(ways, areas)
    assert table["length_m"].sum() == pytest.approx(whole, abs=1e-6)
    assert table["ascent_m"].sum() == pytest.approx(ways["ascent_m"].sum(), abs=1e-6)
    assert table["trails"].sum() == len(ways)
    surfaces = trails.by_surface(ways, areas)
    assert surfaces.to_numpy().sum() == pytest.approx(whole, abs=1e-6)
    assert surfaces.sum(axis=1).tolist() == pytest.approx(table["length_m"].tolist(), abs=1e-6)
    for trail, parts in pieces.groupby("trail"):
        own = geodesic([ways.geometry[trail]])
        assert parts["length_m"].sum() == pytest.approx(own, abs=1e-6)
    # What a row says of its piece is what the piece measures, and it lies where the row says.
    for row in pieces.reset_index().itertuples():
        assert geodesic([row.geometry]) == pytest.approx(row.length_m, abs=1e-4)
        if row.area:
            outside = shapely.difference(row.geometry, areas.geometry[row.area])
            assert geodesic([outside]) < 1e-3


@pytest.mark.slow
@settings(max_examples=40)
@given(seeds)
def test_metres_belong_to_the_first_of_overlapping_areas(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, SIDE * 0.7, (5, 2))
    boxes = [
        shapely.box(x, y, x + w, y + h)
        for x, y, w, h in np.c_[corners, rng.uniform(99, 600, (5, 2))]
    ]
    areas = in_plane(boxes)
    ways = trails_of(rng, areas)
    pieces = trails.split(ways, areas)
    assert pieces["length_m"].sum() == pytest.approx(geodesic(ways.geometry), abs=1e-6)
    # Walk along each in short steps and ask each time where one is.
    for trail, line in ways.geometry.iloc[1:].items():
        found = dict.fromkeys([*areas.index, ""], 0.0)
        xy = shapely.get_coordinates(shapely.segmentize(line, 2e-6))
        _, _, metres = GEOD.inv(*xy[:-1].T, *xy[1:].T)
        middle = (xy[:-1] + xy[1:]) / 2
        inside = np.array([shapely.contains_xy(area, *middle.T) for area in areas.geometry])
        first = np.where(inside.any(axis=0), inside.argmax(axis=0), len(areas))
        for at, name in enumerate([*areas.index, ""]):
            found[name] = metres[first == at].sum()
        said = pieces.xs(trail, level="trail")["length_m"]
        for name, length in found.items():
            assert said.get(name, 0.0) == pytest.approx(length, abs=1.0)


@pytest.mark.slow
@settings(max_examples=40)
@given(seeds)
def test_zones_have_the_sums_of_their_neighborhoods(seed):
    rng = np.random.default_rng(seed)
    hoods = in_plane(tiling(rng))
    hoods = hoods.assign(name=hoods.index, zone=rng.choice(["가", "나", "다"], len(hoods)))
    zones = dissolve_zones(hoods)
    # A trail along a border belongs to one of two; which one, the order of ids decides.
    ways = trails_of(rng, hoods).iloc[1:]
    small, large = trails.by_area(ways, hoods), trails.by_area(ways, zones)
    sums = small["length_m"].groupby(hoods["zone"]).sum()
    assert large["length_m"].drop("").to_dict() == pytest.approx(sums.to_dict(), abs=1e-6)
    assert large.loc["", "length_m"] == pytest.approx(small.loc["", "length_m"], abs=1e-6)


@pytest.mark.slow
@settings(max_examples=30)
@given(seeds)
def test_people_and_ground_add_up_over_any_tiling(seed):
    rng = np.random.default_rng(seed)
    areas = areas_of(rng, tiling(rng))
    ways = trails_of(rng, areas, 2)
    blocks = tiling(rng, 5)  # other borders than the areas have
    homes = [shapely.Point(xy) for xy in rng.uniform(-100, SIDE + 100, (20, 2))]
    counts = rng.integers(0, 500, (len(blocks) + len(homes), 2))
    people = in_plane([*blocks, *homes], 노인=counts[:, 0], 아동=counts[:, 1])
    table = access.within_reach(areas, ways, PLANE, (100, 400), population=people).reset_index()
    each, every = table[~table["area"].isin(["all", ""])], table[table["area"] == "all"]
    beyond = table[table["area"] == ""].set_index("distance_m")
    union = shapely.union_all(areas.geometry.to_numpy())
    ground = abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(union))[0])
    for metres, one in each.groupby("distance_m"):
        total = every.set_index("distance_m").loc[metres]
        assert one["area_m2"].sum() == pytest.approx(ground, rel=1e-9)
        assert total["area_m2"] == pytest.approx(ground, rel=1e-9)
        for column, number in zip(["노인", "아동"], counts.sum(axis=0), strict=True):
            outside = beyond[column].get(metres, 0.0)
            assert one[column].sum() + outside == pytest.approx(number, abs=1e-6)
            assert one[f"{column}_reached"].sum() == pytest.approx(total[f"{column}_reached"])
            assert (one[f"{column}_reached"] <= one[column] * (1 + 1e-9)).all()
    near, far = (
        each[each["distance_m"] == metres]["reached_m2"].to_numpy() for metres in (100, 400)
    )
    assert (near <= far * (1 + 1e-9)).all()


@pytest.mark.slow
def test_people_of_a_block_are_those_of_a_fine_raster():
    rng = np.random.default_rng(3)
    areas = areas_of(rng, tiling(rng))
    ways = trails_of(rng, areas, 2)
    blocks = tiling(rng, 4)
    people = in_plane(blocks, people=rng.integers(100, 900, len(blocks)))
    found = access.within_reach(areas, ways, PLANE, (150,), population=people).droplevel(
        "distance_m"
    )
    xy = rng.uniform(0, SIDE, (400_000, 2)) + np.array(ORIGIN)
    weight = np.zeros(len(xy))
    for block, number in zip(people.to_crs(PLANE).geometry, people["people"], strict=True):
        inside = shapely.contains_xy(block, *xy.T)
        weight[inside] = number / inside.sum()
    lines = shapely.union_all(ways.to_crs(PLANE).geometry.to_numpy())
    near = shapely.dwithin(shapely.points(xy), lines, 150)
    for id_, area in areas.to_crs(PLANE).geometry.items():
        inside = shapely.contains_xy(area, *xy.T)
        assert found.loc[id_, "people"] == pytest.approx(weight[inside].sum(), abs=12)
        assert found.loc[id_, "people_reached"] == pytest.approx(
            weight[inside & near].sum(), abs=12
        )


def test_a_way_walked_there_and_back_counts_twice_where_it_is_walked_twice():
    areas = in_plane([shapely.box(0, 0, 500, 100), shapely.box(500, 0, 1000, 100)])
    there_and_back = in_plane([shapely.LineString([(700, 50), (100, 50), (500, 50)])])
    found = trails.by_area(there_and_back, areas)["length_m"]
    assert found["0"] == pytest.approx(400 + 400, rel=1e-3)
    assert found["1"] == pytest.approx(200, rel=1e-3)


def test_a_trail_without_a_line_is_counted_outside():
    areas = in_plane([shapely.box(0, 0, 500, 100)])
    ways = in_plane([shapely.LineString([(100, 50), (200, 50)]), shapely.LineString()])
    ways.loc["2"] = None
    table = trails.by_area(ways.set_crs(4326), areas)
    assert table["trails"].to_dict() == {"0": 1, "": 2}
    assert table["length_m"].sum() == pytest.approx(100, rel=1e-3)


def test_a_kind_of_facility_named_as_a_column_of_ours_is_told_apart():
    areas = in_plane([shapely.box(0, 0, 500, 100)])
    ways = in_plane([shapely.LineString([(100, 50), (200, 50)])])
    found = in_plane([shapely.Point(5, 5), shapely.Point(900, 5)], kind=["trails", None])
    table = trails.by_area(ways, areas, found)
    assert table["trails"].sum() == 1
    assert table["facility_trails"].to_dict() == {"0": 1, "": 0}
    assert table["other"].to_dict() == {"0": 0, "": 1}


# -- real boundaries ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("file", ["seogu_dong.geojson", "seogu_dong_kostat2018.geojson"])
def test_totals_add_up_on_real_boundaries(test_data, sample_city, file):
    """The second file overlaps itself by slivers, and one of its polygons is broken."""
    dongs = gpd.read_file(test_data / file)
    dongs = dongs.set_index(dongs["adm_cd"].rename("id")).sort_index()
    dongs.geometry = shapely.make_valid(dongs.geometry.to_numpy())
    zone = pd.read_csv(test_data / "zones.csv").set_index("neighborhood")["zone"]
    dongs["zone"] = dongs["name"].map(zone)
    zones = dissolve_zones(dongs)
    whole = geodesic(sample_city.trails.geometry)
    for areas in (dongs, zones):
        table = trails.by_area(sample_city.trails, areas, sample_city.facilities)
        assert table["length_m"].sum() == pytest.approx(whole, abs=1e-6)
        kinds = sorted(set(sample_city.facilities["kind"]))
        assert table[kinds].to_numpy().sum() == len(sample_city.facilities)
        counted = shop_figures.figures(sample_city.shops, areas)
        inside = shop_figures.assign(sample_city.shops, areas).notna().sum()
        assert counted["shops"].sum() == inside
    small = trails.by_area(sample_city.trails, dongs)["length_m"].groupby(dongs["zone"]).sum()
    large = trails.by_area(sample_city.trails, zones)["length_m"].drop("")
    assert large.to_dict() == pytest.approx(small.to_dict(), abs=1e-6)


def test_people_of_other_borders_add_up_on_real_boundaries(test_data, sample_city):
    """People by the neighbourhoods of 2018, asked for by those of 2021, which differ by 380 m."""
    now = gpd.read_file(test_data / "seogu_dong.geojson").set_index("name")
    then = gpd.read_file(test_data / "seogu_dong_kostat2018.geojson")
    then.geometry = shapely.make_valid(then.geometry.to_numpy())
    then["people"] = np.arange(1, len(then) + 1) * 1000
    table = access.within_reach(
        now, sample_city.trails, sample_city.metric_crs, population=then, people=["people"]
    )
    for metres, rows in table.groupby("distance_m"):
        one = rows["people"].droplevel("distance_m")
        assert one.drop(["all", ""]).sum() == pytest.approx(one["all"], abs=1e-6)
        assert one["all"] + one[""] == pytest.approx(then["people"].sum(), abs=1e-6)
        assert 0 < one[""] < 0.05 * then["people"].sum(), metres
    ground = table.xs(100, level="distance_m")["area_m2"]
    stated = pd.read_csv(test_data / "dongs.csv").set_index("name")
    column = next(c for c in stated if "area" in c)
    unit = 1e6 if "km2" in column else 1.0
    for name, area in stated[column].items():
        assert ground[name] == pytest.approx(area * unit, rel=1e-3)


def test_the_real_trails_of_seoul_add_up_over_any_tiling(test_data):
    ways = gpd.read_file(test_data / "kr_trail_seoul" / "DoDreamWay01_L_W.shp", encoding="cp949")
    rng = np.random.default_rng(1)
    west, south, east, north = ways.total_bounds
    tiles = [
        shapely.transform(tile, lambda xy: xy / SIDE * (east - west, north - south) + (west, south))
        for tile in tiling(rng, 14)
    ]
    areas = gpd.GeoDataFrame(geometry=tiles, crs=4326)
    table = trails.by_area(ways, areas)
    assert table["length_m"].sum() == pytest.approx(geodesic(ways.geometry), abs=1e-6)
    assert table["trails"].sum() == len(ways) == 79
    middle = table["length_m"].drop("")
    by_overlay = [geodesic([tile.intersection(w) for w in ways.geometry]) for tile in tiles]
    assert middle.tolist() == pytest.approx(by_overlay, rel=0.02)
