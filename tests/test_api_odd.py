"""Odd requests to the API: each is refused with a status and a sentence that say what is wrong."""

from __future__ import annotations

import gzip
import json
import unicodedata
from functools import partial
from urllib.parse import quote

import pytest
from gpxtext import gpx
from serving import served

from mapserver.settings import Settings
from mapserver.web import create_app

ITEMS = "/api/collections/trails/items"
NEAREST = "/api/nearest?lon=126.85&lat=35.14"
POINT = {"type": "Point", "coordinates": [126.85, 35.14]}
PLACES = {
    "type": "FeatureCollection",
    "features": [{"type": "Feature", "properties": {}, "geometry": POINT}],
}
BODY = json.dumps(PLACES).encode()
LONG = "a" * 10_000

REFUSED = {
    # Numbers that are none, or are no place.
    "a longitude that is no number": ("/api/nearest?lon=NaN&lat=35", 400, "lon"),
    "a longitude beyond all numbers": ("/api/nearest?lon=1e999&lat=35", 400, "lon"),
    "a latitude of minus infinity": ("/api/locate?lon=126&lat=-inf", 400, "lat"),
    "a latitude beyond the pole": ("/api/locate?lon=126&lat=90.1", 400, "latitude"),
    "a longitude beyond the date line": ("/api/locate?lon=180.1&lat=35", 400, "longitude"),
    "a number as programs write it": ("/api/locate?lon=1_26&lat=35", 400, "lon"),
    "an empty number": ("/api/locate?lon=&lat=35", 400, "lon"),
    "a distance that is no number": (f"{NEAREST}&max_distance=nan", 400, "max_distance"),
    "an endless distance": (f"{NEAREST}&max_distance=inf", 400, "max_distance"),
    "a negative distance": (f"{NEAREST}&max_distance=-0.1", 400, "max_distance"),
    # Boxes.
    "a box of five numbers": (f"{ITEMS}?bbox=1,2,3,4,5", 400, "bbox"),
    "a box of three numbers": (f"{ITEMS}?bbox=1,2,3", 400, "bbox"),
    "a box of seven numbers": (f"{ITEMS}?bbox=1,2,3,4,5,6,7", 400, "bbox"),
    "an empty box": (f"{ITEMS}?bbox=", 400, "bbox"),
    "a box with a gap": (f"{ITEMS}?bbox=1,,3,4", 400, "bbox"),
    "a box with a letter": (f"{ITEMS}?bbox=1,2,3,x", 400, "bbox"),
    "a box with NaN": (f"{ITEMS}?bbox=1,2,3,nan", 400, "bbox"),
    "a box without end": (f"{ITEMS}?bbox=1,2,3,1e999", 400, "bbox"),
    "a box whose infinities cancel out": (f"{ITEMS}?bbox=-1e999,2,1e999,3", 400, "bbox"),
    "a box of numbers too large to add": (f"{ITEMS}?bbox=1e308,1e308,1e308,1e308", 400, "bbox"),
    "a box as programs write it": (f"{ITEMS}?bbox=1_26,35,1_27,36", 400, "bbox"),
    "a box upside down": (f"{ITEMS}?bbox=1,4,3,2", 400, "bbox"),
    "a box beyond the pole": (f"{ITEMS}?bbox=1,2,3,91", 400, "bbox"),
    "a box in brackets": (f"{ITEMS}?bbox=[1,2,3,4]", 400, "bbox"),
    "a box of a megabyte": (f"{ITEMS}?bbox={'1,' * 30_000}1", 400, "bbox"),
    # Pages.
    "no features": (f"{ITEMS}?limit=0", 400, "limit"),
    "less than none": (f"{ITEMS}?limit=-1", 400, "limit"),
    "half a feature": (f"{ITEMS}?limit=1.5", 400, "limit"),
    "as many as fit no number": (f"{ITEMS}?limit={'9' * 400}", 400, "limit"),
    "an exponent": (f"{ITEMS}?limit=1e3", 400, "limit"),
    "figures of another script": (f"{ITEMS}?limit=%EF%BC%91", 400, "limit"),
    "none nearest": (f"{NEAREST}&limit=0", 400, "limit"),
    "a start before the first": (f"{ITEMS}?offset=-1", 400, "offset"),
    "no downloads": (f"{ITEMS}?f=csv&limit=0", 400, "limit"),
    # Values of properties.
    "a length that is no number": (f"{ITEMS}?length_m=NaN", 400, "length_m"),
    "a length without end": (f"{ITEMS}?length_m=1e999", 400, "length_m"),
    "a length in words": (f"{ITEMS}?length_m=long", 400, "length_m"),
    "half a segment": (f"{ITEMS}?segments=1.5", 400, "segments"),
    "a maybe": (f"{ITEMS}?lighting=maybe", 400, "lighting"),
    "an order by nothing": (f"{ITEMS}?sortby=", 400, "sortby"),
    "an order by what is not there": (f"{ITEMS}?sortby=nothing", 400, "sortby"),
    "an order by two signs": (f"{ITEMS}?sortby=--length_m", 400, "sortby"),
    "properties that are not there": (f"{ITEMS}?properties=nothing", 400, "properties"),
    "a reference system of nowhere": (f"{ITEMS}?crs=EPSG:1", 400, "crs"),
    "a reference system of 10 kB": (f"{ITEMS}?crs={LONG}", 400, "crs"),
    "a box in a system of nowhere": (f"{ITEMS}?bbox=1,2,3,4&bbox-crs=x", 400, "bbox-crs"),
    "a filter's system without a filter": (f"{ITEMS}?filter-crs=EPSG:1", 400, "filter-crs"),
    "an empty system of a filter": (f"{ITEMS}?filter-crs=", 400, "filter-crs"),
    "a filter's language without one": (f"{ITEMS}?filter-lang=sql", 400, "filter-lang"),
    "a file's filter language": (f"{ITEMS}?filter-lang=sql&f=csv", 400, "filter-lang"),
    "half a letter as a filter": (
        f"{ITEMS}?filter-lang=cql2-json&filter=%22%5Cud800%22",
        400,
        "filter",
    ),
    # Days.
    "no day": (f"{ITEMS}?datetime=", 400, "datetime"),
    "no day near a place": (f"{NEAREST}&datetime=", 400, "datetime"),
    "a day that is none": (f"{ITEMS}?datetime=2026-02-30", 400, "datetime"),
    "an interval of three": (f"{ITEMS}?datetime=../../..", 400, "datetime"),
    "an interval from later to earlier": (
        f"{ITEMS}?datetime=2026-12-02/2026-12-01",
        400,
        "datetime",
    ),
    "the year zero": (f"{ITEMS}?datetime=0000-01-01", 400, "datetime"),
    # Names.
    "a name that is unknown": (f"{ITEMS}?nothing=1", 400, "nothing"),
    "a name in capitals": (f"{ITEMS}?LIMIT=1", 400, "LIMIT"),
    "an empty name": (f"{ITEMS}?=1", 400, "parameter"),
    "a name with a null": (f"{ITEMS}?limit%00=1", 400, "parameter"),
    "a value with a null": (f"{ITEMS}?limit=1%00", 400, "limit"),
    "a text with a null": (f"{ITEMS}?name=a%00b", 400, "name: a null (%00)"),
    "a text that is a null": (f"{ITEMS}?f=csv&name=%00", 400, "name: a null (%00)"),
    "a filter with a null": (f"{ITEMS}?filter=name='%00'", 400, "filter: a null (%00)"),
    "a language with a null": (f"{ITEMS}?lang=ko%00", 400, "lang"),
    "a collection with a null": ("/api/collections/trails%00/items", 404, "trails"),
    "a feature with a null": (f"{ITEMS}/%00", 404, "feature"),
    "bytes of no encoding": (f"{ITEMS}?limit=%ff", 400, "limit"),
    "a value in the charset of Korean Windows": (
        f"{ITEMS}?neighborhood=%C7%B3%BE%CF%B5%BF",
        400,
        "neighborhood: its letters are not in UTF-8",
    ),
    "a name in that charset": (f"{ITEMS}?%C0%CC%B8%A7=1", 400, "not in UTF-8"),
    "a pattern whose percent sign is not quoted": (
        f"{ITEMS}?filter=name%20LIKE%20'%ab%'",
        400,
        "%25",
    ),
    "a parameter twice": (f"{ITEMS}?limit=1&limit=2", 400, "limit"),
    "a parameter twice alike": (f"{ITEMS}?bbox=1,2,3,4&bbox=1,2,3,4", 400, "bbox"),
    "a property twice": (f"{ITEMS}?surface=a&surface=b", 400, "surface"),
    "a collection of 10 kB": (f"/api/collections/{LONG}/items", 404, "no collection"),
    "a feature of 10 kB": (f"{ITEMS}/{LONG}", 404, "no feature"),
    "a tile of 10 kB": (
        f"/api/collections/trails/tiles/WebMercatorQuad/{LONG}/1/1",
        404,
        "no tile",
    ),
    "a tile outside of the world": (
        "/api/collections/trails/tiles/WebMercatorQuad/14/99999999/0",
        404,
        "no tile",
    ),
    "a language of nowhere": ("/api/?lang=tlh", 400, "lang"),
    "a size of nowhere": ("/api/?size=huge", 400, "size"),
    "a format of nowhere": (f"{ITEMS}?f=exe", 400, "f"),
    "an empty format": (f"{ITEMS}?f=", 400, "f"),
    "a route of areas": ("/api/collections/districts/items?f=gpx", 400, "f"),
}


def require_problem(answer, status: int, named: str) -> None:
    assert answer.status_code == status, answer.text[:300]
    assert answer.content_type == "application/problem+json"
    assert named in answer.json["detail"]
    # What was sent is quoted in part and never whole.
    assert len(answer.data) < 4_000


def test_a_null_that_is_quoted_itself_may_be_asked_for(sample_app):
    client = sample_app.test_client()
    for value, status in (("%2500", 200), ("%00", 400), ("%25%30%30", 200)):
        assert client.get(f"{ITEMS}?name={value}").status_code == status


def test_the_sign_for_letters_that_are_lost_may_be_asked_for(sample_app):
    client = sample_app.test_client()
    for value, status in (("%EF%BF%BD", 200), ("%FF", 400), ("%EF%BF%BD", 200)):
        assert client.get(f"{ITEMS}?name={value}").status_code == status
    assert client.get(f"{ITEMS}?name=풍암호수공원").json["numberMatched"] == 1
    unquoted = {"QUERY_STRING": "name=풍암".encode("cp949").decode("latin-1")}
    assert client.get(ITEMS, environ_overrides=unquoted).status_code == 400


@pytest.mark.parametrize("case", REFUSED)
def test_an_odd_address_is_refused_in_a_sentence(sample_app, case):
    address, status, named = REFUSED[case]
    require_problem(sample_app.test_client().get(address), status, named)


@pytest.mark.parametrize(
    ("address", "accept"),
    [
        (ITEMS, "image/png"),
        ("/api/", "application/xml"),
        ("/api/docs", "application/json"),
        ("/api/openapi.json", "text/yaml"),
        ("/api/collections/districts/items", "application/gpx+xml"),
        ("/api/collections/trails/schema", "application/geo+json"),
    ],
)
def test_a_type_that_is_not_offered_is_406_and_says_what_is(sample_app, address, accept):
    answer = sample_app.test_client().get(address, headers={"Accept": accept})
    require_problem(answer, 406, "")


BODIES = {
    # What is no document, or breaks off.
    "nothing": (b"", "application/geo+json", 400, "body"),
    "half a document": (BODY[: len(BODY) // 2], "application/geo+json", 400, "body"),
    "a document with more behind": (BODY + b"x", "application/geo+json", 400, "body"),
    "a list": (b"[]", "application/json", 400, "body"),
    "a number": (b"1", "application/json", 400, "body"),
    "NaN for a longitude": (BODY.replace(b"126.85", b"NaN"), "application/geo+json", 400, "body"),
    "1e999 for a longitude": (BODY.replace(b"126.85", b"1e999"), "application/geo+json", 400, ""),
    "null for a longitude": (BODY.replace(b"126.85", b"null"), "application/geo+json", 400, "1"),
    "ten thousand levels": (
        b'{"type":"FeatureCollection","features":' + b"[" * 10_000,
        "application/json",
        400,
        "body",
    ),
    "a table without places": (b"a,b\n1,2\n", "text/csv", 400, "lon"),
    "a table with NaN": (b"lon,lat\nNaN,35\n", "text/csv", 400, "1"),
    "a table with 1e999": (b"lon,lat\n1e999,35\n", "text/csv", 400, "1"),
    "a table that breaks off": (b'lon,lat\n126.85,"35', "text/csv", 400, ""),
    # Other types, encodings and packings.
    "a form": (b"lon=1&lat=2", "application/x-www-form-urlencoded", 415, "text/csv"),
    "XML": (b"<a/>", "application/xml", 415, "text/csv"),
    "no type": (BODY, "", 415, "text/csv"),
    "UTF-16": (BODY.decode().encode("utf-16"), "application/json", 400, "body"),
    "bytes of no encoding": (BODY.replace(b"Point", b"\xff"), "application/json", 400, "body"),
}


@pytest.mark.parametrize("path", ["/api/nearest", "/api/locate"])
@pytest.mark.parametrize("case", BODIES)
def test_an_odd_body_is_refused_in_a_sentence(sample_app, path, case):
    body, kind, status, named = BODIES[case]
    answer = sample_app.test_client().post(path, data=body, content_type=kind)
    require_problem(answer, status, named)


@pytest.mark.parametrize("name", ["gzip", "br", "deflate", "identity, gzip", "nothing"])
def test_a_packed_body_is_415_however_small_it_is(sample_app, name):
    # A thousand bytes of it would unpack to a million.
    body = gzip.compress(b" " * 1_000_000 + BODY)
    answer = sample_app.test_client().post(
        "/api/locate",
        data=body,
        content_type="application/geo+json",
        headers={"Content-Encoding": name},
    )
    require_problem(answer, 415, "Content-Encoding")


@pytest.mark.parametrize("query", ["?f=csv", "?lang=ko", "?lon=1", "?limit=0", "?limit=1&limit=1"])
def test_odd_parameters_beside_a_body_are_refused(sample_app, query):
    answer = sample_app.test_client().post(
        f"/api/nearest{query}", data=BODY, content_type="application/geo+json"
    )
    require_problem(answer, 400, query[1:].partition("=")[0])


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8"])
def test_a_charset_that_is_the_body_s_is_no_odd_thing(sample_app, charset):
    answer = sample_app.test_client().post(
        "/api/locate", data=BODY, content_type=f"application/geo+json; charset={charset}"
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("charset", ["euc-kr", "latin-1", "utf-16", "nothing", "utf-7"])
@pytest.mark.parametrize("kind", ["application/geo+json", "application/json"])
def test_json_in_another_charset_is_415(sample_app, kind, charset):
    # RFC 8259 has UTF-8 alone; who says another would get letters back that he has not sent.
    answer = sample_app.test_client().post(
        "/api/locate", data=BODY, content_type=f"{kind}; charset={charset}"
    )
    require_problem(answer, 415, "charset")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/api/", ITEMS, "/api/nearest", "/api/openapi.json"])
def test_a_method_that_changes_something_is_405_and_says_which_there_are(sample_app, method, path):
    answer = sample_app.test_client().open(path, method=method)
    require_problem(answer, 405, "")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_question_may_have_its_letters_taken_apart(make_folder, form):
    """As files of macOS and some telephones write Korean: it looks the same on a screen."""
    table = "id,name,lon,lat,메모\n가게-1,밥집,126.85,35.15,좋음\n"
    folder = make_folder({"layers/shops.csv": table})
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    items = "/api/collections/shops/items"
    spell = partial(unicodedata.normalize, form)
    for query in (
        {"메모": "좋음"},
        {"filter": "메모 = '좋음'"},
        {"properties": "메모"},
        {"sortby": "-메모"},
    ):
        asked = {spell(name): spell(text) for name, text in query.items()}
        answer = client.get(items, query_string=asked)
        assert answer.status_code == 200, answer.text
        assert answer.json["features"][0]["properties"]["메모"] == "좋음"
    assert client.get(f"{items}/{quote(spell('가게-1'))}").json["id"] == "가게-1"


@pytest.mark.slow
def test_what_is_no_address_of_http_is_refused_and_the_next_is_answered(make_folder, tmp_path):
    folder = make_folder({"gpx/a.gpx": gpx()})
    with served(folder, tmp_path / "log", "--workers", 1) as server:

        def ask(asked: str) -> bytes:
            head = f"GET {ITEMS}?filter={asked} HTTP/1.1\r\nHost: localhost\r\n"
            return server.send(f"{head}Connection: close\r\n\r\n".encode())

        for asked in ("length_m>1", "length_m<1", "length_m = 1", '"length_m"=1'):
            assert ask(asked).startswith(b"HTTP/1.1 400 "), asked
            assert ask(quote(asked)).startswith(b"HTTP/1.1 200 "), asked
        assert ask(f"name='{'a' * 100_000}'").startswith(b"HTTP/1.1 414 ")
        long = ask(f"name='{'a' * 60_000}'")
        assert long.startswith(b"HTTP/1.1 400 ")
        assert b"longer than 8000 bytes" in long
        assert ask("length_m=1").startswith(b"HTTP/1.1 200 ")
