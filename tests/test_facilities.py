"""What stands along a trail: everybody's words for it, and what readers of two languages see."""

from __future__ import annotations

import datetime as dt
import re

import geopandas as gpd
import pytest
import shapely
from conftest import ROOT
from gpxtext import PATH, gpx, track

from mapserver.drawing.captions import Captions
from mapserver.model.facilities import (
    KINDS,
    ORDER,
    choose_kind,
    facility_label,
    match_kind,
    plain,
    with_kinds,
)
from mapserver.settings import Settings
from mapserver.text import language
from mapserver.text.languages import LANGUAGES
from mapserver.web import create_app
from mapserver.web.pages.site import Site

DAY = dt.date(2026, 11, 25)
WORDS = {
    "Restroom": "toilet",
    "RESTROOM": "toilet",
    "Toilet": "toilet",
    "toilets": "toilet",
    "amenity=toilets": "toilet",
    "amenity_toilets": "toilet",
    "misc-toilet": "toilet",
    "화장실": "toilet",
    "공중화장실": "toilet",
    "공중 화장실": "toilet",
    "화장실(남)": "toilet",
    "Drinking Water": "drinking_water",
    "drinking_water": "drinking_water",
    "drinking-water": "drinking_water",
    "tourism-drinkingwater": "drinking_water",
    "음수대": "drinking_water",
    "Water Source": "water_source",
    "natural=spring": "water_source",
    "약수터": "water_source",
    "세족시설": "foot_wash",
    "세족장": "foot_wash",
    "발씻는곳": "foot_wash",
    "발 씻는 곳": "foot_wash",
    "FOOT WASH": "foot_wash",
    "foot-wash": "foot_wash",
    "신발장": "shoe_rack",
    "신발보관함": "shoe_rack",
    "Shoe Rack": "shoe_rack",
    "Bench": "bench",
    "벤치 2": "bench",
    "의자": "bench",
    "쉼터": "shelter",
    "정자": "shelter",
    "amenity=shelter": "shelter",
    "Parking Area": "parking",
    "주차장": "parking",
    "버스정류장": "bus_stop",
    "highway_bus_stop": "bus_stop",
    "흙먼지털이기": "air_blower",
    "에어건": "air_blower",
    "Trail Head": "entrance",
    "tourism=information": "sign",
    "이정표": "sign",
    "가로등": "light",
    "ＡＥＤ": "first_aid",
    "Flag, Blue": "",
    "Sternwarte": "",
    "공중전화": "",
    "toilet paper shop": "",
}

POINTS = (
    '<wpt lat="35.15" lon="126.8503"><name>북문 벤치</name><type>Bench</type></wpt>'
    '<wpt lat="35.15" lon="126.8505"><name>화장실</name><sym>Restroom</sym></wpt>'
    '<wpt lat="35.15" lon="126.8507"><name>Sternwarte Hügel</name><sym>Crossing</sym></wpt>'
    '<wpt lat="35.15" lon="126.8508"><name>Toilet</name><sym>Flag, Blue</sym></wpt>'
    '<wpt lat="35.15" lon="126.8509"><sym>Crossing</sym></wpt>'
)


@pytest.mark.parametrize(("text", "kind"), WORDS.items(), ids=list(WORDS))
def test_words_of_everybody_are_matched_to_our_kinds(text, kind):
    assert match_kind(text) == kind


def test_no_word_stands_for_two_kinds():
    pairs = {(plain(word), kind.id) for kind in KINDS for word in (kind.id, *kind.aliases)}
    assert len({word for word, _ in pairs}) == len(pairs)


def test_every_kind_has_a_word_in_both_languages_and_a_picture():
    pictures = (ROOT / "frontend" / "map" / "pictograms.js").read_text("utf-8")
    for kind in ORDER:
        for lang in LANGUAGES:
            word = language.word(kind, lang)
            assert word != kind
            assert language.is_written_in(word.replace("AED", ""), lang), (kind, word)
        assert re.search(rf"^ +{kind}: \"M", pictures, re.MULTILINE), kind


@pytest.mark.parametrize(
    ("kind", "sign"), [("foot_wash", "wash"), ("shoe_rack", "rack"), ("toilet", "wc")]
)
def test_the_map_has_the_signs_of_tiles_and_posters(kind, sign):
    pictures = (ROOT / "frontend" / "map" / "pictograms.js").read_text("utf-8")
    signs = (ROOT / "mapserver" / "web" / "templates" / "sprite.html").read_text("utf-8")
    [picture] = re.findall(rf'^ +{kind}: "([^"]+)"', pictures, re.MULTILINE)
    [symbol] = re.findall(rf'id="i-{sign}"[^>]*>(.*?)</symbol>', signs)
    paths = re.findall(r' d="([^"]+)"', symbol)
    assert paths
    assert [path for path in paths if path not in picture] == []
    assert f'"{kind}"' in pictures.partition("const LINES = ")[2].partition(";")[0]


def test_the_type_wins_over_the_symbol_and_the_name_decides_last():
    assert choose_kind(("foot_wash", "Water Source"), "화장실") == "foot_wash"
    assert choose_kind(("hiking", "Restroom"), "북문") == "toilet"
    assert choose_kind((None, "Flag, Blue"), "화장실") == "toilet"
    assert choose_kind((None, "Flag, Blue"), "화장실 앞 삼거리") is None
    assert choose_kind(("삼거리", None), "북문") == "삼거리"
    assert choose_kind(("1", None)) is None


@pytest.mark.parametrize(
    ("about", "ko", "en"),
    [
        ({"kind": "bench", "name": "북문 벤치"}, "벤치 · 북문 벤치", "Bench · 북문 벤치"),
        ({"kind": "bench", "name": "벤치 2"}, "벤치 2", "Bench"),
        ({"kind": "foot_wash", "name": "세족시설"}, "세족장 · 세족시설", "Foot wash"),
        ({"kind": "foot_wash", "name": "세족장"}, "세족장", "Foot wash"),
        ({"kind": "toilet", "name": "Restroom"}, "화장실", "Toilet · Restroom"),
        ({"kind": "toilet", "name": None}, "화장실", "Toilet"),
        ({"kind": "Crossing", "name": "북문"}, "북문", "Crossing · 북문"),
        ({"kind": "삼거리", "name": "북문"}, "삼거리 · 북문", "북문"),
        ({"kind": "Crossing", "name": None}, "기타 시설", "Crossing"),
        ({"kind": None, "name": ""}, "기타 시설", "Other facility"),
    ],
)  # fmt: skip
def test_a_label_says_kind_and_own_name_in_the_readers_letters(about, ko, en):
    assert facility_label(about, "ko") == ko
    assert facility_label(about, "en") == en


def test_pages_and_cards_show_no_foreign_kind_and_no_empty_label(make_city):
    city = make_city({"gpx/a.gpx": gpx(POINTS, track(PATH))})
    trail = Site(city, "ko", DAY).trail("a")
    labels = [thing.word for thing in trail.along.list_along()]
    assert labels == ["벤치 · 북문 벤치", "화장실 2곳", "Sternwarte Hügel", "기타 시설"]
    cards = Captions(city, "ko", DAY).of("facilities")
    assert [card.name for card in cards] == [
        *("북문 벤치", "화장실", "Sternwarte Hügel", "화장실", "기타 시설")
    ]
    assert [dict(card.rows).get("종류", "") for card in cards] == ["벤치", "", "", "", ""]


def test_facilities_of_a_layer_get_kinds_from_the_columns_that_it_has(make_city):
    frame = gpd.GeoDataFrame(
        {"name": ["북문", "남문", "화장실"], "시설종류": ["세족시설", "amenity=bench", None]},
        geometry=shapely.points([(126.8503, 35.15), (126.8505, 35.15), (126.8507, 35.15)]),
        crs=4326,
    )
    city = make_city({"gpx/a.gpx": gpx(), "layers/facilities.gpkg": frame})
    assert city.facilities["kind"].tolist() == ["foot_wash", "bench", "toilet"]
    client = create_app(Settings(city=city.path, tile_url="")).test_client()
    assert client.get("/trails/a").status_code == 200
    assert client.get("/trails/a.gpx").status_code == 200
    assert client.get("/").status_code == 200


def test_a_kind_in_other_words_is_kept_beside_ours():
    frame = gpd.GeoDataFrame(
        {"Kind": ["Restroom"]}, geometry=[shapely.Point(126.85, 35.15)], crs=4326
    ).rename(columns={"Kind": "kind"})
    result = with_kinds(frame)
    assert result[["kind", "original_kind"]].to_numpy().tolist() == [["toilet", "Restroom"]]
    assert with_kinds(result)["original_kind"].tolist() == ["Restroom"]


def test_the_waypoints_of_the_case_are_shown_in_korean(test_data, make_folder):
    case = (test_data / "cases" / "gpx" / "wpt_after_trk.gpx").read_bytes()
    folder = make_folder({"gpx/a.gpx": case})
    page = (
        create_app(Settings(city=folder, tile_url="")).test_client().get("/trails/a?lang=ko").text
    )
    things = re.findall(r'<li data-facility="(\w+)">.*?<bdi>([^<]+)', page, re.DOTALL)
    assert things == [
        ("bench", "벤치"), ("toilet", "화장실"), ("drinking_water", "음수대"),
        ("foot_wash", "세족장 · 세족시설"),
    ]  # fmt: skip
    assert not {"Bench", "Restroom", "Drinking Water"} & set(re.findall(r"\w[\w ]*", page))
