"""Every figure of the analyses, worked out another way: by hand, by raster, or by brute force."""

from __future__ import annotations

import ast
import html
import inspect
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from cities import ORIGIN, PLANE, in_plane, line
from conftest import ROOT
from geopandas.testing import assert_geodataframe_equal
from pyproj import Geod

from mapserver import analysis
from mapserver.analysis import access, change, meetings, network, trails, walks
from mapserver.analysis import shops as shop_figures
from mapserver.errors import CrsError, DataError, QueryError

GEOD = Geod(ellps="WGS84")


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
    pieces = trails.split(TRAILS, AREAS).reset_index()
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
        assert large[zone] == pytest.approx(small[name], abs=1e-6)


def test_heights_are_shared_by_where_the_climb_is():
    up = shapely.LineString([(800, 500, 10), (1000, 500, 10), (1400, 500, 50)])
    one = gpd.GeoDataFrame(
        geometry=[shapely.transform(up, lambda xyz: xyz + np.array([*ORIGIN, 0]), include_z=True)],
        crs=PLANE,
    )
    one = one.to_crs(4326).assign(ascent_m=40.0).set_index(pd.Index(["0"], name="id"))
    pieces = trails.split(one, AREAS)["ascent_m"].droplevel("trail")
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


@pytest.mark.slow
def test_the_share_within_reach_is_that_of_a_raster(sample_city):
    city = sample_city
    found = access.within_reach(city.neighborhoods, city.trails, city.metric_crs, (300,))
    found = found.droplevel("distance_m")
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
    found = access.within_reach(AREAS, across, PLANE, (100, 250))
    assert found.loc[("0", 100), "share"] == pytest.approx(0.2, abs=1e-6)
    assert found.loc[("0", 250), "share"] == pytest.approx(0.5, abs=1e-6)
    # Beyond its end half a circle reaches over the border.
    assert found.loc[("1", 100), "share"] == pytest.approx(np.pi * 0.1**2 / 2, rel=1e-3)
    assert found.loc[("0", 100), "area_m2"] == pytest.approx(1e6, rel=1e-3)
    assert found.loc[("0", 100), "walk_min"] == pytest.approx(1.5)


def test_people_are_counted_by_where_they_live():
    across = in_plane([line((0, 500), (1000, 500))])
    homes = in_plane([shapely.Point(500, 450), shapely.Point(500, 900)], 노인=[30, 10], 아동=[5, 0])
    found = access.within_reach(AREAS, across, PLANE, (100,), population=homes).droplevel(
        "distance_m"
    )
    assert found.loc["0", ["노인", "노인_reached", "아동_share"]].tolist() == [40, 30, 1]
    # Spread evenly over a block, a fifth of whose ground is within reach.
    block = in_plane([shapely.box(0, 0, 1000, 1000)], people=[1000])
    spread = access.within_reach(AREAS, across, PLANE, (100,), population=block).droplevel(
        "distance_m"
    )
    assert spread.loc["0", "people_share"] == pytest.approx(0.2, abs=1e-6)
    assert spread.loc["0", "people"] == pytest.approx(1000, rel=1e-6)
    assert spread.loc["all", "people"] == pytest.approx(1000, rel=1e-9)
    assert "" not in spread.index


def test_people_outside_of_all_areas_are_counted_apart():
    across = in_plane([line((0, 500), (1000, 500))])
    # Half of the block lies south of the areas; so does a home; of one nobody knows where it is.
    homes = in_plane(
        [shapely.box(0, -500, 1000, 500), shapely.Point(500, -50), shapely.Point()],
        people=[100, 7, 2],
    )
    found = access.within_reach(AREAS, across, PLANE, (100, 600), population=homes)
    found = found.swaplevel()
    assert found.loc[(100, "0"), "people"] == pytest.approx(50, rel=1e-6)
    assert found.loc[(100, ""), "people"] == pytest.approx(50 + 7 + 2, rel=1e-6)
    assert found.loc[(100, "all"), "people"] + found.loc[(100, ""), "people"] == pytest.approx(109)
    assert found.loc[(100, ""), "people_reached"] == pytest.approx(0, abs=1e-9)
    assert found.loc[(600, ""), "people_reached"] == pytest.approx(10 + 7, rel=1e-3)
    assert np.isnan(found.loc[(100, ""), "area_m2"])


def test_columns_that_are_no_people_are_not_counted():
    homes = in_plane(
        [shapely.Point(500, 450)], 노인=[30], lon=[126.8], 행정동코드=[29140], 면적=[9.0]
    )
    across = in_plane([line((0, 500), (1000, 500))])
    found = access.within_reach(AREAS, across, population=homes)
    assert [c for c in found if c.endswith("_reached")] == ["노인_reached"]
    with pytest.raises(QueryError, match="no column of numbers"):
        access.within_reach(AREAS, across, population=homes, people=["아동"])
    with pytest.raises(QueryError, match="fewer people than none"):
        access.within_reach(AREAS, across, population=homes.assign(노인=-1))


def test_service_areas_hold_one_another_and_are_what_is_counted():
    across = in_plane([line((0, 500), (1000, 500))])
    zones = access.service_areas(None, across, (300, 100))
    assert zones["distance_m"].tolist() == [100, 300]
    assert zones["area_m2"].tolist() == pytest.approx(
        [1000 * 2 * r + np.pi * r**2 for r in (100, 300)], rel=1e-3
    )
    assert zones.geometry[1].contains(zones.geometry[0])
    area = in_plane([shapely.box(-2000, -2000, 3000, 3000)])
    reached = access.within_reach(area, across, distances_m=(300, 100))
    reached = reached.loc["all"]
    assert reached["reached_m2"].tolist() == pytest.approx(zones["area_m2"].tolist(), rel=1e-4)


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
    assert found["gain"].max() == pytest.approx(np.pi * 200**2 / 10_000, rel=1e-3)  # hectares
    assert found["rank"].is_monotonic_increasing


@pytest.mark.slow
def test_the_gain_of_a_place_is_what_a_trail_there_would_bring(sample_city):
    city = sample_city
    people = city.neighborhoods[["geometry"]].assign(people=1000 * np.arange(1, 19))
    asked = {"reach_m": 500, "population": people}
    found = access.gaps(city.neighborhoods, city.trails, city.metric_crs, **asked)

    def served(more) -> float:
        lines = [*city.trails.geometry, *more]
        every = gpd.GeoDataFrame(geometry=lines, crs=4326)
        table = access.within_reach(
            city.neighborhoods, every, city.metric_crs, (500,), population=people
        )
        return table.loc["all", "people_reached"].item()

    def dots(hexagons):
        return hexagons.to_crs(city.metric_crs).centroid.to_crs(4326)

    before = served([])
    for row in (0, 100, 400):
        assert served(dots(found.iloc[[row]])) - before == pytest.approx(
            found["gain"].iloc[row], abs=0.01
        )
    chosen = access.sites(city.neighborhoods, city.trails, city.metric_crs, count=4, **asked)
    assert chosen["gain"].iloc[0] == pytest.approx(found["gain"].iloc[0])
    assert chosen["gain"].is_monotonic_decreasing
    assert served(dots(chosen)) - before == pytest.approx(chosen["gain"].sum(), abs=0.01)
    share = served(dots(chosen)) / people["people"].sum()
    assert chosen["served_share"].iloc[-1] == pytest.approx(share, abs=1e-6)


def test_sites_do_not_serve_the_same_people_twice():
    trail = in_plane([line((0, 0), (1, 0))])
    homes = in_plane(
        [shapely.Point(500, 800), shapely.Point(520, 800), shapely.Point(1700, 500)],
        people=[60, 50, 40],
    )
    asked = {"reach_m": 200, "cell_m": 100, "population": homes}
    alone = access.gaps(AREAS, trail, PLANE, **asked)
    assert (alone["gain"].head(3) == 110).all()
    found = access.sites(AREAS, trail, PLANE, **asked)
    assert found["gain"].tolist() == [110, 40]  # nobody is left for a third
    assert found["served_share"].tolist() == pytest.approx([110 / 150, 1])


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


def test_the_rule_is_the_national_one_and_an_ordinance_may_ask_for_less():
    shops = in_plane([shapely.Point(5 + x, 5) for x in range(20)])
    alley = in_plane([shapely.box(0, 0, 40, 40)])  # 1,600 m²
    street = in_plane([shapely.box(0, 0, 60, 60)])  # 3,600 m²
    assert shop_figures.density(shops, alley)["needed"].tolist() == [30]
    assert shop_figures.density(shops, alley)["under"].tolist() == [True]
    asked = {"needed": shop_figures.ORDINANCE_SHOPS}
    assert shop_figures.density(shops, alley, **asked)["under"].tolist() == [False]
    assert shop_figures.density(shops, street, **asked)["needed"].tolist() == [27]


def rows_under(page: str, heading: str) -> dict[str, list[str]]:
    """Read the table that follows a heading: the cells of each row by its name."""
    table = page.partition(f"{heading}</h2>")[2].partition("</table>")[0]
    found = {}
    for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]:
        name, *cells = re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        plain = [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in (name, *cells)]
        found[plain[0]] = plain[1:]
    return found


@pytest.mark.slow
def test_the_board_shows_the_figures_of_the_analyses(sample_city, sample_app):
    city = sample_city
    page = sample_app.test_client().get("/board?lang=ko").text
    for heading, areas, shown in (
        ("동별", city.neighborhoods, ("rate", "shops")),
        ("생활권별", city.zones, ("rate", "shops")),
        ("골목형상점가", city.districts, ("shops", "members", "rate")),
    ):
        found = rows_under(page, heading)
        counted = shop_figures.summary(city.shops, areas).set_index("name")
        assert set(found) == set(counted.index)
        for name, row in counted.iterrows():
            texts = {
                "shops": f"{row['shops']:,}",
                "members": f"{row['members']:,}",
                "rate": f"{100 * row['membership_rate']:.1f}%" if row["shops"] else "–",
            }
            assert found[name][: len(shown)] == [texts[key] for key in shown]


def test_the_summary_is_what_each_function_says(sample_city):
    city = sample_city
    found = shop_figures.summary(city.shops, city.districts)
    types = city.shops.groupby("district")["category"]  # the shops name their district themselves
    assert found["types"].to_dict() == types.nunique().reindex(found.index).to_dict()
    assert found["shops"].to_dict() == types.size().reindex(found.index).to_dict()
    top = types.agg(lambda kinds: kinds.value_counts().max()).reindex(found.index)
    of_top = [
        ((city.shops["district"] == id_) & (city.shops["category"] == kind)).sum()
        for id_, kind in found["top_category"].items()
    ]
    assert of_top == top.tolist()
    geod = [abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in city.districts.geometry]
    assert found["area_m2"].tolist() == pytest.approx(geod)
    assert found["shops_per_km2"].tolist() == pytest.approx(
        (found["shops"] / (np.array(geod) / 1e6)).tolist()
    )


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


# -- all of them --------------------------------------------------------------------------------

PATHS = in_plane(
    [line((0, 500), (2300, 500)), line((1000, 0), (1000, 1000)), line((1900, 500), (1900, 800))]
)
HOMES = in_plane([shapely.box(0, 0, 1000, 1000), shapely.Point(1500, 500)], people=[100, 5])
DISTRICTS = in_plane([shapely.box(1400, 450, 1600, 600)], name=["골목"])
FACILITIES = in_plane(
    [shapely.Point(900, 500), shapely.Point(2200, 800)], kind=["toilet", "trails"]
)
EVERY = {
    "by_trail": lambda **x: trails.by_trail(x["trails"]),
    "split": lambda **x: trails.split(x["trails"], x["areas"]).drop(columns="geometry"),
    "by_area": lambda **x: trails.by_area(x["trails"], x["areas"], x["facilities"]),
    "by_surface": lambda **x: trails.by_surface(x["trails"], x["areas"]),
    "within_reach": lambda **x: access.within_reach(
        x["areas"], x["trails"], population=x["homes"], distances_m=(300,)
    ),
    "within_reach_walked": lambda **x: access.within_reach(
        x["areas"], x["trails"], network=network.Network.of(x["paths"]), distances_m=(300,)
    ),
    "service_areas": lambda **x: access.service_areas(
        network.Network.of(x["paths"]), x["trails"], (300,)
    ).drop(columns="geometry"),
    "gaps": lambda **x: access.gaps(x["areas"], x["trails"], population=x["homes"]).drop(
        columns="geometry"
    ),
    "figures": lambda **x: shop_figures.figures(x["shops"], x["areas"]),
    "summary": lambda **x: shop_figures.summary(x["shops"], x["areas"]).drop(columns="geometry"),
    "near_border": lambda **x: shop_figures.near_border(x["shops"], x["areas"], None, 600),
    "walks": lambda **x: walks.walks(x["trails"], x["districts"]),
    "walks_walked": lambda **x: walks.walks(
        x["trails"], x["districts"], network=network.Network.of(x["paths"])
    ),
    "passed": lambda **x: meetings.passed(x["trails"], x["shops"], within_m=200),
    "pairs": lambda **x: meetings.pairs(x["trails"], x["districts"], x["shops"]),
    "compare": lambda **x: change.compare(x["areas"], x["districts"]),
    "totals": lambda **x: change.totals(x["areas"], x["trails"]),
    "measures": lambda **x: change.measures(x["areas"], x["districts"]),
}


INDEXES = {
    "trails.by_area": ["area"],
    "trails.by_surface": ["area"],
    "shops.figures": ["area"],
    "shops.summary": ["area"],
    "shops.density": ["area"],
    "shops.diversity": ["area"],
    "access.within_reach": ["area", "distance_m"],
    "shops.mix": ["area", "category"],
    "trails.split": ["area", "trail"],
}
"""The index of each result by area."""
OTHERS = {
    *("access.gaps", "access.service_areas", "access.sites", "change.compare", "change.measures"),
    *("change.totals", "meetings.pairs", "meetings.passed", "shops.assign", "shops.home"),
    *("shops.near_border", "shops.payments", "shops.rate", "shops.tells_members"),
    *("trails.by_trail", "walks.ends", "walks.walks"),
}
"""Functions whose results are not by area."""


def test_every_public_function_is_known_to_be_by_area_or_not():
    modules = {
        "access": access, "change": change, "meetings": meetings, "shops": shop_figures,
        "trails": trails, "walks": walks,
    }  # fmt: skip
    public = {
        f"{name}.{function}"
        for name, module in modules.items()
        for function, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not function.startswith("_")
    }
    assert public == {*INDEXES, *OTHERS}


@pytest.mark.parametrize("name", INDEXES)
@pytest.mark.parametrize("index_name", ["id", None, "name"])
@pytest.mark.parametrize("is_empty", [False, True])
def test_results_by_area_stand_under_the_ids_of_the_areas(name, index_name, is_empty):
    areas = AREAS.rename_axis(index_name)
    shops = SHOPS.iloc[:0] if is_empty else SHOPS
    ways = TRAILS.iloc[:0] if is_empty else TRAILS
    call = {
        "trails.by_area": lambda: trails.by_area(ways, areas, FACILITIES),
        "trails.by_surface": lambda: trails.by_surface(ways, areas),
        "trails.split": lambda: trails.split(ways, areas),
        "access.within_reach": lambda: access.within_reach(areas, ways, population=HOMES),
        "shops.mix": lambda: shop_figures.mix(shops, areas),
    }.get(name, lambda: getattr(shop_figures, name.split(".")[1])(shops, areas))
    found = call()
    assert list(found.index.names) == INDEXES[name]
    ids = found.index.get_level_values("area")
    assert set(ids) <= {*areas.index, "all", "known", ""}
    if INDEXES[name] == ["area"]:
        assert list(ids)[: len(areas)] == list(areas.index)
    assert found.index.is_unique
    if found.ndim == 2:
        assert not {*INDEXES[name]} & {*found.columns}
    assert set(found.groupby("area").size().index) == set(ids)
    assert not isinstance(found, gpd.GeoDataFrame) or found.crs.to_epsg() == 4326


def test_all_surfaces_together_stand_under_all():
    assert trails.by_surface(TRAILS).index.tolist() == ["all"]
    assert trails.by_surface(TRAILS).index.name == "area"


def test_a_point_beside_lines_is_reached_too():
    ways = in_plane([line((0, 100), (0, 900)), shapely.Point(1500, 500)])
    near = access.service_areas(None, ways, (100,), PLANE)
    ground = 800 * 200 + 2 * np.pi * 100**2
    assert near["area_m2"].tolist() == pytest.approx([ground], rel=1e-3)


def layers() -> dict[str, gpd.GeoDataFrame]:
    return {
        "areas": AREAS, "trails": TRAILS, "facilities": FACILITIES, "homes": HOMES,
        "shops": SHOPS, "districts": DISTRICTS, "paths": PATHS,
    }  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_any_crs_is_taken_and_none_is_refused_and_nothing_is_changed(name):
    given = layers()
    copies = {key: frame.copy() for key, frame in given.items()}
    plain = EVERY[name](**given)
    for key, frame in given.items():
        assert_geodataframe_equal(frame, copies[key])
    other = EVERY[name](**{key: frame.to_crs(5179) for key, frame in given.items()})
    compared = pd.testing.assert_series_equal if plain.ndim == 1 else pd.testing.assert_frame_equal
    if name != "compare":  # whose measures are in its text
        compared(plain, other, rtol=1e-4, atol=1e-3)
    bare = {key: frame.set_crs(None, allow_override=True) for key, frame in given.items()}
    with pytest.raises(CrsError, match="has no CRS"):
        EVERY[name](**bare)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("empty", ["areas", "trails", "shops", "districts", "homes", "facilities"])
def test_an_empty_layer_has_an_empty_answer_or_zeros(name, empty):
    given = layers()
    given[empty] = given[empty].iloc[:0]
    answer = EVERY[name](**given)
    if name in {"within_reach", "within_reach_walked"}:
        counts = answer.filter(regex="reached").sum().sum()
        assert counts == 0 if empty in {"trails", "areas"} and name.endswith("ed") else counts >= 0
    assert answer is not None


def test_broken_outlines_and_doubled_ids_are_named():
    bow = in_plane([shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])])
    with pytest.raises(DataError, match="the outline of '0' crosses itself"):
        trails.by_area(TRAILS, bow)
    with pytest.raises(DataError, match="the id '0' stands twice"):
        access.within_reach(AREAS.set_axis(["0", "0"]), TRAILS)


def test_degrees_and_feet_are_no_plane():
    for crs in ("EPSG:4326", "EPSG:2263"):
        with pytest.raises(CrsError, match="not a projected CRS in metres"):
            access.within_reach(AREAS, TRAILS, crs)


def test_the_documentation_names_what_is_there():
    named = re.findall(r"``(\w+)\.(\w+)``", analysis.__doc__)
    modules = {"trails": trails, "access": access, "network": network, "shops": shop_figures}
    modules |= {"walks": walks, "meetings": meetings, "change": change}
    for module, function in named:
        if module in modules:
            assert callable(getattr(modules[module], function))
    written = (ROOT / "docs" / "analysis.md").read_text("utf-8")
    for module, found in modules.items():
        tree = ast.parse((ROOT / "mapserver" / "analysis" / f"{module}.py").read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                assert f"`{module}.{node.name}" in written
                assert callable(getattr(found, node.name))
