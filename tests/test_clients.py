"""Programs that people use, against a served city: GDAL (with it R), OWSLib and QGIS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl

import numpy as np
import pandas as pd
import pyogrio
import pytest
from conftest import ROOT
from owslib.ogcapi.features import Features
from serving import Serving, served
from shapely import box
from werkzeug.serving import make_server

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
    assert list(layers) == list(sample_city.published)
    assert (layers["shops"], layers["trails"]) == ("Point", "MultiLineString")
    for layer in layers:
        info = pyogrio.read_info(f"OAPIF:{address}", layer=layer, force_feature_count=True)
        assert info["features"] == len(sample_city.published[layer])


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


GDAL_PROGRAM = """
import json, sys
import pyogrio

address, questions = sys.argv[1], json.loads(sys.argv[2])
for question in questions:
    box = question.pop("bbox", None)
    frame = pyogrio.read_dataframe(f"OAPIF:{address}", bbox=box and tuple(box), **question)
    print(json.dumps(sorted(frame["id"])), flush=True)
"""
"""Reads layers in a process of its own, so that the server can be a thread of this one."""
GDAL_FILTERS = [
    ("trails", "surface = '마사토'", lambda f: f["surface"] == "마사토"),
    (
        "trails",
        "length_m > 900 AND foot_wash = 1",
        lambda f: (f["length_m"] > 900) & f["foot_wash"].eq(other=True),
    ),
    ("trails", "foot_wash = 0", lambda f: f["foot_wash"].eq(other=False)),
    ("trails", "name LIKE '%산%'", lambda f: f["name"].str.contains("산")),
    ("trails", "name_en ILIKE '%SAN%'", lambda f: f["name_en"].str.contains("san", case=False)),
    ("trails", "NOT (segments = 1) OR notes IS NULL", lambda f: f["notes"].isna()),
    ("districts", "designated >= '2025-06-01'", lambda f: f["designated"] >= "2025-06-01"),
    (
        "districts",
        "designated BETWEEN '2025-01-01' AND '2025-12-31'",
        lambda f: f["designated"].between("2025-01-01", "2025-12-31"),
    ),
    ("districts", "round <> 1", lambda f: f["round"] != 1),
]
"""Filters that GDAL leaves to the server whole, with the same question to a frame."""


@pytest.fixture(scope="module")
def recorded(sample_app) -> Iterator[tuple[str, list[tuple[str, dict[str, str], str]]]]:
    """Serve the sample city in a thread, and record what is asked for and the status it gets.

    The server's own log leaves out what stands behind the question mark: it may be a position.
    """
    requests: list[tuple[str, dict[str, str], str]] = []

    def record(environment, start):
        def start_recorded(status, headers, *rest):
            query = dict(parse_qsl(environment["QUERY_STRING"]))
            requests.append((environment["PATH_INFO"], query, status[:3]))
            return start(status, headers, *rest)

        return sample_app(environment, start_recorded)

    server = make_server("127.0.0.1", 0, record, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/api", requests
    server.shutdown()
    thread.join()
    server.server_close()


def ask_gdal(recorded, questions) -> list[tuple[list[str], dict[str, str]]]:
    """Ask GDAL; return the ids that it reads, and the query by which it asked for each layer."""
    address, requests = recorded
    del requests[:]
    command = [sys.executable, "-c", GDAL_PROGRAM, address, json.dumps(questions)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    ids = [json.loads(line) for line in run.stdout.splitlines()]
    assert {status for *_, status in requests} <= {"200", "308"}
    # Of each layer GDAL first reads a few features for their types, by "limit" alone.
    asked = [query for path, query, _ in requests if path.endswith("/items") and len(query) > 1]
    return list(zip(ids, asked, strict=True))


@pytest.mark.slow  # GDAL opens the city ten times
def test_gdal_leaves_boxes_and_filters_to_the_server(recorded, sample_city):
    questions = [{"layer": layer, "where": where} for layer, where, _ in GDAL_FILTERS]
    *filtered, (ids, asked) = ask_gdal(recorded, [*questions, {"layer": "trails", "bbox": BOX}])
    for (layer, where, select), (ids_of_filter, query) in zip(GDAL_FILTERS, filtered, strict=True):
        frame = sample_city.layers[layer]
        is_match = np.asarray(select(frame).fillna(value=False), dtype=bool)
        assert ids_of_filter == sorted(map(str, frame.index[is_match])), where
        assert ids_of_filter, where
        # A comparison of dates is a filter, too: "datetime" would mean the day of the states.
        assert query["filter-lang"] == "cql-text", where
        assert where.partition(" ")[0] in query["filter"]
        assert "datetime" not in query
    assert [float(number) for number in asked["bbox"].split(",")] == pytest.approx(BOX)
    assert len(ids) == len(sample_city.trails.cx[BOX[0] : BOX[2], BOX[1] : BOX[3]])


@pytest.fixture(scope="module")
def features(address) -> Features:
    return Features(f"{address}/")


def test_owslib_reads_what_there_is_and_how_it_is_asked(features, sample_city):
    assert features.feature_collections() == list(sample_city.published)
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


SYSTEM_PYTHON = "/usr/bin/python3"
"""QGIS is a package of the system, and its module belongs to the system's Python."""
FILTERS = {
    "trails": {
        "\"surface\" = '마사토'": lambda f: f["surface"] == "마사토",
        '"length_m" > 900 AND "segments" = 1': lambda f: (
            (f["length_m"] > 900) & (f["segments"] == 1)
        ),
        "\"name\" LIKE '%산%'": lambda f: f["name"].str.contains("산"),
        '"notes" IS NULL': lambda f: f["notes"].isna(),
    },
    "districts": {
        "\"designated\" >= to_date('2025-06-01')": lambda f: f["designated"] >= "2025-06-01",
        '"round" IN (1, 3)': lambda f: f["round"].isin([1, 3]),
    },
    "shops": {"\"onnuri_card\" = 'yes'": lambda f: f["onnuri_card"] == "yes"},
}
"""Expressions of QGIS, with the same question to a frame."""
LASTING_FILTERS = {
    "trails": {
        '"foot_wash" = false': lambda f: f["foot_wash"].eq(other=False),
        '"foot_wash" AND "length_m" > 900': lambda f: (
            f["foot_wash"].eq(other=True) & (f["length_m"] > 900)
        ),
    },
}
"""Those of its query builder alone: what QGIS 3.22 has put away of a layer knows no booleans."""


@pytest.fixture(scope="module")
def qgis_answers(address, sample_city, tmp_path_factory) -> dict[str, dict]:
    """What QGIS reads of each layer, in one run."""
    command = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    folder = tmp_path_factory.mktemp("qgis")
    display = {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)}
    # QGIS keeps its settings at home, and its Python is not ours.
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
    environment = outside | display | {"HOME": str(folder)}
    try:
        found = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603, PLW1510
    except FileNotFoundError:
        pytest.skip(f"there is no {SYSTEM_PYTHON}, and so no QGIS")
    if found.returncode:
        pytest.skip(f"QGIS is not installed: {found.stderr.strip().splitlines()[-1]}")
    file = folder / "questions.json"
    questions = [
        {
            "layer": layer,
            "box": BOX,
            "selections": list(FILTERS.get(layer, {})),
            "filters": [*FILTERS.get(layer, {}), *LASTING_FILTERS.get(layer, {})],
        }
        for layer in sample_city.layers
    ]
    file.write_text(json.dumps(questions), encoding="utf-8")
    script = Path(__file__).with_name("qgis_layers.py")
    run = subprocess.run(  # noqa: S603, PLW1510
        [SYSTEM_PYTHON, script, address, file], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.slow  # QGIS starts, and reads every layer several times
def test_qgis_adds_each_layer_and_counts_its_features(qgis_answers, sample_city):
    assert list(qgis_answers) == list(sample_city.layers)
    for layer, frame in sample_city.layers.items():
        assert qgis_answers[layer]["count"] == len(frame)
        assert qgis_answers[layer]["ids"] == sorted(map(str, frame.index))
        assert qgis_answers[layer]["crs"] == "EPSG:4326"
    fields = qgis_answers["trails"]["fields"]
    assert (fields["length_m"], fields["segments"], fields["name"]) == ("Real", "Integer", "String")
    assert (fields["foot_wash"], fields["state_on"]) == ("Boolean", "Date")


@pytest.mark.slow  # QGIS starts, and reads every layer several times
def test_qgis_filters_by_an_expression_and_by_a_box_as_the_frame_does(qgis_answers, sample_city):
    west, south, east, north = BOX
    for layer, frame in sample_city.layers.items():
        is_inside = frame.geometry.intersects(box(west, south, east, north))
        assert qgis_answers[layer]["in_box"] == sorted(map(str, frame.index[is_inside]))
    for way, filters in (
        ("selected", FILTERS),
        ("filtered", FILTERS),
        ("filtered", LASTING_FILTERS),
    ):
        for layer, questions in filters.items():
            frame = sample_city.layers[layer]
            for text, select in questions.items():
                is_match = np.asarray(select(frame).fillna(value=False), dtype=bool)
                ids = sorted(map(str, frame.index[is_match]))
                assert ids, text
                assert qgis_answers[layer][way][text] == ids, (way, text)


@pytest.mark.slow  # QGIS starts, and reads every layer several times
def test_qgis_draws_each_layer(qgis_answers):
    for layer, answer in qgis_answers.items():
        assert answer["painted_px"] > 50, layer
