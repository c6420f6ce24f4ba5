"""Which lines stop at a stop: said where a file says it for certain, and nowhere else."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from click.testing import CliRunner
from gpxtext import gpx, track

import mapserver
from mapserver.commands.cli import main
from mapserver.model import sort_naturally
from mapserver.readers.city_folder import read_city
from mapserver.settings import Settings
from mapserver.web import create_app

LON, LAT = 126.85, 35.14
ACROSS_DEG = 0.0004
"""Some 36 m: the other side of a wide street."""
CATALOG = (
    '[[layers]]\nid = "stops"\nfile = "stops.csv"\nrole = "stops"\n'
    'id_column = "id"\nname_column = "name"\n'
)
STOPS = (
    "id,name,pole_number,lon,lat\n"
    f"s1,상무역,0512,{LON},{LAT}\ns2,상무역,0513,{LON + ACROSS_DEG},{LAT}\n"
    f"s3,운천,0600,{LON + 0.003},{LAT}\n"
)
BIS = "LINE_ID,LINE_NAME,BUSSTOP_ID,BUSSTOP_NAME,ARS_ID,LONGITUDE,LATITUDE,RETURN_FLAG"


@pytest.fixture
def folder(make_folder):
    line = track([(LON, LAT), (LON + 0.002, LAT)])
    files = {"gpx/a.gpx": gpx(line), "layers/catalog.toml": CATALOG, "layers/stops.csv": STOPS}
    return make_folder(files)


@pytest.fixture
def read_lines(folder):
    """Put a table of lines into the city, and read what its stops say."""

    def read(text: str):
        (folder / "layers" / "bus_lines.csv").write_text(text, "utf-8")
        stops = mapserver.open_city(folder).layers["stops"]
        return list(stops["lines"].astype(object).where(stops["lines"].notna(), None))

    return read


def write_rows(*rows: str) -> str:
    return "\n".join((BIS, *rows, ""))


def get_page(folder, lang="ko") -> str:
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    return client.get(f"/trails/a?lang={lang}").text


def test_numbers_of_lines_are_sorted_as_people_do():
    names = {"98", "9", "16", "순환01", "좌석02", "9-1", "지원9", "지원15"}
    assert sort_naturally(names) == ["9", "9-1", "16", "98", "순환01", "좌석02", "지원9", "지원15"]


def test_a_stop_says_each_of_its_lines_once_in_natural_order(read_lines):
    row = f"상무역,512,{LON},{LAT},1"
    said = read_lines(write_rows(f"2,16,7,{row}", f"1,9,7,{row}", f"2,16,7,{row}", "3,,7," + row))
    # The zero at the front of the pole's number was lost; of others nothing is said.
    assert said == ["9, 16", None, None]


def test_a_number_of_another_place_or_name_is_another_stop(read_lines):
    far = f"1,9,,상무역,0512,{LON + 0.01},{LAT},1"
    other_name = "2,16,,시청,0512,,,1"
    same_id_elsewhere = f"3,98,s3,어디,,{LON - 0.01},{LAT},1"
    assert read_lines(write_rows(far, other_name, same_id_elsewhere)) == [None] * 3


def test_without_a_number_the_same_name_at_the_same_place_counts(read_lines):
    near = f"1,9,x,상 무역,,{LON + 0.0001},{LAT},1"
    between = f"2,16,x,운천,,{LON + 0.0035},{LAT},1"  # 45 m from the stop of that name
    assert read_lines(write_rows(near, between)) == ["9", None, None]


def test_two_stops_with_one_number_are_no_certain_stop(folder, read_lines):
    stops = STOPS.replace("0513", "0512")
    (folder / "layers" / "stops.csv").write_text(stops, "utf-8")
    assert read_lines(write_rows("1,9,,상무역,0512,,,1")) == [None] * 3
    # With its place the nearer one of that name is.
    said = read_lines(write_rows(f"1,9,,상무역,0512,{LON + ACROSS_DEG},{LAT},1"))
    assert said == [None, "9", None]


def test_the_page_of_a_trail_says_them_and_nothing_without_a_file(folder, read_lines):
    assert "지나는 노선" not in get_page(folder)
    assert "lines" not in mapserver.open_city(folder).layers["stops"]
    read_lines(
        write_rows(f"1,9,s1,상무역,0512,{LON},{LAT},1", "2,<b>순환01</b>,s1,상무역,0512,,,1")
    )
    page = get_page(folder)
    assert "지나는 노선 9, &lt;b&gt;순환01&lt;/b&gt;" in page
    assert page.count("지나는 노선") == 1
    assert "lines: 9, &lt;b&gt;" in get_page(folder, "en")


def test_api_and_exports_have_the_lines_where_stops_are(folder, read_lines, tmp_path):
    read_lines(write_rows(f"1,9,s1,상무역,0512,{LON},{LAT},1"))
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    stop = client.get("/api/collections/stops/items/s1?f=json").json
    assert stop["properties"]["lines"] == "9"
    rows = client.get("/api/collections/bus_lines/items?f=json").json["features"]
    assert [row["properties"]["line"] for row in rows] == ["9"]
    mapserver.open_city(folder).export(tmp_path / "out", format="csv", layers=["stops"])
    written = pd.read_csv(tmp_path / "out" / "stops.csv", dtype=str)["lines"]
    assert list(written.fillna("")) == ["9", "", ""]


def test_a_file_that_cannot_be_read_is_a_finding_and_says_nothing(folder):
    (folder / "layers" / "bus_lines.csv").write_text("a,b\n1,2\n", "utf-8")
    city = mapserver.open_city(folder)
    assert [f.file for f in city.findings] == ["layers/bus_lines.csv"]
    assert "lines" not in city.layers["stops"]
    assert "지나는 노선" not in get_page(folder)


def test_broken_cells_are_findings_and_leave_the_other_rows(folder, read_lines):
    said = read_lines(write_rows("1,9,s1,상무역,0512,999,x,1", "2,16,s1,상무역,0512,,,1"))
    # Without its place the number and the name still say which stop it is.
    assert said == ["9, 16", None, None]
    findings = mapserver.open_city(folder).findings
    assert [f.feature for f in findings] == ["line 2", "line 2"]


def test_stops_stay_the_same_frame_while_their_files_do(folder, read_lines):
    read_lines(write_rows("1,9,s1,상무역,0512,,,1"))
    before = read_city(folder)
    (folder / "layers" / "closures.csv").write_text("trail_id,from,to\n", "utf-8")
    after = read_city(folder, earlier=before)
    assert after.layers["stops"].frame is before.layers["stops"].frame
    (folder / "layers" / "bus_lines.csv").write_text(write_rows("1,7,s1,상무역,,,,1"), "utf-8")
    latest = read_city(folder, earlier=after)
    assert latest.layers["stops"].frame["lines"].iloc[0] == "7"


def add(folder, path):
    words = ["add", str(path), "--as", "bus_lines", "--city", str(folder), "--lang", "en"]
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_table_of_the_city_comes_in_as_it_is(folder, tmp_path, form):
    text = write_rows(
        f"1,순환01,101,상무역,0512,{LON},{LAT},1",
        f"2,16,101,상무역,0512,{LON},{LAT},3",
        f"3,좌석02,900,광주광역시청 앞 버스정류장,0999,{LON},{LAT},2",
    )
    path = tmp_path / f"노선_정류소.{form}"
    if form == "csv":
        path.write_bytes(text.encode("cp949"))
    else:
        pd.read_csv(io.StringIO(text)).to_excel(path, index=False)
    result = add(folder, path)
    assert result.exit_code == 0, result.output
    assert "new rows: 3" in result.output
    # A workbook has lost the zeros of the pole's number.
    assert mapserver.open_city(folder).layers["stops"]["lines"].iloc[0] == "16, 순환01"
    assert "new rows: 0" in add(folder, path).output
