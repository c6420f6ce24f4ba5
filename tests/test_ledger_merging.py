"""Tables that meet a ledger: no row of them is lost, and none is counted twice, without a word."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from click.testing import CliRunner
from gpxtext import gpx, track

import mapserver
from mapserver.commands.cli import main

RULE = "[rain]\n[rain.high]\nmm = 30\nsource = '지침'\ncloses = true\n"
HEADS = {
    "rain": "지점,지점명,일시,일강수량(mm)\n",
    "requests": "received,answered,neighborhood,category\n",
    "programmes": "id,name,phone,source\n",
    "holidays": "date,name,is_holiday\n",
    "inspections": "trail_id,checked_on,item,grade,fixed_on\n",
    "soil": "trail_id,sampled_on,point,lead\n",
}


@pytest.fixture
def add(make_folder, tmp_path):
    """Add tables of one ledger to a city at once; return the counts that are said, and the rest."""
    city = make_folder(
        {
            "gpx/a.gpx": gpx(track([(126.85, 35.14), (126.853, 35.141)])),
            "gpx/trails.csv": "id,surface\na,황토\n",
            "layers/catalog.toml": RULE,
        }
    )

    def run(id_, *tables):
        paths = [tmp_path / f"table{n}.csv" for n in range(len(tables))]
        for path, rows in zip(paths, tables, strict=True):
            path.write_text(HEADS[id_] + "".join(f"{row}\n" for row in rows))
        words = ["add", *map(str, paths), "--as", id_, "--city", str(city), "--lang", "en"]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
        said = " ".join(result.output.split())
        counts = dict(re.findall(r"^(rows?[^:\n]*|new rows): (\d+)$", result.output, re.MULTILINE))
        return {text: int(count) for text, count in counts.items()}, said

    run.city = city
    return run


def open_rows(add, id_):
    return mapserver.open_city(add.city).ledgers[id_]


def find_state(add, day):
    return mapserver.open_city(add.city).trails_on(dt.date.fromisoformat(day)).state["a"]


@pytest.mark.parametrize("amounts", [("50", "0"), ("0", "50"), ("50", ""), ("", "50")])
def test_of_rows_of_one_day_in_one_table_all_stay_and_the_largest_closes(add, amounts):
    counts, said = add("rain", [f"156,광주,2026-10-01,{mm}" for mm in amounts])
    assert (counts["new rows"], counts["rows in all"]) == (2, 2)
    assert "rows with the same date, hour, station as another that say something else: 1" in said
    assert find_state(add, "2026-10-01") == "closed"
    # The same table again changes nothing, whatever it says of one day.
    counts, _ = add("rain", [f"156,광주,2026-10-01,{mm}" for mm in amounts])
    assert counts["rows in all"] == 2
    assert find_state(add, "2026-10-01") == "closed"


def test_a_table_that_was_added_and_has_one_row_more_of_its_day_loses_none(add):
    rows = ["156,광주,2026-10-01,50", "156,광주,2026-10-01,0"]
    add("rain", rows)
    counts, _ = add("rain", [*rows, "156,광주,2026-10-01,7"])
    assert counts == {"new rows": 1, "rows that were there already": 2, "rows in all": 3}
    assert find_state(add, "2026-10-01") == "closed"


def test_a_later_measurement_takes_the_place_of_an_earlier_one(add):
    add("rain", ["156,광주,2026-10-01,50"])
    counts, _ = add("rain", ["156,광주,2026-10-01,12"])
    assert counts == {"new rows": 0, "rows that take the place of one": 1, "rows in all": 1}
    assert find_state(add, "2026-10-01") == "open"


def test_what_was_measured_stays_known_whatever_a_later_table_leaves_empty(add):
    add("rain", ["156,광주,2026-10-01,50"])
    counts, said = add("rain", ["156,광주,2026-10-01,", "156,광주,2026-10-02,1"])
    assert counts["rows in all"] == 2
    assert "rows that know less than one that is there, which stays: 1" in said
    assert find_state(add, "2026-10-01") == "closed"
    # A cell that nobody understands stands beside it, so that it is still reported.
    counts, _ = add("rain", ["156,광주,2026-10-01,결측"])
    assert counts["rows in all"] == 3
    assert find_state(add, "2026-10-01") == "closed"


def test_what_was_not_known_becomes_known(add):
    add("rain", ["156,광주,2026-10-01,"])
    assert find_state(add, "2026-10-01") == "unknown"
    counts, _ = add("rain", ["156,광주,2026-10-01,3"])
    assert counts["rows in all"] == 1
    assert find_state(add, "2026-10-01") == "open"


def test_two_programmes_with_one_id_both_come_in_and_are_named(add):
    counts, said = add("programmes", ["p1,돌봄,062-1,구청", "p1,수당,062-2,구청"])
    assert counts == {"new rows": 2, "rows in all": 2}
    assert "rows with the same id as another that say something else: 1" in said
    assert "another programme has the id 'p1'" in said
    assert list(open_rows(add, "programmes")["name"]) == ["돌봄", "수당"]


def test_equal_rows_of_a_table_with_a_key_are_one_and_are_counted(add):
    counts, said = add("programmes", ["p1,돌봄,062-1,구청", "p1,돌봄,062-1,구청"])
    assert counts["rows that stand in a table twice, of which one counts"] == 1
    assert counts["rows in all"] == 1
    assert "all of them stay" not in said


def test_what_a_new_row_no_longer_says_is_said(add):
    add("programmes", ["p1,돌봄,062-1,구청"])
    counts, said = add("programmes", ["p1,돌봄 서비스,,구청"])
    assert counts["rows that take the place of one"] == 1
    assert "cells that said something and are empty now: 1; the first is phone of 'p1'" in said


def test_rows_that_give_way_to_fewer_are_counted(add):
    add("programmes", ["p1,돌봄,062-1,구청", "p1,수당,062-2,구청"])
    counts, _ = add("programmes", ["p1,돌봄 수당,062-3,구청"])
    assert counts == {
        "new rows": 0,
        "rows that take the place of one": 1,
        "rows that gave way besides": 1,
        "rows in all": 1,
    }


def test_a_day_on_which_offices_work_stays_one(add):
    add("holidays", ["2026-07-17,제헌절,N"])
    _, said = add("holidays", ["2026-07-17,제헌절,"])
    assert "rows that know less than one that is there, which stays: 1" in said
    assert list(open_rows(add, "holidays")["is_holiday"]) == ["no"]


OPEN = "2026-11-02 09:00,,치평동,청소"
ANSWERED = "2026-11-02 09:00,2026-11-03 10:00,치평동,청소"


def test_a_message_that_was_answered_since_is_counted_once(add):
    add("requests", [OPEN])
    counts, _ = add("requests", [ANSWERED])
    assert counts == {
        "new rows": 0,
        "rows that were there, of which more is known now": 1,
        "rows in all": 1,
    }
    assert open_rows(add, "requests")["answered"].notna().all()


@pytest.mark.parametrize(
    ("before", "after", "count", "answered"),
    [
        # One for one: of two that wait, one still does.
        ([OPEN, OPEN], [ANSWERED], 2, 1),
        ([OPEN, OPEN], [OPEN, ANSWERED], 2, 1),
        ([OPEN], [OPEN, ANSWERED], 2, 1),
        ([OPEN, OPEN], [ANSWERED, ANSWERED], 2, 2),
        ([OPEN], [ANSWERED, ANSWERED], 2, 2),
        # An older table than what is there tells of no message anew.
        ([ANSWERED], [OPEN], 1, 1),
        ([ANSWERED], [OPEN, OPEN], 2, 1),
        # Another neighbourhood or another answer is another message.
        ([OPEN], [ANSWERED.replace("치평동", "화정1동")], 2, 1),
        ([ANSWERED], [ANSWERED.replace("11-03", "11-04")], 2, 2),
        ([OPEN, OPEN], [OPEN, OPEN], 2, 0),
    ],
)
def test_messages_meet_one_for_one(add, before, after, count, answered):
    add("requests", before)
    add("requests", after)
    rows = open_rows(add, "requests")
    assert (len(rows), rows["answered"].notna().sum()) == (count, answered)


def test_an_answer_that_was_corrected_is_said_and_not_merged(add):
    """Nothing tells a corrected message from a second one: both count, and it is said."""
    add("requests", ["2026-10-05 09:00,2026-10-05 10:00,가동,길"])
    counts, said = add("requests", ["2026-10-05 09:00,2026-10-05 18:00,가동,길"])
    assert counts == {"new rows": 1, "rows in all": 2}
    assert "rows that agree with one that is there in all but answered: 1" in said
    [finding] = [f for f in mapserver.open_city(add.city).check() if f.code == "answers-differ"]
    assert (finding.values["count"], finding.feature) == (2, "line 2")
    # Equal rows, and one that is answered now, say nothing of the kind.
    _, said = add("requests", ["2026-10-05 09:00,2026-10-05 18:00,가동,길"])
    assert "one that is there" not in said
    add("requests", ["2026-10-06 09:00,,가동,길"])
    _, said = add("requests", ["2026-10-06 09:00,2026-10-06 10:00,가동,길"])
    assert "one that is there" not in said


def test_a_message_is_the_same_however_its_times_are_written(add):
    path = add.city / "layers" / "requests.csv"
    path.write_text("접수일시,답변일시,행정동,분류\n2026. 11. 2. 오전 9:00,미답변,치평동,청소\n")
    counts, _ = add("requests", [ANSWERED])
    assert counts["rows in all"] == 1


def test_tables_that_are_added_at_once_are_as_if_added_one_by_one(add):
    counts, _ = add("requests", [OPEN, OPEN], [OPEN, ANSWERED])
    assert counts["rows in all"] == 2
    assert open_rows(add, "requests")["answered"].notna().sum() == 1


def test_a_repair_that_was_done_since_is_no_second_look(add):
    add("inspections", ["a,2026-11-02,난간,이용금지,"])
    counts, _ = add("inspections", ["a,2026-11-02,난간,이용금지,2026-11-04"])
    assert counts["rows that were there, of which more is known now"] == 1
    assert counts["rows in all"] == 1
    assert find_state(add, "2026-11-05") == "open"
    # A look that says less may be another one: it is never left out.
    counts, _ = add("inspections", ["a,2026-11-02,난간,이용금지,"])
    assert counts["rows in all"] == 2


def test_samples_of_one_point_and_day_all_stay(add):
    counts, _ = add("soil", ["a,2026-05-12,1,10", "a,2026-05-12,1,900"])
    assert counts == {"new rows": 2, "rows in all": 2}
