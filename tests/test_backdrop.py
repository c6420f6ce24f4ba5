"""A backdrop of one's own: what is checked of it, how it is served, and which layers make one."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import geopandas as gpd
import pytest
from browsing import needs_chromium, serving
from gpxtext import PATH, gpx, track
from pmtiles.reader import MemorySource, Reader
from pmtiles.tile import (
    Compression,
    TileType,
    deserialize_header,
    serialize_header,
)
from shapely import GeometryCollection, LineString, Point, box
from shared_fixtures import write_folder

import mapserver
from mapserver.readers.basemap import KNOWN_LAYERS
from mapserver.settings import Settings, limits, palette
from mapserver.web import create_app, server, write_site
from mapserver.web.backdrop import find_backdrop
from mapserver.web.live import open_snapshot
from mapserver.writers.pmtiles import write_pmtiles

ROOT = Path(__file__).resolve().parent.parent
WEST, SOUTH = 126.84, 35.14
CREDIT = '[basemap]\nattribution = "© OpenStreetMap"\n'
ROADS = gpd.GeoDataFrame(
    {"name": ["풍금로", "둑길"], "highway": ["primary", "footway"]},
    geometry=[
        LineString([(WEST, SOUTH + 0.01), (WEST + 0.03, SOUTH + 0.01)]),
        LineString([(WEST + 0.01, SOUTH), (WEST + 0.01, SOUTH + 0.02)]),
    ],
    crs=4326,
)
POND = gpd.GeoDataFrame(
    {"name": ["못"]}, geometry=[box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.008)], crs=4326
)
GROUND = {"layers/roads.geojson": ROADS, "layers/water.geojson": POND}
SPRING = {"gpx/spring.gpx": gpx(track(PATH, name="봄 길"))}


@pytest.fixture(scope="module")
def tiles(tmp_path_factory) -> bytes:
    """A small archive, written by the export of a city that has roads and water."""
    folder = tmp_path_factory.mktemp("tiles")
    (folder / "layers").mkdir()
    ROADS.to_file(folder / "layers/roads.geojson")
    POND.to_file(folder / "layers/water.geojson")
    mapserver.open_city(folder).export(folder / "out.pmtiles")
    return (folder / "out.pmtiles").read_bytes()


@pytest.fixture
def client(make_folder, tiles):
    files = {**SPRING, "layers/basemap.pmtiles": tiles}
    app = create_app(Settings(city=make_folder(files)))
    return app.test_client()


def address(client) -> str:
    city = client.application.extensions["mapserver"].city
    return f"/{find_backdrop(city).name}"


def change_header(tiles: bytes, **values: object) -> bytes:
    return serialize_header({**deserialize_header(tiles[:127]), **values}) + tiles[127:]


def replace_metadata(tiles: bytes, metadata: bytes) -> bytes:
    """Write another description at the end of an archive."""
    place = {"metadata_offset": len(tiles), "metadata_length": len(metadata)}
    return change_header(tiles, **place) + metadata


def replace_root(tiles: bytes, directory: bytes) -> bytes:
    """Write another root directory over what follows the header, in place of a description, too."""
    header = change_header(tiles, root_length=len(directory), metadata_length=0)
    return header[:127] + directory + tiles[127 + len(directory) :]


def write_directory(count: int) -> bytes:
    """Write a directory of so many tiles, each of one byte, all at the beginning of the tiles."""
    number = bytes([count & 0x7F | 0x80, count >> 7 & 0x7F | 0x80, count >> 14])
    return number + 4 * count * b"\1"


def check_basemap(city: mapserver.City) -> list[tuple[str, str]]:
    return [
        (f.severity, f.code) for f in city.check() if "basemap" in f.file or "basemap" in f.code
    ]


def test_a_backdrop_with_a_credit_is_read_and_has_no_finding(make_city, tiles):
    city = make_city({"layers/catalog.toml": CREDIT, "layers/basemap.pmtiles": tiles})
    assert city.basemap.max_zoom == limits.MAX_TILE_ZOOM
    assert city.basemap.size_bytes == len(tiles)
    assert check_basemap(city) == []


def test_a_backdrop_that_names_nobody_is_reported(make_city, tiles):
    city = make_city({"layers/basemap.pmtiles": tiles})
    assert check_basemap(city) == [("warning", "basemap-credit-missing")]


def test_whom_the_file_names_is_said_as_plain_text(make_city, tiles):
    credit = "<a href='https://x.test'>© Streets &amp; Co</a> <script>alert(1)</script>"
    metadata = gzip.compress(json.dumps({"attribution": credit}).encode())
    city = make_city({"layers/basemap.pmtiles": replace_metadata(tiles, metadata)})
    assert city.basemap.credit == "© Streets & Co alert(1)"
    assert check_basemap(city) == [("note", "basemap-credit-own")]


BOMB = gzip.compress(bytes(limits.MAX_BASEMAP_DIRECTORY_BYTES + 1))
DAMAGED = {
    "empty": lambda _: b"",
    "text": lambda _: b"PMTiles are made with tippecanoe",
    "a header alone": lambda tiles: tiles[:127],
    "half a header": lambda tiles: tiles[:60],
    "cut off": lambda tiles: tiles[:-1],
    "version 2": lambda tiles: b"PM\2\0" + tiles[4:],
    "a later version": lambda tiles: tiles[:7] + b"\4" + tiles[8:],
    "pictures": lambda tiles: change_header(tiles, tile_type=TileType.PNG),
    "a kind of tile that nobody knows": lambda tiles: tiles[:99] + b"\xff" + tiles[100:],
    "zstd": lambda tiles: change_header(tiles, tile_compression=Compression.ZSTD),
    "brotli inside": lambda tiles: change_header(tiles, internal_compression=Compression.BROTLI),
    "a packing that nobody knows": lambda tiles: tiles[:98] + b"\xff" + tiles[99:],
    "parts beyond the end": lambda tiles: change_header(tiles, tile_data_offset=2**63),
    "zoom levels upside down": lambda tiles: change_header(tiles, min_zoom=14, max_zoom=3),
    "a zoom level of 200": lambda tiles: change_header(tiles, max_zoom=200),
    "no directory": lambda tiles: change_header(tiles, root_length=0),
    "a directory in the header": lambda tiles: change_header(tiles, root_offset=0),
    "a far directory": lambda tiles: change_header(tiles, root_offset=16_384) + bytes(20_000),
    "a directory of noise": lambda tiles: tiles[:127] + b"\x77" * 40 + tiles[167:],
    "a directory that is a bomb": lambda tiles: replace_root(tiles + bytes(20_000), BOMB),
    "a directory with a bomb behind it": lambda tiles: replace_root(
        tiles + bytes(20_000),
        gzip.compress(b"\1\1\1\1\1" + bytes(limits.MAX_BASEMAP_DIRECTORY_BYTES)),
    ),
    "a directory of more entries than any writer makes": lambda tiles: replace_root(
        tiles + bytes(20_000), gzip.compress(write_directory(limits.MAX_BASEMAP_ENTRIES + 1))
    ),
    "a directory without an end": lambda tiles: replace_root(tiles, gzip.compress(b"\xff" * 500)),
    "a directory of 2^60 entries": lambda tiles: replace_root(
        tiles, gzip.compress(b"\xff\xff\xff\xff\xff\xff\xff\xff\x0f")
    ),
    "an empty directory": lambda tiles: replace_root(tiles, gzip.compress(b"\0")),
    "an entry beyond the tiles": lambda tiles: replace_root(
        # One entry: tile 1, run 1, length 1, and an offset of 2^21.
        tiles,
        gzip.compress(b"\1\1\1\1\x80\x80\x80\1"),
    ),
    "a description that is no JSON": lambda tiles: replace_metadata(tiles, gzip.compress(b"{")),
    "a description that is a list": lambda tiles: replace_metadata(tiles, gzip.compress(b"[]")),
    "a description that is a bomb": lambda tiles: replace_metadata(tiles, BOMB),
    "a description nested deep": lambda tiles: replace_metadata(
        tiles, gzip.compress(b"[" * 100_000)
    ),
}


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_backdrop_is_reported_and_the_site_stands_without_it(make_folder, tiles, fault):
    folder = make_folder({**SPRING, "layers/basemap.pmtiles": DAMAGED[fault](tiles)})
    city = mapserver.open_city(folder)
    assert city.basemap is None
    (finding,) = [x for x in city.check() if x.file == "layers/basemap.pmtiles"]
    assert (finding.severity, finding.code) == ("error", "layer-unreadable")
    assert finding.mend
    client = create_app(Settings(city=folder)).test_client()
    page = client.get("/?lang=ko")
    assert page.status_code == 200
    assert "basemap-" not in page.text
    assert "layers/basemap.pmtiles" in page.text  # among the files that could not be used


def test_a_directory_without_a_fault_in_place_of_another_is_read(make_city, tiles):
    directory = gzip.compress(b"\1\1\1\1\1")  # one tile of one byte, as the damaged ones begin
    city = make_city({"layers/basemap.pmtiles": replace_root(tiles + bytes(20_000), directory)})
    assert city.basemap is not None


def test_a_huge_backdrop_is_reported_and_not_read(make_folder, tiles, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BASEMAP_BYTES", len(tiles) - 1)
    city = mapserver.open_city(make_folder({**SPRING, "layers/basemap.pmtiles": tiles}))
    assert city.basemap is None
    assert [x.code for x in city.findings] == ["layer-unreadable"]


def test_a_backdrop_of_which_nothing_is_painted_is_reported(make_city, tiles):
    metadata = gzip.compress(json.dumps({"vector_layers": [{"id": "census"}, 7]}).encode())
    city = make_city(
        {
            "layers/catalog.toml": CREDIT,
            "layers/basemap.pmtiles": replace_metadata(tiles, metadata),
        }
    )
    assert check_basemap(city) == [("warning", "basemap-layers-unknown")]


def test_the_check_knows_the_layers_that_the_browser_paints():
    text = (ROOT / "frontend/streets/layers.js").read_text("utf-8")
    painted = text.partition("LAYERS = {")[2].partition("};")[0]
    assert set(re.findall(r'"(\w+)"', painted)) == KNOWN_LAYERS


def test_the_whole_file_and_its_head_are_sent_with_a_strong_tag(client, tiles):
    answer = client.get(address(client))
    assert (answer.status_code, answer.data) == (200, tiles)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "immutable" in answer.headers["Cache-Control"]
    assert not answer.headers["ETag"].startswith("W/")
    head = client.head(address(client))
    assert (head.status_code, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(tiles)
    assert client.get(
        address(client), headers={"If-None-Match": answer.headers["ETag"]}
    ).status_code == 304  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-6", 0, 7),
        ("bytes=127-", 127, None),
        ("bytes=-5", -5, None),
        ("bytes=-99999999", 0, None),
        ("bytes=10-99999999", 10, None),
        ("BYTES=3-3", 3, 4),
        ("bytes=-" + "9" * 5000, 0, None),
    ],
)
def test_a_range_is_sent_as_it_is_asked_for(client, tiles, asked, start, end):
    answer = client.get(address(client), headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == tiles[start:end]
    first = start % len(tiles)
    assert answer.headers["Content-Range"] == (
        f"bytes {first}-{first + len(answer.data) - 1}/{len(tiles)}"
    )


NO_RANGES = (
    *("bytes=99999999-", "bytes=5-3", "bytes=-0", "bytes=-"),
    *("bytes=--5", "bytes=-²", "bytes=a-b", "bytes=", "bytes=" + "9" * 5000 + "-"),
)


@pytest.mark.parametrize("asked", NO_RANGES)
def test_a_range_that_cannot_be_is_refused(client, tiles, asked):
    answer = client.get(address(client), headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(tiles)}"


def test_a_range_of_another_file_or_unit_gets_the_whole(client):
    other = {"Range": "bytes=0-1", "If-Range": '"other"'}
    for headers in (other, {"Range": "rows=0-1"}, {"Range": "bytes=0-1,4-5"}):
        assert client.get(address(client), headers=headers).status_code == 200


def test_no_answer_holds_more_than_the_limit(client, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BASEMAP_ANSWER_BYTES", 100)
    answer = client.get(address(client), headers={"Range": "bytes=50-999"})
    assert (answer.status_code, len(answer.data)) == (206, 100)
    assert answer.headers["Content-Range"].startswith("bytes 50-149/")
    assert client.get(address(client)).status_code == 403
    assert client.head(address(client)).status_code == 200


def test_an_address_of_another_content_leads_to_nothing(client):
    assert client.get("/basemap-000000000000.pmtiles").status_code == 404
    assert client.get("/basemap-.pmtiles").status_code == 404


def test_a_file_that_was_written_into_is_not_sent_under_the_old_name(client):
    name = address(client)
    path: Path = client.application.extensions["mapserver"].city.basemap.path
    with path.open("r+b") as file:
        file.truncate(50)
    assert client.get(name, headers={"Range": "bytes=0-9"}).status_code == 404


def test_a_file_that_was_replaced_is_sent_as_it_was_read(client, tiles, tmp_path):
    name = address(client)
    (tmp_path / "new").write_bytes(b"something else")
    (tmp_path / "new").rename(client.application.extensions["mapserver"].city.basemap.path)
    assert client.get(name).data == tiles


def test_layers_that_are_ground_become_tiles_of_the_names_of_their_roles(make_folder):
    folder = make_folder({**SPRING, **GROUND})
    client = create_app(Settings(city=folder)).test_client()
    reader = Reader(MemorySource(client.get(address(client)).data))
    assert reader.header()["tile_type"] == TileType.MVT
    layers = {x["id"]: x["fields"] for x in reader.metadata()["vector_layers"]}
    assert set(layers) == {"roads", "water"}
    assert set(layers["roads"]) >= {"name", "highway"}


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), ValueError("shape")])
def test_pages_stand_when_tiles_of_layers_cannot_be_written(make_folder, monkeypatch, fault):
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("mapserver.web.backdrop.write_pmtiles", fail)
    client = create_app(Settings(city=make_folder({**SPRING, **GROUND}))).test_client()
    page = client.get("/?lang=ko")
    assert page.status_code == 200
    assert "basemap-" not in page.text


def test_a_server_answers_before_streets_of_layers_are_made_and_says_so(make_folder, monkeypatch):
    made, published = [], []

    def write(*arguments: object) -> None:
        made.append(client.get("/readyz").json["backdrop"])
        write_pmtiles(*arguments)

    monkeypatch.setattr("mapserver.web.backdrop.write_pmtiles", write)
    monkeypatch.setattr(server, "CAN_FORK", True)
    app, watcher = server._open(Settings(city=make_folder({**SPRING, **GROUND})))
    client = app.test_client()
    watcher.on_publish(lambda: published.append(client.get("/readyz").json["backdrop"]))
    assert made == []
    assert client.get("/readyz").json["backdrop"] == "pending"
    assert "basemap-" not in client.get("/?lang=ko").text
    watcher.look()  # as the watching thread does, ten times a second: first pages, then streets
    assert (made, published) == ([], ["pending"])
    watcher.look()
    assert published == ["pending", "ready"]
    assert "basemap-" in client.get("/?lang=ko").text
    assert client.get(address(client)).status_code == 200
    watcher.look()
    assert (len(made), len(published)) == (1, 2)


def test_a_city_without_ground_says_so(client, make_folder):
    """And the tiles of a file that was given are there from the start."""
    plain = create_app(Settings(city=make_folder(SPRING, "plain"))).test_client()
    assert plain.get("/readyz").json["backdrop"] == "none"
    assert client.get("/readyz").json["backdrop"] == "ready"


def test_ground_of_odd_shapes_becomes_tiles_all_the_same(make_folder):
    shapes = [None, Point(), GeometryCollection([Point(WEST, SOUTH), POND.geometry[0]])]
    odd = gpd.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=shapes, crs=4326)
    folder = make_folder({**SPRING, "layers/water.geojson": odd})
    client = create_app(Settings(city=folder)).test_client()
    assert client.get("/?lang=ko").status_code == 200
    empty = make_folder({**SPRING, "layers/water.geojson": odd[:1]}, "empty")
    assert find_backdrop(mapserver.open_city(empty)) is None


def test_ground_is_neither_listed_nor_drawn_as_a_layer_nor_part_of_the_bounds(make_folder):
    folder = make_folder({**SPRING, **GROUND})
    client = create_app(Settings(city=folder)).test_client()
    for path in ("/?lang=ko", "/embed?lang=ko"):
        page = client.get(path).text
        assert 'value="roads"' not in page
        assert "풍금로" not in page
    city = client.application.extensions["mapserver"].city
    assert city.bounds == mapserver.open_city(make_folder(SPRING, "plain")).bounds
    assert "풍금로" not in city_map(folder)
    assert client.get("/roads/").status_code == 404
    assert client.get("/api/collections/roads/items").status_code == 200


def test_streets_are_no_bounds_of_a_city_that_has_anything_else(make_city):
    pond = POND.assign(id="pond").to_json()
    city = make_city({**GROUND, "layers/ponds.geojson": pond})
    assert city.bounds == tuple(POND.total_bounds)


def city_map(folder: Path) -> str:
    return mapserver.open_city(folder).map().get_root().render()


def test_tiles_of_layers_are_written_once_while_the_layers_stay(make_folder):
    folder = make_folder({**SPRING, **GROUND})
    app = create_app(Settings(city=folder))
    live = app.extensions["mapserver"]
    first = find_backdrop(live.city)
    (folder / "gpx/other.gpx").write_text(gpx(track(PATH, name="새 길")), "utf-8")
    assert find_backdrop(open_snapshot(folder, live.snapshot).city) is first


def test_ground_without_a_source_and_beside_a_file_is_reported(make_folder, tiles):
    bare = mapserver.open_city(make_folder(GROUND))
    assert [x.code for x in bare.check()].count("basemap-credit-missing") == 2
    both = mapserver.open_city(make_folder({**GROUND, "layers/basemap.pmtiles": tiles}, "both"))
    assert [x.code for x in both.check()].count("backdrop-not-painted") == 2
    assert find_backdrop(both).digest == both.basemap.digest
    assert find_backdrop(mapserver.open_city(make_folder(SPRING, "none"))) is None


# -- In the browser --------------------------------------------------------------------------------

COUNT_PAINTED = """() => {
  const canvases = [...document.querySelectorAll('.leaflet-streets-pane canvas')];
  return canvases.filter((canvas) => canvas.width).filter(function (canvas) {
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const pen = copy.getContext('2d', { willReadFrequently: true });
    pen.drawImage(canvas, 0, 0);
    const { data } = pen.getImageData(0, 0, copy.width, copy.height);
    for (let i = 0; i < data.length; i += 4)
      if (data[i] === COLOR[0] && data[i + 1] === COLOR[1] && data[i + 2] === COLOR[2]) return true;
    return false;
  }).length;
}"""


def has_color(color: str) -> str:
    """Write a script that counts the tiles with a pixel of a colour."""
    numbers = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    return COUNT_PAINTED.replace("COLOR", str(numbers))


IS_CREDIT_SEEN = """() => {
  const credit = document.querySelector('.leaflet-control-attribution');
  const { left, top, right, bottom, width, height } = credit.getBoundingClientRect();
  const sheet = document.querySelector('.sheet').getBoundingClientRect();
  return width > 20 && height > 8 && left >= 0 && right <= innerWidth && top >= 0
    && bottom <= sheet.top + 1 && credit.checkVisibility({ opacityProperty: true });
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory, tiles):
    files = {
        **SPRING,
        "layers/catalog.toml": '[basemap]\nattribution = "<b>© 길</b>"\n',
        "layers/basemap.pmtiles": tiles,
    }
    with serving(write_folder(tmp_path_factory.mktemp("streets"), files)) as url:
        yield url


@needs_chromium
@pytest.mark.slow
def test_streets_are_painted_below_the_trails_and_kept_without_signal(visit, served):
    seen = visit(f"{served}/?lang=ko", keeps=True)
    page = seen.page
    seen.wait_until(has_color(palette.STREETS["day"]["water"]))
    seen.wait_until(has_color(palette.STREETS["day"]["road"]))
    order = page.evaluate(
        "['streets', 'trails'].map((x) => +getComputedStyle(map_main.getPane(x)).zIndex)"
    )
    assert order[0] < min(150, order[1])
    # Text from the catalogue is text.
    assert "<b>© 길</b>" in page.inner_text(".leaflet-control-attribution")
    # And it is seen: inside of the window, above the sheet, wherever that has come to rest.
    seen.wait_until(IS_CREDIT_SEEN)
    page.emulate_media(color_scheme="dark")
    seen.wait_until(has_color(palette.STREETS["night"]["water"]))
    page.emulate_media(color_scheme="light")
    seen.wait_until(
        "caches.keys().then(async (names) => { for (const name of names) for (const key of "
        "await (await caches.open(name)).keys()) if (key.url.includes('basemap-')) return true; })"
    )
    page.context.set_offline(True)
    page.reload()
    seen.wait_until(has_color(palette.STREETS["day"]["water"]))
    page.goto("about:blank")
    page.context.set_offline(False)
    seen.faults[:] = [fault for fault in seen.faults if "net::ERR_" not in fault]


@needs_chromium
@pytest.mark.slow
def test_nothing_of_it_is_loaded_where_there_is_none(visit, sample_url):
    seen = visit(f"{sample_url}/?lang=ko")
    seen.settle()
    assert not [url for url in seen.requests if "streets" in url or "basemap" in url]
    assert not [url for url in seen.requests if "backdrop" in url]


# -- As files --------------------------------------------------------------------------------------


def test_a_static_site_has_the_file_whole_and_leads_to_it(make_folder, tiles, tmp_path):
    folder = make_folder({**SPRING, "layers/basemap.pmtiles": tiles})
    write_site(Settings(city=folder), tmp_path / "out")
    (file,) = (tmp_path / "out").glob("basemap-*.pmtiles")
    assert file.read_bytes() == tiles
    assert f'data-tiles="{file.name}"' in (tmp_path / "out/index.html").read_text("utf-8")
    page = (tmp_path / "out/trails/spring.html").read_text("utf-8")
    assert f'data-tiles="../{file.name}"' in page
    page = (tmp_path / "out/en/trails/spring.html").read_text("utf-8")
    assert f'data-tiles="../../{file.name}"' in page
    assert file.name in (tmp_path / "out/sw.js").read_text("utf-8")


def test_a_telephone_keeps_a_backdrop_up_to_the_limit(client, tiles, monkeypatch):
    assert f'BACKDROP = "{address(client)[1:]}"' in client.get("/sw.js").text
    monkeypatch.setattr(limits, "MAX_OFFLINE_BASEMAP_BYTES", len(tiles) - 1)
    other = create_app(Settings(city=client.application.extensions["mapserver"].city.path))
    assert 'BACKDROP = ""' in other.test_client().get("/sw.js").text
