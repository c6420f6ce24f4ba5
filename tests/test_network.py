"""Walks along a network: by hand, against a search written out, and by chance points."""

from __future__ import annotations

import heapq
import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from cities import PLANE, in_plane, line
from hypothesis import given, settings
from hypothesis import strategies as st

from mapserver.analysis import access, meetings, walks
from mapserver.analysis.network import Network
from mapserver.errors import CrsError, QueryError


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
    straight = (
        access.within_reach(area, trail, PLANE, (300,)).droplevel("distance_m").loc["0", "share"]
    )
    walked = access.within_reach(area, trail, PLANE, (300,), network=network).droplevel(
        "distance_m"
    )
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


# -- how lines meet -----------------------------------------------------------------------------


def crossed(*paths) -> float:
    """Walk from the far end of the first path to a trail at the far end of the last."""
    network = Network.of(in_plane(paths), PLANE)
    start = shapely.get_point(paths[0], 0)
    goal = shapely.get_point(paths[-1], -1)
    trail = in_plane([line(goal.coords[0], (goal.x, goal.y + 0.1))])
    return network.walks(in_plane([start]).geometry, trail)["distance_m"].iloc[0]


def test_a_path_that_ends_on_another_meets_it_with_or_without_a_vertex():
    main = line((0, 0), (205, 0))
    assert crossed(line((103, 100), (103, 0)), main) == pytest.approx(100 + 102, abs=0.1)
    assert crossed(line((103, 100), (103, 0.3)), main) == pytest.approx(100 + 102, abs=0.7)
    assert np.isinf(crossed(line((103, 100), (103, 0.8)), main))


def test_paths_that_only_cross_are_a_bridge():
    assert np.isinf(crossed(line((100, 100), (100, -100)), line((0, 0), (200, 0))))
    joined = crossed(line((100, 100), (100, 0), (100, -100)), line((0, 0), (100, 0), (200, 0)))
    assert joined == pytest.approx(200, abs=0.1)


def test_a_path_with_vertices_every_few_centimetres_keeps_its_length():
    """As watches write them; vertices nearer than half a metre are not one place."""
    x = np.arange(0, 300, 0.2)
    path = shapely.LineString(np.column_stack([x, 0.1 * np.sin(x)]))
    assert crossed(path) == pytest.approx(path.length, rel=1e-3)


def test_islands_are_reported_the_longest_first():
    paths = [line((0, 0), (300, 0)), line((100, 0), (100, 100)), line((0, 500), (100, 500))]
    found = Network.of(in_plane(paths), PLANE).islands()
    assert found["length_m"].tolist() == pytest.approx([400, 100], rel=1e-3)
    assert found["share"].tolist() == pytest.approx([0.8, 0.2], rel=1e-3)
    assert found.crs == 4326
    whole = shapely.union_all(in_plane(paths).geometry.to_numpy())
    assert shapely.hausdorff_distance(shapely.union_all(found.geometry.to_numpy()), whole) < 1e-7


def test_one_enters_a_path_between_its_vertices():
    street = in_plane([line((0, 0), (1000, 0))])
    trail = in_plane([line((0, 0), (0, -0.1))])
    homes = in_plane([shapely.Point(x, 30) for x in (57.3, 411.1, 998.7)])
    walk = Network.of(street, PLANE).walks(homes.geometry, trail)
    assert walk["distance_m"].tolist() == pytest.approx([87.3, 441.1, 1028.7], abs=1e-3)
    assert walk["walk_min"].tolist() == pytest.approx((walk["distance_m"] / (4000 / 60)).tolist())


def test_who_stands_beside_the_trail_does_not_walk_to_a_path_first():
    street, trail = in_plane([line((0, 0), (500, 0))]), in_plane([line((200, 100), (300, 100))])
    walk = Network.of(street, PLANE).walks(in_plane([shapely.Point(250, 120)]).geometry, trail)
    assert walk["distance_m"].iloc[0] == pytest.approx(20, abs=1e-3)


def test_a_network_needs_paths_with_a_crs():
    with pytest.raises(QueryError, match="no path"):
        Network.of(in_plane([shapely.Point(0, 0)]))
    with pytest.raises(CrsError, match="has no CRS"):
        Network.of(gpd.GeoDataFrame(geometry=[line((0, 0), (1, 1))]))


# -- against a search written out ---------------------------------------------------------------


def streets_of(rng: np.random.Generator) -> list[shapely.LineString]:
    """Crooked streets between the places of a crooked grid, some of them missing."""
    places = np.stack(np.meshgrid(range(0, 700, 140), range(0, 700, 140)), axis=-1).astype(float)
    places += rng.normal(0, 25, places.shape)
    pairs = [*zip(places[:-1].reshape(-1, 2), places[1:].reshape(-1, 2), strict=True)]
    pairs += [*zip(places[:, :-1].reshape(-1, 2), places[:, 1:].reshape(-1, 2), strict=True)]
    made = []
    for a, b in pairs:
        if rng.random() < 0.75:
            made.append(shapely.LineString([a, (a + b) / 2 + rng.normal(0, 20, 2), b]))
    return made


class Search:
    """Dijkstra with a heap over every metre of street, from places on the trail 2 m apart."""

    def __init__(self, streets: list[shapely.LineString], trail: shapely.LineString) -> None:
        self.streets = streets
        self.corners = [shapely.get_coordinates(shapely.segmentize(s, 1.0)) for s in streets]
        ways: dict[tuple, list[tuple[tuple, float]]] = {}
        for corners in self.corners:
            for a, b in itertools.pairwise(map(tuple, corners)):
                ways.setdefault(a, []).append((b, np.hypot(a[0] - b[0], a[1] - b[1])))
                ways.setdefault(b, []).append((a, np.hypot(a[0] - b[0], a[1] - b[1])))
        treads = shapely.get_coordinates(shapely.segmentize(trail, 2.0))
        queue = [self.enter(shapely.Point(xy)) for xy in treads]
        heapq.heapify(queue)
        self.found: dict[tuple, float] = {}
        while queue:
            metres, here = heapq.heappop(queue)
            if here in self.found:
                continue
            self.found[here] = metres
            for there, step in ways[here]:
                heapq.heappush(queue, (metres + step, there))

    def enter(self, point: shapely.Point) -> tuple[float, tuple]:
        """Give the nearest place of the nearest street, and the metres to it."""
        off = [point.distance(street) for street in self.streets]
        nearest = int(np.argmin(off))
        far = np.hypot(*(self.corners[nearest] - (point.x, point.y)).T)
        return off[nearest], tuple(self.corners[nearest][far.argmin()])


@pytest.mark.slow
@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_a_walk_is_the_shortest_there_is_or_up_to_10_m_longer(seed):
    rng = np.random.default_rng(seed)
    streets = streets_of(rng)
    start = rng.uniform(0, 560, 2)
    trail = shapely.LineString([start, start + rng.normal(0, 60, 2)])
    homes = rng.uniform(0, 560, (30, 2))
    network = Network.of(in_plane(streets), PLANE)
    walk = network.walks(in_plane(shapely.points(homes)).geometry, in_plane([trail]))
    search = Search(streets, trail)
    for xy, said in zip(homes, walk["distance_m"], strict=True):
        point = shapely.Point(xy)
        off, place = search.enter(point)
        straight = point.distance(trail)
        if straight <= off:
            assert said == pytest.approx(straight, abs=0.01)
        elif place not in search.found:  # that street leads to no trail
            assert np.isinf(said)
        else:
            shortest = max(search.found[place] + off, straight)
            assert shortest - 2.0 <= said <= shortest + 12.0


# -- service areas and detours ------------------------------------------------------------------


@pytest.fixture(scope="module")
def town():
    rng = np.random.default_rng(11)
    trail = in_plane([line((250, 260), (330, 300))])
    return Network.of(in_plane(streets_of(rng)), PLANE), trail


def test_a_service_area_is_where_the_walk_is_short_enough(town):
    network, trail = town
    zones = access.service_areas(network, trail, (100, 250, 400))
    xy = np.random.default_rng(5).uniform(-100, 660, (6000, 2))
    points = in_plane(shapely.points(xy)).geometry
    walk = network.walks(points, trail)["distance_m"].to_numpy()
    straight = access.service_areas(None, trail, (100, 250, 400), network.crs)
    for at, metres in enumerate((100, 250, 400)):
        inside = points.within(zones.geometry[at]).to_numpy()
        assert (inside == (walk <= metres)).mean() > 0.97
        # Only where the walk is about as long, or jumps near by, may they differ.
        assert inside.mean() == pytest.approx((walk <= metres).mean(), abs=0.01)
        beyond = zones.geometry[at].difference(straight.geometry[at].buffer(1e-7))
        assert beyond.area < 1e-10
    assert zones.geometry[2].buffer(1e-7).contains(zones.geometry[1])
    assert zones["area_m2"].is_monotonic_increasing


def test_the_share_reached_is_that_of_points_by_chance(town):
    network, trail = town
    areas = in_plane([shapely.box(0, 0, 300, 560), shapely.box(300, 0, 560, 560)])
    homes = np.random.default_rng(8).uniform(0, 560, (400, 2))
    people = in_plane(shapely.points(homes), people=np.ones(400))
    found = access.within_reach(
        areas, trail, distances_m=(150, 300), network=network, population=people
    ).swaplevel()
    xy = np.random.default_rng(9).uniform(0, 560, (8000, 2))
    points = in_plane(shapely.points(xy)).geometry
    walk = network.walks(points, trail)
    live = network.walks(people.geometry, trail)["distance_m"]
    for metres in (150, 300):
        for id_, area in areas.geometry.items():
            inside = points.within(area).to_numpy()
            share = (walk["distance_m"][inside] <= metres).mean()
            assert found.loc[(metres, id_), "share"] == pytest.approx(share, abs=0.03)
        # Points are counted each by its own walk, exactly.
        assert found.loc[(metres, "all"), "people_reached"] == (live <= metres).sum()
    led = walk[np.isfinite(walk["distance_m"])]
    said = found.loc[(150, "all")]
    assert said["detour_median"] == pytest.approx(led["detour"].median(), rel=0.05)
    assert said["median_walk_min"] == pytest.approx(led["walk_min"].median(), rel=0.05)
    mean = led["distance_m"].sum() / led["straight_m"].sum()
    assert said["detour_mean"] == pytest.approx(mean, rel=0.05)
    cut_off = 1 - len(led) / len(walk)
    assert said["cut_off_share"] == pytest.approx(cut_off, abs=0.03)
    # The straight way is never longer.
    straight = access.within_reach(areas, trail, network.crs, (150, 300))
    shares = found["share"].to_numpy()
    assert (straight["share"] >= shares - 1e-9).all()


def test_a_walk_shorter_than_the_lattice_is_outlined_as_well():
    """All who live within 10 m of this trail are nearer to it than to the path."""
    paths, trail = in_plane([line((0, 0), (0, 300))]), in_plane([line((50, 50), (150, 50))])
    for metres in (10, 25):
        walked = access.service_areas(Network.of(paths, PLANE), trail, (metres,))
        straight = access.service_areas(None, trail, (metres,), PLANE)
        assert walked["area_m2"].iloc[0] == pytest.approx(straight["area_m2"].iloc[0], rel=0.02)


@pytest.mark.slow
def test_ground_on_an_island_is_cut_off():
    paths = in_plane([line((0, 0), (400, 0)), line((0, 1000), (400, 1000))])
    areas = in_plane([shapely.box(3, -203, 403, 197), shapely.box(3, 797, 403, 1197)])
    trail = in_plane([line((0, 0), (10, 0))])
    network = Network.of(paths, PLANE)
    found = access.within_reach(areas, trail, distances_m=(5000,), network=network)
    found = found.droplevel("distance_m")
    assert found["cut_off_share"].to_dict() == {"0": 0, "1": 1, "all": pytest.approx(0.5, abs=0.01)}
    assert np.isnan(found.loc["1", "detour_median"])
    assert found.loc["1", "share"] == 0


# -- from trails to districts -------------------------------------------------------------------


def test_a_walk_to_a_district_follows_the_paths():
    # A river from south to north with one bridge in the south.
    paths = in_plane([line((0, 300), (0, 0), (200, 0), (200, 300)), line((-300, 300), (0, 300))])
    trail = in_plane([line((-400, 300), (0, 300))], name=["길"])
    districts = in_plane(
        [shapely.box(150, 250, 250, 350), shapely.box(-320, 280, -290, 320)], name=["건너", "옆"]
    )
    straight = walks.walks(trail, districts, PLANE)
    assert straight["distance_m"].tolist() == pytest.approx([80, 150], abs=0.1)
    network = Network.of(paths, PLANE)
    walked = walks.walks(trail, districts, PLANE, 15, network=network)
    assert walked["district"].tolist() == ["1", "0"]
    assert walked["distance_m"].tolist() == pytest.approx([80, 300 + 200 + 250], abs=0.1)
    assert walked["straight_m"].tolist() == pytest.approx([80, 150], abs=0.1)
    assert walked["walk_min"].tolist() == pytest.approx(
        (walked["distance_m"] / (4000 / 60)).tolist()
    )
    near = walks.walks(trail, districts, PLANE, 10, network=network)
    assert near["district"].tolist() == ["1"]  # 750 m are more than ten minutes
    shops = in_plane([shapely.Point(200, 300)], onnuri_card=["yes"])
    pairs = meetings.pairs(trail, districts, shops, PLANE, 15, network=network)
    assert pairs["district"].tolist() == ["0", "1"]
    assert pairs["members_per_min"].iloc[0] == pytest.approx(1 / pairs["walk_min"].iloc[0])


def test_in_a_straight_street_the_walk_is_straight():
    paths = in_plane([line((0, 0), (1000, 0))])
    trail = in_plane([line((0, 0), (0, -50))])
    district = in_plane([shapely.box(400, -20, 500, 20)])
    found = walks.walks(trail, district, network=Network.of(paths, PLANE))
    assert found["distance_m"].iloc[0] == pytest.approx(400, abs=0.01)
