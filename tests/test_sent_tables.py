"""Tables that are sent to the API: their encoding, their columns, and those of the answer."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from browsing import serve
from gpxtext import gpx
from shared_fixtures import write_folder


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Serve a city of one trail; no test changes it."""
    return serve(
        write_folder(tmp_path_factory.mktemp("tables"), {"gpx/a.gpx": gpx()})
    ).test_client()


@pytest.fixture
def post(client):
    """Ask what is nearest to the points of a table."""

    def ask(body: bytes, kind: str = "text/csv"):
        return client.post("/api/nearest", data=body, content_type=kind)

    return ask


def test_a_place_that_is_written_twice_is_asked_about(post):
    for names in ("lon,lat,lon", "lon,lat,LAT "):
        answer = post(f"{names}\n126.85,35.15,1\n".encode())
        assert answer.status_code == 400
        assert "more than one column" in answer.json["detail"]
    assert post("lon,lat,경도,위도\n126.85,35.15,1,2\n".encode()).status_code == 200


def test_an_answer_that_is_sent_anew_gets_the_new_values(post):
    first = post(b"name,lon,lat\na,126.85,35.15\n").text
    header, row = csv.reader(io.StringIO(first))
    stale = io.StringIO()
    csv.writer(stale).writerows([header, [*row[:3], *["9"] * (len(row) - 3)]])
    assert post(stale.getvalue().encode()).text == first


def test_a_table_is_read_as_it_says_that_it_is_written(post):
    text = "name,lon,lat\ncafé,126.85,35.15\n"
    answer = post(text.encode("latin-1"), "text/csv; charset=iso-8859-1")
    assert "café" in answer.text
    # What it does not say is found out, and asked about where nothing proves it.
    assert "가게" in post("이름,경도,위도\n가게,126.85,35.15\n".encode("cp949")).text
    unsure = post(text.encode("latin-1"))
    assert unsure.status_code == 400
    assert "charset=" in unsure.json["detail"]
    assert "--encoding" not in unsure.json["detail"]


def test_a_table_that_is_written_otherwise_than_it_says_is_refused(post):
    text = "name,lon,lat\na,126.85,35.15\n가게,126.85,35.15\n"
    for said, written in (("utf-8", "cp949"), ("euc-kr", "utf-8")):
        answer = post(text.encode(written), f"text/csv; charset={said}")
        assert answer.status_code == 400
        assert "line 3" in answer.json["detail"]
    assert post(b"lon,lat\n126.85,35.15\n", "text/csv; charset=nothing").status_code == 415
    for name in ("a" * 9_000, "undefined", "idna", "../ascii"):
        answer = post(b"lon,lat\n126.85,35.15\n", f"text/csv; charset={name}")
        assert answer.status_code == 415, name
        assert len(answer.data) < 1_000
    assert "line 2" in post(b'lon,lat\n126.85,"35').json["detail"]


def test_an_answer_to_a_spreadsheet_is_read_by_one(post):
    """Excel takes UTF-8 without its mark for the encoding of old."""
    text = "이름,경도,위도\n가게,126.85,35.15\n"
    plain = post(text.encode())
    assert not plain.data.startswith(codecs.BOM_UTF8)
    for sent in (text.encode("utf-8-sig"), text.encode("cp949")):
        assert post(sent).data == codecs.BOM_UTF8 + plain.data


def test_rows_of_empty_cells_are_none(post):
    """Spreadsheets write them below a table, as they write empty lines."""
    rows = b"lon,lat,name\n126.85,35.15,a\n"
    for empty in (b",,\n", b"\n", b" , ,\n,,\n"):
        assert post(rows + empty).data == post(rows).data
    assert post(rows + b",,b\n").status_code == 400
