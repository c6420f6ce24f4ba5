"""Rows that say their trail by an id and by a name: neither is lost, and none is called open."""

from __future__ import annotations

import datetime as dt

import pytest
from gpxtext import gpx, track

DAY = dt.date(2026, 11, 21)
NAMES = {"hill": "집봉산", "park": "상무시민공원", "pond": "풍암호수"}


@pytest.fixture
def lay(make_city):
    """Make a city of three named trails with one file of ``layers/``."""

    def make(name, text, **files):
        lines = {
            f"gpx/{id_}.gpx": gpx(
                track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name=title)
            )
            for n, (id_, title) in enumerate(NAMES.items())
        }
        return make_city({**lines, f"layers/{name}": text, **files})

    return make


def list_states(city):
    return dict(city.trails_on(DAY)["state"])


@pytest.mark.parametrize("heading", ["맨발길", "trail_name", "name", "시설명"])
def test_an_id_and_a_name_of_two_trails_close_both(lay, heading):
    table = f"trail_id,{heading},점검일,등급,item\nhill,상무시민공원,2026-11-20,이용금지,배수\n"
    city = lay("inspections.csv", table)
    assert list_states(city) == {"hill": "closed", "park": "closed", "pond": "open"}
    (finding,) = [f for f in city.check() if f.code == "trails-contradict"]
    assert (finding.file, finding.feature) == ("layers/inspections.csv", "line 2")
    assert finding.values["second"] == "'상무시민공원'"


def test_a_name_with_a_wrong_syllable_beside_the_id_of_another_trail_is_in_doubt(lay):
    table = "trail_id,맨발길,점검일,등급\nhill,상무시민공언,2026-11-20,이용금지\n"
    city = lay("inspections.csv", table)
    assert list_states(city) == {"hill": "closed", "park": "unknown", "pond": "open"}


@pytest.mark.parametrize("name", ["집봉산", "집봉산 입구", "hill"])
def test_an_id_and_the_name_of_its_trail_are_one_look(lay, name):
    table = f"trail_id,맨발길,점검일,등급\nhill,{name},2026-11-20,이용금지\n"
    city = lay("inspections.csv", table)
    assert list_states(city) == {"hill": "closed", "park": "open", "pond": "open"}
    assert len(city.checks["hill"].faults) == 1
    assert not [f for f in city.check() if f.code == "trails-contradict"]


def test_what_stands_at_a_trail_is_not_taken_for_another_trail(lay):
    table = "맨발길,시설명,id,점검일,등급\n집봉산,세족장,7,2026-11-20,이용금지\n"
    city = lay("inspections.csv", table)
    assert list_states(city) == {"hill": "closed", "park": "open", "pond": "open"}


def test_a_row_without_an_id_is_about_the_trail_that_it_names(lay):
    table = "trail_id,맨발길명,checked_on,grade\n,상무시민공원,2026-11-20,이용금지\n"
    city = lay("inspections.csv", table)
    assert list_states(city) == {"hill": "open", "park": "closed", "pond": "open"}


def test_a_soil_test_of_two_trails_is_said_of_none(lay):
    table = (
        "trail_id,맨발길,sampled_on,lead\nhill,상무시민공원,2026-05-12,900\n"
        ",풍암호수,2026-05-12,20\nhill,집봉산,2026-05-13,30\n"
    )
    city = lay("soil.csv", table)
    samples = {trail: len(soil.samples) for trail, soil in city.soil.items()}
    assert samples == {"hill": 1, "park": 0, "pond": 1}
    (finding,) = [f for f in city.check() if f.code == "trails-contradict"]
    assert (finding.file, finding.feature) == ("layers/soil.csv", "line 2")
    assert city.ledgers["soil"]["as_written"].iloc[0] == {"trail_id": "hill / 상무시민공원"}


def test_a_cell_that_has_an_id_and_the_name_of_its_trail_is_one_sample(lay):
    city = lay("soil.csv", 'trail_id,sampled_on,lead\n"hill, 집봉산",2026-05-12,90\n')
    assert len(city.soil["hill"].samples) == 1


def test_an_id_and_the_name_of_its_trail_close_it_once(lay):
    table = "trail_id,name,from,to\nhill,집봉산,2026-11-20,2026-11-22\n"
    assert list_states(lay("closures.csv", table))["hill"] == "closed"
