"""What a city and its layers say of themselves."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapserver.errors import NotFoundError
from mapserver.model import plain_records


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


def test_rows_become_plain_values_and_none_where_a_value_is_missing():
    columns = {
        "text": pd.array(["a", None], dtype="str"),
        "decimal": [1.5, np.nan],
        "whole": pd.array([2**60 + 1, None], dtype="Int64"),
        "truth": pd.array([True, None], dtype="boolean"),
        "day": [dt.date(2026, 5, 20), None],
        "time": pd.to_datetime(["2026-05-20T01:02:03Z", None]),
        "mixed": pd.Series([np.int64(3), pd.NA], dtype=object),
        "list": [[1, None], None],
    }
    frame = gpd.GeoDataFrame(columns, geometry=[shapely.Point(0, 0), None])
    known, unknown = plain_records(frame)
    assert known == {
        **{"text": "a", "decimal": 1.5, "whole": 2**60 + 1, "truth": True, "mixed": 3},
        "day": dt.date(2026, 5, 20),
        "time": pd.Timestamp("2026-05-20T01:02:03Z"),
        "list": [1, None],
    }
    assert [type(known[c]) for c in ("decimal", "whole", "truth", "mixed")] == [
        *(float, int, bool, int)
    ]
    assert unknown == dict.fromkeys(columns)
    assert plain_records(frame.iloc[:0]) == []
