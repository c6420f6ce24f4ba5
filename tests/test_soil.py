"""What laboratories found in the soil of trails, against the limits of the law."""

from __future__ import annotations

import datetime as dt
import json
import math
import re

import pytest
from browsing import serve
from gpxtext import gpx, track
from pandas.testing import assert_frame_equal

from mapserver.model import METALS, TrailSoil
from mapserver.model.published import restore_cells
from mapserver.settings.soil_limits import LIMITS_MG_PER_KG

TODAY = dt.date(2026, 11, 26)
HEAD = f"trail_id,sampled_on,lab,point,{','.join(METALS)},ph,area,source\n"


def lay_trails(*ids):
    return {
        f"gpx/{id_}.gpx": gpx(
            track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name=id_)
        )
        for n, id_ in enumerate(ids)
    }


def write_row(trail="a", day="2026-05-12", area="1", point="입구", **values):
    metals = ",".join(str(values.get(metal, "")) for metal in METALS)
    return f"{trail},{day},연구원,{point},{metals},6.4,{area},보고서 3쪽\n"


@pytest.fixture
def sample(make_city):
    def make(*rows, day=TODAY):
        files = {**lay_trails("a", "b"), "layers/soil.csv": HEAD + "".join(rows)}
        return make_city(files).soil["a"].list_newest(day)

    return make


def read_soil(make_folder, *rows, lang="ko", day=""):
    folder = make_folder({**lay_trails("a", "b"), "layers/soil.csv": HEAD + "".join(rows)})
    text = serve(folder).test_client().get(f"/trails/a?lang={lang}&date={day}").text
    section = text.partition('id="soil"')[2].partition("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", section)).replace("\xa0", " ")


def test_the_limits_are_those_of_the_law():
    # 토양환경보전법 시행규칙 별표 3: 카드뮴, 구리, 비소, 수은, 납, 6가크롬, 아연, 니켈.
    assert [[limits[metal] for metal in METALS] for limits in LIMITS_MG_PER_KG.values()] == [
        [4, 150, 25, 4, 200, 5, 300, 100],
        [10, 500, 50, 10, 400, 15, 600, 200],
        [60, 2000, 200, 20, 700, 40, 2000, 500],
    ]


def test_the_metal_that_comes_nearest_to_its_limit_counts(sample):
    (row,) = sample(write_row(lead=18.4, copper=22.1, cadmium="불검출"))
    assert row.worst == ("copper", 22.1 / 150)
    assert row.untested == ["arsenic", "mercury", "chromium6", "zinc", "nickel"]


def test_the_land_category_decides_the_limit_and_without_it_there_is_no_share(sample):
    second, unknown = sample(
        write_row(lead=100, area="2지역"), write_row(lead=100, area="", point="b")
    )
    assert second.worst == ("lead", 0.25)
    assert unknown.worst is None


def test_the_newest_day_counts_and_its_worst_point_comes_first(sample):
    rows = sample(
        write_row(lead=199, day="2025-05-12"), write_row(lead=10), write_row(lead=20, point="끝")
    )
    assert [row.values["lead"] for row in rows] == [20, 10]


def test_a_name_that_may_mean_several_trails_is_said_of_none(make_city):
    files = {
        **lay_trails("a", "b"),
        "gpx/trails.csv": "id,name\na,언덕길\nb,언덕길\n",
        "layers/soil.csv": HEAD + write_row("언덕길", lead=1),
    }
    assert make_city(files).soil == {"a": TrailSoil(), "b": TrailSoil()}


def test_a_page_has_the_share_the_category_and_what_was_not_tested(make_folder):
    text = read_soil(make_folder, write_row(lead=18.4, cadmium="불검출", mercury=0.0004))
    assert "기준치에 가장 가까운 금속: 납, 기준치의 9.2%" in text
    assert "1지역" in text
    assert "토양환경보전법 시행규칙 별표 3" in text
    assert "채취: 2026년 5월 12일 · 입구 · 연구원" in text
    assert "검사하지 않음: 구리, 비소, 6가 크로뮴, 아연, 니켈." in text
    assert "카드뮴 불검출 4 –" in text
    assert "수은 &lt; 0.001 4 0.0%" in text
    assert "보고서 3쪽" in text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Nothing was tested"),
        ({"lead": "불검출"}, "None of the metals that were tested was detected"),
        ({"lead": 201}, "Over the limit: Lead, 100.5% of it"),
        ({"lead": 20, "area": ""}, "Share of the limit: not known"),
        ({"lead": "많음"}, "Not understood: Lead “많음”."),
        ({"lead": "많음"}, "Share of the limit: not known"),
        ({"lead": '"6,1"', "zinc": "불검출"}, "Nothing was detected, as far as the values were"),
        ({"lead": "-", "zinc": 30}, "Highest share of a limit that was understood: Zinc, 10.0%"),
        ({"lead": "&lt;0.01"}, "Not understood: Lead"),
    ],
)
def test_nothing_is_called_safe(make_folder, values, words):
    text = read_soil(make_folder, write_row(**values), lang="en")
    assert words in text
    assert "safe" not in text


def test_a_value_that_nobody_understands_is_shown_as_it_is_written_and_not_as_untested(make_folder):
    text = read_soil(make_folder, write_row(lead='"6,1"', zinc="-", copper=15))
    assert "납 읽을 수 없음: 6,1 200 –" in text
    assert "아연 읽을 수 없음: - 300 –" in text
    assert "읽을 수 없는 값: 납 “6,1”, 아연 “-”." in text
    assert "검사하지 않음: 카드뮴, 비소, 수은, 6가 크로뮴, 니켈." in text


@pytest.mark.parametrize("written", ["<0.01", "＜ 0.01", "0.01 미만", "<0.01 mg/kg"])
def test_a_bound_is_a_value(make_folder, written):
    text = read_soil(make_folder, write_row(cadmium=written, lead=20))
    assert "카드뮴 &lt; 0.01 4 ≤ 0.3%" in text
    assert "기준치에 가장 가까운 금속: 납, 기준치의 10.0%" in text
    assert "읽을 수 없" not in text


def test_programs_and_files_have_a_bound_beside_the_numbers(make_city):
    files = {**lay_trails("a"), "layers/soil.csv": HEAD + write_row(cadmium="<0.010", lead=20)}
    (row,) = make_city(files).published["soil"].to_dict("records")
    assert (row["lead"], row["less_than"], math.isnan(row["cadmium"])) == (
        20,
        "cadmium <0.01",
        True,
    )
    table = restore_cells(make_city(files).published["soil"])
    assert (table.loc[0, "cadmium"], "less_than" in table) == ("<0.01", False)


def test_a_value_that_was_not_understood_survives_an_export(make_city):
    """Else it would come in again as one that nobody tested."""
    row = write_row(day="5월", cadmium="<0.01", lead='"6,1"', zinc="-", copper="불검출")
    published = make_city({**lay_trails("a"), "layers/soil.csv": HEAD + row}).published["soil"]
    written = json.loads(published.iloc[0]["as_written"])
    assert written == {"sampled_on": "5월", "lead": "6,1", "zinc": "-"}
    table = restore_cells(published).drop(columns="problem")
    again = make_city({**lay_trails("a"), "layers/soil.csv": table.to_csv(index=False)})
    assert_frame_equal(again.published["soil"], published)


def test_a_bound_that_is_nearer_to_its_limit_than_all_else_is_no_share(make_folder):
    text = read_soil(make_folder, write_row(cadmium="<1", lead=20), lang="en")
    assert "No share of a limit that was understood is above 25.0%" in text
    # A laboratory that cannot see as little as the limit does not say whether it is kept.
    text = read_soil(make_folder, write_row(cadmium="<5", lead=20), lang="en")
    assert "Whether it is over the limit is not known: Cadmium" in text
    text = read_soil(make_folder, write_row(cadmium="<50", lead=220), lang="en")
    assert "Over the limit: Lead, 110.0% of it" in text


@pytest.mark.parametrize(
    ("lead", "words"),
    [
        (701, "Over the limit of every land category: Lead"),
        (401, "Over the limit of land category 1, 2: Lead"),
        (201, "Over the limit of land category 1: Lead"),
        (200, "Share of the limit: not known"),
        ("<900", "Share of the limit: not known"),
    ],
)
@pytest.mark.parametrize("area", ["", "공원"])
def test_what_is_over_limits_is_said_without_a_land_category(make_folder, lead, words, area):
    text = read_soil(make_folder, write_row(lead=lead, area=area), lang="en")
    assert words in text
    assert "The land category is not known" in text


def test_a_page_about_a_day_says_what_was_known_on_it(make_folder, set_clock):
    set_clock("2026-11-26T03:00:00")
    rows = (
        write_row(lead=10, day="2025-05-12"),
        write_row(lead=20),
        write_row(lead=30, day="2026-12-01"),
    )
    for day, shown in (
        ("", "2026년 5월 12일"),
        ("2026-05-12", "2026년 5월 12일"),
        ("2026-05-11", "2025년 5월 12일"),
        ("2025-05-11", "토양 검사 기록이 없습니다"),
        # Nobody has taken a sample on a day that has not come.
        ("2026-12-24", "2026년 5월 12일"),
    ):
        assert shown in read_soil(make_folder, *rows, day=day), day
    set_clock("2026-12-01T03:00:00")
    assert "2026년 12월 1일" in read_soil(make_folder, *rows)


def test_a_sample_of_a_day_that_nobody_knows_stands_beside_the_newest(sample):
    rows = sample(write_row(lead=10), write_row(lead=300, day="언젠가"), write_row(lead=1, day=""))
    assert [(row.day is None, row.values["lead"]) for row in rows] == [
        (True, 300),
        (False, 10),
        (True, 1),
    ]


def test_a_trail_without_a_test_says_so_and_a_city_without_tests_says_nothing(make_folder):
    assert "토양 검사 기록이 없습니다" in read_soil(make_folder, write_row("b", lead=1))
    folder = make_folder(lay_trails("a"), name="other")
    assert 'id="soil"' not in serve(folder).test_client().get("/trails/a").text


def test_what_an_office_writes_is_text(make_folder):
    text = read_soil(make_folder, write_row(lead=1, point="<script>alert(1)</script>"))
    assert "&lt;script&gt;" in text
