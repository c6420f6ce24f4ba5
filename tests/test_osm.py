"""OpenStreetMap extracts: the ways on which one may walk, from XML and from PBF made by hand."""

from __future__ import annotations

import struct
import zlib
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import pytest
from cities import in_plane, line

from mapserver.analysis.network import Network
from mapserver.errors import DataError
from mapserver.model import LayerEntry
from mapserver.readers.vector import read_layer
from mapserver.readers.vector.osm import may_walk, parse_tags

NODES = {1: (126.85, 35.14), 2: (126.851, 35.14), 3: (126.851, 35.141), 4: (126.852, 35.141)}
WAYS = {
    10: ([1, 2], {"highway": "residential", "name": "상무대로", "name:en": 'A "b" => c\\d'}),
    11: ([2, 3], {"highway": "footway"}),
    12: ([3, 4], {"highway": "motorway"}),
    13: ([3, 4], {"highway": "service", "access": "private"}),
    14: ([1, 3], {"power": "line"}),
}


def xml(ways=WAYS) -> str:
    """Write an extract as editors do."""
    nodes = [f'<node id="{n}" lon="{x}" lat="{y}" version="1"/>' for n, (x, y) in NODES.items()]
    made = []
    for id_, (refs, tags) in ways.items():
        inner = [f'<nd ref="{ref}"/>' for ref in refs]
        inner += [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items()]
        made.append(f'<way id="{id_}" version="1">{"".join(inner)}</way>')
    text = "\n".join([*nodes, *made])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{text}\n</osm>\n'


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    """Write one field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def zigzag(value: int) -> int:
    return value << 1 ^ value >> 63


def pbf(ways=WAYS) -> bytes:
    """Write an extract as download sites do (wiki: PBF Format)."""
    strings = [b""]

    def text(value: str) -> int:
        strings.append(value.encode())
        return len(strings) - 1

    nodes = b""
    for id_, (lon, lat) in NODES.items():
        place = field(8, zigzag(round(lat * 1e7))) + field(9, zigzag(round(lon * 1e7)))
        nodes += field(1, field(1, zigzag(id_)) + place)
    made = b""
    for id_, (refs, tags) in ways.items():
        steps = [b - a for a, b in zip([0, *refs], refs, strict=False)]
        keys = b"".join(varint(text(key)) for key in tags)
        values = b"".join(varint(text(value)) for value in tags.values())
        inner = field(1, id_) + field(2, keys) + field(3, values)
        made += field(3, inner + field(8, b"".join(varint(zigzag(step)) for step in steps)))
    table = b"".join(field(1, value) for value in strings)
    block = field(1, table) + field(2, nodes) + field(2, made)
    header = field(4, b"OsmSchema-V0.6")
    return b"".join(
        struct.pack(">I", len(head)) + head + blob
        for kind, data in ((b"OSMHeader", header), (b"OSMData", block))
        if (blob := field(2, len(data)) + field(3, zlib.compress(data)))
        and (head := field(1, kind) + field(3, len(blob)))
    )


FILES = {"paths.osm": xml, "paths.osm.pbf": pbf}


@pytest.mark.parametrize("name", FILES)
def test_the_ways_on_which_one_may_walk_are_a_layer(make_city, name):
    city = make_city({f"layers/{name}": FILES[name]()})
    paths = city.layers["paths"]
    assert paths.index.tolist() == ["10", "11"]
    assert paths["name"].iloc[0] == "상무대로"
    assert paths["name_en"].iloc[0] == 'A "b" => c\\d'
    assert paths["highway"].tolist() == ["residential", "footway"]
    assert paths.crs == 4326
    assert [shape.coords[:] for shape in paths.geometry] == [
        [pytest.approx(NODES[ref], abs=1e-7) for ref in refs] for refs, _ in (WAYS[10], WAYS[11])
    ]
    assert (city.entry("paths").source.in_language("en"), city.entry("paths").licence) == (
        "© OpenStreetMap contributors",
        "ODbL-1.0",
    )
    said = [finding for finding in city.findings if finding.code == "ways-not-walked"]
    assert said[0].values == {"count": 2, "all": 4}


def test_one_walks_along_them(make_city):
    city = make_city({"layers/paths.osm": xml()})
    network = Network.of(city.layers["paths"])
    assert len(network.islands()) == 1
    trail = in_plane([line((0, 0), (0, 1))])
    trail.geometry = city.layers["paths"].geometry.iloc[1:].to_numpy()
    home = gpd.GeoSeries(gpd.points_from_xy(*zip(NODES[1], strict=True)), crs=4326)
    walk = network.walks(home, trail)["distance_m"].iloc[0]
    assert walk == pytest.approx(91.2, abs=0.1)  # a thousandth of a degree of longitude


@pytest.mark.parametrize(
    ("highway", "tags", "walked"),
    [
        ("footway", {}, True),
        ("steps", {}, True),
        ("primary", {}, True),
        ("primary", {"foot": "no"}, False),
        ("primary", {"foot": "use_sidepath"}, False),
        ("trunk", {"motorroad": "yes"}, False),
        ("motorway", {}, False),
        ("cycleway", {}, False),
        ("cycleway", {"foot": "designated"}, True),
        ("service", {"access": "private"}, False),
        ("service", {"access": "private", "foot": "yes"}, True),
        ("path", {"access": "no"}, False),
        ("pedestrian", {"area": "yes"}, False),
        ("construction", {"foot": "yes"}, False),
        ("proposed", {}, False),
        ("raceway", {}, False),
        ("something_new", {}, False),
    ],
)
def test_who_may_walk_follows_the_tags(highway, tags, walked):
    assert may_walk(highway, tags) is walked


def test_tags_are_read_as_gdal_writes_them():
    assert parse_tags('"foot"=>"no","note"=>"a \\"b\\", \\\\ c"') == {
        "foot": "no",
        "note": 'a "b", \\ c',
    }
    assert parse_tags(None) == {}


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("x.osm", b"<html><body>429</body></html>", "no OpenStreetMap extract"),
        ("x.osm", b"PK\x03\x04", "no OpenStreetMap extract"),
        ("x.osm.pbf", xml().encode(), "no OpenStreetMap extract"),
        (
            "x.osm",
            b"<!DOCTYPE osm [<!ENTITY a 'b'>]><osm version='0.6'></osm>",
            "no OpenStreetMap extract",
        ),
        (
            "x.osm",
            b"<osm><!-- <OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource> --></osm>",
            "no OpenStreetMap extract",
        ),
        ("x.osm", xml({14: WAYS[14]}).encode(), "no way on which one may walk"),
        ("x.osm", xml({12: WAYS[12]}).encode(), "no way on which one may walk"),
        ("x.osm", xml().encode()[:-40], "cannot be read"),
    ],
)
def test_what_is_no_extract_is_refused(tmp_path, name, content, what):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=what):
        read_layer(tmp_path / name, LayerEntry("x", file=name), name=name)
