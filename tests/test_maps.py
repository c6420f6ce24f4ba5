"""The map as Folium renders it: text stays text, bytes stay the same, nothing comes from afar."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import folium
import geopandas as gpd
import jinja2
import numpy as np
import pytest
import shapely
from cities import city_of
from hypothesis import given
from hypothesis import strategies as st

import mapserver
from benchmarks.bigcity import make_layers
from mapserver.drawing import layer_features, maps
from mapserver.geo import geodesy
from mapserver.settings import limits

SUMMER, WINTER = dt.date(2026, 7, 1), dt.date(2026, 12, 20)


@pytest.fixture
def city(sample_city):
    return sample_city


def script(city, **options) -> str:
    return maps.render_script(maps.build_map(city, **options))


@pytest.mark.slow
@given(
    st.recursive(st.text(), lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside))
)
def test_safe_json_is_the_same_value_and_no_template(value):
    text = maps.safe_json(value)
    assert json.loads(text) == value
    assert jinja2.Template(text).render() == text
    assert not set(text) & set("<>&\u2028\u2029")


@given(st.text(st.characters(exclude_characters="\r\n")))  # which Jinja makes one
def test_inert_text_is_no_markup_and_no_template(text):
    written = maps.inert(text)
    assert jinja2.Template(written).render() == jinja2.Template("{{ x }}").render(x=written)
    assert not set(written) & set("<>{\"'")


def test_a_map_is_a_folium_map_with_every_trail_and_district(city):
    drawn = city.map()
    assert isinstance(drawn, folium.Map)
    text = maps.render_script(drawn)
    for layer in ("trails", "districts", "neighborhoods", "facilities", "zones"):
        for id_ in city.layers[layer].index:
            assert f'"id":"{id_}"' in text


@pytest.mark.slow
def test_a_saved_map_names_no_host(city, tmp_path):
    city.map().save(str(tmp_path / "map.html"))
    text = (tmp_path / "map.html").read_text(encoding="utf-8")
    loaded = re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["'](?!data:)([^"']+)""", text)
    assert loaded == []


def test_each_language_has_its_own_words(city):
    korean, english = script(city, lang="ko"), script(city, lang="en")
    assert "맨발길" in korean
    assert "Barefoot trails" in english
    assert "Red clay" in english
    assert "황토" not in english


@pytest.mark.slow
def test_closed_trails_say_why_and_until_when(city):
    assert '"state":"closed"' in script(city, day=WINTER, lang="en")
    assert "Closed for the season" in script(city, day=WINTER, lang="en")
    assert script(city, day=SUMMER).count('"state":"open"') > len(city.trails) / 2


def test_a_layer_too_large_to_draw_is_named_in_the_legend(city, monkeypatch):
    monkeypatch.setattr(limits, "MAX_DRAWN_FEATURES", 100)
    text = script(city, lang="en")
    assert "Not drawn: Shopping districts (119)".replace("119", str(len(city.districts))) in text
    assert '"id":"D-001"' not in text


@pytest.mark.slow
def test_the_map_of_a_city_of_seoul_s_size_stays_small():
    frames = make_layers()
    roles = ("neighborhoods", "districts", "trails", "shops")
    city = city_of(metric_crs="EPSG:5186", **{role: frames[role] for role in roles})
    assert len(city.map().get_root().render().encode()) < 4e6
    assert len(city.map()._repr_html_().encode()) < 4e6


def test_features_without_a_place_are_left_out(make_city_of):
    nothing = gpd.GeoDataFrame(
        {"name": ["here", "nowhere", "empty"]},
        geometry=[shapely.Point(126.85, 35.15), None, shapely.Polygon()],
        index=["a", "b", "c"],
        crs="EPSG:4326",
    )
    text = script(make_city_of(sights=nothing))
    assert '"id":"a"' in text
    assert '"id":"b"' not in text


def test_a_city_with_nothing_in_it_still_has_a_map(make_city_of):
    assert "maenballo.furnish" in script(make_city_of())


@pytest.mark.parametrize("url", ["https://t.example/{z}/{x}/{y}.png?a={{ 7*7 }}&b={% x %}"])
def test_a_tile_address_is_no_template(city, url):
    text = script(city, web=maps.WebOptions(tile_url=url, tile_attribution="<b>{{ 7*7 }}</b>"))
    assert "49" not in re.findall(r"t\.example[^\"]*", text)[0]
    assert "<b>" not in text


def test_folium_s_unsafe_doors_stay_shut():
    texts = (path.read_text("utf-8") for path in Path(mapserver.__file__).parent.rglob("*.py"))
    source = "".join(text for text in texts if "import folium" in text or "branca" in text)
    used = re.findall(
        r"folium\.(?:Popup|Tooltip|GeoJsonPopup|GeoJsonTooltip|Icon|DivIcon|Html)|"
        r"add_(?:js|css)_link|(?<![.\w])Element\(|plugins\.Search",
        source,
    )
    assert used == []


@pytest.fixture
def make_city_of():
    """Build a city in memory from frames."""
    from mapserver.city import City  # noqa: PLC0415
    from mapserver.model import Catalog, CityData, Layer, LayerEntry, Title, complete_entry  # noqa: PLC0415  # noqa: PLC0415

    def build(**frames):
        layers = {
            id_: Layer(complete_entry(LayerEntry(id_)), frame, f"layers/{id_}.geojson")
            for id_, frame in frames.items()
        }
        return City(
            CityData(Path(), Catalog(title=Title("시험")), layers, None, None, (), "0" * 16)
        )

    return build


@pytest.mark.slow
def test_outlines_of_a_large_city_keep_a_common_border_and_few_decimals():
    areas = make_layers(neighborhoods=60, vertices=12_000)["neighborhoods"].geometry.to_numpy()
    assert shapely.get_num_coordinates(areas).sum() > limits.MAX_FULL_VERTICES
    thinned = layer_features._thin_vertices(areas)
    corners = shapely.get_coordinates(thinned)
    np.testing.assert_array_equal(corners, corners.round(layer_features.THIN_DECIMALS))
    # Neighbours have the same corners: each is rounded to the same place on both sides.
    assert shapely.coverage_is_valid(thinned)
    moved_m2 = np.abs(geodesy.area_m2(thinned) - geodesy.area_m2(areas))
    assert (moved_m2 < 6 * geodesy.length_m(shapely.boundary(areas))).all()
