"""GPX out and in again: what an office put in comes out, with what the city knows beside it."""

from __future__ import annotations

import gzip

import gpxpy
import numpy as np
import pytest
from defusedxml import ElementTree
from gpxtext import GPX_11, PATH, gpx, points, track

from mapserver import open_city
from mapserver.readers.gpx.original import OWN, read_root
from mapserver.settings import Settings
from mapserver.web import create_app

G = {"g": GPX_11}

RICH = f"""<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="watch" xmlns="{GPX_11}"
  xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">
<metadata><name>파일</name><desc>파일 설명</desc><author><name>서구청</name></author>
<time>2026-05-03T00:00:00Z</time><keywords>맨발</keywords></metadata>
<wpt lat="35.15" lon="126.8503"><ele>41.5</ele><time>2026-05-03T01:00:00Z</time><name>북문</name>
<cmt>메모</cmt><desc>물 나옴</desc><link href="https://example.invalid/p.jpg"><text>사진</text></link>
<sym>Water Source</sym><type>foot_wash</type></wpt>
<wpt lat="35.15" lon="126.8504"><name>신발장</name><cmt>메모만</cmt><sym>Flag</sym></wpt>
<trk><name>온전한 길</name><cmt>주석</cmt><desc>설명</desc><src>시계</src>
<link href="https://example.invalid/t"/><number>7</number><type>hiking</type><trkseg>
<trkpt lat="35.15" lon="126.85"><ele>40.123456789</ele><time>2026-05-03T01:00:00Z</time>
<extensions><gpxtpx:TrackPointExtension><gpxtpx:hr>90</gpxtpx:hr></gpxtpx:TrackPointExtension>
</extensions></trkpt>
<trkpt lat="35.15" lon="126.851"><time>2026-05-03T01:00:09+09:00</time><hdop>2</hdop></trkpt>
</trkseg><trkseg>
<trkpt lat="35.151" lon="126.852"><ele>42</ele><time>2026-05-03T01:00:20Z</time></trkpt>
<trkpt lat="35.151" lon="126.853"><ele>43</ele><time>2026-05-03T01:00:30Z</time></trkpt>
</trkseg></trk></gpx>"""


def told(element):
    """Say all that an element holds, but for columns of ours and what is computed."""
    name = element.tag.rpartition("}")[2]
    inside = [told(child) for child in element if not child.tag.startswith(f"{{{OWN}}}")]
    inside = [child for child in inside if child[0] != "bounds"]
    if name == "extensions" and not inside:
        return ("nothing", {}, "", [])
    inside = [child for child in inside if child[0] != "nothing"]
    places = {k: float(v) if k in {"lat", "lon"} else v for k, v in element.attrib.items()}
    places = {} if name == "gpx" else places
    text = (element.text or "").strip()
    return (name, places, float(text) if name == "ele" else text, inside)


def assert_all_comes_out(data: bytes, original: bytes) -> None:
    assert told(ElementTree.fromstring(data)) == told(ElementTree.fromstring(original))


@pytest.fixture
def served(make_folder):
    def serve(files):
        folder = make_folder(files)
        return create_app(Settings(city=folder, tile_url="")).test_client()

    return serve


def test_all_that_a_file_says_comes_out_of_the_server_and_of_the_export(served, tmp_path):
    client = served({"gpx/a.gpx": RICH, "gpx/trails.csv": "id,surface\na,황토\n"})
    assert_all_comes_out(client.get("/trails/a.gpx").data, RICH.encode())
    city = open_city(tmp_path / "city")
    city.export(tmp_path / "out", format="gpx")
    assert_all_comes_out((tmp_path / "out" / "a.gpx").read_bytes(), RICH.encode())
    city.export(tmp_path / "all.gpx")
    data = (tmp_path / "all.gpx").read_bytes()
    own = ElementTree.fromstring(data).findall(f"g:trk/g:extensions/{{{OWN}}}value", G)
    assert {value.get("column"): value.text for value in own}["surface"] == "황토"


@pytest.mark.slow
def test_the_case_comes_out_whole(test_data, served):
    case = (test_data / "cases" / "gpx" / "roundtrip_full.gpx").read_bytes()
    client = served({"gpx/a.gpx": case})
    assert_all_comes_out(client.get("/trails/a.gpx").data, case)


def test_what_was_exported_is_exported_the_same_again(make_folder, tmp_path):
    first = open_city(make_folder({"gpx/a.gpx": RICH}))
    first.export(tmp_path / "one.gpx")
    (tmp_path / "second" / "gpx").mkdir(parents=True)
    (tmp_path / "second" / "gpx" / "a.gpx").write_bytes((tmp_path / "one.gpx").read_bytes())
    open_city(tmp_path / "second").export(tmp_path / "two.gpx")
    assert (tmp_path / "two.gpx").read_bytes() == (tmp_path / "one.gpx").read_bytes()


def test_the_register_gives_the_name_and_the_file_all_else(served):
    client = served({"gpx/a.gpx": RICH, "gpx/trails.csv": "id,name\na,새 이름\n"})
    out = gpxpy.parse(client.get("/trails/a.gpx").text)
    assert (out.tracks[0].name, out.tracks[0].comment) == ("새 이름", "주석")
    assert out.name == "파일"


def test_a_route_stays_a_route(served):
    route = f"<rte><name>길</name>{points(PATH, 'rtept')}</rte>"
    out = gpxpy.parse(served({"gpx/a.gpx": gpx(route)}).get("/trails/a.gpx").text)
    assert (len(out.routes), len(out.tracks)) == (1, 0)
    assert len(out.routes[0].points) == len(PATH)


def test_a_file_of_gpx_1_0_comes_out_as_1_1_with_its_address_as_a_link(served):
    inside = (
        "<name>파일</name><author>서구청</author>"
        '<wpt lat="35.15" lon="126.8503"><name>북문</name><url>https://example.invalid/</url>'
        "<urlname>사진</urlname></wpt>" + track(PATH)
    )
    client = served({"gpx/a.gpx": gpx(inside, version="1.0")})
    root = ElementTree.fromstring(client.get("/trails/a.gpx").data)
    link = root.find("g:wpt/g:link", G)
    assert (link.get("href"), link.findtext("g:text", None, G)) == (
        "https://example.invalid/",
        "사진",
    )
    assert root.findtext("g:metadata/g:author/g:name", None, G) == "서구청"


def test_trails_of_one_file_come_out_each_with_its_own_points(served):
    other = [(lon + 0.01, lat) for lon, lat in PATH]
    client = served({"gpx/a.gpx": gpx(track(PATH, name="가"), track(other, name="나"))})
    for id_, name, places in (("a-1", "가", PATH), ("a-2", "나", other)):
        out = gpxpy.parse(client.get(f"/trails/{id_}.gpx").text)
        assert [each.name for each in out.tracks] == [name]
        seen = [(p.longitude, p.latitude) for p in out.tracks[0].segments[0].points]
        assert np.allclose(seen, places)


@pytest.mark.parametrize("codec", ["utf-16", "cp949"])
def test_another_encoding_comes_out_whole(served, codec):
    text = RICH.replace("UTF-8", codec).encode(codec)
    assert_all_comes_out(served({"gpx/a.gpx": text}).get("/trails/a.gpx").data, RICH.encode())


def test_a_file_too_large_to_be_read_again_is_named(make_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("mapserver.settings.limits.MAX_GPX_ORIGINAL_BYTES", 100)
    done = open_city(make_folder({"gpx/a.gpx": RICH})).export(tmp_path / "a.gpx")
    assert [(f.code, f.file) for f in done.findings] == [("original-unread", "gpx/a.gpx")]
    assert gpxpy.parse((tmp_path / "a.gpx").read_text("utf-8")).tracks[0].name == "온전한 길"


PACKED = bytearray(gzip.compress(RICH.encode()))
PACKED[len(PACKED) // 2] ^= 0x55

UNREADABLE = {
    "nothing": b"",
    "half of it": RICH.encode()[:900],
    "a damaged archive": bytes(PACKED),
    "half of an archive": gzip.compress(RICH.encode())[:200],
    "another file": b"<kml/>",
    "no XML": b"lon,lat",
    "a document type": RICH.replace("<gpx ", "<!DOCTYPE gpx><gpx ", 1).encode(),
    "an entity": RICH.replace("<gpx ", '<!DOCTYPE gpx [<!ENTITY a "b">]><gpx ', 1).encode(),
    "another encoding than it states": RICH.encode("cp949"),
    "bytes of no encoding": RICH.encode()[:300] + b"\xff\xfe\x80" + RICH.encode()[300:],
    "a prefix that is not declared": RICH.replace("<sym>", "<x:sym>").encode(),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_damaged_while_it_is_served_costs_only_what_it_alone_says(
    served, tmp_path, content
):
    client = served({"gpx/a.gpx": RICH})
    path = tmp_path / "city" / "gpx" / "a.gpx"
    path.write_bytes(content)
    answer = client.get("/trails/a.gpx")
    assert answer.status_code == 200
    (track_out,) = gpxpy.parse(answer.text).tracks
    assert track_out.name == "온전한 길"
    assert sum(len(segment.points) for segment in track_out.segments) == 4


@pytest.mark.parametrize("kind", UNREADABLE)
def test_nothing_of_a_file_that_is_no_gpx_by_the_book_is_read_again(tmp_path, kind):
    (tmp_path / "a.gpx").write_bytes(UNREADABLE[kind])
    is_read = read_root(tmp_path / "a.gpx", 10**9) is not None
    assert is_read == (kind == "another encoding than it states")  # its bytes prove the right one


def test_a_file_that_is_gone_or_too_large_is_not_read_again(tmp_path):
    path = tmp_path / "a.gpx"
    assert read_root(path, 10**9) is None
    path.write_text(RICH, "utf-8")
    size = path.stat().st_size
    assert read_root(path, size) is not None
    assert read_root(path, size - 1) is None
