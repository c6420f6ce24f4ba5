"""The situation board."""

from __future__ import annotations

import re

import pytest
from test_site import listed, text_of

from mapserver.analysis import shops as shop_analysis
from mapserver.drawing import choropleth, maps
from mapserver.errors import QueryError


@pytest.fixture
def client(sample_app):
    return sample_app.test_client()


# -- the board ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_board_adds_up(client, sample_city):
    shops = sample_city.shops
    taking = shop_analysis.payments(shops)["any"]
    said = text_of(client.get("/board?lang=en"))
    for number in (f"{len(shops):,}", f"{taking.sum():,}", f"{100 * taking.mean():.1f}%"):
        assert number in said
    for areas in (sample_city.neighborhoods, sample_city.zones, sample_city.districts):
        counted = shop_analysis.figures(shops, areas)
        assert counted["shops"].sum() == len(shops)
        assert counted["members"].sum() == taking.sum()
    mixed = shop_analysis.mix(shops)
    assert mixed["shops"].sum() == len(shops)
    each = shop_analysis.mix(shops, sample_city.neighborhoods)
    assert each.groupby("category")["shops"].sum().to_dict() == dict(
        zip(mixed["category"], mixed["shops"], strict=True)
    )


def test_a_neighborhood_in_focus_shows_its_own_districts(client, sample_city):
    area = sample_city.neighborhoods.index[6]
    name = sample_city.neighborhoods["name"][area]
    own = sample_city.districts.index[sample_city.districts["neighborhood"] == name]
    found = listed(client.get(f"/board?area={area}"), "districts")
    assert sorted(found) == sorted(own)
    assert len(listed(client.get("/board?area=nowhere"), "districts")) == len(sample_city.districts)


@pytest.mark.parametrize("measure", list(choropleth.MEASURES))
def test_colours_rise_with_the_measure(sample_city, measure):
    painted = choropleth.colour_neighborhoods(sample_city, measure, "en")
    order = [color for color, _ in painted.scale.steps]
    values = choropleth.MEASURES[measure].values(sample_city).dropna().sort_values()
    ranks = [order.index(painted.fills[id_]) for id_ in values.index]
    assert ranks == sorted(ranks)
    assert len(set(order)) == len(order)
    for id_, value in values.items():
        assert painted.texts[id_] == choropleth.MEASURES[measure].text(value, "en")


def test_an_unknown_measure_is_refused(sample_city):
    with pytest.raises(QueryError, match="membership_rate"):
        sample_city.map(color="beauty")


def test_the_map_of_a_notebook_is_coloured_like_the_board(client, sample_city):
    name = re.search(r'src="(map-[^"]+\.js)"', client.get("/board").get_data(True))[1]
    script = client.get(f"/{name}").get_data(as_text=True)
    drawn = maps.render_script(sample_city.map(color="membership_rate"))
    for color in set(
        choropleth.colour_neighborhoods(sample_city, "membership_rate", "ko").fills.values()
    ):
        assert color in script
        assert color in drawn
