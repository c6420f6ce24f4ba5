"""Published months are frozen: they stay as they came out, and no later table undoes the hiding."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from test_direct_line import (
    LEDGER,
)

import mapserver
from mapserver.analysis.city_messages import tabulate_messages
from mapserver.commands.cli import main
from mapserver.errors import DataError
from mapserver.model import status
from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.writers.published_file import append_published

TODAY = dt.date(2026, 11, 26)
LATE = "2026-10-12 10:00,,나동,길\n"


@pytest.fixture
def folder(make_folder, monkeypatch):
    """Make a city with messages of two complete months, on a day after them."""
    monkeypatch.setattr(status, "today", lambda _zone: TODAY)
    files = {"layers/requests.csv": LEDGER, "layers/holidays.csv": "date\n2026-01-01\n"}
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
    assert any(f.feature == "line 2" for f in city.findings if "published" in f.file)


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
