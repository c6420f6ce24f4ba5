"""GPX files into trails and waypoints: the corpus of real and broken files, and small ones."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

import gpxpy
import pandas as pd
import pytest
from gpxtext import GPX_11, PATH, gpx, points, track
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from mapserver.errors import DataError
from mapserver.readers.gpx import GpxFile, read_folder, read_gpx
from mapserver.text.findings import Severity

GEOD = Geod(ellps="WGS84")

# The manifest's readers do not mind a latitude above 90 or a longitude above 180; we do.
OUT_OF_RANGE = {"coregpx_wptError.gpx"}
# The manifest counts a point at 0, 0, which is no place on the trail.
ASTRAY = {"x_zero_zero.gpx"}


def corpus() -> list[dict[str, str]]:
    folder = os.environ.get("MAPSERVER_TEST_DATA")
    manifest = Path(folder or ".") / "gpx_corpus" / "MANIFEST.csv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


CORPUS = corpus()


def read(tmp_path: Path, text: str | bytes, name: str = "trail.gpx") -> GpxFile:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_gpx(path, name=f"gpx/{name}")


def refusal(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    return str(caught.value)


# -- the corpus ----------------------------------------------------------------------------------


def test_the_corpus_is_there(test_data):
    files = {path.name for path in (test_data / "gpx_corpus").iterdir()} - {"MANIFEST.csv"}
    assert {row["file"] for row in CORPUS} == files


@pytest.mark.slow
@pytest.mark.parametrize("row", CORPUS, ids=[row["file"] for row in CORPUS])
def test_every_file_of_the_corpus_is_read_right_or_refused_clearly(test_data, row):
    path = test_data / "gpx_corpus" / row["file"]
    start = time.monotonic()
    try:
        content = read_gpx(path, name=f"gpx/{row['file']}")
    except DataError as error:
        message = str(error)
        assert row["expect"] != "accept" or row["file"] in OUT_OF_RANGE, message
        assert message.startswith(f"gpx/{row['file']}")
        assert "\n" not in message
        assert error.mend
    else:
        assert row["expect"] != "reject"
        check_against_manifest(content, row)
    assert time.monotonic() - start < 30  # hostile files must not hang


def check_against_manifest(content: GpxFile, row: dict[str, str]) -> None:
    if not row["tracks"]:
        return
    counts = content.counts
    for name in (
        *("waypoints", "routes", "route_points", "tracks", "track_points"),
        *("segments", "empty_segments"),
    ):
        if row[name]:
            assert getattr(counts, name) == int(row[name]), name
    if row["file"] in ASTRAY:
        assert "point-astray" in {finding.code for finding in content.findings}
        return
    for kind, column in (("track", "length_m"), ("route", "route_length_m")):
        length_m = content.trails.length_m[content.trails["kind"] == kind].sum()
        assert length_m == pytest.approx(float(row[column] or 0), rel=1e-6, abs=0.01)
    if len(content.waypoints) and not len(content.trails):
        west, south, east, north = content.waypoints.total_bounds
        expected = [float(row[name]) for name in ("minlon", "minlat", "maxlon", "maxlat")]
        assert [west, south, east, north] == pytest.approx(expected, abs=1e-6)


@pytest.mark.slow
def test_names_of_the_corpus_are_not_garbled(test_data):
    for row in CORPUS:
        if (
            row["expect"] == "accept"
            and row["first_track_name"]
            and row["file"] not in OUT_OF_RANGE
        ):
            content = read_gpx(test_data / "gpx_corpus" / row["file"], name=row["file"])
            if len(content.trails) == int(row["tracks"]) + int(row["routes"]):
                # The first name that the file gives to a track or else to a route.
                # The manifest has a dash that cp949 lacks, where those files hold a hyphen, and
                # cuts long names.
                name = " ".join(row["first_track_name"].replace("–", "-").split())
                names = content.trails["name"].str.replace("–", "-").str[: max(len(name), 1)]
                assert name in set(names), row["file"]


@pytest.mark.slow
def test_a_folder_of_broken_files_opens_with_the_good_ones(test_data):
    folder = read_folder(test_data / "gpx_corpus")
    refused = {f.file for f in folder.findings if f.code == "gpx-unreadable"}
    rejected = {f"gpx_corpus/{row['file']}" for row in CORPUS if row["expect"] == "reject"}
    assert rejected <= refused
    assert folder.trails.index.is_unique
    assert len(folder.trails) > len(refused)


# -- small files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_track_becomes_a_trail(tmp_path, version):
    content = read(tmp_path, gpx(version=version))
    trail = content.trails.loc["trail"]
    assert trail["name"] == "길"
    lons, lats = zip(*PATH, strict=True)
    assert trail["length_m"] == pytest.approx(GEOD.line_length(lons, lats), abs=1e-6)
    assert content.findings == ()


def test_a_gap_is_neither_drawn_nor_counted(tmp_path):
    near, far = [(126.85, 35.15), (126.851, 35.15)], [(126.9, 35.15), (126.901, 35.15)]
    trail = read(tmp_path, gpx(track(near, far))).trails.loc["trail"]
    assert trail["segments"] == 2
    assert len(trail.geometry.geoms) == 2
    assert trail["length_m"] == pytest.approx(
        sum(GEOD.line_length(*zip(*part, strict=True)) for part in (near, far))
    )


def test_a_route_is_a_trail_and_several_tracks_are_several(tmp_path):
    elsewhere = [(lon + 0.01, lat) for lon, lat in PATH]
    route = f"<rte><name>경로</name>{points(elsewhere, 'rtept')}</rte>"
    content = read(tmp_path, gpx(track(PATH), track(PATH), route))
    assert list(content.trails.index) == ["trail-1", "trail-2", "trail-3"]
    assert list(content.trails["kind"]) == ["track", "track", "route"]


def test_waypoints_become_facilities_of_the_trail(tmp_path):
    waypoint = (
        '<wpt lat="35.15" lon="126.85"><name>세족장</name><sym>Water</sym>'
        "<type>foot_wash</type></wpt>"
    )
    content = read(tmp_path, gpx(waypoint, track(PATH)))
    facility = content.waypoints.iloc[0]
    assert (facility["name"], facility["kind"], facility["trail"]) == (
        "세족장",
        "foot_wash",
        "trail",
    )


def test_times_and_elevations_are_kept(tmp_path):
    text = gpx(
        "<trk><trkseg>"
        '<trkpt lat="35.15" lon="126.85"><ele>10</ele>'
        "<time>2026-05-01T09:00:00+09:00</time></trkpt>"
        '<trkpt lat="35.16" lon="126.85"><ele>30.5</ele><time>2026-05-01T00:30:00Z</time></trkpt>'
        "</trkseg></trk>"
    )
    trail = read(tmp_path, text).trails.loc["trail"]
    assert trail["time_start"] == pd.Timestamp("2026-05-01T00:00:00Z")
    assert trail["time_end"] == pd.Timestamp("2026-05-01T00:30:00Z")
    assert (trail["ascent_m"], trail["descent_m"]) == (20.5, 0)
    assert (trail["min_ele_m"], trail["max_ele_m"]) == (10, 30.5)


def test_a_bad_elevation_or_time_costs_only_that_value(tmp_path):
    text = gpx(
        "<trk><name>길</name><trkseg>"
        '<trkpt lat="35.15" lon="126.85"><ele>about 10</ele><time>noon</time></trkpt>'
        '<trkpt lat="35.16" lon="126.85"><ele>30</ele></trkpt>'
        "</trkseg></trk>"
    )
    content = read(tmp_path, text)
    assert len(content.trails) == 1
    assert len(content.findings) == 2
    assert all(finding.severity is not Severity.NOTE for finding in content.findings)
    assert "about 10" in str(content.findings[0])


@pytest.mark.parametrize(
    ("lon", "lat", "hint"),
    [
        ("35.15", "126.85", "swapped"),
        ("189000.5", "281000.5", "metres"),
        ("nan", "35.15", "number"),
        ("inf", "35.15", "number"),
        ("200", "35.15", "longitude"),
        ("", "35.15", "missing"),
    ],
)
def test_coordinates_that_cannot_be_stop_the_file_and_name_the_line(tmp_path, lon, lat, hint):
    text = gpx(f'\n<trk><trkseg>{points(PATH)}\n<trkpt lat="{lat}" lon="{lon}"/></trkseg></trk>')
    message = refusal(tmp_path, text)
    assert message.startswith("gpx/trail.gpx:3:")
    assert hint in message


def test_entities_and_document_types_are_refused_before_they_are_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read", "utf-8")
    for declared in (
        '<!DOCTYPE gpx [<!ENTITY x "yy"><!ENTITY z "&x;&x;&x;">]>',
        f'<!DOCTYPE gpx [<!ENTITY x SYSTEM "{secret.as_uri()}">]>',
        '<!DOCTYPE gpx SYSTEM "http://127.0.0.1:9/gpx.dtd">',
    ):
        text = f"{declared}<gpx><trk><name>&x;</name></trk></gpx>"
        message = refusal(tmp_path, text)
        assert "do not read" not in message
        assert "DTD" in message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_korean_names_in_every_encoding(tmp_path, encoding):
    declared = {"utf-8-sig": "UTF-8", "cp949": "EUC-KR"}.get(encoding, encoding.upper())
    text = gpx(track(PATH, name="맨발로 길")).replace(
        '<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{declared}"?>'
    )
    assert read(tmp_path, text.encode(encoding)).trails["name"].iloc[0] == "맨발로 길"


DECLARED = '<?xml version="1.0" encoding="{}"?>'


def declare(encoding: str, name: str) -> str:
    """Write a track with a name into a file that states an encoding."""
    return gpx(track(PATH, name=name)).replace('<?xml version="1.0"?>', DECLARED.format(encoding))


@pytest.mark.parametrize(
    ("stated", "encoding"),
    [("windows-1252", "cp1252"), ("ISO-8859-2", "iso8859-2"), ("Windows-1251", "cp1251")],
)
def test_the_encoding_that_a_file_states_is_followed_where_its_bytes_prove_none(
    tmp_path, stated, encoding
):
    name = {"cp1252": "Café", "iso8859-2": "Łąka", "cp1251": "Путь"}[encoding]
    text = declare(stated, name)
    content = read(tmp_path, text.encode(encoding))
    assert content.trails["name"].tolist() == [name]
    assert content.findings == ()
    single = text.replace('"', "'", 4)
    assert read(tmp_path, b" \n" + single.encode(encoding)).trails["name"].tolist() == [name]
    # Where it states none, or one that is wrong, it is asked for and not guessed.
    for other in (gpx(track(PATH, name=name)), declare("UTF-8", name)):
        assert "encoding" in refusal(tmp_path, other.encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_surer_than_what_a_file_states(tmp_path, encoding):
    for stated in ("EUC-KR", "windows-1252", "no-such-encoding"):
        content = read(tmp_path, declare(stated, "맨발로 길").encode(encoding))
        assert content.trails["name"].tolist() == ["맨발로 길"]
        assert content.findings == ()


def test_an_encoding_that_is_misstated_is_found_and_the_file_read(tmp_path):
    content = read(tmp_path, declare("UTF-8", "황토 맨발로 걷는 길").encode("cp949"))
    assert content.trails["name"].tolist() == ["황토 맨발로 걷는 길"]
    (finding,) = content.findings
    assert (finding.code, finding.values["label"]) == ("encoding-misstated", "'UTF-8'")
    assert read(tmp_path, declare("UTF-8", "길").encode()).findings == ()


def test_any_prefix_will_do_and_extensions_are_no_points(tmp_path):
    text = (
        f'<g:gpx xmlns:g="{GPX_11}" xmlns:o="urn:other"><g:trk><g:trkseg>'
        '<g:trkpt lat="35.15" lon="126.85"><g:extensions><o:trkpt lat="0" lon="0"/></g:extensions>'
        '</g:trkpt><g:trkpt lat="35.16" lon="126.85"/></g:trkseg></g:trk></g:gpx>'
    )
    assert read(tmp_path, text).counts.track_points == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (b"\0" * 100, "empty"),
        (" \r\n\t", "empty"),
        ("<kml/>", "<kml>"),
        ("<!doctype html><html></html>", "web page"),
        ("<!DOCTYPE HTML><HTML></HTML>", "web page"),
        ("\n<html lang='ko'></html>", "web page"),
        ("lon,lat\n126,35\n", "begins with <"),
        (gpx()[:200], "broken"),
    ],
)
def test_what_is_no_gpx_file_is_said_to_be_what_it_is(tmp_path, text, said):
    assert said in refusal(tmp_path, text)


def test_a_track_with_one_point_is_left_out_and_told(tmp_path):
    content = read(tmp_path, gpx(track(PATH), track(PATH[:1], name="짧은 길")))
    assert list(content.trails["name"]) == ["길"]
    assert "짧은 길" in str(content.findings[0])


def test_files_of_one_folder_get_ids_of_their_own(tmp_path):
    (tmp_path / "a.gpx").write_text(gpx(), "utf-8")
    (tmp_path / "a.GPX").write_text(gpx(), "utf-8")
    (tmp_path / "broken.gpx").write_text("<gpx><trk>", "utf-8")
    folder = read_folder(tmp_path)
    assert sorted(folder.trails.index) == ["a", "a-2"]
    assert {finding.code for finding in folder.findings} == {"gpx-unreadable", "id-duplicate"}


# -- properties ----------------------------------------------------------------------------------

LONLAT = st.tuples(
    st.floats(-180, 180, allow_nan=False).map(lambda x: round(x, 6)),
    st.floats(-90, 90, allow_nan=False).map(lambda x: round(x, 6)),
).filter(lambda place: max(map(abs, place)) > 0.001)  # 0, 0 is no place


@pytest.mark.slow
# Nine points at most: of ten and more, one that is far from all others is left out.
@given(segments=st.lists(st.lists(LONLAT, min_size=1, max_size=3), min_size=1, max_size=3))
def test_what_gpxpy_reads_we_read(tmp_path_factory, segments):
    text = gpx(track(*segments))
    theirs = gpxpy.parse(text).tracks[0]
    content = read(tmp_path_factory.mktemp("gpx"), text)
    assert content.counts.track_points == theirs.get_points_no()
    drawn = [segment for segment in segments if len(segment) > 1]
    assert len(content.trails) == bool(drawn)
    if drawn:
        ours = content.trails["length_m"].iloc[0]
        walked = sum(GEOD.line_length(*zip(*segment, strict=True)) for segment in drawn)
        assert ours == pytest.approx(walked, rel=1e-9, abs=1e-6)


@given(data=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_rubbish_is_refused_and_nothing_else(tmp_path_factory, data):
    with pytest.raises(DataError):
        read(tmp_path_factory.mktemp("gpx"), data)


@pytest.mark.slow
@given(cut=st.integers(0, 300), junk=st.text("<>&\"'/ =x0]", max_size=5))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, cut, junk):
    text = gpx(track([(*place, 12.5) for place in PATH]))
    try:
        content = read(tmp_path_factory.mktemp("gpx"), text[:cut] + junk + text[cut:])
    except DataError as error:
        assert "\n" not in str(error)
    else:
        assert content.counts.tracks <= 1
