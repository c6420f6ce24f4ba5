"""Streets below the map, in Chromium: tiles of other makers, and names that touch nothing.

Extracts of Protomaps and of OpenMapTiles are large; here are small files with their layers,
properties and values, as their documentation has them (docs.protomaps.com/basemaps/layers,
openmaptiles.org/schema).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from browsing import DESK, PHONE, needs_chromium, serving
from gpxtext import PATH, gpx, track
from shapely import LineString, Point, box
from shared_fixtures import write_folder

import mapserver
from mapserver.settings import palette

pytestmark = [needs_chromium]

COLORS = palette.STREETS["day"]
WEST, SOUTH = 126.845, 35.145
WATER_AT, GREEN_AT, PARKING_AT = (WEST, SOUTH), (WEST + 0.004, SOUTH), (WEST + 0.008, SOUTH)
BUILDING_AT, EARTH_AT = (WEST + 0.012, SOUTH), (WEST, SOUTH + 0.011)
ROAD_LAT, RAIL_LAT, FERRY_LAT = SOUTH + 0.0033, SOUTH + 0.0066, SOUTH + 0.0088
FERRY_AT = (WEST + 0.002, FERRY_LAT)

Row = dict[str, Any]


def around(place: tuple[float, float], reach_deg: float = 0.0015) -> Any:
    x, y = place
    return box(x - reach_deg, y - reach_deg, x + reach_deg, y + reach_deg)


def across(lat: float) -> LineString:
    return LineString([(WEST - 0.01, lat), (WEST + 0.03, lat)])


EARTH = box(WEST - 0.01, SOUTH - 0.01, WEST + 0.03, SOUTH + 0.02)
ROAD_NAME = {"name": "풍금로", "name:ko": "풍금로", "name:en": "Punggeum-ro"}
PLACE_NAME = {"name": "풍암동", "name:ko": "풍암동", "name:en": "Pungam-dong"}
COUNTRY_NAME = {"name": "대한민국", "name:ko": "대한민국", "name:en": "South Korea"}
PLACE_AT, COUNTRY_AT = Point(WEST + 0.006, SOUTH + 0.0077), Point(WEST + 0.006, SOUTH + 0.0012)

PROTOMAPS: dict[str, list[tuple[Row, Any]]] = {
    "boundaries": [({"kind": "county", "kind_detail": 6}, across(SOUTH + 0.01))],
    "buildings": [({"kind": "building", "height": 12.0}, around(BUILDING_AT))],
    "earth": [({"kind": "earth"}, EARTH)],
    "landuse": [
        ({"kind": "park", "sort_rank": 189}, around(GREEN_AT)),
        ({"kind": "industrial", "sort_rank": 189}, around(PARKING_AT)),
    ],
    "places": [
        ({"kind": "neighbourhood", "min_zoom": 12, **PLACE_NAME}, PLACE_AT),
        ({"kind": "country", "min_zoom": 2, **COUNTRY_NAME}, COUNTRY_AT),
    ],
    "pois": [({"kind": "cafe", "min_zoom": 15, "name": "카페"}, Point(PARKING_AT))],
    "roads": [
        ({"kind": "major_road", "kind_detail": "primary", **ROAD_NAME}, across(ROAD_LAT)),
        ({"kind": "rail", "kind_detail": "rail", "name": "철길"}, across(RAIL_LAT)),
        ({"kind": "ferry", "name": "뱃길"}, across(FERRY_LAT)),
    ],
    "water": [({"kind": "lake", "sort_rank": 200, "name": "못"}, around(WATER_AT))],
}  # fmt: skip

OPENMAPTILES: dict[str, list[tuple[Row, Any]]] = {
    "boundary": [({"admin_level": 6, "maritime": 0}, across(SOUTH + 0.01))],
    "building": [({"render_height": 12, "hide_3d": False}, around(BUILDING_AT))],
    "housenumber": [({"housenumber": "17"}, Point(BUILDING_AT))],
    "landcover": [({"class": "wood", "subclass": "forest"}, around(GREEN_AT))],
    "landuse": [({"class": "parking"}, around(PARKING_AT))],
    "place": [
        ({"class": "suburb", "rank": 9, "name_en": "Pungam-dong", "name": "풍암동"}, PLACE_AT),
        ({"class": "country", "rank": 1, "name_en": "South Korea", "name": "대한민국"}, COUNTRY_AT),
    ],
    "poi": [({"class": "cafe", "name": "카페"}, Point(PARKING_AT))],
    "transportation": [
        ({"class": "primary", "brunnel": None, "oneway": 0}, across(ROAD_LAT)),
        ({"class": "rail", "subclass": "rail", "oneway": 0}, across(RAIL_LAT)),
        ({"class": "ferry", "subclass": "ferry", "oneway": 0}, across(FERRY_LAT)),
    ],
    "transportation_name": [
        ({"class": "primary", "name": "풍금로", "name:latin": "Punggeum-ro"}, across(ROAD_LAT)),
        ({"class": "ferry", "name": "뱃길"}, across(FERRY_LAT)),
    ],
    "water": [({"class": "lake", "intermittent": 0}, around(WATER_AT))],
    "waterway": [({"class": "stream", "brunnel": "tunnel", "name": "덮인 내"}, across(FERRY_LAT))],
    "water_name": [({"class": "lake", "name": "못"}, Point(WATER_AT))],
}  # fmt: skip

SCHEMAS = {"protomaps": PROTOMAPS, "openmaptiles": OPENMAPTILES}


def write_tiles(folder: Path, layers: dict[str, list[tuple[Row, Any]]]) -> bytes:
    """Write vector tiles that have these layers, by the export of a city that has them."""
    (folder / "layers").mkdir(parents=True)
    for name, rows in layers.items():
        frame = gpd.GeoDataFrame(
            [row for row, _ in rows], geometry=[shape for _, shape in rows], crs=4326
        )
        frame.to_file(folder / f"layers/{name}.geojson")
    mapserver.open_city(folder).export(folder / "out.pmtiles")
    return (folder / "out.pmtiles").read_bytes()


READ_COLORS = """places => places.map(function ([lon, lat]) {
  const { x, y } = map_main.latLngToContainerPoint([lat, lon]);
  const origin = map_main.getContainer().getBoundingClientRect();
  for (const canvas of document.querySelectorAll(".leaflet-streets-pane canvas")) {
    const { left, top, width } = canvas.getBoundingClientRect();
    const [dx, dy] = [x + origin.left - left, y + origin.top - top];
    if (!canvas.width || dx < 0 || dy < 0 || dx >= width || dy >= width) continue;
    const copy = document.createElement("canvas");
    const pen = copy.getContext("2d", { willReadFrequently: true });
    const scale = canvas.width / width;
    pen.drawImage(canvas, -Math.floor(dx * scale), -Math.floor(dy * scale));
    const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
    return "#" + [r, g, b].map(part => part.toString(16).padStart(2, "0")).join("");
  }
  return null;
})"""
LIST_NAMES = "[...new Set([...document.querySelectorAll('.name-ground')].map(x => x.textContent))]"


@pytest.mark.parametrize("schema", SCHEMAS)
def test_tiles_of_other_makers_are_recognized(visit, tmp_path, schema):
    tiles = write_tiles(tmp_path / "source", SCHEMAS[schema])
    files = {"gpx/spring.gpx": gpx(track(PATH, name="봄 길")), "layers/basemap.pmtiles": tiles}
    city = write_folder(tmp_path / "city", files)
    assert "basemap-layers-unknown" not in [x.code for x in mapserver.open_city(city).check()]
    places = {
        WATER_AT: COLORS["water"],
        GREEN_AT: COLORS["green"],
        PARKING_AT: COLORS["ground"],
        BUILDING_AT: COLORS["building"],
        (WEST + 0.002, ROAD_LAT): COLORS["road"],
        (WEST + 0.002, RAIL_LAT): COLORS["rail"],
        FERRY_AT: COLORS["ground"],
        EARTH_AT: COLORS["ground"],
    }
    with serving(city) as url:
        for lang, road, place in (("ko", "풍금로", "풍암동"), ("en", "Punggeum-ro", "Pungam-dong")):
            seen = visit(f"{url}/map?lang={lang}", DESK, reduced_motion="reduce")
            seen.page.evaluate(
                "([lon, lat]) => map_main.setView([lat, lon], 16, { animate: false })",
                [WEST + 0.006, SOUTH + 0.005],
            )
            is_painted = "every(color => color && color !== '#000000')"  # nothing is quite black
            seen.wait_until(f"places => ({READ_COLORS})(places).{is_painted}", list(places))
            assert dict(
                zip(places, seen.page.evaluate(READ_COLORS, list(places)), strict=True)
            ) == places  # fmt: skip
            seen.wait_until(f"name => ({LIST_NAMES}).includes(name)", road)
            assert sorted(seen.page.evaluate(LIST_NAMES)) == sorted([road, place])


GRID = [
    ({"highway": "primary", "name": f"{n}번길 동서로"}, across(35.1485 + n * 0.0004))
    for n in range(9)
] + [
    (
        {"highway": "secondary", "name": f"비탈로 {n}번길"},
        LineString([(126.8485 + n * 0.0008, 35.1465), (126.8525 + n * 0.0008, 35.1535)]),
    )
    for n in range(4)
]
LIST_TOUCHING = """() => {
  const marks = [...document.querySelectorAll(
    ".pin, .pin-pill, .pin-drop, .pin-dot, .facility, .shop-dot, .leaflet-control, .map-tools,"
    + ".top, .filters, .sheet, .name:not(.name-ground) .name-text")];
  const inside = ({ x, y }, box) => x > box.left && x < box.right && y > box.top && y < box.bottom;
  const line = [...document.querySelectorAll(".trail-line")].flatMap(function (path) {
    const matrix = path.getScreenCTM(), count = Math.ceil(path.getTotalLength() / 4);
    const at = i => path.getPointAtLength(4 * i).matrixTransform(matrix);
    return Array.from({ length: count }, (_, i) => at(i));
  });
  // Each name as points along its middle and its edges, turned as it is turned.
  const names = [...document.querySelectorAll(".name-ground .name-text")].map(function (name) {
    const { left, right, top, bottom } = name.getBoundingClientRect();
    const { a, b } = new DOMMatrix(getComputedStyle(name).transform);
    const [midX, midY] = [(left + right) / 2, (top + bottom) / 2];
    const [width, height] = [name.offsetWidth, 0.7 * name.offsetHeight];
    const points = [-0.5, 0, 0.5].flatMap(down => Array.from({ length: 41 }, function (_, i) {
      const [along, off] = [(i / 40 - 0.5) * width, down * height];
      return { x: midX + along * a - off * b, y: midY + along * b + off * a };
    }));
    return { text: name.textContent, points, turned: Math.abs(b) > 0.1,
      covers: ({ x, y }) => {
        const [dx, dy] = [x - midX, y - midY];
        return Math.abs(dx * a + dy * b) < width / 2 && Math.abs(dy * a - dx * b) < height / 2;
      } };
  });
  const touching = [];
  for (const { text, points, covers } of names) {
    for (const mark of marks) {
      const box = mark.getBoundingClientRect();
      if (box.width && points.some(point => inside(point, box)))
        touching.push([text, mark.className]);
    }
    if (line.some(covers)) touching.push([text, "line"]);
    for (const other of names)
      if (other.points !== points && other.points.some(covers)) touching.push([text, other.text]);
  }
  return [touching, names.length, names.filter(({ turned }) => turned).length];
}"""


@pytest.mark.slow  # several views of one page
def test_names_of_streets_touch_no_pin_no_name_and_no_control(visit, tmp_path):
    """The streets' names are placed in the map's one pass, after all of its own."""
    tiles = write_tiles(tmp_path / "source", {"roads": GRID})
    trails = {
        f"gpx/trail{n}.gpx": gpx(
            track([(x + n * 0.0012, y - n * 0.0007) for x, y in PATH], name=f"긴 이름의 봄 길 {n}")
        )
        for n in range(3)
    }
    city = write_folder(tmp_path / "city", {**trails, "layers/basemap.pmtiles": tiles})
    counts, turned = [], []
    with serving(city) as url:
        seen = visit(f"{url}/?lang=ko", reduced_motion="reduce")
        page = seen.page
        for viewport, zooms in ((PHONE, (16, 17)), (DESK, (15, 15.5, 15.75, 16, 17))):
            page.set_viewport_size(viewport)
            for zoom in zooms:
                page.evaluate(
                    "zoom => map_main.setView([35.1497, 126.8515], zoom, { animate: false })", zoom
                )
                seen.wait_until("document.querySelectorAll('.name-ground').length > 0")
                seen.settle()
                touching, count, count_turned = page.evaluate(LIST_TOUCHING)
                assert touching == [], (viewport, zoom)
                counts.append(count)
                turned.append(count_turned)
        # The sheet that moves takes the names below it away, and gives their place back.
        page.set_viewport_size(PHONE)
        seen.settle()
        page.evaluate("maenballo.setInsets({ top: 700 })")
        seen.settle()
        low = page.evaluate(
            "[...document.querySelectorAll('.name-text')].map(x => x.getBoundingClientRect().top)"
        )
        assert all(top >= 700 for top in low)
        assert page.get_attribute(".leaflet-names-pane", "aria-hidden") == "true"
    assert max(counts) >= 8
    assert max(turned) >= 2
