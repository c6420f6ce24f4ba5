"""Wrong arguments of public functions: one clear sentence, whatever was given and wherever."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from mapserver import headings, tables
from mapserver.analysis import access, change, meetings, shops, trails, walks
from mapserver.analysis.network import Network
from mapserver.drawing import figures
from mapserver.errors import MapserverError, QueryError

A = gpd.GeoDataFrame(
    {"name": ["a", "b"], "n": [1, 2]},
    geometry=[shapely.box(126.80, 35.10, 126.81, 35.11), shapely.box(126.81, 35.10, 126.82, 35.11)],
    index=["a", "b"],
    crs=4326,
)
T = gpd.GeoDataFrame(
    {"name": ["t"]},
    geometry=[shapely.LineString([(126.801, 35.105), (126.809, 35.105)])],
    index=["t"],
    crs=4326,
)
S = gpd.GeoDataFrame(
    {"name": ["s"], "category": ["x"]}, geometry=[shapely.Point(126.805, 35.105)], crs=4326
)
WRONG = {
    "None": None,
    "a list": [1],
    "text": "trails",
    "a number": 5,
    "a table": pd.DataFrame({"a": [1]}),
    "a frame without CRS": A.set_crs(None, allow_override=True),
    "a frame without geometry": gpd.GeoDataFrame(),
    "a series": A.geometry,
    "a dictionary": {},
}
EMPTY = {"areas": A.iloc[:0], "trails": T.iloc[:0], "shops": S.iloc[:0]}

FRAMES = {
    "within_reach areas": lambda x: access.within_reach(x, T),
    "within_reach trails": lambda x: access.within_reach(A, x),
    "service_areas trails": lambda x: access.service_areas(None, x),
    "gaps areas": lambda x: access.gaps(x, T),
    "gaps trails": lambda x: access.gaps(A, x),
    "sites areas": lambda x: access.sites(x, T),
    "passed trails": lambda x: meetings.passed(x, S),
    "passed shops": lambda x: meetings.passed(T, x),
    "pairs districts": lambda x: meetings.pairs(T, x, S),
    "pairs shops": lambda x: meetings.pairs(T, A, x),
    "walks trails": lambda x: walks.walks(x, A),
    "walks districts": lambda x: walks.walks(T, x),
    "assign shops": lambda x: shops.assign(x, A),
    "assign areas": lambda x: shops.assign(S, x),
    "home places": lambda x: shops.home(x, A),
    "figures shops": lambda x: shops.figures(x, A),
    "summary areas": lambda x: shops.summary(S, x),
    "density areas": lambda x: shops.density(S, x),
    "near_border shops": lambda x: shops.near_border(x, A, None, 5),
    "compare before": lambda x: change.compare(x, A),
    "compare after": lambda x: change.compare(A, x),
    "totals before": lambda x: change.totals(x, A),
    "measures after": lambda x: change.measures(A, x),
    "by_trail trails": trails.by_trail,
    "split areas": lambda x: trails.split(T, x),
    "by_area trails": lambda x: trails.by_area(x, A),
    "by_area areas": lambda x: trails.by_area(T, x),
}
NUMBERS = {
    "gaps cell_m": lambda x: access.gaps(A, T, cell_m=x),
    "gaps reach_m": lambda x: access.gaps(A, T, reach_m=x),
    "sites count": lambda x: access.sites(A, T, count=x),
    "within_reach distances_m": lambda x: access.within_reach(A, T, distances_m=x),
    "within_reach a distance": lambda x: access.within_reach(A, T, distances_m=(100, x)),
    "service_areas distances_m": lambda x: access.service_areas(None, T, x),
    "walks minutes": lambda x: walks.walks(T, A, minutes=x),
    "passed within_m": lambda x: meetings.passed(T, S, within_m=x),
    "density needed": lambda x: shops.density(S, A, needed=x),
    "density on_m2": lambda x: shops.density(S, A, on_m2=x),
    "compare moved_m": lambda x: change.compare(A, A, moved_m=x),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("call", FRAMES)
def test_what_is_no_layer_is_refused_in_a_sentence(call, wrong):
    with pytest.raises(MapserverError) as refusal:
        FRAMES[call](WRONG[wrong])
    assert str(refusal.value).count("\n") == 0


@pytest.mark.parametrize("wrong", [-5, -0.5, float("nan"), float("inf"), "500", True, None, [[1]]])
@pytest.mark.parametrize("call", NUMBERS)
def test_what_is_no_number_is_refused_by_name(call, wrong):
    with pytest.raises(MapserverError, match=call.split()[-1] if "a distance" not in call else ""):
        NUMBERS[call](wrong)


def test_hexagons_have_a_size():
    with pytest.raises(MapserverError, match="cell_m: 0"):
        access.gaps(A, T, cell_m=0)


def test_empty_layers_have_empty_answers():
    assert len(access.gaps(EMPTY["areas"], T)) == 0
    assert len(meetings.passed(EMPTY["trails"], S)) == 0
    assert len(walks.walks(EMPTY["trails"], A)) == 0
    assert shops.figures(EMPTY["shops"], A)["shops"].tolist() == [0, 0]
    assert access.within_reach(A, EMPTY["trails"], distances_m=[100])["share"].tolist() == [0, 0, 0]


OF_CITY = {
    "nearest": lambda city, x: city.nearest(x),
    "join": lambda city, x: city.join(x),
    "nearest layer": lambda city, x: city.nearest(S, layer=x),
    "nearest k": lambda city, x: city.nearest(S, k=x),
    "join layer": lambda city, x: city.join(S, layer=x),
    "nearest_trails lon": lambda city, x: city.nearest_trails(x, 35.1),
    "nearest_trails lat": lambda city, x: city.nearest_trails(126.8, x),
    "locate lon": lambda city, x: city.locate(x, 35.1),
    "locate_table": lambda city, x: city.locate_table(x, [35.1]),
    "find_nearest": lambda city, x: city.find_nearest(x, x),
    "trails_on": lambda city, x: city.trails_on(x),
    "in_bbox layer": lambda city, x: city.in_bbox(x, None),
    "in_bbox bbox": lambda city, x: city.in_bbox("trails", x or [1]),
    "entry": lambda city, x: city.entry(x),
    "file": lambda city, x: city.file(x),
    "item": lambda city, x: city[x],
    "map color": lambda city, x: city.map(color=x or {}),
    "map day": lambda city, x: city.map(day=x or {}),
}


@pytest.mark.parametrize("wrong", ["None", "a list", "text", "a dictionary"])
@pytest.mark.parametrize("call", OF_CITY)
def test_a_city_refuses_what_it_cannot_answer(call, wrong, sample_city):
    value = WRONG[wrong]
    if (call, wrong) in {("find_nearest", "a list"), ("locate_table", "a list")}:
        value = [[1, 2]]
    with pytest.raises(MapserverError):
        OF_CITY[call](sample_city, "tra ils" if value == "trails" else value)


@pytest.mark.parametrize("wrong", ["None", "a list", "text", "a number", "a dictionary"])
@pytest.mark.parametrize(
    "call",
    [
        headings.headed,
        headings.names,
        lambda x: tables.keep(x, "nowhere", "x"),
        shops.payments,
        shops.mix,
        lambda x: figures.bars(x, title="x"),
        lambda x: figures.area_map(x, title="x"),
        lambda x: access.within_reach(A, T, network=x if x is not None else 5),
        Network,
        Network.of,
        lambda x: walks.walks(T, A, network=5 if x is None else x),
        lambda x: meetings.pairs(T, A, S, network=5 if x is None else x),
        lambda x: shops.rate(x, x),
        lambda x: shops.diversity(S, x),
        lambda x: Network.of(T, x if x is not None else 5),
        lambda x: Network.of(T).walks(x, T),
        lambda x: Network.of(T).walks(S.geometry, x),
        tables.read_file,
        tables.read_points,
        lambda x: tables.read_file("a.csv", crs=x if x is not None else 5),
        lambda x: tables.read_file("a.csv", encoding=x if x is not None else 5),
        lambda x: access.gaps(A, T, population=A, people=x if x is not None else {}),
    ],
)
def test_tables_and_figures_refuse_what_they_cannot_show(call, wrong):
    with pytest.raises(MapserverError):
        call(WRONG[wrong])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, 5) for name in ("values", "title", "on_top", "extra", "counted", "sources")),
        *((name, 5) for name in ("labels", "lang", "day")),
        ("title", None),
        ("values", pd.DataFrame({"a": [1]})),
        ("extra", {"x": None}),
        ("extra", A),
    ],
)
def test_a_map_refuses_options_of_another_kind(sample_city, name, value):
    with pytest.raises(QueryError, match=rf"^{name}"):
        figures.area_map(sample_city, **({"title": "x"} | {name: value}))


@pytest.mark.parametrize("options", [{"layers": 5}, {"sources": 5}, {"lang": 5}, {"day": "x"}])
def test_a_source_line_refuses_options_of_another_kind(sample_city, options):
    with pytest.raises(QueryError):
        figures.source_line(sample_city, **({"layers": ["trails"]} | options))


def test_an_unknown_keyword_is_a_type_error_as_everywhere_in_python(sample_city):
    with pytest.raises(TypeError, match="buffer_m"):
        access.within_reach(A, T, buffer_m=5)
    with pytest.raises(TypeError, match="color_by"):
        sample_city.map(color_by="shops")


def test_a_network_takes_points_of_a_layer_as_well_as_a_series():
    network = Network.of(T)
    assert network.walks(S, T).equals(network.walks(S.geometry, T))


@pytest.mark.parametrize("wrong", [None, [1], 5, {}, b"x"])
@pytest.mark.parametrize("parameter", ["out", "layers", "format", "crs", "encoding"])
def test_an_export_refuses_what_it_cannot_use(parameter, wrong, sample_city, tmp_path):
    options = {"out": tmp_path / "a.gpkg", parameter: wrong if parameter == "out" else wrong or 5}
    with pytest.raises(MapserverError):
        sample_city.export(**options)
    assert not (tmp_path / "a.gpkg").exists()
