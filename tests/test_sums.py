"""Sums and repeated headers below an office's rows: named, left out, and no trail is in doubt."""

from __future__ import annotations

import datetime as dt

import pytest
from click.testing import CliRunner
from gpxtext import gpx, track

from mapserver.city import open_city
from mapserver.commands.cli import main

DAY = dt.date(2026, 11, 21)
CHECKS = "trail_id,checked_on,by,item,grade,finding,fixed_on\n"
GOOD = "a,2026-11-20,점검반,배수,양호,,\n"


def lay_lines(names):
    return {
        f"gpx/{id_}.gpx": gpx(
            track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name=name)
        )
        for n, (id_, name) in enumerate(names.items())
    }


@pytest.fixture
def lay(make_city):
    """Make a city of the trails a and b with files of ``layers/``."""

    def make(names=None, **tables):
        files = {f"layers/{name}.csv": text for name, text in tables.items()}
        return make_city({**lay_lines(names or {"a": "언덕길", "b": "호수길"}), **files})

    return make


def list_states(city, day=DAY):
    return list(city.trails_on(day)["state"])


def list_left_out(city, code="total-left-out"):
    return sorted((f.file, f.feature) for f in city.check() if f.code == code)


@pytest.mark.parametrize(
    "row",
    [
        *(",합계,,,4건,,", "합계,,,,4건,,", "소 계,,,,4,,", ",,,총계,4,,", "평균,-,,,,,"),
        *("합계,2026년 11월,,,4건,,", "합계,,,,\"양호 3, 요수리 1\",,", "계,,,,,비고 없음,"),
        *("합계,4건", "언덕길 소계,,,,4건,,"),
    ],
)  # fmt: skip
def test_a_sum_below_inspections_is_named_and_doubts_nothing(lay, row):
    city = lay(inspections=f"{CHECKS}{GOOD}{row}\n")
    assert list_states(city) == ["open", "open"]
    assert list_left_out(city) == [("layers/inspections.csv", "line 3")]
    assert len(city.ledgers["inspections"]) == 1
    assert [f.code for f in city.findings if f.file == "layers/inspections.csv"] == [
        "total-left-out"
    ]


@pytest.mark.parametrize(
    "row",
    [
        *("합계,2026-11-20,,,이용금지,,", "합계,,,,이용금지,,", "합계,,,,이용금지요망,,"),
        *("없는길,2026-11-20,,합계,이용금지,,", ",2026-11-2X,,합계,이용금지,,"),
        ",,,합계,,토사 유출,",
    ],
)  # fmt: skip
def test_a_row_that_may_be_a_look_is_no_sum(lay, row):
    city = lay(inspections=f"{CHECKS}{GOOD}{row}\n")
    assert list_states(city) == ["unknown", "unknown"]
    assert list_left_out(city) == []


def test_a_trail_may_be_called_as_a_sum(lay):
    city = lay({"a": "합계", "b": "호수길"}, inspections=f"{CHECKS}합계,2026-11-2X,,,4건,,\n")
    assert list_states(city) == ["unknown", "open"]
    assert list_left_out(city) == []


def test_a_header_that_stands_there_twice_doubts_nothing(lay):
    rows = f"{CHECKS}{GOOD}{CHECKS}맨발길명,점검일,점검자,항목,결과,비고,조치일\n"
    city = lay(inspections=rows)
    assert list_states(city) == ["open", "open"]
    assert list_left_out(city, "header-repeated") == [
        ("layers/inspections.csv", "line 3"),
        ("layers/inspections.csv", "line 4"),
    ]


@pytest.mark.parametrize("row", ["합계,,,3건", ",,,합계", "합계,3건", "trail_id,from,to,reason"])
def test_a_sum_below_closures_is_named_and_closes_nothing(lay, row):
    city = lay(closures=f"trail_id,from,to,reason\na,2026-11-20,2026-11-22,공사\n{row}\n")
    assert list_states(city) == ["closed", "open"]
    code = "header-repeated" if "from" in row else "total-left-out"
    assert list_left_out(city, code) == [("layers/closures.csv", "line 3")]


def test_a_closure_of_a_trail_that_is_called_as_a_sum_closes_it(lay):
    city = lay({"a": "합계", "b": "호수길"}, closures="trail_id,from,to\n합계,,\n")
    assert list_states(city) == ["closed", "open"]


def test_a_closure_with_a_word_of_a_sum_and_a_day_is_in_doubt(lay):
    city = lay(closures="trail_id,from,to\n합계,2026-11-20,2026-11-22\n")
    assert list_states(city) == ["unknown", "unknown"]


def test_sums_of_soil_and_rain_are_no_rows(lay):
    soil = "trail_id,sampled_on,lead\na,2026-05-12,30\n평균,,30\n합계,-,30\n"
    rain = "일시,지점,지점명,강수량(mm)\n2026-11-20,156,광주,3\n합계,156,광주,900\n평균,,,3.0\n"
    city = lay(soil=soil, rain=rain)
    assert {name: len(city.ledgers[name]) for name in ("soil", "rain")} == {"soil": 1, "rain": 1}
    assert list_left_out(city) == [
        ("layers/rain.csv", "line 3"),
        ("layers/rain.csv", "line 4"),
        ("layers/soil.csv", "line 3"),
        ("layers/soil.csv", "line 4"),
    ]


@pytest.mark.parametrize("total", [",합계,4건,,,,", "합계,,4건,,,,", "합계,4건"])
def test_add_leaves_a_sum_out_and_names_it(lay, tmp_path, total):
    city = lay()
    file = tmp_path / "점검.csv"
    text = (
        "2026년 11월 맨발길 점검 결과,,,,,,\n광주광역시 서구,,,,,,\n"
        "연번,맨발길명,점검일자,점검자,점검항목,점검결과,조치사항\n"
        "1,언덕길,2026-11-20,공원녹지과,배수,요수리,토사 유출\n"
        f"2,호수길,2026-11-20,공원녹지과,노면,양호,\n{total}\n"
    )
    file.write_bytes(text.encode("cp949"))
    shown = CliRunner().invoke(
        main, ["add", str(file), "--as", "inspections", "--city", str(city.path), "--lang", "en"]
    )
    assert shown.exit_code == 0, shown.output
    assert "new rows: 2" in shown.output
    assert "점검.csv, line 6: the row is a sum of others (합계) and is left out" in shown.output
    opened = open_city(city.path)
    assert list_states(opened) == ["open", "open"]
    assert len(opened.ledgers["inspections"]) == 2
