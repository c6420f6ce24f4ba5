"""Names of trails: where they are looked for, and what programs made of them on their way."""

from __future__ import annotations

import gzip

import pytest
from gpxtext import PATH, gpx, points, track

from mapserver import open_city
from mapserver.settings import Settings
from mapserver.text.name_text import find_name_fault, is_visible, restore_garbled_name
from mapserver.web import create_app

NAMELESS = f"<trk><trkseg>{points(PATH)}</trkseg></trk>"
META = "<metadata><name>풍암호수 한 바퀴</name><author><name>서구청</name></author></metadata>"


def names(city) -> list[str]:
    return city.trails["name"].tolist()


def codes(city) -> set[str]:
    return {finding.code for finding in city.findings}


# -- where a name is looked for --------------------------------------------------------------------


def test_a_name_of_its_own_wins_over_that_of_the_file(make_city):
    assert names(make_city({"gpx/a.gpx": gpx(META, track(PATH, name="길"))})) == ["길"]


def test_a_trail_without_a_name_has_that_of_the_metadata(make_city):
    city = make_city({"gpx/a.gpx": gpx(META, NAMELESS)})
    assert names(city) == ["풍암호수 한 바퀴"]
    assert codes(city) == set()


def test_the_name_of_gpx_1_0_stands_at_the_root(make_city):
    assert names(make_city({"gpx/a.gpx": gpx("<name>옛 길</name>", NAMELESS, version="1.0")})) == [
        "옛 길"
    ]


def test_metadata_after_the_track_counts_as_well(make_city):
    assert names(make_city({"gpx/a.gpx": gpx(NAMELESS, META)})) == ["풍암호수 한 바퀴"]


def test_several_trails_without_names_are_numbered(make_city):
    other = NAMELESS.replace("126.85", "126.95")
    city = make_city({"gpx/a.gpx": gpx(META, NAMELESS, other)})
    assert names(city) == ["풍암호수 한 바퀴 1", "풍암호수 한 바퀴 2"]


def test_without_any_name_a_trail_is_called_after_its_file_and_this_is_said(make_city):
    city = make_city({"gpx/금당산_맨발길-1.gpx": gpx(NAMELESS)})
    assert names(city) == ["금당산 맨발길 1"]
    assert "name-of-file" in codes(city)


@pytest.mark.parametrize("name", ["\u200b", "\u3164", "&#160;", "\u2800\u200d"])
def test_a_name_that_cannot_be_seen_is_passed_over_and_named(make_city, name):
    city = make_city({"gpx/a.gpx": gpx(META, track(PATH, name=name))})
    assert names(city) == ["풍암호수 한 바퀴"]


WALK = f"<trkseg>{points(PATH)}</trkseg>"
ROUTE = points(PATH, tag="rtept")
LINK = '<link href="https://connect.garmin.com"><text>Garmin Connect</text></link>'
TIME = "<time>2026-05-01T00:00:00Z</time>"
AS_APPS_WRITE = {
    "garmin connect": (
        f"<metadata>{LINK}{TIME}</metadata>",
        f"<trk><name>금당산 걷기</name><type>walking</type>{WALK}</trk>",
    ),
    "a garmin device": (
        f'<metadata><link href="http://www.garmin.com"><text>Garmin</text></link>{TIME}'
        '<bounds minlat="35" minlon="126" maxlat="36" maxlon="127"/></metadata>',
        f"<trk><name>금당산 걷기</name><extensions/>{WALK}</trk>",
    ),
    "osmand": (f"<metadata><name>금당산 걷기</name>{TIME}</metadata>", f"<trk>{WALK}</trk>"),
    "komoot": (
        "<metadata><name>금당산 걷기</name><author>"
        '<link href="https://www.komoot.de"><text>komoot</text></link></author></metadata>',
        f"<trk><name>금당산 걷기</name>{WALK}</trk>",
    ),
    "strava": (
        f"<metadata>{TIME}</metadata>",
        f"<trk><name>금당산 걷기</name><type>10</type>{WALK}</trk>",
    ),
    "a korean hiking app, in CDATA": (
        f"<metadata><name><![CDATA[금당산 걷기]]></name><desc><![CDATA[]]></desc>{TIME}</metadata>",
        f"<trk><name><![CDATA[금당산 걷기]]></name><desc><![CDATA[]]></desc>{WALK}</trk>",
    ),
    "an app that leaves the name empty": (
        f"<metadata><name>금당산 걷기</name>{TIME}</metadata>",
        f"<trk><name></name><cmt/>{WALK}</trk>",
    ),
    "gaia": ("", f"<trk><name>금당산 걷기</name><desc></desc><src/>{WALK}</trk>"),
    "alltrails, a route": (
        "<metadata><name><![CDATA[금당산 걷기]]></name><desc/></metadata>",
        f"<rte><name><![CDATA[금당산 걷기]]></name>{ROUTE}</rte>",
    ),
    "a route with the name in the metadata": (
        "<metadata><name>금당산 걷기</name></metadata>",
        f"<rte>{ROUTE}</rte>",
    ),
    "a name on several lines": ("", f"<trk><name>\n    금당산\n    걷기\n  </name>{WALK}</trk>"),
}
"""Where programs put the name; what they put beside it is not mistaken for one."""


@pytest.mark.parametrize("app", AS_APPS_WRITE)
def test_the_name_is_found_where_programs_write_it(make_city, app):
    city = make_city({"gpx/activity_1234.gpx": gpx(*AS_APPS_WRITE[app])})
    assert names(city) == ["금당산 걷기"]
    assert not codes(city) & {"name-of-file", "name-garbled"}


def test_the_register_names_a_trail_before_all(make_city):
    register = "id,name\na,등록부의 이름\n"
    city = make_city({"gpx/a.gpx": gpx(META, NAMELESS), "gpx/trails.csv": register})
    assert names(city) == ["등록부의 이름"]


def test_the_name_of_the_case_is_read(test_data, make_city):
    case = (test_data / "cases" / "gpx" / "name_in_metadata.gpx").read_bytes()
    assert names(make_city({"gpx/a.gpx": case})) == ["풍암호수 한 바퀴"]


# -- what programs made of a name ------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "cp949"])
def test_korean_read_in_a_wrong_encoding_is_told(codec):
    garbled = "금당산 맨발길".encode().decode(codec, "replace")
    assert "금당산"[:1] in restore_garbled_name(garbled)


def test_bytes_of_cp949_read_as_western_letters_are_told():
    assert (
        restore_garbled_name("풍암호수 한 바퀴".encode("cp949").decode("latin-1"))
        == "풍암호수 한 바퀴"
    )


@pytest.mark.parametrize(
    "name",
    [
        "맨발길",
        "Größe",
        "Français",
        "Çà et là",
        "금당산(金堂山)",
        "São João",
        "東京",
        "café",
        "길?",
    ],
)
def test_a_name_that_is_right_is_left_alone(name):
    assert find_name_fault(name) is None


def test_garbled_escaped_broken_and_invisible_names_are_findings_with_the_right_text(make_city):
    register = (
        "id,name,name_en\n"
        f"a,{'맨발길'.encode().decode('cp1252', 'replace')},\n"
        "b,숲 &amp;amp; 물,A &amp; B\nc,맨\ufffd길,\nd,\u3164,\n"
    )
    lines = [track([(x + i, y) for x, y in PATH]) for i in range(4)]
    paths = {f"gpx/{id_}.gpx": gpx(line) for id_, line in zip("abcd", lines, strict=True)}
    by_code = {f.code: f for f in make_city(paths | {"gpx/trails.csv": register}).check()}
    assert {"name-garbled", "name-escaped", "name-broken", "name-invisible"} <= set(by_code)
    assert "'맨발길'" in by_code["name-garbled"].message
    assert by_code["name-escaped"].values["probable"] in {"'숲 & 물'", "'A & B'"}


def test_only_what_shows_something_is_visible():
    assert [is_visible(text) for text in ("길", "1", "\u200b", "\u3164", "\u115f", " \t")] == [
        *(True, True, False, False, False, False)
    ]


# -- file names ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["walk.gpx", "x.kml", "x.geojson", "x.svg", "a.b.c", "v1.2"])
def test_ids_with_dots_have_pages_and_files_that_answer(make_folder, name):
    heights = [(lon, lat, 40 + n) for n, (lon, lat) in enumerate(PATH)]
    folder = make_folder({f"gpx/{name}.gpx": gpx(track(heights))})
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    assert list(open_city(folder).trails.index) == [name]
    types = {"": "text/html", ".gpx": "application/gpx+xml", ".svg": "image/svg+xml"}
    types |= {".geojson": "application/geo+json", "/poster": "text/html"}
    types |= {".kml": "application/vnd.google-earth.kml+xml"}
    for ending, kind in types.items():
        answer = client.get(f"/trails/{name}{ending}")
        assert (answer.status_code, answer.mimetype) == (200, kind), ending


def test_a_trail_whose_page_would_hide_the_file_of_another_gets_another_id(make_folder):
    other = gpx(track([(lon + 1, lat) for lon, lat in PATH], name="다른 길"))
    folder = make_folder({"gpx/walk.gpx": gpx(), "gpx/walk.gpx.gpx": other})
    city = open_city(folder)
    assert set(city.trails.index) == {"walk", "walk-gpx"}
    assert "id-duplicate" in codes(city)
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    assert client.get("/trails/walk.gpx").mimetype == "application/gpx+xml"
    assert client.get("/trails/walk-gpx").status_code == 200


def test_files_that_look_like_tracks_and_are_not_read_are_named_with_the_mend(make_folder):
    unread = {
        "a.gpx.gz": gzip.compress(gpx().encode()),
        "b.tcx": "<x/>",
        "c.fit": "x",
        "d.kml": "x",
    }
    unread |= {"e.gpx.txt": gpx(), "f.zip": "x", "g.gpx~": gpx(), "h.geojson": "{}"}
    quiet = {"i.jpg": b"\xff\xd8\xff\xe0", ".j.gpx": gpx(), "README.md": "x"}
    files = {f"gpx/{name}": content for name, content in (unread | quiet).items()}
    folder = make_folder(files | {"gpx/z.gpx": gpx()})
    (folder / "gpx" / "2025").mkdir()
    (folder / "gpx" / "2025" / "k.gpx").write_text(gpx(), "utf-8")
    findings = {f.file: f for f in open_city(folder).findings}
    assert {f"gpx/{name}" for name in unread} | {"gpx/2025"} <= set(findings)
    assert all(findings[f"gpx/{name}"].mend for name in unread)
    assert not {f"gpx/{name}" for name in quiet} & set(findings)


def test_a_picture_of_no_trail_is_named_with_the_trail_that_it_is_probably_of(make_folder):
    jpeg = b"\xff\xd8\xff\xe0"
    folder = make_folder(
        {"gpx/hill-007.gpx": gpx(), "gpx/Hill-7.jpg": jpeg, "gpx/sea.png": b"\x89PNG\r\n\x1a\n"}
    )
    found = {f.file: f for f in open_city(folder).check() if f.code == "photo-without-trail"}
    assert found["gpx/Hill-7.jpg"].values["similar"] == "hill-007"
    assert found["gpx/sea.png"].values["similar"] == ""
