"""The direct line in figures: hours by two clocks, tables without small counts, and no way back."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mapserver.analysis import direct_line, small_cells, waiting, working_hours
from mapserver.model import status
from mapserver.settings import Settings
from mapserver.web import create_app

SEOUL = ZoneInfo("Asia/Seoul")
NOW = dt.datetime(2026, 11, 26, 12, tzinfo=SEOUL)
NEW_YEAR = pd.DataFrame({"date": [dt.date(2025, 1, 1), dt.date(2026, 1, 1)]})


def moment(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=SEOUL)


def make_requests(*rows):
    """Make a ledger of (received, answered, neighbourhood, category), times as ISO or None."""
    return pd.DataFrame(
        {
            "received": pd.Series([row[0] and moment(row[0]) for row in rows], dtype=object),
            "answered": pd.Series([row[1] and moment(row[1]) for row in rows], dtype=object),
            "neighborhood": [row[2] if len(row) > 2 else None for row in rows],
            "category": [row[3] if len(row) > 3 else None for row in rows],
            "unclear": None,
        },
    ).astype(object)


def measure(received, answered=None, holidays=NEW_YEAR, now=NOW):
    return waiting.measure_answers(
        make_requests((received, answered)), holidays, now=now, zone=SEOUL
    ).iloc[0]


# -- the two clocks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "wall", "working"),
    [
        ("2026-11-20T17:00", "2026-11-22T17:00", "2026-11-24T17:00"),  # Friday
        ("2026-11-21T10:00", "2026-11-23T10:00", "2026-11-24T18:00"),  # Saturday
        ("2026-11-16T09:00", "2026-11-18T09:00", "2026-11-17T18:00"),  # Monday
    ],
)
def test_a_message_is_due_as_the_law_counts_and_as_the_wall_clock_does(received, wall, working):
    second = dt.timedelta(seconds=1)
    for clock, due in (("wall", moment(wall)), ("working", moment(working))):
        in_time = measure(received, due.replace(tzinfo=None).isoformat())
        late = measure(received, (due + second).replace(tzinfo=None).isoformat())
        assert (in_time[clock], late[clock]) == ("in time", "late")


def test_holidays_and_lunch_have_no_working_time():
    holidays = pd.DataFrame({"date": [dt.date(2026, 11, 23)]})
    row = measure("2026-11-20T17:00", "2026-11-25T13:30", holidays)
    assert row.working_h == 1 + 8 + 3.5
    assert measure("2026-11-24T12:10", "2026-11-24T12:50", holidays).working_h == 0


def test_a_message_without_an_answer_is_late_once_it_is_due_and_pending_before():
    assert measure("2026-11-20T17:00", now=moment("2026-11-23T09:00")).wall == "late"
    assert measure("2026-11-20T17:00", now=moment("2026-11-23T09:00")).working == "pending"
    assert measure("2026-11-20T17:00", now=moment("2026-11-22T16:00")).wall == "pending"
    assert np.isnan(measure("2026-11-20T17:00").wall_h)


def test_without_the_holidays_of_a_year_its_working_time_is_unknown():
    row = measure("2026-12-31T17:00", "2027-01-04T10:00", now=moment("2027-02-01T00:00"))
    assert (row.wall, row.working, row.missing_holidays) == ("late", "unknown", "2027")
    assert np.isnan(row.working_h)
    assert measure("2026-12-31T17:00", "2026-12-31T17:30").working == "in time"
    assert measure("2026-11-20T17:00", "2026-11-20T17:30", None).working == "unknown"


def test_an_answer_that_was_not_understood_is_neither_late_nor_in_time():
    requests = make_requests(("2026-11-02T09:00", None)).assign(unclear="not a time")
    row = waiting.measure_answers(requests, NEW_YEAR, now=NOW, zone=SEOUL).iloc[0]
    assert (row.wall, row.working) == ("unknown", "unknown")
    assert measure("2026-11-02T09:00", "2026-11-01T09:00").wall == "unknown"


@given(st.integers(0, 40 * 24 * 60), st.integers(0, 20 * 24 * 60), st.sets(st.integers(0, 60)))
def test_working_hours_are_those_counted_minute_by_minute(start_min, length_min, off):
    start = dt.datetime(2026, 1, 1) + dt.timedelta(minutes=start_min)  # noqa: DTZ001 -- local
    end = start + dt.timedelta(minutes=length_min)
    holidays = {dt.date(2026, 1, 1) + dt.timedelta(days=day) for day in off}

    def is_working(minute):
        return (
            minute.weekday() < 5
            and minute.date() not in holidays
            and (9 <= minute.hour < 12 or 13 <= minute.hour < 18)
        )

    counted = sum(is_working(start + dt.timedelta(minutes=m)) for m in range(length_min))
    times = np.array([start, end], "datetime64[s]")
    hours = working_hours.measure_working_hours(times[:1], times[1:], holidays)[0]
    assert hours * 60 == pytest.approx(counted)
    # The due moment is the first at which 16 hours have passed.
    due = working_hours.add_working_hours(times[:1], 16, holidays)
    hours = working_hours.measure_working_hours(
        np.repeat(times[:1], 2), np.array([due[0], due[0] - 1]), holidays
    )
    assert hours[0] == 16 > hours[1]


# -- what is published ---------------------------------------------------------------------------


def publish(requests, holidays=NEW_YEAR, now=NOW, areas=(), k=5):
    return direct_line.publish(requests, holidays, areas, now=now, zone=SEOUL, smallest_count=k)


def repeat(count, received, hours=1, name="가동", category="길"):
    answered = (moment(received) + dt.timedelta(hours=hours)).replace(tzinfo=None).isoformat()
    return [(received, answered, name, category)] * count


LATER = [("2026-11-20T10:00", None, "가동", "길")]


def find(rows, **keys):
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    return rows.iloc[0]


def test_a_month_has_its_number_its_shares_and_its_medians():
    rows = [*repeat(6, "2026-10-05T10:00"), *repeat(2, "2026-10-12T10:00", 50), *LATER]
    month = find(publish(make_requests(*rows)), table="month")
    assert (month.period, month.requests, month.share_48h, month.median_h) == (
        *("2026-10", 8, 0.75, 1.0),
    )
    # 50 hours from Monday at 10 end on Wednesday at noon: late by either clock.
    assert (month.share_working, month.median_working_h) == (0.75, 1.0)


def test_small_counts_are_hidden_with_a_partner_and_zero_stays_zero():
    rows = [
        *repeat(20, "2026-10-05T10:00", name="가동"),
        *repeat(3, "2026-10-05T10:00", name="나동"),
        *repeat(9, "2026-10-05T10:00", name="다동"),
        *LATER,
    ]
    table = publish(make_requests(*rows), areas=["가동", "나동", "다동", "라동"])
    cells = table[table["table"] == "neighborhood"].set_index("neighborhood")
    assert list(cells.hidden) == ["", "small", "partner", ""]
    assert cells.requests.isna().tolist() == [False, True, True, False]
    assert cells.requests["라동"] == 0
    assert cells.loc[["나동", "다동"], ["share_48h", "median_h"]].isna().all(axis=None)


def test_shares_need_as_many_messages_as_counts_do():
    table = publish(make_requests(*repeat(4, "2026-10-05T10:00"), *LATER))
    assert table["hidden"].tolist() == ["small", "withheld", "withheld"]
    assert table[["requests", "share_48h", "median_h"]].isna().all(axis=None)


def test_a_month_is_published_once_all_of_it_is_due_and_the_ledger_tells_its_end():
    october = repeat(9, "2026-10-05T10:00")
    assert publish(make_requests(*october)).empty  # the ledger may have been written on 5 October
    assert not publish(make_requests(*october, *LATER)).empty
    assert publish(make_requests(*october, *LATER), now=moment("2026-11-03T12:00")).empty


def test_a_year_is_published_when_it_is_over():
    rows = [*repeat(9, "2025-12-05T10:00"), *repeat(9, "2026-10-05T10:00"), *LATER]
    table = publish(make_requests(*rows))
    assert set(table["period"][table["table"] == "neighborhood_category"]) == {"2025"}


@pytest.mark.parametrize("last", ["2025-11-05T10:00", "2025-02-05T10:00"])
def test_a_year_in_whose_december_nobody_wrote_is_published_when_it_is_over(last):
    rows = [*repeat(9, "2025-01-05T10:00"), *repeat(9, last)]
    # Whether the ledger was kept until the end of the year only a later row can tell.
    assert "2025" not in set(publish(make_requests(*rows))["period"])
    early = [("2026-01-02T10:00", "2026-01-02T11:00", "가동", "길")]
    assert "2025" not in set(publish(make_requests(*rows, *early))["period"])
    table = publish(make_requests(*rows, *LATER))
    year = find(table, period="2025", table="year")
    assert (year.requests, year.first_month) == (18, "2025-01")
    assert "2025-12" not in set(table["period"])


def test_names_that_stand_in_few_rows_are_not_repeated():
    rows = [
        *repeat(9, "2026-10-05T10:00"),
        *repeat(2, "2026-10-05T10:00", category="김씨 댁"),
        *LATER,
    ]
    table = publish(make_requests(*rows))
    assert "김씨 댁" not in set(table["category"])
    assert table["hidden"][table["table"] == "category"].tolist() == ["partner", "small"]


def test_rows_that_are_in_no_month_make_no_name_a_common_one():
    october = repeat(9, "2026-10-05T10:00")
    bad = [(None, None, "가동", "김씨 댁")] * 5
    # Messages of a month that is not complete yet would be lines of noughts in those that are.
    open_month = [("2026-11-20T10:00", None, "나동", "박씨 댁")] * 5
    table = publish(make_requests(*october, *bad, *open_month, *LATER))
    assert set(table["category"].dropna()) == {"길"}
    assert set(table["neighborhood"].dropna()) == {"가동"}
    names = direct_line.name_lines(make_requests(*october, *bad), [], 5)
    assert set(names["category"]) == {"길", ""}


def test_a_year_says_with_which_month_it_begins():
    rows = [*repeat(9, "2025-09-05T10:00"), *repeat(9, "2025-12-05T10:00"), *LATER]
    table = publish(make_requests(*rows))
    assert set(table["first_month"][table["period"] == "2025"]) == {"2025-09"}
    assert set(table["first_month"][table["period"] == "2025-12"]) == {""}
    # Where the ledger tells of the year before, a January without a message is one.
    table = publish(make_requests(*repeat(9, "2024-12-05T10:00"), *rows))
    assert set(table["first_month"][table["period"] == "2025"]) == {"2025-01"}


def test_missing_holidays_are_named_and_leave_the_wall_clock():
    rows = [*repeat(9, "2026-10-05T10:00"), *LATER]
    month = find(publish(make_requests(*rows), NEW_YEAR.iloc[:1]), table="month")
    assert month.missing_holidays == "2026"
    assert month.share_48h == 1
    assert np.isnan(month.share_working)


# -- no way back ---------------------------------------------------------------------------------


class Attack:
    """Whoever reads all that is published, and knows the rule by which cells are hidden.

    The unknowns are the counts by neighbourhood, category and month. Every published number is an
    equation about their sums, every mark an inequality; the bounds of a hidden cell are found by
    linear programming.
    """

    def __init__(self, table, names, categories, months, k):
        self.shape = (len(names), len(categories), len(months))
        self.places = [names, categories, months]
        self.equal, self.most = [], []
        for row in table.itertuples():
            self.learn(self.sum_up(row), row, k)

    def sum_up(self, row):
        counts = np.zeros(self.shape)
        names, categories, months = self.places
        counts[
            names.index(row.neighborhood) if row.neighborhood is not None else slice(None),
            categories.index(row.category) if row.category is not None else slice(None),
            [position for position, month in enumerate(months) if month.startswith(row.period)],
        ] = 1
        return counts.ravel()

    def learn(self, terms, row, k):
        if row.hidden == "":
            self.equal.append((terms, row.requests))
        elif row.hidden == "small":
            self.most += [(terms, k - 1), (-terms, -1)]
        elif row.hidden == "partner":
            self.most.append((-terms, -k))

    def find_bounds(self, terms):
        options = {
            "A_eq": np.array([row for row, _ in self.equal]) if self.equal else None,
            "b_eq": np.array([float(sum_) for _, sum_ in self.equal]) if self.equal else None,
            "A_ub": np.array([row for row, _ in self.most]) if self.most else None,
            "b_ub": np.array([float(sum_) for _, sum_ in self.most]) if self.most else None,
        }
        ends = [linprog(sign * terms, **options) for sign in (1, -1)]
        assert all(end.success for end in ends)
        return ends[0].fun, -ends[1].fun


def make_random(seed, mean, kind="uneven", size=(5, 3, 12)):
    """Make a year of messages at random.

    ``uneven``: neighbourhoods and categories of very unequal size. ``even``: of nearly equal size,
    so that the year is shown beside months with hidden counts. ``rare``: categories that come up in
    few months and neighbourhoods, so that the year has small counts where the months have none.
    """
    random = np.random.default_rng(seed)
    skew = 0.7 if kind == "uneven" else 8
    names = random.gamma(skew, 1 / skew, size[0])[:, None, None]
    means = mean * names * random.gamma(skew, 1 / skew, size[1])[None, :, None]
    if kind == "rare":
        means = means * random.gamma(0.4, 2.5, size[:2])[:, :, None]
        means = 8 * means * (random.random(size[1:]) < 0.2)[None]
        means[:, 0] = 20
    counts = random.poisson(np.broadcast_to(means, size))
    rows = [
        row
        for (name, category, month), count in np.ndenumerate(counts)
        for row in repeat(
            count, f"2025-{month + 1:02d}-05T10:00", 1, f"동{name}", f"분류{category}"
        )
    ]
    return make_requests(*rows, ("2026-02-20T10:00", None, "동0", "분류0"))


def attack_hidden(requests, k=5, areas=5):
    """Return the bounds that an attack finds of each small count."""
    table = publish(requests, areas=[f"동{n}" for n in range(areas)], k=k)
    names = list(dict.fromkeys(table["neighborhood"].dropna()))
    categories = list(dict.fromkeys(table["category"].dropna()))
    months = list(table["period"][table["table"] == "month"])
    attack = Attack(table, names, categories, months, k)
    small = table[table["hidden"] == "small"]
    return [attack.find_bounds(attack.sum_up(row)) for row in small.itertuples()], table


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from([("uneven", 0.3), ("uneven", 3), ("even", 2), ("even", 3), ("rare", 1)]),
    st.sampled_from([3, 5]),
)
def test_no_hidden_count_can_be_computed_from_all_that_is_published(seed, kind, k):
    bounds, _ = attack_hidden(make_random(seed, kind[1], kind[0]), k)
    assert all(low <= 1 + 1e-6 and high >= k - 1 - 1e-6 for low, high in bounds)


@pytest.mark.parametrize(
    ("seed", "mean", "kind", "is_yearly"), [(1, 3, "even", False), (3, 1, "rare", True)]
)
def test_a_year_beside_its_months_reveals_nothing(seed, mean, kind, is_yearly):
    bounds, table = attack_hidden(make_random(seed, mean, kind))
    yearly = table[table["table"] == "neighborhood_category"]
    assert (yearly["hidden"] == "").any()
    assert (yearly["hidden"] == "small").any() == is_yearly
    assert bounds
    assert all(low <= 1 + 1e-6 and high >= 4 - 1e-6 for low, high in bounds)


def test_the_attack_finds_what_is_hidden_alone(monkeypatch):
    def hide_alone(counts, k, *_):
        return np.where((counts > 0) & (counts < k), "small", "").astype("<U8")

    monkeypatch.setattr(direct_line, "hide_in_line", hide_alone)
    rows = [*repeat(20, "2026-10-05T10:00"), *repeat(3, "2026-10-05T10:00", name="나동"), *LATER]
    table = publish(make_requests(*rows), areas=["가동", "나동"])
    attack = Attack(table, ["가동", "나동"], ["길"], ["2026-10"], 5)
    hidden = next(table[table["hidden"] == "small"].itertuples())
    assert attack.find_bounds(attack.sum_up(hidden)) == pytest.approx((3, 3))


def test_a_year_protects_its_small_cells_by_rectangles():
    counts = np.full((4, 3, 12), 2)
    counts[0, 0] = [1, 1, 1, *[0] * 9]
    marks = small_cells.hide_in_table(counts, 5, (), ())
    assert marks[0, 0] == "small"
    assert sorted(marks[marks != ""]) == ["partner"] * 3 + ["small"]


# -- the city's page and answers -----------------------------------------------------------------

LEDGER = "received,answered,neighborhood,category\n" + "".join(
    f"2026-{month:02d}-0{day} 10:00,2026-{month:02d}-0{day} 1{hour}:00,{name},{kind}\n"
    for month in (9, 10)
    for day in range(1, 9)
    for hour, name, kind in ((1, "가동", "길"), (2, "나동", "<b>길</b>"), (3, "가동", "길"))
)
LEDGER += "2026-10-09 10:00,,다동,길\n2026-11-20 09:00,,가동,길\n"


@pytest.fixture
def ask(make_folder, monkeypatch):
    """Serve a city with messages, on a day, and ask it."""
    monkeypatch.setattr(status, "today", lambda _zone: dt.date(2026, 11, 26))

    def serve(files=None):
        folder = make_folder({})
        for name, text in (files or {"requests": LEDGER, "holidays": "date\n2026-01-01\n"}).items():
            (folder / "layers").mkdir(exist_ok=True)
            (folder / "layers" / f"{name}.csv").write_text(text, encoding="utf-8")
        return create_app(Settings(city=folder)).test_client()

    return serve


def test_the_answer_has_every_table_and_hides_what_is_small(ask):
    answer = ask().get("/api/statistics/requests").json
    assert [row["month"] for row in answer["months"]] == ["2026-09", "2026-10"]
    assert answer["months"][1]["requests"] == 25
    assert answer["months"][1]["share_48h"] == 0.96
    october = [row for row in answer["neighborhoods"] if row["month"] == "2026-10"]
    assert {row["neighborhood"]: (row["requests"], row["suppressed"]) for row in october} == {
        "가동": (16, False),
        "나동": (None, True),
        None: (None, True),
    }
    assert answer["smallest_count"] == 5
    assert answer["years"] == []


def test_the_page_says_both_clocks_and_no_small_number(ask):
    client = ask()
    page = client.get("/statistics?lang=ko").text
    assert "48시간 안" in page
    assert "근무 16시간 안" in page
    assert "5 미만" in page
    assert "&lt;b&gt;길&lt;/b&gt;" in page
    assert "<b>길</b>" not in page
    assert client.get("/statistics?lang=en").status_code == 200
    assert "under 5" in client.get("/statistics?lang=en").text


def test_missing_holidays_are_said_on_the_page(ask):
    client = ask({"requests": LEDGER})
    assert "2026년 공휴일 자료가 없어" in client.get("/statistics?lang=ko").text
    month = client.get("/api/statistics/requests").json["months"][0]
    assert (month["share_48h"], month["share_working"], month["missing_holidays"]) == (
        1,
        None,
        "2026",
    )


def test_the_table_of_figures_is_for_spreadsheets(ask):
    client = ask({"requests": LEDGER.replace("<b>길</b>", "=길")})
    for address in ("/statistics.csv", "/api/statistics/requests?f=csv"):
        text = client.get(address).data.decode("utf-8-sig")
        assert text.startswith("period,table,neighborhood,category,requests,hidden,")
        assert ",'=길,8," in text


def test_a_city_without_messages_has_no_such_page(ask):
    client = ask({"holidays": "date\n2026-01-01\n"})
    for address in ("/statistics", "/statistics.csv", "/api/statistics/requests"):
        assert client.get(address).status_code == 404
    assert "statistics" not in client.get("/districts/").text


def test_the_smallest_count_is_set_in_the_catalogue(make_folder):
    folder = make_folder({})
    (folder / "layers").mkdir(exist_ok=True)
    (folder / "layers" / "requests.csv").write_text(LEDGER, encoding="utf-8")
    (folder / "layers" / "catalog.toml").write_text("smallest_count = 26\n", encoding="utf-8")
    month = create_app(Settings(city=folder)).test_client().get("/api/statistics/requests").json
    assert [row["requests"] for row in month["months"]] == [None, None]


def test_the_board_leads_to_the_figures(sample_app):
    page = sample_app.test_client().get("/board?lang=ko").text
    assert "48시간 안에 답했습니다" in page
    assert 'href="statistics?lang=ko"' in page
