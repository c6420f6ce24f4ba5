"""What belongs to a person in the files of a city: the check names it, and roles are shown."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from browsing import serve
from gpxtext import gpx, track

import mapserver
from mapserver.analysis.city_messages import tabulate_messages
from mapserver.text.role_words import is_role
from mapserver.writers.export import export

FILES = {"gpx/a.gpx": gpx(track([(126.85, 35.14, 20), (126.853, 35.141, 40)], name="a"))}
LEDGER = "layers/inspections.csv"
HEAD = "trail_id,checked_on,by,item,grade,finding,photo,source\n"
NAMES = (
    *("홍길동", "점검반 홍길동", "점검반 김철수", "김철수(점검반)", "홍길동(점검반)", "김주무관"),
    *("남궁민수", "홍길동, 김철수", "최민", "주민 최모씨", "Hong Gil-dong", "Kim Cheolsu"),
    # What looks like an office, a role or a place, and is none.
    *("김영대", "홍길동팀", "김 반장", "Inspector Park", "Park, inspector", "홍\u200b길동", "조경"),
    *("점검반 010-1234-5678", "점검반 외 홍길동", "洪吉童", "남궁영대", "구동대", "외 2명"),
)
ROLES = (
    *("점검반", "공원녹지과", "공원과 주무관", "방범대", "주민", "자원봉사자", "관리인", "업체"),
    "점검\u200b반",  # a blank of no width hides no role
    *("농성1동 행정복지센터", "화정1동 자율방범대", "서구청 공원녹지과", "점검반(공원녹지과)"),
    *("시설관리공단", "맨발길 지킴이", "점검반 외 2명", "도로과", "조경팀", "공원과장", "담당"),
    *("Inspection team", "Neighbourhood office", "Parks department", "Department of Parks", "1조"),
)


@pytest.mark.parametrize("text", NAMES)
def test_who_is_no_known_role_is_published_nowhere(make_folder, tmp_path, text):
    row = f'a,2026-11-20,"{text}",배수,양호,,,'
    folder = make_folder({**FILES, LEDGER: f"{HEAD}{row}\n"})
    city = mapserver.open_city(folder)
    assert city.published["inspections"]["by"].isna().all()
    (finding,) = [each for each in city.check() if each.code == "person-name"]
    assert (finding.file, finding.feature) == (LEDGER, "line 2")
    assert text not in str(finding)
    client = serve(folder).test_client()
    page = client.get("/trails/a").text
    assert "양호" in page
    assert 'class="by"' not in page
    (item,) = client.get("/api/collections/inspections/items").json["features"]
    assert item["properties"].get("by") is None
    export(city, tmp_path / "out", format="csv")
    exported = "".join(p.read_text("utf-8-sig") for p in (tmp_path / "out").rglob("*.csv"))
    assert "2026-11-20" in exported
    assert text not in exported


@pytest.mark.parametrize("text", ROLES)
def test_a_role_is_shown_as_it_is_written(make_city, text):
    city = make_city({**FILES, LEDGER: f"{HEAD}a,2026-11-20,{text},배수,양호,,,\n"})
    assert list(city.published["inspections"]["by"]) == [text]
    assert city.checks["a"].find_last_look(dt.date(2026, 11, 20)).by == text
    assert not [each for each in city.check() if each.code.startswith("person")]


def test_a_neighbourhood_of_the_city_stands_before_its_office():
    assert is_role("유덕동 행정복지센터", frozenset({"유덕동"}))
    assert not is_role("유덕동 행정복지센터")
    assert not is_role("유덕동", frozenset({"유덕동"}))


def test_a_long_cell_is_looked_through_for_roles_once():
    assert not is_role("주민자치" * 200_000)
    assert not is_role("자율방범" * 19 + "x")


CELLS = {
    "inspections": ("trail_id,checked_on,grade", "a,2026-11-20,양호"),
    "soil": ("trail_id,sampled_on", "a,2026-11-20"),
    "rain": ("date,rain_mm", "2026-11-20,3"),
    "holidays": ("date", "2026-12-25"),
    "requests": ("received", "2026-11-20 09:00"),
    "closures": ("trail_id,from,to", "a,2026-11-20,2026-11-21"),
    "benefits": ("from,to,rate", "2026-11-20,2026-11-21,0.1"),
}


@pytest.mark.parametrize("text", ["홍길동 010-1234-5678", "hong(at)korea.kr", "문의 1588-1234"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("inspections", column) for column in ("source", "photo", "finding", "item")),
        *(("soil", column) for column in ("lab", "point", "source")),
        *(("rain", "source"), ("holidays", "name"), ("requests", "category")),
        *(("closures", "reason_ko"), ("benefits", "title"), ("benefits", "source")),
    ],
)
def test_check_names_numbers_in_every_open_text(make_city, table, column, text):
    head, row = CELLS[table]
    file = f"layers/{table}.csv"
    city = make_city({**FILES, file: f"{head},{column}\n{row},\n{row},{text}\n"})
    findings = [each for each in city.check() if each.code == "person-number"]
    assert [(each.file, each.feature) for each in findings] == [(file, "line 3")]
    assert f"'{column}'" in findings[0].message
    assert text not in findings[0].message


def test_check_names_a_number_in_a_cell_that_was_not_understood(make_city):
    rows = "trail_id,checked_on,grade,fixed_on\na,2026-11-20,양호,홍길동 010-1234-5678\n"
    city = make_city({**FILES, LEDGER: rows})
    (finding,) = [each for each in city.check() if each.code == "person-number"]
    assert "'fixed_on'" in finding.message


def test_the_name_of_a_photograph_is_no_telephone(make_city):
    rows = "".join(
        f"a,2026-11-20,점검반,,양호,,{photo},\n"
        for photo in ("PXL_20261124_023456789.jpg", "IMG_20261124_102233.jpg", "2026-1124.jpg")
    )
    city = make_city({**FILES, LEDGER: f"{HEAD}{rows}"})
    assert not [each for each in city.check() if each.code == "person-number"]


@pytest.mark.parametrize(
    ("phone", "is_named"),
    [
        ("홍길동 010-1234-5678", True),
        ("010-1234-5678(김주무관)", True),
        ("062-350-4114", False),
        ("복지정책과 062-350-4114", False),
        ("복지정책과 010-1234-5678", False),
        ("010-1234-5678", False),
        ("129 / 1588-1234", False),
    ],
)
def test_of_programmes_a_mobile_beside_a_name_is_named(make_city, phone, is_named):
    city = make_city({**FILES, "layers/programmes.csv": f"id,name,phone\np,수당,{phone}\n"})
    assert is_named == any(each.code == "person-number" for each in city.check())


@pytest.mark.parametrize("text", ["010-1234-5678", "hong@korea.kr", "민원 010_1234_5678"])
def test_a_category_with_a_number_is_not_published(make_folder, text):
    rows = "".join(f"2026-08-{day:02} 09:00,,가동,{text}\n" for day in range(1, 11))
    rows += "".join(f"2026-08-{day:02} 10:00,,가동,공원\n" for day in range(1, 11))
    # Where the ledger ends its figures do, so a later message says that August is over.
    rows += "2026-10-20 10:00,2026-10-21 10:00,가동,공원\n"
    head = "received,answered,neighborhood,category\n"
    folder = make_folder({**FILES, "layers/requests.csv": f"{head}{rows}"})
    figures = tabulate_messages(mapserver.open_city(folder), dt.date(2026, 11, 2))
    assert "공원" in set(figures["category"])
    assert not figures["category"].astype(str).str.contains(re.escape(text)).any()
    client = serve(folder).test_client()
    for address in ("/statistics.csv", "/open311/services.json", "/statistics"):
        assert text not in client.get(address).text
