"""One pass over the XML of a GPX file: what it reads, and what it leaves to gpxpy."""

from __future__ import annotations

import gzip
import math
import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd
import pytest
from gpxtext import GPX_11, PATH, gpx, points, track
from hypothesis import given
from hypothesis import strategies as st
from test_gpx import read, refusal

from mapserver.errors import DataError
from mapserver.readers.gpx import read_gpx
from mapserver.readers.gpx.parsing import _Reader, parse_gpx
from mapserver.settings import limits

# -- one pass over the XML ---------------------------------------------------------------------

POINT_TEXT = st.builds(
    '{space}<trkpt lat="{lat}" lon="{lon}"{ele}'.format,
    space=st.sampled_from(["", "\n", "  "]),
    lat=st.sampled_from(["35.15", "35", "-35.1", "91", "1e1", "+3", "nan", "", "100", "0"]),
    lon=st.sampled_from(["126.85", "126.8512345", "-180", "181", "0", "x"]),
    ele=st.sampled_from(
        [
            "/>",
            "></trkpt>",
            "><ele>12.5</ele></trkpt>",
            "><ele>-9999</ele></trkpt>",
            "><ele>high</ele></trkpt>",
            "><ele>3</ele><time>2026-05-01T09:00:00Z</time></trkpt>",
            "><time>2026-13-01T09:00:00Z</time></trkpt>",
            "><time>2026-05-01T09:00:00+09:00</time></trkpt>",
            "><!-- a --><ele>3</ele></trkpt>",
            "><extensions><trkpt/></extensions></trkpt>",
            "><name>x</name></trkpt>",
        ]
    ),
)
GOOD_TEXT = st.sampled_from(
    [
        '\n<trkpt lat="35.15" lon="126.85"><ele>12.5</ele></trkpt>',
        '<trkpt lat="35.1501" lon="126.8507"/>',
        '<trkpt lat="35.2" lon="126.9"><time>2026-05-01T09:00:00.5Z</time></trkpt>',
    ]
)
INSIDE = st.lists(GOOD_TEXT, max_size=5) | st.lists(GOOD_TEXT | POINT_TEXT, max_size=4)


DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def find_elevation(point: Element) -> float:
    texts = (child.text or "" for child in point if child.tag == "ele")
    return next((float(text) for text in texts if DECIMAL.fullmatch(text)), math.nan)


def read_tree(text: str) -> list[list[tuple[float, float, float]]] | None:
    """Read the points of each segment from a tree; None where one has no place on earth."""
    segments = []
    for segment in ElementTree.fromstring(text).iter("trkseg"):
        segments.append([])
        for point in segment.findall("trkpt"):
            place = point.get("lon", ""), point.get("lat", "")
            if place in {("0", "100"), ("0", "200")}:  # a pause, where a new segment begins
                segments.append([])
                continue
            if not all(map(DECIMAL.fullmatch, place)):
                return None
            lon, lat = map(float, place)
            if abs(lon) > 180 or abs(lat) > 90:
                return None
            segments[-1].append((lon, lat, find_elevation(point)))
    return segments


@pytest.mark.slow
@given(segments=st.lists(INSIDE, min_size=1, max_size=3), empty=st.booleans())
def test_the_points_of_a_file_are_those_of_its_tree(segments, empty):
    inside = "".join(f"<trkseg>{''.join(segment)}</trkseg>" for segment in segments)
    text = f"<gpx><trk><name>길</name>{inside}{'<trkseg/>' if empty else ''}</trk></gpx>"
    expected = read_tree(text)
    try:
        document = parse_gpx(text.encode(), name="x.gpx")
    except DataError:
        assert expected is None
        return
    (way,) = document.ways
    read = [np.column_stack([p.lonlat, p.elevation_m]).tolist() for p in way.segments]
    assert repr(read) == repr([list(map(list, segment)) for segment in expected])


def test_a_long_recording_is_read_as_a_short_one_is():
    path = [(126.85 + n / 1e5, 35.15, n % 7) for n in range(2000)]
    document = parse_gpx(gpx(track(path[:1500], path[1500:])).encode(), name="x.gpx")
    (way,) = document.ways
    assert [len(points.lonlat) for points in way.segments] == [1500, 500]
    assert way.segments[1].lonlat[0].tolist() == list(path[1500][:2])
    assert way.segments[1].elevation_m[:3].tolist() == [2, 3, 4]
    assert document.counts.track_points == 2000


@pytest.mark.parametrize("text", ["1_0", "nan", "inf", "-inf", "1e999", "0x10", "١٢x"])
def test_numbers_of_python_that_xml_has_not_are_none(tmp_path, text):
    point = '<trkpt lat="35.15" lon="126.85"><ele>{}</ele></trkpt>'
    content = read(tmp_path, gpx(f"<trk><trkseg>{point.format(text)}{points(PATH)}</trkseg></trk>"))
    assert [finding.code for finding in content.findings][:1] == ["bad-ele"]
    assert math.isnan(content.trails["max_ele_m"].iloc[0])
    place = f'<trkpt lat="35.15" lon="{text}"/>'
    assert "not a number" in refusal(tmp_path, gpx(f"<trk><trkseg>{place}</trkseg></trk>"))


def test_the_first_good_value_of_several_counts_and_each_bad_one_is_found(tmp_path):
    text = gpx(
        "<trk><name> </name><name>길</name><name>둘</name><trkseg>\n"
        '<trkpt lat="35.15" lon="126.85"><ele>x</ele><ele>7</ele><ele>9</ele></trkpt>\n'
        '<trkpt lat="35.16" lon="126.85"><ele>y</ele><ele/></trkpt></trkseg></trk>'
    )
    content = read(tmp_path, text)
    assert content.trails["name"].tolist() == ["길"]
    assert content.trails["max_ele_m"].tolist() == [7]
    (finding,) = content.findings
    assert (finding.feature, finding.values["count"], finding.values["value"]) == (
        "line 2",
        2,
        "'x'",
    )


def test_a_prefix_holds_within_the_element_that_declares_it():
    text = gpx(
        f'<trk><g:name xmlns:g="{GPX_11}">길</g:name><trkseg>{points(PATH)}'
        f'<x:trkpt xmlns:x="{GPX_11}" lat="35.2" lon="126.8"><x:ele>5</x:ele></x:trkpt>'
        '<trkpt xmlns="urn:other" lat="0" lon="0"><ele>900</ele></trkpt>'
        '<trkpt lat="35.2" lon="126.81"><ele xmlns="urn:other">900</ele></trkpt>'
        "</trkseg></trk>"
    ).replace("<gpx ", '<gpx xmlns:x="urn:other" ')
    document = parse_gpx(text.encode(), name="x.gpx")
    (way,) = document.ways
    assert way.element.name == "길"
    assert document.counts.track_points == len(PATH) + 3  # the root's name is one of GPX everywhere
    assert way.segments[0].elevation_m[len(PATH)] == 5


def test_each_element_that_is_read_is_read_where_it_stands():
    tags = ("name", "cmt", "desc", "type", "sym")
    words = "".join(f"<{tag}>{tag} of {{0}}</{tag}>" for tag in tags)
    values = "<ele>{0}</ele><time>2026-05-0{0}T00:00:00Z</time>"
    point = f'<{{tag}} lat="35.15" lon="126.85">{values}</{{tag}}>'
    text = gpx(
        f'<wpt lat="35.15" lon="126.85">{values.format(1)}{words.format("wpt")}</wpt>',
        f"<rte>{words.format('rte')}{point.format(2, tag='rtept')}</rte>",
        f"<trk>{words.format('trk')}<trkseg>{point.format(3, tag='trkpt')}</trkseg></trk>",
    )
    document = parse_gpx(text.encode(), name="x.gpx")
    assert document.findings == []
    for element, kind in (
        (document.waypoints[0], "wpt"),
        (document.ways[0].element, "trk"),
        (document.ways[1].element, "rte"),
    ):
        read = (element.name, element.comment, element.description, element.type)
        assert read == tuple(f"{tag} of {kind}" for tag in tags[:4])
    assert document.waypoints[0].symbol == "sym of wpt"
    assert document.waypoints[0].elevation == 1
    assert document.waypoints[0].time == pd.Timestamp("2026-05-01T00:00:00Z")
    for way, day in zip(document.ways, (3, 2), strict=True):
        assert way.segments[0].elevation_m.tolist() == [day]
        assert way.segments[0].times[0] == pd.Timestamp(f"2026-05-0{day}T00:00:00Z")


@pytest.mark.parametrize(
    ("root", "prefix"),
    [
        ('g:gpx xmlns:g="urn:own"', "g:"),
        ("g:gpx", "g:"),
        ('gpx xmlns="urn:own" xmlns:h="urn:own"', "h:"),
        ('gpx xmlns="urn:own" xmlns:h="http://www.topografix.com/GPX/1/0"', "h:"),
        ('gpx xmlns="urn:own" xmlns:h="http://www.topografix.com/GPX/1/1"', "h:"),
        ('gpx xmlns="urn:own"', ""),
        ("gpx", ""),
    ],
)
def test_the_namespace_of_the_root_is_that_of_gpx_and_so_are_its_versions(root, prefix):
    inside = re.sub("<(/?)", rf"<\1{prefix}", track(PATH))
    text = f"<{root}>{inside}</{root.split()[0]}>"
    assert parse_gpx(text.encode(), name="x.gpx").counts.track_points == len(PATH)


def test_elements_of_another_namespace_are_none_of_gpx():
    inside = re.sub("<(/?)", r"<\1y:", track(PATH))
    for root in ('gpx xmlns:y="urn:other"', f'gpx xmlns="{GPX_11}" xmlns:y="urn:other"', "gpx"):
        text = f"<{root}>{inside}</gpx>"
        assert parse_gpx(text.encode(), name="x.gpx").counts.track_points == 0


def test_an_attribute_whose_name_only_begins_as_one_declares_nothing():
    inside = f'<trkseg xmlnsx:x="{GPX_11}" xmlns_x="{GPX_11}"><x:trkpt lat="1" lon="1"/></trkseg>'
    document = parse_gpx(f"<gpx><trk>{inside}</trk></gpx>".encode(), name="x.gpx")
    assert document.counts.track_points == 0


def test_a_prefix_means_what_it_did_before_after_the_element_that_declares_it():
    declared = f'<x:trkpt xmlns:x="{GPX_11}" lat="35.2" lon="126.8"><x:ele>5</x:ele></x:trkpt>'
    foreign = '<x:trkpt lat="0" lon="0"><x:ele>900</x:ele></x:trkpt>'
    within = f'<b xmlns:x="{GPX_11}"><c xmlns:z="urn:z"/></b>{foreign}'
    text = gpx(
        f"<trk><trkseg>{declared}{foreign}{within}{declared}{points(PATH)}</trkseg></trk>"
    ).replace("<gpx ", '<gpx xmlns:x="urn:other" ')
    (way,) = parse_gpx(text.encode(), name="x.gpx").ways
    assert way.segments[0].lonlat[:, 1].tolist() == [35.2, 35.2, *(lat for _, lat in PATH)]


def test_a_shape_point_of_a_route_takes_no_value_of_the_point_around_it():
    text = gpx(
        '<rte><rtept lat="35.1" lon="126.8"><extensions><gpxx:rpt lat="35.2" lon="126.9"/>'
        '</extensions><ele>7</ele></rtept><rtept lat="35.3" lon="127"/></rte>'
    )
    document = parse_gpx(text.encode(), name="x.gpx")
    (route,) = document.ways
    assert route.segments[0].lonlat[:, 1].tolist() == [35.1, 35.2, 35.3]
    assert np.array_equal(route.segments[0].elevation_m, [7, math.nan, math.nan], equal_nan=True)
    assert document.counts.route_points == 2


def test_the_first_mistake_of_a_file_is_the_one_that_is_said(tmp_path):
    point = '<trkpt lat="x" lon="126.85"/>'
    assert "is not a number" in refusal(tmp_path, f"<gpx><trk><trkseg>{point}</trk>")
    assert "broken" in refusal(tmp_path, f"<gpx><trk></trkseg>{point}</trk></gpx>")


def test_elements_that_are_nested_too_deep_are_refused_wherever_they_are(tmp_path):
    for tag in ("metadata", "a"):
        deep = f"<{tag}>" * 200 + f"</{tag}>" * 200
        assert "nested" in refusal(tmp_path, gpx(deep))


def test_a_file_may_be_as_deep_as_the_limit_and_no_deeper(tmp_path):
    for elements in (limits.MAX_GPX_DEPTH, limits.MAX_GPX_DEPTH + 1):
        deep = "<a>" * (elements - 1) + "</a>" * (elements - 1)  # within the root
        text = gpx(deep, track(PATH))
        if elements == limits.MAX_GPX_DEPTH:
            assert len(read(tmp_path, text).trails) == 1
        else:
            assert f"more than {limits.MAX_GPX_DEPTH} deep" in refusal(tmp_path, text)


def test_a_file_may_have_as_many_points_as_the_limit_and_no_more(tmp_path, monkeypatch):
    waypoint, route = '<wpt lat="35.15" lon="126.85"/>', f"<rte>{points(PATH, 'rtept')}</rte>"
    text = gpx(waypoint, track(PATH, PATH), route)
    monkeypatch.setattr(limits, "MAX_GPX_POINTS", 10)
    assert read(tmp_path, text).counts.track_points == 6
    monkeypatch.setattr(limits, "MAX_GPX_POINTS", 9)
    assert "9 points" in refusal(tmp_path, text)


def test_a_file_may_have_as_many_bytes_as_the_limit_packed_or_not(tmp_path, monkeypatch):
    data = gpx().encode()
    for content in (data, gzip.compress(data)):
        monkeypatch.setattr(limits, "MAX_GPX_BYTES", len(data))
        assert len(read(tmp_path, content).trails) == 1
        monkeypatch.setattr(limits, "MAX_GPX_BYTES", len(data) - 1)
        assert "MB" in refusal(tmp_path, content)


def test_a_packed_file_is_unpacked_no_further_than_the_limit(monkeypatch):
    unpacked: list[int] = []
    open_gzip = gzip.open

    def open_noting(*parts):
        file = open_gzip(*parts)
        read = file.read
        file.read = lambda size=-1: unpacked.append(size) or read(size)
        return file

    monkeypatch.setattr(gzip, "open", open_noting)
    monkeypatch.setattr(limits, "MAX_GPX_BYTES", 1000)
    with pytest.raises(DataError, match="MB"):
        parse_gpx(gzip.compress(gpx().encode() + b" " * 10**6), name="x.gpx")
    assert unpacked == [1001]


def test_a_damaged_archive_is_called_one_whatever_byte_is_wrong():
    path = [(126.85 + n / 1e5, 35.15 + n % 7 / 1e6) for n in range(200)]
    packed = gzip.compress(gpx(track(path)).encode())
    broken = [packed[:end] for end in range(2, len(packed), 50)]
    for position in range(10, len(packed) - 8, 25):
        data = bytearray(packed)
        data[position] ^= 0x55
        broken.append(bytes(data))
    for data in broken:
        with pytest.raises(DataError, match="archive is broken"):
            parse_gpx(data, name="x.gpx")


@pytest.mark.parametrize("mark", ["100", "200"])
def test_a_pause_begins_a_new_segment_and_is_no_place(tmp_path, mark):
    within = '<trkpt lat="35" lon="126"/><ele>900</ele><name>x</name><trkpt lat="35" lon="126"/>'
    pause = f'<trkpt lat="{mark}" lon="0">{within}</trkpt>'
    far = [(126.86, 35.15), (126.861, 35.15)]
    inside = f"<trkseg>{points(PATH)}{pause}{points(far)}</trkseg>"
    content = read(tmp_path, gpx(f"<trk><name>길</name>{inside}</trk>"))
    assert content.trails["segments"].tolist() == [2]
    assert content.counts.segments == 1
    assert content.counts.track_points == len(PATH) + 1 + len(far)
    assert math.isnan(content.trails["max_ele_m"].iloc[0])
    assert content.trails.total_bounds[0] == 126.85
    # Only both together are a mark; a point at longitude 0 is one in England.
    for lat, lon in ((mark, "0.5"), (mark, "126.85"), ("300", "0")):
        place = f'<trkpt lat="{lat}" lon="{lon}"/>'
        assert "latitude" in refusal(tmp_path, gpx(f"<trk><trkseg>{place}</trkseg></trk>"))
    england = [(0, 51.5), (0, 51.6)]
    assert read(tmp_path, gpx(track(england))).counts.track_points == 2


def test_everything_in_a_file_is_counted_as_it_stands():
    waypoint, route = '<wpt lat="35.15" lon="126.85"/>', f"<rte>{points(PATH, 'rtept')}</rte>"
    text = gpx(waypoint * 4, track(PATH, [], PATH[:1], []), route * 2, track(PATH), track(PATH))
    counts = parse_gpx(text.encode(), name="x.gpx").counts
    assert (counts.waypoints, counts.routes, counts.route_points) == (4, 2, 6)
    assert (counts.tracks, counts.track_points) == (3, 10)
    assert (counts.segments, counts.empty_segments) == (4, 2)


@pytest.mark.parametrize("way", [track(PATH), f"<rte>{points(PATH, 'rtept')}</rte>"])
def test_a_waypoint_behind_a_way_keeps_its_own_height_and_time(way):
    values = "<ele>7</ele><time>2026-05-01T09:00:00Z</time>"
    text = gpx(way, f'<wpt lat="35.15" lon="126.85">{values}</wpt>')
    document = parse_gpx(text.encode(), name="x.gpx")
    (waypoint,) = document.waypoints
    assert waypoint.elevation == 7
    assert waypoint.time == pd.Timestamp("2026-05-01T09:00:00Z")
    assert np.isnan(document.ways[0].segments[0].elevation_m).all()


def test_a_file_has_the_first_title_that_it_gives_itself():
    for first in ("<name>제목</name>", "<metadata><name>제목</name><desc>x</desc></metadata>"):
        text = gpx("<name> </name>", first, "<name>둘</name>", track(PATH), "<name>셋</name>")
        document = parse_gpx(text.encode(), name="x.gpx")
        assert (document.title, document.ways[0].element.name) == ("제목", "길")
    assert parse_gpx(gpx().encode(), name="x.gpx").title is None


def test_a_name_without_end_takes_no_memory():
    reader = _Reader("x.gpx")
    reader.parse_chunk("<gpx><name>")
    for _ in range(200):
        reader.parse_chunk("가" * 1000 + "<!-- -->")
    assert len(reader._value) < 2 * limits.MAX_GPX_TEXT_LETTERS


def test_text_that_belongs_to_no_value_is_not_kept():
    reader = _Reader("x.gpx")
    reader.parse_chunk("<gpx>가<x>나</x>다<name>라<x>마</x>")
    assert (reader._value, reader._texts) == ("라", [])
    reader.parse_chunk("바</name>사")
    assert (reader.title, reader._texts) == ("라바", [])


def test_what_stands_in_extensions_is_no_value_and_no_point():
    inner = (
        '<ele>900</ele><time>2026-05-01T09:00:00Z</time><trkpt lat="0" lon="0"/>'
        '<name>x</name><rpt lat="1" lon="1"/><x:rpt lat="1" lon="1"/>'
        f'<ele xmlns:y="urn:y">900</ele><y:name xmlns:y="{GPX_11}">x</y:name>'
    )
    other = f"<extensions><b>{inner}</b>{inner}</extensions>"
    text = gpx(
        f"<trk>{other}<trkseg>{other}<junk>{inner}</junk>"
        f'<trkpt lat="35.15" lon="126.85">{other}</trkpt>{points(PATH)}</trkseg></trk>{other}'
    )
    document = parse_gpx(text.encode(), name="x.gpx")
    (way,) = document.ways
    assert (document.title, way.element.name, document.waypoints) == (None, None, [])
    assert document.counts.track_points == len(way.segments[0].lonlat) == len(PATH) + 1
    assert np.isnan(way.segments[0].elevation_m).all()
    assert way.segments[0].times == ()


def test_routes_and_tracks_of_one_file_share_no_point_and_no_word():
    far = [(lon + 1, lat) for lon, lat in PATH]
    routes = (
        f"<rte><name>{n}</name>{points(way, 'rtept')}</rte>" for n, way in enumerate((PATH, far))
    )
    text = gpx(*routes, track(PATH, name="2"), "<trk/>", "<rte/>", track(far, name="3"))
    ways = parse_gpx(text.encode(), name="x.gpx").ways
    seen = [
        (way.kind, way.element.name, [len(points.lonlat) for points in way.segments])
        for way in ways
    ]
    assert seen == [
        ("track", "2", [3]),
        ("track", None, []),
        ("track", "3", [3]),
        ("route", "0", [3]),
        ("route", "1", [3]),
        ("route", None, [0]),
    ]


def test_what_stands_within_a_value_is_no_part_of_it_and_nothing_else():
    point = (
        '<trkpt lat="35.15" lon="126.85"><ele>1<ele>9</ele><time>2026-05-01</time>2'
        '<trkpt lat="0" lon="0"/>.5</ele></trkpt>'
    )
    name = "<name>맨<name>x</name>발<b>y<c>z</c></b><trkseg/></name>"
    text = gpx(f"<trk>{name}<trkseg>{point}{points(PATH)}</trkseg></trk>")
    document = parse_gpx(text.encode(), name="x.gpx")
    (way,) = document.ways
    assert way.element.name == "맨발"
    assert way.segments[0].elevation_m[0] == 12.5
    assert way.segments[0].times == ()
    assert (document.counts.track_points, document.counts.segments) == (len(PATH) + 1, 1)
    assert document.findings == []


@pytest.mark.parametrize("letter", ["나", "x", "&amp;", "나<!-- -->"])
def test_a_name_without_end_is_cut_at_the_limit(letter):
    text = gpx(track(PATH, name=letter * 50_000))
    (way,) = parse_gpx(text.encode(), name="x.gpx").ways
    assert len(way.element.name) == limits.MAX_GPX_TEXT_LETTERS


def test_a_text_that_the_parser_gets_in_pieces_is_read_whole(monkeypatch):
    text = gpx(track(PATH, name="긴 이름 & 더".replace("&", "&amp;")))
    expected = parse_gpx(text.encode(), name="x.gpx")
    for letters in (1, 7, 64):
        monkeypatch.setattr(limits, "GPX_CHUNK_LETTERS", letters)
        document = parse_gpx(text.encode(), name="x.gpx")
        assert document.ways[0].element.name == "긴 이름 & 더"
        assert document.ways[0].segments[0].lonlat.tolist() == (
            expected.ways[0].segments[0].lonlat.tolist()
        )


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+09:00", "9999-12-31T23:00:00-09:00", "2026-02-30", "noon", "1e5"]
)
def test_a_time_that_is_none_is_found_and_costs_only_itself(text):
    point = f'<trkpt lat="35.15" lon="126.85"><ele>3</ele><time>{text}</time></trkpt>'
    document = parse_gpx(gpx(f"<trk><trkseg>{point}</trkseg></trk>").encode(), name="x.gpx")
    assert [finding.code for finding in document.findings] == ["bad-time"]
    assert document.ways[0].segments[0].times == ()
    assert document.ways[0].segments[0].elevation_m.tolist() == [3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T09:00:00", "2026-05-01T09:00:00Z"),
        ("2026-05-01T09:00:00+09:00", "2026-05-01T00:00:00Z"),
        (" \n2026-05-01T09:00:00Z\t", "2026-05-01T09:00:00Z"),
        ("2026-05-01T09:00:00.123987Z", "2026-05-01T09:00:00.123Z"),
        ("2026-05-01", "2026-05-01T00:00:00Z"),
    ],
)
def test_times_are_utc_in_whole_milliseconds_and_the_first_of_a_point_counts(text, expected):
    times = f"<time/><time>{text}</time><time>2031-01-01T00:00:00Z</time>"
    point = f'<trkpt lat="35.15" lon="126.85">{times}</trkpt>'
    document = parse_gpx(gpx(f"<trk><trkseg>{point}</trkseg></trk>").encode(), name="x.gpx")
    assert document.findings == []
    assert document.ways[0].segments[0].times == (pd.Timestamp(expected),) * 2


@pytest.mark.parametrize("text", ["12.5", " 12.5\n", "+12.5", "1.25e1", "&#x85;12.5"])
def test_an_elevation_may_have_blanks_around_it(text):
    point = f'<trkpt lat="35.15" lon="126.85"><ele>{text}</ele></trkpt>'
    document = parse_gpx(gpx(f"<trk><trkseg>{point}</trkseg></trk>").encode(), name="x.gpx")
    assert document.findings == []
    assert document.ways[0].segments[0].elevation_m.tolist() == [12.5]


@pytest.mark.parametrize("tag", ["trkpt", "rtept", "wpt"])
@pytest.mark.parametrize(
    ("place", "said"),
    [
        ('lat="35.15"', "lon is missing"),
        ('lon="126.85"', "lat is missing"),
        ("", "lon is missing"),
        ('lat=" " lon="126.85"', "lat is missing"),
        ('lat="x" lon="126.85"', "lat is 'x', which is not a number"),
        ('lat="3_5" lon="126.85"', "lat is '3_5', which is not a number"),
        ('lat="35.15" lon="12_6.85"', "lon is '12_6.85', which is not a number"),
        ('lat="NaN" lon="126.85"', "lat is 'NaN', which is not a number"),
        ('lat="35.15" lon="-Infinity"', "lon is '-Infinity', which is not a number"),
        ('lat="90.000001" lon="126.85"', "latitude"),
        ('lat="-90.1" lon="126.85"', "latitude"),
        ('lat="35.15" lon="180.1"', "longitude"),
        ('lat="35.15" lon="-180.1"', "longitude"),
    ],
)
def test_no_point_of_any_kind_is_without_a_place_on_earth(tmp_path, tag, place, said):
    holder = {"trkpt": "<trk><trkseg>{}</trkseg></trk>", "rtept": "<rte>{}</rte>", "wpt": "{}"}[tag]
    message = refusal(tmp_path, gpx("\n", holder.format(f"<{tag} {place}/>")))
    assert message.startswith("gpx/trail.gpx:2: ")
    assert said in message


@pytest.mark.parametrize(("lon", "lat"), [(180, 90), (-180, -90), (180, -90), (0.5, 90)])
def test_the_edges_of_the_earth_are_places(lon, lat):
    text = gpx(f'<wpt lat="{lat}" lon="{lon}"/>')
    (waypoint,) = parse_gpx(text.encode(), name="x.gpx").waypoints
    assert (waypoint.longitude, waypoint.latitude) == (lon, lat)


def test_a_long_word_for_a_number_is_shown_in_part(tmp_path):
    text = gpx(f'<trk><trkseg><trkpt lat="{"x" * 900}" lon="1"/></trkseg></trk>')
    assert len(refusal(tmp_path, text)) < 250
    assert len(refusal(tmp_path, f"<{'y' * 900}/>")) < 250
    point = f'<trkpt lat="1" lon="1"><ele>{"z" * 900}</ele><time>{"z" * 900}</time></trkpt>'
    document = parse_gpx(gpx(f"<trk><trkseg>{point}</trkseg></trk>").encode(), name="x.gpx")
    assert [len(finding.values["value"]) for finding in document.findings] == [42, 42]


def test_a_file_without_waypoints_has_an_empty_frame_of_its_own(tmp_path):
    (tmp_path / "a.gpx").write_text(gpx(), "utf-8")
    one, other = (read_gpx(tmp_path / "a.gpx", name="a.gpx").waypoints for _ in range(2))
    one["mine"] = 1
    one.attrs["mine"] = 1
    assert "mine" not in other
    assert read_gpx(tmp_path / "a.gpx", name="a.gpx").waypoints.attrs == {}
    assert str(other.dtypes["elevation_m"]) == "float64"
    assert (other.crs.to_epsg(), other.index.name, len(other)) == (4326, "id", 0)
