"""The register, closures and benefits as offices write them: what is not understood never opens."""

from __future__ import annotations

import contextlib
import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest
from click.testing import CliRunner
from gpxtext import gpx, track
from hypothesis import given
from hypothesis import strategies as st

from mapserver import open_city
from mapserver.commands.cli import main
from mapserver.importing.trailrows import merge_register
from mapserver.model import State
from mapserver.readers.register import read_benefits, read_trail_register
from mapserver.text.header_row import find_similar_ids
from mapserver.text.register_words import read_rate, read_status, read_won

TODAY = dt.date(2026, 11, 25)
WINTER = dt.date(2026, 12, 24)
LINE = gpx(track([(126.85, 35.15), (126.86, 35.15)], name="언덕길"))


@pytest.fixture
def states(make_city):
    """Return the states of the trails of a city that has these tables."""

    def read(day=TODAY, *, trails=("hill",), **tables):
        files = {f"gpx/{trail}.gpx": LINE for trail in trails}
        names = {"register": "gpx/trails.csv", "closures": "layers/closures.csv"}
        files |= {names[table]: content for table, content in tables.items()}
        return make_city(files).trails_on(day)["state"].to_dict()

    return read


# -- opening day ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened", "state"),
    [
        *(
            (text, "planned")
            for text in ("2027년 5월 1일", "2027.5.1", "2027. 5. 1.", "2027/05/01")
        ),
        *((text, "planned") for text in ("20270501", "2027.0")),
        *((text, "planned") for text in ("2027", "2027년", "2027년 상반기")),
        *((text, "planned") for text in ("2027년 5월", "27.5.1", "2027-05-01T00:00:00Z", "미정")),
        *((text, "planned") for text in ("2026-11-25T15:00:00Z", "2027. 5. 1.(토) 10:00")),
        *((text, "open") for text in ("2024", "2024.0", "2024년", "2024.5.1", "2026-11-25")),
        *((text, "open") for text in ("2026-11-24T15:00:00Z", "2026년 상반기", "2026년 10월")),
        *((text, "unknown") for text in ("2026", "2026년 하반기", "2026-11", "2026년 11월 중")),
        *((text, "unknown") for text in ("5월 중", "곧", "?")),
        *((text, "unknown") for text in ("2027-02-30", "46143", "05/01/2027")),
        *((text, "unknown") for text in ("미상", "2024년쯤", "unknown", "-", "2027.1")),
    ],
)
def test_a_trail_is_planned_until_it_surely_opens(states, opened, state):
    assert states(register=f"id,opened\nhill,{opened}\n") == {"hill": state}


def test_who_says_open_need_not_say_on_which_day_of_the_year(states):
    assert states(register="id,opened,status\nhill,2026,운영중\n") == {"hill": "open"}
    assert states(register="id,opened,status\nhill,미정,운영중\n") == {"hill": "unknown"}
    assert states(register="id,opened,status\nhill,2027년 상반기,운영중\n") == {"hill": "planned"}


# -- status --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *(
            (text, "closed")
            for text in ("휴장(공사)", "임시휴장", "보수중", "폐쇄(공사)", "공사중")
        ),
        *(
            (text, "closed")
            for text in ("공사 중", "통제", "정비중", "이용금지", "출입 통제", "휴장 중")
        ),
        *(
            (text, "closed")
            for text in ("운영중단", "보수공사중", "휴장（공사）", "Closed (works)")
        ),
        *((text, "closed") for text in ("전면 통제", "점검중")),
        *((text, "closed") for text in ("이용 불가", "CLOSED", "임시 폐쇄")),
        *((text, "open") for text in ("운영", "운영중", "정상 운영")),
        *((text, "open") for text in ("개방", "OPEN", "운영(연중)")),
        *((text, "open") for text in ("열림", "오픈", "재개장", "임시 개방", "시범운영", "상시")),
        *((text, "closed") for text in ("닫힘", "비운영", "비개방")),
        *((text, "planned") for text in ("조성중", "개장 예정", "계획", "Planned")),
        *(
            (text, "unknown")
            for text in ("일부 통제", "부분 개방", "통제(우천시)", "운영(우천시 통제)")
        ),
        *(
            (text, "closed")
            for text in ("공사로 인한 휴장", "산사태로 폐쇄", "입산통제", "임시 중단")
        ),
        *((text, "open") for text in ("전일 개방", "24시간 개방", "연중 무휴", "정상 이용 가능")),
        *(
            (text, "unknown")
            for text in ("등산로 폐쇄", "우천으로 통제", "공사로 일부 통제", "○", "N/A")
        ),
        *((text, "open") for text in ("운영(3~11월)", "연중운영(12~2월 휴장)")),
        *((text, "unknown") for text in ("개방(일부 통제)", "통행 제한")),
        *(
            (text, "unknown")
            for text in (
                "휴장(월요일)",
                "휴장(12월~2월)",
                "폐쇄(해제)",
                "휴장 예정",
                "우천 시 통제",
            )
        ),
        *(
            (text, "unknown")
            for text in ("운영(하절기)", "동절기 휴장", "모름", "확인중", "open?", "Y")
        ),
        *(
            (text, "unknown")
            for text in ("통제 해제", "공사 완료", "not closed", "운영 / 휴장", "-")
        ),
    ],
)
def test_states_in_words(states, status, state):
    assert states(register=f"id,status\nhill,{status}\n") == {"hill": state}


def test_the_remark_in_brackets_is_the_reason(make_city):
    register = "id,status\nhill,휴장(배수로 공사)\n"
    row = make_city({"gpx/hill.gpx": LINE, "gpx/trails.csv": register}).trails_on(TODAY).loc["hill"]
    assert (row["state"], row["reason_ko"]) == ("closed", "배수로 공사")


def test_open_in_summer_needs_the_days_of_the_summer(states):
    register = "id,status,season\nhill,운영(하절기),5월~9월\n"
    assert states(dt.date(2026, 7, 1), register=register) == {"hill": "open"}
    assert states(register=register) == {"hill": "closed"}


@pytest.mark.parametrize(
    ("status", "in_winter", "in_july"),
    [
        ("운영(3~11월)", "closed", "open"),
        ("운영(12~2월 휴장)", "closed", "open"),
        ("휴장(12~2월)", "closed", "unknown"),
        ("동절기 휴장(12~2월)", "closed", "unknown"),
        ("운영(3월 초~11월 말)", "closed", "open"),
    ],
)
def test_a_status_with_days_holds_on_these_days(states, status, in_winter, in_july):
    register = f"id,status\nhill,{status}\n"
    days = (WINTER, dt.date(2026, 7, 1))
    assert [states(day, register=register)["hill"] for day in days] == [in_winter, in_july]


def test_what_was_not_understood_is_said_with_its_file_column_words_and_whom_to_ask(make_city):
    files = {
        "gpx/hill.gpx": LINE,
        "gpx/trails.csv": "id,season\nhill,5월쯤\n",
        "layers/catalog.toml": 'direct_line = "062-360-7000"\n',
    }
    row = make_city(files).trails_on(TODAY).loc["hill"]
    for reason, column in ((row["reason_ko"], "운영 기간 칸"), (row["reason_en"], "season")):
        for part in ("gpx/trails.csv", column, "5월쯤", "062-360-7000"):
            assert part in reason
    assert "season" not in row["reason_ko"]


@pytest.mark.parametrize(
    ("register", "file"),
    [
        (None, "gpx/hill.gpx"),
        ("id,surface\nhill,황토\n", "gpx/hill.gpx"),
        ("id,season\nhill,5월쯤\n", "gpx/trails.csv"),
    ],
)
def test_what_was_not_understood_is_said_with_the_file_that_says_it(make_city, register, file):
    own = '<value xmlns="urn:maenballo:columns:1" column="season">오월쯤</value>'
    extended = LINE.replace("<trkseg>", f"<extensions>{own}</extensions><trkseg>", 1)
    files = {"gpx/hill.gpx": extended}
    if register:
        files["gpx/trails.csv"] = register
    city = make_city(files)
    row = city.trails_on(TODAY).loc["hill"]
    assert row["state"] == "unknown"
    assert row["reason_ko"].startswith(f"{file}: ")
    said = [f for f in city.findings if f.code == "bad-value" and f.file == "gpx/"]
    assert len(said) == 1


@given(st.text(max_size=12))
def test_any_status_is_read_or_refused(text):
    with contextlib.suppress(ValueError):
        assert read_status(text).state in set(State) - {State.UNKNOWN}


# -- season --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("season", "day", "state"),
    [
        *((text, WINTER, "closed") for text in ("5월~9월", "03-01~11-30", "3-1/11-30")),
        *((text, WINTER, "closed") for text in ("3.1～11.30", "2026-03-01/2026-11-30")),
        *(
            (text, TODAY, "open")
            for text in ("3월부터 11월까지", "연중", "3월 ~ 11월", "11-01/02-28")
        ),
        *((text, WINTER, "closed") for text in ("4~10월 운영", "운영기간: 4월~10월")),
        *((text, WINTER, "closed") for text in ("12월~2월 휴장", "동절기(12~2월) 휴장")),
        *((text, TODAY, "open") for text in ("12월~2월 휴장", "동절기(12~2월) 휴장", "매일")),
        *((text, TODAY, "unknown") for text in ("1~12월 휴장", "2026년 7월~8월 휴장", "휴장")),
        *(("3~6월, 9~11월", day, "closed") for day in (WINTER, dt.date(2026, 7, 1))),
        *(("3~6월, 9~11월", day, "open") for day in (TODAY, dt.date(2026, 6, 30))),
        *(("3월 초~11월 말", day, "closed") for day in (WINTER, dt.date(2026, 2, 28))),
        *(("3월 초~11월 말", day, "unknown") for day in (TODAY, dt.date(2026, 3, 14))),
        *(("3월 초~11월 말", day, "open") for day in (dt.date(2026, 3, 15), dt.date(2026, 11, 16))),
        ("3~11월(우천 시 통제)", WINTER, "closed"),
        ("3~11월(우천 시 통제)", TODAY, "unknown"),
        ("7~8월 통제", dt.date(2026, 8, 31), "closed"),
        ("7~8월 통제", dt.date(2026, 9, 1), "open"),
        ("3월~9월 휴장", dt.date(2028, 2, 29), "open"),
        ("2025-03-01/2025-11-30", TODAY, "unknown"),
        ("2026-03-01/2026-11-30", TODAY, "open"),
        ("2026-03-01/2026-11-30", dt.date(2026, 1, 1), "closed"),
        ("2026-03-01/2026-11-30", dt.date(2027, 1, 1), "unknown"),
        *(
            (text, TODAY, "unknown")
            for text in ("하절기", "5월쯤", "3월 초~11월 말", "03-01/02-30")
        ),
    ],
)
def test_seasons_as_they_are_typed(states, season, day, state):
    assert states(day, register=f'id,season\nhill,"{season}"\n') == {"hill": state}


# -- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        *(
            "id,season",
            "ID,Season",
            "Id,SEASON",
            "아이디,운영기간",
            "아이디,운영 기간",
            " id , season ",
        ),
        *(
            "2026년 맨발길 현황,\n\nID,Season",
            "맨발길,\n단위: m\nid,season",
            '"a;b;c;d"\nid,season',
        ),
        *("trail_id,개방기간", "번호,이용기간", "file,season", "코스ID,운영기간", "파일,운영기간"),
    ],
)
def test_headers_in_any_case_in_korean_and_below_titles(states, header):
    assert states(WINTER, register=f"{header}\nhill,3월~11월\n") == {"hill": "closed"}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_header_below_a_title_with_each_separator(states, separator):
    rows = (["상태", "아이디"], ["휴장", "hill"])
    text = "맨발길, 2026년\n" + "\n".join(separator.join(row) for row in rows)
    assert states(register=text) == {"hill": "closed"}


@pytest.mark.parametrize(
    ("header", "cell", "state"),
    [
        ("개방여부", "N", "closed"),
        ("개방여부", "Y", "open"),
        ("휴장여부", "Y", "closed"),
        ("휴장여부", "N", "open"),
        ("운영여부", "휴장", "closed"),
        ("상태,운영상태", "운영중,휴장", "unknown"),
        ("status,상태", "휴장,휴장", "closed"),
        ("stauts", "휴장", "unknown"),
        ("sesson", "5월~9월", "unknown"),
        ("휴장기간", "12월~2월", "unknown"),
        ("운영기관", "서구청", "open"),
        *((header, "폐쇄", "closed") for header in ("운영상황", "현재상태", "상태구분", "운영")),
        *((header, "Y", "closed") for header in ("휴장", "폐쇄", "통제", "공사여부")),
        *((header, "X", "open") for header in ("휴장", "폐쇄", "통제", "공사여부")),
        *((header, "N", "closed") for header in ("운영", "사용여부", "공개여부", "이용여부")),
        # A column that nobody knows, with a word that everybody knows.
        *((header, "휴장(공사)", "unknown") for header in ("관리상태", "이번 주", "운영상테", "q")),
        *(
            (header, "2026-11-01~", "unknown")
            for header in ("폐장일", "휴장사유", "휴관일", "공사")
        ),
        *((header, "Y", "unknown") for header in ("is_open", "active", "운영종료")),
        *((header, "2027", "planned") for header in ("설치연도", "개설일", "개소일", "완공연도")),
        *((header, "양호", "open") for header in ("관리상태", "노면상태", "구간", "등급")),
        *((header, "12", "open") for header in ("공사비", "운영시간", "이용객수", "개소수")),
        *(("비고", text, "unknown") for text in ("휴장", "공사로 통제", "12월~2월 휴장")),
        *(("비고", text, "open") for text in ("정비", "휴장 없음", "점검 완료", "연중무휴")),
        *((header, "매주 월요일", "unknown") for header in ("휴장일", "정기휴일", "휴무일")),
        *((header, "없음", "open") for header in ("휴장일", "정기휴일", "휴무일")),
        *((header, "X", "unknown") for header in ("동절기운영", "겨울철 개방")),
    ],
)
def test_columns_that_may_be_about_the_state(states, header, cell, state):
    assert states(register=f"id,{header}\nhill,{cell}\n") == {"hill": state}


@pytest.mark.parametrize("header", ["file", "파일명", "GPX 파일"])
def test_a_column_of_file_names_names_the_trails(states, header):
    assert states(register=f"{header},상태\nhill.gpx,휴장\n") == {"hill": "closed"}


def test_letters_that_cannot_be_seen_change_no_word(states):
    assert states(register="id,상태\nhill,\u200b휴\u00ad장\n") == {"hill": "closed"}


def test_a_column_that_is_not_known_is_named_with_the_nearest_that_is(tmp_path):
    (tmp_path / "trails.csv").write_text("id,name,stauts,나의 열\na,가,휴장,x\n", "utf-8")
    _, findings = read_trail_register(tmp_path)
    texts = [str(finding) for finding in findings]
    assert any("column 'stauts' is not known; did you mean 'status'?" in text for text in texts)
    assert any("나의 열" in text for text in texts)


@pytest.mark.parametrize(
    "register",
    [
        *("name,status\n언덕길,휴장\n", "", "\n\n", "아무 말\n", b"id,status\nhill,\xff\xfe\x81\n"),
        *('id,status\nhill,"휴장\n', "id,id\nhill,hill\n", b"\xff\xd8\xff\xe0JFIF"),
    ],
)
def test_a_register_that_cannot_be_read_puts_every_trail_in_doubt(states, register):
    assert states(register=register, trails=("hill", "lake")) == {
        "hill": "unknown",
        "lake": "unknown",
    }


@pytest.mark.parametrize("name", ["trails.xlsx", "Trails.xls", "trails.txt"])
def test_a_register_in_another_form_puts_every_trail_in_doubt(make_city, name):
    city = make_city({"gpx/hill.gpx": LINE, f"gpx/{name}": "id,status\nhill,closed\n"})
    assert city.trails_on(TODAY)["state"].tolist() == ["unknown"]
    assert "register-not-read" in {finding.code for finding in city.findings}


def test_the_case_of_the_registers_name_does_not_matter(make_city):
    city = make_city({"gpx/hill.gpx": LINE, "gpx/Trails.CSV": "id,status\nhill,closed\n"})
    assert city.trails_on(TODAY)["state"].tolist() == ["closed"]


# -- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ("hill,휴장,a,b", "unknown"),  # ragged
        ("hill,휴장\nlake,운영,", "unknown"),
        ("hill,운영,\nhill,휴장,", "unknown"),  # doubled, and contrary
        ("hill,운영,\nhill,운영,", "open"),
        ("HILL,운영,", "unknown"),
        ("hill.gpx,운영,", "unknown"),
        ("hlil,운영,", "unknown"),
        ("언덕길,운영,", "unknown"),
    ],
)
def test_rows_that_are_lost_put_their_trail_in_doubt(states, rows, state):
    answer = states(register=f"id,status,notes\nlake,운영,\n{rows}\n", trails=("hill", "lake"))
    assert answer["hill"] == state


def test_ids_of_another_kind_put_every_trail_in_doubt(states):
    register = "번호,상태\n101,휴장\n102,운영\n"
    assert set(states(register=register, trails=("hill", "lake")).values()) == {"unknown"}


def test_a_trail_without_a_row_is_open_where_the_other_rows_are_understood(states):
    answer = states(register="id,status\nlake,휴장\ngone,휴장\n", trails=("hill", "lake"))
    assert answer == {"hill": "open", "lake": "closed"}


@pytest.mark.parametrize(
    ("text", "ids", "similar"),
    [
        ("Hill", ["hill", "lake"], ["hill"]),
        ("hill.gpx", ["hill"], ["hill"]),
        ("gpx/hill.gpx.gpx", ["hill"], ["hill"]),
        ("7", ["007", "8"], ["007"]),
        ("7.0", ["007", "8"], ["007"]),
        ("hill_7", ["hill-07", "hill-70"], ["hill-07"]),
        ("hill 2", ["hill-2"], ["hill-2"]),
        ("mountain", ["hill"], []),
        ("", ["hill"], []),
    ],
)
def test_ids_that_nearly_match(text, ids, similar):
    assert find_similar_ids(text, ids) == similar


def test_trails_of_a_line_layer_are_held_to_the_same(make_city, sample_city):
    lines = (
        sample_city.trails.head(3)[["name", "geometry"]]
        .reset_index(drop=True)
        .assign(
            id=["a", "b", "c"],
            status=["휴장(공사)", "일부 통제", None],
            opened=[None, None, "언젠가"],
        )
    )
    catalog = '[[layers]]\nid = "trails"\nrole = "trails"\nfile = "lines.geojson"\n'
    city = make_city({"layers/lines.geojson": lines, "layers/catalog.toml": catalog})
    answer = city.trails_on(TODAY)
    assert answer["state"].to_dict() == {"a": "closed", "b": "unknown", "c": "unknown"}
    assert "layers/lines.geojson" in answer.loc["b", "reason_en"]
    assert {f.feature for f in city.findings if f.code == "bad-value"} == {"b", "c"}


# -- closures ------------------------------------------------------------------------------------

JULY = dt.date(2025, 7, 15)


@pytest.mark.parametrize(
    "closures",
    [
        "trail_id,start,end\nhill,2025-07-01,2025-07-31\n",
        "trail_id,From,To\nhill,2025-07-01,2025-07-31\n",
        "산책로,시작일,종료일\nhill,2025. 7. 1.,2025. 7. 31.\n",
        "trail,부터,까지,사유\nhill,2025.7.1(화),2025.7.31(목),공사\n",
        "Trail ID;Start date;End date\nhill;20250701;20250731\n",
        "대상,기간,사유\n언덕길,2025.7.1~2025.7.31,공사\n",
        "통제 현황,\n\n대상,통제기간,통제사유\nhill,2025년 7월 1일 ~ 7월 31일,공사\n",
        "trail_id,from,to\nhill,2025-06-30T15:00:00Z,2025-07-31T14:00:00Z\n",
        "trail_id,from,to\nhill,45839,45869\n",
        "trail_id,from,to\n전체,2025년 7월,2025년 7월\n",
    ],
)
def test_a_closure_of_last_july_closes_in_last_july_only(states, closures):
    found = [
        states(day, closures=closures)["hill"]
        for day in (dt.date(2025, 6, 30), dt.date(2025, 7, 1), dt.date(2025, 7, 31), TODAY)
    ]
    assert found == ["open", "closed", "closed", "open"]


@pytest.mark.parametrize(
    ("closures", "in_july", "today"),
    [
        ("trail_id,from,to\nhill,2025-07-01,\n", "closed", "closed"),
        ("trail_id,from,to\nhill,2025-07-01,미정\n", "closed", "closed"),
        ("trail_id,from,to\nhill,2025-07-01,별도 공지\n", "closed", "closed"),
        ("trail_id,from,to\nhill,2025-07-01,별도 공지 시까지\n", "closed", "closed"),
        ("trail_id,from,to\nhill,2025-07-01,복구 완료 시까지\n", "closed", "closed"),
        ("trail_id,from,to\nhill,2025-07-01,완료\n", "unknown", "unknown"),
        ("trail_id,기간\nhill,2025. 7. ~ 8.\n", "closed", "open"),
        ("trail_id,기간\nhill,2026. 11. ~ 12.\n", "open", "closed"),
        ("trail_id,기간\nhill,2026.11.25.(수) 09:00~18:00\n", "open", "closed"),
        ("trail_id,from,to\nhill,2025-07-01,곧\n", "unknown", "unknown"),
        ("trail_id,from,to\nhill,여름,2025-07-31\n", "unknown", "open"),
        ("trail_id,from,to\nhill,2025-07-32,2025-07-31\n", "unknown", "open"),
        ("trail_id,from,finished\nhill,2025-07-01,2025-07-31\n", "unknown", "unknown"),
        ("trail_id,from\nhill,2025-07-01\n", "unknown", "unknown"),
        ("trail_id,reason\nhill,공사\n", "unknown", "unknown"),
        ("from,to,reason\n2025-07-01,2025-07-31,공사\n", "unknown", "open"),
        ("trail_id,from,to\nHill.gpx,2025-07-01,2025-07-31\n", "unknown", "open"),
        ("trail_id,from,to\nelsewhere,2025-07-01,2025-07-31\n", "unknown", "open"),
        ("trail_id,from,to\nhill,2025-07-01,2025-07-31,공사, 보수\n", "unknown", "open"),
        ("trail_id,from,to\nhill,2025-12-31,2025-07-01\n", "unknown", "unknown"),
        ("trail_id,기간\nhill,7.1~7.31\n", "unknown", "unknown"),
        ("", "unknown", "unknown"),
        ("공사 안내\n", "unknown", "unknown"),
        (b"trail_id,from,to\nhill,\xff\xfe\x81,\n", "unknown", "unknown"),
    ],
)
def test_closures_whose_days_or_trail_are_not_understood(states, closures, in_july, today):
    assert (states(JULY, closures=closures)["hill"], states(closures=closures)["hill"]) == (
        in_july,
        today,
    )


@pytest.mark.parametrize(
    ("header", "cells", "in_july", "today"),
    [
        ("통제개시일,해제예정일", "2025.7.1,2025.7.31", "closed", "open"),
        ("통제일,해제일", "2025.7.1,2025.7.31", "closed", "open"),
        ("통제일,해제일", "2025.7.1,", "closed", "closed"),
        ("착공일,준공예정일", "2025.7.1,2027.3.31", "closed", "closed"),
        ("통제일시", "2025.7.15.(화) 09:00~18:00", "closed", "open"),
        ("휴장일", "2025-07-15", "closed", "open"),
        ("기간", "무기한", "closed", "closed"),
        ("기간", "미정", "unknown", "unknown"),
        ("기간", "매년 12월~2월", "unknown", "unknown"),
    ],
)
def test_days_of_closures_under_the_names_of_offices(states, header, cells, in_july, today):
    closures = f"trail_id,{header}\nhill,{cells}\n"
    assert [states(day, closures=closures)["hill"] for day in (JULY, TODAY)] == [in_july, today]


@pytest.mark.parametrize(
    ("words", "hill", "lake"),
    [
        *((text, "closed", "closed") for text in ("전체", "모든 맨발길", "관내 전체 길", "ALL")),
        *((text, "closed", "closed") for text in ("언덕길 및 호수길", "언덕길과 호수길")),
        *((text, "closed", "open") for text in ("언덕길 전 구간", "hill 전체")),
        ("언덕길, 없는길", "closed", "unknown"),
        *((text, "unknown", "open") for text in ("언덕길 일부구간", "언덕길 입구")),
        *((text, "unknown", "unknown") for text in ("서구 전체", "언덕길 외 1개소", "관내")),
        ("없는길", "unknown", "unknown"),
    ],
)
def test_trails_that_a_closure_means(make_city, words, hill, lake):
    files = {"gpx/hill.gpx": LINE, "gpx/lake.gpx": LINE.replace("언덕길", "호수길")}
    files["layers/closures.csv"] = f'대상,기간\n"{words}",2025.7.1~7.31\n'
    assert make_city(files).trails_on(JULY)["state"].tolist() == [hill, lake]


def test_a_closure_that_is_certain_goes_before_what_is_not(states):
    closures = "trail_id,from,to\nhill,2026-11-01,2026-11-30\n"
    assert states(register="", closures=closures) == {"hill": "closed"}
    assert states(register="id,season\nhill,언젠가\n", closures=closures) == {"hill": "closed"}


def test_closures_in_a_form_that_is_not_read_put_every_trail_in_doubt(make_city):
    city = make_city({"gpx/hill.gpx": LINE, "layers/closures.xlsx": "x"})
    assert city.trails_on(TODAY)["state"].tolist() == ["unknown"]


# -- what check says -----------------------------------------------------------------------------


def test_check_names_the_trails_that_nobody_can_call_open(make_city):
    city = make_city({"gpx/hill.gpx": LINE, "gpx/trails.csv": "id,status\nhill,일부 통제\n"})
    (finding,) = [f for f in city.check() if f.code == "state-unknown"]
    assert "hill" in finding.message
    assert "일부 통제" in finding.message


def test_check_asks_whether_a_closure_means_a_trail_of_nearly_that_id(make_city):
    closures = "trail_id,from,to\nHILL.gpx,2026-01-01,2026-01-31\n언덕길,2026-02-01,2026-02-02\n"
    city = make_city({"gpx/hill.gpx": LINE, "layers/closures.csv": closures})
    (finding,) = [f for f in city.check() if f.code == "closure-unknown-trail"]
    assert "is it hill?" in finding.message


def test_an_offer_checked_in_the_future_is_a_finding(make_city):
    rows = "from,to,rate,checked_on\n2026-01-01,2026-12-31,10%,2999-01-01\n"
    city = make_city({"gpx/hill.gpx": LINE, "layers/benefits.csv": rows.replace("2999", "2199")})
    assert "checked-in-the-future" in {finding.code for finding in city.check()}


def test_a_register_under_korean_names_takes_new_trails_without_losing_a_row(make_folder):
    register = "맨발길 현황,\n\n아이디,상태\nhill,휴장\n"
    folder = make_folder({"gpx/hill.gpx": LINE, "gpx/trails.csv": register})
    part = SimpleNamespace(name="lake.gpx", frame=pd.DataFrame({"name": ["호수길"]}))
    text, _ = merge_register(folder / "gpx", {"lake": b""}, [part])
    (folder / "gpx/trails.csv").write_text(text, "utf-8")
    table, _ = read_trail_register(folder / "gpx")
    assert table.loc["hill", "status"] == "closed"
    assert table.loc["lake", "name"] == "호수길"


# -- exports -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["trails.csv", "trails.kml"])
def test_exports_carry_the_state_of_the_day_and_bring_back_what_it_follows_from(
    make_folder, tmp_path, name
):
    lines = {"gpx/hill.gpx": LINE, "gpx/trails.csv": "ID,상태\nhill,일부 통제\n"}
    city = open_city(make_folder(lines))
    city.export(tmp_path / name, layers=["trails"])
    text = (tmp_path / name).read_text("utf-8-sig")
    for word in ("state_on", "unknown", "일부 통제"):
        assert word in text
    runner = CliRunner()
    folder = make_folder({"gpx/lake.gpx": LINE}, "other")
    command = ["add", str(tmp_path / name), "--as", "trails", "--city", str(folder), "--anyway"]
    answer = runner.invoke(main, command)
    assert answer.exit_code == 0, answer.output
    trails = open_city(folder).trails_on(TODAY)
    assert "state_on" not in trails
    assert sorted(trails["state"]) == ["open", "unknown"]


# -- benefits ------------------------------------------------------------------------------------


def offers(folder, header: str, row: str):
    (folder / "benefits.csv").write_text(f"{header}\n{row}\n", "utf-8")
    benefits, findings = read_benefits(folder)
    return benefits, [finding for finding in findings if finding.severity != "note"]


@pytest.mark.parametrize(
    ("cap", "won"),
    [
        *(("50000", 50_000), ("50000.0", 50_000), ("5만", 50_000), ("5만원", 50_000)),
        *(('"50,000원"', 50_000), ("50000 원", 50_000), ("1.5만원", 15_000), ("₩50000", 50_000)),
        *((text, None) for text in ("많이", "5만 정도", "50.000", "5e4", "-1", "1.00003만원")),
    ],
)
def test_a_benefit_is_offered_with_its_cap_or_not_at_all(tmp_path, cap, won):
    header = "from,to,rate,cap_won,payment"
    benefits, findings = offers(tmp_path, header, f"2026-01-01,2026-12-31,10%,{cap},card")
    assert benefits["cap_won"].tolist() == ([] if won is None else [won])
    assert bool(findings) == (won is None)


@pytest.mark.parametrize(
    ("header", "row", "count"),
    [
        ("from,to,rate,payment", "2026-01-01,2026-12-31,10%,외상", 0),
        ("시작일,종료일,할인율,결제수단", "2026.1.1,2026.12.31,10%,카드", 1),
        ("기간,할인율,한도,결제수단", "2026.1.1~2026.12.31,10%,5만,지류", 1),
        ("From,To,Rate,Cap", "2026-01-01,2026-12-31,0.1,50000.0", 1),
        ("from,to,rate,한도(만원)", "2026-01-01,2026-12-31,0.1,5", 0),
        ("from,to,rate,cap_wno", "2026-01-01,2026-12-31,0.1,5000", 0),
        ("from,to,rate", "2026-01-01,2026-12-31,10", 0),
        ("from,to,rate", "2026-01-01,2026-12-31,1", 0),
        ("from,to,rate", "2026년,2026년,10%", 0),
        ("행사 안내,\nfrom,to,rate", "2026-01-01,2026-12-31,10 %", 1),
    ],
)
def test_benefits_as_offices_write_them(tmp_path, header, row, count):
    benefits, findings = offers(tmp_path, header, row)
    assert len(benefits) == count
    assert bool(findings) == (count == 0)


@given(st.integers(0, 10**9))
def test_won_in_any_spelling(won):
    texts = (f"{won}", f"{won}.0", f"{won:,}원", f"{won} won", f"₩{won:,}")
    assert {read_won(text) for text in texts} == {won}


@given(st.integers(0, 99))
def test_a_share_and_its_per_cent_are_the_same(percent):
    assert read_rate(f"{percent}%") == pytest.approx(read_rate(f"{percent / 100:.2f}"))


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "unknown"),
    [
        ("금당산,휴장", "ab"),  # the beginning of two names
        ("화정공원,휴장", "c"),  # short for a name
        ("화종근린공원,휴장", "c"),
        ("언독길,휴장", "d"),
        ("언덕길 일부,휴장", "d"),
        ("금당산 1구간과 언덕길,휴장", "ad"),
        ("무등산 옛길,휴장", ""),  # another trail, of which there is no file
    ],
)
@pytest.mark.parametrize("own", ["", "e,운영\n"])
def test_a_row_of_the_register_names_trails_as_closures_do(make_city, row, unknown, own):
    names = {
        "a": "금당산 1구간",
        "b": "금당산 2구간",
        "c": "화정근린공원",
        "d": "언덕길",
        "e": "물",
    }
    files = {
        f"gpx/{id_}.gpx": gpx(
            track([(126.85, 35.14 + n / 500), (126.853, 35.14 + n / 500)], name=name)
        )
        for n, (id_, name) in enumerate(names.items())
    }
    city = make_city({**files, "gpx/trails.csv": f"id,status\n{own}{row}\n"})
    states = city.trails_on(TODAY)["state"]
    # Without any row that fits, ids are of another kind.
    assert "".join(states.index[states == "unknown"]) == (unknown if own else "abcde")


def test_a_trail_with_a_row_is_doubted_by_one_that_names_the_whole_alone(make_city):
    files = {
        f"gpx/{id_}.gpx": gpx(
            track([(126.85, 35.14 + n / 500), (126.853, 35.14 + n / 500)], name=name)
        )
        for n, (id_, name) in enumerate({"a": "금당산 1구간", "b": "금당산 2구간"}.items())
    }

    def list_states(rows):
        city = make_city({**files, "gpx/trails.csv": f"id,status\na,운영\nb,운영\n{rows}\n"})
        return list(city.trails_on(TODAY)["state"])

    assert list_states("금당산,휴장") == ["unknown", "unknown"]
    assert list_states("전체,휴장") == ["unknown", "unknown"]
    assert list_states("금당산 1구간,휴장") == ["unknown", "open"]
    # Another trail without a file, and a row that shuts nothing.
    assert list_states("금당산 3구간,예정") == ["open", "open"]
    assert list_states("금당산,운영") == ["open", "open"]
