"""Rows of stops, car parks and toilets that stand there twice are one, and are counted."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from gpxtext import gpx, track

import mapserver
from mapserver.commands.cli import main

LON, LAT = 126.85, 35.15
HEADER = "정류장번호,정류장명,위도,경도,모바일단축번호,도시명"
CATALOG = (
    '[[layers]]\nid = "stops"\nfile = "stops.csv"\nrole = "stops"\n'
    'id_column = "정류장번호"\nname_column = "정류장명"\n'
)


def read_stops(make_city, *lines):
    """Read stops that somebody laid into layers/, and what was found of them."""
    files = {
        "gpx/a.gpx": gpx(track([(LON, LAT), (LON + 0.002, LAT)])),
        "layers/catalog.toml": CATALOG,
        "layers/stops.csv": "\n".join((HEADER, *lines, "")),
    }
    city = make_city(files)
    return city.layers["stops"], {f.code: f for f in city.check() if f.file == "layers/stops.csv"}


def test_rows_of_one_id_and_place_are_one_that_knows_what_either_says(make_city):
    stops, findings = read_stops(
        make_city,
        f"G1,상무역,{LAT},{LON},,광주",
        f"G1,상무역(남),{LAT},{LON},0512,",
        f"G2,시청,{LAT},{LON + 0.001},0513,광주",
    )
    assert list(stops.index) == ["G1", "G2"]
    assert list(stops["모바일단축번호"]) == ["0512", "0513"]
    assert list(stops["name"]) == ["상무역", "시청"]
    assert findings["rows-doubled"].values == {"count": 1}
    assert "id-duplicate" not in findings


def test_rows_of_one_name_and_place_are_one_unless_they_contradict(make_city):
    stops, findings = read_stops(
        make_city,
        f"G1,상무역,{LAT},{LON},0512,광주",
        f"N7,상무역,{LAT},{LON},0512,나주",
        f"G2,시청,{LAT},{LON + 0.001},0513,광주",
        f"G3,시청,{LAT},{LON + 0.001},0514,광주",
        f"G4,시청,{LAT},{LON + 0.0011},0513,광주",
    )
    assert list(stops.index) == ["G1", "G2", "G3", "G4"]
    assert findings["rows-doubled"].values == {"count": 1}


def test_rows_of_one_id_elsewhere_stay_two_and_are_said(make_city):
    stops, findings = read_stops(
        make_city,
        f"G1,상무역,{LAT},{LON},,광주",
        f"G1,상무역,{LAT},{LON + 0.001},,광주",
    )
    assert list(stops.index) == ["G1", "G1~2"]
    assert "rows-doubled" not in findings
    assert "id-duplicate" in findings


def test_rows_without_a_place_are_one_by_id_and_name_alone(make_city):
    stops, findings = read_stops(
        make_city,
        f"G1,시청,{LAT},{LON},,광주",
        "G2,역,,,,광주",
        "G2,역,0,0,,광주",
        "G3,역,,,,광주",
    )
    assert list(stops.index) == ["G1", "G2", "G3"]
    assert findings["rows-without-place"].values["count"] == 2


def test_shops_of_one_name_and_place_stay_two(make_city):
    text = f"id,name,lon,lat\n1,가게,{LON},{LAT}\n2,가게,{LON},{LAT}\n"
    catalog = '[[layers]]\nid = "s"\nfile = "s.csv"\nrole = "shops"\nid_column = "id"\n'
    assert len(make_city({"layers/catalog.toml": catalog, "layers/s.csv": text}).layers["s"]) == 2


@pytest.fixture
def add(make_folder, tmp_path):
    """Add files to a city, and return it opened with what the command said."""
    city = make_folder({"gpx/a.gpx": gpx(track([(LON, LAT), (LON + 0.002, LAT)]))})

    def run(role, *texts):
        paths = [tmp_path / f"{n}.csv" for n in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        words = ["add", *map(str, paths), "--as", role, "--city", str(city), "--lang", "en"]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
        return mapserver.open_city(city).layers[role], " ".join(result.output.split())

    return run


def test_ids_of_a_register_are_used_though_one_is_doubled_and_one_is_missing(add):
    lines = [f"P{n},주차장{n},{LAT},{LON + n / 10_000}" for n in range(5)]
    more = (f"P1,다른 주차장,{LAT},{LON + 0.001}", f",새 주차장,{LAT},{LON + 0.0011}")
    parking, said = add(
        "parking", "\n".join(("주차장관리번호,주차장명,위도,경도", *lines, *more, ""))
    )
    assert list(parking.index)[:6] == ["P0", "P1", "P2", "P3", "P4", "P1~2"]
    assert "another row has the id 'P1'" in said


def test_a_column_that_repeats_is_no_id_of_a_register(add):
    lines = [f"X,주차장{n},{LAT},{LON + n / 10_000}" for n in range(5)]
    parking, _ = add("parking", "\n".join(("주차장관리번호,주차장명,위도,경도", *lines, "")))
    assert parking.index[0] == "parking-1"


def test_two_files_that_share_a_stop_have_it_once(add):
    line = f"G1,상무역,{LAT},{LON},0512,광주"
    other = f"G2,시청,{LAT},{LON + 0.001},0513,광주"
    third = f"G3,역,{LAT},{LON + 0.0015},0514,광주"
    both = "\n".join((HEADER, line, line, third, "")), "\n".join((HEADER, line, other, ""))
    stops, said = add("stops", *both)
    assert list(stops.index) == ["G1", "G3", "G2"]
    assert said.count("stand there again, with the id or the name and the place of another: 1") == 2
