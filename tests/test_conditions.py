"""Conditions in notes: when a trail that is open cannot be used."""

from __future__ import annotations

import datetime as dt

import pytest
from gpxtext import PATH, gpx, track

from mapserver.drawing.captions import Captions
from mapserver.text.conditions import read_conditions

SCHOOL, RAIN, NIGHT = "during school hours", "in rain", "at night"


@pytest.mark.parametrize(
    ("note", "times"),
    [
        ("수업 시간에는 이용할 수 없음", [SCHOOL]),
        ("수업시간 중 이용 불가", [SCHOOL]),
        ("학교 수업 시간 출입 금지", [SCHOOL]),
        ("평일 수업시간(09:00~16:00) 이용불가", [SCHOOL]),
        ("방과 후에만 이용 가능", [SCHOOL]),
        ("수업 시간에는 이용할 수 없고 방과 후 개방", [SCHOOL]),
        ("우천 시 통제", [RAIN]),
        ("우천시통제.", [RAIN]),
        ("비 오는 날 이용 불가", [RAIN]),
        ("비가 오면 이용할 수 없습니다", [RAIN]),
        ("※ 우천·결빙 시 출입 통제", [RAIN, "on ice and snow"]),
        ("야간 출입 통제", [NIGHT]),
        ("일몰 후 이용 금지", [NIGHT]),
        ("행사 시 이용 제한", ["during events"]),
        ("주말만 개방", ["on weekdays"]),
        ("화장실은 입구에 있음. 수업 시간 이용 불가, 우천 시 통제", [SCHOOL, RAIN]),
        ("Closed during school hours", [SCHOOL]),
        ("No access at night", [NIGHT]),
        ("Open only during daylight", [NIGHT]),
        ("closed in rain and at night", [RAIN, NIGHT]),
    ],
)
def test_a_note_says_when_a_trail_cannot_be_used(note, times):
    assert list(read_conditions(note)) == times


@pytest.mark.parametrize(
    "note",
    [
        *("", "서구에서 처음 생긴 맨발길", "비가 많이 오면 물에 잠길 수 있음"),
        *("비 오면 미끄러움 주의", "외부인 출입 금지", "동절기 휴장", "비"),
        *("수업 시간에도 이용 가능", "우천 시 이용 제한 없음", "야간 조명 없음", "야간 개방"),
        *("우천 시 일부 구간 통제", "공사 중 통제", "통제"),
        *("Closed for the season", "rain", "open at night", "Not closed in rain", "나비 휴장"),
    ],
)
def test_every_other_note_stays_a_note(note):
    assert read_conditions(note) == ()


def test_a_condition_changes_the_words_and_never_the_state(make_city):
    files = {f"gpx/{id_}.gpx": gpx(track(PATH, name=id_)) for id_ in ("school", "shut")}
    files["gpx/trails.csv"] = (
        "id,season,status,notes\n"
        "school,03-01/11-30,,수업 시간에는 이용할 수 없음\n"
        "shut,,휴장,수업 시간에는 이용할 수 없음\n"
    )
    city, day = make_city(files), dt.date(2026, 11, 26)
    assert city.trails_on(day)["state"].tolist() == ["open", "closed"]
    for lang, text in (
        ("ko", "수업 시간 빼고 열림 · 11월 30일까지"),
        ("en", "Open except during school hours · until 30 November"),
    ):
        school, shut = Captions(city, lang, day).of("trails")
        assert (school.state_kind, school.state_text) == ("cond", text)
        assert shut.state_kind == "shut"
