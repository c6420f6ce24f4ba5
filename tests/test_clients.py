"""Programs that people use, against a served city: GDAL (with it QGIS, R) and OWSLib."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyogrio
import pytest
from conftest import ROOT
from owslib.ogcapi.features import Features
from serving import Serving, served

pytestmark = pytest.mark.skipif(
    pyogrio.list_drivers().get("OAPIF") is None, reason="this GDAL has no driver OAPIF"
)
BOX = (126.84, 35.11, 126.86, 35.14)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Serving]:
    """The sample city, served by another process: GDAL lets no thread of its own go on."""
    with served(ROOT, tmp_path_factory.mktemp("clients") / "log", "--workers", 1) as server:
        yield server


@pytest.fixture(scope="module")
def address(server) -> str:
    return f"{server.address}/api"


@pytest.fixture
def read(address):
    """Read a layer as GDAL does."""
    return lambda layer, **options: pyogrio.read_dataframe(
        f"OAPIF:{address}", layer=layer, **options
    )


def test_gdal_lists_every_collection_and_counts_its_features(address, sample_city):
    layers = dict(pyogrio.list_layers(f"OAPIF:{address}"))
    assert list(layers) == list(sample_city.layers)
    assert (layers["shops"], layers["trails"]) == ("Point", "MultiLineString")
    for layer in layers:
        info = pyogrio.read_info(f"OAPIF:{address}", layer=layer, force_feature_count=True)
        assert info["features"] == len(sample_city.layers[layer])


@pytest.mark.slow  # two hundred and thirty pages of shops
def test_gdal_reads_every_shop_page_by_page(read, server, sample_city):
    count = server.log.read_text().count("/api/collections/shops/items")
    shops = read("shops", PAGE_SIZE=50)
    server.lines("/api/collections/shops/items", count + len(shops) // 50)
    assert sorted(shops["id"]) == sorted(map(str, sample_city.shops.index))
    names = sample_city.shops["name"].set_axis(sample_city.shops.index.map(str))
    assert shops.set_index("id")["name"].equals(
        names[list(shops["id"])].astype(shops["name"].dtype)
    )


def test_gdal_reads_numbers_booleans_days_and_korean_as_what_they_are(address, read, sample_city):
    info = pyogrio.read_info(f"OAPIF:{address}", layer="trails")
    types = dict(zip(info["fields"], info["ogr_types"], strict=True))
    subtypes = dict(zip(info["fields"], info["ogr_subtypes"], strict=True))
    assert types["segments"] == "OFTInteger"
    assert types["length_m"] == "OFTReal"
    assert (types["foot_wash"], subtypes["foot_wash"]) == ("OFTInteger", "OFSTBoolean")
    assert (types["state_on"], types["name"]) == ("OFTDate", "OFTString")
    trails = read("trails").set_index("id")
    ours = sample_city.trails
    assert set(trails.index) == set(ours.index)
    assert trails["name"].to_dict() == ours["name"].to_dict()
    assert trails["length_m"].to_dict() == pytest.approx(ours["length_m"].to_dict())
    # What is unknown stays unknown.
    assert trails["ascent_m"].isna().to_dict() == ours["ascent_m"].isna().to_dict()


def test_gdal_asks_for_a_box_and_gets_what_the_city_has_in_it(read, sample_city):
    shops = read("shops", bbox=BOX)
    assert len(shops) == len(sample_city.shops.cx[BOX[0] : BOX[2], BOX[1] : BOX[3]])


@pytest.mark.parametrize("system", ["EPSG:5186", "EPSG:5179", "EPSG:3857"])
def test_gdal_reads_places_in_another_system_with_its_axes_where_they_belong(
    read, sample_city, system
):
    trails = read("trails", CRS=system).set_index("id")
    assert trails.crs.equals(system)
    ours = sample_city.trails.to_crs(system).loc[trails.index]
    assert np.abs(trails.total_bounds - ours.total_bounds).max() < 0.02


@pytest.mark.parametrize(
    ("where", "select"),
    [
        ("surface = '마사토'", lambda f: f["surface"] == "마사토"),
        ("segments = 1", lambda f: f["segments"] == 1),
        ("foot_wash = 1", lambda f: f["foot_wash"].eq(True).fillna(False)),
        ("foot_wash = 0", lambda f: f["foot_wash"].eq(False).fillna(False)),
        (
            "length_m > 900 AND foot_wash = 1",
            lambda f: (f["length_m"] > 900) & f["foot_wash"].eq(True).fillna(False),
        ),
        ("name LIKE '%산%'", lambda f: f["name"].str.contains("산")),
        ("opened IS NULL", lambda f: f["opened"].isna()),
        (
            "name = '짚봉산' OR segments > 1",
            lambda f: (f["name"] == "짚봉산") | (f["segments"] > 1),
        ),
        ("id = '{first}'", lambda f: f.index == f.index[0]),
    ],
)
def test_gdal_filters_as_the_frame_does(read, sample_city, where, select):
    ours = sample_city.trails
    trails = read("trails", where=where.format(first=ours.index[0]))
    assert set(trails["id"]) == set(ours.index[np.asarray(select(ours), dtype=bool)])


@pytest.fixture(scope="module")
def features(address) -> Features:
    return Features(f"{address}/")


def test_owslib_reads_what_there_is_and_how_it_is_asked(features, sample_city):
    assert features.feature_collections() == list(sample_city.layers)
    assert any(each.endswith("/conf/crs") for each in features.conformance()["conformsTo"])
    assert features.collection("trails")["id"] == "trails"
    names = set(features.collection_queryables("trails")["properties"])
    assert {"name", "length_m", "foot_wash"} <= names
    assert names - {"geometry"} <= set(features.collection_schema("trails")["properties"])


def test_owslib_reads_items_by_box_filter_and_day(features, sample_city):
    shops = features.collection_items("shops", limit=3, bbox=list(BOX))
    inside = sample_city.shops.cx[BOX[0] : BOX[2], BOX[1] : BOX[3]]
    assert (shops["numberReturned"], shops["numberMatched"]) == (3, len(inside))
    long = features.collection_items("trails", filter="length_m > 900 AND surface = '마사토'")
    ours = sample_city.trails
    assert {each["id"] for each in long["features"]} == set(
        ours.index[(ours["length_m"] > 900) & (ours["surface"] == "마사토")]
    )
    day = features.collection_items("trails", datetime_="2026-12-20")
    states = {each["id"]: each["properties"]["state"] for each in day["features"]}
    assert states == sample_city.trails_on(pd.Timestamp("2026-12-20").date())["state"].to_dict()


def test_owslib_reads_one_feature_by_its_id(features, sample_city):
    first = sample_city.trails.index[0]
    feature = features.collection_item("trails", first)
    assert feature["properties"]["name"] == sample_city.trails.loc[first, "name"]
