"""Published months are frozen: they stay as they came out, and no later table undoes the hiding."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from gpxtext import gpx, track
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_direct_line import (
    LEDGER,
    NEW_YEAR,
    NOW,
    SEOUL,
    Attack,
    make_random,
    make_requests,
    moment,
    repeat,
)

import mapserver
from mapserver.analysis import direct_line, frozen_months
from mapserver.analysis.city_messages import tabulate_messages
from mapserver.commands.cli import main
from mapserver.errors import DataError
from mapserver.model import FROZEN, read_frozen, status, write_figure
from mapserver.readers.csv_text import read_table
from mapserver.readers.register import read_ledger_rows
from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web.pages.site import Site
from mapserver.web.pages.statistics import describe_latest_month
from mapserver.writers.published_file import append_published

NAMES = ["가동", "나동", "다동", "라동"]
TODAY = dt.date(2026, 11, 26)
LATE = "2026-10-12 10:00,,나동,길\n"


@pytest.fixture
def folder(make_folder, monkeypatch):
    """Make a city with messages of two complete months, on a day after them."""
    monkeypatch.setattr(status, "today", lambda _zone: TODAY)
    files = {"layers/requests.csv": LEDGER, "layers/holidays.csv": "date\n2026-01-01\n"}
    files |= {"gpx/hill.gpx": gpx(track([(126.85, 35.14), (126.86, 35.15)]))}
    return make_folder(files)


def run(folder, *words, command="publish"):
    return CliRunner().invoke(main, [command, "--city", str(folder), "--lang", "en", *words])


def get_file(folder) -> Path:
    return folder / "layers" / "published.csv"


def append(folder, text):
    with (folder / "layers" / "requests.csv").open("a", encoding="utf-8") as file:
        file.write(text)


def tabulate(folder):
    figures = tabulate_messages(mapserver.open_city(folder))
    return figures.drop(columns=["standing", "published_on"])


# -- the command ---------------------------------------------------------------------------------


def test_complete_months_are_written_as_they_are_shown_and_said(folder):
    before = tabulate(folder)
    result = run(folder)
    assert result.exit_code == 0, result.output
    assert "2026-09: messages: 24, cells: 5, of which hidden: 0" in result.output
    assert "2026-10: messages: 25" in result.output
    city = mapserver.open_city(folder)
    assert sorted(city.frozen.cells) == ["2026-09", "2026-10"]
    pd.testing.assert_frame_equal(tabulate(folder), before)
    figures = tabulate_messages(city)
    assert set(figures["standing"]) == {"frozen"}
    assert set(figures["published_on"]) == {"2026-11-26"}
    assert not [f for f in city.findings if "published" in f.file]


def test_nothing_is_written_where_nothing_is_new(folder):
    run(folder)
    first, written = get_file(folder).read_bytes(), get_file(folder).stat().st_mtime_ns
    result = run(folder)
    assert result.exit_code == 0
    assert "nothing is to be published" in result.output
    assert (get_file(folder).read_bytes(), get_file(folder).stat().st_mtime_ns) == (first, written)


def test_a_dry_run_writes_nothing_and_says_the_same(folder):
    result = run(folder, "--dry-run")
    assert "2026-10: messages: 25" in result.output
    assert "nothing was written (--dry-run)" in result.output
    assert not get_file(folder).exists()


def test_a_later_month_is_added_below_and_what_was_there_stays_byte_for_byte(folder):
    run(folder)
    first = get_file(folder).read_bytes()
    append(folder, LATE + "2026-11-21 09:00,,가동,길\n" * 9 + "2026-12-20 09:00,,가동,길\n")
    status.today = lambda _zone: dt.date(2026, 12, 21)  # the fixture puts it back
    assert "2026-11: messages: 10" in run(folder).output
    assert get_file(folder).read_bytes().startswith(first)
    assert sorted(mapserver.open_city(folder).frozen.cells) == ["2026-09", "2026-10", "2026-11"]


def test_a_month_is_never_written_a_second_time(folder):
    run(folder)
    rows = mapserver.open_city(folder).ledgers["published"]
    with pytest.raises(DataError, match="2026-09 has been published before"):
        append_published(get_file(folder), rows, rows[rows["period"] == "2026-09"])


def test_a_city_without_messages_has_nothing_to_publish(make_folder):
    result = run(make_folder({"layers/holidays.csv": "date\n2026-01-01\n"}))
    assert result.exit_code == 1
    assert "no messages of the direct line" in result.output


def test_made_up_messages_are_published_as_such(folder):
    ledger = folder / "layers" / "requests.csv"
    lines = ledger.read_text("utf-8").splitlines()
    ledger.write_text("\n".join([lines[0] + ",sample", *(f"{x},yes" for x in lines[1:])]), "utf-8")
    assert "made up" in run(folder).output
    ledger.unlink()
    client = create_app(Settings(city=folder)).test_client()
    assert client.get("/api/statistics/requests").json["sample"] is True


def test_add_does_not_write_what_publish_alone_writes(folder):
    run(folder)
    first = get_file(folder).read_bytes()
    result = run(folder, str(get_file(folder)), "--as", "published", "--replace", command="add")
    assert result.exit_code == 2
    assert "written by mapserver publish alone" in result.output
    assert get_file(folder).read_bytes() == first


# -- what is frozen stays ------------------------------------------------------------------------


def test_rows_that_come_late_change_no_published_month(folder):
    run(folder)
    before = tabulate(folder)
    append(folder, LATE * 7)
    pd.testing.assert_frame_equal(tabulate(folder), before)
    get_file(folder).unlink()
    assert not tabulate(folder).equals(before)


def test_what_was_published_stays_without_its_ledger(folder):
    run(folder)
    before = tabulate(folder)
    (folder / "layers" / "requests.csv").unlink()
    pd.testing.assert_frame_equal(tabulate(folder), before)
    client = create_app(Settings(city=folder)).test_client()
    assert client.get("/statistics").status_code == 200


def test_each_month_keeps_the_smallest_count_that_it_was_published_with(folder):
    run(folder)
    (folder / "layers" / "catalog.toml").write_text("smallest_count = 26\n", "utf-8")
    months = tabulate(folder)
    months = months[months["table"] == "month"]
    assert months["requests"].tolist() == [24, 25]
    assert set(months["smallest_count"]) == {5}


# -- a damaged file ------------------------------------------------------------------------------


def damage(folder, old, new, count=1):
    text = get_file(folder).read_text("utf-8-sig")
    assert old in text
    get_file(folder).write_text(text.replace(old, new, count), "utf-8-sig")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-10,month,,,25,", "2026-10,month,,,26,"),
        ("2026-10,neighborhood,나동,,,partner", "2026-10,neighborhood,나동,,8,"),
        ("2026-10,month,,,25,,0.96", "2026-10,month,,,25,,0.97"),
        ("2026-10,month,,,25,", "2026-10,month,,,,"),
    ],
)
def test_a_month_that_is_not_as_it_was_published_is_unknown_and_named(folder, old, new):
    run(folder)
    damage(folder, old, new)
    city = mapserver.open_city(folder)
    (finding,) = [f for f in city.findings if f.file == "layers/published.csv"]
    assert finding.feature == "line 8"
    assert "2026-10" in finding.message
    assert finding.mend
    figures = tabulate_messages(city).set_index("period")
    assert figures.loc["2026-10", "hidden"] == "unknown"
    assert pd.isna(figures.loc["2026-10", "requests"])
    assert set(figures.loc["2026-09", "standing"]) == {"frozen"}
    result = run(folder)
    assert result.exit_code == 1
    assert "nothing is added to it" in result.output


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("period,table", "period,who", "layer-unreadable"),
        ("smallest_count,", "people,", "layer-unreadable"),
        ("2026-10,month,,,25,", "2026-10,month,25,", "row-shape"),
        ("2026-10,month,,,25,", "Oct-26,month,,,25,", "bad-value"),
    ],
)
def test_where_a_row_cannot_be_read_no_month_is_computed_in_its_place(folder, old, new, code):
    run(folder)
    damage(folder, old, new)
    damage(folder, "2026-10,", "2026-8,", -1) if code == "bad-value" else None
    city = mapserver.open_city(folder)
    findings = [f for f in city.findings if f.file == "layers/published.csv"]
    assert code in {f.code for f in findings}
    assert all(f.mend for f in findings)
    figures = tabulate_messages(city)
    assert set(figures["standing"][figures["period"] == "2026-10"]) == {"unknown"}
    assert "provisional" not in set(figures["standing"])
    assert run(folder).exit_code == 1


@pytest.mark.parametrize("k", ["1", "five", "", "2.5", "101"])
def test_a_smallest_count_that_is_none_makes_its_month_unknown(folder, k):
    run(folder)
    text = get_file(folder).read_text("utf-8-sig")
    lines = [
        line.replace(",5,2026-11-26", f",{k},2026-11-26") if line.startswith("2026-09") else line
        for line in text.splitlines()
    ]
    get_file(folder).write_text("\n".join(lines), "utf-8-sig")
    city = mapserver.open_city(folder)
    assert city.frozen.unknown == {"2026-09"}
    (finding, *_) = [f for f in city.findings if "smallest_count" in f.message]
    assert (finding.file, finding.feature) == ("layers/published.csv", "line 2")


def test_a_file_that_was_sorted_and_saved_by_a_spreadsheet_is_as_it_was(folder):
    append(folder, "2026-10-09 10:00,,라동,=길\n" * 6)
    run(folder)
    before = tabulate(folder)
    header, *lines = get_file(folder).read_text("utf-8-sig").splitlines()
    assert ",0.94," in get_file(folder).read_text("utf-8-sig")
    text = "\n".join([header, *sorted(lines, reverse=True)]).replace(",0.94,", ",0.940,")
    get_file(folder).write_text(text, "utf-8")
    city = mapserver.open_city(folder)
    assert not city.frozen.unknown
    assert city.frozen.is_whole, city.findings
    keys = ["period", "table", "neighborhood", "category"]
    after = tabulate(folder).sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(after, before.sort_values(keys, ignore_index=True))


@pytest.fixture
def year_folder(folder):
    """Make a city whose ledger was begun in September of a year that is over."""
    rows = [*repeat(9, "2025-09-05T10:00"), *repeat(9, "2025-12-05T10:00")]
    text = "".join(f"{','.join(row)}\n" for row in rows)
    ledger = f"received,answered,neighborhood,category\n{text}2026-02-20 10:00,,가동,길\n"
    (folder / "layers" / "requests.csv").write_text(ledger, "utf-8")
    return folder


def test_a_part_of_a_year_is_published_as_a_part_and_stays_one(year_folder):
    said = run(year_folder)
    assert "it begins with 2025-09" in said.output, said.output
    # Months that come in later were no part of what was published.
    append(year_folder, "2025-03-05 10:00,,가동,길\n" * 9)
    run(year_folder)
    table = tabulate(year_folder)
    assert set(table["first_month"][table["period"] == "2025"]) == {"2025-09"}
    assert "2025-03" in set(table["period"])
    client = get_client(year_folder)
    page = client.get("/statistics?lang=ko").text
    assert "2025년 9월부터 · " in page
    assert "한 해 전체가 아닙니다" in page
    (year,) = client.get("/api/statistics/requests").json["years"]
    assert (year["year"], year["first_month"]) == ("2025", "2025-09")


def sum_as_before(part):
    rows = sorted(json.dumps(row, ensure_ascii=False) for row in part.to_numpy().tolist())
    return f"sha256:{hashlib.sha256(chr(10).join(rows).encode()).hexdigest()[:32]}"


def test_a_year_that_came_out_before_it_said_where_it_begins_is_read_as_it_was(year_folder):
    run(year_folder)
    city = mapserver.open_city(year_folder)
    # As it was written then: no such column, and sums that do not know of it.
    names = [name for name in FROZEN.columns if name not in {"first_month", "checksum"}]
    rows = city.ledgers[FROZEN.id][names].map(write_figure)
    parts = [part.assign(checksum=sum_as_before(part)) for _, part in rows.groupby("period")]
    old = pd.concat(parts)
    old.to_csv(get_file(year_folder), index=False, encoding="utf-8-sig")
    city = mapserver.open_city(year_folder)
    assert not [f for f in city.findings if "published" in f.file]
    table = tabulate(year_folder)
    assert set(table["first_month"][table["period"] == "2025"]) == {"2025-09"}


def test_publish_names_the_lines_that_were_not_public_before(folder, monkeypatch):
    said = run(folder, "--dry-run").output
    assert "Neighborhoods that are named for the first time: 가동, 나동\n" in said
    assert "Categories that are named for the first time: <b>길</b>, 길\n" in said
    assert run(folder).output.count("for the first time") == 2
    append(folder, "2026-11-02 10:00,,가동,김씨 댁\n" * 5 + "2026-12-20 10:00,,가동,길\n")
    monkeypatch.setattr(status, "today", lambda _zone: dt.date(2026, 12, 26))
    said = run(folder, "--dry-run").output
    assert "Categories that are named for the first time: 김씨 댁\n" in said
    assert "Neighborhoods" not in said


# -- pages, answers, tables ----------------------------------------------------------------------


def get_client(folder):
    return create_app(Settings(city=folder)).test_client()


def test_what_is_not_published_yet_is_said_to_change(folder):
    sentence = "아직 공개하지 않은 숫자는 날마다 다시 세며, 바뀔 수 있습니다."
    client = get_client(folder)
    page = client.get("/statistics?lang=ko").text
    assert sentence in page
    assert "바뀔 수 있음" in page
    assert "may still change" in client.get("/statistics?lang=en").text
    answer = client.get("/api/statistics/requests").json["months"][0]
    assert (answer["standing"], answer["published_on"]) == ("provisional", None)
    run(folder)
    client = get_client(folder)
    page = client.get("/statistics?lang=ko").text
    assert sentence not in page
    assert "바뀔 수 있음" not in page
    assert "2026년 11월 26일" in page
    answer = client.get("/api/statistics/requests").json["months"][0]
    assert (answer["standing"], answer["published_on"]) == ("frozen", "2026-11-26")


def test_page_answer_and_table_take_a_month_from_where_it_was_published(folder):
    run(folder)
    before = get_client(folder)
    append(folder, LATE * 7)
    after = get_client(folder)
    for address in ("/statistics.csv", "/api/statistics/requests?f=csv"):
        assert after.get(address).data == before.get(address).data
    assert ">25<" in after.get("/statistics?lang=ko").text
    months = after.get("/api/statistics/requests").json["months"]
    assert [month["requests"] for month in months] == [24, 25]


def test_a_month_that_cannot_be_read_is_not_known_wherever_it_is_asked_for(folder):
    run(folder)
    damage(folder, "2026-10,month,,,25,", "2026-10,month,,,26,")
    client = get_client(folder)
    page = client.get("/statistics?lang=ko").text
    assert "공개한 내용을 읽을 수 없어 ‘모름’으로 둔 달: 2026년 10월" in page
    assert re.search(r'2026년 10월</th><td class="num">확인되지 않음</td>', page)
    assert not re.search(r'"num">(25|26)<', page)
    month = client.get("/api/statistics/requests").json["months"][1]
    assert (month["requests"], month["suppressed"], month["hidden"]) == (None, False, "unknown")
    assert ",unknown," in client.get("/statistics.csv").data.decode("utf-8-sig")
    site = Site(mapserver.open_city(folder), "ko", TODAY)
    assert describe_latest_month(site)[0] == "2026년 10월: 공개한 내용을 읽을 수 없습니다"


def test_months_that_are_out_say_the_smallest_count_of_their_day(folder):
    run(folder)
    (folder / "layers" / "catalog.toml").write_text("smallest_count = 9\n", "utf-8")
    client = get_client(folder)
    assert "5 미만" in client.get("/statistics?lang=ko").text
    months = client.get("/api/statistics/requests").json["months"]
    assert {month["smallest_count"] for month in months} == {5}


def test_the_page_explains_the_small_counts_of_what_it_shows(folder, monkeypatch):
    run(folder)
    catalog = folder / "layers" / "catalog.toml"
    catalog.write_text("smallest_count = 9\n", "utf-8")
    page = get_client(folder).get("/statistics?lang=en").text
    # All that is shown came out with five, whatever is set today.
    assert "Numbers from 1 to 4 are not shown" in page
    assert "Numbers from 1 to 8" not in page
    append(folder, "2026-11-02 10:00,,가동,길\n" * 12 + "2026-12-20 10:00,,가동,길\n")
    monkeypatch.setattr(status, "today", lambda _zone: dt.date(2026, 12, 26))
    page = get_client(folder).get("/statistics?lang=en").text
    assert re.search("October 2026: Numbers from 1 to 4 are not shown", page)
    assert re.search("<li>November 2026: Numbers from 1 to 8 are not shown", page)


def test_published_figures_are_a_collection_and_a_file_to_take_along(folder, tmp_path):
    run(folder)
    append(folder, LATE)
    damage(folder, "2026-09,month,,,24,", "2026-09,month,,,23,")
    items = get_client(folder).get("/api/collections/published/items?limit=100&f=json").json
    periods = {feature["properties"]["period"] for feature in items["features"]}
    assert periods == {"2026-10"}
    result = run(folder, str(tmp_path / "out"), "--format", "csv", command="export")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "out" / "published.csv")
    assert set(table["period"]) == {"2026-10"}
    assert not (tmp_path / "out" / "requests.csv").exists()


@pytest.mark.parametrize(
    ("taken_out", "missing"),
    [(("2026-09",), ["2026-09"]), (("2026-10",), []), ((), []), (("2026-09", "2026-10"), [])],
)
def test_check_names_a_month_that_was_taken_out_before_a_later_one(folder, taken_out, missing):
    run(folder)
    lines = get_file(folder).read_text("utf-8-sig").splitlines(keepends=True)
    left = [line for line in lines if not line.startswith(taken_out or "none")]
    get_file(folder).write_text("".join(left), "utf-8-sig")
    findings = [f for f in mapserver.open_city(folder).check() if f.code == "published-taken-out"]
    assert [f.values["period"] for f in findings] == missing


def test_check_names_the_december_of_a_year_that_is_out(year_folder):
    run(year_folder)
    lines = get_file(year_folder).read_text("utf-8-sig").splitlines(keepends=True)
    left = [line for line in lines if not line.startswith("2025-")]
    get_file(year_folder).write_text("".join(left), "utf-8-sig")
    (year_folder / "layers" / "requests.csv").unlink()
    findings = mapserver.open_city(year_folder).check()
    periods = [f.values["period"] for f in findings if f.code == "published-taken-out"]
    assert periods == ["2025-12"]


def test_a_year_without_a_message_in_december_comes_out_and_nothing_of_it_is_missed(folder):
    ledger = folder / "layers" / "requests.csv"
    lines = [f"2025-{m:02d}-05 10:00,2025-{m:02d}-05 11:00,가동,길\n" * 9 for m in (3, 7)]
    append(folder, "".join(lines))
    assert "2025" in set(tabulate(folder)["period"])
    run(folder)
    for _ in ("with the ledger", "without it"):
        findings = mapserver.open_city(folder).check()
        assert [f for f in findings if f.code == "published-taken-out"] == []
        ledger.unlink(missing_ok=True)


def test_check_names_the_line_that_is_not_as_it_was_published(folder):
    run(folder)
    damage(folder, "2026-10,month,,,25,", "2026-10,month,,,26,")
    result = run(folder, command="check")
    assert result.exit_code == 1
    assert "layers/published.csv, line 8: the rows of 2026-10 are not those" in result.output


# -- no way back -----------------------------------------------------------------------------------


class FrozenAttack(Attack):
    """An attack on all that was ever published, of whatever state of the ledger.

    Each period has the smallest count of its day. A line that a month was published without had no
    message in it: that is a number, too.
    """

    def __init__(self, table):
        months = list(table["period"][table["table"] == "month"])
        names = list(dict.fromkeys(table["neighborhood"].dropna()))
        categories = list(dict.fromkeys(table["category"].dropna()))
        super().__init__(table, names, categories, months, None)
        for axis, lines in ((0, names), (1, categories)):
            column = ("neighborhood", "category")[axis]
            for month in months:
                part = table[(table["period"] == month) & (table["table"] == column)]
                for name in set(lines) - set(part[column]):
                    terms = np.zeros(self.shape)
                    place = [slice(None), slice(None), months.index(month)]
                    place[axis] = lines.index(name)
                    terms[tuple(place)] = 1
                    self.equal.append((terms.ravel(), 0))

    def learn(self, terms, row, k):  # noqa: ARG002 -- each row has its own
        super().learn(terms, row, row.smallest_count)

    def require_secrets(self, table):
        """Require that each small count could be any, from all that is known."""
        for row in table[table["hidden"] == "small"].itertuples():
            low, high = self.find_bounds(self.sum_up(row))
            assert low <= 1 + 1e-6, row
            assert high >= row.smallest_count - 1 - 1e-6, row


def publish(requests, frozen=None, *, k=5, areas=(), opens_years=False, now=NOW):
    return direct_line.publish(
        requests,
        NEW_YEAR,
        areas,
        now=now,
        zone=SEOUL,
        smallest_count=k,
        frozen=frozen,
        opens_years=opens_years,
    )


def freeze_all(requests, frozen=None, **options):
    """Publish what can be published, by way of a file, and return what is out then."""
    figures = publish(requests, frozen, opens_years=True, **options)
    rows = frozen_months.freeze(figures, TODAY)
    with TemporaryDirectory() as folder:
        path = Path(folder, "published.csv")
        if frozen is not None:
            rows = pd.concat([*(part.map(write_figure) for part in frozen.cells.values()), rows])
        append_published(path, rows.iloc[:0], rows)
        # A name that a spreadsheet would run is a note, and stays a name.
        table, notes = read_table(path, name="published.csv")
    assert {note.code for note in notes} <= {"cell-formula"}
    rows, faults = read_ledger_rows(table, FROZEN, "published.csv", SEOUL)
    assert faults == []
    again, faults = read_frozen(rows)
    assert faults == []
    return again


def get_year(figures):
    return figures[figures["period"] == "2025"]


def change_rows(requests, random, kind):
    """Change a ledger of which months are out: rows come late, go, or get another name."""
    is_early = [time < dt.datetime(2025, 7, 1, tzinfo=SEOUL) for time in requests["received"]]
    early = requests[is_early]
    chosen = early.sample(min(len(early), 2), random_state=int(random.integers(1000)))
    if kind == "late":
        return pd.concat([requests, chosen], ignore_index=True)
    if kind == "gone":
        return requests.drop(chosen.index)
    if kind == "merged":
        return requests.assign(neighborhood=requests["neighborhood"].replace("동1", "동0"))
    return requests


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from([("uneven", 0.3), ("uneven", 3), ("even", 2), ("even", 3), ("rare", 1)]),
    st.sampled_from(["late", "gone", "merged", "same"]),
    st.sampled_from([(5, 5), (3, 5), (5, 3)]),
)
@example(147, ("uneven", 0.3), "same", (5, 5))  # a year without any message in December
def test_no_hidden_count_comes_out_of_what_was_published_before_and_after(seed, kind, change, ks):
    requests = make_random(seed, kind[1], kind[0])
    areas = [f"동{n}" for n in range(5)]
    half = dt.datetime(2025, 7, 20, tzinfo=SEOUL)
    first = requests[[time < half for time in requests["received"]]]
    frozen = freeze_all(first, k=ks[0], areas=areas, now=half)
    changed = change_rows(requests, np.random.default_rng(seed), change)
    areas = areas if change != "merged" else areas[:1] + areas[2:]
    # Once all months are out, and once more with rows that come after everything.
    frozen = freeze_all(changed, frozen, k=ks[1], areas=areas)
    last = change_rows(changed, np.random.default_rng(seed + 1), "late")
    table = publish(last, frozen, k=ks[1], areas=areas)
    assert "provisional" not in set(table["standing"])
    if change == "same":
        # The year is over, since somebody wrote later: the last of these rows is of 2026.
        assert set(get_year(table)["standing"]) == {"frozen"}
    FrozenAttack(table).require_secrets(table)


def make_year():
    """Make a year of which one small count is hidden in January, and nothing else."""
    rows = [
        *repeat(20, "2025-01-05T10:00", name="가동"),
        *repeat(3, "2025-01-05T10:00", name="나동"),
        *repeat(9, "2025-01-05T10:00", name="다동"),
        *(
            row
            for m in range(2, 13)
            for n in NAMES
            for row in repeat(30, f"2025-{m:02d}-05T10:00", name=n)
        ),
    ]
    return make_requests(*rows, ("2026-02-20T10:00", None, "가동", "길"))


JULY = dt.datetime(2025, 7, 20, tzinfo=SEOUL)


def freeze_half(requests, **options):
    first = requests[[time < JULY for time in requests["received"]]]
    return freeze_all(first, areas=NAMES, now=JULY, **options)


def add_rows(requests, *rows):
    return pd.concat([requests, make_requests(*rows)], ignore_index=True)


def test_a_year_comes_out_with_its_months_and_stays_as_they_do():
    requests = make_year()
    frozen = freeze_half(requests)
    assert frozen.list_months("2025") == [f"2025-0{month}" for month in range(1, 7)]
    waiting = publish(requests, frozen, areas=NAMES)
    assert get_year(waiting)[["table", "hidden", "standing"]].to_numpy().tolist() == [
        ["year", "withheld", "waiting"]
    ]
    frozen = freeze_all(requests, frozen, areas=NAMES)
    year = get_year(publish(requests, frozen, areas=NAMES))
    assert set(year["standing"]) == {"frozen"}
    assert (year["hidden"] == "").any()
    late = add_rows(requests, *repeat(2, "2025-01-05T10:00", name="나동"))
    pd.testing.assert_frame_equal(get_year(publish(late, frozen, areas=NAMES)), year)


@pytest.mark.parametrize(
    "rows",
    [
        repeat(1, "2025-01-05T10:00", name="나동"),
        repeat(1, "2025-01-05T10:00", name="없는동"),
        repeat(1, "2025-03-05T10:00", name="가동"),
        repeat(5, "2025-03-05T10:00", name="가동", category="새것"),
    ],
)
def test_a_year_is_withheld_when_rows_come_late_to_a_published_month(rows):
    requests = make_year()
    late = add_rows(requests, *rows)
    frozen = freeze_all(late, freeze_half(requests), areas=NAMES)
    assert "2025" not in frozen.cells
    table = publish(late, frozen, areas=NAMES)
    assert get_year(table)["standing"].tolist() == ["changed"]
    assert get_year(table)["requests"].isna().all()
    FrozenAttack(table).require_secrets(table)


def test_a_year_is_withheld_when_rows_go_or_get_another_name():
    requests = make_year()
    is_january = np.array([time.month == 1 for time in requests["received"]])
    is_small = (requests["neighborhood"] == "나동") & is_january
    gone = requests.drop(requests.index[is_small][:1])
    # The neighbourhood with the hidden count was merged with its partner.
    merged = requests.assign(neighborhood=requests["neighborhood"].replace("나동", "다동"))
    for changed, areas in ((gone, NAMES), (merged, ["가동", "다동", "라동"])):
        table = publish(changed, freeze_half(requests), areas=areas, opens_years=True)
        assert get_year(table)["standing"].tolist() == ["changed"]


@pytest.mark.parametrize(("moved", "standing"), [(1, "provisional"), (2, "changed")])
def test_a_partner_that_became_too_small_to_hide_the_others_withholds_the_year(moved, standing):
    requests = add_rows(make_year(), *repeat(1, "2025-01-05T10:00", name="라동"))
    frozen = freeze_half(requests)
    is_january = np.array([time.month == 1 for time in requests["received"]])
    names = requests["neighborhood"]
    # Of 9 messages beside the small counts 3 and 1 some were the other's: every number that was
    # published stays, but only 8 or more could have been hidden as they were.
    moved_rows = names.index[(names == "다동") & is_january][:moved]
    changed = requests.assign(neighborhood=names.where(~names.index.isin(moved_rows), "라동"))
    year = get_year(publish(changed, frozen, areas=NAMES, opens_years=True))
    assert set(year["standing"]) == {standing}


def test_a_neighbourhood_that_was_merged_keeps_its_line_in_the_months_that_are_out():
    requests = make_year()
    areas = ["가동", "다동", "라동"]
    frozen = freeze_all(requests, freeze_half(requests), areas=areas)
    table = publish(requests, frozen, areas=areas)
    assert set(get_year(table)["standing"]) == {"frozen"}
    assert "나동" in set(get_year(table)["neighborhood"])
    FrozenAttack(table).require_secrets(table)


def test_a_category_that_was_rare_when_its_month_came_out_stays_unnamed_in_it():
    requests = make_year()
    first = add_rows(requests, *repeat(3, "2025-01-06T10:00", category="나무"))
    frozen = freeze_half(first)
    assert "나무" not in set(frozen.cells["2025-01"]["category"].dropna())
    later = add_rows(first, *repeat(40, "2025-09-05T10:00", category="나무"))
    frozen = freeze_all(later, frozen, areas=NAMES)
    table = publish(later, frozen, areas=NAMES)
    assert set(get_year(table)["standing"]) == {"frozen"}
    FrozenAttack(table).require_secrets(table)


def test_an_answer_that_comes_late_withholds_nothing():
    requests = make_year()
    answered = requests["answered"].copy()
    answered[requests.index[:3]] = moment("2025-09-01T10:00")
    table = publish(
        requests.assign(answered=answered), freeze_half(requests), areas=NAMES, opens_years=True
    )
    assert set(get_year(table)["standing"]) == {"provisional"}


@pytest.mark.parametrize(("first", "second"), [("2026-01", "2026-02"), ("2026-02", "2026-01")])
def test_a_month_hides_again_what_months_that_are_out_have_hidden(first, second):
    def make_month(month, *counts):
        places = zip(["나동", "다동", "라동"], counts, strict=True)
        rows = [row for name, n in places for row in repeat(n, f"{month}-05T10:00", name=name)]
        return make_requests(*rows, ("2026-03-20T10:00", None, "가동", "길"))

    def find_partner(frozen):
        ledger = make_month(second, 3, 9, 10)
        table = publish(ledger, frozen, areas=NAMES, now=april)
        is_partner = (table["period"] == second) & (table["hidden"] == "partner")
        return table["neighborhood"][is_partner].dropna().tolist()

    april = dt.datetime(2026, 4, 1, tzinfo=SEOUL)
    frozen = freeze_all(make_month(first, 3, 30, 8), areas=NAMES, now=april)
    assert list(frozen.cells) == [first]
    # The ledger has lost that month: what was hidden in it is known from what was published.
    assert find_partner(frozen) == ["라동"]
    assert find_partner(None) == ["다동"]


def test_a_year_is_protected_by_the_largest_of_its_smallest_counts():
    requests = make_year()
    frozen = freeze_all(requests, freeze_half(requests, k=9), k=3, areas=NAMES)
    year = get_year(publish(requests, frozen, k=3, areas=NAMES))
    assert set(year["smallest_count"]) == {9}


def test_the_attack_finds_a_year_that_is_not_the_sum_of_its_months(monkeypatch):
    monkeypatch.setattr(direct_line, "is_changed", lambda *_: False)
    requests = make_year()
    late = add_rows(requests, *repeat(1, "2025-03-05T10:00", name="가동"))
    table = publish(late, freeze_half(requests), areas=NAMES, opens_years=True)
    with pytest.raises(AssertionError):
        FrozenAttack(table).require_secrets(table)


@pytest.mark.parametrize(
    "name", ['a,b"c', "=1+1", "가동", "<b>", "한 줄", "1e5", "0012", "'x", "small"]
)
def test_names_come_back_from_the_file_as_they_were(name):
    rows = [
        *repeat(9, "2025-01-05T10:00", name=name, category=name),
        *repeat(9, "2025-02-05T10:00"),
    ]
    frozen = freeze_all(make_requests(*rows, ("2025-06-20T10:00", None, "가동", "길")))
    assert frozen.is_whole
    assert not frozen.unknown
    figures = publish(make_requests(*rows), frozen, opens_years=True)
    assert unicodedata.normalize("NFC", name) in set(figures["category"].dropna())
