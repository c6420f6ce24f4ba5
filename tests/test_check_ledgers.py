"""What `mapserver check` says of soil, rain, lines and messages that cannot be or reach nothing."""

from __future__ import annotations

import json

import pytest
from gpxtext import gpx, track

LINE = gpx(track([(126.85, 35.14, 20), (126.853, 35.141, 40)], name="언덕길"))
AREAS = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": name},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[x, 35.1], [x + 0.1, 35.1], [x + 0.1, 35.2], [x, 35.2], [x, 35.1]]
                    ],
                },
            }
            for name, x in (("농성 1동", 126.8), ("치평동", 126.9))
        ],
    }
)
CATALOG = (
    '[[layers]]\nid = "stops"\nfile = "stops.csv"\nrole = "stops"\n'
    'id_column = "id"\nname_column = "name"\n'
)
STOPS = "id,name,pole_number,lon,lat\ns1,상무역,0512,126.85,35.14\n"


@pytest.fixture
def examine(make_city, set_clock):
    """Check a city of one trail on 26 November 2026: the findings by their code."""
    set_clock("2026-11-26T03:00:00")

    def check(files, file):
        city = make_city({"gpx/a.gpx": LINE, **files})
        return {each.code: each for each in city.check() if each.file == file}

    return check


def test_soil_of_a_trail_that_there_is_not_is_reported(examine):
    rows = "길,채취일,납\na,2026-05-12,10\nnowhere,2026-05-12,900\nnowhere,2026-05-13,900\n"
    findings = examine({"layers/soil.csv": rows}, "layers/soil.csv")
    assert set(findings) == {"soil-unknown-trail"}
    assert findings["soil-unknown-trail"].feature == "line 3"
    assert "soil tests (2)" in findings["soil-unknown-trail"].message


def test_soil_of_a_name_that_is_nearly_a_trail_asks_for_it(examine):
    findings = examine({"layers/soil.csv": "길,채취일,납\nA,2026-05-12,10\n"}, "layers/soil.csv")
    assert "is it a?" in findings["soil-unknown-trail"].message


@pytest.mark.parametrize(
    ("id_", "text"),
    [
        ("soil", "길,채취일,납\na,2026-11-26,10\na,2026-11-27,10\n"),
        ("rain", "date,rain_mm\n2026-11-26,3\n2026-11-27,3\n"),
    ],
)
def test_what_was_measured_on_a_day_that_has_not_come_is_reported(examine, id_, text):
    findings = examine({f"layers/{id_}.csv": text}, f"layers/{id_}.csv")
    assert set(findings) == {"measured-in-the-future"}
    assert findings["measured-in-the-future"].feature == "line 3"


def test_lines_that_match_no_stop_are_reported_once(examine):
    rows = "line,stop_name,pole_number,lon,lat\n16,상무역,512,126.85,35.14\n"
    rows += "17,운천,0600,126.86,35.14\n18,,0700,,\n"
    files = {
        "layers/catalog.toml": CATALOG,
        "layers/stops.csv": STOPS,
        "layers/bus_lines.csv": rows,
    }
    findings = examine(files, "layers/bus_lines.csv")
    assert set(findings) == {"line-without-stop"}
    finding = findings["line-without-stop"]
    assert finding.feature == "line 3"
    assert "2 of 3; the first is '17' at '운천'" in finding.message


def test_lines_without_any_stops_are_reported(examine):
    rows = "line,stop_name\n16,상무역\n"
    finding = examine({"layers/bus_lines.csv": rows}, "layers/bus_lines.csv")["line-without-stop"]
    assert "no layer of stops" in finding.message


def test_messages_that_cannot_be_are_counted_and_named(examine):
    rows = (
        "received,answered,neighborhood,category\n"
        "2026-11-20 09:00,2026-11-21 09:00,농성 1동,길\n"
        "2026-11-20 09:00,2026-11-19 09:00,치평동,길\n"
        "2026-11-28 09:00,,치평동,길\n"
        "2026-11-20 09:05,2026-12-24 09:00,치평동,길\n"
        "2026-11-20 09:00,,농성1동,길\n"
        "2026-11-20 09:00,,농성1동,길\n"
        "2026-11-20 09:00,,,길\n"
    )
    files = {"layers/neighborhoods.geojson": AREAS, "layers/requests.csv": rows}
    findings = examine(files, "layers/requests.csv")
    assert {code: (each.feature, each.values["count"]) for code, each in findings.items()} == {
        "answered-before-received": ("line 3", 1),
        "request-in-the-future": ("line 4", 2),
        "request-unknown-neighborhood": ("line 6", 2),
    }


def test_messages_that_agree_in_all_but_their_answer_are_counted(examine):
    rows = (
        "2026-11-20 09:00,2026-11-20 10:00,치평동,길",
        "2026-11-20 9:00,2026-11-21 10:00, 치평동,길",
        "2026-11-20 09:00,,치평동,길",
        "2026-11-21 09:00,내일,,",
        "2026-11-21 09:00,2026-11-21 10:00,,",
        # Equal ones may be two messages, and those of another category are.
        "2026-11-22 09:00,2026-11-22 10:00,치평동,길",
        "2026-11-22 09:00,2026-11-22 10:00,치평동,길",
        "2026-11-22 09:00,2026-11-22 11:00,치평동,물",
        "어제,2026-11-22 10:00,치평동,길",
        "어제,2026-11-22 11:00,치평동,길",
    )
    text = "received,answered,neighborhood,category\n" + "".join(f"{row}\n" for row in rows)
    findings = examine({"layers/requests.csv": text}, "layers/requests.csv")
    assert findings["answers-differ"].values["count"] == 5
    assert findings["answers-differ"].feature == "line 2"
