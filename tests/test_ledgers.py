"""Ledgers: inspections, soil, rain and the like, read from a city and brought in by ``add``."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
import pytest
from click.testing import CliRunner
from gpxtext import gpx, track
from hypothesis import given
from hypothesis import strategies as st

import mapserver
from mapserver.commands.cli import main
from mapserver.model import LEDGERS
from mapserver.text.findings import Doubt
from mapserver.text.ledger_words import (
    NOT_DETECTED,
    read_acidity,
    read_area,
    read_metal,
    read_moment,
    read_rain,
)

KOREA = dt.timezone(dt.timedelta(hours=9))


def write_ledger(city, id_, text, encoding="utf-8"):
    path = city / "layers" / f"{id_}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding=encoding)
    return path


def run_add(city, *arguments):
    return CliRunner().invoke(main, ["add", "--city", str(city), "--lang", "en", *arguments])


def test_rows_of_an_office_are_read_under_its_own_headings(make_folder):
    city = make_folder({})
    write_ledger(
        city,
        "inspections",
        "점검 대장 (11월)\n길,점검일,판정,지적사항,조치일\n"
        "a,2026. 11. 20.,이용금지,토사,\nb,46349,양호,,\n",
        encoding="cp949",
    )
    rows = mapserver.open_city(city).ledgers["inspections"]
    assert list(rows.trail_id) == ["a", "b"]
    assert list(rows.checked_on) == [dt.date(2026, 11, 20), dt.date(2026, 11, 23)]
    assert list(rows.grade) == ["forbidden", "good"]
    assert list(rows.finding) == ["토사", None]
    assert list(rows.fixed_on) == [None, None]
    assert list(rows.unclear) == [None, None]


@pytest.mark.parametrize(
    ("header", "item", "finding", "is_said"),
    [
        ("점검항목,점검내용", "점검항목", "점검내용", False),
        ("점검내용,점검항목", "점검항목", "점검내용", False),
        ("점검 내용,비고", "점검 내용", "비고", False),
        ("점검항목,점검내용,지적사항", "점검항목", "지적사항", True),
        ("점검항목,조치사항", "점검항목", "조치사항", False),
        ("점검항목,조치내용", "점검항목", "조치내용", False),
        ("점검항목,비고,조치사항,지적사항", "점검항목", "지적사항", False),
        ("점검항목,조치사항,점검내용", "점검항목", "점검내용", False),
    ],
)
def test_what_was_found_is_not_lost_beside_what_was_looked_at(
    make_folder, header, item, finding, is_said
):
    city = make_folder({})
    # Each cell says under which heading it stands.
    write_ledger(city, "inspections", f"길,점검일,판정,{header}\na,2026-11-20,요수리,{header}\n")
    opened = mapserver.open_city(city)
    rows = opened.ledgers["inspections"]
    assert (rows["item"].iloc[0], rows["finding"].iloc[0]) == (item, finding)
    assert ("columns-same" in {f.code for f in opened.findings}) is is_said


@pytest.mark.parametrize("link", ["주소(URL)", "홈페이지", "상세조회URL"])
def test_the_address_of_an_office_is_not_taken_for_its_page(make_folder, link):
    city = make_folder({})
    write_ledger(city, "programmes", f"서비스명,주소,{link}\n돌봄,상무대로 1,https://a.kr/\n")
    rows = mapserver.open_city(city).ledgers["programmes"]
    assert (rows["address"].iloc[0], rows["url"].iloc[0]) == ("상무대로 1", "https://a.kr/")


def test_the_page_of_an_office_is_not_taken_for_its_address(make_folder):
    city = make_folder({})
    write_ledger(city, "programmes", "서비스명,주소(URL)\n돌봄,https://a.kr/\n")
    rows = mapserver.open_city(city).ledgers["programmes"]
    assert (rows["address"].iloc[0], rows["url"].iloc[0]) == (None, "https://a.kr/")


def test_a_row_that_is_not_understood_stays_and_says_so(make_folder):
    city = make_folder({})
    write_ledger(city, "inspections", "trail_id,checked_on,grade\na,yesterday,good\nb,,best\n")
    opened = mapserver.open_city(city)
    rows = opened.ledgers["inspections"]
    assert [fault.feature for fault in rows.unclear] == ["line 2", "line 3"]
    assert list(rows.checked_on) == [None, None]
    assert [f.feature for f in opened.findings if f.file == "layers/inspections.csv"] == [
        "line 2",
        "line 3",
        "line 3",
    ]


@pytest.mark.parametrize("id_", LEDGERS)
def test_a_ledger_that_cannot_be_read_costs_itself_alone(make_folder, id_):
    city = make_folder({})
    (city / "layers").mkdir(exist_ok=True)
    (city / "layers" / f"{id_}.csv").write_bytes(b"%PDF-1.7 no table")
    opened = mapserver.open_city(city)
    (finding,) = [f for f in opened.findings if f.file == f"layers/{id_}.csv"]
    assert finding.code == "layer-unreadable"
    # Only what decides states puts trails in doubt.
    assert finding.doubt == (Doubt() if LEDGERS[id_].decides_states else None)
    assert id_ not in opened.ledgers


@pytest.mark.parametrize("name", ["inspections.xlsx", "Inspections.hwp", "INSPECTIONS.XLS"])
def test_inspections_in_another_form_put_every_trail_in_doubt(make_folder, name):
    city = make_folder({})
    (city / "layers").mkdir(exist_ok=True)
    (city / "layers" / name).write_bytes(b"anything")
    (finding,) = [f for f in mapserver.open_city(city).findings if f.file == f"layers/{name}"]
    assert finding.code == "ledger-not-read"
    assert finding.doubt == Doubt()


def test_a_ledger_is_no_layer(make_folder):
    city = make_folder({})
    for id_ in LEDGERS:
        write_ledger(city, id_, "date,name\n2026-01-01,New Year\n")
    opened = mapserver.open_city(city)
    assert not set(LEDGERS) & set(opened.layers)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (
            "기관명,기준일자,민원 구분,민원 종류,연누계,12월,11월\n서구,2025,길,문자,9,1,2\n",
            "counts by month",
        ),
        ("연월,접수,완료,불가\n2025-11,30,20,1\n", "counts by month"),
        ("이름,전화번호\n홍길동,010-1234-5678\n", "no column of it is received"),
        ("접수일시,동,전화번호\n2026-01-02 10:00,치평동,1\n", "must not be in it: '전화번호'"),
    ],
)
def test_a_table_that_is_no_list_of_messages_is_refused_for_what_it_is(
    make_folder, tmp_path, table, reason
):
    file = tmp_path / "table.csv"
    file.write_bytes(table.encode("cp949"))
    folder = make_folder({})
    words = ["add", str(file), "--as", "requests", "--city", str(folder), "--lang", "en"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert reason in result.output
    assert "홍길동" not in result.output


def test_messages_with_a_column_about_persons_are_refused(make_folder):
    city = make_folder({})
    write_ledger(
        city,
        "requests",
        "received,answered,neighborhood,category,phone\n2026-11-20 09:00,,a,b,010-1234-5678\n",
    )
    opened = mapserver.open_city(city)
    assert "requests" not in opened.ledgers
    (finding,) = [f for f in opened.findings if f.file == "layers/requests.csv"]
    assert "'phone'" in finding.message
    assert "010-1234-5678" not in str(finding)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2026-11-20 14:05", "14:05"),
        ("2026. 11. 20. 오후 2:05", "14:05"),
        ("2026-11-20 오전 12:05", "00:05"),
        ("2026년 11월 20일 14시 05분", "14:05"),
        ("2026-11-20T05:05:00Z", "14:05"),
        ("2026-11-20 14:05:00+09:00", "14:05"),
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_city(text, clock):
    assert read_moment(text, KOREA).isoformat() == f"2026-11-20T{clock}:00+09:00"


@pytest.mark.parametrize(
    "text", ["2026-11-20", "14:05", "2026-11-20 25:00", "2026-11-20 오후 13:00"]
)
def test_a_day_without_its_hour_is_no_moment(text):
    with pytest.raises(ValueError, match=re.escape(text)):
        read_moment(text, KOREA)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)), st.times(), st.sampled_from(" T"))
def test_a_moment_of_a_program_is_read_at_once_as_it_would_be_slowly(day, time, separator):
    moment = dt.datetime.combine(day, time)
    for text in (moment.isoformat(separator, "minutes"), moment.isoformat(separator, "seconds")):
        slowly = read_moment(f"{text} ".replace("-", ". "), KOREA)  # as a person writes it
        assert read_moment(text, KOREA) == slowly


@pytest.mark.parametrize("text", ["2026-02-30 10:00", "2026-11-20 10:60", "2026-13-01T10:00:00"])
def test_a_moment_that_cannot_be_is_none_however_usual_its_form(text):
    with pytest.raises(ValueError, match=re.escape(text)):
        read_moment(text, KOREA)


def test_not_detected_is_a_value_and_no_number():
    assert read_metal("불 검출") == NOT_DETECTED
    assert read_metal("1,234.5") == 1234.5
    assert [str(read_metal(text)) for text in ("<0.50", "0.5 이하")] == ["<0.5", "≤0.5"]
    for text in ("-1", "<", "6,1", "nan", "기준의 50 % 이내"):
        with pytest.raises(ValueError, match=re.escape(text)):
            read_metal(text)


@pytest.mark.parametrize("text", ["N/D", "n.d.", "검출한계 미만", "정량한계 이하", "<LOD"])
def test_what_a_laboratory_could_not_detect_is_not_detected_in_all_its_words(text):
    assert read_metal(text) == NOT_DETECTED


@pytest.mark.parametrize(
    ("text", "number"), [("100.", 100), ("01", 1), ("4.0E+0", 4), (".5", 0.5), ("1.2e2", 120)]
)
def test_numbers_are_read_alike_in_every_ledger(text, number):
    assert [read(text) for read in (read_metal, read_rain)] == [number, number]
    assert read_metal(f"<{text}").bound == number
    if number in {1, 4}:
        assert read_acidity(text) == number


@pytest.mark.parametrize("text", ["1.2.3", "1,2e3", "6,1", "e5", ".", "1e"])
def test_what_is_no_number_is_none_in_any_ledger(text):
    for read in (read_metal, read_rain, read_acidity, read_area):
        with pytest.raises(ValueError, match=re.escape(text)):
            read(text)


def test_the_land_category_is_a_whole_number_however_it_is_written():
    assert [read_area(text) for text in ("1", "01", "2.0", "3.", "1.0E+0", "2지역")] == [
        *(1, 1, 2, 3, 1, 2)
    ]
    for text in ("0", "4", "1.5", "1,2", "지역"):
        with pytest.raises(ValueError, match=re.escape(text)):
            read_area(text)


def test_an_office_table_is_added_and_its_rows_are_written_in_one_way(make_folder, tmp_path):
    city = make_folder({})
    office = tmp_path / "점검.csv"
    office.write_text("길,점검일,판정,점검자\na,2026. 11. 20.,요수리,점검반\nb,,,점검반\n", "cp949")
    result = run_add(city, str(office), "--as", "inspections")
    assert result.exit_code == 0, result.output
    assert "rows left out: 1" in result.output
    text = (city / "layers" / "inspections.csv").read_text("utf-8-sig")
    assert text.splitlines() == ["trail_id,checked_on,by,grade", "a,2026-11-20,점검반,repair"]
    kept = [path.name for path in (city / "originals").rglob("*.csv")]
    assert kept == ["점검.csv"]


@pytest.mark.parametrize(
    "row",
    [
        "a,2026-11-20,최상,,",
        "a,2026-11-20,,,",
        "a,어제,이용금지,,",
        "a,,이용금지,,",
        "a,,,난간 파손,",
        ",2026-11-20,이용금지,,",
        "a,2026-11-20,이용금지,,언젠가",
    ],
)
def test_a_look_that_is_not_understood_is_added_and_leaves_its_trail_in_doubt(
    make_folder, tmp_path, row
):
    line = "<trk><trkseg><trkpt lat='35.14' lon='126.85'/><trkpt lat='35.15' lon='126.85'/>"
    gpx = f"<gpx version='1.1'>{line}</trkseg></trk></gpx>"
    head = "길,점검일,판정,지적사항,조치일\n"
    office = tmp_path / "i.csv"
    office.write_text(f"{head}{row}\nb,2026-11-20,양호,,\n")
    # A file that is laid into the folder and one that is brought in say the same of the trail.
    city = make_folder({"gpx/a.gpx": gpx, "gpx/b.gpx": gpx})
    laid = make_folder(
        {"gpx/a.gpx": gpx, "gpx/b.gpx": gpx, "layers/inspections.csv": office.read_bytes()}, "laid"
    )
    result = run_add(city, str(office), "--as", "inspections")
    assert "new rows: 2" in result.output
    assert "layers/inspections.csv, line 2" in result.output
    day = dt.date(2026, 11, 21)
    states = [list(mapserver.open_city(each).trails_on(day).state) for each in (city, laid)]
    assert states[0] == states[1]
    assert states[0][0] == "unknown"


def test_a_table_with_a_row_that_may_close_a_trail_and_cannot_be_read_is_refused(
    make_folder, tmp_path
):
    city = make_folder({})
    office = tmp_path / "i.csv"
    office.write_text("길,점검일,판정\na,2026-11-20,양호\nb,2026-11-20,이용금지,난간\n")
    result = run_add(city, str(office), "--as", "inspections")
    assert result.exit_code == 1
    assert "i.csv, line 3: it has rows that would be lost: the row has " in result.stderr
    assert not (city / "layers" / "inspections.csv").exists()


def test_a_soil_test_of_which_nobody_understands_the_day_is_added(make_folder, tmp_path):
    city = make_folder({})
    office = tmp_path / "s.csv"
    office.write_text("길,채취일,납\na,5월쯤,900\nb,2026-05-12,10\nc,곧,\n")
    result = run_add(city, str(office), "--as", "soil")
    assert "rows left out: 1" in result.output
    assert list(mapserver.open_city(city).ledgers["soil"].lead) == [900, 10]


def test_a_message_that_is_not_understood_is_left_out(make_folder, tmp_path):
    city = make_folder({})
    office = tmp_path / "r.csv"
    office.write_text("received,category\n010-1234-5678,a\n2026-11-20 09:00,a\n")
    assert "rows left out: 1" in run_add(city, str(office), "--as", "requests").output
    # What nobody understood of it may be about a person.
    assert "010-1234" not in (city / "layers" / "requests.csv").read_text("utf-8-sig")


def test_rows_that_are_there_are_not_added_again(make_folder, tmp_path):
    city = make_folder({})
    office = tmp_path / "i.csv"
    office.write_text("trail_id,checked_on,grade\na,2026-11-20,good\na,2026-11-20,good\n")
    assert run_add(city, str(office), "--as", "inspections").exit_code == 0
    office.write_text("trail_id,checked_on,grade\na,2026-11-20,good\nb,2026-11-21,good\n")
    result = run_add(city, str(office), "--as", "inspections")
    assert "new rows: 1" in result.output
    assert "rows that were there already: 1" in result.output
    rows = mapserver.open_city(city).ledgers["inspections"]
    # Two equal rows of one table are two inspections.
    assert list(rows.trail_id) == ["a", "a", "b"]


def test_a_row_takes_the_place_of_the_one_with_its_key(make_folder, tmp_path):
    city = make_folder({})
    office = tmp_path / "h.csv"
    office.write_text("date,name,source\n2026-01-01,신정,old\n2026-03-01,삼일절,stays\n")
    run_add(city, str(office), "--as", "holidays")
    office.write_text("locdate,dateName,source\n20260101,신정,new\n")
    result = run_add(city, str(office), "--as", "holidays")
    assert result.exit_code == 0, result.output
    rows = mapserver.open_city(city).ledgers["holidays"]
    assert dict(zip(rows["date"], rows["source"], strict=True)) == {
        dt.date(2026, 3, 1): "stays",
        dt.date(2026, 1, 1): "new",
    }


def test_replace_lets_all_rows_give_way_and_keeps_the_file(make_folder, tmp_path):
    city = make_folder({})
    office = tmp_path / "h.csv"
    office.write_text("date,name\n2026-01-01,old\n")
    run_add(city, str(office), "--as", "holidays")
    office.write_text("date,name\n2026-03-01,new\n")
    run_add(city, str(office), "--as", "holidays", "--replace")
    assert list(mapserver.open_city(city).ledgers["holidays"]["name"]) == ["new"]
    assert "replaced-holidays.csv" in {p.name for p in (city / "originals").rglob("*")}


def test_a_workbook_with_a_title_is_added(make_folder, tmp_path):
    city = make_folder({})
    office = tmp_path / "점검대장.xlsx"
    table = pd.DataFrame(
        [
            ["2026년 11월 점검 대장", None, None],
            ["길", "점검일", "판정"],
            ["a", dt.date(2026, 11, 20), "양호"],
            ["b", dt.date(2026, 11, 21), "요주의"],
        ]
    )
    table.to_excel(office, header=False, index=False)
    result = run_add(city, str(office), "--as", "inspections")
    assert result.exit_code == 0, result.output
    rows = mapserver.open_city(city).ledgers["inspections"]
    assert list(rows.checked_on) == [dt.date(2026, 11, 20), dt.date(2026, 11, 21)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trail_id,grade\na,good\n", "'checked_on'"),
        ("trail_id,checked_on,grade\na,never,good\n", "'never'"),
        ("", "empty"),
    ],
)
def test_a_table_that_cannot_be_used_changes_nothing(make_folder, tmp_path, text, message):
    city = make_folder({})
    office = tmp_path / "i.csv"
    office.write_text(text)
    result = run_add(city, str(office), "--as", "inspections")
    assert result.exit_code == 1
    assert message in result.stderr
    assert not (city / "layers" / "inspections.csv").exists()
    assert not (city / "originals").exists()


def test_options_of_layers_are_refused_for_tables(make_folder, tmp_path):
    office = tmp_path / "i.csv"
    office.write_text("trail_id,checked_on,grade\na,2026-11-20,good\n")
    result = run_add(make_folder({}), str(office), "--as", "inspections", "--crs", "EPSG:5186")
    assert result.exit_code == 2
    assert "--crs" in result.stderr


def test_a_trial_run_writes_nothing(make_folder, tmp_path):
    city = make_folder({})
    office = tmp_path / "i.csv"
    office.write_text("trail_id,checked_on,grade\na,2026-11-20,good\n")
    result = run_add(city, str(office), "--as", "inspections", "--dry-run")
    assert result.exit_code == 0
    assert "new rows: 1" in result.output
    assert not (city / "layers" / "inspections.csv").exists()


def test_a_remark_about_the_call_as_a_whole_has_no_empty_place_before_it(make_folder, tmp_path):
    city = make_folder({})
    write_ledger(city, "holidays", "date,name,sample\n2026-01-01,old,yes\n")
    office = tmp_path / "h.csv"
    office.write_text("date,name\n2026-03-01,new\n")
    (line,) = re.findall(r"warning.*", run_add(city, str(office), "--as", "holidays").output)
    assert line.startswith("warning  rows of the sample stay beside the new ones: 1.")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026.11.04 24:00", "2026-11-05T00:00:00+09:00"),
        ("2026-12-31 24:00:00", "2027-01-01T00:00:00+09:00"),
        ("2026-11-04T24:00+09:00", "2026-11-05T00:00:00+09:00"),
        ("2026-11-04 24:01", None),
        ("2026-11-04 오후 24:00", None),
        ("9999-12-31 24:00", None),
    ],
)
def test_the_end_of_a_day_is_the_beginning_of_the_next(text, moment):
    if moment is None:
        with pytest.raises(ValueError, match=text):
            read_moment(text, KOREA)
    else:
        assert read_moment(text, KOREA).isoformat() == moment


def test_a_register_with_a_row_that_would_be_lost_is_not_written_anew(make_folder, tmp_path):
    """A trail that is added brings a row of the register, which is written whole."""
    register = "id,name\na,가\nb,나,더\n"
    city = make_folder({"gpx/trails.csv": register})
    new = tmp_path / "c.gpx"
    new.write_text(
        gpx(track([(126.85, 35.14, 20), (126.86, 35.15, 30)], name="c")), encoding="utf-8"
    )
    result = run_add(city, str(new), "--as", "trails")
    assert result.exit_code == 1
    assert "gpx/trails.csv, line 3: it has rows that would be lost" in result.stderr
    assert (city / "gpx/trails.csv").read_text("utf-8") == register
