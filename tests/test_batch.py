"""Bodies of requests: counted before they are taken apart, and refused by name."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import tracemalloc

import pytest
from browsing import serve
from gpxtext import gpx
from shared_fixtures import write_folder

from mapserver.settings import limits
from mapserver.web import responses

MIB = 2**20
KINDS = {"csv": "text/csv", "json": "application/geo+json"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Serve a city of one trail and of 200 shops at one place; no test changes it."""
    shops = [
        {
            "type": "Feature",
            "properties": {"id": f"s{n}", "name": "가게"},
            "geometry": {"type": "Point", "coordinates": [126.85, 35.15]},
        }
        for n in range(200)
    ]
    layer = json.dumps({"type": "FeatureCollection", "features": shops})
    files = {"gpx/a.gpx": gpx(), "layers/shops.geojson": layer}
    return serve(write_folder(tmp_path_factory.mktemp("batch"), files)).test_client()


@pytest.fixture
def post(client):
    """Ask about the points of a body."""

    def ask(body: bytes, kind: str = "csv", path: str = "/api/nearest", **more):
        return client.post(path, data=body, content_type=KINDS.get(kind, kind), **more)

    return ask


def feature(properties: str = "null", at: str = "[126.85,35.15]", id_: str = "null") -> bytes:
    geometry = f'{{"type":"Point","coordinates":{at}}}'
    one = f'{{"type":"Feature","id":{id_},"geometry":{geometry},"properties":{properties}}}'
    return f'{{"type":"FeatureCollection","features":[{one}]}}'.encode()


def table(points: int, more: str = "") -> bytes:
    head = f"lon,lat{',note' if more else ''}\n"
    return (head + f"126.85,35.15{more}\n" * points).encode()


LARGE = {
    "100,000 empty columns": (b"lon,lat" + b"," * 100_000 + b"\n" + b"1,2\n" * 20_000, "columns"),
    "few columns too many": (b"lon,lat" + b",x" * 499 + b"\n1,2\n", "columns"),
    "cells of short rows": (b"lon,lat" + b",x" * 98 + b"\n" + b"1,2\n" * 10_001, "cells"),
    "empty cells": (b"lon,lat\n1,2" + b"," * 1_000_001, "cells"),
    "empty lines": (b"lon,lat\n" + b"\n" * 1_000_001, "cells"),
    "empty lines of an old Mac": (b"lon,lat\r" + b"\r" * 1_000_001, "cells"),
    "points": (table(20_001), "points"),
    "bytes": (b"x" * (17 * MIB), "bytes"),
}
LARGE_JSON = {
    "empty features": (b'{"type":"F","features":[' + b"{}," * 1_000_001 + b"{}]}", "values"),
    "empty lists": (feature("{" + '"a":[' + "[]," * 1_000_000 + "[]]}"), "values"),
    # Each is too many by what it is made of alone: numbers, lists of one and objects of one.
    "numbers": (feature('{"a":[' + "1," * 1_000_000 + "1]}"), "values"),
    "lists of one number": (feature('{"a":[' + "[1]," * 600_000 + "1]}"), "values"),
    "objects of one number": (feature('{"a":[' + '{"b":1},' * 600_000 + "1]}"), "values"),
    "points": (
        feature().replace(b"[{", b"[" + b'{"type":"Feature"},' * 20_001 + b"{", 1),
        "points",
    ),
}


@pytest.mark.parametrize("path", ["/api/nearest", "/api/locate"])
@pytest.mark.parametrize(
    ("body", "named", "kind"),
    [
        *((*case, "csv") for case in LARGE.values()),
        *((*case, "json") for case in LARGE_JSON.values()),
    ],
    ids=[*LARGE, *(f"json {name}" for name in LARGE_JSON)],
)
def test_what_is_too_large_is_refused_before_it_takes_memory(post, body, named, kind, path):
    post(b"lon,lat\n126.85,35.15\n", path=path)  # what is made at the first question stays
    tracemalloc.start()
    try:
        answer = post(body, kind, path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 413
    detail = answer.json["detail"]
    assert named in detail
    assert "more than" in detail
    assert any(word in detail for word in ("parts", "leave out"))
    assert most < 3 * len(body) + 40 * MIB


@pytest.mark.parametrize(
    ("body", "kind", "named"),
    [
        (table(1001), "csv", "100000"),
        (feature('{"a":"' + "x" * 700_000 + '"}'), "json", str(limits.MAX_ANSWER_BYTES)),
    ],
    ids=["rows", "bytes"],
)
def test_an_answer_that_would_be_too_large_is_refused_before_it_is_searched(
    post, body, kind, named
):
    answer = post(body, kind, path="/api/nearest?collection=shops&limit=100")
    assert answer.status_code == 413
    assert named in answer.json["detail"]
    assert "smaller limit" in answer.json["detail"]


def test_an_answer_that_grows_too_large_is_refused(post, monkeypatch):
    monkeypatch.setattr(limits, "MAX_JOINED_BYTES", 2000)
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 5000)
    for kind, body in (("csv", table(1)), ("json", feature())):
        answer = post(body, kind, "/api/nearest?collection=shops&limit=3")
        assert answer.status_code == 200
        answer = post(body, kind, "/api/nearest?collection=shops&limit=99")
        assert answer.status_code == 413
        assert "send fewer points" in answer.json["detail"]


def test_as_many_answers_as_there_are_features_count(post):
    answer = post(table(2000), path="/api/nearest?limit=100")
    assert answer.status_code == 200
    assert answer.text.count("\n") == 2001


def test_what_is_sent_comes_back_as_it_was_sent(post):
    sent = (
        '{"long":1' + "0" * 400 + ',"deep":' + "[" * 200 + "]" * 200 + ',"half":"\\ud83d\\ude00"}'
    )
    answer = post(feature(sent, id_='"가"'), "json")
    assert answer.status_code == 200
    assert "1" + "0" * 400 in answer.text
    found = answer.json["features"][0]
    assert found["id"] == "가"
    assert found["properties"]["half"] == "😀"
    assert found["properties"]["trail_id"] == "a"
    assert "id" not in post(feature(), "json").json["features"][0]


BAD = {
    "a number of 400 digits": (feature(at="[1" + "0" * 400 + ",35]"), "json"),
    "a huge exponent": (feature(at="[1e999,35]"), "json"),
    "NaN": (feature(at="[NaN,35]"), "json"),
    "Infinity in a property": (feature('{"a":Infinity}'), "json"),
    "true for a number": (feature(at="[true,35]"), "json"),
    "text for numbers": (feature(at='"126.85,35.15"'), "json"),
    "no coordinates": (feature(at="null"), "json"),
    "one coordinate": (feature(at="[126.85]"), "json"),
    "another kind of geometry": (feature().replace(b'"Point"', b'"LineString"'), "json"),
    "a geometry without a kind": (feature().replace(b'"type":"Point",', b""), "json"),
    "a geometry without coordinates": (feature().replace(b'"coordinates"', b'"at"'), "json"),
    "no geometry": (b'{"type":"FeatureCollection","features":[{"type":"Feature"}]}', "json"),
    "100,000 levels": (feature("{" + '"a":' + "[" * 100_000 + "]" * 100_000 + "}"), "json"),
    "100,000 levels of objects": (b'{"a":' * 100_000 + b"}" * 100_000, "json"),
    "100,000 levels of coordinates": (feature(at="[" * 100_000 + "]" * 100_000), "json"),
    "bad UTF-8": (feature('{"a":"@"}').replace(b"@", b"\xff"), "json"),
    "UTF-16": (feature().decode().encode("utf-16"), "json"),
    "half a pair of surrogates in a key": (feature('{"\\ud800":1}'), "json"),
    "an id that is a list": (feature(id_="[1]"), "json"),
    "an id that is an object": (feature(id_='{"a":1}'), "json"),
    "an id that is true": (feature(id_="true"), "json"),
    "an id that is false": (feature(id_="false"), "json"),
    "features of no collection": (feature().replace(b"FeatureCollection", b"Table"), "json"),
    "a collection of other things": (feature().replace(b'"Feature"', b'"Thing"'), "json"),
    "cut off": (feature()[:-9], "json"),
    "a list": (b"[]", "json"),
    "null": (b"null", "json"),
    "nothing": (b"", "json"),
    "an empty table": (b"", "csv"),
    "a table of other columns": (b"x,y\n126.85,35.15\n", "csv"),
    "text in a cell": (b"lon,lat\neast,35\n", "csv"),
    "a row that ends too early": (b"lon,lat\n126.85\n", "csv"),
    "digits in a cell": (b"lon,lat\n" + b"9" * 400 + b",35\n", "csv"),
    "an exponent in a cell": (b"lon,lat\n1e999,35\n", "csv"),
    "infinity in a cell": (b"lon,lat\n-inf,35\n", "csv"),
    "underscores in a cell": (b"lon,lat\n1_2_6,35\n", "csv"),
    "bytes of no text": (b"\xff\xfe\xfd\x00", "csv"),
    "bytes of two encodings": ("lon,lat,가\n".encode() + "1,2,나\n".encode("cp949") * 9, "csv"),
    "a cell without end": (b'lon,lat\n"' + b"x" * 200_000, "csv"),
}


@pytest.mark.parametrize("path", ["/api/nearest", "/api/locate"])
@pytest.mark.parametrize(("body", "kind"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_a_bad_request(post, body, kind, path):
    answer = post(body, kind, path)
    assert answer.status_code == 400
    assert answer.json["detail"].startswith("body")
    assert len(answer.data) < 1000


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"lon,lat\n1,2\n3,4\nx,5\n", "csv", "row 3 has no point"),
        (b"lon,lat\n1,2\n3,91\n", "csv", "row 2: "),
        (b"lon,lat\n1,2\n3,-90.1\n", "csv", "row 2: "),
        (b"lon,lat\n1,2\n180.1,3\n", "csv", "row 2: "),
        (b"lon,lat\n1,2\n-180.1,3\n", "csv", "row 2: "),
        (feature().replace(b"}]}", b'},{"type":"Feature"}]}'), "json", "row 2 has no point"),
        (feature(at="[181,35]"), "json", "row 1: "),
        (feature(id_="[1]"), "json", "the id of row 1"),
    ],
    ids=["a cell", "north", "south", "east", "west", "a feature", "a place of a feature", "an id"],
)
def test_a_row_without_a_place_is_named_by_its_number(post, body, kind, said):
    answer = post(body, kind)
    assert (answer.status_code, said in answer.json["detail"]) == (400, True), answer.json


def test_the_edges_of_the_earth_are_places(post):
    places = b"lon,lat\n180,90\n-180,-90\n180,-90\n-180,90\n"
    assert post(places, path="/api/locate").status_code == 200


def test_rows_of_a_table_come_back_whole_and_as_wide_as_its_header(post):
    body = 'name, LON ,Lat,note\r\n"a\r\nb",126.85,35.15\r\n\r\nc,126.85,35.15,d,e\r\n'
    answer = post(body.encode(), path="/api/locate")
    header, first, second = csv.reader(io.StringIO(answer.text, newline=""))
    assert header[:4] == ["name", " LON ", "Lat", "note"]
    assert first[:4] == ["a\r\nb", "126.85", "35.15", ""]
    assert second[:4] == ["c", "126.85", "35.15", "d"]
    assert len(header) == len(first) == len(second)
    # The city has no districts and no neighborhoods: nothing is said of them.
    assert (header[4:], first[4:]) == (["in_city"], ["False"])


@pytest.mark.parametrize(
    "names",
    ["lon,lat", "lat,lon", "경도,위도", "위도,경도", "longitude,latitude", "LATITUDE,Longitude"],
)
def test_columns_of_places_are_named_in_three_ways_and_stand_in_any_order(post, names):
    values = "126.85,35.15" if names.startswith(("lon", "경도")) else "35.15,126.85"
    answer = post(f"{names}\n{values}\n".encode())
    assert answer.status_code == 200, answer.json
    assert f"\n{values}," in answer.text.replace("\r", "")
    # A half of one pair and a half of another are none.
    assert post("lon,위도\n126.85,35.15\n".encode()).status_code == 400


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "an old Mac"])
def test_lines_may_end_as_on_any_machine(post, end):
    answer = post(end.join(["lon,lat,note", "126.85,35.15,a", "126.86,35.16,b", ""]).encode())
    assert answer.status_code == 200, answer.json
    _, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert [row[:3] for row in rows] == [["126.85", "35.15", "a"], ["126.86", "35.16", "b"]]


def test_a_cell_of_several_lines_comes_back_as_it_was(post):
    answer = post(b'lon,lat,note\r\n126.85,35.15,"a\r\nb"\r\n')
    _, row = csv.reader(io.StringIO(answer.get_data(as_text=True), newline=""))
    assert row[2] == "a\r\nb"


def test_a_table_without_rows_comes_back_as_its_header(post):
    assert post(b"lon,lat\n").text.startswith("lon,lat,trail_id")
    assert post(b"lon,lat\n").text.count("\n") == 1


def test_features_come_back_in_their_order_each_beside_its_answers(post):
    ids = ["나", "가", 3]
    features = ",".join(feature(id_=json.dumps(id_)).decode().partition("[")[2][:-2] for id_ in ids)
    body = f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()
    answer = post(body, "json", "/api/nearest?collection=shops&limit=2")
    assert [each["id"] for each in answer.json["features"]] == ["나", "나", "가", "가", 3, 3]


def test_an_answer_that_is_sent_once_is_compressed_at_once(post, monkeypatch):
    qualities: list[int] = []
    compress = responses.brotli.compress

    def note_quality(data: bytes, *, quality: int) -> bytes:
        qualities.append(quality)
        return compress(data, quality=quality)

    monkeypatch.setattr(responses.brotli, "compress", note_quality)
    for body, kind in ((table(30), "csv"), (feature('{"a":"' + "x" * 600 + '"}'), "json")):
        post(body, kind, headers={"Accept-Encoding": "br"})
    assert qualities == [responses.BROTLI_AT_ONCE] * 2


def test_what_is_not_known_is_an_empty_cell_and_no_word_of_python(post):
    answer = post(table(1), path="/api/nearest?collection=shops")
    found = json.loads(post(feature(), "json", "/api/nearest?collection=shops").data)
    known = found["features"][0]["properties"]
    header, row = csv.reader(io.StringIO(answer.text))
    assert header[2:] == list(known)
    assert None in known.values()
    assert row[2:] == ["" if value is None else str(value) for value in known.values()]


def test_what_is_exactly_as_much_as_is_allowed_is_answered(post, monkeypatch):
    body = b"lon,lat,a,b\n" + b"126.85,35.15,,\n" * 3  # with its commas and ends of lines 16 cells
    path = "/api/nearest?collection=shops&limit="
    allowed = {"BODY_POINTS": 3, "BODY_COLUMNS": 4, "BODY_CELLS": 16, "ANSWER_ROWS": 6}
    for name, most in allowed.items():
        monkeypatch.setattr(limits, f"MAX_{name}", most)
    assert post(body, path=path + "2").status_code == 200
    assert "9 rows of an answer" in post(body, path=path + "3").json["detail"]
    for said in ("16 cells", "4 columns", "3 points"):
        name = f"BODY_{said.split()[1].upper()}"
        monkeypatch.setattr(limits, f"MAX_{name}", allowed[name] - 1)
        assert said in post(body, path=path + "2").json["detail"]
        monkeypatch.setattr(limits, f"MAX_{name}", allowed[name])


def test_keys_given_twice_and_odd_spellings_are_no_mistake_of_ours(post):
    twice = feature('{"a":1,"a":2}')
    kinds = twice.replace(b'"type":"Feature"', b'"type":"x","type":"Feature"')
    assert post(kinds, "json").status_code == 400
    assert post(twice, "json").json["features"][0]["properties"]["a"] == 2
    assert post(b"lon,lat\n126.85,35.15\x00\n").status_code == 400
    assert post(b"a\x00,lon,lat\nb\x00,126.85,35.15\n").status_code == 200


def test_a_file_may_begin_with_a_mark_as_those_of_windows_do(post):
    mark = codecs.BOM_UTF8
    assert post(mark + feature(), "json").data == post(feature(), "json").data
    assert post(mark + table(1)).data == mark + post(table(1)).data  # so that Excel reads it again


@pytest.mark.parametrize("name", ["gzip", "br", "identity, gzip", "aws-chunked", ""])
def test_a_packed_body_is_refused(post, name):
    packed = gzip.compress(table(1))
    answer = post(packed, headers={"Content-Encoding": name})
    assert answer.status_code == 415
    assert "Content-Encoding" in answer.json["detail"]
    for plain in ("Identity", " identity "):
        assert post(table(1), headers={"Content-Encoding": plain}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "", "a/b/c", "text/html", ";", "application/xml"])
def test_another_type_is_refused(post, kind):
    assert post(table(1), kind).status_code == 415


class Broken(io.RawIOBase):
    """A body whose connection or chunks break, as each server says it in its own way."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer) -> int:
        raise self.error


@pytest.mark.parametrize(
    "error", [OSError("reset"), ValueError("chunk"), EOFError(), RuntimeError("x"), TimeoutError()]
)
def test_a_body_that_breaks_on_the_way_is_a_bad_request(post, error):
    environ = {"wsgi.input": Broken(error), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = post(None, environ_overrides=environ, headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 400
    assert "could not be received" in answer.json["detail"]


def test_a_body_without_a_length_is_bounded_too(post):
    environ = {
        "wsgi.input": io.BytesIO(b"x" * (17 * MIB)),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": "",
    }
    answer = post(None, environ_overrides=environ, headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 413
    assert str(limits.MAX_BODY_BYTES) in answer.json["detail"]


def test_a_body_exactly_as_large_as_is_allowed_is_read(post):
    size = limits.MAX_BODY_BYTES
    answer = post(b"x" * size, headers={"Content-Length": str(size)})
    assert (answer.status_code, "lon and lat" in answer.json["detail"]) == (400, True)


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "9" * 400, "18446744073709551616"])
def test_an_announced_length_that_is_none_is_no_500(post, length):
    answer = post(None, environ_overrides={"CONTENT_LENGTH": length})
    assert answer.status_code in {400, 413}
