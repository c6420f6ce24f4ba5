"""Columns of every type of a file are tables in a database, and come back as they were."""

from __future__ import annotations

import datetime as dt
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from gpxtext import gpx
from test_stores import load, run_sql

import mapserver
from mapserver.settings import Settings
from mapserver.stores.proving import find_difference
from mapserver.web import create_app

COUNT = 6
COLUMNS = {
    "empty": [None] * COUNT,
    "flag": [True, None, False, None, True, False],
    "short": np.arange(COUNT, dtype="int16"),
    "common": np.arange(COUNT, dtype="int32"),
    "lacking": pd.array([1, None, 3, 4, 5, 6], dtype="Int32"),
    "byte": np.arange(COUNT, dtype="uint8"),
    "positive": np.arange(COUNT, dtype="uint32"),
    "single": np.arange(COUNT, dtype="float32") / 3,
    "no_number": [np.nan] * COUNT,
    "no_day": pd.to_datetime([None] * COUNT),
    "day": [dt.date(2026, 1, 1), None] * 3,
    "clock": [dt.time(9, 30), None] * 3,
    "several": [[1, 2], None] * 3,
    "kind": pd.Categorical(["가", None] * 3),
    "signs": [np.inf, -np.inf, np.nan, -0.0, 0.0, 1e-7],
}
"""All that a Parquet file may hold in a column, of which some values or all are missing."""
QUERIES = (
    *("items?limit=9", "items?filter=flag=true", "items?filter=empty%20IS%20NULL"),
    *("items?filter=single%3E0.33", "items?sortby=-lacking"),
)


@pytest.fixture
def folder(make_folder):
    """A city with a layer of every type, and one whose column has values of two kinds."""
    places = shapely.points(126.84 + np.arange(COUNT) / 1000, 35.13)
    frame = gpd.GeoDataFrame(
        {"id": [f"t{n}" for n in range(COUNT)], **COLUMNS}, geometry=places, crs=4326
    )
    mixed = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [126.84, 35.13]},
                "properties": {"id": id_, "note": note},
            }
            for id_, note in (("a", "글"), ("b", 7), ("c", None))
        ],
    }
    folder = make_folder({"gpx/a.gpx": gpx(), "layers/mixed.geojson": json.dumps(mixed)})
    frame.to_parquet(folder / "layers" / "types.parquet")
    frame[["id", "flag", "empty", "geometry"]].to_file(folder / "layers" / "plain.geojson")
    return folder


@pytest.mark.slow
def test_columns_of_every_type_are_tables_and_come_back_as_they_were(database, folder):
    loaded = load(folder, f"{database}?schema=c")
    assert loaded.only_files.keys() == {"mixed"}, list(map(str, loaded.only_files.values()))
    kinds = dict(
        run_sql(
            database,
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'c' AND table_name = 'types'",
        )
    )
    assert (kinds["flag"], kinds["empty"], kinds["common"]) == ("boolean", "text", "integer")
    files, stored = mapserver.open_city(folder), mapserver.open_city(database)
    # After an edit the layer is read from its table, no longer from its file.
    run_sql(database, "UPDATE c.types SET flag = NOT flag WHERE id = 't0'")
    edited = mapserver.open_city(database).layers["types"]
    assert edited["flag"].tolist()[:3] == [False, pd.NA, False]
    assert find_difference(stored.layers["types"], files.layers["types"]) is None
    assert (
        find_difference(edited.drop(columns="flag"), files.layers["types"].drop(columns="flag"))
        is None
    )


@pytest.mark.slow
@pytest.mark.parametrize("large_rows", [2, 100])
def test_answers_about_columns_of_every_type_are_those_of_files(database, folder, large_rows):
    load(folder, f"{database}?schema=c")
    apps = [
        create_app(settings=Settings(city=folder, tile_url="")),
        create_app(settings=Settings(store=database, large_rows=large_rows, tile_url="")),
    ]
    for query in QUERIES:
        first, second = (app.test_client().get(f"/api/collections/types/{query}") for app in apps)
        assert (first.status_code, first.data) == (second.status_code, second.data), query


@pytest.mark.slow
def test_a_layer_that_is_no_table_names_its_column_and_what_to_do(database, folder):
    reasons = load(folder, f"{database}?schema=c").only_files
    assert list(reasons) == ["mixed"]
    assert str(reasons["mixed"]) == (
        "column 'note' has values of several kinds. Write all of them as text, or all as numbers"
    )
