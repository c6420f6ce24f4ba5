"""What the server keeps between requests: bounded in bytes, of the day, in the right language."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import logging
import re

import brotli
import pytest
from browsing import serve
from gpxtext import gpx, track
from PIL import Image
from shared_fixtures import write_folder
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mapserver.model import status
from mapserver.settings import limits
from mapserver.web import rendering, responses
from mapserver.web.kept import Kept
from mapserver.web.responses import Body

KIB = 1024
CORNERS = [(126.85 + n / 10_000, 35.15) for n in range(40)]


def write_city(folder):
    """Write two trails, one with a photograph; the other is closed from tomorrow on."""
    picture = io.BytesIO()
    Image.effect_noise((64, 64), 90).save(picture, "JPEG")
    return write_folder(
        folder,
        {
            "gpx/a.gpx": gpx(track(CORNERS, name="가")),
            "gpx/b.gpx": gpx(track(CORNERS, name="나")),
            "gpx/trails.csv": "id,name_en,photo_credit\na,Hill,구청\nb,Lake,\n",
            "gpx/a.jpg": picture.getvalue(),
            "layers/closures.csv": "trail_id,from,to,reason_ko\nb,2026-12-02,2026-12-09,공사\n",
        },
    )


@pytest.fixture
def folder(tmp_path):
    return write_city(tmp_path)


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory):
    """Serve the city to tests that change nothing and do not look at what is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(status, "today", lambda *_: dt.date(2026, 12, 1))
        yield serve(write_city(tmp_path_factory.mktemp("kept")))


@pytest.fixture
def shared_client(shared_app):
    return shared_app.test_client()


@pytest.fixture
def app(folder, monkeypatch):
    monkeypatch.setattr(status, "today", lambda *_: dt.date(2026, 12, 1))
    return serve(folder)


@pytest.fixture
def client(app):
    return app.test_client()


FILES = ["/trails/a.gpx", "/trails/a.kml", "/trails/a.geojson", "/map.html", "/sw.js"]
PAGES = ["/", "/map", "/trails/", "/trails/a", "/trails/a/poster", "/embed", "/offline"]


def body(size: int) -> Body:
    return Body(b"x" * size, "text/plain")


# -- bytes ---------------------------------------------------------------------------------------


def test_what_is_kept_is_bounded_in_bytes_and_the_oldest_goes():
    held = Kept(20 * KIB)
    for name in range(100):
        held.get(name, lambda: body(2 * KIB))
        held.get(0, lambda: body(2 * KIB))
        assert held.size_bytes <= 20 * KIB
    assert len(held) == 20 * KIB // body(2 * KIB).size_bytes
    made = []
    held.get(0, lambda: made.append(0) or body(1))
    held.get(1, lambda: made.append(1) or body(1))
    assert made == [1]


def test_what_is_larger_than_all_pushes_nothing_out():
    held = Kept(20 * KIB)
    held.get("small", lambda: body(KIB))
    assert len(held.get("large", lambda: body(100 * KIB)).data) == 100 * KIB
    assert (len(held), held.size_bytes) == (1, body(KIB).size_bytes)


def test_the_size_of_a_body_holds_its_compressed_twins():
    for text in (b"", b"x" * 600, bytes(range(256)) * 40, "한글 문장입니다. ".encode() * 99):
        one = Body(text, "text/plain")
        assert one.size_bytes >= len(one.data) + len(one.br) + len(one.gzip)


@pytest.mark.parametrize(
    "path", ["/trails/?q={}", "/embed?lang=ko&host={}", "/trails/a/poster?host={}"]
)
def test_what_clients_make_up_pushes_out_no_page_of_the_city(app, client, monkeypatch, path):
    editions = app.extensions["mapserver-editions"]
    monkeypatch.setattr(editions._made_up_pages, "max_bytes", 60 * KIB)
    page = client.get("/trails/a")
    before = len(editions._pages)
    for number in range(20):
        headers = {"Host": f"host-{number}.example"} if "host=" in path else {}
        assert client.get(path.format(number), headers=headers).status_code == 200
    assert len(editions._pages) <= before + 1
    assert editions._made_up_pages.size_bytes <= 60 * KIB
    assert client.get("/trails/a").data == page.data


def test_parameters_that_mean_nothing_make_no_page(app, client):
    editions = app.extensions["mapserver-editions"]
    client.get("/trails/a?lang=ko")
    size = editions.size_bytes
    for number in range(5):
        client.get(f"/trails/a?lang=ko&x={number}")
        client.get(f"/trails/a?lang=x{number}")
        client.get("/trails/a", headers={"Accept-Language": f"x{number}"})
    assert editions.size_bytes == size > 0


# -- compressed once -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*FILES, *PAGES])
def test_a_file_is_made_and_compressed_once(client, monkeypatch, path):
    count = []
    compress = brotli.compress
    monkeypatch.setattr(
        responses.brotli, "compress", lambda data, **how: count.append(1) or compress(data, **how)
    )
    answers = [client.get(path, headers={"Accept-Encoding": "br"}) for _ in range(3)]
    assert {answer.headers.get("Content-Encoding") for answer in answers} == {"br"}
    assert len(count) == 1


def test_photos_and_icons_are_not_compressed_again(client, folder):
    packs = {"Accept-Encoding": "br, gzip"}
    photo = client.get("/trails/a/photo", headers=packs)
    assert photo.status_code == 200
    for answer in (photo, client.get("/static/icons/icon-512.png", headers=packs)):
        assert answer.status_code == 200
        assert len(answer.data) > limits.MIN_COMPRESSED_BYTES
        assert "Content-Encoding" not in answer.headers
    assert photo.data == (folder / "gpx/a.jpg").read_bytes()
    (folder / "gpx/a.jpg").unlink()
    assert client.get("/trails/a/photo").status_code == 404


@pytest.mark.parametrize("kind", ["image/jpeg", "application/zip", "font/woff2", "image/png", ""])
def test_only_text_is_compressed(kind):
    assert not responses.COMPRESSIBLE.match(kind)
    for text in ("text/css", "image/svg+xml", "application/geo+json", "application/json; a=b"):
        assert responses.COMPRESSIBLE.match(text)


# -- language ------------------------------------------------------------------------------------


ROUTES = [
    *FILES,
    *PAGES,
    *("/trails/b", "/board", "/trails/?q=x", "/trails/a/photo", "/manifest.ko.webmanifest"),
    *("/nowhere", "/trails/none", "/map?layers=none", "/api/nearest?lon=126.85&lat=35.15"),
    *("/api/nearest", "/readyz", "/robots.txt", "/favicon.ico", "/oembed?url=http://localhost/"),
]


@pytest.mark.parametrize("path", ROUTES)
def test_an_answer_that_depends_on_the_language_says_so(shared_client, path):
    answers = [shared_client.get(path, headers={"Accept-Language": lang}) for lang in ("ko", "en")]
    said = ["Accept-Language" in answer.headers.get("Vary", "") for answer in answers]
    assert said[0] == said[1]
    assert said[0] or answers[0].data == answers[1].data
    assert all("Accept-Encoding" in a.headers["Vary"] for a in answers if a.status_code == 200)
    if path in PAGES or path.endswith((".gpx", ".kml", ".html")):
        assert said[0]


def test_what_is_the_same_in_every_language_can_be_kept_by_caches(client):
    for path in ("/trails/a.geojson", "/trails/a/photo", "/api/nearest?lon=126.85&lat=35.15"):
        assert "Accept-Language" not in client.get(path).headers["Vary"]


# -- the day -------------------------------------------------------------------------------------


def test_pages_and_files_are_of_the_day(client, monkeypatch):
    paths = ["/", "/trails/b", "/trails/b.geojson", "/map.html", "/trails/b/poster"]
    before = {path: client.get(path).data for path in paths}
    monkeypatch.setattr(status, "today", lambda *_: dt.date(2026, 12, 2))
    after = {path: client.get(path).data for path in paths}
    assert [path for path in paths if before[path] == after[path]] == []
    properties = client.get("/trails/b.geojson").json["properties"]
    assert (properties["state"], properties["state_on"]) == ("closed", "2026-12-02")
    monkeypatch.setattr(status, "today", lambda *_: dt.date(2026, 12, 1))
    assert {path: client.get(path).data for path in paths} == before


# -- hosts and what clients write ----------------------------------------------------------------

BAD_HOSTS = [
    *("[", "a[", "[::1", "a b", "a,b", "a\x00", "가", "x" * 300, "a:123456", "a/../b", "user@host"),
    *("", "a:", "a:b", "http://[", "[zz]", "a\r\nb", 'a"b', "<b>", "[::1]x", "xn--a.kr"),
    *("a:0", "a:00", "a:080", "a:65536", "a:99999", "[..]", "[::1::2]", "[::1]:0", "a_b:0"),
]


@pytest.mark.parametrize("path", ["/", "/trails", "/oembed?url=http://[/", "/api/nearest", "/x"])
def test_what_is_no_host_is_a_bad_request(shared_app, path):
    for host in BAD_HOSTS:
        # As a server hands it over: the client of the tests would read the name itself.
        environ = EnvironBuilder(path=path).get_environ() | {"HTTP_HOST": host}
        _, status_line, headers = run_wsgi_app(shared_app, environ, buffered=True)
        assert status_line.startswith("400"), host
        assert {"Link", "Location"} & set(headers.keys()) == set()


def test_what_is_a_host_is_answered(client):
    for host in ("a", "a.example:8000", "127.0.0.1", "[::1]:80", "map_server", "xn--3e0b707e.kr"):
        assert client.get("/trails/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["map_server", "a_b.test:8000", "a_b:65535", "_", "x.example:1"])
def test_links_lead_to_the_host_that_was_asked(shared_app, host):
    # As a server hands it over: the quick way, the long one, and where Flask sends clients on to.
    def ask(path: str) -> tuple[str, str]:
        base, _, query = path.partition("?")
        asked = EnvironBuilder(path=base, query_string=query).get_environ() | {"HTTP_HOST": host}
        parts, status_line, headers = run_wsgi_app(shared_app, asked, buffered=True)
        assert status_line[:3] in {"200", "302", "308"}
        return b"".join(parts).decode(), str(headers)

    nearest = "/api/nearest?lon=126.8512&lat=35.1512&collection=trails"
    for _ in range(3):
        assert f'"http://{host}/api/nearest?' in ask(nearest)[0]
    assert f"http://{host}/trails/?lang=ko" in ask("/trails/?lang=en")[1]
    assert f"http://{host}/" in ask("/?lang=ko")[0]
    assert f"http://{host}/sitemap.xml" in ask("/robots.txt")[0]
    assert f"http://{host}/trails/" in ask("/trails")[1]
    asked = EnvironBuilder(path="/robots.txt").get_environ()
    asked |= {"HTTP_HOST": "a_b:443", "wsgi.url_scheme": "https"}
    assert b"https://a_b/sitemap.xml" in b"".join(run_wsgi_app(shared_app, asked)[0])


@pytest.mark.parametrize(
    "address", ["http://[/", "http://localhost/[", "http://localhost/trails/%5B", "//[", "http://["]
)
def test_oembed_knows_no_broken_address(shared_client, address):
    assert shared_client.get("/oembed", query_string={"url": address}).status_code == 404


HOSTILE = "<script>alert(1)</script>\r\nX: {{7*7}}'\"\x1b[31m"


def test_hostile_text_is_text_in_problems(client):
    for path in ("/api/nearest", "/map", "/embed", "/oembed"):
        for query in (
            {HOSTILE: "1"},
            {"collection": HOSTILE},
            {"layers": HOSTILE},
            {"url": HOSTILE},
        ):
            answer = client.get(path, query_string=query)
            assert answer.status_code in {200, 400, 404}
            assert "X" not in answer.headers
            assert "49" not in re.findall(r"X: (\d+)", answer.text)
            if answer.mimetype == "text/html":
                assert "<script>alert" not in answer.text
            else:
                assert answer.json["detail"]
                assert "\x1b" not in answer.text


def test_an_unforeseen_error_forges_no_line_of_the_log(app, client, caplog, monkeypatch):
    def fail(*_args: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(rendering, "send", fail)
    with caplog.at_level(logging.ERROR, "mapserver"):
        assert (
            client.get("/trails/?q=1", environ_overrides={"PATH_INFO": "/trails/"}).status_code
            == 500
        )
        app.test_client().get("/districts/\r\nERROR forged\x1b[31m")
        monkeypatch.setattr("mapserver.web.pages.trails._require_trail", fail)
        assert client.get("/trails/a%0aERROR forged%1b").status_code == 500
    lines = [record.getMessage() for record in caplog.records]
    assert lines
    assert not any({"\n", "\r", "\x1b"} & set(line) for line in lines)


def test_bounds_of_what_is_kept_are_in_bytes():
    assert limits.MAX_KEPT_PAGES_BYTES + limits.MAX_KEPT_SEARCHES_BYTES < 200 * KIB * KIB
    assert gzip.decompress(Body(b"a" * 999, "text/plain").gzip) == b"a" * 999
