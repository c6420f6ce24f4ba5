"""Days, periods and seasons as offices write them; what is not surely understood is refused."""

from __future__ import annotations

import datetime as dt
import doctest

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mapserver.text import dates, season_text
from mapserver.text.dates import is_undecided, read_day, read_period
from mapserver.text.season_text import read_season
from mapserver.text.spans import read_span


def is_refused(read, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return True
    return False


days = st.dates(dt.date(2000, 1, 1), dt.date(2069, 12, 31))


@pytest.mark.parametrize("module", [dates, season_text])
def test_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "text",
    [
        *("2027-05-01", "2027-5-1", "2027.5.1", "2027.05.01", "2027.5.1.", "2027. 5. 1."),
        *("2027/05/01", "2027/5/1", "20270501", "20270501.0", "2027년 5월 1일", "2027년5월1일"),
        *("27.5.1", "27. 5. 1.", "'27.5.1", "’27. 5. 1.", "27년 5월 1일"),
        *("2027.5.1(토)", "2027. 5. 1.(토)", "2027-05-01 (토요일)", "2027년 5월 1일 토요일"),
        *("2027-05-01 09:00", "2027-05-01T09:00:00", "2027-05-01 00:00:00", "2027-05-01 24:00"),
        *("2027년 5월 1일 오전 9시", "2027. 5. 1.(토) 14:30", "2027. 5. 1. 오후 2:30"),
        *("２０２７．５．１", " 2027-05-01 ", "1 May 2027", "May 1, 2027", "1st May 2027"),
        *("2027.5.1 개장 예정", "2027년 5월 1일부터", "2027.5.1까지"),
        *("2027-04-30T15:00:00Z", "2027-05-01T14:59:59Z", "2027-05-01T00:00:00+09:00"),
        *("2027-04-30T10:00:00-05:00", "2027-04-30 15:00 UTC", "2027-04-30T15:00:00.000Z"),
        *("2027-05-01 09:00~18:00", "2027.5.1. 9시~18시", "2027.5.1(오전)", "2027.5.1. 종일"),
        *("2027년 5월 1일자", "2027年5月1日", "2027-05-01 09:00-18:00", "2027.5.1(토) 10시"),
        *("2027-05-01T09:00 KST", "2027-04-30T23:00:00+0700", "2027-04-30T17:30:00+02:30"),
    ],
)
def test_a_day_is_read_however_it_is_written(text):
    assert read_day(text) == dt.date(2027, 5, 1)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2027", "2027-01-01", "2027-12-31"),
        ("2027.0", "2027-01-01", "2027-12-31"),
        ("2027년", "2027-01-01", "2027-12-31"),
        ("2027년도", "2027-01-01", "2027-12-31"),
        ("2027년 내", "2027-01-01", "2027-12-31"),
        ("2027-02", "2027-02-01", "2027-02-28"),
        ("2028.02", "2028-02-01", "2028-02-29"),
        ("2027년 5월", "2027-05-01", "2027-05-31"),
        ("2027년 5월 중", "2027-05-01", "2027-05-31"),
        ("2027년 5월 말", "2027-05-16", "2027-05-31"),
        ("2027. 5.", "2027-05-01", "2027-05-31"),
        ("May 2027", "2027-05-01", "2027-05-31"),
        ("2027년 상반기", "2027-01-01", "2027-06-30"),
        ("2027 하반기", "2027-07-01", "2027-12-31"),
        ("2027년 3분기", "2027-07-01", "2027-09-30"),
        ("2027 Q3", "2027-07-01", "2027-09-30"),
        ("2027년 봄", "2027-03-01", "2027-05-31"),
        ("2027년 상반기 예정", "2027-01-01", "2027-06-30"),
        ("'27년 상반기 중", "2027-01-01", "2027-06-30"),
        ("2027년 4/4분기", "2027-10-01", "2027-12-31"),
        ("27년 5월", "2027-05-01", "2027-05-31"),
        ("'27. 5월 중", "2027-05-01", "2027-05-31"),
        ("2027. 5월 말", "2027-05-16", "2027-05-31"),
    ],
)
def test_a_day_written_in_part_is_a_period(text, first, last):
    period = read_period(text)
    assert (str(period.first), str(period.last)) == (first, last)
    assert is_refused(read_day, text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "?", "미정", "5월 중", "5월 1일", "5.1", "봄", "곧", "unknown", "nan", "NaT"),
        *("2027-02-30", "2027-13-01", "2027-00-10", "20270230", "2027.5.0", "0000-01-01"),
        *("05/01/2027", "01.05.2027", "27-05-01", "27/05/01", "99.5.1", "202705", "2027.1"),
        *(
            "46143",
            "46143.0",
            "2027-05-01 25:00",
            "2027-05-01 13:00 pm",
            "2027-05-01x",
            "2027.5.1.5",
        ),
        *(
            "음력 2027.5.1",
            "2027.5.1.(음력)",
            "2027-05-01 09:00-12:00",
            "2027.5.1 22:00~06:00",
            "2027년 5월 1일쯤",
            "2027년 5월경",
            "2027년 13월",
            "2027년 언젠가",
            "2027-05-01/2027-06-01",
        ),
        *("1 May 2 2027", "3000", "12027-05-01", "2027-05-011", "2027-05-01T15:00:00+99:00"),
    ],
)
def test_what_is_not_surely_a_day_is_refused(text):
    assert is_refused(read_period, text)


def test_numbers_of_spreadsheets_are_days_only_where_nothing_else_can_stand():
    assert read_day("46143", is_serial=True) == dt.date(2026, 5, 1)
    assert read_day("46143.375", is_serial=True) == dt.date(2026, 5, 1)
    with pytest.raises(ValueError, match="12345"):
        read_day("12345", is_serial=True)


@given(days)
def test_every_spelling_of_a_day_is_the_same_day(day):
    year, month, number = day.year, day.month, day.day
    spellings = (
        *(f"{day}", f"{day:%Y%m%d}", f"{year}.{month}.{number}", f"{year}/{month:02}/{number:02}"),
        *(f"{year}년 {month}월 {number}일", f"{year % 100:02}. {month}. {number}."),
        *(f"{day:%B} {number}, {year}", f"{day}T23:59:59+09:00"),
    )
    assert {read_day(text) for text in spellings} == {day}


@given(days, st.times(), st.integers(-12, 14))
def test_a_time_with_an_offset_falls_on_the_day_in_korea(day, time, hours):
    zone = dt.timezone(dt.timedelta(hours=hours))
    moment = dt.datetime.combine(day, time.replace(microsecond=0), zone)
    assert read_day(moment.isoformat()) == moment.astimezone(dates.KOREA).date()


@given(st.text(max_size=20) | st.from_regex(r"\A[0-9.\-/~년월일 ]{1,16}\Z"))
@example("2027-05-01T15:00:00-99")
@example("9999-12-31T23:59Z")
@example("²027-05-01")
def test_any_text_is_read_or_refused(text):
    for read in (read_period, read_span, read_season):
        try:
            read(text)
        except ValueError:
            continue


@given(days)
def test_periods_are_written_as_they_are_read(day):
    for text in (f"{day}", f"{day:%Y-%m}", f"{day:%Y}"):
        assert str(read_period(text)) == text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025.7.1~2025.7.31", "2025-07-01", "2025-07-31"),
        ("2025. 7. 1.(화) ~ 2025. 7. 31.(목)", "2025-07-01", "2025-07-31"),
        ("2025.7.1 ~ 7.31", "2025-07-01", "2025-07-31"),
        ("2025.7.1～31일", "2025-07-01", "2025-07-31"),
        ("2025.12.20 ~ 1.31", "2025-12-20", "2026-01-31"),
        ("2025-07-01/2025-07-31", "2025-07-01", "2025-07-31"),
        ("2025-07-01 – 2025-07-31", "2025-07-01", "2025-07-31"),
        ("20250701-20250731", "2025-07-01", "2025-07-31"),
        ("2025.7.1부터 2025.7.31까지", "2025-07-01", "2025-07-31"),
        ("2025년 7월", "2025-07-01", "2025-07-31"),
        ("2025년 7월~8월", "2025-07-01", "2025-08-31"),
        ("2025.7.1", "2025-07-01", "2025-07-01"),
        ("2025.7.1~", "2025-07-01", None),
        ("2025.7.1부터", "2025-07-01", None),
        ("2025.7.1 ~ 별도 공지", "2025-07-01", None),
        ("2025.7.1.~별도 공지 시까지", "2025-07-01", None),
        ("2025.7.1.부터 공사 완료 시까지", "2025-07-01", None),
        ("2025.7.1~무기한", "2025-07-01", None),
        ("2025.7.1 이후", "2025-07-01", None),
        ("2025.7.1.(화) 09:00~18:00", "2025-07-01", "2025-07-01"),
        ("2025.7.1.(화) 09:00 ~ 7.31.(목) 18:00", "2025-07-01", "2025-07-31"),
        ("2025.7.1.(화)~31.(목)", "2025-07-01", "2025-07-31"),
        ("2025.7.1.~7.31.(31일간)", "2025-07-01", "2025-07-31"),
        ("2025-07-01 ~ 2025-07-31 (매일 09:00~18:00)", "2025-07-01", "2025-07-31"),
        ("2025. 7. ~ 8.", "2025-07-01", "2025-08-31"),
        ("~2025.7.31", None, "2025-07-31"),
        ("2025.7.31까지", None, "2025-07-31"),
    ],
)
def test_spans(text, first, last):
    span = read_span(text)
    assert (span.first and str(span.first.first)) == first
    assert (span.last and str(span.last.last)) == last


@pytest.mark.parametrize("text", ["", "~", "7.1~7.31", "미정", "2025.7.1~여름", "2025.7.1~2.30"])
def test_spans_that_are_not_understood_are_refused(text):
    assert is_refused(read_span, text)


@pytest.mark.parametrize("text", ["미정", " 미정 ", "추후 공지", "(미정)", "TBD", "별도 안내시"])
def test_undecided_days(text):
    assert is_undecided(text)


# -- seasons -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("03-01/11-30", "3-1/11-30", "03-01~11-30", "3-1~11-30", "3.1~11.30", "3.1.~11.30."),
        *("3. 1. ~ 11. 30.", "3/1~11/30", "3/1-11/30", "3.1-11.30", "03-01-11-30", "0301~1130"),
        *("3월 1일 ~ 11월 30일", "3월1일~11월30일", "3월 1일부터 11월 30일까지"),
        *("3월 1일-11월 30일", "3월~11월", "3월 ~ 11월", "3월부터 11월까지", "3~11월"),
        *("3-11월", "3월 - 11월", "3월~11월 30일", "3.1～11.30", "3.1〜11.30", "3.1–11.30"),
        *("3.1—11.30", "３．１～１１．３０", "매년 3월~11월", "March to November"),
        *("March - November", "Mar 1 - Nov 30", "1 March – 30 November"),
    ],
)
def test_a_season_is_read_however_it_is_written(text):
    assert str(read_season(text)) == "03-01/11-30"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("5월~9월", "05-01/09-30"),
        ("5월", "05-01/05-31"),
        ("11월~2월", "11-01/02-29"),
        ("11-01/02-28", "11-01/02-28"),
        ("2/29~6/30", "02-29/06-30"),
        ("연중", "01-01/12-31"),
        ("상시 개방", "01-01/12-31"),
        ("Year-round", "01-01/12-31"),
        ("연중(상시)", "01-01/12-31"),
        ("1월~12월", "01-01/12-31"),
        ("2026-03-01/2026-11-30", "2026-03-01/2026-11-30"),
        ("2026.3.1.~11.30.", "2026-03-01/2026-11-30"),
        ("2026년 11월~2월", "2026-11-01/2027-02-28"),
        ("'26.3.1.~'26.11.30.", "2026-03-01/2026-11-30"),
        ("연중무휴(24시간)", "01-01/12-31"),
        ("상시 이용 가능", "01-01/12-31"),
        *(
            (text, "03-01/06-30, 09-01/11-30")
            for text in (
                *("3월~6월, 9월~11월", "3~6월 및 9~11월", "3~6월·9~11월", "3월~6월ㆍ9월~11월"),
                *("3.1~6.30 / 9.1~11.30", "03-01/06-30, 09-01/11-30", "3~11월(7~8월 휴장)"),
                *("12~2월 휴장, 7~8월 휴장", "봄(3~6월), 가을(9~11월)"),
            )
        ),
        *(
            (text, "03-01/11-30")
            for text in (
                *("동절기 휴장(12~2월)", "12~2월(휴장)", "12~2월(동절기 휴장)", "휴장: 12월~2월"),
                *("연중(12~2월 제외)", "연중(동절기 12~2월 휴장)", "3~11월(동절기 휴장)"),
                *("3~11월, 동절기 휴장", "3월~11월(12~2월 휴장)", "3월~11월, 09:00~18:00"),
                *("3~11월 운영, 12~2월 휴장", "운영기간은 3월~11월", "하절기(3~11월)"),
            )
        ),
    ],
)
def test_seasons(text, written):
    assert str(read_season(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "-",
            "?",
            "하절기",
            "여름",
            "5월쯤",
            "봄~가을",
            "미정",
            "계절",
            "2026",
            "03-01",
            "3.1",
        ),
        *("13-01/14-01", "2-30/3-1", "3-0/11-30", "3월~13월", "3~11", "24시간"),
        *("03-01/11-30 / 04-01/10-31", "09:00~18:00"),
        *("2026-03-01/2028-11-30", "2026-11-30/2026-03-01", "2026-03-01/"),
    ],
)
def test_seasons_that_are_not_understood_are_refused(text):
    assert is_refused(read_season, text)


@pytest.mark.parametrize(
    "text",
    [
        *("3~6월, 5~9월", "12~2월, 7~8월 휴장", "3~11월(10~2월 휴장)", "3~11월(하절기 휴장)"),
        *("연중(동절기 휴장)", "3~6월(동절기 휴장), 9~11월", "음력 3월~11월", "3~11월 예정"),
        *("2026.3.1~6.30, 9~11월", "3~11월(우천 시 개방)", "3월 첫째 주~11월", "3,4,5월", "휴장"),
    ],
)
def test_seasons_that_can_be_understood_in_two_ways_are_refused(text):
    assert is_refused(read_season, text)


@pytest.mark.parametrize(
    ("text", "outer", "sure"),
    [
        ("3월 초~11월 말", ("03-01", "11-30"), ("03-15", "11-16")),
        ("3월 중순부터 11월까지", ("03-11", "11-30"), ("03-20", "11-30")),
        ("12월 중순~2월 초", ("12-11", "02-15"), ("12-20", "02-01")),
        ("3월 중순~3월 하순", ("03-11", "03-31"), None),
        *(
            (text, ("03-01", "11-30"), None)
            for text in ("3~11월(우천 시 통제)", "3~11월(월요일 휴장)", "3~11월 ※우천 시 통제")
        ),
        ("연중, 우천 시 통제", ("01-01", "12-31"), None),
    ],
)
def test_a_season_may_be_certain_on_some_of_its_days(text, outer, sure):
    (span,) = read_season(text).spans
    assert (f"{span.first:%m-%d}", f"{span.last:%m-%d}") == outer
    assert (span.sure and tuple(f"{day:%m-%d}" for day in span.sure)) == sure
    assert not read_season(text).is_certain


leap_days = st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31))


@given(leap_days, leap_days)
def test_every_spelling_of_a_season_is_the_same_season(first, last):
    spellings = (
        *(f"{first:%m-%d}/{last:%m-%d}", f"{first:%m-%d} ~ {last:%m-%d}"),
        *(f"{first.month}.{first.day}~{last.month}.{last.day}",),
        *(f"{first.month}/{first.day}-{last.month}/{last.day}",),
        *(f"{first.month}월 {first.day}일 ~ {last.month}월 {last.day}일",),
        *(f"{first:%b} {first.day} to {last:%b} {last.day}",),
    )
    assert {str(read_season(text)) for text in spellings} == {f"{first:%m-%d}/{last:%m-%d}"}
