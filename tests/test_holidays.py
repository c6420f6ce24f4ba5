"""Holidays as their national register lists them: with days on which people work."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from click.testing import CliRunner

import mapserver
from mapserver.analysis.waiting import measure_answers
from mapserver.commands.cli import main
from mapserver.model import LEDGERS
from mapserver.readers.register import read_ledger_rows
from mapserver.text.dates import KOREA

REGISTER = """locdate,dateName,isHoliday
20260505,어린이날,Y
20260505,부처님오신날,Y
20260508,어버이날,N
20260606,현충일,Y
"""


def make_rows(text: str) -> pd.DataFrame:
    header, *lines = (line.split(",") for line in text.splitlines())
    table = pd.DataFrame(lines, columns=header, dtype="str").replace("", None)
    return read_ledger_rows(table, LEDGERS["holidays"], "holidays.csv")[0]


def measure_h(holidays: str, received: str, answered: str) -> float:
    """Measure the working hours of one message."""
    times = {"received": [received], "answered": [answered]}
    requests = pd.DataFrame(times).map(lambda text: dt.datetime.fromisoformat(text + "+09:00"))
    requests = requests.astype(object)
    now = dt.datetime(2026, 12, 1, tzinfo=KOREA)
    return measure_answers(requests, make_rows(holidays), now=now)["working_h"].iloc[0]


def test_a_day_that_its_register_calls_no_holiday_is_a_day_of_work():
    # Thursday morning to Monday morning: eight hours of Thursday, and those of Friday.
    span = "2026-05-07T09:00", "2026-05-11T09:00"
    assert measure_h(REGISTER, *span) == 16
    assert measure_h(REGISTER.replace("어버이날,N", "어버이날,Y"), *span) == 8


def test_a_day_is_off_where_any_of_its_rows_says_so():
    both = REGISTER + "20260508,임시공휴일,Y\n"
    assert measure_h(both, "2026-05-07T09:00", "2026-05-11T09:00") == 8


def test_a_list_without_the_column_is_one_of_days_off():
    only = "date,name\n2026-05-08,임시공휴일\n"
    assert measure_h(only, "2026-05-07T09:00", "2026-05-11T09:00") == 8


def test_an_answer_that_is_not_understood_leaves_the_year_unknown():
    odd = REGISTER.replace("어버이날,N", "어버이날,모름")
    assert pd.isna(measure_h(odd, "2026-05-07T09:00", "2026-05-11T09:00"))


def test_days_that_are_none_off_are_counted_by_add_and_by_the_check(make_folder, tmp_path):
    city, office = make_folder({}), tmp_path / "특일.csv"
    office.write_bytes(REGISTER.encode("cp949"))
    words = ["add", str(office), "--as", "holidays", "--city", str(city), "--lang", "en"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    said = "days that are no days off by their register: 1 of 4"
    assert said in " ".join(result.output.split())
    opened = mapserver.open_city(city)
    assert said in [finding.message for finding in opened.check()]
    # Of one day that is two holidays both stand.
    names = list(opened.ledgers["holidays"]["name"])
    assert names == ["어린이날", "부처님오신날", "어버이날", "현충일"]


@pytest.mark.parametrize("word", ["Y", "N"])
def test_an_export_says_again_which_days_are_off(word):
    rows = make_rows(f"locdate,dateName,isHoliday\n20260505,날,{word}\n")
    assert list(rows["is_holiday"]) == [{"Y": "yes", "N": "no"}[word]]


@pytest.mark.parametrize(
    "header", ["예외일,예외일명", "예외일자,예외사유", "민원처리 예외일,휴일명"]
)
def test_days_on_which_no_petition_is_handled_are_read_by_their_headings(header):
    rows = make_rows(f"{header}\n2026-05-05,어린이날\n")
    assert list(rows[["date", "name"]].iloc[0]) == [dt.date(2026, 5, 5), "어린이날"]
