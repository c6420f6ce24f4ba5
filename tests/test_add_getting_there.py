"""Stops, car parks and toilets come in as offices and ministries publish them, with their traps."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from gpxtext import gpx, points, track

import mapserver
from mapserver.analysis import arrivals
from mapserver.commands.cli import main

LON, LAT = 126.85, 35.15
STOP_COLUMNS = "정류장번호,정류장명,위도,경도,정보수집일,모바일단축번호,도시코드,도시명,관리도시명"
NATIONAL_STOPS = "\n".join(
    (
        STOP_COLUMNS,
        f'GJB1,"상무역(동,남)",{LAT},{LON},2025-10-31,0512,24,광주광역시,광주광역시',
        f"GJB2,상무역,{LAT + 0.001},{LON},2025-10-31,5013,24,광주광역시,광주광역시",
        "GJB3,빈 좌표,,,2025-10-31,5014,24,광주광역시,광주광역시",
        f"GJB4,바뀐 좌표,{LON},{LAT},2025-10-31,5015,24,광주광역시,광주광역시",
        "GJB5,없는 좌표,999,999,2025-10-31,,24,광주광역시,광주광역시",
        "SEB1,서울역,37.553,126.972,2025-10-31,02001,11,서울특별시,서울특별시",
        "BSB1,부산역,35.115,129.041,2025-10-31,03001,21,부산광역시,부산광역시",
        "",
    )
)
BIS_ROWS = [
    {
        "STATION_NUM": 1,
        "BUSSTOP_ID": 101,
        "BUSSTOP_NAME": "운천저수지",
        "NAME_E": "Uncheon Reservoir",
        "LONGITUDE": LON,
        "LATITUDE": LAT,
        "ARS_ID": "0071",
        "NEXT_BUSSTOP": "쌍촌역",
    },
    {
        "STATION_NUM": 2,
        "BUSSTOP_ID": 102,
        "BUSSTOP_NAME": "운천저수지",
        "NAME_E": "Uncheon Reservoir",
        "LONGITUDE": LON + 0.001,
        "LATITUDE": LAT,
        "ARS_ID": "0072",
        "NEXT_BUSSTOP": "상무역",
    },
]
PARKING = "\n".join(
    (
        "주차장관리번호,주차장명,주차장구분,주차장유형,소재지도로명주소,소재지지번주소,주차구획수,"
        "급지구분,부제시행구분,운영요일,평일운영시작시각,평일운영종료시각,토요일운영시작시각,"
        "토요일운영종료시각,공휴일운영시작시각,공휴일운영종료시각,요금정보,주차기본시간,"
        "주차기본요금,위도,경도,장애인전용주차구역보유여부,데이터기준일자",
        "291-1-1,상무공영,공영,노외,,쌍촌동 1,40,1,미시행,평일+토요일+공휴일,09:00,18:00,,,,,"
        f"무료,,,{LAT},{LON},Y,2026-03-31",
        f"291-1-2,옆주차장,민영,노외,,,12,,,평일,00:00,00:00,,,,,유료,30,500,{LAT},{LON},,2026-03-31",
        "291-1-3,없는곳,공영,노상,,,9,,,평일,,,,,,,무료,,,0,0,N,2026-03-31",
        "",
    )
)
TOILET_COLUMNS = (
    "번호,구분,근거,화장실명,소재지도로명주소,소재지지번주소,남성용-대변기수,"
    "남성용-장애인용대변기수,여성용-대변기수,여성용-장애인용대변기수,관리기관명,전화번호,"
    "개방시간,개방시간상세"
)
TOILETS = "\n".join(
    (
        TOILET_COLUMNS,
        "1,공중화장실,,운천공원 공중화장실,,,2,1,2,0,서구청,,정시,05:00~23:00",
        "2,공중화장실,,시청 화장실,광주광역시 서구 내방로 111,,2,,2,,서구청,,상시,",
        "3,개방화장실,,어느 빌딩 개방화장실,,서구 치평동 9,1,0,1,,주식회사,,영업시간,",
        "",
    )
)


@pytest.fixture
def city(make_folder):
    """A city with a trail of a park, its toilet, and a service with an address."""
    toilet = points([(LON, LAT)], "wpt").replace("</wpt>", "<type>toilet</type></wpt>")
    line = track([(LON, LAT), (LON + 0.002, LAT)], name="운천공원 맨발길")
    catalog = (
        '[[layers]]\nid = "services"\nfile = "services.csv"\nrole = "services"\n'
        'id_column = "id"\nname_column = "name"\n'
    )
    services = f"id,name,address,lon,lat\ns,시청,광주광역시 서구 내방로 111,{LON + 0.005},{LAT}\n"
    return make_folder(
        {
            "gpx/a.gpx": gpx(line, toilet),
            "layers/catalog.toml": catalog,
            "layers/services.csv": services,
        }
    )


@pytest.fixture
def add(city, tmp_path):
    """Add a file to the city, and return it opened with what the command said."""

    def run(name, data, role, *options):
        path = tmp_path / name
        path.write_bytes(data)
        words = ["add", str(path), "--as", role, "--city", str(city), "--lang", "en", *options]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
        return mapserver.open_city(city), " ".join(result.output.split())

    return run


def test_the_national_file_of_stops_comes_in_as_it_is_and_is_cut_to_the_city(add):
    city, said = add("정류장_20251031.csv", NATIONAL_STOPS.encode("cp949"), "stops")
    stops = city.layers["stops"]
    assert list(stops.index) == ["GJB1", "GJB2", "GJB3", "GJB4", "GJB5"]
    assert list(stops["name"])[:2] == ["상무역(동,남)", "상무역"]
    assert list(stops["pole_number"])[:2] == ["0512", "5013"]
    assert list(stops.geometry.isna() | stops.geometry.is_empty) == [False] * 2 + [True] * 3
    assert "rows more than 2 km outside of the city are left out: 2 of 7" in said
    # A place that is wrong is said line by line; one that is missing is counted.
    assert "rows without a place: 3 of 7" in said
    for line, what in ((5, "lon and lat swapped?"), (6, "out of range")):
        assert f"정류장_20251031.csv, line {line}: " in said
        assert what in said.partition(f"line {line}: ")[2].partition("정류장_2025")[0]
    assert "lat, or a place of the city with the same" not in said


def test_rows_without_a_place_of_a_city_elsewhere_are_left_out_and_counted(add):
    far = "\n".join(
        f"SEC{n},서울{n},37.55{n},126.97,2025-10-31,0200{n},11,서울특별시,서울특별시"
        for n in range(4)
    )
    nowhere = "SEC9,서울 어디,,,2025-10-31,02009,11,서울특별시,서울특별시\n"
    data = NATIONAL_STOPS + far + "\n" + nowhere
    city, said = add("all.csv", data.encode("cp949"), "stops")
    assert list(city.layers["stops"].index) == ["GJB1", "GJB2", "GJB3", "GJB4", "GJB5"]
    assert "rows without a place, of cities that lie elsewhere, are left out: 1" in said
    # Four rows elsewhere do not show where a city is.
    few = NATIONAL_STOPS + far.partition("\n")[2] + "\n" + nowhere
    city, _ = add("few.csv", few.encode("cp949"), "stops", "--replace")
    assert "서울 어디" in set(city.layers["stops"]["name"])


def test_car_parks_of_a_city_elsewhere_are_known_by_their_addresses(add):
    lines = [f"p{n},주차장{n},부산광역시 중구 {n}길 1,129.0{n},35.1" for n in range(5)]
    lines += ["q,어느 곳,부산광역시 중구 9길 1,0,0", "r,다른 곳,광주광역시 서구 9길 1,0,0"]
    lines += [f"s,가까운 곳,광주광역시 서구 1길 1,{LON},{LAT}", ""]
    city, _ = add("p.csv", "\n".join(["id,name,주소,lon,lat", *lines]).encode(), "parking")
    assert list(city.layers["parking"]["name"]) == ["다른 곳", "가까운 곳"]


def test_a_name_that_parts_of_several_cities_have_says_of_none_that_it_lies_elsewhere(add):
    far = [f"p{n},주차장{n},부산광역시,서구,129.0{n},35.1" for n in range(5)]
    lines = [*far, "q,어느 곳,광주광역시,서구,0,0", "r,먼 곳,부산광역시,서구,0,0"]
    lines += [f"s,가까운 곳,광주광역시,북구,{LON},{LAT}", ""]
    city, _ = add(
        "p.csv", "\n".join(["id,name,시도명,시군구명,lon,lat", *lines]).encode(), "parking"
    )
    assert list(city.layers["parking"]["name"]) == ["어느 곳", "가까운 곳"]
    # Without the city nobody knows which 서구 it is.
    alone = [line.replace("부산광역시,", "").replace("광주광역시,", "") for line in lines]
    text = "\n".join(["id,name,시군구명,lon,lat", *alone])
    city, _ = add("p.csv", text.encode(), "parking", "--replace")
    assert list(city.layers["parking"]["name"]) == ["어느 곳", "먼 곳", "가까운 곳"]


@pytest.mark.parametrize("role", ["stops", "parking"])
def test_a_register_of_which_no_row_has_a_place_changes_nothing(city, tmp_path, role):
    path = tmp_path / "nowhere.csv"
    for text in ("id,name,lon,lat\n1,가,0,0\n2,나,,\n", "id,name\n1,가\n"):
        path.write_text(text)
        words = ["add", str(path), "--as", role, "--city", str(city), "--lang", "en"]
        assert CliRunner().invoke(main, words).exit_code == 1
    assert role not in mapserver.open_city(city).layers


def test_rows_of_two_files_that_we_number_are_not_one_because_of_their_numbers(city, tmp_path):
    paths = [tmp_path / "서구.csv", tmp_path / "toilets.csv"]
    for path, other in zip(paths, ("공원", "다른 곳"), strict=True):
        path.write_text(f"name,hours\n공중화장실,09:00\n{other},\n", "utf-8")
    words = ["add", *map(str, paths), "--as", "toilets", "--city", str(city), "--lang", "en"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    toilets = mapserver.open_city(city).layers["toilets"]
    assert sorted(toilets["name"]) == ["공원", "공중화장실", "공중화장실", "다른 곳"]
    assert list(toilets.index) == ["toilets-1", "toilets-2", "toilets-2-1", "toilets-2-2"]
    assert "another row has the id" not in result.output


def test_stops_of_elsewhere_are_kept_where_the_command_says_so(add):
    city, said = add("all.csv", NATIONAL_STOPS.encode("cp949"), "stops", "--anyway")
    assert len(city.layers["stops"]) == 7
    assert "are left out: 2" not in said


def write_xml(rows):
    items = "".join(
        "<BUSSTOP>"
        + "".join(f"<{key}>{value}</{key}>" for key, value in row.items())
        + "</BUSSTOP>"
        for row in rows
    )
    head = "<RESULT><RESULT_CODE>SUCCESS</RESULT_CODE><RESULT_MSG>OK</RESULT_MSG></RESULT>"
    return f"<?xml version='1.0'?><R>{head}<BUSSTOP_LIST>{items}</BUSSTOP_LIST></R>".encode()


BIS_FILES = {
    "bis.csv": "\n".join(
        (",".join(BIS_ROWS[0]), *(",".join(map(str, row.values())) for row in BIS_ROWS), "")
    ).encode(),
    "bis.json": json.dumps({"RESULT": {"CODE": "OK"}, "BUSSTOP_LIST": BIS_ROWS}).encode(),
    "bis.xml": write_xml(BIS_ROWS),
}


@pytest.mark.parametrize("name", BIS_FILES)
def test_the_stops_of_the_city_come_in_from_each_of_its_formats(add, name):
    city, _ = add(name, BIS_FILES[name], "stops")
    stops = city.layers["stops"]
    assert list(stops["pole_number"]) == ["0071", "0072"]
    assert list(stops["direction"]) == ["쌍촌역", "상무역"]
    assert list(stops["name"]) == ["운천저수지"] * 2
    assert (stops.geometry.x.iloc[0], stops.geometry.y.iloc[0]) == (LON, LAT)


def test_car_parks_come_in_with_hours_and_bays_and_count_those_at_zero(add):
    city, said = add("주차장.csv", PARKING.encode("cp949"), "parking")
    parking = city.layers["parking"]
    assert list(parking["name"]) == ["상무공영", "옆주차장", "없는곳"]
    assert "rows without a place: 1 of 3" in said
    answers = arrivals.accessible_bays(parking)
    assert list(answers) == [True, None, False]
    hours = arrivals.opening_hours(parking)
    assert list(hours["weekday_hours"]) == ["09:00-18:00", "", ""]


def test_toilets_without_coordinates_are_placed_where_the_city_is_certain_and_counted(add):
    city, said = add("화장실.csv", TOILETS.encode("cp949"), "toilets")
    toilets = city.layers["toilets"]
    assert len(toilets) == 3
    assert list(toilets["placed_by"].fillna("")) == ["name", "address", ""]
    placed = toilets.geometry.iloc[:2]
    assert list(placed.x) == pytest.approx([LON, LON + 0.005])
    assert toilets.geometry.isna().iloc[2] or toilets.geometry.is_empty.iloc[2]
    assert "placed by their address: 1, by their name: 1, without a place still: 1" in said
    answers = arrivals.accessible_toilets(toilets)
    assert list(answers) == [True, None, False]
    findings = [f for f in city.check() if f.file == "layers/toilets.gpkg"]
    assert [f.code for f in findings if "place" in f.code] == ["rows-without-place"]
    assert "no-geometry" not in {f.code for f in findings}


def test_two_places_of_one_name_are_no_certain_place(add, city):
    services = (city / "layers/services.csv").read_text()
    other = f"t,시청,광주광역시 서구 내방로 111,{LON + 0.009},{LAT}\n"
    (city / "layers/services.csv").write_text(services + other)
    opened, said = add("화장실.csv", TOILETS.encode("cp949"), "toilets")
    assert "placed by their address: 0, by their name: 1, without a place still: 2" in said
    assert list(opened.layers["toilets"]["placed_by"].fillna("")) == ["name", "", ""]


@pytest.mark.parametrize("role", ["stops", "parking"])
def test_what_is_called_after_a_park_is_no_place_of_its_toilet(add, role):
    # One stop has the name of the park whose toilet is marked, another that of a park without any.
    lines = (
        "id,name,address,lon,lat",
        f"1,운천공원,,{LON + 0.003},{LAT}",
        f"2,쌍학공원,,{LON + 0.004},{LAT}",
        f"3,옆자리,광주광역시 서구 치평동 9,{LON + 0.005},{LAT}",
        "",
    )
    add("beside.csv", "\n".join(lines).encode(), role)
    more = TOILETS + "4,공중화장실,,쌍학공원 공중화장실,,,1,1,1,0,,,,\n"
    opened, said = add("화장실.csv", more.encode("cp949"), "toilets")
    toilets = opened.layers["toilets"]
    assert list(toilets["placed_by"].fillna("")) == ["name", "address", "", ""]
    assert toilets.geometry.iloc[0].x == pytest.approx(LON)
    assert "without a place still: 2" in said


def test_other_marks_of_a_trail_are_no_place_of_a_toilet(add, city):
    bench = points([(LON + 0.001, LAT)], "wpt").replace(
        "</wpt>", "<name>쌍학공원</name><type>bus_stop</type></wpt>"
    )
    (city / "gpx/b.gpx").write_text(gpx(track([(LON, LAT), (LON, LAT + 0.002)]), bench))
    only = "\n".join((TOILET_COLUMNS, "4,공중화장실,,쌍학공원 화장실,,,1,1,1,0,,,,", ""))
    _, said = add("화장실.csv", only.encode("cp949"), "toilets")
    assert "by their name: 0, without a place still: 1" in said


def test_toilets_that_are_nowhere_stay_as_rows(add):
    only = "\n".join((TOILET_COLUMNS, "3,개방화장실,,빌딩,,서구 치평동 9,1,0,1,,,,영업시간,", ""))
    city, said = add("화장실.csv", only.encode("cp949"), "toilets")
    assert list(city.layers["toilets"]["hours"]) == ["영업시간"]
    assert "without a place still: 1" in said
