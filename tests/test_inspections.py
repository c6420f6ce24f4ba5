"""Inspections: what closes a trail, what is to be repaired, and who looked when."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from gpxtext import gpx, track
from hypothesis import given
from hypothesis import strategies as st

from mapserver.drawing.captions import Captions
from mapserver.model.inspected_items import Fault
from mapserver.model.prohibitions import describe_faults, list_prohibited_days
from mapserver.settings import limits
from mapserver.web.pages.checks import describe_checks

ONE_DAY = dt.timedelta(days=1)
HEAD = "trail_id,checked_on,by,item,grade,finding,fixed_on\n"


def day(month, number):
    return dt.date(2026, month, number)


def lay_trails(*ids):
    return {
        f"gpx/{id_}.gpx": gpx(
            track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name=id_)
        )
        for n, id_ in enumerate(ids)
    }


@pytest.fixture
def inspect(make_city):
    """Make a city of the trails a and b with rows of inspections."""

    def make(*rows, **files):
        table = HEAD + "".join(f"{row}\n" for row in rows)
        return make_city({**lay_trails("a", "b"), "layers/inspections.csv": table, **files})

    return make


def state_on(city, date, trail="a"):
    return city.trails_on(date).loc[trail]


def list_states(city, first, last, trail="a"):
    return [
        state_on(city, first + dt.timedelta(days=n), trail)["state"]
        for n in range((last - first).days + 1)
    ]


def test_what_must_not_be_used_is_closed_until_the_day_it_is_fixed(inspect):
    city = inspect("a,2026-11-20,점검반,배수시설,이용금지,토사 유출,2026-11-22")
    # The day on which it is fixed still belongs to the closure: work goes on then.
    assert list_states(city, day(11, 19), day(11, 23)) == ["open", *["closed"] * 3, "open"]
    row = state_on(city, day(11, 21))
    assert (row.closed_from, row.closed_to, row.opens_on) == (day(11, 20), day(11, 22), day(11, 23))
    assert row.reason_ko == "점검 결과 이용금지: 배수시설 (토사 유출)"
    assert row.reason_en == "Closed after an inspection: Drainage (토사 유출)"
    assert set(city.trails_on(day(11, 21)).loc[["b"], "state"]) == {"open"}


def test_what_nobody_has_fixed_stays_closed(inspect):
    city = inspect("a,2026-11-20,,,forbidden,,")
    row = state_on(city, dt.date(2028, 1, 1))
    assert (row.state, row.closed_to, row.opens_on) == ("closed", None, None)
    assert row.reason_en == "Closed after an inspection"


def test_what_is_to_be_repaired_is_said_of_an_open_trail(inspect):
    city = inspect(
        "a,2026-11-20,,배수시설,요수리,물 고임,2026-11-22", "a,2026-11-21,,세족장,repair,,"
    )
    row = state_on(city, day(11, 21))
    assert (row.state, row.reason_ko) == ("open", "")
    assert row.notice_ko == "고칠 곳: 배수시설; 고칠 곳: 세족장"
    assert state_on(city, day(11, 23)).notice_en == "To be repaired: Foot-wash"
    assert state_on(city, day(11, 19)).notice_en == ""
    caption = Captions(city, "ko", day(11, 23)).of("trails")[0]
    assert caption.state_text.endswith("고칠 곳: 세족장")


@pytest.mark.parametrize("grade", ["양호", "요주의", "요수리"])
def test_a_later_look_at_the_same_item_counts(inspect, grade):
    city = inspect("a,2026-11-20,,배수 시설,이용금지,,", f"a,2026-11-24,,배수시설,{grade},,")
    assert list_states(city, day(11, 23), day(11, 24)) == ["closed", "open"]
    assert state_on(city, day(11, 23)).opens_on == day(11, 24)


@pytest.mark.parametrize("item", ["세족장", "", "배수시설(남)"])
def test_a_look_at_something_else_ends_nothing(inspect, item):
    city = inspect("a,2026-11-20,,배수시설,이용금지,,", f"a,2026-11-24,,{item},양호,,")
    assert state_on(city, day(11, 25)).state == "closed"


def test_of_several_rows_of_one_day_the_worst_counts(inspect):
    rows = ("a,2026-11-20,,배수시설,이용금지,,", "a,2026-11-20,,배수시설,양호,,")
    for order in (rows, rows[::-1]):
        assert state_on(inspect(*order), day(11, 21)).state == "closed"


def test_several_items_close_a_trail_until_the_last_is_fixed(inspect):
    city = inspect(
        "a,2026-11-20,,배수시설,이용금지,,2026-11-25", "a,2026-11-21,,난간,이용금지,,2026-11-23"
    )
    assert list_states(city, day(11, 24), day(11, 26)) == ["closed", "closed", "open"]


def test_a_closure_names_all_that_is_wrong_on_its_day(inspect):
    city = inspect(
        "a,2026-11-20,,배수시설,이용금지,물이 고임,2026-11-22",
        "a,2026-11-20,,낙엽,이용금지,물이 고임,",
        "a,2026-11-21,,난간,이용금지,,2026-11-23",
        "a,2026-11-20,,,이용금지,,2026-11-20",
    )
    said = [state_on(city, day(11, number)).reason_ko for number in (20, 21, 22, 23, 24)]
    assert [text.partition(": ")[2] for text in said] == [
        "배수시설, 낙엽 (물이 고임)",
        "배수시설, 낙엽 (물이 고임); 난간",
        "배수시설, 낙엽 (물이 고임); 난간",
        "낙엽 (물이 고임); 난간",
        "낙엽 (물이 고임)",
    ]
    # The days are those of what lasts longest, not of the days on which the same is said.
    ends = {(row.closed_from, row.closed_to) for row in (state_on(city, day(11, 22)),)}
    assert ends == {(day(11, 20), None)}


def test_a_closure_counts_what_it_has_no_room_to_name(inspect):
    count = limits.MAX_NAMED_FAULTS + 3
    city = inspect(*(f"a,2026-11-20,,난간 {n},이용금지,," for n in range(1, count + 1)))
    row = state_on(city, day(11, 21))
    assert row.reason_ko.endswith("난간 12; 그 밖에 3개")
    assert row.reason_en.endswith("난간 12; and 3 more")


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.none() | st.integers(0, 9), st.sampled_from("가나다")),
        max_size=8,
    )
)
def test_each_day_has_the_closure_of_all_that_holds_on_it(drawn):
    first_day = day(11, 1)
    faults = [
        Fault(item, "", "forbidden", first_day + start * ONE_DAY, last)
        for start, length, item in sorted(drawn, key=lambda row: row[0])
        for last in [None if length is None else first_day + (start + length) * ONE_DAY]
    ]
    closures = list_prohibited_days(faults)
    for date in (first_day + n * ONE_DAY for n in range(25)):
        holding = [each for each in faults if each.covers_day(date)]
        said = [
            each.state
            for each in closures
            if each.first_day <= date <= (each.last_day or dt.date.max)
        ]
        assert len(said) == bool(holding)
        for state in said:
            longest = max(holding, key=lambda each: each.last_day or dt.date.max)
            assert (state.closed_from, state.closed_to) == (longest.first_day, longest.last_day)
            assert state.reasons["ko"].endswith(": " + describe_faults(holding, "ko"))


def test_a_trail_on_which_much_is_wrong_takes_no_minutes():
    faults = [
        Fault(f"난간 {n}", "", "forbidden", day(1, 1) + n * ONE_DAY, None) for n in range(20_000)
    ]
    start_s = time.monotonic()
    closures = list_prohibited_days(faults)
    assert len(closures) == 20_000
    assert time.monotonic() - start_s < 30


@pytest.mark.parametrize(
    ("word", "again", "is_ended"),
    [
        ("배수시설", "배수", True),
        ("전체", "", True),
        ("안심 조명", "조명", True),
        ("세족장", "전체", False),
        ("배수시설", "배수시설 (동쪽)", False),
    ],
)
def test_spellings_of_one_item_are_one_item(inspect, word, again, is_ended):
    city = inspect(f"a,2026-11-20,,{word},이용금지,,", f"a,2026-11-21,,{again},양호,,")
    assert state_on(city, day(11, 21)).state == ("open" if is_ended else "closed")


def test_usual_words_are_said_in_the_language_of_the_reader(inspect):
    city = inspect(
        "a,2026-11-20,점검반,배수시설,요수리,막힘,", "b,2026-11-20,홍보반,난간,이용금지,막힘,"
    )
    row = state_on(city, day(11, 21))
    assert (row.notice_ko, row.notice_en) == ("고칠 곳: 배수시설", "To be repaired: Drainage")
    words = {lang: describe_checks(city, lang, day(11, 21)) for lang in ("ko", "en")}
    assert (words["ko"]["a"].by, words["en"]["a"].by) == ("점검반", "Inspection team")
    assert words["en"]["a"].faults[0].what == "Drainage (막힘)"
    # What has no word in another language stays as its office wrote it.
    assert (words["en"]["b"].by, words["en"]["b"].faults[0].what) == ("홍보반", "난간 (막힘)")


def test_looks_that_find_the_same_are_one_closure(inspect):
    city = inspect(
        "a,2026-11-20,,배수시설,이용금지,토사,", "a,2026-11-22,,배수시설,이용금지,,2026-11-24"
    )
    row = state_on(city, day(11, 23))
    assert (row.closed_from, row.closed_to) == (day(11, 20), day(11, 24))
    assert "토사" in row.reason_ko


def test_what_is_fixed_after_a_second_look_is_fixed_for_both(inspect):
    city = inspect(
        "a,2026-11-20,,배수시설,이용금지,,2026-11-24", "a,2026-11-22,,배수시설,이용금지,,"
    )
    assert list_states(city, day(11, 24), day(11, 25)) == ["closed", "open"]


def test_what_is_found_wrong_again_on_the_day_it_was_fixed_stays_closed(inspect):
    city = inspect(
        "a,2026-11-20,,배수시설,이용금지,,2026-11-22", "a,2026-11-22,,배수시설,이용금지,,"
    )
    assert state_on(city, day(11, 25)).state == "closed"


@pytest.mark.parametrize("grade", ["양호", "요주의"])
def test_what_was_repaired_and_forbidden_on_one_day_stays_closed(inspect, grade):
    city = inspect(
        "a,2026-11-20,,배수시설,이용금지,,",
        f"a,2026-11-22,,배수시설,{grade},,2026-11-22",
        "a,2026-11-22,,배수시설,이용금지,다시,",
    )
    assert state_on(city, day(11, 25)).state == "closed"
    # What forbids it and says itself that it was fixed is fixed.
    city = inspect("a,2026-11-22,,배수시설,이용금지,,2026-11-22")
    assert state_on(city, day(11, 25)).state == "open"


CLOSING = "a,2026-11-22,,배수시설,이용금지,앞,"


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        (("a,2026-11-22,,배수시설,이용금지,뒤,2026-11-22", CLOSING), "closed"),
        (("a,2026-11-22,,배수시설,요수리,,2026-11-22", CLOSING), "closed"),
        (("a,2026-11-22,,배수시설,양호,,2026-11-22", CLOSING), "closed"),
        (("a,2026-11-20,,배수시설,이용금지,,2026-11-22", CLOSING), "closed"),
        (("a,2026-11-22,,배수시설,괜찮음,,2026-11-22", CLOSING), "closed"),
        (
            (
                "a,2026-11-22,,배수시설,이용금지,,2026-11-22",
                "a,2026-11-22,,배수시설,요수리,,2026-11-22",
                CLOSING,
            ),
            "closed",
        ),
        # What was found may be anything, so the trail may be closed.
        (
            ("a,2026-11-22,,배수시설,이용금지,,2026-11-22", "a,2026-11-22,,배수 시설,??,,"),
            "unknown",
        ),
    ],
)
def test_a_repair_and_a_closing_look_of_one_day_leave_the_trail_closed(inspect, rows, state):
    for order in (rows, rows[::-1]):
        city = inspect(*order)
        assert list_states(city, day(11, 21), day(11, 24)) in (
            ["open", "closed", state, state],
            ["open", state, state, state],
            ["closed", "closed", state, state],
        )
        assert state_on(city, dt.date(2027, 11, 22)).state == state
        [finding] = [f for f in city.check() if f.code == "inspection-order-unknown"]
        unfixed = next(n for n, row in enumerate(order, 2) if row.endswith(","))
        assert finding.feature == f"line {unfixed}"
        # A later day ends it: a look, or a look that says when it was fixed.
        for later, opens_on in (
            ("a,2026-11-24,,배수시설,양호,,", day(11, 24)),
            ("a,2026-11-24,,배수시설,이용금지,,2026-11-24", day(11, 25)),
        ):
            city = inspect(*order, later)
            assert state_on(city, opens_on - ONE_DAY).state in {"closed", state}
            assert state_on(city, opens_on).state == "open"


def test_rows_of_one_day_that_all_say_that_they_were_fixed_are_fixed(inspect):
    fixed = "a,2026-11-22,,배수시설,이용금지,,2026-11-22"
    for rows in (
        (fixed, fixed),
        (fixed, "a,2026-11-20,,배수시설,이용금지,,"),
        (CLOSING, "a,2026-11-22,,배수시설,이용금지,,2026-11-23"),
        (fixed, CLOSING, "a,2026-11-20,,배수시설,이용금지,,2026-11-23"),
    ):
        city = inspect(*rows)
        assert list_states(city, day(11, 22), day(11, 24)) in (
            ["closed", "open", "open"],
            ["closed", "closed", "open"],
        )
        assert "inspection-order-unknown" not in {finding.code for finding in city.check()}


@pytest.mark.parametrize("grade", ["이용금지", "요수리"])
def test_what_is_to_be_repaired_is_past_when_its_item_was_repaired_on_that_day(inspect, grade):
    rows = (
        f"a,2026-11-22,,배수시설,{grade},,2026-11-22",
        "a,2026-11-22,,배수시설,요수리,물 고임,",
    )
    for order in (rows, rows[::-1]):
        city = inspect(*order)
        assert list_states(city, day(11, 23), day(11, 23)) == ["open"]
        assert state_on(city, day(11, 23)).notice_en == ""


@pytest.mark.parametrize("grade", ["괜찮음", ""])
def test_a_grade_that_nobody_understands_puts_its_trail_in_doubt_until_the_next_look(
    inspect, grade
):
    city = inspect(f"a,2026-11-20,,배수시설,{grade},,", "a,2026-11-22,,배수시설,양호,,")
    assert list_states(city, day(11, 19), day(11, 22)) == ["open", "unknown", "unknown", "open"]
    assert "layers/inspections.csv" in state_on(city, day(11, 20)).reason_ko
    assert state_on(city, day(11, 20), "b").state == "open"


def test_a_day_that_nobody_understands_matters_for_what_may_close_alone(inspect):
    city = inspect("a,어제,,배수시설,이용금지,,2026-11-22", "b,어제,,배수시설,양호,,")
    assert list_states(city, day(11, 22), day(11, 23)) == ["unknown", "open"]
    assert state_on(city, day(1, 1)).state == "unknown"
    assert state_on(city, day(11, 22), "b").state == "open"


@pytest.mark.parametrize("fixed", ["언젠가", "2026-11-19"])
def test_a_day_of_fixing_that_cannot_be_leaves_the_state_unknown(inspect, fixed):
    city = inspect(f"a,2026-11-20,,배수시설,이용금지,,{fixed}")
    assert list_states(city, day(11, 19), day(11, 20)) == ["open", "unknown"]


def test_a_row_without_a_trail_may_be_about_any(inspect):
    city = inspect(",2026-11-20,,배수시설,이용금지,,2026-11-21", ",2026-11-20,,,양호,,")
    for trail in ("a", "b"):
        assert list_states(city, day(11, 19), day(11, 22), trail) == [
            "open",
            "unknown",
            "unknown",
            "open",
        ]


def test_a_trail_that_is_named_nearly_is_in_doubt(inspect):
    city = inspect("A,2026-11-20,,배수시설,이용금지,,")
    row = state_on(city, day(11, 20))
    # Whether its name is close enough to be the trail itself or not, it is not open.
    assert row.state in {"closed", "unknown"}


def test_every_trail_may_be_meant_at_once(inspect):
    city = inspect("전체,2026-11-20,,제설,이용금지,,2026-11-21")
    assert set(city.trails_on(day(11, 20)).state) == {"closed"}


def test_a_row_of_a_day_to_come_counts_from_its_day_on(inspect):
    city = inspect("a,2027-03-02,,배수시설,이용금지,,")
    row = state_on(city, day(11, 20))
    assert (row.state, row.open_until) == ("open", dt.date(2027, 3, 1))
    assert state_on(city, dt.date(2027, 3, 2)).state == "closed"


def test_the_last_look_is_that_of_a_day_with_its_worst_grade(inspect):
    city = inspect(
        "a,2026-11-20,점검반,배수시설,양호,,",
        "a,2026-11-20,점검반,세족장,요수리,,2026-11-21",
        "a,2026-11-24,점검반,배수시설,양호,,",
    )
    checks = city.checks["a"]
    assert checks.find_last_look(day(11, 19)) is None
    assert checks.find_last_look(day(11, 23)).grade == "repair"
    assert checks.find_last_look(day(11, 24)).grade == "good"
    assert [fault.item for fault in checks.list_open_faults(day(11, 21))] == ["세족장"]
    assert checks.list_open_faults(day(11, 22)) == []
    assert city.checks["b"].find_last_look(day(11, 24)) is None


def test_a_city_without_inspections_has_no_checks(make_city):
    city = make_city(lay_trails("a"))
    assert city.checks is None
    assert state_on(city, day(11, 20)).notice_ko == ""


def test_rows_that_reach_no_trail_or_say_what_cannot_be_are_reported(inspect, set_clock):
    set_clock("2026-11-26T03:00:00")
    city = inspect(
        "nowhere,2026-11-20,,,양호,,",
        "nowhere,2026-11-21,,,양호,,",
        "a,2026-12-24,,,양호,,",
        "a,2026-11-20,,난간,요수리,,2026-11-19",
        "b,2026-11-20,,,양호,,2026-11-20",
    )
    findings = {f.code: f for f in city.check() if f.file == "layers/inspections.csv"}
    assert set(findings) == {
        "inspection-unknown-trail",
        "checked-in-the-future",
        "fixed-before-found",
    }
    assert {f.feature for f in findings.values()} == {"line 2", "line 4", "line 5"}
    assert "(2)" in findings["inspection-unknown-trail"].message


def name_trails(**names):
    return {
        f"gpx/{id_}.gpx": gpx(
            track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name=name)
        )
        for n, (id_, name) in enumerate(names.items())
    }


@pytest.mark.parametrize("ledger", ["inspections", "closures"])
@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("금당산", "ab"),  # the beginning of two names
        ("화정공원", "c"),  # short for a name
        ("화종근린공원", "c"),
        ("언독길", "d"),
        ("금당산구간", "ab"),
        ("무등산 옛길", "abcd"),  # near to none: any may be meant
    ],
)
def test_a_name_that_fits_no_trail_leaves_those_in_doubt_that_it_may_mean(
    make_city, ledger, text, unknown
):
    table = (
        f"{HEAD}{text},2026-11-20,,,이용금지,,\n"
        if ledger == "inspections"
        else f"trail_id,from,to\n{text},2026-11-20,\n"
    )
    trails = name_trails(a="금당산 1구간", b="금당산 2구간", c="화정근린공원", d="언덕길")
    city = make_city({**trails, f"layers/{ledger}.csv": table})
    states = city.trails_on(day(11, 21)).state
    assert set(states) <= {"open", "unknown"}
    assert "".join(states.index[states == "unknown"]) == unknown
    assert set(city.trails_on(day(11, 19)).state) == {"open"}
    codes = {finding.code for finding in city.check()}
    assert codes & {"inspection-unknown-trail", "closure-unknown-trail"}


def test_a_good_look_at_a_trail_that_there_is_not_doubts_nothing(inspect):
    city = inspect("무등산 옛길,2026-11-20,,,양호,,", "무등산 옛길,2026-11-20,,난간,요수리,,")
    assert set(city.trails_on(day(11, 20)).state) == {"open"}


def test_of_several_names_one_that_fits_no_trail_may_be_any_other(make_city):
    trails = name_trails(a="금당산길", b="강변길")
    rows = f'{HEAD}"금당산길, 무등산 옛길",2026-11-20,,,이용금지,,\n'
    city = make_city({**trails, "layers/inspections.csv": rows})
    assert list(city.trails_on(day(11, 20)).state) == ["closed", "unknown"]
    (finding,) = [f for f in city.check() if f.code == "inspection-unknown-trail"]
    assert "is it b?" in finding.message
