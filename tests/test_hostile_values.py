"""Hostile text where a value is expected: ids, files, categories, surfaces, states, kinds."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

import geopandas as gpd
import pytest
import shapely
from browsing import DESK, listening, needs_chromium, serve
from flask.testing import FlaskClient

from mapserver.settings import Settings
from mapserver.text.findings import Severity
from mapserver.web import create_app

FILE = "<img src=x onerror=alert(1)>{{ 7*7 }}{% x %}${alert(2)}`'\"&amp;#"
"""What a name of a file can hold, which is all but the slash."""
HOSTILE = f"{FILE}</script><script>alert(3)</script>/../"
TRAIL, DISTRICT, PLACE = f"길{FILE}", f"상점가{HOSTILE}", f"동{HOSTILE}"
LINE = "".join(f'<trkpt lat="35.14{n}" lon="126.85{n}"><ele>{n}</ele></trkpt>' for n in range(4))


def make_gpx() -> str:
    point = '<wpt lat="35.141" lon="126.851">'
    kind = f"<type>{escape(HOSTILE)}</type><sym>{escape(HOSTILE)}</sym></wpt>"
    return (
        '<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">'
        f"{point}<name>세족장</name>{kind}{point}{kind}"
        f"<trk><name>산길</name><type>{escape(HOSTILE)}</type><trkseg>{LINE}</trkseg></trk></gpx>"
    )


def cell(text: str) -> str:
    quoted = text.replace('"', '""')
    return f'"{quoted}"'


def write_layer(folder: Path, layer: str, geometry: shapely.Geometry, /, **columns: str) -> None:
    frame = gpd.GeoDataFrame({k: [v] for k, v in columns.items()}, geometry=[geometry], crs=4326)
    (folder / "layers" / f"{layer}.geojson").write_text(frame.to_json(drop_id=True), "utf-8")


def make_hostile_city(folder: Path) -> Path:
    for part in ("gpx", "layers"):
        (folder / part).mkdir()
    (folder / "gpx" / f"{TRAIL}.gpx").write_text(make_gpx(), "utf-8")
    (folder / "gpx" / f"{TRAIL}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30))
    words = [HOSTILE] * 7
    (folder / "gpx" / "trails.csv").write_text(
        "id,surface,status,season,opened,lighting,foot_wash,width_m\n"
        + ",".join(map(cell, [TRAIL, *words]))
        + f"\n{cell(HOSTILE)},황토,open,,,,,\n",
        "utf-8",
    )
    area, inner = (
        shapely.box(126.84, 35.13, 126.87, 35.16),
        shapely.box(126.85, 35.14, 126.86, 35.15),
    )
    write_layer(
        folder, "neighborhoods", area, id=PLACE, name="동", zone=HOSTILE, role=HOSTILE, code=HOSTILE
    )
    write_layer(
        folder, "districts", inner, id=DISTRICT, name="상점가", category=HOSTILE, round=HOSTILE,
        designated=HOSTILE, neighborhood_id=HOSTILE, kind=HOSTILE,
    )  # fmt: skip
    point = shapely.Point(126.855, 35.145)
    for name in ("shops", "services", "facilities"):
        write_layer(
            folder, name, point, id=f"{name}{HOSTILE}", name="곳", category=HOSTILE, kind=HOSTILE,
            onnuri_paper=HOSTILE, district=HOSTILE,
        )  # fmt: skip
    (folder / "layers" / f"층{FILE}.csv").write_text(
        f"id,name,lon,lat,kind\n{cell(HOSTILE)},곳,126.85,35.14,{cell(HOSTILE)}\n", "utf-8"
    )
    (folder / "layers" / f"깨진{FILE}.geojson").write_text("{", "utf-8")
    (folder / "layers" / "closures.csv").write_text(
        f"trail_id,from,to,reason_ko\n{cell(TRAIL)},{cell(HOSTILE)},2026-12-01,공사\n"
        f"{cell(HOSTILE)},2026-11-01,2026-12-01,공사\n",
        "utf-8",
    )
    (folder / "layers" / "benefits.csv").write_text(
        "from,to,rate,cap_won,payment,checked_on,title\n"
        f"2026-01-01,2026-12-31,0.1,,{cell(HOSTILE)},{cell(HOSTILE)},행사\n"
        "2026-01-01,2026-12-31,0.1,50000,card,2026-11-01,행사\n",
        "utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    return make_hostile_city(tmp_path_factory.mktemp("values"))


@pytest.fixture(scope="module")
def client(city) -> FlaskClient:
    return create_app(Settings(city=city, tile_url="")).test_client()


def q(text: str) -> str:
    return quote(text, safe="")


PAGES = [
    *("/", "/map", "/map.html", "/trails/", "/districts/", "/neighborhoods/", "/board", "/offline"),
    *(f"/trails/{q(TRAIL)}", f"/trails/{q(TRAIL)}/poster", f"/trails/{q(TRAIL)}.svg"),
    *(f"/districts/{quote(DISTRICT)}", f"/neighborhoods/{quote(PLACE)}"),
    *("/embed?layers=trails,districts", "/?date=2026-12-20", "/api/docs", f"/{q(HOSTILE)}"),
    *("/board?area=" + q(HOSTILE), f"/trails/{q(HOSTILE)}", "/trails/?date=" + q(HOSTILE)),
]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path[:24])
def test_a_page_shows_values_as_text(client, path, lang):
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answer.status_code < 500
    page = answer.get_data(as_text=True)
    # As a whole or in pieces it stands nowhere as markup, and no template was filled in.
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "49{%" not in page


@pytest.mark.parametrize(
    "path",
    [
        *("/api/collections/trails/items", "/api/collections/facilities/items"),
        *("/api/collections/districts/items", "/api/collections/shops/items"),
        *("/api/nearest?lon=126.85&lat=35.14", "/api/locate?lon=126.855&lat=35.145"),
        f"/trails/{q(TRAIL)}.geojson",
    ],
)
def test_an_answer_carries_values_as_they_are_typed(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert "json" in answer.content_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert FILE in json.dumps(json.loads(answer.data), ensure_ascii=False).replace('\\"', '"')


@pytest.mark.parametrize("suffix", [".gpx", ".kml"])
def test_a_download_is_whole_xml_and_its_name_is_no_header(client, suffix):
    answer = client.get(f"/trails/{q(TRAIL)}{suffix}")
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert "<img" not in text
    assert "<script" not in text
    named = answer.headers.get("Content-Disposition", "")
    assert "\n" not in named
    assert "alert(1)>{{ 7*7 }}{% x %}${alert(2)}`'\"" not in named


def test_every_trail_of_such_a_city_is_in_doubt_and_none_is_open(client):
    found = client.get("/api/collections/trails/items").get_json()["features"]
    assert {feature["properties"]["state"] for feature in found} == {"unknown"}


def test_findings_about_such_values_have_one_line_each(city):
    import mapserver  # noqa: PLC0415 -- the city is opened once more

    findings = mapserver.open_city(city).check()
    assert any(finding.severity is Severity.ERROR for finding in findings)
    assert all("\n" not in str(finding) for finding in findings)
    assert not any(finding.code == "program-mistake" for finding in findings)


@needs_chromium
@pytest.mark.parametrize("path", ["/", "/map", f"/trails/{q(TRAIL)}", "/board", "/neighborhoods/"])
def test_a_browser_makes_no_element_of_values(visit, city, path):
    with listening(serve(city)) as url:
        seen = visit(f"{url}{path}", DESK)
        seen.settle()
        page = seen.page
        assert page.locator("img[src=x]").count() == 0
        assert page.evaluate("document.querySelectorAll('script:not([src])').length") <= 1
