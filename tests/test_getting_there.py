"""The way to a trail: which stop, which car park, which toilet, and how far on foot."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from gpxtext import gpx, points, track

import mapserver
from mapserver.analysis import arrivals
from mapserver.drawing.maps import render_script
from mapserver.geo import geodesy
from mapserver.settings import Settings
from mapserver.web import create_app

LON, LAT = 126.85, 35.14
EAST_DEG = 0.001
"""Some 91 m at the latitude of the tests."""


def walk(*steps: int):
    return gpx(track([(LON + step * EAST_DEG, LAT) for step in steps]))


def entries(*roles: str) -> str:
    return "\n".join(
        f'[[layers]]\nid = "{role}"\nfile = "{role}.csv"\nrole = "{role}"\n'
        'id_column = "id"\nname_column = "name"\n'
        for role in roles
    )


def rows(header: str, *lines: str) -> str:
    return "\n".join((f"id,name,lon,lat,{header}".rstrip(","), *lines, ""))


def test_a_column_of_hours_in_which_nothing_stands_has_no_hours():
    empty = [float("nan")] * 2
    parking = pd.DataFrame({"공휴일운영시작시각": empty, "공휴일운영종료시각": empty})
    for rows in (parking, parking.iloc[:0]):  # no car park is within reach of most trails
        assert set(arrivals.opening_hours(rows)["holiday_hours"]) <= {""}


@pytest.fixture
def read(make_folder):
    """Read the page of the trail ``a`` of a city of files."""

    def read_page(files, lang="en", path="/trails/a"):
        settings = Settings(city=make_folder(files), tile_url="")
        answer = create_app(settings).test_client().get(f"{path}?lang={lang}")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    return read_page


def strip(page: str) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")
    text = re.sub("[\u2066-\u2069]", "", text)
    return " ".join(text.split())


def trails(*lines):
    ids = pd.Index([f"t{n}" for n in range(len(lines))], name="id")
    return gpd.GeoDataFrame(geometry=[shapely.LineString(p) for p in lines], index=ids, crs=4326)


def places(*xy):
    ids = pd.Index([f"p{n}" for n in range(len(xy))], name="id")
    return gpd.GeoDataFrame(geometry=[p and shapely.Point(p) for p in xy], index=ids, crs=4326)


def test_each_end_has_its_nearest_places_in_geodesic_metres():
    line = [(LON, LAT), (LON + 10 * EAST_DEG, LAT)]
    near_start, near_end = (LON - EAST_DEG, LAT), (LON + 12 * EAST_DEG, LAT)
    answer = arrivals.find_arrivals(trails(line), places(near_start, near_end, None))
    assert list(answer[["start", "place"]].itertuples(index=False, name=None)) == [
        ("start", "p0"),
        ("end", "p1"),
    ]
    _, metres = geodesy.azimuth_and_distance([LON], [LAT], [LON - EAST_DEG], [LAT])
    assert answer["distance_m"].iloc[0] == pytest.approx(metres[0], abs=0.01)
    assert answer["walk_min"].iloc[0] == pytest.approx(metres[0] * 60 / 4000)


def test_beyond_the_reach_there_is_none():
    line = [(LON, LAT), (LON - EAST_DEG, LAT)]
    places_700_m = places((LON + 7.6 * EAST_DEG, LAT), (LON + 7.8 * EAST_DEG, LAT))
    assert list(arrivals.find_arrivals(trails(line), places_700_m)["place"]) == ["p0"]
    assert arrivals.find_arrivals(trails(line), places_700_m, reach_m=600).empty
    assert arrivals.find_arrivals(trails(line), places(None)).empty


def test_a_round_walk_has_one_end_and_entrances_count_beside_the_ends():
    around = [(LON, LAT), (LON + EAST_DEG, LAT), (LON, LAT + EAST_DEG), (LON, LAT)]
    gates = gpd.GeoDataFrame(
        {"trail": ["t0", "t0"], "kind": ["entrance", "bench"]},
        geometry=[shapely.Point(LON + EAST_DEG, LAT), shapely.Point(LON, LAT)],
        crs=4326,
    )
    assert list(arrivals.list_starts(trails(around))["start"]) == ["start"]
    assert list(arrivals.list_starts(trails(around), gates)["start"]) == ["start", "entrance"]


def test_toilets_are_accessible_by_their_counts_and_unknown_where_nobody_counted():
    register = pd.DataFrame(
        {
            "남성용-장애인용대변기수": ["1", "0", "", None, " "],
            "여성용-장애인용대변기수": ["", "0", None, "0", ""],
            "남성용-대변기수": ["3", "3", "3", "3", "3"],
        }
    )
    assert list(arrivals.accessible_toilets(register)) == [True, False, None, False, None]
    assert list(arrivals.accessible_toilets(pd.DataFrame({"name": ["x"]}))) == [None]


def test_hours_of_a_car_park_stand_by_class_of_day_and_zeros_are_no_hours():
    register = pd.DataFrame(
        {
            "평일운영시작시각": ["09:00", "00:00", ""],
            "평일운영종료시각": ["18:00", "00:00", "18:00"],
            "일요일운영시작시각": ["10:00", "", ""],
            "일요일운영종료시각": ["12:00", "", ""],
        }
    )
    hours = arrivals.opening_hours(register)
    assert list(hours["weekday_hours"]) == ["09:00-18:00", "", ""]
    assert list(hours["holiday_hours"]) == ["10:00-12:00", "", ""]
    assert list(hours["saturday_hours"]) == ["", "", ""]


STOPS = rows(
    "pole_number,direction",
    f'1,"상무역(동, 남)",{LON - EAST_DEG},{LAT},0512,운천저수지',
    f"2,상무역,{LON - 2 * EAST_DEG},{LAT},,",
)


def test_the_page_says_stop_number_direction_and_minutes(read):
    files = {
        "gpx/a.gpx": walk(0, 10),
        "layers/stops.csv": STOPS,
        "layers/catalog.toml": entries("stops"),
    }
    page = strip(read(files))
    assert (
        "상무역(동, 남) 1 min on foot from one end (91 m) "
        "number on the pole 0512 · towards 운천저수지 Walk from this stop in KakaoMap 상무역 3 min"
        in page
    )
    assert "Stops nearby" not in page
    korean = strip(read(files, "ko"))
    assert "한쪽 끝에서 걸어서 1분(91 m) 정류장 번호 0512 · 운천저수지 방향" in korean


def test_where_the_file_has_none_near_the_page_says_within_what_distance(read):
    far = rows("", f"1,먼 곳,{LON + 0.05},{LAT}")
    roles = ("stops", "parking", "toilets")
    files = {f"layers/{role}.csv": far for role in roles}
    files |= {"gpx/a.gpx": walk(0, 3), "layers/catalog.toml": entries(*roles)}
    page = strip(read(files, "ko"))
    assert "정류장 없음(700 m 안)" in page
    assert "등록된 주차장 없음(700 m 안)" in page
    assert "등록된 공중화장실 없음(700 m 안)" in page


def test_where_the_register_has_rows_without_a_place_none_is_not_said_of_them(read):
    some = rows("", f"1,먼 곳,{LON + 0.05},{LAT}", "2,어딘가,,", "3,또 어딘가,0,0")
    roles = ("stops", "parking", "toilets")
    files = {f"layers/{role}.csv": some for role in roles}
    files |= {"gpx/a.gpx": walk(0, 3), "layers/catalog.toml": entries(*roles)}
    page = strip(read(files, "ko"))
    assert "확인된 정류장 없음(700 m 안). 위치를 모르는 정류장 2곳" in page
    assert "확인된 주차장 없음(700 m 안). 위치를 모르는 주차장 2곳" in page
    assert "확인된 공중화장실 없음(700 m 안). 위치를 모르는 공중화장실 2곳" in page
    english = strip(read(files))
    assert "No stop known to be within 700 m (stops whose place the register does not say: 2)" in (
        english
    )


def test_without_files_nothing_is_said_of_what_nobody_knows(read):
    page = read({"gpx/a.gpx": walk(0, 3)})
    assert "data-arrival" not in page
    assert "within 700" not in page


def test_car_parks_and_toilets_say_what_their_registers_know(read):
    parking = rows(
        "fee,장애인전용주차구역보유여부,평일운영시작시각,평일운영종료시각",
        f"1,공영,{LON},{LAT},무료,Y,09:00,18:00",
        f"2,민영,{LON + EAST_DEG},{LAT},,,00:00,00:00",
    )
    toilets = rows(
        "hours,hours_note,남성용-장애인용대변기수",
        f"1,공원화장실,{LON},{LAT},정시,09:00~18:00,1",
        f"2,옆화장실,{LON + EAST_DEG},{LAT},,,",
    )
    files = {
        "gpx/a.gpx": walk(0, 3),
        "layers/parking.csv": parking,
        "layers/toilets.csv": toilets,
        "layers/catalog.toml": entries("parking", "toilets"),
    }
    page = strip(read(files))
    assert "bays for disabled people · fee: free · weekdays 09:00-18:00" in page
    assert "bays for disabled people: not known" in page
    assert "open: set hours · 09:00~18:00 · toilet for disabled people" in page
    assert "hours not known · toilet for disabled people: not known" in page
    # The register names a toilet at the end: nothing else is said of the nearest one.
    assert "No toilet is confirmed" not in page


def test_directions_say_their_word_once_and_nothing_where_nothing_is(read):
    texts = ("무등산 방향", "시청방면", "-", "방향", "은행")
    lines = [f"{n},정류장{n},{LON + n / 100_000},{LAT},{text}" for n, text in enumerate(texts)]
    stops = {}
    for lang in ("ko", "en"):
        for line in lines:
            files = {
                "gpx/a.gpx": walk(0, 3),
                "layers/stops.csv": rows("direction", line),
                "layers/catalog.toml": entries("stops"),
            }
            page = strip(read(files, lang)).split("정류장" + line[0] + " ")[1]
            stops[lang, line[0]] = page.split("KakaoMap")[0].split("카카오맵")[0]
    assert "무등산 방향" in stops["ko", "0"]
    assert "시청 방향" in stops["ko", "1"]
    assert not any("방향" in stops["ko", n] for n in "23")
    assert "towards 무등산" in stops["en", "0"]
    assert not any("towards" in stops["en", n] for n in "23")
    # A name that merely ends so is one: 은행 is a bank.
    assert "은행 방향" in stops["ko", "4"]
    assert not any("방향 방향" in text or "방면 방향" in text for text in stops.values())


def test_a_car_park_that_never_shuts_is_open_for_24_hours(read):
    parking = rows(
        "평일운영시작시각,평일운영종료시각,토요일운영시작시각,토요일운영종료시각",
        f"1,공영,{LON},{LAT},00:00,23:59,0:00,24:00",
    )
    files = {
        "gpx/a.gpx": walk(0, 3),
        "layers/parking.csv": parking,
        "layers/catalog.toml": entries("parking"),
    }
    assert "평일 24시간 · 토요일 24시간" in strip(read(files, "ko"))
    assert "weekdays 24 hours · Saturdays 24 hours" in strip(read(files))


def test_what_a_file_has_in_the_language_of_the_reader_is_said_in_it(read):
    stops = rows(
        "direction,direction_en", f"1,정류장,{LON},{LAT},시청,City Hall", f"2,둘,{LON},{LAT},역,"
    )
    toilets = rows("hours,hours_en", f"1,공원화장실,{LON},{LAT},상시,always")
    files = {
        "gpx/a.gpx": walk(0, 3),
        "layers/stops.csv": stops,
        "layers/toilets.csv": toilets,
        "layers/catalog.toml": entries("stops", "toilets"),
    }
    english, korean = strip(read(files)), strip(read(files, "ko"))
    assert all(words in english for words in ("towards City Hall", "towards 역", "open: always"))
    assert all(words in korean for words in ("시청 방향", "역 방향", "개방 상시"))


def test_a_stop_marked_along_the_trail_is_not_said_beside_that_of_the_register(read):
    stop = points([(LON, LAT)], "wpt").replace("</wpt>", "<type>bus_stop</type></wpt>")
    line = track([(LON, LAT), (LON + EAST_DEG, LAT)])
    files = {"gpx/a.gpx": gpx(line, stop)}
    assert "Bus stop" in strip(read(files)).split("How to get there")[1]
    files |= {"layers/stops.csv": STOPS, "layers/catalog.toml": entries("stops")}
    assert "Bus stop" not in strip(read(files)).split("How to get there")[1]


def test_the_way_from_the_nearest_stop_names_both_ends_for_kakao(read):
    files = {
        "gpx/a.gpx": gpx(track([(LON, LAT), (LON + EAST_DEG, LAT)], name="길, 하나/둘")),
        "layers/stops.csv": STOPS,
        "layers/catalog.toml": entries("stops"),
    }
    page = html.unescape(read(files, "ko"))
    links = re.findall(r'href="(https://map\.kakao\.com/link/by/walk/[^"]+)"', page)
    assert len(links) == 1
    start, aim = links[0].split("/walk/")[1].split("/")
    assert unquote(start) == f"상무역(동 남),{LAT},{round(LON - EAST_DEG, 6)}"
    assert unquote(aim) == f"길 하나 둘,{LAT},{LON}"
    app = re.search(r'data-app="(kakaomap://route\?sp=[^"]+)"', page)[1]
    assert app == f"kakaomap://route?sp={LAT},{round(LON - EAST_DEG, 6)}&ep={LAT},{LON}&by=foot"
    # The app is never the address of the link: without a tap on a telephone the page opens.
    assert 'href="kakaomap:' not in page


def test_a_city_whose_maps_are_others_has_no_walk_in_kakao(read):
    files = {
        "gpx/a.gpx": walk(0, 1),
        "layers/stops.csv": STOPS,
        "layers/catalog.toml": 'map_links = ["google"]\n' + entries("stops"),
    }
    page = html.unescape(read(files))
    assert "kakao" not in page
    assert "travelmode=transit" in page


def test_the_map_of_the_first_page_does_not_carry_what_it_does_not_show(make_folder):
    files = {
        "gpx/a.gpx": walk(0, 1),
        "layers/stops.csv": STOPS,
        "layers/catalog.toml": entries("stops"),
    }
    client = create_app(Settings(city=make_folder(files), tile_url="")).test_client()
    names = re.findall(r'src="(map-[^"]+)"', client.get("/").text)
    assert len(names) == 1
    assert "상무역" not in client.get(f"/{names[0]}").text
    # Planners' maps have a list of layers, and all of them.
    assert "상무역" in render_script(mapserver.open_city(make_folder(files)).map())


def test_the_poster_says_the_nearest_stop_with_its_number_and_the_minutes(read):
    files = {
        "gpx/a.gpx": walk(0, 10),
        "layers/stops.csv": STOPS,
        "layers/catalog.toml": entries("stops"),
    }
    sheet = strip(read(files, "ko", "/trails/a/poster"))
    assert "상무역(동, 남) 한쪽 끝에서 걸어서 1분(91 m) 정류장 번호 0512" in sheet
    assert sheet.count("정류장 번호") == 1
    # A code is asked for the others; of a trail without a stop it says nothing.
    far = files | {"layers/stops.csv": rows("", f"1,먼 곳,{LON + 0.05},{LAT}")}
    assert "정류장" not in strip(read(far, "ko", "/trails/a/poster"))


def test_names_of_stops_are_text(read):
    hostile = rows(
        "pole_number,direction",
        f"1,<script>alert(1)</script>{{{{7*7}}}},{LON},{LAT},{{minutes}},<b>{{number}}</b>",
    )
    files = {
        "gpx/a.gpx": walk(0, 3),
        "layers/stops.csv": hostile,
        "layers/catalog.toml": entries("stops"),
    }
    page = read(files)
    assert "<script>alert" not in page
    assert "<b>{" not in page
    assert "<script>alert(1)</script>{{7*7}}" in strip_tags_last(page)


def strip_tags_last(page: str) -> str:
    """Return what is read: entities last, so that what looks like a tag is text."""
    return html.unescape(page)
