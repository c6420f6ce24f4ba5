"""What a city and its layers say of themselves."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from mapserver.errors import NotFoundError


def test_a_city_says_in_a_line_what_it_is(sample_city):
    line = repr(sample_city)
    assert "\n" not in line
    assert "Seo-gu" in line
    assert "32 trails" in line
    assert sample_city.version[:8] in line
    assert "findings on opening: 0" in line


def test_a_layer_is_had_by_its_id(sample_city):
    assert sample_city["zones"] is sample_city.layers["zones"]
    assert list(sample_city) == list(sample_city.layers)
    assert "zones" in sample_city.layers
    assert sample_city.layers.get("nothing") is None


@pytest.mark.parametrize("wrong", ["zone", "Zones", "zonez"])
def test_a_wrong_name_is_answered_with_the_right_one(wrong, sample_city):
    for ask in (lambda: sample_city[wrong], lambda: sample_city.layers[wrong]):
        with pytest.raises(NotFoundError, match=r"Did you mean 'zones'\?.*districts"):
            ask()
    with pytest.raises(KeyError):
        sample_city.layers[wrong]


def test_layers_print_as_a_table(sample_city):
    first, *rows = repr(sample_city.layers).splitlines()
    assert first.split() == ["id", "title", "role", "features", "geometry", "sample", "file"]
    assert [row.split()[0] for row in rows] == list(sample_city.layers)
    assert any("11,426" in row for row in rows)


def test_texts_of_files_are_text_in_a_notebook(make_city):
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(126.8, 35.1)], crs=4326)
    title = 'title = "<img src=x onerror=alert(1)>"\n[[layers]]\nid = "sights"\n'
    catalog = (
        title + 'file = "sights.geojson"\nrole = "layer"\ntitle = "<script>alert(2)</script>"\n'
    )
    city = make_city({"layers/sights.geojson": frame, "layers/catalog.toml": catalog})
    html = city._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "sights" in html
