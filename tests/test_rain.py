"""Rain: what follows for trails by the office's own rule for a surface."""

from __future__ import annotations

import datetime as dt

import pytest
from click.testing import CliRunner
from gpxtext import gpx, track

from mapserver.city import open_city
from mapserver.commands.cli import main
from mapserver.drawing.captions import Captions
from mapserver.errors import CatalogError
from mapserver.model import parse_catalog
from mapserver.model.rain import choose_surface_class

REGISTER = "id,name,surface\na,A,황토\nb,B,마사토\nc,C,\n"
RULE = '[rain]\nstation = "156"\n[rain.high]\nmm = 30\nsource = "내부 지침"\n'
RAIN = "일시,지점,일강수량(mm)\n"


def day(number):
    return dt.date(2026, 7, number)


@pytest.fixture
def rained(make_city):
    def make(*rows, catalog=RULE):
        trails = {
            f"gpx/{id_}.gpx": gpx(
                track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name=id_)
            )
            for n, id_ in enumerate("abc")
        }
        table = RAIN + "".join(f"{row}\n" for row in rows)
        ledger = {"layers/rain.csv": table, "layers/catalog.toml": catalog}
        return make_city({**trails, "gpx/trails.csv": REGISTER, **ledger})

    return make


def list_notices(city, first, last, trail="a"):
    return [city.trails_on(day(n)).loc[trail, "notice_ko"] for n in range(first, last + 1)]


def list_states(city, first, last, trail="a"):
    return [city.trails_on(day(n)).loc[trail, "state"] for n in range(first, last + 1)]


def test_after_much_rain_a_notice_is_said_of_the_surface_of_the_rule_alone(rained):
    city = rained("2026-07-02,156,30.0", "2026-07-05,156,29.9")
    said = "비 온 뒤 주의: 2026년 7월 2일 30\xa0mm"
    assert list_notices(city, 1, 5) == ["", said, said, "", ""]
    assert list_states(city, 1, 5) == ["open"] * 5
    for trail in ("b", "c"):
        assert list_notices(city, 2, 3, trail) == ["", ""]


def test_a_trail_is_closed_after_rain_only_where_the_office_says_so(rained):
    rule = RULE + "closes = true\ndays = 2\n"
    city = rained("2026-07-02,156,45", "2026-07-10,156,많음", catalog=rule)
    assert list_states(city, 1, 5) == ["open", "closed", "closed", "closed", "open"]
    row = city.trails_on(day(3)).loc["a"]
    # Nobody knows of the days after it, so none is promised.
    assert (row.closed_from, row.closed_to, row.opens_on) == (day(2), None, None)
    assert row.reason_en == (
        "Closed after rain: 45\xa0mm on 2 July 2026; until 4 July 2026 if it does not rain again"
    )
    # What was not understood may have been enough.
    assert list_states(city, 9, 13) == ["open", "unknown", "unknown", "unknown", "open"]


DRY = [f"2026-07-0{n},156,0" for n in (3, 4, 5)]


@pytest.mark.parametrize(
    ("rows", "is_known"),
    [
        (DRY, True),
        (DRY[:2], False),
        (DRY[1:], False),
        ([*DRY[:2], "2026-07-05,156,"], False),
        ([*DRY[:2], "2026-07-05,156,29.9"], True),
    ],
)
def test_a_day_after_rain_is_promised_only_if_it_is_known_that_no_more_fell(rained, rows, is_known):
    rule = RULE + "closes = true\ndays = 2\n"
    city = rained("2026-07-02,156,45", *rows, catalog=rule)
    row = city.trails_on(day(3)).loc["a"]
    days = (day(4), day(5)) if is_known else (None, None)
    assert (row.state, row.closed_to, row.opens_on) == ("closed", *days)
    assert ("비가 더 오지 않으면 2026년 7월 4일까지" in row.reason_ko) is not is_known
    text = Captions(city, "ko", day(3)).of("trails")[0].state_text.replace("\xa0", " ")
    assert ("다시 엽니다" in text) is is_known


def test_rain_within_another_closure_leaves_its_end_as_the_office_says(rained):
    rule = RULE + "closes = true\ndays = 2\n"
    path = rained("2026-07-02,156,45", catalog=rule).path
    closures = "trail_id,from,to,reason_ko\na,2026-07-03,2026-07-20,공사\n"
    (path / "layers/closures.csv").write_text(closures, "utf-8")
    row = open_city(path).trails_on(day(3)).loc["a"]
    assert (row.closed_to, row.opens_on, row.reason_ko) == (day(20), day(21), "공사")


def test_without_a_rule_nothing_is_said(rained):
    city = rained("2026-07-02,156,300", catalog="")
    assert list_notices(city, 2, 3) == ["", ""]


def test_rain_on_days_in_a_row_is_told_by_the_last(rained):
    city = rained("2026-07-02,156,40", "2026-07-03,156,50")
    assert [text[-5:] for text in list_notices(city, 2, 4)] == ["40\xa0mm", "50\xa0mm", "50\xa0mm"]


def test_only_the_station_of_the_catalogue_counts(rained):
    rows = ("2026-07-02,156,0", "2026-07-02,783,99")
    assert list_notices(rained(*rows), 2, 2) == [""]
    # Without one, nobody knows which of several lies near.
    city = rained(*rows, catalog=RULE.replace('station = "156"', ""))
    assert list_notices(city, 2, 2) == [""]
    assert "rain-station-missing" in {finding.code for finding in city.check()}
    alone = rained("2026-07-02,783,99", catalog=RULE.replace('station = "156"', ""))
    assert list_notices(alone, 2, 2) != [""]


def test_a_rule_says_where_its_number_comes_from():
    with pytest.raises(CatalogError, match="source"):
        parse_catalog("[rain.high]\nmm = 30\n")


@pytest.mark.parametrize(
    ("surface", "name"),
    [("황토+마사토", "high"), ("마사토", "low"), ("흙길", "natural"), ("고무", ""), ("", "")],
)
def test_the_class_of_a_surface_is_that_of_its_most_delicate_part(surface, name):
    assert choose_surface_class(surface) == name


# -- hours -----------------------------------------------------------------------------------------

CLOSING = RULE.replace("source =", "closes = true\ndays = 0\nsource =")


def hours(number, amounts, start=0):
    """Write rows of a weather service for the hours of a day in July."""
    return [f"2026-07-{number:02} {h:02}:00,156,{mm}" for h, mm in enumerate(amounts, start)]


def test_hours_of_a_day_are_summed_by_the_clock_of_the_station(rained):
    drizzle, shower = [1.2] * 24, [0.1] * 23 + [29.9]
    rows = hours(2, drizzle) + hours(3, shower) + hours(4, [1.3] * 24)
    assert list_states(rained(*rows, catalog=CLOSING), 1, 5) == [
        *("open", "open"),  # 28.8 mm, though no hour of it would be wet
        *("closed", "closed"),  # 32.2 and 31.2 mm
        "open",
    ]


@pytest.mark.parametrize(
    ("amounts", "state", "notice"),
    [
        ([30.0], "closed", "비 온 뒤 주의: 2026년 7월 2일 30\xa0mm"),
        ([29.9], "unknown", "2026년 7월 2일 강수량을 23시간 동안 알 수 없음"),
        ([""] * 24, "unknown", "2026년 7월 2일 강수량을 알 수 없음"),
        ([0.0] * 23 + [""], "unknown", "2026년 7월 2일 강수량을 1시간 동안 알 수 없음"),
        ([0.0] * 23 + ["많음"], "unknown", "2026년 7월 2일 강수량을 1시간 동안 알 수 없음"),
        ([0.0] * 24, "open", ""),
    ],
)
def test_hours_that_are_missing_are_never_dry_and_what_fell_counts(rained, amounts, state, notice):
    rows = [*hours(1, [0.0] * 24), *hours(2, amounts)]
    assert list_states(rained(*rows, catalog=CLOSING), 1, 3) == ["open", state, "open"]
    warning = rained(*rows, catalog=RULE + "days = 0\n")
    assert list_states(warning, 1, 3) == ["open"] * 3
    [before, said, after] = list_notices(warning, 1, 3)
    assert (before, after) == ("", "")
    assert said.startswith(notice) if notice else not said


def test_an_empty_cell_is_no_rain_only_where_the_catalogue_says_so(rained):
    rows = ["2026-07-02,156,", *hours(3, [""] * 23 + [31])]
    codes = {finding.code: finding for finding in rained(*rows, catalog=CLOSING).check()}
    assert codes["rain-blank"].values["count"] == 24
    assert codes["rain-hours-missing"].values == {"count": 1, "day": "2026-07-03"}
    assert list_states(rained("2026-07-02,156,", catalog=CLOSING), 2, 2) == ["unknown"]
    blank = CLOSING.replace("[rain]\n", "[rain]\nblank_is_none = true\n")
    city = rained("2026-07-02,156,", "2026-07-04,156,많음", catalog=blank)
    assert list_states(city, 2, 4) == ["open", "open", "unknown"]
    assert "rain-blank" not in {finding.code for finding in city.check()}


def test_midnight_is_of_the_day_before_where_times_are_the_ends_of_hours(rained):
    rows = [*hours(2, [0] * 23, 1), "2026-07-03 00:00,156,40", *hours(3, [0] * 23, 1)]
    rows.append("2026-07-04 00:00,156,0")
    ends = CLOSING.replace("[rain]\n", "[rain]\nhours_end = true\n")
    assert list_states(rained(*rows, catalog=ends), 2, 4) == ["closed", "open", "open"]
    assert list_states(rained(*rows, catalog=CLOSING), 2, 4) == ["unknown", "closed", "unknown"]


def test_days_that_a_spreadsheet_gave_a_midnight_are_whole_days(rained):
    rows = ("2026-07-02 00:00:00,156,12", "2026-07-03 00:00:00,156,31")
    assert list_states(rained(*rows, catalog=CLOSING), 2, 3) == ["open", "closed"]


def test_minutes_are_no_hours_and_put_their_day_in_doubt(rained):
    city = rained("2026-07-02 13:00,156,1", "2026-07-02 13:10,156,40", catalog=CLOSING)
    # What fell in ten minutes may be a part of the hour, or the whole of it until then.
    row = city.trails_on(day(2)).loc["a"]
    assert (row.state, row.reason_en) == (
        "unknown",
        "How much it rained on 2 July 2026 is not known for 23 hours",
    )
    assert any("13:10" in finding.message for finding in city.findings)


def test_hours_come_in_by_add_as_they_are_and_a_second_time_change_nothing(rained, tmp_path):
    rained("2026-07-01,156,0", catalog=CLOSING)
    text = RAIN.replace("일강수량", "강수량") + "\n".join(hours(2, [1.3] * 24)) + "\n"
    export = tmp_path / "OBS_ASOS_TIM_20260703.csv"
    export.write_bytes(text.encode("cp949"))
    [folder] = [path.parent for path in tmp_path.rglob("gpx")]
    for _ in range(2):
        done = CliRunner().invoke(main, ["add", str(export), "--as", "rain", "--city", str(folder)])
        assert done.exit_code == 0, done.output
        rows = open_city(folder).ledgers["rain"]
        assert list(rows["hour"].dropna()) == list(range(24))
    assert list_states(open_city(folder), 1, 3) == ["open", "closed", "open"]


def close_by(station='"156"', mm="30"):
    return f'[rain]\nstation = {station}\n[rain.high]\nmm = {mm}\nsource = "지침"\ncloses = true\n'


@pytest.mark.parametrize("station", ['"156"', "156", '"156.0"', "156.0", '"0156"', '" 156"'])
@pytest.mark.parametrize("cell", ["156", "156.0", "0156"])
def test_a_station_is_one_in_whatever_way_its_number_is_written(rained, station, cell):
    city = rained(f"2026-07-02,{cell},45", "2026-07-02,783,0", catalog=close_by(station))
    assert list_states(city, 1, 4) == ["open", "closed", "closed", "open"]
    assert "rain-station-missing" not in {finding.code for finding in city.check()}


@pytest.mark.parametrize("is_closing", [True, False])
@pytest.mark.parametrize(
    ("rows", "station"),
    [
        (["2026-07-02,783,45"], '"156"'),  # none is of the station
        (["2026-07-02,,45"], '"156"'),  # none says of which it is
        (["2026-07-02,156,45", "2026-07-02,783,0"], '""'),  # nobody has said which counts
    ],
)
def test_where_nobody_knows_which_rows_count_a_rule_that_closes_calls_no_day_open(
    rained, rows, station, is_closing
):
    catalog = close_by(station)
    catalog = catalog if is_closing else catalog.replace("true", "false")
    city = rained(*rows, catalog=catalog)
    state = "unknown" if is_closing else "open"
    assert list_states(city, 1, 4) == ["open", state, state, "open"]
    assert list_states(city, 2, 2, "b") == ["open"]
    assert "rain-station-missing" in {finding.code for finding in city.check()}


def test_a_file_without_a_column_of_stations_says_nothing_of_the_one_that_is_asked_for(rained):
    path = rained("2026-07-02,156,45", catalog=close_by()).path
    (path / "layers/rain.csv").write_text("일시,일강수량(mm)\n2026-07-02,45\n", "utf-8")
    assert list_states(open_city(path), 2, 3) == ["unknown", "unknown"]
    (path / "layers/catalog.toml").write_text(close_by('""'), "utf-8")
    assert list_states(open_city(path), 2, 3) == ["closed", "closed"]


@pytest.mark.parametrize("station", ['"156"', '""'])
def test_rows_without_a_station_among_others_are_counted_and_leave_their_day_unknown(
    rained, station
):
    rows = ("2026-07-02,156,0", "2026-07-02,,45", "2026-07-05,,0", "2026-07-05,,45")
    city = rained(*rows, catalog=close_by(station))
    assert list_states(city, 2, 7) == ["open", "open", "open", "unknown", "unknown", "open"]
    (finding,) = [f for f in city.check() if f.code == "rain-row-without-station"]
    assert (finding.feature, finding.values["count"]) == ("line 3", 3)


@pytest.mark.parametrize("catalog", [close_by(mm='"30"'), close_by(mm="-1"), close_by(mm="drei")])
def test_a_broken_rule_that_closes_leaves_trails_unknown_where_there_is_rain(rained, catalog):
    city = rained("2026-07-02,156,45", catalog=catalog)
    assert "catalog-broken" in {finding.code for finding in city.findings}
    assert list_states(city, 2, 3) == ["unknown", "unknown"]
    calm = rained("2026-07-02,156,45", catalog=catalog.replace("= true", "= false"))
    assert list_states(calm, 2, 3) == ["open", "open"]
    (calm.path / "layers/catalog.toml").write_text(catalog, "utf-8")
    (calm.path / "layers/rain.csv").unlink()
    assert list_states(open_city(calm.path), 2, 3) == ["open", "open"]


def test_a_file_of_rain_that_cannot_be_read_matters_where_a_rule_closes(rained):
    path = rained("2026-07-02,156,45", catalog=close_by()).path
    (path / "layers/rain.csv").write_bytes(b"\0\1\2" * 99)
    assert list_states(open_city(path), 2, 2) == ["unknown"]
    (path / "layers/catalog.toml").write_text(RULE, "utf-8")
    assert list_states(open_city(path), 2, 2) == ["open"]


@pytest.mark.parametrize("amount", ["999.9", "99999", "901"])
def test_amounts_that_cannot_fall_on_a_day_are_no_rain_and_not_dry(rained, amount):
    city = rained(f"2026-07-02,156,{amount}", catalog=close_by())
    assert list_states(city, 1, 4) == ["open", "unknown", "unknown", "open"]
    (finding,) = [f for f in city.findings if f.file == "layers/rain.csv"]
    assert amount in finding.message
    assert list_states(rained("2026-07-02,156,870.5", catalog=close_by()), 2, 2) == ["closed"]


def know(first, last, mm="0"):
    return [f"2026-07-{number:02},156,{mm}" for number in range(first, last + 1)]


@pytest.mark.parametrize(
    "row", ["2026-07-3X,156,45", ",156,45", "어제,156,", "??,156,많음", "??,,1"]
)
@pytest.mark.parametrize("place", [0, -1])
def test_a_row_of_which_nobody_knows_the_day_leaves_days_unknown_that_it_may_be(rained, row, place):
    rows = [*know(1, 4), *know(6, 9)]
    rows.insert(place, row)
    city = rained(*rows, catalog=close_by())
    # It may be of the fifth, or of any day that is not in the file; the rule holds a day longer.
    sure = ["open", "open", "open", "unknown", "unknown", "open", "open", "open", "unknown"]
    assert list_states(city, 2, 10) == sure
    assert list_states(city, 1, 1) == ["unknown"]
    state = city.trails_on(dt.date(2030, 1, 1)).loc["a"]
    assert (state.state, state.reason_en) == (
        "unknown",
        "layers/rain.csv: nobody can tell on which day it rained",
    )
    assert list_states(city, 2, 10, "b") == ["open"] * 9
    [finding] = [each for each in city.check() if each.code == "rain-undated"]
    assert finding.values["count"] == 1
    assert finding.feature == f"line {2 if place == 0 else 1 + len(rows) - 1}"
    # A rule that warns warns of what is known alone.
    calm = rained(*rows, catalog=close_by().replace("true", "false"))
    assert list_states(calm, 1, 10) == ["open"] * 10


@pytest.mark.parametrize("row", ["??,156,29.9", ",156,", "??,783,45"])
def test_a_row_without_a_day_that_cannot_have_reached_the_rule_doubts_nothing(rained, row):
    city = rained(*know(1, 4), row, catalog=close_by())
    assert list_states(city, 1, 9) == ["open"] * 9


def test_an_hour_of_which_nobody_knows_the_day_may_be_what_a_day_needs(rained):
    rows = [*hours(2, [0.0] * 24), "?? 13:00,156,1", *hours(3, [0.0] * 24)]
    city = rained(*rows, catalog=CLOSING)
    assert list_states(city, 1, 4) == ["unknown", "open", "open", "unknown"]


def test_a_row_without_a_day_opens_nothing_that_rain_has_closed(rained):
    city = rained("2026-07-02,156,45", "??,156,50", catalog=close_by())
    assert list_states(city, 1, 4) == ["unknown", "closed", "closed", "unknown"]
    assert city.trails_on(day(2)).loc["a", "opens_on"] is None


def test_where_nobody_knows_which_station_counts_a_row_without_a_day_may_be_any(rained):
    city = rained("??,783,45", "2026-07-02,783,0", catalog=close_by())
    assert list_states(city, 1, 4) == ["unknown"] * 4
