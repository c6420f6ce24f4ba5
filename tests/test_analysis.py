"""Every figure of the analyses, worked out another way: by hand, by raster, or by brute force."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS, Geod

from mapserver.analysis import access, change, meetings, trails, walks
from mapserver.analysis import shops as shop_figures
from mapserver.analysis.network import Network

GEOD = Geod(ellps="WGS84")
PLANE = CRS.from_epsg(5186)


def in_plane(shapes, **columns) -> gpd.GeoDataFrame:
    """Features drawn in metres about a place in Gwangju, as a layer has them: in degrees."""
    moved = [
        shapely.transform(shape, lambda xy: np.add(xy, (186_000, 282_000))) for shape in shapes
    ]
    frame = gpd.GeoDataFrame(columns, geometry=moved, crs=PLANE).to_crs(4326)
    frame.index = pd.Index([str(i) for i in range(len(frame))], name="id", dtype="str")
    return frame


def _moved(xyz):
    return xyz + np.array([186_000, 282_000, 0])


def line(*corners) -> shapely.LineString:
    return shapely.LineString(corners)


LEFT, RIGHT = shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)
AREAS = in_plane([LEFT, RIGHT], name=["왼쪽", "오른쪽"])
# One across both, one along their border, one half outside.
BORDER = shapely.LineString(shapely.get_coordinates(AREAS.geometry["0"])[:2])
TRAILS = in_plane(
    [line((800, 500), (1400, 500)), line((1000, 0), (1000, 1000)), line((1900, 800), (2300, 800))],
    name=["가로", "경계", "밖"],
    surface=["황토", "황토", None],
)
TRAILS.loc["1", "geometry"] = BORDER  # to the last digit


# -- trails -------------------------------------------------------------------------------------


def test_a_trail_is_cut_at_the_border_and_no_metre_is_lost_or_counted_twice():
    pieces = trails.split(TRAILS, AREAS)
    found = {(row.trail, row.area): row.length_m for row in pieces.itertuples()}
    # The plane is true to scale here to 1 in 10,000.
    assert found == {
        ("0", "0"): pytest.approx(200, rel=1e-3),
        ("0", "1"): pytest.approx(400, rel=1e-3),
        ("1", "0"): pytest.approx(1000, rel=1e-3),
        ("2", "1"): pytest.approx(100, rel=1e-3),
        ("2", ""): pytest.approx(300, rel=1e-3),
    }
    table = trails.by_area(TRAILS, AREAS)
    assert table["trails"].to_dict() == {"0": 1, "1": 1, "": 1}
    assert table["trails_through"].to_dict() == {"0": 2, "1": 2, "": 1}
    whole = sum(GEOD.geometry_length(shape) for shape in TRAILS.geometry)
    assert table["length_m"].sum() == pytest.approx(whole, abs=1e-6)


def test_totals_of_the_sample_add_up_by_every_division(sample_city):
    city = sample_city
    whole = sum(GEOD.geometry_length(shape) for shape in city.trails.geometry)
    climbed = city.trails["ascent_m"].sum()
    for areas in (city.neighborhoods, city.zones, city.districts):
        table = trails.by_area(city.trails, areas, city.facilities)
        assert table["length_m"].sum() == pytest.approx(whole, abs=1e-6)
        assert table["ascent_m"].sum() == pytest.approx(climbed, abs=1e-6)
        assert table["trails"].sum() == len(city.trails)
        assert table[sorted(set(city.facilities["kind"]))].to_numpy().sum() == len(city.facilities)
        surfaces = trails.by_surface(city.trails, areas)
        assert surfaces.to_numpy().sum() == pytest.approx(whole, abs=1e-6)
        assert trails.by_surface(city.trails).loc["all"].to_dict() == pytest.approx(
            surfaces.sum().to_dict()
        )
    # Neighbourhoods are the parts of zones: their sums are the zones' numbers.
    of_zone = city.neighborhoods["zone"]
    small = trails.by_area(city.trails, city.neighborhoods)["length_m"].groupby(of_zone).sum()
    large = trails.by_area(city.trails, city.zones)["length_m"]
    for zone, name in city.zones["name"].items():
        assert large[zone] == pytest.approx(small[name], rel=0.02)


def test_heights_are_shared_by_where_the_climb_is():
    up = shapely.LineString([(800, 500, 10), (1000, 500, 10), (1400, 500, 50)])
    one = gpd.GeoDataFrame(geometry=[shapely.transform(up, _moved, include_z=True)], crs=PLANE)
    one = one.to_crs(4326).assign(ascent_m=40.0).set_index(pd.Index(["0"], name="id"))
    pieces = trails.split(one, AREAS).set_index("area")["ascent_m"]
    assert pieces.to_dict() == {"0": pytest.approx(0, abs=1e-6), "1": pytest.approx(40)}


def test_each_trail_is_described():
    loop = line(*[(100 * np.cos(t), 100 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 200)])
    bent = line((0, 0), (300, 0), (300, 400))
    table = trails.by_trail(in_plane([loop, bent], name=["돌이", "굽이"]))
    assert table["loop"].tolist() == [True, False]
    assert np.isnan(table["sinuosity"].iloc[0])
    assert table["sinuosity"].iloc[1] == pytest.approx(700 / 500, rel=1e-4)
    assert table["length_m"].tolist() == pytest.approx([2 * np.pi * 100, 700], rel=1e-3)


# -- access -------------------------------------------------------------------------------------


def test_the_share_within_reach_is_that_of_a_raster(sample_city):
    city = sample_city
    found = access.within_reach(city.neighborhoods, city.trails, city.metric_crs, (300,))
    found = found.set_index("area")
    lines = shapely.union_all(city.trails.to_crs(city.metric_crs).geometry.to_numpy())
    rng = np.random.default_rng(7)
    for id_ in ("chipyeong", "pungam", "hwajeong3"):
        shape = city.neighborhoods.to_crs(city.metric_crs).geometry[id_]
        west, south, east, north = shape.bounds
        xy = rng.uniform((west, south), (east, north), (40_000, 2))
        xy = xy[shapely.contains_xy(shape, *xy.T)]
        near = shapely.distance(shapely.points(xy), lines) <= 300
        assert found.loc[id_, "share"] == pytest.approx(near.mean(), abs=0.02)
    each = found.drop("all")
    assert each["reached_m2"].sum() == pytest.approx(found.loc["all", "reached_m2"], rel=1e-3)
    assert each["area_m2"].sum() == pytest.approx(found.loc["all", "area_m2"], rel=1e-6)


def test_reach_of_a_straight_trail_by_hand():
    across = in_plane([line((0, 500), (1000, 500))])
    found = access.within_reach(AREAS, across, PLANE, (100, 250)).set_index(["area", "distance_m"])
    assert found.loc[("0", 100), "share"] == pytest.approx(0.2, abs=1e-6)
    assert found.loc[("0", 250), "share"] == pytest.approx(0.5, abs=1e-6)
    # Beyond its end half a circle reaches over the border.
    assert found.loc[("1", 100), "share"] == pytest.approx(np.pi * 0.1**2 / 2, rel=1e-3)
    assert found.loc[("0", 100), "area_m2"] == pytest.approx(1e6, rel=1e-3)
    assert found.loc[("0", 100), "walk_min"] == pytest.approx(1.5)


def test_people_are_counted_by_where_they_live():
    across = in_plane([line((0, 500), (1000, 500))])
    homes = in_plane([shapely.Point(500, 450), shapely.Point(500, 900)], 노인=[30, 10], 아동=[5, 0])
    found = access.within_reach(AREAS, across, PLANE, (100,), population=homes).set_index("area")
    assert found.loc["0", ["노인", "노인_reached", "아동_share"]].tolist() == [40, 30, 1]
    # Spread evenly over a block, a fifth of whose ground is within reach.
    block = in_plane([shapely.box(0, 0, 1000, 1000)], people=[1000])
    spread = access.within_reach(AREAS, across, PLANE, (100,), population=block).set_index("area")
    assert spread.loc["0", "people_share"] == pytest.approx(0.2, abs=0.03)
    assert spread.loc["0", "people"] == pytest.approx(1000, rel=0.03)
    assert spread.loc["all", "people"] == pytest.approx(1000)


def test_a_network_leads_around_what_lies_between():
    # A river from south to north with one bridge in the south; the trail is on the far bank.
    paths = in_plane(
        [
            line((0, 900), (400, 900)),
            line((400, 900), (400, 0)),
            line((400, 0), (600, 0)),
            line((600, 0), (600.2, 900)),
        ]
    )
    trail = in_plane([line((600, 850), (600, 900))])
    network = Network.of(paths, PLANE)
    walk = network.walks(in_plane([shapely.Point(400, 900)]).geometry, trail).iloc[0]
    assert walk["straight_m"] == pytest.approx(200, abs=0.5)
    assert walk["distance_m"] == pytest.approx(900 + 200 + 850, abs=10)
    assert walk["detour"] == pytest.approx(9.75, abs=0.1)
    area = in_plane([shapely.box(0, 0, 700, 900)])
    straight = access.within_reach(area, trail, PLANE, (300,)).set_index("area").loc["0", "share"]
    walked = access.within_reach(area, trail, PLANE, (300,), network=network).set_index("area")
    assert walked.loc["0", "share"] < 0.6 * straight


def test_the_network_agrees_with_a_search_by_hand():
    """Dijkstra over a grid of streets is the sum of the steps in both directions."""
    streets = [line((0, y), (600, y)) for y in range(0, 601, 100)]
    streets += [line((x, 0), (x, 600)) for x in range(0, 601, 100)]
    grid = shapely.get_parts(shapely.node(shapely.union_all(streets)))
    network = Network.of(in_plane(list(grid)), PLANE)
    trail = in_plane([line((0, 0), (0, 0.5))])
    homes = [(100, 0), (300, 400), (600, 600), (250, 100)]
    found = network.walks(in_plane([shapely.Point(*xy) for xy in homes]).geometry, trail)
    assert found["distance_m"].tolist() == pytest.approx([x + y for x, y in homes], abs=1)


def test_a_gap_is_where_nobody_is_served():
    across = in_plane([line((0, 100), (2000, 100))])
    homes = in_plane([shapely.Point(1500, 800), shapely.Point(200, 150)], people=[90, 1000])
    found = access.gaps(
        AREAS, across, PLANE, reach_m=300, cell_m=100, population=homes, people="people"
    )
    best = found[found["rank"] == 1]
    assert (best["gain"] == 90).all()  # the thousand are served already
    assert best["gain_share"].iloc[0] == pytest.approx(90 / 1090)
    middle = best.to_crs(PLANE).geometry.centroid
    apart = middle.distance(homes.to_crs(PLANE).geometry.iloc[0])
    assert apart.max() <= 300
    # Brute force over every hexagon.
    away = [
        found.to_crs(PLANE).geometry.centroid.distance(home) <= 300
        for home in homes.to_crs(PLANE).geometry
    ]
    assert (found["gain"] == np.where(away[0], 90, 0)).mean() > 0.995


def test_without_people_the_ground_counts():
    across = in_plane([line((0, 100), (2000, 100))])
    found = access.gaps(AREAS, across, PLANE, reach_m=200, cell_m=200)
    assert found["gain"].max() == pytest.approx(np.pi * 200**2 / 10_000, rel=0.04)  # hectares
    assert found["rank"].is_monotonic_increasing


# -- shops --------------------------------------------------------------------------------------

SHOPS = in_plane(
    [shapely.Point(x, 500) for x in (100, 200, 300, 400, 1500)],
    category=["음식", "음식", "소매", "의료", "음식"],
    onnuri_card=["yes", "no", "yes", "no", "no"],
)


def test_diversity_and_density_by_hand():
    mixed = shop_figures.diversity(SHOPS, AREAS)
    shares = np.array([2, 1, 1]) / 4
    assert mixed["0"] == pytest.approx(np.prod(shares**-shares))  # Hill's number of order 1
    assert mixed["1"] == pytest.approx(1)
    table = shop_figures.density(SHOPS, AREAS, needed=2, on_m2=500_000)
    assert table["needed"].tolist() == [4, 4]
    assert table["under"].tolist() == [False, True]
    assert table["shops_per_km2"].tolist() == pytest.approx([4, 1], rel=1e-3)


def test_shops_add_up_by_every_division(sample_city):
    city = sample_city
    taking = city.shops[["onnuri_paper", "onnuri_card", "onnuri_mobile"]].eq("yes").any(axis=1)
    for areas in (city.neighborhoods, city.zones):
        table = shop_figures.figures(city.shops, areas)
        assert table["shops"].sum() == len(city.shops)
        assert table["members"].sum() == taking.sum()
    by_zone = shop_figures.figures(city.shops, city.zones)["shops"]
    small = shop_figures.figures(city.shops, city.neighborhoods)["shops"]
    for zone, name in city.zones["name"].items():
        assert by_zone[zone] == small[city.neighborhoods["zone"] == name].sum()
    types = shop_figures.mix(city.shops)
    assert types["shops"].sum() == len(city.shops)


# -- trails and districts -----------------------------------------------------------------------


def test_the_shops_one_passes_are_those_beside_the_way():
    way = in_plane([line((0, 480), (250, 480))])
    found = meetings.passed(way, SHOPS, PLANE, within_m=30)
    assert found["shop"].tolist() == ["0", "1"]
    assert found["distance_m"].tolist() == pytest.approx([20, 20], abs=0.01)
    assert found["onnuri"].tolist() == [True, False]


def test_pairs_are_ranked_by_members_for_each_minute(sample_city):
    city = sample_city
    found = meetings.pairs(city.trails, city.districts, city.shops, city.metric_crs)
    # Brute force: geodesics from the ends of the trail to places on the district's outline.
    best = found.iloc[0]
    shape = city.districts.geometry[best["district"]]
    inside = city.shops[shapely.intersects_xy(shape, city.shops.geometry.x, city.shops.geometry.y)]
    assert best["shops"] == pytest.approx(len(inside), abs=1)
    ends = walks.ends(city.trails[city.trails.index == best["trail"]]).geometry
    lon, lat = shapely.get_coordinates(shapely.segmentize(shape.boundary, 1e-5)).T
    metres = min(
        GEOD.inv(np.full_like(lon, end.x), np.full_like(lat, end.y), lon, lat)[2].min()
        for end in ends
    )
    assert best["distance_m"] == pytest.approx(metres, abs=1)
    assert best["walk_min"] == pytest.approx(best["distance_m"] / (4000 / 60))
    assert found["members_per_min"].is_monotonic_decreasing
    assert (found["walk_min"] <= 10).all()


# -- change -------------------------------------------------------------------------------------


def test_two_versions_are_compared():
    before = in_plane([LEFT, RIGHT, shapely.box(0, 2000, 100, 2100)], name=["가", "나", "다"])
    before = before.assign(shops=[10, 20, 30])
    after = in_plane([LEFT, shapely.box(1000, 0, 2003, 1000)], name=["가게골목", "나"])
    after = after.assign(shops=[10, 25])
    after.loc["9"] = {"name": "라", "geometry": before.geometry["0"], "shops": 1}
    found = change.compare(before, after.set_crs(4326), PLANE)
    rows = list(zip(found["kind"], found["id"], found["before"], found["after"], strict=True))
    assert [row[:2] for row in rows] == [
        ("added", "9"), ("removed", "2"), ("renamed", "0"), ("moved", "1"), ("changed", "1"),
    ]  # fmt: skip
    assert rows[2][2:] == ("가", "가게골목")
    assert rows[4][2:] == ("20", "25")
    assert found.loc[3, "moved_m"] == pytest.approx(3, abs=0.01)
    totals = change.totals(before, after)
    assert totals.loc["area_m2", "before"] == pytest.approx(2_010_000, rel=1e-3)
    assert totals.loc["area_m2", "difference"] == pytest.approx(993_000, rel=1e-2)
    assert totals.loc["features"].tolist() == [3, 3, 0]


def test_a_layer_has_not_changed_against_itself(sample_city):
    for layer in ("trails", "districts", "neighborhoods"):
        frame = sample_city.layers[layer]
        assert change.compare(frame, frame, sample_city.metric_crs).empty
