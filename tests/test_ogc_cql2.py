"""CQL2 1.0: how many features the standard's own tests expect, asked of the API.

They count countries and cities of Natural Earth (1:110 million). Countries come with pyogrio; the
cities came with geopandas before 1.0, whose folder ``datasets`` NATURAL_EARTH_DATA names.
Neither has the columns that the standard made up (dates, times, booleans) or its rivers, and
expressions about those are left out: ``test_filters_conformance`` asks them of other rows.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path

import filter_oracle
import geopandas as gpd
import pyogrio
import pytest
from gpxtext import gpx
from test_filters_conformance import STANDARDS, needs_standards

from mapserver.filters import read_filter
from mapserver.settings import Settings
from mapserver.web import create_app

COUNTRIES = "ne_110m_admin_0_countries"
CITIES = "ne_110m_populated_places_simple"
FIXTURES = Path(pyogrio.__file__).parent / "tests" / "fixtures"
OLD_NAMES = {"Kyiv": "Kiev", "Chi?in?u": "Chișinău"}
"""How the standard's data calls two cities, one of which the file at hand has damaged."""
OTHER_CITIES = re.compile(r"LIKE accenti\((casei\()?'(Ch|Chiș|cHis)%'")
"""Expressions about cities whose names begin with Ch, which are others in the standard's data."""
ROW = re.compile(r"^\|(?:[^|`]*\|)?(ne_110m_\w+) *\|`(.+)` *\|(\d+)$", re.MULTILINE)
COMBINED = re.compile(r"^((?:\|`[^`]+` *){4})\|(\d+)$", re.MULTILINE)
FEWEST = {COUNTRIES: 52, CITIES: 50}
"""How many counts there are at least, so that a table that is read no longer is noticed."""


def read_layer(layer: str) -> gpd.GeoDataFrame:
    """Read a layer with the standard's columns; its test is skipped where no file is at hand."""
    folder = Path(os.environ.get("NATURAL_EARTH_DATA", "missing"))
    if layer == CITIES:
        path = folder / "naturalearth_cities"
        if not path.exists():
            pytest.skip(f"needs {path.name} in NATURAL_EARTH_DATA")
        frame = gpd.read_file(path)
        return frame.assign(name=frame["name"].replace(OLD_NAMES))
    frame = gpd.read_file(FIXTURES / "naturalearth_lowres")[["name", "geometry"]]
    newer = folder / "naturalearth_lowres"
    if newer.exists():  # the numbers of people that the standard counts by
        people = gpd.read_file(newer).set_index("name")["pop_est"]
        people = people.rename({"North Macedonia": "Macedonia"})
        frame["POP_EST"] = people[frame["name"]].to_numpy()
    return frame


@cache
def list_counts() -> dict[str, dict[str, int]]:
    """List the expressions of the standard with the count of each, by layer."""
    counts: dict[str, dict[str, int]] = {COUNTRIES: {}, CITIES: {}}
    for path in sorted((STANDARDS / "ats").glob("annex_ats_*.adoc")):
        # A backslash keeps AsciiDoc from reading a sign as its own.
        # NAME is read as what every layer calls a name.
        text = re.sub(r"\\(?=[<(])", "", path.read_text("utf-8")).replace("NAME", "name")
        for layer, expression, count in ROW.findall(text):
            if layer in counts:
                counts[layer][expression] = int(count)
        for predicates, count in COMBINED.findall(text):
            one, two, three, four = re.findall("`([^`]+)`", predicates)
            combined = f"(NOT ({two}) AND {one}) OR ({three} and {four}) or not ({one} OR {four})"
            counts[CITIES][combined] = int(count)
    return counts


@needs_standards
@pytest.mark.parametrize("layer", [COUNTRIES, CITIES])
def test_conf_test_data_and_logical_counts_of_the_standard(layer, make_folder):
    frame = read_layer(layer)
    folder = make_folder({f"layers/{layer}.geojson": frame, "gpx/a.gpx": gpx()})
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    known = {*frame.columns, "geom"}
    asked = 0
    for text, count in list_counts()[layer].items():
        if OTHER_CITIES.search(text) or not known.issuperset(read_filter(text).properties):
            continue
        asked += 1
        twin = json.dumps(filter_oracle.parse(text))
        for expression, language in ((text, "cql2-text"), (twin, "cql2-json")):
            query = {"filter": expression, "filter-lang": language, "limit": 1}
            answer = client.get(f"/api/collections/{layer}/items", query_string=query)
            assert answer.status_code == 200, (text, answer.text)
            assert answer.json["numberMatched"] == count, expression
    assert asked >= FEWEST[layer]
