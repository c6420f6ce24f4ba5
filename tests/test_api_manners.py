"""How the API behaves towards browsers and caches: other sites' pages, HEAD, conditions."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import threading
from email.utils import format_datetime, parsedate_to_datetime
from html import unescape

import pytest
from gpxtext import gpx, track
from PIL import Image
from shared_fixtures import write_folder
from test_openapi import list_parameters, write_address

from mapserver.model import status
from mapserver.settings import Settings, limits
from mapserver.web import create_app, shortcut, write_site
from mapserver.web.api import answering
from mapserver.web.api.downloads import DOWNLOADS, is_download
from mapserver.web.api.formats import HTML
from mapserver.web.api.routes import OPERATIONS
from mapserver.web.backdrop import find_backdrop
from mapserver.web.live import open_snapshot
from mapserver.web.responses import IMMUTABLE, REVALIDATE, REVALIDATE_SOON

POINTS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Point", "coordinates": [126.85, 35.14]},
        }
    ],
}
PAGE = {"Origin": "https://example.org"}


@pytest.fixture
def client(sample_app):
    return sample_app.test_client()


@pytest.mark.parametrize("path", ["/api/nearest", "/api/locate"])
def test_a_page_of_another_site_may_post_points(client, path):
    asked = PAGE | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = client.options(path, headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    allowed = preflight.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"content-type", "range", "if-range"} <= set(allowed)
    assert int(preflight.headers["Access-Control-Max-Age"]) > 0
    answer = client.post(
        path, data=json.dumps(POINTS), content_type="application/geo+json", headers=PAGE
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    refused = client.post(path, data="{", content_type="application/geo+json", headers=PAGE)
    assert refused.status_code == 400
    assert refused.headers["Access-Control-Allow-Origin"] == "*"  # so that the page can read why


@pytest.mark.parametrize(
    "path", ["/api/collections/trails/items", "/api/locate?lon=126.85&lat=35.14", "/api/"]
)
def test_pages_may_read_the_headers_that_matter(client, path):
    answer = client.get(path, headers=PAGE)
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert {"ETag", "Content-Crs", "Link", "Content-Range"} <= set(exposed.split(", "))
    assert "Access-Control-Allow-Origin" not in client.get("/", headers=PAGE).headers


def test_head_has_the_headers_of_get_and_no_body(client):
    for path in ("/api/collections/trails/items", "/api/nearest?lon=126.85&lat=35.14", "/api/"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("Content-Type", "ETag", "Content-Length", "Vary", "Cache-Control"):
            assert head.headers[name] == get.headers[name]


def test_what_a_client_has_is_not_sent_again(client):
    path = "/api/collections/districts/items?limit=3"
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{path}0", headers={"If-None-Match": tag}).status_code == 200


# -- what every path does --------------------------------------------------------------------------

LINE = ((126.85, 35.15, 30.0), (126.8512, 35.15, 60.0), (126.853, 35.151, 40.0))
SQUARE = [[126.84, 35.14], [126.86, 35.14], [126.86, 35.16], [126.84, 35.16], [126.84, 35.14]]
HOSTILE = "뒷산</script><script>alert(1)</script>&<!--\u2028\u2029'"
ROAD = [[126.84, 35.15], [126.86, 35.15]]


def write_layer(kind: str, corners: list, **properties: str) -> str:
    shape = {"type": kind, "coordinates": corners}
    feature = {"type": "Feature", "properties": properties, "geometry": shape}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A city that has a page of each kind."""
    photo = io.BytesIO()
    Image.new("RGB", (8, 8)).save(photo, "JPEG")
    files = {
        "gpx/hill.gpx": gpx(track(LINE)),
        "gpx/trails.csv": f'id,name\nhill,"{HOSTILE}"\n',
        "gpx/hill.jpg": photo.getvalue(),
        "layers/districts.geojson": write_layer("Polygon", [SQUARE], id="d", name=f"골목{HOSTILE}"),
        "layers/neighborhoods.geojson": write_layer("Polygon", [SQUARE], id="n", name="동네"),
        "layers/roads.geojson": write_layer("LineString", ROAD, id="r", highway="primary"),
        "layers/programmes.csv": f'id,name\np,"{HOSTILE}"\n',
        "layers/requests.csv": "received,answered\n2026-10-01 10:00,2026-10-01 12:00\n",
        "layers/shops.csv": "id,name,lon,lat,onnuri_paper\n1,가게,126.8515,35.1515,Y\n",
    }
    return write_folder(tmp_path_factory.mktemp("manners"), files)


@pytest.fixture(scope="module")
def small_client(folder):
    return create_app(Settings(city=folder, tile_url="")).test_client()


NOW_ONLY = {"/healthz", "/readyz", "/metrics"}
"""What speaks of the moment in which it is asked."""


def list_page_addresses(client) -> dict[str, str]:
    """List an address for each route of pages, by the rule of the route."""
    front, sheet = client.get("/?lang=ko").text, client.get("/board?lang=ko").text
    city = client.application.extensions["mapserver"].city

    def find(pattern: str) -> str:
        return "/" + re.search(pattern, front + sheet)[0]

    rules = [rule.rule for rule in client.application.url_map.iter_rules()]
    addresses = {
        "/map-<digest>.<lang>.js": find(r"map-[0-9a-f]+\.ko\.js"),
        "/days-<int:first>-<digest>.<lang>.js": find(r"days-\d+-[0-9a-f]+\.ko\.js"),
        "/shops-<digest>.<lang>.json": find(r"shops-[0-9a-f]+\.ko\.json"),
        "/basemap-<digest>.pmtiles": f"/{find_backdrop(city).name}",
        "/cards/<version>/<lang>/<path:name>.png": f"/cards/{city.version}/ko/trails/hill.png",
        "/cards/outline<any('', '-dark'):night>/<path:name>.svg": "/cards/outline/trails/hill.svg",
        "/oembed": "/oembed?url=http://localhost/",
        "/manifest.<lang>.webmanifest": "/manifest.ko.webmanifest",
        "/static/<path:name>": "/static/site.css",
    }
    for rule in rules:
        if rule.startswith("/api") or rule in addresses or rule in NOW_ONLY:
            continue
        # Changes are not there without releases, and programs that speak Open311 get no pages:
        # test_releases and test_open311 ask for them.
        if rule.startswith(("/changes", "/open311")):
            continue
        ids = {"/trails": "hill", "/districts": "d", "/neighborhoods": "n", "/help": "p"}
        id_ = ids.get(rule[: rule.find("/", 1)], "")
        addresses[rule] = re.sub(r"<[^>]+>", id_, rule)
    return addresses


def list_api_addresses(client) -> list[tuple[str, bool]]:
    """List an address for each question and format; whether it is that of a file."""
    document = client.get("/api/openapi.json?lang=en").json
    formats = {row.id: row.formats for row in OPERATIONS if row.method == "get"}
    addresses = []
    for path, operations in document["paths"].items():
        described = operations["get"]
        address, query = write_address(document, "/api" + path, described)
        # Paths of collections stand there once for each: the first will do.
        for format_ in formats.pop(described["operationId"].partition(".")[0], ()):
            if "f" in list_parameters(document, described):
                query = query | {"f": format_.name}
            asked = "&".join(f"{name}={value}" for name, value in query.items())
            answer = client.get(f"{address}?{asked}")
            # Areas have no GPX, and a place may lie in no tile.
            if (answer.status_code, format_.name) != (400, "gpx") and answer.status_code != 204:
                addresses.append((f"{address}?{asked}", is_download(format_)))
    assert formats == {}
    return addresses


def check_conditions(client, address: str, cache_controls: set[str]) -> None:
    answer = client.get(address)
    headers = answer.headers
    assert answer.status_code == 200, address
    assert headers["Cache-Control"] in cache_controls, address
    assert re.fullmatch(r'"[\w.-]+"', headers["ETag"]), address  # strong: no W/
    modified = parsedate_to_datetime(headers["Last-Modified"])
    assert modified <= dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    head = client.head(address)
    assert (head.status_code, head.data) == (200, b""), address
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == headers[name], (address, name)
    by_tag, by_time = {"If-None-Match": headers["ETag"]}, {}
    by_time["If-Modified-Since"] = headers["Last-Modified"]
    before = {"If-Modified-Since": format_datetime(modified - dt.timedelta(seconds=1), usegmt=True)}
    other = {"If-None-Match": '"other"'}
    for asked, status_code in (
        (by_tag, 304),
        (by_time, 304),
        (before, 200),
        (other, 200),
        (by_time | other, 200),  # the tag wins
        (before | by_tag, 304),
        ({"If-Modified-Since": "yesterday"}, 200),
    ):
        again = client.get(address, headers=asked)
        assert again.status_code == status_code, (address, asked)
        if status_code == 304:
            assert again.data == b""
            assert again.headers["ETag"] == headers["ETag"]
            assert again.headers["Cache-Control"] == headers["Cache-Control"]


@pytest.mark.slow  # each question in each format, asked a dozen times
def test_every_question_of_the_api_can_be_kept_and_asked_about(small_client):
    addresses = list_api_addresses(small_client)
    assert sum(is_file for _, is_file in addresses) > 8
    for address, is_file in addresses:
        check_conditions(small_client, address, {REVALIDATE_SOON})
        part = small_client.get(address, headers={"Range": "bytes=1-4"})
        whole = small_client.get(address)
        assert part.status_code == (206 if is_file else 200), address
        assert part.data == (whole.data[1:5] if is_file else whole.data)
        if is_file:
            check_ranges(small_client, address, whole)


def check_ranges(client, address: str, whole) -> None:
    assert whole.headers["Accept-Ranges"] == "bytes"
    modified = parsedate_to_datetime(whole.headers["Last-Modified"])
    earlier = format_datetime(modified - dt.timedelta(hours=1), usegmt=True)
    later = format_datetime(modified + dt.timedelta(hours=1), usegmt=True)
    for condition, status_code in (
        (whole.headers["ETag"], 206),
        (whole.headers["Last-Modified"], 206),
        ('"other"', 200),
        (earlier, 200),
        (later, 200),
    ):
        asked = {"Range": "bytes=0-3", "If-Range": condition}
        assert client.get(address, headers=asked).status_code == status_code, (address, condition)


def test_every_kind_of_page_can_be_kept_and_asked_about(small_client):
    addresses = list_page_addresses(small_client)
    for rule, address in addresses.items():
        # A page is asked about each time: a closure of a minute ago is read by people on the way.
        check_conditions(small_client, address, {REVALIDATE, REVALIDATE_SOON, IMMUTABLE})
        if rule.endswith((".html", "/", "<id_>", "<path:id_>", "/board", "/map", "/embed")):
            assert small_client.get(address).headers["Cache-Control"] == REVALIDATE, address


def test_what_speaks_of_this_moment_has_no_time_of_change(small_client):
    for address in NOW_ONLY:
        assert "Last-Modified" not in small_client.get(address).headers
    posted = small_client.post(
        "/api/nearest", data="lon,lat\n126.85,35.15\n", content_type="text/csv"
    )
    assert posted.headers["Cache-Control"] == REVALIDATE
    assert "Last-Modified" not in posted.headers


FOR_PROGRAMS = ("fgb", "parquet", "pmtiles", "html")
MEDIA_TYPES = {format_.name: format_.mimetype for format_ in (*DOWNLOADS, HTML)}


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("/trails/hill?lang=ko", {"gpkg", "csv", *FOR_PROGRAMS}),  # the others it has itself
        ("/trails/hill?lang=en&date=2026-12-20", {"gpkg", "csv", *FOR_PROGRAMS}),
        (
            "/districts/d?lang=ko",
            {"geojson", "kml", "gpkg", "csv", *FOR_PROGRAMS},
        ),  # no GPX
    ],
)
def test_a_page_offers_files_of_its_one_feature(small_client, page, names):
    text = small_client.get(page).text
    folded = re.search(r'<details class="more files">(.*?)</details>', text, re.DOTALL)[1]
    links = re.findall(r'href="\.\./(api/[^"]+)"', folded)
    lang = re.search(r"lang=(\w\w)", page)[1]
    given = set()
    for link in links:
        address = "/" + unescape(link)
        answer = small_client.get(address)
        assert answer.status_code == 200, address
        name = re.search(r"f=(\w+)", address)[1]
        assert answer.content_type.partition(";")[0] == MEDIA_TYPES[name].partition(";")[0]
        assert f"lang={lang}" in address
        assert ("datetime=2026-12-20" in address) == ("date=" in page)
        given.add(name)
    assert given == names
    own = re.findall(r'href="\.\./(trails/hill\.\w+)" download', text)
    for link in own:
        whole = small_client.get(f"/{link}")
        assert whole.status_code == 200
        # As the files of the API: pages of other sites may read them, and parts are sent.
        assert whole.headers["Access-Control-Allow-Origin"] == "*"
        check_ranges(small_client, f"/{link}", whole)
    assert len(own) == (3 if "trails" in page else 0)


def test_a_site_of_files_offers_no_files_that_nobody_writes(folder, tmp_path):
    write_site(Settings(city=folder, tile_url=""), tmp_path / "out", day=dt.date(2026, 11, 1))
    for page in ("trails/hill.html", "districts/d.html"):
        text = (tmp_path / "out" / page).read_text("utf-8")
        assert "more files" not in text
        assert 'href="../api/' not in text


SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)


def test_the_only_script_on_a_page_is_data_for_search_engines(small_client):
    pages = [
        address
        for rule, address in list_page_addresses(small_client).items()
        if not rule.endswith(".html")  # maps to be taken along are files of their own
    ]
    pages += [f"{address}?f=html" for address in ("/api/", "/api/docs", f"{QUESTION}/hill")]
    written = 0
    for address in pages:
        answer = small_client.get(address, headers={"Accept": "text/html"})
        if answer.mimetype != "text/html":
            continue
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"], address
        for attributes, data in SCRIPT.findall(answer.text):
            if " src=" in attributes:
                assert data == ""
                continue
            assert attributes == ' type="application/ld+json"', address
            assert not set("<>&'\u2028\u2029") & set(data)
            linked = json.loads(data)
            assert linked["name"].endswith("'")  # whole, whatever stands in it
            assert re.fullmatch(r"http://localhost/\w+/\w+\?lang=ko", linked["url"])
            written += 1
    assert written == 2


QUESTION = "/api/collections/trails/items"


def ask_by_time(client, when: str, address: str = QUESTION) -> int:
    return client.get(address, headers={"If-Modified-Since": when}).status_code


@pytest.mark.parametrize("address", [QUESTION, "/trails/?lang=ko"])
def test_states_change_at_the_midnight_of_the_city(small_client, monkeypatch, address):
    live = small_client.application.extensions["mapserver"]
    monkeypatch.setattr(live, "served_since", dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    monkeypatch.setattr(status, "today", lambda *_: dt.date(2026, 12, 19))
    evening = small_client.get(address).headers["Last-Modified"]
    assert evening == "Fri, 18 Dec 2026 15:00:00 GMT"  # midnight in Korea
    assert ask_by_time(small_client, evening, address) == 304
    monkeypatch.setattr(status, "today", lambda *_: dt.date(2026, 12, 20))
    assert ask_by_time(small_client, evening, address) == 200
    assert small_client.get(address).headers["Last-Modified"] == "Sat, 19 Dec 2026 15:00:00 GMT"


def test_newer_data_has_a_later_time_however_old_its_files_are(folder):
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    live = client.application.extensions["mapserver"]
    times = []
    for _ in range(3):  # within one second
        addresses = (QUESTION, "/trails/?lang=ko")
        times += [client.get(address).headers["Last-Modified"] for address in addresses]
        live.replace(open_snapshot(folder))
        assert ask_by_time(client, times[-1]) == 200
    assert times[0] == times[1]
    assert len(set(times)) == 3


def test_a_time_at_which_an_older_worker_may_have_answered_proves_nothing(small_client):
    modified = parsedate_to_datetime(small_client.get(QUESTION).headers["Last-Modified"])
    for seconds, status_code in (
        (0, 304),
        (1, 200),
        (limits.RETIRE_WAIT_S - 1, 200),
        (limits.RETIRE_WAIT_S, 304),
        (10**7, 304),
    ):
        when = format_datetime(modified + dt.timedelta(seconds=seconds), usegmt=True)
        assert ask_by_time(small_client, when) == status_code


def test_pages_of_the_api_may_be_a_minute_old_too(small_client):
    answer = small_client.get("/api/", headers={"Accept": HTML.mimetype})
    assert answer.headers["Cache-Control"] == REVALIDATE_SOON
    assert f"stale-while-revalidate={limits.MAX_STALE_S}" in REVALIDATE_SOON


# -- conditions of who wants nothing but what it knows ---------------------------------------------


@pytest.mark.parametrize(
    "address", [QUESTION, "/api/", "/trails/?lang=ko", "/api/nearest?lon=126.85&lat=35.14"]
)
def test_what_is_not_what_a_client_knows_is_refused_without_it(small_client, address):
    whole = small_client.get(address)
    modified = parsedate_to_datetime(whole.headers["Last-Modified"])
    earlier = format_datetime(modified - dt.timedelta(seconds=1), usegmt=True)
    for headers in (
        {"If-Match": '"zzz"'},
        {"If-Match": f"W/{whole.headers['ETag']}"},
        {"If-Match": '"zzz"', "Range": "bytes=0-9"},
        {"If-Unmodified-Since": earlier},
        {"If-Match": '"zzz"', "If-Unmodified-Since": whole.headers["Last-Modified"]},
    ):
        answer = small_client.get(address, headers=headers)
        assert (answer.status_code, len(answer.data) < len(whole.data)) == (412, True), headers
        assert {"ETag", "Last-Modified"}.isdisjoint(answer.headers)
        assert answer.headers["Cache-Control"] == "no-store"
        if address.startswith("/api"):
            assert (answer.json["status"], answer.json["code"]) == (412, "PreconditionFailed")
        else:
            assert "바뀌었습니다" in answer.text
    for headers in (
        {"If-Match": whole.headers["ETag"]},
        {"If-Match": "*"},
        {"If-Match": f'"zzz", {whole.headers["ETag"]}', "If-Unmodified-Since": earlier},
        {"If-Unmodified-Since": whole.headers["Last-Modified"]},
        {"If-Unmodified-Since": "yesterday"},
    ):
        answer = small_client.get(address, headers=headers)
        assert (answer.status_code, answer.data) == (200, whole.data), headers
    both = {"If-Match": "*", "If-None-Match": whole.headers["ETag"]}
    assert small_client.get(address, headers=both).status_code == 304


@pytest.mark.parametrize(
    "accepted",
    [
        *("application/json;charset=utf-8", "application/geo+json; profile=x"),
        *('application/geo+json; profile="http://a,b;c";q=0.4', "text/html;level=1"),
        *("application/json; charset=utf-8, text/html;q=0.1", "application/json;q=1;ext=2"),
    ],
)
@pytest.mark.parametrize(
    "address",
    ["/api/nearest?lon=126.85&lat=35.14", "/api/locate?lon=126.85&lat=35.14", "/api/collections"],
)
def test_parameters_of_accepted_types_are_no_reason_to_refuse(small_client, address, accepted):
    if "nearest" not in address:
        accepted = accepted.replace("geo+", "")
    answers = [small_client.get(address, headers={"Accept": accepted}) for _ in range(2)]
    plain = accepted.partition(",")[0].partition(";")[0]
    expected = small_client.get(address, headers={"Accept": plain})
    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.content_type for answer in answers} == {expected.content_type}


def test_a_table_may_be_asked_for_with_or_without_a_header(small_client):
    for accepted in ("text/csv;header=present", "text/csv; charset=utf-8", "text/csv"):
        answer = small_client.get(QUESTION, headers={"Accept": accepted})
        assert answer.content_type == "text/csv; charset=utf-8"


def test_another_version_of_a_language_is_another_language(small_client):
    mimetype = "application/vnd.oai.openapi+json"
    for version, status_code in (("", 200), (";version=3.0", 200), (";version=3.1", 406)):
        answer = small_client.get("/api/openapi.json", headers={"Accept": mimetype + version})
        assert answer.status_code == status_code


def test_more_than_there_can_be_is_cut_however_many_digits_it_has(small_client):
    for address in (f"{QUESTION}?limit=", "/api/nearest?lon=126.85&lat=35.14&limit="):
        features = small_client.get(f"{address}2147483648").json["features"]
        for digits in (15, 20, 39, limits.MAX_INTEGER_DIGITS):
            answer = small_client.get(address + "9" * digits)
            assert (answer.status_code, answer.json["features"]) == (200, features)
        refused = small_client.get(address + "9" * (limits.MAX_INTEGER_DIGITS + 1))
        assert refused.status_code == 400
        assert "101 digits" in refused.json["detail"]
        assert small_client.get(f"{address}000").status_code == 400
    assert small_client.get(f"{QUESTION}?offset={'9' * 30}").json["features"] == []


# -- what goes wrong -------------------------------------------------------------------------------

BROKEN = ValueError("a secret of the program")


def find_described(client, address: str, method: str) -> dict:
    """Find what the description has for an address: its answers by status."""
    document = client.get("/api/openapi.json?lang=en").json
    path = address.partition("?")[0].removeprefix("/api")
    return document["paths"][path or "/"][method]["responses"], document


def check_problem(client, answer, address: str, method: str, status_code: int) -> None:
    assert answer.status_code == status_code
    assert answer.content_type == "application/problem+json"
    members = {"type", "title", "status", "detail", "code", "description"}
    assert set(answer.json) == members
    assert answer.json["status"] == status_code
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Request-Id" in answer.headers
    for secret in ("Traceback", 'File "', "secret", "werkzeug"):
        assert secret not in answer.text
    described, document = find_described(client, address, method)
    place = described[str(status_code)]
    if "$ref" in place:
        place = document["components"]["responses"][place["$ref"].rpartition("/")[2]]
    assert answer.mimetype in place["content"]
    for name in place.get("headers", {}):
        assert answer.headers[name], name


GETS = ("/api/collections", "/api/nearest?lon=126.85&lat=35.15", "/api/collections/trails/items")


@pytest.mark.parametrize("address", GETS)
def test_a_mistake_of_ours_is_a_problem_with_a_number_and_no_traceback(
    small_client, monkeypatch, caplog, address
):
    def fail(*_):
        raise BROKEN

    monkeypatch.setattr(answering, "answer_question", fail)
    monkeypatch.setattr(shortcut, "answer_question", fail)
    # What was answered before is given from memory, without a mistake.
    monkeypatch.setattr(shortcut.Memory, "recall", lambda *_: None)
    for method in ("get", "head"):
        answer = small_client.open(address, method=method)
        assert answer.status_code == 500
    answer = small_client.get(address)
    monkeypatch.undo()
    check_problem(small_client, answer, address, "get", 500)
    number = re.search(r"\((.+)\)", answer.json["detail"])[1]
    assert number in caplog.text
    assert "a secret of the program" in caplog.text


@pytest.mark.parametrize("address", GETS)
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_another_method_is_refused_with_those_that_there_are(small_client, address, method):
    answer = small_client.open(address, method=method, data=b"{}")
    check_problem(small_client, answer, address, "get", 405)
    allowed = set(answer.headers["Allow"].split(", "))
    posted = {"POST"} if "nearest" in address else set()
    assert allowed == {"GET", "HEAD", "OPTIONS"} | posted


def test_every_question_refuses_what_it_cannot_give_or_take(small_client):
    document = small_client.get("/api/openapi.json?lang=en").json
    for path, operations in document["paths"].items():
        for method, described in operations.items():
            address, query = write_address(document, "/api" + path, described)
            options = {"query_string": query}
            refused = small_client.delete(address, **options)
            assert (refused.status_code, refused.json["code"]) == (405, "MethodNotAllowed"), path
            assert method.upper() in refused.headers["Allow"]
            if method == "get":
                headers = {"Accept": "image/x-none"}
                answer = small_client.get(address, headers=headers, **options)
                assert (answer.status_code, answer.json["code"]) == (406, "NotAcceptable"), path
                assert answer.json["detail"].startswith("This is offered as ")
            else:
                answer = small_client.post(address, data=b"x", content_type="image/png", **options)
                assert answer.status_code == 415
                assert answer.json["code"] == "UnsupportedMediaType"
            status_code = answer.status_code
            assert "405" in described["responses"], path
            assert str(status_code) in described["responses"], path
            for each in (refused, answer):
                assert each.content_type == "application/problem+json"


def test_who_sends_while_too_many_send_is_asked_to_come_again(small_client, monkeypatch):
    asked = {"data": "lon,lat\n126.85,35.15\n", "content_type": "text/csv"}

    def refuse(*_, **__):
        return False

    monkeypatch.setattr(threading.BoundedSemaphore, "acquire", refuse)
    for address in ("/api/nearest", "/api/locate"):
        answer = small_client.post(address, **asked)
        assert int(answer.headers["Retry-After"]) == limits.RETRY_AFTER_S
        check_problem(small_client, answer, address, "post", 503)


def test_who_takes_a_file_while_too_many_take_one_is_asked_to_come_again(small_client, monkeypatch):
    monkeypatch.setattr(threading.BoundedSemaphore, "acquire", lambda *_, **__: False)
    address = "/api/collections/trails/items?f=fgb&name=none"
    answer = small_client.get(address)
    assert answer.headers["Retry-After"] == str(limits.RETRY_AFTER_S)
    check_problem(small_client, answer, address, "get", 503)
