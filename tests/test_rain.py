"""Rain: what follows for trails by the office's own rule for a surface."""

from __future__ import annotations

import datetime as dt

import pytest
from gpxtext import gpx, track

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
    assert (row.closed_from, row.closed_to, row.opens_on) == (day(2), day(4), day(5))
    assert row.reason_en == "Closed after rain: 45\xa0mm on 2 July 2026"
    # What was not understood may have been enough.
    assert list_states(city, 9, 13) == ["open", "unknown", "unknown", "unknown", "open"]


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
