"""What pages say of slope, width, steps and rests: figures, never a verdict, unknown as unknown."""

from __future__ import annotations

import html
import itertools
import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from gpxtext import gpx, points, track

from mapserver.drawing.trail_facts import read_trail_facts
from mapserver.geo.slopes import SLOPE_COLUMNS
from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web.pages.slope_facts import round_to_hundred

CHIPS = ("no_steps", "gentle", "wide")
EAST_DEG = 0.0002
"""Some 18 m at the latitude of the tests."""


def walk(*heights: float | None, lat: float = 35.14):
    """Return the points of a trail to the east with a height at each, every 18 m."""
    return [
        (126.85 + n * EAST_DEG, lat, *([] if h is None else [h])) for n, h in enumerate(heights)
    ]


def serve(make_folder, *, header: str = "id", rows: tuple[str, ...] = (), **trails):
    files = {f"gpx/{id_}.gpx": gpx(track(line)) for id_, line in trails.items()}
    files["gpx/trails.csv"] = "\n".join((header, *rows, "")).encode()
    return create_app(Settings(city=make_folder(files), tile_url="")).test_client()


def read_section(client, id_: str, lang: str = "en") -> str:
    """Return the text of the section about slopes."""
    page = client.get(f"/trails/{id_}?lang={lang}").get_data(as_text=True)
    section = page.partition('aria-labelledby="slopes-title"')[2].partition("</section>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", section)).split())


def list_found(client, **asked: str) -> tuple[list[str], str]:
    """Return which trails a filter shows, and how many it says are left out as unknown."""
    page = client.get("/trails/", query_string={"lang": "en"} | asked).get_data(as_text=True)
    found = re.findall(r'<li data-id="([^"]*)"', page.partition('id="listed"')[2])
    left_out = re.search(r'id="listed-unsure"[^>]*?(hidden)?>([^<]*)<', page)
    return sorted(found), "" if left_out[1] else left_out[2].rpartition(" ")[2]


@pytest.fixture
def hills(make_folder):
    """A city of a level trail, a steep one, one without heights and one with some."""
    return serve(
        make_folder,
        header="id,계단,최소폭(m),폭(m),재질",
        rows=("level,없음,1.2,2.0,황토", "steep,있음(24단),,1.5,", "bare,0,1.1,3,", "part,,,,"),
        level=walk(*[50] * 10),
        steep=walk(*[50 + 3 * n for n in range(10)]),
        bare=walk(*[None] * 10),
        part=walk(*[50] * 5, *[None] * 10),
    )


def test_a_page_says_the_classes_the_steepest_place_and_the_window(hills):
    level, steep = read_section(hills, "level"), read_section(hills, "steep")
    assert "Up to 5.56 % 100 %" in level
    assert "Over 8.33 % 100 %" in steep
    assert re.search(r"Steepest 30 m 16\.\d %, \d+ to \d+ m from the start", steep)
    assert "over 30 m" in level
    assert "Least width 1.2 m Steps No steps" in level
    assert "Width 1.5 m Steps There are steps Surface Not known" in steep


def test_where_no_height_is_known_the_slope_is_not_known(hills):
    bare, part = read_section(hills, "bare"), read_section(hills, "part")
    assert "Slope, share of the length Not known Steepest 30 m Not known" in bare
    assert "경사(길이 비율) 모름" in read_section(hills, "bare", "ko")
    assert re.search(r"Up to 5.56 % (\d+) % Not known (\d+) %", part)
    assert "Steps Not known" in part
    assert "No bench is recorded." in part


def test_no_page_calls_a_trail_accessible(hills):
    for path in ("/trails/level?lang={}", "/trails/?lang={}", "/trails/level/poster?lang={}"):
        for lang in ("ko", "en"):
            page = hills.get(path.format(lang)).get_data(as_text=True)
            assert not re.search(r"accessible|barrier.?free|무장애|휠체어", page, re.IGNORECASE)


def test_walking_times_are_those_of_three_speeds(hills):
    section = read_section(hills, "level")
    # 164 m: 3.8, 2.5 and 3.3 minutes.
    assert (
        "Without shoes, 2.6 km/h 4 min In shoes, 4 km/h 2 min Older people, 3 km/h 3 min" in section
    )


def test_the_steepest_place_is_marked_on_the_profile(hills):
    drawing = ElementTree.fromstring(hills.get("/trails/steep.svg").data)
    marks = {each.get("class"): each for each in drawing.iter() if each.get("class")}
    (window,) = drawing.iter("{http://www.w3.org/2000/svg}rect")
    # 30 of 500 m, drawn over the width of the frame.
    assert float(window.get("width")) > 0
    assert marks["steepest"].get("d") == marks["ridge"].get("d")
    assert re.fullmatch(r"[\d.]+ %", marks["steepest-words"].text)
    assert marks["top"].get("cx") is not None


def test_benches_are_counted_with_the_longest_stretch_between_them(make_folder):
    line = walk(*[50] * 21)
    benches = "".join(
        points([(126.85 + n * EAST_DEG, 35.14)], "wpt").replace("</wpt>", "<type>벤치</type></wpt>")
        for n in (5, 15)
    )
    client = create_app(
        Settings(city=make_folder({"gpx/a.gpx": gpx(benches + track(line))}), tile_url="")
    ).test_client()
    assert "2 benches, at most 182 m without one" in read_section(client, "a")


@pytest.mark.parametrize(
    ("asked", "found", "left_out"),
    [
        ({"gentle": "1"}, ["level"], "2"),
        ({"no_steps": "1"}, ["bare", "level"], "1"),
        ({"wide": "1"}, ["level", "steep"], "1"),
        ({"wide": "1", "gentle": "1"}, ["level"], "1"),
        ({"wide": "1", "no_steps": "1", "gentle": "1"}, ["level"], "1"),
        ({"gentle": "0"}, ["bare", "level", "part", "steep"], ""),
    ],
)
def test_a_filter_passes_what_is_known_and_says_how_many_are_unknown(hills, asked, found, left_out):
    assert list_found(hills, **asked) == (found, left_out)


def test_one_steep_place_is_an_answer_whatever_is_unknown_of_the_rest():
    row = {"steepest_30m_percent": 5.57, "slope_unknown_share": 0.9}
    assert read_trail_facts(row).is_gentle is False
    assert read_trail_facts(row | {"steepest_30m_percent": 5.56}).is_gentle is None
    assert read_trail_facts(row | {"slope_unknown_share": 0.0}).is_gentle is False
    known = {"steepest_30m_percent": 5.56, "slope_unknown_share": 0.0}
    assert read_trail_facts(known).is_gentle is True
    assert read_trail_facts({}).is_gentle is None


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        ({}, None),
        ({"width_m": 1.2}, True),
        ({"width_m": 1.19}, False),
        ({"width_m": 2.0, "least_width_m": 1.0}, False),
        ({"width_m": 1.0, "least_width_m": 1.5}, True),
        ({"width_m": 0.0}, None),
        ({"width_m": float("nan")}, None),
    ],
)
def test_a_width_is_the_least_that_the_register_has(row, answer):
    assert read_trail_facts(row).is_wide is answer


def test_where_nothing_is_known_there_is_no_chip_and_nothing_to_ask(make_folder):
    client = serve(make_folder, a=walk(None, None, None), b=walk(None, None, lat=35.15))
    page = client.get("/trails/?lang=en").get_data(as_text=True)
    assert not any(f'name="{chip}"' in page for chip in CHIPS)
    assert list_found(client, gentle="1", wide="1") == (["a", "b"], "")


def test_a_list_gives_the_browser_the_answer_of_every_trail(hills):
    page = hills.get("/trails/?lang=en").get_data(as_text=True)
    answers = {
        id_: dict(re.findall(r'data-(no_steps|gentle|wide)="([^"]*)"', attributes))
        for id_, attributes in re.findall(r'<li data-id="([^"]*)"([^>]*)>', page)
    }
    # What the script does with them: 1 passes, and an empty answer is one that nobody knows.
    for asked in itertools.chain.from_iterable(itertools.combinations(CHIPS, n) for n in (1, 2, 3)):
        passed = [id_ for id_, own in answers.items() if all(own[chip] == "1" for chip in asked)]
        unsure = [
            id_
            for id_, own in answers.items()
            if {own[chip] for chip in asked} <= {"1", ""} and "" in {own[chip] for chip in asked}
        ]
        expected = list_found(hills, **dict.fromkeys(asked, "1"))
        assert (sorted(passed), str(len(unsure) or "")) == expected


def test_the_api_has_slopes_with_units_and_null_where_unknown(hills):
    items = hills.get("/api/collections/trails/items").get_json()["features"]
    rows = {item["id"]: item["properties"] for item in items}
    assert rows["level"]["slope_1_18_share"] == 1
    assert rows["level"]["steps"] is False
    assert rows["level"]["least_width_m"] == 1.2
    assert rows["steep"]["steps"] is True
    assert rows["steep"]["least_width_m"] is None
    bare = {column: rows["bare"][column] for column in SLOPE_COLUMNS}
    assert bare == dict.fromkeys(SLOPE_COLUMNS) | {"slope_unknown_share": 1}
    schema = hills.get("/api/collections/trails/schema?lang=en").get_json()["properties"]
    assert schema["steepest_30m_percent"]["title"] == "Steepest 30 m (%)"
    description = hills.get("/api/openapi.json").get_data(as_text=True)
    assert all(column in description for column in SLOPE_COLUMNS)
    asked = {"filter": "steepest_30m_percent <= 5.56 AND slope_unknown_share = 0"}
    found = hills.get("/api/collections/trails/items", query_string=asked).get_json()
    assert [item["id"] for item in found["features"]] == ["level"]


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        *(("있음", True), ("없음", False), ("유", True), ("무", False), ("Y", True), ("x", False)),
        *(("12단", True), ("0개", False), ("3 곳", True), ("없음(경사로)", False)),
        *(("계단 있음", True), ("", None), ("일부", None), ("-3", None), ("1.5", None)),
    ],
)
def test_cells_about_steps_are_read_as_offices_write_them(make_city, cell, answer):
    register = f"id,계단 유무\na,{cell}\n".encode()
    city = make_city({"gpx/a.gpx": gpx(track(walk(50, 50))), "gpx/trails.csv": register})
    read = city.trails["steps"].iloc[0]
    assert (None if pd.isna(read) else bool(read)) is answer
    codes = [finding.code for finding in city.check()]
    assert ("bad-value" in codes) == (bool(cell) and answer is None)


@pytest.mark.parametrize(
    "shares", [[1 / 3] * 3 + [0], [0.995, 0.005, 0, 0], [0.001, 0.001, 0.001, 0.997], [0, 0, 0, 1]]
)
def test_whole_per_cent_add_up_to_a_hundred(shares):
    percents = round_to_hundred(shares)
    assert sum(percents) == 100
    assert [percent > 0 for percent in percents] == [share > 0 for share in shares]
