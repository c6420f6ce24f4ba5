"""Whether a trail is open on a day: season, status and dated closures."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mapserver.model.status import State, find_season_state, trails_on

ONE_DAY = dt.timedelta(days=1)

days = st.dates(dt.date(1999, 1, 1), dt.date(2040, 12, 31))
month_days = st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31)).map(lambda d: f"{d:%m-%d}")
seasons = st.tuples(month_days, month_days).map("/".join)


def trails(ids: str = "a b", **columns: list[object]) -> gpd.GeoDataFrame:
    """Make trails side by side, half a degree apart."""
    names = ids.split()
    shapes = [
        shapely.LineString([(126 + n / 2, 35), (126.1 + n / 2, 35)]) for n in range(len(names))
    ]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)
    frame.index = pd.Index(names, name="id", dtype="str")
    return frame


def closure(
    trail: str | None = "a",
    first: dt.date | None = None,
    last: dt.date | None = None,
    geometry: shapely.Geometry | None = None,
    reason: str = "공사",
) -> dict[str, object]:
    return {
        "trail_id": trail,
        "from": first,
        "to": last,
        "geometry": geometry,
        "reason_ko": reason,
        "reason_en": "Works" if reason == "공사" else reason,
    }


def table(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame(rows, dtype=object), geometry="geometry", crs=4326)


def states(answer: gpd.GeoDataFrame) -> dict[str, str]:
    return answer["state"].to_dict()


# -- season ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("season", "day", "is_open"),
    [
        ("03-01/11-30", "2026-03-01", True),
        ("03-01/11-30", "2026-11-30", True),
        ("03-01/11-30", "2026-02-28", False),
        ("03-01/11-30", "2028-02-29", False),
        ("03-01/11-30", "2026-12-01", False),
        ("10-01/04-30", "2026-10-01", True),
        ("10-01/04-30", "2026-12-31", True),
        ("10-01/04-30", "2027-01-01", True),
        ("10-01/04-30", "2027-04-30", True),
        ("10-01/04-30", "2027-05-01", False),
        ("10-01/04-30", "2026-09-30", False),
        ("01-01/12-31", "2026-07-01", True),
        ("05-05/05-05", "2026-05-05", True),
        ("05-05/05-05", "2026-05-06", False),
        ("03-01/02-29", "2028-02-29", True),
        ("03-01/02-29", "2026-02-28", True),
        ("02-29/06-30", "2026-02-28", False),
        ("02-29/06-30", "2026-03-01", True),
    ],
)
def test_season_includes_its_first_and_last_day(season: str, day: str, is_open: bool) -> None:
    state = find_season_state(season, dt.date.fromisoformat(day))
    assert state.state is (State.OPEN if is_open else State.CLOSED)


@pytest.mark.parametrize("day", ["2026-12-01", "2026-12-31", "2027-01-01", "2027-02-28"])
def test_winter_closure_runs_over_the_new_year(day: str) -> None:
    state = find_season_state("03-01/11-30", dt.date.fromisoformat(day))
    assert (state.closed_from, state.closed_to) == (dt.date(2026, 12, 1), dt.date(2027, 2, 28))
    assert state.reasons["ko"]
    assert state.reasons["en"]


def test_winter_closure_ends_on_29_february_of_a_leap_year() -> None:
    state = find_season_state("03-01/11-30", dt.date(2027, 12, 24))
    assert state.closed_to == dt.date(2028, 2, 29)


def test_summer_closure_of_a_season_over_the_new_year() -> None:
    state = find_season_state("10-01/04-30", dt.date(2026, 7, 15))
    assert (state.closed_from, state.closed_to) == (dt.date(2026, 5, 1), dt.date(2026, 9, 30))


@pytest.mark.parametrize(
    ("season", "day", "first", "last"),
    [
        ("3~6월, 9~11월", "2026-07-15", "2026-07-01", "2026-08-31"),
        ("3~6월, 9~11월", "2026-12-15", "2026-12-01", "2027-02-28"),
        ("3월 초~11월", "2026-12-15", "2026-12-01", None),
        ("3월~11월 말", "2026-12-15", None, "2027-02-28"),
        ("2026.3.1~6.30, 2026.9.1~11.30", "2026-07-15", "2026-07-01", "2026-08-31"),
    ],
)
def test_a_closure_between_two_seasons_says_the_ends_that_are_known(season, day, first, last):
    state = find_season_state(season, dt.date.fromisoformat(day))
    assert state.state is State.CLOSED
    ends = [end and end.isoformat() for end in (state.closed_from, state.closed_to)]
    assert ends == [first, last]


def test_season_until_29_february_ends_on_the_28th_of_a_common_year() -> None:
    assert find_season_state("10-01/02-29", dt.date(2027, 5, 1)).closed_from == dt.date(2027, 3, 1)


def test_season_from_29_february_begins_in_march_of_a_common_year() -> None:
    assert find_season_state("02-29/06-30", dt.date(2027, 2, 28)).closed_to == dt.date(2027, 2, 28)
    assert find_season_state("02-29/06-30", dt.date(2028, 2, 28)).closed_to == dt.date(2028, 2, 28)


@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_first_and_last_day_of_the_calendar(day: dt.date) -> None:
    assert find_season_state("03-01/11-30", day).state is State.CLOSED
    assert find_season_state("10-01/04-30", day).state is State.OPEN


@given(seasons, days)
@example("02-29/06-30", dt.date(2027, 2, 28))
@example("10-01/02-29", dt.date(2027, 3, 1))
@example("02-01/02-29", dt.date(2028, 3, 1))
def test_closed_days_are_one_run_around_the_day(season: str, day: dt.date) -> None:
    assume(season != "02-29/02-29")  # a season that most years do not have
    state = find_season_state(season, day)
    if state.state is State.OPEN:
        assert state.closed_from is state.closed_to is None
        return
    first, last = state.closed_from, state.closed_to
    assert first is not None
    assert last is not None
    assert first <= day <= last
    for inside in {first, last, first + (last - first) / 2}:
        assert find_season_state(season, inside).closed_to == last
    assert find_season_state(season, first - ONE_DAY).state is State.OPEN
    assert find_season_state(season, last + ONE_DAY).state is State.OPEN


@pytest.mark.slow
@given(seasons, st.integers(1999, 2040))
def test_every_season_opens_on_some_day_of_each_year(season: str, year: int) -> None:
    first = dt.date(year, 1, 1)
    year_days = [first + n * ONE_DAY for n in range((dt.date(year + 1, 1, 1) - first).days)]
    is_leap_day_alone = season == "02-29/02-29" and len(year_days) == 365
    is_open = [find_season_state(season, day).state is State.OPEN for day in year_days]
    assert any(is_open) or is_leap_day_alone


# -- closures ----------------------------------------------------------------------------------


@pytest.mark.slow
@given(days, st.integers(0, 1000), st.integers(-1100, 1100))
def test_closure_holds_from_its_first_to_its_last_day(
    first: dt.date, length: int, offset: int
) -> None:
    last, day = first + length * ONE_DAY, first + offset * ONE_DAY
    answer = trails_on(trails(), table(closure("a", first, last)), day)
    assert (answer.loc["a", "state"] == "closed") == (first <= day <= last)
    assert answer.loc["b", "state"] == "open"


@pytest.mark.slow
@given(st.none() | days, st.none() | days, days)
def test_open_ended_closures(first: dt.date | None, last: dt.date | None, day: dt.date) -> None:
    answer = trails_on(trails(), table(closure("a", first, last)), day)
    holds = (first is None or first <= day) and (last is None or day <= last)
    assert (answer.loc["a", "state"] == "closed") == holds


def test_closure_tells_reason_and_days() -> None:
    first, last = dt.date(2026, 7, 1), dt.date(2026, 7, 31)
    row = trails_on(trails(), table(closure("a", first, last)), first).loc["a"]
    assert (row["reason_ko"], row["reason_en"]) == ("공사", "Works")
    assert (row["closed_from"], row["closed_to"]) == (first, last)


def test_open_trail_has_no_reason_and_no_days() -> None:
    row = trails_on(trails(), None, dt.date(2026, 7, 1)).loc["a"]
    assert (row["state"], row["reason_ko"], row["reason_en"]) == ("open", "", "")
    assert row["closed_from"] is None
    assert row["closed_to"] is None


def test_closure_by_geometry_closes_what_it_touches() -> None:
    across = shapely.box(126.05, 34.9, 126.06, 35.1)
    answer = trails_on(trails(), table(closure(None, geometry=across)), dt.date(2026, 7, 1))
    assert states(answer) == {"a": "closed", "b": "open"}


def test_closure_by_trail_is_not_widened_by_its_geometry() -> None:
    across_b = shapely.box(126.55, 34.9, 126.56, 35.1)
    answer = trails_on(trails(), table(closure("a", geometry=across_b)), dt.date(2026, 7, 1))
    assert states(answer) == {"a": "closed", "b": "open"}


def test_closure_of_an_unknown_trail_may_be_of_any() -> None:
    answer = trails_on(trails(), table(closure("gone")), dt.date(2026, 7, 1))
    assert states(answer) == {"a": "unknown", "b": "unknown"}


def test_closure_of_an_unknown_trail_closes_what_its_geometry_touches() -> None:
    across = shapely.box(126.05, 34.9, 126.06, 35.1)
    answer = trails_on(trails(), table(closure("gone", geometry=across)), dt.date(2026, 7, 1))
    assert states(answer) == {"a": "closed", "b": "open"}


def test_closure_read_as_timestamps() -> None:
    rows = table(closure("a", pd.Timestamp("2026-07-01"), pd.Timestamp("2026-07-31")))
    assert trails_on(trails(), rows, dt.date(2026, 7, 31)).loc["a", "state"] == "closed"
    assert trails_on(trails(), rows, dt.date(2026, 8, 1)).loc["a", "state"] == "open"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_closures_the_one_that_ends_last_is_told(order: int) -> None:
    rows = [
        closure("a", dt.date(2026, 7, 1), dt.date(2026, 7, 10), reason="짧음"),
        closure("a", dt.date(2026, 6, 1), dt.date(2026, 9, 1), reason="긺"),
    ][::order]
    row = trails_on(trails(), table(*rows), dt.date(2026, 7, 5)).loc["a"]
    assert (row["reason_ko"], row["closed_to"]) == ("긺", dt.date(2026, 9, 1))


@pytest.mark.parametrize("order", [1, -1])
def test_closure_without_an_end_ends_last(order: int) -> None:
    rows = [closure("a", reason="무기한"), closure("a", None, dt.date(2030, 1, 1))][::order]
    row = trails_on(trails(), table(*rows), dt.date(2026, 7, 5)).loc["a"]
    assert row["reason_ko"] == "무기한"
    assert row["closed_to"] is None


# -- status, opening day, and what goes before what --------------------------------------------

WINTER, SUMMER = dt.date(2026, 12, 24), dt.date(2026, 7, 1)


@pytest.mark.parametrize(
    ("status", "state"),
    [("open", "open"), ("closed", "closed"), ("planned", "planned"), (None, "open")],
)
def test_status_of_the_register(status: str | None, state: str) -> None:
    answer = trails_on(trails(status=[status, None]), None, SUMMER)
    assert states(answer) == {"a": state, "b": "open"}
    assert bool(answer.loc["a", "reason_ko"]) == (state != "open")


def test_closed_trail_with_a_dated_closure_tells_its_days() -> None:
    rows = table(closure("a", None, dt.date(2026, 9, 1)))
    row = trails_on(trails(status=["closed", None]), rows, SUMMER).loc["a"]
    assert (row["state"], row["closed_to"]) == ("closed", dt.date(2026, 9, 1))


def test_closure_goes_before_season() -> None:
    rows = table(closure("a", SUMMER, dt.date(2027, 12, 31)))
    answer = trails_on(trails(season=["03-01/11-30"] * 2), rows, WINTER)
    assert answer.loc["a", "reason_ko"] == "공사"
    assert answer.loc["b", "closed_to"] == dt.date(2027, 2, 28)


def test_planned_trail_is_not_called_closed() -> None:
    rows = table(closure("a"))
    answer = trails_on(trails(status=["planned", None]), rows, SUMMER)
    assert answer.loc["a", "state"] == "planned"


@pytest.mark.parametrize(
    ("opened", "state"),
    [
        ("2025", "open"),
        ("2026", "unknown"),
        ("2027", "planned"),
        ("2026-06", "open"),
        ("2026-07", "unknown"),
        ("2026-08", "planned"),
        ("2026-07-01", "open"),
        ("2026-07-02", "planned"),
        ("unknown", "unknown"),
        ("2023년", "open"),
        (None, "open"),
    ],
)
def test_trail_is_planned_until_it_opens(opened: str | None, state: str) -> None:
    answer = trails_on(trails(opened=[opened, None]), None, SUMMER)
    assert states(answer) == {"a": state, "b": "open"}


def test_trails_are_not_changed() -> None:
    given_trails = trails(status=["closed", None])
    before = given_trails.copy()
    trails_on(given_trails, table(closure()), SUMMER)
    pd.testing.assert_frame_equal(given_trails, before)


def test_no_trails() -> None:
    nothing = trails("")
    answer = trails_on(nothing, table(closure()), SUMMER)
    assert len(answer) == 0
    assert {"state", "reason_ko", "reason_en", "closed_from", "closed_to"} <= set(answer)
