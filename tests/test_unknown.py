"""What nobody knows stays unknown in every analysis: never 0, never no, never left out unsaid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from cities import PLANE, city_of, in_plane, line
from matplotlib.text import Text

from mapserver.analysis import access, change, meetings, shops, trails
from mapserver.drawing import figures
from mapserver.errors import QueryError
from mapserver.headings import headed
from mapserver.settings import Settings
from mapserver.text import language
from mapserver.web import create_app
from mapserver.web.pages.members import ShopCount

AREAS = in_plane(
    [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)], name=["왼쪽", "오른쪽"]
)
ACROSS = in_plane([line((0, 500), (1000, 500))], name=["길"])
PLACES = [shapely.Point(x, 500) for x in (100, 200, 300, 1500)]


def homes(*people: float) -> gpd.GeoDataFrame:
    return AREAS[["geometry"]].assign(노인=list(people))


def reach(population: gpd.GeoDataFrame) -> pd.DataFrame:
    table = access.within_reach(AREAS, ACROSS, PLANE, (100,), population=population)
    return table.droplevel("distance_m")


# -- people -------------------------------------------------------------------------------------


def test_an_area_without_a_figure_is_unknown_and_so_is_the_total():
    table = reach(homes(100, np.nan))
    assert table.loc["0", "노인"] == pytest.approx(100)
    assert table.loc["0", "노인_share"] == pytest.approx(0.2, abs=1e-6)
    for row in ("1", "all"):
        assert table.loc[row, ["노인", "노인_reached", "노인_share"]].isna().all()
    # The ground is known.
    assert table.loc["all", "share"] == pytest.approx(0.1, abs=0.01)


def test_the_areas_that_are_known_have_a_row_of_their_own():
    table = reach(homes(100, np.nan))
    assert table.loc["known", "노인"] == pytest.approx(100)
    assert table.loc["known", "노인_share"] == pytest.approx(0.2, abs=1e-6)
    assert np.isnan(table.loc["known", "area_m2"])
    assert "known" not in reach(homes(100, 50)).index


def test_where_all_figures_are_missing_none_is_made_up():
    table = reach(homes(np.nan, np.nan))
    assert table[["노인", "노인_reached", "노인_share"]].isna().all(axis=None)


def test_nobody_is_not_unknown():
    table = reach(homes(100, 0))
    assert table.loc["1", "노인"] == 0
    assert table.loc["all", "노인"] == pytest.approx(100)


def test_one_column_may_be_known_where_another_is_not():
    table = reach(homes(100, np.nan).assign(아동=[3, 4]))
    assert table.loc["all", "아동"] == pytest.approx(7)
    assert np.isnan(table.loc["all", "노인"])


def test_a_home_without_a_figure_makes_its_area_unknown():
    points = in_plane([shapely.Point(500, 450), shapely.Point(1500, 450)], people=[5, None])
    table = reach(points.astype({"people": "float"}))
    assert table["people"].isna().to_dict() == {
        "0": False, "1": True, "all": True, "known": False,
    }  # fmt: skip


def test_unknown_people_outside_of_all_areas_are_not_nobody():
    beyond = in_plane([shapely.box(5000, 0, 6000, 1000)], 노인=[np.nan])
    table = reach(pd.concat([homes(1, 2), beyond]))
    assert np.isnan(table.loc["", "노인"])
    assert table.loc["all", "노인"] == pytest.approx(3)


def test_a_border_drawn_twice_does_not_make_the_neighbour_unknown():
    moved = homes(100, np.nan)
    moved.geometry = moved.to_crs(PLANE).translate(-5, 0).to_crs(4326)  # 5 m over the border
    table = reach(moved)
    assert table.loc["0", "노인"] == pytest.approx(99.5, abs=0.1)
    assert np.isnan(table.loc["1", "노인"])


def test_what_a_place_gains_among_unknown_people_is_unknown_and_ranks_last():
    options = {"population": homes(100, np.nan), "cell_m": 250, "reach_m": 200}
    gaps = access.gaps(AREAS, ACROSS, PLANE, **options)
    east = gaps.to_crs(PLANE).centroid.x > 186_000 + 1250
    assert gaps.loc[east, "gain"].isna().all()
    assert gaps["gain"].iloc[0] > 0
    assert gaps["gain_share"].isna().all()
    assert gaps["rank"].is_monotonic_increasing
    sites = access.sites(AREAS, ACROSS, PLANE, count=2, **options)
    assert (sites["gain"] > 0).all()
    assert sites["served_share"].isna().all()


# -- shops --------------------------------------------------------------------------------------


def test_membership_that_no_shop_says_is_unknown_everywhere():
    silent = in_plane(PLACES, category=["음식"] * 4)
    for layer in (silent, silent.assign(onnuri_card=None), silent.assign(onnuri_card="")):
        table = shops.summary(layer, AREAS)
        assert (
            table[["members", "paper", "card", "mobile", "membership_rate"]].isna().all(axis=None)
        )
        assert table["members_unknown"].tolist() == [3, 1]
        assert shops.mix(layer)["members"].isna().all()
        assert not shops.tells_members(layer)
        found = meetings.pairs(ACROSS, AREAS, layer, PLANE)
        unknown = found[["members", "membership_rate", "members_per_min"]]
        assert len(found)
        assert unknown.isna().all(axis=None)
        assert found["distance_m"].is_monotonic_increasing
        assert meetings.passed(ACROSS, layer, PLANE)["onnuri"].isna().all()


def test_a_shop_that_does_not_say_is_in_no_rate():
    some = in_plane(PLACES, onnuri_card=["yes", "no", None, None])
    table = shops.figures(some, AREAS)
    assert table["members"].iloc[0] == 1
    assert table["membership_rate"].iloc[0] == pytest.approx(1 / 2)
    assert np.isnan(table["members"].iloc[1])
    assert np.isnan(table["membership_rate"].iloc[1])
    assert table["members_unknown"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ({"onnuri_card": "yes"}, True),
        ({"onnuri_card": 1.0}, True),
        ({"onnuri_card": True}, True),
        ({"onnuri_card": "no"}, False),
        ({"onnuri_card": 0.0}, False),
        ({"onnuri_card": "NO "}, False),
        ({"onnuri_card": None}, None),
        ({"onnuri_card": np.nan}, None),
        ({"onnuri_card": "예정"}, None),
        ({"onnuri_card": "no", "onnuri_paper": "yes"}, True),
        ({"onnuri_card": None, "onnuri_paper": "yes"}, True),
        ({"onnuri_card": "no", "onnuri_paper": None}, None),
        ({"onnuri_card": "no", "onnuri_paper": "no"}, False),
    ],
)
def test_a_shop_takes_certificates_only_if_it_says_so(words, answer):
    found = shops.payments(pd.DataFrame({key: [value] for key, value in words.items()}))["any"]
    assert found.tolist() == [pd.NA if answer is None else answer]


def test_business_types_that_nobody_wrote_are_no_type():
    some = in_plane(PLACES, category=["음식", None, " ", None])
    table = shops.summary(some, AREAS)
    assert table["types"].iloc[0] == 1
    assert table["diversity"].iloc[0] == pytest.approx(1)
    assert table["top_category"].tolist() == ["음식", None]
    assert table[["types", "diversity"]].iloc[1].isna().all()
    assert shops.summary(in_plane(PLACES), AREAS)["types"].isna().all()


def test_an_area_without_an_outline_is_of_unknown_size_and_density():
    lost = AREAS.copy()
    lost.loc["1", "geometry"] = None
    table = shops.density(in_plane(PLACES), lost)
    assert table.loc["1", ["area_m2", "shops_per_km2", "needed", "under"]].isna().all()
    ground = access.within_reach(lost, ACROSS, PLANE, (100,)).droplevel("distance_m")
    assert np.isnan(ground.loc["1", "area_m2"])
    assert np.isnan(ground.loc["all", "share"])


# -- trails -------------------------------------------------------------------------------------


def test_a_trail_passes_through_an_area_only_if_it_has_length_there():
    border = 1000
    ends_twice = in_plane([line((500, 500), (border, 500), (border, 500))], name=["끝"])
    # The last point, to the last digit on the border, stands twice.
    corner = shapely.get_coordinates(AREAS.geometry["0"])[1]
    start = shapely.get_coordinates(ends_twice.geometry.iloc[0])[0]
    ends_twice.loc["0", "geometry"] = shapely.LineString([start, corner, corner])
    for areas in (AREAS, AREAS.iloc[::-1].set_axis(["0", "1"])):
        table = trails.by_area(ends_twice, areas)
        has_length = table["length_m"] > 0
        assert table["trails_through"].tolist() == has_length.astype(int).tolist()
        assert set(trails.split(ends_twice, areas).index.get_level_values("area")) == set(
            table.index[has_length]
        )


def test_a_trail_that_is_a_single_place_lies_in_no_area():
    place = in_plane([line((500, 500), (500, 500))])
    table = trails.by_area(place, AREAS)
    assert table["trails_through"].sum() == 0
    assert table["trails"].to_dict() == {"0": 0, "1": 0, "": 1}


def test_the_ascent_of_an_area_is_unknown_if_one_trail_has_no_heights():
    two = in_plane([line((100, 100), (900, 100)), line((100, 200), (900, 200))])
    table = trails.by_area(two.assign(ascent_m=[40.0, np.nan]), AREAS)
    assert np.isnan(table.loc["0", "ascent_m"])
    assert table.loc["1", "ascent_m"] == 0  # no trail there


def test_a_trail_without_a_line_is_neither_short_nor_straight():
    table = trails.by_trail(gpd.GeoDataFrame(geometry=[None, ACROSS.geometry.iloc[0]], crs=4326))
    assert table[["length_m", "sinuosity", "loop"]].iloc[0].isna().all()
    assert table["loop"].iloc[1] == False  # noqa: E712 -- of a nullable column


# -- as people see it ---------------------------------------------------------------------------


def test_a_table_tells_no_from_unknown():
    table = pd.DataFrame({"loop": pd.array([True, False, None], dtype="boolean")})
    assert headed(table, "en").iloc[:, 0].tolist() == ["yes", "no", "–"]


def test_an_unknown_number_has_no_bar_but_a_dash():
    sheet = figures.bars(pd.Series({"가": 3.0, "나": np.nan}), title="t")
    words = [text.get_text() for text in sheet.findobj(Text)]
    assert "–" in words
    assert "0" not in words
    stacked = pd.DataFrame({"a": [3.0, 1.0], "b": [np.nan, 1.0]}, index=["가", "나"])
    words = [text.get_text() for text in figures.bars(stacked, title="t").findobj(Text)]
    assert "≥ 3" in words


def test_pages_count_what_shops_say_and_say_what_they_do_not():
    assert ShopCount(4, None, 4).rate_text("en") == "–"
    assert ShopCount(4, None, 4).members_text("en") == "–"
    assert ShopCount(4, 1, 2).rate_text("en") == "50.0%"
    assert ShopCount(4, 1, 2).members_text("en") == "≥ 1"
    assert ShopCount.add_up([ShopCount(0, 0, 0), ShopCount(4, None, 4)]).shops == 4


def board_of(make_folder, **columns) -> str:
    layer = in_plane(PLACES, name=[f"가게 {n}" for n in range(4)], **columns)
    folder = make_folder(
        {
            "layers/neighborhoods.geojson": AREAS.reset_index(),
            "layers/districts.geojson": AREAS.reset_index(),
            "layers/shops.geojson": layer.reset_index(),
        }
    )
    from mapserver.settings import Settings  # noqa: PLC0415

    client = create_app(Settings(city=folder, tile_url="")).test_client()
    pages = [client.get(path) for path in ("/board?lang=en", "/districts/?lang=en", "/districts/0")]
    assert [page.status_code for page in pages] == [200] * 3
    return pages[0].text


def test_the_board_says_how_many_shops_a_rate_is_without(make_folder):
    page = board_of(make_folder, onnuri_card=["yes", "no", None, None])
    assert "50.0%" in page
    assert "without 2 shops that do not say" in page
    assert "0.0%" not in page.replace("50.0%", "")


def test_a_board_of_silent_shops_has_dashes(make_folder):
    page = board_of(make_folder)
    assert "–" in page
    assert "0.0%" not in page


def test_city_map_of_membership_that_is_unknown_is_empty_and_not_0():
    city = city_of(neighborhoods=AREAS, shops=in_plane(PLACES))
    sheet = figures.area_map(city, "membership_rate", title="t", lang="en")
    words = [text.get_text() for text in sheet.findobj(Text)]
    assert "no value" in words
    assert not any("0.0%" in word for word in words)


@pytest.fixture
def city_with_an_undrawn_trail(make_city):
    lines = gpd.GeoDataFrame(
        {"id": ["drawn", "undrawn"], "name": ["그린 길", "그리지 않은 길"]},
        geometry=[shapely.LineString([(126.85, 35.15), (126.86, 35.15)]), None],
        crs=4326,
    )
    catalog = '[[layers]]\nid = "trails"\nrole = "trails"\nfile = "lines.geojson"\n'
    return make_city({"layers/lines.geojson": lines, "layers/catalog.toml": catalog})


def test_the_length_of_a_trail_that_is_not_drawn_is_in_no_total(city_with_an_undrawn_trail):
    frame = city_with_an_undrawn_trail.trails
    assert np.isnan(frame.loc["undrawn", "length_m"])
    totals = change.totals(frame, frame.iloc[:1])
    assert np.isnan(totals.loc["length_m", "before"])
    assert totals.loc["length_m", "after"] == pytest.approx(911.2, abs=0.1)
    assert language.total_distance(frame["length_m"], "ko") == "911\xa0m(길이를 모르는 1곳 제외)"
    assert language.total_distance(frame["length_m"].iloc[1:], "en") == "–"


def test_pages_say_of_how_many_trails_the_length_is_not_known(city_with_an_undrawn_trail):
    settings = Settings(city=city_with_an_undrawn_trail.path, tile_url="")
    client = create_app(settings).test_client()
    page = client.get("/trails/?lang=en").get_data(as_text=True)
    assert "911\xa0m without 1 of unknown length" in page
    # Shortest and longest end with it, and it is neither short nor long.
    for sort in ("shortest", "longest"):
        text = client.get(f"/trails/?sort={sort}").get_data(as_text=True)
        assert text.index(">그린 길<") < text.index(">그리지 않은 길<")
    assert ">그리지 않은 길<" not in client.get("/trails/?length=short").get_data(as_text=True)


@pytest.mark.parametrize("suffix", ["", ".gpx", ".kml", ".geojson", "/poster"])
def test_a_trail_that_is_not_drawn_has_a_page(city_with_an_undrawn_trail, suffix):
    settings = Settings(city=city_with_an_undrawn_trail.path, tile_url="")
    answer = create_app(settings).test_client().get(f"/trails/undrawn{suffix}")
    assert answer.status_code == 200
    if not suffix:
        assert "어디로 지나는지 알 수 없습니다" in answer.get_data(as_text=True)


@pytest.mark.parametrize("ask", [access.within_reach, access.gaps, access.sites])
def test_people_are_not_passed_over_where_no_population_is_given(sample_city, ask):
    areas, lines = sample_city.neighborhoods, sample_city.trails
    with pytest.raises(QueryError, match="no population is given"):
        ask(areas, lines, people="population")
